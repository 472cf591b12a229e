"""TF-IDF and logistic regression as arrays: the baseline of every model; predicts without scikit-learn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from bert4text.core import seeds
from bert4text.core.errors import DataError, ModelError
from bert4text.core.extras import require
from bert4text.models.backends import FloatArray, Output
from bert4text.models.terms import MARK, PIECES, count, frequent

FORMAT = "linear/2"
LEAST_REPORTS = 5
LEAST_PATIENTS = 5
"""A term is kept only if it stands in so many reports of so many patients: a rarer one may name a person."""

NEVER = -30.0
"""Logit of a label that no training report has."""

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Regression:
    """How the logistic regression is fitted.

    Attributes:
        inverse_strength: of its regularization, scikit-learn's ``C``.
        balance: power of the weight that gives every label as much as any other: 1 is balanced, 0 leaves
            each report its own.
    """

    inverse_strength: float = 10.0
    balance: float = 1.0


BALANCED = Regression()


class LinearBackend:
    """Logits of TF-IDF (words, pairs and pieces of words, sublinear, L2) times weights plus intercepts.

    Args:
        vocabulary: term -> column, columns in alphabetical order of the terms.
        idf: float64 [terms], inverse document frequencies.
        weights: float64 [k, terms].
        intercepts: float64 [k].
    """

    name = "linear"
    precision = "float32"

    def __init__(
        self, vocabulary: dict[str, int], *, idf: Weights, weights: Weights, intercepts: Weights
    ) -> None:
        self.vocabulary = vocabulary
        self.idf = idf
        self.weights = weights
        self.intercepts = intercepts
        single = [" " not in term and not term.startswith(MARK) for term in vocabulary]
        self._is_word = np.zeros(len(vocabulary))
        self._is_word[np.array(list(vocabulary.values()), dtype=np.int64)] = single

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        y: npt.NDArray[np.integer],
        n_labels: int,
        *,
        groups: Sequence[str],
        seed: int,
        regression: Regression = BALANCED,
    ) -> Self:
        """Fit on labelled texts; the same texts in the same order give the same bytes.

        Args:
            texts: n texts.
            y: label indices [n], or 0 and 1 [n, k] when several labels may hold.
            n_labels: k, also labels that no text has.
            groups: the patient of each text; the vocabulary keeps terms of at least 5 reports of 5 patients.
            seed: of the solver.
            regression: how it is fitted.

        Returns:
            A backend; with an empty vocabulary it answers with the frequencies of the labels.

        Raises:
            DataError: there is no text, or lengths disagree, or a label lies outside the range.
        """
        return cls.fit_each(texts, y, n_labels, groups=groups, seed=seed, regressions=[regression])[0]

    @classmethod
    def fit_each(
        cls,
        texts: Sequence[str],
        y: npt.NDArray[np.integer],
        n_labels: int,
        *,
        groups: Sequence[str],
        seed: int,
        regressions: Sequence[Regression],
        weights: Weights | None = None,
    ) -> list[Self]:
        """One backend for each regression, as ``fit`` gives it; terms are counted once.

        Args:
            texts: n texts.
            y: their labels.
            n_labels: k.
            groups: the patient of each text.
            seed: of the solver.
            regressions: how each is fitted.
            weights: how much each text counts, float64 [n], or each label of it, [n, k]; None is equally.
        """
        labels = _checked(texts, y, n_labels, groups)
        vocabulary = frequent(texts, groups, reports=LEAST_REPORTS, patients=LEAST_PATIENTS)
        counts, _ = count(texts, vocabulary)
        present = np.bincount(counts.indices, minlength=len(vocabulary))
        idf = np.log((1.0 + len(texts)) / (1.0 + present)) + 1.0
        features = _tfidf(counts, idf)
        solve = _independent if labels.ndim == 2 else _exclusive
        state = seeds.integer(seed, "models.linear")
        solved = [solve(features, labels, n_labels, state, one, weights) for one in regressions]
        return [cls(vocabulary, idf=idf, weights=slopes, intercepts=shifts) for slopes, shifts in solved]

    def forward(self, texts: Sequence[str]) -> Output:
        """Logits of each text; ``tokens`` counts its words, ``windows`` is 1, there is no embedding."""
        counts, sizes = count(texts, self.vocabulary)
        logits = self.scores(counts)
        return Output(
            logits=logits.astype(np.float32),
            embedding=None,
            tokens=np.array(sizes, dtype=np.int32),
            windows=np.ones(len(texts), dtype=np.int32),
            unknown=self._unknown(counts, sizes),
        )

    def _unknown(self, counts: sp.csr_array, sizes: Sequence[int]) -> FloatArray:
        """The share of the words of each text that are not in the vocabulary, [n]; 1 where there are none."""
        known = np.asarray(counts @ self._is_word)
        share = 1.0 - known / np.maximum(np.array(sizes), 1)
        found: FloatArray = share.astype(np.float32)
        return found

    def scores(self, counts: sp.csr_array) -> Weights:
        """Logits float64 [n, k] of term counts [n, terms]."""
        products: Weights = np.asarray(_tfidf(counts, self.idf) @ self.weights.T)
        return products + self.intercepts

    def features(self, text: str) -> Weights:
        """The value of each term of the vocabulary in a text, float64 [terms]."""
        found: Weights = self.vectors([text]).toarray()[0]
        return found

    def vectors(self, texts: Sequence[str]) -> sp.csr_array:
        """The values of the terms in n texts, float64 sparse [n, terms]; rows of length 1, or of zeros."""
        counts, _ = count(texts, self.vocabulary)
        return _tfidf(counts, self.idf)

    @property
    def settings(self) -> dict[str, Any]:
        """Nothing but its arrays is needed to make it again."""
        return {}

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        """Write ``vocabulary.json`` and ``weights.safetensors`` into an existing folder."""
        terms = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        settings = {
            "ngrams": [1, 2],
            "pieces": list(PIECES),
            "sublinear": True,
            "norm": "l2",
            "digits": "0",
            "lower": True,
        }
        document = {"format": FORMAT, **settings, "terms": terms}
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        (folder / "vocabulary.json").write_text(text, encoding="utf-8")
        arrays = {"idf": self.idf, "weights": self.weights, "intercepts": self.intercepts}
        save_file(
            {name: np.ascontiguousarray(array) for name, array in arrays.items()},
            folder / "weights.safetensors",
        )

    @classmethod
    def load(cls, folder: Path, **settings: Any) -> Self:
        """Read what ``save`` wrote.

        Raises:
            ModelError: a file is missing or broken, or of a newer format.
        """
        try:
            document: Any = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
            arrays = load_file(folder / "weights.safetensors")
            vocabulary = {term: column for column, term in enumerate(document["terms"])}
            loaded = cls(
                vocabulary, idf=arrays["idf"], weights=arrays["weights"], intercepts=arrays["intercepts"]
            )
            fits = document["format"] == FORMAT and loaded.weights.shape == (
                len(loaded.intercepts),
                len(vocabulary),
            )
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            fits = False
        if not fits:
            raise ModelError(
                "the baseline in {name} is missing, broken or of another format",
                hint="train again, or install the version that wrote it",
                code="bad-baseline",
                name=folder.name,
            )
        return loaded


def _checked(
    texts: Sequence[str], y: npt.NDArray[np.integer], n_labels: int, groups: Sequence[str]
) -> npt.NDArray[np.integer]:
    labels = np.asarray(y)
    if not len(texts) or len(labels) != len(texts) or len(groups) != len(texts):
        raise DataError(
            "the baseline got {texts} texts, {labels} labels and {groups} groups",
            hint="give at least one text, and as many of each",
            code="bad-lengths",
            texts=len(texts),
            labels=len(labels),
            groups=len(groups),
        )
    inside = (
        labels.shape[1] == n_labels if labels.ndim == 2 else labels.min() >= 0 and labels.max() < n_labels
    )
    if not inside:
        raise DataError("a label lies outside the {k} labels", code="unknown-label", k=n_labels)
    return labels


def _tfidf(counts: sp.csr_array, idf: Weights) -> sp.csr_array:
    """Sublinear term frequency times idf, rows of length 1 (Salton & Buckley, 1988)."""
    features = counts.copy()
    features.data = (np.log(features.data) + 1.0) * idf[features.indices]
    sizes = np.diff(features.indptr)
    squares = np.zeros(len(sizes))
    np.add.at(squares, np.repeat(np.arange(len(sizes)), sizes), features.data**2)
    lengths = np.sqrt(squares)
    features.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), sizes)
    return features


def _exclusive(
    features: sp.csr_array,
    y: npt.NDArray[np.integer],
    k: int,
    state: int,
    regression: Regression,
    each: Weights | None,
) -> tuple[Weights, Weights]:
    """One answer: multinomial logistic regression; a label without reports is never answered."""
    weights = np.zeros((k, features.shape[1]))
    found = np.bincount(y, minlength=k)
    if not features.shape[1] or np.count_nonzero(found) < 2:
        return weights, np.log((found + 1.0) / (len(y) + k))
    model = _regression(state, regression, y).fit(features, y, sample_weight=each)
    intercepts = np.full(k, NEVER)
    if len(model.classes_) == 2:  # one row of weights: half of it for, half of it against
        half, shift = model.coef_[0] / 2, model.intercept_[0] / 2
        weights[model.classes_] = np.stack([-half, half])
        intercepts[model.classes_] = [-shift, shift]
    else:
        weights[model.classes_] = model.coef_
        intercepts[model.classes_] = model.intercept_
    return weights, intercepts


def _independent(
    features: sp.csr_array,
    y: npt.NDArray[np.integer],
    k: int,
    state: int,
    regression: Regression,
    each: Weights | None,
) -> tuple[Weights, Weights]:
    """Several answers: a regression for each label."""
    weights = np.zeros((k, features.shape[1]))
    share = (y.sum(axis=0) + 1.0) / (len(y) + 2.0)
    intercepts = np.log(share / (1.0 - share))
    for label in range(k):
        if features.shape[1] and 0 < y[:, label].sum() < len(y):
            own = each if each is None or each.ndim == 1 else each[:, label]
            model = _regression(state, regression, y[:, label]).fit(features, y[:, label], sample_weight=own)
            weights[label], intercepts[label] = model.coef_[0], model.intercept_[0]
    return weights, intercepts


def _regression(state: int, asked: Regression, y: npt.NDArray[np.integer]) -> Any:
    found, counts = np.unique(y, return_counts=True)
    weights = (len(y) / (len(found) * counts)) ** asked.balance
    return require("sklearn.linear_model").LogisticRegression(
        C=asked.inverse_strength,
        class_weight=dict(zip(found.tolist(), weights.tolist(), strict=True)),
        max_iter=1000,
        random_state=state,
    )
