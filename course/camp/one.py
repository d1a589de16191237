"""One learner: what they have handed in, and what is missing; to answer them, or an appeal."""

from datetime import datetime

from course.camp.camp import Camp, exercises_of
from course.camp.difficulty import investigated
from course.camp.folder import read_journal
from course.camp.judge import Judge
from course.camp.standing import lacking, standings
from course.camp.text import plain
from vit.runtime.language import say


def about(camp: Camp, name: str, when: datetime) -> list[str]:
    """A line each, for the terminal or to send to them."""
    learner = camp.learner(name)
    journal = read_journal(camp)
    every = [v for v in Judge(camp).every(journal.kept.values()) if v.learner is learner]
    standing = [v for v in every if not v.refused and v.line not in journal.dropped]
    one = next(one for one in standings(camp, when, standing) if one.learner is learner)
    told = [
        say(
            f"{plain(name)}：{one.points} 分，{len(one.done)} 个小节，连续 {one.streak} 天，部件 {one.parts}",
            f"{plain(name)}: {one.points} points, {len(one.done)} sections, {one.streak} days in a row, {one.parts} own parts",
        )
    ]
    right = {True: "✅", False: "❌", None: "—"}
    for verdict in sorted(every, key=lambda v: v.time):
        place, record = verdict.record.place, verdict.record
        what = f"{verdict.made:%Y-%m-%d %H:%M} · {place} · {verdict.passed}/{len(exercises_of(place))} · {right[verdict.right]}"
        notes = [verdict.refused] if verdict.refused else list(verdict.notes)
        if verdict.line in journal.dropped:
            notes.append(say(f"已撤下：{journal.dropped[verdict.line]}", f"dropped: {journal.dropped[verdict.line]}"))
        elif not verdict.refused and one.done[place].line != verdict.line:
            notes.append(say("已被后来的一行取代", "replaced by a later line"))
        notes += [
            say(
                f"{number} 预测 {run[0]:.3g}，得到 {run[1]:.3g}", f"{number} predicted {run[0]:.3g}, found {run[1]:.3g}"
            )
            for number, run in investigated(verdict)
            if run
        ]
        note = plain(record.texts[2], 200)
        told.append(" · ".join([what, *notes, *([f"“{note}”"] if note else [])]))
    if one.missing:
        listed = " ".join(one.missing)
        told.append(say(f"缺：{listed}", f"missing: {listed}"))
    lacks = say("；", "; ").join(lacking(camp, one)) or say("已达到", "earned")
    told.append(say(f"证书：{lacks}", f"certificate: {lacks}"))
    return told
