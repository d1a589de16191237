# %% [markdown] lang="zh"
# # 08 · 评估：它真的学到了吗
#
# ## 1. top-k，徒手数
#
# 三张图、五个类别，正确类别的名次是 1、3、2：top-1 = 1/3，top-2 = [[2/3]]，top-3 = [[1]]。
#
# logits 全是 NaN，用“没有谁比正确的大”来数，报告 [[100 %]]；并列应当算[[错]]。
#
# ## 2. 评估的是谁？
#
# | 比较 | 指纹应当 | 说明 |
# |---|---|---|
# | 同一个对象，训练前和训练后 | [[不同]] | 权重变过 |
# | 刚训练的，和存盘后读回的 | [[相同]] | logits 也逐位相同 |
# | 自己的，和别人的 | 不同 | 相同就[[载错了]] |
#
# ## 3. 数了几张？
#
# 1000 张，批大小 300，丢掉不满的一批：丢 [[100]] 张；val 按类别排列时，丢的是[[整整一类（香蕉）]]。
#
# ## 4. 有多准？
#
# $$\mathrm{SE}=\sqrt{p(1-p)/n}$$
#
# 95 % 的区间：$p \pm 1.96\,\mathrm{SE}$。$p=0.5$，$n=1000$：SE = [[1.58 %]]，半宽 [[3.1]] 个百分点。半宽要缩小一半，$n$ 要乘 [[4]]。
#
# 换一个训练种子的波动，[[不在]]这个区间里。
#
# ## 5. 混淆矩阵
#
# | 真实 \ 预测 | 猫 | 狗 |
# |---|---|---|
# | 猫 | 8 | 2 |
# | 狗 | 5 | 5 |
#
# 猫的准确率 [[80 %]]，狗的 [[50 %]]，总的 [[65 %]]。最常见的错：把[[狗]]认成[[猫]]。
#
# ## 6. 和什么比？
#
# | | top-1 |
# |---|---|
# | 瞎猜（十类） | [[10 %]] |
# | 线性模型，只看颜色 | 55.7 % |
# | 打乱标签训练一轮 | [[约 11 %，和瞎猜分不开]] |
# | 第 07 课的 ViT | 88.2 % ± [[2.0 %]] |
#
# 打乱标签的那一次若得了 60 %，说明[[评估有错：用了别的权重，或者答案漏了进来]]。
# %% [markdown] lang="en"
# # 08 · Evaluation: did it really learn?
#
# ## 1. Top-k, counted by hand
#
# Three images, five classes; the right class has the ranks 1, 3, 2: top-1 is 1/3, top-2 is [[2/3]], top-3 is [[1]].
#
# All logits are NaN, and one counts "nothing is larger than the right one": it reports [[100 %]]. Ties should count as [[wrong]].
#
# ## 2. Who is evaluated?
#
# | compare | fingerprints should be | which means |
# |---|---|---|
# | one object before and after training | [[different]] | its weights changed |
# | just trained, and read back from its file | [[the same]] | logits equal to the last bit, too |
# | one's own and somebody else's | different | the same: [[wrong weights loaded]] |
#
# ## 3. How many were counted?
#
# 1000 in batches of 300, the partial one dropped: [[100]] are lost; with val sorted by class, [[a whole class (banana)]].
#
# ## 4. How precise?
#
# $$\mathrm{SE}=\sqrt{p(1-p)/n}$$
#
# The 95 % interval: $p \pm 1.96\,\mathrm{SE}$. $p=0.5$, $n=1000$: SE is [[1.58 %]], half the width [[3.1]] points. To halve it, $n$ times [[4]].
#
# What another training seed would change is [[not contained]] in this interval.
#
# ## 5. The confusion matrix
#
# | true \ guessed | cat | dog |
# |---|---|---|
# | cat | 8 | 2 |
# | dog | 5 | 5 |
#
# Accuracy on cats [[80 %]], on dogs [[50 %]], on all [[65 %]]. The most frequent mistake: [[dogs]] taken for [[cats]].
#
# ## 6. Compared with what?
#
# | | top-1 |
# |---|---|
# | guessing, ten classes | [[10 %]] |
# | a linear model on colours | 55.7 % |
# | one epoch on shuffled labels | [[about 11 %: guessing]] |
# | the ViT of lesson 07 | 88.2 % ± [[2.0 %]] |
#
# Should the shuffled one score 60 %, [[the evaluation is wrong: other weights, or answers that leaked in]].
