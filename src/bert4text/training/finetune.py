"""Fine-tune an encoder on the training reports, watched on the validation reports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core import seeds
from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.core.progress import Progress
from bert4text.evaluation.answers import answers
from bert4text.evaluation.metrics import measure
from bert4text.models.backends import FloatArray
from bert4text.models.calibration import Calibrator
from bert4text.models.ensemble import Ensemble
from bert4text.models.hub import EncoderInfo
from bert4text.models.probe import check_answers, works_in_bfloat16
from bert4text.models.torch_backend import TorchBackend
from bert4text.training import adaptation, dropout
from bert4text.training.attention import fast_attention
from bert4text.training.balance import times
from bert4text.training.batches import Examples, tokenize
from bert4text.training.calibrate import evidence, macro_f1, negative_log_likelihood
from bert4text.training.checkpoints import Checkpoints, State
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import FrozenBody, head_stands_alone
from bert4text.training.guards import check_finite
from bert4text.training.head_start import LARGEST_SCALE, drawn, start_head
from bert4text.training.lessons import Labelled, Learner, Lessons
from bert4text.training.loop import Fit, Step, steps
from bert4text.training.objectives import Times
from bert4text.training.pace import Pace, pace
from bert4text.training.parts import Part, Parts, reading
from bert4text.training.pooling import LearnedPooling, learned_weights
from bert4text.training.private_fit import make_private
from bert4text.training.rehearse import Rehearsal, rehearsed
from bert4text.training.settled import WHOLE, choice, completed, identity
from bert4text.training.sources import frozen, prepared, source, whole_logits
from bert4text.training.spending import Plan
from bert4text.training.tracking import Figures, JsonLines, Observer, observe
from bert4text.training.unpadded import learned_unpadded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")


@dataclass(frozen=True)
class Tuned:
    """A fine-tuned encoder.

    Attributes:
        backend: float32, with the best weights.
        info: of the encoder.
        steps: every step taken.
        config: settings with everything filled in.
        pace: how fast it was, where that can be told.
        foretold: what it was expected to take, where that was measured.
        members: the steps of every further member of an ensemble.
        out_of_fold: logits [n, k] of ``Parts.pool``, each report by the member that has not seen it; where
            an encoder learned once more, of the validation reports by the one before.
        cut: training reports that were not read whole.
        refit: what came of learning once more, from validation reports too; None where that was not done.
        plan: the budget that was spent, where it learned with differential privacy.
    """

    backend: TorchBackend | Ensemble
    info: EncoderInfo
    steps: list[Step]
    config: TrainConfig
    pace: Pace | None = None
    foretold: Rehearsal | None = None
    members: Sequence[list[Step]] = ()
    out_of_fold: FloatArray | None = None
    cut: int = 0
    refit: dict[str, Any] | None = None
    plan: Plan | None = None


def finetune(
    parts: Parts,
    config: TrainConfig,
    *,
    corpus: str,
    seed: int,
    work: Path,
    progress: Progress,
    turns: float = 1,
    last: bool = False,
    observers: Sequence[Observer] = (),
    lessons: Lessons | None = None,
) -> Tuned:
    """Load an encoder, train it, and put its best weights back.

    Args:
        parts: the splits.
        config: settings, effort resolved.
        corpus: the corpus's fingerprint; a checkpoint of another corpus is refused.
        seed: the one seed.
        work: folder of checkpoints and ``steps.jsonl``; training goes on from what lies there.
        progress: where to show how far it has come.
        turns: trainings like this one that are to come, this one included; the time is told for all.
        last: keep the last weights, not those that are best on validation.
        observers: are shown each step too; what one of them raises ends the training.
        lessons: which encoder learns, and from what; that of the settings, from the labelled reports of
            ``train``, if not given.

    Raises:
        ModelError: the encoder is unknown or broken, or the checkpoint belongs to another training.
        GuardError: training diverged.
        OutputError: the work folder cannot be written.
    """
    lessons = lessons or Labelled(parts)
    with progress.task("loading the encoder"):
        encoder = lessons.learner(config, seed=seed)
        accelerator = require("accelerate").Accelerator()
        encoder.model.to(accelerator.device)
        asked, config = config.precision, completed(config, encoder)
        backend = _backend(encoder, config)
        check_answers(backend, name=encoder.info.name)
        if config.precision == "bfloat16" and not works_in_bfloat16(backend):
            config = config.replace(precision=_float32(asked, encoder.info.name))
        material = _material(encoder, backend, parts, config, lessons=lessons, seed=seed)
        fit, foretold = rehearsed(
            lambda settings: _fit(
                encoder.model, material, parts, settings, lessons=lessons, seed=seed, last=last
            ),
            config,
            choice=choice(asked, config),
            answered=int(material.watched.lengths.sum()),
            work=work,
        )
        config = fit.config
        known = {**identity(parts, config, encoder, corpus=corpus, seed=seed), **lessons.identity}
        fit.checkpoints, fit.state = Checkpoints(work / "checkpoints", known), State(identity=known)
        fit.accelerator = accelerator
        if config.private.epsilon is not None:
            make_private(fit, parts.train.groups, backend=backend)
        labelled = lessons.start(fit.examples)
        if not fit.resume() and config.optimizer.head_start and labelled is not None:
            _start(fit, encoder, labelled, config, seed=seed)
    private = fit.private
    if private is None:
        work.mkdir(parents=True, exist_ok=True)
    lines = None if private is not None else JsonLines(work / "steps.jsonl", done=fit.state.step)
    total = fit.epochs * fit.steps_an_epoch
    with (
        progress.task("fine-tuning the encoder", total) as task,
        prepared(fit.source, fit.model, fit.examples.rows, steps=total - fit.state.step),
        nullcontext() if private is None else private.watching(fit.model),
    ):
        task.advance(fit.state.step)
        if foretold is not None:
            foretold.tell(task, turns=turns)
        shown = Figures(task, told=private is None)
        taken = observe(steps(fit), [shown, *observers] if lines is None else [lines, shown, *observers])
    fit.restore_best()
    backend.weights = None if fit.learned is None else fit.learned.attention.weights()
    adaptation.merge(fit.model)
    lessons.released(fit.model)
    fit.model.train(mode=False)
    if private is not None or lines is None:  # each step tells of reports, and is forgotten
        return Tuned(backend, encoder.info, [], config, plan=None if private is None else private.plan)
    whole = config.adaptation in WHOLE
    found = pace(taken, fit.model, precision=config.precision) if whole else None
    done = [*lines.past, *taken]
    return Tuned(backend, encoder.info, done, config, found, foretold, cut=fit.examples.cut)


def _float32(asked: str, name: str) -> str:
    """The arithmetic for an encoder that knows no bfloat16, unless that was asked for."""
    if asked == "bfloat16":
        raise ModelError(
            "{name} cannot be computed in bfloat16",
            hint='set [train] precision = "float32"',
            code="no-bfloat16",
            name=name,
        )
    return "float32"


def _backend(encoder: Learner, config: TrainConfig) -> TorchBackend:
    return TorchBackend(
        encoder.model,
        encoder.tokenizer,
        window=config.windows.size or encoder.info.window,
        stride=config.windows.stride,
        pooling=config.windows.pooling,
        reading=reading(config),
        batch_tokens=config.batches.tokens,
    )


@dataclass(frozen=True)
class _Material:
    """Reports that are learned from, and those that are watched."""

    learned: Examples
    watched: Examples


def _material(
    encoder: Learner,
    backend: TorchBackend,
    parts: Parts,
    config: TrainConfig,
    *,
    lessons: Lessons,
    seed: int,
) -> _Material:
    """Make the model ready to learn, and tokenize what it learns from."""
    model = encoder.model
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.integer(seed, "training.adapt"))
        adaptation.adapt(model, config)
    adaptation.set_dropout(model, hidden=config.dropout.hidden, attention=config.dropout.attention)
    dropout.cheapen(model)
    return _Material(
        lessons.examples(backend),
        tokenize(backend, parts.validation.texts, parts.validation.targets),
    )


def _fit(
    model: PreTrainedModel,
    material: _Material,
    parts: Parts,
    config: TrainConfig,
    *,
    lessons: Lessons,
    seed: int,
    last: bool,
) -> Fit:
    learned, watched = material.learned, material.watched
    free, epochs = learned_unpadded(model, config), config.epochs or 1
    eye = source(model, watched.rows, config, free=free, reads=epochs * len(watched.rows))
    read = epochs * int(np.minimum(np.diff(learned.starts), config.windows.most).sum())
    own = source(model, learned.rows, config, free=free, reads=read)
    taught = lessons.source(own, model, learned)
    optimizer = adaptation.optimizer(model, config.optimizer, adaptation=config.adaptation)
    attention = learned_weights(model, optimizer, config)
    fit = Fit(
        model=model,
        source=taught,
        examples=learned,
        objective=lessons.objective(config, device=model.device),
        optimizer=optimizer,
        validate=lambda: validated(
            whole_logits(model, eye, watched, config, attention),
            parts.validation,
            parts,
            step=fit.state.step + 1,
        ),
        config=config,
        seed=seed,
        state=State(identity={}),
        last=last,
        learned=None if attention is None else LearnedPooling(attention, own, learned.starts),
    )
    return fit


def _times(examples: Examples, config: TrainConfig) -> Times | None:
    """How much each report, or each label of it, counts in an epoch: as drawn, and weighed; None is once."""
    often = times(examples.targets) if config.batches.balanced else None
    if examples.weights is None:
        return often
    if often is None:
        return examples.weights
    return (often if examples.weights.ndim == 1 else often[:, None]) * examples.weights


def _start(fit: Fit, encoder: Learner, labelled: Examples, config: TrainConfig, *, seed: int) -> None:
    if not head_stands_alone(encoder.model, labelled.rows):
        return
    examples = drawn(labelled, seed=seed)
    with fast_attention(encoder.model):
        body = (
            fit.source
            if isinstance(fit.source, FrozenBody) and examples is fit.examples
            else frozen(encoder.model, examples.rows, config)
        )
    start_head(
        encoder.model,
        body,
        examples,
        weighting=config.loss.class_weights,
        seed=seed,
        largest_scale=LARGEST_SCALE if config.adaptation == "full" else math.inf,
        times=_times(examples, config),
    )


def validated(logits: FloatArray, part: Part, parts: Parts, *, step: int) -> dict[str, float]:
    """Macro-F1, accuracy and loss of logits before calibration, and the score that epochs are chosen by.

    The score is macro-F1 in which labels with few validation reports count less (``evidence``).

    Raises:
        GuardError: the logits are no longer numbers (``diverged``).
    """
    check_finite(float(logits.sum()), step=step)
    space = parts.label_space
    probabilities = Calibrator.untouched(space).probabilities(logits)
    given = answers(part.truth, probabilities, label_space=space)
    found = measure(given, ("macro_f1", "accuracy"))
    loss = negative_log_likelihood(logits, part.truth, label_space=space)
    score = float(macro_f1(part.truth, given.decided, labels=evidence(part.truth))[0])
    return {**{name: float(value) for name, value in found.items()}, "score": score, "loss": loss}
