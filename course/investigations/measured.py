"""What `python -m benchmarks.investigations` and `benchmarks.vit_or_cnn` have measured: the tables that a learner's own
run stands beside.

measured.json: {kind: {"machine": who measured, "runs": {change: {seed: result, or {"result": ..., more of the run}}}}}
"""

import json
from pathlib import Path
from statistics import mean, stdev

from vit.runtime.atomic import atomic_path

FILE = Path(__file__).with_name("measured.json")
COMMAND = "python -m benchmarks.investigations"


def read() -> dict:
    """All of it."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}


def add(kind: str, change: str, seed: int, result: float | dict, machine: str) -> None:
    """One more run. A machine that has not measured of this kind before is named beside the others."""
    known = read()
    of_kind = known.setdefault(kind, {"machine": machine, "runs": {}})
    if machine not in of_kind["machine"].split("; "):
        of_kind["machine"] += f"; {machine}"
    of_kind["runs"].setdefault(change, {})[str(seed)] = result
    with atomic_path(FILE) as staged:
        staged.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def runs(kind: str, change: str) -> dict[str, float | dict]:
    """seed -> result, or more of the run"""
    return read().get(kind, {}).get("runs", {}).get(change, {})


def results(kind: str, change: str, of: str = "result") -> list[float]:
    """Of every seed, in order; `of` is what of a run."""
    in_order = (run for _, run in sorted(runs(kind, change).items(), key=lambda one: int(one[0])))
    return [run[of] if isinstance(run, dict) else run for run in in_order]


def spread(groups: list[list[float]]) -> float:
    """The standard deviation of a single run, pooled over groups of runs that differ by their seed alone."""
    many = [group for group in groups if len(group) > 1]
    weights = sum(len(group) - 1 for group in many)
    return (sum(stdev(group) ** 2 * (len(group) - 1) for group in many) / weights) ** 0.5 if weights else 0.0


def threshold(groups: list[list[float]]) -> float:
    """How far apart the means of two groups must be to be told apart: twice the standard error of their difference."""
    return 2 * spread(groups) * (2 / min(map(len, groups))) ** 0.5


def told_apart(groups: list[list[float]], one: int, other: int) -> bool:
    """Whether two groups' means are."""
    return abs(mean(groups[one]) - mean(groups[other])) > threshold(groups)
