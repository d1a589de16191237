# %% [markdown] lang="zh" minutes="4 5 4"
# # 12 · ViT 还是 CNN
#
# 同样的条件下比一场
#
# **先猜：同样多的训练，500、5,000、50,000 张图，谁的验证准确率高？**
# %% [markdown] lang="en"
# # 12 · ViT or CNN?
#
# A contest on equal terms
#
# **Bet: as much training for both, and 500, 5,000 or 50,000 pictures. Who is ahead?**
# %% [markdown] lang="zh" note=true
# 先不讲课，也不开电脑：讲义先发，每个人在第 6 题写下三行各谁领先、领先几个百分点（画、64 像素、十类，两边一样多的更新）。三种张数各举手数一次，数字写在白板上，留到最后。45 分钟的课，大家的电脑一直合着，老师的笔记本课前运行好。
# %% [markdown] lang="en" note=true
# Before anything else, lids down: the sheet is on the seats, and everybody writes into its sixth part who is ahead with each number, and by how many points (drawings of 64 pixels, ten classes, as many updates for both). A show of hands for each; the counts stay on the board to the end. In 45 minutes laptops stay shut; the instructor's notebook has been run.
# %% [markdown] lang="zh" minutes="5 6 10"
# ## 卷积假设了什么
#
# ![](fields)
# %% [markdown] lang="en"
# ## What a convolution assumes
#
# ![](fields)
# %% [markdown] lang="zh" note=true
# 每按一次键放大一部分。两个假设：**局部**（近的才要紧）；**处处相同**（权重共享）。自注意力也处处相同（同一组矩阵），但不假设局部：谁看谁，从数据里学。论文的回答（Dosovitskiy 等，2020）：图够多 ViT 好，不够 CNN 好。多少才够？今天自己量。下半张图：先移动再卷积，等于先卷积再移动，要有两个条件，后面会量。
# %% [markdown] lang="en" note=true
# Each press enlarges a part. Two assumptions: **near is what matters**; **the same everywhere** (shared weights). Self-attention is the same everywhere, too, but does not assume near: who looks at whom is learned. The paper (Dosovitskiy et al., 2020): enough pictures, and the ViT is better; fewer, the CNN. How many are enough? Today we measure. The lower half holds under two conditions, which come later.
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
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
# 写在讲义上（45 分钟的课只猜倍数）。卷积：输出通道 × 输入通道 × 核的面积；全连接：两边的个数相乘。
# %% [markdown] lang="en" note=true
# On the sheet (in 45 minutes guess the factor only). Convolution: channels out × channels in × the kernel's area; fully connected: the product of both numbers.
# %% [markdown] lang="zh" minutes="2 5 6"
# ## 两万倍
#
# {output 48 * 3 * 7 * 7}
#
# - 这就是**归纳偏置**：看到数据之前就有的假设
# - 假设对了，省图、省训练；错了，就有代价
# %% [markdown] lang="en"
# ## Twenty thousand times
#
# {output 48 * 3 * 7 * 7}
#
# - That is an **inductive bias**: an assumption made before any data
# - Where it holds it saves pictures and training; where not, it costs
# %% [markdown] lang="zh" note=true
# 请大家打开笔记本 12，运行第一个单元格和 A·1 的。存着的输出就是答案，看到“先猜再看”就合上电脑。ViT 的图像块嵌入也是处处相同的：同一个矩阵切遍全图。所以“ViT 没有归纳偏置”不对，只是少。
# %% [markdown] lang="en" note=true
# Everybody opens notebook 12 and runs its first cell and those of A·1. Stored outputs are the answers: at a bet, lids down. The ViT's patch embedding is the same everywhere, too: one matrix for every patch. So "a ViT has no inductive bias" is untrue; it has less.
# %% [markdown] lang="zh" minutes="- 11 14"
# ## 轮到你了：感受野
#
# {exercise 12.1}
#
# - 两个数：感受野 $r$（从 1 起），相邻两个位置的间距 $j$（像素，从 1 起）
# - 核的边长为 $k$：$r \leftarrow r + (k-1)\,j$；步长 $s$：$j \leftarrow j\,s$
# %% [markdown] lang="en"
# ## Your turn: the receptive field
#
# {exercise 12.1}
#
# - Two numbers: the field $r$, from 1; the distance of neighbouring places $j$, from 1
# - A kernel of $k$ places: $r \leftarrow r + (k-1)\,j$; a stride $s$: $j \leftarrow j\,s$
# %% [markdown] lang="zh" note=true
# 先在讲义上做两层 3 × 3、步长 1：应是 5。再做讲义上另外两行，然后写代码，八分钟；没写完的带回家，后面的单元格不等它：选中要看的单元格，Run → Run All Above Selected Cell。最常见：步长先乘再加核（次序反了）；忘了减 1。
# %% [markdown] lang="en" note=true
# On the sheet first, two layers of 3 × 3 and stride 1: it is 5. Then the sheet's other two rows, then the code, eight minutes; the rest is for home, and later cells do not wait for it: click on one, Run > Run All Above Selected Cell. Most often: the stride before the kernel; no minus 1.
# %% [markdown] lang="zh" minutes="- 7 10"
# ## 谁看得到多远？量一量
#
# {figure plt.subplots(1, 6 #3x1 | 六张图：CNN 各层中间那一处对输入的导数，感受野从小到大；没有训练的 ViT 第一层就看到整张图}
# %% [markdown] lang="en"
# ## How far does each see? Measured
#
# {figure plt.subplots(1, 6 #3x1 | Six panels: derivatives of the middle place with respect to the input; the CNN's field grows from layer to layer, the untrained ViT sees everything in its first block}
# %% [markdown] lang="zh" note=true
# 运行 A·2 的单元格（没做 12.2 的用包里的 `ResidualBlock`；`NameError` 就先 Run All Above）。CNN：入口（stem，7 × 7、步长 4），残差块（block），中间一次下采样（down，步长 2）。算得 95、量得 64：图只有 64 宽。颜色是对数的：理论上的感受野很大，要紧的还是中间。ViT 没有训练，第一层就看到全图；自己那块亮，是因为残差。会写的人回家做 12.2：BN 在训练时看整批，所以 `set_train` 要紧。
# %% [markdown] lang="en" note=true
# Run the cells of A·2 (without 12.2 the package's `ResidualBlock` stands in; at a NameError Run All Above first). The CNN has a stem (7 × 7, stride 4), residual blocks, and one step down (stride 2). It says 95 and measures 64: the picture is no wider. Colours are logarithmic: in theory a field is large, what counts sits in the middle. The ViT is untrained and sees everything in its first block; its own patch stands out by the skip connection. 12.2 is for home: batch normalisation looks at the whole batch in training, so `set_train` matters.
# %% [markdown] lang="zh" minutes="4 5 7" bet=true
# ## 图右移，特征跟着移吗？
#
# 一张画（在灰底中央）右移 8 个像素（正好一块），另一次只移 3 个像素。都没有训练。
#
# | 特征完全跟着移（差是 0）吗？ | 移 8 | 移 3 |
# |---|---|---|
# | CNN，下采样之后 | ? | ? |
# | CNN 的结尾 | ? | ? |
# | ViT 切出来的 token | ? | ? |
# | ViT 的最后一层 | ? | ? |
# | 没有位置的 ViT，最后一层 | ? | ? |
# %% [markdown] lang="en"
# ## Moved: does the map follow?
#
# A drawing amid grey, moved right by 8 pixels, just one place; another time by 3. Nobody has been trained.
#
# | does it move along exactly (difference 0)? | by 8 | by 3 |
# |---|---|---|
# | CNN, after down | ? | ? |
# | CNN, at its end | ? | ? |
# | ViT, tokens as cut | ? | ? |
# | ViT, last block | ? | ? |
# | ViT without positions, last block | ? | ? |
# %% [markdown] lang="zh" note=true
# CNN：入口（步长 4），残差块，下采样一次（步长 2，这时一个位置是 8 个像素），再两个残差块；感受野：一个位置看得到的像素。十格，每格写“是”或“否”，两分钟。举手数最后一行。
# %% [markdown] lang="en" note=true
# The CNN: a stem (stride 4), a block, one step down (stride 2; a place is now 8 pixels), two blocks; a field is the pixels that a place can see. Ten cells, yes or no, two minutes. A count of hands for the last row.
# %% [markdown] lang="zh" minutes="4 6 8"
# ## 打破它的是位置，不是注意力
#
# {output vit_upto(6, positions=0)}
#
# + 完全跟着移，要移动**总步长的整数倍**（这里 4 × 2 = 8），而且感受野碰不到图的边缘
# + 没有位置的 ViT，移动整块时完全跟着移：注意力不看次序
# %% [markdown] lang="en"
# ## Positions break it, not attention
#
# {output vit_upto(6, positions=0)}
#
# + Exactly only for multiples of the **total stride** (here 4 × 2 = 8), and where no field reaches the border
# + Without positions the ViT moves along exactly, by whole patches: attention sees no order
# %% [markdown] lang="zh" note=true
# 运行 B·3 的单元格。不要拿一行和另一行比大小：每行除以自己的范围。`e-07` 是舍入。训练之后谁更经得起移动，最后一页再说。
# %% [markdown] lang="en" note=true
# Run the cells of B·3. Do not compare rows with each other; each is relative to its own range; `e-07` is rounding. Who copes better after training comes on the last page.
# %% [markdown] lang="zh" minutes="- - 9"
# ## MindSpore 的陷阱：`pad_mode="same"`
#
# {output ones = ops.ones((1, 1, 4, 4)}
#
# - 3 × 3 的核、步长 2、边长为偶数：默认的 `"same"` **只在右边和下边**补零，整体偏一个像素
# - PyTorch 里 `padding=1` 的权重要用 `pad_mode="pad", padding=1`
# %% [markdown] lang="en"
# ## A trap of MindSpore's: `pad_mode="same"`
#
# {output ones = ops.ones((1, 1, 4, 4)}
#
# - A 3 × 3 kernel, stride 2, an even side: the default pads **right and below only**, all sits one pixel off
# - Weights from PyTorch with `padding=1` want `pad_mode="pad", padding=1`
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
# %% [markdown] lang="zh" minutes="5 7 9"
# ## 怎样才算公平
#
# | 比赛的条件 | 怎样定 |
# |---|---|
# | 参数、乘加 | 相差不到 12 %、5 % |
# | 更新 | 每个网络 781 步，每步 64 张：500 张各看 100 遍，50,000 张各看 1 遍 |
# | 图 | 500 张取自那 5,000 张，5,000 张取自 50,000 张 |
# | 学习率 | **各用各的**，在训练集里另留的 1,000 张上挑，没有看 val |
#
# {output from course.investigations.rivals import hybrid}
# %% [markdown] lang="en"
# ## What a fair contest is
#
# | condition | how set |
# |---|---|
# | parameters, multiply-adds | within 12 % and 5 % |
# | updates | 781 steps of 64 each: 500 pictures are seen 100 times, 50,000 once |
# | pictures | 500 are among 5,000, those among 50,000 |
# | learning rate | **each its own**, chosen on 1,000 others of the training set, without a look at val |
#
# {output from course.investigations.rivals import hybrid}
# %% [markdown] lang="zh" note=true
# 90 分钟的课：先请大家在 12.4 写好 `predicted` 并运行，这一页讲完正好看结果。混合（hybrid）：ViT 的切块换成三个 3 × 3 卷积（再接一个 1 × 1），少一层编码器。问：为什么不用同一个学习率？（那会偏向其中一个。）还有什么不公平？（781 步很少，学得快的占便宜；别的设置都来自 ViT；只有一种大小；CNN 是 2015 年的样子。）
# %% [markdown] lang="en" note=true
# In 90 minutes everybody first writes `predicted` in 12.4 and starts it; it trains during this page. The hybrid: three 3 × 3 convolutions (and one of 1 × 1) in place of the ViT's cut, and a block less. Ask why not one rate for all (it would favour one side). What is unfair still? (781 steps are few and favour who learns fast; the other settings come from the ViT; one size only; the CNN is of the kind of 2015.)
# %% [markdown] lang="zh" minutes="- 10 17"
# ## 探究：谁更依赖局部性？
#
# {exercise 12.4}
#
# 每张图的 64 块按同一个新次序重排，训练和验证都如此
#
# **按原来的次序：CNN 99.6 %，ViT 84.7 %。打乱以后各是多少？**
# %% [markdown] lang="en"
# ## An investigation: who cannot do without "near"?
#
# {exercise 12.4}
#
# The 64 patches of every picture in one and the same new order, in training and in validation
#
# **In order: CNN 99.6 %, ViT 84.7 %. And shuffled?**
# %% [markdown] lang="zh" note=true
# 预测写 0 到 1 的准确率（例如 0.9），再运行：训练两分钟，慢的电脑八分钟，所以在上一页就开始。没训练完的先看表。问：信息丢了吗？（没有，只是邻居不再是邻居。）表里的平均：CNN 99.6 → 89.2，ViT 84.7 → 81.7。结论是 B：CNN 掉得多。可是**掉得多不等于输**：打乱的 CNN 还在 ViT 前面。（打乱的是整块，块里面的近旁没有动。）
# %% [markdown] lang="en" note=true
# What they expect is an accuracy from 0 to 1, such as 0.9; then it trains for two minutes, eight on a slow laptop, which is why it was started on the last page; whose has not ended looks at the table. Ask: is information lost (no; neighbours are only neighbours no longer)? Means of the table: CNN 99.6 to 89.2, ViT 84.7 to 81.7. The conclusion is B: the CNN loses more. But **losing more is not losing**: shuffled, it is still ahead of the ViT. (Whole patches were moved; within a patch neighbours stay.)
# %% [markdown] lang="zh" minutes="3 4 8" bet=true
# ## 训练图少时谁领先？多时呢？
#
# 每个网络 781 步。画：500、5,000、50,000 张；照片也是（CIFAR-10）。
#
# **500 张和 50,000 张时谁领先？照片呢？对照白板上的猜测，改一次。**
# %% [markdown] lang="en"
# ## Few pictures or many: who is ahead?
#
# 781 steps for each. Drawings: 500, 5,000, 50,000; photographs (CIFAR-10) likewise.
#
# **Who is ahead with 500 and with 50,000? And on photographs? Change your guess on the board once.**
# %% [markdown] lang="zh" note=true
# 两分钟，和旁边的人商量。5,000 张的画刚才已经看到，只改 500、50,000 和照片。
# %% [markdown] lang="en" note=true
# Two minutes, with a neighbour. 5,000 drawings have just been seen: change only 500, 50,000 and photographs.
# %% [markdown] lang="zh" minutes="9 10 15"
# ## 在这场比赛里，CNN 一直领先
#
# {figure plt.subplots(1, 2, figsize=(10, 3.6) #2x1 | 两张图，画和照片：横轴是图的张数，纵轴是验证准确率；CNN 在最上面，混合的在中间，ViT 在最下面}
# %% [markdown] lang="en"
# ## In this contest the CNN is ahead throughout
#
# {figure plt.subplots(1, 2, figsize=(10, 3.6) #2x1 | Two plots, drawings and photographs: accuracy on val against the number of pictures; the CNN on top, the hybrid between, the ViT below}
# %% [markdown] lang="zh" note=true
# 对照白板。两张图的纵轴不一样长，看数：画上 CNN 领先约 22、15、15 个百分点，照片上约 9、12、12。为什么和论文不一样？500 张画时，ViT 训练过的图 99 %，验证 72 %：图太少。5,000 张以上，训练过的画也只有约 85 %（照片 45 到 50 %），是**没练够**；画上更新四倍（照片没有试）：训练过的 95 到 96 %，验证 94 到 95 %，还是没有超过 CNN。论文里它有上千万张图、几十万步。所以“ViT 要更多数据”里有两件事：更多**不同的图**，更多**更新**。结论只适用于这些参数量、781 步、这两种图。每个点一到三个种子（12.5 的表用前两个，末位和这里不同），差一两个百分点说明不了什么。
# %% [markdown] lang="en" note=true
# Back to the board. The two axes differ, so read the numbers: on drawings the CNN is ahead by about 22, 15 and 15 points, on photographs by about 9, 12 and 12. Why is it not as in papers? With 500 drawings the ViT has 99 % on what it was trained on and 72 % on val: too few pictures. From 5,000 on it has only about 85 % on the drawings it was **trained on** (45 to 50 % on photographs): it underfits. Four times the updates, tried on drawings only, give 95 to 96 % there and 94 to 95 % on val, still below the CNN. In papers it had millions of pictures and hundreds of thousands of steps. So "needs more data" is two things: more **different pictures** and more **updates**. The verdict holds for these sizes, 781 steps and these pictures; a point has one to three seeds (12.5's table has the first two, hence other last digits), and a point or two means nothing.
# %% [markdown] lang="zh" minutes="6 10 20"
# ## 记住三句话
#
# 1. 卷积假设局部和处处相同；自注意力处处相同，但不假设相邻的才相关
# 2. 假设成立，省图省更新；不成立，领先会缩小：错多少才会输，要实测
# 3. 公平：参数、运算相近，更新、图一样，学习率各用各的；结论只适用于测过的条件
#
# **对还是错？**
#
# + CNN 平移不变：图移了，答案不动
# + ViT 没有归纳偏置
# + 图多了，ViT 总会赢
#
# 打卡：`checkin("A")`、`"B"`、`"C"` 　下一课：你自己的项目
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. A convolution assumes "near" and "the same everywhere"; self-attention only the latter
# 2. An assumption that holds saves pictures and updates; where it fails the lead shrinks, and only measuring tells how far
# 3. Fair: parameters and arithmetic alike, the same updates and pictures, each its own rate; the verdict holds for what was measured
#
# **True or false?**
#
# + A moved picture leaves a CNN's answer alone
# + A ViT has no inductive bias
# + With enough pictures the ViT always wins
#
# Check in: `checkin("A")`, `"B"`, `"C"`. Next: a project of your own
# %% [markdown] lang="zh" note=true
# 三句都是错的：等变是特征跟着移，不变是答案不动；移四分之一，CNN 在画上掉约三个百分点，在照片上约十一个；它有，只是少；781 步时五万张不比五千张好。45 分钟的课补一句：按同一个次序打乱，CNN 99.6 → 89.2，ViT 84.7 → 81.7。小测验举手答（90 分钟的课五分钟；45 分钟的课留作课后，那里没有讲第 1、3 题）。探究 12.5、12.6 和打卡留作课后（先 `join()` 一次）。
# %% [markdown] lang="en" note=true
# All three are false: equivariant means that the map moves along, invariant that the answer stays; moved by a quarter the CNN loses about three points on drawings and eleven on photographs; it has less, not none; at 781 steps 50,000 do no better than 5,000. In 45 minutes add: patches shuffled in one order, CNN 99.6 to 89.2, ViT 84.7 to 81.7. The quiz by a show of hands, five minutes (in 45 for home: questions 1 and 3 were not taught there). 12.5, 12.6 and the check-in are for home (`join()` once).
