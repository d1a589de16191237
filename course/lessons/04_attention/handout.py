# %% [markdown] lang="zh"
# # 04 · 自注意力
#
# ## 1. 一行注意力，徒手算
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# 三个 token，$d=4$，$\sqrt d=2$。$e^{2.5}\approx 12.18$，$e^{2}\approx 7.39$，$e^{0}=1$。
#
# | | 分数 $q\cdot k/2$ | 权重 |
# |---|---|---|
# | 天空 1 | 2.5 | [[0.592]] |
# | 天空 2 | 2 | [[0.359]] |
# | 草地 | 0 | [[0.049]] |
#
# 所有分数都加 5，权重怎样变？[[不变：只有差要紧]]
#
# ## 2. 所有 token 一起
#
# 把分数、权重和输出画在右边的空白里。
#
# ![](qkv#1)
#
# | 量 | 形状 | |
# |---|---|---|
# | $x$ | $(N, D)$ | 每行一个 token |
# | $Q, K, V$ | $(N, d)$ | $x$ 乘 $W_q, W_k, W_v$ |
# | $QK^\top/\sqrt d$ | [[(N, N)]] | 行：谁在问；列：[[问谁]] |
# | softmax 之后 | $(N, N)$ | 每[[行]]之和为 1 |
# | 乘 $V$ | [[(N, d)]] | 值的加权平均 |
#
# ## 3. 多头
#
# 画出 reshape 和 transpose 之后，两个头里各是哪些数（$h = 2$）。
#
# ![](heads#0)
#
# $(B, N, D)$ → `reshape` → [[(B, N, h, d)]] → `transpose` → [[(B, h, N, d)]] → 注意力 → `transpose` → `reshape` → [[(B, N, D)]]
#
# 直接 `reshape` 成 $(B, h, N, d)$ 行不行？[[不行：头 0 只看到前几个 token]]
#
# $D = 192$，$h = 3$：$d =$ [[64]]；除以 [[8]]。头数变成 6，参数变多吗？[[不变]]
#
# ## 4. 回家想
#
# 所有的键都相同时，注意力输出什么？[[所有值的平均]]　没有位置时打乱 token，输出怎样变？[[各行跟着换顺序，数不变]]
# %% [markdown] lang="en"
# # 04 · Self-attention
#
# ## 1. One row of attention, by hand
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# Three tokens, $d=4$, so $\sqrt d=2$. $e^{2.5}\approx 12.18$, $e^{2}\approx 7.39$, $e^{0}=1$.
#
# | | score $q\cdot k/2$ | weight |
# |---|---|---|
# | sky 1 | 2.5 | [[0.592]] |
# | sky 2 | 2 | [[0.359]] |
# | grass | 0 | [[0.049]] |
#
# Add 5 to every score. What happens to the weights? [[nothing: only differences matter]]
#
# ## 2. All tokens at once
#
# Draw scores, weights and output into the space on the right.
#
# ![](qkv#1)
#
# | what | shape | |
# |---|---|---|
# | $x$ | $(N, D)$ | a row for each token |
# | $Q, K, V$ | $(N, d)$ | $x$ times $W_q, W_k, W_v$ |
# | $QK^\top/\sqrt d$ | [[(N, N)]] | rows: who asks; columns: [[who is asked]] |
# | after softmax | $(N, N)$ | each [[row]] sums to 1 |
# | times $V$ | [[(N, d)]] | weighted means of values |
#
# ## 3. Heads
#
# Draw which numbers are in each of two heads after reshape and transpose ($h = 2$).
#
# ![](heads#0)
#
# $(B, N, D)$ → `reshape` → [[(B, N, h, d)]] → `transpose` → [[(B, h, N, d)]] → attention → `transpose` → `reshape` → [[(B, N, D)]]
#
# Will a bare `reshape` to $(B, h, N, d)$ do? [[no: head 0 sees only the first tokens]]
#
# $D = 192$, $h = 3$: $d =$ [[64]]; divide by [[8]]. With 6 heads, are there more parameters? [[no, as many]]
#
# ## 4. To think about
#
# All keys the same: attention gives [[the mean of all values]]. Tokens shuffled, no positions: [[rows move along, numbers stay]].
