"""Find where a report states the answer: names of labels, their kin and translations, categories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple

from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.negation import hedged, negated
from bert4text.data.birads import find_birads
from bert4text.data.categories import Categories, is_birads, numbered
from bert4text.data.icd import diagnoses, find_icd

_STEM = 5  # letters from which a stem may take any ending: with fewer, other words begin so
Manner = Literal["stated", "denied", "suspected"]


class Statement(NamedTuple):
    """A place of a text that states something: where, the word, what it belongs to, and in which manner."""

    start: int
    end: int
    term: str
    concept: str
    manner: Manner


class Statements:
    """Finds statements of one label space.

    What is looked for: the words of each label's own name with their endings and translations, the user's
    words for it, codes of ICD-10 and the names of those that are labels, and, when a label is a diagnosis of
    the kind "benign or malignant" or a category, every word of that kind in Portuguese, Spanish and English,
    and every category by number.

    Args:
        labels: names of the labels.
        words: label -> the user's own words for it.
        findings: words that never count.
    """

    def __init__(
        self, labels: Sequence[str], *, words: Mapping[str, Sequence[str]], findings: Sequence[str] = ()
    ) -> None:
        self._concepts = _own_words(labels)
        for label in labels:
            for word in words.get(label, ()):
                self._concepts[_spaced(fold(word))] = label
        for word, concept in diagnoses(labels):
            self._concepts.setdefault(word, concept)
        kin = _kin_of(labels)
        self.birads = any(is_birads(label) for label in labels)
        if self.birads:
            kin |= {"malignant", "benign", "suspicious", "normal", "negative", "inconclusive"}
        self.birads |= "malignant" in kin
        for name in kin:
            for word in lexicon("statements")["kin"][name]["words"]:
                self._concepts.setdefault(word, name)
        self._categories = Categories(labels)
        self._findings = {_spaced(fold(word)) for word in findings}
        self._pattern = re.compile(phrases(self._concepts))
        self._wild = [(word[:-1], concept) for word, concept in self._concepts.items() if word.endswith("*")]

    @property
    def words(self) -> list[str]:
        """Every word and phrase looked for, folded; ``*`` stands for any ending."""
        return [*self._concepts, *self._categories.words]

    def find(self, text: str, folded: str, *, language: str | None = None) -> Iterator[Statement]:
        """Every statement of a text, in no order; ``folded`` is the text folded."""
        for found in self._pattern.finditer(folded):
            term = _spaced(found.group())
            if term not in self._findings:
                yield _judged(text, found.span(), term, self._concept(term), language)
        ends = set()
        for category in find_birads(text) if self.birads else ():
            ends.add(category.end)
            yield _judged(text, (category.start, category.end), category.label, "category", language)
        for ranked in self._categories.find(folded):
            if ranked.end not in ends:
                yield _judged(text, (ranked.start, ranked.end), ranked.term, "category", language)
        for code in find_icd(text, folded):
            yield _judged(text, (code.start, code.end), code.category, f"icd {code.letter}", language)

    def _concept(self, term: str) -> str:
        known = self._concepts.get(term)
        if known is not None:
            return known
        return next(concept for word, concept in self._wild if term.startswith(word))


def _judged(text: str, place: tuple[int, int], term: str, concept: str, language: str | None) -> Statement:
    start, end = place
    manner: Manner = "stated"
    if negated(text, start, end, language=language):
        manner = "denied"
    elif hedged(text, start, end, language=language):
        manner = "suspected"
    return Statement(start, end, term, concept, manner)


def _spaced(phrase: str) -> str:
    return " ".join(phrase.replace("-", " ").replace("_", " ").split())


def _own_words(labels: Sequence[str]) -> dict[str, str]:
    """Folded pattern -> label, from the names themselves and their translations; an empty name has none."""
    concepts: dict[str, str] = {}
    named = [(part, label) for label in labels for part in _parts(label)]
    for part, label in named:
        for word in _inflected(part):
            concepts[word] = label
    names = re.compile(phrases(concepts))
    translated = ((word, label) for part, label in named for word in _translated(part))
    for word, label in translated:
        if names.fullmatch(word) is None:
            concepts.setdefault(word, label)
    return concepts


def _parts(label: str) -> Iterator[str]:
    """The names that a label joins; none where a name says nothing."""
    empty = set(lexicon("statements")["names"]["empty"])
    name = _spaced(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label))
    name = re.sub(r"^\d+(?:\.\d+)* (?=[a-z])", "", _spaced(fold(name)))
    if not name or name in empty or numbered(name):
        return
    for part in re.split(r" ?[/|;,&] ?| (?:and|e|y|or|ou) ", name):
        if re.search(r"[a-z]{3}", part) and part not in empty:
            yield part


def _inflected(name: str) -> list[str]:
    """A name with its last word open to other endings: ``urologia`` gives ``urolog*``, ``agudo`` its four."""
    *before, last = name.split()
    stem = re.sub(r"(?:[aeio]|[aeiou]?s|[iy]a?|ico|ica|al)$", "", last)
    if len(stem) >= _STEM:
        return [" ".join([*before, stem + "*"])]
    return [" ".join([*before, form]) for form in _endings(last)]


def _endings(word: str) -> list[str]:
    """A word in both genders and numbers."""
    if word.endswith(("o", "a")):
        return [word[:-1] + ending for ending in ("o", "a", "os", "as")]
    return [word] if word.endswith("s") else [word, word + "s", word + "es"]


@cache
def _same() -> dict[str, tuple[str, ...]]:
    """Each form of a word of the groups of equal words -> every form of its group."""
    found: dict[str, tuple[str, ...]] = {}
    for group in lexicon("statements")["same"]["groups"]:
        forms = tuple(form for word in group for form in _forms(word))
        found.update((form, forms) for form in forms)
    return found


def _forms(phrase: str) -> list[str]:
    *before, last = phrase.split()
    return [" ".join([*before, form]) for form in _endings(last)]


def _translated(name: str) -> tuple[str, ...]:
    return _same().get(name, ())


def _kin_of(labels: Sequence[str]) -> set[str]:
    """Which kinds of diagnosis the labels are."""
    found = set()
    for name, kin in lexicon("statements")["kin"].items():
        pattern = re.compile(phrases(kin["names"]))
        if any(pattern.search(_spaced(fold(label))) for label in labels):
            found.add(name)
    if len(found) < 2 and len(labels) > 2:  # a topic among others, not a verdict
        return set()
    if found & {"malignant", "benign", "suspicious"}:
        found |= {"malignant", "benign", "suspicious", "inconclusive"}
    return found
