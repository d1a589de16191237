"""What MindSpore's CPU does slowly, done well, out of sight of the network.

`Swap` puts cells from here in the places of a network's own while it is compiled and called; outside, the network is
as it was written. Each file has an idea's sums written out, with their gradient, and the same as one kernel (`source/`).
"""

from vit.kernels.swap import Swap, chosen

__all__ = ["Swap", "chosen"]
