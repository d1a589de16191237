"""The programs compared. Each is made in a process of its own and answers with two functions.

`make(kind, model, batch, start)` returns `step() -> loss` (forward, backward, clipping to 1, AdamW that
spares biases, norms, positions and class token) and `forward()`, both on the same random pictures;
float32, two threads or as many as there are cores. `start` is a file of weights that this program and
the PyTorch ones begin with, so that their losses can be compared; None: random ones.
"""

import os
from dataclasses import asdict, replace

import numpy as np

KINDS = {
    "vit": "this program",
    "vit-written-out": "this program, its kernels off",
    "tutorial": "tutorial's design, eager (as published)",
    "tutorial-graph": "tutorial's design, graph mode",
    "transformers": "transformers on PyTorch, eager",
    "torch": "bare PyTorch, fused attention",
}
PYTORCH = ("transformers", "torch")
SAME_WORK = ("vit", "vit-written-out", *PYTORCH)  # from the same weights these must have the same losses


def make(kind: str, model: str, batch: int, start=None):
    config = config_of(model)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(batch, 3, config.image_size, config.image_size)).astype(np.float32)
    labels = rng.integers(0, config.num_classes, batch).astype(np.int32)
    makers = {
        "vit": _vit,
        "vit-written-out": _vit_written_out,
        "tutorial": _tutorial,
        "tutorial-graph": _tutorial_graph,
        "transformers": _transformers,
        "torch": _torch,
    }
    return makers[kind](config, images, labels, start)


def config_of(model: str):
    """The named model with a class token read at the end, the one way that all programs know."""
    from vit.config import named_model

    return replace(named_model(model).config, pool="token")


def save_start(model: str, folder) -> None:
    """Weights to begin with, as transformers draws and saves them: model.safetensors in a folder."""
    import torch

    torch.manual_seed(0)
    _transformers_net(config_of(model)).save_pretrained(folder)


def _vit(config, images, labels, start):
    import mindspore as ms

    from vit.inference import make_forward
    from vit.model import ViT
    from vit.training import make_train_step
    from vit.weights import load_model

    net = load_model(start, config=asdict(config)) if start else ViT(config)
    step, forward = make_train_step(net, lr=1e-4), make_forward(net)
    x, y = ms.Tensor(images), ms.Tensor(labels)
    return lambda: float(step(x, y).asnumpy()), lambda: forward(x).asnumpy()


def _vit_written_out(config, images, labels, start):
    os.environ["VIT_KERNELS"] = "0"
    return _vit(config, images, labels, start)


def _tutorial(config, images, labels, start, graph=False):
    import mindspore as ms
    from mindspore import nn, ops

    from benchmarks.tutorial_design import TutorialViT

    ms.set_context(mode=ms.GRAPH_MODE if graph else ms.PYNATIVE_MODE)
    net = TutorialViT(config)
    criterion = nn.CrossEntropyLoss()
    optimizer = nn.AdamWeightDecay(net.trainable_params(), learning_rate=1e-4, weight_decay=0.05)

    class Step(nn.Cell):
        def __init__(self):
            super().__init__()
            self.net, self.optimizer = net, optimizer
            self.gradient = ms.value_and_grad(self.loss, None, weights=optimizer.parameters)

        def loss(self, x, y):
            return criterion(self.net(x), y)

        def construct(self, x, y):
            loss, gradients = self.gradient(x, y)
            return ops.depend(loss, self.optimizer(ops.clip_by_global_norm(gradients, 1.0)))

    step = Step()
    x, y = ms.Tensor(images), ms.Tensor(labels)

    def train():
        step.set_train(True)
        return float(step(x, y).asnumpy())

    def forward():
        net.set_train(False)
        return net(x).asnumpy()

    return train, forward


def _tutorial_graph(config, images, labels, start):
    return _tutorial(config, images, labels, start, graph=True)


def _transformers_net(config):
    import transformers

    return transformers.ViTForImageClassification(
        transformers.ViTConfig(
            image_size=config.image_size,
            patch_size=config.patch_size,
            hidden_size=config.embed_dim,
            num_attention_heads=config.num_heads,
            num_hidden_layers=config.depth,
            intermediate_size=round(config.embed_dim * config.mlp_ratio),
            layer_norm_eps=config.norm_eps,
            hidden_act="gelu_pytorch_tanh" if config.gelu == "tanh" else "gelu",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            num_labels=config.num_classes,
        )
    )


def _transformers(config, images, labels, start):
    import transformers

    if start:
        net = transformers.ViTForImageClassification.from_pretrained(os.path.dirname(start))
    else:
        net = _transformers_net(config)
    return _pytorch(net, lambda x: net(x).logits, images, labels)


def _torch(config, images, labels, start):
    import torch

    from benchmarks.torch_vit import TorchViT
    from vit.weights.opened import read

    net = TorchViT(config)
    if start:
        net.load_state_dict({name: torch.tensor(value) for name, value in read(start).tensors.items()})
    return _pytorch(net, net, images, labels)


def _pytorch(net, logits, images, labels):
    import torch

    torch.set_num_threads(os.cpu_count() or 1)
    spared = ("cls_token", "pos_embed", "position_embeddings")
    groups = {True: [], False: []}
    for name, parameter in net.named_parameters():
        groups[parameter.ndim > 1 and not name.endswith(spared)].append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": groups[True], "weight_decay": 0.05}, {"params": groups[False], "weight_decay": 0.0}], lr=1e-4
    )
    x, y = torch.tensor(images), torch.tensor(labels, dtype=torch.long)

    def train():
        net.train()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits(x), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    def forward():
        net.eval()
        with torch.no_grad():
            return logits(x).numpy()

    return train, forward
