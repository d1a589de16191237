"""The parts that later lessons use: the learner's own from its file, or the package's where that is missing or broken."""

from dataclasses import dataclass

from course.language import say
from course.learner import progress
from course.learner.check import answers
from course.learner.class_check import judge_class
from course.learner.my_vit import package_folder, package_of, snapshots, stand_in
from course.learner.own_source import digest, imported
from course.learner.parts import PARTS, Part
from course.lesson import read_lesson
from vit.runtime.errors import UserError
from vit.runtime.paths import shown


@dataclass(frozen=True)
class OwnPart:
    """A part as its file has it."""

    part: Part
    cls: type
    own: bool  # the learner's, not the package's


def own_part(name: str) -> OwnPart:
    """A part by its class's name. One edited since it passed is checked again; a broken one is named and left as it is."""
    part = PARTS[name]
    for need in part.needs:
        own_part(need)
    path = package_folder() / part.file
    theirs = OwnPart(part, part.reference, False)
    try:
        text = path.read_text(encoding="utf-8")  # line ends of any system
        if text == stand_in(part):
            return theirs
        passed = progress.read()["parts"]
        cls = getattr(imported(package_of(part, text, passed), part.stem, snapshots()), name)
        if passed.get(name) != digest(text):
            lesson = part.exercise.split(".")[0]
            messages = read_lesson(lesson).exercises[part.exercise].messages
            verdict = judge_class(part, cls, answers(lesson)[part.exercise], messages, passed)
            if verdict.outcome != "passed":
                raise UserError(verdict.sentence)
            with progress.changing() as known:
                known["parts"][name] = digest(text)
        return OwnPart(part, cls, True)
    except FileNotFoundError:
        return theirs
    except Exception as error:  # the file may hold anything, and the disk may be full
        reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        print(
            say(
                f"{shown(path)} 用不了（{reason}），这次先用 vit 包里的 {name}",
                f"{shown(path)} cannot be used ({reason}); this time the package's {name} stands in",
            )
        )
        return theirs
