"""The learner's own copies of the notebooks, which Git does not see: an answer never stands in the way of a pull.

OUTPUTS/lab/zh/04_attention.ipynb     the copy that JupyterLab opens
OUTPUTS/lab/originals.json            which original each copy was made from
OUTPUTS/course/lessons/.../figures/   the pictures that they show
"""

import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

from course.language import say
from course.learner.home import LAB
from course.learner.moved import brought_up_to_date
from course.manifest import lessons, singles
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.paths import OUTPUTS, ROOT, shown

NOTEBOOKS = ROOT / "notebooks"


def prepare(language: str, fresh: list[str] = ()) -> Path:
    """Copy the notebooks of a language; what the learner has touched stays as it is.

    Args:
        language: "zh" or "en".
        fresh: numbers of lessons to set back; the copy so far is kept beside, with its time in its name.

    Returns:
        The copy of the first lesson.

    Raises:
        UserError: there are no notebooks, or there is no such lesson, or the folder cannot be written.
    """
    originals = sorted((NOTEBOOKS / language).glob("[0-9][0-9]_*.ipynb"))
    if not originals:
        raise UserError(
            say(
                "笔记本在课程的仓库里，不在安装包里：克隆仓库，再运行 python start.py lab",
                "the notebooks are in the course's repository, not in its wheel: clone it, then run python start.py lab",
            )
        )
    numbers = [path.name[:2] for path in originals]
    if strange := sorted(set(fresh) - set(numbers)):
        raise UserError(
            say(
                f"没有第 {'、'.join(strange)} 课；有 {'、'.join(numbers)}",
                f"there is no lesson {', '.join(strange)}; there are {', '.join(numbers)}",
            )
        )
    known = _read(LAB / "originals.json")
    try:
        for original in originals:
            copy = LAB / language / original.name
            _copy(original, copy, known, original.name[:2] in fresh)
        with atomic_path(LAB / "originals.json") as staged:
            staged.write_text(json.dumps(known, indent=1), encoding="utf-8")
        for figures in [ROOT / "course" / "figures", *(entry.path / "figures" for entry in (*lessons(), *singles()))]:
            for figure in sorted(figures.glob("*")):
                _copy_figure(figure, OUTPUTS / figure.relative_to(ROOT))
    except OSError as error:
        raise UserError(
            say(
                f"{LAB}: 写不了（{error.strerror}）；用 VIT_OUTPUTS 指定一个自己的文件夹",
                f"{LAB}: cannot be written ({error.strerror}); name a folder of your own with VIT_OUTPUTS",
            )
        ) from None
    return LAB / language / originals[0].name


def _copy(original: Path, copy: Path, known: dict, fresh: bool) -> None:
    name, now = f"{copy.parent.name}/{copy.name}", _digest(original)
    if copy.is_file() and not fresh:
        touched = _digest(copy) != known.get(name)
        if touched and brought_up_to_date(copy):
            print(
                say(
                    f"{copy.name}：课程有几个模块换了地方，你副本里的 import 已经跟着改好，别的没有动",
                    f"{copy.name}: modules of the course have moved; the imports in your copy follow, the rest is as it was",
                ),
                file=sys.stderr,
            )
        if touched and known.get(name) != now:
            print(
                say(
                    f"{copy.name} 有新版本；你的副本保持不变。要换成新的：python start.py lab --fresh {copy.name[:2]}",
                    f"{copy.name} has a newer version; yours stays. To take it: python start.py lab --fresh {copy.name[:2]}",
                ),
                file=sys.stderr,
            )
        if touched or known.get(name) == now:
            return
    elif copy.is_file() and _digest(copy) != now:
        kept = copy.with_name(f"{copy.stem}.{time.strftime('%Y%m%d-%H%M%S')}.ipynb")
        os.replace(copy, kept)
        print(say(f"你之前的副本保留为 {shown(kept)}", f"your copy so far is kept as {shown(kept)}"), file=sys.stderr)
    with atomic_path(copy) as staged:
        shutil.copyfile(original, staged)
    known[name] = now


def _copy_figure(figure: Path, copy: Path) -> None:
    """Its bytes, not its rights: a course that is shared may only be read, and a copy is written again."""
    if not copy.is_file() or _digest(copy) != _digest(figure):
        copy.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(copy) as staged:
            shutil.copyfile(figure, staged)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _read(path: Path) -> dict:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def lab_command(notebook: Path, language: str) -> list[str]:
    """The command that opens JupyterLab at a notebook: no news pop-up, its menus in the notebook's language."""
    settings = LAB / ".settings"
    overrides = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    if language == "zh":
        overrides["@jupyterlab/translation-extension:plugin"] = {"locale": "zh_CN"}
    with atomic_path(settings / "overrides.json") as staged:
        staged.write_text(json.dumps(overrides), encoding="utf-8")
    root = ROOT if OUTPUTS.is_relative_to(ROOT) else OUTPUTS
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        str(notebook),
        f"--ServerApp.root_dir={root}",
        f"--LabApp.app_settings_dir={settings}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
