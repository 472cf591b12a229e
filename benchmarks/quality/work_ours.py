"""Work of a system: ours, by the verb ``train``, with nothing set but what the system's settings say."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from benchmarks.quality.working import Answered, serve
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report, Split
from bert4text.core.seeds import integer
from bert4text.project import Project
from bert4text.verbs.model import train

ASIDE: dict[Split, float] = {"validation": 0.1, "calibration": 0.1}
"""Shares of the training reports that ours keeps to stop, decide and calibrate by; others learn from all."""


def answered(lot: Mapping[str, Any]) -> Answered:
    """Learn from the lot's reports and answer its test reports."""
    texts = [text for text, _ in lot["test"]]
    corpus = _corpus(lot)
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = place
        given = {
            "project": {"seed": lot["seed"], "language": lot["language"]},
            "audit": {"fail_on": "never"},
            "train": lot["settings"],
        }
        classifier = train(corpus, project=Project(given=given), out=Path(place) / "run")
        found = Answered(facts={"delivered": classifier.delivered, "encoder": classifier.encoder_name})
        for name, (backend, calibrator) in classifier.systems().items():
            for part in ("validation", "calibration"):
                found.aside[f"{name}.{part}"] = backend.forward(corpus[part].texts).logits
            logits = backend.forward(texts).logits
            probabilities = calibrator.probabilities(logits)
            many = lot["task"] == "multilabel"
            decided = calibrator.holds(probabilities) if many else calibrator.decide(probabilities)
            found.aside[f"{name}.test"] = logits
            found.answers[name] = (probabilities, np.asarray(decided, dtype=np.int64))
        found.answers["delivered"] = found.answers[classifier.delivered]
    for part in ("validation", "calibration"):
        truth = [
            [name in (labels or ()) for name in lot["names"]]
            for labels in corpus[part].table["labels"].to_pylist()
        ]
        found.aside[f"truth.{part}"] = np.array(truth, dtype=np.bool_)
    return found


def _corpus(lot: Mapping[str, Any]) -> Corpus:
    splits: list[Split] = ["train"] * len(lot["train"])
    left = np.arange(len(splits))
    for split, share in ASIDE.items():
        size = max(round(share * len(splits)), len(lot["names"]))
        strata = _strata([lot["train"][place][1] for place in left])
        seed = integer(lot["seed"], f"quality.{split}") % 2**32
        left, held = train_test_split(left, test_size=size, stratify=strata, random_state=seed)
        for place in held:
            splits[int(place)] = split
    rows = zip(splits, lot["train"], strict=True)
    reports = [
        Report(id=str(place), text=text, labels=tuple(labels), split=split)
        for place, (split, (text, labels)) in enumerate(rows)
    ]
    space = LabelSpace(task=lot["task"], names=tuple(lot["names"]))
    return Corpus.from_reports(reports, space, language=lot["language"])


def _strata(labels: list[list[str]]) -> list[str] | None:
    """The label of each report, rare ones together; None where nothing is left to deal by."""
    joined = ["|".join(one) for one in labels]
    kept = [one if joined.count(one) > 3 else "" for one in joined]
    return kept if min(map(kept.count, set(kept))) > 1 else None


if __name__ == "__main__":
    serve(answered)
