"""Sentences that made reports are strung together from, read from ``sentences.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

_KEPT = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

OF_LABEL: dict[str, list[str]] = _KEPT["of_label"]
"""Label -> sentences of such an examination."""
OF_ANY: list[str] = _KEPT["of_any"]
"""What any examination may say."""
