"""The check-in at the end of a lesson: a receipt, a card to post, and a text to paste."""

import hashlib
import html
import importlib.util
import json
import platform
import sys
import time
import unicodedata
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

import vit
from course.language import language, say
from course.learner.card import draw_card
from course.learner.check import judge, session
from course.lesson import Lesson, read_lesson
from vit.runtime.atomic import atomic_path
from vit.runtime.crowd import give_way
from vit.runtime.errors import UserError
from vit.runtime.paths import OUTPUTS, shown

SCHEMA = 1  # of the receipt; see course/CHECKIN.md
FOLDER = OUTPUTS / "checkin"


def begin(number: str) -> None:
    """The first cell of a lesson: remembers when it started and says where it runs."""
    import matplotlib
    import mindspore as ms
    from IPython import get_ipython

    lesson = read_lesson(number)
    session.restart(number)
    give_way()
    ms.set_seed(0)
    np.random.seed(0)
    if (shell := get_ipython()) is not None:
        shell.run_line_magic("matplotlib", "inline")  # figures made without pyplot show as well
    matplotlib.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
    print(f"{lesson.title(language())} · MindSpore {ms.__version__} · {ms.get_context('device_target')}")


def signature(text: str) -> None:
    """Print the one result that this lesson is about, and keep it for the check-in."""
    session.signature = text
    print(text)


def question(lesson: Lesson, nickname: str) -> tuple[str, float]:
    """The lesson's question for this nickname, in the notebook's language, and its right answer."""
    spec = importlib.util.spec_from_file_location(f"question_{lesson.number}", lesson.folder / "question.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    seed = int.from_bytes(hashlib.sha256(nickname.strip().lower().encode()).digest()[:4], "big")
    zh, en, answer = module.question(np.random.default_rng(seed))
    return say(zh, en), float(answer)


def checkin(nickname: str, answer=None, note: str | None = None) -> None:
    """Check the lesson's exercises again, and write a receipt, a card and a post to outputs/checkin/.

    It records: nickname, time, lesson, results and mistakes, the answer and the note, versions and
    device, run time. It sends nothing. What cannot be used is said in a line, and nothing is written.

    Args:
        nickname: up to 40 characters; the question depends on it.
        answer: to the question that a first call without it shows, a number.
        note: what you want to say to your camp, up to 500 characters.
    """
    try:
        receipt, stem = write(nickname, answer, note)
    except UserError as error:
        print(f"🔸 {error}")
        return
    _tell(receipt, stem)


def write(nickname: str, answer=None, note: str | None = None) -> tuple[dict, Path]:
    """Write the three files of a check-in.

    Returns:
        The receipt, and the files' common path without its ending.

    Raises:
        UserError: no lesson was begun; or nickname, answer or note cannot be used.
    """
    if not session.lesson:
        raise UserError(say("请先运行本课的第一个代码单元", "run the lesson's first code cell first"))
    if not isinstance(nickname, str) or not 1 <= len(nickname.strip()) <= 40:
        raise UserError(say("昵称要有 1 到 40 个字符", "a nickname has 1 to 40 characters"))
    nickname = nickname.strip()
    if not nickname.isprintable():
        raise UserError(say("昵称里不能有换行或控制字符", "a nickname has no line breaks or control characters"))
    if note is not None and (not isinstance(note, str) or len(note) > 500):
        raise UserError(say("留言是最多 500 字的文字", "a note is a text of at most 500 characters"))
    lesson = read_lesson(session.lesson)
    stem = FOLDER / f"{lesson.number}-{hashlib.sha256(nickname.encode()).hexdigest()[:8]}"
    asked, right = question(lesson, nickname)
    earlier = _earlier(stem.with_suffix(".json"), lesson, asked)
    answer = earlier.get("answer") if answer is None else _number(answer)
    note = earlier.get("note") if note is None else note
    receipt = _receipt(lesson, nickname, asked, answer, _close(answer, right), note)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with atomic_path(stem.with_suffix(".json")) as staged:
        staged.write_text(json.dumps(receipt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draw_card(receipt, lesson.title("en"), stem.with_suffix(".png"))
    with atomic_path(stem.with_suffix(".md")) as staged:
        staged.write_text(_post(receipt, lesson), encoding="utf-8")
    return receipt, stem


def _number(answer) -> float:
    try:
        number = float(unicodedata.normalize("NFKC", answer) if isinstance(answer, str) else answer)
        if abs(number) < 1e15:  # and so neither NaN nor infinite
            return number
    except (TypeError, ValueError):
        pass
    raise UserError(say(f"answer 要填一个数，而不是 {answer!r}", f"answer is a number, not {answer!r}"))


def _earlier(path: Path, lesson: Lesson, asked: str) -> dict:
    """Answer and note of this nickname's earlier check-in, so that running the cell again loses neither."""
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        same = receipt["schema"] == SCHEMA and receipt["question"]["text"] == asked
        return {"answer": receipt["question"]["answer"] if same else None, "note": receipt["note"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _close(answer: float | None, right: float) -> bool | None:
    """Whether the answer is right: a whole number exactly, else to 1 %; None: not given."""
    if answer is None:
        return None
    return abs(answer - right) <= (0 if right.is_integer() else 0.01 * abs(right))


def _results(lesson: Lesson) -> dict:
    """Each exercise judged afresh, from what the kernel holds now."""
    space, found = vars(sys.modules["__main__"]), {}
    for number, exercise in lesson.exercises.items():
        try:
            outcome = judge(number, eval(exercise.value, dict(space)))[0]
        except Exception as error:  # the learner's own code may raise anything
            outcome = f"error: {type(error).__name__}"
        found[number] = {
            "outcome": outcome,
            "mistakes": session.mistakes.get(number, []),
            "hints": session.hints.get(number, 0),
        }
    return found


def _receipt(lesson, nickname, asked, answer, right, note) -> dict:
    import mindspore as ms

    return {
        "schema": SCHEMA,
        "nickname": nickname,
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "lesson": lesson.number,
        "lesson_hash": lesson.hash,
        "language": language(),
        "exercises": _results(lesson),
        "question": {"text": asked, "answer": answer, "right": right},
        "signature": session.signature,
        "note": note,
        "seconds": round(time.time() - session.started),
        "device": ms.get_context("device_target"),
        "versions": {"python": platform.python_version(), "mindspore": ms.__version__, "vit": vit.__version__},
    }


def passed(receipt: dict) -> tuple[int, int]:
    """(exercises passed, exercises)."""
    outcomes = [one["outcome"] for one in receipt["exercises"].values()]
    return outcomes.count("passed"), len(outcomes)


def _post(receipt: dict, lesson: Lesson) -> str:
    good, total = passed(receipt)
    minutes, seconds = divmod(receipt["seconds"], 60)
    right = {True: "✅", False: "❌", None: "—"}[receipt["question"]["right"]]
    lines = [
        f"## {say('打卡', 'Check-in')} · {lesson.title(language())}",
        "",
        f"- {say('昵称', 'Nickname')}: {html.escape(receipt['nickname'], quote=False)}",
        f"- {say('练习', 'Exercises')}: {good}/{total}",
        f"- {say('专属问题', 'My question')}: {right}",
        f"- {say('本课结果', 'Result')}: {receipt['signature'] or '—'}",
        f"- {say('用时', 'Time')}: {say(f'{minutes} 分 {seconds} 秒', f'{minutes} min {seconds} s')} · {receipt['device']}",
    ]
    if receipt["note"]:
        lines += ["", *(f"> {html.escape(line, quote=False)}" for line in receipt["note"].splitlines())]
    return "\n".join(lines) + "\n"


def _tell(receipt: dict, stem: Path) -> None:
    asked = receipt["question"]["text"]
    missing = [number for number, one in receipt["exercises"].items() if one["outcome"] != "passed"]
    good, total = passed(receipt)
    print(say(f"练习通过 {good}/{total}", f"exercises passed: {good} of {total}"), end="")
    print(say(f"，还差 {', '.join(missing)}", f", missing: {', '.join(missing)}") if missing else "")
    if receipt["question"]["right"] is None:
        print(say(f"给“{receipt['nickname']}”的问题：{asked}", f"A question for {receipt['nickname']}: {asked}"))
        print(say("算出后，把 answer=… 加到 checkin 里再运行一次", "then run checkin again with answer=…"))
    elif receipt["question"]["right"]:
        print(say("专属问题答对了", "your question: right"))
    else:
        print(say(f"专属问题还不对：{asked}", f"your question, not right yet: {asked}"))
    files = ", ".join(shown(stem.with_suffix(end)) for end in (".json", ".png", ".md"))
    print(
        say(
            f"已写入 {files}（昵称、时间、练习结果、答案与留言、版本与设备；不联网，不上传）",
            f"wrote {files} (nickname, time, results, answer and note, versions and device; nothing is sent)",
        )
    )
