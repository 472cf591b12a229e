"""Detector: numbers of documents, records, exams, plans, accounts, devices.

A word before a number or a valid check digit is enough; a wrong digit never clears a number that has its
word, since numbers are mistyped. A long number that nothing explains is somebody's too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bert4text.core.fold import phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.check_digits import is_cnpj, is_spanish, kind_by_digits
from bert4text.privacy.councils import STATES
from bert4text.privacy.reading import Reading

SOURCE = "numbers"
SAID, SHAPED, CHECKED, LONG = 0.95, 0.9, 0.85, 0.5
"""How sure a number is by a word before it, its shape, check digits in a run of digits, or length alone."""

_NUMBER = r"(?:n[o°º]?[.°º]|n[o°º](?![^\W\d_])|num\.?|numero|number|no\.|#)"
_FILLER = r"(?:[ \t]+(?:d[aeo]|del|of the|do\(a\))(?:[ \t]+(?:paciente|exame|cliente|patient))?(?![^\W_]))?"
_ASIDE = r"(?:[ \t]*\([^()\n\d]{1,14}\))?"
_MAY = re.compile(rf"{_FILLER}{_ASIDE}[ \t]*{_NUMBER}?[ \t]*[:.#=;|*_\-–]*[ \t]*(?:\n[ \t]*)?")
_MARKED = re.compile(rf"{_FILLER}{_ASIDE}[ \t]*(?:{_NUMBER}[ \t]*[:.#=\-–]*|[:#=]+[ \t]*{_NUMBER}?)[ \t]*")
_STATE = rf"(?:(?:ssp|pc|sds|ifp|dic|detran)?[ \t]*[/\-–]?[ \t]*(?:{STATES})[ \t]*[/\-–:]?[ \t]*)?"

_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_DATED = rf"(?:{_DAY}[/.\-]{_MONTH}[/.\-](?:(?:19|20)\d\d|\d\d)(?![/.\-]?\d)|(?:19|20)\d\d-\d\d-\d\d(?!\d))"
_UNITS = "|".join(lexicon("units")["behind"])
_UNIT = re.compile(rf"[ \t]*(?:{_UNITS}|x[ \t]*\d|/?mm|/ ?(?:[uµμ]l|ml|dl|l|campo|mm))(?![a-z\d])")
_WORDS = re.compile(r"(?:[ \t]+[^\W\d_]{2,15}){1,3}[ \t]*[:.#=\-–]*[ \t]*(?=[\d])")
_FAR = 5  # digits of a number that needs no mark, or between which and its word other words may stand
_LASTS = "anos|dias|meses|semanas|horas|years|days|weeks|months|mm|cm|ml|mg|kg"
_PERSONAL = frozenset({"cpf", "cns"})
"""What a number is by its check digits, whatever the word before it says: "Documento: 529..."."""
_OF = re.compile(r"(?<![^\W_])(?:de|em|of|in)[ ]$")
_TIMED = re.compile(r"\d{1,2}[h:]\d{2}")


class _Rule(NamedTuple):
    kind: str
    marked: bool
    least: int
    most: int
    value: re.Pattern[str]


def find(reading: Reading) -> Iterator[Span]:
    """Numbers by the word before them, by their shape, and long ones."""
    yield from _said(reading.folded)
    yield from _shaped(reading.folded)


def _said(folded: str) -> Iterator[Span]:
    """Numbers that stand behind a word that says what they are."""
    pattern, rules = _cues()
    for cue in pattern.finditer(folded):
        for rule in rules[" ".join(re.split(r"[\s\-]+", cue.group()))]:
            span = _behind(folded, cue.end(), rule)
            if span:
                start, end = span
                told = kind_by_digits(re.sub(r"\D", "", folded[start:end]))
                sure = told == rule.kind or told in _PERSONAL
                kind = told if sure and told else rule.kind
                yield Span(start=start, end=end, label=kind, score=1.0 if sure else SAID, source=SOURCE)
                break


def _behind(folded: str, place: int, rule: _Rule) -> tuple[int, int] | None:
    """The number behind a word, close to it; or a long one with few words between."""
    lead = (_MARKED if rule.marked else _MAY).match(folded, place)
    found = rule.value.match(folded, lead.end()) if lead else None
    span = found and _trimmed(folded, found, rule)
    if span:
        return span
    lead = (_MAY if rule.marked else _WORDS).match(folded, place)
    found = rule.value.match(folded, lead.end()) if lead else None
    return found and _trimmed(folded, found, rule._replace(least=max(rule.least, _FAR)))


@cache
def _cues() -> tuple[re.Pattern[str], dict[str, list[_Rule]]]:
    """One pattern of all words before numbers, and what each may stand before."""
    rules: dict[str, list[_Rule]] = {}
    for kind, told in lexicon("numbers").items():
        value = _value(letters=told.get("letters", 0), spaced=told.get("spaced", False))
        for marked, words in ((False, told["cues"]), (True, told.get("marked", ()))):
            rule = _Rule(kind, marked, told["least"], told["most"], value)
            for word in words:
                rules.setdefault(" ".join(word.replace("-", " ").split()), []).append(rule)
    return re.compile(phrases(rules, start=r"(?<![^\W\d_])", end=r"(?![^\W\d_])")), rules


def _value(*, letters: int, spaced: bool) -> re.Pattern[str]:
    """A number in groups; ``o``, ``l`` and ``i`` are taken for the digits that a scanner read them from."""
    digit = r"[\doli]"
    parts = [r"\.|[ ]?[\-/–][ ]?"]  # a full stop before a space ends the sentence
    if spaced:
        parts.append(rf"[ ](?=[\doli]{{2,}}(?![^\W\d_]|[.,]\d|[ ]?(?:{_LASTS})))")
    apart = rf"(?:{'|'.join(parts)})(?!{_DATED})"
    lead = rf"(?:[a-z]{{1,{letters}}}[.\-/]?)?" if letters else ""
    state = _STATE if spaced and letters == 3 else ""
    inside = rf"[a-z]{{0,{letters}}}" if letters > 4 else ""
    return re.compile(
        rf"(?!{_DATED}){state}{lead}{digit}(?:{inside}(?:{apart})?{digit})*"
        rf"(?:[ ]?[.\-/–]?[ ]?[xk](?![^\W_])|(?<=\d)[a-z](?![^\W_])|(?<=\d{{6}})[ ]\d(?!\w|[.,]\d))?"
    )


def _trimmed(folded: str, found: re.Match[str], rule: _Rule) -> tuple[int, int] | None:
    """The number without groups that are too many, or None where it is a measure, a time or too short."""
    start, end = found.span()
    places = [place for place in range(start, end) if folded[place].isdigit()]
    if len(places) > rule.most:
        places = places[: rule.most]
        end = places[-1] + 1
    if len(places) < max(rule.least - 2, 1) or sum(folded[p] in "oli" for p in range(start, end)) > 3:
        return None
    taken = len(places) + sum(sign in "oli" for sign in folded[places[0] : end])
    if taken < rule.least:
        return None
    year = len(places) == 4 and folded[start:end].startswith(("19", "20"))
    if year and (rule.marked or _OF.search(folded, max(0, start - 4), start)):
        return None
    if _TIMED.match(folded, start) or (end - start < 8 and _UNIT.match(folded, end)):
        return None
    return start, end


_SHAPES = re.compile(
    r"(?=\d|(?<!\w)[a-z])"  # where none of them can begin is told at once: most signs of a report
    r"(?=[a-z]{0,3}[.\-]?\d|[\da-z]{2}\.?[\da-z]{3}\.?[\da-z]{3}/?[\da-z]{4}-?\d)(?:"
    r"(?<![\d])(?:"
    r"(?P<cpf>\d{3}[. ]\d{3}[. ]\d{3} ?[\-–./ ] ?\d{2}|\d{9} ?[\-–/] ?\d{2})"
    r"|(?P<cnpj>\d{2}[. ]?\d{3}[. ]?\d{3} ?/ ?\d{4} ?[\-– ]? ?\d{2})"
    r"|(?P<cns>\d{3}[ .\-]\d{4}[ .\-]\d{4}[ .\-]\d{4})"
    r"|(?P<card>\d{4}[ .\-]\d{4}[ .\-]\d{4}[ .\-]\d{4})"
    r"|(?P<pis>\d{3}\.\d{5}\.\d{2}-\d)"
    r"|(?P<ssn>\d{3}-\d{2}-\d{4})"
    r"|(?P<certificate>\d{6} ?\d{2} ?\d{2} ?\d{4} ?\d ?\d{5} ?\d{3} ?\d{7} ?[\-–]? ?\d{2})"
    r"|(?P<rg>\d{1,2}\.\d{3}\.\d{3} ?- ?[\dx])"
    r")(?!\d|[.\-/]\d)"
    r"|(?<![\w.])(?P<dni>[xyz][\-.]?\d{7}[\-.]?[a-z]|\d{8}-?[a-z]|\d{2}\.\d{3}\.\d{3}-?[a-z])(?!\w)"
    r"|(?<!\w)(?P<lettered>[\da-z]{2}\.?[\da-z]{3}\.?[\da-z]{3}/?[\da-z]{4}-?\d{2})(?!\w)"
    r"|(?<!\w)(?P<iban>[a-z]{2}\d{2}(?: ?[a-z\d]{4}){3,7}(?: ?[a-z\d]{1,3})?)(?!\w)"
    r"|(?<!\w)(?P<exam>[a-z]{1,3}[\-.]?\d{2,7}[\-/]\d{2,7}|\d{2}-\d{4,7}|\d{4,9}/(?:20)?\d\d)(?![\w]|[.,/\-]\d))"
)
_SHAPE_KINDS = {
    "card": "account",
    "pis": "national-id",
    "ssn": "national-id",
    "certificate": "national-id",
    "rg": "national-id",
    "dni": "national-id",
    "lettered": "cnpj",
    "iban": "account",
}
_LEAST_EXAM = 6
_NUMBERED = re.compile(rf"(?<![^\W_]){_NUMBER}[ \t]*:?[ \t]*(?P<value>\d{{5,}})(?![\d.,])")
_LONG = re.compile(r"\d(?<!\d\d)(?:[.\-/]?\d){7,}")
_SERIES = re.compile(r"\d{1,3}(?:-\d{1,3}){2,}|\d{1,3}(?:/\d{1,3}){2,}")
"""Measures one after the other: "dextro 142-187-110"."""
_RUN, _WIDE = re.compile(r"\d+(?:[/\-]\d+)*"), 24
_DATE = re.compile(_DATED)
_DATES = re.compile(
    rf"(?<!\d)(?:{_DAY}[/.\-]{_MONTH}[/.\-](?:(?:19|20)\d\d|\d\d)|(?:19|20)\d\d(?:-\d\d-\d\d)?)(?!\d)"
)
_YEARS = re.compile(r"(?:19|20)\d\d[\-/](?:19|20)?\d\d")
_PLATE = re.compile(r"(?<!\w)[A-Z]{3}(?:\d[A-J]\d{2}|[- ]?\d{4})(?!\w)")
_VEHICLE = re.compile(r"placa|veiculo|carro|moto(?:cicleta)?|automovel|vehiculo|coche|plate|vehicle|car\b")


def _shaped(folded: str) -> Iterator[Span]:
    """Numbers that no word explains: by shape and check digits, then whatever is long."""
    for found in _SHAPES.finditer(folded):
        kind = found.lastgroup or ""
        if _is(kind, found.group(), folded, found.end()):
            digits = re.sub(r"\D", "", found.group())
            told = _SHAPE_KINDS.get(kind, kind)
            if kind == "card":
                told = kind_by_digits(digits) or told
            yield _span(found, told, SHAPED)
    for found in _NUMBERED.finditer(folded):
        yield Span(
            start=found.start("value"), end=found.end("value"), label="number", score=LONG, source=SOURCE
        )
    for found in _LONG.finditer(folded):
        digits = re.sub(r"\D", "", found.group())
        kind = kind_by_digits(digits) or "number"
        if _SERIES.fullmatch(found.group()) or (
            kind == "number" and (_UNIT.match(folded, found.end()) or _is_dates(found.group()))
        ):
            continue
        yield _span(found, kind, LONG if kind == "number" else CHECKED)


def _is(kind: str, number: str, folded: str, end: int) -> bool:
    """Whether a shape that other things share is a number of somebody."""
    if kind == "lettered":
        return not number.isdigit() and is_cnpj(number)
    if kind == "dni":
        return is_spanish(number)
    if kind == "iban":
        return sum(map(str.isdigit, number)) >= 10
    if kind == "exam":
        digits = sum(map(str.isdigit, number))
        return (
            digits >= _LEAST_EXAM
            and not _YEARS.fullmatch(number)
            and not _DATE.match(number)
            and not _UNIT.match(folded, end)
        )
    return True


def measured(folded: str, start: int, end: int) -> bool:
    """Whether a number is a measure: its unit stands behind it, or others stand beside it in a series.

    Args:
        folded: the report, folded.
        start: where it begins.
        end: where it ends.
    """
    if _UNIT.match(folded, end):
        return True
    run = next(
        (run for run in _RUN.finditer(folded, max(0, start - _WIDE), end + _WIDE) if run.end() >= end), None
    )
    return run is not None and run.start() <= start and _SERIES.fullmatch(run.group()) is not None


def _is_dates(number: str) -> bool:
    """Whether nothing but dates or years stands in a run of digits."""
    return not re.search(r"\d", _DATES.sub("", number))


def _span(found: re.Match[str], kind: str, score: float) -> Span:
    return Span(start=found.start(), end=found.end(), label=kind, score=score, source=SOURCE)


def find_plates(reading: Reading) -> Iterator[Span]:
    """Plates of cars: of the new form by itself, of the old one beside a word for a vehicle."""
    for found in _PLATE.finditer(reading.text):
        new = found.group()[4:5].isalpha()
        near = reading.folded[max(0, found.start() - 60) : found.end() + 30]
        if new or _VEHICLE.search(near):
            yield Span(start=found.start(), end=found.end(), label="vehicle", score=SHAPED, source=SOURCE)
