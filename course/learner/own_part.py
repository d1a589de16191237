"""The parts that later lessons use: the learner's own from its file, or the package's where that is missing or broken."""

from dataclasses import dataclass

from course.language import say
from course.learner import progress
from course.learner.class_check import judge_class
from course.learner.home import package_folder, snapshots
from course.learner.my_vit import package_of, stand_in
from course.learner.own_source import digest, imported
from course.learner.part import Part
from course.learner.parts import EVERY
from vit.runtime.errors import UserError
from vit.runtime.paths import shown


@dataclass(frozen=True)
class OwnPart:
    """A part as its file has it."""

    part: Part
    cls: type
    own: bool  # the learner's, not the package's


def own_part(name: str) -> OwnPart:
    """A part by its class's name. One edited since it passed is checked again; a broken or missing one is named and
    left as it is."""
    part = EVERY[name]
    for need in part.needs:
        own_part(need)
    path = package_folder() / part.file
    theirs = OwnPart(part, part.reference, False)
    passed = progress.read()["parts"]
    try:
        text = path.read_text(encoding="utf-8")  # line ends of any system
        if text == stand_in(part):
            return theirs
        cls = getattr(imported(package_of(part, text, passed), part.stem, snapshots()), name)
        if passed.get(name) != digest(text):
            verdict = judge_class(part, cls, passed)
            if verdict.outcome != "passed":
                raise UserError(verdict.sentence)
            with progress.changing() as known:
                known["parts"][name] = digest(text)
        return OwnPart(part, cls, True)
    except FileNotFoundError:
        if name in passed:
            _say_that_it_is_gone(part)
        return theirs
    except (Exception, SystemExit) as error:  # the file may hold anything, and the disk may be full
        reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        print(
            say(
                f"{shown(path)} 用不了（{reason}），这次先用 vit 包里的 {name}",
                f"{shown(path)} cannot be used ({reason}); this time the package's {name} stands in",
            )
        )
        return theirs


def _say_that_it_is_gone(part: Part) -> None:
    path = shown(package_folder() / part.file)
    print(
        say(
            f"{path} 不见了，先用 vit 包里的 {part.name}；再检查一次 {part.exercise}，它就回来了",
            f"{path} is gone, and the package's {part.name} stands in; check {part.exercise} again to have it back",
        )
    )
