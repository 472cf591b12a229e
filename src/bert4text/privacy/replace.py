"""Replace identifiers, each as the policy says for its kind."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from bert4text.core.fold import fold
from bert4text.core.span import Span
from bert4text.privacy.ages import years
from bert4text.privacy.kinds import tag
from bert4text.privacy.policy import Action, Policy
from bert4text.privacy.shift import shifted, weeks_of, year_of
from bert4text.privacy.surrogates import surrogate

OLDEST = 89
"""The highest age that may be told: 45 CFR 164.514(b)(2)(i)(C)."""


class Replaced(NamedTuple):
    """A report whose identifiers are replaced.

    Attributes:
        text: the report.
        spans: where what was put in stands in it, labelled with the kind.
        counts: kind -> how many were replaced.
        kept: words, folded, that somebody decided to leave.
    """

    text: str
    spans: tuple[Span, ...]
    counts: Counter[str]
    kept: frozenset[str] = frozenset()


class Replacer:
    """Puts something else in the place of identifiers.

    Args:
        policy: what is done with each kind.
        language: of the reports; of the tags.
        key: of the project; needed where the policy is keyed.
        weeks: by how many at most dates move.
    """

    def __init__(
        self, policy: Policy, *, language: str | None = None, key: bytes | None = None, weeks: int = 52
    ) -> None:
        self.policy = policy
        self.language = language
        self.weeks = weeks
        self._key = key

    def __call__(self, text: str, spans: Sequence[Span], *, subject: str, year: int) -> Replaced:
        """Replace the spans of one report.

        Args:
            text: the report.
            spans: its identifiers, in order, none overlapping another.
            subject: the patient, or the report where nobody knows the patient: whose dates move together.
            year: when it was written: what a date without a year is taken to be of.
        """
        pieces: list[str] = []
        kept: list[Span] = []
        counts: Counter[str] = Counter()
        here = length = 0
        for span in spans:
            old = text[span.start : span.end]
            action = self.policy.actions[span.label]
            new = self._instead(action, span.label, old, subject=subject, year=year)
            if action in {"keep", "cap"} and new == old:
                continue
            pieces += [text[here : span.start], new]
            length += span.start - here
            kept.append(span.model_copy(update={"start": length, "end": length + len(new)}))
            length += len(new)
            here = span.end
            counts[span.label] += 1
        return Replaced("".join([*pieces, text[here:]]), tuple(kept), counts)

    def moment(self, written_at: datetime | None, *, subject: str, kind: str = "date") -> datetime | None:
        """A moment as dates are treated: moved as those of the text, its year alone, kept, or None."""
        action = self.policy.actions[kind]
        if written_at is None or action == "keep":
            return written_at
        if action == "year":
            return datetime(written_at.year, 1, 1, tzinfo=UTC)
        if action == "shift" and self._key is not None:
            return written_at + timedelta(weeks=weeks_of(self._key, subject, at_most=self.weeks))
        return None

    def _instead(self, action: Action, kind: str, old: str, *, subject: str, year: int) -> str:
        if action == "keep":
            return old
        if action == "mask":
            return "".join("*" if sign.isalnum() else sign for sign in old)
        if action == "hash" and self._key is not None:
            return f"{tag(kind, self.language)[:-1]} {_code(self._key, kind, old)}]"
        if action == "surrogate" and self._key is not None:
            return surrogate(kind, old, key=self._key, subject=subject, language=self.language)
        return self._date_or_age(action, kind, old, subject=subject, year=year) or tag(kind, self.language)

    def _date_or_age(self, action: Action, kind: str, old: str, *, subject: str, year: int) -> str | None:
        """What stands for a date or an age; None where it has to go."""
        if action == "cap":
            return old if years(fold(old)) <= OLDEST else f"{OLDEST + 1}+"
        if action == "year":
            told = year_of(old)
            tells = told is not None and not (kind == "birth-date" and year - told > OLDEST)
            return str(told) if tells else None
        if action == "shift" and self._key is not None:
            return shifted(old, weeks_of(self._key, subject, at_most=self.weeks), year=year)
        return None


def _code(key: bytes, kind: str, old: str) -> str:
    """Eight hex of a keyed hash of the letters and digits: the same identifier, the same code."""
    plain = "".join(sign for sign in fold(old) if sign.isalnum())
    return hmac.new(key, f"{kind}:{plain}".encode(), sha256).hexdigest()[:8]
