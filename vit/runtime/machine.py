"""The machine that a figure belongs to, in a line."""

import os
import platform
from pathlib import Path


def machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text().splitlines()
        name = next((line.split(":")[1].strip() for line in lines if "model name" in line), name)
    return f"{name} ({vector_width()}), {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def vector_width() -> str:
    """How many numbers the processor takes at once, by the name of its instructions: speeds depend on it."""
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) if cpuinfo.is_file() else set()
    for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"), ("asimd", "NEON")):
        if flag in flags:
            return name
    return "vector width unknown"
