"""The tabular ceiling: what logistic regression on the 30 numbers knows about the same reports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bert4text.core.corpus import Corpus
from bert4text.core.errors import DataError, LabelError
from bert4text.data.sources import wdbc
from bert4text.synthesis.rows import ROW_KEY, row_digest


def ceiling(corpus: Corpus, *, split: str = "test") -> npt.NDArray[np.float64]:
    """Predict a split from the numbers behind its reports, learned from the numbers of the train split.

    A text made from a row, with an observer's error, cannot be expected to say more than the row:
    this is the reference that a model of the texts is held against.

    Args:
        corpus: split reports of ``synthesize``, which keep the key of their row.
        split: the split to predict.

    Returns:
        float64 [reports of the split, 2], in the order of the corpus's label space.

    Raises:
        EmptyCorpusError: the train split or the split asked for has no reports.
        DataError: a report has no row of the Wisconsin table behind it.
        LabelError: the corpus is not binary, a train report has no label, or all have the same.
    """
    train, asked = corpus["train"], corpus[split]
    names = _names(train)
    measurements = _rows([*_keys(train), *_keys(asked)])
    truth = [label == names[1] for label in train.labels]
    return tabular_probabilities(measurements[: len(train)], truth, measurements[len(train) :])


def tabular_probabilities(
    train: npt.NDArray[np.float64], positive: Sequence[bool], asked: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Fit standardized, class-balanced logistic regression on rows and predict others.

    Args:
        train: float64 [n, 30].
        positive: which of them have the second label.
        asked: float64 [m, 30].

    Returns:
        float64 [m, 2]: the probabilities of the first and the second label.

    Raises:
        LabelError: all training rows have the same label.
    """
    if len(set(positive)) < 2:
        raise LabelError(
            "all reports of the train split have the same label ({count})",
            hint="make more reports, or split them again",
            code="one-class",
            count=len(positive),
        )
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
    model.fit(train, np.asarray(positive, dtype=np.int64))
    return np.asarray(model.predict_proba(asked), dtype=np.float64)


def _names(train: Corpus) -> tuple[str, ...]:
    names = train.label_space.names if train.label_space else ()
    if len(names) != 2 or set(train.labels) - set(names):
        raise LabelError(
            "the tabular ceiling needs two labels and a label for each report of the train split",
            hint="make the corpus with `bert4text synthesize cytology`",
            code="not-binary",
        )
    return names


def _keys(corpus: Corpus) -> list[str]:
    keys = [report.attributes.get(ROW_KEY) for report in corpus]
    found = [key for key in keys if key is not None]
    if len(found) < len(keys):
        raise DataError(
            "reports without a row of the Wisconsin table behind them: {count} of {total}",
            hint="the tabular ceiling is for reports made by `bert4text synthesize`",
            code="no-source-row",
            count=len(keys) - len(found),
            total=len(keys),
        )
    return found


def _rows(keys: Sequence[str]) -> npt.NDArray[np.float64]:
    table = wdbc().measurements
    known = {row_digest(row)[:12]: row for row in table}
    unknown = sum(key not in known for key in keys)
    if unknown:
        raise DataError(
            "reports that name a row the Wisconsin table does not have: {count}",
            hint="make the corpus again with this release",
            code="unknown-source-row",
            count=unknown,
        )
    return np.stack([known[key] for key in keys])
