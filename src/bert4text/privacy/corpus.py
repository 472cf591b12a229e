"""De-identify a corpus: texts and attributes by a policy, ids and patients by codes, dates with the texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bert4text.core.codes import PREFIXES
from bert4text.core.corpus import Corpus
from bert4text.core.errors import StoreError
from bert4text.core.executor import Executor, local
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, silent
from bert4text.privacy.deidentify import Deidentifier

UNIT = 32
"""Reports of a unit of work: few, so that no process waits long for the last one."""

Code = Callable[[str, Sequence[str]], Mapping[str, str]]
"""Kind (``id``, ``patient``, ``episode``, ``site``) and values -> the code of each value."""


class Found(NamedTuple):
    """What was found in a corpus and what was left, in counts.

    Attributes:
        counts: kind -> how many were replaced.
        reports: kind -> in how many reports.
        left: kind -> in how many reports something of it is still found afterwards.
        leaking: reports in which anything is still found.
    """

    counts: Counter[str]
    reports: Counter[str]
    left: Counter[str]
    leaking: int


class _Row(NamedTuple):
    report: str
    text: str | None
    attributes: list[tuple[str, str]]
    subject: str
    written_at: datetime | None


class _Done(NamedTuple):
    text: str | None
    attributes: list[tuple[str, str]]
    counts: Counter[str]
    left: Counter[str]


def deidentify_corpus(
    corpus: Corpus,
    deidentifier: Deidentifier,
    *,
    code: Code,
    executor: Executor = local,
    progress: Progress = silent,
) -> tuple[Corpus, Found]:
    """The corpus without the identifiers that were found, and what was found.

    Reports come in the order of their new ids, and rows of the source are numbered anew: neither leads back.

    Args:
        corpus: the reports; a sealed one has no text and keeps none.
        deidentifier: finds and replaces.
        code: gives ids, patients, episodes and sites their codes.
        executor: where reports are read.
        progress: told how far it is.
    """
    rows = list(_rows(corpus))
    units = [rows[start : start + UNIT] for start in range(0, len(rows), UNIT)]
    done: list[_Done] = []
    with progress.task(N_("looking for identifiers"), len(rows)) as task:
        for unit in executor.map(_Work(deidentifier), units):
            done += unit
            task.advance(len(unit))
    table = {name: corpus.table[name].to_pylist() for name in ("id", "patient", "episode", "site")}
    named = {name: _coded(name, values, code) for name, values in table.items()}
    order = sorted(range(len(rows)), key=lambda place: str(named["id"][place]))
    place_facility = deidentifier.policy.actions["facility"] != "keep"
    columns: dict[str, Sequence[Any]] = {
        "text": [one.text for one in done],
        "attributes": [one.attributes for one in done],
        "id": named["id"],
        "patient": named["patient"],
        "episode": named["episode"],
        "site": named["site"] if place_facility else table["site"],
        "written_at": [deidentifier.moment(row.written_at, subject=row.subject) for row in rows],
    }
    for name, values in columns.items():
        corpus = corpus.with_column(name, values)
    corpus = corpus.select(order).with_column("source_row", list(range(1, len(rows) + 1)))
    return corpus, _found(done)


def _rows(corpus: Corpus) -> Iterator[_Row]:
    columns = ("id", "text", "attributes", "patient", "written_at")
    for report, text, attributes, patient, written in zip(
        *(corpus.table[name].to_pylist() for name in columns), strict=True
    ):
        yield _Row(report, text, list(attributes or ()), patient or f"report:{report}", written)


class _Work:
    """De-identifies a unit of reports; a class, so that an executor can send it elsewhere."""

    def __init__(self, deidentifier: Deidentifier) -> None:
        self.deidentifier = deidentifier

    def __call__(self, unit: Sequence[_Row]) -> list[_Done]:
        return [self._one(row) for row in unit]

    def _one(self, row: _Row) -> _Done:
        deidentifier = self.deidentifier
        counts: Counter[str] = Counter()
        left: Counter[str] = Counter()
        text = row.text
        if text is not None:
            replaced = deidentifier(text, subject=row.subject, written_at=row.written_at, report=row.report)
            text = replaced.text
            counts += replaced.counts
            left += deidentifier.left(replaced)
        attributes = []
        for name, value in row.attributes:
            lead = f"{name}: "  # the name of a column says what stands in it, as a field of a report does
            replaced = deidentifier(value, subject=row.subject, written_at=row.written_at, lead=lead)
            attributes.append((name, replaced.text))
            counts += replaced.counts
        return _Done(text, attributes, counts, left)


def _coded(name: str, values: Sequence[str | None], code: Code) -> list[str | None]:
    given = [value for value in dict.fromkeys(values) if value is not None]
    codes = code(name, given) if given else {}
    return [None if value is None else codes[value] for value in values]


def named_again(values: Sequence[str | None], originals: Mapping[str, str], kind: str) -> list[str | None]:
    """What codes stand for; what bears no code of that kind (a site that a policy kept) stays.

    Args:
        values: a column of a de-identified corpus.
        originals: code -> what it stands for.
        kind: one of ``core.codes.PREFIXES``.

    Raises:
        StoreError: the table lacks some of the codes.
    """
    is_code = re.compile(rf"{re.escape(PREFIXES[kind])}[0-9a-f]{{16}}").fullmatch
    lost = sum(1 for value in set(values) if value and is_code(value) and value not in originals)
    if lost:
        raise StoreError(
            "{count} codes of this corpus are not in the project's table",
            hint="it was de-identified in another project, or the table was lost: see --project",
            code="unknown-codes",
            count=lost,
        )
    return [None if value is None else originals.get(value, value) for value in values]


def _found(done: Sequence[_Done]) -> Found:
    counts: Counter[str] = Counter()
    reports: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for one in done:
        counts += one.counts
        reports.update(one.counts.keys())
        left.update(one.left.keys())
    return Found(counts, reports, left, sum(bool(one.left) for one in done))
