"""Where what a model is shown stands in the report that it was cut from."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from bert4text.core.explanation import Contribution
from bert4text.explanation.units import cut


def in_report(contributions: Iterable[Contribution], *, shown: str, text: str) -> list[Contribution]:
    """Contributions with the offsets of the whole report.

    The words of both are aligned in their order; what was put in, and stands nowhere in the report, is left
    out.

    Args:
        contributions: with the offsets of what the model is shown.
        shown: what the model is shown.
        text: the report.
    """
    if shown == text:
        return list(contributions)
    ours, theirs = cut(shown, "word"), cut(text, "word")
    matcher = SequenceMatcher(
        None,
        [shown[start:end] for start, end in ours],
        [text[start:end] for start, end in theirs],
        autojunk=False,
    )
    place = {
        block.a + step: theirs[block.b + step]
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    }
    found = []
    for one in contributions:
        inside = [
            place[number]
            for number, (start, end) in enumerate(ours)
            if number in place and one.start <= start and end <= one.end
        ]
        if inside:
            found.append(one.model_copy(update={"start": inside[0][0], "end": inside[-1][1]}))
    return found
