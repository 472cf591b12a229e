"""Reports that people marked: JSON lines of a text and its spans."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from pydantic import ConfigDict, ValidationError

from bert4text.core.config import Record
from bert4text.core.errors import DataError, LabelError
from bert4text.core.messages import N_
from bert4text.core.span import Marked, Span


class _Mark(Record):
    """One span, as it is written."""

    start: int
    end: int
    label: str


class _Line(Record):
    """One report, as it is written; what else stands in its line is not read."""

    model_config = ConfigDict(extra="ignore")

    text: str
    spans: tuple[_Mark, ...]


def read_gold(path: Path, *, kinds: Collection[str]) -> list[Marked]:
    """Read marked reports: one JSON object a line, ``{"text": ..., "spans": [{"start", "end", "label"}]}``.

    Offsets count characters of the text as it stands there, from 0, the end not included.

    Args:
        path: the file, UTF-8.
        kinds: labels that spans may have.

    Raises:
        DataError: there is no such file, a line is no such object, or a span lies outside its text or
            overlaps another.
        LabelError: spans have other labels.
    """
    if not path.is_file():
        raise DataError("there is no file {name}", hint="check the path", code="no-file", name=path.name)
    marked, unknown = [], Counter[str]()
    with path.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            one = _marked(line, path, number)
            unknown.update(span.label for span in one.spans if span.label not in kinds)
            marked.append(one)
    if unknown:
        raise LabelError(
            "{name} marks {found}, which are no kinds of identifiers",
            hint="call them by the names that are known: {known}",
            code="unknown-kind",
            name=path.name,
            found=sorted(unknown),
            known=sorted(kinds),
        )
    return marked


def _marked(line: str, path: Path, number: int) -> Marked:
    """The report of a line."""
    told = None
    with suppress(ValueError, ValidationError):
        told = _Line.model_validate(json.loads(line))
    if told is None:
        raise DataError(
            "line {line} of {name} is no report with its spans",
            hint=_WANTED,
            code="bad-gold",
            line=number,
            name=path.name,
        )
    here = 0
    spans = sorted(told.spans, key=lambda span: span.start)
    for span in spans:
        if not here <= span.start < span.end <= len(told.text):
            raise DataError(
                "line {line} of {name} marks a span that lies outside its text, is empty or overlaps another",
                hint=_WANTED,
                code="bad-gold",
                line=number,
                name=path.name,
            )
        here = span.end
    return Marked(told.text, tuple(Span(**span.model_dump()) for span in spans))


_WANTED = N_('one report a line: {{"text": "...", "spans": [{{"start": 0, "end": 4, "label": "patient"}}]}}')
