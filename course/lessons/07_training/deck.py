# %% [markdown] lang="zh" minutes="1 3 3"
# # 07 · 训练
#
# 你的网络在你眼前学会
#
# ![](map_training)
# %% [markdown] lang="en"
# # 07 · Training
#
# Your network learns before your eyes
#
# ![](map_training)
# %% [markdown] lang="zh" note=true
# 上课前：在 `python start.py lab` 里把笔记本从头运行一遍（约五分钟），开着别关。它训练完了就没有过程可看；要现场训练，先设环境变量 `VIT_OUTPUTS=demo`，再开一个 lab，运行到 C·7 之前。指着地图：网络已经写好，现在写训练循环。学员的笔记本下面有存好的输出：有“先猜再看”的页，请他们合上电脑。讲义课前放在座位上。
# %% [markdown] lang="en" note=true
# Before class: run the notebook from the top in `python start.py lab` (about five minutes) and keep it open. A training that is done has nothing left to show; for a live one set the environment variable `VIT_OUTPUTS=demo`, open a second lab and run it up to C·7. Point at the map: the network is written; today comes the loop that trains it. Learners have stored outputs below: at every bet, lids down. The sheets lie on the seats.
# %% [markdown] lang="zh" minutes="- 3 6"
# ## 从随机数，到认对近九成
#
# ![](opening#2x1.2)
# %% [markdown] lang="en"
# ## From random numbers to nearly ninety percent
#
# ![](opening#2x1.2)
# %% [markdown] lang="zh" note=true
# 笔记本开头的图上还有损失，那是下一页的答案，所以电脑先合着。5000 张图，12 轮，两核 CPU 上四五分钟。问：虚线是什么？（十类里瞎猜，0.1。）
# %% [markdown] lang="en" note=true
# The figure at the top of the notebook has the loss as well, which answers the next page: lids stay down. 5,000 pictures, 12 epochs, four to five minutes on two CPU cores. Ask what the dashed line is (a guess among ten classes, 0.1).
# %% [markdown] lang="zh" minutes="4 3 5" bet=true
# ## 什么也没学时，损失是多少？
#
# $$\mathcal{L} = -\log\frac{e^{z_y}}{\sum_k e^{z_k}}$$
#
# 分类头从 0 开始，十个 logits 都相等，就是瞎猜。
#
# **第一步的损失是多少？**
# %% [markdown] lang="en"
# ## What is the loss of a network that knows nothing?
#
# $$\mathcal{L} = -\log\frac{e^{z_y}}{\sum_k e^{z_k}}$$
#
# The head starts at 0, the ten logits are equal, a blind guess.
#
# **What is the loss of the first step?**
# %% [markdown] lang="zh" note=true
# 每人在讲义上写一个数；log 是自然对数。提示：正确类别的概率是多少？负对数呢？写 0.1 的写的是概率；写 1 的多半用了以 10 为底的对数。
# %% [markdown] lang="en" note=true
# Everybody writes a number on the sheet; log is the natural one. A hint: which probability does the right class get, and what is minus its logarithm? 0.1 is that probability; 1 is mostly a logarithm to base 10.
# %% [markdown] lang="zh" minutes="3 3 6"
# ## $\log 10 = 2.303$，一看便知
#
# {output eager_model, compiled_model}
#
# - 远大于它：先查分类头的初值，和损失收到的是不是 logits
# - 标签错了它查不出来：瞎猜时，什么标签都是 $\log K$
# %% [markdown] lang="en"
# ## $\log 10 = 2.303$, at a glance
#
# {output eager_model, compiled_model}
#
# - Far above it: look at the head's initial values, and whether the loss gets logits
# - Wrong labels it cannot find: a blind guess loses $\log K$ whatever they are
# %% [markdown] lang="zh" note=true
# 成本最低的检查。输入的尺度它查不出来：ViT 在分类头之前归一化。顺便看第二件事：动态图和静态图的损失相同；静态图第一步要编译，之后每步快几倍（编译之外，包里的融合算子也有份）。这是 B·4 的单元格，现在不要运行。
# %% [markdown] lang="en" note=true
# No check is cheaper. The scale of the inputs it cannot find: a ViT normalises before its head. And a second thing: eager and compiled give the same losses; the graph's first step compiles, later ones are several times as fast (its fused kernels have a share in that). The cell belongs to B·4: do not run it now.
# %% [markdown] lang="zh" minutes="5 6 9"
# ## AdamW：每个参数自己的步长
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)g \qquad v\leftarrow\beta_2 v+(1-\beta_2)g^2$$
#
# $$\hat m=\frac{m}{1-\beta_1^t} \qquad \hat v=\frac{v}{1-\beta_2^t}$$
#
# $$p\leftarrow p-\eta\left(\frac{\hat m}{\sqrt{\hat v}+\epsilon}+\lambda p\right)$$
#
# + $m$、$v$：梯度和梯度平方的滑动平均；$\beta$ 取 0.9、0.999
# + 从 0 开始，头几步偏小，所以除以 $1-\beta^t$
# + 最后一项：衰减，和梯度分开（W）
# %% [markdown] lang="en"
# ## AdamW: a step size for each parameter
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)g \qquad v\leftarrow\beta_2 v+(1-\beta_2)g^2$$
#
# $$\hat m=\frac{m}{1-\beta_1^t} \qquad \hat v=\frac{v}{1-\beta_2^t}$$
#
# $$p\leftarrow p-\eta\left(\frac{\hat m}{\sqrt{\hat v}+\epsilon}+\lambda p\right)$$
#
# + $m$, $v$: running means of $g$ and $g^2$; $\beta$ 0.9, 0.999
# + From 0, too small at first: hence $1-\beta^t$
# + The last term: decay, apart from the gradient (the W)
# %% [markdown] lang="zh" note=true
# 一行一行读，不要推导。问：$\hat m/\sqrt{\hat v}$ 的单位是什么？（没有单位：梯度除以梯度。）能推出什么，先不说：下一页要猜。
# %% [markdown] lang="en" note=true
# Read it line by line, derive nothing. Ask for the unit of m over the root of v (none: gradient by gradient). What follows from it is the next page's bet; do not say it.
# %% [markdown] lang="zh" minutes="3 3 5" bet=true
# ## 梯度差 500 倍，第一步差多少？
#
# 两个参数，梯度分别是 $g=0.5$ 和 $g=0.001$。
#
# **AdamW 的第一步，谁走得远？远几倍？**
# %% [markdown] lang="en"
# ## Gradients 500 times apart: first steps?
#
# Two parameters, with gradients $g=0.5$ and $g=0.001$.
#
# **Which of them moves further in AdamW's first step, and how many times?**
# %% [markdown] lang="zh" note=true
# 写下来再举手：500 倍、22 倍、一样。让写“一样”的人说理由。
# %% [markdown] lang="en" note=true
# Write it down, then a show of hands: 500 times, 22 times, the same. Let somebody who wrote "the same" say why.
# %% [markdown] lang="zh" minutes="3 4 7"
# ## 一样远：正好一个学习率
#
# {output uncorrected = first_m}
#
# - $\beta_2=0.999$ 时没有偏差修正，第一步是应有长度的三倍多；$\beta_2=0.95$ 时反而不到一半
# - `nn.AdamWeightDecay` 没有修正；`nn.Adam(weight_decay=)` 是 L2
# %% [markdown] lang="en"
# ## As far: one learning rate exactly
#
# {output uncorrected = first_m}
#
# - With $\beta_2=0.999$ and no bias correction the first step is over three times as long as it should be; with 0.95 less than half as long
# - `nn.AdamWeightDecay` has no correction; `nn.Adam(weight_decay=)` is L2
# %% [markdown] lang="zh" note=true
# 所以步长由学习率决定，不由梯度的大小决定（只要梯度远大于 ε）。C·7 用 β₂=0.95：0.1 除以 0.05 的平方根是 0.45。学员会问“那别的程序为什么用别的？”：看 A·2 的表，各有各的限制；本课程的 AdamW 在 `vit/training/optimizer.py`。时间够就做 07.2。
# %% [markdown] lang="en" note=true
# So the rate decides how far a step goes, not the size of the gradient (as long as it is far above ε). C·7 trains with β₂=0.95: 0.1 over the root of 0.05 is 0.45. Somebody will ask why other programs use the others: the table in A·2 has the limits of each; the course's own is in `vit/training/optimizer.py`. With time left, do 07.2.
# %% [markdown] lang="zh" minutes="6 9 10"
# ## 五件事，一张计算图
#
# ![](training_step)
# %% [markdown] lang="en"
# ## Five things, one graph
#
# ![](training_step)
# %% [markdown] lang="zh" note=true
# 按六次键：前向、损失、反向、裁剪、更新，最后是 Python 的循环。第五次键时说：学习率前十分之一的步上升（预热），然后沿半个余弦下降。每一步说出 MindSpore 的名字：`value_and_grad`、`clip_by_global_norm`、`optimizer(梯度)`；没有 `backward` 和 `zero_grad`，梯度是函数的返回值（A 节有 (w−3)² 的小例子）。虚线框内是编译成一张图的部分。“AdamW 不看梯度的大小，为什么还裁剪？”：一批反常的大梯度会在 m 和 v 里留很久。
# %% [markdown] lang="en" note=true
# Six presses: forward, loss, backward, clip, update, and last Python's loop. At the fifth: the rate climbs for the first tenth of the steps (warm-up), then falls along half a cosine. Name MindSpore's function at each: `value_and_grad`, `clip_by_global_norm`, `optimizer(gradients)`; there is no `backward` and no `zero_grad`, gradients are what a function returns (section A has (w − 3)² as a toy). "Why clip, if AdamW ignores the size?" One odd batch would stay in m and v for long. What is inside the dashed frame becomes one graph.
# %% [markdown] lang="zh" minutes="- 24 26"
# ## 写出你的 `TrainStep`
#
# {exercise 07.3}
#
# - `__init__`：损失，和同时给出损失与梯度的函数（只造一次）
# - `construct`：求梯度，先裁剪，再更新，返回更新**前**的损失
# %% [markdown] lang="en"
# ## Write your `TrainStep`
#
# {exercise 07.3}
#
# - `__init__`: the loss, and the function that gives loss and gradients, made once
# - `construct`: gradients, clip, update; return the loss **before** the update
# %% [markdown] lang="zh" note=true
# 二十分钟，十分钟后看第一条提示；写完的人核对三次 `check`，然后做 07.2，不往下翻：B·4 存着下一页的答案。报 `NameError`：选中这个单元格，Run → Run All Above Selected Cell。最常见：忘了裁剪；每个梯度各裁各的，而不是按总范数；返回更新**之后**的损失。到点就走：没写完的用课程的。
# %% [markdown] lang="en" note=true
# Twenty minutes; after ten, the first hint. Whoever is done does 07.2 and stays above B·4, where the next page's answer is stored. A `NameError`: click on the cell, Run > Run All Above Selected Cell. Most often: no clipping; each gradient clipped by itself instead of all by their common norm; the loss **after** the update returned. Go on when the time is up: the course's stands in.
# %% [markdown] lang="zh" minutes="3 3 6" bet=true
# ## 标签是乱写的，损失会降吗？
#
# 一批 16 张，反复训练 50 步。一次用真的标签，一次把标签打乱。
#
# **打乱的那次，损失会降到多少？**
# %% [markdown] lang="en"
# ## Made-up labels: will the loss go down?
#
# One batch of 16, fifty steps on it. Once with the true labels, once with the labels shuffled.
#
# **How far down will the loss go for the shuffled ones?**
# %% [markdown] lang="zh" note=true
# 举手：不降、降一点、一样低。多数人选“不降”。
# %% [markdown] lang="en" note=true
# A show of hands: not at all, a little, just as low. Most say not at all.
# %% [markdown] lang="zh" minutes="4 4 8"
# ## 一样低：它背下来了
#
# {output overfit = {}}
#
# - 损失下降只说明**优化**在工作，不说明学到了东西
# - 学没学到，只能拿没见过的图来检验
# - 训练前先过拟合一批：做不到，先查程序，再查学习率
# %% [markdown] lang="en"
# ## Just as low: it has memorised them
#
# {output overfit = {}}
#
# - A falling loss proves that the **optimisation** works, not that anything carries over
# - Only pictures never seen can tell
# - Overfit one batch before any training: if that fails, look at the program, then the rate
# %% [markdown] lang="zh" note=true
# 这是本课最重要的一页。看页上存的输出就够了；180 分钟的课在投影上运行 B·4 的三个单元格，约半分钟。过拟合得了也不证明程序没错：标签都错一位照样背得下来。追问：那验证集上的准确率怎样知道不是碰巧？（第 08 课：基线、打乱标签的对照、区间。）
# %% [markdown] lang="en" note=true
# The most important page of this lesson. The stored output will do; in 180 minutes run the three cells of B·4 on the projector, about half a minute. That it can be done does not prove the program right: labels off by one are memorised as well. Ask further: how does one know that the accuracy on val is no coincidence? (Lesson 08: baselines, a control with shuffled labels, intervals.)
# %% [markdown] lang="zh" minutes="- - 8"
# ## 学习率：先升后降
#
# ![](schedule)
# %% [markdown] lang="en"
# ## The learning rate: first up, then down
#
# ![](schedule)
# %% [markdown] lang="zh" note=true
# 预热的一个可能的理由：头几步的 v 只看过几个梯度，不可靠；在这个峰值上，探究 07.8 没有量出差别（同样，理由没有检验过）。余弦：快结束时小步才停得稳。峰值是在另一个种子画的图上挑的，没有看验证集；为什么要紧？（挑选过的数会讨好自己。）
# %% [markdown] lang="en" note=true
# A possible reason for warm-up: in the first steps v has seen a few gradients only; at this peak, investigation 07.8 measured no difference, and the reason is untested. Cosine: small steps settle. The peak was chosen on drawings of another seed, not on the validation set; ask why that matters (a number chosen there flatters itself).
# %% [markdown] lang="zh" minutes="5 8 22"
# ## 现在训练：你的网络在你眼前学会
#
# {output trained_weights}
#
# - 随时可以停（■）；再运行同一个单元格，从停下的那一步接着训练
# - 通过了检查的部分用你的，没有通过的用课程的
# - 没有时间：`train_it = False`，用课程自带的权重
# %% [markdown] lang="en"
# ## Now train: it learns before your eyes
#
# {output trained_weights}
#
# - Stop at any time (■); run the same cell again, and it goes on from that step
# - What has passed its check is yours; the rest is the course's
# - No time: `train_it = False`, and the course's weights are used
# %% [markdown] lang="zh" note=true
# 选中 C·7 里 `watch` 的单元格：Run → Run All Above Selected Cell（约一分钟，没做的练习照样运行），再运行它；训练完再运行下一格（存下权重，第 08 课用）。07.3 报红字：把写了一半的换回原来的占位，再来一次。停下（■）和接上只在投影上做一次，问：要接得上，必须存下什么？（权重、m、v、第几步、数据读到哪里；只存权重，第一步的损失一样，然后走上别的路。）大家让它跑完，约四分钟，慢的电脑八分钟；内核这时忙着，下一页在纸上做。45 分钟的课只在投影上训练，讲完第 11 页、翻到这一页之前开始（慢的电脑从第 10 页起）；今天训练的是课程的网络，自己的在家写。180 分钟的课先做 07.6（循环）再训练。最后请大家说出自己最后一轮的数；报告最后一轮，不报告最好的一轮。
# %% [markdown] lang="en" note=true
# Click on the `watch` cell of C·7: Run > Run All Above Selected Cell (about a minute; exercises not done are run as they are), then run it, and when it is done the next one, which keeps the weights for lesson 08. Red in 07.3: put the placeholder back and repeat. Stopping (■) and going on is shown once, on the projector; ask what must have been kept (weights, m, v, the step, the place in the data; with weights alone the first loss is the same, then it takes another way). Everybody lets it finish, about four minutes, eight on a slow laptop; the kernel is busy meanwhile, so the next page is done on paper. In 45 minutes train on the projector only, and start it when page 11 is through (on a slow machine at page 10); today it is the course's network, yours comes at home. In 180 do 07.6 (the loop) first. In the end learners read out their last epoch; the last is reported, not the best.
# %% [markdown] lang="zh" minutes="- 14 18"
# ## 六次训练，六个原因
#
# {exercise 07.7}
#
# {output run['first']}
#
# A 学习率大了 30 倍 · B 训练的标签都错一位 · C 验证的图没有归一化 · D 验证时还在训练模式（有 dropout） · E 学习率停在预热的第一步 · F 分类头从 N(0, 1) 开始
# %% [markdown] lang="en"
# ## Six trainings, six causes
#
# {exercise 07.7}
#
# {output run['first']}
#
# A rate 30 times too high · B training labels off by one · C validation images not normalised · D validated in training mode (dropout) · E rate stays in its warm-up · F head starts from N(0, 1)
# %% [markdown] lang="zh" note=true
# 两人一组，在讲义背面写六个字母；曲线在笔记本 C·8，训练跑完后再运行 `check`。先一起做最容易的两个：第 3 次（第一步的损失是 10.73，不是 2.3）和第 5 次（同一组参数验证两次，51.3 和 52.3：还在训练模式），其余四个两人做；学习率停在预热和大了 30 倍的那两次最容易混。通过后展开看：训练损失好看、验证很差，不一定是过拟合。
# %% [markdown] lang="en" note=true
# In pairs, six letters on the back of the sheet; the curves are in the notebook, C·8; run `check` when the training is done. Together the two easy ones: run 3 (its first loss is 10.73, not 2.3) and run 5 (the same parameters validated twice: 51.3 and 52.3, still in training mode); the other four in pairs; the rate that stays in its warm-up and the one 30 times too high are mixed up most. Afterwards unfold the cell: a fine training loss with a poor validation is not always overfitting.
# %% [markdown] lang="zh" minutes="4 - 9"
# ## 只存权重，够不够？
#
# {output whole := five_more}
#
# - 完整的状态：接得一模一样，逐位相同
# - 只有权重：第一步的损失还一样，然后走上了别的路
# %% [markdown] lang="en"
# ## Are the weights enough?
#
# {output whole := five_more}
#
# - The whole state: it goes on exactly, to the last digit
# - Weights only: the first loss is the same, then it takes another way
# %% [markdown] lang="zh" note=true
# 问：只有权重的那一次，损失反而更低，是好事吗？（不是我们要的：要的是接上；它的学习率又预热了一遍。）
# %% [markdown] lang="en" note=true
# Ask: with weights only the loss ends lower; is that good? (Not what was wanted, which is to go on; its rate has warmed up a second time.)
# %% [markdown] lang="zh" minutes="4 3 12"
# ## 记住三句话
#
# 1. 一步 = 前向、损失、反向、裁剪、更新；开始时的损失应是 $\log K$，先过拟合一批
# 2. AdamW 的第一步：梯度远大于 $\epsilon$ 的参数各移动一个学习率，靠的是偏差修正；衰减不进梯度
# 3. 接着训练要存的不只是权重：$m$、$v$、步数、数据的位置
#
# 打卡：做完哪一节，就 `checkin` 哪一节 　下一课：它到底学到了什么？
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. A step: forward, loss, backward, clip, update; the loss starts at $\log K$; overfit one batch first
# 2. AdamW's first step moves each parameter whose gradient is far above $\epsilon$ by one rate, thanks to bias correction; decay stays out of the gradient
# 3. To go on takes more than weights: $m$, $v$, the step, the place in the data
#
# Check in: `checkin` for each section that is done. Next: what has it really learned?
# %% [markdown] lang="zh" note=true
# 小测验和打卡留作课后（先 `join()` 一次）。加问：分类头从 0 开始，第一步时哪些参数动？（衰减不算，只有分类头的 970 个：别的梯度都是 0。）探索页 `python start.py explore` 里现在有他们自己的网络，每轮一个，可以拖着看。
# %% [markdown] lang="en" note=true
# Quiz and check-in are for home (`join()` once). A bonus question: the head starts at 0; which parameters move in the first step? (Decay aside only the head's 970: all other gradients are 0.) In the explorer, `python start.py explore`, they now find their own network, one for each epoch, on a slider.
