"""How often does the list of likenesses name somebody honest, and does it name one who copies?

    python -m benchmarks.likeness [--camps 20]

In simulated camps every learner slips in three of ten answers, as people do (one too many, one too few, doubled, the
sign), and one copies four answers of another's. Prints how many pairs of honest learners stand in `likeness.csv` as
those whose wrong answers were right for the other, and how often the one who copied does.
"""

import argparse
import random

from tqdm import tqdm

from course.camp import likeness
from course.camp.camp import Learner, known_places
from course.camp.judge import LineVerdict
from course.document.lesson import read_lesson
from course.learner.camp_code import SYMBOLS, Key
from course.learner.line import Record, tried
from course.learner.question import close, question

SLIPS, COPIED = 0.3, 4


def record(place: str, answer: float) -> Record:
    """A line whose answer alone matters here: every exercise passed at once, another note in each."""
    exercises = [one for one in read_lesson(place[:2]).exercises.values() if one.section == place[2:]]
    first = tuple(tried("passed", 1, 0, []) for _ in exercises)
    return Record(place[:2], place[2:], 0, b"", "en", "CPU", 0, 0, answer, first, ("", "", ""))


def camp(size: int, seed: int) -> tuple[int, list[list[str]]]:
    """Learners "0" to "size - 1" and "copier", who copies from "0": how many slips, and the pairs listed."""
    rng = random.Random(seed)
    name = "".join(rng.choices(SYMBOLS, k=4))
    learners = [Learner(str(n), [Key(name, rng.randbytes(32))]) for n in range(size)]
    copier = Learner("copier", [Key(name, rng.randbytes(32))])
    verdicts, slips = [], 0
    for place in known_places():
        lesson, section = read_lesson(place[:2]), place[2:]
        for learner in learners:
            _, right = question(lesson, section, key=learner.key)
            slip = rng.choice([right + 1, right - 1, 2 * right, -right]) if rng.random() < SLIPS else right
            typed = float(f"{slip:.3f}")
            good = close(typed, right)
            slips += not good
            verdicts.append(LineVerdict("", learner, record(place, typed), learner.key, right=good))
    of_another = [one for one in verdicts if one.learner.name == "0" and one.right]
    for one in of_another:
        place, answer = one.record.place, one.record.answer
        if not close(answer, question(read_lesson(place[:2]), place[2:], key=copier.key)[1]):
            verdicts.append(LineVerdict("", copier, one.record, copier.key, right=False))
        if sum(verdict.learner is copier for verdict in verdicts) == COPIED:
            break
    return slips, [one.names for one in likeness.alike(verdicts)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--camps", type=int, default=20, help="simulated camps of each size")
    camps = parser.parse_args().camps
    for size in (40, 300):
        slips = honest = found = 0
        for seed in tqdm(range(camps), desc=f"{size} learners", leave=False):
            count, pairs = camp(size, seed)
            slips += count
            found += ["copier", "0"] in pairs
            honest += len([pair for pair in pairs if "copier" not in pair])
        print(f"{camps} camps of {size}: {slips} slips, {honest} honest pairs listed; the copier in {found} of {camps}")


if __name__ == "__main__":
    main()
