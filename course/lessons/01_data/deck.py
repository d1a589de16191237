# %% [markdown] lang="zh" minutes="4 5 4"
# # 01 · 数据
#
# 从文件夹到标签
#
# ![](map_data)
# %% [markdown] lang="en"
# # 01 · Data
#
# From folders to labels
#
# ![](map_data)
# %% [markdown] lang="zh" note=true
# 指着地图：第 00 课跑通了全程，今天只看最前面的一块。很多“模型不行”，真凶在数据里。请每个人打开笔记本 01，运行前两个单元格；第一次会画 6020 张图，一两分钟，让它先跑着。讲义第 3、5、6 节在第 6、10、14 页之后填，其余带回家。以后说“运行 B·4”，都是从上到下运行到那里，练习可以先跳过。
# %% [markdown] lang="en" note=true
# Point at the map: lesson 00 ran the whole way, today is about its first piece. Many a "the model does not work" comes down to data. Everybody opens notebook 01 and runs the first two cells; the first time 6020 pictures are drawn, a minute or two, let that run now. The sheet's sections 3, 5 and 6 come after pages 6, 10 and 14, the rest at home. "Run B·4" always means: everything down to there; exercises may wait.
# %% [markdown] lang="zh" minutes="4 5 12"
# ## 三份数据，各有用处
#
# {output drawn = make_sample}
#
# + `train` 用来学，`val` 用来评估，`infer` 用来演示
# + 评估用的图不参与训练，也不用来反复挑选设置
# + 一类一个文件夹，名字是 WordNet 的编号
# %% [markdown] lang="en"
# ## Three parts, each with its use
#
# {output drawn = make_sample}
#
# + `train` to learn from, `val` to evaluate on, `infer` to show
# + Pictures for evaluation take no part in training, nor in choosing settings again and again
# + A folder for each class, named by its WordNet id
# %% [markdown] lang="zh" note=true
# 这套图是程序画的：不用网络，同样的种子画出同样的像素；train、val、infer 的结构与真的 ImageNet 子集（513 MB）一样。问：同一个人的两张照片，一张在 train、一张在 val，有什么问题？（模型可能记住了那个人；应按人来分。）
# %% [markdown] lang="en" note=true
# Drawn by program: no network, the same pixels for the same seed, train, val and infer laid out as in the real ImageNet subset (513 MB). Ask: two photographs of one person, one in train, one in val; what is wrong? (The model may remember the person. Split by person.)
# %% [markdown] lang="zh" minutes="5 7 13"
# ## 先看图，永远先看图
#
# ![](opening)
# %% [markdown] lang="en"
# ## Look, always look first
#
# ![](opening)
# %% [markdown] lang="zh" note=true
# 运行 A·2。全班看半分钟，不说话。然后问四件事：每一类认得出吗？大小、姿态够不够多样？背景呢？有没有可以“作弊”的线索，例如某一类总是同一种颜色？记下两条，写在白板上。（十类共用背景，约六成的画用物体自己的颜色：只看颜色直方图的线性模型答对 49 %，瞎猜是 10 %。）
# %% [markdown] lang="en" note=true
# Run A·2. Half a minute of looking, in silence. Then four questions: can you name each class? Are sizes and poses varied? The backgrounds? Is there a clue to cheat by, such as one class always in one colour? Two answers go on the board. (All classes share backgrounds; about six in ten drawings wear the thing's own colours: a linear model on colour histograms is right in 49 %, guessing in 10 %.)
# %% [markdown] lang="zh" minutes="- 11 13"
# ## 轮到你了：每个通道的均值和标准差
#
# {exercise 01.1}
#
# - `pictures`：`(N, H, W, 3)`，0 到 255
# - 在 0 到 1 的尺度上，所有图片的所有像素一起算
# %% [markdown] lang="en"
# ## Your turn: mean and deviation of each channel
#
# {exercise 01.1}
#
# - `pictures`: `(N, H, W, 3)`, 0 to 255
# - On the scale from 0 to 1, over all pixels of all pictures together
# %% [markdown] lang="zh" note=true
# 先运行上面造 `pictures` 的单元格。六分钟。最常见的错：没有除以 255；三个通道混在一起；先算每张图的标准差再平均（漏掉图与图之间的差别）。做完的人想一想：为什么里面故意放了一张很暗的图？（好让最后一种错露出来。）
# %% [markdown] lang="en" note=true
# Run the cell above that makes `pictures`. Six minutes. Most often: not divided by 255; the three channels taken together; each picture's deviation averaged, which leaves out how pictures differ. Who is done: why is one picture dark on purpose? (So that the last mistake shows.)
# %% [markdown] lang="zh" minutes="3 3 6" bet=true
# ## 金鱼的标签是几？
#
# 十个文件夹，按字母顺序排，金鱼 `n01443537` 是第一个，0 号。
#
# 公开的权重有 1000 个 logit，第 $i$ 个属于 ImageNet 的第 $i$ 类（从 0 数起）。
#
# **用公开的权重来评估：金鱼的标签该是几？用错了会怎样？**
# %% [markdown] lang="en"
# ## Which label does goldfish get?
#
# Ten folders in the order of the alphabet: goldfish, `n01443537`, comes first, number 0.
#
# Published weights have 1000 logits; number $i$ belongs to class $i$ of ImageNet, from 0.
#
# **To evaluate published weights: which label is right for goldfish, and what happens with a wrong one?**
# %% [markdown] lang="zh" note=true
# 不看电脑和讲义（下面就是答案），每人写一个数、一句话。举手：谁写 0？谁写别的？先不说。提示：会报错吗？
# %% [markdown] lang="en" note=true
# No screen and no sheet, where the answer stands; a number and a sentence each. A show of hands: who wrote 0, who something else? Say nothing yet. A hint: will there be an error?
# %% [markdown] lang="zh" minutes="5 7 12"
# ## 标签是对应的那个 logit 的编号
#
# {output index = {known.wnid}
#
# + 每一行都不同：用左边当标签，再好的模型也得 0 分
# + **没有任何报错**
# + 自己训练一个十类的分类头，0 到 9 就是对的：标签要与 logit 一致
# %% [markdown] lang="en"
# ## A label is the place of a logit
#
# {output index = {known.wnid}
#
# + Different in every row: labelled by the left, a perfect model has 0
# + **And nothing is raised**
# + For your own head of ten classes 0 to 9 is right
# %% [markdown] lang="zh" note=true
# 运行 A·3 的表格，对照猜测（0 号是丁鲷，n01440764）。反过来，拿 301 训练十类的头，会报错。1000 个类恰好按编号的字母顺序排，所以“字母顺序”本身没错；错在只在自己的十个里面排。追问：准确率正好是 0，说明什么？（看几张图的答案：名字合理、分数是 0，就是标签错位；名字也乱，才怀疑权重。）
# %% [markdown] lang="en" note=true
# Run the table of A·3 and compare (number 0 is tench, n01440764). The other way round, 301 for a head of ten classes, does raise an error. The 1000 classes do stand in the order of their ids, so the alphabet is not the mistake; numbering only one's own ten is. Ask what an accuracy of exactly 0 suggests (look at a few answers: sensible names with a score of 0 mean labels; senseless names mean weights).
# %% [markdown] lang="zh" minutes="- 11 13"
# ## 轮到你了：让数据引擎给出对的标签
#
# {exercise 01.4}
#
# - `ImageFolderDataset` 一行就能读，可标签是 0 到 9
# - 参数 `class_indexing`：文件夹名 → 标签；用 `index` 和 `counts["infer"]`
# %% [markdown] lang="en"
# ## Your turn: the right labels from the data engine
#
# {exercise 01.4}
#
# - `ImageFolderDataset` reads in one line, but its labels are 0 to 9
# - Its argument `class_indexing`: folder's name → label; use `index` and `counts["infer"]`
# %% [markdown] lang="zh" note=true
# 从上到下运行到打印 `[0, 1, …, 9]` 的那个单元格。六分钟。常见的错：从 1 数起；键和值没有对上。90 分钟的课里 01.3 留作课后。
# %% [markdown] lang="en" note=true
# Run everything down to the cell that prints `[0, 1, ..., 9]`. Six minutes. Most often: counted from 1; keys and values that do not belong together. In 90 minutes 01.3 is for home.
# %% [markdown] lang="zh" minutes="- - 14"
# ## 分层划分：每类按同样的比例留
#
# {exercise 01.3}
#
# | 标签 `y` | 0 | 0 | 0 | 1 | 0 | 1 | 0 | 0 | 1 | 0 | 0 | 1 |
# |---|---|---|---|---|---|---|---|---|---|---|---|---|
# | 编号 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 |
#
# `hold_out(y, 4)`：每类排在最前面的四分之一
# %% [markdown] lang="en"
# ## A stratified split: the same fraction of every class
#
# {exercise 01.3}
#
# | label `y` | 0 | 0 | 0 | 1 | 0 | 1 | 0 | 0 | 1 | 0 | 0 | 1 |
# |---|---|---|---|---|---|---|---|---|---|---|---|---|
# | index | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 |
#
# `hold_out(y, 4)`: of each class its first quarter
# %% [markdown] lang="zh" note=true
# 先用手做一遍：0 类有 8 张，留 2 张；1 类有 4 张，留 1 张；答案是 0、1、3。再写代码。常见的错：除不尽时向上取整；结果没有排序。
# %% [markdown] lang="en" note=true
# By hand first: class 0 has 8, so 2; class 1 has 4, so 1; the answer is 0, 1, 3. Then the code. Most often: rounded up; not in ascending order.
# %% [markdown] lang="zh" minutes="4 5 7" bet=true
# ## 四个有毛病的文件，谁发现得了？
#
# | 文件 | 毛病 |
# |---|---|
# | half.jpg | 只下载了六成 |
# | hole.jpg | 第三个四分之一全是 0 |
# | page.jpg | 其实是一个网页 |
# | turned.jpg | 竖着拍、横着存，方向写在 EXIF 里 |
#
# **`read_image`（Pillow）和 MindSpore 的 `Decode`：哪些报错，哪些不吭声？**
# %% [markdown] lang="en"
# ## Four files with something wrong: who notices?
#
# | file | what is wrong |
# |---|---|
# | half.jpg | only six tenths were downloaded |
# | hole.jpg | its third quarter is zeros |
# | page.jpg | a web page, in truth |
# | turned.jpg | taken upright, stored on its side, EXIF says so |
#
# **`read_image` (Pillow) and MindSpore's `Decode`: which raise an error, which keep silent?**
# %% [markdown] lang="zh" note=true
# 不看电脑和讲义，每人画一张 4 行 2 列的小表，写“报错”或“不吭声”。两分钟，再举手数一数 hole.jpg。
# %% [markdown] lang="en" note=true
# No screen, no sheet: everybody draws a small table, 4 rows and 2 columns, "raises" or "silent". Two minutes, then a count of hands for hole.jpg.
# %% [markdown] lang="zh" minutes="6 7 13"
# ## 最阴险的：读得出，却不对
#
# {figure outcome = { | 五个文件各由两个程序读：half 和 page 两边都报错；turned 只有 read_image 转了过来；hole 两边都读得出，下半部分成了别的东西}
# %% [markdown] lang="en"
# ## The nastiest: it opens, and is wrong
#
# {figure outcome = { | Five files read by two programs: both reject half and page; only read_image turns turned; both open hole, and its lower part is something else}
# %% [markdown] lang="zh" note=true
# 从上到下运行到 B·4 的图，指着图逐列对答案。三种结局：报错（好，看得见）；EXIF 被忽略（图躺着进了训练）；hole.jpg 两边都不报错，至多在标准错误里有一句“Corrupt JPEG data”。问：怎样才能发现它？（与公布的哈希核对；把警告当错误的工具；亲眼看。）
# %% [markdown] lang="en" note=true
# Run everything down to the figure of B·4 and go through the columns. Three ways to end: an error (good, one sees it); EXIF ignored (the picture goes to training on its side); hole.jpg raises nothing, at most a "Corrupt JPEG data" on standard error. Ask what would find it (a stated hash; a tool that takes warnings for errors; eyes).
# %% [markdown] lang="zh" minutes="5 9 13"
# ## 训练之前，先扫一遍
#
# {output unreadable, needs_pillow = scan}
#
# + `scan` 把每个文件打开一遍；读得出却不对的，它找不到
#
# {exercise 01.5}
#
# - `complete(data)`：以 FF D8 开头、以 FF D9 结尾才是 True
# %% [markdown] lang="en"
# ## Before training, scan
#
# {output unreadable, needs_pillow = scan}
#
# + `scan` opens every file once; what opens and is wrong it cannot find
#
# {exercise 01.5}
#
# - `complete(data)`: True if it begins with FF D8 and ends with FF D9
# %% [markdown] lang="zh" note=true
# 运行 B·4 最后 `scan` 的单元格。问：哪个坏文件没有被列出？（hole.jpg。）90 分钟：01.5 五分钟；提示：开头写 `data[:2] == b"\xff\xd8"`，结尾照样写。头尾都查，抓住 half 和 page，抓不住 hole 和 turned。45 分钟的课 01.5 带回家。
# %% [markdown] lang="en" note=true
# Run the last cell of B·4, `scan`. Ask which broken file is in neither list (hole.jpg). In 90 minutes 01.5 takes five; a hint: the beginning is `data[:2] == b"\xff\xd8"`, the end likewise. Both ends catch half and page, not hole and turned. In 45 minutes 01.5 is for home.
# %% [markdown] lang="zh" minutes="- 2 8"
# ## 下载也会撒谎
#
# {output from vit.data.download import Archive}
#
# + 半个 zip 解不开，只留下一个空文件夹；下次一看“已经有了”
# + 先下到旁边，核对长度、哈希、内容，**最后一步改名**
# %% [markdown] lang="en"
# ## Downloads lie as well
#
# {output from vit.data.download import Archive}
#
# + Half a zip does not open and leaves an empty folder; next time it is "already there"
# + Fetch it to one side, check length, hash and content, and **rename as the last step**
# %% [markdown] lang="zh" note=true
# 看存的输出，不运行：mine.zip 是手放的，没有出现 mine 文件夹。问：为什么程序在任何一步中断，都不会留下“看着完整”的文件夹？（改名是一步到位的。）
# %% [markdown] lang="en" note=true
# The stored output will do: mine.zip was put there by hand, and no folder mine appeared. Ask why a program stopped at any step leaves no folder that looks whole (renaming is one step).
# %% [markdown] lang="zh" minutes="3 4 6" bet=true
# ## 评估时丢掉最后不足一批的图？
#
# 1000 张图，十类各 100 张，一个文件夹接一个地读；批大小 128。
#
# “丢掉最后不足一批的图，随机少一点，没关系。”
#
# **丢几张？少的是哪些类？**
# %% [markdown] lang="en"
# ## May evaluation drop the last, partial batch?
#
# 1000 pictures, 100 of each of ten classes, read folder by folder, in batches of 128.
#
# "The last few that make no batch, a little less at random, no harm."
#
# **How many are dropped, and of which classes?**
# %% [markdown] lang="zh" note=true
# 先自己算：1000 除以 128 得 7，余 104。举手：谁认为十类各少约 10 张？
# %% [markdown] lang="en" note=true
# Work it out: 1000 over 128 is 7, and 104 remain. A show of hands: who thinks that each class loses about ten?
# %% [markdown] lang="zh" minutes="3 4 7"
# ## 丢掉的是最后一类，一张不剩
#
# {output ordered = np.repeat}
#
# - 不是随机的：最后一类 100 张全丢，倒数第二类丢 4 张
# - 训练时可以丢（次序每轮都打乱）；**评估时一张也不能丢**
# %% [markdown] lang="en"
# ## What is dropped is the last class, all of it
#
# {output ordered = np.repeat}
#
# - Not at random: all 100 of the last class, 4 of the one before
# - In training it may be dropped (shuffled each epoch); **in evaluation never**
# %% [markdown] lang="zh" note=true
# MindSpore 的 `batch(…, drop_remainder=True)` 就是这个开关。追问：打乱之后再丢，对准确率还有偏差吗？（没有系统的偏差，但每次评估的不是同一批图。）
# %% [markdown] lang="en" note=true
# In MindSpore it is `batch(..., drop_remainder=True)`. Ask: shuffled first, is there still a bias? (No systematic one, but no two evaluations see the same pictures.)
# %% [markdown] lang="zh" minutes="3 10 19"
# ## 记住三句话
#
# 1. 先看图，再训练
# 2. 标签是对应的那个 logit 的编号，不是文件夹的字母顺序
# 3. 有些坏文件和坏下载不报错：扫描、哈希、亲眼看
#
# **对还是错？** 图片打得开就是好的 · 拿 0 到 9 评估公开的权重会报错 · 十类 0 到 9 总是错的
#
# 打卡：`checkin("B")`；做完 01.3 再打 `checkin("A")` 　下一课：管道
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. Look first, then train
# 2. A label is the place of a logit in the model, not of a folder in the alphabet
# 3. Some broken files and downloads raise nothing: scan, hash, eyes
#
# **True or false?** What opens is good · labels 0 to 9 for published weights raise an error · 0 to 9 is always wrong
#
# Check in: `checkin("B")`, and after 01.3 `checkin("A")`. Next: the pipeline
# %% [markdown] lang="zh" note=true
# 三句都是错的（最后一句：自己训练十类的分类头就对）。小测验第 1、2、5 题举手答，其余带回家；剩下的时间打卡：`join()` 一次，再 `checkin("B")`。45 分钟的课只说三句话，小测验（略过第 4 题）和打卡留作课后。
# %% [markdown] lang="en" note=true
# All three are false (the last: right for a head of ten classes of one's own). Questions 1, 2 and 5 of the quiz by a show of hands, the others at home; then the check-in: `join()` once, then `checkin("B")`. In 45 minutes say the three sentences; the quiz (without question 4) and the check-in are for home.
