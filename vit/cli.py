"""The command `vit`: see `vit --help`. Answers on standard output, everything else on standard error."""

import argparse
import contextlib
import json
import os
import re
import sys
from dataclasses import fields
from pathlib import Path, PureWindowsPath

from vit import __version__
from vit.chinese_help import VitParser
from vit.config import named_model
from vit.runtime.errors import RunFailed, UserError
from vit.runtime.language import say
from vit.runtime.signals import deaf, sigterm_is_ctrl_c
from vit.runtime.streams import as_a_process
from vit.runtime.text import one_line, unicode_text
from vit.training.recipe import Recipe

# Nothing here imports MindSpore at the top: `vit --help` must not wait for it.


def main(argv=None) -> int:
    """Run one command. Returns the exit code: 0 well, 1 a failed run, 2 bad use or bad input."""
    if argv is not None:  # a test or a notebook
        return _run(argv)
    sigterm_is_ctrl_c()
    os.environ["MPLBACKEND"] = "agg"  # figures go to files; another's name could be unknown here
    return as_a_process(lambda: _run(None))


def _run(argv: list[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    answer = sys.stdout
    try:
        with contextlib.redirect_stdout(sys.stderr):  # whatever a library prints is not the answer
            result, text, code = arguments.run(arguments)
    except UserError as error:
        print(one_line(f"vit: {error}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if argv is None:
            deaf()
        print(say("vit: 已停止", "vit: stopped") + _how_to_go_on(arguments), file=sys.stderr)
        return 130
    except RunFailed as error:
        print(one_line(f"vit: {error}"), file=sys.stderr)
        return 1
    print(unicode_text(json.dumps(result, ensure_ascii=False) if arguments.json else text), file=answer)
    return code


def _how_to_go_on(arguments) -> str:
    if arguments.command != "train":
        return ""
    from vit.training.state import has_state

    if has_state(arguments.out / "state.safetensors"):
        return say("；同一条命令加上 --resume 就接着训练", "; the same command with --resume goes on")
    return say("；训练还没有开始，什么也没有写", "; no training had begun, nothing is written")


def _parser() -> VitParser:
    parser = VitParser(prog="vit", description="A Vision Transformer on MindSpore.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, run, text, of=commands):
        sub = of.add_parser(name, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        sub.set_defaults(run=run)
        return sub

    command("doctor", _doctor, "what this machine has, what is missing, and how to mend it")

    sources = commands.add_parser(
        "data", help="data sets: draw the sample data, fetch the ImageNet subset, look through a folder"
    )
    actions = sources.add_subparsers(dest="action", required=True, metavar="ACTION")
    sub = command("sample", _data_sample, "draw the sample data into data/sample (no network)", actions)
    sub.add_argument("--per-class", type=int, metavar="N", help="training pictures of each class (500)")
    sub.add_argument("--hard", action="store_true", help="turned freely, smaller, half hidden; into data/sample_hard")
    sub.add_argument("--out", type=Path, metavar="DIR", help="another folder than data/sample")
    sub.add_argument("--seed", type=int, default=0, help="of the random numbers (%(default)s)")
    sub = command("imagenet-subset", _data_subset, "fetch the published tutorial's subset (513 MB)", actions)
    sub.add_argument("--out", type=Path, metavar="DIR", help="another folder than data/imagenet_subset")

    sub = command("cifar10", _data_cifar10, "fetch CIFAR-10, 60000 photographs of 32 pixels (170 MB)", actions)
    sub.add_argument("--out", type=Path, metavar="DIR", help="another folder than data/cifar10")

    sub = command("check", _data_check, "look through a folder of pictures before training", actions)
    sub.add_argument("folder", type=Path, metavar="DIR", help="train/ and val/ in it, or one folder a class")

    sub = command(
        "split", _data_split, "copy a folder of class folders into train/ and val/, doubles on one side", actions
    )
    sub.add_argument("folder", type=Path, metavar="DIR", help="one folder of pictures a class")
    sub.add_argument("out", type=Path, metavar="OUT", help="a new folder")
    sub.add_argument("--val", type=float, default=0.2, metavar="SHARE", help="of each class's pictures (%(default)s)")
    sub.add_argument("--seed", type=int, default=0, help="of the lot (%(default)s)")

    sub = command("train", _train, "train on a folder with train/ and val/, one folder a class in each")
    sub.add_argument("--data", type=Path, required=True, metavar="DIR", help="with train/ and val/ in it")
    sub.add_argument("--model", required=True, metavar="NAME", help="for instance vit_sample_patch8_64")
    sub.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="checkpoints, log.csv, metrics.json, loss.png"
    )
    sub.add_argument("--weights", help="start from these, with a new head")
    sub.add_argument("--resume", action="store_true", help="go on with the run in --out")
    for option in fields(Recipe):
        name = "--" + option.name.replace("_", "-")
        text = f"{_RECIPE_HELP[option.name]} (%(default)s)"
        sub.add_argument(name, type=type(option.default), default=option.default, metavar="N", help=text)
    _add_device(sub)

    sub = command("eval", _eval, "top-1 and top-5 accuracy on a folder of pictures")
    _add_weights(sub)
    _add_device(sub)
    sub.add_argument("--data", type=Path, required=True, metavar="DIR", help="one folder a class, or see --labels")
    sub.add_argument("--labels", type=Path, metavar="CSV", help="columns file,class_index; files are seen from --data")
    sub.add_argument("--batch-size", type=_positive, default=32, metavar="N", help="pictures at a time (32)")
    sub.add_argument("--strict", action="store_true", help="a picture that cannot be read is an error")

    sub = command("predict", _predict, "name what pictures show")
    _add_weights(sub)
    _add_device(sub)
    sub.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="files")
    sub.add_argument("--top", type=_positive, default=5, metavar="K", help="answers for each picture (5)")
    sub.add_argument("--save", type=Path, metavar="DIR", help="write each picture with its names, as PNG")

    sub = command("export", _export, "write the model as one file for other machines, and check it")
    _add_weights(sub)
    sub.add_argument("--format", choices=("mindir", "onnx"), help="of the file (default: by the ending of --out)")
    sub.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write it, .mindir or .onnx")
    sub.add_argument("--inside", action="store_true", help="onnx: tokens and attention of every block as outputs, too")

    weights = commands.add_parser("weights", help="published weights: list, fetch, register")
    actions = weights.add_subparsers(dest="action", required=True, metavar="ACTION")
    command("list", _weights_list, "which there are, and which are on this machine", actions)
    sub = command("get", _weights_get, "fetch by name (HF_ENDPOINT=ADDRESS chooses a mirror of the hub)", actions)
    sub.add_argument("name", metavar="NAME", help="one of vit weights list")
    sub = command("use", _weights_use, "register a file fetched by hand", actions)
    sub.add_argument("file", type=Path, metavar="FILE", help="safetensors, npz or ckpt")
    sub.add_argument("--model", metavar="NAME", help="whose weights they are (default: the file's name)")
    return parser


def _add_weights(sub):
    sub.add_argument("--weights", required=True, help="a file, or the name of published weights (vit weights list)")
    sub.add_argument("--model", metavar="NAME", help="decides shapes and preprocessing where the file does not")
    sub.add_argument("--config", type=Path, metavar="JSON", help="fields of ViTConfig, for files that do not tell")


def _add_device(sub):
    sub.add_argument(
        "--device", choices=("auto", "cpu", "gpu", "ascend"), default="auto", help="where to compute (auto)"
    )
    sub.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="of the matrix products (fp32)")


_RECIPE_HELP = {
    "epochs": "how often every picture is seen",
    "batch_size": "pictures in a step",
    "lr": "the highest learning rate",
    "warmup": "share of the steps in which it rises",
    "weight_decay": "of AdamW: how strongly weights are drawn to zero",
    "clip_norm": "the longest that all gradients together may be",
    "label_smoothing": "share of the target spread over all classes",
    "beta2": "of AdamW: how slowly squared gradients are forgotten",
    "crop_scale": "least share of a picture in a random crop",
    "flip": "how often a picture is mirrored",
    "seed": "of the random numbers",
}


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(say(f"{text!r} 不是正整数", f"{text!r} is not a whole number above 0"))
    return int(text)


# Each command returns (what --json prints, the text otherwise, the exit code).


def _doctor(arguments):
    from vit.runtime.doctor import examine, report

    checks = examine()
    failed = any(check.status == "fail" for check in checks)
    return {"ok": not failed, "checks": [check.__dict__ for check in checks]}, report(checks), int(failed)


def _data_sample(arguments):
    from vit.data.sample.dataset import PER_CLASS, make_sample
    from vit.runtime.paths import DATA, shown

    folder = arguments.out or DATA / ("sample_hard" if arguments.hard else "sample")
    if arguments.per_class is not None and not 1 <= arguments.per_class <= 100_000:
        raise UserError(
            say(
                f"--per-class 要在 1 和 100000 之间，而不是 {arguments.per_class}",
                f"--per-class must lie between 1 and 100000, not {arguments.per_class}",
            )
        )
    counts = PER_CLASS | ({"train": arguments.per_class} if arguments.per_class else {})
    drawn = make_sample(folder, counts, arguments.seed, arguments.hard)
    done = say("画好了", "drawn") if drawn else say("已经有了", "is there already")
    return {"folder": str(folder), "drawn": drawn}, f"{shown(folder)}: {done}", 0


def _data_subset(arguments):
    from vit.data.download import IMAGENET_SUBSET, fetch
    from vit.runtime.paths import DATA, shown

    folder = arguments.out or DATA / "imagenet_subset"
    fetched = fetch(IMAGENET_SUBSET, folder)
    done = say("下载好了", "fetched") if fetched else say("已经有了", "is there already")
    return {"folder": str(folder), "fetched": fetched}, f"{shown(folder)}: {done}", 0


def _data_cifar10(arguments):
    from vit.data.cifar10 import CIFAR10
    from vit.data.download import fetch
    from vit.runtime.paths import DATA, shown

    folder = arguments.out or DATA / "cifar10"
    fetched = fetch(CIFAR10, folder)
    done = say("下载好了", "fetched") if fetched else say("已经有了", "is there already")
    return {"folder": str(folder), "fetched": fetched}, f"{shown(folder)}: {done}", 0


def _data_check(arguments):
    from vit.data.check import check

    return *check(arguments.folder), 0


def _data_split(arguments):
    from vit.data.split import split

    return *split(arguments.folder, arguments.out, arguments.val, arguments.seed), 0


def _train(arguments):
    from vit.runtime.devices import prepare
    from vit.runtime.paths import shown
    from vit.training.fit import fit

    named_model(arguments.model)
    recipe = Recipe(**{option.name: getattr(arguments, option.name) for option in fields(Recipe)})
    prepare(arguments.device, arguments.precision)
    metrics = fit(
        arguments.data,
        arguments.out,
        arguments.model,
        arguments.weights,
        recipe,
        arguments.resume,
        precision=arguments.precision,
    )
    if "images" not in metrics:  # one of several processes, and not the one that writes
        rank, processes = metrics["rank"], metrics["processes"]
        return metrics, say(f"进程 {rank}（共 {processes} 个）：完成", f"process {rank} of {processes}: done"), 0
    file, seconds = shown(arguments.out / "best.safetensors"), metrics["train_seconds"]
    text = _accuracy(metrics) + say(f"（{file}，训练 {seconds:.0f} 秒）", f"  ({file}, {seconds:.0f} s of training)")
    return metrics, text, 0


def _fixed(arguments):
    """A model that was exported, or None."""
    if not arguments.weights.endswith((".mindir", ".onnx")):
        return None
    if arguments.model or arguments.config:
        raise UserError(
            say(
                f"{arguments.weights}: 导出的模型不能再改；请去掉 --model 和 --config",
                f"{arguments.weights}: an exported model is fixed; leave --model and --config out",
            )
        )
    if arguments.weights.endswith(".onnx"):
        from vit.onnx_file import load_onnx

        return load_onnx(arguments.weights)
    from vit.export import load_exported

    return load_exported(arguments.weights)


def _load(arguments):
    from vit.runtime.devices import PRECISIONS, prepare
    from vit.weights import load_model

    if arguments.weights.endswith((".mindir", ".onnx")):
        raise UserError(
            say(
                f"{arguments.weights}: 导出的模型只能用于：vit predict（.onnx 还能用于 vit eval）",
                f"{arguments.weights}: an exported model can only be used by: vit predict (an .onnx by vit eval, too)",
            )
        )
    if arguments.model:
        named_model(arguments.model)  # an unknown name is said before anything is fetched
    precision = getattr(arguments, "precision", "fp32")
    prepare(getattr(arguments, "device", "auto"), precision)
    model = load_model(arguments.weights, arguments.config, arguments.model)
    if model.config.in_channels != 3:
        raise UserError(
            say(
                f"{arguments.weights}: 这个网络读 {model.config.in_channels} 个通道，而图片读出来是 3 个（RGB）；"
                "请在 Python 里用 vit.weights.load_model 装入它，自己准备输入",
                f"{arguments.weights}: this network reads {model.config.in_channels} channels, and pictures are read as "
                "3 (RGB); load it in Python by vit.weights.load_model and prepare its input yourself",
            )
        )
    if precision != "fp32":
        model.to_float(PRECISIONS[precision])
    if not model.config.num_classes:
        raise UserError(
            say(
                f"{arguments.weights}: 这些权重没有分类头，给不出类别",
                f"{arguments.weights}: these weights have no head, so they name nothing",
            )
        )
    return model


def _eval(arguments):
    from vit.data.labels import from_csv, from_folders
    from vit.evaluation import evaluate
    from vit.runtime.paths import shown

    if not os.path.isdir(arguments.data):
        raise UserError(say(f"{arguments.data}: 没有这个文件夹", f"{arguments.data}: no such folder"))
    model = _fixed(arguments) if arguments.weights.endswith(".onnx") else _load(arguments)
    if arguments.labels:
        data = from_csv(arguments.labels, arguments.data, model.config.num_classes)
    elif model.classes is None:
        raise UserError(
            say(
                f"{arguments.weights}: 没有写明类别；请用 --labels CSV 给出标签",
                f"{arguments.weights}: does not name its classes; give the labels with --labels CSV",
            )
        )
    else:
        data = from_folders(arguments.data, model.classes)
        for folder, index in list(data.folders.items())[:20]:
            name, wnid = model.classes[index], model.classes[index].wnid
            told = say(f"{folder} -> 类别 {index}，{name}（{wnid}）", f"{folder} -> class {index}, {name} ({wnid})")
            print(one_line(told))
    result = evaluate(model, data, arguments.batch_size)
    if result["unreadable"]:
        names, many = ", ".join(shown(path) for path in result["unreadable"][:5]), len(result["unreadable"])
        if arguments.strict:
            raise UserError(say(f"有 {many} 张图片不能读：{names}", f"{many} pictures cannot be read: {names}"))
        print(
            say(
                f"已略过不能读的图片（共 {many} 张）：{names}",
                f"left out, since they cannot be read ({many} in all): {names}",
            )
        )
    return result, _accuracy(result), 0


def _accuracy(result: dict) -> str:
    images, top1, top5 = result["images"], result["top1"], result["top5"]
    return say(
        f"{images} 张图片  top-1 {top1:.1%}  top-5 {top5:.1%}",
        f"{images} pictures  top-1 {top1:.1%}  top-5 {top5:.1%}",
    )


def _predict(arguments):
    from vit.attention_maps import attention_rollout
    from vit.data.images import read_image
    from vit.inference import predict
    from vit.model import ViT
    from vit.plots import prediction_page, save_figure
    from vit.runtime.paths import shown

    for path in arguments.images:
        read_image(path)  # all are readable, or nothing is done
    targets = _targets(arguments.images, arguments.save)
    model = _fixed(arguments) or _load(arguments)
    answers, lines = [], []
    for path, target in zip(arguments.images, targets, strict=True):
        pixels = read_image(path)
        guesses = predict(model, pixels, arguments.top)
        answer = {"file": unicode_text(path), "top": [guess.as_dict() for guess in guesses]}
        lines.append(shown(path))
        for guess in guesses:
            names = one_line(f"{guess.class_name}  {guess.class_name.name_zh}")
            lines.append(f"  {guess.probability:6.1%}  {names}".rstrip())
        if target:
            # an exported graph answers, but cannot be looked into
            attention = attention_rollout(model, pixels) if isinstance(model, ViT) else None
            save_figure(prediction_page([(path.name, pixels, guesses, attention)]), target)
            answer["saved"] = unicode_text(target)
            lines.append(f"  -> {shown(target)}")
        answers.append(answer)
    return {"weights": unicode_text(arguments.weights), "images": answers}, "\n".join(lines), 0


def _export(arguments):
    from vit.export import about_path, export
    from vit.runtime.paths import shown

    form = arguments.format or arguments.out.suffix.removeprefix(".")
    if form not in ("mindir", "onnx"):
        raise UserError(
            say(
                f"{arguments.out}: 文件名要以 .mindir 或 .onnx 结尾",
                f"{arguments.out}: the file's name must end in .mindir or .onnx",
            )
        )
    if arguments.inside and form != "onnx":
        raise UserError(say("--inside 只用于 .onnx", "--inside is for .onnx only"))
    if form == "onnx":
        from vit.onnx_file import export_onnx

        difference = export_onnx(_load(arguments), arguments.out, arguments.inside)
        told = say(
            f"logits 最多相差 {difference:.1e}（相对）", f"logits differ by {difference:.1e} of the largest at most"
        )
        return {"file": unicode_text(arguments.out), "difference": difference}, f"{shown(arguments.out)}: {told}", 0
    difference = export(_load(arguments), arguments.out)
    file, about = shown(arguments.out), about_path(arguments.out).name
    text = say(
        f"{file} 和 {about}：logits 最多相差 {difference:.1e}",
        f"{file} and {about}: logits differ by {difference:.1e} at most",
    )
    return {"file": unicode_text(arguments.out), "difference": difference}, text, 0


def _targets(images, folder: Path | None) -> list[Path | None]:
    """Where each picture's page goes; pictures of the same name from two folders stay apart."""
    if folder is None:
        return [None] * len(images)
    inputs = {os.path.realpath(path).casefold() for path in images}  # some systems do not tell A from a
    targets: list[Path] = []
    taken: set[str] = set()
    for path in images:
        stem, copy = _portable(path.stem), 2
        target = folder / f"{stem}.png"
        while str(target).casefold() in taken:
            target, copy = folder / f"{stem}-{copy}.png", copy + 1
        if os.path.realpath(target).casefold() in inputs:
            raise UserError(
                say(
                    f"{target}: --save 会覆盖这张图片；请换一个文件夹",
                    f"{target}: --save would overwrite this picture; choose another folder",
                )
            )
        taken.add(str(target).casefold())
        targets.append(target)
    return targets


def _portable(stem: str) -> str:
    """A name that every system takes for a file: no sign that Windows keeps for itself, not a device's, not too long."""
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f\ud800-\udfff]', "_", stem).encode()[:200].decode(errors="ignore").rstrip(". ")
    return f"_{stem}" if not stem or PureWindowsPath(stem).is_reserved() else stem


def _weights_list(arguments):
    from vit.weights.hub import overview

    rows, missing = overview(), say("还没有：vit weights get ", "not here: vit weights get ")
    lines = [f"{row['name']:24} {row['megabytes']:5} MB  {row['file'] or missing + row['name']}" for row in rows]
    return {"weights": rows}, "\n".join(lines), 0


def _weights_get(arguments):
    from vit.weights.hub import get

    path = get(arguments.name)
    return {"name": arguments.name, "file": str(path)}, f"{arguments.name}: {path}", 0


def _weights_use(arguments):
    from vit.runtime.paths import shown
    from vit.weights import register

    name, path = register(arguments.file, arguments.model)
    text = say(f"{name}: 已登记为 {shown(path)}", f"{name}: registered as {shown(path)}")
    return {"name": name, "file": str(path)}, text, 0


if __name__ == "__main__":
    sys.exit(main())
