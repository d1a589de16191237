"""The page for when something goes wrong: what `vit doctor` and the checks say, and what to do about it."""

import os
from dataclasses import replace
from pathlib import Path

from course.camp.difficulty import OUTCOMES
from course.language import LANGUAGES, say, spoken
from vit.runtime.doctor import GIB, PACKAGES, TITLES, Facts, diagnose
from vit.runtime.paths import ROOT

PAGES = ROOT / "course" / "pages"
_WELL = Facts(
    python=(3, 11),
    system="Linux",
    packages=dict.fromkeys(PACKAGES, "1.0") | {"mindspore": "2.10.0"},
    mindspores=["mindspore"],
    probe={"device": "CPU", "seconds": 3.0, "way": "fused", "kernels": "kernels: fused"},
)
_ILL = (  # a machine for each thing that the doctor knows of
    {"python": (3, 13)},
    {"mindspores": ["mindspore", "mindspore-gpu"]},
    {"mindspores": [], "probe": None},
    {"packages": _WELL.packages | {"mindspore": "2.6.0"}},
    {"packages": _WELL.packages | {"numpy": "2.1.0"}},
    {"packages": {name: _WELL.packages[name] for name in PACKAGES if name != "safetensors"}},
    {"probe": None, "probe_error": "Segmentation fault"},
    {"probe": _WELL.probe | {"way": "written out", "kernels": "kernels: no compiler"}},
    {"probe": _WELL.probe | {"way": "written out", "kernels": "kernels: VIT_KERNELS=0"}},
    {"nvidia": "NVIDIA GPU"},
    {"nvidia": "NVIDIA GPU", "cuda_11": True},
    {"ascend_card": True},
    {"ascend_card": True, "cann": True},
    {"disk_free": 2 * GIB},
    {"memory": 3 * GIB},
    {"in_venv": False},
)
# outcome of a check -> what to do, zh and en; its name: course/CHECKIN.md
_DO = {
    "placeholder": ("改写练习的单元格，运行它，再运行检查", "rewrite the exercise's cell, run it, then the check"),
    "package": ("先运行你写类的那个单元格", "run the cell with your class first"),
    "not run": ("把预测写进 predicted，运行那个单元格", "write your prediction into predicted and run that cell"),
    "unreadable": (
        "看题目要的是什么：数组、一个数、字母，还是类本身",
        "see what is wanted: an array, a number, letters, or the class itself",
    ),
    "shape": ("打印 .shape，与题目里写的逐个轴比", "print .shape and compare axis by axis with what the task says"),
    "error": (
        "看错误的最后一行；在检查之外先自己调用一次",
        "read the last line of the error; call it yourself before the check",
    ),
    "parameters": (
        "子层的名字和形状按题目来，公开权重才装得进去",
        "name and shape the layers as the task says, or published weights would not fit",
    ),
    "leans": ("用到的函数写进同一个单元格", "put the function that it uses into the same cell"),
    "half": ("参数已经对了，接着写 construct", "the parameters are right: write construct next"),
    "dropout": (
        "用 nn.Dropout(p=…)，它自己知道是训练还是评估",
        "use nn.Dropout(p=...), which knows training from evaluation",
    ),
    "no dropout": ("题目要 dropout：按给的概率加上", "the task wants dropout: add it with the rate given"),
    "dropout elsewhere": ("看题目：dropout 在哪一步之后", "see the task: behind which step does the dropout stand?"),
    "other arguments": ("别把数写死：用 __init__ 收到的参数", "write no number in: use what __init__ is given"),
    "no gradient": (
        "construct 里不要转成 numpy，也不要 stop_gradient",
        "no numpy and no stop_gradient inside construct",
    ),
    "not compilable": (
        "construct 里只用张量的运算；Python 的类型判断放到 __init__",
        "tensor operations only in construct; decide by Python types in __init__",
    ),
    "compiled differs": (
        "construct 里不要改 self 上的东西，也不要用全局变量",
        "change nothing on self in construct, and use no global",
    ),
    "not finite": (
        "softmax 之前减去最大值；看有没有除以 0",
        "subtract the maximum before softmax; look for a division by 0",
    ),
    "not yet": ('hint("题号") 一次给一条提示', 'hint("number") gives one hint at a time'),
}


def pages() -> dict[Path, str]:
    """Of each language its page."""
    before = os.environ.get("VIT_LANG")
    found = {}
    try:
        for language in LANGUAGES:
            os.environ["VIT_LANG"] = language
            found[PAGES / f"troubleshooting.{language}.md"] = _page()
    finally:
        os.environ.pop("VIT_LANG") if before is None else os.environ.update(VIT_LANG=before)
    return found


def _page() -> str:
    lines = [
        say("# 出了问题怎么办", "# When something goes wrong"),
        "",
        say("[英文版](troubleshooting.en.md)", "[In Chinese](troubleshooting.zh.md)"),
        "",
        say(
            "先运行 `python start.py doctor`：它说出这台机器上有什么、缺什么、怎样修。下面是它和练习检查会说的话（由 `python -m course build` 从程序里取出）。",
            "First run `python start.py doctor`: it tells what this machine has, what it lacks, and the mend. Below is what it and the checks may say, taken from the program by `python -m course build`.",
        ),
        "",
        say("## `vit doctor` 说的", "## What `vit doctor` says"),
        "",
        say("| 哪一项 | 它看到 | 怎样修 |", "| about | it found | the mend |"),
        "|---|---|---|",
    ]
    told = [check for ill in _ILL for check in diagnose(replace(_WELL, **ill)) if check.mend]
    rows = [f"| {say(TITLES.get(c.name, c.name), c.name)} | {c.found} | {c.mend} |" for c in told]
    lines += [
        *dict.fromkeys(rows),
        "",
        say("## 练习检查说的", "## What a check says"),
        "",
        say("| 记下的名称 | 意思 | 怎样做 |", "| noted as | it means | what to do |"),
        "|---|---|---|",
        *(f"| `{name}` | {spoken(OUTCOMES[name])} | {spoken(do)} |" for name, do in _DO.items()),
        "",
        say(
            "别的错误练习各有各的说法，检查当场会讲。笔记本停住了：内核菜单里选“重启内核并运行所有单元格”；通过的练习和写好的部件都还在。",
            "Other mistakes have sentences of their own, which the check says on the spot. A notebook that hangs: restart the kernel and run all cells; what has passed, and the parts you wrote, are still there.",
        ),
    ]
    return "\n".join(lines) + "\n"
