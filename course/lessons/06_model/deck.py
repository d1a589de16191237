# %% [markdown] lang="zh" minutes="1 1 2"
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
# 问：别人 2021 年训练好的 570 万个数，能不能装进你们自己写的网络，认出一只猫？能，只要每个部件都写对。请大家打开笔记本 06，运行第一个单元格。
# %% [markdown] lang="en" note=true
# Ask whether 5.7 million numbers that others trained in 2021 can be put into a network of their own, so that it recognises a cat. They can, if every part is right. Everybody opens notebook 06 and runs its first cell.
# %% [markdown] lang="zh" minutes="6 7 10"
# ## 一次完整的前向
#
# ![](shapes)
# %% [markdown] lang="en"
# ## The whole forward pass
#
# ![](shapes)
# %% [markdown] lang="zh" note=true
# 每按一次键放大四分之一：从上往下走一遍，每一步问形状，再对一下是哪一课写的。只有最后两步是新的：取一个向量（类别 token，或各块的平均），乘分类头，得到 logits。
# %% [markdown] lang="en" note=true
# Each press enlarges a quarter. From top to bottom, the shape at each step and the lesson that built it. Only the last two are new: one vector is taken (the class token, or the mean of the patches) and sent through the head, which gives logits.
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
# 每人写四个百分数。提示：一层约 $12D^2$。
# %% [markdown] lang="en" note=true
# Four percentages each. A hint: a block has about 12D².
# %% [markdown] lang="zh" minutes="3 4 6"
# ## 九成三在编码器层里
#
# {output for name in ("vit_tiny_patch16_224", "vit_small}
#
# | | 参数 |
# |---|---|
# | 图像块嵌入 | 147,648 |
# | 类别 token、位置 | 192 + 37,824 |
# | 12 层 | 5,338,368 |
# | 归一化、分类头 | 384 + 193,000 |
# %% [markdown] lang="en"
# ## 93 percent are in the blocks
#
# {output for name in ("vit_tiny_patch16_224", "vit_small}
#
# | | parameters |
# |---|---|
# | patch embedding | 147,648 |
# | class token, positions | 192 + 37,824 |
# | 12 blocks | 5,338,368 |
# | norm, head | 384 + 193,000 |
# %% [markdown] lang="zh" note=true
# 用公式数一遍是成本最低的检查：数目不对，网络就一定不对。时间够就做 06.1。
# %% [markdown] lang="en" note=true
# Counting by formula is the cheapest check there is: if the number is wrong, so is the network. With time left, do 06.1.
# %% [markdown] lang="zh" minutes="- 22 34"
# ## 写出你的 `ViT`
#
# {exercise 06.2}
#
# - `patch_embed`、`cls_token`、`pos_embed`、`blocks`、`norm`、`head`：公开的权重就叫这些名字
# - `construct`：嵌入 → 类别 token 放前面 → 加位置 → 各层 → 归一化 → 取一个向量 → 分类头
# - 没有写过的部件用包里的
# %% [markdown] lang="en"
# ## Write your `ViT`
#
# {exercise 06.2}
#
# - `patch_embed`, `cls_token`, `pos_embed`, `blocks`, `norm`, `head`: as published weights call them
# - `construct`: embed, class token in front, add positions, blocks, norm, one vector, head
# - The package's parts stand in for those not written
# %% [markdown] lang="zh" note=true
# 最常见的错：类别 token 没有复制到每张图；先加位置再放类别 token；忘了最后的归一化；取平均时把类别 token 也算进去。十分钟后看第一条提示。
# %% [markdown] lang="en" note=true
# Most often: the class token not copied to each picture; positions added before it is put in front; the last norm missing; the class token counted in the mean. After ten minutes the first hint.
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
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
# %% [markdown] lang="zh" minutes="3 4 6"
# ## 一声不响
#
# {output load_param_into_net(}
#
# - 没对上的名字在**返回值**里；不看，就以为全装好了
# - 网络照样跑，只是差一点：最难查的那种错
# - `vit.weights.load_model` 相反：差一个就报错，什么也不改
# %% [markdown] lang="en"
# ## Not a word
#
# {output load_param_into_net(}
#
# - What did not match is in the **return value**; who does not look believes all is loaded
# - The network runs, only a little worse: the hardest mistake to find
# - `vit.weights.load_model` is the opposite: one missing is an error, and nothing changes
# %% [markdown] lang="zh" note=true
# 问：怎样证明权重真的装好了？（核对数值：同一张图，逐个 logit，和另一个程序比。）
# %% [markdown] lang="en" note=true
# Ask how to prove that the weights are in (match numbers: the same picture, logit by logit, against another program).
# %% [markdown] lang="zh" minutes="5 7 10"
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
# 存的是包里的类（差必然是 0）。请通过了 06.2 的人念出自己的差：应在 1e-5 左右或更小。然后在终端进 `outputs/`，运行 `python -m my_vit 图片`。
# %% [markdown] lang="en" note=true
# Stored is the package's class (the difference must be 0). Those who passed 06.2 read out theirs: about 1e-5 or less. Then, in a terminal in `outputs/`, `python -m my_vit PICTURE`.
# %% [markdown] lang="zh" minutes="4 6 9" bet=true
# ## “差不多”差多少？
#
# 四个小错，都不报错：ε 用默认的 · GELU 用另一种 · 图压成正方形而不是裁剪 · 该用类别 token 却取了平均
#
# **哪些会让三张照片的答案改变？**
# %% [markdown] lang="en"
# ## How far off is "almost"?
#
# Four slips, none of which raises an error: the default ε · the other GELU · a picture squeezed instead of cropped · the mean where the class token is meant
#
# **Which of them change the answers to three photographs?**
# %% [markdown] lang="zh" note=true
# 每人写下会改变答案的几个。再问：哪些只看答案发现不了？
# %% [markdown] lang="en" note=true
# Everybody writes down which change an answer. Then ask which of them nobody would notice by looking at answers.
# %% [markdown] lang="zh" minutes="4 6 9"
# ## 三个都混得过去
#
# {output for name, other in slips.items()}
#
# - 只看“认对了没有”，前三个都发现不了
# - 逐个比较 logits，能抓住 GELU；从**文件**开始比，才抓得住压扁的图
# %% [markdown] lang="en"
# ## Three of them slip through
#
# {output for name, other in slips.items()}
#
# - By "it got this one right" the first three are not noticed
# - Comparing logits catches the GELU; the squeezed picture only if one begins at the **file**
# %% [markdown] lang="zh" note=true
# 这就是 C·5 要用 numpy 另写一遍的原因：两个程序可能有同样的错，独立写的才算数。
# %% [markdown] lang="en" note=true
# This is why C·5 writes it again in numpy: two programs may share a mistake; only an independent one counts.
# %% [markdown] lang="zh" minutes="6 8 12"
# ## 摸一摸：一层一层地读
#
# {explorer {"token": 27, "layersOff": [2]}}
# %% [markdown] lang="en"
# ## Touch it: read it block by block
#
# {explorer {"token": 27, "layersOff": [2]}}
# %% [markdown] lang="zh" note=true
# 第 3 层已经关掉。看“逐层的回答”：从第几层起答案定了？把它打开，再关别的层。任务：找一层，关掉它答案就变。
# %% [markdown] lang="en" note=true
# Block 3 is off. Look at "the answer, block by block": from which on is it settled? Switch it on, switch others off. A task: find a block without which the answer changes.
# %% [markdown] lang="zh" minutes="- 8 18"
# ## 还对得上吗？
#
# {exercise 06.4}
#
# - 改一个设置，**所有参数的名字和形状**还对不对得上？
# - 对得上，不等于用得好
# %% [markdown] lang="en"
# ## Do they still fit?
#
# {exercise 06.4}
#
# - One setting is changed: do **names and shapes of all parameters** still match?
# - To fit is not to work well
# %% [markdown] lang="zh" note=true
# 两人一组，每个选项说出理由再写字母。争议最大的是头数（不变）和换分辨率（位置对不上）。
# %% [markdown] lang="en" note=true
# In pairs, a reason for each letter. Most argued about: the number of heads (still fits) and another resolution (positions do not).
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
# %% [markdown] lang="zh" minutes="8 10 16"
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
# 发讲义，做小测验。让通过了 06.2 的人举手：从今天起，这个 ViT 是他们的。
# %% [markdown] lang="en" note=true
# Hand out the sheet, do the quiz. Those who passed 06.2 raise a hand: from today this ViT is theirs.
