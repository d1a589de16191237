# %% [markdown] lang="zh" minutes="- 3 -"
# # 九十分钟看懂 ViT
#
# 亲手写出它的心脏
#
# ![](map_attention)
# %% [markdown] lang="en"
# # ViT in 90 minutes
#
# You write its heart yourself
#
# ![](map_attention)
# %% [markdown] lang="zh" note=true
# 一句话说清今天：一张照片进去，一个名字出来，中间最重要的一块由你们来写。请大家打开笔记本 90，运行第一个单元格；没装好的和旁边的人合用一台。
# %% [markdown] lang="en" note=true
# One sentence: a picture goes in, a name comes out, and the piece in the middle is yours to write. Open notebook 90 and run its first cell; whoever has no installation shares a neighbour's laptop.
# %% [markdown] lang="zh" minutes="- 3 -" bet=true
# ## 网络会说什么？
#
# 一只猫的照片。ViT-Ti 学过 1000 个名字，其中五个是家猫。
#
# **写下：第一个答案是什么，几成把握？**
# %% [markdown] lang="en"
# ## What will the network say?
#
# A photograph of a cat. ViT-Ti has learned 1,000 names; five of them are domestic cats.
#
# **Write down: its first answer, and how sure it is.**
# %% [markdown] lang="zh" note=true
# 每人写一个名字和一个百分数，念三个。没有 ViT-Ti 权重的电脑上会是课程的画，问法一样。
# %% [markdown] lang="en" note=true
# A name and a percentage each; three read theirs. On machines without ViT-Ti's weights it will be drawings; the question is the same.
# %% [markdown] lang="zh" minutes="- 5 -"
# ## 它说了什么
#
# {output large = model_at_hand()}
#
# - 它只会从学过的名字里选；概率加起来总是 1
# - “很有把握”不等于“对”
# %% [markdown] lang="en"
# ## What it said
#
# {output large = model_at_hand()}
#
# - It can only choose among its names; the shares always add up to 1
# - "Sure" is not "right"
# %% [markdown] lang="zh" note=true
# 大家运行第 1 节的单元格。问：图里的东西它没学过，会怎样？（照样选一个，也许很有把握。）
# %% [markdown] lang="en" note=true
# Everybody runs the cell of section 1. Ask what happens with a thing it has never learned (it chooses all the same, perhaps with confidence).
# %% [markdown] lang="zh" minutes="- 5 -"
# ## 图片变成一串 token
#
# ![](patches)
# %% [markdown] lang="en"
# ## The picture becomes a row of tokens
#
# ![](patches)
# %% [markdown] lang="zh" note=true
# 按三次键：切块、展平，乘一个矩阵成为 token，前面加类别 token，再加位置。只讲一遍，细节在第 03 课。
# %% [markdown] lang="en" note=true
# Three presses: cut and flatten; times a matrix, a token each; the class token in front, positions added. Once through; lesson 03 has the details.
# %% [markdown] lang="zh" minutes="- 2 -" bet=true
# ## 只用 reshape 行不行？
#
# 64×64 的图要切成 8×8 = 64 块，每块 8×8 像素。
#
# `small.reshape(64, 8, 8, 3)` 的形状正好对。
#
# **每一“块”里会是什么？**
# %% [markdown] lang="en"
# ## Will reshape alone do?
#
# A picture of 64 × 64 is to be cut into 8 × 8 = 64 patches of 8 × 8 pixels.
#
# `small.reshape(64, 8, 8, 3)` has the right shape.
#
# **What will each "patch" be?**
# %% [markdown] lang="zh" note=true
# 让大家画一画：原图的哪些像素会落进第 0 块？
# %% [markdown] lang="en" note=true
# Let them draw which pixels of the picture end up in patch 0.
# %% [markdown] lang="zh" minutes="- 3 -"
# ## 形状对，图乱了
#
# {figure for ax, pieces, title in zip( | 三张图：原图；用 reshape 和 transpose 切成的 64 块，拼起来还是原图；只用 reshape 的，每块是一整行像素，拼起来是乱的}
# %% [markdown] lang="en"
# ## Right shape, scrambled picture
#
# {figure for ax, pieces, title in zip( | Three pictures: the drawing; cut by reshape and transpose, its 64 patches make the picture again; by reshape alone each piece is one row of pixels, and together they are scrambled}
# %% [markdown] lang="zh" note=true
# 第 0 块装的是图的第 0 行，64 个像素。reshape 不移动任何数，transpose 才移动：后面拆头的时候会再遇到。
# %% [markdown] lang="en" note=true
# Patch 0 holds row 0 of the picture, 64 pixels. reshape moves no number, transpose does; we meet this again when heads are split.
# %% [markdown] lang="zh" minutes="- 4 -" bet=true
# ## 三个 token，徒手算
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# 天空 1 提问，三个分数：天空 1 是 2.5，天空 2 是 2，草地是 0。
#
# **草地的权重会是 0 吗？**
# %% [markdown] lang="en"
# ## Three tokens, by hand
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# Sky 1 asks; the scores: sky 1 has 2.5, sky 2 has 2, the grass has 0.
#
# **Will the weight of the grass be 0?**
# %% [markdown] lang="zh" note=true
# 查询、键、值各用一句话：谁在问，和谁比，拿什么。每人写下草地的权重，再举手。
# %% [markdown] lang="en" note=true
# Query, key and value in a sentence each: who asks, what it is compared with, what is fetched. Everybody writes a number for the grass, then a show of hands.
# %% [markdown] lang="zh" minutes="- 3 -"
# ## 分数是 0，权重不是 0
#
# {output scores = K @ np.array(}
#
# + $e^{2.5} : e^{2} : e^{0} \approx 12.2 : 7.4 : 1$
# + 只有分数之**差**要紧
# %% [markdown] lang="en"
# ## A score of 0 is not a weight of 0
#
# {output scores = K @ np.array(}
#
# + $e^{2.5} : e^{2} : e^{0} \approx 12.2 : 7.4 : 1$
# + Only **differences** of scores matter
# %% [markdown] lang="zh" note=true
# 对照猜测。追问：所有分数都加 5 呢？（不变。）
# %% [markdown] lang="en" note=true
# Compare with the guesses. Ask what happens if 5 is added to every score (nothing).
# %% [markdown] lang="zh" minutes="- 8 -"
# ## 轮到你了：一行注意力
#
# {exercise 04.1}
#
# - 草地提问：`grass_q`，`K` 的形状是 (3, 4)，不用循环
# - `check` 马上回答；写错了，多半能说出错在哪里
# %% [markdown] lang="en"
# ## Your turn: one row of attention
#
# {exercise 04.1}
#
# - Grass asks: `grass_q`; `K` is (3, 4); no loops
# - `check` answers at once, and mostly knows what went wrong
# %% [markdown] lang="zh" note=true
# 走一圈。最常见：忘了除以 2，忘了取指数，除以的是最大值而不是和。先做完的读下一格。
# %% [markdown] lang="en" note=true
# Walk round. Most often: no division by 2, no exponential, divided by the largest instead of the sum. Who is done reads the next cell.
# %% [markdown] lang="zh" minutes="- 5 -"
# ## 所有 token 同时提问
#
# ![](qkv)
# %% [markdown] lang="en"
# ## All tokens ask at once
#
# ![](qkv)
# %% [markdown] lang="zh" note=true
# 四次键。每一步问形状：(N, D)，(N, d)，(N, N)，每行和为 1，(N, d)。
# %% [markdown] lang="en" note=true
# Four presses. Ask for the shape at each: (N, D), (N, d), (N, N), each row sums to 1, (N, d).
# %% [markdown] lang="zh" minutes="- 5 -"
# ## 多头：拆开，各看各的，再拼回去
#
# ![](heads)
# %% [markdown] lang="en"
# ## Heads: split, look, put back together
#
# ![](heads)
# %% [markdown] lang="zh" note=true
# 五次键。最后一步就是刚才的 reshape：形状对，头 0 只看得到前两个 token。
# %% [markdown] lang="en" note=true
# Five presses. The last is reshape alone once more: right shape, and head 0 sees only the first two tokens.
# %% [markdown] lang="zh" minutes="- 22 -"
# ## 写出你的 `Attention`
#
# {exercise 04.3}
#
# | PyTorch | MindSpore |
# |---|---|
# | `Module`，`forward` | `Cell`，`construct` |
# | `Linear(D, 3*D)` | `Dense(D, 3*D)`，`has_bias=` |
# | `permute(0, 2, 1, 3)` | `transpose(0, 2, 1, 3)` |
# | `transpose(1, 2)` | `swapaxes(1, 2)` |
#
# - qkv → 拆成 q、k、v → 拆头 → 权重 → 合并 → proj
# %% [markdown] lang="en"
# ## Write your `Attention`
#
# {exercise 04.3}
#
# | PyTorch | MindSpore |
# |---|---|
# | `Module`, `forward` | `Cell`, `construct` |
# | `Linear(D, 3*D)` | `Dense(D, 3*D)`, `has_bias=` |
# | `permute(0, 2, 1, 3)` | `transpose(0, 2, 1, 3)` |
# | `transpose(1, 2)` | `swapaxes(1, 2)` |
#
# - qkv, split into q, k, v, into heads, weights, merge, proj
# %% [markdown] lang="zh" note=true
# 二十二分钟，包括看提示。卡在 transpose 的轴上的人，让他在纸上写出每一步的形状。到点就走：没写完的用包里的。
# %% [markdown] lang="en" note=true
# Twenty-two minutes, hints included. Who is stuck at the axes writes down the shape of every step. Go on when the time is up: the package's stands in.
# %% [markdown] lang="zh" minutes="- 5 -"
# ## 你的类，别人的参数
#
# {output for block in model.blocks:}
#
# - 六层的注意力都换成了你的，参数照搬
# - 差一点点是浮点误差；差得多，就是哪里不一样
# %% [markdown] lang="en"
# ## Your class, somebody else's parameters
#
# {output for block in model.blocks:}
#
# - Your attention in all six blocks, with the parameters that were there
# - A tiny difference is rounding; a large one means that something is not the same
# %% [markdown] lang="zh" note=true
# 页面上存的是包里的类（差为 0）。请写完的人念出自己的数：应在 1e-6 左右。这就是“核对数值”：写对了的证据。
# %% [markdown] lang="en" note=true
# The stored output is of the package's class (difference 0). Let those who have finished read out theirs: about 1e-6. Matching numbers is the proof that it is right.
# %% [markdown] lang="zh" minutes="- 2 -" bet=true
# ## 遮住一半，还认得吗？
#
# 64 块里遮住 32 块：一种从注意力最亮的遮起，一种随机地遮。
#
# **两种各剩几成把握？**
# %% [markdown] lang="en"
# ## Half of it hidden: will it still know?
#
# 32 of 64 patches are hidden: once the brightest in attention first, once at random.
#
# **How sure will it be in either case?**
# %% [markdown] lang="zh" note=true
# 写下两个数。问：若两条曲线一样，说明什么？（注意力亮不亮，与答案无关。）
# %% [markdown] lang="en" note=true
# Two numbers each. Ask what it would mean if both curves were the same (that bright in attention has nothing to do with the answer).
# %% [markdown] lang="zh" minutes="- 4 -"
# ## 这张画上，亮处要紧
#
# {figure curves.items() | 两条曲线：从最亮的遮起，遮到 32 块时把握降到四成，40 块时几乎为零；随机地遮，遮到 56 块仍有九成}
#
# + 一张画、一次随机：换一张、换一个种子再看
# %% [markdown] lang="en"
# ## On this drawing, bright places matter
#
# {figure curves.items() | Two curves: brightest first, the share is down to 40 percent with 32 patches hidden and near zero with 40; at random it is still 90 percent with 56 hidden}
#
# + One drawing, one draw of lots: take another, and another seed
# %% [markdown] lang="zh" note=true
# 不要说“注意力就是解释”：第 09 课用 200 张图打分，有的层亮处并不要紧。有时间就打开 `python start.py explore`，让一位学员当场遮。
# %% [markdown] lang="en" note=true
# Do not say that attention explains: lesson 09 scores 200 pictures, and in some layers bright places do not matter. With time left open `python start.py explore` and let somebody hide patches.
# %% [markdown] lang="zh" minutes="- 11 -"
# ## 一道探究，三句话
#
# {exercise 04.6}
#
# 1. 图片切块，每块一个 token；位置是另外加上去的
# 2. 注意力是加权平均，每行权重和为 1；多头是几套权重并排
# 3. 看的地方不一定是答案所在的地方：做试验，不讲故事
# %% [markdown] lang="en"
# ## An investigation, and three sentences
#
# {exercise 04.6}
#
# 1. Cut into patches, a token each; positions are added apart
# 2. Attention is a weighted mean, each row of weights sums to 1; heads are several sets side by side
# 3. Where it looks need not be where the answer is: experiment, tell no stories
# %% [markdown] lang="zh" note=true
# 先写预测，再运行（约一分钟），趁它跑的时候说三句话。看表：1 个头落后，3、6、12 之间分不开；两个种子之间也有差别，小于两倍的差别什么也说明不了。
# %% [markdown] lang="en" note=true
# Predict, run (about a minute), and say the three sentences while it runs. The table: one head is behind, 3, 6 and 12 are not told apart; two seeds differ, too, and less than twice that says nothing.
