# %% [markdown] lang="zh" minutes="1 2 3"
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
# 上课前：另开一个终端运行 `python start.py lessons --only 07`，约五分钟，C 节的训练就有现成的。指着地图：网络已经写好，现在写让它学会的那一圈。
# %% [markdown] lang="en" note=true
# Before class: in another terminal run `python start.py lessons --only 07`, about five minutes, so that the training of section C is there. Point at the map: the network is written; today comes the cycle that makes it learn.
# %% [markdown] lang="zh" minutes="3 4 6"
# ## 从随机数，到认对近九成
#
# ![](opening)
# %% [markdown] lang="en"
# ## From random numbers to nearly ninety percent
#
# ![](opening)
# %% [markdown] lang="zh" note=true
# 问：左图和右图能互相比较吗？（不能：左边是损失，右边是准确率；左边蓝线是训练图，绿点是验证图。）5000 张图，12 轮，两核 CPU 上四五分钟。
# %% [markdown] lang="en" note=true
# Ask whether the two plots can be compared (no: one is a loss, the other an accuracy; on the left the line is training images, green is validation). 5,000 pictures, 12 epochs, four to five minutes on two CPU cores.
# %% [markdown] lang="zh" minutes="2 3 5" bet=true
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
# 每人写一个数。提示：正确类别的概率是多少？负对数呢？有人会写 1 或 0.1，问他们那是哪一个量。
# %% [markdown] lang="en" note=true
# Everybody writes a number. A hint: which probability does the right class get, and what is minus its logarithm? Some write 1 or 0.1; ask which quantity that is.
# %% [markdown] lang="zh" minutes="2 3 6"
# ## $\log 10 = 2.303$，一看便知
#
# {output eager_model, compiled_model}
#
# - 远大于它：先查分类头的初值和输入的尺度
# - 标签错了它查不出来：瞎猜时，什么标签都是 $\log K$
# %% [markdown] lang="en"
# ## $\log 10 = 2.303$, at a glance
#
# {output eager_model, compiled_model}
#
# - Far above it: look at the head's initial values and the scale of the inputs
# - Wrong labels it cannot find: a blind guess loses $\log K$ whatever they are
# %% [markdown] lang="zh" note=true
# 成本最低的检查。顺便看第二件事：动态图和静态图的损失相同，每步的时间差几倍。
# %% [markdown] lang="en" note=true
# No check is cheaper. And a second thing: eager and compiled give the same losses, and a step takes several times as long eagerly.
# %% [markdown] lang="zh" minutes="4 6 9"
# ## AdamW：每个参数自己的步长
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)g \qquad v\leftarrow\beta_2 v+(1-\beta_2)g^2$$
#
# $$\hat m=\frac{m}{1-\beta_1^t} \qquad \hat v=\frac{v}{1-\beta_2^t}$$
#
# $$p\leftarrow p-\eta\left(\frac{\hat m}{\sqrt{\hat v}+\epsilon}+\lambda p\right)$$
#
# + $m$：梯度的滑动平均；$v$：梯度平方的
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
# + $m$: a running mean of gradients; $v$: of their squares
# + They start from 0 and are too small at first, hence $1-\beta^t$
# + The last term: decay, apart from the gradient (the W)
# %% [markdown] lang="zh" note=true
# 一行一行读，不要推导。问：$\hat m/\sqrt{\hat v}$ 的单位是什么？（没有单位：梯度除以梯度。）所以步长由学习率决定，不由梯度的大小决定。
# %% [markdown] lang="en" note=true
# Read it line by line, derive nothing. Ask for the unit of m over the root of v (none: gradient by gradient). So the rate decides how far a step goes, not the size of the gradient.
# %% [markdown] lang="zh" minutes="2 3 5" bet=true
# ## 梯度差 500 倍，第一步差多少？
#
# 两个参数，梯度分别是 $g=0.5$ 和 $g=0.001$。
#
# **AdamW 的第一步，谁走得远？远几倍？**
# %% [markdown] lang="en"
# ## Gradients 500 times apart: and the first steps?
#
# Two parameters, with gradients $g=0.5$ and $g=0.001$.
#
# **Which of them moves further in AdamW's first step, and how many times?**
# %% [markdown] lang="zh" note=true
# 写下来再举手：500 倍、22 倍、一样。让写“一样”的人说理由。
# %% [markdown] lang="en" note=true
# Write it down, then a show of hands: 500 times, 22 times, the same. Let somebody who wrote "the same" say why.
# %% [markdown] lang="zh" minutes="2 4 7"
# ## 一样远：正好一个学习率
#
# {output uncorrected = first_m}
#
# - 没有偏差修正，第一步长了三倍多，偏偏是网络最脆弱的时候
# - `nn.AdamWeightDecay` 没有修正；`nn.Adam(weight_decay=)` 是 L2
# %% [markdown] lang="en"
# ## As far: one learning rate exactly
#
# {output uncorrected = first_m}
#
# - Without bias correction the first step is more than three times too long, just when the network is most fragile
# - `nn.AdamWeightDecay` has no correction; `nn.Adam(weight_decay=)` is L2
# %% [markdown] lang="zh" note=true
# 学员会问“那官方教程为什么用别的？”：看 A·2 的表，各有各的限制；本课程的 AdamW 在 `vit/training/optimizer.py`。时间够就做 07.2。
# %% [markdown] lang="en" note=true
# Somebody will ask why other programs use the others: the table in A·2 has the limits of each; the course's own is in `vit/training/optimizer.py`. With time left, do 07.2.
# %% [markdown] lang="zh" minutes="6 8 10"
# ## 五件事，一张计算图
#
# ![](training_step)
# %% [markdown] lang="en"
# ## Five things, one graph
#
# ![](training_step)
# %% [markdown] lang="zh" note=true
# 按六次键：前向、损失、反向、裁剪、更新，最后是 Python 的循环。每一步说出 MindSpore 的名字：`value_and_grad`、`clip_by_global_norm`、`optimizer(梯度)`。虚线框内是编译成一张图的部分。
# %% [markdown] lang="en" note=true
# Six presses: forward, loss, backward, clip, update, and last Python's loop. Name MindSpore's function at each: `value_and_grad`, `clip_by_global_norm`, `optimizer(gradients)`. What is inside the dashed frame becomes one graph.
# %% [markdown] lang="zh" minutes="- 20 26"
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
# 二十分钟，十分钟后看第一条提示。最常见：忘了裁剪；对所有参数求导而不是 `optimizer.parameters`；在 `construct` 里每步都造一次求导的函数。
# %% [markdown] lang="en" note=true
# Twenty minutes; after ten, the first hint. Most often: no clipping; gradients of something else than `optimizer.parameters`; the differentiating function made anew at every step inside `construct`.
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
# %% [markdown] lang="zh" minutes="3 4 8"
# ## 一样低：它背下来了
#
# {output overfit = {}}
#
# - 损失下降只说明**优化**在工作，不说明学到了东西
# - 学没学到，只能用没见过的图来问
# - 训练前先过拟合一批：做不到，程序就有错
# %% [markdown] lang="en"
# ## Just as low: it has memorised them
#
# {output overfit = {}}
#
# - A falling loss proves that the **optimisation** works, not that anything was learned
# - Only pictures never seen can tell
# - Overfit one batch before any training: if that fails, the program is wrong
# %% [markdown] lang="zh" note=true
# 这是本课最重要的一页。追问：那验证集上的准确率怎样知道不是碰巧？（第 08 课：基线、打乱标签的对照、区间。）
# %% [markdown] lang="en" note=true
# The most important page of this lesson. Ask further: how does one know that the accuracy on val is no coincidence? (Lesson 08: baselines, a control with shuffled labels, intervals.)
# %% [markdown] lang="zh" minutes="3 5 8"
# ## 学习率：先升后降
#
# ![](schedule)
# %% [markdown] lang="en"
# ## The learning rate: first up, then down
#
# ![](schedule)
# %% [markdown] lang="zh" note=true
# 预热：头几步的 v 只看过几个梯度，不可靠。余弦：快结束时小步才停得稳。峰值是在另一个种子画的图上挑的，没有看验证集，为什么这要紧？
# %% [markdown] lang="en" note=true
# Warm-up: in the first steps v has seen a few gradients only. Cosine: small steps settle. The peak was chosen on drawings of another seed, not on the validation set; ask why that matters.
# %% [markdown] lang="zh" minutes="6 9 22"
# ## 现在训练：你的网络，你的步，你的循环
#
# {output trained_weights}
#
# - 随时可以停（■）；再运行同一个单元格，从停下的那一步接着训练
# - 停下要存的：权重、$m$、$v$、步数、数据走到哪一批
# - 没有时间：`train_it = False`，用课程自带的权重
# %% [markdown] lang="en"
# ## Now train: your network, your step, your loop
#
# {output trained_weights}
#
# - Stop at any time (■); run the same cell again, and it goes on from that step
# - What has to be kept for that: weights, $m$, $v$, the step, the place in the data
# - No time: `train_it = False`, and the course's weights are used
# %% [markdown] lang="zh" note=true
# 运行 C·7 的单元格，看两轮，按 ■ 停下，再运行一次接上。180 分钟的课先做 07.6（循环），再训练。让大家说出自己的最后一轮是多少；报告最后一轮，不报告最好的一轮。
# %% [markdown] lang="en" note=true
# Run the cell of C·7, watch two epochs, stop with ■, run it again. In 180 minutes do 07.6 (the loop) first. Let learners say what their last epoch has; the last is reported, not the best.
# %% [markdown] lang="zh" minutes="- 12 18"
# ## 六次训练，六个原因
#
# {exercise 07.7}
#
# {figure plt.subplots(6, 3 | 六行三列的曲线：六次出错的训练，各自的训练损失、验证损失和准确率，灰线是做对的那一次}
# %% [markdown] lang="en"
# ## Six trainings, six causes
#
# {exercise 07.7}
#
# {figure plt.subplots(6, 3 | Six rows of three curves: training loss, validation loss and accuracy of six trainings gone wrong; grey is the sound one}
# %% [markdown] lang="zh" note=true
# 两人一组，在笔记本里看大图和表。先排除最容易的两个（学习率停在预热；第一步的损失不是 2.3）。通过后展开看：训练损失好看、验证很差，不一定是过拟合。
# %% [markdown] lang="en" note=true
# In pairs, with the large figure and the table in the notebook. First the two easy ones (a rate stuck in its warm-up; a first loss that is not 2.3). Afterwards unfold the cell: a fine training loss with a poor validation is not always overfitting.
# %% [markdown] lang="zh" minutes="3 - 9"
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
# %% [markdown] lang="zh" minutes="5 4 12"
# ## 记住三句话
#
# 1. 一步 = 前向、损失、反向、裁剪、更新；开始时的损失应是 $\log K$，先过拟合一批
# 2. AdamW 的第一步：每个参数移动一个学习率，靠的是偏差修正；衰减不进梯度
# 3. 接着训练要存的不只是权重：$m$、$v$、步数、数据的位置
#
# 打卡：`checkin("C")` 　下一课：它到底学到了什么？
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. A step: forward, loss, backward, clip, update; the loss starts at $\log K$; overfit one batch first
# 2. AdamW's first step moves each parameter by one learning rate, thanks to bias correction; decay stays out of the gradient
# 3. To go on takes more than weights: $m$, $v$, the step, the place in the data
#
# Check in: `checkin("C")`. Next: what has it really learned?
# %% [markdown] lang="zh" note=true
# 发讲义和小测验。探索页 `python start.py explore` 里现在有他们自己的网络，每轮一个，可以拖着看。
# %% [markdown] lang="en" note=true
# Hand out sheet and quiz. In the explorer, `python start.py explore`, they now find their own network, one for each epoch, on a slider.
