"""What stands in the columns of a table: as taken, as somebody said, as its name tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple

from bert4text.core.codes import PREFIXES
from bert4text.core.config import suggestion
from bert4text.core.errors import ConfigError
from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon
from bert4text.privacy.kinds import KINDS

Role = Literal["text", "code", "date", "kind", "read", "label", "keep"]
"""``text`` is a report; a ``code`` takes the place of an id; a ``date`` goes by the policy; of a ``kind``
every cell is an identifier; a cell that is ``read`` may hold some, its column's name beside it as the field
of a report is; a ``label`` is read too, without its name; what is ``keep`` stays as it is."""

DATES = frozenset({"date", "birth-date"})
READ, KEEP, TEXT = "read", "keep", "text"
"""What ``[deidentify.columns]`` may say beside a kind."""
AGE = "idade"
"""The field that a column of ages is read as: of them only those over 89 are identifiers."""


class Column(NamedTuple):
    """One column, and what is done with its cells.

    Attributes:
        name: of the column, as the table has it.
        role: what stands in it.
        what: the kind of identifier, or of code (``id``, ``patient`` ...); else the name that tells of it.
    """

    name: str
    role: Role
    what: str


def columns_of(
    names: Sequence[str], taken: Mapping[str, str], said: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """What is done with each column of a table.

    Args:
        names: the columns of the table, in order.
        taken: ours -> the table's, as ``data.columns.take_columns`` gives them.
        said: column -> kind, ``read``, ``keep`` or ``text``, as ``[deidentify.columns]`` says.

    Raises:
        ConfigError: a column is said to hold what is no kind.
    """
    for kind in (said or {}).values():
        _check(kind)
    ours = {theirs: name for name, theirs in taken.items()}
    return tuple(_column(name, ours.get(name), (said or {}).get(name)) for name in names)


def _column(name: str, ours: str | None, said: str | None) -> Column:
    if said is not None:
        return _said(name, said)
    if ours == "text":
        return Column(name, "text", "text")
    if ours in PREFIXES:
        return Column(name, "code", ours)
    if ours == "written_at":
        return Column(name, "date", "date")
    if ours in {"labels", "split", "origin"}:
        return Column(name, "label", ours)
    kind = kind_of_column(ours or name)
    return Column(name, "read", ours or name) if kind is None else _of_kind(name, kind)


def _said(name: str, said: str) -> Column:
    if said == TEXT:
        return Column(name, "text", "text")
    if said == KEEP:
        return Column(name, "keep", name)
    return Column(name, "read", name) if said == READ else _of_kind(name, said)


def _of_kind(name: str, kind: str) -> Column:
    if kind == "age":  # only some are identifiers
        return Column(name, "read", AGE)
    return Column(name, "date" if kind in DATES else "kind", kind)


@cache
def kind_of_column(name: str) -> str | None:
    """The kind of identifier that the name of a column tells of, or None.

    Args:
        name: ``NM_MEDICO``, ``nrCpf``, ``Data de nascimento``, ``telefone2``.
    """
    words = _words(name)
    about = frozenset(lexicon("columns")["words"]["about"])
    for tried in (words, tuple(word for word in words if word not in about)):
        if " ".join(tried) in _told():
            return _told()[" ".join(tried)]
    return next((_anywhere()[word] for word in words if word in _anywhere()), None)


_APART = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|[\W\d_]+")


def _words(name: str) -> tuple[str, ...]:
    """The words of a column's name, folded and whole: apart at signs, digits and capitals."""
    told = lexicon("columns")["words"]
    whole = {short: word for word, shorts in told["short"].items() for short in shorts}
    words = (fold(word) for word in _APART.split(name) if word)
    return tuple(whole.get(word, word) for word in words if word not in told["links"])


@cache
def _told() -> dict[str, str]:
    """Words of a column's name, one space between -> kind."""
    kinds = lexicon("columns")["kinds"]
    return {" ".join(_words(phrase)): kind for kind, listed in kinds.items() for phrase in listed}


@cache
def _anywhere() -> dict[str, str]:
    """Word that tells a kind wherever it stands -> the kind."""
    return {word: kind for kind, listed in lexicon("columns")["anywhere"].items() for word in listed}


def _check(kind: str) -> None:
    known = [*KINDS, READ, KEEP, TEXT]
    if kind not in known:
        near = suggestion(kind, known)
        raise ConfigError(
            "there is no kind of identifier {wanted!r}; there are {known}",
            hint="did you mean {near!r}?" if near else "the values of [deidentify.columns] are kinds",
            code="unknown-kind",
            wanted=kind,
            known=known,
            near=near,
        )
