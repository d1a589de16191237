"""Lesson 12's contest: ViT, CNN and a hybrid of equal cost, by distinct pictures, at equal updates. Goes on where it was stopped.

    python -m benchmarks.vit_or_cnn --rates      # first: the rate of each network, on pictures kept for it
    python -m benchmarks.vit_or_cnn              # every row that is missing, seed 0 first
    python -m benchmarks.vit_or_cnn --print      # the tables as they stand

50,000 drawings are drawn once (data/sample_50000); rows of CIFAR-10 need data/cifar10 (`vit data cifar10`).
"""

import argparse
import sys
from dataclasses import asdict
from statistics import mean

from course.investigations import measured
from course.investigations.contest import (
    DATA,
    MODELS,
    RATES,
    UPDATES,
    Entry,
    Pictures,
    chosen,
    examined,
    network,
    trained,
)
from course.investigations.experiment import key
from course.investigations.rivals import NETWORKS
from vit.runtime.machine import machine

SIZES = (500, 5000, 50_000)
THIRD = [Entry("drawings", one, size) for one in ("vit", "cnn") for size in (5000, 50_000)]  # whose difference is small
THIRD += [Entry("cifar10", "cnn", 500), Entry("cifar10", "vit", 50_000)]
LONGER = 4  # times as many updates
TRIED = (1e-3, 2e-3, 4e-3)
RIVALS = [name for name in NETWORKS if name != "hybrid"]
FIRST = [  # what the investigations of the lesson need, with several seeds
    *(Entry(data, one, size) for data in MODELS for size in SIZES for one in RIVALS),
    *(Entry("drawings", one, 5000, patches="shuffled") for one in RIVALS),
]
LATER = [
    *(Entry(data, "hybrid", size) for data in MODELS for size in SIZES),
    *(Entry(data, one, 5000, crops="none") for data in MODELS for one in NETWORKS),
    *(Entry("drawings", "vit", size, updates=LONGER * UPDATES) for size in (5000, 50_000)),
]


def name(entry: Entry) -> str:
    """An entry as measured.json names it: what differs from the usual."""
    usual = asdict(Entry())
    return key({what: value for what, value in asdict(entry).items() if value != usual[what]})


def choose_rates() -> None:
    """Accuracy on 1,000 pictures of train that are not among the 5,000 trained on, for each rate; where the highest tried
    is the best, twice as much is tried."""
    for one in NETWORKS:
        for data in MODELS:
            rates, found = list(TRIED), []
            while len(found) < len(rates):
                entry, rate = Entry(data, one), rates[len(found)]
                change = f"{data}, {one}, rate={rate:g}"
                if not measured.runs("contest_rates", change):
                    model = trained(entry, 0, rate=rate)
                    kept = Pictures(chosen(data, 5000, beyond=True), model.preprocessing)
                    measured.add("contest_rates", change, 0, kept.accuracy(model), machine())
                found += measured.results("contest_rates", change)
                print(f"{change:32}{found[-1]:8.1%}", flush=True)
                if len(found) == len(rates) and found[-1] == max(found):
                    rates.append(2 * rate)


def run_all() -> None:
    for seed, part in enumerate(([*FIRST, *LATER], FIRST, THIRD)):
        for entry in part:
            if str(seed) not in measured.runs("contest", name(entry)):
                measured.add("contest", name(entry), seed, examined(entry, seed), machine())
                print(name(entry), seed, f"{measured.results('contest', name(entry))[-1]:.1%}", flush=True)


def show() -> None:
    """The tables."""
    print(measured.read()["contest"]["machine"])
    jpeg = next((DATA / "cifar10" / "train").rglob("*.jp*g"), None)
    print(f"{UPDATES} updates each; rates {RATES}; {'a JPEG copy of CIFAR-10' if jpeg else 'CIFAR-10'}")
    for data in MODELS:
        sizes = [sum(p.size for p in network(Entry(data, one), 0).trainable_params()) for one in NETWORKS]
        print(f"\n{data:34}", *(f"{one:>24}" for one in NETWORKS))
        print(f"{'parameters':34}", *(f"{size:24,}" for size in sizes))
        for row in (e for e in [*FIRST, *LATER] if e.data == data and e.network == "vit"):
            called = (
                f"{row.pictures:,}"
                + {"none": ", no crops"}.get(row.crops, "")
                + {"shuffled": ", shuffled"}.get(row.patches, "")
                + (f", {row.updates} updates" if row.updates != UPDATES else "")
            )
            cells = []
            for one in NETWORKS:
                found = measured.results("contest", name(Entry(**asdict(row) | {"network": one})))
                cells.append(f"{mean(found):.1%} ({', '.join(f'{100 * f:.1f}' for f in found)})" if found else "-")
            print(f"{called:34}", *(f"{cell:>24}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", action="store_true", help="compare learning rates instead")
    parser.add_argument("--print", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    try:
        if arguments.rates:
            return choose_rates()
        if not arguments.print:
            run_all()
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on from here")
    show()


if __name__ == "__main__":
    main()
