"""One training step shared by several processes: each takes a part of the batch, all end up the same.

Started with MindSpore's launcher, for instance `msrun --worker_num=2 --local_worker_num=2 program.py`,
whose processes first call `mindspore.communication.init()`.
"""

from mindspore import ops
from mindspore.communication import get_group_size

from vit.model import ViT
from vit.optimizer import AdamW
from vit.training import TrainStep


class DataParallelStep(TrainStep):
    """images (B/size, C, H, W), labels (B/size,): this process's part -> the loss of the whole batch.

    Loss and gradients are averaged over the processes before clipping, so every process makes the
    same update, and the same as one process would with the whole batch.
    """

    def __init__(self, model: ViT, optimizer: AdamW, clip_norm: float, label_smoothing: float = 0.0):
        super().__init__(model, optimizer, clip_norm, label_smoothing)
        self.sum = ops.AllReduce()
        self.size = get_group_size()

    def construct(self, images, labels):
        loss, gradients = self.loss_and_gradients(images, labels)
        mean = ()
        for gradient in gradients:
            mean += (self.sum(gradient) / self.size,)
        mean = ops.clip_by_global_norm(mean, self.clip_norm)
        return ops.depend(self.sum(loss) / self.size, self.optimizer(mean))
