"""Check: how much of each report lies beyond what the encoder reads at once?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bert4text.auditing.checks import Context
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Evidence, Issue
from bert4text.evaluation.intervals import wilson

CHECK = "window"
WARNING = 0.05
"""Share of reports longer than the window from which it is a warning."""
_TOKENS_A_WORD = 1.5
"""What a word is taken for where no tokenizer is at hand."""


def check_window(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Count reports longer than the encoder's window, and for each class what lies beyond."""
    reading = context.reading
    if len(reading) == 0:
        return
    tokens = token_lengths(reading.texts, context)
    longer = tokens > context.window
    if not longer.any():
        return
    evidence = []
    for i, name in enumerate(reading.names):
        own = reading.labels[:, i]
        if own.any():
            n, hit = int(own.sum()), int((own & longer).sum())
            low, high = wilson(hit, n) or (0.0, 1.0)
            evidence.append(
                Evidence(
                    term=name, label=name, reports=hit, precision=round(hit / n, 4),
                    low=round(low, 4), high=round(high, 4), kind="beyond-window",
                )
            )  # fmt: skip
    beyond = float((tokens - context.window)[longer].sum() / tokens.sum())
    yield Issue(
        check=CHECK,
        severity="warning" if longer.mean() >= WARNING else "info",
        code="longer-than-window" if context.lengths else "longer-than-window-estimated",
        message="reports longer than the {window} tokens the encoder reads at once: {count} of {total}; "
        "the longest has {longest}; share of all tokens beyond: {beyond}"
        if context.lengths
        else "reports longer than the {window} tokens the encoder reads at once, by their words: "
        "about {count} of {total}; the longest has about {longest}; share of all tokens beyond: {beyond}",
        values={
            "count": int(longer.sum()),
            "total": len(reading),
            "window": context.window,
            "longest": int(tokens.max()),
            "beyond": round(beyond, 3),
        },
        reports=int(longer.sum()),
        rows=reading.cite(longer),
        evidence=tuple(evidence),
    )


def token_lengths(texts: list[str], context: Context) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Tokens of each text as the encoder cuts it; estimated from its words where no tokenizer is at hand."""
    if context.lengths is not None:
        return np.asarray(list(context.lengths(texts)), dtype=np.float64)
    return np.asarray([np.ceil(_TOKENS_A_WORD * len(text.split())) + 2 for text in texts], dtype=np.float64)
