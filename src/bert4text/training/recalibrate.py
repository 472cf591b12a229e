"""Calibrate a finished classifier anew: on reports of another hospital, or to another operating point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bert4text.core.corpus import Corpus
from bert4text.core.errors import DataError, LabelError
from bert4text.core.labels import LabelSpace
from bert4text.core.progress import Progress, silent
from bert4text.evaluation.answers import truth_matrix
from bert4text.models.backends import Output
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.scope import Scope
from bert4text.training.calibrate import FEWEST, choose_thresholds
from bert4text.training.calibration_config import CalibrateConfig
from bert4text.training.calibrators import fit_calibrator, fit_sets_of
from bert4text.training.expected import expected_thresholds
from bert4text.training.grouped import Grouped, check_accepted, fit_groups, grouped
from bert4text.training.parts import Part
from bert4text.training.point import Proven, check_point, fit_point
from bert4text.training.scope import limited

CHUNK = 512
"""Reports answered between two words to the progress."""


@dataclass(frozen=True)
class Recalibrated:
    """What calibration reports gave.

    Attributes:
        calibrator: of the system that answers.
        scope: with its limit found anew; None where there was none.
        proven: of the operating point; None where none was asked for.
        reports: it was fitted on.
        patients: of these; None where they are unknown.
    """

    calibrator: Calibrator
    scope: Scope | None
    proven: Proven | None
    reports: int
    patients: int | None

    @property
    def notes(self) -> dict[str, Any]:
        """What the manifest keeps of it."""
        counts = {"reports": self.reports, "patients": self.patients, "kind": self.calibrator.kind}
        point = {} if self.proven is None else {"operating_point": self.proven.told}
        return {"calibrated": counts, **point}


def recalibrate(
    classifier: Classifier, corpus: Corpus, config: CalibrateConfig, *, seed: int, progress: Progress = silent
) -> Recalibrated:
    """Fit what follows the logits of the system that answers, on reports it has not learned from.

    Args:
        classifier: whose weights stay as they are.
        corpus: labelled reports.
        config: what is fitted.
        seed: of folds and resamples.
        progress: told how far it is.

    Raises:
        LabelError: none of the reports has a label, or a label that the classifier does not know.
        DataError: there are too few reports, or too few to prove an operating point, in all or in any group.
        ConfigError: the operating point does not suit the question, or nobody accepted thresholds by group.
    """
    check_accepted(config.groups, config.point)
    space = classifier.label_space
    labels = corpus.table["labels"].to_pylist()
    pairs = zip(labels, corpus.texts, strict=True)
    kept = [place for place, (row, text) in enumerate(pairs) if row is not None and text and text.strip()]
    if not kept:
        raise LabelError(
            "none of the reports has a text and a label",
            hint="name their columns with `bert4text prepare --columns`",
            code="unlabelled",
        )
    some = corpus.select(kept)
    truth = truth_matrix([labels[place] for place in kept], space)
    part = Part(some.texts, some.groups, truth, space.task == "multilabel")
    if len(kept) < FEWEST:
        raise DataError(
            "there are {found} labelled reports to calibrate on; {needed} are needed",
            hint="label more reports, or take a larger split",
            code="too-few-to-calibrate",
            found=len(kept),
            needed=FEWEST,
        )
    check_point(config.point, space, part)
    by_group = None
    if config.groups.attribute is not None:
        by_group = grouped(some, part, config.groups, point=config.point, space=space)
    output = _answered(classifier, part.texts, progress)
    fitted = fit_calibrator(
        output.logits, truth, label_space=space, groups=part.groups, kind=config.fitted, seed=seed
    )
    if config.thresholds:
        fitted = _with_thresholds(fitted, output, part, seed=seed)
    proven = _proven(fitted, output, part, by_group, config=config, space=space)
    fitted = fitted if proven is None else proven.calibrator
    sets = fit_sets_of(
        fitted,
        output.logits,
        truth,
        texts=part.texts,
        groups=part.groups,
        levels=config.levels,
        score=config.score,
        label_space=space,
        seed=seed,
    )
    scope = None
    if config.false_alarms:
        scope = limited(classifier.scope or Scope(None, 0.0, 0), part, output, rate=config.false_alarms)
    fitted = fitted.model_copy(update={"sets": sets})
    return Recalibrated(fitted, scope, proven, len(kept), some.patients)


def _proven(
    calibrator: Calibrator,
    output: Output,
    part: Part,
    by_group: Grouped | None,
    *,
    config: CalibrateConfig,
    space: LabelSpace,
) -> Proven | None:
    """The operating point that was asked for, with thresholds by group where those are accepted."""
    if not config.point.given:
        return None
    probabilities = calibrator.probabilities(output.logits)
    common = fit_point(
        calibrator, probabilities, part.truth, groups=part.groups, point=config.point, label_space=space
    )
    if by_group is None:
        return common
    return fit_groups(
        calibrator,
        common,
        probabilities,
        part,
        by_group,
        config=config.groups,
        point=config.point,
        label_space=space,
    )


def _answered(classifier: Classifier, texts: list[str], progress: Progress) -> Output:
    backend, outputs = classifier.backend, []
    with progress.task("Answering the reports", total=len(texts)) as task:
        for start in range(0, len(texts), CHUNK):
            outputs.append(backend.forward(texts[start : start + CHUNK]))
            task.advance(len(outputs[-1].tokens))

    def joined(name: str) -> Any:
        values = [getattr(output, name) for output in outputs]
        return None if any(value is None for value in values) else np.concatenate(values)

    names = ("logits", "embedding", "tokens", "windows", "unread", "unknown")
    return Output(**{name: joined(name) for name in names})


def _with_thresholds(calibrator: Calibrator, output: Output, part: Part, *, seed: int) -> Calibrator:
    if calibrator.link == "softmax":
        return expected_thresholds(calibrator, output.logits)
    return choose_thresholds(calibrator, output.logits, part.truth, groups=part.groups, seed=seed)
