# %% [markdown] lang="zh" minutes="2 3 4"
# # 02 · 管道
#
# 从文件到一批批张量
#
# ![](map_data)
# %% [markdown] lang="en"
# # 02 · The pipeline
#
# From files to batches of tensors
#
# ![](map_data)
# %% [markdown] lang="zh" note=true
# 指着地图：上一课的文件夹，今天变成网络要的张量：形状固定、数值归一化，一批接一批，及时送到。请每个人打开笔记本 02，运行第一个单元格。看到“先猜再看”就合上电脑。以后说“运行 B·4”，都是从上到下运行到那里，练习可以先跳过。
# %% [markdown] lang="en" note=true
# Point at the map: last lesson's folders become the tensors that a network wants, of fixed shape and range, batch after batch, in time. Everybody opens notebook 02 and runs its first cell. At a bet, lids down. "Run B·4" always means: everything down to there; exercises may wait.
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
# ## 600 × 400 怎样变成 224 × 224？
#
# 一杯咖啡的照片，宽 600，高 400。
#
# **至少说出两种办法。各丢掉了什么？哪一种该用来评估公开的权重？**
# %% [markdown] lang="en"
# ## How does 600 × 400 become 224 × 224?
#
# A photograph of a cup, 600 wide, 400 high.
#
# **Name at least two ways. What does each lose, and which one is right to evaluate published weights?**
# %% [markdown] lang="zh" note=true
# 两人一组，一分钟。把听到的办法写在白板上：压扁、裁剪、加边。先不评判。
# %% [markdown] lang="en" note=true
# In pairs, one minute. Write what you hear on the board: squeeze, crop, pad. No verdict yet.
# %% [markdown] lang="zh" minutes="4 5 8"
# ## 裁剪丢了边，压扁变了形
#
# {figure cropped = vision.CenterCrop | 三张图：原来的照片 600×400；短边缩放到 248 再取中间 224；直接压扁成 224×224}
#
# - 评估用一种、使用时用另一种：报告的准确率就说明不了使用时的情形
# %% [markdown] lang="en"
# ## A crop loses edges, squeezing changes shapes
#
# {figure cropped = vision.CenterCrop | Three pictures: the photograph, 600 x 400; its shorter side to 248 and the middle 224; squeezed to 224 x 224}
#
# - Evaluated one way and used another: the accuracy reported need not be that of the use
# %% [markdown] lang="zh" note=true
# 只看这一页，谁也不运行（A·2 会打印第 5 页要填的表）。没有哪一种“天生正确”：公开的这组权重（AugReg）是按裁剪评估的，所以我们用裁剪。
# %% [markdown] lang="en" note=true
# Show this page only; nobody runs yet (A·2 prints the table that page 5 asks for). Neither is right by nature: these weights (AugReg) were evaluated with crops, so crops it is.
# %% [markdown] lang="zh" minutes="5 7 11"
# ## 两条管道
#
# | | 评估 | 训练 |
# |---|---|---|
# | 裁剪 | 短边到 248，取中间 224 | 随机取一块，缩放到 224 |
# | 翻转 | 不 | 一半的概率 |
# | 归一化 | $(p/255-0.5)/0.5$ | 相同 |
# | 顺序 | 固定 | 每轮打乱，由种子决定 |
# | 最后不满一批 | **一张也不能丢** | 可以丢 |
# %% [markdown] lang="en"
# ## Two pipelines
#
# | | evaluation | training |
# |---|---|---|
# | crop | shorter side to 248, the middle 224 | a random part, resized to 224 |
# | flip | no | half of the time |
# | normalise | $(p/255-0.5)/0.5$ | the same |
# | order | fixed | shuffled each epoch, by the seed |
# | last, partial batch | **not one may be lost** | may be dropped |
# %% [markdown] lang="zh" note=true
# 轮（epoch）：所有图过一遍；种子：一个数，随机的一切都由它算出。一行一行问“为什么”：评估要可比，所以每次都一样；训练要新鲜，所以每次都不同，但由种子决定，能重现。224、248、0.5、插值方式都**跟着权重走**：权重发布时怎样评估，就得怎样评估。（248：224 除以 0.9，舍去小数。）
# %% [markdown] lang="en" note=true
# Epoch: once through all pictures; seed: a number from which all chance is computed. Ask why, row by row: evaluation is to be compared, so always the same; training wants something new each time, yet repeatable, by the seed. 224, 248, 0.5 and the interpolation **travel with the weights**: as they were evaluated when published. (248 is 224 over 0.9, the fraction cut off.)
# %% [markdown] lang="zh" minutes="5 6 11"
# ## 每一步之后的形状和范围
#
# {output for transform in evaluation_transforms}
#
# + `Normalize` 之后 −1 到 1，`HWC2CHW` 把通道换到最前
# + 换轴是 transpose，不是 reshape
# %% [markdown] lang="en"
# ## Shape and range after every step
#
# {output for transform in evaluation_transforms}
#
# + After `Normalize` −1 to 1; `HWC2CHW` brings the channels to the front
# + Axes move by transpose, not by reshape
# %% [markdown] lang="zh" note=true
# 合上电脑，先在讲义第 1 节填（HWC2CHW：2 念作 to，高宽通道变成通道高宽；45 分钟的课只口答 Resize 和 HWC2CHW），再翻到这一页，运行 A·2。追问：白色（255）变成多少？（1。）灰色 127.5 呢？（0。）
# %% [markdown] lang="en" note=true
# Lids down: fill in section 1 of the sheet (HWC2CHW: read 2 as "to"; in 45 minutes Resize and HWC2CHW aloud only), then show this page and run A·2. Ask: what does white, 255, become (1), and what is halfway (0)?
# %% [markdown] lang="zh" minutes="- 7 11"
# ## 轮到你了：从中间裁剪
#
# {exercise 02.1}
#
# - `(H, W, 3)` → `(size, size, 3)`；`H - size` 和 `W - size` 都是偶数
# %% [markdown] lang="en"
# ## Your turn: the middle crop
#
# {exercise 02.1}
#
# - `(H, W, 3)` → `(size, size, 3)`; `H - size` and `W - size` are even
# %% [markdown] lang="zh" note=true
# 五分钟，然后讲答案。最常见：行和列用了同一个起点；从左上角裁。做完的人想：`H - size` 是奇数时，torchvision 和 MindSpore 会不会差一个像素？（会：前者四舍五入，后者舍去。）
# %% [markdown] lang="en" note=true
# Five minutes, then the answer. Most often: one start for rows and columns; cropped at the upper left. Who is done: with odd `H - size`, may torchvision and MindSpore differ by a pixel? (Yes: one rounds, the other cuts off.)
# %% [markdown] lang="zh" minutes="4 5 8"
# ## 训练：同一张照片，每次都是新的
#
# ![](opening)
# %% [markdown] lang="en"
# ## Training: one photograph, new each time
#
# ![](opening)
# %% [markdown] lang="zh" note=true
# 图上裁的是面积的 35 % 到 100 %。这叫数据增强：对抗“死记硬背”最便宜的办法。问：裁到只剩 8 % 的面积，标签不变，等于教模型什么？（把背景叫作物体。所以第 07 课最少取 65 %。）再问：写着字的图能不能左右翻转？
# %% [markdown] lang="en" note=true
# Shown: 35 to 100 % of the area. Data augmentation, the cheapest remedy against memorising. Ask: a crop of 8 % of the area keeps the label; what is the model taught? (To call background an object; lesson 07 takes 65 % and more.) And: may pictures with writing be flipped?
# %% [markdown] lang="zh" minutes="- 8 12"
# ## 轮到你了：裁多大
#
# {exercise 02.2}
#
# $$h\cdot w = a\cdot H\cdot W \qquad \frac{w}{h} = r$$
#
# 两个方程，两个未知数
# %% [markdown] lang="en"
# ## Your turn: how large a crop
#
# {exercise 02.2}
#
# $$h\cdot w = a\cdot H\cdot W \qquad \frac{w}{h} = r$$
#
# Two equations, two unknowns
# %% [markdown] lang="zh" note=true
# 先在讲义上解：w = r·h，所以 h² = a·H·W / r。代码六分钟，没写完的带回家。最常见：h 和 w 对调；边长也乘了 a（面积就成了 a²）。
# %% [markdown] lang="en" note=true
# Solve it on the sheet first: w = r·h, so h² = a·H·W / r. Six minutes for the code, the rest is for home. Most often: h and w exchanged; the sides multiplied by a, so that the area has a².
# %% [markdown] lang="zh" minutes="3 4 6" bet=true
# ## 同叫 BICUBIC，结果一样吗？
#
# 圆环绕着左上角，越往外越密，1600 × 1600，缩小到 200 × 200。
#
# Pillow 的 BICUBIC，MindSpore 的 `Inter.BICUBIC`、`Inter.PILCUBIC`。
#
# **MindSpore 的两个结果，各与 Pillow 的平均相差几个灰度级（0 到 255）？**
# %% [markdown] lang="en"
# ## All called bicubic: the same result?
#
# Rings around the upper left corner, finer outwards, 1600 × 1600, shrunk to 200 × 200.
#
# Pillow's BICUBIC, MindSpore's `Inter.BICUBIC` and `Inter.PILCUBIC`.
#
# **By how many grey levels, of 0 to 255, does each of MindSpore's differ from Pillow's on average?**
# %% [markdown] lang="zh" note=true
# 讲义扣着，每人写两个数。提示：缩小 8 倍，一个新像素对应原来的 64 个。
# %% [markdown] lang="en" note=true
# Sheets face down; everybody writes two numbers. A hint: shrunk 8 times, one new pixel stands for 64 old ones.
# %% [markdown] lang="zh" minutes="5 6 12"
# ## 多出来的圆心是假的：混叠
#
# {figure zip(axes, results.items() | 三张图：Pillow 和 PILCUBIC 只有左上角一个圆心，细环成了灰色；BICUBIC 多出几处假的圆心}
#
# - 与 Pillow 平均相差：PILCUBIC 0，BICUBIC 72。缩小要求平均：`PILCUBIC`
# %% [markdown] lang="en"
# ## The other centres are not there: aliasing
#
# {figure zip(axes, results.items() | Three pictures: Pillow and PILCUBIC have one centre, upper left, and fine rings are grey; BICUBIC shows several centres that are not there}
#
# - From Pillow on average: PILCUBIC 0, BICUBIC 72. Shrinking must average: `PILCUBIC`
# %% [markdown] lang="zh" note=true
# 运行 B·4 的单元格，读出打印的两行：PILCUBIC 与 Pillow 相差 0，BICUBIC 平均相差 72 个灰度级。原图只有一个圆心；分辨不了的地方，灰色才是对的。公开的权重是按 Pillow 那样评估的。讲义第 3 节。
# %% [markdown] lang="en" note=true
# Run the cells of B·4 and read the two lines: PILCUBIC differs from Pillow by 0, BICUBIC by 72 grey levels on average. The rings have one centre; where nothing can be told apart, grey is right. Published weights were evaluated as with Pillow. Sheet, section 3.
# %% [markdown] lang="zh" minutes="- 8 12"
# ## 轮到你了：反归一化
#
# {exercise 02.3}
#
# - `(3, H, W)`，大约 −1 到 1 → `(H, W, 3)`，0 到 255 的 `uint8`
# - 四舍五入、截断，都在转成 `uint8` 之前
# %% [markdown] lang="en"
# ## Your turn: back to a picture
#
# {exercise 02.3}
#
# - `(3, H, W)`, about −1 to 1 → `(H, W, 3)`, `uint8` from 0 to 255
# - Rounded and clipped, both before `uint8`
# %% [markdown] lang="zh" note=true
# 六分钟。最常见：没有截断，256 转成 uint8 成了 0；直接 `astype` 是舍去，不是四舍五入；用 reshape 换轴。
# %% [markdown] lang="en" note=true
# Six minutes. Most often: not clipped, so that 256 as uint8 is 0; `astype` alone cuts off instead of rounding; axes exchanged by reshape.
# %% [markdown] lang="zh" minutes="4 5 8"
# ## 乱而有序
#
# {output one, again, other = first_batch}
#
# + 顺序由（种子，轮次）决定，不由“跑到哪里了”决定
# + 第 6 轮之后中断，就从第 7 轮接着：顺序到哪里都一样
# + 随机裁剪还取决于工作线程数：换一台核数不同的机器，裁剪不一样
# %% [markdown] lang="en"
# ## Shuffled, yet repeatable
#
# {output one, again, other = first_batch}
#
# + Order is decided by (seed, epoch), not by how far one has come
# + Interrupted after epoch 6, it goes on with 7: the same order anywhere
# + Random crops depend on the number of workers, too: other cores, other crops
# %% [markdown] lang="zh" note=true
# 运行 B·5 的单元格。工作线程：提前准备下一批的线程，至多每核一个。讲义第 4 节。问：为什么不用“种子＋轮次”当种子？（种子 1 的第 1 轮就等于种子 2 的第 0 轮。）
# %% [markdown] lang="en" note=true
# Run the cell of B·5. Workers: threads that prepare the next batch, at most one a core. Sheet, section 4. Ask why seed plus epoch would not do (epoch 1 of seed 1 would be epoch 0 of seed 2).
# %% [markdown] lang="zh" minutes="- 10 22"
# ## 轮到你了：评估用的数据集
#
# {exercise 02.4}
#
# - `NumpySlicesDataset` → `.map(变换, 列名)` → `.batch(批大小)`
# - 顺序不变，**最后不满一批的也要给出**
# - 数据集默认会打乱
# %% [markdown] lang="en"
# ## Your turn: a data set for evaluation
#
# {exercise 02.4}
#
# - `NumpySlicesDataset` → `.map(transform, column)` → `.batch(size)`
# - In the given order, **the last, partial batch included**
# - A data set shuffles unless told otherwise
# %% [markdown] lang="zh" note=true
# 八分钟，然后讲答案。最常见：没有写 `shuffle=False`；`drop_remainder=True`。10 张、批大小 4：应是 4、4、2。
# %% [markdown] lang="en" note=true
# Eight minutes, then the answer. Most often: no `shuffle=False`; `drop_remainder=True`. 10 pictures in batches of 4: 4, 4, 2.
# %% [markdown] lang="zh" minutes="4 5 12"
# ## 够快吗？
#
# {output engine = images_per_second}
#
# - 引擎用两个线程，循环只有一个：2 倍以内，可能只是线程的功劳
# - 网络每秒吃几十张：循环也够；每秒几百张：才轮到管道
# %% [markdown] lang="en"
# ## Fast enough?
#
# {output engine = images_per_second}
#
# - The engine has two workers, the loop one thread: up to 2 times may be due to that alone
# - A network that eats tens a second: a loop will do; hundreds: the pipeline matters
# %% [markdown] lang="zh" note=true
# 运行 B·6（约四秒；45 分钟的课看存的输出）。数字因机器而异，请两三个人念出自己的。教训：管道和网络都量成每秒多少张，慢的那个决定快慢。讲义第 5 节。
# %% [markdown] lang="en" note=true
# Run B·6 (about four seconds; in 45 minutes the stored output will do). Numbers depend on the machine; let two or three read theirs. The lesson: measure both in images per second; the slower one sets the pace. Sheet, section 5.
# %% [markdown] lang="zh" minutes="6 7 16"
# ## 记住三句话
#
# 1. 评估的管道固定、完整、与权重配套；训练的管道随机、可重现
# 2. 缩小图像要抗混叠：MindSpore 里用 `PILCUBIC`
# 3. 管道和网络都量成每秒多少张：慢的那个决定快慢
#
# **对还是错？** 评估也该打乱 · 归一化总用自己数据的均值 · 裁得越小，增强越好
#
# 打卡：`checkin("A")`、`checkin("B")` 　下一课：图像变成 token
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. Evaluation's pipeline is fixed, complete, and belongs to the weights; training's is random and repeatable
# 2. Shrinking needs antialiasing: in MindSpore, `PILCUBIC`
# 3. Measure both in images per second; the slower one sets the pace
#
# **True or false?** Shuffle in evaluation, too · always normalise by your own data · the smaller the crop the better
#
# Check in: `checkin("A")`, `checkin("B")`. Next: images become tokens
# %% [markdown] lang="zh" note=true
# 三句都是错的：打乱之后找不到哪张答错了；用公开的权重，就用它训练时的那一组（白色用 ImageNet 的统计值会变成 2.25）；裁得太小只剩背景。小测验第 2、3、4 题举手答（45 分钟的课第 1、2、3 题），其余和打卡留作课后（先 `join()` 一次）。
# %% [markdown] lang="en" note=true
# All three are false: shuffled, one cannot find which picture went wrong; with published weights it is those of their training (with ImageNet's statistics white becomes 2.25); too small a crop is background. Questions 2, 3 and 4 of the quiz by a show of hands (in 45 questions 1, 2 and 3); the rest and the check-in are for home (`join()` once).
