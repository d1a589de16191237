# %% [markdown] lang="zh" minutes="3 4 4"
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
# 指着地图：训练完了，现在问这个数可不可信。请每个人打开笔记本 08，选中 A·3 标题下面的单元格，Run → Run All Above Selected Cell：没有第 07 课的模型时，会先训练一个，要几分钟，让它先跑。屏幕半合到第 5 页（全合上电脑会睡，训练就停了）：笔记本里写着第 2、3、12 页的答案。以后说“运行 B·4”，都是从上到下运行到那里，练习可以先跳过。讲义第 1 节在第 3 页做，其余带回家。
# %% [markdown] lang="en" note=true
# Point at the map: training is done; can its number be trusted? Everybody opens notebook 08, clicks on the cell below A·3's heading, Run > Run All Above Selected Cell: without a model of lesson 07 one is trained first, some minutes, so start now. Then lids half down until page 5 (shut, a laptop sleeps and the training stops): the notebook answers pages 2, 3 and 12. "Run B·4" always means: everything down to there; exercises may wait. The sheet's first part is for page 3, the rest for home.
# %% [markdown] lang="zh" minutes="3 6 9"
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
# %% [markdown] lang="zh" minutes="3 5 7" bet=true
# ## 坏掉的模型，能得多少分？
#
# 程序出了错，logits 全是 NaN。用这个办法数 top-1：
#
# `(logits > right).sum(1) < 1`：没有谁比正确的那个大，就算对。（top-k：正确的类别在最大的 k 个里）
#
# **会报告百分之几？**
# %% [markdown] lang="en"
# ## A broken model: what does it score?
#
# Something went wrong, and all logits are NaN. Top-1 is counted by
#
# `(logits > right).sum(1) < 1`: nothing is larger than the right one. (Top-k: it is among the k largest.)
#
# **What is reported, in percent?**
# %% [markdown] lang="zh" note=true
# 先用三张图数一遍 top-1、top-2、top-3（讲义第 1 节：名次 1、3、2）。再请每人写一个百分数。
# %% [markdown] lang="en" note=true
# First count top-1, top-2 and top-3 for the three images (hand-out, part 1: ranks 1, 3, 2). Then everybody writes a percentage.
# %% [markdown] lang="zh" minutes="3 4 7"
# ## 满分
#
# {output broken = np.full}
#
# - 与 NaN 比，一切都是假：“没有谁比它大”
# - `argmax` 也不报错：NaN 的 `argmax` 是 0，等于一律猜第 0 类
# - 所以课程的 `vit/evaluation.py` 里：并列算错，遇到 NaN 就停下报错
# %% [markdown] lang="en"
# ## Full marks
#
# {output broken = np.full}
#
# - Any comparison with NaN is false: "nothing is larger"
# - `argmax` raises nothing either: of NaN it is 0, class 0 for everything
# - So in the course's `vit/evaluation.py` a tie counts as wrong, and NaN stops with an error
# %% [markdown] lang="zh" note=true
# 这个错真的在本项目里出现过。为什么 `argmax` 得 5 %：40 个标签里有 2 个是第 0 类。问：logits 全都相等时呢？（第一种办法还是满分；分类头是零的新网络就是这样。）
# %% [markdown] lang="en" note=true
# It did happen in this very project. Why 5 % by argmax: 2 of the 40 labels are class 0. Ask about all logits equal (the first way still gives full marks; a fresh network with a zero head is such a case).
# %% [markdown] lang="zh" minutes="- 9 13"
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
# 六到八分钟。最常见：取了最小的 k 个；返回个数而不是比例。提示：`np.argsort(-logits)` 取前 k 列。没有并列和 NaN 时，上一页的数法也对；答案里就是它，真用要小心。
# %% [markdown] lang="en" note=true
# Six to eight minutes. Most often: the k smallest; a count instead of a fraction. A hint: the first k columns of `np.argsort(-logits)`. The key counts as on the last page, which is right without ties and NaN, and not for real use.
# %% [markdown] lang="zh" minutes="5 7 10"
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
# 自己训练的，指纹和准确率与页上的不同，要看的是哪些相同。问：头两行的指纹不同，能不能证明训练过？（不能：两个种子不同的新网络也不同；要给**同一个对象**在训练前后各算一次。）
# %% [markdown] lang="en" note=true
# Laptops that trained their own show other fingerprints and accuracies; what counts is which are equal. Ask: the first two fingerprints differ; does that prove training (no: two fresh networks differ, too; take it of **one object** before and after).
# %% [markdown] lang="zh" minutes="4 4 7"
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
# %% [markdown] lang="zh" minutes="3 5 7" bet=true
# ## 1000 张图，88 %：真实的值可能在哪里？
#
# $$\mathrm{SE}=\sqrt{p(1-p)/n} \qquad p \pm 1.96\,\mathrm{SE}$$
#
# **95 % 的区间，上下各几个百分点？要把它缩小一半，要多少张图？**
# %% [markdown] lang="en"
# ## 88 % of 1000 images: how sure is that?
#
# $$\mathrm{SE}=\sqrt{p(1-p)/n} \qquad p \pm 1.96\,\mathrm{SE}$$
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
# %% [markdown] lang="zh" minutes="- - 18"
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
# 页上要说清：σ 是种子之间的标准差，n 是每种做法训练几次，差两个 SE 以上才分得开。先原样运行一次，写下预测，再运行（约一分钟），等的时候算：σ 约 2.5 个百分点，各一次，差的标准误差约 3.5 个百分点。表里的平均是 64.0 和 65.5 %，要差 2.8 个百分点才分得开：结论是 C，六个种子也分不开。“分不开”不等于“没有用”。90 分钟的课留作课后。
# %% [markdown] lang="en" note=true
# Say what stands in it: σ is the spread between seeds, n the runs each way, and told apart means more than 2 SE. Run it once as it is, write down what you expect, run again (about a minute). Meanwhile: σ is about 2.5 points, so with one run each the standard error of the difference is about 3.5. Means of the table: 64.0 and 65.5 %, and 2.8 points are needed: the conclusion is C, six seeds do not tell them apart. Not told apart is not useless. In 90 minutes it is for home.
# %% [markdown] lang="zh" minutes="5 8 11"
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
# 运行 B·5，连同画图的两个单元格。按键之前，先请学员找出对角线以外最大的数，念出来“把什么认成了什么”（金鱼认成海星 13 次，茶壶认成金鱼 10 次）；按键逐半放大。再看下一个单元格的那几张图：你自己认得出吗？08.2、08.3 课后做，08.3 的坑：同一对 (i, j) 会出现很多次，`C[i, j] += 1` 的花式下标只加一次。
# %% [markdown] lang="en" note=true
# Run B·5, its two cells with figures included. Before any press let them find the largest number off the diagonal and say what is taken for what (goldfish for starfish, 13; teapots for goldfish, 10); the presses enlarge the halves. The next cell shows such images: can you tell them yourself? 08.2 and 08.3 are for home; the trap of 08.3: a pair (i, j) occurs many times, and fancy indexing with += adds once only.
# %% [markdown] lang="zh" minutes="4 4 7" bet=true
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
# %% [markdown] lang="zh" minutes="5 6 11"
# ## 和什么比？
#
# ![](opening)
# %% [markdown] lang="en"
# ## Compared with what?
#
# ![](opening)
# %% [markdown] lang="zh" note=true
# 一条条念：只猜多数类 10 %；像素的线性模型 53 %；只看颜色的线性模型 56 %（十类里六成的画用自己的颜色）；真标签训练一轮 54 %；十二轮 88 %；打乱的 11 %，和瞎猜分不开。C·6 不运行。问：只报告 88 %，不报告 56 %，读者会误会什么？（以为学会了 78 个百分点；比只看颜色的只多 32。）误差棒是 95 % 区间。
# %% [markdown] lang="en" note=true
# Bar by bar: majority class 10 %; a linear model on pixels 53 %, on colours 56 % (six in ten drawings wear the thing's own colours); one epoch with true labels 54 %; after twelve epochs 88 %; shuffled 11 %, not told apart from guessing. Nobody runs C·6. Ask what a reader gets wrong who sees 88 % and not 56 % (that it gains 78 points; over colours it is 32). The bars are 95 % intervals.
# %% [markdown] lang="zh" minutes="- 10 19"
# ## 哪些数可以报告？
#
# {exercise 08.4}
#
# - 读 C·7 里的 A 到 F，没有要运行的
#
# + 100 个瞎猜的，十类，200 张图：最好的 17.5 %；换一批图：9.5 %
# + 挑选用了哪一份，报告就得换另一份
# %% [markdown] lang="en"
# ## Which numbers may be reported?
#
# {exercise 08.4}
#
# - Read A to F in C·7; no cell to run
#
# + 100 guessers, ten classes, 200 images: the best has 17.5 %, on new images 9.5 %
# + Whatever set chose, another one reports
# %% [markdown] lang="zh" note=true
# 两人一组：先自己写两分钟字母，再商量六分钟，然后才按键。答案是 CF。说明：试得越多，碰巧领先的越多，这不是作弊，是忘了数次数。
# %% [markdown] lang="en" note=true
# In pairs: letters alone for two minutes, six of talk, and only then the presses. The answer is CF. Tell them: the more is tried, the more is ahead by luck; that is no cheating, only forgetting to count.
# %% [markdown] lang="zh" minutes="3 13 22"
# ## 记住三句话
#
# 1. 先问评估的是谁：权重的指纹变了吗？存下再读回来，logits 一样吗？
# 2. 准确率要带上张数和误差：1000 张、一半左右，约正负三个百分点
# 3. 没有基线的数没有意义；必须失败的对照查得出一类错误
#
# **对还是错？** 损失低就是准确率高 · 验证集越难越不公平 · 88.214 % 比 88 % 更可信
#
# 打卡：`checkin("A")`、`"B"`、`"C"` 　下一课：它说什么，它看哪里
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. First ask who: did the fingerprint change, are the logits the same after loading?
# 2. An accuracy comes with its images and error: 1000 at one half, ±3 points
# 3. No baseline, no meaning; a control that must fail catches one kind of error
#
# **True or false?** A lower loss means a higher accuracy · a harder validation set is unfair · 88.214 % is more credible than 88 %
#
# Check in: `checkin("A")`, `"B"`, `"C"`. Next: what it says, where it looks
# %% [markdown] lang="zh" note=true
# 三句都是错的：损失还管把握有多大；难不难对所有人一样；1000 张图、88 %，误差是正负两个百分点（一半左右时正负三个）。回到白板上的问题，挑两条问我们的 88 %。小测验举手答，五分钟（45 分钟的课不做第 5 题）；打卡留作课后（先 `join()` 一次）。
# %% [markdown] lang="en" note=true
# All three are false: a loss is also about confidence; hard is hard for everybody; 1000 images at 88 % support ±2 points (±3 at one half). Back to the board: ask two of its questions of our own 88 %. Five minutes for the quiz by a show of hands (in 45 without question 5); the check-in is for home (`join()` once).
