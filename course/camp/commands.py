"""What each camp command does and says.

A command fetches what it alone needs when it is called (as `vit`'s do): figures, pages and calendars take longer
to load than most commands to run.
"""

from collections import Counter
from pathlib import Path

from course.camp import evidence, roster
from course.camp.camp import now
from course.camp.folder import locked, read_camp, read_journal, write_kept
from course.camp.judge import Judge, LineVerdict
from course.camp.sources import look_through
from course.camp.standing import earned, lacking, standings
from course.camp.text import plain
from course.camp.verify import seldom, told
from course.camp.verify import verify as judged
from vit.runtime.errors import UserError
from vit.runtime.language import language, say

TOLD = 20  # refusals of one source, and sources without a line


def new(chosen) -> None:
    from course.camp.new import make

    camp = make(chosen.folder, chosen.roster, chosen.start, chosen.days, chosen.zone, chosen.encoding)
    folder = chosen.folder
    print(
        say(
            f"{folder}：{len(camp.learners)} 人，{camp.days} 天，从 {camp.start} 开始（{camp.zone}）。",
            f"{folder}: {len(camp.learners)} learners, {camp.days} days from {camp.start} ({camp.zone}).",
        )
    )
    print(
        say(
            "把 codes.csv 里的营码私下发给每个人。keys.json 请备份，只有组织者可以看：有它就能伪造任何人的打卡。",
            "Give each their code from codes.csv, in private. Keep a copy of keys.json where only organisers see it: with it anybody's line can be forged.",
        )
    )
    print(
        say(
            "日期、积分、证书的条件、每天的小节在 camp.toml，可以改。",
            "Dates, points, what earns a certificate, and the sections of each day are in camp.toml, yours to edit.",
        )
    )


def _changed(folder: Path) -> None:
    codes = folder / "codes.csv"
    print(
        say(
            f"名单已更新，营码在 {codes}；camp undo 可以撤销",
            f"the roster is up to date; codes are in {codes}; 'camp undo' takes it back",
        )
    )


def add(chosen) -> None:
    roster.add(chosen.folder, chosen.names)
    _changed(chosen.folder)


def remove(chosen) -> None:
    roster.remove(chosen.folder, chosen.names)
    names = say("、", ", ").join(map(plain, chosen.names))
    print(
        say(
            f"已退营：{names}。报告里不再出现，明天起的打卡不再接受；camp undo 可以撤销。",
            f"gone: {names}. No longer in the report; lines from tomorrow on are refused; 'camp undo' takes it back.",
        )
    )


def reissue(chosen) -> None:
    roster.reissue(chosen.folder, chosen.names)
    _changed(chosen.folder)


def rename(chosen) -> None:
    roster.rename(chosen.folder, chosen.old, chosen.new)
    _changed(chosen.folder)


def undo(chosen) -> None:
    roster.undo(chosen.folder)
    print(say("名单已回到上一次改动之前", "the roster is as it was before the last change"))


def codes(chosen) -> None:
    _written(roster.hand_out(chosen.folder, chosen.names))


def schedule(chosen) -> None:
    from course.camp.schedule import rows, write

    camp = read_camp(chosen.folder)
    for day, when, what, minutes in rows(camp):
        print(f"{day:>3}  {when}  {minutes or '':>3}  {what}")
    _written(write(camp))


def verify(chosen) -> None:
    read_camp(chosen.folder)  # before anything is read: says what is wrong with it
    if missing := next((s for s in chosen.sources if s != "-" and not Path(s).exists()), None):
        raise UserError(say(f"{missing}：没有这个文件或文件夹", f"{missing}: no such file or folder"))
    found = list(seldom(one for source in chosen.sources for one in look_through(source)))
    with locked(chosen.folder):
        camp = read_camp(chosen.folder)
        journal = read_journal(camp)
        kept = [one for one in journal.kept.values() if one.line not in journal.dropped]
        verdicts, lines = judged(camp, found, kept, now(), journal.dropped)
        write_kept(camp, lines)
    for text in _told(verdicts, chosen.all):
        print(text)
    _uncounted(journal, camp)
    accepted = {verdict.line for verdict in verdicts if not verdict.refused}
    refused = sum(verdict.count for verdict in verdicts if verdict.refused)
    fresh = sum(verdict.new for verdict in verdicts)
    print(
        say(
            f"接受 {len(accepted)} 行（其中新增 {fresh} 行），拒绝或跳过 {refused} 处",
            f"{len(accepted)} accepted ({fresh} new), {refused} refused or left out",
        )
    )


def _told(verdicts: list[LineVerdict], all_: bool) -> list[str]:
    """A line each; of what is known or refused how many, where there are many."""
    texts, refused, nothing = [], Counter(), []
    for verdict in verdicts:
        if verdict.refused and not verdict.count:
            nothing.append(verdict)
        elif verdict.count > 1:
            texts.append(told(verdict))
        elif verdict.refused:
            source = verdict.where.rpartition(":")[0] or verdict.where
            refused[source] += 1
            if refused[source] <= TOLD:
                texts.append(told(verdict))
        elif all_ or not verdict.old:
            texts.append(told(verdict))
    for source, count in refused.items():
        if (more := count - TOLD) > 0:
            texts.append(say(f"🔸 {source}：这样的还有 {more} 处", f"🔸 {source}: and {more} more refused"))
    texts += [told(verdict) for verdict in nothing[:TOLD]]
    if (more := len(nothing) - TOLD) > 0:
        texts.append(say(f"🔸 没有打卡行的文件还有 {more} 个", f"🔸 and {more} more files without a line"))
    return texts


def _uncounted(journal, camp) -> None:
    """What is in checkins.jsonl and counts for nothing stays there, and is said."""
    if journal.unreadable:
        where = ", ".join(map(str, journal.unreadable[:5]))
        print(
            say(
                f"🔸 checkins.jsonl 有 {len(journal.unreadable)} 行读不懂（第 {where} 行…），仍保留，不计入",
                f"🔸 checkins.jsonl has {len(journal.unreadable)} entries that cannot be read (line {where} ...): kept, not counted",
            )
        )
    reasons = Counter(v.refused for v in Judge(camp).every(journal.kept.values()) if v.refused)
    for why, count in reasons.most_common(5):
        print(
            say(
                f"🔸 checkins.jsonl 里有 {count} 行现在不计入：{why}",
                f"🔸 {count} lines of checkins.jsonl do not count now: {why}",
            )
        )


def report(chosen) -> None:
    from course.camp.report import write

    camp = read_camp(chosen.folder)
    _uncounted(read_journal(camp), camp)
    *written, likeness, public = write(camp, now())
    _written([*written, likeness, public])
    print(
        say(
            "report/ 有姓名和留言，likeness.csv 列出相似之处供你查看：都不要公开。public/ 只有数字，可以公开。",
            "report/ has names and notes, likeness.csv what is alike, for you to look at: publish neither. public/ has numbers alone, and may be.",
        )
    )


def show(chosen) -> None:
    from course.camp.one import about

    print("\n".join(about(read_camp(chosen.folder), chosen.names[0], now())))


def drop(chosen) -> None:
    if chosen.undo:
        count = evidence.restore(chosen.folder, chosen.name, chosen.section)
        print(say(f"{count} 行重新计入", f"{count} lines count again"))
        return
    count = evidence.drop(chosen.folder, chosen.name, chosen.section, chosen.why)
    print(
        say(
            f"{count} 行已撤下，不再计入；--undo 可以恢复",
            f"{count} lines are dropped and count no longer; --undo takes it back",
        )
    )


def forget(chosen) -> None:
    count = evidence.forget(chosen.folder, chosen.names[0])
    print(
        say(
            f"已删除这位学员和 {count} 行打卡、证书、报告和撤销用的副本；请重新运行 camp report。你另存的备份和聊天记录里还有。",
            f"the learner is deleted, with {count} lines, certificates, the report and the copies for undo; run 'camp report' again. Copies of your own and the chats still have them.",
        )
    )


def merge(chosen) -> None:
    learners, lines = evidence.merge(chosen.folder, chosen.other)
    print(say(f"并入 {learners} 位学员、{lines} 行", f"{learners} learners and {lines} lines came in"))


def spot(chosen) -> None:
    from course.camp.spot import choose

    camp = read_camp(chosen.folder)
    for one, what in choose(standings(camp, now()), chosen.count, chosen.seed):
        print(f"- {plain(one.learner.name)}: {what}")


def certificates(chosen) -> None:
    from course.camp.serial import holder

    camp = read_camp(chosen.folder)
    if chosen.find:
        _found(camp, holder(camp, chosen.find))
        return
    found = standings(camp, now())
    rule = camp.rule
    print(
        say(
            f"条件：小节 {rule.sections:.0%}，练习通过 {rule.exercises:.0%}，专属问题答对 {rule.questions:.0%}（camp.toml）",
            f"the rule: {rule.sections:.0%} of the sections, {rule.exercises:.0%} of the exercises passed, {rule.questions:.0%} of the questions right (camp.toml)",
        )
    )
    if close := sum(one.share >= rule.sections and not earned(camp, one) for one in found):
        print(
            say(
                f"{close} 人交够了小节，但练习或专属问题不够（report/learners.csv）",
                f"{close} have handed in enough sections, but lack exercises or questions (report/learners.csv)",
            )
        )
    if not any(earned(camp, one) for one in found):
        print(say(f"还没有人达到 {rule.sections:.0%}", f"nobody has reached {rule.sections:.0%} yet"))
        return
    from course.camp.certificates import write

    written, folder = write(camp, now(), chosen.format, language()), camp.folder / "certificates"
    print(say(f"{len(written)} 张证书在 {folder}", f"{len(written)} certificates in {folder}"))


def _found(camp, learner) -> None:
    if learner is None:
        print(say("本营没有这个编号的证书", "no certificate of this camp has this number"))
        return
    one = next((one for one in standings(camp, now()) if one.learner is learner), None)
    name = plain(learner.name)
    if one is None:
        print(say(f"{name}（已退营）", f"{name} (has left the camp)"))
    elif lacks := say("；", "; ").join(lacking(camp, one)):
        print(say(f"{name}，但没有达到条件：{lacks}", f"{name}, who has not earned it: {lacks}"))
    else:
        print(say(f"{name}，达到条件", f"{name}, who has earned it"))


def _written(paths: list[Path]) -> None:
    print(say("已写入 ", "wrote ") + ", ".join(map(str, paths)))
