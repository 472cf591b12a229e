"""BERT4Text: from a table of clinical reports to an audited, calibrated classifier.

Nouns and verbs are imported when first used, so that ``import bert4text`` stays light.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "Bert4TextError": "core.errors",
    "Corpus": "core.corpus",
    "Evaluation": "core.evaluation",
    "Explanation": "core.explanation",
    "Issue": "core.issue",
    "LabelSpace": "core.labels",
    "Manifest": "core.manifest",
    "Prediction": "core.prediction",
    "Report": "core.report",
    "Span": "core.span",
    "Stress": "core.stress",
    "Classifier": "models.classifier",
    "BertTextClassifier": "estimator",
    "Project": "project",
    "prepare": "verbs.data",
    "audit": "verbs.data",
    "synthesize": "verbs.data",
    "deidentify": "verbs.privacy",
    "deidentify_table": "verbs.tables",
    "deidentify_text": "verbs.privacy",
    "reidentify": "verbs.privacy",
    "pretrain": "verbs.encoder",
    "train": "verbs.model",
    "tune": "verbs.tuning",
    "calibrate": "verbs.calibrating",
    "distill": "verbs.distill",
    "evaluate": "verbs.model",
    "stress": "verbs.stressing",
    "predict": "verbs.use",
    "explain": "verbs.explaining",
    "explain_overall": "verbs.explaining",
    "explain_to": "verbs.telling",
    "export": "verbs.delivery",
    "document": "verbs.account",
    "print_page": "verbs.printing",
    "quickstart": "tour",
}

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604 - the names are strings


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'bert4text' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"bert4text.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
