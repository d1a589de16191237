"""The two layers of a block with GELU between them, the first one's bias taken into the kernel of GELU."""

from mindspore import nn, ops

from vit.encoder import MLP
from vit.kernels.dense import FusedDense
from vit.kernels.gelu import BiasGELU


class FusedMLP(nn.Cell):
    """In place of a `vit.encoder.MLP`, with its parameters: (B, N, D) -> (B, N, D)."""

    def __init__(self, plain: MLP):
        super().__init__(auto_prefix=False)  # the parameters keep their names
        self.fc1, self.drop1 = plain.fc1, plain.drop1  # of fc1 the parameters only
        self.product = ops.MatMul(transpose_b=True)
        self.act = BiasGELU(plain.act)
        self.fc2, self.drop2 = FusedDense(plain.fc2), plain.drop2

    def construct(self, x):
        y = self.product(x.reshape(-1, x.shape[-1]), self.fc1.weight)  # (M, hidden_dim)
        y = self.drop1(self.act(y, self.fc1.bias))
        return self.drop2(self.fc2(y)).reshape(x.shape)  # (B, N, D)
