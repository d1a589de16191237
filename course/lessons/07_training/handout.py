# %% [markdown] lang="zh"
# # 07 · 训练
#
# ## 1. 损失
#
# $$\mathcal{L} = -\log\frac{e^{z_y}}{\sum_k e^{z_k}}$$
#
# 三个类别，$z = (2, 1, -1)$，$e^z \approx (7.39, 2.72, 0.37)$，和是 10.48。正确类别是第一个：概率 [[0.705]]，损失 $-\log$ [[0.705]] $=$ [[0.349]]。
#
# 十类，瞎猜：损失 [[log 10 = 2.303]]。训练开始时远大于它，先查[[分类头的初值；损失收到的是不是 logits]]。
#
# ## 2. AdamW 的第一步，徒手算
#
# $\beta_1=0.9$，$\beta_2=0.999$，$g=0.5$，$t=1$，$m$ 和 $v$ 从 0 开始：
#
# | | 值 |
# |---|---|
# | $m = (1-\beta_1) g$ | [[0.05]] |
# | $v = (1-\beta_2) g^2$ | [[0.00025]] |
# | $\hat m = m/(1-\beta_1^t)$ | [[0.5]] |
# | $\hat v = v/(1-\beta_2^t)$ | [[0.25]] |
# | $\hat m/\sqrt{\hat v}$ | [[1：正好一个学习率]] |
#
# $g=0.001$ 时，最后一行是 [[1]]。没有偏差修正：$0.05/\sqrt{0.00025} \approx$ [[3.16]]
#
# ## 3. 一步
#
# ![](training_step)
#
# | | MindSpore 里的名字 |
# |---|---|
# | 前向、损失、反向 | `ms.` [[value_and_grad]] |
# | 裁剪 | `ops.` [[clip_by_global_norm]] |
# | 更新 | [[optimizer(gradients)]] |
#
# ## 4. 出了什么毛病？
#
# | 看到的 | 先查什么 |
# |---|---|
# | 第一步的损失是 10 | [[分类头的初值]] |
# | 训练损失很好，验证不如瞎猜 | [[标签的编号、预处理]] |
# | 同一组参数验证两次，结果不同 | [[还在训练模式（dropout）]] |
# | 损失在 log K 附近不动 | [[学习率太大或太小]] |
#
# 打乱标签，损失还降吗？[[照样降]] 这说明[[损失下降不等于学到了东西]]。接着训练要存：权重、[[m 和 v]]、[[步数]]、[[数据的位置]]。
# %% [markdown] lang="en"
# # 07 · Training
#
# ## 1. The loss
#
# $$\mathcal{L} = -\log\frac{e^{z_y}}{\sum_k e^{z_k}}$$
#
# Three classes, $z = (2, 1, -1)$, $e^z \approx (7.39, 2.72, 0.37)$, which adds up to 10.48. The first is right: probability [[0.705]], loss $-\log$ [[0.705]] $=$ [[0.349]].
#
# Ten classes, a blind guess: loss [[log 10 = 2.303]]. If training starts far above it, look at [[the head's initial values; whether the loss gets logits]].
#
# ## 2. AdamW's first step, by hand
#
# $\beta_1=0.9$, $\beta_2=0.999$, $g=0.5$, $t=1$; $m$ and $v$ start from 0:
#
# | | value |
# |---|---|
# | $m = (1-\beta_1) g$ | [[0.05]] |
# | $v = (1-\beta_2) g^2$ | [[0.00025]] |
# | $\hat m = m/(1-\beta_1^t)$ | [[0.5]] |
# | $\hat v = v/(1-\beta_2^t)$ | [[0.25]] |
# | $\hat m/\sqrt{\hat v}$ | [[1, one learning rate]] |
#
# With $g=0.001$ the last line is [[1]]. Without bias correction: $0.05/\sqrt{0.00025} \approx$ [[3.16]]
#
# ## 3. A step
#
# ![](training_step)
#
# | | its name in MindSpore |
# |---|---|
# | forward, loss, backward | `ms.` [[value_and_grad]] |
# | clip | `ops.` [[clip_by_global_norm]] |
# | update | [[optimizer(gradients)]] |
#
# ## 4. What is wrong?
#
# | you see | look first at |
# |---|---|
# | the first loss is 10 | [[the head's initial values]] |
# | a fine training loss, validation worse than guessing | [[the numbers of labels, preprocessing]] |
# | the same parameters validate differently twice | [[training mode (dropout)]] |
# | the loss stays near log K | [[a rate too high, or too low]] |
#
# With shuffled labels, does the loss go down? [[as well]], so [[a falling loss is no proof of learning]]. To go on with a training, keep the weights, [[m and v]], [[the step]], [[the place in the data]].
