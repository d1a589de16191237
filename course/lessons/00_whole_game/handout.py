# %% [markdown] lang="zh"
# # 00 · 先跑通全程
#
# ## 1. 全程
#
# ![](map_whole)
#
# 用自己的话填：图片切成[[图像块（patch）]]，每块变成一个[[token]]；token 们一层一层地互相看（[[注意力]]），各自加工（[[MLP]]）；最后由一个向量给每个名字打分（[[logits]]），分数变成[[概率]]。
#
# ## 2. 形状（ViT-Ti，224 × 224 的图）
#
# | 量 | 形状 |
# |---|---|
# | 图片 | (1, 3, 224, 224) |
# | 图像块的 token | (1, [[196]], 192) |
# | 加上类别 token 和位置 | (1, [[197]], 192) |
# | 每个编码器层之后 | [[(1, 197, 192)]] |
# | logits | (1, [[1000]]) |
#
# 边长 224，块边长 16：每边 [[14]] 块，一共 [[196]] 块。边长 384 呢？[[24 × 24 = 576]]
#
# ## 3. 图像的数
#
# 文件读进来：(H, W, 3)，[[0 到 255]]的整数。网络要：[[(3, H, W)]]，−1 到 1 的浮点数。
#
# $$x = \frac{p/255 - 0.5}{0.5}$$
#
# $p=0$ 时 $x=$ [[−1]]；$p=255$ 时 $x=$ [[1]]；$p=51$ 时 $x=$ [[−0.6]]。
#
# 轴的顺序用 `transpose` 换，不能用 `reshape`，因为 [[reshape 不移动任何数]]。
#
# ## 4. MindSpore
#
# | | 动态图（PyNative） | 静态图（Graph） |
# |---|---|---|
# | 怎样运行 | [[写一行，算一行]] | [[先编译，再一次跑完]] |
# | 用来 | [[调试]] | [[训练]] |
# | 换一个输入形状 | 没有影响 | [[重新编译]] |
#
# 要留下训练前的参数：`p.asnumpy()`[[.copy()]]
#
# 出了问题先问：[[python start.py doctor]]
# %% [markdown] lang="en"
# # 00 · The whole game
#
# ## 1. The whole way
#
# ![](map_whole)
#
# In your own words: the picture is cut into [[patches]]; each becomes a [[token]]; layer by layer the tokens look at each other ([[attention]]) and are worked on ([[MLP]]); in the end one vector gives each name a score ([[logits]]), and scores become [[probabilities]].
#
# ## 2. Shapes (ViT-Ti, a picture of 224 × 224)
#
# | what | shape |
# |---|---|
# | picture | (1, 3, 224, 224) |
# | tokens of the patches | (1, [[196]], 192) |
# | with class token and positions | (1, [[197]], 192) |
# | after every encoder block | [[(1, 197, 192)]] |
# | logits | (1, [[1000]]) |
#
# 224 pixels a side, patches of 16: [[14]] along a side, [[196]] in all. And with 384 pixels? [[24 × 24 = 576]]
#
# ## 3. The numbers of a picture
#
# A file is read as (H, W, 3), integers [[from 0 to 255]]. The network wants [[(3, H, W)]], floating point, from −1 to 1:
#
# $$x = \frac{p/255 - 0.5}{0.5}$$
#
# $p=0$ gives $x=$ [[−1]], $p=255$ gives $x=$ [[1]], $p=51$ gives $x=$ [[−0.6]].
#
# Axes are exchanged by `transpose`, not by `reshape`, because [[reshape moves no number]].
#
# ## 4. MindSpore
#
# | | eager (PyNative) | graph mode |
# |---|---|---|
# | how it runs | [[line by line]] | [[compiled, then all at once]] |
# | used for | [[debugging]] | [[training]] |
# | another input shape | no matter | [[compiles again]] |
#
# To keep the parameters from before a training: `p.asnumpy()`[[.copy()]]
#
# When something fails, ask first: [[python start.py doctor]]
