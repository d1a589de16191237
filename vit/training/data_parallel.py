"""One training step shared by several processes: each takes a part of the batch, all end up the same.

Started with MindSpore's launcher: `msrun --worker_num=2 --local_worker_num=2 PROGRAM`, where PROGRAM is
for instance `vit train`, or a script of your own that calls `join` first.
"""

import os

import mindspore as ms
from mindspore import ops
from mindspore.communication import get_group_size, get_rank, init

from vit.model import ViT
from vit.training import TrainStep
from vit.training.optimizer import AdamW


def join() -> tuple[int, int]:
    """Join the other processes that `msrun` started with this one.

    Returns:
        (rank, size): (0, 1) where this process was started alone.
    """
    if "MS_ROLE" not in os.environ:
        return 0, 1
    init()  # the scheduler, which msrun starts besides, stays in here until the others are done
    return get_rank(), get_group_size()


class DataParallelStep(TrainStep):
    """images (B/size, C, H, W), labels (B/size,): this process's part -> the loss of the whole batch.

    Loss and gradients are averaged over the processes before clipping, so every process makes the
    same update, and the same as one process would with the whole batch.
    """

    def __init__(self, model: ViT, optimizer: AdamW, clip_norm: float | None, label_smoothing: float = 0.0):
        super().__init__(model, optimizer, clip_norm, label_smoothing)
        self.sum = ops.AllReduce()
        self.size = get_group_size()

    def construct(self, images, labels):
        loss, gradients = self.loss_and_gradients(images, labels)
        mean = ()
        for gradient in gradients:
            mean += (self.sum(gradient) / self.size,)
        return ops.depend(self.sum(loss) / self.size, self.update(mean))


def all_stop(one: bool) -> bool:
    """Whether any of the processes wants to stop: they agree, so that none waits for one that has gone."""
    return bool(ops.AllReduce()(ms.Tensor([float(one)], ms.float32)).asnumpy()[0] > 0)
