"""What tuning may change, and what it tries next: Optuna's sampler, asked anew for each trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, NamedTuple

from bert4text.core import seeds
from bert4text.core.errors import ConfigError
from bert4text.core.extras import require
from bert4text.core.labels import LabelSpace
from bert4text.training.config import TrainConfig

Point = dict[str, float | str]
"""Axis -> the factor of the learning rate, or the name of an option."""

RATE = "learning_rate"
FACTORS = (0.25, 4.0)
"""Least and largest multiple of the default learning rate of the encoder."""

GIVEN = "given"
"""The option of every axis that leaves the settings as they are."""

CHOICES: dict[str, tuple[dict[str, Any], ...]] = {
    "imbalance": (
        {"loss.class_weights": "none", "loss.logit_adjustment": 0.0},
        {"loss.class_weights": "sqrt", "loss.logit_adjustment": 0.0},
        {"loss.class_weights": "balanced", "loss.logit_adjustment": 0.0},
        {"loss.class_weights": "effective", "loss.logit_adjustment": 0.0},
        {"loss.class_weights": "none", "loss.logit_adjustment": 0.5},
        {"loss.class_weights": "none", "loss.logit_adjustment": 1.0},
    ),
    "certainty": (
        {"loss.focal": 0.0, "loss.label_smoothing": 0.0},
        {"loss.focal": 1.0, "loss.label_smoothing": 0.0},
        {"loss.focal": 2.0, "loss.label_smoothing": 0.0},
        {"loss.focal": 0.0, "loss.label_smoothing": 0.05},
        {"loss.focal": 0.0, "loss.label_smoothing": 0.1},
    ),
    "layer_decay": tuple({"optimizer.layer_decay": value} for value in (1.0, 0.95, 0.9, 0.8)),
    "dropout": tuple({"dropout.hidden": value} for value in (0.0, 0.2)),
    "batch": tuple({"batches.size": value} for value in (8, 16, 32)),
    "ordinal": tuple({"loss.ordinal": value} for value in (0.0, 0.5, 1.0, 2.0)),
}
"""Axis -> settings that go together; two cures for one ill never do (see docs/how-to/tune.md)."""

STARTUP = 8
"""Trials that are drawn evenly before the estimators learn from them."""

ATTEMPTS = 20
"""Draws after which nothing new is taken to be left."""

Space = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Axis -> option -> what it changes; the learning rate has no options."""


class Past(NamedTuple):
    """A trial that is over: where it was, its score, and whether it was left early."""

    point: Point
    score: float
    pruned: bool


def space(config: TrainConfig, label_space: LabelSpace) -> Space:
    """What may be changed: nothing that the user has set, and nothing that means nothing here.

    Args:
        config: ``[train]`` as it was given.
        label_space: the question.
    """
    fixed = _flat(config.model_dump(exclude_unset=True))
    found: dict[str, dict[str, dict[str, Any]]] = {} if RATE in fixed else {RATE: {}}
    for axis, choices in CHOICES.items():
        if not _matters(axis, config, label_space):
            continue
        options: dict[str, dict[str, Any]] = {GIVEN: {}}
        for choice in choices:
            changed = {key: value for key, value in choice.items() if value != _value(config, key)}
            if changed and not changed.keys() & fixed.keys():
                options[_name(choice)] = changed
        if len(options) > 1:
            found[axis] = options
    return found


def searchable(config: TrainConfig, label_space: LabelSpace) -> Space:
    """What may be changed.

    Args:
        config: ``[train]`` as given.
        label_space: the question.

    Raises:
        ConfigError: nothing (``nothing-to-tune``).
    """
    found = {} if config.encoder == "tfidf" else space(config, label_space)
    if not found:
        raise ConfigError(
            "there is nothing to tune with the encoder {encoder}: no setting that tune searches is left open",
            hint="choose another encoder, or take settings out of [train]",
            code="nothing-to-tune",
            encoder=config.encoder,
        )
    return found


def settings(found: Space) -> tuple[str, ...]:
    """The settings that are searched, ``loss.focal``."""
    keys = {key for options in found.values() for changes in options.values() for key in changes}
    return tuple(sorted(keys | ({RATE} & found.keys())))


def defaults(found: Space) -> Point:
    """The point that changes nothing; the first trial."""
    return {axis: GIVEN if options else 1.0 for axis, options in found.items()}


def changes(found: Space, point: Point, *, rate: float) -> dict[str, Any]:
    """What a point changes: setting -> value.

    Args:
        found: the space.
        point: one of it.
        rate: the learning rate where none is given.
    """
    changed: dict[str, Any] = {}
    for axis, value in point.items():
        if axis == RATE:
            changed |= {} if value == 1.0 else {RATE: _rounded(rate * float(value))}
        else:
            changed |= found[axis][str(value)]
    return changed


def merged(values: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """Sections with some settings given anew: ``{"loss.focal": 1.0}`` goes into the section ``loss``."""
    found: dict[str, Any] = deepcopy(dict(values))
    for key, value in changed.items():
        *path, name = key.split(".")
        place = found
        for part in path:
            place = place.setdefault(part, {})
        place[name] = value
    return found


def proposed(found: Space, past: Sequence[Past], *, seed: int) -> Point | None:
    """The next point to try; None where nothing new is left.

    It depends on the seed and on the trials that are over alone: asked again after a kill, it is the same.

    Args:
        found: the space.
        past: the trials that are over, the defaults first.
        seed: the one seed.

    Raises:
        MissingExtraError: Optuna is not installed.
    """
    known = [trial.point for trial in past]
    for attempt in range(ATTEMPTS):
        drawn = seeds.integer(seed, f"training.tune.trial.{len(past)}.{attempt}")
        point = _asked(found, past, seed=drawn)
        if point not in known:
            return point
    return None


def _asked(found: Space, past: Sequence[Past], *, seed: int) -> Point:
    """A point by tree-structured Parzen estimators, in a study of its own that starts from the past.

    Bergstra et al., 2011, "Algorithms for Hyper-Parameter Optimization".
    """
    optuna = require("optuna")
    distribution, state = optuna.distributions, optuna.trial.TrialState
    axes = {
        axis: distribution.CategoricalDistribution(tuple(options))
        if options
        else distribution.FloatDistribution(*FACTORS, log=True)
        for axis, options in found.items()
    }
    with _quiet(optuna):
        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)
        )
        for trial in past:
            study.add_trial(
                optuna.trial.create_trial(
                    state=state.PRUNED if trial.pruned else state.COMPLETE,
                    value=trial.score,
                    params=trial.point,
                    distributions=axes,
                    intermediate_values={0: trial.score},
                )
            )
        asked: dict[str, Any] = study.ask(axes).params
    return {axis: _rounded(value) if axis == RATE else value for axis, value in asked.items()}


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna from telling of every study on stderr."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def _matters(axis: str, config: TrainConfig, label_space: LabelSpace) -> bool:
    if axis == "ordinal":
        return label_space.task == "ordinal"
    if axis == "layer_decay":
        return config.adaptation in {"full", "layers"}
    return axis != "dropout" or config.adaptation != "head"  # a frozen encoder drops nothing


def _value(config: TrainConfig, key: str) -> Any:
    found: Any = config
    for part in key.split("."):
        found = getattr(found, part)
    return found


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= _flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {f"{before}{key}": value}
    return found


def _name(choice: Mapping[str, Any]) -> str:
    return " ".join(f"{key.rpartition('.')[2]}={value}" for key, value in choice.items())


def _rounded(value: float) -> float:
    """Two digits: a rate that can be read, and no two trials that differ in the third."""
    return float(f"{value:.2g}")
