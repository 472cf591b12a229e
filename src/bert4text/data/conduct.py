"""Find sentences of conduct: what should be examined, taken out or looked at again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bert4text.core.fold import phrases
from bert4text.core.lexicon import lexicon
from bert4text.data.statements import Statement

_GAP = r"(?:[^\w.;!?]+\w+){0,8}?[^\w.;!?]+"
_SENTENCE = re.compile(r"[^.;!?]+")
_SHOWN_WORDS = 8
_DENIED = re.compile(
    r"(?<!\w)(?:nao|no|not|sem|sin|without|nem|ni|dispensa)(?:\W+(?:se|ha|hay|is|ser|que|be|a|de)){0,2}\W+$"
)

_DONE = r"(?:realizad|complementad|efetuad|efectuad|feit|obtid|performed|obtained|done)\w*"
_DONE_BEFORE = re.compile(rf"\b{_DONE}\W+(?:\w+\W+){{0,2}}$")
_DONE_AFTER = re.compile(rf"\W+(?:(?:ja|foram|foi|fueron|fue|were|was)\W+)*{_DONE}")
_RESULT = re.compile(
    r"\b(?:mostr|muestr|demonstr|demuestr|evidenci|revel|objetiv|apreci|observa|identific|confirm|detect|descart"
    r"|show|reveal|demonstrat|found|confirm|con resultado|com resultado|resultando|result(?:ed|ado)|informad"
    r"|siendo|sendo|donde se|onde se|el cual|la cual|o qual|a qual|which)\w*"
)
"""Words behind a request that tell what came of it: it is history, and no conduct."""
_ASKED = re.compile(r"solicit|requested")
_NOUN = re.compile(r"avalia|valorac|evaluac|estud|incidenc|exame|proyecc|investigac|further|additional")


class _Kind(NamedTuple):
    name: str
    hint: re.Pattern[str]
    pattern: re.Pattern[str]


@cache
def _kinds() -> tuple[_Kind, ...]:
    table = lexicon("conduct")
    words = {name: rf"\b{table[name]}\b" for name in ("span", "again", "clinic")}
    words["tissue"] = str(table["tissue"])
    words["exam"] = rf"\b{table['exam'].format(tissue=table['tissue'])}\b"
    kinds = []
    for name, entries in table["kinds"].items():
        filled = (rf"(?:{entry.format(gap=_GAP, **words)})" for entry in entries)
        hints = (hint + "*" for hint in table["hints"][name].split())
        kinds.append(
            _Kind(name, re.compile(phrases(hints)), re.compile(rf"(?<!\w)(?:{'|'.join(filled)})(?!\w)"))
        )
    return tuple(kinds)


def find_conduct(folded: str) -> Iterator[Statement]:
    """Every sentence of conduct of a text; ``concept`` says of which kind, ``denied`` that there is no need.

    Args:
        folded: the report, folded.
    """
    for sentence in _SENTENCE.finditer(folded):
        for kind in _kinds():
            if kind.hint.search(folded, *sentence.span()) is None:
                continue
            for found in kind.pattern.finditer(folded, *sentence.span()):
                if _NOUN.match(found.group()) and _done(folded, *found.span()):
                    continue
                if _ASKED.match(found.group()) and _RESULT.search(folded, found.end(), sentence.end()):
                    continue
                denied = _DENIED.search(folded, max(0, found.start() - 40), found.start()) is not None
                words = re.findall(r"\w+", found.group())
                term = " ".join(words if len(words) <= _SHOWN_WORDS else [*words[:4], "…", *words[-2:]])
                yield Statement(found.start(), found.end(), term, kind.name, "denied" if denied else "stated")


def _done(folded: str, start: int, end: int) -> bool:
    """Whether a complement is told of as done: how the exam was made is no conduct."""
    if re.search(r"\b(?:ser|be)$", folded[start:end]):
        return False
    before = _DONE_BEFORE.search(folded, max(0, start - 40), start)
    return before is not None or _DONE_AFTER.match(folded, end) is not None
