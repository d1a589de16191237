"""Weights in and out of files: all or nothing, with what is needed to use them.

What a file does not say about itself is taken, in this order, from: what the caller gives; the
file's own metadata; the convention of its naming; the model named; 64 numbers a head.
"""

import json
import re
import sys
import zipfile
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import mindspore as ms
import numpy as np

from vit import naming
from vit.atomic import atomic_path
from vit.data.class_names import ClassName, imagenet_classes
from vit.data.preprocessing import Preprocessing, preprocessing_for, tutorial_preprocessing
from vit.errors import UserError
from vit.model import ViT, ViTConfig
from vit.patch_embedding import resample_positions
from vit.registry import model_config

_METADATA = "vit"  # the key of our JSON in a safetensors header
_TUTORIAL = {"gelu": "tanh", "norm_eps": 1e-7}


@dataclass
class WeightsFile:
    """The contents of a file, before a model is made of them: tensors under timm's names."""

    path: Path
    tensors: naming.Tensors
    naming: str
    num_heads: int | None = None  # where the tensors tell
    metadata: dict = field(default_factory=dict)


def read(path) -> WeightsFile:
    """Read a safetensors, npz or MindSpore ckpt file; what it is, its first bytes decide.

    Nothing in a file is ever executed: pickles, PyTorch's among them, are refused.

    Raises:
        UserError: no such file, none of the three, broken, or not a Vision Transformer.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            start = file.read(9)
    except OSError as error:
        raise UserError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    is_safetensors = start[8:9] == b"{"  # after the header's length, its JSON
    if not is_safetensors and (start[:1] == b"\x80" or _is_torch_zip(path)):
        raise UserError(
            f"{path}: a Python pickle (PyTorch?), which could run any program when opened; "
            "get the safetensors file of these weights instead"
        )
    try:
        if is_safetensors:
            tensors, metadata = _read_safetensors(path)
        elif start[:2] == b"PK":
            tensors, metadata = _read_npz(path), {}
        elif start[:1] == b"\x0a":  # the first field of MindSpore's protobuf
            tensors, metadata = _read_ckpt(path), {}
        else:
            raise UserError(f"{path}: neither safetensors nor npz nor a MindSpore checkpoint")
        kind = naming.detect(tensors)
    except UserError as error:
        raise UserError(str(error) if str(path) in str(error) else f"{path}: {error}") from None
    except Exception as error:  # the readers raise whatever a broken file drives them to
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise UserError(f"{path}: broken or cut off ({reason[0]}); fetch it again") from None
    tensors = {name: _as_float32(path, name, value) for name, value in tensors.items()}
    heads = naming.jax_num_heads(tensors)
    return WeightsFile(path, naming.to_timm(tensors, kind), kind, heads, metadata)


def _is_torch_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _read_safetensors(path: Path):
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        metadata = json.loads((file.metadata() or {}).get(_METADATA, "{}"))
        if not isinstance(metadata, dict):
            raise UserError("its metadata is not a JSON object")
        return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118


def _read_npz(path: Path):
    with np.load(path, allow_pickle=False) as file:
        return {name: np.asarray(file[name]) for name in file.files}


def _read_ckpt(path: Path):
    # the suffix must be .ckpt for MindSpore; it logs errors to the terminal before it raises them
    if path.suffix != ".ckpt":
        raise UserError("looks like a MindSpore checkpoint; rename it to end in .ckpt")
    return {name: value.asnumpy() for name, value in ms.load_checkpoint(str(path)).items()}


def _as_float32(path: Path, name: str, value: np.ndarray) -> np.ndarray:
    if value.dtype.kind != "f" and value.dtype.name != "bfloat16":
        raise UserError(f"{path}: tensor {name} holds {value.dtype}, not floating point numbers")
    value = value.astype(np.float32)
    bad = value.size - np.isfinite(value).sum()
    if bad:
        raise UserError(f"{path}: {bad} of {value.size} values of {name} are NaN or infinite")
    return value


def infer_config(file: WeightsFile, given: dict, model_name: str | None = None) -> ViTConfig:
    """The configuration that fits a file.

    Args:
        given: fields of `ViTConfig` that the caller insists on.
        model_name: if given, that model's configuration instead of what the shapes tell.
    """
    if model_name:
        settings = asdict(model_config(model_name))
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
            raise UserError(f"{where}: a ViT has no setting {unknown}; see vit.model.ViTConfig")
    for key in _SHAPE if model_name else ():
        if key in stored and stored[key] != settings[key]:
            raise UserError(
                f"{file.path}: weights of another model: {key} is {stored[key]}, {model_name} has {settings[key]}"
            )
    settings |= stored
    settings |= given
    if "num_heads" not in settings:
        settings["num_heads"] = file.num_heads or settings["embed_dim"] // 64
        if file.num_heads is None and settings["embed_dim"] % 64:
            raise UserError(
                f"{file.path}: does not say how many heads share the {settings['embed_dim']} numbers of a token; "
                'give config={"num_heads": ...} or a model name'
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
            f"{file.path}: tensor patch_embed.proj.weight has shape {kernel.shape}, which does not tell the size of "
            "a patch; name the model (model_name, --model)"
        )
    positions = _tensor(file, "pos_embed", 3)  # (1, 1+N, D)
    fc1 = _tensor(file, "blocks.0.mlp.fc1.weight", 2)  # (hidden, D)
    side = int(np.sqrt(max(positions.shape[1] - 1, 0)))
    if side * side + 1 != positions.shape[1]:
        raise UserError(
            f"{file.path}: pos_embed has {positions.shape[1]} positions; a class token and a square were expected"
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
        raise UserError(f"{file.path}: tensor {name} is missing")
    if value.ndim != ndim:
        raise UserError(f"{file.path}: tensor {name} has shape {value.shape}, {ndim} axes were expected")
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
    from vit.hub import find

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
        raise UserError(f"{file.path}: tensor head.weight is missing; give num_classes for a new head, 0 for none")
    if config.num_classes != old_classes:
        if num_classes is None:
            raise UserError(f"{file.path}: says {config.num_classes} classes, its head has {old_classes}")
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
        raise UserError(f"{config}: not a readable JSON file ({error})") from None
    if not isinstance(values, dict):
        raise UserError(f"{config}: expected a JSON object of ViTConfig fields")
    return values


def _fill(model: ViT, tensors: naming.Tensors, path: Path, new_head: bool) -> None:
    wanted = {
        naming.from_mindspore(name): parameter
        for name, parameter in model.parameters_and_names()
        if not (new_head and name.startswith("head."))
    }
    shapes = {name: parameter.shape for name, parameter in wanted.items()}
    width = model.config.in_channels * model.config.patch_size**2
    problems = [f"{name} is missing" for name in wanted.keys() - tensors.keys()]
    problems += [f"{name} is not part of the model" for name in tensors.keys() - wanted.keys()]
    for name in wanted.keys() & tensors.keys():
        value = tensors[name]
        if name == "patch_embed.proj.weight" and value.ndim == 4:
            p = model.config.patch_size
            if value.shape[1:] == (model.config.in_channels, p, p):
                value = tensors[name] = value.reshape(-1, width)  # (D, C, P, P) -> (D, C*P*P)
        if value.shape != shapes[name]:
            problems.append(f"{name} has shape {value.shape}, the model wants {shapes[name]}")
    if problems:
        problems.sort()
        more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        raise UserError(f"{path}: does not fit the model: {'; '.join(problems[:3])}{more}")
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
    return preprocessing_for(model_name or "vit", config.image_size)


def _classes(file: WeightsFile, num_classes: int) -> tuple[ClassName, ...] | None:
    if "classes" in file.metadata:
        try:
            classes = tuple(ClassName(**entry) for entry in file.metadata["classes"])
        except TypeError as error:
            raise UserError(f"{file.path}: its class names are not in order ({error})") from None
        if len(classes) != num_classes:
            raise UserError(f"{file.path}: {len(classes)} class names for {num_classes} classes")
        return classes
    return imagenet_classes() if num_classes == 1000 else None


def save_model(model: ViT, path) -> Path:
    """Write a model as safetensors under timm's names, with config, preprocessing and class names.

    The file is replaced in one step: whoever reads it sees the old one or the new one, whole.
    """
    path = Path(path)
    tensors = {naming.from_mindspore(n): p.asnumpy() for n, p in model.parameters_and_names()}
    p, channels = model.config.patch_size, model.config.in_channels
    kernel = tensors["patch_embed.proj.weight"]
    tensors["patch_embed.proj.weight"] = kernel.reshape(-1, channels, p, p)  # (D, C, P, P)
    metadata: dict = {"config": asdict(model.config)}
    if model.preprocessing:
        metadata["preprocessing"] = asdict(model.preprocessing)
    if model.classes:
        metadata["classes"] = [asdict(known) for known in model.classes]

    from safetensors.numpy import save_file

    with atomic_path(path) as staged:
        save_file(tensors, staged, metadata={_METADATA: json.dumps(metadata, ensure_ascii=False)})
    return path
