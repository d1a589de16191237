# %% [markdown] lang="zh" minutes="2 3 2"
# # 06 · 完整的 ViT
#
# 你的网络，别人的权重
#
# ![](map_model)
# %% [markdown] lang="en"
# # 06 · The whole ViT
#
# Your network, somebody else's weights
#
# ![](map_model)
# %% [markdown] lang="zh" note=true
# 问：别人 2021 年训练好的 570 万个数，能不能装进你们自己写的网络，认出一只猫？能，只要每个部件都写对。上课前：`vit weights get vit_tiny_patch16_224`；没有它的电脑用小模型和画，第 10 页的四个小错在那里都是 0 / 3，看投影。请大家打开笔记本 06，运行第一个单元格，合上电脑。
# %% [markdown] lang="en" note=true
# Ask whether 5.7 million numbers that others trained in 2021 can be put into a network of their own, so that it recognises a cat. They can, if every part is right. Before class: `vit weights get vit_tiny_patch16_224`; machines without it use the small model and drawings, where page 10's four slips are all 0 / 3: look at the screen. Everybody opens notebook 06, runs its first cell and puts the lid down.
# %% [markdown] lang="zh" minutes="6 6 10"
# ## 完整的前向过程
#
# ![](shapes)
# %% [markdown] lang="en"
# ## The whole forward pass
#
# ![](shapes)
# %% [markdown] lang="zh" note=true
# 每按一次键放大四分之一：从上往下走一遍，每一步问：形状为什么变，或为什么不变？是哪一课写的？图上印着各部分的参数量，先不说，下一页要猜。只有最后两步是新的：取一个向量（类别 token，或各块的平均），乘分类头，得到 logits。
# %% [markdown] lang="en" note=true
# Each press enlarges a quarter. From top to bottom: why does the shape change here, or why not, and which lesson built it? Say nothing of the parameters in the drawing: the next page asks. Only the last two are new: one vector is taken (the class token, or the mean of the patches) and sent through the head, which gives logits.
# %% [markdown] lang="zh" minutes="2 3 5" bet=true
# ## 570 万个参数，多半在哪里？
#
# ViT-Ti：$D=192$，12 层，1000 类。
#
# **图像块嵌入、位置、编码器层、分类头：各占几成？**
# %% [markdown] lang="en"
# ## 5.7 million parameters: where are they?
#
# ViT-Ti: $D=192$, 12 blocks, 1,000 classes.
#
# **Patch embedding, positions, encoder blocks, head: which share each?**
# %% [markdown] lang="zh" note=true
# 合上讲义，不往回翻，每人写四个百分数。提示：一层约 $12D^2$。
# %% [markdown] lang="en" note=true
# Nobody looks back; four percentages each. A hint: a block has about 12D².
# %% [markdown] lang="zh" minutes="3 4 6"
# ## 93 % 在编码器层里
#
# {output for name in ("vit_tiny_patch16_224", "vit_small}
#
# | | 公式 | 参数 | 占 |
# |---|---|---|---|
# | 图像块嵌入 | $3P^2D+D$ | 147,648 | 2.6 % |
# | 类别 token、位置 | $D+(N+1)D$ | 38,016 | 0.7 % |
# | $L$ 层 | $L(12D^2+13D)$ | 5,338,368 | 93.4 % |
# | 归一化、分类头 | $2D+DK+K$ | 193,384 | 3.4 % |
# %% [markdown] lang="en"
# ## 93 percent are in the blocks
#
# {output for name in ("vit_tiny_patch16_224", "vit_small}
#
# | | formula | parameters | share |
# |---|---|---|---|
# | patch embedding | $3P^2D+D$ | 147,648 | 2.6 % |
# | class token, positions | $D+(N+1)D$ | 38,016 | 0.7 % |
# | $L$ blocks | $L(12D^2+13D)$ | 5,338,368 | 93.4 % |
# | norm, head | $2D+DK+K$ | 193,384 | 3.4 % |
# %% [markdown] lang="zh" note=true
# 用公式数一遍是成本最低的检查：数目不对，网络就一定不对。时间够就做 06.1。
# %% [markdown] lang="en" note=true
# Counting by formula is the cheapest check there is: if the number is wrong, so is the network. With time left, do 06.1.
# %% [markdown] lang="zh" minutes="- 26 34"
# ## 写出你的 `ViT`
#
# {exercise 06.2}
#
# - `patch_embed`、`cls_token`、`pos_embed`、`blocks`、`norm`、`head`：公开的权重就叫这些名字
# - `construct`：嵌入 → 类别 token 放前面 → 加位置 → `pos_drop` → 各层 → 归一化 → 取一个向量 → 分类头
# - 没有写过的部件用包里的
# %% [markdown] lang="en"
# ## Write your `ViT`
#
# {exercise 06.2}
#
# - `patch_embed`, `cls_token`, `pos_embed`, `blocks`, `norm`, `head`: as published weights call them
# - `construct`: embed, class token in front, add positions, `pos_drop`, blocks, norm, one vector, head
# - The package's parts stand in for those not written
# %% [markdown] lang="zh" note=true
# 最常见的错：类别 token 没有复制到每张图；先加位置再放类别 token；忘了最后的归一化；取平均时把类别 token 也算进去；忘了 `pos_drop`，或没有把 mlp_ratio、drop_rate、attn_drop_rate、gelu 传给 `Block`。十分钟后看第一条提示（去掉 `# hint("06.2")` 的 #）。到点就停，没写完的用包里的。
# %% [markdown] lang="en" note=true
# Most often: the class token not copied to each picture; positions added before it is put in front; the last norm missing; the class token counted in the mean; no `pos_drop`, or mlp_ratio, drop_rate, attn_drop_rate and gelu not handed to `Block`. After ten minutes the first hint (take the # off `# hint("06.2")`). When the time is up, stop: the package's stands in.
# %% [markdown] lang="zh" minutes="2 2 7" bet=true
# ## 名字写错一个，会怎样？
#
# 用 MindSpore 自带的 `load_param_into_net` 装权重，文件里有个名字拼错了：`head.wieght`。
#
# **会报错吗？**
# %% [markdown] lang="en"
# ## One name is misspelt: what happens?
#
# Weights are loaded by MindSpore's own `load_param_into_net`; a name in the file is `head.wieght`.
#
# **Will it raise an error?**
# %% [markdown] lang="zh" note=true
# 举手。会 PyTorch 的人想一想 `load_state_dict` 的 `strict=True`。
# %% [markdown] lang="en" note=true
# A show of hands. Those who know PyTorch may think of `load_state_dict` and `strict=True`.
# %% [markdown] lang="zh" minutes="4 4 6"
# ## 不报错
#
# {output load_param_into_net(}
#
# - 没对上的名字在**返回值**里；不看，就以为全装好了
# - 这张表里只有这一个名字，所以 20 个全没装上；真的文件只会少 `head.weight`
# - 网络照样跑：少了 head 是乱猜，少了后面的一层，答案也许照样对
# - `vit.weights.load_model` 相反：差一个就报错，什么也不改
# %% [markdown] lang="en"
# ## No error
#
# {output load_param_into_net(}
#
# - What did not match is in the **return value**; who does not look believes all is loaded
# - Here the file has this one name, so all 20 are missing; a real one would lack `head.weight` alone
# - The network runs: without the head it guesses, without a late block answers may stay right
# - `vit.weights.load_model` is the opposite: one missing is an error, and nothing changes
# %% [markdown] lang="zh" note=true
# 有人会看到 [WARNING]：那是日志，程序照样往下走。问：怎样证明权重真的装好了？（核对数值：同一张图，逐个 logit，和另一个程序比。）
# %% [markdown] lang="en" note=true
# Some will see a [WARNING]: that is a log, the program goes on. Ask how to prove that the weights are in (match numbers: the same picture, logit by logit, against another program).
# %% [markdown] lang="zh" minutes="5 6 10"
# ## 你的类，别人的权重，认出照片
#
# {output with_weights(}
#
# {output for name, pixels in pictures.items()}
#
# - 第一行的名字：`my_vit_…` 是你的，`vit.model` 是包里的
# %% [markdown] lang="en"
# ## Your class, their weights, photographs named
#
# {output with_weights(}
#
# {output for name, pixels in pictures.items()}
#
# - The name in the first line: `my_vit_...` is yours, `vit.model` the package's
# %% [markdown] lang="zh" note=true
# 存的是包里的类（差必然是 0）。请通过了 06.2 的人念出自己的差：0 或 1e-5 以下都对，是不是自己的看第一行的名字（45 分钟的课没有人写，只看投影）。然后老师在终端进 `outputs/`，运行 `python -m my_vit 图片文件`（有通过的部件才有它）。
# %% [markdown] lang="en" note=true
# Stored is the package's class (the difference must be 0). Those who passed 06.2 read out theirs: 0 and anything below 1e-5 are both right, and whether it is theirs the first line's name tells (in 45 minutes nobody has written it: the screen only). Then the teacher, in a terminal in `outputs/`: `python -m my_vit PICTURE.jpg` (it exists once some part has passed).
# %% [markdown] lang="zh" minutes="3 3 9" bet=true
# ## “差不多”差多少？
#
# 四个小错，都不报错：ε 用 `nn.LayerNorm` 默认的 1e-7（该用 1e-6） · GELU 用另一种 · 图压成正方形而不是裁剪 · 该用类别 token 却取了平均
#
# **哪些会让三张照片的答案改变？**
# %% [markdown] lang="en"
# ## How far off is "almost"?
#
# Four slips, none of which raises an error: `nn.LayerNorm`'s default ε of 1e-7 (1e-6 is right) · the other GELU · a picture squeezed instead of cropped · the mean where the class token is meant
#
# **Which of them change the answers to three photographs?**
# %% [markdown] lang="zh" note=true
# 每人写下会改变答案的几个。再问：哪些只看答案发现不了？
# %% [markdown] lang="en" note=true
# Everybody writes down which change an answer. Then ask which of them nobody would notice by looking at answers.
# %% [markdown] lang="zh" minutes="5 6 9"
# ## 三个错都蒙混过关
#
# {output for name, other in slips.items()}
#
# - 在这三张照片上，只看“认对了没有”，前三个都发现不了
# - 逐个比较 logits，能抓住 GELU；从**文件**开始比，才抓得住压扁的图
# %% [markdown] lang="en"
# ## Three of them slip through
#
# {output for name, other in slips.items()}
#
# - On these three photographs, by "it got it right" the first three are not noticed
# - Comparing logits catches the GELU; the squeezed picture only if one begins at the **file**
# %% [markdown] lang="zh" note=true
# 这就是 C·5 要用 numpy 另写一遍的原因：两个程序可能有同样的错，独立写的才算数：MindSpore 与 numpy 最多差 1.1e-05。ε 的 2.9e-05 和舍入同级，比不出来，要靠读文档。
# %% [markdown] lang="en" note=true
# This is why C·5 writes it again in numpy: two programs may share a mistake; only an independent one counts: MindSpore and numpy differ by 1.1e-05 at most. The ε's 2.9e-05 is of rounding's size and not found that way: read the documentation.
# %% [markdown] lang="zh" minutes="4 6 12"
# ## 动手试试：一层一层地读
#
# {explorer {"token": 27, "layersOff": [2]}}
# %% [markdown] lang="en"
# ## Touch it: read it block by block
#
# {explorer {"token": 27, "layersOff": [2]}}
# %% [markdown] lang="zh" note=true
# 这是课程的小模型：6 层，取平均。“逐层的回答”：每层之后直接接上分类头；“关掉”：x 从残差连接原样通过。第 3 层关着，金鱼成了茶壶；打开，第 3 层起就是金鱼。先猜再试：关掉哪一层伤得最重？（金鱼：第 1 层，91 % 剩 3 %；第 4、5、6 层几乎不变。）90 和 45 分钟的课由老师操作。
# %% [markdown] lang="en" note=true
# This is the course's small model: 6 blocks, a mean at the end. "The answer, block by block": the head put after each; "off": x passes by the skip connection. With block 3 off the goldfish is a teapot; with it on, a goldfish from block 3. Bet, then try: which block hurts most? (For the goldfish block 1: 91 % becomes 3; blocks 4, 5 and 6 hardly matter.) In 90 and 45 minutes the teacher does it.
# %% [markdown] lang="zh" minutes="- 10 18"
# ## 还对得上吗？
#
# {exercise 06.4}
#
# - 改一个设置，**所有参数的名字和形状**还对不对得上？
# - 对得上，不等于结果对
# %% [markdown] lang="en"
# ## Do they still fit?
#
# {exercise 06.4}
#
# - One setting is changed: do **names and shapes of all parameters** still match?
# - To fit is not to work well
# %% [markdown] lang="zh" note=true
# 两人一组，每个选项说出理由再写字母。选项 A 到 G 在笔记本 C·8；答案 ACEG。争议最大的是头数（不变）和换分辨率（位置对不上）。
# %% [markdown] lang="en" note=true
# In pairs, a reason for each letter. Options A to G stand in C·8; the answer is ACEG. Most argued about: the number of heads (still fits) and another resolution (positions do not).
# %% [markdown] lang="zh" minutes="- - 16"
# ## 探究：深还是宽？
#
# {exercise 06.5}
#
# - 参数一样多：很多窄的层，还是几层宽的？
# - 先写预测，再运行：训练两轮，约一分钟
# %% [markdown] lang="en"
# ## An investigation: deep or wide?
#
# {exercise 06.5}
#
# - As many parameters: many narrow blocks, or a few wide ones?
# - Predict first, then run: two epochs, about a minute
# %% [markdown] lang="zh" note=true
# 分组跑 1、2、12、24 层。结论和“越深越好”不一样：提醒大家条件是两轮、简单的数据、同一个学习率。
# %% [markdown] lang="en" note=true
# Groups take 1, 2, 12 and 24 blocks. The conclusion is not "deeper is better"; mind the conditions: two epochs, simple data, one rate for all.
# %% [markdown] lang="zh" minutes="9 11 16"
# ## 记住三句话
#
# 1. ViT = 图像块嵌入 + 类别 token 和位置 + $L$ 层 + 归一化 + 分类头
# 2. 一层约 $12D^2$ 个参数；用公式数一遍是成本最低的检查
# 3. 装完权重要**核对数值**：另一个程序，同一张图，逐个 logit
#
# 打卡：`checkin("C")` 　下一课：从随机数训练它
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. ViT = patch embedding + class token and positions + $L$ blocks + norm + head
# 2. A block has about $12D^2$ parameters; counting by formula is the cheapest check
# 3. After loading, **match numbers**: an independent program, the same picture, logit by logit
#
# Check in: `checkin("C")`. Next: it is trained from random numbers
# %% [markdown] lang="zh" note=true
# 讲义带回家做；小测验举手答（45 分钟的课只做第 1 到 3 题）。第 5 题：224 变 384，参数只多 29 万，乘加 17.4 变 55.1 G。让通过了 06.2 的人举手：从今天起，这个 ViT 是他们的。
# %% [markdown] lang="en" note=true
# The sheet is for home; the quiz by a show of hands (in 45 questions 1 to 3 only). Question 5: from 224 to 384 there are 0.29 million parameters more, and 17.4 G multiply-adds become 55.1. Those who passed 06.2 raise a hand: from today this ViT is theirs.
