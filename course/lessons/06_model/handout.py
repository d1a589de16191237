# %% [markdown] lang="zh"
# # 06 · 完整的 ViT
#
# ## 1. 形状：ViT-Ti/16，一批 $B$ 张 224 × 224 的图
#
# | 之后 | 形状 |
# |---|---|
# | 切块、展平 | [[(B, 196, 768)]] |
# | `patch_embed` | [[(B, 196, 192)]] |
# | 类别 token 放前面，加位置 | [[(B, 197, 192)]] |
# | 每一层 | (B, 197, 192) |
# | 一层里的注意力权重（3 个头） | [[(B, 3, 197, 197)]] |
# | 取类别 token | [[(B, 192)]] |
# | `head` | [[(B, 1000)]] |
#
# ## 2. 参数，用公式
#
# $P$ 块边长，$D$ 宽，$N$ 块数，$K$ 类数；ViT-Ti 一共 5,717,416 个。
#
# | | 公式 | ViT-Ti |
# |---|---|---|
# | 图像块嵌入 | $3P^2D + D$ | [[147648]] |
# | 位置和类别 token | [[(N + 1)D + D]] | [[38016]] |
# | 一层 | $12D^2 + 13D$ | [[444864]] |
# | 最后的归一化 | [[2D]] | 384 |
# | 分类头 | [[DK + K]] | [[193000]] |
#
# ## 3. 装别人的权重
#
# 拿着 ViT-B/16 的权重，分别改成下面这样，参数的名字和形状还对得上吗？头数 12 → 6：[[对得上]]　块 16 → 32：[[对不上]]　取平均代替类别 token：[[对得上]]　1000 类 → 10 类：[[对不上]]
#
# `load_param_into_net` 遇到拼错的名字：[[不报错，写在返回值里]]。证明装对了：[[逐个 logit 和另一个程序比]]。
# %% [markdown] lang="en"
# # 06 · The whole ViT
#
# ## 1. Shapes: ViT-Ti/16, a batch of $B$ pictures of 224 × 224
#
# | after | shape |
# |---|---|
# | cutting and flattening | [[(B, 196, 768)]] |
# | `patch_embed` | [[(B, 196, 192)]] |
# | class token in front, positions added | [[(B, 197, 192)]] |
# | each block | (B, 197, 192) |
# | attention weights of a block (3 heads) | [[(B, 3, 197, 197)]] |
# | the class token taken | [[(B, 192)]] |
# | `head` | [[(B, 1000)]] |
#
# ## 2. Parameters, by formula
#
# $P$ side of a patch, $D$ width, $N$ patches, $K$ classes; ViT-Ti has 5,717,416 in all.
#
# | | formula | ViT-Ti |
# |---|---|---|
# | patch embedding | $3P^2D + D$ | [[147648]] |
# | positions and class token | [[(N + 1)D + D]] | [[38016]] |
# | one block | $12D^2 + 13D$ | [[444864]] |
# | the last norm | [[2D]] | 384 |
# | head | [[DK + K]] | [[193000]] |
#
# ## 3. Somebody else's weights
#
# With the weights of ViT-B/16, one change at a time: do names and shapes still match? 12 heads become 6: [[yes]]　patches of 16 become 32: [[no]]　the mean instead of the class token: [[yes]]　1,000 classes become 10: [[no]]
#
# `load_param_into_net` meets a misspelt name: [[no error, it is in the return value]]. Proof that all is in place: [[logit by logit against another program]].
