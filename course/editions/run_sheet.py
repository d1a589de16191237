"""The run-sheet of a lesson: a class of 45, 90 or 180 minutes, minute by minute, from the deck's own pages."""

import html
import re
from dataclasses import dataclass
from pathlib import Path

from course.document.classroom import LENGTHS, DeckPage, read_deck
from course.document.lesson import Lesson
from course.editions.handout import sheet
from course.editions.paper import PLACE, Paper
from course.editions.timings import measured

HERE = Path(__file__).parent
BREAK, WORK = 10, 50  # minutes of a break, and after how many of work it comes (in a class of 180)
_WORDS = {
    "title": ("课堂流程", "Run-sheet"),
    "head": (
        "<tr><th>页</th><th>45</th><th>90</th><th>180</th><th></th><th>标题</th><th>说什么，做什么</th></tr>",
        "<tr><th>page</th><th>45</th><th>90</th><th>180</th><th></th><th>title</th><th>say and do</th></tr>",
    ),
    "how": (
        "每列是这么多分钟的课里这一页的起止时间；— 是略过（`deck.html?minutes=45` 里没有这些页，页码不变）。",
        "Each column: from when to when a page is on in a class of so many minutes; — is left out (`deck.html?minutes=45` is without those pages; numbers stay).",
    ),
    "break": ("休息", "break"),
    "runs": (
        "笔记本从头运行一遍要 {} 秒（{}）。上课前先运行一遍，留着输出；讲义扣着放在座位上；小测验举手答，题在 quiz.md，答案在题的后面。",
        "The notebook runs from the top in {} s ({}). Run it before class and keep its outputs; hand-outs lie face down on the seats; the quiz is by a show of hands, from quiz.md, its key behind the questions.",
    ),
    "kinds": (
        {"exercise": "做", "bet": "猜", "explorer": "摸", "output": "看", "figure": "看", "code": "读", "": "讲"},
        {
            "exercise": "do",
            "bet": "bet",
            "explorer": "touch",
            "output": "see",
            "figure": "see",
            "code": "read",
            "": "tell",
        },
    ),
}


@dataclass(frozen=True)
class Row:
    start: int  # minutes from the beginning
    minutes: int
    page: int  # of the deck, from 1; 0 is a break


def plan(pages: list[DeckPage], length: int) -> list[Row]:
    """The pages of a class of this length, with breaks where it is long."""
    rows, now, worked = [], 0, 0
    for number, page in enumerate(pages, 1):
        minutes = page.minutes.get(length)
        if minutes is None:
            continue
        if length == max(LENGTHS) and worked >= WORK:
            rows.append(Row(now, BREAK, 0))
            now, worked = now + BREAK, 0
        rows.append(Row(now, minutes, number))
        now, worked = now + minutes, worked + minutes
    return rows


def kind(page: DeckPage) -> str:
    """ "bet", "exercise", ...: what a class does on this page."""
    if page.bet:
        return "bet"
    found = [place[1] for place in PLACE.finditer(page.texts["en"])]
    return next((one for one in ("exercise", "explorer", "output", "figure", "code") if one in found), "")


def make_run_sheet(lesson: Lesson, language: str) -> str:
    """The file's text."""
    say = {name: pair[language == "en"] for name, pair in _WORDS.items()}
    paper, pages = Paper(lesson, language), read_deck(lesson.folder)
    seconds, machine = measured(lesson.folder.name, language)
    parts = [f"<h1>{say['title']} · {html.escape(lesson.title(language))}</h1>"]
    parts.append(f"<p>{say['runs'].format(seconds, machine)} {say['how']}</p>")
    when = {length: {row.page: row for row in plan(pages, length)} for length in LENGTHS}
    pauses = [row.start for row in plan(pages, max(LENGTHS)) if row.page == 0]
    rows = "".join(_row(number, page, when, pauses, paper, say) for number, page in enumerate(pages, 1))
    head = say["head"]
    for length in LENGTHS:
        if not when[length]:  # a single class has one length
            head = head.replace(f"<th>{length}</th>", "")
    parts.append(f'<table class="plan">{head}{rows}</table>')
    parts.append(paper.html((HERE / "paper" / f"when_it_fails.{language}.md").read_text(encoding="utf-8")))
    return sheet("\n".join(parts), f"{say['title']} · {lesson.title(language)}", language)


def _row(number: int, page: DeckPage, when: dict, pauses: list[int], paper: Paper, say: dict) -> str:
    times, before = [], ""
    for length in LENGTHS:
        row = when[length].get(number)
        if not when[length]:
            continue
        times.append(f"{_clock(row.start)}-{_clock(row.start + row.minutes)}" if row else "—")
        if row and length == max(LENGTHS) and row.start - BREAK in pauses:
            pause = f"{_clock(row.start - BREAK)}-{_clock(row.start)}"
            before = (
                f'<tr class="break"><td></td><td></td><td></td><td>{pause}</td><td colspan="3">{say["break"]}</td></tr>'
            )
    title = paper.html(re.sub(r"^#+ ", "", page.texts[paper.language].splitlines()[0]))
    cells = "".join(f'<td class="time">{one}</td>' for one in times)
    note = paper.html(page.notes[paper.language])
    return f'{before}<tr><td>{number}</td>{cells}<td class="kind">{say["kinds"][kind(page)]}</td><td>{title}</td><td>{note}</td></tr>'


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
