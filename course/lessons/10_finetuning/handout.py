# %% [markdown] lang="zh"
# # 10 · 微调：几张照片才够？
#
# ## 1. 两种借法，一种不借
#
# | | 训练的参数 | 特征算几次 |
# |---|---|---|
# | 线性探测 | [[只有新的分类头]] | [[一次]] |
# | 全部微调 | 全部 | 每一步都算 |
# | 从零开始 | 全部，从[[随机数]]开始 | 每一步都算 |
#
# ## 2. 最近的类中心，徒手算
#
# 蚂蚁两张：(1, 0)、(3, 0)；蜜蜂两张：(0, 4)、(2, 4)。
#
# 中心：蚂蚁 ([[2]], 0)，蜜蜂 ([[1]], 4)。
#
# 新图 (2, 1)：到蚂蚁中心的距离 [[1]]，到蜜蜂中心 $\sqrt{1+9} \approx$ [[3.16]]，所以是[[蚂蚁]]。
#
# 每类只有一张时，最差 [[45 %]]，最好 [[93 %]]：报告时至少写出[[平均和范围]]。
#
# ## 3. 底片（每类 50 张；分类头用公式，另两种 60 步）
#
# | 做法 | 对 |
# |---|---|
# | 只训练分类头 | [[73 %]] |
# | 全部微调 | [[81 %]] |
# | 从零开始 | [[31 %]] |
#
# 微调之后，原来的画从 99 % 掉到 [[71 %（一个种子）]]，这叫[[灾难性遗忘]]。
#
# ## 4. 换分辨率
#
# 224 ÷ 16 = [[14]]，每边这么多块；384 像素每边 [[24]] 块，一共 [[576]] 块。
#
# 一条线，两个位置 10、20，放大成四个（线性；里面的新位置取近的四分之三、远的四分之一）：10、[[12.5]]、[[17.5]]、20。
#
# 类别 token 的位置[[不动]]。把 196 个位置当成一条线插值，形状[[对]]，数[[错]]。
#
# ## 5. 分验证集
#
# 连拍三张，随机分：[[两边都有]]几乎一样的图。应当按[[场合]]分。
# %% [markdown] lang="en"
# # 10 · Fine-tuning: how few photographs will do?
#
# ## 1. Two ways to borrow, and one without
#
# | | parameters trained | features computed |
# |---|---|---|
# | linear probe | [[the new head only]] | [[once]] |
# | full fine-tuning | all | at every step |
# | from scratch | all, from [[random numbers]] | at every step |
#
# ## 2. The nearest mean, by hand
#
# Two ants: (1, 0), (3, 0); two bees: (0, 4), (2, 4).
#
# Means: ants ([[2]], 0), bees ([[1]], 4).
#
# A new image (2, 1): [[1]] from the ants' mean, $\sqrt{1+9} \approx$ [[3.16]] from the bees', so it is an [[ant]].
#
# With one image a class the worst draw gives [[45 %]], the best [[93 %]]: report at least [[mean and range]].
#
# ## 3. Negatives (50 of each class; the head by formula, the others 60 steps)
#
# | way | right |
# |---|---|
# | head alone | [[73 %]] |
# | full fine-tuning | [[81 %]] |
# | from scratch | [[31 %]] |
#
# Fine-tuned, the drawings as they were fall from 99 % to [[71 % (one seed)]]: [[catastrophic forgetting]].
#
# ## 4. Another resolution
#
# 224 / 16 = [[14]] patches a side; 384 pixels have [[24]] a side, [[576]] in all.
#
# A line of two positions, 10 and 20, made four (linear: a new inner place takes ¾ of the nearer and ¼ of the farther): 10, [[12.5]], [[17.5]], 20.
#
# The class token's position [[stays]]. With 196 positions interpolated as one line, shapes are [[right]] and numbers [[wrong]].
#
# ## 5. Splitting off a validation set
#
# Bursts of three, split at random: nearly the same image is [[on both sides]]. Split by [[occasion]].
