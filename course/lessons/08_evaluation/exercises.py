# %% solution="08.1"
def topk(logits, labels, k):
    right = logits[np.arange(len(labels)), labels][:, None]  # (n, 1)
    better = (logits > right).sum(axis=1)  # (n,)：有多少类排在前面 ¦ (n,): how many classes are ahead
    return (better < k).mean()


# %% [markdown] hint="08.1" lang="zh"
# 有多少个类别的 logit 比正确类别的大？少于 `k` 个就算对。
# %% [markdown] hint="08.1" lang="en"
# How many classes have a larger logit than the right one? Fewer than `k`, and it counts.
# %% [markdown] hint="08.1" lang="zh"
# `logits[np.arange(n), labels]` 取出每张图正确类别的 logit，形状 `(n,)`。
# %% [markdown] hint="08.1" lang="en"
# `logits[np.arange(n), labels]` takes each image's right logit, shape `(n,)`.
# %% [markdown] hint="08.1" lang="zh"
# `((logits > right[:, None]).sum(axis=1) < k).mean()`
# %% [markdown] hint="08.1" lang="en"
# `((logits > right[:, None]).sum(axis=1) < k).mean()`
# %% wrong="08.1" mistake="smallest logits"
# zh: 取了最小的 k 个：argsort 是从小到大排的
# en: these are the k smallest: argsort goes from small to large
def topk(logits, labels, k):
    return (np.argsort(logits, axis=1)[:, :k] == labels[:, None]).any(axis=1).mean()


# %% wrong="08.1" mistake="exactly rank k"
# zh: 只数了排名恰好是 k 的；应当是前 k 个之内
# en: only rank k itself was counted; it should be anywhere among the first k
def topk(logits, labels, k):
    return (np.argsort(-logits, axis=1)[:, k - 1] == labels).mean()


# %% wrong="08.1" mistake="one too many"
# zh: 多数了一名：比正确类别大的应当少于 k 个，不是不多于 k 个
# en: one rank too many: fewer than k classes may be ahead, not k of them
def topk(logits, labels, k):
    right = logits[np.arange(len(labels)), labels][:, None]
    return ((logits > right).sum(axis=1) <= k).mean()


# %% wrong="08.1" mistake="a count"
# zh: 这是张数；题目要比例
# en: this is a number of images; the fraction is wanted
def topk(logits, labels, k):
    right = logits[np.arange(len(labels)), labels][:, None]
    return float(((logits > right).sum(axis=1) < k).sum())


# %% solution="08.2"
def images_needed(p, half_width):
    return int(np.ceil(1.96**2 * p * (1 - p) / half_width**2))


# %% [markdown] hint="08.2" lang="zh"
# 从 $1.96\sqrt{p(1-p)/n}\le w$ 解出 $n$。
# %% [markdown] hint="08.2" lang="en"
# Solve $1.96\sqrt{p(1-p)/n}\le w$ for $n$.
# %% [markdown] hint="08.2" lang="zh"
# 两边平方：$n\ge 1.96^2\,p(1-p)/w^2$。
# %% [markdown] hint="08.2" lang="en"
# Square both sides: $n\ge 1.96^2\,p(1-p)/w^2$.
# %% [markdown] hint="08.2" lang="zh"
# `int(np.ceil(...))` 向上取整。误差减半，图要增加到 4 倍。
# %% [markdown] hint="08.2" lang="en"
# `int(np.ceil(...))` rounds up. Half the error takes four times as many images.
# %% wrong="08.2" mistake="no 1.96"
# zh: 少了 1.96：这是一倍标准误差，不是 95 % 区间
# en: 1.96 is missing: this is one standard error, not the 95 % interval
def images_needed(p, half_width):
    return int(np.ceil(p * (1 - p) / half_width**2))


# %% wrong="08.2" mistake="not squared"
# zh: 1.96 没有平方
# en: 1.96 was not squared
def images_needed(p, half_width):
    return int(np.ceil(1.96 * p * (1 - p) / half_width**2))


# %% wrong="08.2" mistake="whole width"
# zh: 这里把 half_width 当成了整个区间的宽度
# en: half_width was taken for the width of the whole interval
def images_needed(p, half_width):
    return int(np.ceil(1.96**2 * p * (1 - p) / (half_width / 2) ** 2))


# %% wrong="08.2" mistake="rounded down"
# zh: 差一张：要向上取整
# en: one image short: round up
def images_needed(p, half_width):
    return int(1.96**2 * p * (1 - p) / half_width**2)


# %% solution="08.3"
def confusion(labels, guesses, K):
    matrix = np.zeros((K, K), int)
    np.add.at(matrix, (labels, guesses), 1)  # 每一对都数，重复的也数 ¦ counts every pair, repeated ones too
    return matrix


# %% [markdown] hint="08.3" lang="zh"
# 用循环也可以：每张图给 `matrix[真实, 猜测]` 加 1。
# %% [markdown] hint="08.3" lang="en"
# A loop will do: each image adds 1 to `matrix[true, guess]`.
# %% [markdown] hint="08.3" lang="zh"
# `matrix[labels, guesses] += 1` 是个陷阱：重复的下标只加一次。
# %% [markdown] hint="08.3" lang="en"
# `matrix[labels, guesses] += 1` is a trap: a repeated index is added only once.
# %% [markdown] hint="08.3" lang="zh"
# `np.add.at(matrix, (labels, guesses), 1)`
# %% [markdown] hint="08.3" lang="en"
# `np.add.at(matrix, (labels, guesses), 1)`
# %% wrong="08.3" mistake="transposed"
# zh: 行列反了：行是真实类别，列是猜的
# en: transposed: rows are the true classes, columns the guesses
def confusion(labels, guesses, K):
    matrix = np.zeros((K, K), int)
    np.add.at(matrix, (guesses, labels), 1)
    return matrix


# %% wrong="08.3" mistake="repeated pairs once"
# zh: 每一对只加了一次：matrix[labels, guesses] += 1 不累加重复的下标
# en: each pair was counted once: matrix[labels, guesses] += 1 does not add up repeated indices
def confusion(labels, guesses, K):
    matrix = np.zeros((K, K), int)
    matrix[labels, guesses] += 1
    return matrix


# %% wrong="08.3" mistake="shares"
# zh: 这是每行的比例；题目要张数
# en: these are fractions of each row; counts are wanted
def confusion(labels, guesses, K):
    matrix = np.zeros((K, K))
    np.add.at(matrix, (labels, guesses), 1)
    return matrix / matrix.sum(1, keepdims=True)


# %% wrong="08.3" mistake="only the mistakes"
# zh: 对角线（认对的）没有数
# en: the diagonal, what was right, was not counted
def confusion(labels, guesses, K):
    matrix = np.zeros((K, K), int)
    np.add.at(matrix, (labels, guesses), 1)
    return matrix * (1 - np.eye(K, dtype=int))


# %% solution="08.4"
# A：另一个模型；B：自己挑、自己考；D：没数完所有的图；E：不是使用时的样子 ¦ A: another model; B: chosen by itself; D: not all images; E: not how the model is used
honest = "CF"
# %% [markdown] hint="08.4" lang="zh"
# 对每个问：评估的是谁？每张图都数了吗？挑选和报告用的是同一份数据吗？预处理和使用时一样吗？
# %% [markdown] hint="08.4" lang="en"
# Ask of each: who is evaluated? Is every image counted? Were choosing and reporting done on the same data? Is the preprocessing the one in use?
# %% [markdown] hint="08.4" lang="zh"
# C·7 里那 100 个瞎猜的模型，说明了哪一个有问题？
# %% [markdown] hint="08.4" lang="en"
# The 100 guessers of C·7 speak against which of them?
# %% [markdown] hint="08.4" lang="zh"
# 有两个是对的。读不了的图，说出来就好。
# %% [markdown] hint="08.4" lang="en"
# Two are right. Images that cannot be read are no shame if they are named.
# %% wrong="08.4" mistake="best epoch"
# zh: B 用同一份数据挑选和报告：挑选本身会抬高分数（C·7）
# en: B chooses and reports on the same data: choosing raises the score by itself (C·7)
honest = "BCF"
# %% wrong="08.4" mistake="partial batch"
# zh: D 用同一份数据挑选和报告，还没有数完所有的图
# en: D chooses and reports on the same data, and does not even count all images
honest = "CDF"
# %% wrong="08.4" mistake="random crops"
# zh: E 用了随机裁剪：使用时不会这样裁，得到的数也不固定
# en: E uses random crops: nobody uses the model that way, and the number is not fixed
honest = "CEF"
# %% wrong="08.4" mistake="somebody else's weights"
# zh: A 评估的不是你训练的模型
# en: A does not evaluate the model you trained
honest = "ACF"
# %% wrong="08.4" mistake="unreadable is shameful"
# zh: F 也可以：每张能读的都数了，读不了的也说了
# en: F is fine, too: every readable image was counted, and the others were named
honest = "C"


# %% solution="08.5"
def accuracy(model, dataset):
    model.set_train(False)
    right = total = 0
    for images, labels in dataset.create_tuple_iterator(num_epochs=1):
        guesses = model(images).argmax(axis=1)
        right += int((guesses == labels).sum())
        total += len(labels)
    return right / total


# %% right="08.5"
def accuracy(model, dataset):
    model = model.set_train(False)
    hits = []
    for images, labels in dataset.create_tuple_iterator(num_epochs=1):
        hits.extend(model(images).asnumpy().argmax(1) == labels.asnumpy())
    return np.mean(hits)


# %% [markdown] hint="08.5" lang="zh"
# 开始之前：`model.set_train(False)`。
# %% [markdown] hint="08.5" lang="en"
# Before anything: `model.set_train(False)`.
# %% [markdown] hint="08.5" lang="zh"
# 数两样：答对的张数，和一共的张数；最后才相除。
# %% [markdown] hint="08.5" lang="en"
# Count two things, the images that are right and all of them, and divide at the end.
# %% [markdown] hint="08.5" lang="zh"
# `model(images).argmax(axis=1)` 与 `labels` 比较，`.sum()` 是答对的张数；`len(labels)` 是这一批的张数。
# %% [markdown] hint="08.5" lang="en"
# Compare `model(images).argmax(axis=1)` with `labels`; `.sum()` counts the right ones, `len(labels)` the batch.
# %% wrong="08.5" mistake="training mode"
# zh: 模型还在训练模式：dropout 之类还开着
# en: the model is still in training mode, with dropout and the like at work
def accuracy(model, dataset):
    right = total = 0
    for images, labels in dataset.create_tuple_iterator(num_epochs=1):
        guesses = model(images).argmax(axis=1)
        right += int((guesses == labels).sum())
        total += len(labels)
    return right / total


# %% wrong="08.5" mistake="mean of batches"
# zh: 这是各批准确率的平均：不满的一批分量太重
# en: this is the mean of the batches' accuracies: a partial batch weighs too much
def accuracy(model, dataset):
    model.set_train(False)
    shares = []
    for images, labels in dataset.create_tuple_iterator(num_epochs=1):
        shares.append(float((model(images).argmax(axis=1) == labels).asnumpy().mean()))
    return sum(shares) / len(shares)


# %% wrong="08.5" mistake="only the last batch"
# zh: 只算了最后一批
# en: only the last batch counts
def accuracy(model, dataset):
    model.set_train(False)
    right = total = 0
    for images, labels in dataset.create_tuple_iterator(num_epochs=1):
        guesses = model(images).argmax(axis=1)
        right = int((guesses == labels).sum())
        total = len(labels)
    return right / total


# %% wrong="08.5" mistake="full batches assumed"
# zh: 一共的张数按满批算了：最后一批不满
# en: the total counts full batches; the last is partial
def accuracy(model, dataset):
    model.set_train(False)
    right = total = 0
    for images, labels in dataset.create_tuple_iterator(num_epochs=1):
        guesses = model(images).argmax(axis=1)
        right += int((guesses == labels).sum())
        total += 4
    return right / total


# %% investigation="08.6"
predicted = 0.65
investigate("08.6", predicted, smoothing=0.1)


# %% solution="08.6"
conclusion = "C"


# %% [markdown] hint="08.6" lang="zh"
# 先看哪两行分得开：输出的最后一行说出要相差多少。


# %% [markdown] hint="08.6" lang="en"
# See first which rows are told apart: the last line of the output says how far apart they must be.


# %% [markdown] hint="08.6" lang="zh"
# 把三句话各拆成几个“谁比谁高”，逐个到表里核对。


# %% [markdown] hint="08.6" lang="en"
# Take each statement apart into "this one above that one", and check each part against the table.


# %% [markdown] hint="08.6" lang="zh"
# 三句里有两句各有一处与表不符；剩下的那一句，处处都对得上。


# %% [markdown] hint="08.6" lang="en"
# Two of the three disagree with the table in one place each; what remains agrees everywhere.


# %% wrong="08.6" mistake="ahead"
# zh: 平均值相差多少？要相差多少才分得开？
# en: how far apart are the means, and how far must they be?
conclusion = "A"


# %% wrong="08.6" mistake="behind"
# zh: 哪一行的平均值高？要相差多少才分得开？
# en: which row has the higher mean, and how far apart must they be?
conclusion = "B"
