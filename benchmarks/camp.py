"""A whole study camp, from roster to certificates, in one command: do 300 learners x 25 days fit?

    python -m benchmarks.camp [--learners 300] [--days 25]

Learners are simulated: each posts one line a day into a chat's export, some late, some wrapped or widened, some
altered, copied or of another camp. Then the organiser's own commands run, each a process of its own: `new`,
`schedule`, `verify` every day, `report`, `spot`, `certificates`. Prints what each took and its greatest memory;
the camp stays in outputs/benchmarks/camp/ to look at.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import psutil
from tqdm import tqdm

from course.camp.camp import Camp, Learner
from course.camp.folder import read_camp
from course.document.lesson import read_lesson
from course.learner.camp_code import key_of, new_camp, new_code
from course.learner.line import Record, pack, tried
from course.learner.question import question
from vit.runtime.machine import machine
from vit.runtime.paths import OUTPUTS, shown

FOLDER = OUTPUTS / "benchmarks" / "camp"
START = datetime(2026, 3, 2, tzinfo=timezone.utc)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静磊洋艳勇军杰娟涛明超秀霞平刚桂"
NOTES = ["今天写出了自注意力", "softmax 的轴弄反了", "the drawing of heads helped", "终于跑通", "", "", "", ""]


def command(*arguments: str, now: datetime, text: str = "") -> tuple[float, float, str]:
    """Run a camp command: seconds, peak MiB, what it printed."""
    start, peak = time.perf_counter(), 0
    environment = os.environ | {"VIT_CAMP_NOW": now.isoformat(), "VIT_LANG": "zh", "PYTHONIOENCODING": "utf-8"}
    log = FOLDER / "said.txt"
    with log.open("wb") as out:
        process = psutil.Popen([sys.executable, "-m", "course", "camp", *arguments], stdout=out, env=environment)
        while process.poll() is None:
            try:
                peak = max(peak, process.memory_info().rss)
            except psutil.Error:
                break
            time.sleep(0.02)
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return time.perf_counter() - start, peak / 2**20, log.read_text(encoding="utf-8")


def record(learner: Learner, place: str, when: datetime, rng: random.Random) -> Record:
    """What a learner of a certain skill would hand in."""
    lesson, section = read_lesson(place[:2]), place[2:]
    skill = random.Random(learner.name).uniform(0.5, 1)
    exercises = []
    for exercise in (one for one in lesson.exercises.values() if one.section == section):
        errors = [m for m in exercise.messages if rng.random() > skill]
        passed = rng.random() < skill + 0.3
        outcome = "passed" if passed else (errors[-1] if errors else "not yet")
        exercises.append(tried(outcome, len(errors) + passed, rng.choice([0, 0, 1, 2]), errors))
    _, right = question(lesson, section, key=learner.key)
    answer = right if rng.random() < skill + 0.2 else right + 1
    parts = {"03": 1, "04": 2, "05": 4, "06": 5, "07": 6, "08": 6}.get(lesson.number, 0)
    version = bytes.fromhex(lesson.hash)[:4]
    device = rng.choices(["CPU", "GPU", "Ascend"], [8, 1, 1])[0]
    seconds, texts = int(rng.lognormvariate(7, 0.5)), (learner.name, "top-1 86.8 %", rng.choice(NOTES))
    fields = (lesson.number, section, int(when.timestamp()), version, "zh", device, seconds, parts)
    return Record(*fields, answer, tuple(exercises), texts)


def post(line: str, rng: random.Random) -> str:
    """As chats hand lines on: whole, wrapped, quoted, widened, strewn with what cannot be seen."""
    kind = rng.randrange(6)
    if kind == 0:
        return "\n".join(line[i : i + 64] for i in range(0, len(line), 64))
    if kind == 1:
        return "\n> ".join(line[i : i + 76] for i in range(0, len(line), 76))
    if kind == 2:
        return "".join(chr(ord(c) + 0xFEE0) for c in line)
    return "\u200b".join(line[i : i + 40] for i in range(0, len(line), 40)) if kind == 3 else line


def chat(camp: Camp, day: int, rng: random.Random, later: dict[int, list[str]]) -> tuple[str, int, int]:
    """A day's export, how many lines it has, and how many of them are hostile; what comes late goes to `later`."""
    place, texts, hostile = ([*camp.plan[day], camp.optional[day % len(camp.optional)]])[0], later.pop(day, []), 0
    others = key_of(new_code(new_camp()))
    for learner in camp.learners:
        wait = rng.choices([0, 3], [0.94, 0.06])[0] if day + 3 <= camp.days else 0
        when = START + timedelta(days=day - 1 + wait, hours=rng.uniform(1, 12))
        one = record(learner, place, when, rng)
        line = pack(one, learner.key)
        if rng.random() < 0.04:  # a slip, or worse
            hostile += 1
            wrong = rng.randrange(4)
            if wrong == 0:  # a symbol altered
                spot = rng.randrange(40, len(line))
                line = line[:spot] + ("A" if line[spot] != "A" else "B") + line[spot + 1 :]
            elif wrong == 1:  # another camp's
                line = pack(one, others)
            elif wrong == 2:  # cut off
                line = line[: len(line) // 2]
            else:  # a friend's number written over one's own
                forged = replace(camp.learners[0].key, secret=bytes(32))
                line = pack(one, forged)
        said = f"{when:%H:%M} {learner.name}: 打卡\n{post(line, rng)}\n"
        (later.setdefault(day + wait, []) if wait else texts).append(said)
    return "\n".join(texts), len(texts), hostile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=300)
    parser.add_argument("--days", type=int, default=25)
    arguments = parser.parse_args()
    rng = random.Random(0)
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "chat").mkdir(parents=True)
    names = [f"{rng.choice(SURNAMES)}{rng.choice(GIVEN)}{rng.choice(GIVEN)}{n:03}" for n in range(arguments.learners)]
    (FOLDER / "roster.csv").write_text("name\n" + "\n".join(names) + "\n", encoding="utf-8")
    camp_folder, table = str(FOLDER / "camp"), []

    def run(name, *options, now=START):
        seconds, peak, said = command(name, camp_folder, *options, now=now)
        table.append((name, seconds, peak, said.strip().splitlines()[-1] if said.strip() else ""))

    run("new", "--roster", str(FOLDER / "roster.csv"), "--start", f"{START:%Y-%m-%d}", "--days", str(arguments.days))
    run("schedule")
    camp = read_camp(FOLDER / "camp")
    posted, hostile, later = 0, 0, {}
    for day in tqdm(range(1, arguments.days + 1), desc="days", file=sys.stderr):
        text, count, wrong = chat(camp, day, rng, later)
        path = FOLDER / "chat" / f"day-{day:02}.txt"
        path.write_text(text, encoding="utf-8")
        posted, hostile = posted + count, hostile + wrong
        run("verify", str(path), now=START + timedelta(days=day - 1, hours=14))
    end = START + timedelta(days=arguments.days + 1)
    run("verify", str(FOLDER / "chat"), now=end)  # everything once more, in one go
    run("report", now=end)
    run("spot", "--seed", "0", now=end)
    run("certificates", now=end)
    print(machine())
    print(f"{posted} lines posted, {hostile} of them hostile")
    days = table[2:-4]
    print(f"{'verify, day by day':20}{sum(r[1] for r in days):8.1f} s{max(r[2] for r in days):8.0f} MiB at most")
    for name, seconds, peak, last in [*table[:2], *table[-4:]]:
        print(f"{name:20}{seconds:8.1f} s{peak:8.0f} MiB   {last[:110]}")
    kept = (FOLDER / "camp" / "checkins.jsonl").read_text(encoding="utf-8").count("\n")
    print(f"kept {kept}; looked for {posted - hostile}")
    (FOLDER / "said.txt").unlink()
    with (FOLDER / "camp.json").open("w", encoding="utf-8") as stream:
        json.dump({"machine": machine(), "posted": posted, "hostile": hostile, "table": table}, stream, indent=1)
    print(f"-> {shown(FOLDER)}")


if __name__ == "__main__":
    main()
