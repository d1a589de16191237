# %% [markdown] lang="zh"
# # 12 · ViT 还是 CNN
#
# ## 1. 两个假设
#
# | | 局部 | 处处相同 |
# |---|---|---|
# | 卷积 | 假设 | 假设 |
# | 自注意力 | [[不假设]] | [[假设]] |
#
# 3 × 64 × 64 的图变成 48 × 16 × 16。卷积，核 7 × 7：[[48 × 3 × 7 × 7 = 7,056]] 个参数；全连接：[[12,288 × 12,288 = 150,994,944]] 个，约 [[21,400]] 倍。看到数据之前就有的假设叫[[归纳偏置]]。
#
# ## 2. 感受野
#
# $r = 1$，$j = 1$ 开始；核的边长 $k$、步长 $s$：
#
# $$r \leftarrow r + (k-1)\,j \qquad j \leftarrow j\,s$$
#
# | 层（从图片起） | 感受野 |
# |---|---|
# | 3 × 3 步长 1，两层 | [[5]] |
# | 7 × 7 步长 4，再 3 × 3 步长 1 | [[15]] |
# | 5 × 5 步长 2，再 3 × 3 步长 1 | [[9]] |
#
# ## 3. 移动
#
# 卷积完全跟着移，要移动[[总步长]]的整数倍，而且感受野碰不到[[边缘]]。没有位置的 ViT，移动整块时：[[完全跟着移]]；加上位置之后：[[不再：同样的内容在别的位置，token 就不同]]
#
# ## 4. `pad_mode="same"`
#
# 4 × 4 的全 1 图，3 × 3 的全 1 核，步长 2，默认的补法只补右边和下边：
#
# 左上 [[9]]，右上 6，左下 [[6]]，右下 4。
#
# ## 5. 公平的比赛
#
# 相近的：[[参数和乘加]]。一样的：[[更新]]，[[图]]。各用各的：[[学习率]]，而且不能在[[验证集]]上挑。
#
# ## 6. 我的猜测和结果
#
# | 张数 | 我猜谁领先，几个百分点 | 量得，画 | 量得，照片 |
# |---|---|---|---|
# | 500 | 　 | [[CNN，约 22]] | [[CNN，约 9]] |
# | 5,000 | 　 | [[CNN，约 15]] | [[CNN，约 12]] |
# | 50,000 | 　 | [[CNN，约 15]] | [[CNN，约 12]] |
#
# 5,000 张以上，ViT 在训练过的画上有约 [[85 %]]，叫[[欠拟合]]；缺的主要是[[更新]]。
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
# From 3 × 64 × 64 to 48 × 16 × 16. A convolution, kernel 7 × 7: [[48 × 3 × 7 × 7 = 7,056]] parameters; fully connected: [[12,288 × 12,288 = 150,994,944]], about [[21,400]] times as many. An assumption made before any data is an [[inductive bias]].
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
# | 5 × 5 of stride 2, then 3 × 3 of stride 1 | [[9]] |
#
# ## 3. Moving
#
# Convolutions move along exactly for multiples of the [[total stride]], where no field reaches the [[border]]. A ViT without positions, for whole patches: [[moves along exactly]]; with positions: [[no longer: the same content at another place is another token]]
#
# ## 4. `pad_mode="same"`
#
# 4 × 4 ones, a 3 × 3 kernel of ones, stride 2; the default pads right and below only:
#
# upper left [[9]], upper right 6, lower left [[6]], lower right 4.
#
# ## 5. A fair contest
#
# Alike: [[parameters and multiply-adds]]. The same: [[updates]], [[pictures]]. Each its own: the [[learning rate]], which must not be chosen on [[the validation set]].
#
# ## 6. My bet and the result
#
# | pictures | I bet on, by how many points | measured, drawings | measured, photographs |
# |---|---|---|---|
# | 500 | &nbsp; | [[CNN, about 22]] | [[CNN, about 9]] |
# | 5,000 | &nbsp; | [[CNN, about 15]] | [[CNN, about 12]] |
# | 50,000 | &nbsp; | [[CNN, about 15]] | [[CNN, about 12]] |
#
# From 5,000 on the ViT has about [[85 %]] on the drawings it was trained on: it [[underfits]]; what it lacks is mainly [[updates]].
