"""`python -m course site --out DIR`: the lessons, pages, explorer and reference as a static site.

Sphinx builds each language from a folder laid out like the repository, so that every link of the sources holds as it is.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from course.document.bilingual import in_language
from course.document.lesson import read_lesson
from course.editions.notebook import notebook_path
from course.explorer.build import Shown, shipped, write_page
from course.language import LANGUAGES
from course.learner.assets import PUBLISHED, published_file
from course.manifest import lessons, singles
from course.site.npm import take
from vit.onnx_file import graph_of
from vit.runtime.atomic import atomic_folder
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.runtime.paths import ROOT
from vit.weights import create_model

HERE = Path(__file__).parent
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
PAGES = ("teach", "after_vit", "pytorch_and_mindspore", "beside_the_tutorial", "glossary", "troubleshooting", "rubric")
API = (  # what a reader of the package looks for, by room
    ("vit", ("model", "patch_embedding", "attention", "encoder", "head", "config", "inside")),
    ("vit.data", ("images", "pipeline", "training_set", "check", "split", "doubles")),
    ("vit.training", ("fit", "run", "step", "recipe")),
    ("vit", ("inference", "evaluation", "export", "onnx_file", "attention_maps")),
    ("vit.weights", ("create", "conversion", "files")),
)
WORDS = {  # what the site says itself: zh, en
    "title": ("ViT 课程 · MindSpore", "A ViT course on MindSpore"),
    "lessons": ("课程", "Lessons"),
    "pages": ("参考", "Pages"),
    "camp": ("组织打卡营", "Run a camp with it"),
    "checkin": ("打卡的格式", "Check-ins"),
    "api": ("程序接口", "Reference of vit"),
    "answer": ("答案（先自己写）", "The answer (write your own first)"),
    "other": ("English", "中文"),
}


def words(name: str, language: str) -> str:
    return WORDS[name][LANGUAGES.index(language)]


def site(out: Path, tiny: bool = False) -> dict:
    """Build it.

    Args:
        out: a folder that is not there yet, or one that an earlier build made.
        tiny: ViT-Ti in the explorer, too, 37 MB more for each language: its published weights must be on this machine,
            and npm fetches onnxruntime-web. Without it no network is asked.

    Returns:
        {"pages": how many, "bytes": of all files}.

    Raises:
        UserError: the packages for it are missing, or `out` is something else's.
        RunFailed: Sphinx could not build it.
    """
    try:
        import sphinx.application  # noqa: F401
    except ImportError:
        raise UserError(
            say("还缺 Sphinx：pip install -e .[site]", "Sphinx is missing: pip install -e .[site]")
        ) from None
    out = Path(out).resolve()
    if out.exists() and not (out / ".vit-site").is_file() and any(out.iterdir()):
        raise UserError(
            say(f"{out}: 里面有别的东西；换一个文件夹", f"{out}: holds something else; choose another folder")
        )
    fresh = out.with_name(f"{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch, atomic_folder(fresh) as staged:
        for language in LANGUAGES:
            source, made = Path(scratch) / "source" / language, Path(scratch) / "made" / language
            _lay_out(source, language)
            _sphinx(source, made, Path(scratch) / "doctrees" / language, language)
            shutil.move(made, staged / language)
            os.environ["VIT_LANG"] = language  # of the page
            write_page(staged / language / "explorer.html", _with_tiny(staged / language) if tiny else None)
        for page in staged.rglob("*webpack-macros.html"):  # a template that the theme leaves behind
            page.unlink()
        shutil.copyfile(HERE / "index.html", staged / "index.html")
        (staged / ".nojekyll").write_text("")  # a host that hides folders with an underscore
        (staged / ".vit-site").write_text("")
    shutil.rmtree(out, ignore_errors=True)
    fresh.rename(out)
    files = [path for path in out.rglob("*") if path.is_file()]
    return {"pages": sum(path.suffix == ".html" for path in files), "bytes": sum(path.stat().st_size for path in files)}


# --- the sources of one language ------------------------------------------------------------------


def _lay_out(folder: Path, language: str) -> None:
    folder.mkdir(parents=True)
    for lesson in (*lessons(), *singles()):
        made = read_lesson(lesson.number)
        notebook = nbformat.read(notebook_path(made, language), 4)
        notebook.cells = list(_with_answers(notebook.cells, made, language))
        _write(folder / "notebooks" / language / f"{made.folder.name}.ipynb", nbformat.writes(notebook))
        _copy(folder, f"course/lessons/{made.folder.name}/figures")
    _copy(folder, "course/figures")
    pages = [f"course/pages/{page}.{language}" for page in PAGES] + camp_pages(language)
    for page in (f"{page}.md" for page in pages):
        _write(folder / page, _linked((ROOT / page).read_text(encoding="utf-8"), page, language))
    for package, modules in API:
        for module in modules:
            name = f"{package}.{module}"
            heading = f"{name}\n{'=' * len(name)}\n\n"
            _write(
                folder / "api" / f"{name}.rst",
                f"{heading}.. automodule:: {name}\n   :members:\n   :member-order: bysource\n",
            )
    _write(folder / "index.md", _front(language))
    _write(folder / "terms.txt", "\n".join(f"{term} 1000 n" for term in chinese_terms()))


def camp_pages(language: str) -> list[str]:
    """For organisers."""
    checkin = "course/CHECKIN" if language == "en" else "course/CHECKIN.zh"
    return [f"course/camp/GUIDE.{language}", checkin, "course/camp/WHAT_A_LINE_PROVES"]


def _copy(folder: Path, path: str) -> None:
    source, target = ROOT / path, folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.is_file():
        shutil.copyfile(source, target)


def _linked(text: str, page: str, language: str) -> str:
    """A page whose link to its other language leads to that language's site."""
    other = next(one for one in LANGUAGES if one != language)
    up = "../" * (page.count("/") + 1)
    home = Path(page).parent.as_posix()
    return re.sub(rf"\[([^\]]+)\]\((CHECKIN|\w+\.{other})\.md\)", rf'<a href="{up}{other}/{home}/\2.html">\1</a>', text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _with_answers(cells: list, lesson, language: str) -> Iterator:
    """A lesson's cells, and behind each exercise its answer, folded."""
    for cell in cells:
        number = cell.metadata.get("exercise") if cell.cell_type == "code" else None
        yield cell
        if number:
            code = in_language(lesson.exercises[number].solution, language).strip()
            text = f"<details class='answer'><summary>{words('answer', language)}</summary>\n\n```python\n{code}\n```\n\n</details>"
            yield nbformat.v4.new_markdown_cell(text, id=f"answer-{number.replace('.', '-')}")


def chinese_terms() -> list[str]:
    """The glossary's Chinese terms, for the search: jieba knows none of them."""
    text = (ROOT / "course" / "pages" / "glossary.zh.md").read_text(encoding="utf-8")
    first = (line.split("|")[1] for line in text.splitlines() if line.startswith("|"))
    found = re.findall(r"[\u3400-\u9fff]{2,}", " ".join(first))
    return sorted({*found, "注意力头", "编码器层", "自注意力", "图像块嵌入", "位置嵌入", "感受野", "归纳偏置"})


def _front(language: str) -> str:
    """The first page, its tables of contents behind it."""
    tree = [(words("lessons", language), [f"notebooks/{language}/{one.folder}" for one in (*lessons(), *singles())])]
    tree += [(words("pages", language), [f"course/pages/{page}.{language}" for page in PAGES])]
    tree += [(words("camp", language), camp_pages(language))]
    tree += [(words("api", language), [f"api/{package}.{module}" for package, modules in API for module in modules])]
    blocks = "\n".join(
        "```{toctree}\n:caption: " + caption + "\n:hidden:\n:maxdepth: 1\n\n" + "\n".join(pages) + "\n```\n"
        for caption, pages in tree
    )
    return (HERE / f"front.{language}.md").read_text(encoding="utf-8") + "\n" + blocks


def _with_tiny(folder: Path) -> list[Shown]:
    """What the explorer shows by itself, and ViT-Ti, whose file and whose runtime are put beside the page."""
    file = published_file()
    if file is None:
        raise UserError(
            say(
                f"本机没有 ViT-Ti 的权重：先 vit weights get {PUBLISHED}",
                f"ViT-Ti's weights are not on this machine: vit weights get {PUBLISHED}",
            )
        )
    take("onnxruntime-web", [f"dist/{name}" for name in RUNTIME], folder / "ort")
    model = create_model(PUBLISHED, weights=file)
    (folder / "vit_tiny.onnx").write_bytes(graph_of(model, inside=True, changes=True).SerializeToString())
    large = Shown(model, ("ViT-Ti，认得一千类照片", "ViT-Ti, a thousand classes of photographs"), onnx="vit_tiny.onnx")
    return [large, *shipped()]


# --- Sphinx ---------------------------------------------------------------------------------------


def _sphinx(source: Path, out: Path, doctrees: Path, language: str) -> None:
    """In a process of its own; a warning is an error, since it is a link or a formula that will not show."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-j", "auto"]
    command += ["-c", str(HERE), "-d", str(doctrees), str(source), str(out)]
    done = subprocess.run(
        command, env=os.environ | {"VIT_LANG": language}, capture_output=True, encoding="utf-8", errors="replace"
    )
    if done.returncode:
        raise RunFailed(say(f"Sphinx 没有建成：\n{done.stderr}", f"Sphinx did not succeed:\n{done.stderr}"))


def other_page(page: str, language: str) -> dict:
    """The same page in the other language, as its template needs it."""
    other = next(one for one in LANGUAGES if one != language)
    there = re.sub(rf"\.{language}$", f".{other}", page.replace(f"notebooks/{language}/", f"notebooks/{other}/"))
    there = {"course/CHECKIN": "course/CHECKIN.zh", "course/CHECKIN.en": "course/CHECKIN"}.get(there, there)
    up = "../" * (page.count("/") + 1)
    return {"other_language": words("other", language), "other_page": f"{up}{other}/{there}.html"}
