# %% solution="06.1"
def count(D, L, P, K, side):
    block = 12 * D * D + 13 * D
    embedding = 3 * P * P * D + D
    places = 1 + (side // P) ** 2
    return embedding + D + places * D + L * block + 2 * D + D * K + K


# %% [markdown] hint="06.1" lang="zh"
# 六项：图像块嵌入、类别 token、位置、$L$ 个编码器层、最后的归一化、分类头。


# %% [markdown] hint="06.1" lang="en"
# Six terms: patch embedding, class token, positions, $L$ blocks, the last normalisation, the head.


# %% [markdown] hint="06.1" lang="zh"
# 和程序对照：`count(192, 12, 16, 1000, 224)` 应等于上面打印的 ViT-Ti。差了多少，往往就说明少了什么。


# %% [markdown] hint="06.1" lang="en"
# Compare with the program: `count(192, 12, 16, 1000, 224)` should be what was printed for ViT-Ti. The difference often tells what is missing.


# %% [markdown] hint="06.1" lang="zh"
# 图像块嵌入是一个 `Dense`，输入有 $3P^2$ 个数；位置比图像块多一个；归一化有 $\gamma$ 和 $\beta$ 各 $D$ 个；分类头也是一个 `Dense`。


# %% [markdown] hint="06.1" lang="en"
# The patch embedding is a `Dense` with $3P^2$ inputs; there is one position more than patches; a normalisation has $D$ of $\gamma$ and of $\beta$; the head is a `Dense`, too.


# %% wrong="06.1" mistake="no position for the class token"
# zh: 少了 D 个：类别 token、它的位置、图像块嵌入的偏置，哪一个没有算上？
# en: D too few: the class token, its position, or the bias of the patch embedding: which is left out?
def count(D, L, P, K, side):
    n = (side // P) ** 2
    return 3 * P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + 2 * D + D * K + K


# %% wrong="06.1" mistake="no last norm"
# zh: 少了 2D 个：是最后的归一化，还是两个长为 D 的小项（类别 token、它的位置、图像块嵌入的偏置）？
# en: 2D too few: the last normalisation, or two of the small terms (class token, its position, the bias of the patch embedding)?
def count(D, L, P, K, side):
    n = 1 + (side // P) ** 2
    return 3 * P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + D * K + K


# %% wrong="06.1" mistake="no head bias"
# zh: 少了 K 个：分类头的偏置
# en: K too few: the bias of the head
def count(D, L, P, K, side):
    n = 1 + (side // P) ** 2
    return 3 * P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + 2 * D + D * K


# %% wrong="06.1" mistake="one channel"
# zh: 图像块嵌入少算了三个通道
# en: the patch embedding leaves out that there are three channels
def count(D, L, P, K, side):
    n = 1 + (side // P) ** 2
    return P * P * D + D + D + n * D + L * (12 * D * D + 13 * D) + 2 * D + D * K + K


# %% solution="06.2"
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        settings = {
            "mlp_ratio": config.mlp_ratio,
            "drop_rate": config.drop_rate,
            "attn_drop_rate": config.attn_drop_rate,
            "gelu": config.gelu,
        }
        self.blocks = nn.CellList([Block(D, config.num_heads, **settings) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)  # (B, N, D)
        cls = ops.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))  # (B, 1, D)
        x = self.pos_drop(ops.concat((cls, x), axis=1) + self.pos_embed)  # (B, 1+N, D)
        for block in self.blocks:
            x = block(x)  # (B, 1+N, D)
        x = self.norm(x)
        x = x[:, 1:].mean(axis=1) if self.mean else x[:, 0]  # (B, D)
        return self.head(x)  # (B, K)


# %% right="06.2"
# tile, a SequentialCell for the blocks' loop, ifs
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        self.pool = config.pool
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, config.embed_dim)
        self.cls_token = ms.Parameter(ms.Tensor(np.zeros((1, 1, config.embed_dim)), ms.float32), name="cls_token")
        grid = config.image_size // config.patch_size
        self.pos_embed = ms.Parameter(ms.Tensor(np.zeros((1, grid * grid + 1, config.embed_dim)), ms.float32))
        self.drop = nn.Dropout(p=config.drop_rate)
        blocks = []
        for _ in range(config.depth):
            blocks.append(
                Block(
                    config.embed_dim,
                    config.num_heads,
                    mlp_ratio=config.mlp_ratio,
                    drop_rate=config.drop_rate,
                    attn_drop_rate=config.attn_drop_rate,
                    gelu=config.gelu,
                )
            )
        self.blocks = nn.SequentialCell(blocks)
        self.norm = nn.LayerNorm((config.embed_dim,), epsilon=config.norm_eps)
        self.head = nn.Dense(config.embed_dim, config.num_classes)

    def construct(self, images):
        tokens = self.patch_embed(images)
        first = self.cls_token.tile((tokens.shape[0], 1, 1))
        x = self.drop(ops.cat([first, tokens], axis=1) + self.pos_embed)
        x = self.norm(self.blocks(x))
        if self.pool == "mean":
            return self.head(ops.mean(x[:, 1:, :], 1))
        return self.head(x[:, 0, :])


# %% right="06.2"
# positions added before the class token is put in front
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        tokens = self.patch_embed(images) + self.pos_embed[:, 1:]
        cls = ops.tile(self.cls_token + self.pos_embed[:, :1], (images.shape[0], 1, 1))
        x = self.pos_drop(ops.concat((cls, tokens), axis=1))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 1:].mean(axis=1) if self.mean else self.norm(x[:, 0]))


# %% [markdown] hint="06.2" lang="zh"
# 先写 `__init__`，运行检查：它会说还缺哪些参数、哪个形状不对。全对以后再写 `construct`。
# %% [markdown] hint="06.2" lang="en"
# Write `__init__` first and run the check: it says which parameters are missing and which shape is wrong. Then write `construct`.
# %% [markdown] hint="06.2" lang="zh"
# `ops.broadcast_to(self.cls_token, (B, 1, D))` 给每张图一份类别 token，`ops.concat((…, …), axis=1)` 把它放到最前面，再加 `pos_embed`（就是 03.4）。之后用 `for` 逐个过 `self.blocks`。
# %% [markdown] hint="06.2" lang="en"
# `ops.broadcast_to(self.cls_token, (B, 1, D))` repeats the class token for each image, `ops.concat((..., ...), axis=1)` puts it in front; then add `pos_embed` (as in 03.4). After that a `for` goes through `self.blocks`.
# %% [markdown] hint="06.2" lang="zh"
# 归一化在取类别 token（或平均）**之前**。类别 token 是第 0 个，图像块从第 1 个开始；在 `__init__` 里把 `config.pool` 记下来。
# %% [markdown] hint="06.2" lang="en"
# Normalise **before** taking the class token (or the mean). The class token is number 0, patches begin at 1; keep `config.pool` in `__init__`.


# %% wrong="06.2" mistake="no final norm"
# zh: 少了最后的归一化 norm
# en: the last normalisation, norm, is missing
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)
        cls = ops.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))
        x = ops.concat((cls, x), axis=1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(x[:, 1:].mean(axis=1) if self.mean else x[:, 0])


# %% wrong="06.2" mistake="no positions"
# zh: 没有加位置 pos_embed
# en: the positions, pos_embed, were not added
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)
        cls = ops.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))
        x = ops.concat((cls, x), axis=1)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x[:, 1:].mean(axis=1) if self.mean else x[:, 0])


# %% wrong="06.2" mistake="class token last"
# zh: 类别 token 放到了最后（取的也是最后一个）；它在第 0 个，位置也是
# en: the class token stands last (and the last token was taken); it is token 0, and so is its position
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)
        cls = ops.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))
        x = ops.concat((x, cls), axis=1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x[:, :-1].mean(axis=1) if self.mean else x[:, -1])


# %% wrong="06.2" mistake="mean of the patches"
# zh: pool 是 token 时取了平均；应当取类别 token
# en: the mean was taken although pool is token; it should be the class token
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)
        cls = ops.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))
        x = ops.concat((cls, x), axis=1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 1:].mean(axis=1))


# %% wrong="06.2" mistake="first patch taken"
# zh: 取了第 1 个 token，那是第一个图像块；类别 token 是第 0 个
# en: token 1 was taken, the first patch; the class token is number 0
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)
        cls = ops.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))
        x = ops.concat((cls, x), axis=1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 1])


# %% wrong="06.2" mistake="one block"
# zh: 只过了一层；每一层都要过
# en: only one block was used; every block has its turn
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)
        cls = ops.broadcast_to(self.cls_token, (x.shape[0], 1, x.shape[2]))
        x = ops.concat((cls, x), axis=1) + self.pos_embed
        x = self.blocks[0](x)
        x = self.norm(x)
        return self.head(x[:, 1:].mean(axis=1) if self.mean else x[:, 0])


# %% wrong="06.2" mistake="class token not learned"
# zh: 拼在前面的不是 cls_token，是零
# en: what stands in front is zeros, not cls_token
class ViT(nn.Cell):
    def __init__(self, config):
        super().__init__()
        D = config.embed_dim
        self.mean = config.pool == "mean"
        self.patch_embed = PatchEmbedding(config.patch_size, config.in_channels, D)
        self.cls_token = ms.Parameter(ops.zeros((1, 1, D), ms.float32), name="cls_token")
        self.pos_embed = ms.Parameter(ops.zeros((1, 1 + config.num_patches, D), ms.float32), name="pos_embed")
        self.pos_drop = nn.Dropout(p=config.drop_rate)
        rest = {name: getattr(config, name) for name in ("mlp_ratio", "drop_rate", "attn_drop_rate", "gelu")}
        self.blocks = nn.CellList([Block(D, config.num_heads, **rest) for _ in range(config.depth)])
        self.norm = LayerNorm(D)
        self.head = nn.Dense(D, config.num_classes)

    def construct(self, images):
        x = self.patch_embed(images)
        x = ops.concat((ops.zeros((x.shape[0], 1, x.shape[2]), x.dtype), x), axis=1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x[:, 1:].mean(axis=1) if self.mean else x[:, 0])


# %% solution="06.4"
fits = "ACEG"
# %% [markdown] hint="06.4" lang="zh"
# 把每项设置和参数的形状对起来：哪些参数的形状里有 $P$、$N$、$K$、$h$、$\epsilon$？
# %% [markdown] hint="06.4" lang="en"
# Check each setting against the shapes of the parameters: in which of them do $P$, $N$, $K$, $h$, $\epsilon$ occur?
# %% [markdown] hint="06.4" lang="zh"
# 每个字母都找一找：哪个参数的形状会变？找不到，就装得进去。
# %% [markdown] hint="06.4" lang="en"
# For each letter, name a parameter whose shape changes; if you find none, it fits.
# %% [markdown] hint="06.4" lang="zh"
# 图像块嵌入的矩阵有 $3P^2$ 个输入；位置有 $1+N$ 个；分类头有 $K$ 行。
# %% [markdown] hint="06.4" lang="en"
# The patch embedding's matrix has $3P^2$ inputs; there are $1+N$ positions; the head has $K$ rows.
# %% wrong="06.4" mistake="heads"
# zh: C、E、G 对了；再看 A：哪个参数的形状里有头数？
# en: C, E and G are right; look at A again: in the shape of which parameter does the number of heads occur?
fits = "CEG"
# %% wrong="06.4" mistake="larger images"
# zh: D 不行：位置有 1+N 个，384 的图 N 变了，要重采样才装得进去
# en: not D: there are 1+N positions, and images of 384 have another N; they must be resampled to fit
fits = "ACDEG"
# %% wrong="06.4" mistake="classes"
# zh: F 不行：分类头有 K 行
# en: not F: the head has K rows
fits = "ACEFG"
# %% wrong="06.4" mistake="patches"
# zh: B 不行：图像块嵌入的矩阵有 3P² 个输入，位置的个数也变了
# en: not B: the patch embedding's matrix has 3P² inputs, and the number of positions changes, too
fits = "ABCEG"
# %% wrong="06.4" mistake="pooling"
# zh: A、E、G 对了；再看 C：池化有参数吗？
# en: A, E and G are right; look at C again: does pooling have parameters?
fits = "AEG"


# %% investigation="06.5"
predicted = 0.6
investigate("06.5", predicted, depth=2)


# %% solution="06.5"
conclusion = "C"


# %% [markdown] hint="06.5" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="06.5" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="06.5" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="06.5" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="06.5" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="06.5" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="06.5" mistake="deeper is better"
# zh: 从上到下看平均值：层数增加，准确率往哪边走？
# en: follow the means from top to bottom: as blocks are added, which way does accuracy go?
conclusion = "A"


# %% wrong="06.5" mistake="none told apart"
# zh: 2 层和 6 层相差多少，够分得开吗？
# en: how far apart are 2 and 6 blocks: far enough?
conclusion = "B"
