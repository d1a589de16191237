import numpy as np


def whole(rng):
    """The accuracy on all images, where a pipeline lost the last batch; what it reported is the slip."""
    while True:
        images, size = 50 * int(rng.integers(12, 41)), int(rng.choice([48, 96, 128, 160, 192]))
        lost = images % size
        reported = round(float(rng.uniform(0.6, 0.95)), 3)
        lucky = int(rng.integers(lost // 10, lost // 2 + 1))
        right = (reported * (images - lost) + lucky) / images
        slips = reported, (reported + lucky / lost) / 2 if lost else 0  # as reported; both shares given equal weight
        if lost > size // 4 and all(abs(slip - right) > 0.02 for slip in slips):
            break
    zh = f"{images} 张验证图，一批 {size} 张，不满的一批被丢掉，报告的准确率是 {reported:.3f}；丢掉的那些里，模型其实答对 {lucky} 张。全部图上的准确率是多少？（三位小数）"
    en = f"{images} validation images in batches of {size}, the partial batch dropped: the accuracy reported is {reported:.3f}. Of the images dropped, the model is right on {lucky}. What is its accuracy on all images? (three decimals)"
    return zh, en, right


def confusion(rng):
    """The mean of the classes' own accuracies, from a confusion matrix made for a nickname."""
    while True:
        matrix = rng.integers(1, 9, (3, 3)) + np.diag(rng.integers(4, 60, 3))
        right = float((matrix.diagonal() / matrix.sum(1)).mean())
        slips = matrix.trace() / matrix.sum(), (matrix.diagonal() / matrix.sum(0)).mean()  # all images; columns
        if all(abs(slip - right) > 0.03 for slip in slips):
            break
    zh = f"混淆矩阵（行是真实类别）{matrix.tolist()}：三个类别各自的准确率，平均是多少？（三位小数，如 0.750）"
    en = f"confusion matrix (rows are true classes) {matrix.tolist()}: what is the mean of the three classes' own accuracies? (three decimals, such as 0.750)"
    return zh, en, right


def control(rng):
    """How good guessing may look: the upper end of the 95 % interval around 1/K."""
    classes = int(rng.integers(4, 21))
    images = classes * int(rng.integers(20, 101))
    right = 1 / classes + 1.96 * float(np.sqrt(1 / classes * (1 - 1 / classes) / images))
    zh = f"对照（打乱标签训练）在 {classes} 类、{images} 张验证图上评估，各类一样多：只是瞎猜的话，准确率 95 % 区间的上端是多少？（用 1.96；四位小数）"
    en = f"a control (trained on shuffled labels) is evaluated on {images} images of {classes} equally large classes: where is the upper end of the 95 % interval, if it only guesses? (use 1.96; four decimals)"
    return zh, en, right


SECTIONS = {"A": whole, "B": confusion, "C": control}
