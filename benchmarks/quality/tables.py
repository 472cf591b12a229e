"""The figures of every system on a set, each beside TF-IDF's on the same resamples, and their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.quality.answers import Answers, Bools
from benchmarks.quality.figures import FREQUENT, Floats, figures, resampled

RIVAL = "tfidf"
"""What the others are set against."""

DELIVERED = "delivered"
COMPARED = ("macro-F1", FREQUENT, "recall of 4 to 6")


@dataclass(frozen=True)
class Kept:
    """Answers of a system to all reports of a set.

    Attributes:
        name: of the set.
        size: reports that it learned from, where that was cut.
        names: the labels.
        system: its name.
        truth: bool [n, k], fold after fold.
        answers: seed -> those of each fold.
        often: bool [k], which labels are frequent in the whole set; None where these folds are all of it.
    """

    name: str
    size: int | None
    names: tuple[str, ...]
    system: str
    truth: Bools
    answers: Mapping[int, Sequence[Answers]]
    often: Bools | None = None

    @property
    def variants(self) -> list[str]:
        """Which of its answers every fold and seed has: what it delivers, and its parts."""
        found = [set(fold.decided) for folds in self.answers.values() for fold in folds]
        parts = set.intersection(*found) - {DELIVERED}
        return [DELIVERED, *sorted(parts)] if len(parts) > 1 else [DELIVERED]

    def decided(self, variant: str) -> list[Bools]:
        """What was decided with each seed, bool [n, k]."""
        return [
            np.concatenate([fold.held(variant, len(self.names)) for fold in folds])
            for folds in self.answers.values()
        ]


def judged(kept: Kept, beside: Kept | None, *, resamples: int) -> dict[str, Any]:
    """The figures of a system on a set: means over seeds, each with the interval of resampled reports.

    Args:
        kept: its answers.
        beside: TF-IDF's, which the figures are set against; None where there are none.
        resamples: how often reports are drawn again.
    """
    weights = resampled(len(kept.truth), resamples)
    facts = [fold.facts for folds in kept.answers.values() for fold in folds]
    rival = None if beside is None else _values(beside, DELIVERED, weights)
    answers: dict[str, Any] = {}
    for variant in kept.variants:
        answers[variant] = {}
        for name, values in _values(kept, variant, weights).items():
            told: dict[str, Any] = {**told_of(values.mean(axis=0))}
            if len(values) > 1:
                told["seeds"] = [round(float(value), 4) for value in values[:, 0]]
            if rival is not None and name in COMPARED:
                told["more"] = told_of(values.mean(axis=0) - rival[name].mean(axis=0))
            answers[variant][name] = told
    return {
        "set": kept.name,
        "size": kept.size,
        "system": kept.system,
        "seeds": list(kept.answers),
        "reports": len(kept.truth),
        "started": min(fold.started for folds in kept.answers.values() for fold in folds)[:10],
        "delivered": sorted({fact.get("delivered", kept.system) for fact in facts}),
        "answers": answers,
    }


def shown(found: Sequence[dict[str, Any]], *, parts: bool = True) -> str:
    """The tables, Markdown.

    Args:
        found: what ``judged`` told.
        parts: whether to show what a system did not deliver too.
    """
    lines: list[str] = []
    for name, size in dict.fromkeys((one["set"], one["size"]) for one in found):
        rows = [one for one in found if (one["set"], one["size"]) == (name, size)]
        columns = list(rows[0]["answers"][DELIVERED])
        learned = "" if size is None else f"learned from {size:,} reports, "
        lines += [f"**{name}: {learned}{rows[0]['reports']:,} answered**", ""]
        lines += [f"| system | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
        for row in rows:
            for variant, told in row["answers"].items():
                if variant == DELIVERED or parts:
                    cells = " | ".join(cell(told[column]) for column in columns)
                    lines.append(f"| {_title(row, variant)} | {cells} |")
        lines.append("")
    return "\n".join(lines)


def _values(kept: Kept, variant: str, weights: Floats) -> dict[str, Floats]:
    """Figure -> its value with each seed and row of weights, [seeds, m]."""
    asked = figures(kept.truth, kept.names, kept.often)
    decided = kept.decided(variant)
    return {
        name: np.stack([figure(kept.truth, one, weights) for one in decided])
        for name, figure in asked.items()
    }


def told_of(values: Floats) -> dict[str, float]:
    """A figure of all reports, the first, with the interval of the resamples, the others."""
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return {"value": round(float(values[0]), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _title(row: dict[str, Any], variant: str) -> str:
    kind = "draws" if row.get("draws") else "seeds"
    seeds = f" ({len(row['seeds'])} {kind})" if len(row["seeds"]) > 1 else ""
    return f"{row['system']}{seeds}" if variant == DELIVERED else f"— {variant}"


def cell(figure: Mapping[str, Any]) -> str:
    """A figure as a table shows it: with its interval, and what it has more than another's."""
    found = f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
    more = figure.get("more")
    if more is None or not any(more.values()):
        return found
    return f"{found}; {more['value']:+.3f} ({more['low']:+.3f} to {more['high']:+.3f})"
