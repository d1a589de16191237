# %% solution="00.1"
patches = (224 // 16) ** 2
# %% [markdown] hint="00.1" lang="zh"
# 一条边上有几块？
# %% [markdown] hint="00.1" lang="en"
# How many patches are there along one side?
# %% [markdown] hint="00.1" lang="zh"
# 每边 14 块。
# %% [markdown] hint="00.1" lang="en"
# There are 14 along each side.
# %% [markdown] hint="00.1" lang="zh"
# 全图的块数是两边相乘。
# %% [markdown] hint="00.1" lang="en"
# The image has the product of both sides.
# %% wrong="00.1" mistake="one side"
# zh: 14 是一条边上的块数；全图要两边相乘
# en: 14 is the number along one side; the image has the product of both sides
patches = 224 // 16
# %% wrong="00.1" mistake="pixels of a patch"
# zh: 256 是一块里的像素数，不是块数
# en: 256 is the number of pixels in a patch, not of patches
patches = 16 * 16
# %% wrong="00.1" mistake="class token counted"
# zh: 197 是加上类别 token 之后的序列长度；图像块少一个
# en: 197 is the length of the sequence with the class token; there is one patch less
patches = 197
# %% solution="00.2"
image = (pixels.transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / 0.5  # (3, H, W)
# %% [markdown] hint="00.2" lang="zh"
# 两件事：换轴的顺序，换数的范围。哪件先做都行。
# %% [markdown] hint="00.2" lang="en"
# Two things: the order of the axes and the range of the numbers. Either may come first.
# %% [markdown] hint="00.2" lang="zh"
# 换轴用 `transpose`：原来的第 2 轴（通道）要到最前面。
# %% [markdown] hint="00.2" lang="en"
# `transpose` changes the order: axis 2, the channels, goes to the front.
# %% [markdown] hint="00.2" lang="zh"
# 换完轴形状是 `(3, 4, 6)`；再照公式算：除以 255 之后是 0 到 1，减去一半再除以一半，就是 −1 到 1。
# %% [markdown] hint="00.2" lang="en"
# With the axes exchanged the shape is `(3, 4, 6)`; then follow the formula: divided by 255 it is 0 to 1, minus a half and over a half it is −1 to 1.
# %% wrong="00.2" mistake="reshape"
# zh: 用 reshape 代替了 transpose：形状对了，颜色全串了
# en: reshape in the place of transpose: the shape is right, the colours are scrambled
image = (pixels.reshape(3, 4, 6) / 255 - 0.5) / 0.5
# %% wrong="00.2" mistake="0 to 1"
# zh: 范围还是 0 到 1；再减 0.5、除以 0.5
# en: the range is 0 to 1 still; subtract 0.5 and divide by 0.5
image = pixels.transpose(2, 0, 1) / 255
# %% wrong="00.2" mistake="0 to 255"
# zh: 轴对了，但数还在 0 到 255
# en: the axes are right, but the numbers still go from 0 to 255
image = pixels.transpose(2, 0, 1)
# %% wrong="00.2" mistake="height and width exchanged"
# zh: 高和宽换了位（2, 1, 0）；顺序应为通道、高、宽
# en: height and width are exchanged (2, 1, 0); the order is channels, height, width
image = (pixels.transpose(2, 1, 0) / 255 - 0.5) / 0.5
# %% wrong="00.2" mistake="brackets"
# zh: 少了括号：先除后减，0.5/0.5 是 1；写成 (pixels / 255 - 0.5) / 0.5
# en: brackets are missing: division comes first, and 0.5/0.5 is 1; write (pixels / 255 - 0.5) / 0.5
image = pixels.transpose(2, 0, 1) / 255 - 0.5 / 0.5
# %% wrong="00.2" mistake="reshape, not scaled"
# zh: 用 reshape 代替了 transpose：形状对了，颜色全串了；范围也还没有换
# en: reshape in the place of transpose: the shape is right, the colours are scrambled; and the range is still to change
image = pixels.reshape(3, 4, 6)
# %% wrong="00.2" mistake="half"
# zh: 减了 0.5，但没有除以 0.5：范围是 −0.5 到 0.5
# en: 0.5 was subtracted but not divided by: the range is -0.5 to 0.5
image = pixels.transpose(2, 0, 1) / 255 - 0.5
# %% solution="00.3"
true = "ACD"
# %% [markdown] hint="00.3" lang="zh"
# A 和 B 都可以用上面的单元格试出来：B 就是练习 00.2 里的一种错。
# %% [markdown] hint="00.3" lang="en"
# A and B can be tried with the cells above: B is one of the mistakes of exercise 00.2.
# %% [markdown] hint="00.3" lang="zh"
# C：`asnumpy()` 复制数据吗？D：再读一遍第 3 步。
# %% [markdown] hint="00.3" lang="en"
# C: is `asnumpy()` a window or a copy? D: read step 3 again.
# %% [markdown] hint="00.3" lang="zh"
# E：softmax 的结果加起来是多少？与图里有什么有关吗？
# %% [markdown] hint="00.3" lang="en"
# E: what do the outputs of softmax sum to? Does that depend on the picture?
# %% wrong="00.3" mistake="E counted"
# zh: E 不对：不论图里是什么，加起来总是 1；所以一个都不认识时，也有名字分到概率
# en: not E: they sum to 1 for every picture, so some name gets a share even if none fits
true = "ACDE"
# %% wrong="00.3" mistake="B counted"
# zh: B 不对：reshape 只换切法，不换轴，图像会乱；要用 transpose
# en: not B: reshape cuts up differently and exchanges no axes, so the image is scrambled; transpose does it
true = "ABCD"
# %% wrong="00.3" mistake="C missed"
# zh: A、D 对了；再看 C：没有 .copy()，它与参数共享内存
# en: A and D are right; look at C again: without .copy() it is a window
true = "AD"
# %% wrong="00.3" mistake="D missed"
# zh: A、C 对了；再看 D：地图里，token 从第一层起就互相看
# en: A and C are right; look at D again: on the map tokens look at each other from the first layer on
true = "AC"
# %% wrong="00.3" mistake="A missed"
# zh: C、D 对了；再看 A：第 6 步里第一次调用慢在哪里
# en: C and D are right; look at A again: what makes the first call of step 6 slow?
true = "CD"
