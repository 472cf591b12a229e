"""Persons in a report: forms of address, and names by the title, field or registration beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bert4text.auditing.traces import Trace
from bert4text.core.clinical import clinical
from bert4text.core.fold import fold

NAMED = frozenset({"name", "doctor", "contact"})
"""Kinds of trace that are words of a person's name or address; only a first letter of them is ever shown."""
_SPELT = frozenset({"name", "doctor"})  # spelt with a capital; an e-mail address is not
SIGNED_LINES = 3
"""How many of the last lines are looked at for a name that stands alone."""
DIALOGUE = 3
"""A field that comes so often in one report is a speaker: "Doctor: Thank you. Patient: Yes."."""

_TITLE = (
    r"(?:[Dd]ra?|DRA?|[Ss]r(?:a|ta)?|SR(?:A|TA)?|[Pp]rofa?|PROFA?|[Ee]nfa?|M[rs]s?|MRS?|MS|Miss"
    r"|Don|Doña|DON|DOÑA)"
)
_PARTICLE = r"(?:(?:de|da|do|dos|das|del|la|e|y|van|von|DE|DA|DO|DOS|DAS|DEL)[ \t]+)?"
_WORD = r"(?:[Dd]['’])?[A-ZÀ-Þ][\w'’\-]+"
_NAME = rf"{_WORD}(?:[ \t]+{_PARTICLE}{_WORD}){{0,4}}"
_TITLED = re.compile(rf"(?<!\w)(?P<title>{_TITLE})(?:\.?\(a\))?[.ªº]*[ \t]+(?P<name>{_NAME})")
_FIELD = re.compile(
    r"(?<!\w)(?P<field>(?i:paciente|nome|nombre|apellidos|name|patient|m[ée]dic[oa](?:[ \t]+\w+)?|solicitante"
    r"|doctora?|radiologista?|(?:laudado|revisado|digitado|firmado|assinado(?: \w+)?) por"
    r"|(?:signed|dictated|reviewed|transcribed) by))(?!\w)"
    rf"[ \t]*:?[ \t]*(?P<name>{_NAME})"
)
_REGISTERED = re.compile(
    rf"(?<!\w)(?P<name>{_NAME})[ \t]*[,;.|\-–(]?\s{{0,3}}"
    r"(?P<field>(?:CRM|CRBM|CRF|CRO|COREN|CREFITO|CRTR|RQE|M\.?D\.?)(?!\w))"
)
_PROPER = r"[A-ZÀ-Þ][a-zà-ÿ'’]{2,}"
_ALONE = re.compile(rf"(?P<name>{_PROPER}(?:[ \t]+{_PARTICLE}{_PROPER}){{1,4}})[ \t]*[.,]?")
_DOCTORS = re.compile(
    r"dra?|profa?|medic|solicit|doctor|radiol|laudado|revis|assinado|firmado|signed|dictated|review|c[ro]|rqe|md|m\.d"
)
MAIL = re.compile(r"(?P<local>[\w.+\-]+)@[\w\-]+(?:\.[\w\-]+)*\.[a-z]{2,}")
"""An e-mail address in a folded text."""
_SMALL = re.compile(r"(?<!\w)[a-zà-ÿ]{3,}(?!\w)")


def find_persons(texts: Sequence[str]) -> list[set[Trace]]:
    """Forms of address and words of names in each report.

    A word that stands in small letters in as many reports as it is taken for a name is none:
    "Doctor: Hello" names nobody.
    """
    found = [set(person_traces(text)) for text in texts]
    names = Counter(trace.key for row in found for trace in row if trace.kind in _SPELT)
    if not names:
        return found
    small: Counter[str] = Counter()
    for text in texts:
        small.update(names.keys() & set(fold(" ".join(set(_SMALL.findall(text)))).split()))
    return [
        {trace for trace in row if trace.kind not in _SPELT or small[trace.key] < names[trace.key]}
        for row in found
    ]


def person_traces(text: str) -> Iterator[Trace]:
    """Forms of address and the words of names of persons in one report."""
    for found in _TITLED.finditer(text):
        yield Trace("title", fold(found.group("title")))
        yield from _named(found, "title")
    fields = list(_FIELD.finditer(text))
    turns = Counter(fold(found.group("field")) for found in fields)
    for found in [*fields, *_REGISTERED.finditer(text)]:
        if turns[fold(found.group("field"))] < DIALOGUE:
            yield from _named(found, "field")
    for line in _last_lines(text):
        alone = _ALONE.fullmatch(line)
        if alone is not None and not clinical(alone.group("name")):
            yield from _words(alone.group("name"), "doctor")

    for found in MAIL.finditer(fold(text)) if "@" in text else ():
        yield from _words(found.group("local"), "contact")


def _last_lines(text: str) -> list[str]:
    """The last lines, and the last sentence of the last one."""
    lines = [line.strip() for line in text[-400:].splitlines() if line.strip()][-SIGNED_LINES:]
    return [*lines, lines[-1].removesuffix(".").rpartition(". ")[2]] if lines else []


def _named(found: re.Match[str], by: str) -> Iterator[Trace]:
    return _words(found.group("name"), "doctor" if _DOCTORS.match(fold(found.group(by))) else "name")


def _words(name: str, kind: str) -> Iterator[Trace]:
    for word in re.findall(r"[^\W\d_]{3,}", fold(name)):
        if not clinical(word):
            yield Trace(kind, word)
