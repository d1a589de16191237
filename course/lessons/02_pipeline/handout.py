# %% [markdown] lang="zh"
# # 02 · 管道：从文件到一批批张量
#
# ## 1. 评估：一步一步
#
# 600 × 400（宽 × 高）的照片，`Resize(248)`、`CenterCrop(224)`、`Normalize`、`HWC2CHW`：
#
# | 之后 | 形状 | 范围 |
# |---|---|---|
# | 文件 | (400, 600, 3) | 0 到 255 |
# | Resize | ([[248]], [[372]], 3) | 0 到 255 |
# | CenterCrop | [[(224, 224, 3)]] | 0 到 255 |
# | Normalize | [[(224, 224, 3)]] | [[−1 到 1]] |
# | HWC2CHW | [[(3, 224, 224)]] | [[−1 到 1]] |
#
# $$x = \frac{p/255 - 0.5}{0.5}$$
#
# 反过来，$p =$ [[255 (0.5 x + 0.5)]]。白色变成 [[1]]；误用 ImageNet 的统计值（红色：均值 0.485，标准差 0.229），白色变成 [[2.25]]。
#
# ## 2. 裁多大
#
# $h\cdot w = a\cdot H\cdot W$，$w/h = r$，所以 $h =$ [[√(aHW/r)]]，$w =$ [[√(aHWr)]]。
#
# $H=400$，$W=600$，$a=0.25$，$r=1.5$：$h =$ [[200]]，$w =$ [[300]]。
#
# ## 3. 缩小图像
#
# 1600 缩到 200：一个新像素对应原来的 [[64]] 个。不求平均，细环变成假的粗环，叫[[混叠]]。MindSpore 里与 Pillow 一致的是 [[PILCUBIC]]。
#
# ## 4. 一批一批
#
# | | 评估 | 训练 |
# |---|---|---|
# | 顺序 | [[固定]] | 由（种子，[[轮次]]）决定 |
# | 最后不满一批 | [[也要给出]] | 可以丢 |
#
# 10 张图，批大小 4：各批有 4、4、[[2]] 张。
#
# ## 5. 够快吗
#
# 管道每秒 450 张，网络每秒吃 50 张，同时进行：5000 张一轮约 [[100]] 秒，瓶颈是[[网络]]。
# %% [markdown] lang="en"
# # 02 · The pipeline: from files to batches of tensors
#
# ## 1. Evaluation, step by step
#
# A photograph of 600 × 400 (width × height); `Resize(248)`, `CenterCrop(224)`, `Normalize`, `HWC2CHW`:
#
# | after | shape | range |
# |---|---|---|
# | file | (400, 600, 3) | 0 to 255 |
# | Resize | ([[248]], [[372]], 3) | 0 to 255 |
# | CenterCrop | [[(224, 224, 3)]] | 0 to 255 |
# | Normalize | [[(224, 224, 3)]] | [[−1 to 1]] |
# | HWC2CHW | [[(3, 224, 224)]] | [[−1 to 1]] |
#
# $$x = \frac{p/255 - 0.5}{0.5}$$
#
# Turned round, $p =$ [[255 (0.5 x + 0.5)]]. White becomes [[1]]; with ImageNet's statistics by mistake (red: mean 0.485, deviation 0.229) it becomes [[2.25]].
#
# ## 2. How large a crop
#
# $h\cdot w = a\cdot H\cdot W$ and $w/h = r$, so $h =$ [[√(aHW/r)]], $w =$ [[√(aHWr)]].
#
# $H=400$, $W=600$, $a=0.25$, $r=1.5$: $h =$ [[200]], $w =$ [[300]].
#
# ## 3. Shrinking
#
# 1600 to 200: a new pixel stands for [[64]] old ones. Not averaged, fine rings come out as coarse ones that are not there: [[aliasing]]. As Pillow does it, in MindSpore: [[PILCUBIC]].
#
# ## 4. Batches
#
# | | evaluation | training |
# |---|---|---|
# | order | [[fixed]] | by (seed, [[epoch]]) |
# | last, partial batch | [[kept]] | may be dropped |
#
# 10 pictures in batches of 4: there are 4, 4 and [[2]].
#
# ## 5. Fast enough?
#
# The pipeline prepares 450 images a second, the network eats 50, at the same time: an epoch of 5000 takes about [[100]] seconds; the bottleneck is the [[network]].
