"""Interpret cells: ids, dates, splits, origins and attributes of a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from bert4text.core.errors import ConfigError, SchemaError
from bert4text.core.report import SPLITS
from bert4text.data.columns import OURS
from bert4text.data.config import PrepareConfig
from bert4text.data.dates import read_dates
from bert4text.data.draft import Draft
from bert4text.data.labels import shown_labels
from bert4text.data.normalize import normalize

ORIGINS = ("real", "synthetic", "synthetic-reviewed")


def interpret(draft: Draft, cells: Mapping[str, list[str | None]], config: PrepareConfig) -> None:
    """Fill a draft from the cells of its columns (ours -> cells); labels stay cells.

    Raises:
        ConfigError: values of the split are renamed to what is none of ours.
        SchemaError: a value of the split or the origin column is not known.
    """
    size = len(draft)
    nothing: list[str | None] = [None] * size
    values = {name: [_tidy(value) for value in column] for name, column in cells.items() if name != "labels"}
    ids = values.get("id", nothing)
    draft.ids = [given or str(row) for given, row in zip(ids, draft.rows, strict=True)]
    draft.labels = [None] * size
    draft.cells = cells.get("labels", nothing)
    draft.patients = values.get("patient", nothing)
    draft.episodes = values.get("episode", nothing)
    draft.sites = values.get("site", nothing)
    draft.written = _dates(draft, values.get("written_at"), config)
    draft.splits = _splits(draft, values.get("split"), config)
    draft.origins = _origins(values.get("origin"), size)
    others = {name: column for name, column in values.items() if name not in OURS}
    decimals = {name: _numbers(draft, name, column, config.decimal) for name, column in others.items()}
    draft.attributes = [
        {name: value for name, column in decimals.items() if (value := column[place]) is not None}
        for place in range(size)
    ]


def _tidy(value: str | None) -> str | None:
    return None if value is None else normalize(value) or None


def _dates(draft: Draft, column: list[str | None] | None, config: PrepareConfig) -> list[datetime | None]:
    if column is None:
        return [None] * len(draft)
    dates, order = read_dates(column, config.dates)
    bad = [row for row, given, date in zip(draft.rows, column, dates, strict=True) if given and date is None]
    if order == "month-first":
        draft.note("month-first", message="dates are read with the month first")
    if bad:
        draft.note(
            "bad-date",
            message="dates that cannot be read, left empty: {count} (rows: {first})",
            warning=True,
            rows=bad,
            count=len(bad),
        )
    return dates


def _splits(draft: Draft, column: list[str | None] | None, config: PrepareConfig) -> list[str | None]:
    if column is None:
        return [None] * len(draft)
    wrong = sorted(set(config.split.values.values()) - set(SPLITS))
    if wrong:
        raise ConfigError(
            "[prepare.split] values gives {wrong}; ours are {known}",
            hint='for example {{dev = "validation"}}: the name in the file, then ours',
            code="bad-value",
            wrong=wrong,
            known=list(SPLITS),
        )
    ours = {name.casefold(): name for name in SPLITS} | {
        theirs.casefold(): name for theirs, name in config.split.values.items()
    }
    unknown = sorted({value for value in column if value and ours.get(value.casefold()) not in SPLITS})
    if unknown:
        raise SchemaError(
            "{count} values of the split column are not known: {unknown}; ours are {known}",
            hint='say what they are: [prepare.split] values = {{dev = "validation"}}; '
            'to split anew: [prepare.columns] split = ""',
            code="unknown-split",
            count=len(unknown),
            unknown=shown_labels(unknown),
            known=list(SPLITS),
        )
    return [ours[value.casefold()] if value else None for value in column]


def _origins(column: list[str | None] | None, size: int) -> list[str]:
    if column is None:
        return ["real"] * size
    unknown = {value for value in column if value and value not in ORIGINS}
    if unknown:
        raise SchemaError(
            "{count} values of the origin column are not among {known}",
            code="unknown-origin",
            count=len(unknown),
            known=list(ORIGINS),
        )
    return [value or "real" for value in column]


_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)")


def _numbers(draft: Draft, name: str, column: list[str | None], decimal: str | None) -> list[str | None]:
    """The column with decimal points, where all of it is numbers with decimal commas."""
    given = [value for value in column if value is not None]
    commas = sum(_COMMA.fullmatch(value) is not None for value in given)
    whole = sum(_PLAIN.fullmatch(value) is not None for value in given)
    if decimal == "." or not commas or commas + whole < len(given):
        return column
    draft.note("decimal-comma", message="the decimal comma of {name} is read as a point", name=name)
    return [None if value is None else value.replace(".", "").replace(",", ".") for value in column]
