"""Texts, labels and groups given in memory, as arrays or lists, made into a corpus."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, DataError, LabelError
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.data.normalize import normalize


def texts_of(given: Iterable[str]) -> list[str]:
    """The texts as ``prepare`` would keep them.

    Raises:
        DataError: no sequence of texts, or one is empty.
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise _no_texts(type(given).__name__)
    values = _listed(given)
    others = sorted({type(value).__name__ for value in values if not isinstance(value, str)})
    if others:
        raise _no_texts("a sequence of " + ", ".join(others))
    texts = [normalize(str(value)) for value in values]
    empty = [place for place, text in enumerate(texts) if not text]
    if empty:
        raise DataError(
            "{count} texts are empty, the first at position {first}",
            hint="leave them out: there is nothing to read in them",
            code="empty-text",
            count=len(empty),
            first=empty[0],
        )
    return texts


def _no_texts(found: str) -> DataError:
    return DataError(
        "X is {found}, not a sequence of texts",
        hint="give a list, an array or a column of strings, one for each report",
        code="bad-texts",
        found=found,
    )


def classes_of(given: Iterable[Any], *, n: int) -> tuple[npt.NDArray[Any], list[str]]:
    """The sorted labels in their own dtype, and the name of each report's label.

    Raises:
        DataError: there are not n labels.
        LabelError: no single label for each report, or fewer than two classes, or two of one name.
    """
    y = _array(given)
    if y.ndim == 1 and len(y) != n:
        raise DataError(
            "there are {texts} texts and {labels} labels",
            hint="give one label for each text",
            code="bad-lengths",
            texts=n,
            labels=len(y),
        )
    kind = _kind(y)
    if kind != "labels":
        raise LabelError(
            "y is of the kind {kind}, not one label for each report",
            hint="give strings or integers, none missing",
            code="bad-labels",
            kind=kind,
        )
    classes, codes = np.unique(y, return_inverse=True)
    names = names_of(classes)
    if len(classes) < 2 or len(set(names)) < len(names):
        raise LabelError(
            "y has {count} classes ({names}); at least two different ones are needed",
            hint="check the column of the labels",
            code="one-class",
            count=len(set(names)),
            names=names,
        )
    return classes, [names[code] for code in codes]


def _array(given: Iterable[Any]) -> npt.NDArray[Any]:
    """Labels as an array; what cannot be one becomes an array without dimensions."""
    try:
        y = np.asarray(given if hasattr(given, "__array__") else _listed(given))
    except (TypeError, ValueError):  # their messages quote values
        return np.empty(())
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _kind(y: npt.NDArray[Any]) -> str:
    """``labels``, or what the values are instead."""
    if y.ndim != 1:
        return "multilabel" if y.ndim == 2 else "unknown"
    values = y.tolist()
    if any(_missing(value) for value in values):
        return "missing"
    if any(isinstance(value, float) and not value.is_integer() for value in values):
        return "continuous"
    kinds = {str if isinstance(value, str) else type(value) for value in values}
    return "labels" if len(kinds) <= 1 and kinds <= {str, int, bool, float} else "mixed"


def _missing(value: object) -> bool:
    """Whether a value is None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _listed(given: Iterable[Any]) -> list[Any]:
    """Any sequence as a list of Python's own values; Arrow's scalars are not equal to what they hold."""
    return list(given.to_pylist()) if hasattr(given, "to_pylist") else list(given)


def names_of(classes: npt.NDArray[Any]) -> tuple[str, ...]:
    """The names under which a label space knows the labels."""
    return tuple(str(value) for value in classes.tolist())


def corpus_of(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    names: tuple[str, ...],
    groups: Iterable[Any] | None,
    origin: str = "real",
) -> Corpus:
    """Texts and labels as a corpus; what belongs together gets a pseudonym of no use elsewhere.

    Raises:
        ConfigError: the origin is neither ``real`` nor ``synthetic``.
        DataError: there are not as many groups as texts.
    """
    if origin not in ("real", "synthetic"):
        raise ConfigError(
            "origin is neither real nor synthetic",
            hint="texts of patients are real, whatever was taken out of them",
            code="bad-origin",
        )
    together = _repeated(texts) if groups is None else _listed(groups)
    if len(together) != len(texts):
        raise DataError(
            "there are {texts} texts and {groups} groups",
            hint="give the group of each text",
            code="bad-lengths",
            texts=len(texts),
            groups=len(together),
        )
    reports = [
        Report.model_construct(
            id=str(place + 1),
            text=text,
            labels=(label,),
            patient=None if _missing(group) else _pseudonym(str(group)),
            source_row=place + 1,
            origin=origin,
        )
        for place, (text, label, group) in enumerate(zip(texts, labels, together, strict=True))
    ]
    return Corpus.from_reports(
        reports, LabelSpace(task="binary" if len(names) == 2 else "multiclass", names=names)
    )


def _repeated(texts: Sequence[str]) -> list[str | None]:
    """Each text that is there twice, None for the others: equal texts stay on one side of a split."""
    counts = Counter(texts)
    return [text if counts[text] > 1 else None for text in texts]


def _pseudonym(group: str) -> str:
    return "p-" + sha256(group.encode("utf-8", "surrogatepass")).hexdigest()[:16]
