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
# 均值和方差是 [[每个 token]] 自己的，不是每个通道的。公开的 ViT 权重要 $\epsilon =$ [[1e-6]]，`nn.LayerNorm` 默认 [[1e-7]]。
#
# ## 2. 一层编码器
#
# ![](block)
#
# $z' = z +$ [[MSA(LN₁(z))]]　　$z'' =$ [[z' + MLP(LN₂(z'))]]
#
# ## 3. 参数量，宽度 $D$
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
# 24 层、没有残差、有归一化：先坏的是[[信号：token 全都一样]]，梯度[[没有消失]]。
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
# Mean and variance belong to each [[token]], not to each channel. Published ViT weights want $\epsilon =$ [[1e-6]]; `nn.LayerNorm` has [[1e-7]].
#
# ## 2. One block
#
# ![](block)
#
# $z' = z +$ [[MSA(LN₁(z))]]　　$z'' =$ [[z' + MLP(LN₂(z'))]]
#
# ## 3. Parameters, width $D$
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
# 24 blocks without skip connections, with normalisation: what breaks first is [[the signal: all tokens are the same]]; gradients [[do not vanish]].
