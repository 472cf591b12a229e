"""What a processor multiplies, and what its library is kept from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bert4text.core import machine


@pytest.mark.parametrize(
    ("flags", "most", "wanted"),
    [
        ({"avx2", "avx512_bf16"}, "", True),
        ({"avx2", "amx_bf16"}, "DEFAULT", True),
        ({"bf16"}, "", True),
        ({"avx2"}, "", False),
        ({"avx2", "avx512_bf16"}, "AVX2", False),
        ({"avx2", "avx512_bf16"}, "avx512_core_vnni", False),
        ({"avx2", "avx512_bf16"}, "AVX512_CORE_BF16", True),
    ],
)
def test_bfloat16_needs_instructions_that_the_library_may_use(monkeypatch, flags, most, wanted):
    monkeypatch.setattr(machine, "processor", lambda: ("a processor", frozenset(flags)))
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", most)
    assert machine.has_bf16() == wanted


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [({"sse2", "avx2"}, False), ({"sse2", "avx2", "avx_vnni"}, True), ({"asimd"}, True), (set(), True)],
)
def test_sums_of_eight_bits_are_exact_where_nothing_overflows(monkeypatch, flags, wanted):
    monkeypatch.setattr(machine, "processor", lambda: ("a processor", frozenset(flags)))
    assert machine.multiplies_int8() == wanted


@pytest.mark.parametrize(
    ("told", "most", "wanted"),
    [
        ("MemTotal: 9 kB\nMemAvailable:    3 kB\n", None, 3072),
        ("MemAvailable: 3 kB", "max", 3072),
        ("MemAvailable: 3 kB", "2048", 1024),
        ("MemAvailable: 3 kB", "512", 0),
        ("MemTotal: 9 kB", None, None),
        (None, None, None),
    ],
)
def test_free_memory_is_what_system_and_container_leave(monkeypatch, tmp_path, told, most, wanted):
    for name, text in {"meminfo": told, "memory.max": most, "memory.current": "1024"}.items():
        if text is not None:
            (tmp_path / name).write_text(text)
    monkeypatch.setattr(machine, "Path", lambda name: tmp_path / name.rpartition("/")[2])
    assert machine.free_memory_bytes() == wanted


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells it there")
def test_the_peak_is_that_of_the_process_and_not_of_the_one_that_began_it():
    held = bytearray(300 * 2**20)  # what began it holds 300 MiB
    line = "from bert4text.core import machine; print(machine.peak_memory_bytes())"
    told = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert 5 * 2**20 < int(told.stdout) < len(held)
    assert machine.peak_memory_bytes() >= len(held)
