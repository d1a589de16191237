"""`explore(model)`: the explorer in a notebook. The page computes small networks itself; others the kernel computes."""

import base64
import html
import io
import itertools

import anywidget
import numpy as np
import traitlets
from IPython.display import HTML, display
from matplotlib.figure import Figure
from PIL import Image

from course.explorer.build import PAGE, Shown, drawings, page_of
from course.explorer.explore import learners_models
from course.language import say, spoken
from vit.data.images import read_image
from vit.inference import class_names
from vit.inside import inspect
from vit.model import ViT
from vit.runtime.errors import UserError

_numbers = itertools.count(1)


def explore(model: ViT | None = None, *pictures, lesson: str | None = None, **state) -> None:
    """Show a network from inside: touch a patch, hide some, switch heads off, and watch the answer.

    Args:
        model: with `preprocessing`, of any size, of your own parts or the package's; default: what `python start.py
            explore` shows, your own last.
        pictures: files or (H, W, 3) uint8; default: drawings.
        lesson: begin at that lesson's step of the tour, "04".
        state: what the page shows first: token=28, tab="numbers", hide=[3, 4] (page/state.js has all of it).

    Raises:
        UserError: a picture cannot be read, or the model has no preprocessing.
    """
    models = learners_models() if model is None else [Shown(model, ("这个网络", "this network"))]
    shown = [_picture(one, number) for number, one in enumerate(pictures, 1)] or drawings()
    page = page_of(models, shown, kernel=True, lesson=lesson, state=state)
    still = f"explorer-{next(_numbers)}"
    front = models[-1].model
    summary = say(
        "一张静态图（内核在时，下面是活的；平时用 python start.py explore 打开整页）",
        "a still picture (with a kernel, what stands below is alive; at any time, python start.py explore opens the whole page)",
    )
    picture = still_picture(front, shown[0])
    display(HTML(f'<details open data-explorer="{still}"><summary>{summary}</summary>{picture}</details>'))
    display(Explorer([one.model for one in models], page, still))


class Explorer(anywidget.AnyWidget):
    """The page in an iframe; what it cannot compute it asks for, and `inspect` answers."""

    _esm = PAGE / "widget.js"
    page = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)  # which picture need not be seen while the page is
    height = traitlets.Unicode("760px").tag(sync=True)

    def __init__(self, models: list[ViT], page: str, still: str):
        super().__init__(page=page, still=still, title=say("看看 ViT 内部", "See inside a ViT"))
        self.models = models
        self.on_msg(lambda _, content, buffers: self.send(*self.answer(content, buffers)))

    def answer(self, question: dict, buffers: list) -> tuple[dict, list[bytes]]:
        """Of one question: tokens (L + 1, T, D), attention (L, h, T, T), by_block (L + 1, K), logits (K,) as float32."""
        asked = question["changes"]
        try:
            model = self.models[question["model"]]
            size = model.config.image_size
            seen = inspect(
                model,
                np.frombuffer(buffers[0], np.float32).reshape(-1, size, size),
                positions=asked["positions"],
                heads_off=[tuple(one) for one in asked["headsOff"]],
                layers_off=asked["layersOff"],
                temperature=asked["temperature"],
            )
        except UserError as error:
            return {"answer": question["question"], "error": str(error)}, []
        arrays = (seen.tokens, seen.attention, seen.by_block, seen.logits)
        return {"answer": question["question"]}, [np.ascontiguousarray(one, np.float32).tobytes() for one in arrays]


def _picture(given, number: int) -> tuple[tuple[str, str], Image.Image]:
    pixels = given if isinstance(given, np.ndarray) else read_image(given)
    return (f"第 {number} 张", f"picture {number}"), Image.fromarray(np.asarray(pixels))


def still_picture(model: ViT, shown: tuple[tuple[str, str], Image.Image]) -> str:
    """What is left where nothing answers, in a stored notebook or on paper: an <img>, with what it shows in words."""
    name, seen = shown[0], inspect(model, np.asarray(shown[1]))
    figure = Figure(figsize=(8, 2.6), layout="constrained", dpi=80)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.5))
    mean, std = (np.array(part).reshape(3, 1, 1) for part in (model.preprocessing.mean, model.preprocessing.std))
    pixels = (seen.image * std + mean).clip(0, 1).transpose(1, 2, 0)  # (S, S, 3)
    left.imshow(pixels)
    rows = seen.attention[-1].mean(0)  # (T, T), the last block's heads together
    row = rows[1:].mean(0) if model.config.pool == "mean" else rows[0]  # from what the head reads
    middle.imshow(pixels, extent=(0, seen.grid[1], seen.grid[0], 0))
    middle.imshow(row[1:].reshape(seen.grid), extent=(0, seen.grid[1], seen.grid[0], 0), alpha=0.65)
    left.set_title(say("图片", "the picture"), fontsize=9)
    middle.set_title(say("最后一层的注意力", "attention of the last block"), fontsize=9)
    for axes in (left, middle):
        axes.axis("off")
    shares, names = seen.probabilities, class_names(model)
    best = np.argsort(shares)[::-1][:5]
    right.barh([names[k].called[:16] for k in best][::-1], shares[best][::-1], color="#0072B2")
    right.set_xlim(0, 1)
    right.tick_params(labelsize=8)
    for side in ("top", "right"):
        right.spines[side].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    small = io.BytesIO()
    Image.open(buffer).convert("RGB").quantize(64).save(small, "PNG", optimize=True)
    said = say("，", ", ").join(f"{names[k].called} {shares[k]:.0%}" for k in best[:3])
    alt = say(
        f"{spoken(name)}，最后一层的注意力画在它上面；网络的回答：{said}",
        f"{spoken(name)}, with the attention of the last block over it; the network says {said}",
    )
    image = base64.b64encode(small.getvalue()).decode()
    return f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{image}">'
