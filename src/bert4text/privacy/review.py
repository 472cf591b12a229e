"""Review: doubtful spans are shown to a person, one question after the other, and the answers are kept.

Who asks - a terminal, a page - holds a ``Review``: shows ``question``, gives ``answer``, and may ``undo``.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from bert4text.core.span import Span
from bert4text.privacy.decisions import Decisions
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.known import Known

Verdict = Literal["hide", "keep", "always", "never"]
"""``always`` and ``never`` hold for the words wherever they stand."""

_AROUND = 160
_ENDS = ".!?\n"


class Reviewed(NamedTuple):
    """A report that is reviewed; its ``repr`` shows neither its text nor its id.

    Attributes:
        row: where it stands, from 1.
        report: its id, under which decisions are kept.
        text: as it is de-identified.
        known: finds what is known of it alone.
    """

    row: int
    report: str
    text: str
    known: Known | None = None

    def __repr__(self) -> str:
        return f"Reviewed(row={self.row})"


@dataclass(frozen=True)
class Question:
    """One doubtful span; its ``repr`` shows nothing of the report.

    Attributes:
        row: of its report, from 1.
        kind: what it is taken for.
        score: how sure that is.
        others: what else a detector took it for.
        before, found, after: the sentence around it.
    """

    row: int
    kind: str
    score: float
    others: tuple[str, ...]
    before: str = field(repr=False)
    found: str = field(repr=False)
    after: str = field(repr=False)


class _Doubt(NamedTuple):
    reviewed: Reviewed
    span: Span
    others: tuple[str, ...]


class Review:
    """Questions over doubtful spans, in the order of the reports; those that were decided are not asked.

    Reports are drawn as they are needed, so that the first question comes at once.

    Args:
        deidentifier: whose spans are in doubt; it knows the decisions.
        reports: what is reviewed.
        decisions: where answers are kept, at once.
        below: spans less sure than this are in doubt, and those that detectors take for different things.
        by: who answers.

    Attributes:
        question: what is asked now; None at the end.
        answers: verdict -> how often it was given.
    """

    def __init__(
        self,
        deidentifier: Deidentifier,
        reports: Iterable[Reviewed],
        decisions: Decisions,
        *,
        below: float,
        by: str,
    ) -> None:
        self._deidentifier = deidentifier
        self._decisions = decisions
        self._below = below
        self._by = by
        self._doubts = self._drawn(reports)
        self._again: deque[_Doubt] = deque()
        self._answered: list[tuple[_Doubt, Verdict]] = []
        self._now: _Doubt | None = None
        self.answers: Counter[Verdict] = Counter()
        self.question: Question | None = None
        self._next()

    def answer(self, verdict: Verdict) -> None:
        """Keep the answer to the question and go on to the next.

        Raises:
            StoreError: it cannot be kept.
        """
        if self._now is None:
            return
        self._keep(self._now, verdict, hide=verdict in {"hide", "always"})
        self._answered.append((self._now, verdict))
        self.answers[verdict] += 1
        self._next()

    def undo(self) -> bool:
        """Take the last answer back and ask again; False where none was given."""
        if not self._answered:
            return False
        doubt, verdict = self._answered.pop()
        self._keep(doubt, verdict, hide=None)
        self.answers[verdict] -= 1
        self._again.extendleft([one for one in (self._now, doubt) if one is not None])
        self._next()
        return True

    def _keep(self, doubt: _Doubt, verdict: Verdict, *, hide: bool | None) -> None:
        _, report, text, _ = doubt.reviewed
        if verdict in {"always", "never"}:
            words = text[doubt.span.start : doubt.span.end]
            self._decisions.decide_word(words, doubt.span.label, hide, by=self._by)
        else:
            self._decisions.decide(report, text, doubt.span, hide, by=self._by)

    def _next(self) -> None:
        while True:
            self._now = self._again.popleft() if self._again else next(self._doubts, None)
            if self._now is None:
                self.question = None
                return
            reviewed = self._now.reviewed
            if self._decisions.of(reviewed.report, reviewed.text, self._now.span) is None:
                self.question = _question(self._now)
                return

    def _drawn(self, reports: Iterable[Reviewed]) -> Iterator[_Doubt]:
        for one in reports:
            for span, others in self._deidentifier.doubts(one.text, below=self._below, known=one.known):
                yield _Doubt(one, span, others)


def _question(doubt: _Doubt) -> Question:
    """The span in its sentence; of a long one what stands near."""
    text, (start, end) = doubt.reviewed.text, (doubt.span.start, doubt.span.end)
    begin = max([text.rfind(sign, 0, start) + 1 for sign in _ENDS] + [start - _AROUND, 0])
    ends = [place for sign in _ENDS if (place := text.find(sign, end)) >= 0]
    last = min([place + 1 for place in ends] + [end + _AROUND, len(text)])
    return Question(
        row=doubt.reviewed.row,
        kind=doubt.span.label,
        score=doubt.span.score,
        others=doubt.others,
        before=text[begin:start].lstrip(),
        found=text[start:end],
        after=text[end:last].rstrip(),
    )
