"""What TF-IDF should know of a report: words and pairs, or pieces of words too, and how common each must be.

    python -m benchmarks.quality.terms --data DIR [--sets ...] [--out FILE]

Balanced logistic regression by scikit-learn on the reports of `benchmarks.quality.reports`; a minute a set.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.preprocessing import normalize

from benchmarks.document import document, write
from benchmarks.options import names
from benchmarks.quality.lots import SETS, Lot, lots
from bert4text.core.manifest import utc_now

NAME, SEED = "quality.terms", 7

WORDS: dict[str, Any] = {"analyzer": "word", "ngram_range": (1, 2)}
PIECES: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5)}

FORMS: dict[str, tuple[list[dict[str, Any]], int]] = {
    "words and pairs": ([WORDS], 1),
    "words and pairs of 5 reports": ([WORDS], 5),
    "pieces of 5 reports": ([PIECES], 5),
    "words, pairs and pieces of 5 reports": ([WORDS, PIECES], 5),
}
"""Kinds of terms, and the least number of reports of a term."""


def main() -> None:
    """Fit every form on every set and print macro-F1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    alone = [name for name, source in SETS.items() if source.task != "multilabel"]
    parser.add_argument("--sets", type=names, default=alone, help="only these, with commas")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    asked, started = parser.parse_args(), utc_now()
    runs = []
    for name in asked.sets:
        dealt = list(lots(SETS[name], asked.data, seed=SEED))
        for form in FORMS:
            runs.append({"set": name, "form": form, **_measured(dealt, form)})
            print(f"{name:22} {form:38} macro-F1 {runs[-1]['macro_f1']:.3f}", flush=True)
    summary = [{"form": form, "macro_f1": _mean(runs, form)} for form in FORMS]
    for row in summary:
        print(f"{'mean':22} {row['form']:38} macro-F1 {row['macro_f1']:.3f}")
    if asked.out is not None:
        settings = {"sets": asked.sets, "seed": SEED}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=summary))


def _measured(dealt: list[Lot], form: str) -> dict[str, float]:
    """Macro-F1 and accuracy of the answers to all lots together."""
    truth, given = [], []
    for lot in dealt:
        truth += [lot.names.index(labels[0]) for _, labels in lot.test]
        given += _answered(lot, form)
    return {
        "macro_f1": round(float(f1_score(truth, given, average="macro")), 4),
        "accuracy": round(float(accuracy_score(truth, given)), 4),
    }


def _answered(lot: Lot, form: str) -> list[int]:
    kinds, least = FORMS[form]
    learned, asked = ([text for text, _ in part] for part in (lot.train, lot.test))
    made, seen = [], []
    for kind in kinds:
        vectorizer = TfidfVectorizer(**kind, sublinear_tf=True, min_df=least, norm=None)
        made.append(vectorizer.fit_transform(learned))
        seen.append(vectorizer.transform(asked))
    features, others = (normalize(sp.hstack(each).tocsr()) for each in (made, seen))
    regression = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    regression.fit(features, np.array([lot.names.index(labels[0]) for _, labels in lot.train]))
    found: list[int] = regression.predict(others).tolist()
    return found


def _mean(runs: list[dict[str, Any]], form: str) -> float:
    return round(float(np.mean([run["macro_f1"] for run in runs if run["form"] == form])), 4)


if __name__ == "__main__":
    main()
