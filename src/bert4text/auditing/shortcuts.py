"""Check: does anything that is no finding predict the label by itself?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from bert4text.auditing.association import (
    SHOWN_REPORTS,
    WIDESPREAD,
    Association,
    associate,
    corrected,
    holders,
    indicator,
    strongest,
    widespread,
)
from bert4text.auditing.checks import Context
from bert4text.auditing.length import id_issue, length_issue
from bert4text.auditing.persons import NAMED
from bert4text.auditing.reading import Bools, Reading
from bert4text.auditing.stated import RIGHT
from bert4text.auditing.traces import (
    Trace,
    date_traces,
    heading_traces,
    number_traces,
    template_traces,
    writing_traces,
)
from bert4text.auditing.vocabulary import is_perfect
from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold, phrases
from bert4text.core.issue import Evidence, Issue, Severity
from bert4text.core.messages import N_

CHECK = "shortcut"
STYLE = frozenset({"title", "heading", "heading-order", "template", "sentence", "writing"})
"""Kinds that follow what is found to some degree: they must be right as often as a statement is."""
WRITTEN = 0.15
"""Share of a label's reports that must be written in such ways for these to be grave."""
_PLACES = re.compile(
    r"site|hospital|unidad|servic|institu|clinic|device|equip|aparelh|scanner"
    r"|file|arquivo|source|fonte|issn|journal|revista|url|batch|lote|turno|shift"
)
_PEOPLE = re.compile(
    r"medic[oa]s?(?![a-z])|doctor|radiolog|author|autor|laudador|leitor|lector|reader|revis|signat|assina|firma"
    r"|typist|digitador|tecnico|tecnolog|technici|technolog|user|usuario|operator|operador"
)
_VALUES = 50
"""Values up to which a column holds kinds of something rather than measures or names of its own."""
_MESSAGES = {
    "title": N_("forms of address predict the label ({labels})"),
    "name": N_("names of persons predict the label ({labels})"),
    "doctor": N_("names of physicians predict the label ({labels})"),
    "contact": N_("addresses of persons predict the label ({labels})"),
    "date": N_("dates predict the label ({labels})"),
    "number": N_("numbers that are no measure predict the label ({labels})"),
    "heading": N_("headings predict the label ({labels})"),
    "heading-order": N_("the order of the sections predicts the label ({labels})"),
    "template": N_("a first or last sentence that tells of no finding predicts the label ({labels})"),
    "sentence": N_("a sentence that tells of no finding predicts the label ({labels})"),
    "writing": N_("the way a report is written predicts the label ({labels})"),
    "site": N_("the place a report comes from predicts the label ({labels})"),
    "attribute": N_(
        "a column of the table predicts the label ({labels}): the model does not see it, "
        "but texts may follow it"
    ),
    "artefact": N_("words you declared as artefacts predict the label ({labels})"),
    "word": N_("a word that is no clinical term predicts the label almost perfectly ({labels})"),
}


def check_shortcuts(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Test names, dates, numbers, places, headings, templates, writing, length, ids and declared artefacts.

    Each half of the patients is measured by the choice of the other, corrected for everything tried.
    An undeclared word that is no clinical term is an error only where it predicts a label almost
    perfectly; else it is shown to the user by ``clinical-evidence``.
    """
    reading = context.reading
    if not reading.names or len(reading) == 0:
        return
    traces = _traces(corpus, context)
    shared = Counter(trace for row in traces for trace in row)
    kept = sorted(trace for trace, n in shared.items() if n >= SHOWN_REPORTS)
    numbers = {(trace.key, trace.kind): i for i, trace in enumerate(kept)}
    features = [
        [numbers[trace.key, trace.kind] for trace in row if (trace.key, trace.kind) in numbers]
        for row in traces
    ]
    terms = list(numbers)
    tried = (
        corrected(associate(reading, indicator(features, len(terms)), terms), tried=len(terms))
        if terms
        else []
    )
    inside = {f"{trace.key} …" for trace in kept if trace.kind == "sentence"}
    inside |= {f"… {trace.key}" for trace in kept if trace.kind == "sentence"}
    for kind in _MESSAGES:
        of_kind = [one for one in tried if one.kind == kind and one.shown and one.term not in inside]
        strong = [one for one in of_kind if one.strong and _enough(one)]
        share = WRITTEN if kind in STYLE else WIDESPREAD
        grave = widespread(strong, reading, features, numbers, share=share)
        if kind == "sentence":
            grave = [one for one in grave if is_perfect(one)]
        telling = grave or [one for one in of_kind if one.weak]
        if telling:
            hit = holders(telling, features, numbers)
            severity: Severity = "error" if grave else "warning"
            yield _issue(reading, telling, hit, severity="info" if kind == "attribute" else severity)
    yield from _perfect_words(context)
    yield from length_issue(reading)
    ids = corpus.table["id"].to_pylist()
    yield from id_issue(reading, [ids[row] for row in reading.rows.tolist()])


def _enough(one: Association) -> bool:
    """Whether a trace that follows what is found to some degree does more than that."""
    right = one.kind not in STYLE or one.precision >= RIGHT
    return right and (one.kind != "writing" or one.recall >= WRITTEN)


def _traces(corpus: Corpus, context: Context) -> list[set[Trace]]:
    reading = context.reading
    given = _given(corpus, reading)
    artefacts = re.compile(phrases(fold(word) for word in context.config.artefacts))
    findings = {fold(word) for word in context.config.findings}
    rows = []
    for i, folded in enumerate(reading.folded):
        told = {fold(one.term) for one in chain(context.statements[i], context.conduct[i])}
        told |= {trace.key for trace in context.persons[i]}
        row = {
            trace
            for trace in chain(
                context.persons[i],
                date_traces(folded),
                number_traces(folded),
                (one for one in heading_traces(folded, reading.sections[i]) if not _holds(one, told)),
                (one for one in template_traces(folded) if not _holds(one, told)),
                writing_traces(reading.texts[i], folded),
            )
            if trace.key not in findings
        }
        row |= {Trace("artefact", found.group()) for found in artefacts.finditer(folded)}
        rows.append(row | given[i])
    return rows


def _holds(trace: Trace, words: set[str]) -> bool:
    """Whether a trace holds one of these words or phrases."""
    padded = f" {trace.key} "
    return any(f" {word} " in padded for word in words)


def _given(corpus: Corpus, reading: Reading) -> list[set[Trace]]:
    """What columns say: the site, the year of writing, and attributes that hold few values."""
    sites = corpus.table["site"].to_pylist()
    dates = corpus.table["written_at"].to_pylist()
    attributes = corpus.table["attributes"].to_pylist()
    values: dict[str, set[str]] = {}
    for name, value in chain.from_iterable(row or () for row in attributes):
        values.setdefault(name, set()).add(value or "")
    rows: list[set[Trace]] = []
    for i in reading.rows.tolist():
        row = {Trace("site", f"site {sites[i]}")} if sites[i] else set()
        if dates[i] is not None:
            row |= {Trace("date", f"{dates[i].year}"), Trace("date", f"/{dates[i].month:02d}/")}
        row |= {
            _attribute(name, value)
            for name, value in attributes[i] or ()
            if value and (len(values[name]) <= _VALUES or _PLACES.search(fold(name)))
        }
        rows.append(row)
    return rows


def _attribute(name: str, value: str) -> Trace:
    """A place or device, a person who wrote, or whatever else a column holds."""
    if _PEOPLE.search(fold(name)):
        return Trace("doctor", fold(value))
    kind = "site" if _PLACES.search(fold(name)) else "attribute"
    return Trace(kind, f"{name}: {value}" if kind == "attribute" else f"{name} {value}")


def _issue(reading: Reading, telling: Sequence[Association], hit: Bools, *, severity: Severity) -> Issue:
    kind = telling[0].kind
    return Issue(
        check=CHECK,
        severity=severity,
        code=kind,
        message=_MESSAGES[kind],
        values={
            "labels": sorted({one.name for one in telling}),
            "count": int(hit.sum()),
            "total": len(reading),
        },
        reports=int(hit.sum()),
        rows=reading.cite(hit),
        evidence=tuple(_evidence(one) for one in strongest(telling)),
        remedy=_remedy(telling, severity),
    )


def _remedy(telling: Sequence[Association], severity: Severity) -> dict[str, Any] | None:
    """Keep sites whole, or drop the sentences that hold the words; a date or a name asks for more."""
    if telling[0].term.startswith("site "):
        return {"prepare.split.by": "site"}
    if severity == "error" and telling[0].kind in {"template", "sentence", "word", "artefact"}:
        words = [one.term.strip("… ") for one in strongest(telling) if not re.search(r"[\d#]", one.term)]
        return {"prepare.sentences.drop": sorted(words)} if words else None
    return None


def _evidence(one: Association) -> Evidence:
    found = one.evidence("shortcut")
    if one.kind in NAMED:
        return found.model_copy(update={"term": one.term[0].upper() + "."})
    if one.kind == "attribute":
        name, _, value = found.term.partition(": ")
        return found.model_copy(update={"term": name if " " in value else found.term})
    return found


def _perfect_words(context: Context) -> Iterator[Issue]:
    perfect = context.vocabulary.perfect
    if perfect:
        reading, telling = context.reading, [replace(one, kind="word") for one in perfect]
        pattern = re.compile(phrases(one.term for one in telling))
        hit = np.asarray([pattern.search(text) is not None for text in reading.folded])
        yield _issue(reading, telling, hit, severity="error")
