"""What machine this is: cores, memory and instructions; read without any heavy library."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

SHAPING = (
    "bert4text",
    "numpy",
    "scikit-learn",
    "pyarrow",
    "tokenizers",
    "torch",
    "transformers",
    "accelerate",
)
"""Libraries whose version shapes results; manifests name them."""


def threads() -> int:
    """Threads to compute with: ``OMP_NUM_THREADS`` where it is a number, else one for each core."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) else cores()


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def processor() -> tuple[str, frozenset[str]]:
    """Model name and instruction flags; the flags are empty where the system does not tell."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine(), frozenset()
    fields: dict[str, str] = {}
    for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    flags = fields.get("flags") or fields.get("Features") or ""
    return fields.get("model name", platform.machine()), frozenset(flags.split())


BELOW_BF16 = frozenset({"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"})
"""Instruction sets without bfloat16, as ``ONEDNN_MAX_CPU_ISA`` names them."""


def has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 matrices in hardware, and its library may."""
    most = os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper()
    return most not in BELOW_BF16 and bool(processor()[1] & {"avx512_bf16", "amx_bf16", "bf16"})


def multiplies_int8() -> bool:
    """Whether sums of products of 8-bit integers are exact.

    Processors of the x86 family without VNNI add pairs of them in 16 bits, which overflow.
    """
    flags = processor()[1]
    exact = {"avx512_vnni", "avx_vnni", "amx_int8"}
    return bool(flags & exact) or not flags & {"sse2", "ssse3", "avx2"}


def memory_gib() -> float | None:
    """Installed memory in GiB, or None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return None


def free_memory_bytes() -> int | None:
    """Memory that can still be taken, within what a container allows; None where nobody tells."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return None
    try:
        most, taken = (
            Path(f"/sys/fs/cgroup/memory.{name}").read_text(encoding="utf-8") for name in ("max", "current")
        )
        return max(0, min(free, int(most) - int(taken)))
    except (OSError, ValueError):  # no container, or one without a limit
        return free


def peak_memory_bytes() -> int | None:
    """Most memory this process has held, or None where the system does not tell.

    Linux keeps it in ``VmHWM``; what ``getrusage`` tells there begins with the peak of the parent.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024


def describe() -> dict[str, Any]:
    """Processor, cores, memory and system, for manifests; no host and no user name."""
    memory = memory_gib()
    return {
        "processor": processor()[0],
        "cores": cores(),
        "memory_gib": None if memory is None else round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Versions of the installed libraries that shape results."""
    found = {}
    for name in SHAPING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
