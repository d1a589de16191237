# %% [markdown] lang="zh" minutes="2 4 5"
# # 13 · 你的项目
#
# 从一个图片文件夹，到一页报告
#
# ![](map_whole)
# %% [markdown] lang="en"
# # 13 · A project of your own
#
# From a folder of pictures to a page
#
# ![](map_whole)
# %% [markdown] lang="zh" note=true
# 一周前就要布置：两类东西，各三十张以上，至少两个地点、两种光线。没有照片的人用课程的画，每一步都能做。同时布置：`vit weights get vit_tiny_patch16_224`（23 MB，没有它就从只认得画的小模型开始）；HEIC 先导出成 JPEG；45 分钟的课，A·1 和 A·2 在家运行好。先发评分标准（course/pages/rubric.zh.md）。请每个人打开笔记本 13，把文件夹的完整路径写进 `photos = Path(r"文件夹")`，运行最前面的两个单元格。
# %% [markdown] lang="en" note=true
# To be set a week ahead: two classes, thirty pictures of each and more, at least two places and two kinds of light. Without photographs the course's drawings will do for every step. Set with it: `vit weights get vit_tiny_patch16_224` (23 MB; without it one starts from the small model, which knows drawings only); HEIC exported as JPEG; for a class of 45 minutes A·1 and A·2 run at home. Hand out the rubric first (course/pages/rubric.en.md). Everybody opens notebook 13, writes the whole path of their folder into `photos = Path(r"folder")`, and runs the first two cells.
# %% [markdown] lang="zh" minutes="3 4 9"
# ## 一个项目，按什么来评？
#
# + **问题**：分清什么，谁用，错一次的代价
# + **图片**：来源，检查，怎样处理
# + **结果**：区间，旁边是基线和对照
# + **错误**：凭什么这样猜，怎样检验
# + **边界**：什么时候不该相信它
# %% [markdown] lang="en"
# ## By what is a project judged?
#
# + The **question**: what is told apart, for whom, what a mistake costs
# + The **pictures**: from where, checked, what was done about it
# + The **result**: an interval, beside baseline and control
# + The **mistakes**: why one thinks so, and how it was tested
# + The **limits**: when it should not be believed
# %% [markdown] lang="zh" note=true
# 准确率不在里面：98 % 可以一文不值（两边有同样的图；基线就有 97 %；对照也很高）。评的是“你怎么知道”。
# %% [markdown] lang="en" note=true
# Accuracy is not on the list: 98 % can be worthless (the same pictures on both sides; a baseline of 97 %; a control that is high, too). What is judged is how you know.
# %% [markdown] lang="zh" minutes="5 11 18"
# ## 图片先查，网络后练
#
# | 看到什么 | 为什么要紧 |
# |---|---|
# | 读不了，跳过了 | 少了图，程序不会报错 |
# | 同一张图在 train 和 val 里 | 考的是练过的题，准确率没有意义 |
# | 同一张图在两个类里 | 多半有一个标签错了 |
# | 各类张数悬殊 | 总猜大类就有高分 |
# | 一类的大小、来源与众不同 | 也许认的是相机，不是东西 |
# %% [markdown] lang="en"
# ## Pictures first, the network later
#
# | what you see | why it matters |
# |---|---|
# | cannot be read, passed over | missing pictures do not complain |
# | in train and in val | tested on what it trained on |
# | in two classes | most likely one label is wrong |
# | classes of very different size | guessing the large one scores well |
# | one class of another size or source | it may know the camera, not the thing |
# %% [markdown] lang="zh" note=true
# 运行 A·1 的单元格，每个人看自己文件夹的检查结果，说出一条要做的决定；同一张图在两边的，都放到同一边。最后一行，程序查不出来，只有自己知道。问：照片里的人同意把照片放进报告吗？（报告里有小图。）
# %% [markdown] lang="en" note=true
# Run the cells of A·1; everybody looks at the check of their own folder and names one decision to take; the same picture on both sides goes to one. The last row no program can see, only you know. Ask: do the people in the pictures agree (the report carries small copies)?
# %% [markdown] lang="zh" minutes="- 11 15"
# ## 轮到你了：找出相像的图片
#
# {exercise 13.1}
#
# - 感知哈希：缩小、变灰、取 8 × 8 个最低的频率，各和中位数比：64 位
# - 同一张存两次，差几位；两张不同的，差一半左右
# %% [markdown] lang="en"
# ## Your turn: find near doubles
#
# {exercise 13.1}
#
# - A perceptual hash: small, grey, the 8 × 8 lowest frequencies, each against their median: 64 bits
# - Saved twice: a few bits differ; two different pictures: about half
# %% [markdown] lang="zh" note=true
# 八分钟。最常见：一对报两次；和自己比；用了小于而不是“至多”。做完的人看自己最像的两张：是连拍吗？
# %% [markdown] lang="en" note=true
# Eight minutes. Most often: a pair told twice; compared with itself; "less than" for "at most". Who is done looks at their two most alike: a burst?
# %% [markdown] lang="zh" minutes="5 8 11"
# ## 训练之前：要超过谁，谁必须失败
#
# {output borrowed = project.borrow()}
#
# + **最多的那一类**：不看图也能得的分
# + **线性探测**：几秒钟，微调要超过的就是它
# + **打乱标签**（20 次的平均）：应当和不看图差不多；偏高，就先查流程
# %% [markdown] lang="en"
# ## Before training: what to beat, what must fail
#
# {output borrowed = project.borrow()}
#
# + **The commonest class**: what can be had without looking
# + **A linear probe**: seconds; it is what fine-tuning has to beat
# + **Shuffled labels** (mean of 20): about as good as not looking; if far above, search the procedure
# %% [markdown] lang="zh" note=true
# 先运行 A·2（分 train 和 val）。每人先写预测：微调之后，val 上会是多少？填小数，例如 `project.expect(0.95)`，再运行 B·3；它会进报告。问：打乱标签的对照，查得出两边有同样的图吗？（查不出：那些图的标签也打乱了。那要靠 A·1。）
# %% [markdown] lang="en" note=true
# First run A·2, which makes train and val. Everybody writes what they expect on val after fine-tuning, a fraction such as `project.expect(0.95)`, then runs B·3; it goes into the report. Ask whether the control finds pictures that are on both sides (it does not: their labels are shuffled, too. A·1 is for that).
# %% [markdown] lang="zh" minutes="3 5 9"
# ## 微调：从借来的权重开始
#
# - 你的 `ViT`（第 06 课通过了的话），公开的权重，学习率 1e-4
# - 随时可以停（■），再运行就接上
# - 评的是**最后一轮**；挑最好的一轮，就是拿 val 来训练
# %% [markdown] lang="en"
# ## Fine-tuning from borrowed weights
#
# - Your `ViT`, if it passed in lesson 06, from published weights, a rate of 1e-4
# - Stop at any time (■); run it again to go on
# - What is judged is the **last** epoch; to take the best is training on val
# %% [markdown] lang="zh" note=true
# 运行 B·4，一两分钟；图多，轮数自动减少。等的时候讲下一页。没有公开权重的电脑，从课程的小模型开始（只认得画）。
# %% [markdown] lang="en" note=true
# Run B·4: a minute or two; with many pictures there are fewer epochs. The next page is for the waiting. Machines without published weights start from the course's small model, which knows drawings only.
# %% [markdown] lang="zh" minutes="4 6 9" bet=true
# ## 高 5 个百分点，分得开吗？
#
# 两个网络，**同样的**图。只有一个答对、另一个答错的那些图才说明问题：当成抛硬币。
#
# $$p=\min\Bigl(1,\ 2\sum_{k=0}^{\min(b,c)}\binom{b+c}{k}\Big/2^{\,b+c}\Bigr)$$
#
# **一个单独答对 10 % 的图，另一个单独答对 5 %：20 张、100 张、500 张时，$p$ 各大约是多少？**
# %% [markdown] lang="en"
# ## Five points more: told apart?
#
# Two networks, the **same** pictures. Only those count that one names rightly and the other wrongly: tosses of a coin.
#
# $$p=\min\Bigl(1,\ 2\sum_{k=0}^{\min(b,c)}\binom{b+c}{k}\Big/2^{\,b+c}\Bigr)$$
#
# **One alone is right on 10 %, the other alone on 5 %: with 20, 100 and 500 pictures, about what is $p$?**
# %% [markdown] lang="zh" note=true
# 在讲义上先算 9 对 0：2 除以 2 的 9 次方，约 0.004。再猜三个数：小、中、大就行；习惯上 p 小于 0.05 才说“分得开”。
# %% [markdown] lang="en" note=true
# First on the sheet, 9 against 0: 2 over 2 to the 9, about 0.004. Then three guesses; small, medium, large will do; by custom "told apart" means p below 0.05.
# %% [markdown] lang="zh" minutes="4 5 8"
# ## 20 张分不开，500 张分得开
#
# {output passed_compare = checked}
#
# - **分不开不等于一样好**：只是这些图不足以分出高下
# - 只报告“97 % 对 96 %”，等于什么也没说
# %% [markdown] lang="en"
# ## Not with 20; with 500
#
# {output passed_compare = checked}
#
# - **Not told apart is not equally good**: these pictures cannot tell
# - "97 % against 96 %" alone says nothing
# %% [markdown] lang="zh" note=true
# 运行 B·5 的全部单元格（13.2 没写也能过）。输出：微调单独对 9 张，探测单独对 0 张，p = 0.004。做 13.2 的人：两边都对、都错的不算。
# %% [markdown] lang="en" note=true
# Run all cells of B·5 (13.2 may be left as it is). Its output: 9 right by fine-tuning alone, none by the probe alone, p = 0.004. Those who do 13.2: both right, or both wrong, does not count.
# %% [markdown] lang="zh" minutes="5 7 11"
# ## 它错在哪里，看着哪里
#
# ![](opening)
# %% [markdown] lang="en"
# ## Where it is wrong, where it looks
#
# ![](opening)
# %% [markdown] lang="zh" note=true
# 运行 B·6 的第一个单元格。上面是它说的，下面是本来的；看哪里不等于为什么（第 09 课）。没有错图的，找一张会让它错的图。每人写一条**能检验的**猜测，例如“它认的是花，不是蜜蜂”。
# %% [markdown] lang="en" note=true
# Run the first cell of B·6. Above what it says, below what it is; where it looks is not why (lesson 09). Who has no mistakes looks for a picture that it gets wrong. Everybody writes a guess that **can be tested**, such as "it knows the flower, not the bee".
# %% [markdown] lang="zh" minutes="3 4 7" bet=true
# ## 检验要有对照
#
# 把东西**全部**遮住，它若还答对，背景**也许**有份。
#
# **遮住中间，和遮住同样多的上下两边：金鱼、瓢虫、帝王蝶、海星，各会怎样回答？**
# %% [markdown] lang="en"
# ## A test needs a control
#
# The thing **wholly** hidden and still the right answer: the background **may** have a part in it.
#
# **The middle hidden, or as much at top and bottom: what will it say of goldfish, ladybug, monarch, starfish?**
# %% [markdown] lang="zh" note=true
# 先别往下翻（下一格存着答案），写八个词。提醒：灰块它也没见过，所以要比的是“同样多的灰块”。
# %% [markdown] lang="en" note=true
# Nobody scrolls on (the next cell has the answers stored): eight words. A reminder: grey squares are unfamiliar as well, so compare with as many elsewhere.
# %% [markdown] lang="zh" minutes="3 8 9"
# ## 猜错了，也写进报告
#
# {output int(project.network(own=False)}
#
# - 瓢虫和海星还答对，可是露在外面的多：按编号全遮住再试
#
# ```python
# picture = project.right_ones(4)[1]
# project.numbered(picture)
# project.answer(picture, [73, 74])
# ```
#
# - 换一个地方拍的新图，是更好的检验
# %% [markdown] lang="en"
# ## A guess that fails is reported, too
#
# {output int(project.network(own=False)}
#
# - Ladybug and starfish are still right, but much of them shows: cover all of it by patch numbers
#
# ```python
# picture = project.right_ones(4)[1]
# project.numbered(picture)
# project.answer(picture, [73, 74])
# ```
#
# - A picture from elsewhere is a better test
# %% [markdown] lang="zh" note=true
# 运行 B·6 余下的单元格，再用自己的猜测试一次（45 分钟的课看存的输出；`project.numbered` 给出块的编号）。问“准确率 99.5 %，为什么才 19 %？”：训练短，概率分得很散；答案看的是谁最大。问过什么、遮了哪里，会自动进报告。一张图什么也不说明：同样的遮法，别的类也要试。
# %% [markdown] lang="en" note=true
# Run the rest of B·6, then each tries one guess of their own (in 45 minutes the stored output will do; `project.numbered` shows the numbers of patches). "99.5 % right, and why only 19 %?": the training was short and shares are spread out; the answer is whichever is largest. What was asked and what was hidden goes into the report by itself. One picture says nothing: hide the same of the other classes.
# %% [markdown] lang="zh" minutes="- 6 20"
# ## 五个问题，用自己的话
#
# 1. 要分什么？谁需要？错一次的代价？
# 2. 图从哪里来？查出了什么，怎样处理？缺什么？
# 3. 结果和区间，旁边是基线和对照
# 4. 哪里错，为什么，怎样检验？
# 5. 谁不该用它？数都对，结论也可能错在哪里？
# %% [markdown] lang="en"
# ## Five questions, in your words
#
# 1. What is to be told apart, who needs it, what does a mistake cost?
# 2. Where are the pictures from, what did the check find, what do they lack?
# 3. The result and its interval, beside baseline and control
# 4. Where is it wrong, why, and how tested?
# 5. Who should not use it? How could the conclusion be untrue though every number is right?
# %% [markdown] lang="zh" note=true
# B·7：90 分钟的课只写第 4 题，其余晚上写；180 分钟的课写十分钟，两人互读，用评分标准给对方打分并说理由。程序把这些话放进报告的一页。
# %% [markdown] lang="en" note=true
# B·7: in 90 minutes question 4 only, the rest in the evening; in 180 ten minutes of writing, then read each other's and grade it by the rubric, with a reason; the program puts the words on the report's page.
# %% [markdown] lang="zh" minutes="3 5 12"
# ## 后来的六个想法
#
# ![](after)
# %% [markdown] lang="en"
# ## Six ideas that came after
#
# ![](after)
# %% [markdown] lang="zh" note=true
# 每按一次键放大一格，一格一句话：DeiT（教它的老师）、MAE（遮住大半，补出来）、DINO（自己教自己）、Swin（在窗口里看）、CLIP（配上文字）、寄存器。骨架没有变，变得多的是训练的数据和目标。90 分钟的课只看全图、MAE 和 Swin，45 分钟只看全图。想写代码的做 13.3 或 13.4（十分钟、八分钟）：MAE 要会写排列的逆。
# %% [markdown] lang="en" note=true
# Each press enlarges a panel; a sentence each: DeiT (a teacher), MAE (hide most, fill in), DINO (its own teacher), Swin (look within windows), CLIP (with words), registers. The bones stay; what changes is mostly what it is trained on. In 90 minutes the whole, MAE and Swin; in 45 the whole only. Those who write code do 13.3 or 13.4 (ten and eight minutes): MAE wants the inverse of a permutation.
# %% [markdown] lang="zh" minutes="5 6 17"
# ## 记住三句话
#
# 1. 先查图、先定基线和对照，再训练；倒过来，什么结果都能自圆其说
# 2. 在同样的图上成对比较；分不开不等于一样好
# 3. 你写的 ViT，骨架今天还在用：后来的许多是几行改动，或换了训练的数据或目标
#
# **对还是错？** 准确率高就是好项目 · p 大于 0.05 就是一样好 · 结构越新越好
#
# 打卡：`checkin("A")`、`"B"`、`"C"`
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. Check pictures, set baseline and control, then train; the other way round any result can be explained
# 2. Compare in pairs on the same pictures; not told apart is not equally good
# 3. The bones of your ViT are today's: much of what followed is a few lines, or something else to train on
#
# **True or false?** High accuracy, good project · p above 0.05 means equally good · newer is better
#
# Check in: `checkin("A")`, `"B"`, `"C"`
# %% [markdown] lang="zh" note=true
# 先运行 B·7 的单元格，报告才会写出（45 分钟的课在家运行）。“对还是错”里的三句都是错的；小测验带回家。收尾：每人用一句话告诉旁边的人，**什么时候不该相信自己的网络**。说得出来，就学会了。报告在 `outputs/projects/` 里，一个文件，打开就能看；什么时候交、交到哪里，现在说清楚。
# %% [markdown] lang="en" note=true
# Run B·7's cells first, or there is no report (in 45 minutes at home). The three true-or-false claims are all false; the quiz is for home. To end: everybody tells a neighbour in a sentence **when their network should not be believed**. Who can has learned it. The report lies in `outputs/projects/`, one file; say now when and where it is to be handed in.
