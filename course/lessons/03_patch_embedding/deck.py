# %% [markdown] lang="zh" minutes="1 3 2"
# # 03 · 图像块嵌入
#
# 把图像变成一串 token
#
# ![](map_patches)
# %% [markdown] lang="en"
# # 03 · Patch embedding
#
# An image becomes a sequence of tokens
#
# ![](map_patches)
# %% [markdown] lang="zh" note=true
# 指着地图亮的部分：从图片到 token。Transformer 读的是序列，图像是网格：今天就补上中间这一步。请大家打开笔记本 03，运行第一个单元格，然后合上电脑：下面存着答案。45 分钟的课没有人打开笔记本。
# %% [markdown] lang="en" note=true
# Point at the lit part: from the picture to tokens. A Transformer reads sequences, an image is a grid; today builds what lies between. Everybody opens notebook 03, runs its first cell and puts the lid down: answers are stored below. In 45 minutes nobody opens a notebook.
# %% [markdown] lang="zh" minutes="2 3 4"
# ## 一张图，怎样变成一句“话”？
#
# ![](opening)
#
# + 切成小方块，每块展平，乘同一个矩阵：一块一个 token
# %% [markdown] lang="en"
# ## How does a picture become a "sentence"?
#
# ![](opening)
#
# + Cut into squares, flatten each, multiply by one matrix: a token each
# %% [markdown] lang="zh" note=true
# 问：为什么不把每个像素当一个 token？（64×64 就有 4096 个，注意力要算 4096×4096；第 04 课看代价。）
# %% [markdown] lang="en" note=true
# Ask why not every pixel is a token (64 × 64 makes 4,096 of them, and attention 4,096 × 4,096; lesson 04 looks at the price).
# %% [markdown] lang="zh" minutes="3 5 6"
# ## 整课就是这一个式子
#
# $$z_0 = [x_\text{class}; x_p^1 E; x_p^2 E; \dots; x_p^N E] + E_\text{pos}$$
#
# + $x_p^i$：第 $i$ 块，展平成 $P^2 C$ 个数；共 $N = \frac{H}{P}\cdot\frac{W}{P}$ 块
# + $E$：$(P^2C, D)$，每块乘同一个
# + $x_\text{class}$：放在最前面，只有一个
# + $E_\text{pos}$：$(1, 1+N, D)$，每个位置一个，加上去
# %% [markdown] lang="en"
# ## This equation is the whole lesson
#
# $$z_0 = [x_\text{class}; x_p^1 E; x_p^2 E; \dots; x_p^N E] + E_\text{pos}$$
#
# + $x_p^i$: patch $i$, flattened to $P^2 C$ numbers; there are $N = \frac{H}{P}\cdot\frac{W}{P}$
# + $E$: $(P^2C, D)$, the same for every patch
# + $x_\text{class}$: in front, a single one
# + $E_\text{pos}$: $(1, 1+N, D)$, one for each place, added
# %% [markdown] lang="zh" note=true
# 从里往外读。论文省去偏置 b，从 1 数；代码和图从 0 数：第 9 块就是 $x_p^{10}$。224 像素、块 16：N 是 196，每块 768 个数。让一位学员算 384 像素的 N（576）。
# %% [markdown] lang="en" note=true
# Read it from the inside. The paper leaves out b and counts from 1; code and figure count from 0: patch 9 is $x_p^{10}$. 224 pixels, patches of 16: N is 196, 768 numbers each. Somebody works out N for 384 pixels (576).
# %% [markdown] lang="zh" minutes="3 3 4" bet=true
# ## 16 个数，切成 4 块
#
# 一张 4×4 的“图”，从左到右、从上到下是 0 到 15，$P=2$。
#
# 我们要 `(4, 4)`：4 块，每块 4 个数。
#
# **`toy.reshape(4, 4)` 的第 0 行，是第 0 块吗？**
# %% [markdown] lang="en"
# ## Sixteen numbers, four patches
#
# An "image" of 4 × 4, numbered 0 to 15 row by row, $P=2$.
#
# We want `(4, 4)`: 4 patches of 4 numbers.
#
# **Is row 0 of `toy.reshape(4, 4)` patch 0?**
# %% [markdown] lang="zh" note=true
# 合上电脑。在白板上画 4×4 的格子，写上 0 到 15，圈出第 0 块。每人写下 reshape 后的第 0 行。
# %% [markdown] lang="en" note=true
# Lids down. Draw the 4 × 4 grid with 0 to 15 on the board and circle patch 0. Everybody writes down row 0 after reshape.
# %% [markdown] lang="zh" minutes="5 5 5"
# ## 形状对，内容错
#
# {output print(toy.reshape(4, 4))}
#
# + `reshape` 不移动任何数，只是换一种切法
# + **拆** `(C, H/P, P, W/P, P)`，**换** `(H/P, W/P, C, P, P)`，**合** `(N, C·P²)`
# %% [markdown] lang="en"
# ## Right shape, wrong content
#
# {output print(toy.reshape(4, 4))}
#
# + `reshape` moves no number, it only cuts differently
# + **Split** `(C, H/P, P, W/P, P)`, **exchange** `(H/P, W/P, C, P, P)`, **join** `(N, C·P²)`
# %% [markdown] lang="zh" note=true
# 第 0 块应是 0、1、4、5，分在两行里。要把两行的数放到一起，得换轴：两个“第几块”的轴到最前面。
# %% [markdown] lang="en" note=true
# Patch 0 is 0, 1, 4, 5, from two rows. Bringing them together takes an exchange of axes: the two that say which patch go to the front.
# %% [markdown] lang="zh" minutes="7 7 10"
# ## 从图片到编码器的输入
#
# ![](patches)
# %% [markdown] lang="en"
# ## From the picture to the encoder's input
#
# ![](patches)
# %% [markdown] lang="zh" note=true
# 四次键，最后一次是全图。跟着红框里的第 9 块：展平成 768 个数，成为矩阵的第 9 行，乘 E 加 b，成为 token；图里省去了批的轴；类别 token 放在前面，第 9 块成了第 10 行；加上位置。
# %% [markdown] lang="en" note=true
# Four presses, the last shows the whole. Follow patch 9 in the red frame: 768 numbers, row 9 of the matrix, times E plus b, a token (the batch axis is left out here); with the class token in front it is row 10; its position is added.
# %% [markdown] lang="zh" minutes="- 13 18"
# ## 轮到你了
#
# {exercise 03.1}
#
# - `(C, H, W)` → `(N, C·p·p)`；块里的顺序：通道、行、列
# - 检查用的图有 2 个通道，而且不是正方形
# %% [markdown] lang="en"
# ## Your turn
#
# {exercise 03.1}
#
# - `(C, H, W)` becomes `(N, C·p·p)`; inside a patch: channel, row, column
# - The check uses an image of 2 channels that is not square
# %% [markdown] lang="zh" note=true
# 卡住的人：先写 reshape 拆成五个轴，在每个轴旁边写它的意思，再写 transpose。最常见的错：H 和 W 用反，通道没有放在块里的最前面。03.2（数参数）课后做，讲义上有。
# %% [markdown] lang="en" note=true
# Who is stuck writes the reshape to five axes first, and beside each axis what it means, then the transpose. Most often H and W are mixed up, or the channel does not come first inside a patch. 03.2, counting parameters, is for home and on the sheet.
# %% [markdown] lang="zh" minutes="- 20 28"
# ## 写出你的 `PatchEmbedding`
#
# {exercise 03.3}
#
# - 参数：`proj`，`nn.Dense`，$CP^2 \to D$
# - `construct`：`(B, C, H, W)` → `(B, N, D)`，任意边长
# - 就是 03.1 的三步，多一个批的轴，最后乘 `proj`
# %% [markdown] lang="en"
# ## Write your `PatchEmbedding`
#
# {exercise 03.3}
#
# - A parameter: `proj`, an `nn.Dense`, $CP^2 \to D$
# - `construct`: `(B, C, H, W)` becomes `(B, N, D)`, for any size
# - The three moves of 03.1 with a batch axis, and `proj` at the end
# %% [markdown] lang="zh" note=true
# 这是他们 ViT 的第一个部件，通过后存进 `outputs/my_vit/`。第一次写 `nn.Cell` 的人：`__init__` 放参数，`construct` 做计算，记得 `super().__init__()`；先请大家运行 B·3 里 `Twice` 的单元格看样子。报 `NameError`：选中这个单元格，Run → Run All Above Selected Cell。最后两分钟老师讲答案，没写完的带回家。
# %% [markdown] lang="en" note=true
# The first part of their ViT; once passed it lies in `outputs/my_vit/`. New to `nn.Cell`: parameters in `__init__`, computing in `construct`, and `super().__init__()`; first all run the cell of `Twice` (B·3), to see one. A `NameError`: click on the cell, Run > Run All Above Selected Cell. In the last two minutes the teacher shows the answer; the rest is for home.
# %% [markdown] lang="zh" minutes="3 3 4" bet=true
# ## 它和卷积是同一个函数
#
# 步长等于核边长的卷积，和“切块再乘矩阵”：
#
# {output conv = }
#
# **在这台 CPU 上，哪一种快？快几倍？**
# %% [markdown] lang="en"
# ## A convolution is the same function
#
# A convolution whose stride is its kernel's side, and "cut, then one matrix":
#
# {output conv = }
#
# **On this CPU, which is faster, and how many times?**
# %% [markdown] lang="zh" note=true
# 合上电脑，写下倍数。块里的顺序（通道、行、列）不是随便定的：公开的卷积核 (D, C, P, P) 展平就是这样，换一种就装不进去。提示：两种做的乘法次数一样多。
# %% [markdown] lang="en" note=true
# Lids down; everybody writes a factor. The order inside a patch (channel, row, column) is no whim: a published kernel (D, C, P, P) laid flat has it, and another would not fit. A hint: both do the same number of multiplications.
# %% [markdown] lang="zh" minutes="2 3 5"
# ## 同样的运算，不同的写法
#
# {output def milliseconds}
#
# - 只试过卷积写法的人，会以为 ViT 不能在 CPU 上跑
# - 换一台机器，再量一次
# %% [markdown] lang="en"
# ## The same sums, written differently
#
# {output def milliseconds}
#
# - Whoever has tried the convolution alone may conclude: no ViT on a CPU
# - On another machine, measure again
# %% [markdown] lang="zh" note=true
# 存的数来自有 AVX-512 的 CPU；没有它的机器上差别可能不大。GPU 和昇腾：这里还没有运行过。请大家念出自己的数：选中 B·4 里 `signature` 的单元格，Run → Run All Above Selected Cell，再运行它和下一个；没通过 03.3 的用包里的类。
# %% [markdown] lang="en" note=true
# The stored numbers come from a CPU with AVX-512; without it the difference may be small. GPU and Ascend: not yet run here. Let learners read out their own: on the cell of `signature` in B·4 Run > Run All Above Selected Cell, then it and the next; whoever has not passed 03.3 gets the package's class.
# %% [markdown] lang="zh" minutes="4 4 9"
# ## 类别 token 和位置
#
# + 类别 token `(1, 1, D)`：放在最前面，所有图共用一个；序列变成 $1+N$
# + 位置 `(1, 1+N, D)`：每个位置一个向量，**加**上去
# + 两者都是学来的参数
#
# {output tiny = create_model(}
# %% [markdown] lang="en"
# ## The class token and the positions
#
# + Class token `(1, 1, D)`: in front, one for all images; the sequence has $1+N$
# + Positions `(1, 1+N, D)`: a vector for each place, **added**
# + Both are learned parameters
#
# {output tiny = create_model(}
# %% [markdown] lang="zh" note=true
# 最常见的误解：“每块一个类别 token”。只有一个。课程的小 ViT 有它，但最后用各块的平均分类。时间够就做 03.4。
# %% [markdown] lang="en" note=true
# The usual misconception: "a class token for every patch". There is one. The course's small ViT has it, too, but classifies by the mean of the patches. With time left, do 03.4.
# %% [markdown] lang="zh" minutes="3 3 6" bet=true
# ## 打乱图像块，它看得出吗？
#
# 把一张画的 64 块打乱：人认不出了。网络的位置全部设成 0。
#
# **打乱前后，logits（各类的分数）一样吗？**
# %% [markdown] lang="en"
# ## Shuffled patches: does it notice?
#
# The 64 patches of a drawing in another order: nobody would recognise it. The network's positions are set to zero.
#
# **Are the logits (the scores of the classes) the same before and after?**
# %% [markdown] lang="zh" note=true
# 合上电脑，举手：一样（舍入不算）；不一样但答案相同；答案也变了。
# %% [markdown] lang="en" note=true
# Lids down, a show of hands: the same, rounding aside; different, same answer; another answer.
# %% [markdown] lang="zh" minutes="5 5 8"
# ## 没有位置，图像就是一袋图像块
#
# {output figure, axes = plt.subplots(1, 2, figsize=(5, 2.6))}
#
# - 没有位置：logits 完全相同（只差舍入）
# - 有位置：logits 不同，答案可以相同
# - C·7：16 块里一块亮，它在上半还是下半？有位置 100 %，没有 49 %
# %% [markdown] lang="en"
# ## Without positions, a bag of patches
#
# {output figure, axes = plt.subplots(1, 2, figsize=(5, 2.6))}
#
# - Without positions: the same logits, rounding aside
# - With positions: other logits, and yet perhaps the same answer
# - C·7: one of 16 patches is bright; in the upper half? With positions 100 %, without 49 %
# %% [markdown] lang="zh" note=true
# 为什么一样：注意力比的是内容，不是位置；别的层各管各的 token；最后读的是平均或类别 token，次序就没有了。追问：打乱的雨伞为什么还认得出？（这些画靠块里面的颜色和边就能分。）
# %% [markdown] lang="en" note=true
# Why the same: attention compares contents, not places; every other layer takes a token by itself; the end reads a mean or the class token: order drops out. Ask why the shuffled umbrella is still recognised (colours and edges inside the patches are enough for these drawings).
# %% [markdown] lang="zh" minutes="3 5 16"
# ## 摸一摸：拿走位置，再打乱
#
# {explorer {"positions": false, "order": 3}}
# %% [markdown] lang="en"
# ## Touch it: no positions, then shuffle
#
# {explorer {"positions": false, "order": 3}}
# %% [markdown] lang="zh" note=true
# 页面上位置已经拿走、图已经打乱。看“打乱带来的最大变化”：0.000。把位置放回来，它就不是 0 了。老师选金鱼，放回位置，复原、再打乱，直到它说香蕉（试过七次，三次如此）；另外九张都不变。45 和 90 分钟的课由老师操作。
# %% [markdown] lang="en" note=true
# Positions are off and the patches shuffled. "Shuffling changes a share by 0.000 points at most". Put the positions back and it is no longer 0. The teacher takes the goldfish, positions on, puts it back and shuffles again until it says banana (three of seven tries); the other nine hold. In 45 and 90 minutes only the teacher does it.
# %% [markdown] lang="zh" minutes="- - 25"
# ## 探究：位置值多少？
#
# {exercise 03.6}
#
# - 四种：`waves`、`random`、`large`、`none`；其余都一样
# - 先写预测，再运行：训练两轮，约一分钟
# - 和三个种子的表放在一起，再选一句结论
# %% [markdown] lang="en"
# ## An investigation: what are positions worth?
#
# {exercise 03.6}
#
# - One of four: `waves`, `random`, `large`, `none`; all else is equal
# - Predict first, then run: a training of two epochs, about a minute
# - See it beside a table of three seeds, then conclude
# %% [markdown] lang="zh" note=true
# （没有 03.5。）分四组，每组一种，把结果写到白板上。讲噪声：两个种子之间也有差别，小于它两倍的差别什么也说明不了。
# %% [markdown] lang="en" note=true
# (There is no 03.5.) Four groups, one kind each, results on the board. Speak of noise: two seeds differ, too, and less than twice that says nothing.
# %% [markdown] lang="zh" minutes="4 8 10"
# ## 记住三句话
#
# 1. 图像块嵌入：切、展平、乘一个矩阵；和步长等于核边长的卷积是同一个函数
# 2. 切块是拆轴、换轴、合轴；只用 `reshape`，形状对，内容错
# 3. 没有位置，ViT 看到的是一袋图像块；位置是加上去的，类别 token 放在前面
#
# 打卡：`checkin("A")`、`checkin("B")`；在家做 03.4、03.6，再打 `checkin("C")` 　下一课：token 之间怎样互相看
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. Patch embedding: cut, flatten, one matrix; the same function as a convolution whose stride is its kernel's side
# 2. Cutting splits, exchanges and joins axes; by `reshape` alone the shape is right and the content wrong
# 3. Without positions a ViT sees a bag of patches; positions are added, the class token goes in front
#
# Check in: `checkin("A")`, `checkin("B")`; at home 03.4, 03.6 and `checkin("C")`. Next: how tokens look at each other
# %% [markdown] lang="zh" note=true
# 讲义带回家做；90 分钟的课在这里做小测验，举手答。45 分钟的课：练习和打卡都在家做。问：块边长从 16 变成 8，token 变成几倍？（四倍；注意力的权重约十六倍。）
# %% [markdown] lang="en" note=true
# The sheet is for home; in 90 minutes the quiz, by a show of hands. In 45 exercises and check-ins are for home. Ask: patches of 8 instead of 16, how many times the tokens? (Four; about sixteen times the attention weights.)
