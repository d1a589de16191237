# %% [markdown] lang="zh"
# # 13 · 你的项目：从一个文件夹到一页报告
#
# ## 1. 图片检查表
#
# | 要看的 | 我的文件夹 |
# |---|---|
# | 每类几张，来自几个地点 | 　 |
# | 读不了的 | 　 |
# | 同一张在 train 和 val（分过以后） | 　 |
# | 同一张在两个类 | 　 |
# | 一类的大小或来源与众不同 | 　 |
#
# 同一张图在 train 和 val 里，准确率[[没有意义]]；要把两张放在[[同一边]]。
#
# ## 2. 训练之前
#
# | | 是什么 | 应当 |
# |---|---|---|
# | 基线一 | 总猜[[最多的那一类]] | 微调要超过它 |
# | 基线二 | [[线性探测]] | 微调要超过它 |
# | 对照 | [[打乱标签]] | 和不看图差不多 |
#
# 我预测微调之后：　　　% 。评最后一轮，因为挑最好的一轮等于[[拿 val 来训练]]。
#
# ## 3. 成对比较
#
# $$p=\min\Bigl(1,\ 2\sum_{k=0}^{\min(b,c)}\binom{b+c}{k}\Big/2^{\,b+c}\Bigr)$$
#
# | $b$ | $c$ | $p$ |
# |---|---|---|
# | 9 | 0 | 2 / 2⁹ = [[0.004]] |
# | 3 | 1 | 2 × (1 + 4) / 2⁴ = [[0.625]] |
# | 1 | 0 | [[1]] |
#
# 单独答对 10 % 对 5 %，我猜 $p$：20 张 ＿＿＿ 100 张 ＿＿＿ 500 张 ＿＿＿
#
# 两边都对或都错的图[[不算]]。$p$ 很大，只说明这些图[[分不开]]。
#
# ## 4. 检验一个猜测
#
# 我的猜测：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿
#
# 遮住[[东西]]，对照：遮住同样多的[[别处]]；别的类也[[同样遮]]。
#
# ## 5. 后来的想法
#
# MAE 留下排列里最前面的 `keep` 块。排列 (2, 0, 3, 1) 的逆（第 i 块排在第几，从 0 数）是 [[(1, 3, 0, 2)]]。Swin：56 × 56 个 token，每个窗口 7 × 7 个，有 [[64]] 个窗口，注意力的两个矩阵乘积省到 1/[[64]]。
# %% [markdown] lang="en"
# # 13 · A project of your own: from a folder to a page
#
# ## 1. Checking pictures
#
# | what to see | my folder |
# |---|---|
# | how many of each class, from how many places | &nbsp; |
# | cannot be read | &nbsp; |
# | in train and in val (once divided) | &nbsp; |
# | in two classes | &nbsp; |
# | one class of another size or source | &nbsp; |
#
# The same picture in train and in val: the accuracy [[means nothing]]; put both [[on one side]].
#
# ## 2. Before training
#
# | | what it is | it should |
# |---|---|---|
# | baseline 1 | always [[the commonest class]] | be beaten by fine-tuning |
# | baseline 2 | [[a linear probe]] | be beaten by fine-tuning |
# | control | [[shuffled labels]] | do about as well as without looking |
#
# I expect, after fine-tuning, ____ %. The last epoch is judged, since choosing the best is [[training on val]].
#
# ## 3. Comparing in pairs
#
# $$p=\min\Bigl(1,\ 2\sum_{k=0}^{\min(b,c)}\binom{b+c}{k}\Big/2^{\,b+c}\Bigr)$$
#
# | $b$ | $c$ | $p$ |
# |---|---|---|
# | 9 | 0 | 2 / 2⁹ = [[0.004]] |
# | 3 | 1 | 2 × (1 + 4) / 2⁴ = [[0.625]] |
# | 1 | 0 | [[1]] |
#
# Right alone on 10 % against 5 %, I guess $p$: 20 pictures ____ 100 ____ 500 ____
#
# Pictures that both name rightly, or both wrongly, [[do not count]]. A large $p$ says only that these pictures [[cannot tell]].
#
# ## 4. Testing a guess
#
# My guess: ______________________________________________
#
# Hide [[the thing]]; the control hides [[as much elsewhere]]; hide the same [[of other classes]].
#
# ## 5. What came after
#
# MAE keeps the first `keep` of a permutation. The inverse of (2, 0, 3, 1), where each patch stands in it, from 0, is [[(1, 3, 0, 2)]]. Swin: 56 × 56 tokens, 7 × 7 in each window, are [[64]] windows, and attention's two matrix products take 1/[[64]].
