"""The check-in at the end of a section: a receipt, a card to post, and a text to paste."""

import hashlib
import html
import json
import platform
import sys
import time
import unicodedata
from datetime import datetime
from pathlib import Path

import mindspore as ms

import vit
from course.document.lesson import Lesson, read_lesson
from course.language import language, say
from course.learner import progress
from course.learner.camp_code import key_of, read_code
from course.learner.card import draw_card
from course.learner.check import judge, own_parts
from course.learner.checkin_days import days
from course.learner.home import checkin_folder
from course.learner.line import Record, pack, tried
from course.learner.question import close, question
from course.learner.session import session
from course.manifest import lesson_numbers
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.paths import shown

SCHEMA = 4  # of the receipt; see course/CHECKIN.md
# what stands in the cell, or in a form, before somebody writes a name
PLACEHOLDERS = {"nickname", "yournickname", "name", "yourname", "昵称", "你的昵称", "名字", "你的名字"}


def join(nickname: str | None = None, code: str | None = None) -> None:
    """Once for the whole course: the name that your check-ins carry, and your camp's code if you have one.

    Called as `join()` it asks for both, so that neither stands in a notebook that could be shared; they
    stay in outputs/progress.json on this machine.
    """
    try:
        if nickname is None:
            nickname = _ask(say("你的昵称：", "Your nickname: "))
            code = _ask(say("学习营的营码（没有就直接回车）：", "Your camp's code (none: just Enter): ")) or None
        nickname = _nickname(nickname)
        code = read_code(code) if code is not None else None
    except UserError as error:
        print(f"🔸 {error}")
        return
    with progress.changing() as known:
        known["nickname"] = nickname
        known["code"] = code or _still_good(known["code"])
    camp = say("营码已记下。", "Your camp's code is kept. ") if code else ""
    print(
        say(
            f"你好，{nickname}！{camp}以后打卡只要运行 checkin(...)",
            f"Hello {nickname}! {camp}From now on checkin(...) will do",
        )
    )


def _ask(what: str) -> str:
    try:
        return input(what)
    except (EOFError, NotImplementedError, RuntimeError):  # a kernel that nobody types into
        raise UserError(
            say('这里没有输入框：请写成 join("你的昵称")', 'nothing can be typed here: write join("your nickname")')
        ) from None


def _still_good(code: str | None) -> str | None:
    """A code kept from before, unless it is none: then check-ins go on without one."""
    try:
        return read_code(code) if code else None
    except UserError:
        return None


def _nickname(nickname) -> str:
    if not isinstance(nickname, str) or not 1 <= len(nickname.strip()) <= 40:
        raise UserError(say("昵称要有 1 到 40 个字符", "a nickname has 1 to 40 characters"))
    nickname = nickname.strip()
    if not nickname.isprintable():
        raise UserError(say("昵称里不能有换行或控制字符", "a nickname has no line breaks or control characters"))
    if "".join(nickname.lower().split()) in PLACEHOLDERS:
        raise UserError(
            say(
                f"“{nickname}”是占位的文字：请换成你自己的昵称",
                f"{nickname!r} is only a placeholder: write a nickname of your own",
            )
        )
    return nickname


def checkin(section: str = "", answer=None, note: str | None = None) -> None:
    """Sum up a section, and write a receipt, a card and a post to outputs/checkin/.

    It records: nickname, time, lesson and section, results and mistakes, the answer and the note,
    versions and device, run time. It sends nothing. Who has joined with a camp's code gets a line to
    paste, too (course/learner/line.py). What cannot be used is said in a line, and nothing is written.

    Args:
        section: "A", "B", ... where the lesson is divided.
        answer: to the question that a first call without it shows, a number.
        note: what you want to say to your camp, up to 500 characters.
    """
    try:
        receipt, stem = write(section, answer, note)
    except UserError as error:
        print(f"🔸 {error}")
        return
    _tell(receipt, stem)


def write(section: str = "", answer=None, note: str | None = None) -> tuple[dict, Path]:
    """Write the three files of a check-in.

    Returns:
        The receipt, and the files' common path without its ending.

    Raises:
        UserError: no lesson was begun, nobody has joined, or section, answer or note cannot be used.
    """
    if not session.lesson:
        raise UserError(say("请先运行本课的第一个代码单元格", "run the lesson's first code cell first"))
    lesson = read_lesson(session.lesson)
    if section not in lesson.sections:
        known = ", ".join(map(repr, lesson.sections))
        raise UserError(
            say(f"本课没有小节 {section!r}；有 {known}", f"this lesson has no section {section!r}; there are {known}")
        )
    if note is not None and (not isinstance(note, str) or len(note) > 500):
        raise UserError(say("留言是最多 500 字的文字", "a note is a text of at most 500 characters"))
    known = progress.read()
    nickname = known["nickname"]
    if nickname is None:
        raise UserError(_without_a_name(lesson, section))
    stem = checkin_folder() / f"{lesson.number}{section}-{hashlib.sha256(nickname.encode()).hexdigest()[:8]}"
    key = key_of(read_code(known["code"])) if known["code"] else None
    asked, right = question(lesson, section, nickname=nickname, key=key)
    earlier = _earlier(stem.with_suffix(".json"), asked)
    answer = earlier.get("answer") if answer is None else _number(answer)
    note = earlier.get("note") if note is None else note
    receipt = _receipt(lesson, section, nickname, asked, answer, close(answer, right), note)
    with progress.changing() as known:
        known["checkins"].setdefault(receipt["lesson"] + section, receipt["time"])
        receipt["day"], receipt["streak"] = days(known["checkins"].values())
    receipt["line"] = pack(_record(receipt, lesson), key) if key else None
    with atomic_path(stem.with_suffix(".json")) as staged:
        staged.write_text(json.dumps(receipt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draw_card(receipt, lesson.title(language()), stem.with_suffix(".png"), session.picture)
    with atomic_path(stem.with_suffix(".md")) as staged:
        staged.write_text(_post(receipt, lesson), encoding="utf-8")
    return receipt, stem


def _without_a_name(lesson: Lesson, section: str) -> str:
    """How to join is said in the first lesson; elsewhere, how far the section has come."""
    if lesson.number == lesson_numbers()[0]:
        return say(
            "还不知道怎么称呼你：先新建一个单元格，运行 join()（全课程只要一次），再运行这里",
            "your name is not known yet: run join() in a new cell, once for the whole course, then this cell again",
        )
    outcomes = [one["outcome"] for one in _results(lesson, section).values()]
    done, all_ = outcomes.count("passed"), len(outcomes)
    return say(
        f"{section} 节：{all_} 道练习通过了 {done} 道；join() 之后再来打卡",
        f"section {section}: {done} of {all_} exercises passed; join() first to check in",
    )


def _number(answer) -> float:
    try:
        number = float(unicodedata.normalize("NFKC", answer) if isinstance(answer, str) else answer)
        if abs(number) < 1e15:  # and so neither NaN nor infinite
            return number
    except (TypeError, ValueError):
        pass
    raise UserError(say(f"answer 要填一个数，而不是 {answer!r}", f"answer is a number, not {answer!r}"))


def _earlier(path: Path, asked: str) -> dict:
    """Answer and note of this nickname's earlier check-in, so that running the cell again loses neither."""
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        same = receipt["schema"] in (3, SCHEMA) and receipt["question"]["text"] == asked
        return {"answer": receipt["question"]["answer"] if same else None, "note": receipt["note"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _record(receipt: dict, lesson: Lesson) -> Record:
    """What the line carries of a receipt."""
    return Record(
        lesson=receipt["lesson"],
        section=receipt["section"],
        time=int(datetime.fromisoformat(receipt["time"]).timestamp()),
        version=bytes.fromhex(lesson.hash)[:4],
        language=receipt["language"],
        device=receipt["device"],
        seconds=receipt["seconds"],
        parts=receipt["parts"]["yours"],
        answer=receipt["question"]["answer"],
        exercises=tuple(
            tried(one["outcome"], one["attempts"], one["hints"], one["mistakes"])
            for one in receipt["exercises"].values()
        ),
        texts=(receipt["nickname"], receipt["signature"], receipt["note"] or ""),
        found=tuple(run and (run["predicted"], run["result"]) for run in receipt["investigations"].values()),
    )


def _investigations(lesson: Lesson, section: str) -> dict:
    """Of each investigation of the section the newest run: what was changed, predicted and found; None: not yet."""
    done = progress.read()["investigations"]
    found = {}
    for number, exercise in lesson.exercises.items():
        if exercise.section == section and exercise.investigation:
            run = (done.get(number) or [None])[-1]
            found[number] = run and {name: run[name] for name in ("change", "predicted", "result")}
    return found


def _results(lesson: Lesson, section: str) -> dict:
    """Each exercise of the section: what has passed stays passed, the others are judged by what the kernel holds.

    Where it holds nothing of the learner's own (after a failed check the package's class, after a restart nothing),
    the outcome of the last check stands.
    """
    space, done, found = vars(sys.modules["__main__"]), progress.read()["exercises"], {}
    for number, exercise in lesson.exercises.items():
        if exercise.section != section:
            continue
        entry = done.get(number, {})
        if entry.get("passed"):
            outcome = "passed"
        else:
            try:
                outcome = judge(number, eval(exercise.value, dict(space)))[0]
            except Exception as error:  # the learner's own code may raise anything
                outcome = f"error: {type(error).__name__}"
            if outcome in ("placeholder", "package", "error: NameError"):
                outcome = entry.get("last", outcome)
        found[number] = {
            "outcome": outcome,
            "attempts": entry.get("attempts", 0),
            "mistakes": entry.get("mistakes", []),
            "hints": entry.get("hints", 0),
        }
    return found


def _receipt(lesson, section, nickname, asked, answer, right, note) -> dict:
    yours, parts = own_parts()
    return {
        "schema": SCHEMA,
        "nickname": nickname,
        "time": progress.now(),
        "lesson": lesson.number,
        "section": section,
        "lesson_hash": lesson.hash,
        "language": language(),
        "exercises": _results(lesson, section),
        "investigations": _investigations(lesson, section),
        "question": {"text": asked, "answer": answer, "right": right},
        "parts": {"yours": yours, "all": parts},
        "signature": session.signature,
        "note": note,
        "begun": progress.read()["lessons"].get(lesson.number, {}).get("begun"),
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
        f"## {say('打卡', 'Check-in')} · {lesson.title(language())}{receipt['section'] and ' · ' + receipt['section']}",
        "",
        f"- {say('昵称', 'Nickname')}: {html.escape(receipt['nickname'], quote=False)}",
        f"- {say('练习', 'Exercises')}: {good}/{total}",
        f"- {say('专属问题', 'My question')}: {right}",
        f"- {say('我的 ViT', 'My ViT')}: {_parts(receipt)}",
        f"- {say('天数', 'Days')}: {say('第 {} 天，连续 {} 天', 'day {}, {} in a row').format(receipt['day'], receipt['streak'])}",
        f"- {say('本课结果', 'Result')}: {receipt['signature'] or '—'}",
        f"- {say('用时', 'Time')}: {say(f'{minutes} 分 {seconds} 秒', f'{minutes} min {seconds} s')} · {receipt['device']}",
    ]
    lines[4:4] = [
        f"- {say('探究', 'Investigation')} {number}: {run['change']}: {_of_run(run)}"
        for number, run in receipt["investigations"].items()
        if run
    ]
    if receipt["note"]:
        lines += ["", *(f"> {html.escape(line, quote=False)}" for line in receipt["note"].splitlines())]
    if receipt["line"]:
        lines += ["", receipt["line"]]
    return "\n".join(lines) + "\n"


def _of_run(run: dict) -> str:
    return say(
        f"预测 {run['predicted']:.3g}，得到 {run['result']:.3g}",
        f"predicted {run['predicted']:.3g}, found {run['result']:.3g}",
    )


def _parts(receipt: dict) -> str:
    yours, parts = receipt["parts"]["yours"], receipt["parts"]["all"]
    return say(f"{parts} 个部件中有 {yours} 个是自己写的", f"{yours} of {parts} parts are mine")


def _tell(receipt: dict, stem: Path) -> None:
    asked = receipt["question"]["text"]
    missing = [number for number, one in receipt["exercises"].items() if one["outcome"] != "passed"]
    good, total = passed(receipt)
    print(say(f"练习通过 {good}/{total}", f"exercises passed: {good} of {total}"), end="")
    print(say(f"，还差 {', '.join(missing)}", f", missing: {', '.join(missing)}") if missing else "")
    if receipt["question"]["right"] is None:
        print(say(f"给“{receipt['nickname']}”的问题：{asked}", f"A question for {receipt['nickname']}: {asked}"))
        print(
            say(
                "算出后，把 answer=数值 加到 checkin 里再运行一次",
                "work it out, then run checkin again with answer=number",
            )
        )
    elif receipt["question"]["right"]:
        print(say("专属问题答对了", "your question: right"))
    else:
        print(say(f"专属问题还不对：{asked}", f"your question, not right yet: {asked}"))
    if receipt["line"]:
        print(say("把下面这一行发到学习营：", "Paste this line into your camp's chat or form:"))
        print(receipt["line"])
    files = ", ".join(shown(stem.with_suffix(end)) for end in (".json", ".png", ".md"))
    print(
        say(
            f"已写入 {files}（昵称、时间、练习结果与错误、答案与留言、版本与设备；不联网，不上传）",
            f"wrote {files} (nickname, time, results and mistakes, answer and note, versions and device; nothing is sent)",
        )
    )
