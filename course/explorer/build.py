"""The explorer as one HTML file: modules, style, weights and pictures inside, since a page from a folder can load nothing."""

import base64
import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

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
MODULES = ("vit", "picture", "weights", "state", "draw", "words", "main")  # in the order in which they need each other
SMALL = "vit_sample_patch8_64"


@dataclass(frozen=True)
class Shown:
    """A model in the page."""

    model: ViT  # with preprocessing
    name: tuple[str, str]  # Chinese, English
    epoch: int | None = None  # of a training, for the slider
    half: bool = False  # weights of 16 bits: half the size, answers a thousandth off


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


def write_page(
    path, models: list[Shown] | None = None, pictures: list[tuple[tuple[str, str], Image.Image]] | None = None
) -> Path:
    """One HTML file that opens from a folder and asks no network.

    Args:
        models: to choose from, the last one is shown first; default: `shipped`.
        pictures: ((Chinese, English), picture); default: drawings that the network has not seen.

    Raises:
        UserError: a model that the page cannot compute.
    """
    path = Path(path)
    data = {
        "lang": language(),
        "models": [_model(one) for one in models or shipped()],
        "pictures": [{"name": list(name), "uri": _uri(image)} for name, image in pictures or _drawings()],
    }
    script, style = bundle(), (PAGE / "style.css").read_text(encoding="utf-8")
    told = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")  # nothing in it can end the element
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    # `style` attributes of widths and colours are set by the script; that needs 'unsafe-inline' for styles alone
    policy = f"default-src 'none'; script-src '{_hash(script)}'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    for name, text in {"CSP": policy, "STYLE": style, "DATA": told, "SCRIPT": script}.items():
        page = page.replace(f"%{name}%", text, 1)
    with atomic_path(path) as staged:
        staged.write_text(page, encoding="utf-8")
    return path


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


def _model(shown: Shown) -> dict:
    model, config = shown.model, shown.model.config
    if model.preprocessing is None or model.preprocessing.interpolation != "bicubic" or config.embed_dim > 256:
        raise UserError(say("这一页只能算小的 ViT", "the page computes small ViTs only"))
    kind = np.float16 if shown.half else np.float32
    arrays = {conversion.from_mindspore(n): p.asnumpy() for n, p in model.parameters_and_names()}
    return {
        "name": list(shown.name),
        **({} if shown.epoch is None else {"epoch": shown.epoch}),
        "config": asdict(config),
        "preprocessing": asdict(model.preprocessing),
        "classes": [[known.name_zh or str(known), str(known)] for known in class_names(model)],
        "shapes": [[name, int(values.size)] for name, values in arrays.items()],
        "half": shown.half,
        "data": base64.b64encode(b"".join(values.astype(kind).tobytes() for values in arrays.values())).decode(),
    }


def _drawings() -> list[tuple[tuple[str, str], Image.Image]]:
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
