"""Running notebooks from the top, each in a fresh kernel, as a learner's Run All does."""

import base64
import os
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course.document.lesson import Lesson
from course.editions.bound import fill
from course.editions.notebook import make_notebook, notebook_path, save
from course.editions.solved import make_solved
from vit.runtime.atomic import atomic_path
from vit.runtime.bars import bar
from vit.runtime.errors import RunFailed
from vit.runtime.language import say
from vit.runtime.paths import OUTPUTS, ROOT, shown


@dataclass
class Run:
    lesson: str
    language: str
    seconds: float
    peak_bytes: int
    signature: str


AUTHORS = OUTPUTS / "authors"  # where lesson 08 finds what lesson 07 trained, apart from any learner's


def execute(lesson: Lesson, language: str, keep: bool, learner: Path = AUTHORS, solved: bool = False) -> Run:
    """Run one notebook in its own folder, as somebody who has answered nothing and given no name.

    Args:
        lesson: what to run.
        language: "zh" or "en".
        keep: write it with its outputs to notebooks/; else to outputs/notebooks/.
        learner: that somebody's folder; what a lesson trains stays there for the next.
        solved: as somebody who has answered everything; it goes to outputs/solved/.

    Raises:
        RunFailed: a cell raised, or an output holds what a learner must never see.
    """
    notebook = (make_solved if solved else make_notebook)(lesson, language)
    path = notebook_path(lesson, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    marker = "from vit.runtime.memory import peak_memory as _p; print('PEAK', _p())"
    client = NotebookClient(
        notebook,
        timeout=900,
        store_widget_state=False,  # a page of the explorer is megabytes
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # no word about its transport
    )
    meter = bar(total=len(notebook.cells), desc=f"{lesson.folder.name} {language}", leave=False)
    start = time.time()
    peak = 0
    for trained in learner.glob("my_vit/*.safetensors"):  # a training is from the top, too, and goes on from no other
        trained.unlink()
    shutil.rmtree(learner / "projects", ignore_errors=True)
    own = {"VIT_LEARNER": str(learner), "VIT_LANG": language}
    try:
        with client.setup_kernel(env=os.environ | own):
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
                meter.update()
            seconds = time.time() - start
            peak = _peak(client, marker)
    except CellExecutionError as error:
        where, what = f"{lesson.folder.name} ({language})", f"{error.ename}: {error.evalue}"
        raise RunFailed(say(f"{where}，第 {index} 格：{what}", f"{where}, cell {index}: {what}")) from None
    finally:
        meter.close()
    for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
        cell.execution_count = number
        cell.metadata.pop("execution", None)
        cell.outputs = _tidy(cell.outputs)
    unwanted(notebook, lesson)
    if keep and (path_of_ours := machine_path(notebook)):
        where = f"{lesson.folder.name} ({language})"
        raise RunFailed(
            say(
                f"{where}：输出里有这台机器的路径 {path_of_ours}；data/ 是不是链接到了别处？",
                f"{where}: an output holds a path of this machine, {path_of_ours}; is data/ a link to elsewhere?",
            )
        )
    gone = fill(notebook, lesson.folder.name, language)
    save(notebook, path if keep else _beside(solved) / language / path.name)
    if keep:
        _figures(notebook, lesson, language)
        if gone:  # the outputs are kept all the same
            raise RunFailed("; ".join(gone))
    return Run(lesson.number, language, seconds, peak, _signature(notebook))


def _beside(solved: bool) -> Path:
    return OUTPUTS / ("solved" if solved else "notebooks")


def run_lessons(lessons: list[Lesson], language: str, solved: bool = False) -> int:
    """Run lessons one after the other; one that fails is named, the others go on.

    Returns:
        The exit code: 0 all ran, 1 some failed.
    """
    failed = []
    with tempfile.TemporaryDirectory(prefix="learner-", ignore_cleanup_errors=True) as nobody:
        for lesson in lessons:
            name = f"{lesson.folder.name:20}"
            try:
                done = execute(lesson, language, keep=False, learner=Path(nobody), solved=solved)
                print(f"{name}{done.seconds:5.0f} s  {done.signature}", flush=True)
            except RunFailed as error:
                failed.append(str(error))
                print(say(f"{name} 出错    {error}", f"{name} FAILED  {error}"), flush=True)
    good, many, folder = len(lessons) - len(failed), len(lessons), shown(_beside(solved))
    print(
        say(
            f"{many} 课中有 {good} 课从头运行完毕；带输出的笔记本在 {folder}",
            f"{good} of {many} ran from the top; with outputs: {folder}",
        )
    )
    for reason in failed:
        print(say(f"出错：{reason}", f"failed: {reason}"), file=sys.stderr)
    return int(bool(failed))


def _peak(client, code: str) -> int:
    """Bytes: the most the kernel ever held; 0 where it did not answer."""
    client.nb.cells.append(nbformat.v4.new_code_cell(code))
    try:
        client.execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1, store_history=False)
    finally:
        probe = client.nb.cells.pop()
    # a line may arrive in pieces, and after what another thread of the kernel still had to say
    said = re.search(r"PEAK (\d+)\n", "".join(output.get("text", "") for output in probe.outputs))
    return int(said[1]) if said else 0


def _tidy(outputs) -> list:
    """Text of the same stream in one piece, and of a progress bar only its last state, if it has one."""
    joined = []
    for output in outputs:
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
            continue  # a bar that lived in the browser
        if joined and output.output_type == "stream" == joined[-1].output_type and output.name == joined[-1].name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    for index, output in enumerate(joined):
        if output.output_type == "stream":
            output.text = "\n".join(line.rsplit("\r", 1)[-1] for line in output.text.split("\n"))
        if "execution_count" in output:
            output.execution_count = None
        joined[index] = output
    return joined


def unwanted(notebook, lesson: Lesson) -> None:
    """Raise where an output holds a warning, a log of the framework or a path of this machine."""
    text = nbformat.writes(nbformat.from_dict({**notebook, "metadata": {}}))
    outputs = "\n".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    for pattern in (r"Warning", r"\[ERROR\]", r"\[WARNING\]", r"Traceback", re.escape(str(ROOT))):
        if match := re.search(pattern, outputs):
            around = outputs[max(0, match.start() - 200) : match.end() + 200]
            name, what = lesson.folder.name, match.group()
            raise RunFailed(
                say(f"{name}: 输出里有 {what!r}：...{around}...", f"{name}: an output holds {what!r}: ...{around}...")
            )
    if len(text.encode()) > 600_000:
        name, size = lesson.folder.name, len(text.encode()) / 1000
        raise RunFailed(say(f"{name}: {size:.0f} KB，超过 600", f"{name}: {size:.0f} KB, more than 600"))


def machine_path(notebook) -> str:
    """An absolute path in what is printed; "" where there is none. A learner may see where their files lie: what is
    stored may not."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            said = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
            if found := re.search(r"(?<![\w./:~-])(?:/[\w.-]+){3,}|\b[A-Z]:\\\w+", said):
                return found[0]
    return ""


def _figures(notebook, lesson: Lesson, language: str) -> None:
    """Keep the picture of a cell marked figure="NAME" beside the lesson, for its opening."""
    for cell in notebook.cells:
        if "figure" in cell.metadata:
            png = next(out.data["image/png"] for out in cell.outputs if "data" in out and "image/png" in out.data)
            with atomic_path(lesson.folder / "figures" / f"{cell.metadata['figure']}.{language}.png") as staged:
                staged.write_bytes(base64.b64decode(png))


def _signature(notebook) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "code" and "signature(" in cell.source:
            said = [out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stdout"]
            lines = "".join(said).strip().splitlines()
            return lines[-1] if lines else ""
    return ""
