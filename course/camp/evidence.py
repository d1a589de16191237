"""What was handed in, beyond verifying it: dropping lines, deleting a learner's data, joining two organisers' folders."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from course.camp.camp import Camp, Learner, now
from course.camp.folder import Kept, add_entries, locked, read_camp, read_journal, write_kept
from course.camp.judge import Judge
from course.camp.roster import changing
from course.camp.text import plain
from course.learner.line import UnreadableLine, take_apart
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say


def drop(folder: Path, name: str, place: str, why: str) -> int:
    """A learner's lines of a section count no longer, nor when they are posted again; how many there were."""
    return _marked(folder, name, place, "dropped", f"{now().date()} {plain(why, 200)}".strip())


def restore(folder: Path, name: str, place: str) -> int:
    """The lines that were dropped count again."""
    return _marked(folder, name, place, "restored", now().date().isoformat())


def _marked(folder: Path, name: str, place: str, mark: str, what: str) -> int:
    with locked(folder):
        camp = read_camp(folder)
        journal, learner = read_journal(camp), camp.learner(name)
        wanted = [
            verdict.line
            for verdict in Judge(camp).kept(journal.kept.values())
            if verdict.learner is learner
            and verdict.record.place == place
            and (verdict.line in journal.dropped) == (mark == "restored")
        ]
        if not wanted:
            shown = plain(place)
            raise UserError(say(f"{name} 没有 {shown} 的这种行", f"{name} has no such line of {shown}"))
        add_entries(camp, [{"line": line, mark: what} for line in wanted])
    return len(wanted)


def forget(folder: Path, name: str) -> int:
    """Delete a learner and all their lines, in the camp's own files; what is made of them has to be made anew."""
    with locked(folder):
        camp = read_camp(folder)
        gone = [one for one in camp.learners if one.name == name] or [camp.learner(name)]
        if len(gone) > 1:
            raise UserError(
                say(
                    f"有两位叫 {name!r}（有人已退营）：先用 camp rename 给还在的改名",
                    f"two are called {name!r} (one has left): first rename the one who is there (camp rename)",
                )
            )
        (learner,) = gone
        keys = {key.learner for key in learner.keys}
        path, count, left = camp.folder / "checkins.jsonl", 0, []
        for entry in path.read_bytes().splitlines(keepends=True) if path.exists() else []:
            theirs = _maker(entry) in keys
            count += theirs
            left += [] if theirs else [entry]
        with atomic_path(path) as staged:
            staged.write_bytes(b"".join(left))
        for certificate in (folder / "certificates").glob(f"*-{learner.id.hex()}.*"):
            certificate.unlink()
    with changing(folder) as (camp, fresh):
        camp.learners = [one for one in camp.learners if one.id != learner.id]
        fresh.append(learner.name)  # and so their row goes
    for made in ("undo", "report", "public"):
        shutil.rmtree(folder / made, ignore_errors=True)
    for made in ("likeness.csv", "messages.csv"):
        (folder / made).unlink(missing_ok=True)
    return count


def _maker(entry: bytes) -> bytes | None:
    """The public number of the learner whose line an entry holds."""
    try:
        return take_apart(json.loads(entry)["line"]).learner
    except (ValueError, KeyError, TypeError, RecursionError, UnreadableLine):
        return None


def merge(folder: Path, other: Path) -> tuple[int, int]:
    """Take over what another organiser of the same camp has: learners, and lines as they saw them first.

    Returns:
        How many learners and lines are new here.

    Raises:
        UserError: it is another camp, or both have changed the same learner's code; then nothing has changed.
    """
    theirs = read_camp(other)
    with changing(folder) as (camp, fresh):
        if theirs.id != camp.id:
            raise UserError(
                say(
                    f"{other} 是另一个营（{theirs.id}），不是 {camp.id}",
                    f"{other} is another camp ({theirs.id}), not {camp.id}",
                )
            )
        new = list(_joined(camp, theirs))
        fresh += [one.name for one in new if not one.left]
        journal, known = read_journal(theirs), read_journal(camp)
        lines = [one for one in journal.kept.values() if one.line not in known.kept]
        # the lines first: were this cut off, they are there, and count once the learners are
        write_kept(camp, [_from(other, one) for one in journal.kept.values()])
        marks = [{"line": line, "dropped": why} for line, why in journal.dropped.items() if line not in known.dropped]
        add_entries(camp, marks)
    return len(new), len(lines)


def _from(other: Path, one: Kept) -> Kept:
    return replace(one, source=f"{plain(other.name)}/{one.source}")


def _joined(camp: Camp, theirs: Camp) -> Iterator[Learner]:
    """Those of theirs that are new here; who is in both gets the longer history."""
    here = {learner.id: learner for learner in camp.learners}
    taken = {learner.name for learner in camp.learners if not learner.left}
    for one in theirs.learners:
        mine = here.get(one.id)
        if mine is None:
            if one.name in taken and not one.left:
                raise UserError(
                    say(
                        f"两边都有 {one.name!r}，但不是同一个人：先用 camp rename 改名",
                        f"both have a {one.name!r}, with other codes: rename one first (camp rename)",
                    )
                )
            camp.learners.append(one)
            yield one
            continue
        shorter, longer = sorted((mine, one), key=lambda learner: len(learner.keys))
        if longer.keys[: len(shorter.keys)] != shorter.keys:
            raise UserError(
                say(
                    f"两边都给 {one.name!r} 换过营码：先在一边 camp undo",
                    f"both have given {one.name!r} a new code: take one back first (camp undo)",
                )
            )
        mine.keys, mine.replaced, mine.code = longer.keys, longer.replaced, longer.code
        mine.left = mine.left or one.left
