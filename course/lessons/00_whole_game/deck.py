# %% [markdown] lang="zh" minutes="2 2 3"
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
# 自我介绍一分钟，课程一分钟：不是看别人讲 ViT，是把它亲手写出来。请大家现在就打开笔记本 00，运行第一个单元格。
# %% [markdown] lang="en" note=true
# A minute for you, a minute for the course: nobody watches a ViT being explained, everybody writes one. Open notebook 00 now and run its first cell.
# %% [markdown] lang="zh" minutes="4 8 20"
# ## 先看一眼，装好了没有
#
# - 第一个单元格打印出课名：好了
# - 报错：终端里 `vit doctor`，箭头后面是解法
# - 最常见：numpy 2；MindSpore 要 `numpy<2`
# - 三分钟还不行：和旁边的人合用一台
# %% [markdown] lang="en"
# ## First of all: is it installed?
#
# - The first cell prints the lesson's name: you are ready
# - It fails: `vit doctor` in a terminal, the mend follows the arrow
# - Most often numpy 2; MindSpore wants `numpy<2`
# - Not solved in three minutes: share your neighbour's
# %% [markdown] lang="zh" note=true
# 走一圈，看谁的屏幕上没有课名。已经好了的人先读 A·1，不要等。网络慢就用镜像或 U 盘（见流程末尾的表）。
# %% [markdown] lang="en" note=true
# Walk round and look for screens without the lesson's name. Whoever is ready reads A·1 and need not wait. With a slow network use a mirror or a stick (the table at the end of the run-sheet).
# %% [markdown] lang="zh" minutes="3 5 8" bet=true
# ## 网络会说什么？
#
# 课程的照片之一：一只猫的脸。
#
# ViT-Ti 学过 1000 个名字，其中五个是家猫。
#
# **写下：它的第一个答案是什么，有几成把握？**
# %% [markdown] lang="en"
# ## What will the network say?
#
# One of the course's photographs: the face of a cat.
#
# ViT-Ti has learned 1,000 names; five of them are domestic cats.
#
# **Write down its first answer, and how sure it will be.**
# %% [markdown] lang="zh" note=true
# 每人写一个名字、一个百分数。让三个人念出来。再问：图里没有它学过的东西时，它会怎么办？
# %% [markdown] lang="en" note=true
# Everybody writes a name and a percentage; three read theirs aloud. Then ask what it does when the picture holds nothing that it has learned.
# %% [markdown] lang="zh" minutes="5 7 12"
# ## 它说了什么
#
# ![](opening)
# %% [markdown] lang="en"
# ## What it said
#
# ![](opening)
# %% [markdown] lang="zh" note=true
# 对照刚才写的。它只会从学过的名字里选，哪一个都不对也得选一个。所有概率加起来总是 1，所以“很有把握”不等于“对”。没有 ViT-Ti 权重的电脑上，大家看到的是课程的小模型和画。
# %% [markdown] lang="en" note=true
# Compare with what was written. It can only choose among its names, and must choose even if none fits. The shares always add up to 1, so "sure" is not "right". Without ViT-Ti's weights learners see the course's small model and drawings instead.
# %% [markdown] lang="zh" minutes="5 7 12"
# ## 中间发生了什么
#
# ![](patches)
# %% [markdown] lang="en"
# ## What happens between
#
# ![](patches)
# %% [markdown] lang="zh" note=true
# 按三次键。只讲大意：切块、展平、乘一个矩阵变成 token，前面加一个类别 token，再加位置。细节第 03 课由大家来写。不要在这里停太久。
# %% [markdown] lang="en" note=true
# Three presses. Only the outline: cut, flatten, times a matrix, a class token in front, positions added. In lesson 03 everybody writes it; do not stay long.
# %% [markdown] lang="zh" minutes="4 5 8"
# ## 每一步都看形状
#
# {output inside[name].shape}
#
# + 196 块，每块一个 token；加上类别 token，197 个
# + 从第一层到最后一层，形状不变
# + 最后只剩一个向量，给每个名字一个分数
# %% [markdown] lang="en"
# ## Look at the shape at every step
#
# {output inside[name].shape}
#
# + 196 patches, a token each; with the class token 197
# + From the first block to the last the shape stays
# + In the end one vector gives each name a score
# %% [markdown] lang="zh" note=true
# 问：196 从哪里来？（224 除以 16 是 14，14 乘 14。）为什么多一个？请一位学员指着地图，把每一行对到图上。
# %% [markdown] lang="en" note=true
# Ask where 196 comes from (224 over 16 is 14, and 14 times 14), and why there is one more. Somebody points at the map and finds each line on it.
# %% [markdown] lang="zh" minutes="4 6 9"
# ## 为什么不用卷积网络？
#
# ![](fields)
# %% [markdown] lang="en"
# ## Why not a convolutional network?
#
# ![](fields)
# %% [markdown] lang="zh" note=true
# 卷积一层只看邻近的像素，越往上越宽；自注意力从第一层起就看得到整张图，看哪里要从数据里学。代价是更费数据和训练步数。第 12 课用自己的测量来回答，不要在这里下结论。
# %% [markdown] lang="en" note=true
# A convolution sees neighbours, and more from layer to layer; self-attention sees the whole picture at once, and where to look is learned. The price is more data and more steps. Lesson 12 answers by measuring; draw no conclusion here.
# %% [markdown] lang="zh" minutes="4 8 13"
# ## 练习怎样用：先错一次
#
# {exercise 00.1}
#
# {output check("00.1", 196)}
#
# - 🔸 说出像哪一种错，✅ 通过，⬜ 还没有作答
# - `hint(…)`：每运行一次给一级提示，第四次是答案
# %% [markdown] lang="en"
# ## How exercises work: wrong on purpose
#
# {exercise 00.1}
#
# {output check("00.1", 196)}
#
# - 🔸 says which mistake it looks like, ✅ passed, ⬜ not answered yet
# - `hint(...)`: a hint for each run, the answer at the fourth
# %% [markdown] lang="zh" note=true
# 带着全班做这一道：先一起写错的，看 🔸 怎么说，再写对的。强调：错了不扣分，也不联网；检查是陪练，不是考试。
# %% [markdown] lang="en" note=true
# Do this one together: first the wrong answer, read what 🔸 says, then the right one. A wrong answer costs nothing and nothing is sent; the check is a sparring partner, not an exam.
# %% [markdown] lang="zh" minutes="6 9 14"
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
# 五分钟。最常见的错是用 reshape 代替 transpose：形状对，图像乱了；检查会说出来。做完的人帮旁边的人，只许提问，不许动键盘。
# %% [markdown] lang="en" note=true
# Five minutes. The usual mistake is reshape instead of transpose: right shape, scrambled picture; the check says so. Who is done helps a neighbour by asking questions, without touching the keyboard.
# %% [markdown] lang="zh" minutes="- 6 10"
# ## 第一次打卡
#
# 1. 去掉 `# join()` 前面的 `# `，运行，写昵称（和营码）
# 2. `checkin("A")`：给你一道只属于你的小题
# 3. 算出来：`checkin("A", answer=数值)`
# 4. 卡片和帖子在 `outputs/checkin/`；什么也不上传
# %% [markdown] lang="en"
# ## The first check-in
#
# 1. Take the `# ` from `# join()`, run it, type a nickname (and the camp's code)
# 2. `checkin("A")` poses a question made for you
# 3. Work it out: `checkin("A", answer=number)`
# 4. Card and text are in `outputs/checkin/`; nothing is sent
# %% [markdown] lang="zh" note=true
# 不组织打卡营的班级也可以用：学员交打卡行，老师用 `python -m course class grade` 看谁做了什么。
# %% [markdown] lang="en" note=true
# A class without a study camp can use it, too: learners hand in their lines, and `python -m course class grade` shows who did what.
# %% [markdown] lang="zh" minutes="3 6 10"
# ## 动态图和静态图
#
# + 动态图（PyNative）：写一行，算一行；调试用
# + 静态图（Graph）：先编译，再跑；训练用
# + 换一个形状，要重新编译
#
# {output compiled = [seconds(}
# %% [markdown] lang="en"
# ## Eager and compiled
#
# + Eager (PyNative): a line is written, a line is run; to debug
# + Graph mode: compiled, then run; to train
# + Another shape is compiled again
#
# {output compiled = [seconds(}
# %% [markdown] lang="zh" note=true
# 动态图像 numpy：写一行算一行，用来调试。静态图先编译再跑：第一次慢，之后快，用来训练。数字因机器而异，看比例。
# %% [markdown] lang="en" note=true
# Eager is like numpy, a line at a time, for debugging. A graph is compiled and then run: slow at first, fast afterwards, for training. Numbers differ from machine to machine; look at the ratio.
# %% [markdown] lang="zh" minutes="- 5 9" bet=true
# ## 存下来了吗？
#
# `window = weight.asnumpy()`，然后给参数加 1。
#
# **`window` 里是旧的数，还是新的数？**
# %% [markdown] lang="en"
# ## Has it been kept?
#
# `window = weight.asnumpy()`, then 1 is added to the parameter.
#
# **Does `window` hold the old number or the new one?**
# %% [markdown] lang="zh" note=true
# 举手，记下人数。会 PyTorch 的人可以想一想：那里的 `.detach().numpy()` 怎样？（一样，共享内存。）
# %% [markdown] lang="en" note=true
# A show of hands; keep the count. Those who know PyTorch: what does `.detach().numpy()` do there? (The same: it shares the memory.)
# %% [markdown] lang="zh" minutes="- 4 7"
# ## 它共享内存，不是副本
#
# {output window, kept = weight.asnumpy()}
#
# - 要留底：`.copy()`
# - 在 CPU 上，训练前“存下”的权重没有 copy，训练后比较，差永远是 0
# %% [markdown] lang="en"
# ## A window, not a copy
#
# {output window, kept = weight.asnumpy()}
#
# - To keep it: `.copy()`
# - On a CPU, weights "kept" without a copy always differ by 0 after the training
# %% [markdown] lang="zh" note=true
# 这个陷阱很贵：以为训练没有效果，查一整天。另外两个陷阱（默认值、换形状要重新编译）留给 B·7 自己读。
# %% [markdown] lang="en" note=true
# An expensive trap: one believes that the training did nothing and searches for a day. The other two (defaults, new shapes compile again) are for reading, B·7.
# %% [markdown] lang="zh" minutes="- 6 14"
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
# - **D** each patch can see the whole image from the first layer on
# - **E** with nothing it knows in the picture, shares sum to less than 1
# %% [markdown] lang="zh" note=true
# 先自己写字母，再和旁边的人商量一分钟，再改。不要念答案：让 check 来说。
# %% [markdown] lang="en" note=true
# Write the letters alone, then talk to a neighbour for a minute and change them. Do not read out the answer: let check say it.
# %% [markdown] lang="zh" minutes="5 6 11"
# ## 记住三句话
#
# 1. 图片切块，每块变成 token，一层层互相看、各自加工，最后给每个名字打分
# 2. 调试用动态图，训练用静态图；第一次慢，是在编译
# 3. 每一步都看形状；出了问题先问 `vit doctor`
#
# 打卡：`checkin("A")`，`checkin("B")` 　下一课：数据；想先写网络，直接去 03
# %% [markdown] lang="en"
# ## Three sentences to remember
#
# 1. Cut into patches, a token each; layer by layer they look at each other and are worked on; in the end every name gets a score
# 2. Eager for debugging, graphs for training; slow at first because it compiles
# 3. Look at the shape at every step; when something fails, ask `vit doctor`
#
# Check in: `checkin("A")`, `checkin("B")`. Next: data; to write the network at once, go to 03
# %% [markdown] lang="zh" note=true
# 请两位学员用自己的话说第一句。发讲义。提醒：不会 MindSpore 没关系，B 节够用了。
# %% [markdown] lang="en" note=true
# Two learners say the first sentence in their own words. Hand out the sheet. Nobody needs to know more MindSpore than section B.
