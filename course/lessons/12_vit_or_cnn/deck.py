# %% [markdown] lang="zh" minutes="2 3 4"
# # 12 · ViT 还是 CNN
#
# 同样的条件下比一场
#
# ![](map_whole)
# %% [markdown] lang="en"
# # 12 · ViT or CNN?
#
# A contest on equal terms
#
# ![](map_whole)
# %% [markdown] lang="zh" note=true
# 先不讲课：每个人写下，500、5,000、50,000 张图时谁赢，各赢几个百分点。写在白板上，留到最后。再请大家打开笔记本 12，运行第一个单元格。存着的输出就是答案，看到“先猜再看”就合上电脑。
# %% [markdown] lang="en" note=true
# Before anything else: everybody writes down who wins with 500, 5,000 and 50,000 pictures, and by how many points. It stays on the board to the end. Then notebook 12, first cell. Stored outputs are the answers: at a bet, lids down.
# %% [markdown] lang="zh" minutes="4 6 10"
# ## 卷积假设了什么
#
# ![](fields)
# %% [markdown] lang="en"
# ## What a convolution assumes
#
# ![](fields)
# %% [markdown] lang="zh" note=true
# 每按一次键放大一部分。两个假设：**近的才要紧**；**到处一样**（共用权重）。自注意力也到处一样（同一组矩阵），但不假设“近”：谁看谁，从数据里学。论文的回答（Dosovitskiy 等，2020）：图够多 ViT 好，不够 CNN 好。多少才够？今天自己量。下半张图：先移动再卷积，等于先卷积再移动，要有两个条件，后面会量。
# %% [markdown] lang="en" note=true
# Each press enlarges a part. Two assumptions: **near is what matters**; **the same everywhere** (shared weights). Self-attention is the same everywhere, too, but does not assume near: who looks at whom is learned. The paper (Dosovitskiy et al., 2020): enough pictures, and the ViT is better; fewer, the CNN. How many are enough? Today we measure. The lower half holds under two conditions, which come later.
# %% [markdown] lang="zh" minutes="2 4 7" bet=true
# ## 共用权重省了多少？
#
# 3 × 64 × 64 的图，变成 48 × 16 × 16 的特征。
#
# 卷积（核 7 × 7，步长 4），或者全连接（每个输入连每个输出），都不要偏置。
#
# **各有多少个参数？差几倍？**
# %% [markdown] lang="en"
# ## How much do shared weights save?
#
# An image of 3 × 64 × 64 becomes a map of 48 × 16 × 16.
#
# By a convolution (kernel 7 × 7, stride 4), or fully connected, each input to each output; no biases.
#
# **How many parameters has either, and how many times apart are they?**
# %% [markdown] lang="zh" note=true
# 写在讲义上：48 × 3 × 7 × 7；全连接是两边的个数相乘。
# %% [markdown] lang="en" note=true
# On the sheet: 48 × 3 × 7 × 7; fully connected is the product of both numbers.
# %% [markdown] lang="zh" minutes="2 3 6"
# ## 两万倍
#
# {output 48 * 3 * 7 * 7}
#
# - 这就是**归纳偏置**：看数据之前就作的假设
# - 假设对了，省图、省训练；错了，就有代价
# %% [markdown] lang="en"
# ## Twenty thousand times
#
# {output 48 * 3 * 7 * 7}
#
# - That is an **inductive bias**: an assumption made before any data
# - Where it holds it saves pictures and training; where not, it costs
# %% [markdown] lang="zh" note=true
# 运行 A·1 的单元格。ViT 的图像块嵌入也是到处一样的：同一个矩阵切遍全图。所以“ViT 没有归纳偏置”不对，只是少。
# %% [markdown] lang="en" note=true
# Run the cells of A·1. The ViT's patch embedding is the same everywhere, too: one matrix for every patch. So "a ViT has no inductive bias" is untrue; it has less.
# %% [markdown] lang="zh" minutes="- 9 14"
# ## 轮到你了：感受野
#
# {exercise 12.1}
#
# - 两个数：感受野 $r$（从 1 起），相邻两处隔几个像素 $j$（从 1 起）
# - 核跨 $k$ 处：$r \leftarrow r + (k-1)\,j$；步长 $s$：$j \leftarrow j\,s$
# %% [markdown] lang="en"
# ## Your turn: the receptive field
#
# {exercise 12.1}
#
# - Two numbers: the field $r$, from 1; the distance of neighbouring places $j$, from 1
# - A kernel of $k$ places: $r \leftarrow r + (k-1)\,j$; a stride $s$: $j \leftarrow j\,s$
# %% [markdown] lang="zh" note=true
# 先在讲义上做两层 3 × 3、步长 1：应是 5。八分钟。最常见：步长先乘再加核（次序反了）；忘了减 1。
# %% [markdown] lang="en" note=true
# On the sheet first, two layers of 3 × 3 and stride 1: it is 5. Eight minutes. Most often: the stride before the kernel; no minus 1.
# %% [markdown] lang="zh" minutes="4 6 10"
# ## 谁看得到多远？量一量
#
# {figure plt.subplots(1, 6 #3x1 | 六张图：CNN 各层中间那一处对输入的导数，感受野从小到大；没有训练的 ViT 第一层就看到整张图}
# %% [markdown] lang="en"
# ## How far does each see? Measured
#
# {figure plt.subplots(1, 6 #3x1 | Six panels: derivatives of the middle place with respect to the input; the CNN's field grows from layer to layer, the untrained ViT sees everything in its first block}
# %% [markdown] lang="zh" note=true
# 运行 A·2 的单元格（没做 12.2 的用包里的 `ResidualBlock`）。颜色是对数的：理论上的感受野很大，要紧的还是中间。ViT 没有训练，第一层就看到全图；自己那块亮，是因为残差。会写的人回家做 12.2：BN 在训练时看整批，所以 `set_train` 要紧。
# %% [markdown] lang="en" note=true
# Run the cells of A·2 (without 12.2 the package's `ResidualBlock` stands in). Colours are logarithmic: in theory a field is large, what counts sits in the middle. The ViT is untrained and sees everything in its first block; its own patch stands out by the skip connection. 12.2 is for home: batch normalisation looks at the whole batch in training, so `set_train` matters.
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
# ## 图右移，特征跟着移吗？
#
# 一张画（在灰底中央）右移 8 个像素（正好一块），另一次只移 3 个像素。都没有训练。
#
# **CNN 下采样之后、CNN 的结尾、ViT 切出来的 token、ViT 的最后一层：哪些恰好跟着移（差是 0）？去掉位置的 ViT 呢？**
# %% [markdown] lang="en"
# ## Moved: does the map follow?
#
# A drawing amid grey, moved right by 8 pixels, just one place; another time by 3. Nobody has been trained.
#
# **CNN after down, CNN at its end, the ViT's tokens as cut, its last block: which move along exactly (difference 0)? And a ViT without positions?**
# %% [markdown] lang="zh" note=true
# 五行，每行写“恰好”或“差一点”。举手数“去掉位置的 ViT”。
# %% [markdown] lang="en" note=true
# Five rows, "exactly" or "not quite". A count of hands for the ViT without positions.
# %% [markdown] lang="zh" minutes="3 5 8"
# ## 打破它的是位置，不是注意力
#
# {output vit_upto(6, positions=0)}
#
# + 恰好跟着移，要移动**总步长的整数倍**，而且离开边缘
# + 没有位置的 ViT 恰好跟着移（整块地移）：注意力不看次序
# %% [markdown] lang="en"
# ## Positions break it, not attention
#
# {output vit_upto(6, positions=0)}
#
# + Exactly only for multiples of the **total stride**, and away from the border
# + Without positions the ViT moves along exactly, by whole patches: attention sees no order
# %% [markdown] lang="zh" note=true
# 运行 B·3 的单元格。不要拿一行和另一行比大小：每行除以自己的范围。训练之后谁更经得起移动，看 C·8 的表。
# %% [markdown] lang="en" note=true
# Run the cells of B·3. Do not compare rows with each other; each is relative to its own range. Who copes better after training is in the table of C·8.
# %% [markdown] lang="zh" minutes="2 5 9"
# ## MindSpore 的陷阱：`pad_mode="same"`
#
# {output ones = ops.ones((1, 1, 4, 4)}
#
# - 步长 2、边长为偶数时，默认的 `"same"` **只在右边和下边**补零：整体偏一个像素
# - PyTorch 的权重要用 `pad_mode="pad", padding=1`
# %% [markdown] lang="en"
# ## A trap of MindSpore's: `pad_mode="same"`
#
# {output ones = ops.ones((1, 1, 4, 4)}
#
# - With stride 2 and an even side the default pads **right and below only**: all sits one pixel off
# - Weights from PyTorch want `pad_mode="pad", padding=1`
# %% [markdown] lang="zh" note=true
# 图全是 1，核全是 1：输出就是盖住了几个真像素。问：第一行左上角为什么是 9？（没有补左上，核完全落在图里。）
# %% [markdown] lang="en" note=true
# Ones and a kernel of ones: the output counts real pixels. Ask why the first has 9 at the upper left (nothing is padded there, the kernel lies wholly inside).
# %% [markdown] lang="zh" minutes="- - 16"
# ## 轮到你了：`ConvStem`
#
# {exercise 12.3}
#
# - $P=8$，$D=96$：3 → 24 → 48 → 96，每层步长 2，BN，ReLU
# - 最后 1 × 1 卷积；输出是一串 token `(B, N, D)`
# %% [markdown] lang="en"
# ## Your turn: `ConvStem`
#
# {exercise 12.3}
#
# - $P=8$, $D=96$: 3 → 24 → 48 → 96, each with stride 2, BN, ReLU
# - Last a 1 × 1 convolution; out come tokens `(B, N, D)`
# %% [markdown] lang="zh" note=true
# 十五分钟。最常见：`pad_mode` 用了默认；`reshape` 代替 `transpose`；最后又加了 BN 和 ReLU。
# %% [markdown] lang="en" note=true
# Fifteen minutes. Most often: the default `pad_mode`; reshape instead of transpose; BN and ReLU once more at the end.
# %% [markdown] lang="zh" minutes="4 6 9"
# ## 怎样才算公平
#
# | 比赛的条件 | 怎样定 |
# |---|---|
# | 参数、乘加 | 相差不到 12 %、5 % |
# | 更新 | 每家 781 步，每步 64 张 |
# | 图 | 500 在 5,000 里，5,000 在 50,000 里 |
# | 学习率 | **各用各的**，在训练集里另留的 1,000 张上挑，没有看 val |
#
# {output from course.investigations.rivals import hybrid}
# %% [markdown] lang="en"
# ## What a fair contest is
#
# | condition | how set |
# |---|---|
# | parameters, multiply-adds | within 12 % and 5 % |
# | updates | 781 steps of 64 for everybody |
# | pictures | 500 are among 5,000, those among 50,000 |
# | learning rate | **each its own**, chosen on 1,000 others of the training set, without a look at val |
#
# {output from course.investigations.rivals import hybrid}
# %% [markdown] lang="zh" note=true
# 问：为什么不用同一个学习率？（那会偏向其中一家。）还有什么不公平？（781 步很少，学得快的占便宜；别的设置都来自 ViT；只有一种大小；CNN 是 2015 年的样子。）
# %% [markdown] lang="en" note=true
# Ask why not one rate for all (it would favour one side). What is unfair still? (781 steps are few and favour who learns fast; the other settings come from the ViT; one size only; the CNN is of the kind of 2015.)
# %% [markdown] lang="zh" minutes="- 11 17"
# ## 探究：谁离不开“近”
#
# {exercise 12.4}
#
# 每张图的 64 块，都按同一个新的次序重排，训练和验证都这样
#
# **CNN 的准确率会掉几个百分点？ViT 呢？**
# %% [markdown] lang="en"
# ## An investigation: who cannot do without "near"?
#
# {exercise 12.4}
#
# The 64 patches of every picture in one and the same new order, in training and in validation
#
# **How many points does the CNN lose? And the ViT?**
# %% [markdown] lang="zh" note=true
# 先原样运行一次，写下预测，再运行：两分钟，趁它训练问：信息丢了吗？（没有，只是邻居不再是邻居。）结论是 B：CNN 掉得多。可是**掉得多不等于输**：打乱的 CNN 还在 ViT 前面。
# %% [markdown] lang="en" note=true
# Run it once as it is, write down what you expect, run again: two minutes, in which to ask whether information is lost (no; neighbours are only neighbours no longer). The conclusion is B: the CNN loses more. But **losing more is not losing**: shuffled, it is still ahead of the ViT.
# %% [markdown] lang="zh" minutes="4 6 8" bet=true
# ## 图少图多，谁领先？
#
# 每家 781 步。画：500、5,000、50,000 张；照片（CIFAR-10）也是。
#
# **500 张和 50,000 张时谁领先？照片呢？对照白板上的猜测，改一次。**
# %% [markdown] lang="en"
# ## Few pictures or many: who is ahead?
#
# 781 steps for each. Drawings: 500, 5,000, 50,000; photographs (CIFAR-10) likewise.
#
# **Who is ahead with 500 and with 50,000? And on photographs? Change your guess on the board once.**
# %% [markdown] lang="zh" note=true
# 两分钟，和旁边的人商量。
# %% [markdown] lang="en" note=true
# Two minutes, with a neighbour.
# %% [markdown] lang="zh" minutes="7 8 15"
# ## 在这场比赛里，CNN 一直领先
#
# {figure plt.subplots(1, 2, figsize=(10, 3.6) #2x1 | 两张图，画和照片：横轴是图的张数，纵轴是验证准确率；CNN 在最上面，混合的在中间，ViT 在最下面}
# %% [markdown] lang="en"
# ## In this contest the CNN is ahead throughout
#
# {figure plt.subplots(1, 2, figsize=(10, 3.6) #2x1 | Two plots, drawings and photographs: accuracy on val against the number of pictures; the CNN on top, the hybrid between, the ViT below}
# %% [markdown] lang="zh" note=true
# 对照白板。为什么和论文不一样？看 C·8 的表：5,000 张以上，ViT 在训练过的图上也只有约 85 %，是**没练够**；更新四倍：训练过的图 95 到 96 %，验证 94 到 95 %。论文里它有上千万张图、几十万步。所以“ViT 要更多数据”里有两件事：更多**不同的图**，更多**更新**。结论只对这些参数量、781 步、这两种图成立。一两个种子的点，差一两个百分点什么也不说明。
# %% [markdown] lang="en" note=true
# Back to the board. Why is it not as in papers? In the table of C·8 from 5,000 on the ViT has only about 85 % on what it was **trained on**: it underfits; four times the updates give 95 to 96 % there and 94 to 95 % on val. In papers it had millions of pictures and hundreds of thousands of steps. So "needs more data" is two things: more **different pictures** and more **updates**. The verdict holds for these sizes, 781 steps and these pictures; with one or two seeds a point or two means nothing.
# %% [markdown] lang="zh" minutes="8 14 20"
# ## 记住三句话
#
# 1. 卷积假设“近的才要紧”和“到处一样”；自注意力到处一样，但不假设“近”
# 2. 假设成立，省图省更新；不成立，领先会缩小：错到什么地步才会输，只有量了才知道
# 3. 公平：参数、运算、更新、图都一样，学习率各用各的；结论只对量过的成立
#
# **对还是错？** CNN 平移不变，图移了答案不变 · ViT 没有归纳偏置 · 图多了 ViT 总会赢
#
# 打卡：`checkin("A")`、`"B"`、`"C"` 　下一课：你自己的项目
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. A convolution assumes "near" and "the same everywhere"; self-attention only the latter
# 2. An assumption that holds saves pictures and updates; where it fails the lead shrinks, and only measuring tells how far
# 3. Fair: equal parameters, arithmetic, updates, pictures, each its own rate; the verdict holds for what was measured
#
# **True or false?** A moved picture leaves a CNN's answer alone · a ViT has no bias · with enough pictures it always wins
#
# Check in: `checkin("A")`, `"B"`, `"C"`. Next: a project of your own
# %% [markdown] lang="zh" note=true
# 三句都是错的：移四分之一，CNN 在画上掉几个百分点，在照片上约十个；它有，只是少；781 步时五万张不比五千张好。小测验五分钟，探究 12.5、12.6 和打卡留作课后（先 `join()` 一次）。
# %% [markdown] lang="en" note=true
# All three are false: moved by a quarter the CNN loses some points on drawings and about ten on photographs; it has less, not none; at 781 steps 50,000 do no better than 5,000. Five minutes for the quiz; 12.5, 12.6 and the check-in are for home (`join()` once).
