"""Check: does one template make up most of a class, so that fewer reports of it differ than it seems?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from bert4text.auditing.checks import Context
from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold
from bert4text.core.issue import Issue
from bert4text.data.near_duplicates import Words, jaccard, near_duplicates, shingle_sets

CHECK = "templates"
MOST = 0.5
"""Share of the reports of a class that must follow one template."""
LEAST = 20
"""Reports of a class that must follow it."""
ALIKE = 0.6
"""How much of its phrases of three words a report must share with the template: a few slots may differ.

In 2,600 real mammography reports, many of them written from templates, no report has so much in common
with more than a sixth of its class.
"""
_TRIED = 3  # reports tried as the template, the likeliest first
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


def check_templates(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Look in each class for a report that over half of the others follow, numbers aside."""
    reading = context.reading
    skeletons = [skeleton(text) for text in reading.texts]
    sets = shingle_sets(skeletons)
    for label, name in enumerate(reading.names):
        own = [i for i in np.flatnonzero(reading.labels[:, label]).tolist() if len(sets[i])]
        follows = _followers([sets[i] for i in own]) if len(own) >= LEAST else np.zeros(len(own), np.bool_)
        count = int(follows.sum())
        if count < LEAST or count <= MOST * len(own):
            continue
        others = [skeletons[i] for i, here in zip(own, follows.tolist(), strict=True) if not here]
        hit = np.zeros(len(reading), np.bool_)
        hit[[i for i, here in zip(own, follows.tolist(), strict=True) if here]] = True
        yield Issue(
            check=CHECK,
            severity="warning",
            code="template-of-class",
            message="reports of the class {label} that follow one template, numbers aside: {count} of "
            "{total}; counting what is alike once, different reports: {distinct}",
            values={
                "label": name,
                "count": count,
                "total": len(own),
                "share": round(count / len(own), 3),
                "distinct": 1 + _distinct(others, threshold=context.config.similarity, seed=context.seed),
            },
            reports=count,
            rows=reading.cite(hit),
        )


def skeleton(text: str) -> str:
    """A text without what tells reports of one template apart: case, accents and numbers."""
    return _DIGITS.sub("0", fold(text))


def _followers(sets: Sequence[Words]) -> npt.NDArray[np.bool_]:
    """Whether each report follows the report that most follow.

    The template is sought among those whose phrases are the most common: the phrases a report shares
    with all others are the sum of the counts of its own, so this takes one pass.
    """
    shingles, counts = np.unique(np.concatenate(sets), return_counts=True)
    shared = np.asarray([counts[np.searchsorted(shingles, own)].sum() for own in sets], dtype=np.float64)
    sizes = np.asarray([len(own) for own in sets], dtype=np.float64)
    mean = shared / len(sets)
    likeness = mean / (sizes + sizes.mean() - mean)
    best = np.zeros(len(sets), dtype=np.bool_)
    for place in np.argsort(-likeness, kind="stable")[:_TRIED].tolist():
        follows = np.asarray([jaccard(sets[place], own) >= ALIKE for own in sets])
        if follows.sum() > best.sum():
            best = follows
    return best


def _distinct(texts: Sequence[str], *, threshold: float, seed: int) -> int:
    """How many of the texts remain when near duplicates count once."""
    home = list(range(len(texts)))

    def root(place: int) -> int:
        while home[place] != place:
            home[place] = home[home[place]]
            place = home[place]
        return place

    for i, j, _ in near_duplicates(texts, threshold=threshold, seed=seed):
        home[root(i)] = root(j)
    return len({root(place) for place in range(len(texts))})
