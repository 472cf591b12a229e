"""Traces in a report that are no finding: dates, numbers, headings, template sentences, ways of writing.

The key of a trace is what is shown of it: digits will be masked, so that ``2021`` is shown as ``####``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bert4text.core.clinical import clinical
from bert4text.core.sections import BODY, Section


class Trace(NamedTuple):
    """Something that is no finding: its kind, and a key by which reports share it."""

    kind: str
    key: str


_DATE = re.compile(
    r"(?<![\w/.,-])(?:(?P<d>[0-3]?\d)[/.\-](?P<m>[01]?\d)[/.\-](?P<y>(?:19|20)?\d\d)"
    r"|(?P<y2>(?:19|20)\d\d)-(?P<m2>[01]\d)-[0-3]\d)(?![\w/]|[.,-]\d)"
)
_YEAR = re.compile(r"(?<![\w/.,\-])(?:19|20)\d\d(?![\w/]|[.,\-]\d|[ \t]*(?:mm|cm|ml|mg|px))")
_NUMBER = re.compile(
    r"(?<![\w.,/\-])(?:(?P<lead>[a-z]{1,3}[\-/]?)(?P<lettered>\d{4,})|(?P<plain>\d{5,}))(?:[\-/]\d+)?"
    r"(?!\w|[.,]\d|[ \t]*(?:mm|cm|ml|mg|px|kg|g\b|ui?\b|/|%|cel))"
)
_REGISTERED = re.compile(
    r"(?<!\w)(?:exames?|protocolo|registro|prontuario|atendimento|pedido|requisicao|amostra|laudo|numero|codigo|senha"
    r"|exam|record|case|request|accession|sample|mrn|id|examen|peticion|muestra)[ \t]*"
    r"(?:n[o°º.]+)?[ \t:.#\-]*(?!(?:19|20)\d\d(?!\d))(?P<digits>\d{2,4})"
    r"(?![\w/]|[.,\-]\d|[ \t]*(?:mm|cm|ml|mg|px|%|de[ \t]))"
)
_EARLIER = re.compile(
    r"anterior|previ|compar|relacao|relacion|desde|since|prior|biops|cirur|cirug|surg|operad|antecedente"
    r"|historia|history|realizad[ao]s? em|nascid|nacid|born"
)
_HEADING_LINE = re.compile(r"(?:^|\n)[ \t]*(?P<heading>[^\W\d_][^\n:;.,]{2,40}?)[ \t]*:")
_LONGER, _FEW = 4, 0.2
_LONG_WORD = re.compile(rf"\w{{{_LONGER},}}")
_SENTENCE = re.compile(r"(?<=[.!?])[\s\-]+|\n+")
_ACCENTED = re.compile(
    r"(?<!\w)(?:nao|regiao|lesao|alterac\w+|mamaria\w*|diagnostico|\w{3,}(?:cao|coes|cion))(?!\w)"
)
_SIGNS = re.compile(r"[*#|_~^{}\[\]\\@&$§•·►■□→\t\u00a0]")
_LETTERS, _MOSTLY, _EITHER_END, _GAPS = 40, 0.9, 300, 3


def date_traces(folded: str) -> Iterator[Trace]:
    """Dates, their years and months; those of an earlier exam or event are findings and left out."""
    spans = []
    for found in _DATE.finditer(folded):
        spans.append(found.span())
        if not _tells_of_before(folded, found.start()):
            year = found.group("y") or found.group("y2")
            yield Trace("date", "00/00/0000")
            yield Trace("date", year if len(year) == 4 else "20" + year)
            yield Trace("date", f"/{int(found.group('m') or found.group('m2')):02d}/")
    for found in _YEAR.finditer(folded):
        apart = not any(start <= found.start() < end for start, end in spans)
        if apart and not _tells_of_before(folded, found.start()):
            yield Trace("date", found.group())


def _tells_of_before(folded: str, place: int) -> bool:
    start = max(folded.rfind(".", 0, place), folded.rfind("\n", 0, place), place - 160, 0)
    return _EARLIER.search(folded, start, place) is not None


def number_traces(folded: str) -> Iterator[Trace]:
    """Numbers that are no measure, long or called a number: their length and how they begin."""
    for found in _NUMBER.finditer(folded):
        digits = found.group("lettered") or found.group("plain")
        lead = (found.group("lead") or "").strip("-/")
        yield Trace("number", "0" * len(digits))
        yield Trace("number", lead + digits[:2] + "0" * (len(digits) - 2) + "…")
        if lead:
            yield Trace("number", lead + "…")
    for found in _REGISTERED.finditer(folded):
        digits = found.group("digits")
        yield Trace("number", digits[0] + "0" * (len(digits) - 1) + "…")


def heading_traces(folded: str, sections: tuple[Section, ...]) -> Iterator[Trace]:
    """Headings as they are written, and the order of the sections."""
    names = [section.name for section in sections if section.name != BODY]
    order = [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]
    if len(order) > 1:
        yield Trace("heading-order", " > ".join(order))
    known = set()
    for section in sections:
        if section.body > section.start:
            heading = " ".join(re.findall(r"\w+", folded[section.start : section.body]))
            known.add(section.start)
            if heading:
                yield Trace("heading", heading)
    for found in _HEADING_LINE.finditer(folded):
        heading = " ".join(re.findall(r"\w+", found.group("heading")))
        if found.start("heading") not in known and not all(map(clinical, _LONG_WORD.findall(heading))):
            yield Trace("heading", heading)


def template_traces(folded: str) -> Iterator[Trace]:
    """The first and the last sentence, and those amid, digits hidden, unless they tell of findings."""
    sentences = _sentences(folded)
    ends = (("template", "{} …", sentences[:1]), ("template", "… {}", sentences[-1:]))
    for kind, shown, parts in (*ends, ("sentence", "{}", sentences[1:-1])):
        for words in (re.findall(r"\w+", part) for part in parts):
            if 2 <= len(words) <= 20 and not _tells_of_findings(words):
                yield Trace(kind, shown.format(_plain(words)))


def _tells_of_findings(words: list[str]) -> bool:
    """Whether more than a fifth of the longer words are clinical: one among many is not enough."""
    longer = [word for word in words if len(word) >= _LONGER] or words
    return sum(map(clinical, longer)) > _FEW * len(longer)


def _sentences(folded: str) -> list[str]:
    return [part for part in _SENTENCE.split(folded.strip()) if re.search(r"[a-z]{2}", part)]


def _plain(words: list[str]) -> str:
    return re.sub(r"\d", "#", " ".join(words))


def writing_traces(text: str, folded: str) -> Iterator[Trace]:
    """How a report is written: in capitals, without accents, without an end, with signs of other systems."""
    if sum(map(str.isalpha, text)) < _LETTERS:
        return
    if in_capitals(text):
        yield Trace("writing", "capitals")
    if _ACCENTED.search(folded) and text.lower() == folded:
        yield Trace("writing", "no-accents")
    if text.rstrip()[-1].isalnum():
        yield Trace("writing", "no-full-stop")
    if text.count("  ") >= _GAPS:
        yield Trace("writing", "wide-gaps")
    for sign in sorted(set(_SIGNS.findall(text))):
        yield Trace("writing", sign)


def in_capitals(text: str) -> bool:
    """Whether nearly all letters of a text are capitals; its beginning and end are read."""
    read = text if len(text) <= 2 * _EITHER_END else text[:_EITHER_END] + text[-_EITHER_END:]
    letters = sum(map(str.isalpha, read))
    return letters >= _LETTERS and sum(map(str.isupper, read)) > _MOSTLY * letters
