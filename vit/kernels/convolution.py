"""Convolutions, which MindSpore hands to oneDNN: quick ones on every processor.

On a processor with AVX-512, oneDNN has no quick convolution for MindSpore's layout (B, C, H, W) and falls back on its
reference loops, about 1 GFLOP/s; held to AVX2 it takes a matrix product instead, some eighty times as quick
(`python -m benchmarks.upstream.convolution`). Matrix products of MindSpore are not oneDNN's, and keep AVX-512.
"""

import os


def quick_convolutions() -> None:
    """Hold oneDNN to AVX2, unless the user has chosen. It is read when the process first uses oneDNN: call this before."""
    os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")
