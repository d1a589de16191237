# %% [markdown] lang="zh" minutes="3 3 3"
# # 00 · 先跑通全程
#
# 图片进去，名字出来
#
# ![](map_whole)
# %% [markdown] lang="en"
# # 00 · The whole game
#
# A picture goes in, a name comes out
#
# ![](map_whole)
# %% [markdown] lang="zh" note=true
# 自我介绍一分钟，课程一分钟：不是看别人讲 ViT，是把它亲手写出来。请大家现在就打开笔记本 00（终端里 `python start.py lab`），运行第一个单元格，然后停下：后面有要先猜的。
# %% [markdown] lang="en" note=true
# A minute for you, a minute for the course: nobody watches a ViT being explained, everybody writes one. Open notebook 00 now (`python start.py lab` in a terminal), run its first cell, and stop there: bets follow.
# %% [markdown] lang="zh" minutes="8 8 20"
# ## 先看一眼，装好了没有
#
# - 第一个单元格打印出课名，没有红字：好了
# - 有红字：终端里 `python start.py doctor`，箭头后面是解法
# - 最常见：numpy 2；MindSpore 要 `numpy<2`
# - 三分钟还不行：和旁边的人合用一台
# %% [markdown] lang="en"
# ## First of all: is it installed?
#
# - The first cell prints the lesson's name and nothing red: ready
# - Red: `python start.py doctor` in a terminal; the mend follows the arrow
# - Most often numpy 2; MindSpore wants `numpy<2`
# - Not solved in three minutes: share your neighbour's
# %% [markdown] lang="zh" note=true
# 走一圈，看谁的屏幕上有红字。已经好了的人帮旁边的人，先别往下看。要用真实的照片：`vit weights get vit_tiny_patch16_224`（23 MB；U 盘里也可以有），没有权重的电脑用课程的小模型和画。网络慢，用 pip 的镜像或 U 盘。
# %% [markdown] lang="en" note=true
# Walk round and look for red. Whoever is ready helps a neighbour and does not scroll down yet. For real photographs: `vit weights get vit_tiny_patch16_224` (23 MB; a stick may hold it); machines without the weights use drawings and the course's small model. With a slow network use a mirror of pip or a stick.
# %% [markdown] lang="zh" minutes="3 5 8" bet=true
# ## 网络会说什么？
#
# ViT-Ti 学过 1000 个名字，五个是家猫：虎斑猫、虎纹猫、波斯猫、暹罗猫、埃及猫。
#
# {figure pictures = pictures_at_hand | 三张照片：一只猫的脸、一杯咖啡、一个戴帽子的人}
#
# **写下：猫的第一个答案是什么，有百分之几的把握？**
# %% [markdown] lang="en"
# ## What will the network say?
#
# ViT-Ti has learned 1,000 names; five are domestic cats: tabby, tiger, Persian, Siamese, Egyptian.
#
# {figure pictures = pictures_at_hand | Three photographs: the face of a cat, a cup of coffee, a person with a cap}
#
# **Write down its first answer for the cat, and how sure it is, in percent.**
# %% [markdown] lang="zh" note=true
# 合上电脑，看投影（笔记本里存着的答案就在图的下面）。每人写一个名字、一个百分数，三个人念出来。再问：图里没有它学过的东西时，它会怎么办？
# %% [markdown] lang="en" note=true
# Lids down, eyes on the screen (in the notebook the stored answer stands right below the pictures). Everybody writes a name and a percentage; three read theirs aloud. Then ask what it does when the picture holds nothing that it has learned.
# %% [markdown] lang="zh" minutes="6 7 12"
# ## 它说了什么
#
# ![](opening#1x3)
# %% [markdown] lang="en"
# ## What it said
#
# ![](opening#1x3)
# %% [markdown] lang="zh" note=true
# 打开电脑，运行 A·1 的两个单元格，对照刚才写的；按三次键，一张一张放大。它只会从学过的名字里选，哪一个都不对也得选一个。所有概率加起来总是 1，所以“很有把握”不等于“对”。没有 ViT-Ti 权重的电脑上，大家看到的是课程的小模型和画。
# %% [markdown] lang="en" note=true
# Lids up: run both cells of A·1 and compare with what was written; three presses enlarge one picture after the other. It can only choose among its names, and must choose even if none fits. The shares always add up to 1, so "sure" is not "right". Without ViT-Ti's weights learners see the course's small model and drawings instead.
# %% [markdown] lang="zh" minutes="4 5 12"
# ## 中间发生了什么
#
# ![](patches)
# %% [markdown] lang="en"
# ## What happens between
#
# ![](patches)
# %% [markdown] lang="zh" note=true
# 四次键，最后一次是全图。只讲大意：切块、展平、乘一个矩阵变成 token，前面加一个类别 token，再加位置。细节第 03 课由大家来写。不要在这里停太久。
# %% [markdown] lang="en" note=true
# Four presses, the last shows the whole. Only the outline: cut, flatten, times a matrix, a class token in front, positions added. In lesson 03 everybody writes it; do not stay long.
# %% [markdown] lang="zh" minutes="5 7 8"
# ## 每一步都看形状
#
# {output inside[name].shape}
#
# + 196 块，每块一个 token；加上类别 token，197 个
# + 从第一层到最后一层，形状不变
# + 最后由一个向量给每个名字一个分数
# %% [markdown] lang="en"
# ## Look at the shape at every step
#
# {output inside[name].shape}
#
# + 196 patches, a token each; with the class token 197
# + From the first block to the last the shape stays
# + In the end one vector gives each name a score
# %% [markdown] lang="zh" note=true
# 运行 A·2 的单元格。为什么比图像块多一个？（类别 token。）196 从哪里来，第 8 页的练习来算。没有权重的电脑是小模型：64 ÷ 8 = 8，64 块，65 个 token。请一位学员念 A·2 里讲一层做什么的那一段（注意力、MLP），另一位指着地图把每一行对到图上。
# %% [markdown] lang="en" note=true
# Run the cell of A·2. Ask why there is one more than patches (the class token); page 8's exercise works out 196. Machines without weights show the small model: 64 over 8 is 8, so 64 patches and 65 tokens. Somebody reads aloud A·2's paragraph on what a block does (attention, MLP), somebody else finds each line on the map.
# %% [markdown] lang="zh" minutes="- 4 9"
# ## 为什么不用卷积网络？
#
# ![](fields)
# %% [markdown] lang="en"
# ## Why not a convolutional network?
#
# ![](fields)
# %% [markdown] lang="zh" note=true
# 按三次键，一部分一部分放大。卷积一层只看邻近的像素，越往上越宽；自注意力从第一层起就看得到整张图，看哪里要从数据里学。图的下半部分：先移动图再卷积，等于先卷积再移动（步长 1，边缘除外）；ViT 因为切块和位置，没有这个性质。代价是更费数据和训练步数。第 12 课用自己的测量来回答，不要在这里下结论。
# %% [markdown] lang="en" note=true
# Three presses enlarge a part each. A convolution sees neighbours, and more from layer to layer; self-attention sees the whole picture at once, and where to look is learned. The drawing's lower half: to shift and then convolve is to convolve and then shift (stride 1, borders aside); cut into patches and with positions, a ViT lacks that. The price is more data and more steps. Lesson 12 answers by measuring; draw no conclusion here.
# %% [markdown] lang="zh" minutes="5 7 13"
# ## 练习怎样用：先错一次
#
# {exercise 00.1}
#
# 224×224 的图切成 16×16 的块，一共几块？
#
# {output check("00.1", 196)}
#
# - 🔸 会指出像哪一种错，✅ 通过，⬜ 还没有作答
# - `hint(…)`：每运行一次给一级提示，第四次是答案
# %% [markdown] lang="en"
# ## How exercises work: wrong on purpose
#
# {exercise 00.1}
#
# 224 × 224, cut into patches of 16 × 16: how many?
#
# {output check("00.1", 196)}
#
# - 🔸 says which mistake it looks like, ✅ passed, ⬜ not answered yet
# - `hint(...)`: a hint for each run, the answer at the fourth
# %% [markdown] lang="zh" note=true
# 带着全班做这一道：运行示范的单元格（故意先错），读 🔸 怎么说，再在 `patches` 里写出算式（196 大家已经见过，要的是算式）。强调：错了不扣分，也不联网；检查是陪练，不是考试。
# %% [markdown] lang="en" note=true
# Do this one together: run the demonstration (wrong on purpose), read what 🔸 says, then write the formula into `patches` (196 everybody has seen; it is the formula that counts). A wrong answer costs nothing and nothing is sent; the check is a sparring partner, not an exam.
# %% [markdown] lang="zh" minutes="8 10 14"
# ## 轮到你了
#
# {exercise 00.2}
#
# - 图片：`(H, W, 3)`，0 到 255 的整数
# - 网络要：`(3, H, W)`，−1 到 1 的浮点数
#
# $$x = \frac{p/255 - 0.5}{0.5}$$
# %% [markdown] lang="en"
# ## Your turn
#
# {exercise 00.2}
#
# - A picture is `(H, W, 3)`, integers from 0 to 255
# - A network wants `(3, H, W)`, floating point, from −1 to 1
#
# $$x = \frac{p/255 - 0.5}{0.5}$$
# %% [markdown] lang="zh" note=true
# 八分钟，四分钟后看第一条提示（45 分钟的课：做四分钟，看提示两分钟，没做完的带走）。最常见：忘了括号（`/255 - 0.5/0.5`）；用 reshape 代替 transpose，形状对，图像乱了；检查都会说出来。做完的人帮旁边的人，只许提问，不许动键盘。
# %% [markdown] lang="en" note=true
# Eight minutes; after four, the first hint (in 45: four minutes of work, two for the hint, the rest for home). Most often: brackets left out (`/255 - 0.5/0.5`); reshape instead of transpose, right shape, scrambled picture. The check names both. Who is done helps a neighbour by asking questions, without touching the keyboard.
# %% [markdown] lang="zh" minutes="- 6 10"
# ## 第一次打卡
#
# 1. 去掉 `# join()` 前面的 `# `，运行一次，写昵称；营码没有就直接回车
# 2. `checkin("A")`：给你一道只属于你的小题
# 3. 算出来：`checkin("A", answer=数值)`
# 4. 卡片和帖子在 `outputs/checkin/`；什么也不上传
# %% [markdown] lang="en"
# ## The first check-in
#
# 1. Take the `# ` from `# join()`, run it once, type a nickname; no camp, no code: Enter
# 2. `checkin("A")` poses a question made for you
# 3. Work it out: `checkin("A", answer=number)`
# 4. Card and text are in `outputs/checkin/`; nothing is sent
# %% [markdown] lang="zh" note=true
# `join()` 全课程只运行一次。看到自己的小题就停，回家算。不组织打卡营的班级也可以用：学员交打卡行，老师用 `python -m course class grade` 看谁做了什么。
# %% [markdown] lang="en" note=true
# `join()` once in the whole course. Stop when your question is there; work it out at home. A class without a study camp can use it, too: learners hand in their lines, and `python -m course class grade` shows who did what.
# %% [markdown] lang="zh" minutes="- 6 10"
# ## 动态图和静态图
#
# + 动态图（PyNative）：写一行，算一行；调试用
# + 静态图（Graph）：先编译，再跑；训练用
# + 默认：换一个形状，要重新编译
#
# {output compiled = [seconds(}
# %% [markdown] lang="en"
# ## Eager and compiled
#
# + Eager (PyNative): a line is written, a line is run; to debug
# + Graph mode: compiled, then run; to train
# + By default another shape is compiled again
#
# {output compiled = [seconds(}
# %% [markdown] lang="zh" note=true
# 运行 B·6 的单元格（要先运行过 A·1 和 A·2）。数字因机器而异，看比例。“调用几次才划算？”：编译的秒数，除以每次省下的秒数，请大家用自己的数算一算；静态图没有更快的，就永远不划算。
# %% [markdown] lang="en" note=true
# Run the cell of B·6 (A·1 and A·2 before it). Numbers differ from machine to machine; look at the ratio. "After how many calls does it pay?" Seconds of compiling over seconds saved by each call: everybody with their own numbers; where the graph is not faster it never pays.
# %% [markdown] lang="zh" minutes="- 3 9" bet=true
# ## 存下来了吗？
#
# `weight` 是 `[1. 1. 1.]`。`window = weight.asnumpy()`，然后原地加 1：
#
# `ops.assign_add(weight, ops.ones((3,), ms.float32))`
#
# **在 CPU 上，`window` 里是旧的数，还是新的数？**
# %% [markdown] lang="en"
# ## Has it been kept?
#
# `weight` is `[1. 1. 1.]`. `window = weight.asnumpy()`, then 1 is added in place:
#
# `ops.assign_add(weight, ops.ones((3,), ms.float32))`
#
# **On a CPU, does `window` hold the old number or the new one?**
# %% [markdown] lang="zh" note=true
# 举手，记下人数。会 PyTorch 的人可以想一想：那里的 `.detach().numpy()` 怎样？答案下一页再说。
# %% [markdown] lang="en" note=true
# A show of hands; keep the count. Those who know PyTorch: what does `.detach().numpy()` do there? The next page tells.
# %% [markdown] lang="zh" minutes="- 4 7"
# ## 它共享内存，不是副本
#
# {output window, kept = weight.asnumpy()}
#
# - 要留底：`.copy()`
# - CPU 上，训练前存权重却没有 `.copy()`：优化器原地更新，训练后一比，差是 0
# %% [markdown] lang="en"
# ## A window, not a copy
#
# {output window, kept = weight.asnumpy()}
#
# - To keep it: `.copy()`
# - On a CPU, weights "kept" without a copy differ by 0 after training: optimizers update in place
# %% [markdown] lang="zh" note=true
# 运行 B·7 的第一个单元格。PyTorch 的 `.detach().numpy()` 一样，共享内存。换成 `set_data` 就不是原地更新，`window` 还是旧的：所以别赌，写 `.copy()`。这个陷阱很贵：以为训练没有效果，查一整天。另外两个陷阱（默认值、换形状要重新编译）留给 B·7 自己读。
# %% [markdown] lang="en" note=true
# Run the first cell of B·7. PyTorch's `.detach().numpy()` shares the memory, too. With `set_data` instead the update is not in place and `window` stays old: do not gamble, write `.copy()`. An expensive trap: one believes that the training did nothing and searches for a day. The other two (defaults, new shapes compile again) are for reading, B·7.
# %% [markdown] lang="zh" minutes="- 8 14"
# ## 哪些说法是对的？
#
# {exercise 00.3}
#
# - **A** 静态图的第一次调用慢，是因为要编译
# - **B** `reshape` 可以把 `(H, W, 3)` 变成 `(3, H, W)` 而不弄乱图像
# - **C** 训练之后，`kept = p.asnumpy()` 存下的数可能变了
# - **D** ViT 从第一层起，每块就能看到整张图
# - **E** 图里没有它认识的东西时，概率加起来小于 1
# %% [markdown] lang="en"
# ## What is true?
#
# {exercise 00.3}
#
# - **A** the first call of a graph is slow because it compiles
# - **B** `reshape` turns `(H, W, 3)` into `(3, H, W)` unscrambled
# - **C** after training, what `kept = p.asnumpy()` kept may have changed
# - **D** in a ViT each patch can see the whole image from the first layer on
# - **E** with nothing it knows in the picture, shares sum to less than 1
# %% [markdown] lang="zh" note=true
# 先自己把字母写进 `true`，例如 `"AB"`，再和旁边的人商量一分钟，再改。不要念答案：让 check 来说。
# %% [markdown] lang="en" note=true
# Write the letters into `true`, such as `"AB"`, alone, then talk to a neighbour for a minute and change them. Do not read out the answer: let check say it.
# %% [markdown] lang="zh" minutes="3 7 11"
# ## 记住三句话
#
# 1. 图片切块，每块变成 token，一层层互相看、各自加工，最后给每个名字打分
# 2. 调试用动态图，训练用静态图；第一次慢，是在编译
# 3. 每一步都看形状；出了问题先问 `python start.py doctor`
#
# 打卡：`checkin("A")`，`checkin("B")` 　下一课：数据；想先写网络，直接去 03
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. Cut into patches, a token each; layer by layer they look at each other, and each is worked on by itself; in the end every name gets a score
# 2. Eager for debugging, graphs for training; slow at first because it compiles
# 3. Look at the shape at every step; when something fails, ask `python start.py doctor`
#
# Check in: `checkin("A")`, `checkin("B")`. Next: data; to write the network at once, go to 03
# %% [markdown] lang="zh" note=true
# 请两位学员用自己的话说第一句。讲义课前放在座位上。提醒：不会 MindSpore 没关系，回家读 B·5，这一节够用了。45 分钟的课：第二句不念，B 节和打卡都留作课后（笔记本 A 节末尾写着怎样打卡）。
# %% [markdown] lang="en" note=true
# Two learners say the first sentence in their own words. The sheets lie on the seats before class. Nobody needs more MindSpore than section B; B·5 is for home. In 45 minutes leave the second sentence out: section B is for home, and so is the check-in (the end of section A in the notebook says how).
