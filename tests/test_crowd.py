"""Giving way on a busy machine: fewer cores while others need them, all of them afterwards."""

import os
import subprocess
import sys
import time

import psutil
import pytest
from conftest import ALL_CORES
from hypothesis import given
from hypothesis import strategies as st

from vit.runtime.crowd import BUSY, QUIET, cores_to_use, which_cores

CAN = len(ALL_CORES) > 1
LOOP = [sys.executable, "-c", "while True: pass"]
# tells how many cores each of its threads may use, and what a child of it uses, whenever a line comes in
WATCHED = """
import os, subprocess, sys, threading
os.sched_setaffinity(0, ALL_CORES)
from vit.runtime import crowd
crowd.PERIOD = 0.3
crowd.give_way()
crowd.give_way()
assert [thread.name for thread in threading.enumerate()].count("crowd") == 1
child = "import os; from vit.runtime.crowd import give_way; give_way(); print(len(os.sched_getaffinity(0)))"
for line in sys.stdin:
    used = {len(os.sched_getaffinity(int(thread))) for thread in os.listdir("/proc/self/task")}
    of_child = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout
    print(sorted(used), of_child.strip(), flush=True)
"""


@given(st.integers(1, 256), st.floats(0, 300), st.integers(1, 256))
def test_what_is_used_lies_between_one_core_and_all(cores, others, now):
    now = min(now, cores)
    assert 1 <= cores_to_use(cores, others, now) <= cores
    assert others >= QUIET or cores_to_use(cores, others, now) == cores
    assert not QUIET <= others <= BUSY or cores_to_use(cores, others, now) == now


@pytest.mark.parametrize(
    ("cores", "others", "wanted"), [(2, 0.1, 2), (2, 1.0, 1), (2, 2.0, 1), (16, 2.0, 14), (1, 1.0, 1)]
)
def test_cores_to_use(cores, others, wanted):
    assert cores_to_use(cores, others, cores) == wanted


@pytest.mark.parametrize(
    ("busy", "mine", "own", "many", "cores"),
    [
        ({0: 1.0, 1: 1.0}, [0, 1], 1.0, 1, {0, 1}),  # a loop beside: either core
        ({0: 1.0, 1: 0.0}, [0], 0.5, 1, {1}),  # sharing a core while the other is idle
        ({0: 1.0, 1: 1.0}, [1], 1.0, 1, {1}),  # a core of our own: stay
        ({0: 0.6, 1: 0.5}, [0], 0.5, 1, {0}),  # little to gain: stay
        ({0: 0.9, 1: 0.9, 2: 0.1, 3: 0.2}, [0, 1], 0.8, 2, {2, 3}),
        ({0: 0.1, 1: 0.1}, [1], 0.1, 2, {0, 1}),  # the others have gone
    ],
)
def test_where_others_work_least(busy, mine, own, many, cores):
    to = which_cores(busy, mine, own, many)
    assert len(to) == many
    assert set(to) <= cores


SPINNING = """
import os, sys, threading
os.sched_setaffinity(0, ALL_CORES[:2])
from vit.runtime import crowd
crowd.PERIOD = 0.3
crowd.give_way()
threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
for line in sys.stdin:
    print(sorted(os.sched_getaffinity(0)), flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not CAN, reason="one core, or a system without sched_setaffinity")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="needs the machine for itself: .ci/run runs it alone")
def test_two_programs_of_ours_take_a_core_each():
    program = [sys.executable, "-c", SPINNING.replace("ALL_CORES", str(ALL_CORES))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(program, **pipes) for _ in range(2)]
    try:
        for _ in range(100):
            answers = []
            for process in both:
                process.stdin.write("\n")
                process.stdin.flush()
                answers.append(process.stdout.readline().strip())
            if sorted(answers) == [f"[{core}]" for core in ALL_CORES[:2]]:
                return
            time.sleep(0.3)
    finally:
        for process in both:
            process.kill()
            process.wait()
    if psutil.cpu_percent(1.0) > 10:
        pytest.skip("other programs keep this machine busy")
    pytest.fail(f"they ended on {answers}")


@pytest.mark.slow
@pytest.mark.skipif(not CAN, reason="one core, or a system without sched_setaffinity")
def test_gives_way_while_others_work_and_spreads_again():
    cores = len(ALL_CORES)
    watched = subprocess.Popen(
        [sys.executable, "-c", WATCHED.replace("ALL_CORES", str(ALL_CORES))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def wait_for(wanted):
        for _ in range(100):
            watched.stdin.write("\n")
            watched.stdin.flush()
            if (answer := watched.stdout.readline().strip()) == wanted:
                return answer
            time.sleep(0.3)
        return answer

    loops = [subprocess.Popen(LOOP) for _ in range(cores)]
    for loop in loops:
        os.sched_setaffinity(loop.pid, ALL_CORES)
    try:
        assert wait_for(f"[1] {cores}") == f"[1] {cores}"  # a child does not inherit the few
        for loop in loops:
            loop.kill()
            loop.wait()
        if psutil.cpu_percent(1.0) > 10:
            pytest.skip("other programs keep this machine busy")
        assert wait_for(f"[{cores}] {cores}") == f"[{cores}] {cores}"
    finally:
        for process in (*loops, watched):
            process.kill()
