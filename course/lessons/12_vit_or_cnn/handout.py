# %% [markdown] lang="zh"
# # 12 · ViT 还是 CNN
#
# ## 1. 两个假设
#
# | | 近的才要紧 | 到处一样 |
# |---|---|---|
# | 卷积 | 假设 | 假设 |
# | 自注意力 | [[不假设]] | [[假设]] |
#
# 卷积 3 → 48 通道，核 7 × 7：48 × 3 × 7 × 7 = [[7,056]] 个参数。看数据之前就作的假设叫[[归纳偏置]]。
#
# ## 2. 感受野
#
# $r = 1$，$j = 1$ 开始；核跨 $k$ 处、步长 $s$：
#
# $$r \leftarrow r + (k-1)\,j \qquad j \leftarrow j\,s$$
#
# | 层（从图片起） | 感受野 |
# |---|---|
# | 3 × 3 步长 1，两层 | [[5]] |
# | 7 × 7 步长 4，再 3 × 3 步长 1 | [[15]] |
# | 3 × 3 步长 2，两层 | [[7]] |
#
# ## 3. 移动
#
# 卷积恰好跟着移，要移动[[总步长]]的整数倍，而且离开[[边缘]]。ViT 去掉位置之后，整块地移：[[也恰好跟着移]]。
#
# ## 4. `pad_mode="same"`
#
# 4 × 4 的全 1 图，3 × 3 的全 1 核，步长 2，默认的补法只补右边和下边：
#
# 左上 [[9]]，右上 6，左下 [[6]]，右下 4。
#
# ## 5. 公平的比赛
#
# 一样的：[[参数和乘加]]，[[更新]]，[[图]]。各用各的：[[学习率]]，而且不能在[[验证集]]上挑。
#
# ## 6. 我的猜测和结果
#
# | 画的张数 | 我猜谁领先 | 结果 |
# |---|---|---|
# | 500 | 　 | [[CNN]] |
# | 5,000 | 　 | [[CNN]] |
# | 50,000 | 　 | [[CNN]] |
#
# 5,000 张以上，ViT 在训练过的图上也只有约 85 %，叫[[欠拟合]]；缺的主要是[[更新]]。
# %% [markdown] lang="en"
# # 12 · ViT or CNN?
#
# ## 1. Two assumptions
#
# | | near is what matters | the same everywhere |
# |---|---|---|
# | convolution | assumed | assumed |
# | self-attention | [[not assumed]] | [[assumed]] |
#
# A convolution from 3 to 48 channels, kernel 7 × 7: 48 × 3 × 7 × 7 = [[7,056]] parameters. An assumption made before any data is an [[inductive bias]].
#
# ## 2. The receptive field
#
# From $r = 1$, $j = 1$; a kernel of $k$ places and stride $s$:
#
# $$r \leftarrow r + (k-1)\,j \qquad j \leftarrow j\,s$$
#
# | layers, from the image on | field |
# |---|---|
# | 3 × 3 of stride 1, twice | [[5]] |
# | 7 × 7 of stride 4, then 3 × 3 of stride 1 | [[15]] |
# | 3 × 3 of stride 2, twice | [[7]] |
#
# ## 3. Moving
#
# Convolutions move along exactly for multiples of the [[total stride]] and away from the [[border]]. A ViT without positions, moved by whole patches: [[moves along exactly, too]].
#
# ## 4. `pad_mode="same"`
#
# 4 × 4 ones, a 3 × 3 kernel of ones, stride 2; the default pads right and below only:
#
# upper left [[9]], upper right 6, lower left [[6]], lower right 4.
#
# ## 5. A fair contest
#
# The same: [[parameters and multiply-adds]], [[updates]], [[pictures]]. Each its own: the [[learning rate]], which must not be chosen on [[the validation set]].
#
# ## 6. My bet and the result
#
# | drawings | I bet on | result |
# |---|---|---|
# | 500 | &nbsp; | [[CNN]] |
# | 5,000 | &nbsp; | [[CNN]] |
# | 50,000 | &nbsp; | [[CNN]] |
#
# From 5,000 on the ViT has only about 85 % on what it was trained on: it [[underfits]]; what it lacks is mainly [[updates]].
