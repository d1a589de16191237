# %% [markdown] lang="zh"
# # 03 · 图像块嵌入
#
# $$z_0 = [x_\text{class}; x_p^1 E; x_p^2 E; \dots; x_p^N E] + E_\text{pos}$$
#
# ## 1. 数一数
#
# | | 128 像素，块 8 | 384 像素，块 32 |
# |---|---|---|
# | 块数 $N$ | [[256]] | [[144]] |
# | 展平后一块的长度（3 个通道） | [[192]] | [[3072]] |
# | 加上类别 token，序列长 | [[257]] | [[145]] |
# | $D=768$ 时 $E$ 和偏置的参数（第二列是练习 03.2） | [[148224]] | [[2360064]] |
#
# ## 2. 切块：拆、换、合
#
# 4×4 的图，数是 0 到 15，$P=2$。第 0 块是 [[0 1 4 5]]，`reshape(4, 4)` 的第 0 行是 [[0 1 2 3]]。
#
# | 步 | 形状 |
# |---|---|
# | 开始 | $(C, H, W)$ |
# | 拆 | [[(C, H/P, P, W/P, P)]] |
# | 换 | [[(H/P, W/P, C, P, P)]] |
# | 合 | [[(N, C·P·P)]] |
#
# 块里的顺序是通道、行、列，因为 [[公开的卷积核 (D, C, P, P) 就这样展平]]。
#
# ## 3. 类别 token 和位置
#
# 类别 token 的形状 [[(1, 1, D)]]，学来的有几个？[[1]]。放在 [[最前面]]。位置的形状 [[(1, 1+N, D)]]，是 [[加]] 上去的。
#
# 没有位置，打乱图像块，logits [[不变（只差舍入）]]，因为 [[注意力只看内容，最后取平均或类别 token]]。
#
# 步长等于核边长的卷积，和切块再乘矩阵，是 [[同一个]] 函数；速度 [[要量]]。
# %% [markdown] lang="en"
# # 03 · Patch embedding
#
# $$z_0 = [x_\text{class}; x_p^1 E; x_p^2 E; \dots; x_p^N E] + E_\text{pos}$$
#
# ## 1. Counting
#
# | | 128 pixels, patches of 8 | 384 pixels, patches of 32 |
# |---|---|---|
# | patches $N$ | [[256]] | [[144]] |
# | length of a flattened patch (3 channels) | [[192]] | [[3072]] |
# | length of the sequence, class token included | [[257]] | [[145]] |
# | parameters of $E$ and its bias, $D=768$ (column 2 is exercise 03.2) | [[148224]] | [[2360064]] |
#
# ## 2. Cutting: split, exchange, join
#
# An image of 4×4, numbered 0 to 15, $P=2$. Patch 0 is [[0 1 4 5]]; row 0 of `reshape(4, 4)` is [[0 1 2 3]].
#
# | move | shape |
# |---|---|
# | at first | $(C, H, W)$ |
# | split | [[(C, H/P, P, W/P, P)]] |
# | exchange | [[(H/P, W/P, C, P, P)]] |
# | join | [[(N, C·P·P)]] |
#
# Inside a patch: channel, row, column, because [[published kernels (D, C, P, P) are flattened so]].
#
# ## 3. Class token and positions
#
# The class token has the shape [[(1, 1, D)]]; how many are learned? [[1]]. It goes [[in front]]. Positions have the shape [[(1, 1+N, D)]] and are [[added]].
#
# Without positions, shuffle the patches, and the logits [[stay, rounding aside]], because [[attention looks at contents; what is read is a mean or the class token]].
#
# A convolution whose stride is its kernel's side and "cut, then one matrix" are [[the same]] function; which is faster [[must be measured]].
