"""Clauses that say a finding is there or absent: found, and said the other way round, grammar kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bert4text.core.fold import fold
from bert4text.core.negation import hedged, negated
from bert4text.robustness.rewording import cased, in_style
from bert4text.robustness.words import words

_START = r"(?:(?<=[.!?:;]\s)|(?<=\n)|(?<![\s\S]))"
_NUMBER = r"\d+(?:[.,]\d+)?"
_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)|\n")


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    instead: dict[str, str]


class Clause(NamedTuple):
    """A stretch of a report that says of a finding that it is there, or absent.

    Attributes:
        match: of its pattern, on the text in lower case without accents.
        instead: template by what is to be said.
    """

    match: re.Match[str]
    instead: dict[str, str]


def present(text: str, language: str) -> Iterator[Clause]:
    """Clauses that say that a finding is there: neither denied nor in doubt."""
    for clause in _clauses(text, language, "present"):
        start, end = clause.match.span(clause.match.re.groups)
        if not (negated(text, start, end, language=language) or hedged(text, start, end, language=language)):
            yield clause


def absent(text: str, language: str) -> Iterator[Clause]:
    """Clauses that deny a finding and no further one in words that would be left alone."""
    goes_on = words("clauses")[language]["goes_on"]
    for clause in _clauses(text, language, "absent"):
        rest = fold(text[clause.match.end() : _sentence_end(text, clause.match.end())])
        if goes_on not in rest.split():
            yield clause


def said(text: str, clauses: Iterator[Clause], kind: str) -> str | None:
    """The text with clauses said otherwise; None where there is none.

    Args:
        text: the report.
        clauses: in order.
        kind: what is to be said: a name of ``Clause.instead``.
    """
    parts, here = [], 0
    for clause in clauses:
        match = clause.match
        groups = [text[slice(*match.span(number))] for number in range(1, match.re.groups + 1)]
        whole = text[match.start() : match.end()]
        groups = [group if group.isupper() else _small(group) for group in groups]
        new = clause.instead[kind].format("", *groups)
        parts += [text[here : match.start()], cased(in_style(new, text), like=whole)]
        here = match.end()
        if kind == "denied":
            parts.append(_unmeasured(text[here : _sentence_end(text, here)]))
            here = _sentence_end(text, here)
    return "".join([*parts, text[here:]]) if parts else None


def _sentence_end(text: str, start: int) -> int:
    found = _SENTENCE_END.search(text, start)
    return len(text) if found is None else found.start()


def _unmeasured(rest: str) -> str:
    """The rest of a sentence without measures: what is absent has none."""
    return _measures().sub("", rest)


def _small(group: str) -> str:
    return group[:1].lower() + group[1:]


def _clauses(text: str, language: str, kind: str) -> Iterator[Clause]:
    """Every clause of a kind, in order; of those that overlap the first."""
    folded = fold(text)
    found = sorted(
        (
            Clause(match, rule.instead)
            for rule in _rules(language, kind)
            for match in rule.pattern.finditer(folded)
        ),
        key=lambda clause: (clause.match.start(), -clause.match.end()),
    )
    here = 0
    for clause in found:
        if clause.match.start() >= here:
            here = clause.match.end()
            yield clause


@cache
def _measures() -> re.Pattern[str]:
    told = words("clauses")["measures"]
    return re.compile(
        rf"\s*,?\s*\b(?:(?:{told['before']})\s+)?(?:(?:{told['about']})\s+)?"
        rf"{_NUMBER}\s*(?:mm|cm)?(?:\s*(?:{told['between']})\s*{_NUMBER}\s*(?:mm|cm)?)*(?<=[mM])",
        re.IGNORECASE,
    )


@cache
def _rules(language: str, kind: str) -> tuple[_Rule, ...]:
    table = words("clauses")[language]
    nouns = "|".join(noun.replace("_", " ") for noun in sorted(table["nouns"].split(), key=len, reverse=True))
    finding = f"{table['before']}(?:{nouns})\\b"
    return tuple(
        _Rule(
            re.compile(
                ("" if rule["found"].startswith("START") else r"(?<![\w-])")
                + rule["found"].replace("START", _START).replace("FINDING", finding)
            ),
            {name: text for name, text in rule.items() if name != "found"},
        )
        for rule in table[kind]
    )
