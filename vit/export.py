"""A model as one file for other machines: MindIR, checked against the model it came from."""

import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import nn

from vit.data.class_names import ClassName
from vit.data.preprocessing import Preprocessing
from vit.inference import class_names
from vit.model import ViT
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.graph_mode import in_graph_mode
from vit.runtime.language import say
from vit.runtime.text import unicode_text


class Exported:
    """An exported model that answers like the one it came from, for one picture at a time."""

    def __init__(self, graph, preprocessing: Preprocessing, classes: tuple[ClassName, ...]):
        self.graph = nn.GraphCell(graph)
        self.preprocessing, self.classes = preprocessing, classes

    def __call__(self, images) -> ms.Tensor:
        """images (1, 3, S, S) float32 -> logits (1, K)."""
        size = self.preprocessing.size
        if tuple(images.shape) != (1, 3, size, size):
            shape = tuple(images.shape)
            raise UserError(
                say(
                    f"导出的模型一次只看一张图片 (1, 3, {size}, {size})，而不是 {shape}",
                    f"an exported model takes one picture (1, 3, {size}, {size}), not {shape}",
                )
            )
        with in_graph_mode():
            return self.graph(images)

    def set_train(self, mode=False):
        """There is nothing to train: the graph is fixed."""
        return self


@contextmanager
def _current_folder(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def about_path(path) -> Path:
    """Where preprocessing and class names lie: beside the graph, which cannot hold them."""
    return Path(f"{path}.json")


def check_target(path: Path, ending: str) -> None:
    """A file's name as it must be.

    Raises:
        UserError: another ending, or a folder is there.
    """
    if path.suffix != ending:
        raise UserError(say(f"{path}: 文件名要以 {ending} 结尾", f"{path}: the file's name must end in {ending}"))
    if path.is_dir():
        raise UserError(say(f"{path}: 这是文件夹；请换一个文件名", f"{path}: is a folder; choose another name"))


def check_equal(path: Path, difference: float) -> None:
    """The exported model answers as the model it came from, or `RunFailed`."""
    if not difference < 1e-4:
        raise RunFailed(
            say(
                f"{path}: 导出的模型给出的结果不同（logits 相差 {difference:.2g}）",
                f"{path}: the exported model answers otherwise (logits differ by {difference:.2g})",
            )
        )


def export(model: ViT, path) -> float:
    """Write FILE.mindir and FILE.mindir.json, and hold the answers of both models side by side.

    Args:
        model: with `preprocessing`, as `load_model` returns it.
        path: ends in .mindir.

    Returns:
        The largest difference between two logits, on a random picture.

    Raises:
        UserError: the path does not end in .mindir, is not in Unicode or cannot be written.
        RunFailed: the exported model answers otherwise; nothing is left on disk.
    """
    path = Path(path)
    check_target(path, ".mindir")
    model.set_train(False)
    size = model.preprocessing.size
    image = ms.Tensor(np.random.default_rng(0).normal(size=(1, 3, size, size)).astype(np.float32))
    about = {"preprocessing": asdict(model.preprocessing), "classes": [asdict(c) for c in class_names(model)]}
    if str(path.absolute()) != unicode_text(path.absolute()):
        raise UserError(
            say(f"{path}: 路径不是 Unicode，MindSpore 打不开", f"{path}: not in Unicode, which MindSpore needs")
        )
    with atomic_path(path) as staged, atomic_path(about_path(path)) as staged_about:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as scratch:
            # by a bare name: in a path MindSpore takes no space, no +, no letter beyond ASCII
            with _current_folder(scratch), in_graph_mode():
                ms.export(model, image, file_name="model.mindir", file_format="MINDIR")
            os.replace(Path(scratch, "model.mindir"), staged)
        staged_about.write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        again = Exported(ms.load(str(staged)), model.preprocessing, class_names(model))
        difference = float(np.abs(again(image).asnumpy() - model(image).asnumpy()).max())
        check_equal(path, difference)
    return difference


def load_exported(path) -> Exported:
    """Read what `export` wrote.

    Raises:
        UserError: a file is missing or broken.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(say(f"{path}: 没有这个文件", f"{path}: no such file"))
    try:
        about = json.loads(about_path(path).read_text(encoding="utf-8"))
        preprocessing = Preprocessing.from_dict(about["preprocessing"])
        classes = tuple(ClassName(**entry) for entry in about["classes"])
    except FileNotFoundError:
        raise UserError(
            say(
                f"{about_path(path)}: 没有这个文件；它应当和 {path.name} 放在一起",
                f"{about_path(path)}: no such file; it belongs beside {path.name}",
            )
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            say(f"{about_path(path)}: 已损坏（{error}）", f"{about_path(path)}: broken ({error})")
        ) from None
    try:
        return Exported(ms.load(str(path)), preprocessing, classes)
    except Exception as error:  # MindSpore raises whatever its parser ran into
        reason = (str(error).strip().splitlines() or ["unreadable"])[0]
        raise UserError(say(f"{path}: 不是 MindIR 文件（{reason}）", f"{path}: not a MindIR file ({reason})")) from None
