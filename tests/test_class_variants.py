"""Classes that stand in no list: right ones written otherwise pass; a class that is right at one setting, or in
evaluation alone, does not."""

import pytest
from cells import cell
from IPython.core.interactiveshell import InteractiveShell
from mindspore import mint, nn
from traitlets.config import Config

from course.document.lesson import read_lesson
from course.learner import check as checks
from course.learner import class_reference as reference
from course.learner.class_check import stand_alone
from course.learner.class_compare import close
from course.learner.class_run import built, run
from course.learner.own_source import NeedsAnotherCell, source_of
from course.learner.part import USUAL
from course.learner.parts import PARTS


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    monkeypatch.setenv("VIT_LEARNER", str(tmp_path))


def judged(name: str, *changes: tuple[str, str]) -> tuple[str, str]:
    """What is said of the solution with some of its text exchanged."""
    part = PARTS[name]
    text = read_lesson(part.exercise[:2]).exercises[part.exercise].solution
    for old, new in changes:
        assert old in text, (name, old)
        text = text.replace(old, new)
    return checks.judge(part.exercise, cell(text, mint=mint)[name])


RATE = ("self.attn_drop = nn.Dropout(p=attn_drop_rate)", "self.rate = attn_drop_rate")
WEIGHTS = "self.attn_drop(ops.softmax(scores, axis=-1))"
STEP = "gradients = ops.clip_by_global_norm(gradients, self.clip_norm)"

RIGHT = [
    ("PatchEmbedding", ("images.reshape(B, C, H // p, p, W // p, p)", "ops.reshape(images, (B, C, H // p, p, W // p, p))")),
    ("PatchEmbedding", ("(H // p) * (W // p), C * p * p", "-1, self.proj.in_channels")),
    ("Attention", ("scores = ops.matmul(q, k.swapaxes(-1, -2)) / self.head_dim**0.5", "scores = ops.matmul(q * self.head_dim**-0.5, k.swapaxes(-1, -2))")),
    ("Attention", ("ops.matmul(q, k", "mint.matmul(q, k"), ("ops.softmax(scores, axis=-1)", "mint.nn.functional.softmax(scores, dim=-1)")),
    ("Attention", RATE, (WEIGHTS, "ops.dropout(ops.softmax(scores, axis=-1), p=self.rate, training=self.training)")),
    ("Attention", (WEIGHTS, "ops.softmax(scores, axis=-1) * self.attn_drop(ops.ones_like(scores))")),
    ("Attention", ("out = ops.matmul(weights, v)", "scale = lambda t: 1 * t\n        out = ops.matmul(scale(weights), v)")),
    ("MLP", ("self.act = GELU(gelu)", 'self.act = nn.GELU(approximate=gelu == "tanh")')),
    ("MLP", ("self.drop1(self.act(self.fc1(x)))", "self.drop1(self.act(self.fc1(x).reshape(-1, self.fc1.out_channels))).reshape(*x.shape[:2], -1)")),
    ("Block", ("self.norm1 = LayerNorm(embed_dim)", "self.norm1 = nn.LayerNorm([embed_dim], epsilon=1e-6)")),
    ("Block", ("round(embed_dim * mlp_ratio)", "int(embed_dim * mlp_ratio + 0.5)")),
    ("ViT", ("config", "cfg")),
]  # fmt: skip

WRONG = [
    # written for one setting
    ("PatchEmbedding", "error: ValueError", ("B, C, H, W = images.shape", "B, C, H, W = images.shape\n        B = 2")),
    ("PatchEmbedding", "error: ValueError", ("B, C, H, W = images.shape", "B, C, H, W = images.shape\n        H, W = 4, 6")),
    ("PatchEmbedding", "parameters", ("in_channels * patch_size**2", "3 * patch_size**2")),
    ("PatchEmbedding", "error: ValueError", ("p = self.patch_size", "p = 2")),
    ("PatchEmbedding", "parameters", ("patch_size**2, embed_dim", "patch_size**2, 12")),
    ("Attention", "other arguments", ("self.head_dim**0.5", "2")),
    ("Attention", "error: ValueError", ("embed_dim // num_heads", "4")),
    ("Attention", "other arguments", ("self.num_heads = num_heads\n        self.head_dim = embed_dim // num_heads", "self.num_heads, self.head_dim = 3, embed_dim // 3")),
    ("Attention", "error: ValueError", ("B, N, D = x.shape", "B, N, D = x.shape\n        N = 5")),
    ("Attention", "error: ValueError", ("B, N, D = x.shape", "B, N, D = x.shape\n        B = 2")),
    ("Attention", "other arguments", ("self.head_dim**0.5", "(x.shape[1] - 1) ** 0.5")),
    ("Attention", "parameters", ("has_bias=qkv_bias", "has_bias=True")),
    ("MLP", "other arguments", ("GELU(gelu)", "GELU()")),
    ("MLP", "not yet", ("GELU(gelu)", 'GELU("tanh")')),
    ("MLP", "not yet", ("GELU(gelu)", "nn.GELU()")),
    ("MLP", "not yet", ("GELU(gelu)", 'GELU("exact" if gelu == "tanh" else "tanh")')),
    ("MLP", "parameters", ("hidden_dim", "20"), ("embed_dim, 20, drop_rate", "embed_dim, hidden_dim, drop_rate")),
    ("Block", "other arguments", (", drop_rate, gelu)", ", drop_rate)")),
    ("Block", "parameters", ("round(embed_dim * mlp_ratio)", "int(embed_dim * mlp_ratio)")),
    ("Block", "parameters", ("round(embed_dim * mlp_ratio)", "int(embed_dim * mlp_ratio) + (embed_dim * mlp_ratio % 1 > 0)")),
    ("Block", "parameters", ("round(embed_dim * mlp_ratio)", "2 * embed_dim")),
    ("Block", "other arguments", ("Attention(embed_dim, num_heads,", "Attention(embed_dim, 3,")),
    ("Block", "other epsilon", ("self.norm1 = LayerNorm(embed_dim)", "self.norm1 = nn.LayerNorm((embed_dim,))")),
    ("Block", "other epsilon", ("self.norm2 = LayerNorm(embed_dim)", "self.norm2 = nn.LayerNorm((embed_dim,), epsilon=1e-5)")),
    ("ViT", "other epsilon", ("self.norm = LayerNorm(D)", "self.norm = nn.LayerNorm((D,), epsilon=1e-7)")),
    ("ViT", "other arguments", ('"gelu": config.gelu,', "")),
    ("ViT", "other arguments", ("Block(D, config.num_heads", "Block(D, 3")),
    ("ViT", "parameters", ("range(config.depth)", "range(2)")),
    ("ViT", "parameters", ("config.patch_size, config.in_channels", "8, 3")),
    ("ViT", "parameters", ("config.num_classes)", "3)")),
    ("ViT", "other arguments", ("x[:, 1:].mean(axis=1) if self.mean else x[:, 0]", "x[:, 0]")),
    # in training
    ("PatchEmbedding", "no gradient", ("return self.proj(x)", "return self.proj(ops.stop_gradient(x))")),
    ("PatchEmbedding", "training differs", ("return self.proj(x)", "return self.proj(2 * x if self.training else x)")),
    ("Attention", "dropout elsewhere", (WEIGHTS, "ops.softmax(scores, axis=-1)"), ("ops.matmul(weights, v)", "ops.matmul(weights, self.attn_drop(v))")),
    ("Attention", "dropout elsewhere", (WEIGHTS, "ops.softmax(self.attn_drop(scores), axis=-1)")),
    ("Attention", "dropout elsewhere", ("self.proj_drop(self.proj(out))", "self.proj(self.proj_drop(out))")),
    ("Attention", "dropout elsewhere", ("p=attn_drop_rate", "p=0.3")),
    ("Attention", "dropout elsewhere", ("p=attn_drop_rate", "p=attn_drop_rate / 2")),
    ("Attention", "no dropout", ("p=drop_rate", "p=0.0")),
    ("Attention", "no gradient", ("qkv = self.qkv(x)", "x = ops.stop_gradient(x) if self.training else x\n        qkv = self.qkv(x)")),
    ("Attention", "no gradient", ("self.num_heads = num_heads", "self.num_heads = num_heads\n        self.frozen = True"), ("self.proj = nn.Dense(embed_dim, embed_dim)", "self.proj = nn.Dense(embed_dim, embed_dim)\n        self.proj.weight.requires_grad = False")),
    ("MLP", "dropout elsewhere", ("self.drop1(self.act(self.fc1(x)))", "self.act(self.drop1(self.fc1(x)))")),
    ("MLP", "dropout elsewhere", ("self.drop1(self.act(self.fc1(x)))", "self.act(self.fc1(self.drop1(x)))")),
    ("MLP", "dropout elsewhere", ("self.drop2(self.fc2(x))", "self.fc2(x)")),
    ("MLP", "dropout elsewhere", ("self.drop1(self.act(self.fc1(x)))", "self.act(self.fc1(x))")),
    ("MLP", "dropout elsewhere", ("self.drop2(self.fc2(x))", "self.drop2(self.drop2(self.fc2(x)))")),
    ("Block", "no dropout", ("attn_drop_rate=attn_drop_rate, ", "")),
    ("Block", "dropout elsewhere", ("attn_drop_rate=attn_drop_rate, drop_rate=drop_rate", "attn_drop_rate=drop_rate, drop_rate=attn_drop_rate")),
    ("Block", "dropout elsewhere", ("mlp_ratio), drop_rate, gelu", "mlp_ratio), 0.0, gelu")),
    ("Block", "no gradient", ("x + self.mlp(self.norm2(x))", "ops.stop_gradient(x) + self.mlp(self.norm2(x))")),
    ("ViT", "dropout elsewhere", ("self.pos_drop(ops.concat((cls, x), axis=1) + self.pos_embed)", "ops.concat((cls, x), axis=1) + self.pos_embed")),
    ("ViT", "dropout elsewhere", ("self.pos_drop(ops.concat((cls, x), axis=1) + self.pos_embed)", "ops.concat((cls, x), axis=1) + self.pos_drop(self.pos_embed)")),
    ("ViT", "dropout elsewhere", ("self.pos_drop(ops.concat((cls, x), axis=1) + self.pos_embed)", "self.pos_drop(ops.concat((cls, x), axis=1)) + self.pos_embed")),
    ("ViT", "dropout elsewhere", ('"drop_rate": config.drop_rate,', "")),
    ("ViT", "no dropout", ('"attn_drop_rate": config.attn_drop_rate,', "")),
    ("ViT", "no gradient", ("return self.head(x)", "return self.head(ops.stop_gradient(x) if self.training else x)")),
    ("TrainStep", "other arguments", ("self.clip_norm = clip_norm", "self.clip_norm = 0.5")),
    ("TrainStep", "other arguments", ("label_smoothing=label_smoothing)", "label_smoothing=0.1)")),
    ("TrainStep", "other arguments", (STEP, "gradients = tuple([self.clip_norm * g / ops.sqrt(sum([(h * h).sum() for h in gradients])) for g in gradients])")),
    ("TrainStep", "no training mode", ("def construct(self, images, labels):", "def construct(self, images, labels):\n        self.model.set_train(False)")),
]  # fmt: skip


@pytest.mark.slow
def test_right_classes_written_otherwise_pass():
    for name, *changes in RIGHT:
        assert judged(name, *changes) == ("passed", "passed"), (name, changes)


@pytest.mark.slow
def test_what_is_right_at_one_setting_only_or_not_in_training_is_told():
    found = [(outcome, judged(name, *changes), name, changes) for name, outcome, *changes in WRONG]
    assert [one for one in found if one[0] != one[1][0]] == []


def test_what_the_sentences_say():
    for name, says, *changes in (
        ("Attention", "on a CPU use ops.matmul", ("ops.matmul(q, k.swapaxes(-1, -2))", 'ops.einsum("bhid,bhjd->bhij", q, k)')),
        ("Attention", "on a CPU use nn.Dropout", ("self.proj_drop = nn", "self.proj_drop = mint.nn")),
        ("MLP", "on a CPU use GELU", ("GELU(gelu)", "mint.nn.GELU()")),
        ("MLP", "the form of GELU", ("GELU(gelu)", "nn.GELU()")),
        ("MLP", "the compiler takes a lambda only on a line of its own", ("self.drop1 =", "self.f, self.g = lambda t: 2 * t, lambda t: t / 2\n        self.drop1 ="), ("self.fc2(x)", "self.fc2(self.g(self.f(x)))")),
        ("MLP", "does not take such a statement", ("return self.drop2(self.fc2(x))", "try:\n            return self.drop2(self.fc2(x))\n        except ValueError:\n            return x")),
        ("MLP", "gelu='tanh'", ("GELU(gelu)", "GELU()")),
        ("Attention", "float16", ("q, k.swapaxes(-1, -2)", "q.astype(ms.float16), k.swapaxes(-1, -2).astype(ms.float16)"), (") / self", ").astype(ms.float32) / self")),
        ("Attention", "returns 2 things", ("return self.proj_drop(self.proj(out))", "return self.proj(out), weights")),
        ("Attention", "parameter proj.weight is not trained", ("self.proj_drop =", "self.proj.weight.requires_grad = False\n        self.proj_drop =")),
        ("Attention", "parameter proj.bias is Float64", ("self.proj_drop =", "self.proj.bias = ms.Parameter(ms.Tensor(np.zeros(embed_dim), ms.float64), name='proj.bias')\n        self.proj_drop =")),
        ("Attention", "is it indented into __init__?", ("    def construct(self, x):", "        def construct(self, x):"), ("\n        B", "\n            B"), ("\n        qkv =", "\n            qkv ="), ("\n        q,", "\n            q,"), ("\n        s", "\n            s"), ("\n        w", "\n            w"), ("\n        out", "\n            out"), ("\n        return", "\n            return"), ("            super", "        super"), ("            self.", "        self.")),
        ("ViT", "names of what is appended lack `blocks`", ("nn.CellList([Block(D, config.num_heads, **settings) for _ in range(config.depth)])", "nn.CellList()\n        for _ in range(config.depth):\n            self.blocks.append(Block(D, config.num_heads, **settings))")),
    ):  # fmt: skip
        found = judged(name, *changes)
        assert found[0] != "passed", (name, changes)
        assert says in found[1], (name, changes, found)


SOLUTION = read_lesson("04").exercises["04.3"].solution
INDENTED = "\n".join("    " + line if line else line for line in SOLUTION.splitlines())


def test_what_stands_in_the_same_cell_goes_along():
    """Helpers, constants, base classes, decorators; an `if`, a function that makes the class, several on a line."""
    part = PARTS["Attention"]
    for name, text in {
        "a function": "def scaled(t, d):\n    return t / d**0.5\n\n\n" + SOLUTION.replace("ops.matmul(q, k.swapaxes(-1, -2)) / self.head_dim**0.5", "scaled(ops.matmul(q, k.swapaxes(-1, -2)), self.head_dim)"),
        "a constant of a constant": "ONE = 1\nHALF = ONE / 2\n" + SOLUTION.replace("0.5", "HALF"),
        "two on a line": "unused = 3; HALF = 0.5\n" + SOLUTION.replace("**0.5", "**HALF"),
        "a base class": "class Base(nn.Cell):\n    power = 0.5\n\n\n" + SOLUTION.replace("nn.Cell", "Base").replace("**0.5", "**self.power"),
        "a dataclass": "from dataclasses import dataclass\n\n\n@dataclass\nclass Power:\n    p: float = 0.5\n\n\nPOWER = Power()\n\n\n" + SOLUTION.replace("self.num_heads = num_heads", "self.num_heads = num_heads\n        self.p = POWER.p").replace("**0.5", "**self.p"),
        "a decorator": "def marked(cls):\n    cls.marked = True\n    return cls\n\n\n@marked\n" + SOLUTION,
        "an import": "import math as m\nfrom math import sqrt\n" + SOLUTION.replace("self.head_dim = embed_dim // num_heads", "self.head_dim = embed_dim // num_heads\n        self.root = sqrt(self.head_dim) * m.cos(0)").replace("self.head_dim**0.5", "self.root"),
        "later in the cell": SOLUTION.replace("**0.5", "**HALF") + "\n\n\nHALF = 0.5\n",
        "an if": "if True:\n" + INDENTED,
        "a try": "try:\n" + INDENTED + "\nexcept ImportError:\n    pass",
        "a function makes it": "def make(power):\n" + INDENTED.replace("**0.5", "**power") + "\n    return Attention\n\n\nAttention = make(0.5)",
        "the check in the same cell": "HALF = 0.5\n" + SOLUTION.replace("**0.5", "**HALF") + "\n\n\ndef check(number, cls):\n    return cls\n\n\nKept = check('04.3', Attention)\n",
        "no methods of its own": SOLUTION.replace("class Attention", "class Base") + "\n\n\nclass Attention(Base):\n    pass\n",
    }.items():  # fmt: skip
        _, alone = stand_alone(part, cell(text)["Attention"], {})
        assert close(run(part, alone, built(part, alone)), reference.evaluated(part, USUAL)), name


def test_another_name_is_kept_under_the_right_one(tmp_path):
    assert checks.check("04.3", cell(SOLUTION)["Attention"])
    first = (tmp_path / "my_vit" / "attention.py").read_text("utf-8")
    mine = checks.check("04.3", cell(SOLUTION.replace("class Attention", "class Foo"))["Foo"])
    text = (tmp_path / "my_vit" / "attention.py").read_text("utf-8")
    assert text.endswith("Attention = Foo\n")
    assert text != first
    assert checks.check("04.3", mine) is mine
    assert issubclass(mine, nn.Cell)


def test_a_class_under_a_magic(monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    try:
        for text in (
            "from mindspore import nn, ops",
            "%%time\nHALF = 0.5\n" + SOLUTION.replace("**0.5", "**HALF"),
            "%%time\n" + SOLUTION.replace("**0.5", "**1"),
            "%pwd\nclass Mine(Attention):\n    pass\n",
        ):
            shell.run_cell(text, store_history=True)
        space = shell.user_ns
        assert "**1" in source_of(space["Attention"], {}).text
        with pytest.raises(NeedsAnotherCell, match="Attention"):  # its base is of another cell
            source_of(space["Mine"], {})
        shell.run_cell("%%time\nHALF = 0.5\n" + SOLUTION.replace("**0.5", "**HALF"), store_history=True)
        assert checks.judge("04.3", space["Attention"]) == ("passed", "passed")
    finally:
        InteractiveShell.clear_instance()
