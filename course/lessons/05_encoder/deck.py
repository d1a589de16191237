# %% [markdown] lang="zh" minutes="2 4 2"
# # 05 · 编码器
#
# 能叠很深的层
#
# ![](map_encoder)
# %% [markdown] lang="en"
# # 05 · The encoder
#
# Layers that can be stacked
#
# ![](map_encoder)
# %% [markdown] lang="zh" note=true
# 上一课写好了注意力。问：24 层注意力和 MLP 直接叠起来，别的什么也没有，是不是一个好网络？记下大家的答案，C 节来量。请大家打开笔记本 05，Run → Run All Cells（几秒钟；还没写的部分由包里的代替），然后合上电脑，到第 4 页再打开：后面写代码时，要用的名字就都在了。45 分钟的课，大家的电脑一直合着，老师的笔记本课前运行好。
# %% [markdown] lang="en" note=true
# Attention is written. Ask: 24 layers of attention and MLP, one on another and nothing else, is that a good network? Keep the answers; section C measures. Everybody opens notebook 05, Run > Run All Cells (some seconds; the package stands in for what is not written), and puts the lid down until page 4: later cells then have the names they need. In 45 minutes laptops stay shut; the instructor's notebook has been run.
# %% [markdown] lang="zh" minutes="5 7 9"
# ## 层归一化：每个 token 只管自己
#
# $$\mathrm{LN}(x) = \gamma\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta$$
#
# + $\mu, \sigma^2$：**这一个** token 的 $D$ 个数的均值和方差；$\gamma, \beta$：各 $D$ 个学来的数
# + 不看别的 token，不看别的图：一批几张都一样
# + $\epsilon$：公开的 ViT 权重要 $10^{-6}$，`nn.LayerNorm` 默认 $10^{-7}$
# %% [markdown] lang="en"
# ## Layer normalisation: each token on its own
#
# $$\mathrm{LN}(x) = \gamma\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta$$
#
# + $\mu, \sigma^2$: mean and variance of the $D$ numbers of **this** token; $\gamma, \beta$: $D$ learned numbers each
# + No other token, no other image: a batch of one is as good as any
# + $\epsilon$: published ViT weights want $10^{-6}$; `nn.LayerNorm` has $10^{-7}$
# %% [markdown] lang="zh" note=true
# 白板上算一个：x = (1, 3, 5)，均值 3，方差 8/3，得到 (−1.22, 0, 1.22)。最常见的误解：“归一化之后每个通道的均值是 0”。不对，是每个 token。ε 差一点，平常看不出来，方差很小的 token 上才看得出：所以更难找。
# %% [markdown] lang="en" note=true
# One on the board: x = (1, 3, 5) has mean 3 and variance 8/3 and becomes (−1.22, 0, 1.22). The usual misconception: each channel has mean 0 afterwards. It is each token. A wrong epsilon shows only on tokens of small variance, which is why it is hard to find.
# %% [markdown] lang="zh" minutes="4 5 8"
# ## MLP：搬来的东西在这里加工
#
# $$\mathrm{MLP}(x)=W_2\,\mathrm{GELU}(W_1x+b_1)+b_2$$
#
# + 注意力在 token 之间**搬运**：除了线性变换，只会加权平均
# + MLP 逐个 token **加工**：$D \to 4D \to D$，中间是 GELU
# + GELU 有两种：精确的，和 `tanh` 近似（`nn.GELU` 的默认值）
# %% [markdown] lang="en"
# ## MLP: where the work is done
#
# $$\mathrm{MLP}(x)=W_2\,\mathrm{GELU}(W_1x+b_1)+b_2$$
#
# + Attention **carries** between tokens: linear maps aside, weighted means only
# + The MLP **works** on each token by itself: $D \to 4D \to D$, GELU between
# + GELU has two forms: exact, and an approximation by `tanh` (`nn.GELU`'s default)
# %% [markdown] lang="zh" note=true
# 问：改动一个 token，MLP 的输出有几个变？（一个。）注意力呢？（全部。）两种 GELU 差万分之几，层层累积，第 06 课量它。
# %% [markdown] lang="en" note=true
# Ask: one token is changed; how many outputs of the MLP move? (One.) And of attention? (All.) The two GELUs differ by some ten-thousandths, which add up; lesson 06 measures it.
# %% [markdown] lang="zh" minutes="- 16 16"
# ## 轮到你了：`MLP`
#
# {exercise 05.2}
#
# - `fc1`：$D \to$ `hidden_dim`；`fc2`：`hidden_dim` $\to D$
# - 中间 `GELU(gelu)`；每层之后一个 `nn.Dropout`，第一个在 GELU 之后
# %% [markdown] lang="en"
# ## Your turn: `MLP`
#
# {exercise 05.2}
#
# - `fc1`: $D \to$ `hidden_dim`; `fc2`: `hidden_dim` $\to D$
# - `GELU(gelu)` between; `nn.Dropout` after each layer, the first after GELU
# %% [markdown] lang="zh" note=true
# 打开电脑，直接到 05.2。最常见的错：用了 `nn.GELU()`；dropout 放在 GELU 之前；只写了一个。先做完的做 05.1（numpy 的层归一化）。到点就停：没写完的用包里的，课后再用 `hint(...)`。
# %% [markdown] lang="en" note=true
# Lids up, straight to 05.2. Most often: `nn.GELU()` used; dropout before GELU; one of the two missing. Who is done does 05.1, layer normalisation in numpy. When the time is up, stop: whoever is not done goes on with the package's; `hint(...)` after class.
# %% [markdown] lang="zh" minutes="7 7 10"
# ## 残差：加上去，不是换掉
#
# ![](block)
# %% [markdown] lang="en"
# ## Skip connections: added, not replaced
#
# ![](block)
# %% [markdown] lang="zh" note=true
# 左边 pre-norm（ViT）：残差这条线上什么也没有，从输入直通输出。右边 post-norm（2017 年的 Transformer）：每次相加之后都要过一个 LN。请一位学员用手指沿着两条线各走一遍。按五次键：四个角依次放大，最后回到全图，比一比。
# %% [markdown] lang="en" note=true
# Left, pre-norm (ViT): nothing on the skip connection, straight from input to output. Right, post-norm (the Transformer of 2017): an LN after every sum. Somebody follows both lines with a finger. Five presses: the four corners in turn, and the whole again, to compare.
# %% [markdown] lang="zh" minutes="3 4 6"
# ## 一层编码器，两个式子
#
# $$z' = z + \mathrm{MSA}(\mathrm{LN}_1(z))$$
#
# $$z'' = z' + \mathrm{MLP}(\mathrm{LN}_2(z'))$$
#
# + 四个子层：`norm1`、`attn`、`norm2`、`mlp`
# + 输入、输出都是 $(B, N, D)$，所以能叠
# + MLP 宽四倍时，参数约是注意力的两倍：$8D^2$ 比 $4D^2$
# %% [markdown] lang="en"
# ## One block, two equations
#
# $$z' = z + \mathrm{MSA}(\mathrm{LN}_1(z))$$
#
# $$z'' = z' + \mathrm{MLP}(\mathrm{LN}_2(z'))$$
#
# + Four layers: `norm1`, `attn`, `norm2`, `mlp`
# + In and out $(B, N, D)$, so blocks can be stacked
# + An MLP four times as wide has about twice the parameters of attention: $8D^2$ against $4D^2$
# %% [markdown] lang="zh" note=true
# 第三次按键之前先问：“Transformer 的参数大多在注意力里”，对吗？D=192 的三个数（05.4）在讲义上，课后算。下一页写代码。
# %% [markdown] lang="en" note=true
# Before the third press ask whether most parameters of a Transformer are in attention. The three numbers for D=192 (05.4) are on the hand-out, for home. The next page is code.
# %% [markdown] lang="zh" minutes="- 20 24"
# ## 写出你的 `Block`
#
# {exercise 05.3}
#
# - 用**你的** `Attention`（没有就用包里的）和刚写的 `MLP`
# - 归一化用 `LayerNorm(embed_dim)`；隐藏层宽 `round(embed_dim * mlp_ratio)`
# - `construct` 就是上一页的两个式子
# %% [markdown] lang="en"
# ## Write your `Block`
#
# {exercise 05.3}
#
# - With **your** `Attention` (or the package's) and the `MLP` just written
# - `LayerNorm(embed_dim)`; hidden width `round(embed_dim * mlp_ratio)`
# - `construct`: the two equations of the last page
# %% [markdown] lang="zh" note=true
# 直接到 05.3。最常见的错：写成 post-norm；两个归一化用了同一个；忘了残差；参数名和要求的不一样。检查都说得出来，先问“它怎么说？”。报 `NameError`：选中这个单元格，Run → Run All Above Selected Cell，再运行它。到点就停：没写完的用包里的。
# %% [markdown] lang="en" note=true
# Straight to 05.3. Most often: post-norm; one norm used twice; no skip connection; other names than asked for. The check knows them all; ask "what did it say?" first. A `NameError`: click on the cell, Run > Run All Above Selected Cell, run it again. When the time is up, stop: the package's stands in.
# %% [markdown] lang="zh" minutes="4 3 7" bet=true
# ## 叠 24 层，先坏的是什么？
#
# 四种网络，都没有训练：裸层 · 无残差（有归一化） · post-norm · pre-norm
#
# 量两样：token 之间还差多少；每层收到的梯度。
#
# **“无残差”那一种，先坏的是梯度，还是信号？**
# %% [markdown] lang="en"
# ## 24 blocks: what breaks first?
#
# Four networks, untrained: bare · no skip (normalisation only) · post-norm · pre-norm
#
# Two measurements: how much tokens still differ; the gradient of each block.
#
# **In "no skip", what breaks first: the gradient or the signal?**
# %% [markdown] lang="zh" note=true
# 合上电脑，举手表决。多数人会说梯度（“没有残差，梯度消失”）。记下人数，翻页。
# %% [markdown] lang="en" note=true
# Lids down, a show of hands. Most say the gradient ("without skip connections gradients vanish"). Keep the count and turn the page.
# %% [markdown] lang="zh" minutes="6 7 10"
# ## 坏的是信号：四层之后，token 全都一样
#
# ![](opening)
#
# + 无残差：梯度**没有**消失，是 token 之间的差别没有了
# + 一次次加权平均，把差别都平均掉了
# %% [markdown] lang="en"
# ## The signal: soon all tokens are the same
#
# ![](opening)
#
# + No skip: gradients do **not** vanish; the differences between tokens do
# + Mean upon mean wipes them out
# %% [markdown] lang="zh" note=true
# 左图：token 之间的差别（平方和里占多少）；右图：各层 fc1 的梯度。裸层的梯度确实太小，但前后差不多，不是“越往前越小”。pre-norm 24 层之后还留着 15 % 左右。浅蓝的 post-norm 也有残差，差别却在变小：分支加进去的，多半是所有 token 共有的，后面的 LN 再把原来的差别按比例缩小。
# %% [markdown] lang="en" note=true
# Left: how much tokens differ, as a share of the sum of squares; right: the gradient of each block's fc1. In bare ones it is too small indeed, but early and late alike. With pre-norm about 15 % is left after 24 blocks. Post-norm, light blue, has skip connections, too, and loses the differences all the same: what the branches add is mostly common to all tokens, and the norm behind the sum then shrinks what differs.
# %% [markdown] lang="zh" minutes="7 8 12"
# ## 摸一摸：关掉一层
#
# {explorer {"tab": "numbers", "token": 27, "block": 1}}
# %% [markdown] lang="en"
# ## Touch it: a block switched off
#
# {explorer {"tab": "numbers", "token": 27, "block": 1}}
# %% [markdown] lang="zh" note=true
# “数字”页：一个 token 走过一层，从 `x`、`norm1(x)`、q k v、`proj`、`x + proj`、`norm2` 到 `x + proj + fc2`，一行一行指给大家看（这个小网络的 MLP 只宽两倍，所以 fc1 有 192 个，注意力和 MLP 的参数差不多多）。然后回到“注意力”页，先问：关掉第一层和关掉最后一层，哪个要紧？再点行首的数字关掉一层。金鱼 91 %，关掉第 1 层剩 3 %，第 2 层 45 %，第 3 层 9 %，第 4、5、6 层 90、87、87 %。关掉的层只剩残差那条线，x 原样通过，所以别的层照样能用。投影上由老师操作。
# %% [markdown] lang="en" note=true
# "Numbers": one token on its way through a block, `x`, `norm1(x)`, q k v, `proj`, `x + proj`, `norm2`, up to `x + proj + fc2`; point at the rows one by one (this small network's MLP is twice as wide only: fc1 has 192, and attention has about as many parameters). Then back to "Attention", and ask first: which matters more, the first block or the last? The number at a row switches its block off. Goldfish 91 %; without block 1 3 %, 2 45 %, 3 9 %, 4, 5 and 6 90, 87 and 87 %. Of a block that is off the skip connection is left, x passes unchanged, and the other blocks still work. The instructor does it, on the projector.
# %% [markdown] lang="zh" minutes="- - 8"
# ## 训练中呢：post-norm 和学习率
#
# 小 ViT，6 层，训练两轮。pre-norm、学习率 0.001 时约六成三。
#
# **post-norm、学习率 0.003，会是多少？**
# %% [markdown] lang="en"
# ## And in training: post-norm and the rate
#
# The small ViT, 6 blocks, two epochs. Pre-norm at a rate of 0.001 has about 63 %.
#
# **Post-norm at 0.003: how much?**
# %% [markdown] lang="zh" note=true
# 每人写一个数。不要解释学习率太多：步子的大小，第 07 课细讲。
# %% [markdown] lang="en" note=true
# A number each. Say little of the rate: how far a step goes; lesson 07 has it.
# %% [markdown] lang="zh" minutes="- - 18"
# ## 探究：你来量
#
# {exercise 05.6}
#
# {output investigate("05.6"}
#
# - 只比较只差一样的两行；小于两个种子之差两倍的，什么也说明不了
# %% [markdown] lang="en"
# ## An investigation: measure it
#
# {exercise 05.6}
#
# {output investigate("05.6"}
#
# - Compare rows that differ in one thing; less than twice the spread of seeds says nothing
# %% [markdown] lang="zh" note=true
# 先写预测再运行，约一分钟；趁它跑的时候读表。表里的平均（三个种子）：pre-norm 0.001 是 63.2 %，post-norm 0.001 是 49.0 %，pre-norm 0.003 是 53.6 %，post-norm 0.003 是 14.3 %。结论是三选一，`check` 只看结论和表合不合，不看猜得准不准。
# %% [markdown] lang="en" note=true
# Predict, then run, about a minute; read the table meanwhile. Means of the table, three seeds: pre-norm at 0.001 63.2 %, post-norm at 0.001 49.0, pre-norm at 0.003 53.6, post-norm at 0.003 14.3. One conclusion of three; `check` looks at whether it fits the table, not at how good the guess was.
# %% [markdown] lang="zh" minutes="- - 4" bet=true
# ## 对还是错？
#
# 1. Transformer 的参数大多在注意力里
# 2. 层归一化之后，每个**通道**的均值是 0
# 3. MLP 也在 token 之间交换信息
# %% [markdown] lang="en"
# ## True or false?
#
# 1. Most parameters of a Transformer are in attention
# 2. After layer normalisation each **channel** has mean 0
# 3. The MLP exchanges information between tokens, too
# %% [markdown] lang="zh" note=true
# 每句举手一次，记下人数；先不说答案，让猜“对”的人说理由。
# %% [markdown] lang="en" note=true
# A show of hands for each, counts on the board; no answer yet. Let those who say "true" give their reason.
# %% [markdown] lang="zh" minutes="- - 8"
# ## 三句都是错的
#
# {output MLP(48, 19}
#
# {output changed = tokens.asnumpy().copy()}
#
# - 均值是 0 的是每个 **token**，不是每个通道
# %% [markdown] lang="en"
# ## All three are false
#
# {output MLP(48, 19}
#
# {output changed = tokens.asnumpy().copy()}
#
# - It is each **token** that has mean 0, not each channel
# %% [markdown] lang="zh" note=true
# 运行 C·7 的三个单元格。第三句的试验：改动第 3 个 token，MLP 只有它变，注意力全都变。
# %% [markdown] lang="en" note=true
# Run the three cells of C·7. The third: token 3 is changed; of the MLP only that output moves, of attention all.
# %% [markdown] lang="zh" minutes="7 9 18"
# ## 记住三句话
#
# 1. 一层编码器是两个 pre-norm 分支：注意力在 token 之间搬运，MLP 逐个 token 加工
# 2. 残差让 token 之间的差别留得更久；没有它，四层之后 token 几乎全都一样
# 3. 细节要紧：$\epsilon=10^{-6}$，精确的 GELU；差一点也不会报错
#
# 打卡：`checkin("B")` 　下一课：把部件装成完整的 ViT
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. A block is two pre-norm branches: attention moves information between tokens, the MLP works on each by itself
# 2. Skip connections keep tokens different for longer; without them all are nearly the same after four blocks
# 3. Details matter: $\epsilon=10^{-6}$, exact GELU; a little off raises no error
#
# Check in: `checkin("B")`. Next: the parts become a whole ViT
# %% [markdown] lang="zh" note=true
# 回到第 1 页的问题：24 层直接叠起来行不行？讲义带回家做；小测验举手答（quiz.md，遮住答案）。45 分钟的课没有写代码，打卡留到写完 B 节。180 分钟的课在这里做 05.5（随机深度），再打 `checkin("C")`。
# %% [markdown] lang="en" note=true
# Back to the question of page 1: will 24 layers do, one on another? The sheet is for home; the quiz by a show of hands (quiz.md, its key covered). A class of 45 wrote no code: its check-in waits for section B. In 180 minutes there is time for 05.5 (drop path) here, then `checkin("C")`.
