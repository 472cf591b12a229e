"""Settings of a private training filled in, and those refused that would tell of reports past the budget."""

from __future__ import annotations

import os
from typing import Any

from bert4text.core.errors import ConfigError
from bert4text.training.calibration_config import LEVELS
from bert4text.training.config import TrainConfig

EPOCHS = {"smoke": 2, "quick": 20, "standard": 50, "thorough": 100}
"""Passes of each effort where the head alone learns: a frozen body is run once, and a step costs next to
nothing."""
DEEP_EPOCHS = {"smoke": 1, "quick": 5, "standard": 10, "thorough": 20}
"""The same where the encoder learns."""
RATES = {"head": 0.5}
DEEP_RATE = 0.1
"""Chance that a patient takes part in a step: the larger, the less the noise of a step weighs."""
HEAD_LEARNING_RATE = 1e-2
"""Of a head whose features are scaled to one; without noise as with it."""

REFUSED: tuple[tuple[str, Any], ...] = (
    ("patience", 0),
    ("optimizer.head_start", False),
    ("batches.size", TrainConfig.model_validate({}).batches.size),
    ("batches.balanced", False),
    ("batches.augmentation.perturbations", []),
    ("folds.count", 1),
    ("folds.refit", False),
    ("loss.class_weights", "none"),
    ("loss.logit_adjustment", 0.0),
    ("loss.reweigh", []),
    ("calibration.kind", "auto"),
    ("calibration.score", "lac"),
    ("calibration.levels", list(LEVELS)),
    ("calibration.false_alarms", 0.01),
    ("calibration.thresholds", False),
    ("calibration.deliver", "model"),
)
"""Settings, and the one value that reads no report but through the noise; the size of batches has no meaning,
since ``private.rate`` draws them, and stands at its default in settings that were filled in."""


def private_settings(config: TrainConfig) -> TrainConfig:
    """Settings with what a private training needs filled in.

    Nothing may be chosen by reports but through the noise: no epoch by validation, no weight by the
    frequency of a label, no threshold, no system that answers; and TF-IDF, which holds words of reports, is
    not made.

    Raises:
        ConfigError: a setting was given that would tell of reports beside the budget.
    """
    for path, value in REFUSED:
        _check(config, path, value)
    adaptation = config.adaptation if "adaptation" in config.model_fields_set else "head"
    if adaptation == "full" or config.windows.pooling == "learned" or config.encoder == "tfidf":
        raise _refused(*_too_much(config))
    if config.calibration.point.given:
        raise _refused("calibration.point", "nothing")
    deep = adaptation != "head"
    effort = "smoke" if os.environ.get("BERT4TEXT_EFFORT") == "smoke" else config.effort
    learning_rate = config.learning_rate or (None if deep else HEAD_LEARNING_RATE)
    return config.replace(
        adaptation=adaptation,
        epochs=config.epochs or (DEEP_EPOCHS if deep else EPOCHS)[effort],
        patience=0,
        learning_rate=learning_rate,
        precision="float32",
        adapt=config.adapt.replace(reads="first") if config.adapt.reads == "auto" else config.adapt,
        optimizer=config.optimizer.replace(head_start=False),
        folds=config.folds.replace(count=1, refit=False),
        loss=config.loss.replace(class_weights="none"),
        calibration=config.calibration.replace(thresholds=False, deliver="model"),
        private=config.private.replace(rate=config.private.rate or RATES.get(adaptation, DEEP_RATE)),
    )


def check_begun(*, resume: bool) -> None:
    """Refuse to go on with a private training.

    Raises:
        ConfigError: going on was asked for.
    """
    if resume:
        raise ConfigError(
            "a private training cannot be resumed: it keeps no checkpoint, which would tell more than its "
            "budget allows",
            hint="begin anew with --overwrite; what was broken off gave nothing away and cost nothing",
            code="private-resume",
        )


def _too_much(config: TrainConfig) -> tuple[str, str]:
    if config.encoder == "tfidf":
        return "encoder", "minilm"
    if config.windows.pooling == "learned":
        return "windows.pooling", "mean"
    return "adaptation", "head"


def _check(config: TrainConfig, path: str, value: Any) -> None:
    """Refuse a setting that was given another value."""
    record: Any = config
    *parts, key = path.split(".")
    for part in parts:
        if part not in record.model_fields_set:
            return
        record = getattr(record, part)
    if key in record.model_fields_set and getattr(record, key) not in (value, None):
        raise _refused(path, "private.rate" if key == "size" else str(value).lower())


def _refused(path: str, value: str) -> ConfigError:
    return ConfigError(
        "[train] {key} does not go with [train.private]: it would tell of reports beside the budget, or "
        "keeps no "
        "budget",
        hint="leave it out, or set {value}",
        code="not-private",
        key=path,
        value=value,
    )
