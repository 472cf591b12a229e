"""Checks: does the report state its label, or what to do next, where that gives the label away?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from bert4text.auditing.association import (
    SHOWN_REPORTS,
    Association,
    associate,
    corrected,
    holders,
    indicator,
    strongest,
    widespread,
)
from bert4text.auditing.checks import Context
from bert4text.auditing.reading import Reading
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue, Severity
from bert4text.core.lexicon import lexicon
from bert4text.core.messages import N_
from bert4text.data.sentences import KNOWN_BEFORE
from bert4text.data.statements import Statement

DROPPABLE = ("conclusion", "recommendation", "note", "addendum", "signature")
"""Sections that can be held back without taking the findings away."""
IN_SECTIONS = 0.95
"""Share of the reports that state the label in droppable sections only, from which dropping them mends it."""
MOSTLY, SOME = 0.5, 0.1
"""The same share from which dropping them is worth proposing; share that makes a section worth naming."""
RIGHT = 0.75
"""A statement is right most of the time; a word that is not is a mention, and a warning at most."""


@dataclass(frozen=True)
class _Found:
    """The statements of every report, and how each kind of them goes with the labels.

    Attributes:
        statements: each with the section it stands in.
        features: the numbers of what each report states.
        associations: how that goes with the labels.
        numbers: (term, kind) -> number.
        strangers: (term, label) of words that are the name of another label.
    """

    statements: list[list[tuple[Statement, str]]]
    features: list[list[int]]
    associations: list[Association]
    numbers: dict[tuple[str, str], int]
    strangers: frozenset[tuple[str, str]]


def check_stated_label(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Names of labels, synonyms, inflections, translations and categories, where they predict the label.

    A word counts as a statement only if the data say so: it must go with the label beyond chance, on
    patients it was not chosen on. Denied statements ("sem sinais de malignidade") count apart.
    """
    reading = context.reading
    if not reading.names or len(reading) == 0:
        return
    found = _find(reading, context.statements)
    yield from _told(found, reading, check="stated-label", wordings=_LABEL, own=context.config.words)


def check_stated_conduct(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Sentences of conduct or recommendation, where they predict the label."""
    reading = context.reading
    if not reading.names or len(reading) == 0:
        return
    found = _find(reading, context.conduct)
    yield from _told(found, reading, check="stated-conduct", wordings=_CONDUCT)


_LABEL = {
    "section": N_("{count} of {total} reports state the label in {sections} ({labels})"),
    "text": N_("words that state the label stand in {count} of {total} reports ({labels}); where: {places}"),
    "context": N_(
        "words of the label stand in the {sections} of {count} of {total} reports ({labels}): "
        "judge whether they were known before the answer"
    ),
    "weak": N_("words of the label stand in {count} of {total} reports and make it likelier ({labels})"),
}
_CONDUCT = {
    "section": N_(
        "{count} of {total} reports say in {sections} what to do next, which gives the label away ({labels})"
    ),
    "text": N_(
        "sentences that say what to do next stand in {count} of {total} reports "
        "and give the label away ({labels}); where: {places}"
    ),
    "context": N_(
        "sentences that say what to do stand in the {sections} of {count} of {total} reports ({labels}): "
        "judge whether they were known before the answer"
    ),
    "weak": N_(
        "sentences that say what to do next stand in {count} of {total} reports "
        "and make the label likelier ({labels})"
    ),
}


def _find(reading: Reading, said: Sequence[Sequence[Statement]]) -> _Found:
    """Collect the statements of every report and measure each word, each kind, and all together."""
    statements = [[(one, reading.section_at(i, one.start)) for one in here] for i, here in enumerate(said)]
    words = Counter(key for row in statements for key in {_word(one, section) for one, section in row})
    numbers: dict[tuple[str, str], int] = {}
    features: list[list[int]] = []
    for row in statements:
        keys = {
            key
            for one, section in row
            for key in _keys(one, section)
            if key[0].startswith("=") or words[key] >= SHOWN_REPORTS
        }
        features.append([numbers.setdefault(key, len(numbers)) for key in sorted(keys)])
    terms = list(numbers)
    matrix = indicator(features, len(terms))
    associations = corrected(associate(reading, matrix, terms), tried=len(terms)) if terms else []
    own = {("=" + one.concept, one.concept) for row in said for one in row}
    own |= {(one.term, one.concept) for row in said for one in row}
    sensible = [one for one in associations if one.kind != "denied" or (one.term, one.name) not in own]
    strangers = frozenset(
        (term, name)
        for term, concept in own
        for name in reading.names
        if concept in reading.names and concept != name
    )
    return _Found(statements, features, sensible, numbers, strangers)


def _manner(one: Statement, section: str) -> str:
    return "context" if section in KNOWN_BEFORE else one.manner


def _word(one: Statement, section: str) -> tuple[str, str]:
    return one.term, _manner(one, section)


def _keys(one: Statement, section: str) -> Iterator[tuple[str, str]]:
    """A statement as its word and as its kind; one of conduct also as any."""
    manner = _manner(one, section)
    yield one.term, manner
    yield "=" + one.concept, manner
    if one.concept in lexicon("conduct")["kinds"]:
        yield "=", manner


def _told(
    found: _Found,
    reading: Reading,
    *,
    check: str,
    wordings: dict[str, str],
    own: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Iterator[Issue]:
    strong = [one for one in found.associations if one.strong and one.precision >= RIGHT]
    strong = [one for one in strong if one.kind == "denied" or (one.term, one.name) not in found.strangers]
    answers = [one for one in strong if one.kind != "context"]
    grave = widespread(answers, reading, found.features, found.numbers)
    known = [one for one in strong if one.kind == "context"]
    faint = [one for one in found.associations if one.weak and one not in grave and one not in known]
    if grave:
        yield _issue(found, reading, grave, check=check, severity="error", wordings=wordings, own=own)
    if known:
        yield _issue(found, reading, known, check=check, severity="warning", wordings=wordings, way="context")
    labels = {one.name for one in grave}
    faint = [one for one in faint if one.name not in labels]
    if faint:
        yield _issue(found, reading, faint, check=check, severity="warning", wordings=wordings, way="weak")


def _issue(
    found: _Found,
    reading: Reading,
    telling: Sequence[Association],
    *,
    check: str,
    severity: Severity,
    wordings: dict[str, str],
    way: str | None = None,
    own: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Issue:
    keys = {one.key for one in telling}
    hit = holders(telling, found.features, found.numbers)
    count, kinds = int(hit.sum()), KNOWN_BEFORE if way == "context" else DROPPABLE
    where = _where(found, keys).most_common()
    sections = [name for name, n in where if name in kinds and n >= SOME * count]
    inside = _inside(found, keys, set(sections))
    mended = way is None and inside >= IN_SECTIONS * count
    remedy: dict[str, Any] = {}
    if severity == "error" and inside >= MOSTLY * count:
        remedy["prepare.sections.drop"] = sections
    if severity == "error" and not mended:
        words = sorted({word for one in telling for word in own.get(one.name, ())})
        remedy["prepare.sentences.drop"] = [check, *words]
    way = way or ("section" if mended else "text")
    noun = check.removeprefix("stated-")
    return Issue(
        check=check,
        severity=severity,
        code={"section": f"{noun}-in-section", "text": f"{noun}-in-text"}.get(way, f"{noun}-{way}"),
        message=wordings[way],
        values={
            **_values(reading, telling, count=count, sections=sections),
            "places": [f"{name} {n}" for name, n in where if n >= SOME * count],
        },
        reports=count,
        rows=reading.cite(hit),
        evidence=tuple(one.evidence() for one in _shown(telling)),
        remedy=remedy or None,
    )


def _shown(telling: Sequence[Association]) -> list[Association]:
    """The words that may be shown; the kinds of word, by their names, where no single one may."""
    words = strongest(one for one in telling if not one.term.startswith("="))
    kinds = (replace(one, term=one.term.lstrip("=")) for one in telling if one.term != "=")
    return words or strongest(kinds) or strongest(replace(one, term="conduct") for one in telling)


def _values(
    reading: Reading, telling: Sequence[Association], *, count: int, sections: list[str]
) -> dict[str, Any]:
    labels = sorted({one.name for one in telling})
    return {
        "count": count,
        "total": len(reading),
        "labels": labels,
        "sections": sections,
        "section": sections[0] if sections else None,
    }


def _where(found: _Found, keys: set[tuple[str, str]]) -> Counter[str]:
    """In how many reports each section holds such a statement."""
    return Counter(name for row in found.statements for name in _sections_of(row, keys))


def _inside(found: _Found, keys: set[tuple[str, str]], sections: set[str]) -> int:
    """How many reports hold such statements in those sections only."""
    return sum(1 for row in found.statements if (names := _sections_of(row, keys)) and names <= sections)


def _sections_of(row: Iterable[tuple[Statement, str]], keys: set[tuple[str, str]]) -> set[str]:
    return {section for one, section in row if not keys.isdisjoint(_keys(one, section))}
