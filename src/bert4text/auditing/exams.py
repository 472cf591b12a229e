"""Check: are all reports of one kind of exam?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from bert4text.auditing.checks import Context
from bert4text.auditing.share import share_issue
from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold, phrases
from bert4text.core.issue import Issue
from bert4text.core.lexicon import lexicon
from bert4text.core.sections import Section

CHECK = "exam-type"
MAJORITY = 0.6
"""Share of the reports that must name one kind of exam in their title for the others to be judged."""
FEW = 0.2
"""Share of the reports that may name another kind, for these to be the exception."""
_LEAST = 20  # reports of the kind of most
_TITLE, _BEFORE = 100, 20  # characters of a title; before the name of an exam, in which a cue changes it
_OTHER = frozenset(
    {"patient", "indication", "comparison", "conclusion", "recommendation", "note", "addendum", "signature"}
)
"""Sections in which other exams are spoken of."""


def check_exam_type(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether some reports name another kind of exam in their title or technique than nearly all others.

    Where labels are kinds of exam, the difference is the question, and nothing is said.
    """
    reading = context.reading
    if len({kind for name in reading.names for kind in _kinds(fold(name))}) > 1:
        return
    kinds = [exam_of(folded, of) for folded, of in zip(reading.folded, reading.sections, strict=True)]
    counts = Counter(kind for kind in kinds if kind is not None)
    if not counts:
        return
    usual, most = counts.most_common(1)[0]
    others = counts.total() - most
    language = context.language or "en"
    if others > FEW * len(reading) and counts.total() >= MAJORITY * len(reading):
        yield _mixed(counts, language, total=len(reading))
    if most < max(_LEAST, MAJORITY * len(reading)) or others > FEW * len(reading):
        return
    yield from share_issue(
        reading,
        np.asarray([kind not in (None, usual) for kind in kinds], dtype=np.bool_),
        check=CHECK,
        code="other-exam",
        message="reports of another exam than {usual}: {count} of {total} (found: {kinds})",
        usual=shown(usual, language),
        kinds=[f"{shown(kind, language)} {count}" for kind, count in counts.most_common() if kind != usual],
    )


def _mixed(counts: Counter[str], language: str, *, total: int) -> Issue:
    """Several kinds of exam, none of them the exception: no fault, but each is a question of its own."""
    kinds = [f"{shown(kind, language)} {count}" for kind, count in counts.most_common()]
    return Issue(
        check=CHECK,
        severity="info",
        code="several-exams",
        message="reports are of several kinds of exam ({kinds}): look whether the kind gives the label away",
        values={"kinds": kinds, "total": total},
    )


def exam_of(folded: str, sections: Sequence[Section]) -> str | None:
    """The kind of exam that a report names as its own: after a cue, in its title or its technique.

    Args:
        folded: the report, folded.
        sections: its sections.

    Returns:
        The name of the kind in the lexicon of exams; None where it names none.
    """
    for region in _regions(folded, sections):
        for kind in _kinds(region):
            return kind
    return None


def shown(kind: str, language: str) -> str:
    """The name of a kind of exam as reports of a language call it."""
    return str(lexicon("exams")[kind]["shown"][language])


def _regions(folded: str, sections: Sequence[Section]) -> Iterator[str]:
    """Where a report says what it is: behind a cue, in its first words, in those of its technique."""
    cue = _cues().title.search(folded)
    if cue is not None:
        yield folded[cue.end() :].lstrip(" \t\n").split("\n", 1)[0][:_TITLE]
    own = [part for part in sections if part.name not in _OTHER]
    if own:
        yield folded[own[0].start : own[0].end][:_TITLE]
    for part in sections:
        if part.name == "technique":
            yield folded[part.body : part.end].lstrip()[:_TITLE]


def _kinds(region: str) -> Iterator[str]:
    """Kinds of exam that are named, but for those spoken of as another exam."""
    cues, known = _cues(), _names()
    for found in cues.exam.finditer(region):
        if cues.before.search(region, 0, found.start()) or cues.after.match(region, found.end()):
            continue
        words = " ".join(found.group().replace("-", " ").split())
        yield next(kind for pattern, kind in known if pattern.fullmatch(words))


class _Cues(NamedTuple):
    exam: re.Pattern[str]
    title: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]


@cache
def _cues() -> _Cues:
    table = lexicon("exams")
    words = table["cues"]
    return _Cues(
        exam=re.compile(phrases(word for _, kind in _exams() for word in kind["words"])),
        title=re.compile(phrases(words["title"]) + r"[ \t]*:"),
        before=re.compile(
            rf"(?:{phrases(words['before'])}\W(?:[^.\n]{{0,{_BEFORE}}}\W)?|{phrases(words['within'])}\W+)$"
        ),
        after=re.compile(rf"\W+(?:{phrases(words['after'])})"),
    )


@cache
def _names() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(phrases(kind["words"], gap=" ")), name) for name, kind in _exams())


def _exams() -> list[tuple[str, dict[str, Any]]]:
    return [(name, kind) for name, kind in lexicon("exams").items() if name != "cues"]
