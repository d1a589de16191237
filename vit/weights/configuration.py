"""The configuration that fits a file of weights: what its tensors tell, what it says itself, and what is assumed.

What a file does not say of itself is taken, in this order, from: what the caller gives; the file's own
metadata; the defaults of the program whose words it speaks (gamma and beta of a norm: MindSpore); the model
named; what published ViTs have. What nobody has said is an assumption, and is said on standard error.
"""

import json
import math
import sys
from dataclasses import asdict, fields

from vit.config import ViTConfig, named_model
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights.opened import WeightsFile
from vit.weights.shapes import told_by_tensors

_OF_PUBLISHED = {"gelu": "exact", "norm_eps": 1e-6}
_OF_MINDSPORE = {"gelu": "tanh", "norm_eps": 1e-7}  # the defaults of nn.GELU and nn.LayerNorm
_OF_HUGGING_FACE = {"norm_eps": 1e-12}  # that of transformers' configuration


def infer_config(file: WeightsFile, given: dict, model_name: str | None = None) -> ViTConfig:
    """The configuration that fits a file.

    Args:
        given: fields of `ViTConfig` that the caller insists on.
        model_name: if given, that model's configuration instead of what is usual.

    Raises:
        UserError: the tensors are of another kind of network, or of another model than was named or described.
    """
    named = asdict(named_model(model_name).config) if model_name else {}
    named.pop("num_classes", None)  # a model has a name whatever it was trained on
    stored = file.metadata.get("config", {})
    _check_fields(file.path, stored)
    _check_fields("config", given)
    told = told_by_tensors(file, (named | stored | given).get("patch_size"))
    _hold_against(file, told, stored, say("它自己的元数据", "its own metadata"))
    _hold_against(file, told, _without(given, {"image_size"}), "config")  # another one resamples the positions
    heads = {"num_heads": stored["num_heads"]} if "num_heads" in stored else {}
    _hold_against(file, told | heads, _without(named, given.keys()), model_name)
    words = {}
    if file.layout.in_mindspore_words and file.tensors["patch_embed.proj.weight"].ndim == 4:  # else it is ours
        words = _OF_MINDSPORE
    elif file.layout.naming in ("hf", "hf5"):
        words = _OF_HUGGING_FACE
    usual = {"pool": "token", "num_heads": told["embed_dim"] // 64} | _OF_PUBLISHED
    settings = usual | named | words | told | stored | given
    if "patch_size" not in settings:
        kernel = file.tensors["patch_embed.proj.weight"].shape
        raise UserError(
            say(
                f"{file.path}: 张量 patch_embed.proj.weight 的形状是 {kernel}，看不出图像块（patch）有多大；"
                "请指明模型（model_name，--model）",
                f"{file.path}: tensor patch_embed.proj.weight has shape {kernel}, which does not tell the size "
                "of a patch; name the model (model_name, --model)",
            )
        )
    by_name = {key for key, value in named.items() if words.get(key, value) == value}
    assumed = [key for key in usual if key not in told.keys() | stored.keys() | given.keys() | by_name]
    if "num_heads" in assumed and told["embed_dim"] % 64:
        raise UserError(
            say(
                f"{file.path}: 没有说明一个 token 的 {told['embed_dim']} 个数分给几个头；"
                '请给出 config={"num_heads": ...} 或模型名',
                f"{file.path}: does not say how many heads share the {told['embed_dim']} numbers of a token; "
                'give config={"num_heads": ...} or a model name',
            )
        )
    try:
        config = ViTConfig(**settings)
    except UserError as error:
        raise UserError(f"{file.path}: {error}") from None
    if assumed:
        _say_assumed(file.path.name, {key: settings[key] for key in assumed})
    return config


def _say_assumed(name: str, assumed: dict) -> None:
    values = ", ".join(f"{key}={value}" for key, value in assumed.items())
    published = all(_OF_PUBLISHED.get(key, value) == value for key, value in assumed.items())
    others = {"pool": "mean"} | (_OF_MINDSPORE if published else _OF_PUBLISHED)
    other = json.dumps({key: others[key] for key in assumed if key in others} or assumed)
    print(
        say(
            f"{name}: 文件没有写明，按 {values} 处理；实际不同的话，请用 config（命令行 --config）指明，例如 {other}",
            f"{name}: does not tell {values}, which is assumed; if it was made otherwise, say so "
            f"(config, --config), for instance {other}",
        ),
        file=sys.stderr,
    )


def _without(values: dict, keys) -> dict:
    return {key: value for key, value in values.items() if key not in keys}


def _check_fields(where, values: dict) -> None:
    strange = sorted(map(str, values.keys() - {f.name for f in fields(ViTConfig)}))
    if strange:
        unknown = ", ".join(strange)
        raise UserError(
            say(
                f"{where}: ViT 没有设置项 {unknown}；见 vit.config.ViTConfig",
                f"{where}: a ViT has no setting {unknown}; see vit.config.ViTConfig",
            )
        )


def _hold_against(file: WeightsFile, told: dict, values: dict, source: str) -> None:
    """What somebody says of the file must be what its tensors tell."""
    shared = [key for key in told if key in values and key != "num_classes"]
    for key in sorted(shared, key=lambda key: key == "image_size"):  # last, where all else agrees
        said, true = values[key], told[key]
        if key == "mlp_ratio" and isinstance(said, (int, float)):  # its effect counts, not its last digit
            said, true = (round(ratio * told["embed_dim"]) if math.isfinite(ratio) else ratio for ratio in (said, true))
        if said != true:
            hint = ""
            if key == "image_size":
                hint = say(
                    f'；只是分辨率不同的话，请给出 config={{"image_size": {true}}}（或其他边长，位置会重新采样）',
                    f'; if only the resolution differs, give config={{"image_size": {true}}}, or another side, '
                    "for which the positions are resampled",
                )
            raise UserError(
                say(
                    f"{file.path}: 是另一个模型的权重：{key} 是 {told[key]}，而 {source} 写的是 {values[key]}{hint}",
                    f"{file.path}: weights of another model: {key} is {told[key]}, {source} has {values[key]}{hint}",
                )
            )
