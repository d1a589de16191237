"""Attention: its sums as MindSpore's CPU does them best, and its core as one kernel.

    weights = softmax(q k^T / sqrt(d)),  out = weights v

For the gradient g of out, with dweights = g v^T:

    dscores = weights (dweights - sum over a row of weights dweights) / sqrt(d)
    dq = dscores k,  dk = dscores^T q,  dv = weights^T g
"""

from mindspore import nn, ops

from vit.attention import Attention
from vit.kernels.custom import kernel
from vit.kernels.dense import FusedDense


class WrittenOutAttention(nn.Cell):
    """In place of a `vit.attention.Attention`, with its parameters: the gradient of `@` would keep transposed copies."""

    def __init__(self, plain: Attention):
        super().__init__(auto_prefix=False)  # the parameters keep their names
        self.num_heads, self.head_dim, self.scale = plain.num_heads, plain.head_dim, plain.head_dim**-0.5
        self.qkv, self.proj = plain.qkv, plain.proj
        self.attn_drop, self.proj_drop = plain.attn_drop, plain.proj_drop
        self.softmax = plain.softmax
        self.compare = ops.BatchMatMul(transpose_b=True)
        self.combine = ops.BatchMatMul()

    def construct(self, x):
        batch, tokens, dim = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.num_heads, self.head_dim)
        q, k, v = ops.unstack(qkv.transpose(2, 0, 3, 1, 4), axis=0)  # each (B, h, N, d); qkv[0] would copy
        weights = self.softmax(self.compare(q * self.scale, k))  # (B, h, N, N)
        out = self.combine(self.attn_drop(weights), v)  # (B, h, N, d)
        out = out.transpose(0, 2, 1, 3).reshape(batch, tokens, dim)
        return self.proj_drop(self.proj(out))


class HalfFusedAttention(WrittenOutAttention):
    """Where the core does not fit, its two linear layers still do."""

    def __init__(self, plain: Attention):
        super().__init__(plain)
        self.qkv, self.proj = fused_dense(plain.qkv), FusedDense(plain.proj)


class FusedAttention(nn.Cell):
    """In place of a `vit.attention.Attention` without dropout on its weights: (B, N, D) -> (B, N, D).

    Args:
        plain: whose parameters are used; D / h is a multiple of 16.
        trains: whether gradients will be asked for; then the weights are kept.
    """

    def __init__(self, plain: Attention, trains: bool):
        super().__init__(auto_prefix=False)  # the parameters keep their names
        self.num_heads, self.head_dim = plain.num_heads, plain.head_dim
        self.qkv, self.proj = fused_dense(plain.qkv), FusedDense(plain.proj)
        self.proj_drop = plain.proj_drop
        self.core = _Core() if trains else _ForwardCore()

    def construct(self, x):
        batch, tokens, dim = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.num_heads, self.head_dim)
        out = self.core(qkv)[0]  # (B, N, h, d)
        return self.proj_drop(self.proj(out.reshape(batch, tokens, dim)))


class _Core(nn.Cell):
    """qkv (B, N, 3, h, d) -> out (B, N, h, d), and the weights (B, h, N, N rounded up to 16)."""

    def __init__(self):
        super().__init__()
        self.forward = kernel("AttentionKept", _with_weights, 2)
        self.backward = kernel("AttentionGrad", _like_qkv)

    def construct(self, qkv):
        return self.forward(qkv)

    def bprop(self, qkv, out, dout):
        return (self.backward(qkv, out[1], dout[0]),)


class _ForwardCore(nn.Cell):
    """qkv (B, N, 3, h, d) -> (out (B, N, h, d),)."""

    def __init__(self):
        super().__init__()
        self.forward = kernel("Attention", _out)

    def construct(self, qkv):
        return (self.forward(qkv),)


def fused_dense(plain: nn.Dense) -> nn.Cell:
    return FusedDense(plain) if plain.has_bias else plain


def _out(qkv):
    batch, tokens, _, heads, d = qkv
    return [batch, tokens, heads, d]


def _with_weights(qkv):
    batch, tokens, _, heads, _ = qkv
    return _out(qkv), [batch, heads, tokens, (tokens + 15) // 16 * 16]


def _like_qkv(qkv, weights, g):
    return qkv
