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
# 一句话说清今天：一张照片进去，一个名字出来，中间最重要的一块由你们来写。上课前就请大家打开笔记本 90；现在先清空全部输出（Edit → Clear Outputs of All Cells：存着的输出就是答案），运行第一个单元格；没装好的和旁边的人合用一台。
# %% [markdown] lang="en" note=true
# One sentence: a picture goes in, a name comes out, and the piece in the middle is yours to write. Notebook 90 is open before the bell; clear all outputs first (Edit, Clear Outputs of All Cells: what is stored there are the answers), then run the first cell; whoever has no installation shares a neighbour's laptop.
# %% [markdown] lang="zh" minutes="- 3 -" bet=true
# ## 网络会说什么？
#
# ViT-Ti 学过 1000 个名字，其中五个是家猫。
#
# {figure photographs = list( | 三张照片：一只猫的脸、一杯咖啡、一个戴头盔的人}
#
# **写下：猫的第一个答案是什么，几成把握？**
# %% [markdown] lang="en"
# ## What will the network say?
#
# ViT-Ti has learned 1,000 names; five of them are domestic cats.
#
# {figure photographs = list( | Three photographs: the face of a cat, a cup of coffee, a person with a helmet}
#
# **Write down its first answer for the cat, and how sure it is.**
# %% [markdown] lang="zh" note=true
# 运行第 1 节的第一个单元格。每人写一个名字和一个百分数，念三个。没有 ViT-Ti 权重的电脑上是课程的画（蝴蝶、雨伞、茶壶），只猜把握。
# %% [markdown] lang="en" note=true
# Run the first cell of section 1. A name and a percentage each; three read theirs. Machines without ViT-Ti's weights show drawings (a butterfly, an umbrella, a teapot): there the bet is the percentage.
# %% [markdown] lang="zh" minutes="- 4 -"
# ## 它说了什么
#
# {output best = predict(large}
#
# - 它只会从学过的名字里选；概率加起来总是 1
# - “很有把握”不等于“对”
# %% [markdown] lang="en"
# ## What it said
#
# {output best = predict(large}
#
# - It can only choose among its names; the shares always add up to 1
# - "Sure" is not "right"
# %% [markdown] lang="zh" note=true
# 大家运行下一个单元格。问：图里的东西它没学过，会怎样？（照样选一个，也许很有把握。）
# %% [markdown] lang="en" note=true
# Everybody runs the next cell. Ask what happens with a thing it has never learned (it chooses all the same, perhaps with confidence).
# %% [markdown] lang="zh" minutes="- 5 -"
# ## 图片变成一串 token
#
# ![](patches)
# %% [markdown] lang="en"
# ## The picture becomes a row of tokens
#
# ![](patches)
# %% [markdown] lang="zh" note=true
# 按四次键（最后一次是全图）：切块、展平，乘一个矩阵成为 token，前面加类别 token，再加位置。只讲一遍，细节在第 03 课。
# %% [markdown] lang="en" note=true
# Four presses (the last shows the whole): cut and flatten; times a matrix, a token each; the class token in front, positions added. Once through; lesson 03 has the details.
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
# %% [markdown] lang="zh" minutes="- 2 -"
# ## 形状对，图乱了
#
# {figure for ax, pieces, title in zip( | 三张图：原图；用 reshape 和 transpose 切成的 64 块，拼起来还是原图；只用 reshape 的，每块是一整行像素，拼起来是乱的}
# %% [markdown] lang="en"
# ## Right shape, scrambled picture
#
# {figure for ax, pieces, title in zip( | Three pictures: the drawing; cut by reshape and transpose, its 64 patches make the picture again; by reshape alone each piece is one row of pixels, and together they are scrambled}
# %% [markdown] lang="zh" note=true
# 看页上的图就够了，不运行。第 0 块装的是图的第 0 行，64 个像素。reshape 不移动任何数，transpose 才移动：后面拆头的时候会再遇到。
# %% [markdown] lang="en" note=true
# The page's figure will do, nothing is run. Patch 0 holds row 0 of the picture, 64 pixels. reshape moves no number, transpose does; we meet this again when heads are split.
# %% [markdown] lang="zh" minutes="- 5 -" bet=true
# ## 三个 token，徒手算
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# “天空 1”提问，$q=(2,0,1,0)$，$d=4$；键：天空 $(2,0,1,0)$、$(2,0,0,1)$，草地 $(0,2,0,0)$。
#
# **草地的权重：0、5 %、20 % 还是 33 %？**
# %% [markdown] lang="en"
# ## Three tokens, by hand
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# "Sky 1" asks, $q=(2,0,1,0)$, $d=4$; keys: sky $(2,0,1,0)$, $(2,0,0,1)$, grass $(0,2,0,0)$.
#
# **The weight of the grass: 0, 5 %, 20 % or 33 %?**
# %% [markdown] lang="zh" note=true
# 查询、键、值各用一句话：谁在问，和谁比，拿什么。先每人选一个、举手，再一起算分数：点积 5、4、0，除以 √4，得 2.5、2、0；指数在下一页。
# %% [markdown] lang="en" note=true
# Query, key and value in a sentence each: who asks, what it is compared with, what is fetched. Everybody picks one, a show of hands, and only then the scores together: products 5, 4, 0, over √4: 2.5, 2, 0; the exponentials are on the next page.
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
# 选中第 3 节的第一个单元格，Run → Run All Above Selected Cell，再运行它（后面要用 `K` 和 `softmax`），对照猜测；按两次键。追问：所有分数都加 5 呢？（不变。）
# %% [markdown] lang="en" note=true
# Click on the first cell of section 3, Run > Run All Above Selected Cell, and run it (`K` and `softmax` are needed); compare; two presses. Ask what happens if 5 is added to every score (nothing).
# %% [markdown] lang="zh" minutes="- 6 -"
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
# 六分钟，两人一起；到点看 `hint("04.1")`，没写完的带回家。最常见：忘了除以 2（√4），忘了取指数，用了第一个单元格里的 q。先做完的读下一格。
# %% [markdown] lang="en" note=true
# Six minutes, in pairs; then `hint("04.1")`, the rest is for home. Most often: no division by 2 (√4), no exponential, the query of the cell before. Who is done reads the next cell.
# %% [markdown] lang="zh" minutes="- 5 -"
# ## 所有 token 同时提问
#
# ![](qkv)
# %% [markdown] lang="en"
# ## All tokens ask at once
#
# ![](qkv)
# %% [markdown] lang="zh" note=true
# 四次键，第五次是全图。每一步问形状：(N, D)，(N, d)，(N, N)，每行和为 1，(N, d)。
# %% [markdown] lang="en" note=true
# Four presses, a fifth shows the whole. Ask for the shape at each: (N, D), (N, d), (N, N), each row sums to 1, (N, d).
# %% [markdown] lang="zh" minutes="- 6 -"
# ## 多头：拆开，各看各的，再拼回去
#
# ![](heads)
# %% [markdown] lang="en"
# ## Heads: split, look, put back together
#
# ![](heads)
# %% [markdown] lang="zh" note=true
# 六次键，最后一次是全图；图里的 B 是一批几张图。第五步就是刚才的 reshape：形状对，头 0 只看得到前两个 token。
# %% [markdown] lang="en" note=true
# Six presses, the last shows the whole; B in the drawing is how many pictures a batch has. The fifth is reshape alone once more: right shape, and head 0 sees only the first two tokens.
# %% [markdown] lang="zh" minutes="- 26 -"
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
# | `softmax(x, dim=-1)` | `softmax(x, axis=-1)` |
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
# | `softmax(x, dim=-1)` | `softmax(x, axis=-1)` |
#
# - qkv, split into q, k, v, into heads, weights, merge, proj
# %% [markdown] lang="zh" note=true
# 二十六分钟，包括看提示。两分钟讲表和注释里的六个形状。8 分钟时 `__init__` 应当写好；12 分钟，全班看第一条提示；18 分钟看第三条；22 分钟可以看第四条（答案）。会 PyTorch 的约 18 分钟，只会 NumPy 的要满 26 分钟：请他先把 `num_heads=1` 写对。先写完的停在第 5 节之前。到点：人人再运行一次 `check` 的单元格，没写完的由它换上包里的。
# %% [markdown] lang="en" note=true
# Twenty-six minutes, hints included. Two for the table and the six shapes in the comment. After 8, `__init__` should stand; after 12 everybody reads the first hint, after 18 the third, after 22 the fourth (the answer) is allowed. Who knows PyTorch needs about 18, who knows only NumPy all 26: let them get `num_heads=1` right first. Whoever is done stops above section 5. When the time is up, everybody runs the `check` cell once more: it puts the package's class in if theirs has not passed.
# %% [markdown] lang="zh" minutes="- 4 -"
# ## 你的类，别人的参数
#
# {output for block in model.blocks:}
#
# - 六层的注意力都换掉，参数照搬（页上存的是包里的类）
# - 差一点点是浮点误差；差得多，就是哪里不一样
# %% [markdown] lang="en"
# ## Your class, somebody else's parameters
#
# {output for block in model.blocks:}
#
# - All six attentions replaced, with the parameters that were there (stored here: the package's class)
# - A tiny difference is rounding; a large one means that something is not the same
# %% [markdown] lang="zh" note=true
# 运行第 5 节的单元格。页面上存的是包里的类（差为 0）。请写完的人念出自己的数：0 或 1e-7 上下都对；`my_vit` 开头的名字是他的，`vit.attention` 是包里的。这叫“核对数值”：一张图、评估模式下，写对了的好证据。
# %% [markdown] lang="en" note=true
# Run the cell of section 5. The stored output is of the package's class (difference 0). Let those who have finished read out theirs: 0 or about 1e-7 are both right; a name that begins with `my_vit` is theirs, `vit.attention` the package's. Matching numbers is good evidence, for one picture and in evaluation mode.
# %% [markdown] lang="zh" minutes="- 2 -" bet=true
# ## 遮住一半，还认得吗？
#
# “亮”：最后一层里，各块平均给它的注意力。“遮”：填成中灰。
#
# 64 块里遮住 32 块：最亮的一半，或者最暗的一半。
#
# **哪一种先认错？**
# %% [markdown] lang="en"
# ## Half of it hidden: will it still know?
#
# "Bright": the attention a patch gets in the last block, mean of all that ask. "Hidden": made grey.
#
# Of 64 patches 32 are hidden: the brightest half, or the darkest.
#
# **Which goes wrong first?**
# %% [markdown] lang="zh" note=true
# 合上电脑，举手。问：若两条曲线一样，说明什么？（在这张画上，亮不亮与答案无关。）
# %% [markdown] lang="en" note=true
# Lids down, a show of hands. Ask what it would mean if both curves were the same (that on this drawing bright has nothing to do with the answer).
# %% [markdown] lang="zh" minutes="- 4 -"
# ## 看哪一张画
#
# {figure curves_of(np.asarray | 两张画各三条曲线。挂钟：从最亮的遮起，遮到 32 块只剩四成，从最暗的遮起和随机遮仍有九成。帝王蝶：从最亮的遮起仍有九成，从最暗的遮起遮到 32 块只剩不到两成}
#
# + 两张画、一次随机：什么也证明不了，换几张再看
# %% [markdown] lang="en"
# ## It depends on the drawing
#
# {figure curves_of(np.asarray | Two drawings, three curves each. Analog clock: brightest first, 40 percent are left with 32 hidden, 90 when darkest first or at random. Monarch: brightest first leaves 90 percent, darkest first less than 20}
#
# + Two drawings and one draw of lots prove nothing: take others
# %% [markdown] lang="zh" note=true
# 运行第 6 节的两个单元格，按一次键；`thing` 换成别的数，留作课后。不要说“注意力就是解释”：左边亮处要紧，右边正相反。第 09 课用 200 张图打分：按各层合起来的图，遮最亮的四分之一比随机遮代价大得多；那仍不等于解释。有时间就打开 `python start.py explore`，让一位学员当场遮。
# %% [markdown] lang="en" note=true
# Run the two cells of section 6, one press; other values of `thing` are for home. Do not say that attention explains: on the left bright matters, on the right the opposite. Lesson 09 scores 200 pictures: by a map over all layers, hiding the brightest quarter costs far more than a random one; that is still no explanation. With time left open `python start.py explore` and let somebody hide patches.
# %% [markdown] lang="zh" minutes="- 10 -"
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
# 马上写预测、运行（约一分钟），趁它跑的时候说三句话。然后看表，选 A（越多越好，每步都分得开）、B（1 个头落后，3、6、12 分不开）或 C（都分不开）：是 B。差别小于输出里写的那个数，就分不开；只跑一次的也分不开，要看几个种子的平均。
# %% [markdown] lang="en" note=true
# Predict and run at once (about a minute), and say the three sentences while it runs. Then the table: A (more are better, each step told apart), B (one head behind; 3, 6, 12 not told apart) or C (none told apart)? It is B. A difference below the number in the output is not told apart, nor is a single run; look at means of several seeds.
