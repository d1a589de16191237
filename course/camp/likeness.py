"""Lines of different learners that are more alike than honest ones are by nature. A list, not a judgement."""

from collections import defaultdict
from dataclasses import dataclass

from course.camp.judge import LineVerdict

FEW = 2  # answers of somebody else's before they are worth a look: one comes about by chance


@dataclass
class Likeness:
    place: str
    kind: tuple[str, str]  # zh, en
    names: list[str]


def alike(verdicts: list[LineVerdict]) -> list[Likeness]:
    """The same note, the same way to an answer, the answers of somebody else; right answers are alike anyway."""
    notes, ways, found = defaultdict(set), defaultdict(set), []
    for verdict in verdicts:
        record, name = verdict.record, verdict.learner.name
        if len(note := " ".join(record.texts[2].lower().split())) >= 8:
            notes[record.place, note].add(name)
        if sum(len(tried.mistakes) for tried in record.exercises) >= 2:
            ways[record.place, record.exercises, record.seconds // 60].add(name)
    for groups, kind in (
        (notes, ("同样的留言", "the same note")),
        (ways, ("同样的错误、次数与时长", "the same mistakes, attempts and minutes")),
    ):
        found += [Likeness(place, kind, sorted(names)) for (place, *_), names in groups.items() if len(names) > 1]
    return found + _answers_of_others(verdicts)


def _answers_of_others(verdicts: list[LineVerdict]) -> list[Likeness]:
    """Who gave, in several sections, wrong answers that the same other learner gave rightly.

    A section has some dozens to some thousands of different questions, so among many learners an honest slip is
    often right for somebody; that it is so again and again for the same one is not chance.
    """
    rightly = defaultdict(set)  # section, answer -> who gave it
    for verdict in verdicts:
        if verdict.right:
            rightly[verdict.record.place, verdict.record.answer].add(verdict.learner.name)
    both = defaultdict(set)  # who, of whom -> sections
    for verdict in verdicts:
        if verdict.right is False:
            name, place = verdict.learner.name, verdict.record.place
            for other in rightly[place, verdict.record.answer] - {name}:
                both[name, other].add(place)
    kind = ("答案是别人那道题的", "the answers to another's questions")
    return [Likeness(" ".join(sorted(places)), kind, list(pair)) for pair, places in both.items() if len(places) >= FEW]
