"""Train: a corpus with its splits -> a calibrated encoder, the baseline it has to beat, and who answers."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bert4text.core.copies import NOTE, Copier
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.language import majority
from bert4text.core.progress import Progress, silent
from bert4text.models.backends import Output
from bert4text.models.calibration import Calibrator
from bert4text.models.embedded import suited
from bert4text.training.baseline import fit_baseline
from bert4text.training.calibrate import Bools, fit_temperature
from bert4text.training.calibrators import fit_calibrator
from bert4text.training.config import TrainConfig
from bert4text.training.decide import Decision, Logits, Told, decide, finished, with_thresholds
from bert4text.training.guards import check_collapse
from bert4text.training.parts import Part, Parts, read_parts
from bert4text.training.point import check_point
from bert4text.training.scope import fit_scope
from bert4text.training.trained import Trained

if TYPE_CHECKING:
    from bert4text.training.finetune import Tuned

BASELINE = "tfidf"


def train(
    corpus: Corpus,
    config: TrainConfig,
    *,
    seed: int,
    work: Path,
    resume: bool = False,
    copier: Copier | None = None,
    progress: Progress = silent,
) -> Trained:
    """Fit the baseline, fine-tune the encoder, guard, calibrate, choose thresholds and decide who answers.

    The split ``train`` fits, ``validation`` stops the training, ``calibration`` fits the temperature, both
    serve for thresholds and who answers; then TF-IDF learns from all three. ``test`` is never read.

    Args:
        corpus: labelled and split.
        config: what learns and how.
        seed: the one seed; the same seed, versions and threads give the same weights.
        work: a folder for checkpoints and ``steps.jsonl`` that outlives a kill; the caller removes it
            once the result is safe (``forget``).
        resume: go on from the checkpoint in ``work`` if there is one; otherwise what is there is dropped.
        copier: makes the changed copies of training reports that ``batches.augmentation`` asks for.
        progress: where to show how far it has come.

    Raises:
        DataError: the corpus has no labels, or a split is missing, or a label does not fit the question, or
            too few calibration reports to prove an operating point.
        ConfigError: a private training with settings that would tell of reports beside its budget, an
            operating point that does not suit the question, or reports are to weigh by groups that there are
            not.
        ModelError: the encoder is unknown or broken, or the checkpoint belongs to another training.
        GuardError: training diverged or collapsed.
        MissingExtraError: torch, transformers or accelerate is not installed, or Opacus for a private one.
        OutputError: the work folder cannot be written.
    """
    if config.private.epsilon is not None:
        from bert4text.training.private_train import train_privately  # noqa: PLC0415

        return train_privately(corpus, config, seed=seed, work=work, resume=resume, progress=progress)
    parts = read_parts(corpus, config, copier=copier)
    check_point(config.calibration.point, parts.label_space, parts.calibration)
    resolved = config.resolved(reports=len(parts.train.texts), labels=len(parts.label_space))
    language = corpus.language or majority(corpus.texts)
    resolved = resolved.replace(encoder=suited(resolved.encoder, language))
    if not resume:
        forget(work)
    neural = resolved.encoder != BASELINE
    several = neural and (resolved.folds.count or 1) > 1

    def tune() -> Tuned:
        return _tuned(parts, resolved, corpus=corpus.fingerprint, seed=seed, work=work, progress=progress)

    return beside_baseline(
        parts, resolved, tune=tune if neural else None, several=several, seed=seed, progress=progress
    )


def beside_baseline(
    parts: Parts,
    config: TrainConfig,
    *,
    tune: Callable[[], Tuned] | None,
    several: bool = False,
    seed: int,
    progress: Progress = silent,
) -> Trained:
    """Fit the baseline, let an encoder learn beside it, guard, calibrate and decide who answers.

    Args:
        parts: the splits.
        config: settings, effort resolved.
        tune: lets the encoder learn; None leaves the baseline alone.
        several: whether it gives several members, and what they say out of fold.
        seed: the one seed.
        progress: where to show how far it has come.

    Raises:
        GuardError: training diverged or collapsed.
    """
    start = time.monotonic()
    judged = replace(parts, validation=parts.pool) if several else parts
    with progress.task("training the baseline"):
        baseline, (validation, held) = fit_baseline(parts, seed=seed, pooled=several)
        linear = told(validation, None if held is None else held.logits, judged, config, seed=seed)
    tuned = decision = neural = None
    asked: dict[str, Output] = {}
    cut: dict[str, int] = {}
    if tune is not None:
        tuned = tune()
        with progress.task("calibrating"):
            asked = {name: tuned.backend.forward(part.texts) for name, part in parts.held_out.items()}
            cut = {"train": tuned.cut, **{name: _cut(output) for name, output in asked.items()}}
            logits = {name: output.logits for name, output in asked.items()}
            neural = told(*_judged(tuned, logits, judged), judged, config, seed=seed)
            given = _largest(neural.validation, judged)
            check_collapse(given, judged.validation.truth, names=parts.label_space.names)
            decision = decide(neural, linear, judged, config=config.calibration, seed=seed)
            settled = partial(finished, parts=judged, config=config.calibration, seed=seed)
            neural = settled(neural)
            if decision.hybrid is not None:
                decision = replace(decision, hybrid=settled(decision.hybrid))
    linear = finished(linear, judged, config.calibration, seed=seed)
    refit = tuned.refit if tuned else None
    answering = _answering(decision, linear, neural)
    encoder = tuned.backend if tuned and decision and decision.delivered != BASELINE else None
    shown = asked.get("calibration") if encoder else held
    with progress.task("looking at where the reports lie"):
        scope = fit_scope(parts, shown, encoder, rate=config.calibration.false_alarms, seed=seed)
    return Trained(
        backend=tuned.backend if tuned else None,
        calibrator=neural.calibrator if neural else None,
        baseline=baseline,
        baseline_calibrator=linear.calibrator,
        decision=decision,
        info=tuned.info if tuned else None,
        steps=tuned.steps if tuned else [],
        split_used=split_used(config, refit=refit is not None and refit["kept"], many=parts.validation.many),
        config=tuned.config if tuned else config,
        seconds=time.monotonic() - start,
        pace=tuned.pace if tuned else None,
        foretold=tuned.foretold if tuned else None,
        members=tuned.members if tuned else (),
        out_of_fold=neural.validation if several and neural else None,
        told=neural,
        scope=scope,
        notes={
            **({} if refit is None else {"refit": refit}),
            **({} if answering.proven is None else {"operating_point": answering.proven.told}),
            **({} if parts.reweighed is None else {"reweighed": dict(parts.reweighed)}),
            **({} if parts.augmented is None else {NOTE: dict(parts.augmented)}),
        },
        cut={name: count for name, count in cut.items() if count},
    )


def _answering(decision: Decision | None, linear: Told, neural: Told | None) -> Told:
    """What is said by the system that answers."""
    if decision is None or neural is None or decision.delivered == BASELINE:
        return linear
    return decision.hybrid or neural


def forget(work: Path) -> None:
    """Remove a work folder: its checkpoints and steps."""
    shutil.rmtree(work, ignore_errors=True)


def split_used(config: TrainConfig, *, refit: bool = False, many: bool = False) -> dict[str, str]:
    """What each split serves for, as manifests keep it; ``test`` serves for nothing here.

    Args:
        config: settings, effort resolved.
        refit: whether the encoder learned from validation reports in the end.
        many: whether several labels may hold: their thresholds are chosen on validation alone.
    """
    several = config.encoder != BASELINE and (config.folds.count or 1) > 1
    what = "fit and stop, in folds" if several else "stop"
    used = {"train": "fit and stop, in folds" if several else "fit", "validation": what}
    if config.calibration.thresholds:
        used["validation"] = f"{what}, thresholds"
    if refit:
        used["validation"] += ", then fit"
    if config.calibration.temperature:
        expected = config.calibration.thresholds and not many
        used["calibration"] = "temperature, thresholds" if expected else "temperature"
    return used


def told(
    validation: Logits, calibration: Logits | None, parts: Parts, config: TrainConfig, *, seed: int
) -> Told:
    """What a system says of validation and calibration reports, its calibration and thresholds fitted.

    Args:
        validation: its logits of the validation reports, [n, k].
        calibration: those of the calibration reports, or None.
        parts: the splits.
        config: what is wanted of calibration and thresholds.
        seed: the one seed.
    """
    calibrator = Calibrator.untouched(parts.label_space)
    if parts.calibration is not None and calibration is not None:
        calibrator = fit_calibrator(
            calibration,
            parts.calibration.truth,
            label_space=parts.label_space,
            groups=parts.calibration.groups,
            kind=config.calibration.fitted,
            seed=seed,
        )
    found = Told(calibrator, validation, calibration)
    return with_thresholds(found, parts, seed=seed) if config.calibration.thresholds else found


def _tuned(
    parts: Parts, config: TrainConfig, *, corpus: str, seed: int, work: Path, progress: Progress
) -> Tuned:
    """One encoder, one that learns twice, or several that each leave out a fold; torch is loaded here."""
    if (config.folds.count or 1) > 1:
        from bert4text.training.members import finetune_folds as learn  # noqa: PLC0415
    elif config.folds.refit:
        from bert4text.training.refit import finetune_twice as learn  # noqa: PLC0415
    else:
        from bert4text.training.finetune import finetune as learn  # noqa: PLC0415
    return learn(parts, config, corpus=corpus, seed=seed, work=work, progress=progress)


def _judged(tuned: Tuned, logits: dict[str, Logits], parts: Parts) -> tuple[Logits, Logits | None]:
    """Logits of validation reports by who has not learned from them, and of calibration reports."""
    held, calibration = parts.calibration, logits.get("calibration")
    if tuned.out_of_fold is None:
        return logits["validation"], calibration
    both = None if held is None or calibration is None else (calibration, held)
    return on_scale(tuned.out_of_fold, parts.validation, both, label_space=parts.label_space), calibration


def on_scale(
    logits: Logits, pool: Part, calibration: tuple[Logits, Part] | None, *, label_space: LabelSpace
) -> Logits:
    """What others said, as if those who answer had said it: divided by their temperature, times the other.

    The mean of several is less extreme than any one of them, and who has learned from more reports is surer;
    without this, thresholds that were chosen on what one says would not fit what the other says.

    Args:
        logits: [n, k] of some reports, by who has not learned from them.
        pool: those reports.
        calibration: what those who answer say of the calibration reports, and these; None where no
            temperature is wanted.
        label_space: the question.
    """
    if calibration is None:
        return logits
    own = fit_temperature(logits, pool.truth, label_space=label_space).temperature
    said, part = calibration
    theirs = fit_temperature(said, part.truth, label_space=label_space).temperature
    found: Logits = (logits * (theirs / own)).astype(np.float32)
    return found


def _cut(output: Output) -> int:
    """Reports that were not read whole."""
    return 0 if output.unread is None else int((output.unread > 0).sum())


def _largest(logits: Logits, parts: Parts) -> Bools:
    if parts.validation.many:
        return logits > 0
    decided = np.zeros(logits.shape, dtype=np.bool_)
    decided[np.arange(len(decided)), logits.argmax(axis=1)] = True
    return decided
