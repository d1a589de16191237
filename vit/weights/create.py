"""Models made: by name, with random or trained weights, and for the classes of a data set."""

import sys
from dataclasses import fields, replace

import mindspore as ms

from vit.config import ViTConfig, named_model
from vit.data.class_names import ClassName
from vit.model import ViT
from vit.runtime.errors import UserError
from vit.runtime.language import say
from vit.weights import load_model


def create_model(name: str, weights=None, num_classes: int | None = None, **overrides) -> ViT:
    """Build a model by name, with random or with trained weights.

    Args:
        name: one of `vit.list_models()`.
        weights: None for random values; a file; or the name of published weights
            (`vit weights list`), taken from this machine, else fetched.
        num_classes: K. Another number than the weights have replaces their head, and says so.
        **overrides: fields of `ViTConfig`, for instance `drop_path_rate=0.1`.

    Returns:
        The model, with `preprocessing`: the file's own, else the named model's.

    Raises:
        UserError: unknown name or field, or weights that do not fit.
    """
    known = named_model(name)
    strange = overrides.keys() - {field.name for field in fields(ViTConfig)}
    if strange:
        names = ", ".join(sorted(strange))
        raise UserError(
            say(
                f"ViT 没有设置项 {names}；见 vit.config.ViTConfig",
                f"a ViT has no setting {names}; see vit.config.ViTConfig",
            )
        )
    if weights is not None:
        return load_model(weights, config=overrides, model_name=name, num_classes=num_classes)
    if num_classes is not None:
        overrides["num_classes"] = num_classes
    model = ViT(replace(known.config, **overrides))
    if model.config.in_channels == 3:  # nothing is known of other pictures
        model.preprocessing = known.preprocessing(model.config.image_size)
    return model


def model_for(classes: tuple[ClassName, ...], name: str, weights=None) -> ViT:
    """A network to be trained on these classes; weights of other classes lose their head, and it is said."""
    model = create_model(name, weights, num_classes=len(classes))
    if weights is not None and [c.wnid for c in model.classes or ()] != [c.wnid for c in classes]:
        print(
            say(
                "权重认得的类别与数据的不同：分类头是新的",
                "the weights know other classes than the data: the head is new",
            ),
            file=sys.stderr,
        )
        for parameter in model.head.get_parameters():  # of the right size, perhaps, but of other classes
            parameter.set_data(ms.ops.zeros(parameter.shape, parameter.dtype))
    model.classes = classes
    return model
