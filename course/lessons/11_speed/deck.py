# %% [markdown] lang="zh" minutes="3 4 4"
# # 11 · 速度
#
# 什么慢，最多能快多少
#
# ![](map_speed)
# %% [markdown] lang="en"
# # 11 · Speed
#
# What is slow, and how much there is to gain
#
# ![](map_speed)
# %% [markdown] lang="zh" note=true
# 指着地图：训练能用了，今天让它快一些。该算多少次，数得出来；花多少时间，量得出来；两者常常差好几倍，原因往往猜不中。请每个人打开笔记本 11，运行第一个单元格，然后合上电脑（开头的图就是第 11 页的答案）；“还没有通过，先用课程自己的”不是报错。本课所有的秒数都因机器而异：看比例。看到“先猜再看”就合上电脑。
# %% [markdown] lang="en" note=true
# Point at the map: training works, today it gets faster. How many operations it should take can be counted, how long it takes can be measured; the two often differ by several times, and guesses at the reason are mostly wrong. Everybody opens notebook 11, runs its first cell and puts the lid down (the figure at the top answers page 11); "has not passed yet, the course's is used" is no error. All seconds depend on the machine: look at ratios. At a bet, lids down.
# %% [markdown] lang="zh" minutes="5 7 10"
# ## 怎样计时：三条规矩
#
# 1. **等结果**再看表：`.asnumpy()` 会等
# 2. **头几次不算**：第一次在编译，接着几次在试线程数
# 3. **中位数和范围**，不是一次；比较的两样，在同一次运行里**轮流**量
#
# {output reference = 0.0}
# %% [markdown] lang="en"
# ## How to measure time: three rules
#
# 1. **Wait for the result** before the clock: `.asnumpy()` waits
# 2. **The first few calls do not count**: the first compiles, the next try numbers of threads
# 3. **Median and spread**, not one reading; what is compared is measured **by turns** in one run
#
# {output reference = 0.0}
# %% [markdown] lang="zh" note=true
# 运行 A·1 的单元格。最快的那个当作这台机器的参考速度：以后一切和它比（只有参考速度取最快，问的是这台机器最快能多快；别的都取中位数）。一次乘法加一次加法算一次乘加（MAC）；FLOPs 大约是它的两倍。
# %% [markdown] lang="en" note=true
# Run the cells of A·1. The fastest is this machine's reference speed; all else is compared with it (only the reference takes the fastest, since it asks how fast this machine can be; all else is a median). A multiplication with an addition is one multiply-add (MAC); FLOPs are about twice as many.
# %% [markdown] lang="zh" minutes="5 5 10"
# ## 一层该算多少次乘加
#
# | 哪里 | 乘加 |
# |---|---|
# | `qkv` 和 `proj` | $4TD^2$ |
# | $QK^\top$ 和 $AV$ | $2T^2D$ |
# | MLP（宽四倍） | $8TD^2$ |
#
# + 只有注意力的两个乘积随 $T$ 的平方增长
# + $T=197$，$D=192$：哪一行最大？
# %% [markdown] lang="en"
# ## Multiply-adds of a block
#
# | where | multiply-adds |
# |---|---|
# | `qkv` and `proj` | $4TD^2$ |
# | $QK^\top$ and $AV$ | $2T^2D$ |
# | MLP (four times as wide) | $8TD^2$ |
#
# + Only attention's two products grow with the square of $T$
# + $T=197$, $D=192$: which row is the largest?
# %% [markdown] lang="zh" note=true
# 在讲义上算：除以 TD，三行是 768、394、1536。所以 MLP 最大，$T^2$ 那一项最小；T 大于 2D 之后才会超过 `qkv` 和 `proj`。
# %% [markdown] lang="en" note=true
# On the sheet: divided by TD the rows are 768, 394 and 1536. So the MLP is the largest and the term with T² the smallest; it overtakes `qkv` and `proj` only where T exceeds 2D.
# %% [markdown] lang="zh" minutes="- 12 15"
# ## 轮到你了：数乘加
#
# {exercise 11.1}
#
# - 图像块嵌入 $N\cdot 3P^2\cdot D$，$L$ 层，分类头 $D\cdot K$
# - 归一化、softmax、激活、加法不算
# %% [markdown] lang="en"
# ## Your turn: counting multiply-adds
#
# {exercise 11.1}
#
# - Patch embedding $N\cdot 3P^2\cdot D$, $L$ blocks, the head $D\cdot K$
# - No norms, softmax, activations, additions
# %% [markdown] lang="zh" note=true
# 八到十分钟。最常见：T 忘了加类别 token；忘了分类头；注意力只算了一个乘积。
# %% [markdown] lang="en" note=true
# Eight to ten minutes. Most often: T without the class token; no head; one product of attention only.
# %% [markdown] lang="zh" minutes="3 4 8" bet=true
# ## 哪一种算子最费时间？
#
# ViT-Ti，图像块嵌入写成卷积（核和步长都是 16）。
#
# **性能分析器里，排在最前面的两种算子是什么？第一名占百分之几？**
# %% [markdown] lang="en"
# ## Which kind of op takes most time?
#
# ViT-Ti, its patch embedding written as a convolution (kernel and stride 16).
#
# **Which two kinds of op lead in the profiler, and what share has the first, in percent?**
# %% [markdown] lang="zh" note=true
# 写下两个名字和一个百分数。多数人写注意力。
# %% [markdown] lang="en" note=true
# Two names and a percentage. Most say attention.
# %% [markdown] lang="zh" minutes="5 8 10"
# ## 占 2.3 % 的次数，占七成的时间（存输出的那台机器）
#
# {output from vit.runtime.profiling}
#
# + 次数说**应该**多快，分析器说**哪里**慢
# + 两者差得远的地方，才值得动手
# %% [markdown] lang="en"
# ## 2.3 % of the count, seven tenths of the time
#
# {output from vit.runtime.profiling}
#
# + Counting says how fast it **should** be, the profiler **where** it is slow
# + Where the two are far apart, there is something to gain
# %% [markdown] lang="zh" note=true
# 运行 B·3 的单元格；各人的表不同，请两个人念出自己的。表里 `Conv2D` 不在第一的请举手：下面照自己的份额预测，应当接近 1 倍；预测对了，同样成功。`Erf` 在 GELU 里；`BatchMatMul` 是注意力的两个乘积，12 层 × 2 = 24 次，猜注意力的看这一行。慢的不是“卷积”本身：在有 AVX-512 的处理器上，oneDNN 对这种排列没有快的写法，退回到参考实现；换一台机器也许不慢。
# %% [markdown] lang="en" note=true
# The stored table is of one machine. Run the cells of B·3; tables differ, let two people read theirs. Whose first is not `Conv2D` raises a hand: predict with your own share, it should be near 1 time; a right prediction is as good. `Erf` is in GELU; `BatchMatMul` is attention's two products, 12 blocks × 2 = 24 calls: who guessed attention looks there. It is not convolution as such: on a processor with AVX-512 oneDNN has no quick one for this layout and falls back on a reference implementation; another machine may not be slow here.
# %% [markdown] lang="zh" minutes="- 10 14"
# ## 轮到你了：最多能快多少
#
# {exercise 11.2}
#
# $$\text{speedup}=\frac{1}{(1-s)+s/f}$$
# %% [markdown] lang="en"
# ## Your turn: how much faster can it be
#
# {exercise 11.2}
#
# $$\text{speedup}=\frac{1}{(1-s)+s/f}$$
# %% [markdown] lang="zh" note=true
# Amdahl 定律，先在黑板上推：整个时间是 1，其中 s 的部分快了 f 倍。六分钟。“4 倍”指速度变为 4 倍。让大家念三个结果：80 % 变为 4 倍，整体 2.5；80 % 变为 1000 倍，整体不到 5；5 % 变为 1000 倍，约 1.05。
# %% [markdown] lang="en" note=true
# Amdahl's law, derived on the board: the whole time is 1, and a share s of it gets f times as fast. Six minutes. Then the three results: 80 % four times as fast, the whole 2.5; 80 % a thousand times, less than 5; 5 % a thousand times, about 1.05.
# %% [markdown] lang="zh" minutes="4 5 7" bet=true
# ## 换掉它：整个前向的速度变为几倍？
#
# 卷积占 {{share}} %。换成“展平，再乘一个矩阵”，若达到参考速度，它自己的速度约变为两百倍。
#
# $$\frac{1}{(1-s)+s/f}$$
#
# **整个前向的速度变为几倍？先用 Amdahl 定律算。**
# %% [markdown] lang="en"
# ## Replace it: how many times as fast is the whole?
#
# The convolution has {{share}} %. As "flatten, then one matrix product" at reference speed it would be some two hundred times as fast.
#
# $$\frac{1}{(1-s)+s/f}$$
#
# **How many times as fast is the whole? By Amdahl's law.**
# %% [markdown] lang="zh" note=true
# 每人一个数：1 除以（1 减份额，再加份额除以倍数）。
# %% [markdown] lang="en" note=true
# A number each: 1 over (1 minus the share, plus the share over the factor).
# %% [markdown] lang="zh" minutes="4 7 10"
# ## 预测，再量
#
# {output slow, fast = by_turns}
#
# + 数学上是同一件事：特征只差舍入误差
# + 接近，说明分析器给的**份额**是对的（倍数几乎没有受到检验：换成 30 试试）
# %% [markdown] lang="en"
# ## Predicted, then measured
#
# {output slow, fast = by_turns}
#
# + Mathematically the same: features differ by rounding
# + Near each other: the profiler's **share** was right (the factor is hardly tested: try 30)
# %% [markdown] lang="zh" note=true
# 运行 B·4 的单元格。问：若量出来只快两倍呢？（算子之间的空隙、分析器自己的时间、另一个程序，都可能。）
# %% [markdown] lang="en" note=true
# Run the cells of B·4. Ask what a measured 2 would mean (gaps between ops, the profiler's own time, another program: any of these).
# %% [markdown] lang="zh" minutes="5 7 9"
# ## 剩下的时间去哪了？
#
# {output table = op_times(lambda: forward_of(ours))}
#
# + `MatMul` 以外占一半以上，多半不在乘加的账上
# + 每个算子都把数搬进搬出一次；把相邻的几个合成一个，叫**融合**
# %% [markdown] lang="en"
# ## Where does the rest go?
#
# {output table = op_times(lambda: forward_of(ours))}
#
# + All but `MatMul` takes over half, most of it not in the count
# + Each op carries its numbers in and out; joining is **fusion**
# %% [markdown] lang="zh" note=true
# 先问再指给大家看：`MatMul` 以外的时间（连 `BatchMatMul`）全都变成 0，速度最多变为几倍？（输出的最后一行。）包里的融合算子（几段 C++）得到多少，看 B·4 最后一个单元格。D 节可以自己写一个 C++ 循环，有编译器的人回家做。
# %% [markdown] lang="en" note=true
# Ask before you point: if all but `MatMul`, `BatchMatMul` included, took no time, how many times as fast (the output's last line)? What the package's fused kernels, a few pieces of C++, give is in the last cell of B·4. Section D lets you write a C++ loop of your own, for home, where there is a compiler.
# %% [markdown] lang="zh" minutes="3 3 7" bet=true
# ## 批大小翻倍，每秒的张数也翻倍吗？
#
# 浅的 ViT（$D=192$，两层，65 个 token），批大小从 1 到 64。
#
# **每秒的图数，64 是 1 的几倍？每次翻倍都一样吗？**
# %% [markdown] lang="en"
# ## Twice the batch, twice the images a second?
#
# A shallow ViT ($D=192$, two blocks, 65 tokens), batches from 1 to 64.
#
# **How many times as fast is 64 as 1? Does each doubling give the same?**
# %% [markdown] lang="zh" note=true
# 写一个数，画一条曲线的样子。
# %% [markdown] lang="en" note=true
# A number, and a sketch of the curve.
# %% [markdown] lang="zh" minutes="4 7 9"
# ## 一批越大，固定的开销分摊得越薄
#
# ![](opening#2x1)
# %% [markdown] lang="en"
# ## A fixed cost, shared among more images
#
# ![](opening#2x1)
# %% [markdown] lang="zh" note=true
# 左：虚线是“只有乘加、总是参考速度”，实线在它上面，差的就是别的一切；token 少的时候份额低（15 %），401 个时升到 44 %，785 个 37 %。右：一批越大，固定的开销分摊得越薄：64 是 1 的 3.1 倍，逐次翻倍是 1.4、1.3、1.1、1.1、1.0、1.3，最后一跳可能是起伏。运行 B·5 的单元格，曲线因机器而异。
# %% [markdown] lang="en" note=true
# Left: the dashed line is multiply-adds only, always at reference speed; the solid one lies above, and the gap is everything else: with few tokens the share is low (15 %), with 401 it is 44 %, with 785 37. Right: a larger batch shares the fixed cost among more images: 64 gives 3.1 times 1; the doublings give 1.4, 1.3, 1.1, 1.1, 1.0 and 1.3, the last perhaps by chance. Run the cells of B·5; curves depend on the machine.
# %% [markdown] lang="zh" minutes="- 5 13"
# ## 两个进程，一个模型
#
# {output *alone)}
#
# {output if not MSRUN}
#
# + 各读各的图，张数一样；各算各的梯度，取**平均**（AllReduce），一起更新
# + 整批一样大，结果就和一个进程的一样，只差舍入
# + 多张卡、GPU、昇腾：**尚未在此运行**
# %% [markdown] lang="en"
# ## Two processes, one model
#
# {output *alone)}
#
# {output if not MSRUN}
#
# + Each reads its own images, equally many; gradients are **averaged** (AllReduce), all make one update
# + With the whole batch as before, the result is that of one process, rounding aside
# + Several cards, GPU, Ascend: **not yet run here**
# %% [markdown] lang="zh" note=true
# 两核还是两核，一台电脑上不会更快：这里要看的是**一样**。问：八张卡，每张还用原来的批大小，等于把什么改大了？（整批大了八倍，学习率和预热要重新挑。）想写代码的做 11.3（六分钟）：各读各的，张数必须一样，否则有人会永远等下去。没有 msrun 的系统（Windows）跳过运行。45 和 90 分钟的课看存的输出，11.3 带回家。
# %% [markdown] lang="en" note=true
# Two cores are two cores: it is not faster on one laptop, what counts is **the same**. Ask what grows when each of eight cards keeps the old batch (the whole batch, eight times; rate and warm-up are chosen anew). Those who want to write code do 11.3 (six minutes): each reads its own, equally many, or somebody waits for ever. Without msrun (Windows) skip the run. In 45 and 90 minutes the stored output will do, and 11.3 is for home.
# %% [markdown] lang="zh" minutes="- - 16"
# ## 探究：一样多的参数，一样快吗？
#
# {exercise 11.6}
#
# - 24 层、宽 48，或 1 层、宽 240，都和小 ViT（6 层、宽 96）轮流量：参数差不多
# - 结果是每秒图数的**比值**：2 是两倍的速度，0.5 是一半
# %% [markdown] lang="en"
# ## An investigation: equally many parameters, equally fast?
#
# {exercise 11.6}
#
# - 24 blocks of width 48, or 1 of 240, by turns with the small ViT (6 of width 96): about as many parameters
# - The result is the **ratio** of images a second: 2 is twice as fast, 0.5 half as fast
# %% [markdown] lang="zh" note=true
# 先原样运行一次，预测 `depth=24` 的比值，再运行，十秒左右。表的结论是 A：24 层窄的明显慢于 1 层宽的。为什么，表没有说；可能是算子多、矩阵小。
# %% [markdown] lang="en" note=true
# Run it once as it is, predict the ratio for `depth=24`, run again; about ten seconds. The table says A: 24 narrow blocks are clearly slower than one wide. Why, it does not say; more ops and smaller matrices are likely.
# %% [markdown] lang="zh" minutes="4 6 18"
# ## 记住三句话
#
# 1. 先量再改：等结果，不算头几次，取中位数，在同一次运行里比
# 2. 运算次数说该多快，分析器说哪里慢；两者不一致的地方才值得动手
# 3. 数据并行：整批不变，训练就不变：各算梯度，取平均
#
# **对还是错？** 运算少就快 · 量一次就知道 · 瓶颈一定在网络
#
# 打卡：`checkin("A")`、`"B"`、`"C"` 　下一课：ViT 还是 CNN
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. Measure, then change: wait, leave out the first few, take medians, compare in one run
# 2. Count how fast it should be, profile where it is slow; disagreement is the gain
# 3. Data parallel with the same whole batch is the same training: gradients are averaged
#
# **True or false?** Fewer operations are faster · one reading tells · the bottleneck is in the network
#
# Check in: `checkin("A")`, `"B"`, `"C"`. Next: ViT or CNN
# %% [markdown] lang="zh" note=true
# 三句都是错的：卷积和矩阵乘的次数一样；同一样东西量十次，最大和最小能差一成以上；也可能是数据供不上（第 02 课）。90 分钟的课举手做小测验第 1、2、4 题；45 分钟的课小测验带回家，单元格只由老师在投影上运行。打卡留作课后（先 `join()` 一次）。
# %% [markdown] lang="en" note=true
# All three are false: convolution and product have the same count; ten readings of one thing differ by a tenth and more; it may be in feeding the network (lesson 02). In 90 minutes questions 1, 2 and 4 of the quiz by a show of hands; in 45 the quiz is for home, and only the teacher runs cells. The check-in is for home (`join()` once).
