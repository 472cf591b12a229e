"""Train with differential privacy: nothing of a report reaches the bundle but through noise.

The reports of ``train`` teach the encoder with noise; those of ``calibration`` draw a temperature by chance,
each at no more than the same epsilon. A patient stands in one of these splits, so that neither is charged
twice. No epoch, threshold or system is chosen by reports, TF-IDF is not made, and ``validation`` is not
read: it is left to people who choose settings.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bert4text.core.corpus import Corpus
from bert4text.core.errors import DataError
from bert4text.core.language import majority
from bert4text.core.progress import Progress
from bert4text.models.calibration import Calibrator
from bert4text.models.embedded import suited
from bert4text.training.config import TrainConfig
from bert4text.training.finetune import finetune
from bert4text.training.parts import Parts, read_parts
from bert4text.training.private_settings import check_begun, private_settings
from bert4text.training.private_temperature import draw_temperature
from bert4text.training.secret import draws_of
from bert4text.training.spending import Plan
from bert4text.training.trained import Trained


def train_privately(
    corpus: Corpus, config: TrainConfig, *, seed: int, work: Path, resume: bool, progress: Progress
) -> Trained:
    """Let an encoder learn within a budget, and calibrate it within the same.

    Raises:
        ConfigError: a setting would tell of reports beside the budget, or going on was asked for.
        DataError: a split is missing, or a patient stands in two of them.
        ModelError: the encoder is unknown or broken.
        GuardError: training diverged.
        MissingExtraError: Opacus, torch, transformers or accelerate is not installed.
    """
    check_begun(resume=resume)
    start, settings = time.monotonic(), private_settings(config)
    parts = read_parts(corpus, settings)
    _check_apart(parts)
    settings = settings.replace(encoder=suited(settings.encoder, corpus.language or majority(corpus.texts)))
    tuned = finetune(parts, settings, corpus=corpus.fingerprint, seed=seed, work=work, progress=progress)
    calibrator, used = Calibrator.untouched(parts.label_space), {"train": "fit"}
    if parts.calibration is not None:
        with progress.task("calibrating"):
            calibrator = draw_temperature(
                tuned.backend.forward(parts.calibration.texts).logits,
                parts.calibration,
                label_space=parts.label_space,
                epsilon=config.private.epsilon or 0.0,
                draws=draws_of(config.private.noise, seed=seed),
            )
        used["calibration"] = "temperature"
    return Trained(
        backend=tuned.backend,
        calibrator=calibrator,
        baseline=None,
        baseline_calibrator=None,
        decision=None,
        info=tuned.info,
        steps=[],
        split_used=used,
        config=tuned.config,
        seconds=time.monotonic() - start,
        notes={"private": _told(tuned.plan, config, unit=_unit(corpus))},
    )


def _unit(corpus: Corpus) -> str:
    """Whom the budget protects: the patient, where all reports that learn name theirs."""
    known = corpus["train"].table["patient"].null_count == 0
    return "patient" if known else "report"


def _check_apart(parts: Parts) -> None:
    """Refuse a patient in two splits that are charged apart.

    Raises:
        DataError: code ``private-overlap``.
    """
    held = parts.calibration
    both = set() if held is None else set(parts.train.groups) & set(held.groups)
    if both:
        raise DataError(
            "{count} patients have reports in train and in calibration: they would be charged twice",
            hint='split by patient ([prepare.split] by = "patient"), or set [train.calibration] '
            "temperature = false",
            code="private-overlap",
            count=len(both),
        )


def _told(plan: Plan | None, config: TrainConfig, *, unit: str) -> dict[str, Any]:
    """The budget and how it was spent, as the manifest keeps it."""
    if plan is None:
        return {}
    secret = config.private.noise == "secret"
    return {
        "epsilon": round(plan.epsilon, 4) if secret else None,
        "delta": plan.delta if secret else None,
        "asked": config.private.epsilon,
        "unit": unit,
        "units": plan.units,
        "neighbours": "one more or less",
        "noise": config.private.noise,
        "noise_multiplier": round(plan.noise, 4),
        "mean_noise_multiplier": None if plan.mean_noise is None else round(plan.mean_noise, 4),
        "clip": config.private.clip,
        "rate": plan.rate,
        "steps": plan.steps,
        "accountant": "rdp",
        "covers": list(COVERS),
        "not_covered": list(NOT_COVERED),
    }


COVERS = ("weights", "temperature")
"""What of a bundle differs for who reads it by no more than the budget says, whether a patient took part or
not."""
NOT_COVERED = (
    "number of patients",
    "fingerprint of the corpus",
    "findings accepted",
    "settings chosen by people",
)
"""What else a bundle says that comes of the reports."""
