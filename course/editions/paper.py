"""Markdown of the classroom as HTML that stands alone: formulas are MathML, drawings lie inside, code comes from the lesson.

On a line of their own: {code NAME}, a function or class of the lesson, or the cell that holds these words; {output WORDS},
what that cell printed; {figure WORDS | what it shows}, what it drew; {exercise 04.3}, its heading; {explorer {"token": 27}},
the page to touch in that state. ![](NAME) is a drawing, ![](NAME#3) its first three steps, or a picture that the lesson
keeps. WORDS #2x1 and NAME#2x1: the picture's two halves are looked at, one at each press of a key.
"""

import ast
import base64
import html
import json
import re
import struct
from pathlib import Path

import latex2mathml.converter
import mistune
import nbformat
from nbformat.v4 import new_markdown_cell
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from course import drawings
from course.document.bilingual import in_language
from course.document.lesson import Lesson, read_lesson
from course.editions.bound import fill
from course.editions.notebook import notebook_path
from vit.runtime.errors import UserError
from vit.runtime.paths import ROOT

PLACE = re.compile(r"^\{(code|output|figure|exercise|explorer) (.+)\}$", re.MULTILINE)
# what the stored run says of exercises that it did not do: no news for a class
_STAND_IN = re.compile(r"\d\d\.\d+ (has not passed yet|还没有通过)")
LONGEST = 12  # lines of code on a page


class Paper:
    """Renders what is written beside one lesson, in one language; its outputs are those of the stored run."""

    def __init__(self, lesson: Lesson, language: str):
        self.lesson, self.language = lesson, language
        self.notebook = nbformat.read(notebook_path(lesson, language), 4)
        self.markdown = mistune.create_markdown(renderer=_Renderer(self, escape=False), plugins=["table", "math"])
        self.markdown.renderer.register("inline_math", lambda _, text: _formula(text, "inline"))
        self.markdown.renderer.register("block_math", lambda _, text: f"<div>{_formula(text, 'block')}</div>\n")

    def html(self, text: str) -> str:
        pieces = []

        def laid_aside(place: re.Match) -> str:
            pieces.append(getattr(self, f"_{place[1]}")(place[2].strip()))
            return f"\n\n\ue000{len(pieces) - 1}\ue001\n\n"

        made = self.markdown(PLACE.sub(laid_aside, self.with_numbers(text)))
        return re.sub(r"(?:<p>)?\ue000(\d+)\ue001(?:</p>)?", lambda place: pieces[int(place[1])], made)

    def with_numbers(self, text: str) -> str:
        """{{name}} as the lesson's outputs have it."""
        if "{{" not in text:
            return text
        scratch = nbformat.from_dict({**self.notebook, "cells": [*self.notebook.cells, new_markdown_cell(text)]})
        fill(scratch, self.lesson.folder.name, self.language)
        return scratch.cells[-1].source

    # --- what stands on a line of its own ---------------------------------------------------------

    def _code(self, name: str) -> str:
        for cell in self.lesson.cells:
            if not cell.runs or "show" in cell.marks:
                continue
            text = in_language(cell.text, self.language)
            for node in ast.parse(text).body:
                if getattr(node, "name", None) == name:
                    return self._coloured("\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno]), name)
        return self._coloured(self._cell(name).source, name)

    def _coloured(self, code: str, name: str) -> str:
        if len(code.strip().splitlines()) > LONGEST:
            raise UserError(f"{self.lesson.folder.name}: {name!r} has more than {LONGEST} lines, too many for a page")
        return f'<div class="code">{highlight(code.strip(), PythonLexer(), HtmlFormatter(nowrap=False))}</div>'

    def _output(self, words: str) -> str:
        text = "".join(one.get("text", "") for one in self._cell(words).outputs if one.output_type == "stream")
        text = "".join(line for line in text.splitlines(True) if not _STAND_IN.match(line))
        if not text.strip():
            raise UserError(f"{self.lesson.folder.name}: the cell with {words!r} has printed nothing")
        return f'<pre class="output">{html.escape(text.strip())}</pre>'

    def _figure(self, words: str) -> str:
        words, _, alt = (part.strip() for part in words.partition("|"))
        words, _, parts = (part.strip() for part in words.partition("#"))
        drawn = [one.data["image/png"] for one in self._cell(words).outputs if "image/png" in one.get("data", {})]
        if not drawn or not alt:
            raise UserError(f"{self.lesson.folder.name}: {words!r} drew nothing, or nothing says what it shows")
        return _pixels(drawn[0], alt, parts)

    def _exercise(self, number: str) -> str:
        return f'<div class="exercise">{mistune.html(self.heading(number))}</div>'

    def heading(self, number: str) -> str:
        """Of an exercise, as the lesson has it: "Exercise 04.3 · Write `Attention` (★★★, 20 minutes)"."""
        for cell in read_lesson(number[:2]).cells:  # of this lesson, or of one that a single class borrows from
            if cell.marks.get("exercise") == number and cell.marks.get("lang") == self.language:
                return re.search(r"^### (.+)$", cell.text, re.MULTILINE)[1]
        raise UserError(f"{self.lesson.folder.name} has no exercise {number}")

    def _explorer(self, state: str) -> str:
        return f'<div class="explorer" data-state="{html.escape(json.dumps(json.loads(state)))}"></div>'

    def _cell(self, words: str):
        """The first code cell of the stored run that holds these words."""
        for cell in self.notebook.cells:
            if cell.cell_type == "code" and words in cell.source:
                return cell
        raise UserError(f"{self.lesson.folder.name} has no cell with {words!r}")

    # --- drawings and kept pictures ---------------------------------------------------------------

    def picture(self, name: str) -> str:
        """ "heads", or "heads#3": a drawing as it is after three presses of a key, and no further; "opening#2x1": a kept
        picture whose two halves are looked at, one at each press."""
        name, _, last = name.partition("#")
        drawing = ROOT / "course" / "figures" / f"{name}.{self.language}.svg"
        if drawing.is_file():
            label = f'role="img" aria-label="{html.escape(drawings.alt(name, self.language))}"'
            return f"<figure>{_in_steps(drawing.read_text(encoding='utf-8'), last).replace('<svg', f'<svg {label}', 1)}</figure>"
        folder = self.lesson.folder / "figures"
        for file in (folder / f"{name}.{self.language}.png", folder / f"{name}.png"):
            if file.is_file():
                return _pixels(base64.b64encode(file.read_bytes()).decode(), self._alt(file), last)
        raise UserError(f"{self.lesson.folder.name}: there is no drawing or figure {name!r}")

    def _alt(self, file: Path) -> str:
        for cell in self.lesson.cells:
            found = re.search(rf"!\[([^\]]+)\]\([^)]*{re.escape(file.name)}\)", cell.text)
            if found:
                return found[1]
        raise UserError(f"{self.lesson.folder.name} does not say what {file.name} shows")


class _Renderer(mistune.HTMLRenderer):
    """`+` begins an item that appears at a press of a key."""

    def __init__(self, paper: Paper, escape: bool):
        super().__init__(escape=escape)
        self.paper = paper

    def render_token(self, token, state):
        made = super().render_token(token, state)
        if token["type"] == "list" and token.get("bullet") == "+":
            return made.replace("<li>", '<li class="fragment">')
        return made

    def image(self, text, url, title=None):
        return self.paper.picture(url)

    def block_code(self, code, info=None):
        return highlight(code.strip(), PythonLexer(), HtmlFormatter()) if info else f"<pre>{html.escape(code)}</pre>"

    def paragraph(self, text):
        return text if text.startswith("<figure>") else super().paragraph(text)


def _formula(text: str, display: str) -> str:
    return latex2mathml.converter.convert(text.strip(), display=display)


def _in_steps(svg: str, last: str) -> str:
    """A drawing's groups step1-…, step2-… as fragments of reveal.js, and one for each press that only looks elsewhere.

    The page around it knows no XML; deck.js looks where `data-views` says.

    Args:
        last: the press after which nothing is shown; "": all are.
    """
    shown = set()

    def marked(place: re.Match) -> str:
        press = int(place[1])
        if last and press > int(last):
            return '<g class="gone"'
        shown.add(press)
        return _fragment(press)

    svg = re.sub(r'<g id="step(\d+)-\d+"', marked, re.sub(r"<\?xml.*?\?>", "", svg).strip())
    views = re.search(r'data-views="([^"]*)"', svg)
    presses = {int(one.partition(":")[0]) for one in views[1].split(";")} if views else set()
    looks = {press for press in presses - shown - {0} if not last or press <= int(last)}
    return svg.replace("</svg>", "".join(_fragment(press) + "></g>" for press in sorted(looks)) + "</svg>")


def _pixels(data: str, alt: str, parts: str) -> str:
    """A picture; with `parts`, "2x1" for two columns in one row, a deck looks at one after the other; "2x1.2": at the second alone."""
    alt = html.escape(alt)
    if not parts:
        return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"></figure>'
    width, height = struct.unpack(">II", base64.b64decode(data[:32])[16:24])  # where PNG keeps them
    if not re.fullmatch(r"\d+x\d+(\.\d+)?", parts):
        raise UserError(f"#{parts}: parts of a picture are written #2x1, or #2x1.2 for one of them")
    grid, _, alone = parts.partition(".")
    columns, rows = map(int, grid.split("x"))
    w, h = width / columns, height / rows
    views = [f"{n % columns * w:g} {n // columns * h:g} {w:g} {h:g}" for n in range(columns * rows)]
    shown = views[int(alone) - 1] if alone else f"0 0 {width} {height}"
    told = f'role="img" aria-label="{alt}" viewBox="{shown}"'
    if not alone:
        told += f' data-views="{";".join(f"{press}:{view}" for press, view in enumerate(views, 1))}"'
    image = f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}"/>'
    if alone:  # an inner page shows nothing beside it, on paper either
        x, y, *_ = shown.split()
        image = f'<svg x="{x}" y="{y}" width="{w:g}" height="{h:g}" viewBox="{shown}">{image}</svg>'
    return f"<figure>{_in_steps(f'<svg {told}>{image}</svg>', '')}</figure>"


def _fragment(press: int) -> str:
    return f'<g class="fragment" data-fragment-index="{press}" data-press="{press}"'


def style_of_code() -> str:
    return HtmlFormatter(style="default").get_style_defs(".highlight")
