"""How often is a model right? Top-1 and top-5 over every readable picture of a data set."""

import numpy as np

from vit.data.labels import Labelled
from vit.data.pipeline import evaluation_batches
from vit.inference import make_forward
from vit.model import ViT
from vit.runtime.bars import bar
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.runtime.notes import Notes
from vit.runtime.text import unicode_text


def logits_of(model: ViT, paths, batch_size: int = 32, progress: bool = True) -> tuple[np.ndarray, dict[int, str]]:
    """The model's answers for the readable pictures, in their order, and which could not be read.

    Args:
        model: with `preprocessing`, as `load_model` returns it.
        paths: picture files.
        batch_size: B, at most; fewer pictures make a smaller batch.
        progress: draw a bar on standard error, and tell there what was assumed of pixels.

    Returns:
        logits (n, K) float32, a row for each of the n readable pictures; and the others, as `scan`
        returns them: index in `paths` -> why it could not be read.
    """
    notes = Notes()
    logits = np.empty((len(paths), model.config.num_classes), np.float32)
    unreadable: dict[int, str] = {}
    batch_size = min(batch_size, len(paths))
    forward = make_forward(model)
    with bar(total=len(paths), unit="img", desc=say("评估", "evaluate"), disable=not progress) as meter:
        for images, index in evaluation_batches(paths, model.preprocessing, batch_size, unreadable, notes):
            answer = forward(images).asnumpy()  # (B, K)
            logits[index[index >= 0]] = answer[index >= 0]
            meter.update(np.count_nonzero(index >= 0))
    if progress:
        notes.tell()
    return np.delete(logits, [*unreadable], axis=0), unreadable


def evaluate(model: ViT, data: Labelled, batch_size: int = 32, progress: bool = True) -> dict:
    """Top-1 and top-5 accuracy. Every readable picture counts once.

    Returns:
        {"images": pictures counted, "top1": share whose best answer is right, "top5": share with
        the right answer among the best five (of fewer classes: all), "unreadable": [paths]}.

    Raises:
        UserError: there is no picture, or not one could be read.
        RunFailed: the model answers with NaN.
    """
    if not data.paths:
        raise UserError(say("没有可以评估的图片", "no pictures to evaluate on"))
    logits, unreadable = logits_of(model, data.paths, batch_size, progress)
    if len(unreadable) == len(data.paths):
        raise UserError(
            say(
                f"{len(data.paths)} 张图片没有一张能读；第一张：{unreadable[0]}",
                f"none of {len(data.paths)} pictures can be read; the first: {unreadable[0]}",
            )
        )
    labels = np.delete(data.labels, [*unreadable])  # (n,)
    if not np.isfinite(logits).all():
        raise RunFailed(say("模型的输出里有 NaN 或无穷大", "the model answers with numbers that are NaN or infinite"))
    # the rank of the right answer; a tie counts against the model
    right = logits[np.arange(len(labels)), labels][:, np.newaxis]  # (n, 1)
    rank = (~(logits < right)).sum(axis=1) - 1  # (n,), 0 is best; NaN counts against the model, too
    return {
        "images": len(labels),
        "top1": float((rank < 1).mean()),
        "top5": float((rank < 5).mean()),
        "unreadable": [unicode_text(data.paths[i]) for i in sorted(unreadable)],
    }
