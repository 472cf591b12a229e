"""Find sentences of conduct: what should be examined, taken out or looked at again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from bert4text.auditing.statements import Statement
from bert4text.core.lexicon import lexicon

_GAP = r"(?:[^\w.;!?]+\w+){0,8}?[^\w.;!?]+"
_SENTENCE = re.compile(r"[^.;!?]+")
_SHOWN_WORDS = 8
_DENIED = re.compile(
    r"(?<!\w)(?:nao|no|not|sem|sin|without|nem|ni|dispensa)(?:\W+(?:se|ha|hay|is|ser|que|be|a|de)){0,2}\W+$"
)

_DONE = r"(?:realizad|complementad|efetuad|efectuad|feit|obtid|performed|obtained|done)\w*"
_DONE_BEFORE = re.compile(rf"\b{_DONE}\W+(?:\w+\W+){{0,2}}$")
_DONE_AFTER = re.compile(rf"\W+(?:(?:ja|foram|foi|fueron|fue|were|was)\W+)*{_DONE}")
_NOUN = re.compile(r"avalia|valorac|evaluac|estud|incidenc|exame|proyecc|investigac|further|additional")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = lexicon("conduct")
    exam = rf"\b{table['exam']}\b"
    return tuple(
        (
            kind,
            re.compile(
                "|".join(rf"(?<!\w)(?:{entry.format(gap=_GAP, exam=exam)})(?!\w)" for entry in entries)
            ),
        )
        for kind, entries in table["kinds"].items()
    )


@cache
def _hints() -> re.Pattern[str]:
    """Beginnings without which no pattern can match: most sentences need no closer look."""
    return re.compile(
        r"\b(?:requer|requier|necessit|precis|carec|amerit|merec|demand|require|need|recomend|recommend|aconse|advis|suger"
        r"|sugier|sugir|suggest|indica|orienta|solicit|conv[ie]|propo|complement|completar|adicion|additional|further"
        r"|deve|deber|debe|should|must|prosseg|proseg|proceed|proceder|continu|biops|realizar|efet|perform|control"
        r"|segui|acompanha|follow|revis|repet|repeat|retorno|reaval|reeval|rastre|tamiz|screening|routine|annual|manter"
        r"|mantener|maintain|encaminh|deriva|refer|valora|avalia|consulta|warranted|mamogra|mammogr|short|core|paaf|consider|correla|investiga|nov[ao]|nuev[ao]|aguard|awaiting|pend|resume"
        r"|return|tissue|continuar|cribad)"
    )


def find_conduct(folded: str) -> Iterator[Statement]:
    """Every sentence of conduct of a text; ``concept`` says of which kind, ``denied`` that there is no need.

    Args:
        folded: the report, folded.
    """
    for sentence in _SENTENCE.finditer(folded):
        if _hints().search(folded, *sentence.span()) is None:
            continue
        for kind, pattern in _patterns():
            for found in pattern.finditer(folded, *sentence.span()):
                if _NOUN.match(found.group()) and _done(folded, *found.span()):
                    continue
                denied = _DENIED.search(folded, max(0, found.start() - 40), found.start()) is not None
                words = re.findall(r"\w+", found.group())
                term = " ".join(words if len(words) <= _SHOWN_WORDS else [*words[:4], "…", *words[-2:]])
                yield Statement(found.start(), found.end(), term, kind, "denied" if denied else "stated")


def _done(folded: str, start: int, end: int) -> bool:
    """Whether a complement is told of as done: how the exam was made is no conduct."""
    if re.search(r"\b(?:ser|be)$", folded[start:end]):
        return False
    before = _DONE_BEFORE.search(folded, max(0, start - 40), start)
    return before is not None or _DONE_AFTER.match(folded, end) is not None
