# %% solution="07.1"
def cross_entropy(logits, labels, s):
    B, K = logits.shape
    z = logits - logits.max(-1, keepdims=True)  # (B, K), the largest is 0
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))  # (B, K)
    right = log_p[np.arange(B), labels]  # (B,)
    return -((1 - s) * right + s * log_p.mean(-1)).mean()


# %% [markdown] hint="07.1" lang="zh"
# 先算 `log_p (B, K)`，每类概率的对数；损失是目标与它的乘积之和，再取负。


# %% [markdown] hint="07.1" lang="en"
# First `log_p (B, K)`, the logarithm of each probability; the loss is minus the sum of target times `log_p`.


# %% [markdown] hint="07.1" lang="zh"
# `np.exp(1000)` 是无穷大。softmax 不怕平移：先减去每行的最大值。


# %% [markdown] hint="07.1" lang="en"
# `np.exp(1000)` is infinite. Softmax does not mind a shift: subtract each row's maximum first.


# %% [markdown] hint="07.1" lang="zh"
# 目标的 $s/K$ 那一份乘遍所有类，等于 $s$ 乘 `log_p` 的平均；剩下的 $1-s$ 只乘正确类。最后对批取平均。


# %% [markdown] hint="07.1" lang="en"
# The $s/K$ of the target meets every class, which is $s$ times the mean of `log_p`; the $1-s$ that remains meets the right class only. At the end, the mean over the batch.


# %% wrong="07.1" mistake="sum over the batch"
# zh: 这是整批的和；题目要平均
# en: this is the sum over the batch; the mean is wanted
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -((1 - s) * log_p[np.arange(len(z)), labels] + s * log_p.mean(-1)).sum()


# %% wrong="07.1" mistake="no smoothing"
# zh: 没有用到标签平滑 s
# en: the smoothing s was not used
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -log_p[np.arange(len(z)), labels].mean()


# %% wrong="07.1" mistake="smoothing over the wrong classes only"
# zh: s 只分给了错的类（s/(K−1)）；这里的定义是所有类都分，正确类也得 s/K
# en: s went to the wrong classes only, s/(K-1) each; here all classes get s/K, the right one too
def cross_entropy(logits, labels, s):
    B, K = logits.shape
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    right = log_p[np.arange(B), labels]
    return -((1 - s) * right + s * (log_p.sum(-1) - right) / (K - 1)).mean()


# %% wrong="07.1" mistake="sum of the smoothed part"
# zh: 平滑的部分要乘 s/K（取平均），现在像是乘了 s（取和）
# en: the smoothed part has the factor s/K (a mean); it looks as if it were s (a sum)
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -((1 - s) * log_p[np.arange(len(z)), labels] + s * log_p.sum(-1)).mean()


# %% wrong="07.1" mistake="sign"
# zh: 符号反了：损失是负对数，应当为正
# en: the sign: the loss is minus the logarithm, a positive number
def cross_entropy(logits, labels, s):
    z = logits - logits.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return ((1 - s) * log_p[np.arange(len(z)), labels] + s * log_p.mean(-1)).mean()


# %% solution="07.2"
def adamw(p, g, m, v, t, lr, decay):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return p - lr * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * p), m, v


# %% [markdown] hint="07.2" lang="zh"
# 先更新 `m` 和 `v`，再由新的 `m`、`v` 算带帽子的，最后更新 `p`。


# %% [markdown] hint="07.2" lang="en"
# First new `m` and `v`, from these the ones with hats, then `p`.


# %% [markdown] hint="07.2" lang="zh"
# 返回的是**没有**除过的 `m`、`v`；带帽子的只在这一步用。


# %% [markdown] hint="07.2" lang="en"
# Return `m` and `v` **without** the division; those with hats are for this step only.


# %% [markdown] hint="07.2" lang="zh"
# 最后一个公式里，学习率乘的是**整个**括号：更新的方向和衰减都在里面；开根号的是修正过的 $v$。


# %% [markdown] hint="07.2" lang="en"
# In the last formula the rate multiplies the **whole** bracket, direction and decay; the root is of the corrected $v$.


# %% wrong="07.2" mistake="no bias correction"
# zh: m、v 对了，p 没有用偏差修正
# en: m and v are right, but p was moved without bias correction
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * (m / (np.sqrt(v) + 1e-8) + decay * p), m, v


# %% wrong="07.2" mistake="decay in the gradient"
# zh: 衰减加进了梯度：这是 L2 正则，不是 AdamW
# en: the decay was added to the gradient: that is L2, not AdamW
def adamw(p, g, m, v, t, lr, decay):
    g = g + decay * p
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


# %% wrong="07.2" mistake="decay without the learning rate"
# zh: 衰减没有乘学习率
# en: the decay was not multiplied by the learning rate
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) - decay * p, m, v


# %% wrong="07.2" mistake="corrected means kept"
# zh: 返回了修正过的 m、v，下一步会被再修正一次
# en: the corrected m and v were returned; the next step corrects them once more
def adamw(p, g, m, v, t, lr, decay):
    m = (0.9 * m + 0.1 * g) / (1 - 0.9**t)
    v = (0.999 * v + 0.001 * g**2) / (1 - 0.999**t)
    return p - lr * (m / (np.sqrt(v) + 1e-8) + decay * p), m, v


# %% wrong="07.2" mistake="betas exchanged"
# zh: β₁ 和 β₂ 用反了：梯度用 0.9，平方用 0.999
# en: the betas are exchanged: 0.9 is for the gradient, 0.999 for its square
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.999 * m + 0.001 * g, 0.9 * v + 0.1 * g**2
    return p - lr * ((m / (1 - 0.999**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8) + decay * p), m, v


# %% wrong="07.2" mistake="no square root"
# zh: v 没有开根号
# en: the square root of v is missing
def adamw(p, g, m, v, t, lr, decay):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - lr * ((m / (1 - 0.9**t)) / (v / (1 - 0.999**t) + 1e-8) + decay * p), m, v


# %% solution="07.3"
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
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
        gradients = ops.clip_by_global_norm(gradients, self.clip_norm)
        return ops.depend(loss, self.optimizer(gradients))


# %% right="07.3"
# the update as a statement of its own, other names
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
        super().__init__()
        self.net, self.optimizer, self.norm = model, optimizer, clip_norm
        self.loss_fn = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
        self.grad_fn = ms.value_and_grad(self.forward, None, optimizer.parameters)

    def forward(self, x, y):
        return self.loss_fn(self.net(x), y)

    def construct(self, images, labels):
        loss, grads = self.grad_fn(images, labels)
        grads = ops.clip_by_global_norm(grads, self.norm)
        self.optimizer(grads)
        return loss


# %% right="07.3"
# loss and clipping written out
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
        super().__init__()
        self.model, self.optimizer = model, optimizer
        self.clip_norm, self.smoothing = clip_norm, label_smoothing
        self.both = ms.value_and_grad(self.loss, None, weights=optimizer.parameters)

    def loss(self, images, labels):
        log_p = ops.log_softmax(self.model(images), axis=-1)
        right = ops.gather_elements(log_p, 1, labels.reshape(-1, 1))
        return -((1 - self.smoothing) * right.mean() + self.smoothing * log_p.mean())

    def construct(self, images, labels):
        loss, gradients = self.both(images, labels)
        squares = 0.0
        for gradient in gradients:
            squares = squares + (gradient * gradient).sum()
        factor = self.clip_norm / ops.maximum(ops.sqrt(squares), ms.Tensor(self.clip_norm, ms.float32))
        clipped = ()
        for gradient in gradients:
            clipped = clipped + (gradient * factor,)
        return ops.depend(loss, self.optimizer(clipped))


# %% [markdown] hint="07.3" lang="zh"
# 先写一个方法 `loss(self, images, labels)`：模型的 logits 过交叉熵。`__init__` 里把它交给 `ms.value_and_grad`。
# %% [markdown] hint="07.3" lang="en"
# Write a method `loss(self, images, labels)` first: the model's logits through the cross-entropy. In `__init__`, hand it to `ms.value_and_grad`.
# %% [markdown] hint="07.3" lang="zh"
# `value_and_grad` 的第二个参数是 `None`（不对输入求导），`weights` 是 `optimizer.parameters`。它返回的函数，参数和 `loss` 一样，结果是一对：损失，和一组梯度。
# %% [markdown] hint="07.3" lang="en"
# The second argument of `value_and_grad` is `None` (no gradient for the inputs), `weights` are `optimizer.parameters`. The function it returns takes what `loss` takes and gives a pair: the loss, and the gradients.
# %% [markdown] hint="07.3" lang="zh"
# `construct` 三行：得到损失和梯度；裁剪整组梯度；把裁剪过的交给优化器，返回损失。
# %% [markdown] hint="07.3" lang="en"
# `construct` has three lines: loss and gradients; the gradients clipped, all together; the clipped ones to the optimizer, and the loss returned.


# %% wrong="07.3" mistake="no clipping"
# zh: 没有裁剪梯度
# en: the gradients were not clipped
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
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
        return ops.depend(loss, self.optimizer(gradients))


# %% wrong="07.3" mistake="each clipped alone"
# zh: 每个梯度各自裁剪了；应当全部放在一起，按总长度裁剪
# en: each gradient was clipped by itself; they are clipped together, by the length of all
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
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
        clipped = ()
        for gradient in gradients:
            clipped = clipped + (ops.clip_by_norm(gradient, self.clip_norm),)
        return ops.depend(loss, self.optimizer(clipped))


# %% wrong="07.3" mistake="no smoothing"
# zh: 没有用到 label_smoothing
# en: label_smoothing was not used
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
        super().__init__()
        self.model = model
        self.optimizer = optimizer
        self.clip_norm = clip_norm
        self.criterion = nn.CrossEntropyLoss()
        self.loss_and_gradients = ms.value_and_grad(self.loss, None, weights=optimizer.parameters)

    def loss(self, images, labels):
        return self.criterion(self.model(images), labels)

    def construct(self, images, labels):
        loss, gradients = self.loss_and_gradients(images, labels)
        gradients = ops.clip_by_global_norm(gradients, self.clip_norm)
        return ops.depend(loss, self.optimizer(gradients))


# %% wrong="07.3" mistake="no update"
# zh: 损失对了，但参数没有动：把裁剪过的梯度交给 self.optimizer
# en: the loss is right but nothing moves: hand the clipped gradients to self.optimizer
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
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
        return loss


# %% wrong="07.3" mistake="uphill"
# zh: 更新的方向反了：损失会越来越大；梯度不用变号，优化器会减去它
# en: the update goes uphill, the loss will grow; do not change the sign of the gradients, the optimizer subtracts them
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
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
        gradients = ops.clip_by_global_norm(tuple([-gradient for gradient in gradients]), self.clip_norm)
        return ops.depend(loss, self.optimizer(gradients))


# %% wrong="07.3" mistake="softmax before the loss"
# zh: 交叉熵里已经有 softmax，又做了一次：要交给它的是 logits
# en: cross-entropy has a softmax inside, and this is a second one: it wants the logits
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
        super().__init__()
        self.model = model
        self.optimizer = optimizer
        self.clip_norm = clip_norm
        self.criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
        self.loss_and_gradients = ms.value_and_grad(self.loss, None, weights=optimizer.parameters)

    def loss(self, images, labels):
        return self.criterion(ops.softmax(self.model(images), axis=-1), labels)

    def construct(self, images, labels):
        loss, gradients = self.loss_and_gradients(images, labels)
        gradients = ops.clip_by_global_norm(gradients, self.clip_norm)
        return ops.depend(loss, self.optimizer(gradients))


# %% wrong="07.3" mistake="loss after the update"
# zh: 返回的是更新之后的损失；应当是更新之前的
# en: this is the loss after the update; it should be the one before
class TrainStep(nn.Cell):
    def __init__(self, model, optimizer, clip_norm=1.0, label_smoothing=0.0):
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
        gradients = ops.clip_by_global_norm(gradients, self.clip_norm)
        done = self.optimizer(gradients)
        return self.loss(ops.depend(images, done), labels)


# %% solution="07.4"
def rate(t, peak, warmup, steps):
    if t < warmup:
        return peak * (t + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))


# %% [markdown] hint="07.4" lang="zh"
# 两段：`t < warmup` 是直线，其余是半个余弦。


# %% [markdown] hint="07.4" lang="en"
# Two pieces: a line for `t < warmup`, half a cosine for the rest.


# %% [markdown] hint="07.4" lang="zh"
# 余弦那段从 `t = warmup` 数起：分子、分母都要减 `warmup`。


# %% [markdown] hint="07.4" lang="en"
# The cosine counts from `t = warmup`: subtract it above and below.


# %% [markdown] hint="07.4" lang="zh"
# 检查三处：`t = warmup - 1` 和 `t = warmup` 时都应是峰值；余弦走到一半时是峰值的一半。


# %% [markdown] hint="07.4" lang="en"
# Check three places: at `t = warmup - 1` and at `t = warmup` it is the peak; half-way down the cosine it is half the peak.


# %% wrong="07.4" mistake="first step zero"
# zh: 第 0 步的学习率是 0，白走一步：直线应是 (t+1)/W
# en: step 0 has rate 0 and is wasted: the line is (t+1)/W
def rate(t, peak, warmup, steps):
    if t < warmup:
        return peak * t / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))


# %% wrong="07.4" mistake="cosine from step 0"
# zh: 余弦从第 0 步数起了，预热结束时会突然掉一截
# en: the cosine counts from step 0, so there is a drop where the warm-up ends
def rate(t, peak, warmup, steps):
    return peak * (t + 1) / warmup if t < warmup else peak * 0.5 * (1 + math.cos(math.pi * t / steps))


# %% wrong="07.4" mistake="not halved"
# zh: 1+cos 没有除以 2，峰值成了两倍
# en: 1 + cos was not halved, so the peak is twice as high
def rate(t, peak, warmup, steps):
    if t < warmup:
        return peak * (t + 1) / warmup
    return peak * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup)))


# %% wrong="07.4" mistake="a straight line down"
# zh: 下降的一段是直线；应是半个余弦
# en: the way down is a straight line; it should be half a cosine
def rate(t, peak, warmup, steps):
    return peak * (t + 1) / warmup if t < warmup else peak * (steps - t) / (steps - warmup)


# %% wrong="07.4" mistake="no warm-up"
# zh: 没有预热
# en: there is no warm-up
def rate(t, peak, warmup, steps):
    return peak * 0.5 * (1 + math.cos(math.pi * max(t - warmup, 0) / (steps - warmup)))


# %% solution="07.6"
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        val_loss, top1 = validate()
        if top1 > best:
            best = top1
            keep()
        epoch.end(val_loss, top1)
    return best


# %% right="07.6"
def fit(run, step, validate, keep):
    top = [row["top1"] for row in run.rows] + [0.0]
    for epoch in run:
        for batch in epoch:
            loss = step(*batch)
            epoch.note(loss.asnumpy().item())
        seen = validate()
        if seen[1] > max(top):
            keep()
        top.append(seen[1])
        epoch.end(*seen)
    return max(top)


# %% [markdown] hint="07.6" lang="zh"
# 两个循环，一个套一个：外面是轮，里面是批。验证写在里面的循环**之后**，和它对齐。
# %% [markdown] hint="07.6" lang="en"
# Two loops, one inside the other: epochs outside, batches inside. The validation comes **after** the inner one, at its indentation.
# %% [markdown] hint="07.6" lang="zh"
# 开始时最好的准确率是 `run.rows` 里最大的 `"top1"`；`run.rows` 可能是空的，`max(…, default=0.0)` 可以处理。
# %% [markdown] hint="07.6" lang="en"
# At the beginning the best accuracy is the largest `"top1"` in `run.rows`, which may be empty; `max(..., default=0.0)` copes with that.
# %% [markdown] hint="07.6" lang="zh"
# 每一批：`loss = step(images, labels)`，再 `epoch.note(…)`。每一轮末尾：量，比较，更好就 `keep()`，再 `epoch.end(…)`。最后返回。
# %% [markdown] hint="07.6" lang="en"
# For each batch: `loss = step(images, labels)`, then `epoch.note(...)`. At the end of each epoch: measure, compare, `keep()` if it is better, then `epoch.end(...)`. Return when all is done.
# %% wrong="07.6" mistake="validates before the batches"
# zh: 验证在各批之前就做了：量到的是上一轮的网络
# en: it is validated before the batches: that measures the network of the epoch before
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        val_loss, top1 = validate()
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        epoch.end(val_loss, top1)
        if top1 > best:
            best = top1
            keep()
    return best


# %% wrong="07.6" mistake="validates after every batch"
# zh: 每一批之后都验证了一次；一轮只要一次，在各批都走完之后
# en: it is validated after every batch; once an epoch is enough, when all batches are through
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
            val_loss, top1 = validate()
        if top1 > best:
            best = top1
            keep()
        epoch.end(val_loss, top1)
    return best


# %% wrong="07.6" mistake="keeps the last"
# zh: 每一轮都 keep 了：留下的是最后一轮，不是最好的一轮
# en: keep is called in every epoch: what is kept is the last one, not the best
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        val_loss, top1 = validate()
        keep()
        epoch.end(val_loss, top1)
        best = max(best, top1)
    return best


# %% wrong="07.6" mistake="forgets earlier epochs"
# zh: 最好的准确率没有从 run.rows 开始：接着训练时，以前更好的一轮会被盖掉
# en: the best does not begin with run.rows: after a resume, a better epoch of before is overwritten
def fit(run, step, validate, keep):
    best = 0.0
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        val_loss, top1 = validate()
        if top1 > best:
            best = top1
            keep()
        epoch.end(val_loss, top1)
    return best


# %% wrong="07.6" mistake="the worse is better"
# zh: 比反了：准确率越高越好
# en: the comparison is the wrong way round: a higher accuracy is better
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        val_loss, top1 = validate()
        epoch.end(val_loss, top1)
        if top1 < best:
            best = top1
            keep()
    return best


# %% wrong="07.6" mistake="losses not noted"
# zh: 损失没有交给 epoch.note
# en: the losses do not go to epoch.note
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        for images, labels in epoch:
            step(images, labels)
        val_loss, top1 = validate()
        if top1 > best:
            best = top1
            keep()
        epoch.end(val_loss, top1)
    return best


# %% wrong="07.6" mistake="only the first epoch"
# zh: 只走了一轮：return 写在循环里面了
# en: there is only one epoch: return stands inside the loop
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        val_loss, top1 = validate()
        if top1 > best:
            best = top1
            keep()
        epoch.end(val_loss, top1)
        return best


# %% wrong="07.6" mistake="exchanged"
# zh: epoch.end 里先是验证损失，后是准确率
# en: epoch.end takes the validation loss first, then the accuracy
def fit(run, step, validate, keep):
    best = max([row["top1"] for row in run.rows], default=0.0)
    for epoch in run:
        for images, labels in epoch:
            epoch.note(float(step(images, labels).asnumpy()))
        val_loss, top1 = validate()
        epoch.end(top1, val_loss)
        if top1 > best:
            best = top1
            keep()
    return best


# %% solution="07.7"
# 1 损失稳稳地降，只是慢：E ¦ 1 the loss falls steadily, only slowly: E
# 2 训练和做对的一样，验证比瞎猜还差：B ¦ 2 training as the sound one, validation worse than guessing: B
# 3 第一步的损失是 10 以上：F ¦ 3 the first loss is above 10: F
# 4 几乎不降，来回跳：A ¦ 4 hardly falls and jumps about: A
# 5 同一组参数验证两次不一样：D ¦ 5 the same parameters, validated twice, differ: D
# 6 训练和做对的一样，验证停在瞎猜：C ¦ 6 training as the sound one, validation stays at guessing: C
causes = "EBFADC"
# %% [markdown] hint="07.7" lang="zh"
# 先看表：哪一次的第一步不是 $\log 10$？哪一次验证两次得到两个数？
# %% [markdown] hint="07.7" lang="en"
# First the table: which run does not begin at $\log 10$? Which gives two numbers when validated twice?
# %% [markdown] hint="07.7" lang="zh"
# 再看训练损失与灰线重合的两次：训练没有问题，问题在验证或标签。哪一种错会让答案系统地错，比瞎猜还差？
# %% [markdown] hint="07.7" lang="en"
# Then the two whose training loss lies on the grey line: training is sound, and the fault is in validation or labels. Which of the two makes answers systematically wrong, worse than guessing?
# %% [markdown] hint="07.7" lang="zh"
# 剩下两次都学得慢：步子太小，损失稳稳地、慢慢地降；步子太大，几乎不降，来回跳。
# %% [markdown] hint="07.7" lang="en"
# Two are left, both slow: with steps too small the loss falls steadily and slowly; with steps too large it hardly falls and jumps about.
# %% wrong="07.7" mistake="too high and too low"
# zh: 第 1 次和第 4 次反了：步子太小是稳稳地慢，步子太大是停住不动
# en: runs 1 and 4 are the other way round: steps too small are slow and steady, steps too large get nowhere
causes = "ABFEDC"
# %% wrong="07.7" mistake="labels and pixels"
# zh: 第 2 次和第 6 次反了：标签错一位，准确率比瞎猜还低；图没有归一化，大约是瞎猜
# en: runs 2 and 6 are the other way round: labels off by one give less than guessing, images not normalised about guessing
causes = "ECFADB"
# %% wrong="07.7" mistake="mode and head"
# zh: 第 3 次和第 5 次反了：分类头的问题看第一步的损失，训练模式看验证两次
# en: runs 3 and 5 are the other way round: a head shows in the first loss, training mode in two validations
causes = "EBDAFC"


# %% solution="07.9"
def labelled(train_paths, val_paths):
    names = sorted({path.split("/")[0] for path in train_paths})
    return [[names.index(path.split("/")[0]) for path in paths] for paths in (train_paths, val_paths)]


# %% [markdown] hint="07.9" lang="zh"
# 看 `toy_val` 里的 `"owl"`：训练时它是几号，验证时又是几号？


# %% [markdown] hint="07.9" lang="en"
# Look at `"owl"` in `toy_val`: which number does it have in training, and which in validation?


# %% [markdown] hint="07.9" lang="zh"
# 验证集里缺了哪些类？编号是在哪一行定下来的，用的是谁的类？


# %% [markdown] hint="07.9" lang="en"
# Which classes does the validation set lack? On which line are the numbers decided, and from whose classes?


# %% [markdown] hint="07.9" lang="zh"
# 编号只能定一次：由训练集的类排序得到，两边都用它。


# %% [markdown] hint="07.9" lang="en"
# Numbers are decided once, from the sorted classes of the training set, and serve both.


# %% wrong="07.9" mistake="one added"
# zh: 给验证标签加了 1：只有碰巧缺一个靠前的类时才对；编号要出自同一份类别表
# en: one was added to the validation labels: that helps only where one early class happens to be missing; the numbers must come from one list
def labelled(train_paths, val_paths):
    found = []
    for more, paths in enumerate((train_paths, val_paths)):
        names = sorted({path.split("/")[0] for path in paths})
        found.append([names.index(path.split("/")[0]) + more for path in paths])
    return found


# %% wrong="07.9" mistake="in the order met"
# zh: 编号按路径出现的先后：文件换个顺序，同一个类就换了编号；要先排序
# en: numbered in the order in which classes are met: shuffle the files, and a class has another number; sort first
def labelled(train_paths, val_paths):
    names = list(dict.fromkeys(path.split("/")[0] for path in train_paths))
    return [[names.index(path.split("/")[0]) for path in paths] for paths in (train_paths, val_paths)]


# %% wrong="07.9" mistake="classes of validation"
# zh: 类别表取自验证集，训练集里多出来的类没有编号
# en: the list was taken from the validation set, and classes that only training has get no number of their own
def labelled(train_paths, val_paths):
    names = sorted({path.split("/")[0] for path in val_paths})
    all_ = [
        [names.index(p.split("/")[0]) if p.split("/")[0] in names else -1 for p in paths]
        for paths in (train_paths, val_paths)
    ]
    return all_


# %% investigation="07.8"
predicted = 0.5
investigate("07.8", predicted, warmup=0, rate=0.003)


# %% solution="07.8"
conclusion = "B"


# %% [markdown] hint="07.8" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="07.8" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="07.8" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="07.8" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="07.8" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="07.8" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="07.8" mistake="ahead without"
# zh: 看学习率 0.001 的两行：谁的平均高，够分得开吗？
# en: look at the two rows at 0.001: whose mean is higher, and are they far enough apart?
conclusion = "A"


# %% wrong="07.8" mistake="behind at both"
# zh: 看学习率 0.001 的两行：相差够分得开吗？
# en: look at the two rows at 0.001: are they far enough apart?
conclusion = "C"
