"""Detect identifiers: every detector asked, and one span for each stretch of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from bert4text.core.messages import N_
from bert4text.core.registry import Registry
from bert4text.core.span import Span
from bert4text.privacy import mentions
from bert4text.privacy.kinds import KINDS, PERSONS
from bert4text.privacy.reading import Reading

Detector = Callable[[Reading], Iterable[Span]]
"""Finds spans of some kinds of identifiers in a report; their labels are among ``KINDS``."""

DETECTORS: Registry[Detector] = Registry(
    "detectors",
    N_("find(reading) -> spans of identifiers in a report"),
    {
        "numbers": "bert4text.privacy.numbers:find",
        "plates": "bert4text.privacy.numbers:find_plates",
        "councils": "bert4text.privacy.councils:find",
        "contact": "bert4text.privacy.contact:find",
        "dates": "bert4text.privacy.dates:find",
        "ages": "bert4text.privacy.ages:find",
        "places": "bert4text.privacy.places:find",
        "facilities": "bert4text.privacy.places:find_facilities",
        "persons": "bert4text.privacy.persons:find",
        "given-names": "bert4text.privacy.given_names:find",
    },
)

_LINK = re.compile(r"[ ](?:d[aeo]s?[ ])?")
_FILLING = " \t\n.,;:/-–("
_RANK = {kind: place for place, kind in enumerate(KINDS)}


def detect(reading: Reading, detectors: Sequence[Detector]) -> list[Span]:
    """The identifiers of a report, in order, none overlapping another.

    Args:
        reading: the report.
        detectors: what looks for them.

    Returns:
        One span for each identifier. Where detectors disagree the surer one says what a stretch is, and what
        only another saw of it stays a span of its own: nothing that any of them saw is let go.
    """
    return merge(reading.text, seen(reading, detectors))


def seen(reading: Reading, detectors: Sequence[Detector]) -> list[Span]:
    """What each detector saw, as it saw it, and other mentions of names.

    Args:
        reading: the report.
        detectors: what looks for identifiers.
    """
    found = [span for find in detectors for span in find(reading)]
    return [*found, *mentions.find(reading, found)]


def merge(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans without overlaps: of the same kind joined, of several kinds cut by the surer.

    Args:
        text: the report.
        spans: in any order, overlapping as they may.
    """
    joined = sorted(_joined(spans), key=lambda span: span.start)
    kept = [part for group in _overlapping(joined) for part in _cut(text, group)]
    return list(_named_once(text, kept))


def _overlapping(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Spans in order, those that touch the same stretch of text together."""
    group: list[Span] = []
    end = 0
    for span in spans:
        if group and span.start >= end:
            yield group
            group, end = [], 0
        group.append(span)
        end = max(end, span.end)
    if group:
        yield group


def _cut(text: str, spans: list[Span]) -> list[Span]:
    """Spans of one stretch without overlaps: each sign belongs to the surest that holds it."""
    if len(spans) == 1:
        return _trimmed(text, spans[0])
    order = sorted(spans, key=lambda span: (-span.score, span.start - span.end, _RANK[span.label]))
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    owner = [
        next(place for place, span in enumerate(order) if span.start <= here < span.end)
        for here in range(first, last)
    ]
    kept: list[Span] = []
    here = 0
    while here < len(owner):
        begin, mine = here, owner[here]
        while here < len(owner) and owner[here] == mine:
            here += 1
        part = order[mine].model_copy(update={"start": first + begin, "end": first + here})
        kept += _trimmed(text, part)
    return kept


def _named_once(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Parts of one name, found apart, as one span."""
    last: Span | None = None
    for span in spans:
        if last is None:
            last = span
        elif span.label == last.label in PERSONS and _LINK.fullmatch(text, last.end, span.start):
            last = last.model_copy(update={"end": span.end})
        else:
            yield last
            last = span
    if last is not None:
        yield last


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans of one kind as one."""
    kept: dict[str, Span] = {}
    done: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.label, one.start, -one.end)):
        last = kept.get(span.label)
        if last is not None and span.start < last.end:
            better = last if last.score >= span.score else span
            kept[span.label] = better.model_copy(update={"start": last.start, "end": max(last.end, span.end)})
        else:
            if last is not None:
                done.append(last)
            kept[span.label] = span
    return [*done, *kept.values()]


def _trimmed(text: str, span: Span) -> list[Span]:
    """The span without signs and spaces at its ends; none where nothing else is left."""
    start, end = span.start, span.end
    while start < end and text[start] in _FILLING and not (text[start] == "(" and ")" in text[start:end]):
        start += 1
    while end > start and text[end - 1] in _FILLING and not _closes(text, start, end):
        end -= 1
    if (start, end) == (span.start, span.end):
        return [span]
    return [span.model_copy(update={"start": start, "end": end})] if start < end else []


def _closes(text: str, start: int, end: int) -> bool:
    """Whether a full stop at the end belongs to an initial: ``Maria S.``."""
    return (
        text[end - 1] == "."
        and end - start > 1
        and text[end - 2].isupper()
        and not text[end - 3 : end - 2].isalpha()
    )
