"""Evaluations made from a seed, for the tests beside this file."""

from __future__ import annotations

from functools import cache

import numpy as np

from bert4text.core.labels import LabelSpace
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.evaluate import evaluate


def given(names, shares, *, n=120, task="binary", seed=0, signal=2.2):
    """Labels and probabilities of three systems."""
    random = np.random.default_rng(seed)
    space = LabelSpace(task=task, names=tuple(names))
    k, prior = len(names), np.asarray(shares, dtype=float) / sum(shares)
    if task == "multilabel":
        truth = random.random((n, k)) < np.asarray(shares)

        def said(strength):
            return 1 / (1 + np.exp(-(random.normal(size=(n, k)) + strength * (truth - 0.5))))

        labels = [[names[c] for c in range(k) if row[c]] for row in truth]
        return space, labels, {"model": said(3), "tfidf": said(2)}
    drawn = random.choice(k, p=prior, size=n)

    def said(strength):
        logits = random.normal(size=(n, k)) + strength * np.eye(k)[drawn] + np.log(prior)
        return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    systems = {"model": said(signal), "tfidf": said(signal - 0.4), "majority": np.tile(prior, (n, 1))}
    return space, [[names[i]] for i in drawn], systems


def run(space, labels, said, **more):
    n = len(labels)
    more.setdefault("groups", [f"p{i // 2}" for i in range(n)])
    more.setdefault("patients", len(set(more["groups"])))
    more.setdefault("config", EvaluateConfig.parse({"resamples": 200}, section="evaluate"))
    return evaluate(labels, said, label_space=space, **more)


STEPS = [
    {"step": i, "epoch": 1, "loss": 1 / i, "learning_rate": 1e-5, "validation": None}
    if i % 5
    else {"step": i, "epoch": 1, "loss": 1 / i, "validation": {"macro_f1": i / 30, "accuracy": 0.5}}
    for i in range(1, 26)
]


@cache
def binary():
    space, labels, systems = given(["benign", "malignant"], [0.6, 0.4])
    systems["tabular"] = given(["benign", "malignant"], [0.6, 0.4], signal=3)[2]["model"]
    return run(space, labels, systems, corpus="sha256:" + "ab" * 32, seen=1, synthetic=120, steps=STEPS)


@cache
def ordinal():
    names = [f"BIRADS_{i}" for i in range(7)]
    shares = [0.08, 0.2, 0.59, 0.06, 0.05, 0.01, 0.01]
    return run(*given(names, shares, n=300, task="ordinal", seed=3), seen=3)


@cache
def multilabel():
    return run(*given(["a", "b", "c"], [0.3, 0.5, 0.2], task="multilabel"), patients=None)
