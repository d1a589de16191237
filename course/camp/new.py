"""Making a camp's folder: it appears whole or not at all."""

from datetime import date
from pathlib import Path

from course.camp.camp import Camp, all_lessons
from course.camp.codes import updated, write_codes
from course.camp.folder import write_learners
from course.camp.roster import enrol, read_roster
from course.camp.schedule import plan
from course.camp.settings import read_zone, settings_text
from course.learner.camp_code import new_camp
from vit.runtime.atomic import atomic_folder
from vit.runtime.errors import UserError
from vit.runtime.language import say

_IGNORED = "# written by `camp new`: none of this belongs in Git\n*\n"


def make(
    folder: Path,
    roster: Path,
    start: date,
    days: int = 25,
    zone: str = "Asia/Shanghai",
    encoding: str | None = None,
) -> Camp:
    """A camp in a new or empty folder.

    Args:
        roster: a table with a column `name`.
        encoding: of the roster, where it cannot be told from its bytes.

    Raises:
        UserError: the folder is in use, the roster is of no use, or the days are too few.
    """
    names = read_roster(roster, encoding)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):  # said before the slow part
        raise UserError(say(f"{folder}：不是空的；请换一个文件夹", f"{folder}: is not empty; choose another folder"))
    if not 2000 <= start.year <= 2200:
        raise UserError(say("开营日期应在 2000 到 2200 年之间", "the start lies between the years 2000 and 2200"))
    core, optional = plan(days)
    versions = {lesson.number: [lesson.hash[:8]] for lesson in all_lessons()}
    camp = Camp(folder, new_camp(), folder.resolve().name, start, core, optional, read_zone(zone), versions)
    enrol(camp, names)
    with atomic_folder(folder) as staged:
        (staged / "camp.toml").write_text(settings_text(camp), encoding="utf-8")
        (staged / ".gitignore").write_text(_IGNORED, encoding="utf-8")
        write_learners(camp, staged)
        write_codes(staged, updated(camp, [], names))
    return camp
