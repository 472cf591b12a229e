"""Traces in a report that are no finding: names, dates, numbers, headings, template sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bert4text.auditing.lexicon import clinical
from bert4text.core.fold import fold
from bert4text.core.sections import BODY, Section


class Trace(NamedTuple):
    """Something that is no finding: its kind, and a key by which reports share it."""

    kind: str
    key: str


_TITLE = (
    r"(?:[Dd]ra?|DRA?|[Ss]r(?:a|ta)?|SR(?:A|TA)?|[Pp]rofa?|PROFA?|[Ee]nfa?|M[rs]s?|MRS?|MS|Miss"
    r"|Don|Doña|DON|DOÑA)"
)
_PARTICLE = r"(?:(?:de|da|do|dos|das|del|la|e|y|van|von|DE|DA|DO|DOS|DAS|DEL)[ \t]+)?"
_NAME = rf"(?:[Dd]['’])?[A-ZÀ-Þ][\w'’\-]+(?:[ \t]+{_PARTICLE}(?:[Dd]['’])?[A-ZÀ-Þ][\w'’\-]+){{0,4}}"
_TITLED = re.compile(rf"(?<!\w)(?P<title>{_TITLE})(?:\.?\(a\))?[.ªº]*[ \t]+(?P<name>{_NAME})")
_FIELD = re.compile(
    r"(?<!\w)(?P<field>(?i:paciente|nome|nombre|apellidos|name|patient|m[ée]dic[oa](?:[ \t]+\w+)?|solicitante"
    r"|doctora?|radiologista?|laudado por|assinado(?: \w+)? por|firmado por|signed by|dictated by))"
    rf"[ \t]*:?[ \t]*(?P<name>{_NAME})"
)
_DOCTORS = re.compile(r"dra?|profa?|medic|solicit|doctor|radiol|laudado|assinado|firmado|signed|dictated")
_DATE = re.compile(
    r"(?<![\w/.,-])(?:(?P<d>[0-3]?\d)[/.\-](?P<m>[01]?\d)[/.\-](?P<y>(?:19|20)?\d\d)"
    r"|(?P<y2>(?:19|20)\d\d)-(?P<m2>[01]\d)-[0-3]\d)(?![\w/]|[.,-]\d)"
)
_YEAR = re.compile(r"(?<![\w/.,\-])(?:19|20)\d\d(?![\w/]|[.,\-]\d|[ \t]*(?:mm|cm|ml|mg|px))")
_NUMBER = re.compile(
    r"(?<![\w.,/\-])(?:(?P<lead>[a-z]{1,3}[\-/]?)(?P<lettered>\d{4,})|(?P<plain>\d{5,}))(?:[\-/]\d+)?"
    r"(?!\w|[.,]\d|[ \t]*(?:mm|cm|ml|mg|px|kg|g\b|ui?\b|/|%|cel))"
)
_EARLIER = re.compile(
    r"anterior|previ|compar|relacao|relacion|desde|since|prior|biops|cirur|cirug|surg|operad|antecedente"
    r"|historia|history|realizad[ao]s? em|nascid|nacid|born"
)
_HEADING_LINE = re.compile(r"(?:^|\n)[ \t]*(?P<heading>[^\W\d_][^\n:;.,]{2,40}?)[ \t]*:")
_SENTENCE = re.compile(r"(?<=[.!?])[\s\-]+|\n+")


def person_traces(text: str) -> Iterator[Trace]:
    """Forms of address and the words of names of persons; of a name only its first letter is ever shown."""
    for pattern, group in ((_TITLED, "title"), (_FIELD, "field")):
        for found in pattern.finditer(text):
            who = fold(found.group(group))
            kind = "doctor" if _DOCTORS.match(who) else "name"
            if group == "title":
                yield Trace("title", who)
            for word in re.findall(r"[^\W\d_]{3,}", fold(found.group("name"))):
                if not clinical(word):
                    yield Trace(kind, word)


def date_traces(folded: str) -> Iterator[Trace]:
    """Dates, their years and months; those of an earlier exam or event are findings and left out."""
    spans = []
    for found in _DATE.finditer(folded):
        spans.append(found.span())
        if not _tells_of_before(folded, found.start()):
            year = found.group("y") or found.group("y2")
            yield Trace("date", "date")
            yield Trace("date", "year " + (year if len(year) == 4 else "20" + year))
            yield Trace("date", "month " + (found.group("m") or found.group("m2")).lstrip("0"))
    for found in _YEAR.finditer(folded):
        apart = not any(start <= found.start() < end for start, end in spans)
        if apart and not _tells_of_before(folded, found.start()):
            yield Trace("date", "year " + found.group())


def _tells_of_before(folded: str, place: int) -> bool:
    start = max(folded.rfind(".", 0, place), folded.rfind("\n", 0, place), place - 160, 0)
    return _EARLIER.search(folded, start, place) is not None


def number_traces(folded: str) -> Iterator[Trace]:
    """Long numbers that are no measure: their length and how they begin."""
    for found in _NUMBER.finditer(folded):
        digits = found.group("lettered") or found.group("plain")
        lead = (found.group("lead") or "").strip("-/")
        yield Trace("number", f"{len(digits)} digits")
        yield Trace("number", f"begins {lead}{digits[:2]} of {len(digits)} digits")
        if lead:
            yield Trace("number", f"letters {lead}")


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
        if found.start("heading") not in known and heading and not clinical(heading):
            yield Trace("heading", heading)


def template_traces(folded: str) -> Iterator[Trace]:
    """The first and the last sentence, digits hidden, unless they tell of findings."""
    sentences = [part for part in _SENTENCE.split(folded.strip()) if re.search(r"[a-z]{2}", part)]
    for place, sentence in (("first", sentences[:1]), ("last", sentences[-1:])):
        for words in (re.findall(r"\w+", part) for part in sentence):
            if 2 <= len(words) <= 20 and not any(clinical(word) for word in words):
                yield Trace("template", f"{place}: " + re.sub(r"\d", "#", " ".join(words)))
