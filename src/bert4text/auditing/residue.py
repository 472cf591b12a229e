"""Find what identifies a person in a report: numbers, addresses, dates. Only kinds are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from stdnum.br import cnpj, cpf

from bert4text.auditing.persons import MAIL
from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon

_RUN = re.compile(r"[+(]?\d[\d ./()\-]{2,}\d")
_FIRST = re.compile(r"[+(]?(\d[\d./\-]*\d)")
_LEAST_RECORD, _LEAST_PHONE, _LEAST_CHECKED = 4, 8, 10  # digits
_CUE = 44  # characters before a number in which its cue stands
_CPF = re.compile(r"(?<![\d./\-])(?:\d{3}\.\d{3}\.\d{3}-\d{2}|\d{9}-\d{2}|\d{11})(?![\d/]|[.\-]\d)")
_CNPJ = re.compile(r"(?<![\d./\-])(?:\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}|\d{14})(?![\d/]|[.\-]\d)")
_LETTERED_CNPJ = re.compile(r"(?<!\w)[\da-z]{2}\.?[\da-z]{3}\.?[\da-z]{3}/?[\da-z]{4}-?\d{2}(?!\w)")
_CNS = re.compile(r"(?<![\d./\-])[12789]\d{2}([ .\-]?)\d{4}\1\d{4}\1\d{4}(?![\d/]|[.\-]\d)")
_POSTAL = re.compile(
    r"(?<!\w)(?:cep\W{0,3}\d{5}-?\d{3}|(?:c\.?p\.?[ \t]*:|codigo postal|zip code)[ \t:]*\d{5})(?!\d)"
)
_TO = r"(?:d[aeo]s?|del|de la|la|los|las)[ \t]+"
_POSTALS = ("cep", "postal", "c.p", "cp", "zip")
"""Plain words without which there is no postal code: they are looked for first, since it is faster."""
_UNIT = re.compile(r"[ \t]*(?:mm|cm|ml|mg|mcg|g|kg|l|ui|px|%|x[ \t]*\d|/?mm|cel\w*|hs?|min)(?![a-z])")
_NUMBER = r"(?:n[o°º.]+|num\.?|numero|number|no\.?|#)"
_LED = r"[ \t]*(?:[a-z]{1,3}[\-/]?)?$"
_MAY = rf"[ \t]*{_NUMBER}?[ \t]*[:.#=\-]*{_LED}"
_MARKED = rf"[ \t]*(?:{_NUMBER}[ \t]*[:.#=\-]?|[:#=]){_LED}"
_STATE = r"[ \t]*[/\-–. ]?[ \t]*(?:[a-z]{2})?[ \t]*(?:n[o°º.]+)?[ \t]*[:./\-–]*[ \t]*$"
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_NAMED = (
    r"(?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|enero|febrero"
    r"|marzo|mayo|junio|julio|septiembre|setiembre|octubre|noviembre|diciembre|january|february|march|april|may"
    r"|june|july|august|september|october|november|december|jan|fev|feb|mar|abr|apr|jun|jul|ago|aug|set|sep|out"
    r"|oct|nov|dez|dic|dec)"
)
_DATE = re.compile(
    rf"(?<![\w/.,\-])(?:{_DAY}/{_MONTH}/(?:{_YEAR}|\d\d)|{_MONTH}/{_DAY}/{_YEAR}|{_DAY}([.\-]){_MONTH}\1{_YEAR}"
    rf"|\d\d([.\-])\d\d\2\d\d|{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    rf"|{_DAY}[º°]?[ /\-.]?(?:de )?{_NAMED}[ /\-.,]*(?:de |del )?{_YEAR}"
    rf"|{_NAMED}\.? {_DAY}(?:st|nd|rd|th)?,? {_YEAR})(?![\w/]|[.,\-]\d)"
)
_BORN = ("nasc", "nac", "dn", "d.n", "birth", "born", "dob", "d.o.b")
_DATED = re.compile(rf"{_YEAR}|\d\d[/.\-]\d\d[/.\-]\d\d|\d/\d{{1,2}}/\d\d")  # without which there is no date


def kinds_of(text: str, folded: str | None = None) -> set[str]:
    """The kinds of identifiers that a report holds.

    ``cpf``, ``cnpj`` and ``cns`` by their check digits; ``phone`` by an area code of Brazil or a word
    before it; ``record-number`` and ``council-number`` by a word before them; ``e-mail``, ``address``,
    ``birth-date`` and ``date`` by their form. Persons are found by ``auditing.persons``.

    Args:
        text: the report.
        folded: the report, folded, where it is at hand.
    """
    folded = fold(text) if folded is None else folded
    found = {kind for run in _RUN.finditer(folded) for kind in _of_run(folded, run)}
    if "@" in folded and MAIL.search(folded):
        found.add("e-mail")
    if _addressed(text, folded):
        found.add("address")
    if "cnpj" in folded and any(cnpj.is_valid(one.upper()) for one in _LETTERED_CNPJ.findall(folded)):
        found.add("cnpj")
    return found | set(_dates(folded))


def _addressed(text: str, folded: str) -> bool:
    """Whether a street with a number or a postal code is named."""
    hints, pattern = _streets()
    street = any(word in text for word in hints) and pattern.search(text) is not None
    return street or (any(word in folded for word in _POSTALS) and _POSTAL.search(folded) is not None)


@cache
def _streets() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Words that streets begin or end with, and a street with the number of a house."""
    words = lexicon("identifiers")["streets"]
    before, behind = ("|".join(map(re.escape, words[place])) for place in ("before", "behind"))
    pattern = (
        rf"(?<!\w)(?:{before})[ \t]*(?:{_TO})?[A-ZÀ-Þ]\w+[.'’]?\w*"
        rf"(?:[ \t]+(?:{_TO})?[A-ZÀ-Þ\d][\w.'’]*){{0,5}}"
        r"[ \t]*,?[ \t]*(?:n[º°o.]*[ \t]*)?(?:\d{1,5}|s/n)(?!\d)"
        rf"|(?<!\w)\d{{1,5}}[ \t]+(?:[A-Z][a-z]+[ \t]+){{1,3}}(?:{behind})(?!\w)"
    )
    return (*words["before"], *words["behind"]), re.compile(pattern)


def _dates(folded: str) -> Iterator[str]:
    if not _DATED.search(folded):
        return
    may_be_born = any(word in folded for word in _BORN)
    for date in _DATE.finditer(folded):
        born = may_be_born and _cues().birth.search(folded, max(0, date.start() - _CUE), date.start())
        yield "birth-date" if born else "date"
        if not may_be_born:
            return


class _Cues(NamedTuple):
    phone: re.Pattern[str]
    record: re.Pattern[str]
    council: re.Pattern[str]
    birth: re.Pattern[str]
    area: re.Pattern[str]


@cache
def _cues() -> _Cues:
    words = lexicon("identifiers")["cues"]
    areas = "|".join(map(str, lexicon("identifiers")["phone"]["areas"]))
    local = r"(?:9[ .]?\d{4}|[2-5]\d{3})"
    return _Cues(
        phone=re.compile(rf"{phrases(words['phone'])}{_MAY}"),
        record=re.compile(rf"{phrases(words['record'])}{_MAY}|{phrases(words['marked'])}{_MARKED}"),
        council=re.compile(rf"{phrases(words['council'])}{_STATE}"),
        birth=re.compile(rf"{phrases(words['birth'])}\W{{0,4}}$"),
        area=re.compile(
            rf"(?<![\d./\-])(?:\+?55[ \-]?)?(?:\(0?(?:{areas})\)[ \-]?{local}[ .\-]?\d{{4}}"
            rf"|0?(?:{areas})[ \-]{local}[.\-]\d{{4}})(?!\d|[./\-]\d)"
        ),
    )


def _of_run(folded: str, run: re.Match[str]) -> Iterator[str]:
    """The kinds of the numbers in a run of digits, by themselves and by what stands before."""
    number = run.group()
    digits = sum(map(str.isdigit, number))
    if digits < _LEAST_RECORD:
        return
    checked = list(_checked(number)) if digits >= _LEAST_CHECKED else []
    if checked:
        yield from checked
        return
    before = folded[max(0, run.start() - _CUE) : run.start()]
    if digits >= _LEAST_PHONE and _cues().phone.search(before):
        yield "phone"
    elif _cues().council.search(before):
        yield "council-number"
    elif _cues().record.search(before) and _names_a_record(folded, run):
        yield "record-number"


def _checked(number: str) -> Iterator[str]:
    if any(len(set(one) - set(".-")) > 1 and cpf.is_valid(one) for one in _CPF.findall(number)):
        yield "cpf"
    if any(cnpj.is_valid(one) for one in _CNPJ.findall(number)):
        yield "cnpj"
    if any(is_cns(found.group()) for found in _CNS.finditer(number)):
        yield "cns"
    if _cues().area.search(number):
        yield "phone"


def is_cns(number: str) -> bool:
    """Whether a number is one of the health card of Brazil: 15 digits, weights 15 to 1, modulo 11."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    if len(digits) != 15 or digits[0] not in {1, 2, 7, 8, 9} or len(set(digits)) == 1:
        return False
    return sum(weight * digit for weight, digit in zip(range(15, 0, -1), digits, strict=True)) % 11 == 0


def _names_a_record(folded: str, run: re.Match[str]) -> bool:
    """Whether the first number of a run is neither a year, nor a date, nor a measure."""
    first = _FIRST.match(run.group())
    if first is None or _DATE.match(folded, run.start()):
        return False
    digits = re.sub(r"\D", "", first.group(1))
    year = len(digits) == _LEAST_RECORD and digits[:2] in {"19", "20"}
    measure = _UNIT.match(folded, run.start() + first.end())
    return len(digits) >= _LEAST_RECORD and not year and measure is None
