"""Check: what windows of 128, 256 and 512 tokens would cut from each class, and whether it matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from bert4text.auditing.checks import Context
from bert4text.auditing.crossfit import Sample
from bert4text.auditing.window import token_lengths
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Evidence, Issue
from bert4text.evaluation.intervals import wilson

CHECK = "tail"
WINDOWS = (128, 256, 512)
"""Tokens that encoders, or users in a hurry, let a report have."""
NOTABLE = 0.05
"""Share of reports longer than a window from which cutting there is tried."""

Floats = npt.NDArray[np.float64]


def check_tails(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Cut the reports at each window, and let a simple reader tell what is lost.

    BERT4Text reads long reports in overlapping windows and cuts nothing unless it is told to; programs that
    read one window do.
    """
    sample = context.sample
    if not len(sample):
        return
    tokens = token_lengths(sample.texts, context)
    for window in WINDOWS:
        longer = tokens > window
        if longer.mean() >= NOTABLE:
            yield _cut(sample, tokens, window)
            if sample.usable:
                yield from _lost(sample, tokens, window, own=window == context.window)


def _cut(sample: Sample, tokens: Floats, window: int) -> Issue:
    longer = tokens > window
    evidence = []
    for k, name in enumerate(sample.names):
        bearing = sample.labels[:, k]
        n, hit = int(bearing.sum()), int((bearing & longer).sum())
        if n:
            low, high = wilson(hit, n) or (0.0, 1.0)
            evidence.append(
                Evidence(
                    term=name, label=None, reports=hit, precision=round(hit / n, 4),
                    low=round(low, 4), high=round(high, 4), kind=f"beyond-{window}",
                )
            )  # fmt: skip
    beyond = float((tokens - window)[longer].sum() / tokens.sum())
    return Issue(
        check=CHECK,
        severity="info",
        code=f"beyond-{window}",
        message="reports longer than {window} tokens: {count} of {total}, with {beyond} of all tokens beyond",
        values={
            "window": window,
            "count": int(longer.sum()),
            "total": len(sample),
            "beyond": round(beyond, 3),
        },
        reports=int(longer.sum()),
        evidence=tuple(evidence),
    )


def _lost(sample: Sample, tokens: Floats, window: int, *, own: bool) -> Iterator[Issue]:
    heads = [_head(text, window / count) for text, count in zip(sample.texts, tokens, strict=True)]
    figures, differences = sample.compared({"whole": sample.unseen, "head": sample.answers(heads)})
    difference = differences["head"]
    if difference.low is None or difference.high is None:
        return
    matters = difference.low > 0
    yield Issue(
        check=CHECK,
        severity="warning" if matters and own else "info",
        code=f"tail-{'matters' if matters else 'not-shown-to-matter'}-{window}",
        message="cut at {window} tokens, a simple reader loses {difference} of macro-F1 "
        "(from {low} to {high}): read long reports in windows"
        if matters
        else "cut at {window} tokens, a simple reader is not shown to lose anything: "
        "{difference} of macro-F1 (from {low} to {high})",
        values={
            "window": window,
            "difference": difference.difference,
            "low": difference.low,
            "high": difference.high,
            "whole": figures["whole"].value,
            "head": figures["head"].value,
        },
        reports=len(sample),
    )


def _head(text: str, share: float) -> str:
    """The first words of a text, as many as fit when its tokens are spread evenly over them."""
    if share >= 1:
        return text
    words = text.split()
    return " ".join(words[: max(1, int(len(words) * share))])
