"""CPU, GPU or Ascend, and the precision they compute in: checked before a run, not in the middle of it."""

import sys

import mindspore as ms

from vit.runtime.crowd import give_way
from vit.runtime.errors import UserError
from vit.runtime.graph_mode import eager_without_queues
from vit.runtime.language import say

# fp16 is not among them: its gradients need their loss scaled, and steps skipped (lesson 07 tells why)
PRECISIONS = {"fp32": ms.float32, "bf16": ms.bfloat16}


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
        raise UserError(
            say(
                f"不能在 {target} 上计算：{reason}（运行 vit doctor 看详情）",
                f"cannot compute on {target}: {reason} (vit doctor tells more)",
            )
        ) from None
    finally:
        eager_without_queues()
    return target


def prepare(device: str = "auto", precision: str = "fp32") -> str:
    """Choose a device, and say before the run what it cannot do or nobody has tried.

    Returns:
        "CPU", "GPU" or "Ascend".

    Raises:
        UserError: the device cannot be used from here, or has no such precision.
    """
    target = choose_device(device)
    if target == "CPU":
        give_way()
    if target == "CPU" and precision != "fp32":
        raise UserError(
            say(
                f"MindSpore 的 CPU 算子没有 {precision} 的矩阵乘法：请用 --precision fp32",
                f"MindSpore's CPU kernels have no {precision} matrix product: use --precision fp32",
            )
        )
    if target != "CPU":
        print(
            say(
                f"{target}，{precision}：尚未在这种设备上运行过；请告诉我们结果如何",
                f"{target} in {precision}: not yet run here; please tell us how it went",
            ),
            file=sys.stderr,
        )
    return target
