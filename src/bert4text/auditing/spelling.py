"""Show words as the reports write them: they are compared without accents, but read with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from bert4text.auditing.reading import Reading
from bert4text.core.fold import fold, phrases
from bert4text.core.issue import Issue

LOOKED_AT = 3_000
"""How many reports are searched for a spelling."""
ENOUGH = 50
"""From how many reports the most frequent spelling is taken."""
_WORDS = re.compile(r"[^\W\d_]{2,}(?: [^\W\d_]+)*")


def as_written(issues: Iterable[Issue], reading: Reading) -> list[Issue]:
    """The issues, with the words of their evidence spelt as in most reports that hold them."""
    known: dict[str, str] = {}

    def spelt(term: str) -> str:
        if not _WORDS.fullmatch(term) or term != fold(term):
            return term
        if term not in known:
            known[term] = _spelling(term, reading)
        return known[term]

    shown = []
    for issue in issues:
        evidence = tuple(one.model_copy(update={"term": spelt(one.term)}) for one in issue.evidence)
        values = issue.values
        if "term" in values:
            values = {**values, "term": spelt(values["term"])}
        shown.append(issue.model_copy(update={"evidence": evidence, "values": values}))
    return shown


def _spelling(term: str, reading: Reading) -> str:
    pattern = re.compile(phrases([term]))
    found = (
        " ".join(text[match.start() : match.end()].lower().split())
        for text, folded in islice(zip(reading.texts, reading.folded, strict=True), LOOKED_AT)
        if (match := pattern.search(folded)) is not None
    )
    counts = Counter(islice(found, ENOUGH))
    return max(counts, key=lambda spelling: (counts[spelling], spelling), default=term)
