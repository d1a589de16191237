"""The tables of the course's investigations: each change with several seeds. Goes on where it was stopped.

python -m benchmarks.investigations            # all that is missing
python -m benchmarks.investigations 06.5       # of one
"""

import argparse
from statistics import mean

from course.investigations import measured
from course.investigations.experiment import key
from course.investigations.known import EXPERIMENTS
from vit.runtime.machine import machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", choices=[*EXPERIMENTS, []], help="default: all")
    for number in parser.parse_args().numbers or EXPERIMENTS:
        one = EXPERIMENTS[number]
        if one.command:
            print(f"{number}: {one.command}")
            continue
        for seed in range(one.seeds):
            for change in one.table:
                if str(seed) not in measured.runs(one.kind, key(change)):
                    result = one.run(one.settings(change), seed)
                    measured.add(one.kind, key(change), seed, result, machine())
        print(f"{number}: {one.measures[1]}")
        found = [measured.results(one.kind, key(change))[: one.seeds] for change in one.table]
        for change, results in zip(one.table, found, strict=True):
            each = ", ".join(one.form.format(result) for result in results)
            print(f"    {one.called(change):40} {one.form.format(mean(results)):>7}   ({each})", flush=True)
        print(f"    standard deviation of one run {one.form.format(measured.spread(found))}; {one.follows(found)}")


if __name__ == "__main__":
    main()
