"""Weights in and out of files: all or nothing, with what is needed to use them."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import mindspore as ms
import numpy as np
from safetensors.numpy import save_file

from vit.config import ViTConfig, list_published, named_model, published
from vit.data.class_names import ClassName, imagenet_classes
from vit.data.preprocessing import Preprocessing, tutorial_preprocessing
from vit.model import ViT
from vit.patch_embedding import resample_positions
from vit.runtime.atomic import atomic_path
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights import conversion
from vit.weights.configuration import infer_config
from vit.weights.hub import find, registered_path
from vit.weights.opened import METADATA, WeightsFile, read


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
    given = _as_dict(config)
    file = read(find(path))
    _say_aside(file)
    old_classes = file.num_classes
    num_classes = given.pop("num_classes", None) if num_classes is None else num_classes
    config = infer_config(file, given, model_name)
    if num_classes is not None:
        config = replace(config, num_classes=num_classes)
    headless = file.metadata.get("config", {}).get("num_classes") == 0  # said by the file itself
    if not old_classes and num_classes is None and not headless:
        missing = file.layout.spelling("head.weight")
        raise UserError(
            say(
                f"{file.path}: 缺少张量 {missing}；要一个新的分类头就给出 num_classes，不要分类头就给 0",
                f"{file.path}: tensor {missing} is missing; give num_classes for a new head, 0 for none",
            )
        )
    tensors = dict(file.tensors)
    new_head = config.num_classes != old_classes
    if new_head and num_classes is None:
        raise UserError(
            say(
                f"{file.path}: 写的是 {config.num_classes} 类，分类头却是 {old_classes} 类",
                f"{file.path}: says {config.num_classes} classes, its head has {old_classes}",
            )
        )
    if new_head:
        tensors = {name: value for name, value in tensors.items() if not name.startswith("head.")}
    if new_head and num_classes:
        print(
            say(
                f"{file.path.name}: 原来 {old_classes} 类的分类头换成了新的，{num_classes} 类",
                f"{file.path.name}: its head of {old_classes} classes is replaced by a new one of {num_classes}",
            ),
            file=sys.stderr,
        )
    if "image_size" in given:
        grid = config.image_size // config.patch_size
        tensors["pos_embed"] = resample_positions(ms.Tensor(tensors["pos_embed"]), (grid, grid)).asnumpy()
    model = ViT(config)
    _fill(model, tensors, file, new_head)
    model.preprocessing = _preprocessing(file, config, model_name)
    model.classes = None if new_head else _classes(file, config.num_classes)
    return model.set_train(False)


def _say_aside(file: WeightsFile) -> None:
    """A checkpoint of a training holds more than the network: what is left out is said."""
    aside = file.layout.aside
    if not aside:
        return
    kinds = dict.fromkeys(f"{first}.*" if rest else first for first, _, rest in (n.partition(".") for n in aside))
    some = ", ".join(list(kinds)[:6]) + (" ..." if len(kinds) > 6 else "")
    print(
        say(
            f"{file.path.name}: 另有 {len(aside)} 个张量属于训练过程（优化器等）而不属于网络，已忽略：{some}",
            f"{file.path.name}: {len(aside)} tensors are the training's and not the network's, and are left out: {some}",
        ),
        file=sys.stderr,
    )


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


def _fill(model: ViT, tensors: conversion.Tensors, file: WeightsFile, new_head: bool) -> None:
    wanted = {
        conversion.from_mindspore(name): parameter
        for name, parameter in model.parameters_and_names()
        if not (new_head and name.startswith("head."))
    }
    kernel = tensors["patch_embed.proj.weight"]
    tensors["patch_embed.proj.weight"] = kernel.reshape(len(kernel), -1)  # (D, C, P, P) -> (D, C*P*P)
    name_of = file.layout.spelling
    problems = [
        say(f"缺少 {name_of(name)}", f"{name_of(name)} is missing") for name in sorted(wanted.keys() - tensors.keys())
    ]
    problems += [
        say(f"模型里没有 {name_of(name)}", f"{name_of(name)} is not part of the model")
        for name in sorted(tensors.keys() - wanted.keys())
    ]
    for name in sorted(wanted.keys() & tensors.keys()):
        found, shape = tensors[name].shape, wanted[name].shape
        if found != shape:
            problems.append(
                say(
                    f"{name_of(name)} 的形状是 {found}，模型要的是 {shape}",
                    f"{name_of(name)} has shape {found}, the model wants {shape}",
                )
            )
    if problems:
        first, more = say("；", "; ").join(problems[:3]), len(problems) - 3
        first += say(f"（另外还有 {more} 处）", f" (and {more} more)") if more > 0 else ""
        raise UserError(say(f"{file.path}: 与模型不符：{first}", f"{file.path}: does not fit the model: {first}"))
    for name, parameter in wanted.items():
        parameter.set_data(ms.Tensor(np.ascontiguousarray(tensors[name])))


def _preprocessing(file: WeightsFile, config: ViTConfig, model_name: str | None) -> Preprocessing | None:
    """How pictures are prepared; None where the network does not take the three channels of a picture."""
    if config.in_channels != 3:
        return None
    if "preprocessing" in file.metadata:
        try:
            found = Preprocessing.from_dict(file.metadata["preprocessing"])
        except UserError as error:
            raise UserError(f"{file.path}: {error}") from None
        if found.size == config.image_size:
            return found
        # another resolution was asked for: keep the ratio of crop to picture
        return replace(found, size=config.image_size, resize=round(found.resize * config.image_size / found.size))
    if file.layout.naming == "tutorial":
        return tutorial_preprocessing(config.image_size)
    if model_name is None:
        print(
            say(
                f"{file.path.name}: 没有写明图片怎样预处理，按 vit_* 的方式（mean = std = 0.5）处理；"
                "如果是别的模型，例如 deit_*，请指明",
                f"{file.path.name}: does not say how its pictures are prepared; assuming the way of vit_* "
                "(mean = std = 0.5). Name the model if it is another, deit_* for instance",
            ),
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
        file: safetensors, npz or ckpt, in any naming that `vit.weights.opened.read` knows.
        name: of the published weights; without it, the file's own name must be one.

    Returns:
        The name and the copy's path.

    Raises:
        UserError: unknown name, or the file does not fit that model.
    """
    file = Path(file)
    if not file.exists():  # not a name to be fetched
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
    model = load_model(file.absolute(), model_name=name)
    return name, save_model(model, registered_path(name))
