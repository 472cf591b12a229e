"""Work of a system: ours, by the verb ``train``, with nothing set but what the system's settings say.

Beside what is delivered, the answers of each part are kept, with its thresholds and by the highest
probability alone: what thresholds and the pool of both bring is read off the same run.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from benchmarks.declared import POLICY
from benchmarks.quality.working import Answered, serve
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report, Split
from bert4text.core.seeds import integer
from bert4text.project import Project
from bert4text.verbs.encoder import pretrain
from bert4text.verbs.model import train

ASIDE: dict[Split, float] = {"validation": 0.1, "calibration": 0.1}
"""Shares of the training reports that ours keeps to stop, decide and calibrate by; others learn from all."""


def answered(lot: Mapping[str, Any]) -> Answered:
    """Learn from the lot's reports and answer its test reports."""
    texts = [text for text, _ in lot["test"]]
    asked = dict(lot["settings"])
    corpus = corpus_of(lot, ordinal=asked.pop("ordinal", False))
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = place
        given = {
            "project": {"seed": lot["seed"], "language": lot["language"]},
            "audit": {"fail_on": "never"},
            "policy": POLICY,
        }
        if (pretraining := asked.pop("pretrain", None)) is not None:
            encoder = Path(place) / "encoder"
            told = Project(given={**given, "pretrain": {"encoder": asked["encoder"], **pretraining}})
            pretrain(corpus, project=told, out=encoder)
            asked["encoder"] = str(encoder)
        project = Project(given={**given, "train": asked})
        classifier = train(corpus, project=project, out=Path(place) / "run")
        found = Answered(facts={"delivered": classifier.delivered, "encoder": classifier.encoder_name})
        for name, (backend, calibrator) in classifier.systems().items():
            for part in ("validation", "calibration"):
                found.aside[f"{name}.{part}"] = backend.forward(corpus[part].texts).logits
            logits = backend.forward(texts).logits
            probabilities = calibrator.probabilities(logits)
            found.aside[f"{name}.test"] = logits
            highest = calibrator.model_copy(update={"thresholds": None})
            for told_as, judge in ((name, calibrator), (f"{name}, highest", highest)):
                many = lot["task"] == "multilabel"
                decided = judge.holds(probabilities) if many else judge.decide(probabilities)
                found.answers[told_as] = (probabilities, np.asarray(decided, dtype=np.int64))
        found.answers["delivered"] = found.answers[classifier.delivered]
    for part in ("validation", "calibration"):
        truth = [
            [name in (labels or ()) for name in lot["names"]]
            for labels in corpus[part].table["labels"].to_pylist()
        ]
        found.aside[f"truth.{part}"] = np.array(truth, dtype=np.bool_)
    return found


def corpus_of(lot: Mapping[str, Any], *, ordinal: bool = False) -> Corpus:
    """The reports to learn from, dealt into parts.

    Args:
        lot: what ``Lot.asked`` tells.
        ordinal: whether labels that are no grade are told to be none.
    """
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
    asked = {"task": "ordinal", "off_scale": tuple(lot["off_scale"])} if ordinal else {"task": lot["task"]}
    space = LabelSpace(names=tuple(lot["names"]), **asked)
    return Corpus.from_reports(reports, space, language=lot["language"])


def _strata(labels: list[list[str]]) -> list[str] | None:
    """The label of each report, rare ones together; None where nothing is left to deal by."""
    joined = ["|".join(one) for one in labels]
    kept = [one if joined.count(one) > 3 else "" for one in joined]
    return kept if min(map(kept.count, set(kept))) > 1 else None


if __name__ == "__main__":
    serve(answered)
