# %% [markdown] lang="zh" minutes="2 3 4"
# # 08 · 评估
#
# 它真的学到了吗？
#
# ![](map_evaluation)
# %% [markdown] lang="en"
# # 08 · Evaluation
#
# Did it really learn?
#
# ![](map_evaluation)
# %% [markdown] lang="zh" note=true
# 指着地图：训练完了，现在问这个数可不可信。请每个人打开笔记本 08，运行到 A·2 为止：没有第 07 课的模型时，会先训练一个，要几分钟，让它先跑。看到“先猜再看”就合上电脑。以后说“运行 B·4”，都是从上到下运行到那里，练习可以先跳过。
# %% [markdown] lang="en" note=true
# Point at the map: training is done; can its number be trusted? Everybody opens notebook 08 and runs it as far as A·2: without a model of lesson 07 one is trained first, some minutes, so start now. At a bet, lids down. "Run B·4" always means: everything down to there; exercises may wait.
# %% [markdown] lang="zh" minutes="4 5 9"
# ## “我的模型 93 %。”你会问他什么？
#
# + 评估的是**谁**？
# + 每张图都**数**了吗？
# + 这个数有多**准**？
# + 和什么**比**？
# %% [markdown] lang="en"
# ## "My model has 93 %." What do you ask?
#
# + **Who** was evaluated?
# + Was every image **counted**?
# + How **precise** is the number?
# + **Compared** with what?
# %% [markdown] lang="zh" note=true
# 先不按键：收四五个问题，写在白板上。再一条条按出来，看漏了哪一条。下课前用这四问检查自己的 88 %。
# %% [markdown] lang="en" note=true
# No key yet: four or five questions from the class go on the board. Then bring up the four, and see which one was missing. At the end they are asked of our own 88 %.
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
# ## 坏掉的模型，能得多少分？
#
# 程序出了错，logits 全是 NaN。用这个办法数 top-1：
#
# `(logits > right).sum(1) < 1`：没有谁比正确的那个大，就算对。
#
# **会报告百分之几？**
# %% [markdown] lang="en"
# ## A broken model: what does it score?
#
# Something went wrong, and all logits are NaN. Top-1 is counted by
#
# `(logits > right).sum(1) < 1`: nothing is larger than the right one.
#
# **What is reported, in percent?**
# %% [markdown] lang="zh" note=true
# 先用三张图数一遍 top-1、top-2、top-3（A·1：名次 1、3、2）。再请每人写一个百分数。
# %% [markdown] lang="en" note=true
# First count top-1, top-2 and top-3 for the three images (A·1: ranks 1, 3, 2). Then everybody writes a percentage.
# %% [markdown] lang="zh" minutes="3 4 7"
# ## 满分
#
# {output broken = np.full}
#
# - 与 NaN 比，一切都是假：“没有谁比它大”
# - `argmax` 也不报错：NaN 的 `argmax` 是 0，等于一律猜第 0 类
# - 所以：并列算错，遇到 NaN 就停下报错
# %% [markdown] lang="en"
# ## Full marks
#
# {output broken = np.full}
#
# - Any comparison with NaN is false: "nothing is larger"
# - `argmax` raises nothing either: of NaN it is 0, class 0 for everything
# - So: ties count against the model, and NaN stops with an error
# %% [markdown] lang="zh" note=true
# 这个错真的在本项目里出现过。问：logits 全都相等时呢？（第一种办法还是满分；分类头是零的新网络就是这样。）
# %% [markdown] lang="en" note=true
# It did happen in this very project. Ask about all logits equal (the first way still gives full marks; a fresh network with a zero head is such a case).
# %% [markdown] lang="zh" minutes="- 8 13"
# ## 轮到你了：top-k
#
# {exercise 08.1}
#
# - `logits (n, K)`，`labels (n,)` → 0 到 1 的比例
# - 检查里没有并列
# %% [markdown] lang="en"
# ## Your turn: top-k
#
# {exercise 08.1}
#
# - `logits (n, K)`, `labels (n,)` → a fraction between 0 and 1
# - There are no ties in the check
# %% [markdown] lang="zh" note=true
# 六到八分钟。最常见：取了最小的 k 个；返回个数而不是比例。提示：`np.argsort(-logits)` 取前 k 列。
# %% [markdown] lang="en" note=true
# Six to eight minutes. Most often: the k smallest; a count instead of a fraction. A hint: the first k columns of `np.argsort(-logits)`.
# %% [markdown] lang="zh" minutes="5 6 10"
# ## 评估的是谁？给权重算指纹
#
# {output candidates = {}
#
# + 存盘后读回的就是它：指纹相同，logits 逐位相同
# + 评估之前“顺手”载入了别人的：数字好看得多，指纹当场揭穿
# %% [markdown] lang="en"
# ## Who is evaluated? A fingerprint of the weights
#
# {output candidates = {}
#
# + Saved and read back it is the same: fingerprint and logits, to the last bit
# + Somebody else's loaded "by the way": a finer number, and the fingerprint gives it away
# %% [markdown] lang="zh" note=true
# 运行 A·2 的单元格。问：第一行的指纹和第二行不同，能不能证明训练过？（不能：两个种子不同的新网络也不同；要给**同一个对象**在训练前后各算一次。）
# %% [markdown] lang="en" note=true
# Run the cells of A·2. Ask whether the first line's fingerprint, unlike the second's, proves that it was trained (no: two fresh networks differ, too; take it of **one object** before and after).
# %% [markdown] lang="zh" minutes="3 4 7"
# ## 每张图都数了吗？
#
# {output for size in (300, 128, 64)}
#
# + val 按类别排列：丢掉的不是随机的，是排在最后的
# + 这里**偏高**：丢掉的那一类恰好比较难
# %% [markdown] lang="en"
# ## Was every image counted?
#
# {output for size in (300, 128, 64)}
#
# + val is sorted by class: what is lost is not random, it comes last
# + Here it comes out **too high**: the lost class is a hard one
# %% [markdown] lang="zh" note=true
# 换个数据也许偏低：丢的是容易的一类。要紧的是“不知道偏哪边”。08.5（写这个循环，八分钟）课后做：记得先切到评估模式。
# %% [markdown] lang="en" note=true
# With other data it may come out too low. The point is that one cannot know. 08.5, writing this loop, is for home (eight minutes): mind the evaluation mode.
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
# ## 1000 张图，88 %：真实的值可能在哪里？
#
# $$\mathrm{SE}=\sqrt{\frac{p(1-p)}{n}}$$
#
# **95 % 的区间，上下各几个百分点？要把它缩小一半，要多少张图？**
# %% [markdown] lang="en"
# ## 88 % of 1000 images: how sure is that?
#
# $$\mathrm{SE}=\sqrt{\frac{p(1-p)}{n}}$$
#
# **The 95 % interval: how many points to each side? To halve it, how many images?**
# %% [markdown] lang="zh" note=true
# 两个数，写在讲义上。会算的人算：√(0.88 × 0.12 / 1000) 约 0.0103，乘 1.96。
# %% [markdown] lang="en" note=true
# Two numbers on the sheet. Who likes to calculate: the root of 0.88 × 0.12 / 1000 is about 0.0103, times 1.96.
# %% [markdown] lang="zh" minutes="4 5 8"
# ## 上下各两个百分点；缩小一半要四倍的图
#
# {output redrawn = correct}
#
# + 公式和自助法一致：重抽 0 和 1 就是抛硬币
# + 自助法也能用在没有公式的量上
# + 这是**换一批图**的波动；换一个训练种子，是另一层
# %% [markdown] lang="en"
# ## Two points to each side; half of it takes four times the images
#
# {output redrawn = correct}
#
# + Formula and bootstrap agree: redrawing zeros and ones is tossing a coin
# + The bootstrap works for quantities without a formula, too
# + This is what **other images** would change; another training seed is one more thing
# %% [markdown] lang="zh" note=true
# 运行 B·4 的单元格。问：两个模型各 88 % 和 89 %，同一批 1000 张图，分得开吗？（单看两个区间分不开；同一批图应当成对比较，第 13 课。）
# %% [markdown] lang="en" note=true
# Run the cell of B·4. Ask: two models with 88 and 89 % on the same 1000 images, are they told apart? (Not by these intervals; on the same images compare in pairs: lesson 13.)
# %% [markdown] lang="zh" minutes="- 10 18"
# ## 探究：真的高了 1 个百分点吗？
#
# {exercise 08.6}
#
# “加上 0.1 的标签平滑，准确率高了 1 个百分点”：两种做法，各训练了一次
#
# $$\mathrm{SE}_\Delta \approx \sigma\sqrt{2/n}$$
# %% [markdown] lang="en"
# ## An investigation: really one point more?
#
# {exercise 08.6}
#
# "With label smoothing of 0.1, one point more": trained once each way
#
# $$\mathrm{SE}_\Delta \approx \sigma\sqrt{2/n}$$
# %% [markdown] lang="zh" note=true
# 先原样运行一次，写下预测，再运行（约一分钟），等的时候算：σ 约 2.5 个百分点，各一次，差的标准误差约 3.5 个百分点。结论是 C：六个种子也分不开。“分不开”不等于“没有用”。
# %% [markdown] lang="en" note=true
# Run it once as it is, write down what you expect, run again (about a minute). Meanwhile: σ is about 2.5 points, so with one run each the standard error of the difference is about 3.5. The conclusion is C: six seeds do not tell them apart. Not told apart is not useless.
# %% [markdown] lang="zh" minutes="5 6 11"
# ## 错在哪里？混淆矩阵
#
# {figure counted = checked #1x2 | 10×10 的混淆矩阵：对角线深；行是真实类别，列是预测}
#
# - 行是真实类别，列是预测；每行的和是该类的张数
# %% [markdown] lang="en"
# ## Where is it wrong? The confusion matrix
#
# {figure counted = checked #1x2 | A confusion matrix of 10 by 10: a dark diagonal; rows are the true classes, columns the guesses}
#
# - Rows are true classes, columns guesses; a row adds up to the images of its class
# %% [markdown] lang="zh" note=true
# 请学员找出对角线以外最深的一格，念出来：“把什么认成了什么”。再运行下一个单元格，看那几张图：你自己认得出吗？写代码的人做 08.3（七分钟）：同一对 (i, j) 会出现很多次，`C[i, j] += 1` 的花式下标只加一次。
# %% [markdown] lang="en" note=true
# Let them find the darkest cell off the diagonal and say what is taken for what. The next cell shows such images: can you tell them yourself? Those who write code do 08.3 (seven minutes): a pair (i, j) occurs many times, and fancy indexing with += adds once only.
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
# ## 一个必须失败的对照
#
# 同样的网络，同样的步数，训练一轮，标签**打乱**。
#
# **在没见过的验证图上，它会得百分之几？真标签训练一轮呢？**
# %% [markdown] lang="en"
# ## A control that must fail
#
# The same network, as many steps, one epoch, with **shuffled** labels.
#
# **What will it score on validation images? And one epoch with true labels?**
# %% [markdown] lang="zh" note=true
# 下注：两个数。追问：如果打乱的得了 60 %，说明什么？（评估有错：载入了别的权重，或者答案从别处漏了进来。它**查不出**验证图混进训练集：那些图的标签也打乱了。）
# %% [markdown] lang="en" note=true
# Bets, two numbers. Ask what 60 % for the shuffled one would mean (the evaluation is wrong: other weights, or the answers leak in somewhere. It does **not** reveal validation images among the training images, whose labels are shuffled as well).
# %% [markdown] lang="zh" minutes="4 5 11"
# ## 和什么比？
#
# ![](opening)
# %% [markdown] lang="en"
# ## Compared with what?
#
# ![](opening)
# %% [markdown] lang="zh" note=true
# 一条条念：只猜多数类 10 %；像素的线性模型 53 %；只看颜色的线性模型 56 %（十类里六成的画用自己的颜色）；真标签训练一轮 54 %；训练完 88 %；打乱的 11 %，和瞎猜分不开。问：只报告 88 %，不报告 56 %，读者会误会什么？误差棒是 95 % 区间。
# %% [markdown] lang="en" note=true
# Bar by bar: majority class 10 %; a linear model on pixels 53 %, on colours 56 % (six in ten drawings wear the thing's own colours); one epoch with true labels 54 %; fully trained 88 %; shuffled 11 %, not told apart from guessing. Ask what a reader gets wrong who sees 88 % and not 56 %. The bars are 95 % intervals.
# %% [markdown] lang="zh" minutes="- 10 19"
# ## 哪些数可以报告？
#
# {exercise 08.4}
#
# + 100 个瞎猜的里挑最好的：17.5 %；换一批图：9.5 %
# + 挑选用了哪一份，报告就得换另一份
# %% [markdown] lang="en"
# ## Which numbers may be reported?
#
# {exercise 08.4}
#
# + The best of 100 guessers has 17.5 %; on new images 9.5 %
# + Whatever set chose, another one reports
# %% [markdown] lang="zh" note=true
# 六到十分钟，两人一组。先自己写字母，再商量。答案是 CF。说明：试得越多，碰巧领先的越多，这不是作弊，是忘了数次数。
# %% [markdown] lang="en" note=true
# Six to ten minutes, in pairs; letters alone first, then talk. The answer is CF. Tell them: the more is tried, the more is ahead by luck; that is no cheating, only forgetting to count.
# %% [markdown] lang="zh" minutes="6 12 22"
# ## 记住三句话
#
# 1. 先问评估的是谁：权重的指纹变了吗？存下再读回来，logits 一样吗？
# 2. 准确率要带上张数和误差：1000 张、一半左右，约正负三个百分点
# 3. 没有基线的数没有意义；必须失败的对照查得出一类错误
#
# **对还是错？** 损失低就是准确率高 · 验证集越难越不公平 · 三位小数更可信
#
# 打卡：`checkin("A")`、`"B"`、`"C"` 　下一课：它说什么，它看哪里
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. First ask who: did the fingerprint change, are the logits the same after loading?
# 2. An accuracy comes with its images and error: 1000 at one half, ±3 points
# 3. No baseline, no meaning; a control that must fail catches one kind of error
#
# **True or false?** A lower loss means a higher accuracy · a harder validation set is unfair · three decimals are more credible
#
# Check in: `checkin("A")`, `"B"`, `"C"`. Next: what it says, where it looks
# %% [markdown] lang="zh" note=true
# 三句都是错的：损失还管把握有多大；难不难对所有人一样；1000 张图只支持到两个百分点。回到白板上的问题，逐条问我们的 88 %。小测验五分钟；打卡留作课后（先 `join()` 一次）。
# %% [markdown] lang="en" note=true
# All three are false: a loss is also about confidence; hard is hard for everybody; 1000 images support two points, no more. Back to the board: ask its questions of our own 88 %. Five minutes for the quiz; the check-in is for home (`join()` once).
