"""Check: are the reports in the language of the corpus?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from bert4text.auditing.checks import Context
from bert4text.auditing.share import share_issue
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.core.language import LANGUAGES, detect

CHECK = "language"
LEAST_WORDS = 20
"""Words a report must have for its language to be judged."""
_FEW = 10  # reports that long under which nothing is said of a corpus without a language
_READ = 1000  # characters
_WORD = re.compile(r"[^\W\d_]+")


def check_language(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether reports are in another language than the corpus; short ones are not judged."""
    reading = context.reading
    found = [_language(text[:_READ]) for text in reading.texts]
    if context.language is None:
        yield from _no_language([one for one in found if one is not None])
        return
    known = {"", None, context.language}
    yield from share_issue(
        reading,
        np.asarray([one not in known for one in found], dtype=np.bool_),
        check=CHECK,
        code="other-language",
        message="reports in another language than {language}: {count} of {total} (found: {languages})",
        language=context.language,
        languages=sorted({one for one in found if one and one not in known}),
    )


def _language(text: str) -> str | None:
    """The language, empty where it is none of those known; None where there is too little to judge."""
    return (detect(text) or "") if len(_WORD.findall(text)) >= LEAST_WORDS else None


def _no_language(found: Sequence[str]) -> Iterator[Issue]:
    """No language is given, and none is that of most reports: several, or none that is known."""
    counts = Counter(found)
    if len(found) < _FEW:
        return
    if 2 * counts[""] < len(found):
        yield Issue(
            check=CHECK,
            severity="warning",
            code="several-languages",
            message="the reports are in several languages, none of them that of most: {languages}",
            values={"languages": [f"{name} {count}" for name, count in sorted(counts.items()) if name]},
            reports=len(found),
        )
    else:
        yield Issue(
            check=CHECK,
            severity="info",
            code="unread-language",
            message="most reports are in none of the languages that the checks of words read ({languages})",
            values={"languages": list(LANGUAGES)},
            reports=counts[""],
        )
