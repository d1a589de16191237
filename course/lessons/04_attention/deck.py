# %% [markdown] lang="zh" minutes="3 3 3"
# # 04 · 自注意力
#
# 让每个 token 看见其他 token
#
# ![](map_attention)
# %% [markdown] lang="en"
# # 04 · Self-attention
#
# Every token sees the others
#
# ![](map_attention)
# %% [markdown] lang="zh" note=true
# 指着地图：上一课把图片变成了一串 token，今天实现亮着的这一块。请每个人打开笔记本 04，运行第一个单元格，看到课名就行；猜的时候别往下翻，存着的输出就是答案。
# %% [markdown] lang="en" note=true
# Point at the map: the last lesson turned the picture into a row of tokens, today builds the lit part. Everybody opens notebook 04 and runs its first cell; the lesson's name appears. Nobody scrolls down while a bet is open: stored outputs are the answers.
# %% [markdown] lang="zh" minutes="2 3 4"
# ## 一个图像块，怎么知道旁边是什么？
#
# ![](opening)
#
# + 一块只有 64 个像素；“它是什么”要看别的块
# + 亮的地方是什么意思？
# %% [markdown] lang="en"
# ## How does one patch learn of the others?
#
# ![](opening)
#
# + A patch holds 64 pixels; what they belong to is decided elsewhere
# + What do the bright places mean?
# %% [markdown] lang="zh" note=true
# 这是小 ViT（64 像素的图，块 8×8）第 3 层的三个头，C·6 会画出它；亮度是权重的平方根，每格标度不同。先不解释，只问：亮的地方是什么意思？收两三个答案，写在白板上，第 13 页回来看。
# %% [markdown] lang="en" note=true
# Three heads of block 3 of the small ViT (64 pixels, patches of 8); C·6 draws it. Brightness is the square root of the weight, each panel has its own scale. Explain nothing yet; ask what the bright places might mean, write two or three answers on the board, and come back at page 13.
# %% [markdown] lang="zh" minutes="5 5 6" bet=true
# ## 三个 token，徒手算
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# | | 键 $k$ | $q\cdot k/2$ | 值 $v$：多蓝、多绿 |
# |---|---|---|---|
# | 天空 1 | (2, 0, 1, 0) | 2.5 | (0.9, 0.1) |
# | 天空 2 | (2, 0, 0, 1) | 2 | (0.7, 0.1) |
# | 草地 | (0, 2, 0, 0) | 0 | (0, 0.8) |
#
# “天空 1”提问，$q = (2, 0, 1, 0)$，$d=4$。**草地的权重是多少？会是 0 吗？**
# %% [markdown] lang="en"
# ## Three tokens, by hand
#
# $$w_j = \frac{e^{q\cdot k_j/\sqrt{d}}}{\sum_m e^{q\cdot k_m/\sqrt{d}}} \qquad \text{out} = \sum_j w_j v_j$$
#
# | | key $k$ | $q\cdot k/2$ | value $v$: blue, green |
# |---|---|---|---|
# | sky 1 | (2, 0, 1, 0) | 2.5 | (0.9, 0.1) |
# | sky 2 | (2, 0, 0, 1) | 2 | (0.7, 0.1) |
# | grass | (0, 2, 0, 0) | 0 | (0, 0.8) |
#
# "Sky 1" asks with $q = (2, 0, 1, 0)$, $d=4$. **How large is the grass's weight? Is it 0?**
# %% [markdown] lang="zh" note=true
# 讲义在座位上。打个比方，只用一次：q 是搜索框里的词，k 是标题，v 是内容。每人写下草地权重的猜测（一个数），再举手：谁写的是 0？不要现在回答。会算的人可以按计算器：e 的 2.5 次方约 12.2，2 次方约 7.4，0 次方是 1。
# %% [markdown] lang="en" note=true
# The sheets lie on the seats. One comparison, used once: q is what you type into a search box, k the titles, v the contents. Everybody writes down a number for the grass, then a show of hands: who wrote 0? Do not answer yet. Whoever likes may calculate: e to the 2.5 is about 12.2, to the 2 about 7.4, to the 0 it is 1.
# %% [markdown] lang="zh" minutes="3 4 5"
# ## 分数是 0，权重不是 0
#
# {output scores = [float(q @ k)}
#
# + 三个权重之比是 $e^{2.5} : e^2 : e^0 = 12.2 : 7.4 : 1$，和是 1
# + 只有分数之**差**要紧：都加 5，权重不变
# + 输出是 {{blue:.2f}} 的蓝、{{green:.2f}} 的绿：主要来自天空
# %% [markdown] lang="en"
# ## A score of 0 is not a weight of 0
#
# {output scores = [float(q @ k)}
#
# + The weights are as $e^{2.5} : e^2 : e^0 = 12.2 : 7.4 : 1$, and sum to 1
# + Only **differences** of scores matter: add 5 to each, and nothing changes
# + What comes out is {{blue:.2f}} blue, {{green:.2f}} green: mostly sky
# %% [markdown] lang="zh" note=true
# 运行 A·1 的单元格（后面的练习要用它的 `K`），对照刚才的猜测。常见的误会：“不相关就不该有权重”。softmax 算出来的不会正好是 0（除非差到浮点数放不下）；要接近 0，分数得差很多。追问：都加 5 为什么不变？（分子分母同乘 e 的 5 次方。）
# %% [markdown] lang="en" note=true
# Run the cells of A·1 (the exercise needs its `K`) and compare with the guesses. The usual misunderstanding: "what is unrelated gets nothing". Softmax gives no exact 0 (unless the difference is beyond floating point); to come near it, scores must lie far apart. Ask why adding 5 changes nothing (numerator and denominator both grow by e to the 5).
# %% [markdown] lang="zh" minutes="6 7 10"
# ## 所有 token 同时提问
#
# ![](qkv)
# %% [markdown] lang="en"
# ## All tokens ask at once
#
# ![](qkv)
# %% [markdown] lang="zh" note=true
# 按四次键，图一步步长出来，第五次是全图。每一步都问形状：x 是 (N, D)；Q、K、V 是 (N, d)；分数是 (N, N)，行是提问的，列是被问的；每一行的权重和为 1；输出又是 (N, d)。跟着橙框走一遍，再让一位学员跟着另一行走一遍。
# %% [markdown] lang="en" note=true
# Four presses of a key build the drawing, a fifth shows the whole. Ask for the shape at each: x is (N, D); Q, K and V are (N, d); scores are (N, N), rows ask and columns are asked; each row of weights sums to 1; the output is (N, d) again. Follow the orange frame once, then let somebody follow another row.
# %% [markdown] lang="zh" minutes="3 4 6"
# ## 从循环到两行
#
# {code attention_matrix}
#
# {code softmax}
#
# + 循环版有九行，慢，但不容易写错：拿它来对照
# %% [markdown] lang="en"
# ## From a loop to two lines
#
# {code attention_matrix}
#
# {code softmax}
#
# + The loop has nine lines, is slow, and hard to get wrong: we check against it
# %% [markdown] lang="zh" note=true
# 问：`scores` 的形状？softmax 沿哪个轴？（最后一个：每一行。）减去最大值是为了不溢出，刚才说过，平移不改变结果。运行 A·2 的单元格，看循环和矩阵差多少。
# %% [markdown] lang="en" note=true
# Ask: the shape of `scores`? Softmax along which axis? (The last: each row.) Subtracting the largest keeps exp from overflowing, and a shift changes nothing, as we saw. Run the cells of A·2 and look at the difference between loop and matrices.
# %% [markdown] lang="zh" minutes="- 9 15"
# ## 轮到你了
#
# {exercise 04.1}
#
# {exercise 04.2}
#
# - 04.1：草地提问（`grass_q`），键用 A·1 的 `K`，不用循环；先做完的做 04.2
# - `check` 马上回答；写错了，多半能说出错在哪里
# %% [markdown] lang="en"
# ## Your turn
#
# {exercise 04.1}
#
# {exercise 04.2}
#
# - With `K` of step 1, grass asks: `grass_q`; no loops; 04.2 for who is done early
# - `check` answers at once, and mostly knows what went wrong
# %% [markdown] lang="zh" note=true
# 90 分钟的课只做 04.1，先做完的做 04.2（`swapaxes(-1, -2)` 是提示）。走一圈看屏幕，04.1 最常见的是忘了除以 2（√4）、忘了 softmax、用了 `q` 而不是 `grass_q`；04.2 是 softmax 的轴。报 NameError 的人没有运行 A·1 或 A·2（`softmax`）的单元格。45 分钟的课跳过这一页。
# %% [markdown] lang="en" note=true
# In 90 minutes do 04.1; who is done early goes on with 04.2 (`swapaxes(-1, -2)` is the hint). Walk round. In 04.1, most often: no division by 2 (√4), no softmax, `q` instead of `grass_q`; in 04.2 the axis of softmax. A NameError: the cells of A·1, or of A·2 (`softmax`), have not been run. In 45 minutes leave this page out.
# %% [markdown] lang="zh" minutes="2 5 6"
# ## 查询、键、值从哪里来
#
# $$[q, k, v] = x W_{qkv} \qquad W_{qkv}\in\mathbb{R}^{D\times 3D}$$
#
# + 三者都来自**同一串** token，所以叫**自**注意力
# + 一个 `Dense`，一次乘完：$D \to 3D$；一个头时 $d = D$，$h$ 个头时 $d = D/h$
# + $W_q, W_k$ 管“看谁”，$W_v$ 管“拿什么”：两回事，分开学
# %% [markdown] lang="en"
# ## Where queries, keys and values come from
#
# $$[q, k, v] = x W_{qkv} \qquad W_{qkv}\in\mathbb{R}^{D\times 3D}$$
#
# + All three from the **same** tokens, hence **self**-attention
# + One `Dense`, one product: $D \to 3D$; with one head $d = D$, with $h$ heads $d = D/h$
# + $W_q, W_k$ decide whom to look at, $W_v$ what to take: two questions, learned apart
# %% [markdown] lang="zh" note=true
# 第 5 页画的是两个头中的一个（D=6，d=3）。搜索框的比方到此为止：三者都是学出来的数，没有人规定它们的意思。运行 B·3 的单元格，尤其是 `Smallest`：MindSpore 的类怎样写，第 12 页要用；B·4 的第一个单元格（`heads_by_loops`）也运行，提示里要用。45 分钟的课只在投影上运行。
# %% [markdown] lang="en" note=true
# Page 5 drew one of two heads (D=6, d=3). Leave the search box here: all three are learned numbers, and nobody decides what they mean. Run the cells of B·3, `Smallest` above all: how a class is written in MindSpore, for page 12; and the first cell of B·4 (`heads_by_loops`), which a hint refers to. In 45 minutes on the projector only.
# %% [markdown] lang="zh" minutes="5 6 10"
# ## 多头：拆开，各看各的，再拼回去
#
# ![](heads#4)
# %% [markdown] lang="en"
# ## Heads: split, look, put back together
#
# ![](heads#4)
# %% [markdown] lang="zh" note=true
# 为什么要几个头？一个 token 只有一行权重时，想“一半看轮廓、一半看同色”只能混在一起。按四次键：reshape、transpose、各头的注意力、合并（之后 `proj` 再把各头混合，图里没有画）。在第二步停下，请一位学员指出 (n2, c4) 现在在哪里：头 1，第 2 行第 1 列（从 0 数）。
# %% [markdown] lang="en" note=true
# Why several? With one row of weights a token that wants half of it on an outline and half on its own colour can only mix the two. Four presses: reshape, transpose, attention in each head, merge (`proj`, which mixes the heads afterwards, is not drawn). Stop at the second and ask where (n2, c4) is now: head 1, row 2, column 1, counted from 0.
# %% [markdown] lang="zh" minutes="2 3 4" bet=true
# ## 少一次 transpose 行不行？
#
# 4 个 token、6 个通道：0–5，10–15，20–25，30–35（十位是 token，个位是通道）。
#
# 直接 `tokens.reshape(2, 4, 3)`，形状 $(h, N, d)$ 正好对。
#
# **“头 0”里会是哪些数？**
# %% [markdown] lang="en"
# ## Can we do without the transpose?
#
# 4 tokens, 6 channels: 0–5, 10–15, 20–25, 30–35 (tens are the token, ones the channel).
#
# `tokens.reshape(2, 4, 3)` has the right shape $(h, N, d)$ at once.
#
# **Which numbers will "head 0" hold?**
# %% [markdown] lang="zh" note=true
# 让每个人写下“头 0”的第一行和第二行（每行三个数）。
# %% [markdown] lang="en" note=true
# Everybody writes down the first two rows of "head 0", three numbers each.
# %% [markdown] lang="zh" minutes="2 3 4"
# ## 形状对，数是错的
#
# {output tokens.reshape(2, 4, 3)}
#
# - 在这一层里，头 0 只看得到 token 0 和 1
# - 形状检查查不出来；所以本课的检查比的是**数**
# %% [markdown] lang="en"
# ## Right shape, wrong numbers
#
# {output tokens.reshape(2, 4, 3)}
#
# - In this layer head 0 sees tokens 0 and 1 only
# - No check of shapes finds it; the check of this lesson compares **numbers**
# %% [markdown] lang="zh" note=true
# 这种错不报任何错，网络照样能跑。问：怎样的测试能抓住它？（和逐头的循环比数值。）
# %% [markdown] lang="en" note=true
# It raises nothing, and the network runs. Ask which test would catch it (compare with a loop over heads).
# %% [markdown] lang="zh" minutes="- 24 38"
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
# | `Dropout(p)`，`dim=-1` | `Dropout(p=p)`，`axis=-1` |
#
# - `qkv`（$D\to 3D$），`proj`（$D\to D$，把各头的结果混合），两个 `Dropout`
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
# | `Dropout(p)`, `dim=-1` | `Dropout(p=p)`, `axis=-1` |
#
# - `qkv` ($D\to 3D$), `proj` ($D\to D$, mixes the heads), two `Dropout`
# %% [markdown] lang="zh" note=true
# 二十分钟（先运行过 B·3）。dropout 一个在权重上、一个在输出上。10 分钟后让所有人去掉 `hint` 前的 #，先重新运行写类的单元格，再运行这一格，看第一条提示。卡得最多的是 transpose 的轴和最后的 reshape。时间到：所有人再运行写类的单元格和 `check`；没写完没关系，后面用包里的。写完的人读包里的写法，找出两处不同。
# %% [markdown] lang="en" note=true
# Twenty minutes (the cells of B·3 run before). One dropout on the weights, one on the output. After ten minutes everybody takes the # from `hint`, runs the cell of the class again, then this one, and reads the first hint. Most are stuck at the axes of the transpose or the last reshape. When the time is up everybody runs the cell of the class and `check` once more; not done is no harm, the package's stands in. Who is done reads the package's class and finds two differences.
# %% [markdown] lang="zh" minutes="8 10 16"
# ## 摸一摸：头看哪里
#
# {explorer {"token": 36, "tab": "attention", "head": "2.0"}}
# %% [markdown] lang="en"
# ## Touch it: where heads look
#
# {explorer {"token": 36, "tab": "attention", "head": "2.0"}}
# %% [markdown] lang="zh" note=true
# 先运行 C·6 的前两个单元格（45 分钟的课跳过 C·6，直接探索）：写完的人的类，装进训练好的网络，logits 差多少？（自己的约 3e-7，包里的是 0。）然后，学员在笔记本最后的 `explore` 单元格里，或用 `python start.py explore` 打开同一页（层和头从 1 数起；投影时浏览器放大到 150%）。任务：选金鱼，点第 5 行第 4 列；第 1 层，和第 4 层第 1 个头，“平均离几块”是多少？均匀时中间约 3.1，角上 5.5；换一块还成立吗？再关掉一个头，看回答变不变：金鱼上只有第 2 层第 3 个头会（91 % 掉到 6 %），看完复原。时间够，把温度调到最平（几乎成了取平均）。回到第 2 页的猜测（那是另一张画）：哪一条站得住？
# %% [markdown] lang="en" note=true
# First the first two cells of C·6 (in 45 minutes leave C·6 out and explore): whose class is done sees it in the trained network; by how much do the logits differ? (One's own about 3e-7, the package's 0.) Then learners open the same page in the last `explore` cell, or by `python start.py explore` (blocks and heads are counted from 1; on a projector zoom to 150 %). A task: the goldfish, row 5, column 4; how many "patches away on average" in block 1, and in head 1 of block 4? Evenly it would be 3.1 in the middle and 5.5 in a corner; does it hold for another patch? Switch a head off: on the goldfish only head 3 of block 2 changes the answer (91 to 6 %); put it back. With time left, the temperature as flat as it goes (nearly a mean of all). Back to the guesses of page 2, which was another drawing: which of them stands?
# %% [markdown] lang="zh" minutes="- - 10" bet=true
# ## 为什么要除以 $\sqrt{d}$？
#
# $q$、$k$ 的各分量独立，均值 0，方差 1：$q\cdot k$ 的标准差是 $\sqrt d$。
#
# 不除，$d$ 越大，分数差得越远，一个权重就越接近 1。
#
# **$d = 64$ 时，不除以 $\sqrt d$，传到 $q$ 的梯度比除了的时候更小，还是更大？**
# %% [markdown] lang="en"
# ## Why divide by $\sqrt{d}$?
#
# With independent components of mean 0 and variance 1, $q\cdot k$ has standard deviation $\sqrt d$.
#
# Not divided, the larger $d$, the further apart the scores, the nearer one weight to 1.
#
# **At $d = 64$, not divided: is the gradient that reaches $q$ smaller or larger than when divided?**
# %% [markdown] lang="zh" note=true
# 举手表决，记下两边的人数。论文的作者猜：$d$ 大时，softmax 被推到梯度极小的地方。
# %% [markdown] lang="en" note=true
# A show of hands; keep the count. The paper's authors suspected that for large d softmax is pushed to where its gradients are extremely small.
# %% [markdown] lang="zh" minutes="- - 11"
# ## $d=64$ 时反而更大
#
# {figure labels = ( | 左：不缩放时，64 个权重中最大的随 d 趋近 1，缩放后不变。右：传到 q 的梯度，不缩放时中位数先升后降，平均一直升；缩放后几乎不变}
#
# + 中位数先**变大**，到 $d$ 很大才骤降；平均（虚线）一直在涨
# + 除以 $\sqrt d$：softmax 和它的梯度几乎都**与 $d$ 无关**
# %% [markdown] lang="en"
# ## At $d=64$ it is larger
#
# {figure labels = ( | Left: not scaled, the largest of 64 weights goes to 1 as d grows; scaled, it stays. Right: the gradient that reaches q; not scaled, its median first grows and then collapses, its mean keeps growing; scaled, both stay}
#
# + The median first **grows** and collapses only at large $d$; the mean (dashed) keeps growing
# + Dividing by $\sqrt d$ makes softmax and its gradient **nearly independent of $d$**
# %% [markdown] lang="zh" note=true
# 为什么更大？不除的时候，梯度里也少了一个 1/8：饱和让中位数变小，可这个因子更要紧。“大不是更好吗？”不一定：它跟着 $d$ 变，换一个宽度就得换学习率。这就是“量一量，不要背结论”的例子。没做完的回家做 C·7。时间够就让大家做 04.4（四个黑盒找毛病）或探究 04.6（要几个头）。
# %% [markdown] lang="en" note=true
# Why larger? Not divided, the gradient lacks the factor 1/8 as well: saturation makes the median smaller, that factor outweighs it. Is larger not better? It goes with d, and another width would want another rate. This is why one measures instead of reciting. Who has not finished does C·7 at home. With time left: 04.4 (four black boxes, find the bug) or the investigation 04.6 (how many heads).
# %% [markdown] lang="zh" minutes="4 4 12"
# ## 记住三句话
#
# **先说对错**：注意力知道 token 在哪里 · 头越多参数越多 · i 看 j 多少，j 就看 i 多少
#
# + 注意力是加权平均：$\mathrm{softmax}(QK^\top/\sqrt d)V$，每个 token 一行权重，每行之和为 1
# + $q$、$k$ 的分量独立、方差 1 时，除以 $\sqrt d$，softmax 就与头的宽度几乎无关
# + 多头不增加参数；拆头是拆轴加换轴，光 `reshape` 不行
#
# 打卡：做完哪一节，就 `checkin` 哪一节
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# **True or false first**: it knows where tokens are · more heads, more parameters · i looks at j as j at i
#
# + Attention is a weighted mean, $\mathrm{softmax}(QK^\top/\sqrt d)V$; each row of weights sums to 1
# + Divided by $\sqrt d$, softmax hardly depends on $d$ (independent components of variance 1)
# + Heads add no parameters; splitting exchanges axes, `reshape` alone will not do
#
# Check in: `checkin` for each section that is done
# %% [markdown] lang="zh" note=true
# “对还是错”的三句都是错的：打乱 token，输出的各行跟着走；1、3、12 个头都是 624 个参数；0.171 和 0.137（代码在 C·9，课后运行）。第二句的理由：点积是 d 项之和，标准差是 √d；不除，d 越大权重越尖。90 分钟的课：C·7、小测验和打卡留作课后（先 `join()` 一次；不参加打卡营，营码留空）。
# %% [markdown] lang="en" note=true
# The three true-or-false claims are all false: shuffled tokens, and the rows of the output move along; 624 parameters with 1, 3 or 12 heads; 0.171 against 0.137 (the code is in C·9, for home). Why the second sentence: a product is a sum of d terms with standard deviation √d; undivided, a larger d makes sharper weights. In 90 minutes C·7, quiz and check-in are for home (`join()` once; without a camp leave its code empty).
