"""De-identify reports: find identifiers and replace them as a policy says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bert4text.core.fold import fold, phrases
from bert4text.core.span import Span
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.detect import DETECTORS, Detector, detect
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
        detectors: further ones, such as a recognizer of names.

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
    ) -> None:
        self.policy = load_policy(config.policy, changes=config.actions)
        self.language = language
        names = DETECTORS.names() if config.detectors is None else config.detectors
        self._detectors = [*(DETECTORS.get(name) for name in names), *detectors]
        if config.also:
            self._detectors.append(_Listed(config.also))
        self._keep = frozenset(_plain(word) for word in config.keep)
        self._replacer = Replacer(self.policy, language=language, key=key, weeks=config.weeks)

    def find(self, text: str) -> list[Span]:
        """The identifiers of a report, in order, none overlapping another.

        Args:
            text: the report.
        """
        spans = detect(Reading(text, self.language), self._detectors)
        return [span for span in spans if _plain(text[span.start : span.end]) not in self._keep]

    def __call__(self, text: str, *, subject: str = "", written_at: datetime | None = None) -> Replaced:
        """De-identify one report.

        Args:
            text: the report.
            subject: the patient, or the report's id where nobody knows the patient.
            written_at: when it was written; else the latest year that it tells stands for it.
        """
        spans = self.find(text)
        year = written_at.year if written_at else _latest(text) or datetime.now(UTC).year
        return self._replacer(text, spans, subject=subject, year=year)

    def moment(self, written_at: datetime | None, *, subject: str) -> datetime | None:
        """When a report was written, as the policy has it for dates: moved, its year, as it is, or None.

        Args:
            written_at: when, or None where nobody knows.
            subject: as of the report.
        """
        return self._replacer.moment(written_at, subject=subject)

    def left(self, replaced: Replaced) -> Counter[str]:
        """What is still found in a report whose identifiers are replaced, by kind; what was put in is none.

        Args:
            replaced: the report.
        """
        counts: Counter[str] = Counter()
        for span in self.find(replaced.text):
            ours = any(put.start < span.end and span.start < put.end for put in replaced.spans)
            if not ours and self.policy.actions[span.label] not in {"keep", "cap"}:
                counts[span.label] += 1
        return counts


class _Listed:
    """Finds words that somebody listed."""

    def __init__(self, words: Iterable[str]) -> None:
        self._pattern = re.compile(phrases(_plain(word) for word in words))

    def __call__(self, reading: Reading) -> Iterator[Span]:
        for found in self._pattern.finditer(reading.folded):
            yield Span(start=found.start(), end=found.end(), label="organisation", score=1.0, source="listed")


def _plain(words: str) -> str:
    """Words in lower case, without accents, one space between."""
    return " ".join(fold(words).split())


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def _latest(text: str) -> int | None:
    """The latest year that a report tells, this one at most."""
    told = [int(year) for year in _YEAR.findall(text) if int(year) <= datetime.now(UTC).year]
    return max(told, default=None)
