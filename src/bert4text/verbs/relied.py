"""What evaluate measures of the system that answers: prediction sets, abstention, the guard, the cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

import numpy as np

from bert4text.core.prediction import Manner, Prediction, Promise
from bert4text.evaluation.config import EvaluateConfig

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.core.reliance import Reliance
    from bert4text.evaluation.reliance import Kept
    from bert4text.models.classifier import Classifier
    from bert4text.verbs.measured import Measured


def relied(
    classifier: Classifier,
    part: Corpus,
    measured: Measured,
    predictions: Sequence[Prediction],
    *,
    settings: EvaluateConfig,
) -> Reliance:
    """How far the answers can be relied on.

    Args:
        classifier: whose system answers.
        part: the reports.
        measured: what every system said of them.
        predictions: what the classifier answered.
        settings: of the evaluation.
    """
    from bert4text.evaluation.answers import answers, truth_matrix
    from bert4text.evaluation.intervals import group_index
    from bert4text.evaluation.reliance import reliance

    space = classifier.label_space
    truth = truth_matrix([row or [] for row in part.table["labels"].to_pylist()], space)
    said = {
        name: answers(truth, probabilities, label_space=space, decisions=measured.decisions.get(name))
        for name, probabilities in measured.probabilities.items()
    }
    scope = classifier.scope
    return reliance(
        said,
        classifier.delivered,
        names=space.names,
        index=group_index(part.groups)[0],
        by_patient=part.patients is not None,
        kept=_kept(classifier, part.texts, measured.probabilities[classifier.delivered]),
        usual=_usual(classifier),
        statuses=[(one.status, one.reason) for one in predictions],
        promised=None if scope is None or scope.limit is None else scope.rate,
        guarded=scope is not None,
        config=settings.review,
        point=classifier.info.manifest.notes.get("operating_point", {}),
    )


def _kept(classifier: Classifier, texts: list[str], probabilities: np.ndarray) -> Kept:
    sets = classifier.calibrator.sets
    if sets is None:
        return {}
    promises: list[Promise] = [
        one for one in get_args(Promise) if one != "overall" or sets.overall is not None
    ]
    return {
        (level, promise): (sets.kept(probabilities, texts, level, promise), sets.quantiles(level, promise))
        for promise in promises
        for level in sets.levels
    }


def _usual(classifier: Classifier) -> tuple[float, Promise] | None:
    """The promise that is made if nothing is asked for."""
    from bert4text.models.manner import level_of, promise_of

    sets = classifier.calibrator.sets
    return None if sets is None else (level_of(sets, Manner()), promise_of(sets, Manner()))
