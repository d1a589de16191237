"""A bar in a log is a few whole lines; on a terminal it is redrawn."""

import subprocess
import sys

PROGRAM = """
from vit.runtime.bars import bar
for _ in bar(range(20000), desc="work", unit="img"):
    pass
with bar(total=3, desc="meter") as meter:
    for _ in range(3):
        meter.update(1)
"""


def test_in_a_log_a_bar_is_a_few_lines():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    assert "\r" not in done.stderr
    lines = done.stderr.splitlines()
    assert 2 <= len(lines) <= 8, lines  # a beginning and an end of each; more on a machine that stands still
    assert any("work" in line and "20000/20000" in line for line in lines)
    assert any("meter" in line and "3/3" in line for line in lines)
