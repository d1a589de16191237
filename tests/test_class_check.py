"""Judging a class: wrong ones are named, right ones written differently pass, and nothing is confused or lost."""

import os
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
import pytest
from cells import cell
from mindspore import nn, ops

from course.document.lesson import read_lesson
from course.learner import check as checks
from course.learner import progress
from course.learner.class_check import distance
from course.learner.own_part import own_part
from course.learner.own_source import NeedsAnotherCell, imported, source_of
from course.learner.part import fill
from course.learner.parts import PARTS

HEAD = """
class Attention(nn.Cell):
    def __init__(self, embed_dim, num_heads, qkv_bias=True, attn_drop_rate=0.0, drop_rate=0.0):
        super().__init__()
        self.h, self.d = num_heads, embed_dim // num_heads
        self.qkv = nn.Dense(embed_dim, 3 * embed_dim, has_bias=qkv_bias)
        self.proj = nn.Dense(embed_dim, embed_dim)
        self.drops = nn.CellList([nn.Dropout(p=attn_drop_rate), nn.Dropout(p=drop_rate)])

    def construct(self, x):
        B, N, D = x.shape
        q, k, v = ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)
        weights = ops.softmax(ops.matmul(q, k.swapaxes(-1, -2)) / self.d**0.5, axis=-1)
        weights = self.drops[0](weights)
        return self.drops[1](self.proj(ops.matmul(weights, v).transpose(0, 2, 1, 3).reshape(B, N, D)))
"""


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    folder = tmp_path / "Zoë 学习"
    monkeypatch.setenv("VIT_LEARNER", str(folder))
    return folder


def attention(text: str, **names) -> type:
    return cell(text, **names)["Attention"]


def parts_with_exercise():
    return [part for part in PARTS.values() if part.exercise]


@pytest.mark.parametrize("part", parts_with_exercise(), ids=lambda part: part.name)
def test_a_part_has_enough_wrong_and_right_classes_and_they_are_far_apart(part):
    exercise = read_lesson(part.exercise[:2]).exercises[part.exercise]
    frozen = checks.answers(part.exercise[:2])[part.exercise]
    assert len(exercise.wrong) >= 4
    assert len(exercise.right) >= 2
    assert min(distance(frozen["right"], frozen[name]) for name in exercise.wrong) >= 50


@pytest.mark.parametrize("part", parts_with_exercise(), ids=lambda part: part.name)
def test_every_wrong_class_is_named_and_every_right_one_passes(part):
    exercise = read_lesson(part.exercise[:2]).exercises[part.exercise]
    for text in (exercise.solution, *exercise.right):
        assert checks.judge(part.exercise, cell(text)[part.name]) == ("passed", "passed"), text
    for name, text in exercise.wrong.items():
        outcome, sentence = checks.judge(part.exercise, cell(text)[part.name])
        assert (outcome, sentence) == (name, exercise.messages[name]["en"])
    assert checks.judge(part.exercise, cell(exercise.placeholder)[part.name])[0] == "placeholder"
    assert checks.judge(part.exercise, part.reference)[0] == "package"


@pytest.mark.parametrize(
    ("old", "new", "outcome", "says"),
    [
        ("self.proj = nn.Dense(embed_dim, embed_dim)", "self.out = nn.Dense(embed_dim, embed_dim)", "parameters", "proj.bias, proj.weight; not expected: out.bias"),
        ("3 * embed_dim, has_bias", "3 * embed_dim + 3, has_bias", "parameters", "qkv.weight should have the shape (36, 12), it has (39, 12)"),
        ("self.proj = ", "self.extra = nn.Dense(2, 2)\n        self.proj = ", "parameters", "not expected: extra.bias"),
        ("has_bias=qkv_bias", "has_bias=False", "parameters", "missing: qkv.bias"),
        ("has_bias=qkv_bias", "has_bias=True", "parameters", "qkv_bias=False: parameters not expected: qkv.bias"),
        ("self.drops[0](weights)", "weights", "no dropout", "attn_drop_rate does nothing"),
        ("p=attn_drop_rate), nn.Dropout(p=drop_rate", "p=drop_rate), nn.Dropout(p=attn_drop_rate", "dropout elsewhere", "attn_drop_rate does not act as it should"),
        ("return self.drops[1](", "return x  # (", "half", "construct is still the placeholder"),
        ("3, self.h, self.d).transpose(2, 0, 3, 1, 4)", "3, self.d, self.h).transpose(2, 0, 4, 1, 3)", "not yet", "with num_heads=1 it is right"),
        ("/ self.d**0.5", "* self.d", "not yet", "with num_heads=1 it is wrong, too"),
        ("/ self.d**0.5, axis=-1)", "/ self.d**0.5, axis=-1)\n        weights = ops.dropout(weights, p=0.5, training=True)", "dropout", "set_train(False)"),
        ("return self.drops[1](", "(", "unreadable", "NoneType"),
        ("reshape(B, N, D))", "reshape(B * N, D))", "shape", "(2, 5, 12)"),
        ("k.swapaxes(-1, -2)", "k", "error: RuntimeError", "weights = ops.softmax"),
        ("self.h, self.d = num_heads", "self.h, self.d = heads", "error: NameError", "heads"),
        ("self.proj(ops", "self.proj(0 * (x / 0.0).sum() + ops", "not finite", "NaN"),
        ("ops.matmul(weights, v)", "ms.Tensor(np.matmul(weights.asnumpy(), v.asnumpy()))", "no gradient", "qkv"),
        ("B, N, D = x.shape", "import math\n        B, N, D = x.shape", "not compilable", "import math"),
        ("/ self.d**0.5", "/ self.d**0.5 + 0.01 * ops.ones((1, 1, N, N)).cumsum(axis=-1)", "not yet", "off by up to"),
    ],
)  # fmt: skip
def test_what_else_is_wrong_is_told(old, new, outcome, says):
    assert old in HEAD
    found, sentence = checks.judge("04.3", attention(HEAD.replace(old, new)))
    assert found == outcome, sentence
    assert says in sentence


UNSTACK = "ops.unstack(self.qkv(x).reshape(B, N, 3, self.h, self.d).transpose(2, 0, 3, 1, 4), axis=0)"
HEADS = "\n        q, k, v = [t.reshape(B, N, self.h, self.d).swapaxes(1, 2) for t in (q, k, v)]"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("def construct", "def forward", "called construct, not forward"),
        ("        super().__init__()\n", "", "super().__init__()"),
        ("nn.Dropout(p=attn_drop_rate)", "nn.Dropout(attn_drop_rate)", "nn.Dropout(p=...)"),
        ("has_bias=qkv_bias", "bias=qkv_bias", "has_bias"),
        ("axis=-1)", "dim=-1)", "axis, not dim"),
        ("x.shape", "x.size()", "x.shape"),
        ("k.swapaxes(-1, -2)", "k.transpose(-2, -1)", "swapaxes"),
        ("ops.softmax", "torch.softmax", "functions are in ops"),
        (UNSTACK, "self.qkv(x).chunk(3, dim=-1)" + HEADS, "ops.split"),
        (UNSTACK, "ops.split(self.qkv(x), 3, axis=-1)" + HEADS, "length of a piece"),
    ],
)
def test_habits_of_pytorch_are_answered_with_the_mend_and_without_pages_of_log(old, new, says, capfd):
    assert old in HEAD
    _, sentence = checks.judge("04.3", attention(HEAD.replace(old, new)))
    assert says in sentence
    assert "C++" not in capfd.readouterr().err


def test_a_name_from_another_cell_is_named():
    assert checks.judge("04.3", attention(HEAD.replace("self.d**0.5", "ROOT"), ROOT=2.0))[0] == "leans"
    other = cell("def softmax(x):\n    return ops.softmax(x, axis=-1)\n")["softmax"]
    text = HEAD.replace("ops.softmax(", "mine(").replace(", axis=-1)", ")")
    outcome, sentence = checks.judge("04.3", attention(text, mine=other))
    assert outcome == "leans"
    assert "mine" in sentence


def test_what_is_no_class_of_a_cell_is_told():
    for value, says in (
        (None, "wanted is the class Attention itself"),
        (3, "wanted is the class Attention itself"),
        (str, "wanted is the class Attention itself"),
        (nn.Dense(2, 2), "not an instance"),
        (PARTS["Attention"].reference, "the package's own Attention"),
        (type("Attention", (nn.Cell,), {}), "the source of this class cannot be found"),
        (nn.Dense, "embed_dim"),
    ):
        outcome, sentence = checks.judge("04.3", value)
        assert outcome != "passed", value
        assert says in sentence, value


def test_check_returns_the_class_from_its_file_and_keeps_it(learner, capsys):
    mine = checks.check("04.3", attention(HEAD + "        # mine\n"))
    file = learner / "my_vit" / "attention.py"
    assert mine.__module__ in sys.modules
    assert file.read_text(encoding="utf-8") == Path(sys.modules[mine.__module__].__file__).read_text("utf-8")
    assert f"1 of {len(PARTS)} parts" in capsys.readouterr().out
    assert checks.check("04.3", mine) is mine  # the cell run again
    files = ["__init__.py", "__main__.py", *(part.file for part in PARTS.values())]
    assert sorted(path.name for path in file.parent.glob("*.py")) == sorted(files)
    assert progress.read()["exercises"]["04.3"]["passed"]


def test_until_it_passes_the_package_stands_in_and_nothing_is_kept(learner, capsys):
    wrong = read_lesson("04").exercises["04.3"].wrong["no scale"]
    assert checks.check("04.3", attention(wrong)) is PARTS["Attention"].reference
    assert "use the package's Attention" in capsys.readouterr().out
    assert not (learner / "my_vit" / "attention.py").exists()
    entry = progress.read()["exercises"]["04.3"]
    assert (entry["passed"], entry["attempts"], entry["mistakes"]) == (None, 1, ["no scale"])


def test_two_classes_of_one_name_are_not_confused(learner):
    wrong = read_lesson("04").exercises["04.3"].wrong["no scale"]
    first, second = attention(wrong), attention(HEAD)
    assert checks.judge("04.3", first)[0] == "no scale"
    assert checks.judge("04.3", second)[0] == "passed"
    assert checks.judge("04.3", first)[0] == "no scale"
    both = cell(f"{wrong}\n\nFirst = Attention\n\n\n{HEAD}")
    assert checks.judge("04.3", both["First"])[0] == "no scale"
    assert checks.judge("04.3", both["Attention"])[0] == "passed"


def test_the_kept_part_is_loaded_edited_and_broken(learner, capsys):
    assert own_part("Attention").own is False
    checks.check("04.3", attention(HEAD))
    file = learner / "my_vit" / "attention.py"
    text = file.read_text(encoding="utf-8")
    assert own_part("Attention").own
    file.write_bytes(text.replace("\n", "\r\n").encode())  # an editor of Windows
    assert own_part("Attention").own
    file.write_text(text.replace("self.d**0.5", "self.d"), encoding="utf-8")  # edited: right once, wrong now
    capsys.readouterr()
    assert own_part("Attention").own is False
    assert "attention.py" in capsys.readouterr().out
    file.write_text("class Attention(:", encoding="utf-8")
    assert own_part("Attention").own is False
    assert "attention.py" in capsys.readouterr().out
    file.write_bytes(b"\xff\xfe\x00")
    assert own_part("Attention").own is False


def test_a_file_changed_after_import_compiles_as_it_was(learner):
    """MindSpore reads the file again when it compiles: the snapshot never changes."""
    from vit.runtime.graph_mode import in_graph_mode

    cls = checks.check("04.3", attention(HEAD))
    file = learner / "my_vit" / "attention.py"
    file.write_text(file.read_text(encoding="utf-8").replace("self.d**0.5", "100.0"), encoding="utf-8")
    layer = cls(12, 3)
    fill(layer)
    x = ms.Tensor(np.random.default_rng(0).normal(size=(1, 4, 12)).astype(np.float32))
    eager = layer.set_train(False)(x).asnumpy()
    with in_graph_mode():
        np.testing.assert_allclose(layer(x).asnumpy(), eager, atol=1e-6)


def test_a_snapshot_cut_short_is_written_again(learner):
    folder = learner / "snapshots"
    text = "VALUE = 'whole'\n"
    module = imported({"cut": text}, "cut", folder)
    name, file = module.__name__, module.__file__
    del sys.modules[name]
    Path(file).write_text("VALUE = 'wh", encoding="utf-8")
    assert imported({"cut": text}, "cut", folder).VALUE == "whole"


def test_imports_stand_on_their_own():
    text = "class Odd(nn.Cell):\n    def construct(self, x: Path):\n        return relu(P.dirname(str(Path(x)))), [y for y in numbers.Number]\n"
    import numbers

    odd = cell(text, Path=Path, relu=ops.relu, P=os.path, numbers=numbers)["Odd"]
    lines = source_of(odd, {}).imports
    assert "from mindspore import nn" in lines
    assert "import numbers" in lines
    assert any(line.startswith("from pathlib import Path") for line in lines)
    space = {}
    exec("\n".join(lines), space)
    assert space["relu"] is ops.relu
    assert space["P"] is os.path
    with pytest.raises(NeedsAnotherCell, match="thing"):
        source_of(
            cell("class Odd(nn.Cell):\n    def construct(self, x):\n        return thing\n", thing=[1])["Odd"], {}
        )
