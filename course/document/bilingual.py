"""One source for both languages: code once, its words side by side.

    print(T(f"共 {n} 个 token", f"{n} tokens"))   # 拆成多头 ¦ split into heads

becomes, when a notebook is built, code that holds one language only. Comments without words
(`# (B, N, D)`) need no pair, nor do strings without words.
"""

import ast
import io
import re
import tokenize

from course.language import LANGUAGES

BAR = " ¦ "
CHINESE = re.compile(r"[\u3400-\u9fff]")


def T(zh: str, en: str) -> str:
    """Stands for either text where a lesson's source is run as it is (for freezing)."""
    return en


def in_language(code: str, language: str) -> str:
    """The code with the words of one language."""
    index = LANGUAGES.index(language)
    lines = code.splitlines()
    changes = []  # (start, end, text), positions as (line from 0, characters)
    for call in _calls(ast.parse(code)):
        segment = ast.get_source_segment(code, call.args[index])
        if call.args[index].end_lineno != call.args[index].lineno:
            segment = f"({segment})"
        changes.append(
            (_place(lines, call.lineno, call.col_offset), _place(lines, call.end_lineno, call.end_col_offset), segment)
        )
    for comment, start, end in _comments(code):
        if BAR in comment:
            text = comment[1:].split(BAR)[index].strip()
            changes.append(((start[0] - 1, start[1]), (end[0] - 1, end[1]), f"# {text}"))
    for (first, column), (last, end), text in sorted(changes, reverse=True):
        lines[first : last + 1] = [lines[first][:column] + text + lines[last][end:]]
    return _joined("\n".join(lines))


SPREAD = re.compile(
    r"(?P<open>[(\[])\n(?P<inside>[ \t]+[^\n#]+\n(?:[ \t]+[^\n#]+,\n)*)[ \t]*(?P<close>[)\]])(?P<rest>[^\n]*)"
)


def _joined(code: str, longest: int = 100) -> str:
    """With one language gone, what was spread over several lines often fits on one again."""
    place = 0
    while found := SPREAD.search(code, place):
        inside = " ".join(line.strip() for line in found["inside"].splitlines())
        line = found["open"] + inside.removesuffix(",") + found["close"] + found["rest"]
        joined = code[: found.start()] + line + code[found.end() :]
        start = found.start() - (code.rfind("\n", 0, found.start()) + 1)
        if start + len(line) <= longest and _same(joined, code):
            code, place = joined, 0  # what holds it may fit now, too
        else:
            place = found.start() + 1
    return code


def _same(one: str, other: str) -> bool:
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except SyntaxError:
        return False


def missing_pairs(code: str) -> list[str]:
    """What has words in one language only, and pairs whose two sides do not hold the same expressions."""
    found = []
    for comment, start, _ in _comments(code):
        sides = comment[1:].split(BAR)
        if len(sides) == 1 and _has_words(re.sub(r"^\s*\w+\(.*\)$", "", sides[0])):
            found.append(f"line {start[0]}, the comment {comment!r}")
        if len(sides) > 2 or (len(sides) == 2 and not (CHINESE.search(sides[0]) and not CHINESE.search(sides[1]))):
            found.append(f"line {start[0]}, {comment!r}: Chinese, {BAR.strip()}, English")
    tree, inside = ast.parse(code), set()
    for call in _calls(tree):
        if not agree(call):
            found.append(f"line {call.lineno}: the two sides of T(...) hold different expressions")
        if any(_calls(argument) for argument in call.args):  # only the outer one would become a text
            found.append(f"line {call.lineno}: a T(...) inside a T(...)")
        inside |= {id(node) for argument in call.args for node in ast.walk(argument)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in inside else None
        if isinstance(text, str) and (CHINESE.search(text) or re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", text)):
            found.append(f"line {node.lineno}, the string {text!r}")
    return found


def agree(pair: ast.Call) -> bool:
    """Whether both sides of a T(zh, en), or of a say(zh, en), hold the same expressions."""
    zh, en = (sorted(_expressions(argument)) for argument in pair.args)
    return zh == en


def skeleton(code: str) -> str:
    """The program alone, without comments and with every string made equal: what both editions share."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.JoinedStr):
                setattr(node, name, _sorted_parts(value))
            elif isinstance(value, list):
                setattr(node, name, [_sorted_parts(v) if isinstance(v, ast.JoinedStr) else v for v in value])
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def _sorted_parts(text: ast.JoinedStr):
    """An f-string as the expressions it holds, in no order; without any it is a plain string."""
    held = sorted((part for part in text.values if isinstance(part, ast.FormattedValue)), key=ast.dump)
    return ast.JoinedStr(values=held) if held else ast.Constant(value="")


def _calls(tree: ast.AST) -> list[ast.Call]:
    """Every T(zh, en)."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "T" and len(c.args) == 2]


def _place(lines: list[str], line: int, offset: int) -> tuple[int, int]:
    """ast counts bytes of UTF-8."""
    return line - 1, len(lines[line - 1].encode()[:offset].decode())


def _comments(code: str):
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.string, token.start, token.end


def _expressions(argument: ast.expr) -> list[str]:
    return [ast.dump(node) for node in ast.walk(argument) if isinstance(node, ast.FormattedValue)]


def _has_words(text: str) -> bool:
    """Whether there is anything to translate: two words in a row, or Chinese; not shapes and names."""
    without_shapes = re.sub(r"\([^)]*\)|`[^`]*`", " ", text)
    return bool(CHINESE.search(text) or re.search(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}", without_shapes))
