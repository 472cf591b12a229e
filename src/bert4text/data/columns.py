"""Which column of a source is which of ours: by the mapping, else by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from bert4text.core.config import suggestion
from bert4text.core.errors import SchemaError
from bert4text.core.fold import fold

DEFAULT_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "id do laudo", "id laudo", "laudo id", "report id"),
    "text": (
        "text",
        "texto",
        "laudo",
        "report",
        "informe",
        "texto do laudo",
        "texto laudo",
        "laudo texto",
        "report text",
        "texto del informe",
    ),
    "labels": ("label", "labels", "rotulo", "classe", "etiqueta", "clase"),
    "patient": (
        "patient",
        "paciente",
        "prontuario",
        "id do paciente",
        "id paciente",
        "paciente id",
        "patient id",
    ),
    "written_at": ("date", "data", "fecha", "data do laudo", "data laudo", "report date"),
    "split": ("split",),
}
"""Ours -> the names that are taken without a mapping; the first one that a table has."""

TELLING = frozenset({"text", "texto", "laudo", "report", "informe"})
"""Words that let a column be proposed for the text."""

OURS = ("id", "text", "labels", "patient", "episode", "site", "written_at", "split", "origin")
"""What a mapping may name; any other name becomes an attribute."""

_WORD = re.compile(r"[^\W_]+")

MOST = 40
"""How many names of columns are shown."""

SYNONYMS = {"label": "labels", "date": "written_at"}
"""Other names a mapping may use for ours."""


def find_default(names: Iterable[str], wanted: Iterable[str]) -> str | None:
    """The first wanted name that a source has, compared by its words, without case and accents."""
    known: dict[tuple[str, ...], str] = {}
    for name in names:
        known.setdefault(_words(name), name)
    return next((known[words] for words in map(_words, wanted) if words in known), None)


def _words(name: str) -> tuple[str, ...]:
    """What a name is compared by: ``Texto_do-Laudo`` is ``texto do laudo``; without a letter, itself."""
    found = tuple(_WORD.findall(fold(unicodedata.normalize("NFC", name))))
    return found or (name.strip(),)


def take_columns(names: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Ours -> the source's column, for every column that is taken.

    Args:
        names: the columns of the source.
        mapping: ours -> the source's; an empty name takes none.

    Raises:
        SchemaError: there is no text column, a column of the mapping is missing, or one stands twice.
    """
    given = {SYNONYMS.get(ours, ours): theirs for ours, theirs in mapping.items()}
    taken: dict[str, str] = {}
    for ours, theirs in given.items():
        if theirs:
            taken[ours] = _mapped(names, theirs, ours)
    for ours, defaults in DEFAULT_NAMES.items():
        if ours not in given and (found := find_default(names, defaults)) is not None:
            taken[ours] = found
    if "text" not in taken:
        left = (name for name in names if name not in taken.values())
        near = next((name for name in left if TELLING.intersection(_words(name))), None)
        raise _missing(names, "text", hinted="text", near=near)
    for theirs in taken.values():
        if names.count(theirs) > 1:
            raise SchemaError(
                "the column {name!r} stands {count} times in the table",
                hint="rename or remove one of them",
                code="duplicate-column",
                name=theirs,
                count=names.count(theirs),
            )
    return {ours: taken[ours] for ours in (*OURS, *sorted(set(taken) - set(OURS))) if ours in taken}


def shown_names(names: Sequence[str]) -> list[str]:
    """Column names fit to be shown; their numbers where the first row seems to hold data, not names."""
    data = looks_like_data(names)
    return _few(f"#{place}" if data or not name else name for place, name in enumerate(names, start=1))


def left_names(names: Sequence[str], taken: Collection[str]) -> list[str]:
    """The columns that are not taken, fit to be shown: the number of one whose name seems to hold data."""
    return _few(
        f"#{place}" if looks_like_data([name]) else name
        for place, name in enumerate(names, start=1)
        if name and name not in taken
    )


def _few(names: Iterable[str]) -> list[str]:
    shown = list(islice(names, MOST + 1))
    return shown if len(shown) <= MOST else [*shown[:MOST], "..."]


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether a first row seems to hold data and no names: long cells, numbers, control characters."""
    return any(
        len(name) > 60
        or len(name.split()) > 6
        or name.replace(".", "").replace("/", "").isdigit()
        or not name.isprintable()
        for name in names
    )


def _mapped(names: Sequence[str], wanted: str, ours: str) -> str:
    if wanted in names:
        return wanted
    found = find_default(names, [wanted])
    if found is None:
        raise _missing(names, wanted, hinted=ours)
    return found


def _missing(names: Sequence[str], wanted: str, *, hinted: str, near: str | None = None) -> SchemaError:
    data = looks_like_data(names)
    near = None if data else near or suggestion(wanted, list(names))
    pair = f"{hinted}={near}"
    if data:
        hint = "the first row must hold the names of the columns"
    elif len(names) == 1:
        hint = (
            "only one column was found: the first row must name the columns; for CSV see [prepare] delimiter"
        )
    elif near:
        hint = "did you mean {near!r}? --columns {pair}"
    else:
        hint = "say which it is: --columns {ours}=NAME"
    return SchemaError(
        "the table has no column {wanted!r}; it has {found}",
        hint=hint,
        code="missing-column",
        wanted=wanted,
        found=shown_names(names),
        ours=hinted,
        near=near,
        pair=f'"{pair}"' if " " in pair else pair,
    )
