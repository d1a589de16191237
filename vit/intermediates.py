"""Looking inside: every intermediate of a model, without a second copy of its code."""

import mindspore as ms

from vit.model import ViT


def record(model: ViT, images) -> dict[str, ms.Tensor]:
    """Run a model once, eagerly, and keep what every part of it put out.

    Args:
        model: used as it is, in training or in evaluation mode.
        images: (B, C, H, W) float32.

    Returns:
        Outputs by the name of the part, in order of computation, "logits" last. Some of them:

        | name                  | what                                          | shape        |
        |-----------------------|-----------------------------------------------|--------------|
        | patch_embed           | tokens                                        | (B, N, D)    |
        | pos_drop              | with class token and positions                | (B, 1+N, D)  |
        | blocks.3.attn.softmax | attention weights of block 3, each row sums to 1 | (B, h, 1+N, 1+N) |
        | blocks.3              | the tokens after block 3                      | (B, 1+N, D)  |
        | pool                  | the features of the image                     | (B, D)       |
    """
    outputs: dict[str, ms.Tensor] = {}

    def keep(name):
        def hook(cell, inputs, output):
            if isinstance(output, ms.Tensor):  # what puts out several is a part of a part, of GELU or of a norm
                outputs[name] = output

        return hook

    mode = ms.get_context("mode")
    handles = [cell.register_forward_hook(keep(name)) for name, cell in model.cells_and_names() if name]
    try:
        ms.set_context(mode=ms.PYNATIVE_MODE)  # a compiled graph calls no hooks
        outputs["logits"] = model(images)
    finally:
        ms.set_context(mode=mode)
        for handle in handles:
            handle.remove()
    return outputs
