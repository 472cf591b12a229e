"""Changed copies of reports, as who makes them gives them to who learns from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bert4text.core.messages import N_, Translator
from bert4text.core.report import Report


@dataclass(frozen=True)
class Copied:
    """Changed copies of some reports.

    Attributes:
        texts: of each report, in order; none of one that has no copy.
        made: perturbation -> how many copies it made, those that made none among them.
    """

    texts: tuple[tuple[str, ...], ...] = field(repr=False)
    made: Mapping[str, int]

    def told(self) -> dict[str, Any]:
        """As a manifest keeps it: counts alone."""
        return {
            "reports": sum(bool(copies) for copies in self.texts),
            "of": len(self.texts),
            "copies": sum(map(len, self.texts)),
            "perturbations": dict(self.made),
        }


Copier = Callable[[Sequence[Report]], Copied]
"""Makes changed copies of reports; the same reports give the same copies."""
NOTE = "augmentation"
"""Where the manifest of a model keeps what ``Copied.told`` says."""


def practiced(notes: Mapping[str, Any]) -> tuple[str, ...]:
    """The perturbations that a model has seen while it learned, by the notes of its manifest."""
    made: Mapping[str, int] = (notes.get(NOTE) or {}).get("perturbations", {})
    return tuple(name for name, count in made.items() if count)


def copies_said(notes: Mapping[str, Any], translator: Translator) -> str | None:
    """How many copies of which perturbation a model has learned from; None where there were none.

    Args:
        notes: of its manifest.
        translator: the language.
    """
    told = notes.get(NOTE)
    if told is None:
        return None
    _ = translator
    each = (f"{name} {_.integer(count)}" for name, count in told["perturbations"].items())
    own = N_("{copies} changed copies of {reports} of {of} training reports: {perturbations}")
    taught = N_("of its teacher: {copies} changed copies of {reports} of {of} reports: {perturbations}")
    return _(
        taught if told.get("by") == "teacher" else own,
        copies=_.integer(told["copies"]),
        reports=_.integer(told["reports"]),
        of=_.integer(told["of"]),
        perturbations=", ".join(each),
    )
