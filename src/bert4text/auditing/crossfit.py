"""What a fast reader answers to reports it has not seen: TF-IDF and logistic regression, fold by fold."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from bert4text.auditing.reading import Reading
from bert4text.core.evaluation import Comparison, Metric
from bert4text.core.labels import LabelSpace, Task
from bert4text.core.seeds import integer, rng
from bert4text.data.normalize import text_digest
from bert4text.data.stratify import stratify, units
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.evaluate import evaluate
from bert4text.models.terms import terms

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FOLDS = 4
MOST_REPORTS = 4_000
"""Reports that models of the audit are fitted on; more are sampled by the seed, and that is said."""
LEAST_REPORTS = 50
"""Reports below which no model is fitted: out of sample it would say nothing."""
_LEAST_OF_TERM = 3
_MOST_TERMS, _CHOSEN_TERMS = 8_000, 2_000
"""Terms that are counted, and those of them that a fold learns from: the ones that go with its labels."""
_STRENGTH = 10.0
_RESAMPLES = 200


@dataclass(frozen=True, eq=False)
class Sample:
    """The labelled reports that models of the audit are fitted on.

    Attributes:
        places: positions in the reading.
        texts: their texts.
        labels: bool [n, k].
        groups: int [n], whole patients.
        names: the k labels.
        total: reports of the reading.
        seed: of folds and solver.
    """

    places: Ints
    texts: list[str]
    labels: Bools
    groups: Ints
    names: tuple[str, ...]
    total: int
    seed: int

    @classmethod
    def of(cls, reading: Reading, *, seed: int, at_most: int = MOST_REPORTS) -> Sample:
        """All reports of a reading, or a seeded sample of them."""
        places = np.arange(len(reading), dtype=np.int64)
        if len(places) > at_most:
            chosen = rng(seed, "audit.crossfit.sample").choice(places, size=at_most, replace=False)
            places = np.sort(chosen)
        return cls(
            places=places,
            texts=[reading.texts[place] for place in places],
            labels=reading.labels[places],
            groups=reading.groups[places],
            names=reading.names,
            total=len(reading),
            seed=seed,
        )

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def several(self) -> bool:
        """Whether a report may have several labels, or none."""
        return bool((self.labels.sum(axis=1) != 1).any())

    @property
    def usable(self) -> bool:
        """Whether there are reports, labels and patients enough to fit and to be right or wrong."""
        often = (self.labels.sum(axis=0) >= FOLDS).sum()
        patients = len(np.unique(self.groups))
        return len(self) >= LEAST_REPORTS and often >= 2 and patients >= 2 * FOLDS

    @cached_property
    def unseen(self) -> Floats:
        """The out-of-fold answers to the reports as they are."""
        return self.answers(self.texts)

    def answers(self, texts: Sequence[str]) -> Floats:
        """Out-of-fold probabilities float64 [n, k]; whole patients are held out together.

        Args:
            texts: n texts: the reports' own, or for example one section of each.
        """
        features = _features(texts)
        found = np.zeros(self.labels.shape, dtype=np.float64)
        fit = _independent if self.several else _exclusive
        with threadpool_limits(1):  # the products are small: threads would wait for each other
            for learned, held in self._folds:
                found[held] = fit(features[learned], self.labels[learned], features[held], seed=self.seed)
        return found

    def compared(self, answers: dict[str, Floats]) -> tuple[dict[str, Metric], dict[str, Comparison]]:
        """Macro-F1 of each set of answers with its interval, and the first one's difference to each other."""
        first = next(iter(answers))
        named = {"model" if name == first else name: values for name, values in answers.items()}
        task: Task = "multilabel" if self.several else "multiclass"
        found = evaluate(
            self._rows,
            named,
            label_space=LabelSpace(task=task, names=self.names),
            groups=[str(group) for group in self.groups],
            config=EvaluateConfig.parse(
                {"metrics": ["macro_f1"], "compare_on": ["macro_f1"], "resamples": _RESAMPLES},
                section="evaluate",
            ),
            seed=self.seed,
        )
        names = {"model": first}
        figures = {
            names.get(one.system, one.system): one
            for one in found.metrics
            if one.name == "macro_f1" and one.label is None
        }
        return figures, {one.b: one for one in found.comparisons if one.a == "model"}

    @cached_property
    def _folds(self) -> list[tuple[Ints, Ints]]:
        if self.several:
            return self._folds_of_several
        order = np.zeros((len(self), 1))
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=integer(self.seed, "audit.crossfit"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a label rarer than the folds is held out somewhere
            return list(folds.split(order, self.labels.argmax(axis=1), self.groups))

    @property
    def _folds_of_several(self) -> list[tuple[Ints, Ints]]:
        """Folds that keep the share of every label where a report may have several, rare ones first."""
        n = len(self)
        made = units(
            [str(group) for group in self.groups],
            labels=self._rows,
            digests=[text_digest(text) for text in self.texts],
            keys=[""] * n,
            written=[None] * n,
            seed=self.seed,
        )
        dealt = stratify(made, {str(number): 1.0 for number in range(FOLDS)})
        fold = np.array([int(dealt[place]) for place in range(n)], dtype=np.int64)
        return [(np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in np.unique(fold)]

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        """The labels of each report by name."""
        return [tuple(self.names[k] for k in np.flatnonzero(row)) for row in self.labels]


def _features(texts: Sequence[str]) -> sparse.csr_matrix:
    counter = TfidfVectorizer(
        analyzer=terms, min_df=_LEAST_OF_TERM, max_features=_MOST_TERMS, sublinear_tf=True, dtype=np.float64
    )
    try:
        return sparse.csr_matrix(counter.fit_transform(texts))
    except ValueError:  # no term stands in enough texts
        return sparse.csr_matrix((len(texts), 1), dtype=np.float64)


def _exclusive(learned: sparse.csr_matrix, labels: Bools, held: sparse.csr_matrix, *, seed: int) -> Floats:
    """Probabilities float64 [m, k] of held-out rows that have one label each."""
    y = labels.argmax(axis=1)
    if len(np.unique(y)) < 2:
        found = _shares(labels, held.shape[0])
        found /= found.sum(axis=1, keepdims=True)
        return found
    if learned.shape[1] > _CHOSEN_TERMS:
        chosen = SelectKBest(chi2, k=_CHOSEN_TERMS).fit(learned, y).get_support(indices=True)
        learned, held = learned[:, chosen], held[:, chosen]
    model = _regression(seed).fit(learned, y)
    found = np.zeros((held.shape[0], labels.shape[1]), dtype=np.float64)
    found[:, model.classes_] = model.predict_proba(held)
    return found


def _independent(learned: sparse.csr_matrix, labels: Bools, held: sparse.csr_matrix, *, seed: int) -> Floats:
    """Probabilities float64 [m, k] of held-out rows that may have several labels."""
    found = _shares(labels, held.shape[0])
    for k in range(labels.shape[1]):
        if 0 < labels[:, k].sum() < len(labels):
            found[:, k] = expit(_regression(seed).fit(learned, labels[:, k]).decision_function(held))
    return found


def _shares(labels: Bools, rows: int) -> Floats:
    shares: Floats = (labels.sum(axis=0) + 1.0) / (len(labels) + 2.0)
    found: Floats = np.tile(shares, (rows, 1))
    return found


def _regression(seed: int) -> LogisticRegression:
    return LogisticRegression(
        C=_STRENGTH,
        class_weight="balanced",
        max_iter=300,
        tol=1e-3,
        random_state=integer(seed, "audit.crossfit.solver"),
    )
