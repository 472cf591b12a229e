"""Labels of a table: read the cells, map the names, find the question that is asked."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bert4text.core.errors import LabelError
from bert4text.core.labels import LabelSpace, Task
from bert4text.data.table import cell as cell_text

LabelSet = tuple[str, ...]
LONGEST = 60
"""Characters of a name that is shown as a label; what is longer may be a text."""


def read_labels(cell: str | None, *, several: bool) -> LabelSet | None:
    """The labels of a cell, or None when it is blank.

    A JSON list is read as such; where ``several`` may hold, ``|`` and ``;`` separate them too, and an empty
    list says that none of them holds.
    """
    value = "" if cell is None else _clean(cell)
    if not value:
        return None
    if value.startswith("[") and (listed := _json_list(value)) is not None:
        return tuple(dict.fromkeys(filter(None, map(_clean, listed)))) if several or listed else None
    if not several:
        return (value,)
    parts = value.replace("|", ";").split(";")
    return tuple(dict.fromkeys(filter(None, map(_clean, parts))))


def _json_list(value: str) -> list[str] | None:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return [text for item in found if (text := cell_text(item))] if isinstance(found, list) else None


def _clean(value: str) -> str:
    return unicodedata.normalize("NFC", " ".join(value.split()))


class LabelNames:
    """From a name in the file to ours: by the map, then by the given names, in any case.

    Args:
        label_map: name in the file -> ours; an empty name sets the report aside.
        given: our names, when they are fixed beforehand.
    """

    def __init__(self, label_map: Mapping[str, str], given: Sequence[str] | None) -> None:
        self._map = {_clean(name): ours for name, ours in label_map.items()}
        self._folded_map = {name.casefold(): ours for name, ours in self._map.items()}
        self._given = {name.casefold(): name for name in given or ()}

    def __call__(self, name: str) -> str:
        """Our name of a label; empty when the map sets it aside."""
        if name in self._map:
            return self._map[name]
        folded = name.casefold()
        if folded in self._folded_map:
            return self._folded_map[folded]
        return self._given.get(folded, name)


def merge_case(rows: Sequence[LabelSet | None]) -> tuple[list[LabelSet | None], list[str]]:
    """Make names that differ in case alone one, the most frequent; also the names that were merged."""
    counts = Counter(name for row in rows for name in row or ())
    best: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        best.setdefault(name.casefold(), name)
    merged = sorted(name for name in counts if best[name.casefold()] != name)
    if not merged:
        return list(rows), []
    return [
        None if row is None else tuple(dict.fromkeys(best[name.casefold()] for name in row)) for row in rows
    ], merged


def label_space(
    rows: Iterable[LabelSet | None],
    *,
    task: Task | None,
    names: Sequence[str] | None,
    off_scale: Sequence[str] = (),
    indeterminate: str | None = None,
) -> LabelSpace | None:
    """The question that the labels answer; None when no report has one.

    Two labels make it binary, more make it multiclass; ordinal and multilabel only when told. With an
    indeterminate label, a binary question is one of three labels, and so multiclass.

    Raises:
        LabelError: one class only, a label that is not among ``names``, several labels of one report,
            more than two labels for binary, no order for ordinal, grades beside the scale of no ordinal
            question or fewer than two on it, an indeterminate label that leaves no question, or labels that
            are texts.
    """
    counts: Counter[str] = Counter()
    most = 0
    for row in rows:
        if row is not None:
            counts.update(row)
            most = max(most, len(row))
            if not row:
                counts.update({"": 0})
    if not counts:
        return None
    found = sorted(name for name in counts if name)
    _refuse_texts(found, counts.total())
    answers = [name for name in names or found if name != indeterminate]
    last = [] if indeterminate is None else [indeterminate]
    ordered = tuple(dict.fromkeys([*(names or answers), *last]))
    _check(found, ordered if names else None, task, several=most > 1)
    _check_answers(answers, task, indeterminate=indeterminate)
    grades = set(answers) - set(off_scale)
    if off_scale and (task != "ordinal" or len(grades) < 2):
        raise LabelError(
            "[project] off_scale names {names}; the question is {task} and has {count} grades",
            hint='set task = "ordinal" and name two or more grades in labels, lowest first',
            code="off-scale",
            names=list(off_scale),
            task=task or "not said",
            count=len(grades),
        )
    kind = task or "binary"
    if kind == "binary" and len(ordered) > 2:
        kind = "multiclass"
    return LabelSpace(task=kind, names=ordered, off_scale=tuple(off_scale), indeterminate=indeterminate)


def shown_labels(names: Sequence[str]) -> list[str]:
    """Label names fit to be shown: a long one may be a report that stands in the wrong column."""
    return [name if len(name) <= LONGEST else f"({len(name)} characters)" for name in names[:20]]


def _refuse_texts(found: list[str], given: int) -> None:
    """Refuse labels of which most are long and none like another: they would be shown as names."""
    if sum(len(name) > LONGEST for name in found) > max(1, given // 2):
        raise LabelError(
            "the labels are texts: {count} different ones among {given}",
            hint="check which column holds the label: --columns labels=NAME",
            code="labels-are-texts",
            count=len(found),
            given=given,
        )


def _check(found: list[str], names: Sequence[str] | None, task: Task | None, *, several: bool) -> None:
    unknown = sorted(set(found) - set(names)) if names else []
    if unknown:
        raise LabelError(
            "{count} labels are not among {known}: {unknown}",
            hint="add them to [project] labels, or rename them in [prepare] label_map",
            code="unknown-label",
            count=len(unknown),
            known=list(names or ()),
            unknown=shown_labels(unknown),
        )
    if several and task != "multilabel":
        raise LabelError(
            "some reports have several labels",
            hint='set [project] task = "multilabel", or keep one label for each report',
            code="several-labels",
        )
    if len(found) < (1 if task == "multilabel" else 2):
        raise LabelError(
            "all labelled reports are {found}: one class leaves nothing to learn",
            hint="check the label column; a classifier needs reports of at least two classes",
            code="one-class",
            found=shown_labels(found) or ["[]"],
        )
    if task == "ordinal" and not names:
        raise LabelError(
            "an ordinal question needs its labels in order; found: {found}",
            hint="list them from least to most in [project] labels",
            code="no-order",
            found=shown_labels(found),
        )


def _check_answers(answers: list[str], task: Task | None, *, indeterminate: str | None) -> None:
    """Refuse labels that are no question, the indeterminate one aside."""
    if indeterminate is not None and (task == "multilabel" or len(answers) < 2):
        raise LabelError(
            "[project] indeterminate names {name}; the question is {task} and has {count} other labels",
            hint="it stands beside two labels or more, of which a report has one",
            code="indeterminate",
            name=shown_labels([indeterminate])[0],
            task=task or "not said",
            count=len(answers),
        )
    if task == "binary" and len(answers) != 2:
        raise LabelError(
            "the task is binary and there are {count} labels: {found}",
            hint='set [project] task = "multiclass", or join labels in [prepare] label_map',
            code="not-binary",
            count=len(answers),
            found=shown_labels(answers),
        )
