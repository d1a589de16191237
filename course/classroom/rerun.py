"""Inside the sandbox: every part that lies in HOME/my_vit is judged as `check` judges it. Prints JSON, exercise -> verdict.

    python -m course.classroom.rerun HOME

What is judged runs in this process and could say anything of itself, as a learner's own machine could: who wants to
know whether somebody has understood asks them.
"""

import contextlib
import json
import sys
from pathlib import Path

from course.learner.class_check import judge_class
from course.learner.home import snapshots
from course.learner.my_vit import package_of, stand_in
from course.learner.own_source import imported
from course.learner.parts import PARTS


def rerun(home: Path) -> dict[str, tuple[str, str]]:
    """Exercise -> (outcome, sentence) of each part that is the learner's own."""
    found = {}
    for part in PARTS.values():
        file = home / "my_vit" / part.file
        if not file.is_file() or (text := file.read_text(encoding="utf-8")) == stand_in(part):
            continue
        try:
            cls = getattr(imported(package_of(part, text, {}), part.stem, snapshots()), part.name)
        except BaseException as error:  # whatever importing it does is its verdict
            found[part.exercise] = ("error", f"{type(error).__name__}: {error}"[:300])
            continue
        verdict = judge_class(part, cls, {})
        found[part.exercise] = (verdict.outcome, verdict.sentence)
    return found


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        made = rerun(Path(sys.argv[1]))
    print("\n" + json.dumps(made, ensure_ascii=False))
