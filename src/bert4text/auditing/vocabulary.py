"""Words that go with a label and are neither statement nor trace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from bert4text.auditing.association import (
    SHOWN_REPORTS,
    Association,
    associate,
    corrected,
    surest,
)
from bert4text.auditing.config import AuditConfig
from bert4text.auditing.reading import Reading
from bert4text.core.clinical import clinical
from bert4text.core.fold import fold, phrases
from bert4text.data.statements import Statements

SUREST = 300
"""Words that are measured, those that go with a label most surely; all that were tried are paid for."""
PERFECT_PRECISION, PERFECT_LOW, PERFECT_RECALL = 0.97, 0.75, 0.6
"""From what precision (and lower end of it) and recall on an unknown word is an artefact."""
_TERMS = 30_000
_LONG = 3  # digits from which another check judges a number
_WORD, _SENTENCE = re.compile(r"\w+"), re.compile(r"[.!?;]\s|\n")


def is_perfect(one: Association) -> bool:
    """Whether a feature that is no known finding predicts a label so well that no finding would."""
    right = one.precision >= PERFECT_PRECISION and one.low >= PERFECT_LOW
    return right and one.recall >= PERFECT_RECALL


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Which words and pairs of words go with a label.

    Attributes:
        reading: the reports.
        config: the settings, for the words the user declared.
        names: in how many reports each word is part of a person's name.
        told: words of sentences of conduct, which another check judges.
    """

    reading: Reading
    config: AuditConfig
    names: Mapping[str, int]
    told: frozenset[str]

    @cached_property
    def telling(self) -> list[Association]:
        """Words that predict a label beyond chance, enough to be told; stated words are left out."""
        if len(self.reading) < 2 * SHOWN_REPORTS or not self.reading.names:
            return []
        counter = CountVectorizer(
            analyzer=_terms, min_df=SHOWN_REPORTS, max_features=_TERMS, binary=True, dtype=np.int64
        )  # fmt: skip
        try:
            features = counter.fit_transform(self.reading.folded)
        except ValueError:  # no word stands in enough reports
            return []
        names = counter.get_feature_names_out()
        counts = np.asarray(features.sum(axis=0)).ravel()
        kept = [
            i
            for i in _promising(self.reading, features.tocsr())
            if not self._spoken_for(names[i]) and not self._a_name(names[i], int(counts[i]))
        ]
        terms = [(str(names[i]), self._kind(names[i])) for i in kept]
        found = corrected(associate(self.reading, features.tocsr()[:, kept], terms), tried=features.shape[1])
        return [one for one in found if one.weak and one.patients >= SHOWN_REPORTS]

    @cached_property
    def perfect(self) -> list[Association]:
        """Unknown words that predict a label almost perfectly, and pairs of words that only together do."""
        found = [one for one in self.telling if one.kind == "unknown" and self._is_perfect(one)]
        words = {one.term for one in found if " " not in one.term}
        return [one for one in found if one.term in words or words.isdisjoint(one.term.split())]

    def _is_perfect(self, one: Association) -> bool:
        return (
            is_perfect(one)
            and self.told.isdisjoint(one.term.split())
            and not (one.term.isdigit() and len(one.term) >= _LONG)
        )

    @cached_property
    def _statements(self) -> re.Pattern[str]:
        words = Statements(self.reading.names, words=self.config.words).words
        return re.compile(phrases([*words, *map(fold, self.config.artefacts)]))

    @cached_property
    def _findings(self) -> re.Pattern[str]:
        return re.compile(phrases(map(fold, self.config.findings)))

    def _spoken_for(self, term: str) -> bool:
        """Whether another check judges the term."""
        return self._statements.search(term) is not None

    def _a_name(self, term: str, reports: int) -> bool:
        """Whether a word of the term is mostly a part of persons' names; those are shown nowhere."""
        return any(2 * self.names.get(word, 0) >= reports for word in term.split())

    def _kind(self, term: str) -> str:
        return "finding" if clinical(term) or self._findings.search(term) else "unknown"


def _terms(folded: str) -> Iterator[str]:
    """The words of a text and the pairs of neighbours in one sentence, figures and single letters too."""
    for sentence in _SENTENCE.split(folded):
        words = _WORD.findall(sentence)
        yield from words
        yield from (f"{one} {other}" for one, other in pairwise(words))


def _promising(reading: Reading, features: sparse.csr_matrix) -> list[int]:
    """The columns that go with a label most surely."""
    scores = surest(features, reading.labels).max(axis=1)
    return sorted(int(i) for i in np.argsort(-scores, kind="stable")[:SUREST] if scores[i] > 0)
