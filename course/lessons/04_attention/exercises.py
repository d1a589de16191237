# %% solution="04.1"
grass_q = np.array([1, 2, 0, -1], np.float32)  # (d,)
grass_weights = softmax(K @ grass_q / 4**0.5)  # (N, d) @ (d,) -> (N,)
# %% [markdown] hint="04.1" lang="zh"
# 一个查询和三个键的点积，可以写成一个矩阵乘向量。
# %% [markdown] hint="04.1" lang="en"
# The dot products of one query with three keys are one matrix times one vector.
# %% [markdown] hint="04.1" lang="zh"
# `K @ grass_q` 的形状正好是 `(3,)`。接下来除以什么？
# %% [markdown] hint="04.1" lang="en"
# `K @ grass_q` has just the shape `(3,)`. What is it divided by?
# %% [markdown] hint="04.1" lang="zh"
# 这里 $d=4$。除以 $\sqrt d$，再做 softmax：取指数，除以它们的和（上面的 `softmax` 就是）。
# %% [markdown] hint="04.1" lang="en"
# Here $d=4$. Divide by $\sqrt d$, then softmax: exponentials over their sum (`softmax` from above does it).
# %% wrong="04.1" mistake="no scale"
# zh: 看起来没有除以 √d：分布过于尖锐
# en: it looks as if the scores were not divided by √d: the weights are too peaked
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = softmax(K @ grass_q)
# %% wrong="04.1" mistake="divided by d"
# zh: 看起来除以了 d，而不是 √d：分布过于平坦
# en: it looks as if the scores were divided by d instead of √d: the weights are too flat
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = softmax(K @ grass_q / 4)
# %% wrong="04.1" mistake="scores"
# zh: 这还是分数，不是权重：少了 softmax（权重之和应为 1）
# en: these are scores, not weights: softmax is missing (weights sum to 1)
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = K @ grass_q / 4**0.5
# %% wrong="04.1" mistake="plain share"
# zh: 分数直接除以了总和；权重要先取指数
# en: the scores were divided by their sum; weights take the exponential first
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = K @ grass_q / (K @ grass_q).sum()
# %% wrong="04.1" mistake="not normalised"
# zh: 取了指数，但没有除以它们的和：权重之和应为 1
# en: exponentials, but not divided by their sum: weights sum to 1
grass_q = np.array([1, 2, 0, -1], np.float32)
grass_weights = np.exp(K @ grass_q / 4**0.5)
# %% wrong="04.1" mistake="old query"
# zh: 用了第 1 步的 q（天空 1 的提问），而不是 grass_q
# en: this is step 1's q (asked by "sky 1"), not grass_q
grass_weights = softmax(K @ q / 4**0.5)


# %% solution="04.2"
def batched_attention(Q, K, V):
    scores = Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5  # (B, N, N)
    return softmax(scores, axis=-1) @ V  # (B, N, d)


# %% [markdown] hint="04.2" lang="zh"
# numpy 的 `@` 只乘最后两维，前面的维度逐个对应。所以 $QK^\top$ 那一行几乎不用改。
# %% [markdown] hint="04.2" lang="en"
# numpy's `@` multiplies the last two axes and walks through the others. The line with $QK^\top$ needs almost no change.
# %% [markdown] hint="04.2" lang="zh"
# `K.T` 会把三个轴全部倒过来。只想交换最后两个轴，用 `swapaxes`。
# %% [markdown] hint="04.2" lang="en"
# `K.T` would reverse all three axes. To exchange only the last two there is `swapaxes`.
# %% [markdown] hint="04.2" lang="zh"
# 分数的形状是 `(B, N, N)`：倒数第二维是提问者，最后一维是被问者。softmax 沿被问者那一维。
# %% [markdown] hint="04.2" lang="en"
# The scores are `(B, N, N)`: the second-to-last axis indexes the queries, the last one the keys. Softmax goes along the keys.
# %% wrong="04.2" mistake="wrong axis"
# zh: softmax 沿了错误的轴：应当每一行（最后一维）之和为 1
# en: softmax ran along the wrong axis: each row (the last axis) should sum to 1
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5, axis=-2) @ V


# %% wrong="04.2" mistake="no scale"
# zh: 看起来没有除以 √d
# en: it looks as if the scores were not divided by √d
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2)) @ V


# %% wrong="04.2" mistake="scaled by N"
# zh: 看起来除以了 √N（token 数），应当除以 √d（最后一维的长度）
# en: it looks as if √N (number of tokens) was the divisor; it is √d (length of the last axis)
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[1] ** 0.5) @ V


# %% wrong="04.2" mistake="keys for values"
# zh: 取了键 K 的加权平均，应当取值 V 的
# en: this is the weighted mean of the keys K; it should be that of the values V
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5) @ K


# %% wrong="04.2" mistake="Q and K exchanged"
# zh: 分数矩阵转置了：第 i 行应当是第 i 个查询，即 Q @ K 转置，不是 K @ Q 转置
# en: the scores are transposed: row i belongs to query i, so Q times K transposed, not K times Q transposed
def batched_attention(Q, K, V):
    return softmax(K @ Q.swapaxes(-1, -2) / Q.shape[-1] ** 0.5) @ V


# %% wrong="04.2" mistake="divided by d"
# zh: 除以了 d，而不是 √d
# en: divided by d instead of √d
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1]) @ V


# %% wrong="04.2" mistake="no softmax"
# zh: 没有 softmax：分数直接乘了 V
# en: no softmax: the scores themselves multiply V
def batched_attention(Q, K, V):
    return Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5 @ V


# %% wrong="04.2" mistake="not normalised"
# zh: 取了指数，但每一行没有除以它的和
# en: exponentials, but the rows were not divided by their sums
def batched_attention(Q, K, V):
    return np.exp(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5) @ V


# %% wrong="04.2" mistake="softmax over the batch"
# zh: softmax 沿了批的轴：不同图像混在了一起
# en: softmax ran along the batch: different images were mixed
def batched_attention(Q, K, V):
    return softmax(Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5, axis=0) @ V


# %% wrong="04.2" mistake="images mixed"
# zh: 把所有图像的 token 排成了一队：每张图像的 token 只应看自己图里的
# en: the tokens of all images stood in one row: those of an image see only that image's
def batched_attention(Q, K, V):
    q, k, v = (x.reshape(-1, x.shape[-1]) for x in (Q, K, V))
    return (softmax(q @ k.T / q.shape[-1] ** 0.5) @ v).reshape(Q.shape)


# %% solution="04.3"
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.attn_drop = nn.Dropout(p=attn_drop_rate)
        self.proj = nn.Dense(embed_dim, embed_dim)
        self.proj_drop = nn.Dropout(p=drop_rate)

    def construct(self, x):
        B, N, D = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, self.head_dim)  # (B, N, 3, h, d)
        q, k, v = ops.unstack(qkv.transpose(2, 0, 3, 1, 4), axis=0)  # 各 (B, h, N, d) ¦ each (B, h, N, d)
        scores = ops.matmul(q, k.swapaxes(-1, -2)) / self.head_dim**0.5  # (B, h, N, N)
        weights = self.attn_drop(ops.softmax(scores, axis=-1))  # (B, h, N, N)
        out = ops.matmul(weights, v)  # (B, h, N, d)
        out = out.transpose(0, 2, 1, 3).reshape(B, N, D)  # (B, N, D)
        return self.proj_drop(self.proj(out))  # (B, N, D)


# %% right="04.3"
# `@`, split along the channels, MindSpore's own Softmax layer, the scale on q
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h = num_heads
        self.scale = (embed_dim // num_heads) ** -0.5
        self.proj = nn.Dense(embed_dim, embed_dim)
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.softmax = nn.Softmax(axis=-1)
        self.dropout = nn.Dropout(p=attn_drop_rate)
        self.out_dropout = nn.Dropout(p=drop_rate)

    def heads(self, t):
        B, N, D = t.shape
        return t.view(B, N, self.h, D // self.h).permute(0, 2, 1, 3)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.split(self.qkv(x), D, axis=-1)
        q, k, v = self.heads(q), self.heads(k), self.heads(v)
        weights = self.dropout(self.softmax((q * self.scale) @ k.permute(0, 1, 3, 2)))
        out = (weights @ v).permute(0, 2, 1, 3)
        return self.out_dropout(self.proj(out.reshape(B, N, D)))


# %% right="04.3"
# softmax written out, one head after the other
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.num_heads = num_heads
        self.dim = embed_dim
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)
        self.drop_weights, self.drop_out = nn.Dropout(p=attn_drop_rate), nn.Dropout(p=drop_rate)

    def construct(self, x):
        d = self.dim // self.num_heads
        qkv = self.qkv(x)
        outs = []
        for head in range(self.num_heads):
            a = head * d
            q = qkv[:, :, a : a + d]
            k = qkv[:, :, self.dim + a : self.dim + a + d]
            v = qkv[:, :, 2 * self.dim + a : 2 * self.dim + a + d]
            scores = ops.bmm(q, k.transpose(0, 2, 1)) / d**0.5
            e = ops.exp(scores - scores.max(axis=-1, keepdims=True))
            outs.append(ops.bmm(self.drop_weights(e / e.sum(axis=-1, keepdims=True)), v))
        return self.drop_out(self.proj(ops.cat(outs, axis=-1)))


# %% right="04.3"
# another order of the axes: heads beside the batch
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, embed_dim * 3, has_bias=qkv_bias)
        self.attn_drop = nn.Dropout(p=attn_drop_rate)
        self.proj = nn.Dense(embed_dim, embed_dim)
        self.proj_drop = nn.Dropout(p=drop_rate)

    def construct(self, x):
        B, N, D = x.shape
        h, d = self.num_heads, self.head_dim
        qkv = self.qkv(x).reshape(B, N, 3, h, d).transpose(2, 0, 3, 1, 4).reshape(3, B * h, N, d)
        q, k, v = qkv[0], qkv[1], qkv[2]
        weights = ops.softmax(ops.matmul(q, ops.transpose(k, (0, 2, 1))) * d**-0.5, axis=2)
        out = ops.matmul(self.attn_drop(weights), v).reshape(B, h, N, d)
        out = ops.transpose(out, (0, 2, 1, 3)).reshape(B, N, h * d)
        return self.proj_drop(self.proj(out))


# %% [markdown] hint="04.3" lang="zh"
# 先写 `__init__`：两个 `nn.Dense`，名字是 `qkv` 和 `proj`；两个 `nn.Dropout(p=...)`。再写 `construct`，每一行都写上形状注释：`(B, N, 3D)` → `(B, N, 3, h, d)` → 三个 `(B, h, N, d)` → `(B, h, N, N)` → `(B, h, N, d)` → `(B, N, D)`。
# %% [markdown] hint="04.3" lang="en"
# `__init__` first: two `nn.Dense` named `qkv` and `proj`, two `nn.Dropout(p=...)`. Then `construct`, with the shape behind every line: `(B, N, 3D)` → `(B, N, 3, h, d)` → three `(B, h, N, d)` → `(B, h, N, N)` → `(B, h, N, d)` → `(B, N, D)`.
# %% [markdown] hint="04.3" lang="zh"
# `reshape` 只能拆开一个轴或合并相邻的轴，`transpose`（或 `swapaxes`）只换轴的顺序。最后一个轴 3D 是按“先 q/k/v，再头，再通道”排的。
# %% [markdown] hint="04.3" lang="en"
# `reshape` splits an axis or joins neighbours, nothing else; `transpose` (or `swapaxes`) changes the order of axes. The last axis, 3D long, is ordered "q/k/v first, then head, then channel".
# %% [markdown] hint="04.3" lang="zh"
# 先在 `num_heads=1` 时写对（不用拆头；第 04 课里可以对照 `heads_by_loops`，它每一行对应你的一步）。再拆头：`reshape` 成 `(B, N, 3, h, d)`，`transpose(2, 0, 3, 1, 4)` 把 3 换到最前，`ops.unstack(..., axis=0)` 沿它拆成 q、k、v。
# %% [markdown] hint="04.3" lang="en"
# Get it right for `num_heads=1` first (nothing to split; in lesson 04 hold it against `heads_by_loops`, each of its lines is a step of yours). Then split: `reshape` to `(B, N, 3, h, d)`, `transpose(2, 0, 3, 1, 4)` brings the 3 to the front, `ops.unstack(..., axis=0)` takes q, k and v apart along it.
# %% wrong="04.3" mistake="no scale"
# zh: 看起来没有除以 √d（d 是每个头的宽度）
# en: it looks as if the scores were not divided by √d (d is the width of a head)
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)), axis=-1), v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% wrong="04.3" mistake="scaled by the whole width"
# zh: 看起来除以了 √D（整个 token 的宽度），应当除以 √d，d = D / h
# en: it looks as if √D (the whole token's width) was the divisor; it is √d with d = D / h
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / D**0.5, axis=-1), v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% wrong="04.3" mistake="wrong axis"
# zh: softmax 沿了错误的轴：应当沿最后一个轴（被看的 token），每一行之和为 1
# en: softmax ran along the wrong axis: it goes along the last (the tokens looked at), each row with sum 1
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=-2), v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% wrong="04.3" mistake="softmax over the heads"
# zh: softmax 沿了头的轴：各头应当各算各的，softmax 沿最后一个轴
# en: softmax ran along the heads: each head is by itself, softmax goes along the last axis
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=1), v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% wrong="04.3" mistake="heads by reshape"
# zh: 用 reshape 直接得到了 (B, h, N, d)：元素的顺序没有变，头里混进了别的 token；要先拆轴再换轴
# en: (B, h, N, d) came from a bare reshape: no number moved, so a head holds parts of other tokens; split the axis, then exchange axes
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.split(self.qkv(x), D, axis=-1)
        q, k, v = [t.reshape(B, self.h, N, self.d) for t in (q, k, v)]
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=-1), v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% wrong="04.3" mistake="merged by reshape"
# zh: 拆头对了；合并时忘了先把 N 和 h 换回来，再 reshape
# en: the split is right; before the merging reshape, N and h were not exchanged again
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=-1), v)
        return self.proj(out.reshape(B, N, D))


# %% wrong="04.3" mistake="q and k exchanged"
# zh: q 和 k 互换了：第 i 行应当是第 i 个 token 的查询去比所有的键
# en: q and k are exchanged: row i is the query of token i, compared with all keys
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        k, q, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=-1), v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% wrong="04.3" mistake="weights in another order"
# zh: 3D 的拆法顺序不对：公开权重按“q/k/v、头、通道”排，应拆成 (3, h, d)，不是 (h, 3, d)
# en: the axis of 3D was split in another order: published weights have "q/k/v, head, channel", so (3, h, d), not (h, 3, d)
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, self.h, 3, self.d).transpose(3, 0, 2, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=-1), v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% wrong="04.3" mistake="no proj"
# zh: 最后没有经过 proj：各头的结果并排之后还要用它混合
# en: proj is not used: it mixes the heads after they were put side by side
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=-1), v)
        return out.transpose(0, 2, 1, 3).reshape(B, N, D)


# %% wrong="04.3" mistake="no softmax"
# zh: 没有 softmax：分数直接乘了 V
# en: no softmax: the scores themselves multiply V
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        out = ops.matmul(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, v)
        return self.proj(out.transpose(0, 2, 1, 3).reshape(B, N, D))


# %% solution="04.4"
# 与对的相比，哪一种试验下没有差别？ ¦ under which trial does each agree with the right one?
# 盒 0：d = 1 时 √d = 1，没有差别 → 没有除以 √d ¦ box 0: no difference for d = 1, where √d = 1: not divided by √d
# 盒 1：打乱 token 后结果跟不上，且一个头时没有差别 → 拆头只用了 reshape ¦ box 1: shuffling breaks it, one head mends it: heads split by reshape
# 盒 2：只有一个 token 时也错 → 没有 proj ¦ box 2: wrong even for one token: no proj
# 盒 3：剩下的：只有一个 token 时才对 → q、k 互换 ¦ box 3: what is left, right for one token only: q and k exchanged
diagnosis = "BDCA"
# %% [markdown] hint="04.4" lang="zh"
# 只有一个 token 时，softmax 的结果必然是 1，分数怎么算都一样。这时仍然出错的，错在分数之后。
# %% [markdown] hint="04.4" lang="en"
# With a single token softmax gives 1 whatever the scores are. What is still wrong then has its fault after the scores.
# %% [markdown] hint="04.4" lang="zh"
# 注意力不知道顺序：打乱 token，输出应当跟着换行。谁做不到？哪一种错误会把不同 token 的数混在一起？
# %% [markdown] hint="04.4" lang="en"
# Attention does not know about order: shuffle the tokens, and the rows of the output should follow. Which box fails? Which fault mixes numbers of different tokens?
# %% [markdown] hint="04.4" lang="zh"
# 头数等于宽度时，$d=1$。这时 $\sqrt d$ 等于多少，除与不除有什么分别？
# %% [markdown] hint="04.4" lang="en"
# With as many heads as channels, $d=1$. What is $\sqrt d$ then, and does it matter whether one divides by it?
# %% wrong="04.4" mistake="0 and 3 exchanged"
# zh: 盒 0 和盒 3 反了：看 d = 1 那一列，√1 = 1，少了它也不会错
# en: boxes 0 and 3 are the other way round: look at the column d = 1, where a missing √d does no harm
diagnosis = "ADCB"
# %% wrong="04.4" mistake="1 and 3 exchanged"
# zh: 盒 1 和盒 3 反了：打乱 token 后跟不上的那个，把不同 token 的数混在了一起
# en: boxes 1 and 3 are the other way round: the one that shuffling breaks has mixed numbers of different tokens
diagnosis = "BACD"
# %% wrong="04.4" mistake="2 and 3 exchanged"
# zh: 盒 2 和盒 3 反了：只有一个 token 时权重必然是 1，q、k 互换看不出来
# en: boxes 2 and 3 are the other way round: with one token the weight is 1, so an exchange of q and k does not show
diagnosis = "BDAC"


# %% investigation="04.6"
predicted = 0.5
investigate("04.6", predicted, heads=1)


# %% solution="04.6"
conclusion = "B"


# %% [markdown] hint="04.6" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="04.6" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="04.6" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="04.6" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="04.6" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="04.6" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="04.6" mistake="more is better"
# zh: 看 3、6、12 三行的平均值：相邻的相差够分得开吗？
# en: look at the means of 3, 6 and 12: are neighbours far enough apart?
conclusion = "A"


# %% wrong="04.6" mistake="none told apart"
# zh: 再看 1 个头那一行：它和 3 个头相差多少？
# en: look at the row of one head again: how far is it from three?
conclusion = "C"
