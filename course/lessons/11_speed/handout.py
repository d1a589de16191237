# %% [markdown] lang="zh"
# # 11 · 速度：什么慢，最多能快多少
#
# ## 1. 一层的乘加
#
# $T=1+N$ 个 token，宽 $D$，MLP 宽四倍：
#
# | 哪里 | 乘加 | 除以 $TD$，$T=197$，$D=192$ |
# |---|---|---|
# | `qkv` 和 `proj` | $4TD^2$ | 768 |
# | $QK^\top$ 和 $AV$ | [[2T²D]] | [[394]] |
# | MLP | $8TD^2$ | [[1536]] |
#
# 随 $T$ 的平方增长的只有[[注意力的两个乘积]]；它超过 `qkv` 和 `proj`，要到 $T >$ [[2D]]。
#
# ## 2. 计时的三条规矩
#
# 等[[结果]]再看表；[[头几次]]不算；取[[中位数]]，在同一次运行里轮流量。
#
# ## 3. Amdahl 定律
#
# $$\text{speedup}=\frac{1}{(1-s)+s/f}$$
#
# | 占多少 $s$ | 它的速度变为几倍 $f$ | 整体变为几倍 |
# |---|---|---|
# | 0.8 | 4 | [[2.5]] |
# | 0.8 | 很多 | 至多 [[5]] |
# | 0.05 | 很多 | 至多约 [[1.053]] |
# | 0.75 | 很多 | 至多 [[4]] |
#
# ## 4. 数出来的和量出来的
#
# 图像块嵌入写成卷积：占次数的 2.3 %，在课件那台机器上占时间的 [[约七成]]。换成矩阵乘，数学上[[一样]]，特征只差[[舍入误差]]。
#
# 简单的逐元素运算（如 `BiasAdd`）次数少、时间多，因为每个算子都要把所有的数[[搬进搬出一次]]；合在一起叫[[融合]]。
#
# ## 5. 数据并行
#
# | | 一个进程 | $n$ 个进程 |
# |---|---|---|
# | 每步的图 | $B$ | 每个 [[B/n]]，训练才一样 |
# | 梯度 | 自己的 | 取[[平均]] |
# | 每个进程读的图 | 全部 | 各不相同，[[一样多]] |
# %% [markdown] lang="en"
# # 11 · Speed: what is slow, and how much there is to gain
#
# ## 1. Multiply-adds of a block
#
# $T=1+N$ tokens, width $D$, an MLP four times as wide:
#
# | where | multiply-adds | over $TD$, for $T=197$, $D=192$ |
# |---|---|---|
# | `qkv` and `proj` | $4TD^2$ | 768 |
# | $QK^\top$ and $AV$ | [[2T²D]] | [[394]] |
# | MLP | $8TD^2$ | [[1536]] |
#
# Only [[attention's two products]] grow with the square of $T$; they overtake `qkv` and `proj` at $T >$ [[2D]].
#
# ## 2. Three rules of timing
#
# Wait for the [[result]] before the clock; leave out the [[first few calls]]; take the [[median]], by turns in one run.
#
# ## 3. Amdahl's law
#
# $$\text{speedup}=\frac{1}{(1-s)+s/f}$$
#
# | share $s$ | times as fast $f$ | the whole |
# |---|---|---|
# | 0.8 | 4 | [[2.5]] |
# | 0.8 | a great many | at most [[5]] |
# | 0.05 | a great many | at most about [[1.053]] |
# | 0.75 | a great many | at most [[4]] |
#
# ## 4. Counted and measured
#
# The patch embedding as a convolution: 2.3 % of the count, on the deck's machine [[about 70 %]] of the time. As a matrix product it is mathematically [[the same]]; features differ by [[rounding]].
#
# Simple element-wise work (`BiasAdd`) has a small count and takes long, since each op carries all numbers [[in and out once]]; joining them is [[fusion]].
#
# ## 5. Data parallel
#
# | | one process | $n$ processes |
# |---|---|---|
# | images a step | $B$ | [[B/n]] each, for the same training |
# | gradients | its own | [[averaged]] |
# | images read by each | all | different ones, [[equally many]] |
