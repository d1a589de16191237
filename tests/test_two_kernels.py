"""Two notebooks open at once: both keep parts and note progress, and nothing of either is lost."""

import json
import os
import subprocess
import sys

from course.learner.my_vit import PARTS, stand_in

KERNEL = """
import sys
from course.learner import my_vit, progress
from course.learner.own_source import Source
name, count = sys.argv[1], int(sys.argv[2])
part = my_vit.PARTS[name]
for number in range(count):
    source = Source(("from mindspore import nn",), f"class {name}(nn.Cell):\\n    version = {number}")
    my_vit.keep(part, source)
    with progress.changing() as known:
        entry = progress.exercise(known, part.exercise)
        entry["attempts"] += 1
        shared = progress.exercise(known, "shared")
        shared["attempts"] += 1
        known["parts"][name] = source.digest
"""


def test_two_kernels_at_once_lose_nothing(tmp_path):
    environment = os.environ | {"VIT_LEARNER": str(tmp_path), "VIT_LANG": "en"}
    names = ("Attention", "Block")
    kernels = [subprocess.Popen([sys.executable, "-c", KERNEL, name, "40"], env=environment) for name in names]
    assert [kernel.wait(120) for kernel in kernels] == [0, 0]
    known = json.loads((tmp_path / "progress.json").read_text(encoding="utf-8"))
    assert known["exercises"]["shared"]["attempts"] == 80
    for name in names:
        assert known["exercises"][PARTS[name].exercise]["attempts"] == 40
        assert "version = 39" in (tmp_path / "my_vit" / PARTS[name].file).read_text(encoding="utf-8")
    others = [part for part in PARTS.values() if part.name not in names]
    assert all((tmp_path / "my_vit" / part.file).read_text("utf-8") == stand_in(part) for part in others)
