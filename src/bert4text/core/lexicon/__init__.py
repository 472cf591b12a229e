"""Word lists of Portuguese, Spanish and English reports, written for this project, and how to read them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def lexicon(name: str) -> dict[str, Any]:
    """Read a word list of this package, once; ``name`` is the file's name without ``.toml``."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
