import numpy as np


def question(rng):
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
