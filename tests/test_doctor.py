"""What the doctor says of machines that are not at hand."""

from dataclasses import replace

import pytest

from vit.runtime.doctor import GIB, Facts, diagnose, examine, report

GOOD = Facts(
    python=(3, 11),
    system="Linux",
    packages=dict.fromkeys(["pillow", "safetensors", "download", "huggingface-hub", "tqdm", "matplotlib"], "1.0")
    | {"mindspore": "2.10.0", "numpy": "1.26.4"},
    mindspores=["mindspore"],
    probe={"device": "CPU", "seconds": 2.0},
)


def test_a_good_machine():
    assert all(check.status == "ok" for check in diagnose(GOOD))
    assert report(diagnose(GOOD)).endswith("all is well")


@pytest.mark.parametrize(
    ("change", "name", "status", "mend"),
    [
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
        ({"nvidia": "NVIDIA A100"}, "gpu", "note", "CUDA 11.1 and 11.6 only, and neither"),
        ({"nvidia": "NVIDIA A100", "cuda_11": True}, "gpu", "note", "not yet run here"),
        ({"ascend_card": True}, "ascend", "fail", "install CANN"),
        ({"ascend_card": True, "cann": True}, "ascend", "note", "--here"),
        ({"disk_free": GIB}, "disk", "fail", "make room"),
        ({"memory": 2 * GIB}, "memory", "note", "small batches"),
        ({"in_venv": False}, "environment", "note", "start.py"),
    ],
)
def test_what_is_wrong_is_found_with_its_mend(change, name, status, mend):
    checks = {check.name: check for check in diagnose(replace(GOOD, **change))}
    assert checks[name].status == status
    assert mend in checks[name].mend
    others = [c.name for c in checks.values() if c.status == "fail" and c.name != name]
    assert set(others) <= {"device", "safetensors", "download", "huggingface-hub", "tqdm", "matplotlib"}


def test_this_machine_is_well():
    checks = examine()
    assert not [check for check in checks if check.status == "fail"], report(checks)
