"""Check: are the reports whole and readable - no debris of scanning, no empty findings, not cut off?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from bert4text.auditing.checks import Context
from bert4text.auditing.endings import ended, limit_of, torn_off
from bert4text.auditing.share import share_issue
from bert4text.auditing.traces import in_capitals
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.core.messages import N_
from bert4text.core.sections import Section

CHECK = "shape"
FEW_CAPITALS = 0.01
"""Share of the reports written in capitals under which it is not told."""

_WORD = re.compile(r"\w+")
_BROKEN_HINT = re.compile(r"[0134568|!](?<=[^\W\d_].)[^\W\d_]")
# Upper case counts in texts of capitals only: elsewhere it is the name of a gene or a code.
_DIGIT_INSIDE = re.compile(
    r"(?<![\w\-/.])(?:[a-zà-ÿ]+[0134568|!][a-zà-ÿ]{2,}|[a-zà-ÿ]{2,}[0134568|!][a-zà-ÿ]+)(?![\w\-])"
)
# Short runs of capitals are spelled abbreviations.
_LETTERS_APART = re.compile(r"(?<!\w)(?:(?:[a-zà-ÿ] ){4,}[a-zà-ÿ]|(?:[^\W\d_] ){5,}[^\W\d_])(?!\w)")
_SIGN = re.compile(r"[|~^\\{}¬¦§¤¥◊†‡¢]+")
_LEAST_BROKEN, _LEAST_APART, _LEAST_SIGNS = 2, 2, 4
_BROKEN, _SIGNS = 0.02, 0.01  # of the words, of the characters
_NOTHING = frozenset({"", "nan", "null", "none", "n/a"})
_AT_LIMIT = {
    "characters": N_(
        "reports that end at {length} characters, most of them within a sentence: {count} of {total}; "
        "an export seems to have cut them"
    ),
    "bytes": N_(
        "reports that end at {length} bytes, most of them within a sentence: {count} of {total}; "
        "an export seems to have cut them"
    ),
}
_CLOSING = frozenset({"conclusion", "recommendation", "note", "addendum", "signature", "comparison"})


def check_shape(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Look at each report that is read for debris, capitals, empty findings and an end that is missing."""
    reading = context.reading
    if not len(reading):
        return
    texts = reading.texts
    capitals = np.asarray([in_capitals(text) for text in texts])
    yield from share_issue(
        reading,
        np.asarray(
            [debris(text, capitals=loud) for text, loud in zip(texts, capitals.tolist(), strict=True)]
        ),
        check=CHECK,
        code="scan-debris",
        message="reports with debris of scanning, as digits inside words, letters apart or stray signs: "
        "{count} of {total}",
    )
    if capitals.mean() >= FEW_CAPITALS:
        yield from share_issue(
            reading,
            capitals,
            check=CHECK,
            severity="info",
            code="capitals",
            message="reports written in capitals: {count} of {total}; an encoder that tells capitals from "
            "small letters reads them worse",
        )
    yield from share_issue(
        reading,
        np.asarray([empty_findings(text, of) for text, of in zip(texts, reading.sections, strict=True)]),
        check=CHECK,
        code="empty-findings",
        message="reports with nothing under the heading of the findings: {count} of {total}",
    )
    yield from _cut(context)


def _cut(context: Context) -> Iterable[Issue]:
    reading = context.reading
    whole = np.asarray([ended(text) for text in reading.texts])
    limit = limit_of(reading.texts, whole.tolist())
    at_limit = np.zeros(len(reading), dtype=np.bool_)
    if limit is not None:
        at_limit = limit.reached
        yield from share_issue(
            reading,
            at_limit,
            check=CHECK,
            code="cut-at-limit",
            message=_AT_LIMIT[limit.unit],
            length=limit.length,
        )
    torn = np.asarray(torn_off(reading.texts, whole.tolist())) & ~at_limit
    yield from share_issue(
        reading,
        torn,
        check=CHECK,
        code="cut-off",
        message="reports that seem cut off, for they end within a sentence or at a heading: "
        "{count} of {total}",
    )


def debris(text: str, *, capitals: bool = False) -> bool:
    """Whether a text holds what scanning leaves: digits inside words, letters apart, stray signs."""
    if _BROKEN_HINT.search(text):
        broken = len(_DIGIT_INSIDE.findall(text.lower() if capitals else text))
        if broken >= max(_LEAST_BROKEN, _BROKEN * len(_WORD.findall(text))):
            return True
    if len(_SIGN.findall(text)) >= max(_LEAST_SIGNS, _SIGNS * len(text)):
        return True
    return len(_LETTERS_APART.findall(text)) >= _LEAST_APART


def empty_findings(text: str, sections: Sequence[Section]) -> bool:
    """Whether a text has a heading of findings, and under it nothing before what closes the report."""
    headed = [i for i, part in enumerate(sections) if part.name == "findings" and part.body > part.start]
    if not headed or any(_content(text, sections[i]) not in _NOTHING for i in headed):
        return False
    following = sections[headed[-1] + 1 :]
    return not following or following[0].name in _CLOSING


def _content(text: str, part: Section) -> str:
    return text[part.body : part.end].strip(" \t\n.,:;-–—_*").lower()
