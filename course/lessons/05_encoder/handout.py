# %% [markdown] lang="zh"
# # 05 · 编码器
#
# ## 1. 层归一化，徒手算
#
# $$\mathrm{LN}(x) = \gamma\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta$$
#
# 一个 token $x = (1, 3, 5, 7)$，$\gamma = 1$，$\beta = 0$，$\epsilon$ 可以不计：
#
# | | 值 |
# |---|---|
# | $\mu$ | [[4]] |
# | $\sigma^2$（除以 $D$） | [[5]] |
# | $\mathrm{LN}(x)$ | [[(−1.34, −0.45, 0.45, 1.34)]] |
#
# 均值和方差是 [[每个 token]] 自己的，不是每个通道的。$\epsilon$ 写错了，哪种 token 上才看得出来？[[方差很小的]]
#
# ## 2. 一层编码器
#
# ![](block)
#
# 12 层，残差连接一共要穿过几个 LN？pre-norm：[[0]]，post-norm：[[24]]。ViT-Ti（pre-norm）一共有 [[25]] 个 LN。
#
# ## 3. 参数量，宽度 $D$，MLP 宽 $4D$
#
# 每个 Dense 都有偏置；归一化有 $\gamma$ 和 $\beta$。
#
# | | 公式 | $D=192$ |
# |---|---|---|
# | `qkv` 和 `proj` | $4D^2 + 4D$ | [[148224]] |
# | `fc1` 和 `fc2` | [[8D² + 5D]] | [[295872]] |
# | 两个归一化 | [[4D]] | [[768]] |
#
# 参数多的是 [[MLP]]。
#
# ## 4. 谁和谁说话
#
# | 改动一个 token，另外的 token 的输出 | 变不变 |
# |---|---|
# | 注意力 | [[变]] |
# | MLP | [[不变]] |
# | 层归一化 | [[不变]] |
#
# 24 层、没有残差、有归一化：先坏的是[[信号：token 全都一样]]。梯度消失了吗？[[没有]]
# %% [markdown] lang="en"
# # 05 · The encoder
#
# ## 1. Layer normalisation by hand
#
# $$\mathrm{LN}(x) = \gamma\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta$$
#
# A token $x = (1, 3, 5, 7)$, $\gamma = 1$, $\beta = 0$; $\epsilon$ may be left out:
#
# | | value |
# |---|---|
# | $\mu$ | [[4]] |
# | $\sigma^2$ (divided by $D$) | [[5]] |
# | $\mathrm{LN}(x)$ | [[(−1.34, −0.45, 0.45, 1.34)]] |
#
# Mean and variance belong to each [[token]], not to each channel. On which tokens does a wrong $\epsilon$ show? [[those of small variance]]
#
# ## 2. One block
#
# ![](block)
#
# 12 blocks: how many LNs does the skip connection pass? Pre-norm: [[0]], post-norm: [[24]]. ViT-Ti (pre-norm) has [[25]] LNs in all.
#
# ## 3. Parameters, width $D$, the MLP $4D$ wide
#
# Every Dense has a bias; a norm has $\gamma$ and $\beta$.
#
# | | formula | $D=192$ |
# |---|---|---|
# | `qkv` and `proj` | $4D^2 + 4D$ | [[148224]] |
# | `fc1` and `fc2` | [[8D² + 5D]] | [[295872]] |
# | both norms | [[4D]] | [[768]] |
#
# Most of them are in [[the MLP]].
#
# ## 4. Who talks to whom
#
# | one token is changed; the outputs of the others | move or stay |
# |---|---|
# | attention | [[move]] |
# | MLP | [[stay]] |
# | layer normalisation | [[stay]] |
#
# 24 blocks without skip connections, with normalisation: what breaks first is [[the signal: all tokens are the same]]. Do gradients vanish? [[no]]
