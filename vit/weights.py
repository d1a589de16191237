"""Weights in and out of files: all or nothing, with what is needed to use them.

What a file does not say about itself is taken, in this order, from: what the caller gives; the
file's own metadata; the convention of its naming; the model named; 64 numbers a head.
"""

import json
import re
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path

import mindspore as ms
import numpy as np
from safetensors.numpy import save_file

from vit import conversion
from vit.config import ViTConfig, list_published, named_model, published
from vit.data.class_names import ClassName, imagenet_classes
from vit.data.preprocessing import Preprocessing, tutorial_preprocessing
from vit.hub import find, registered_path
from vit.model import ViT
from vit.patch_embedding import resample_positions
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights_file import METADATA, WeightsFile, read

_TUTORIAL = {"gelu": "tanh", "norm_eps": 1e-7}


def infer_config(file: WeightsFile, given: dict, model_name: str | None = None) -> ViTConfig:
    """The configuration that fits a file.

    Args:
        given: fields of `ViTConfig` that the caller insists on.
        model_name: if given, that model's configuration instead of what the shapes tell.
    """
    if model_name:
        settings = asdict(named_model(model_name).config)
        settings["num_classes"] = _rows(file, "head.bias")
    else:
        settings = _settings_from_shapes(file)
    if file.naming == "tutorial":
        settings |= _TUTORIAL
    stored = file.metadata.get("config", {})
    known = {f.name for f in fields(ViTConfig)}
    for where, values in ((file.path, stored), ("config", given)):
        if not isinstance(values, dict) or values.keys() - known:
            unknown = ", ".join(sorted(values.keys() - known)) if isinstance(values, dict) else values
            raise UserError(
                say(
                    f"{where}: ViT 没有设置项 {unknown}；见 vit.config.ViTConfig",
                    f"{where}: a ViT has no setting {unknown}; see vit.config.ViTConfig",
                )
            )
    for key in _SHAPE if model_name else ():
        if key in stored and stored[key] != settings[key]:
            raise UserError(
                say(
                    f"{file.path}: 是另一个模型的权重：{key} 是 {stored[key]}，而 {model_name} 是 {settings[key]}",
                    f"{file.path}: weights of another model: {key} is {stored[key]}, {model_name} has {settings[key]}",
                )
            )
    if model_name and file.num_heads not in (None, settings["num_heads"]):
        raise UserError(
            say(
                f"{file.path}: 是另一个模型的权重：它的张量有 {file.num_heads} 个头，"
                f"而 {model_name} 有 {settings['num_heads']} 个",
                f"{file.path}: weights of another model: its tensors have {file.num_heads} heads, "
                f"{model_name} has {settings['num_heads']}",
            )
        )
    settings |= stored
    settings |= given
    if "num_heads" not in settings:
        settings["num_heads"] = file.num_heads or settings["embed_dim"] // 64
        if file.num_heads is None and settings["embed_dim"] % 64:
            raise UserError(
                say(
                    f"{file.path}: 没有说明一个 token 的 {settings['embed_dim']} 个数分给几个头；"
                    '请给出 config={"num_heads": ...} 或模型名',
                    f"{file.path}: does not say how many heads share the {settings['embed_dim']} numbers of a token; "
                    'give config={"num_heads": ...} or a model name',
                )
            )
    return ViTConfig(**settings)


_SHAPE = ("image_size", "patch_size", "in_channels", "embed_dim", "depth", "num_heads", "mlp_ratio", "qkv_bias")


def _rows(file: WeightsFile, name: str) -> int:
    value = file.tensors.get(name)
    return value.shape[0] if value is not None and value.ndim else 0


def _settings_from_shapes(file: WeightsFile) -> dict:
    tensors = file.tensors
    kernel = file.tensors["patch_embed.proj.weight"]  # (D, C, P, P)
    if kernel.ndim != 4:
        raise UserError(
            say(
                f"{file.path}: 张量 patch_embed.proj.weight 的形状是 {kernel.shape}，看不出图像块（patch）有多大；"
                "请指明模型（model_name，--model）",
                f"{file.path}: tensor patch_embed.proj.weight has shape {kernel.shape}, which does not tell the size "
                "of a patch; name the model (model_name, --model)",
            )
        )
    positions = _tensor(file, "pos_embed", 3)  # (1, 1+N, D)
    fc1 = _tensor(file, "blocks.0.mlp.fc1.weight", 2)  # (hidden, D)
    side = int(np.sqrt(max(positions.shape[1] - 1, 0)))
    if side * side + 1 != positions.shape[1]:
        raise UserError(
            say(
                f"{file.path}: pos_embed 有 {positions.shape[1]} 个位置；应当是一个类别 token 和一个正方形",
                f"{file.path}: pos_embed has {positions.shape[1]} positions; a class token and a square were expected",
            )
        )
    return {
        "image_size": side * kernel.shape[2],
        "patch_size": kernel.shape[2],
        "in_channels": kernel.shape[1],
        "num_classes": _rows(file, "head.bias"),
        "embed_dim": kernel.shape[0],
        "depth": 1 + max(int(match[1]) for name in tensors if (match := re.match(r"blocks\.(\d+)\.", name))),
        "mlp_ratio": fc1.shape[0] / kernel.shape[0],
        "qkv_bias": "blocks.0.attn.qkv.bias" in tensors,
    }


def _tensor(file: WeightsFile, name: str, ndim: int) -> np.ndarray:
    value = file.tensors.get(name)
    if value is None:
        raise UserError(say(f"{file.path}: 缺少张量 {name}", f"{file.path}: tensor {name} is missing"))
    if value.ndim != ndim:
        raise UserError(
            say(
                f"{file.path}: 张量 {name} 的形状是 {value.shape}，应当有 {ndim} 个轴",
                f"{file.path}: tensor {name} has shape {value.shape}, {ndim} axes were expected",
            )
        )
    return value


def load_model(path, config=None, model_name: str | None = None, num_classes: int | None = None) -> ViT:
    """Build the model that fits a file of weights, and fill it: every tensor, or none.

    Args:
        path: a file, or the name of published weights (`vit weights list`).
        config: fields of `ViTConfig` that win over all else: a dict or the path of a JSON file.
            Another `image_size` than the file's resamples the positions.
        model_name: one of `vit.list_models()`; decides the shapes, and the preprocessing where the
            file does not.
        num_classes: another number than the file's puts a new head, all zeros, in its place and
            says so on standard error; 0 leaves the head out, and the model answers with features.

    Returns:
        The model, in evaluation mode, with `model.preprocessing` (how to prepare its pictures) and
        `model.classes` (a tuple of ClassName, or None where nobody knows).

    Raises:
        UserError: see `read`; or a tensor is missing, extra or misshapen, and is named.
    """
    file = read(find(path))
    given = _as_dict(config)
    old_classes = _rows(file, "head.bias")
    num_classes = given.pop("num_classes", None) if num_classes is None else num_classes
    config = infer_config(file, given, model_name)
    if num_classes is not None:
        config = replace(config, num_classes=num_classes)
    model = ViT(config)
    tensors = dict(file.tensors)
    headless = file.metadata.get("config", {}).get("num_classes") == 0  # said by the file itself
    if not old_classes and num_classes is None and not headless:
        raise UserError(
            say(
                f"{file.path}: 缺少张量 head.weight；要一个新的分类头就给出 num_classes，不要分类头就给 0",
                f"{file.path}: tensor head.weight is missing; give num_classes for a new head, 0 for none",
            )
        )
    if config.num_classes != old_classes:
        if num_classes is None:
            raise UserError(
                say(
                    f"{file.path}: 写的是 {config.num_classes} 类，分类头却是 {old_classes} 类",
                    f"{file.path}: says {config.num_classes} classes, its head has {old_classes}",
                )
            )
        tensors = {name: value for name, value in tensors.items() if not name.startswith("head.")}
        if num_classes > 0:
            print(
                f"{file.path.name}: its head of {old_classes} classes is replaced by a new one of {num_classes}",
                file=sys.stderr,
            )
    if "image_size" in given:
        grid = config.image_size // config.patch_size
        positions = ms.Tensor(_tensor(file, "pos_embed", 3))
        tensors["pos_embed"] = resample_positions(positions, (grid, grid)).asnumpy()
    _fill(model, tensors, file.path, new_head=config.num_classes != old_classes)
    model.preprocessing = _preprocessing(file, config, model_name)
    model.classes = _classes(file, config.num_classes) if config.num_classes == old_classes else None
    return model.set_train(False)


def _as_dict(config) -> dict:
    if config is None or isinstance(config, dict):
        return dict(config or {})
    try:
        values = json.loads(Path(config).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            say(f"{config}: 不是能读的 JSON 文件（{error}）", f"{config}: not a readable JSON file ({error})")
        ) from None
    if not isinstance(values, dict):
        raise UserError(
            say(
                f"{config}: 应当是一个 JSON 对象，里面是 ViTConfig 的字段",
                f"{config}: expected a JSON object of ViTConfig fields",
            )
        )
    return values


def _fill(model: ViT, tensors: conversion.Tensors, path: Path, new_head: bool) -> None:
    wanted = {
        conversion.from_mindspore(name): parameter
        for name, parameter in model.parameters_and_names()
        if not (new_head and name.startswith("head."))
    }
    shapes = {name: parameter.shape for name, parameter in wanted.items()}
    width = model.config.in_channels * model.config.patch_size**2
    problems = [say(f"缺少 {name}", f"{name} is missing") for name in wanted.keys() - tensors.keys()]
    problems += [
        say(f"模型里没有 {name}", f"{name} is not part of the model") for name in tensors.keys() - wanted.keys()
    ]
    for name in wanted.keys() & tensors.keys():
        value = tensors[name]
        if name == "patch_embed.proj.weight" and value.ndim == 4:
            p = model.config.patch_size
            if value.shape[1:] == (model.config.in_channels, p, p):
                value = tensors[name] = value.reshape(-1, width)  # (D, C, P, P) -> (D, C*P*P)
        if value.shape != shapes[name]:
            problems.append(
                say(
                    f"{name} 的形状是 {value.shape}，模型要的是 {shapes[name]}",
                    f"{name} has shape {value.shape}, the model wants {shapes[name]}",
                )
            )
    if problems:
        problems.sort()
        first, more = say("；", "; ").join(problems[:3]), len(problems) - 3
        first += say(f"（另外还有 {more} 处）", f" (and {more} more)") if more > 0 else ""
        raise UserError(say(f"{path}: 与模型不符：{first}", f"{path}: does not fit the model: {first}"))
    for name, parameter in wanted.items():
        parameter.set_data(ms.Tensor(np.ascontiguousarray(tensors[name])))


def _preprocessing(file: WeightsFile, config: ViTConfig, model_name: str | None) -> Preprocessing:
    if "preprocessing" in file.metadata:
        found = Preprocessing.from_dict(file.metadata["preprocessing"])
        if found.size == config.image_size:
            return found
        # another resolution was asked for: keep the ratio of crop to picture
        return replace(found, size=config.image_size, resize=round(found.resize * config.image_size / found.size))
    if file.naming == "tutorial":
        return tutorial_preprocessing(config.image_size)
    if model_name is None:
        print(
            f"{file.path.name}: does not say how its pictures are prepared; assuming the way of vit_* "
            "(mean = std = 0.5). Name the model if it is another, deit_* for instance",
            file=sys.stderr,
        )
    return named_model(model_name or "vit_base_patch16_224").preprocessing(config.image_size)


def _classes(file: WeightsFile, num_classes: int) -> tuple[ClassName, ...] | None:
    if "classes" in file.metadata:
        try:
            classes = tuple(_in_chinese(ClassName(**entry)) for entry in file.metadata["classes"])
        except TypeError as error:
            raise UserError(
                say(f"{file.path}: 类别名有问题（{error}）", f"{file.path}: its class names are not in order ({error})")
            ) from None
        if len(classes) != num_classes:
            raise UserError(
                say(
                    f"{file.path}: {len(classes)} 个类别名，却有 {num_classes} 类",
                    f"{file.path}: {len(classes)} class names for {num_classes} classes",
                )
            )
        return classes
    return imagenet_classes() if num_classes == 1000 else None


def _in_chinese(known: ClassName) -> ClassName:
    """With the Chinese name that the table of ImageNet has for it, where the file has none."""
    if known.name_zh:
        return known
    table = {entry.wnid: entry.name_zh for entry in imagenet_classes()}
    return replace(known, name_zh=table.get(known.wnid, ""))


def save_model(model: ViT, path) -> Path:
    """Write a model as safetensors under timm's names, with config, preprocessing and class names.

    The file is replaced in one step: whoever reads it sees the old one or the new one, whole.
    """
    path = Path(path)
    tensors = {conversion.from_mindspore(n): p.asnumpy() for n, p in model.parameters_and_names()}
    p, channels = model.config.patch_size, model.config.in_channels
    kernel = tensors["patch_embed.proj.weight"]
    tensors["patch_embed.proj.weight"] = kernel.reshape(-1, channels, p, p)  # (D, C, P, P)
    metadata: dict = {"config": asdict(model.config)}
    if model.preprocessing:
        metadata["preprocessing"] = asdict(model.preprocessing)
    if model.classes:
        metadata["classes"] = [asdict(known) for known in model.classes]

    with atomic_path(path) as staged:
        save_file(tensors, staged, metadata={METADATA: json.dumps(metadata, ensure_ascii=False)})
    return path


def register(file, name: str | None = None) -> tuple[str, Path]:
    """Register a file fetched by hand as the published weights of a name.

    The file is read and held against the model first; a copy that carries its own configuration,
    preprocessing and class names is kept in `data/weights/registered/`.

    Args:
        file: safetensors, npz or ckpt, in any naming that `vit.weights_file.read` knows.
        name: of the published weights; without it, the file's own name must be one.

    Returns:
        The name and the copy's path.

    Raises:
        UserError: unknown name, or the file does not fit that model.
    """
    file = Path(file)
    if not file.is_file():
        raise UserError(say(f"{file}: 没有这个文件", f"{file}: no such file"))
    if name is None:
        name = file.stem
        if name not in list_published():
            raise UserError(
                say(
                    f"{file.name} 是哪个模型的权重？请写明：vit weights use {file} --model NAME（名字见 vit weights list）",
                    f"whose weights are {file.name}? Say so: vit weights use {file} --model NAME (vit weights list)",
                )
            )
    published(name)  # an unknown name is said before the file is read
    model = load_model(file, model_name=name)
    return name, save_model(model, registered_path(name))
