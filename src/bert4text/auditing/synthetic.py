"""Check: are synthetic reports where only real ones may be?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bert4text.auditing.checks import Context
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue

CHECK = "synthetic"


def check_synthetic(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether figures would be measured on synthetic reports; an all-synthetic corpus says so."""
    origins, splits = corpus.table["origin"].to_pylist(), corpus.table["split"].to_pylist()
    made = [origin != "real" for origin in origins]
    if not any(made):
        return
    if all(made):
        yield Issue(
            check=CHECK,
            severity="info",
            code="all-synthetic",
            message="all reports are synthetic ({count}): figures say nothing about real reports",
            values={"count": len(corpus)},
            reports=len(corpus),
        )
        return
    wrong = Counter(
        split for split, here in zip(splits, made, strict=True) if here and split not in (None, "train")
    )
    if wrong:
        hit = [here and split not in (None, "train") for split, here in zip(splits, made, strict=True)]
        sources = corpus.table["source_row"].to_pylist()
        rows = [row for row, here in zip(sources, hit, strict=True) if here and row is not None]
        yield Issue(
            check=CHECK,
            severity="error",
            code="synthetic-held-out",
            message="synthetic reports in {splits}: {count}; only real ones can be measured on there",
            values={"count": sum(hit), "splits": sorted(wrong)},
            reports=sum(hit),
            rows=tuple(rows[:20]),
        )
    else:
        yield Issue(
            check=CHECK,
            severity="info",
            code="partly-synthetic",
            message="synthetic reports: {count} of {total}, all of them to learn from",
            values={"count": sum(made), "total": len(corpus)},
            reports=sum(made),
        )
