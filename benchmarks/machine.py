"""What all benchmarks share: the project's folder is found, and the machine is named."""

import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `python benchmarks/exact.py` has its own folder there alone


def machine() -> str:
    """Processor, cores and versions, as they stand beside a figure."""
    import torch

    return (f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, torch {torch.__version__}")
