"""What those who come from PyTorch write, or what no CPU can do; what MindSpore says to it, and what to write instead."""

import re

from course.language import say

# (what the error says, the advice in Chinese, in English)
_HABITS = (
    (
        r"the method 'construct' is not defined",
        "MindSpore 里前向计算的方法叫 construct，不叫 forward",
        "in MindSpore the method that computes is called construct, not forward",
    ),
    (
        r"no attribute '_auto_prefix'",
        "__init__ 的第一行应当是 super().__init__()",
        "the first line of __init__ should be super().__init__()",
    ),
    (
        r"For 'Dropout', the 'keep_prob'",
        "写成 nn.Dropout(p=...)：不写 p= 时，MindSpore 把它当作保留的概率",
        "write nn.Dropout(p=...): without p= MindSpore takes the number as the probability to keep",
    ),
    (
        r"unexpected keyword argument 'dim'",
        "MindSpore 里这个参数叫 axis，不叫 dim",
        "in MindSpore this argument is called axis, not dim",
    ),
    (
        r"unexpected keyword argument 'bias'",
        "nn.Dense 的这个参数叫 has_bias",
        "nn.Dense calls this argument has_bias",
    ),
    (
        r"'int' object is not callable",
        "MindSpore 的 size 是一个数；形状写成 x.shape",
        "in MindSpore size is a number; the shape is x.shape",
    ),
    (
        r"transpose, the number of axes must be equal",
        "MindSpore 的 transpose 要写出全部轴的顺序；只交换两个轴用 swapaxes",
        "MindSpore's transpose wants the order of all axes; swapaxes exchanges just two",
    ),
    (
        r"Unsupported op \[Chunk\]",
        "chunk 在 CPU 上不能编译；用 ops.split，或者 reshape 之后用 ops.unstack",
        "chunk cannot be compiled on a CPU; use ops.split, or reshape and ops.unstack",
    ),
    (
        r"too many values to unpack|split.*split_size",
        "ops.split 的第二个参数是每份的长度，不是份数",
        "the second argument of ops.split is the length of a piece, not the number of pieces",
    ),
    (
        r"GetShapeVector|expand",
        "expand 在这里不能编译；用 ops.broadcast_to 或 .tile",
        "expand cannot be compiled here; use ops.broadcast_to or .tile",
    ),
    (
        r"Parse Lambda Function|The name 'self' is not defined",
        "编译器只认单独写成一行的 lambda，它的默认值里也不能有 self：写成一个方法最稳妥",
        "the compiler takes a lambda only on a line of its own, and without self among its defaults: write a method",
    ),
    (
        r"name '(torch|F)' is not defined",
        "这里没有 PyTorch；对应的函数在 ops 里",
        "there is no PyTorch here; the functions are in ops",
    ),
)


# operations that MindSpore has no CPU kernel for -> what does the same on a CPU
_NO_KERNEL = {
    "Einsum": "ops.matmul, .swapaxes",
    "DropoutExt": "nn.Dropout(p=...)",
    "GeluExt": "GELU, nn.GELU(approximate=...)",
    "LayerNormExt": "nn.LayerNorm((embed_dim,), epsilon=1e-6)",
}
# (in the line that the compiler stops at, what it is called in Chinese, in English)
_NOT_FOR_GRAPHS = (
    (r"\blambda\b", "lambda：写成一个方法，或用 def 写的函数", "a lambda: write a method, or a function by def"),
    (r"\bimport\b", "import：写到类的外面", "an import: put it outside the class"),
    (r"\bnp\.|asnumpy", "numpy：换成 ops 里对应的函数", "numpy: use the function that ops has for it"),
    (
        r"\btry\b|\bwith\b|\byield\b|\bglobal\b",
        "这种语句（try、with、yield、global）",
        "such a statement (try, with, yield, global)",
    ),
)


def advice(error: str, line: str, compiling: bool = False) -> tuple[str, str] | None:
    """In Chinese and English what to write instead, or None.

    Args:
        error: its kind and text.
        line: of the learner's code.
        compiling: whether it is right when run eagerly.
    """
    for pattern, zh, en in _HABITS:
        if re.search(pattern, error) and ("too many" not in pattern or "split" in line):
            return zh, en
    if found := re.search(r"Unsupported op \[(\w+)\]|[Kk]ernel (\w+) unregistered", error):
        name = found[1] or found[2]
        instead = _NO_KERNEL.get(name, say("ops 里的基本运算", "the basic operations of ops"))
        return (
            f"写法没有错，但 MindSpore 的 {name} 没有 CPU 版本，只能在别的设备上用；在 CPU 上用 {instead}",
            f"this is right elsewhere, but MindSpore's {name} has no CPU kernel; on a CPU use {instead}",
        )
    for pattern, zh, en in _NOT_FOR_GRAPHS if compiling else ():
        if re.search(pattern, line):
            return f"静态图里不能用{zh}", f"the graph's compiler does not take {en}"
    return None
