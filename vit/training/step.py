"""One step of training, compiled whole: forward, loss, backward, clipping, update."""

import math
from collections.abc import Iterator

import mindspore as ms
from mindspore import nn, ops

from vit.kernels import Swap, chosen
from vit.model import ViT
from vit.runtime.digest import classes_digest, digest, parameters_digest
from vit.runtime.errors import RunFailed
from vit.runtime.graph_mode import before_first_call, in_graph_mode
from vit.runtime.language import say
from vit.training.optimizer import AdamW


class TrainStep(nn.Cell):
    """images (B, C, H, W), labels (B,) int32 -> loss, a 0-d Tensor; the parameters move."""

    def __init__(self, model: ViT, optimizer: AdamW, clip_norm: float | None, label_smoothing: float):
        super().__init__()
        self.model = model
        self.optimizer = optimizer
        self.clip_norm = clip_norm
        self.criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
        self.loss_and_gradients = ms.value_and_grad(self.loss, None, weights=optimizer.parameters)

    def loss(self, images, labels):
        return self.criterion(self.model(images), labels)

    def construct(self, images, labels):
        loss, gradients = self.loss_and_gradients(images, labels)
        return ops.depend(loss, self.update(gradients))

    def update(self, gradients):
        """Clip, then let the optimizer move the parameters."""
        if self.clip_norm is not None:
            gradients = ops.clip_by_global_norm(gradients, self.clip_norm)
        return self.optimizer(gradients)


class Step:
    """What `make_train_step` returns: a function that also knows its cell, for saving and compiling.

    `settings` is what decides the training, as it was when the step was made: the numbers of the optimizer, the
    text of the classes, the parameters to start from.
    """

    def __init__(self, cell: TrainStep, settings: dict):
        self.cell, self.settings = cell, settings
        self.kernels = Swap(cell, trains=True)

    def __call__(self, images, labels) -> ms.Tensor:
        """images (B, C, H, W) float32, labels (B,) -> loss, a 0-d Tensor."""
        self.cell.set_train()
        before_first_call(self.cell)
        with in_graph_mode(), self.kernels:
            return self.cell(ms.Tensor(images, ms.float32), ms.Tensor(labels, ms.int32))

    def compile(self, batch_size: int) -> None:
        """Compile for a batch size now, so that the first step need not; nothing is learned by it."""
        config = self.cell.model.config
        shape = (batch_size, config.in_channels, config.image_size, config.image_size)
        self.cell.set_train()
        before_first_call(self.cell)
        with in_graph_mode(), self.kernels:
            self.cell.compile(ms.ops.zeros(shape, ms.float32), ms.ops.zeros(batch_size, ms.int32))


def make_train_step(
    model: ViT,
    lr=1e-3,
    weight_decay: float = 0.05,
    clip_norm: float | None = 1.0,
    label_smoothing: float = 0.0,
    betas: tuple[float, float] = (0.9, 0.999),
    kind: type[TrainStep] = TrainStep,
) -> Step:
    """Build the training step of a model.

    Args:
        model: trained in place.
        lr: a learning rate, or one for each step (`vit.training.optimizer.warmup_cosine`).
        weight_decay: of AdamW; matrices only.
        clip_norm: the longest that all gradients together may be (L2); None: no limit.
        label_smoothing: share of the target spread over all classes, in [0, 1).
        betas: of AdamW.
        kind: `TrainStep`, or `vit.training.data_parallel.DataParallelStep`.

    Returns:
        step(images (B, 3, H, W) float32, labels (B,)) -> loss, a 0-d Tensor. The first call, and
        the first with another shape, compiles, which takes seconds.
    """
    cell = kind(model, AdamW(model, lr, weight_decay, betas), clip_norm, label_smoothing)
    rates = cell.optimizer.rates.asnumpy()
    settings = {
        "lr": f"{rates.max():.3g} ({len(rates)}: {digest(rates)})",
        "weight_decay": weight_decay,
        "betas": list(betas),
        "clip_norm": clip_norm,
        "label_smoothing": label_smoothing,
        "kernels": chosen().setting,
        "classes": classes_digest(cell),
        "start": parameters_digest(model),
    }
    return Step(cell, settings)


def train(step, batches) -> Iterator[float]:
    """The training loop: a step for each batch, and its loss handed out.

    Args:
        step: (images, labels) -> loss, a 0-d Tensor; for instance `make_train_step`'s.
        batches: of images (B, 3, H, W) float32 and labels (B,).

    Raises:
        RunFailed: the loss is no longer a number.
    """
    for images, labels in batches:
        loss = float(step(images, labels).asnumpy())
        if not math.isfinite(loss):
            raise RunFailed(say(f"损失是 {loss}", f"the loss is {loss}"))
        yield loss
