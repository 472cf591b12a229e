"""Checks: labels that are likely wrong, and equal findings under different labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from bert4text.auditing.checks import Context
from bert4text.auditing.confident import doubts, surest
from bert4text.auditing.crossfit import Sample
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Evidence, Issue
from bert4text.evaluation.intervals import wilson

CHECK = "label-noise"
SUREST = 0.3
"""Share of the reports, those the reader is surest of, by which wrong labels are counted."""
CERTAIN = 0.96
"""Probability from which the reader is not only surer than elsewhere, but sure."""
WARNING, MANY = 0.02, 0.10
"""Share that it contradicts where it is sure, and of the surest, at the lower end, for that to be a warning.

Four or five classes of which each resembles its neighbours make a reader err in up to 8 % of the surest of
clean reports, at the lower end, but hardly where it is sure (``benchmarks/audit``).
"""
SAME_WARNING = 0.04
"""Share of the reports whose findings stand under another label too, from which that is a warning."""
LEAST_OF_LABEL = 20
"""Reports that a label must have for the reader to be believed when it is confident of it."""
LEAST_FINDINGS = 0.3
"""Share of the reports that must have a section of findings for equal findings to be looked for."""
PAIRS, LEAST_PAIR = 8, 3
"""Pairs of given and doubted label that are told, and in how many reports each must stand."""
_DIGITS = str.maketrans("0123456789", "##########")


def check_label_noise(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Rank the labels that a reader who has not seen them contradicts with confidence.

    The reader is TF-IDF and logistic regression, out of fold; doubt is measured by confident learning. It
    is suspicion, not proof: the reader may be the one who errs. Reports of several labels are not judged.
    """
    sample = context.sample
    if sample.usable and not sample.several:
        yield from _doubted(sample, context)
    yield from _same_findings(context)


def _doubted(sample: Sample, context: Context) -> Iterator[Issue]:
    given = sample.labels.argmax(axis=1).astype(np.int64)
    found = doubts(given, sample.unseen, least=LEAST_OF_LABEL)
    worst = found.worst_first()
    if not len(worst):
        return
    pairs = Counter(zip(given[worst].tolist(), found.instead[worst].tolist(), strict=True))
    bearing = np.bincount(given, minlength=len(sample.names))
    wrong, sure = surest(given, sample.unseen, share=SUREST)
    low, high = wilson(wrong, sure) or (0.0, 1.0)
    certain = wilson(*surest(given, sample.unseen, share=SUREST, least=CERTAIN)) or (0.0, 1.0)
    yield Issue(
        check=CHECK,
        severity="warning" if certain[0] >= WARNING or low >= MANY else "info",
        code="doubted-labels",
        message="labels that a simple reader, who has not seen them, contradicts with confidence: {count} "
        "of {total}, while it agrees with {agreement} of all; share that it contradicts of those it is "
        "surest of: {rate} (from {low} to {high}); if so many labels are wrong, no accuracy above {ceiling} "
        "can be measured",
        values={
            "count": len(worst),
            "total": len(sample),
            "agreement": round(float((sample.unseen.argmax(axis=1) == given).mean()), 3),
            "rate": round(wrong / sure, 3),
            "low": round(low, 3),
            "high": round(high, 3),
            "ceiling": round(1 - wrong / sure, 3),
        },
        reports=len(worst),
        rows=_rows(sample.places[worst], context),
        evidence=tuple(
            _pair(sample.names[label], sample.names[other], count, int(bearing[label]))
            for (label, other), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
            if count >= LEAST_PAIR
        ),
    )


def _pair(label: str, other: str, count: int, bearing: int) -> Evidence:
    low, high = wilson(count, bearing) or (0.0, 1.0)
    return Evidence(
        term=label,
        label=other,
        reports=count,
        precision=round(count / bearing, 4),
        low=round(low, 4),
        high=round(high, 4),
        kind="doubted",
    )


def _same_findings(context: Context) -> Iterator[Issue]:
    """Findings that are word for word the same, numbers aside, under different labels."""
    reading = context.reading
    by_findings: dict[str, list[int]] = defaultdict(list)
    for place, sections in enumerate(reading.sections):
        parts = [reading.folded[place][one.body : one.end] for one in sections if one.name == "findings"]
        key = " ".join(" ".join(parts).translate(_DIGITS).split())
        if key:
            by_findings[key].append(place)
    total = sum(len(places) for places in by_findings.values())
    if total < LEAST_FINDINGS * max(1, len(reading)):
        return
    torn = [
        place
        for places in by_findings.values()
        if len({tuple(reading.labels[place]) for place in places}) > 1
        for place in places
    ]
    if torn:
        yield Issue(
            check=CHECK,
            severity="warning" if len(torn) >= SAME_WARNING * total else "info",
            code="same-findings",
            message="reports whose findings stand, word for word, under another label too: "
            "{count} of {total}",
            values={"count": len(torn), "total": total},
            reports=len(torn),
            rows=_rows(np.asarray(sorted(torn), dtype=np.int64), context),
        )


def _rows(places: np.ndarray[tuple[int], np.dtype[np.int64]], context: Context) -> tuple[int, ...]:
    sources = context.reading.source_rows
    found = (sources[place] for place in places.tolist())
    return tuple(row for row, _ in zip((row for row in found if row is not None), range(20), strict=False))
