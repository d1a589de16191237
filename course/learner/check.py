"""`check` and `hint`: an answer to an exercise at once, in the notebook's language, without a network."""

from course.document.bilingual import in_language
from course.document.lesson import read_lesson
from course.language import language, say
from course.learner import my_vit, progress
from course.learner.answers import answers, read_answer
from course.learner.class_check import judge_class
from course.learner.digest import UnreadableAnswer, right_places, same, squeezed
from course.learner.own_part import own_part
from course.learner.parts import PARTS, RIVALS, part_of
from course.learner.retired import RETIRED
from course.learner.session import session
from course.manifest import lesson_numbers
from vit.runtime.errors import UserError
from vit.runtime.paths import shown

MANY = 8  # numbers or rows: so many are spoken of one by one


def judge(number: str, value) -> tuple[str, str]:
    """Compare an answer with the frozen ones.

    Args:
        number: of the exercise, "04.2".
        value: the learner's.

    Returns:
        (outcome, sentence): "passed", "placeholder", "unreadable", "shape", "not yet", the name of
        a mistake, or one that `class_check` knows of a class.
    """
    if part := part_of(number):
        verdict = judge_class(part, value, progress.read()["parts"])
        return verdict.outcome, verdict.sentence
    return _judge_value(number, value)


def _judge_value(number: str, value) -> tuple[str, str]:
    known = answers(number.split(".")[0])[number]
    try:
        given = read_answer(number, value)
    except UnreadableAnswer as error:
        return "unreadable", error.words[language()]
    if _waits_for_a_run(number) and not _fits(given, known["placeholder"]):
        return "not run", say("先在上面写下预测，并且运行", "write your prediction above, and run it, first")
    if _fits(given, known["right"]):
        return "passed", say("通过", "passed")
    for name, print_ in known.items():
        if name not in ("right", "placeholder") and _fits(given, print_):
            return name, read_lesson(number.split(".")[0]).exercises[number].messages[name][language()]
    if _fits(given, known["placeholder"]):
        return "placeholder", say("还没有作答：这里仍是占位的值", "not answered yet: the placeholder is still there")
    return _what_differs(given, known["right"])


def _waits_for_a_run(number: str) -> bool:
    """Whether it is a conclusion from something that has not been run."""
    investigates = read_lesson(number.split(".")[0]).exercises[number].investigation
    return bool(investigates) and not progress.read()["investigations"].get(number)


def _fits(given: dict, known: dict) -> bool:
    """Axes of length 1 do not matter, unless the answer is asked for with one."""
    if same(given, known):
        return True
    return 1 not in known.get("shape", [1]) and same(squeezed(given), known)


def _what_differs(given: dict, right: dict) -> tuple[str, str]:
    if "letters" in given and "letters" in right:
        chosen, wanted = set(given["letters"]), set(right["letters"])
        hits, extra, missing = len(chosen & wanted), len(chosen - wanted), len(wanted - chosen)
        return "not yet", say(
            f"还不对：选对 {hits} 个，多选 {extra} 个，漏选 {missing} 个",
            f"not yet: {hits} right, {extra} too many, {missing} missing",
        )
    wanted, got = shapes(right), shapes(given)
    if 1 not in right.get("shape", [1]) and got != wanted:
        given, got = squeezed(given), shapes(squeezed(given))
    if not wanted or not got or len(wanted) != len(got):
        if wanted != got:
            return "unreadable", say("答案的类型不对", "this is not the kind of answer wanted")
    elif wanted != got:
        a, b = next((a, b) for a, b in zip(wanted, got, strict=True) if a != b)
        return "shape", say(f"形状应为 {a}，现在是 {b}", f"the shape should be {a}, it is {b}")
    if (good := _right_rows(given, right)) and 0 < sum(good) < len(good):
        right, wrong = ([str(i + 1) for i, ok in enumerate(good) if ok is wanted] for wanted in (True, False))
        return "not yet", say(
            f"对了一部分：第 {'、'.join(right)} 个对了，第 {'、'.join(wrong)} 个还不对",
            f"partly: right are no. {', '.join(right)}; not yet no. {', '.join(wrong)}",
        )
    if _nearly_whole(given, right):
        return "not yet", say(
            "很接近，但整数要一个不差：少了哪一小项？",
            "very near, but whole numbers must be exact: which small term is missing?",
        )
    return "not yet", say("还不对；需要时用 hint 看提示", "not yet; hint(...) helps when you are stuck")


def _right_rows(given: dict, right: dict) -> list[bool]:
    """Of a few numbers, a few rows or several arrays, which are right; empty for other answers."""
    if "parts" in right:
        return [same(a, b) for a, b in zip(given["parts"], right["parts"], strict=True)]
    if not right.get("shape") or right["shape"][0] > MANY:
        return []
    good, rows = right_places(given, right), right["shape"][0]
    length = len(good) // rows
    return [all(good[row * length : (row + 1) * length]) for row in range(rows)]


def _nearly_whole(given: dict, right: dict) -> bool:
    pairs = list(zip(given.get("values", ()), right.get("values", ()), strict=False))
    return bool(pairs) and all(isinstance(b, int) and b > 99 and abs(a - b) <= 0.01 * b for a, b in pairs)


def shapes(print_: dict) -> list[tuple]:
    """The shape of an array's fingerprint, or of each part's; empty for letters."""
    if "parts" in print_:
        return [shape for part in print_["parts"] for shape in shapes(part)]
    return [tuple(print_["shape"])] if "shape" in print_ else []


def _known(number) -> bool:
    """Whether there is such an exercise; says so where there is none."""
    lesson = str(number).split(".")[0].zfill(2)  # "4.1" shows those of 04
    found = lesson in lesson_numbers()
    numbers = list(read_lesson(lesson).exercises) if found else []
    if number in numbers:
        return True
    if number in RETIRED:
        print(_retired(number))
        return False
    there = say("；有 ", "; there are ") + say("、", ", ").join(numbers) if numbers else ""
    print(say(f"🔸 没有练习 {number!r}", f"🔸 there is no exercise {number!r}") + there)
    return False


def _retired(number: str) -> str:
    new = RETIRED[number]
    instead = say(f"，现在的是 {new}", f"; {new} stands in its place") if new else ""
    return say(
        f"🔸 练习 {number} 已不在课程里{instead}；已经通过的照样算",
        f"🔸 exercise {number} is no longer in the course{instead}; what has passed stays passed",
    )


def check(number: str, value):
    """Say at once whether an answer is right, or which mistake it looks like; what passes is remembered.

    Returns:
        None; of a part of the ViT, the class that later cells use: the learner's own, imported from its
        file, once it has passed, else the package's.
    """
    if not _known(number):
        return None
    part = part_of(number)
    if part is None:
        _tell(number, *_judge_value(number, value))
        return None
    verdict = judge_class(part, value, progress.read()["parts"])
    if verdict.outcome != "passed":
        _tell(number, verdict.outcome, verdict.sentence)
        return _stands_in(part.name)
    try:
        kept = my_vit.keep(part, verdict.source)
    except UserError as error:
        print(f"🔸 {number}{say('：', ': ')}{error}")
        return verdict.cls
    with progress.changing() as known:
        known["parts"][part.name] = verdict.source.digest
    yours, all_ = own_parts()
    where = say(f"{verdict.sentence}。已存入 {shown(kept)}", f"{verdict.sentence}. Kept in {shown(kept)}")
    if part.name not in RIVALS:
        where += say(
            f"；你的 ViT 有 {yours}/{all_} 个部件是自己写的", f"; {yours} of {all_} parts of your ViT are yours"
        )
    _tell(number, "passed", where)
    return verdict.cls


def _stands_in(name: str) -> type:
    """The class for the cells below where this one has not passed: the one that passed before, else the package's."""
    standing = own_part(name)
    if standing.own:
        print(
            say(f"   后面的单元格仍用先前通过的 {name}", f"   the cells below go on with the {name} that passed before")
        )
    else:
        print(
            say(f"   后面的单元格先用 vit 包里的 {name}", f"   until then the cells below use the package's {name}"),
        )
    return standing.cls


def _tell(number: str, outcome: str, sentence: str) -> None:
    (session.passed.add if outcome == "passed" else session.passed.discard)(number)
    if outcome not in ("placeholder", "package"):
        with progress.changing() as known:
            entry = progress.exercise(known, number)
            entry["attempts"] += 1
            entry["last"] = outcome
            if outcome == "passed":
                entry["passed"] = entry["passed"] or progress.now()
            else:
                entry["mistakes"].append(outcome)
    sign = {"passed": "✅", "placeholder": "⬜", "package": "⬜"}.get(outcome, "🔸")
    print(f"{sign} {number}{say('：', ': ')}{sentence}")


def own_parts() -> tuple[int, int]:
    """(parts of the ViT that are the learner's own and lie in their files as they passed, parts there are)."""
    passed = progress.read()["parts"]
    return sum(my_vit.as_it_passed(part, passed) is not None for part in PARTS.values()), len(PARTS)


def hint(number: str) -> None:
    """The next of three hints; asked a fourth time, the solution."""
    from IPython.display import Markdown, display

    if not _known(number):
        return
    exercise = read_lesson(number.split(".")[0]).exercises[number]
    with progress.changing() as known:
        entry = progress.exercise(known, number)
        count = entry["hints"]
        entry["hints"] = min(count + 1, 4)
    if count < 3:
        more = say("（再运行一次会给出参考答案。）", " (Run once more for the solution.)") if count == 2 else ""
        display(Markdown(f"💡 {count + 1}/3 {exercise.hints[count][language()]}{more}"))
    else:
        solution = in_language(exercise.solution, language())
        display(Markdown(f"{say('参考答案：', 'The solution:')}\n\n```python\n{solution}\n```"))
