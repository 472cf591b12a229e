"""``estimator.json``: what a saved scikit-learn estimator holds beside its bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bert4text.core.config import Record
from bert4text.core.errors import BundleError

FILE = "estimator.json"
FORMAT = "estimator/1"


class Saved(Record):
    """What the file holds.

    Attributes:
        format: ``estimator/1``.
        parameters: of the constructor.
        dtype: of ``classes_``, as NumPy writes it.
        classes: the labels, in the order of the bundle's names.
    """

    format: str
    parameters: dict[str, Any]
    dtype: str
    classes: tuple[str | int | float | bool, ...]


def read_saved(folder: Path) -> Saved:
    """Read the file of a folder.

    Raises:
        BundleError: the folder holds no estimator of this version.
    """
    try:
        saved = Saved.model_validate(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        saved = None
    if saved is None or saved.format != FORMAT:
        raise no_estimator(folder)
    return saved


def no_estimator(folder: Path) -> BundleError:
    """The error for a folder that holds no estimator."""
    return BundleError(
        "{name} holds no estimator of this version",
        hint="a run of `bert4text train` is opened with Classifier.load",
        code="not-an-estimator",
        name=folder.name,
    )
