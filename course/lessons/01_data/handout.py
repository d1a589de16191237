# %% [markdown] lang="zh"
# # 01 · 数据：从文件夹到标签
#
# ## 1. 三份数据
#
# | | 用来 | 能不能用来挑选设置 |
# |---|---|---|
# | `train` | [[学]] | 留出一部分来挑（第 4 节） |
# | `val` | [[评估]] | 挑过就不再是“没见过的”：另留一份 test |
# | `infer` | 演示 | 不能 |
#
# 同一个人的照片，应当放在[[同一份]]里。
#
# ## 2. 每个通道的均值和标准差
#
# 四张只有一个像素的灰度图：0、51、204、255。在 0 到 1 的尺度上是 0、0.2、[[0.8]]、1；均值 [[0.5]]。
#
# $\sigma^2 = \tfrac14($ [[0.5]] $^2 + 0.3^2 + 0.3^2 +$ [[0.5]] $^2)$，$\sigma$ 等于 [[0.412]]（除以 n，不是 n−1）。每张图各自的标准差都是 [[0]]：先算每张图再平均，就漏掉了图与图的差别。
#
# ## 3. 标签
#
# | 文件夹 | 在十个里的次序 | 在 ImageNet 里 |
# |---|---|---|
# | n01443537 金鱼 | 0 | [[1]] |
# | n02165456 瓢虫 | [[1]] | 301 |
# | n07753592 香蕉 | 9 | 954 |
#
# 评估公开的权重用[[最右]]一列；自己训练十类的分类头用中间一列。拿中间一列去评估公开的权重，会报错吗？[[不会]]
#
# ## 4. 分层划分（每类按同样的比例留；课后）
#
# 标签 $y$ = 0 0 0 1 0 1 0 0 1 0 0 1（编号 0 到 11）。每类留最前面的四分之一：0 类留 [[2]] 张，1 类留 1 张，编号是 [[0、1、3]]。
#
# ## 5. 坏文件
#
# | | `read_image` | MindSpore `Decode` |
# |---|---|---|
# | 只有六成 | [[报错]] | [[报错]] |
# | 其实是网页 | 报错 | 报错 |
# | 方向在 EXIF 里 | [[转过来]] | [[不理会]] |
# | 中间一段全是 0 | [[不报错]] | [[不报错]] |
#
# JPEG 以 `FF D8` 开头，以 [[FF D9]] 结尾。头尾齐全，能不能说明中间没有缺？[[不能]]
#
# ## 6. 最后一批
#
# 1000 张图（十类各 100 张），批大小 128，丢掉最后不足一批的，丢 [[104]] 张；按文件夹的次序读，丢光的是[[最后一类（9 号，香蕉）]]。
# %% [markdown] lang="en"
# # 01 · Data: from folders to labels
#
# ## 1. Three parts
#
# | | to | may it choose settings? |
# |---|---|---|
# | `train` | [[learn]] | a part held out of it may (section 4) |
# | `val` | [[evaluate]] | then it is no longer unseen: keep a test set besides |
# | `infer` | show | no |
#
# Photographs of one person belong into [[the same part]].
#
# ## 2. Mean and deviation of a channel
#
# Four grey pictures of one pixel each: 0, 51, 204, 255. On the scale from 0 to 1: 0, 0.2, [[0.8]], 1; their mean is [[0.5]].
#
# $\sigma^2 = \tfrac14($ [[0.5]] $^2 + 0.3^2 + 0.3^2 +$ [[0.5]] $^2)$, so $\sigma$ is [[0.412]] (divided by n, not n − 1). The deviation within each picture is [[0]]: averaging those leaves out how pictures differ.
#
# ## 3. Labels
#
# | folder | place among ten | in ImageNet |
# |---|---|---|
# | n01443537 goldfish | 0 | [[1]] |
# | n02165456 ladybug | [[1]] | 301 |
# | n07753592 banana | 9 | 954 |
#
# Published weights are evaluated with the [[last]] column, a head of ten classes of your own with the middle one. Published weights with the middle column: is an error raised? [[no]]
#
# ## 4. A stratified split (the same fraction of every class; at home)
#
# Labels $y$ = 0 0 0 1 0 1 0 0 1 0 0 1 (indices 0 to 11). Hold out the first quarter of each class: [[2]] of class 0, 1 of class 1; their indices are [[0, 1, 3]].
#
# ## 5. Broken files
#
# | | `read_image` | MindSpore `Decode` |
# |---|---|---|
# | six tenths of it | [[raises]] | [[raises]] |
# | a web page, in truth | raises | raises |
# | orientation in EXIF | [[turns it]] | [[ignores it]] |
# | zeros in the middle | [[silent]] | [[silent]] |
#
# A JPEG begins with `FF D8` and ends with [[FF D9]]. Both ends there: is the middle whole? [[not necessarily]]
#
# ## 6. The last batch
#
# 1000 pictures (100 of each of ten classes) in batches of 128; dropping the last, partial one loses [[104]]. Read folder by folder, it is the whole of [[the last class (number 9, banana)]].
