"""CPU, GPU or Ascend, and the precision they compute in: checked before a run, not in the middle of it."""

import mindspore as ms

from vit.errors import UserError

PRECISIONS = {"fp32": ms.float32, "fp16": ms.float16, "bf16": ms.bfloat16}


def choose_device(device: str = "auto") -> str:
    """Make MindSpore compute on a device.

    Args:
        device: "cpu", "gpu", "ascend", or "auto": what MindSpore itself finds.

    Returns:
        "CPU", "GPU" or "Ascend".

    Raises:
        UserError: the device cannot be used from here.
    """
    if device == "auto":
        return ms.get_context("device_target")
    target = {"cpu": "CPU", "gpu": "GPU", "ascend": "Ascend"}[device]
    try:
        ms.set_context(device_target=target)
        if target != "CPU":
            (ms.Tensor([1.0]) + 1).asnumpy()  # the plugin loads at the first computation
    except Exception as error:  # MindSpore raises what its plugin's loader raised
        ms.set_context(device_target="CPU")
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"cannot compute on {target}: {reason} (vit doctor tells more)") from None
    return target


def check_precision(precision: str, device: str) -> None:
    """Say before the run what a device cannot do.

    Raises:
        UserError: no such precision there.
    """
    if device == "CPU" and precision != "fp32":
        raise UserError(f"MindSpore's CPU kernels have no {precision} matrix product: use --precision fp32")


def warn_untried(device: str, precision: str) -> str:
    """A sentence where nobody has run this path yet, else an empty string."""
    if device == "CPU":
        return ""
    return f"{device} in {precision}: not yet run here; please tell us how it went"
