"""Tune: try settings of ``train`` out of fold within a time, and tell a gain from noise.

The defaults come first, and everything is measured against them. What a trial is scored on has neither been
learned from nor stopped its training. The best of many trials is flattered by having been chosen, so it is
scored again beside the defaults, on patients dealt anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bert4text.core import machine
from bert4text.core.copies import Copier
from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest
from bert4text.core.errors import ConfigError, EmptyCorpusError
from bert4text.core.extras import require
from bert4text.core.language import majority
from bert4text.core.progress import Progress, silent
from bert4text.evaluation.answers import Bools
from bert4text.models.embedded import suited
from bert4text.training import search
from bert4text.training.calibration_config import PointConfig
from bert4text.training.config import TrainConfig
from bert4text.training.parts import read_parts
from bert4text.training.study import Study, Trial
from bert4text.training.trials import Budget, Trials
from bert4text.training.tune_config import TuneConfig
from bert4text.training.tuned import Compared, Tried, Tuned

FEWEST = 30
"""Patients below which nothing is tuned: a bootstrap of so few clusters finds too many differences
(Cameron, Gelbach & Miller, 2008, "Bootstrap-based improvements for inference with clustered errors")."""

SURE = 0.95
"""Share of the resamples of patients in which one of two must be better to be called better."""


def tune(
    corpus: Corpus,
    config: TrainConfig,
    settings: TuneConfig,
    *,
    seed: int,
    work: Path,
    resume: bool = False,
    copier: Copier | None = None,
    progress: Progress = silent,
) -> Tuned:
    """Search for settings of ``train``; the reports of ``calibration`` and ``test`` are never read.

    Args:
        corpus: labelled and split.
        config: ``[train]`` as given; what is set there stays.
        settings: of the search.
        seed: the one seed; the same seed tries the same settings, as far as the time goes.
        work: a folder for what was found so far, which outlives a kill.
        resume: go on from what lies in ``work``; otherwise it is dropped.
        copier: makes the changed copies of training reports that ``batches.augmentation`` of ``[train]`` asks
            for: every trial learns from them, none is scored on them.
        progress: where to show how far it has come.

    Raises:
        ConfigError: there is nothing to search, or not even the defaults end in time.
        DataError: the corpus has no labels, a split is missing, or there are too few patients.
        ModelError: the encoder is unknown or broken, or what lies in ``work`` is of another search.
        GuardError: training with the defaults diverged.
        MissingExtraError: optuna, torch, transformers or accelerate is not installed.
        OutputError: the work folder cannot be written.
    """
    require("optuna")
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    resolved = settings.resolved()
    study = _study(corpus, config, resolved, seed=seed, work=work, copier=copier, progress=progress)
    _ = study.folds, study.again  # too few patients are told of before any work
    tried = searched(study)
    return judged(study, tried, confirmed(study, tried))


def searched(study: Study) -> list[Trial]:
    """The trials that were brought to an end, the defaults first.

    Raises:
        ConfigError: the defaults took too long (``too-little-time``).
    """
    tried: list[Trial] = []
    most = study.settings.trials or 0
    with study.progress.task("trying settings", most) as task:
        while len(tried) < most and (not tried or study.suffices):
            point = _next(study, tried)
            if point is None:
                break
            trial = Trial(len(tried), point)
            if not _run(study, tried, trial):
                break
            tried.append(trial)
            task.advance()
            task.note("trial_minutes", round(study.each * study.scored / 60, 2))
            task.note("folds", f"{study.scored}/{len(study.folds)}")
            task.note("best", round(study.score(study.best(tried)), 3))
    if not tried:
        raise ConfigError(
            "{minutes} minutes are not enough to train once with the defaults",
            hint="--resume with more --minutes goes on with what was done",
            code="too-little-time",
            minutes=study.settings.minutes,
        )
    return tried


def confirmed(study: Study, tried: Sequence[Trial]) -> Compared | None:
    """The best settings beside the defaults, on patients dealt anew and with other random numbers.

    Returns:
        None where the defaults are the best, or the time does not suffice for one fold.
    """
    default, best = tried[0], study.best(tried)
    if best is default:
        return None
    again = study.again[: study.scored]
    pairs: list[tuple[Bools, Bools]] = []
    with study.progress.task("scoring the best settings again", len(again)) as task:
        for fold in again:
            first = study.answer(default, "confirmation", fold, expected=2 * study.each)
            second = None if first is None else study.answer(best, "confirmation", fold)
            if first is None or second is None:
                break
            pairs.append((first, second))
            task.advance()
    if not pairs:
        return None
    baseline, better = (np.concatenate(said) for said in zip(*pairs, strict=True))
    return study.held(again[: len(pairs)]).compare(baseline, better)


def judged(study: Study, tried: Sequence[Trial], confirmation: Compared | None) -> Tuned:
    """What came out, and whether it is more than noise."""
    default, best = tried[0], study.best(tried)
    compared = study.held(study.folds[: study.scored]).compare(default.said, best.said)
    # Without a confirmation the best is judged by what it was chosen by: Bonferroni's correction.
    needed = SURE if confirmation else 1 - (1 - SURE) / max(1, len(tried) - 1)
    better = best is not default and (confirmation or compared).better >= needed
    return Tuned(
        corpus=f"sha256:{study.corpus}",
        encoder=study.config.encoder,
        seed=study.seed,
        reports=len(study.pool.texts),
        patients=len(set(study.pool.groups)),
        folds=len(study.folds),
        scored=study.scored,
        trials=len(tried),
        pruned=sum(trial.pruned for trial in tried),
        seconds=round(study.budget.spent, 3),
        searched=search.settings(study.space),
        search=compared,
        confirmation=confirmation,
        needed=needed,
        verdict="better" if better else "noise",
        settings=study.changes(best) if better else {},
        tried=tuple(
            Tried(
                trial=trial.number,
                settings=study.changes(trial),
                score=study.score(trial),
                folds=len(trial.decided),
                pruned=trial.pruned,
            )
            for trial in tried
        ),
    )


def _study(
    corpus: Corpus,
    config: TrainConfig,
    settings: TuneConfig,
    *,
    seed: int,
    work: Path,
    copier: Copier | None,
    progress: Progress,
) -> Study:
    plain = PointConfig.model_validate({})
    unread = config.calibration.replace(temperature=False, point=plain)  # calibration reports stay unread
    parts = read_parts(corpus, config.replace(calibration=unread), copier=copier)
    pool = parts.pool
    if len(set(pool.groups)) < FEWEST:
        raise EmptyCorpusError(
            "there are {found} patients in train and validation; at least {wanted} are needed to tune",
            hint="train with the defaults: so few patients cannot tell settings apart",
            code="too-few-patients",
            found=len(set(pool.groups)),
            wanted=FEWEST,
        )
    encoder = suited(config.encoder, corpus.language or majority(pool.texts))
    config = config.replace(encoder=encoder).resolved(
        reports=len(parts.train.texts), labels=len(parts.label_space)
    )
    space = search.searchable(config, parts.label_space)
    from bert4text.training import held_out  # noqa: PLC0415 - torch only when it is needed

    with progress.task("loading the encoder"):
        start = held_out.start(config, parts.label_space, seed=seed)
    identity = {
        "corpus": corpus.fingerprint,
        "encoder": start.encoder,
        "seed": str(seed),
        "settings": digest([config.model_dump(mode="json"), settings.folds]),
        "versions": digest({**machine.versions(), "optuna": require("optuna").__version__}),
        **({} if pool.copies is None else {"copies": digest(pool.copies)}),
    }
    return Study(
        pool=pool,
        label_space=parts.label_space,
        config=config,
        settings=settings,
        space=space,
        rate=start.rate,
        trials=Trials(work, identity, minutes=settings.minutes),
        budget=Budget(settings.minutes * 60),
        corpus=corpus.fingerprint,
        seed=seed,
        work=work,
        progress=progress,
    )


def _next(study: Study, tried: Sequence[Trial]) -> search.Point | None:
    if not tried:
        return search.defaults(study.space)
    past = [search.Past(trial.point, study.score(trial), trial.pruned) for trial in tried]
    return search.proposed(study.space, past, seed=study.seed)


def _run(study: Study, tried: Sequence[Trial], trial: Trial) -> bool:
    """Score a trial fold after fold, until it is clearly worse than the best; whether the time sufficed."""
    reserve = study.reserve if tried else 0.0
    while len(trial.decided) < study.scored:
        fold = study.folds[len(trial.decided)]
        decided = study.answer(trial, "search", fold, reserve=reserve)
        if decided is None:
            return False
        trial.decided.append(decided)
        if tried and len(trial.decided) < study.scored and _worse(study, tried, trial):
            trial.pruned = True
            break
    return True


def _worse(study: Study, tried: Sequence[Trial], trial: Trial) -> bool:
    """Whether a trial is below the best one in nearly all resamples of the patients it has answered."""
    best, count = study.best(tried), len(trial.decided)
    held = study.held(study.folds[:count])
    return held.shares(trial.said, np.concatenate(best.decided[:count]))[1] >= SURE
