"""Files that people give for weights and that are none, or not whole: each has a sentence of its own."""

from pathlib import Path

from vit.runtime.errors import UserError, reason
from vit.runtime.language import say

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
    b"(\xb5/\xfd": "zstd",
}
_CIPHERS = (b"\xd8\x5e\x3a\x7f", b"\xd9\x5e\x3a\x7f", b"\xda\x5e\x3a\x7f")  # what MindSpore puts before a block
_PICKLED = (".pth", ".pt", ".bin", ".pkl", ".pickle")


def first_bytes(path: Path) -> bytes:
    """The first bytes of a file that can be one of weights."""
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir() if p.suffix in (".safetensors", ".npz", ".ckpt"))[:5]
        some = ", ".join(inside) or say("没有这样的文件", "there is none")
        raise UserError(
            say(
                f"{path}: 这是一个文件夹；请给出其中的权重文件（{some}）",
                f"{path}: a folder; name the file of weights in it ({some})",
            )
        )
    if path.exists() and not path.is_file():  # a pipe or a device could keep us waiting for ever
        raise UserError(say(f"{path}: 不是普通文件", f"{path}: not a regular file"))
    try:
        with open(path, "rb") as file:
            start = file.read(512)
    except OSError as error:
        raise UserError(f"{path}: {reason(error).lower()}") from None
    if not start:
        raise UserError(say(f"{path}: 是空文件；请重新下载", f"{path}: is empty; fetch it again"))
    return start


def brief(text: str) -> str:
    """What a file says, as a message can quote it: printable, and not too long."""
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return f"{text[:160]}..." if len(text) > 160 else text


def broken(path: Path, why) -> UserError:
    """The error for a file that is not whole."""
    why = brief((str(why).strip().splitlines() or [type(why).__name__])[0])  # some readers quote half of the file
    return UserError(
        say(f"{path}: 已损坏或不完整（{why}）；请重新下载", f"{path}: broken or cut off ({why}); fetch it again")
    )


def too_long(path: Path, more: int) -> UserError:
    return UserError(
        say(
            f"{path}: 权重完整，后面却多出 {more} 字节（被追加了内容？）；请去掉它们，或重新下载",
            f"{path}: the weights are whole, but {more} bytes follow them (something was appended?); "
            "remove those, or fetch the file again",
        )
    )


def pickled(path: Path) -> UserError:
    return UserError(
        say(
            f"{path}: 是 Python 的 pickle 文件（可能来自 PyTorch），打开它就可能运行任何程序；"
            "请改用这些权重的 safetensors 文件",
            f"{path}: a Python pickle (PyTorch?), which could run any program when opened; "
            "get the safetensors file of these weights instead",
        )
    )


def is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8", errors="strict" if len(start) < 512 else "ignore")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter.isspace() for letter in text)


def neither(path: Path, start: bytes) -> UserError:
    """The error for a file of another kind, which it names where it knows it."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    packed = next((name for sign, name in _PACKED.items() if start.startswith(sign)), None)
    packed = "tar" if start[257:262] == b"ustar" else packed
    if start.startswith(b"version https://git-lfs"):
        what = say(
            "是 Git LFS 的指针，不是权重本身：请运行 git lfs pull",
            "a pointer of Git LFS, not the weights: run git lfs pull",
        )
    elif start[:4] in _CIPHERS:
        what = say(
            "是加密的 MindSpore 检查点：请用密钥读出（ms.load_checkpoint 的 dec_key），不加密再保存一次",
            "an encrypted MindSpore checkpoint: read it with its key (dec_key of ms.load_checkpoint) and save it plain",
        )
    elif (start[0] == 0x80 and start[1:2] < b"\x06") or (path.suffix in _PICKLED and not is_text(start)):
        return pickled(path)
    elif packed:
        what = say(
            f"是压缩包（{packed}）：请先解开，再给出其中的权重文件",
            f"an archive ({packed}): unpack it and name the file of weights",
        )
    elif text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        what = say(
            "是一个网页（也许要登录，也许出了错）：请下载文件本身",
            "a web page (a login or an error, perhaps): fetch the file itself",
        )
    elif path.suffix == ".mindir":
        what = say("是导出的模型，只能用于 vit predict", "an exported model, which only vit predict can use")
    elif path.suffix == ".json" and b'"weight_map"' in path.read_bytes():
        what = say("是几个文件的目录：请把它们合成一个文件", "the index of several files: join those in one file")
    elif start.startswith(b"\x93NUMPY"):
        what = say(
            "是单独一个数组（npy）：权重有许多个，请存为 npz", "one array (npy): weights are many, save them as npz"
        )
    elif start.startswith(b"\x89HDF"):
        what = say("是 HDF5 文件：请存为 safetensors", "an HDF5 file: save it as safetensors")
    elif path.suffix == ".onnx":
        what = say(
            "是 ONNX 模型：请用训练它的程序保存权重", "an ONNX model: save the weights by the program that trained it"
        )
    else:
        what = say("是文本文件", "text") if is_text(start) else say("不认识的格式", "of no format known here")
    return UserError(
        say(
            f"{path}: 既不是 safetensors 或 npz 文件，也不是 MindSpore 检查点；{what}",
            f"{path}: neither safetensors nor npz nor a MindSpore checkpoint; {what}",
        )
    )
