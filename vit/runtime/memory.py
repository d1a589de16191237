"""How much memory this process took."""

import sys


def peak_memory() -> int:
    """Bytes: the most this process ever held where the system tells, else what it holds now."""
    try:
        import resource  # POSIX only; Linux counts in KiB, macOS in bytes

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    except ImportError:  # Windows
        import psutil

        memory = psutil.Process().memory_info()
        return getattr(memory, "peak_wset", memory.rss)
