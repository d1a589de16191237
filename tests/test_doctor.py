"""What the doctor says of machines that are not at hand."""

import re
from dataclasses import asdict, replace

import pytest

from course.document.bilingual import CHINESE
from vit.runtime.doctor import GIB, Facts, diagnose, examine, report

GOOD = Facts(
    python=(3, 11),
    system="Linux",
    packages=dict.fromkeys(["pillow", "safetensors", "download", "huggingface-hub", "tqdm", "matplotlib"], "1.0")
    | {"mindspore": "2.10.0", "numpy": "1.26.4"},
    mindspores=["mindspore"],
    probe={"device": "CPU", "seconds": 2.0, "way": "fused", "kernels": "kernels: fused (g++ 12)"},
)


def test_a_good_machine():
    assert all(check.status == "ok" for check in diagnose(GOOD))
    assert report(diagnose(GOOD)).endswith("all is well")


WRONG = [
    ({"packages": GOOD.packages | {"numpy": "2.4.0"}, "probe": None}, "numpy", "fail", "numpy>=1.26,<2"),
    ({"python": (3, 13)}, "python", "fail", "3.10 to 3.12"),
    ({"python": (3, 9)}, "python", "fail", "3.10 to 3.12"),
    (
        {"mindspores": ["mindspore", "mindspore-gpu"]},
        "mindspore",
        "fail",
        "pip uninstall -y mindspore mindspore-gpu",
    ),
    ({"mindspores": [], "probe": None}, "mindspore", "fail", "python start.py"),
    ({"packages": {"mindspore": "2.10.0", "numpy": "1.26.4"}}, "pillow", "fail", "requirements.txt"),
    ({"packages": GOOD.packages | {"mindspore": "2.2.14"}}, "mindspore", "note", "oldest that was tried"),
    ({"probe": None, "probe_error": "boom"}, "device", "fail", "--force-reinstall"),
    ({"probe": GOOD.probe | {"way": "written out", "kernels": "算子：逐个（没有）"}}, "kernels", "note", "g++"),
    (
        {"probe": GOOD.probe | {"way": "written out", "kernels": "算子：逐个（VIT_KERNELS=0）"}},
        "kernels",
        "note",
        "unset",
    ),
    ({"nvidia": "NVIDIA A100"}, "gpu", "note", "CUDA 11.1 and 11.6 only, and neither"),
    ({"nvidia": "NVIDIA A100", "cuda_11": True}, "gpu", "note", "not yet run here"),
    ({"ascend_card": True}, "ascend", "fail", "install CANN"),
    ({"ascend_card": True, "cann": True}, "ascend", "note", "--here"),
    ({"disk_free": GIB}, "disk", "fail", "make room"),
    ({"memory": 2 * GIB}, "memory", "note", "small batches"),
    ({"in_venv": False}, "environment", "note", "start.py"),
]


@pytest.mark.parametrize(("change", "name", "status", "mend"), WRONG)
def test_what_is_wrong_is_found_with_its_mend(change, name, status, mend):
    checks = {check.name: check for check in diagnose(replace(GOOD, **change))}
    assert checks[name].status == status
    assert mend in checks[name].mend
    others = [c.name for c in checks.values() if c.status == "fail" and c.name != name]
    assert set(others) <= {"device", "safetensors", "download", "huggingface-hub", "tqdm", "matplotlib"}


# what has no Chinese name: commands to type, packages and products
UNTRANSLATED = re.compile(
    r"pip (un)?install [\x21-\x7e ]+|python start\.py( --here)?|--device gpu|NVIDIA A100"
    r"|(unset )?VIT_KERNELS(=0)?|Debian|Ubuntu|apt install g\+\+"
)


@pytest.mark.parametrize("change", [{}, *(change for change, *_ in WRONG)], ids=str)
def test_it_speaks_chinese(monkeypatch, change):
    english = diagnose(replace(GOOD, **change))
    assert not CHINESE.search(report(english))
    monkeypatch.setenv("VIT_LANG", "zh")
    chinese = diagnose(replace(GOOD, **change))
    assert [(c.name, c.status) for c in chinese] == [(c.name, c.status) for c in english]  # what --json is read for
    words = re.compile(r"[a-z]{2,} +[a-z]{2,}|\b(free|several|FAIL|note|ok)\b", re.IGNORECASE)
    assert not words.findall(UNTRANSLATED.sub("", report(chinese)))
    assert CHINESE.search(report(chinese).splitlines()[-1])
    for zh, en in zip(map(asdict, chinese), map(asdict, english), strict=True):
        for key in ("found", "mend"):
            if words.search(UNTRANSLATED.sub("", en[key])):
                assert CHINESE.search(zh[key]), zh


def test_columns_stand_below_each_other_in_chinese(monkeypatch):
    monkeypatch.setenv("VIT_LANG", "zh")
    *lines, _ = report(diagnose(GOOD)).splitlines()
    two = re.compile("[\u3400-\u9fff]")
    ends = [len(two.sub("  ", re.match(r"\S+ +\S+ +", line).group())) for line in lines]
    assert set(ends) == {23}


def test_this_machine_is_well():
    checks = examine()
    assert not [check for check in checks if check.status == "fail"], report(checks)
