"""vit/layer_norm.py: values and gradients against PyTorch's, eager and compiled."""

from contextlib import nullcontext

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise
from mindspore import nn

import vit
from vit.layer_norm import LayerNorm
from vit.runtime.graph_mode import in_graph_mode


class Weighted(nn.Cell):
    """A number whose gradient differs at each place: the sum of weights times norm(x)."""

    def __init__(self, norm, weights):
        super().__init__()
        self.norm, self.weights = norm, weights

    def construct(self, x):
        return (self.norm(x) * self.weights).sum()


def gradients(norm, x, weights):
    loss = Weighted(norm, ms.Tensor(weights))
    value, (dx, (dgamma, dbeta)) = ms.value_and_grad(loss, 0, weights=list(norm.get_parameters()))(ms.Tensor(x))
    return [t.asnumpy() for t in (value, dx, dgamma, dbeta)]


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (2, 5, 24)).astype(np.float32)  # mean and scale far from 0 and 1
    x[0, 0] *= 1e-3  # so faint that epsilon counts
    weights = rng.normal(1, 1, x.shape).astype(np.float32)
    gamma, beta = rng.normal(1, 0.5, 24).astype(np.float32), rng.normal(0, 1, 24).astype(np.float32)
    return x, weights, gamma, beta


def layer_norm(gamma, beta, epsilon):
    norm = LayerNorm(24, epsilon)
    norm.gamma.set_data(ms.Tensor(gamma))
    norm.beta.set_data(ms.Tensor(beta))
    return norm


def test_like_pytorch(numbers):
    torch = pytest.importorskip("torch")
    x, weights, gamma, beta = numbers
    for epsilon in (1e-6, 1e-3):
        tensors = [torch.tensor(a, requires_grad=True) for a in (x, gamma, beta)]
        norm = torch.nn.functional.layer_norm(tensors[0], (24,), *tensors[1:], eps=epsilon)
        value = (norm * torch.tensor(weights)).sum()
        value.backward()
        theirs = [value.detach().numpy(), *(t.grad.numpy() for t in tensors)]
        for mode in (nullcontext, in_graph_mode):
            with mode():
                ours = gradients(layer_norm(gamma, beta, epsilon), x, weights)
            for mine, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-4 * np.abs(other).max())


def test_a_norm_shares_nothing_with_another(numbers, images):
    """Precision, mode and hooks of one layer or model are none of the others' concern."""
    x, _, gamma, beta = numbers
    one, other = layer_norm(gamma, beta, 1e-6), layer_norm(gamma, beta, 1e-6)
    expected, calls = one(ms.Tensor(x)).asnumpy(), []
    other.to_float(ms.float16)
    other.set_train()
    for cell in [other, *other.cells()]:
        cell.register_forward_hook(lambda *_: calls.append(1))
    np.testing.assert_array_equal(one(ms.Tensor(x)).asnumpy(), expected)
    assert not calls
    assert not any(cell.training for cell in [one, *one.cells()])
    assert np.abs(other(ms.Tensor(x)).asnumpy() - expected).max() > 1e-4
    assert calls
    ours, theirs = (randomise(vit.ViT(vit.ViTConfig(**SMALL))) for _ in range(2))
    expected = ours(ms.Tensor(images)).asnumpy()
    theirs.to_float(ms.float16)
    np.testing.assert_array_equal(ours(ms.Tensor(images)).asnumpy(), expected)
    shared = {id(cell) for _, cell in ours.cells_and_names()} & {id(cell) for _, cell in theirs.cells_and_names()}
    assert not shared


def test_like_the_kernel_it_replaces(numbers):
    x, weights, gamma, beta = numbers
    norm = layer_norm(gamma, beta, 1e-6)
    ours = gradients(norm, x, weights)
    norm.normalise = None  # as on other devices
    for mine, other in zip(ours, gradients(norm, x, weights), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-4 * np.abs(other).max())


def test_names_of_parameters():
    assert [name for name, _ in LayerNorm(8).parameters_and_names()] == ["gamma", "beta"]
