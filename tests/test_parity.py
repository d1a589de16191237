"""Against other people's programs: transformers' ViT, PyTorch's AdamW and bicubic (extra `parity`)."""

import mindspore as ms
import numpy as np
import pytest
from conftest import SMALL, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from test_training import Apply

import vit
from vit.patch_embedding import resample_positions
from vit.runtime.graph_mode import in_graph_mode
from vit.training.optimizer import AdamW, decays, warmup_cosine
from vit.weights import load_model

torch = pytest.importorskip("torch", reason="the extra `parity` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `parity` is not installed")


def hub_tensors(model):
    """What `save_pretrained` puts on the hub."""
    import tempfile
    from pathlib import Path

    from safetensors.numpy import load_file

    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return load_file(Path(folder) / "model.safetensors")


@settings(max_examples=12, deadline=None)
@given(
    grid=st.integers(1, 4),
    patch=st.sampled_from([4, 8]),
    heads=st.integers(1, 4),
    depth=st.integers(1, 4),
    ratio=st.sampled_from([1, 2, 4]),
    qkv_bias=st.booleans(),
    extra=st.sampled_from([(0, 0), (1, 0), (2, 3)]),
    seed=st.integers(0, 999),
)
def test_logits_are_those_of_transformers(tmp_path_factory, grid, patch, heads, depth, ratio, qkv_bias, extra, seed):
    torch.manual_seed(seed)
    dim = heads * 16
    config = transformers.ViTConfig(
        image_size=grid * patch,
        patch_size=patch,
        hidden_size=dim,
        num_attention_heads=heads,
        num_hidden_layers=depth,
        intermediate_size=ratio * dim,
        qkv_bias=qkv_bias,
        num_labels=5,
        initializer_range=0.2,
    )
    theirs = transformers.ViTForImageClassification(config).eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.2)
    path = tmp_path_factory.mktemp("hub") / "model.safetensors"
    save_file(hub_tensors(theirs), path)
    ours = load_model(path, config={"num_heads": heads})
    # other sides than the positions were learned for, too
    sides = (grid + extra[0]) * patch, (grid + extra[1]) * patch
    images = np.random.default_rng(seed).normal(size=(2, 3, *sides)).astype(np.float32)
    with torch.no_grad():
        expected = theirs(torch.tensor(images), interpolate_pos_encoding=True).logits.numpy()
    np.testing.assert_allclose(ours(ms.Tensor(images)).asnumpy(), expected, atol=2e-4, rtol=1e-4)


def test_positions_are_resampled_as_pytorch_does():
    positions = np.random.default_rng(0).normal(size=(1, 17, 6)).astype(np.float32)
    square = torch.tensor(positions[:, 1:]).reshape(1, 4, 4, 6).permute(0, 3, 1, 2)
    for grid in ((4, 4), (7, 4), (9, 12), (2, 3), (1, 1)):
        expected = torch.nn.functional.interpolate(square, size=grid, mode="bicubic", align_corners=False)
        expected = expected.permute(0, 2, 3, 1).reshape(1, -1, 6).numpy()
        got = resample_positions(ms.Tensor(positions), grid).asnumpy()
        np.testing.assert_allclose(got[:, 1:], expected, atol=1e-5)


def test_adamw_is_pytorch_s_over_20_steps():
    model = randomise(vit.ViT(vit.ViTConfig(**SMALL | {"depth": 1})))
    named = list(model.parameters_and_names())
    theirs = {name: torch.nn.Parameter(torch.tensor(p.asnumpy().copy())) for name, p in named}
    groups = [
        {"params": [theirs[n] for n, p in named if decays(n, p)], "weight_decay": 0.1},
        {"params": [theirs[n] for n, p in named if not decays(n, p)], "weight_decay": 0.0},
    ]
    rival = torch.optim.AdamW(groups, lr=1.0, eps=1e-8)
    rates = warmup_cosine(1e-2, steps=20, warmup=4)
    ours = Apply(AdamW(model, rates, weight_decay=0.1))
    rng = np.random.default_rng(0)
    for rate in rates:
        gradients = [rng.normal(0, 10.0 ** rng.uniform(-9, 0), p.shape).astype(np.float32) for _, p in named]
        for (name, _), gradient in zip(named, gradients, strict=True):
            theirs[name].grad = torch.tensor(gradient)
        for group in rival.param_groups:
            group["lr"] = float(rate)
        rival.step()
        with in_graph_mode():
            ours(*map(ms.Tensor, gradients))
    for name, parameter in named:
        np.testing.assert_allclose(parameter.asnumpy(), theirs[name].detach().numpy(), atol=2e-6, err_msg=name)
