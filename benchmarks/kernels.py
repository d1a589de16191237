"""Each cell that `vit/kernels` exchanges, alone: MindSpore's own, written out, fused; forward, and with its gradient.

    python -m benchmarks.kernels [--model vit_tiny_patch16_224] [--batch 16] [--rounds 15]

By turns in one process, compiled, the first five calls left out; medians in milliseconds.
"""

import argparse
import os
import statistics
import time
from contextlib import nullcontext

import mindspore as ms
import numpy as np
from mindspore import nn

from vit.attention import Attention
from vit.config import named_model
from vit.encoder import GELU, MLP
from vit.kernels import Swap, chosen
from vit.layer_norm import LayerNorm
from vit.runtime.graph_mode import in_graph_mode
from vit.runtime.machine import machine

WAYS = ("MindSpore's own", "written out", "fused")
WARM_UP = 5


class Forward(nn.Cell):
    def __init__(self, part):
        super().__init__(auto_prefix=False)
        self.part = part

    def construct(self, x):
        return self.part(x)


class Both(nn.Cell):
    """Forward, and the gradients of the input and of the parameters."""

    def __init__(self, part, weights):
        super().__init__(auto_prefix=False)
        self.part, self.weights = part, weights
        parameters = ms.ParameterTuple(part.trainable_params())
        self.gradient = ms.grad(self.loss, 0, weights=parameters if len(parameters) else None)

    def loss(self, x):
        return (self.part(x) * self.weights).sum()

    def construct(self, x):
        return self.gradient(x)


def swapped(cell, way: str, trains: bool):
    os.environ["VIT_KERNELS"] = "0" if way == "written out" else "1"
    return nullcontext() if way == "MindSpore's own" else Swap(cell, trains)


def measure(make, shape, rounds: int) -> dict:
    """(way, "forward" or "both") -> median milliseconds."""
    rng = np.random.default_rng(0)
    x = ms.Tensor(rng.normal(size=shape).astype(np.float32))
    weights = ms.Tensor(rng.normal(size=shape).astype(np.float32))
    runs = {}
    for way in WAYS:
        for order in ("forward", "both"):
            cell = Forward(make()) if order == "forward" else Both(make(), weights)
            cell.set_train(order == "both")
            runs[way, order] = cell, swapped(cell, way, trains=order == "both")
    seconds = {key: [] for key in runs}
    for _ in range(WARM_UP + rounds):
        for key, (cell, kernels) in runs.items():
            start = time.perf_counter()
            with in_graph_mode(), kernels:
                answer = cell(x)
            while isinstance(answer, tuple):
                answer = answer[0]
            answer.asnumpy()
            seconds[key].append(time.perf_counter() - start)
    return {key: 1e3 * statistics.median(readings[WARM_UP:]) for key, readings in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="vit_tiny_patch16_224")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    config = named_model(arguments.model).config
    dim, hidden = config.embed_dim, round(config.embed_dim * config.mlp_ratio)
    tokens = (arguments.batch, 1 + config.num_patches)
    parts = {
        "layer norm": (lambda: LayerNorm(dim), (*tokens, dim)),
        f"GELU, {config.gelu}": (lambda: GELU(config.gelu), (*tokens, hidden)),
        "dense, D to D": (lambda: nn.Dense(dim, dim), (*tokens, dim)),
        "MLP": (lambda: MLP(dim, hidden, gelu=config.gelu), (*tokens, dim)),
        "attention": (lambda: Attention(dim, config.num_heads), (*tokens, dim)),
    }
    print(f"{machine()}\n{arguments.model}, batch {arguments.batch}; {chosen().sentence}; milliseconds")
    print(f"{'':16}" + "".join(f"{way + ', ' + order:>26}" for order in ("forward", "both") for way in WAYS))
    for name, (make, shape) in parts.items():
        found = measure(make, shape, arguments.rounds)
        print(f"{name:16}" + "".join(f"{found[way, order]:26.2f}" for order in ("forward", "both") for way in WAYS))


if __name__ == "__main__":
    main()
