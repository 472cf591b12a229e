"""Work of a rival: TF-IDF of words and word pairs with a balanced logistic regression, scikit-learn's.

How little its weights are held down is scikit-learn's default unless the settings say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from benchmarks.quality.working import Answered, serve


def answered(lot: Mapping[str, Any]) -> Answered:
    """Learn from the lot's reports and answer its test reports."""
    names, many = lot["names"], lot["task"] == "multilabel"
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    learned = vectorizer.fit_transform([text for text, _ in lot["train"]])
    asked = vectorizer.transform([text for text, _ in lot["test"]])
    truth = np.array([[name in labels for name in names] for _, labels in lot["train"]], dtype=np.int64)
    strength = lot["settings"].get("C", 1.0)
    regression = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
    if many:
        probabilities = OneVsRestClassifier(regression).fit(learned, truth).predict_proba(asked)
        return Answered({"delivered": (probabilities, (probabilities >= 0.5).astype(np.int64))})
    regression.fit(learned, truth.argmax(axis=1))
    probabilities = np.zeros((asked.shape[0], len(names)))
    probabilities[:, regression.classes_] = regression.predict_proba(asked)
    return Answered({"delivered": (probabilities, probabilities.argmax(axis=1))})


if __name__ == "__main__":
    serve(answered)
