# %% [markdown] lang="zh"
# # 09 · 推理：它说什么，它看哪里
#
# ## 1. 温度
#
# $$p = \mathrm{softmax}(z/T)$$
#
# $z = (2, 0)$。$T=1$：$e^2 \approx 7.39$，$p_1 =$ [[0.88]]。$T=2$：$e^1 \approx 2.72$，$p_1 =$ [[0.73]]。$T$ 变大，分布变[[平]]；第一名[[不变]]，所以准确率[[不变]]。
#
# ## 2. 校准误差（ECE）
#
# | 格子 | 张数 | 平均说 | 对了 | 差 |
# |---|---|---|---|---|
# | 0.5 到 0.6 | 20 | 0.55 | 0.50 | 0.05 |
# | 0.9 到 1.0 | 80 | 0.95 | 0.75 | [[0.20]] |
#
# $$\mathrm{ECE}=\sum_b \frac{n_b}{n}\,\big|\,\overline{\text{says}}_b-\overline{\text{right}}_b\,\big|$$
#
# 等于 0.2 × 0.05 + 0.8 × [[0.20]] = [[0.17]]；这个模型[[过度自信]]，温度应当[[大于 1]]。
#
# 挑温度的图和报告误差的图，应当[[不同]]。
#
# ## 3. Rollout，两层，两个 token
#
# $R=(\tfrac12\bar A_2+\tfrac12 I)(\tfrac12\bar A_1+\tfrac12 I)$：先经过的层写在右边。
#
# $\bar A_1 = \begin{pmatrix}0.2 & 0.8\\ 0.6 & 0.4\end{pmatrix}$，$\tfrac12\bar A_1+\tfrac12 I$ 的第一行是 (0.6, [[0.4]])，第二行是 ([[0.3]], 0.7)。$\bar A_2 = \begin{pmatrix}1 & 0\\ 0.5 & 0.5\end{pmatrix}$，$\tfrac12\bar A_2+\tfrac12 I$ 的第二行是 ([[0.25]], [[0.75]])，$R$ 的第二行是 ([[0.375]], [[0.625]])，和是 [[1]]。
#
# ## 4. 给注意力图打分（200 张图）
#
# | 遮住 16 块（64 块里） | 还对百分之几 |
# |---|---|
# | 看得最多的 | [[72 %]] |
# | 属于物体的 | [[78 %]] |
# | 正中间的 | [[92 %]] |
# | 随机的 | [[98 %]] |
# | 看得最少的 | [[98 %]] |
#
# 这些块[[要紧]]；至于[[怎样要紧]]，它没有说。
#
# ## 5. 从权重到图
#
# 在最后一层，怎样从 $(h, 1+N, 1+N)$ 的权重得到一张图？选一个头（或对头取[[平均]]），取[[类别 token 那一行]]（用它分类时），去掉[[类别 token 那一列]]，排成网格。
# %% [markdown] lang="en"
# # 09 · Inference: what it says, and where it looks
#
# ## 1. Temperature
#
# $$p = \mathrm{softmax}(z/T)$$
#
# $z = (2, 0)$. $T=1$: $e^2 \approx 7.39$, $p_1 =$ [[0.88]]. $T=2$: $e^1 \approx 2.72$, $p_1 =$ [[0.73]]. A larger $T$ makes it [[flatter]]; the first [[stays]], so accuracy [[stays]].
#
# ## 2. Calibration error (ECE)
#
# | bin | images | says | right | difference |
# |---|---|---|---|---|
# | 0.5 to 0.6 | 20 | 0.55 | 0.50 | 0.05 |
# | 0.9 to 1.0 | 80 | 0.95 | 0.75 | [[0.20]] |
#
# $$\mathrm{ECE}=\sum_b \frac{n_b}{n}\,\big|\,\overline{\text{says}}_b-\overline{\text{right}}_b\,\big|$$
#
# It is 0.2 × 0.05 + 0.8 × [[0.20]] = [[0.17]]; this model is [[overconfident]], its temperature should be [[above 1]].
#
# Images that choose the temperature, and images that report the error: they should be [[different ones]].
#
# ## 3. Rollout, two layers, two tokens
#
# $R=(\tfrac12\bar A_2+\tfrac12 I)(\tfrac12\bar A_1+\tfrac12 I)$: what comes first stands on the right.
#
# $\bar A_1 = \begin{pmatrix}0.2 & 0.8\\ 0.6 & 0.4\end{pmatrix}$; the first row of $\tfrac12\bar A_1+\tfrac12 I$ is (0.6, [[0.4]]), the second ([[0.3]], 0.7). With $\bar A_2 = \begin{pmatrix}1 & 0\\ 0.5 & 0.5\end{pmatrix}$ the second row of $\tfrac12\bar A_2+\tfrac12 I$ is ([[0.25]], [[0.75]]), that of $R$ ([[0.375]], [[0.625]]), which sums to [[1]].
#
# ## 4. An attention map scored (200 images)
#
# | 16 of 64 patches hidden | right, in percent |
# |---|---|
# | looked at most | [[72 %]] |
# | of the object | [[78 %]] |
# | in the centre | [[92 %]] |
# | at random | [[98 %]] |
# | looked at least | [[98 %]] |
#
# These patches [[matter]]; of [[how]] it says nothing.
#
# ## 5. From weights to a picture
#
# How do the weights of the last layer, $(h, 1+N, 1+N)$, become a picture? Choose a head, or take the [[mean]] over heads, then [[the class token's row]] (where it classifies), leave out [[the class token's column]], and lay it out as the grid.
