"""The explorer as one HTML page: modules, style, weights and pictures inside, since a page from a folder can load nothing."""

import base64
import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import mindspore as ms
import numpy as np
from PIL import Image

from course.language import language
from vit.data.sample.dataset import picture
from vit.data.sample.shapes import THINGS
from vit.inference import class_names
from vit.model import ViT
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights import conversion, create_model

PAGE = Path(__file__).parent / "page"
# in the order in which they need each other
MODULES = ("vit", "picture", "weights", "elsewhere", "onnx", "state", "draw", "words", "main")
SMALL = "vit_sample_patch8_64"
Pictures = list[tuple[tuple[str, str], Image.Image]]  # ((Chinese, English), picture)


@dataclass(frozen=True)
class Shown:
    """A model in the page."""

    model: ViT  # with preprocessing
    name: tuple[str, str]  # Chinese, English
    epoch: int | None = None  # of a training, for the slider
    half: bool = False  # weights of 16 bits: half the size, answers a thousandth off
    onnx: str | None = None  # its file (`graph_of(model, inside=True, changes=True)`), served beside the page


def shipped() -> list[Shown]:
    """At random, and the course's small network."""
    ms.set_seed(0)
    random = create_model(SMALL, num_classes=10)
    trained = create_model(SMALL, weights=SMALL)
    random.classes, random.preprocessing = trained.classes, trained.preprocessing
    return [
        Shown(random, ("随机，没有训练", "at random, not trained"), half=True),
        Shown(trained, ("课程训练好的", "trained, from the course")),
    ]


def write_page(path, models: list[Shown] | None = None, pictures: Pictures | None = None) -> Path:
    """One HTML file that opens from a folder and asks no network.

    Args:
        models: to choose from, the last one is shown first; default: `shipped`.
        pictures: default: drawings that the network has not seen.

    Raises:
        UserError: a model that the page cannot compute.
    """
    path = Path(path)
    with atomic_path(path) as staged:
        staged.write_text(page_of(models or shipped(), pictures), encoding="utf-8")
    return path


def page_of(
    models: list[Shown],
    pictures: Pictures | None = None,
    kernel: bool = False,
    lesson: str | None = None,
    state: dict | None = None,
) -> str:
    """The page's text.

    Args:
        kernel: the page stands in a notebook, whose kernel computes what the page cannot.
        lesson: begin at its step of the tour.
        state: what is shown first, as state.js has it.
    """
    data = {
        "lang": language(),
        "models": [_model(one, kernel) for one in models],
        "pictures": [{"name": list(name), "uri": _uri(image)} for name, image in pictures or drawings()],
    }
    data["lesson"], data["state"] = lesson, "#" + quote(json.dumps(state or {}))
    script, style = bundle(), (PAGE / "style.css").read_text(encoding="utf-8")
    told = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")  # nothing in it can end the element
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    # `style` attributes of widths and colours are set by the script; that needs 'unsafe-inline' for styles alone
    served = any(one.onnx for one in models)  # onnxruntime-web and its files come from where the page comes from
    scripts = f"'{_hash(script)}'" + (
        " 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self' blob:" if served else ""
    )
    policy = f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    for name, text in {"CSP": policy, "STYLE": style, "DATA": told, "SCRIPT": script}.items():
        page = page.replace(f"%{name}%", text, 1)
    return page


def bundle() -> str:
    """The modules in one: each but for its imports and the word `export`."""
    parts = []
    for name in MODULES:
        text = (PAGE / f"{name}.js").read_text(encoding="utf-8")
        text = re.sub(r"^import .*?;\n", "", text, flags=re.MULTILINE)
        parts.append(f"// {name}.js\n" + re.sub(r"^export ", "", text, flags=re.MULTILINE))
    return "\n" + "\n".join(parts)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def small(model: ViT) -> bool:
    """Whether the page can compute it."""
    return model.config.embed_dim <= 256 and model.config.num_patches <= 100 and type(model) is ViT


def _model(shown: Shown, kernel: bool) -> dict:
    model, config = shown.model, shown.model.config
    if model.preprocessing is None or model.preprocessing.interpolation != "bicubic":
        raise UserError(say("这一页要知道图片怎样送进网络", "the page needs to know how pictures go into the network"))
    if not (small(model) or kernel or shown.onnx):
        raise UserError(say("这一页只能算小的 ViT", "the page computes small ViTs only"))
    told = {
        "name": list(shown.name),
        **({} if shown.epoch is None else {"epoch": shown.epoch}),
        "config": asdict(config),
        "preprocessing": asdict(model.preprocessing),
        "classes": [[known.name_zh or str(known), str(known)] for known in class_names(model)],
    }
    if shown.onnx or not small(model):
        beside = {"onnx": shown.onnx} if shown.onnx else {}
        return told | beside | {"positions": base64.b64encode(model.pos_embed.asnumpy().tobytes()).decode()}
    kind = np.float16 if shown.half else np.float32
    arrays = {conversion.from_mindspore(n): p.asnumpy() for n, p in model.parameters_and_names()}
    return told | {
        "shapes": [[name, int(values.size)] for name, values in arrays.items()],
        "half": shown.half,
        "data": base64.b64encode(b"".join(values.astype(kind).tobytes() for values in arrays.values())).decode(),
    }


def drawings() -> Pictures:
    """One of each class, from the split that nothing is trained on."""
    known = create_model(SMALL, weights=SMALL).classes
    return [
        ((known[thing].name_zh or str(known[thing]), str(known[thing])), picture("infer", thing, 40)[0])
        for thing in range(len(THINGS))
    ]


def _uri(image: Image.Image) -> str:
    """PNG: every browser sees the same pixels as Pillow."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
