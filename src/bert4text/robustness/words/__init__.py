"""What changes of reports are made of, in Portuguese, Spanish and English; written for this project."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words(name: str) -> dict[str, Any]:
    """Read a word list of this package, once; ``name`` is the file's name without ``.toml``."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
