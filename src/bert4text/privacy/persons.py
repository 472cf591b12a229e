"""Detector: names of persons by the title, field, relative or registration beside them.

Who is meant is told by what stands beside: a patient, a relative, a professional.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from bert4text.core.clinical import clinical
from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.councils import COUNCIL
from bert4text.privacy.reading import Reading

SOURCE = "persons"
FIELD, TITLE, BESIDE, ALONE = 0.95, 0.95, 0.9, 0.7
"""How sure a name is by what tells of it."""

_UPPER = r"[A-ZÀ-Þ]"
_LINK = r"(?:d[aeo]s?|del|de[ ]la|la|e|y|van|von|der|di|du|DE|DA|DO|DOS|DAS|DEL|LA|E|Y|bin|al)"
_WORD = rf"(?:[DdOo]['’])?{_UPPER}[^\W\d_]*(?:['’\-]{_UPPER}?[^\W\d_]+)*"
_INITIAL = rf"{_UPPER}\."
_PART = rf"(?:{_WORD}|{_INITIAL})"
_GAP = r"(?:[ ]{1,2}|\t)"
_REST = rf"(?:{_GAP}(?:{_LINK}{_GAP}){{0,2}}{_PART}){{0,9}}"
_NAME = rf"{_WORD}{_REST}"
CHAIN = rf"(?<![^\W_]){_NAME}"
"""Words with a capital that may be a name, as a pattern of the text as it is written."""
_INVERTED = rf"{_WORD}(?:{_GAP}(?:{_LINK}{_GAP}){{0,2}}{_WORD}){{0,3}},[ ]{_WORD}{_REST}"
_SMALL = re.compile(r"[^\W\d_]{2,}(?:['’\-][^\W\d_]+)*(?:[ \t]+[^\W\d_]+(?:['’\-][^\W\d_]+)*){0,6}")
_COLON = re.compile(r"\.?[ \t]*(?:\([^()\n]{1,12}\))?[ \t]*(?:[:=|*]|\.{2,}:?|_{2,}:?)[ \t]*(?:\n[ \t]*)?")
_SPACE = re.compile(r"[ \t]*[\-–|]?[ \t]+")
_SHORTENED = re.compile(r"[ \t]*[.\-–|]?[ \t]+")  # behind a short field a full stop: "Instr. Ana"
_TITLE_END = r"(?:\(a\)|\([ao]\))?[.ªº]{0,2}(?:\([ao]\))?[ \t]*"
_TYPIST = re.compile(r"(?:^|\n)[ \t]*(?P<name>[A-Z]{2,4}[ ]?/[ ]?[a-zA-Z]{2,4})[ \t]*\.?[ \t]*(?=\n|$)")
_LAST = 400
_LINES = 4
_DIALOGUE = 3  # a field that comes so often in one report is a speaker: "Doctor: Thank you. Patient: Yes."


class _Patterns(NamedTuple):
    titles: re.Pattern[str]
    title_role: dict[str, str]
    fields: re.Pattern[str]
    field_role: dict[str, str]
    relatives: re.Pattern[str]
    stop: frozenset[str]
    grammar: frozenset[str]
    surnames: frozenset[str]
    called: frozenset[str]
    none: frozenset[str]


def find(reading: Reading) -> Iterator[Span]:
    """Names of persons that something beside them tells of."""
    yield from _titled(reading)
    yield from _in_fields(reading)
    yield from _of_relatives(reading)
    yield from _aged(reading)
    yield from _registered(reading)
    yield from _signed(reading)


def _titled(reading: Reading) -> Iterator[Span]:
    patterns = _patterns()
    for cue in patterns.titles.finditer(reading.folded):
        name = _NAMES.match(reading.text, cue.end())
        if name is None or not _as_title(reading.text, cue) or _LINKED.match(reading.folded, cue.end()):
            continue
        role = patterns.title_role[re.sub(r"[^\wªº()]+|[.]", " ", cue["title"]).strip()]
        yield from _named(reading, name.start(), name.end(), role, TITLE)


def _as_title(text: str, cue: re.Match[str]) -> bool:
    """Whether a short title is written as one: ``Dr.`` or ``Dr``, not ``d`` nor ``seu``.

    Behind a long one a full stop ends the sentence: "assisted by the nurse. All were counted."
    """
    written = text[cue.start("title") : cue.end("title")]
    if len(written) > _SHORT_TITLE and "." in text[cue.end("title") : cue.end()]:
        return False
    return written[0].isupper() or len(written) > 3 or "." in cue.group()


def _in_fields(reading: Reading) -> Iterator[Span]:
    cues = list(_patterns().fields.finditer(reading.folded))
    turns = Counter(cue.group() for cue in cues)
    for cue in cues:
        if turns[cue.group()] < _DIALOGUE and not _names_a_thing(reading.folded, cue):
            yield from _in_field(reading, cue)


def _names_a_thing(folded: str, cue: re.Match[str]) -> bool:
    """Whether a field for a name is that of a model, a drug, an exam."""
    before = max(0, cue.start() - 30)
    return cue.group() in _ANY_NAME and _OF_A_THING.search(folded, before, cue.start()) is not None


def _in_field(reading: Reading, cue: re.Match[str]) -> Iterator[Span]:
    """The name in one field: behind a colon any, else one that nothing else can be."""
    patterns, text = _patterns(), reading.text
    colon = _COLON.match(text, cue.end())
    lead = colon or (_SHORTENED if len(cue.group()) <= _SHORT_TITLE else _SPACE).match(text, cue.end())
    if lead is None:
        return
    title = patterns.titles.match(reading.folded, lead.end())
    place = title.end() if title else lead.end()
    role = patterns.field_role[" ".join(cue.group().replace("-", " ").split())]
    inverse = _INVERSE.match(text, place) if colon and role == "patient" else None
    name = inverse or _NAMES.match(text, place)
    if name is not None and (colon or _stands_alone(text, cue, lead.end(), name.group())):
        yield from _named(reading, name.start(), name.end(), role, FIELD if colon else BESIDE)
    elif colon is not None:
        small = _SMALL.match(text, place)
        if small is not None and small.group().islower():
            yield from _named(reading, small.start(), small.end(), role, BESIDE, small=True)


def _stands_alone(text: str, cue: re.Match[str], place: int, name: str) -> bool:
    """Whether what follows a field without a colon is a name by the field, by its place, or by itself."""
    if _BY.search(cue.group()) or _fills_line(text, cue, place):
        return True
    return not text[cue.start() : cue.end()].isupper() and _proper(name)


def _fills_line(text: str, cue: re.Match[str], place: int) -> bool:
    """Whether a field begins its line, or a gap, and nothing but a name follows up to the next: a form."""
    if _BEGINS.search(text, max(0, cue.start() - 3), cue.start()) is None:
        return False
    name = _NAMES.match(text, place)
    return name is not None and _GAP_BEHIND.match(text, name.end()) is not None


def _proper(name: str) -> bool:
    """Whether a name behind a field without a colon is two words and not all clinical."""
    words = re.findall(r"[^\W\d_]{2,}", name)
    return len(words) >= 2 and not all(map(clinical, words))


def _of_relatives(reading: Reading) -> Iterator[Span]:
    for cue in _patterns().relatives.finditer(reading.folded):
        name = _NAMES.match(reading.text, cue.end())
        said = reading.text[cue.start() : cue.end()]
        if name is not None and (
            said[1:].islower() or ("," in said and _ASIDE.match(reading.text, name.end()))
        ):
            yield from _named(reading, name.start(), name.end(), "relative", BESIDE)


def _aged(reading: Reading) -> Iterator[Span]:
    """Names at the beginning of a line before an age: ``Ana Lima, 52 anos``."""
    for found in _BEFORE_AGE.finditer(reading.text):
        yield from _named(reading, *found.span("name"), "patient", BESIDE)


def _registered(reading: Reading) -> Iterator[Span]:
    """Names before the registration of a professional: ``Ana Lima - CRM 1234``."""
    titles = _patterns().titles
    for council in _COUNCIL.finditer(reading.text):
        found = _BEFORE_COUNCIL.search(reading.text, max(0, council.start() - _NEAR), council.start())
        if found is None:
            continue
        start, end = found.span("name")
        for title in titles.finditer(reading.folded, start, end):
            start = title.end()
        yield from _named(reading, start, end, "professional", BESIDE)


def _signed(reading: Reading) -> Iterator[Span]:
    """A name that stands alone in one of the last lines, and the initials of who typed."""
    text = reading.text
    begin = text.find("\n", len(text) - _LAST) + 1 if len(text) > _LAST else 0  # whole lines alone
    lines = [
        (found.start("line"), found["line"])
        for found in re.finditer(r"[ \t]*(?P<line>[^\n]+?)[ \t]*(?=\n|$)", text[begin:])
    ][-_LINES:]
    for place, line in lines if len(lines) > 1 else ():
        name = _NAMES.match(line)
        if name is None or name.end() < len(line.rstrip(" .,")) or " " not in name.group().strip():
            continue
        words = [fold(word) for word in re.findall(r"[^\W\d_]{3,}", name.group())]
        if words and not any(clinical(word) or word in _patterns().stop for word in words):
            yield from _named(reading, begin + place, begin + place + name.end(), "professional", ALONE)
    for found in _TYPIST.finditer(text, begin):
        yield _span(*found.span("name"), "professional", ALONE)


def _named(
    reading: Reading, start: int, end: int, role: str, score: float, *, small: bool = False
) -> Iterator[Span]:
    """The name without what follows it, where it names anybody."""
    end = cut(reading, start, end)
    told = [word for word in re.findall(r"[^\W\d_]{2,}", reading.folded[start:end]) if word not in _LINKS]
    if not told or all(word in _patterns().none for word in told):
        return
    if (small or len(told) == 1) and any(map(clinical, told)):
        return
    yield _span(start, end, role, score)


def cut(reading: Reading, start: int, end: int) -> int:
    """Where a name ends that may have been read too far: the next field, a place of work, who nobody is.

    Args:
        reading: the report.
        start: where it begins.
        end: where it would end.
    """
    patterns = _patterns()
    last = start
    for word in _NAME_WORD.finditer(reading.folded, start, end):
        plain = word.group().partition("-")[0].strip(".")
        field = plain not in patterns.surnames or _FIELD_BEHIND.match(reading.folded, word.end())
        grammar = plain in patterns.grammar and word.end() < end and _capitals(reading.text, word)
        if (plain in patterns.stop and field) or grammar or (plain in patterns.none and last == start):
            end = last
            break
        last = word.end()
    name = reading.text[start:end].rstrip(" \t,-")
    while (link := re.search(rf"[ \t]+{_LINK}$", name)) is not None:
        name = name[: link.start()]
    return start + len(name)


def _capitals(text: str, word: re.Match[str]) -> bool:
    """Whether a word is written in capitals throughout, and is more than one letter."""
    return word.end() - word.start() > 1 and text[word.start() : word.end()].isupper()


def called_after(folded: str, place: int) -> bool:
    """Whether a thing is called after who stands at a place: "sinal de Murphy".

    Args:
        folded: the report, folded.
        place: where the name begins.
    """
    called, begin = _patterns().called, max(0, place - 40)
    if called.isdisjoint(_LETTERS.findall(folded, begin, place)):
        return False
    before = _CALLED.search(folded, begin, place)
    return before is not None and before[1] in called


def things() -> frozenset[str]:
    """Words, folded, of what is called after somebody: sign, syndrome, stain."""
    return _patterns().called


def known_for(words: Iterable[str]) -> bool:
    """Whether words, folded, are names that a sign, a structure or a scale is called after, all of them."""
    return _eponyms().issuperset(words)


@cache
def _eponyms() -> frozenset[str]:
    return frozenset(lexicon("persons")["fillers"]["eponyms"].split())


@cache
def _patterns() -> _Patterns:
    words = lexicon("persons")
    title_role = {title: role for role, titles in words["titles"].items() for title in titles}
    fields = {field: role for role, told in words["fields"].items() for field in told}
    titles = "|".join(re.escape(one) for one in sorted(title_role, key=len, reverse=True))
    stop = set(words["fillers"]["stop"].split())
    return _Patterns(
        titles=re.compile(rf"(?<![\w])(?P<title>{titles})(?![^\W\d_]){_TITLE_END}(?=[^\W\d_])"),
        title_role=title_role,
        fields=re.compile(phrases(fields, gap=r"[\s\-]+", start=r"(?<![^\W\d_])", end=r"(?![^\W\d_])")),
        field_role=fields,
        relatives=re.compile(
            phrases(words["relatives"]["words"])
            + r"(?:[ \t]*,?[ \t]*(?:sr\.?a?|d\.|dona|chamad[ao]|de nome|named)?[ \t]+)"
        ),
        stop=frozenset(stop | title_role.keys()),
        grammar=frozenset(words["fillers"]["grammar"].split()),
        surnames=frozenset(words["fillers"]["surnames"].split()),
        called=frozenset(words["fillers"]["called"].split()),
        none=frozenset(words["fillers"]["none"].split()),
    )


_LETTERS = re.compile(r"[^\W\d_]+")
_CALLED = re.compile(r"([^\W\d_]+)[ ](?:d[aeo]s?|del|de[ ]la|of)?[ ]?(?:[^\W\d_]+[\- ])?$")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?")
_LINKS = frozenset({"de", "da", "do", "dos", "das", "del", "la", "van", "von", "der", "di", "du"})
_NAMES = re.compile(_NAME)
_INVERSE = re.compile(_INVERTED)
_LINKED = re.compile(r"d[aeo]s?[ ]")
_ANY_NAME = frozenset({"name", "nome", "nombre"})
_OF_A_THING = re.compile(
    r"(?<![^\W_])(?:model|brand|drug|product|file|exam|test|study|procedure|trade|generic|device)[ ]$"
)
_BEGINS = re.compile(r"(?:^|\n|[ ]{2}|\t|[|])[ ]?$")
_GAP_BEHIND = re.compile(r"[ \t]*(?:\n|$|[ ]{2}|\t|[|(])")
_SHORT_TITLE = 5
_BY = re.compile(r"\s(?:por|by|pedido d[aeo])$")
"""How a field ends behind which a name stands without a colon."""
_ASIDE = re.compile(r"[ ]?[,.;\n]")
_FIELD_BEHIND = re.compile(r"[ \t]*[:=]|[ \t]+\d|[ \t]+(?:em|d[eo]) \d")
_BEFORE_AGE = re.compile(
    rf"(?:^|\n)[ \t]*(?P<name>{_NAME})[ \t]*,[ \t]*\d{{1,3}}[ ]?(?:[Aa][Nn][Oo][Ss]|a\b|years|años)"
)
_SPECIALTY = (
    r"(?i:(?:m[ée]dic[oa] )?(?:m[ée]dic[oa]|[^\W\d_]{4,20}(?:ista|iatra)|cirurgiã?o?|cl[íi]nic[oa]|residente"
    r"|enfermeir[oa]|biom[ée]dic[oa]|t[ée]cnic[oa]))[ ]?[\-–,(\n][ ]?"
)
_COUNCIL = re.compile(rf"(?=[CcRrM])(?<![^\W\d_])(?:(?i:{COUNCIL})|RQE|M\.?D\.?)(?!\w)")
_BEFORE_COUNCIL = re.compile(rf"(?<!\w)(?P<name>{_NAME})[ \t]*[,;.|\-–(]*\s{{0,3}}(?:{_SPECIALTY})?$")
_NEAR = 120


def _span(start: int, end: int, kind: str, score: float) -> Span:
    return Span(start=start, end=end, label=kind, score=score, source=SOURCE)
