"""Codes of the International Classification of Diseases (ICD-10; *CID-10*, *CIE-10*), and their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon

_CODE = re.compile(r"(?P<category>[a-z]\d\d)(?:\.?\d{1,2})?(?!\w)")
_ONE_DISEASE = 20
"""Categories up to which a range is of one disease, so that its words are other names of it."""
_DECIMALS = r"(?:\.?\d[\da-z]{0,3})?"
"""What stands behind a category: one or two figures, in national editions up to four signs."""
_LED = re.compile(
    r"(?<!\w)(?:cid|icd|cie|cod|codigo|code|diagnostico|diagnosis|dx|hd"
    r"|(?:classificad[oa]|codificad[oa]|clasificad[oa]|registrad[oa]) (?:em|como|en|sob)"
    r"|(?:classified|coded) (?:as|in|to|under))"
    r"[ \-]?(?:o\b)?(?:[ \-]?10)?(?:[ \-](?:cm|es|gm|br)\b)?(?: (?:principal|final|main|code|codigo))?"
    rf"[\s:.\-(]{{0,3}}(?P<letter>[a-tv-z])(?P<number>\d\d){_DECIMALS}(?!\w)"
)
"""A code after a word that announces one."""
_BARE = re.compile(
    r"(?<![\w/.,\-])(?P<letter>[A-TV-Z])(?P<number>\d\d)\.\d[\dA-Z]{0,3}(?![\w/]|[.,]\d|[ \t]*(?:mm|cm|ml))"
    r"|(?<=[(\[])(?P<c>[CD])(?P<tumour>\d\d)(?=[)\]])"
)
"""A code by itself: only in capitals and with its decimal, for T12 is a vertebra and B12 a vitamin; in
brackets, those of tumours without."""


class Code(NamedTuple):
    """A code that stands in a text: where, its category (``c50``) and the letter of its chapter."""

    start: int
    end: int
    category: str
    letter: str


def find_icd(text: str, folded: str) -> Iterator[Code]:
    """Every code of a text, once each; ``folded`` is the text folded, offsets kept."""
    taken: set[int] = set()
    for pattern, where in ((_LED, folded), (_BARE, text)):
        for found in pattern.finditer(where):
            groups = {name: value for name, value in found.groupdict().items() if value}
            letter, number = groups.values()
            start = found.start(next(iter(groups)))
            if start not in taken:
                taken.add(start)
                yield Code(start, found.end(), letter.lower() + number, letter.lower())


def diagnoses(labels: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Names of the diagnoses that labels are, by code or by one of their names: (folded pattern, concept).

    The concept is the label; where several labels lie in a range of codes, the range. Narrow ranges come
    first.

    Args:
        labels: names of the labels.
    """
    codes = {label: found.group("category") for label in labels if (found := _CODE.match(fold(label)))}
    if 2 * len(codes) < len(labels):
        codes = {}
    for span in _ranges():
        own = [
            label
            for label in labels
            if (span.holds(codes[label]) if label in codes else span.names(fold(label)))
        ]
        if own:
            concept = own[0] if len(own) == 1 else f"icd {span.first}-{span.last}"
            yield from ((word, concept) for word in span.words)


class _Range(NamedTuple):
    first: str
    last: str
    words: tuple[str, ...]

    @property
    def width(self) -> int:
        """Categories between its ends, as if each letter had a hundred."""
        first, last = ((100 * ord(end[0]) + int(end[1:])) for end in (self.first, self.last))
        return last - first + 1

    def holds(self, category: str) -> bool:
        """Whether a category (``c50``) lies in it."""
        return self.first <= category <= self.last

    def names(self, label: str) -> bool:
        """Whether a folded label is one of its words, if it is of one disease."""
        spaced = " ".join(label.replace("-", " ").replace("_", " ").split())
        return self.width <= _ONE_DISEASE and re.fullmatch(phrases(self.words), spaced) is not None


@cache
def _ranges() -> tuple[_Range, ...]:
    """Every range of the lexicon, narrow ones first."""
    spans = [
        _Range(ends[:3].lower(), ends[4:].lower(), tuple(words))
        for ends, words in lexicon("icd")["ranges"].items()
    ]
    return tuple(sorted(spans, key=lambda span: (span.width, span.first)))
