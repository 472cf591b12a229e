"""Tags of tokens: which token of a text begins a span, goes on with one, or is of none; and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.span import Span

Offsets = Sequence[tuple[int, int]]
"""Where each token stands in its text."""
Floats = npt.NDArray[np.float32]

OUTSIDE = 0
"""The tag of a token that is of no span."""
_WORD = re.compile(r"[^\W_]+")
_FAR = 4  # signs between two words of one span, at most


def tag_names(kinds: Sequence[str]) -> list[str]:
    """Names of the tags in order: ``O``, then ``B-`` and ``I-`` of each kind.

    The scheme is that of Ramshaw & Marcus (1995), "Text Chunking using Transformation-Based Learning", with a
    ``B-`` at every beginning.
    """
    return ["O", *(f"{place}-{kind}" for kind in kinds for place in "BI")]


def tags_of(text: str, spans: Sequence[Span], offsets: Offsets, kinds: Sequence[str]) -> list[int]:
    """The tag of each token.

    Args:
        text: the report.
        spans: in order, none overlapping another; those of other kinds are of none.
        offsets: of the tokens, in order.
        kinds: in the order of the tags.
    """
    number = {kind: place for place, kind in enumerate(kinds)}
    owner = np.full(len(text) + 1, -1, dtype=np.int64)
    for place, span in enumerate(spans):
        if span.label in number:
            owner[span.start : span.end] = place
    tags, last = [], -1
    for start, end in offsets:
        inside = [
            int(one)
            for one, sign in zip(owner[start:end], text[start:end], strict=True)
            if not sign.isspace()
        ]
        mine = max(inside, default=-1)
        if mine < 0:
            tags.append(OUTSIDE)
        else:
            begins = mine != last
            tags.append(1 + 2 * number[spans[mine].label] + (0 if begins else 1))
        last = mine
    return tags


def spans_of(
    text: str, offsets: Offsets, shares: Floats, kinds: Sequence[str], *, least: float, source: str
) -> list[Span]:
    """The spans that tags tell of, whole words at a time.

    A word is of a span where its tokens are so, on the mean of its letters, with at least a probability. It
    is of the kind that is likeliest over them.

    Args:
        text: the report.
        offsets: of the tokens, in order.
        shares: float32 [tokens, tags], the probability of each tag.
        kinds: in the order of the tags.
        least: probability from which a word is of a span.
        source: who found them.
    """
    begins = np.zeros(len(text), dtype=np.float32)
    of_kind = np.zeros((len(text), len(kinds)), dtype=np.float32)
    for (start, end), row in zip(offsets, shares, strict=True):
        pairs = row[1:].reshape(len(kinds), 2)
        of_kind[start:end] = pairs.sum(axis=1)
        begins[start:end] = pairs[:, 0].sum() / max(float(pairs.sum()), 1e-9)
    found: list[Span] = []
    for word in _WORD.finditer(text):
        start, end = word.span()
        mean = of_kind[start:end].mean(axis=0)
        score = float(mean.sum())
        if score < least:
            continue
        label = kinds[int(mean.argmax())]
        last = found[-1] if found else None
        if last is not None and _goes_on(text, last, start, label=label, begins=float(begins[start])):
            found[-1] = last.model_copy(update={"end": end, "score": max(last.score, score)})
        else:
            found.append(Span(start=start, end=end, label=label, score=min(1.0, score), source=source))
    return found


def _goes_on(text: str, last: Span, start: int, *, label: str, begins: float) -> bool:
    """Whether a word goes on with the span before it."""
    between = text[last.end : start]
    if label != last.label or len(between) > _FAR or any(sign.isalnum() for sign in between):
        return False
    return not between or begins < 0.5
