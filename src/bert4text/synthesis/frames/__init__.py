"""Frames of sentences, forms and whole reports, written for this project, and how to read them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def frames(name: str) -> dict[str, Any]:
    """Read a file of this package, once; ``name`` is the file's without ``.toml``."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
