"""De-identify reports: find identifiers and replace them as a policy says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bert4text.core.fold import fold, phrases
from bert4text.core.span import Span
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.decisions import Decisions
from bert4text.privacy.detect import DETECTORS, Detector, merge, seen
from bert4text.privacy.kinds import PERSONS, tag
from bert4text.privacy.known import Known
from bert4text.privacy.policy import load_policy
from bert4text.privacy.reading import Reading
from bert4text.privacy.replace import Replaced, Replacer


class Deidentifier:
    """Finds the identifiers of reports and replaces them.

    De-identified is what it leaves; that it is anonymous in the sense of a law it never says.

    Args:
        config: settings.
        language: of the reports (``pt-BR``, ``es``, ``en``), or None where it is not known.
        key: of the project; needed where the policy moves dates or writes codes.
        detectors: further ones, such as a recognizer of names: they read a report once, as it was written.
        decisions: what persons decided of doubtful spans.

    Raises:
        ConfigError: no such policy, kind, action or detector.
    """

    def __init__(
        self,
        config: DeidentifyConfig,
        *,
        language: str | None = None,
        key: bytes | None = None,
        detectors: Iterable[Detector] = (),
        decisions: Decisions | None = None,
    ) -> None:
        self.policy = load_policy(config.policy, changes=config.actions)
        self.language = language
        names = DETECTORS.names() if config.detectors is None else config.detectors
        self._rules = [DETECTORS.get(name) for name in names]
        if config.also:
            self._rules.append(_Listed(config.also))
        self._decisions = decisions
        if decisions is not None:
            self._rules.append(decisions.find)
        self._further = tuple(detectors)
        self._keep = frozenset(_plain(word) for word in config.keep)
        self._replacer = Replacer(self.policy, language=language, key=key, weeks=config.weeks)

    def find(self, text: str, *, report: str = "", known: Known | None = None) -> list[Span]:
        """The identifiers of a report, in order, none overlapping another.

        Args:
            text: the report.
            report: its id, under which decisions are known.
            known: finds what is known of this report alone.
        """
        return self._undecided(text, self._seen(text, known), report)

    def _undecided(self, text: str, found: list[Span], report: str = "") -> list[Span]:
        """What detectors saw as one, but for what somebody decided to leave."""
        spans, decided = self._merged(text, found), self._decisions
        return [one for one in spans if decided is None or not decided.kept(report, text, one)]

    def doubts(
        self, text: str, *, below: float, known: Known | None = None
    ) -> Iterator[tuple[Span, tuple[str, ...]]]:
        """The spans that a person should look at, and what else each was taken for.

        In doubt are those less sure than a score, and those that detectors take for different things, but for
        what the policy leaves as it is.

        Args:
            text: the report.
            below: the score.
            known: finds what is known of this report alone.
        """
        seen = self._seen(text, known)
        for span in self._merged(text, seen):
            near = (one.label for one in seen if one.start < span.end and span.start < one.end)
            others = tuple(sorted({label for label in near if _differs(label, span.label)}))
            if (span.score < below or others) and self.policy.actions[span.label] not in {"keep", "cap"}:
                yield span, others

    def _seen(self, text: str, known: Known | None) -> list[Span]:
        detectors: list[Detector] = [*self._rules, *self._further, *([] if known is None else [known])]
        return seen(Reading(text, self.language), detectors)

    def _merged(self, text: str, found: list[Span]) -> list[Span]:
        spans = merge(text, found)
        return [span for span in spans if _plain(text[span.start : span.end]) not in self._keep]

    def __call__(
        self,
        text: str,
        *,
        subject: str = "",
        written_at: datetime | None = None,
        report: str = "",
        lead: str = "",
        known: Known | None = None,
    ) -> Replaced:
        """De-identify one report.

        Args:
            text: the report.
            subject: the patient, or the report's id where nobody knows the patient.
            written_at: when it was written; else the latest year that it tells stands for it.
            report: its id, under which decisions are known.
            lead: what stands before it and is no part of it, such as the name of its column as a field.
            known: finds what is known of this report alone.
        """
        found = self._merged(lead + text, self._seen(lead + text, known))
        decided = self._decisions
        kept = [one for one in found if decided is not None and decided.kept(report, lead + text, one)]
        spans = _behind([one for one in found if one not in kept], len(lead))
        year = written_at.year if written_at else _latest(text) or datetime.now(UTC).year
        replaced = self._replacer(text, spans, subject=subject, year=year)
        stays = frozenset(_plain((lead + text)[one.start : one.end]) for one in kept)
        return replaced._replace(kept=stays)

    def whole(self, kind: str, value: str, *, subject: str, year: int | None = None) -> str:
        """What stands for a value that is an identifier from its first sign to its last.

        Args:
            kind: of identifier.
            value: the identifier.
            subject: as of the report.
            year: what a date without a year is taken to be of; this one if not given.
        """
        span = Span(start=0, end=len(value), label=kind)
        year = year or datetime.now(UTC).year
        return self._replacer(value, [span], subject=subject, year=year).text

    def tag(self, kind: str) -> str:
        """What names a kind in the language of the reports: ``[DATA]``."""
        return tag(kind, self.language)

    def moment(self, written_at: datetime | None, *, subject: str, kind: str = "date") -> datetime | None:
        """When a report was written, as the policy has it for dates: moved, its year, as it is, or None.

        Args:
            written_at: when, or None where nobody knows.
            subject: as of the report.
            kind: ``date`` or ``birth-date``.
        """
        return self._replacer.moment(written_at, subject=subject, kind=kind)

    def left(self, replaced: Replaced) -> Counter[str]:
        """What is still found in a report whose identifiers are replaced, by kind; what was put in is none.

        Rules look, of which each finding can be told from its words. What else there is has read the report
        as it was written: tags are no text that it learned from, and what it takes beside them is nobody's.

        Args:
            replaced: the report.
        """
        counts: Counter[str] = Counter()
        text = replaced.text
        for span in self._undecided(text, seen(Reading(text, self.language), self._rules)):
            ours = any(put.start < span.end and span.start < put.end for put in replaced.spans)
            decided = _plain(text[span.start : span.end]) in replaced.kept
            if not (ours or decided) and self.policy.actions[span.label] not in {"keep", "cap"}:
                counts[span.label] += 1
        return counts


_GENERAL = PERSONS | {"number"}
"""Kinds that others are a finer word for: in that there is no doubt."""


def _differs(one: str, other: str) -> bool:
    """Whether two kinds are different things, and not one of them the finer word for the other."""
    return one != other and one not in _GENERAL and other not in _GENERAL


class _Listed:
    """Finds words that somebody listed."""

    def __init__(self, words: Iterable[str]) -> None:
        self._pattern = re.compile(phrases(_plain(word) for word in words))

    def __call__(self, reading: Reading) -> Iterator[Span]:
        for found in self._pattern.finditer(reading.folded):
            yield Span(start=found.start(), end=found.end(), label="organisation", score=1.0, source="listed")


def _behind(spans: Iterable[Span], length: int) -> list[Span]:
    """Spans of what stands behind a lead, in its own places."""
    return (
        [
            span.model_copy(update={"start": max(0, span.start - length), "end": span.end - length})
            for span in spans
            if span.end > length
        ]
        if length
        else [*spans]
    )


def _plain(words: str) -> str:
    """Words in lower case, without accents, one space between."""
    return " ".join(fold(words).split())


_YEAR = re.compile(r"(?:19|20)(?<!\d\d\d)\d\d(?!\d)")


def _latest(text: str) -> int | None:
    """The latest year that a report tells, this one at most."""
    told = [int(year) for year in _YEAR.findall(text) if int(year) <= datetime.now(UTC).year]
    return max(told, default=None)
