"""The programs compared. Each is made in a process of its own and answers with two functions.

`make(kind, model, batch)` returns `step() -> loss` (forward, backward, clipping to 1, AdamW) and
`forward()`, both on the same random pictures; float32, two threads or as many as there are cores.
"""

import numpy as np

KINDS = {
    "vit": "this program",
    "tutorial": "tutorial's design, eager (as published)",
    "tutorial-graph": "tutorial's design, graph mode",
    "transformers": "transformers on PyTorch, eager",
}


def make(kind: str, model: str, batch: int):
    from vit.registry import model_config

    config = model_config(model)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(batch, 3, config.image_size, config.image_size)).astype(np.float32)
    labels = rng.integers(0, config.num_classes, batch).astype(np.int32)
    maker = {"vit": _vit, "tutorial": _tutorial, "tutorial-graph": _tutorial_graph, "transformers": _transformers}[kind]
    return maker(model, config, images, labels)


def _vit(model, config, images, labels):
    import mindspore as ms

    from vit.inference import make_forward
    from vit.registry import create_model
    from vit.training import make_train_step

    net = create_model(model)
    step, forward = make_train_step(net, lr=1e-4), make_forward(net)
    x, y = ms.Tensor(images), ms.Tensor(labels)
    return lambda: float(step(x, y).asnumpy()), lambda: forward(x).asnumpy()


def _tutorial(model, config, images, labels, graph=False):
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


def _tutorial_graph(model, config, images, labels):
    return _tutorial(model, config, images, labels, graph=True)


def _transformers(model, config, images, labels):
    import os

    import torch
    import transformers

    torch.set_num_threads(os.cpu_count() or 1)
    net = transformers.ViTForImageClassification(
        transformers.ViTConfig(
            image_size=config.image_size,
            patch_size=config.patch_size,
            hidden_size=config.embed_dim,
            num_attention_heads=config.num_heads,
            num_hidden_layers=config.depth,
            intermediate_size=int(config.embed_dim * config.mlp_ratio),
            layer_norm_eps=config.norm_eps,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            num_labels=config.num_classes,
        )
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4, weight_decay=0.05)
    x, y = torch.tensor(images), torch.tensor(labels, dtype=torch.long)

    def train():
        net.train()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x).logits, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    def forward():
        net.eval()
        with torch.no_grad():
            return net(x).logits.numpy()

    return train, forward
