"""AdamW as Loshchilov and Hutter define it (arXiv:1711.05101), inside the compiled training step."""

import mindspore as ms
import numpy as np
from mindspore import nn, ops


def decays(name: str, parameter: ms.Parameter) -> bool:
    """Whether weight decay applies: to matrices, not to biases, norms, positions or class token."""
    return parameter.ndim > 1 and name not in ("cls_token", "pos_embed")


class AdamW(nn.Cell):
    """Adam with bias correction and decoupled weight decay.

    MindSpore's own choices do not serve here: `nn.AdamWeightDecay` has no bias correction,
    `nn.Adam(weight_decay=)` adds the decay to the gradient (L2), and `experimental.optim.AdamW`
    cannot be part of a compiled step. But the kernel behind the first one, `ops.AdamWeightDecay`,

        m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,  p = p - lr (m / (sqrt(v) + eps) + decay p)

    is AdamW once it is given, with c1 = 1 - b1^t and c2 = sqrt(1 - b2^t), the rate lr c2 / c1, the
    epsilon eps c2, and the decay decay c1 / c2. One fused kernel a parameter, and no copy.

    Args:
        model: its trainable parameters are updated in place.
        lr: the learning rate, or one for each step (then the last one stays).
        weight_decay: lambda; the part lr * lambda of a matrix goes at each step.
        betas: decay rates of the two running means.
        epsilon: added to the square root.
    """

    def __init__(self, model: nn.Cell, lr=1e-3, weight_decay=0.05, betas=(0.9, 0.999), epsilon=1e-8):
        super().__init__()
        named = [(n, p) for n, p in model.parameters_and_names() if p.requires_grad]
        self.parameters = ms.ParameterTuple([p for _, p in named])
        self.first = self.parameters.clone("adamw_m", "zeros")
        self.second = self.parameters.clone("adamw_v", "zeros")
        self.steps = ms.Parameter(ms.Tensor(0, ms.int32), name="adamw_steps", requires_grad=False)
        self.rates = ms.Tensor(np.atleast_1d(np.asarray(lr, np.float32)))  # (S,)
        self.decay = tuple(float(weight_decay) if decays(n, p) else 0.0 for n, p in named)
        self.beta1, self.beta2 = betas
        self.epsilon = epsilon
        self.update = ops.AdamWeightDecay()

    def construct(self, gradients):
        """Apply the gradients, one for each parameter; returns the steps taken so far."""
        steps = self.steps + 1
        t = steps.astype(ms.float32)
        c1 = 1 - ops.pow(self.beta1, t)
        c2 = ops.sqrt(1 - ops.pow(self.beta2, t))
        rate = ops.gather(self.rates, ops.minimum(self.steps, len(self.rates) - 1), 0)
        for i in range(len(self.parameters)):
            done = self.update(
                self.parameters[i],
                self.first[i],
                self.second[i],
                rate * c2 / c1,
                self.beta1,
                self.beta2,
                self.epsilon * c2,
                self.decay[i] * c1 / c2,
                gradients[i],
            )
            steps = ops.depend(steps, done)
        return ops.assign(self.steps, steps)


def warmup_cosine(peak: float, steps: int, warmup: int = 0) -> np.ndarray:
    """Learning rates (steps,): a straight line up to `peak` in `warmup` steps, then half a cosine to 0."""
    t = np.arange(steps, dtype=np.float64)
    rise = (t + 1) / max(warmup, 1)
    fall = 0.5 * (1 + np.cos(np.pi * (t - warmup) / max(steps - warmup, 1)))
    return (peak * np.where(t < warmup, rise, fall)).astype(np.float32)
