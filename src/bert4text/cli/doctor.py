"""What this machine is, what is installed and what will be used."""

from __future__ import annotations

import re
import time
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from bert4text import __version__
from bert4text.core.extras import available
from bert4text.core.machine import describe, has_bf16, multiplies_int8
from bert4text.core.messages import N_, Translator

SIZE = 1024
"""Side of the matrices that are multiplied to measure."""

MINILM = [(384, 384), (384, 384), (384, 384), (384, 384), (384, 1536), (1536, 384)] * 6
"""Depth and columns of the products with weights of MiniLM."""

MEANING = {
    "bert": N_("train and run BERT models"),
    "minilm": N_("the encoder that needs no network"),
    "portuguese": N_("the same for Portuguese"),
    "lora": N_("let small matrices learn in place of a large encoder"),
    "private": N_("train with differential privacy"),
    "deid": N_("the given names of Brazil's census, by which more names are found"),
    "synthesis": N_("the founding recipe"),
    "onnx": N_("exports that answer fast, without PyTorch"),
    "openvino": N_("the same with OpenVINO"),
    "tune": N_("look for better settings"),
    "seal": N_("corpora that lie encrypted"),
    "pdf": N_("pages as PDF"),
}


def examine() -> dict[str, Any]:
    """Machine, extras with versions, encoders at hand, and the device and precision that will be used."""
    extras = installed_extras()
    return {
        "format": "doctor/1",
        "version": __version__,
        "machine": {**describe(), "bf16": has_bf16(), "int8": multiplies_int8()},
        "extras": extras,
        "encoders": encoders_at_hand(),
        "sealing": sealing(),
        "uses": uses(complete=all(found["complete"] for found in extras.values())),
    }


def installed_extras() -> dict[str, Any]:
    """Each extra that a user may ask for: the libraries it brings, with their versions or None."""
    found: dict[str, Any] = {}
    for name, libraries in extra_libraries().items():
        versions = {library: _version(library) for library in libraries}
        found[name] = {"complete": all(versions.values()), "libraries": versions}
    return found


def extra_libraries() -> dict[str, list[str]]:
    """Extra -> the libraries it asks for, as the installed package's metadata says."""
    found: dict[str, list[str]] = {}
    for line in requires("bert4text") or ():
        marker = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        library = re.match(r"[\w.-]+", line)
        if marker and library and marker[1] not in {"all", "dev"}:
            found.setdefault(marker[1], []).append(library[0])
    return found


def sealing() -> dict[str, Any]:
    """Whether corpora can be sealed here, whether they are, and where keys come from; no key is read.

    The settings are those of the project that this is called in; if they cannot be read, the defaults.
    """
    from bert4text.core.errors import ConfigError
    from bert4text.core.seal import LIBRARY
    from bert4text.project import Project

    try:
        project = Project.load()
    except ConfigError:
        project = Project()
    keys = project.section("keys")
    return {"available": available(LIBRARY), "seal": keys.seal, "source": keys.source}


def encoders_at_hand() -> list[str]:
    """Names of the catalog that need no network on this machine."""
    from bert4text.models.catalog import encoders

    return [row.name for row in encoders() if at_hand(row)]


def at_hand(row: Any) -> bool:
    """Whether an encoder of the catalog can be used here without a network."""
    if row.name == "tfidf":
        return True
    if row.embedded:
        from bert4text.models.embedded import PACKAGES

        return available(PACKAGES[row.name])
    from bert4text.models.sources import cached_snapshot

    return row.hub is not None and cached_snapshot(row.hub) is not None


def uses(*, complete: bool) -> dict[str, str]:
    """The device, the precision of training and the encoders taken here where none is asked for."""
    if not available("torch"):
        return {"device": "cpu", "precision": "float32", "encoder": "tfidf", "encoder_pt": "tfidf"}
    from bert4text.models.embedded import PACKAGES, suited

    return {
        "device": "cuda" if _cuda() else "cpu",
        "precision": "bfloat16" if _cuda() or has_bf16() else "float32",
        **{
            key: name if complete or available(PACKAGES[name]) else "tfidf"
            for key, name in (("encoder", suited("auto", None)), ("encoder_pt", suited("auto", "pt")))
        },
    }


def measure(*, seconds: float = 1.0, size: int = SIZE) -> dict[str, Any]:
    """Multiply float32 matrices for a while: NumPy's GFLOPS, and the best of the rounds.

    Where torch is there, the products of MiniLM too, in the arithmetic of training, and how many tokens a
    second it will about learn from.

    Args:
        seconds: how long to measure.
        size: side of the matrices.
    """
    import numpy as np

    left = np.full((size, size), 0.5, dtype=np.float32)
    right = np.full((size, size), 0.25, dtype=np.float32)
    left @ right
    rounds: list[float] = []
    ends = time.perf_counter() + seconds
    while not rounds or time.perf_counter() < ends:
        started = time.perf_counter()
        left @ right
        rounds.append(2 * size**3 / (time.perf_counter() - started) / 1e9)
    rounds.sort()
    found = {"median": round(rounds[len(rounds) // 2], 1), "best": round(rounds[-1], 1)}
    return {**found, **(_expected() if available("torch") else {})}


def _expected() -> dict[str, Any]:
    """The peak of MiniLM's products in the arithmetic of training, and the tokens a second to expect."""
    from bert4text.training.pace import expected

    precision = "bfloat16" if has_bf16() else "float32"
    return {"precision": precision, **expected(MINILM, precision=precision)}


def rows(found: dict[str, Any], translator: Translator) -> list[tuple[str, str]]:
    """What was found, for human eyes."""
    machine, used = found["machine"], found["uses"]
    yes, no = translator(N_("yes")), translator(N_("no"))
    lines = [
        ("bert4text", f"{found['version']}, Python {machine['python']}, {machine['system']}"),
        (translator(N_("processor")), machine["processor"]),
        (translator(N_("cores")), str(machine["cores"])),
        (translator(N_("memory")), f"{translator.number(machine['memory_gib'], 1)} GiB"),
        (translator(N_("bfloat16 in hardware")), yes if machine["bf16"] else no),
        (translator(N_("8-bit integers without loss")), yes if machine["int8"] else no),
    ]
    for name, extra in found["extras"].items():
        libraries = ", ".join(f"{library} {number or '–'}" for library, number in extra["libraries"].items())
        missing = "" if extra["complete"] else f"  → python -m pip install 'bert4text[{name}]'"
        meaning = translator(MEANING[name]) if name in MEANING else name
        lines.append((f"[{name}]", f"{meaning}: {libraries}{missing}"))
    lines.append((translator(N_("sealing")), _sealing(found["sealing"], translator)))
    lines.append((translator(N_("encoders at hand")), ", ".join(found["encoders"]) or "–"))
    lines.append(
        (
            translator(N_("will be used")),
            translator(
                N_("{device}, {precision}, {encoder}; for Portuguese {encoder_pt}"),
                **{name: used[name] for name in ("device", "precision", "encoder", "encoder_pt")},
            ),
        )
    )
    if "gflops" in found:
        measured = found["gflops"]
        lines.append(("GFLOPS (float32)", translator.number(measured["median"], 1)))
        if "tokens_per_second" in measured:
            lines.append((f"GFLOPS MiniLM ({measured['precision']})", translator.number(measured["peak"], 1)))
            rate = translator.integer(measured["tokens_per_second"])
            lines.append((translator(N_("tokens per second to expect of training MiniLM")), rate))
    return lines


def _sealing(found: dict[str, Any], translator: Translator) -> str:
    if not found["available"]:
        return translator(N_("not available"))
    every = N_("corpora are written sealed") if found["seal"] else N_("available (--seal)")
    sources = {
        "file": N_("keys come from files"),
        "environment": N_("keys come from the environment"),
        "command": N_("keys come from a command"),
    }
    return f"{translator(every)}; {translator(sources[found['source']])}"


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _cuda() -> bool:
    from bert4text.core.extras import require

    return bool(require("torch").cuda.is_available())
