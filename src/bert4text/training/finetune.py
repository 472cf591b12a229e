"""Fine-tune an encoder on the training reports, watched on the validation reports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bert4text.core import machine, seeds
from bert4text.core.digest import digest
from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.core.progress import Progress
from bert4text.evaluation.answers import answers
from bert4text.evaluation.metrics import measure
from bert4text.models.backends import FloatArray
from bert4text.models.calibration import Calibrator
from bert4text.models.hub import EncoderInfo, LoadedEncoder, load_encoder
from bert4text.models.probe import check_answers, works_in_bfloat16
from bert4text.models.token_batches import budget
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
from bert4text.training.loop import Fit, Step, steps
from bert4text.training.objectives import Times, objective
from bert4text.training.pace import Pace, pace
from bert4text.training.parts import Part, Parts, reading
from bert4text.training.pooling import LearnedPooling, learned_weights
from bert4text.training.rows import sparse_embeddings
from bert4text.training.sources import frozen, prepared, source, whole_logits
from bert4text.training.tracking import Figures, JsonLines, observe
from bert4text.training.unpadded import learned_unpadded

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")


WHOLE = ("full", "lora")
"""What has every product of the encoder computed in every step, so that its pace can be told."""


@dataclass(frozen=True)
class Tuned:
    """A fine-tuned encoder: float32 backend with the best weights, its steps, full settings and pace.

    ``cut`` counts the training reports that were not read whole.
    """

    backend: TorchBackend
    info: EncoderInfo
    steps: list[Step]
    config: TrainConfig
    pace: Pace | None = None
    cut: int = 0


def finetune(
    parts: Parts, config: TrainConfig, *, corpus: str, seed: int, work: Path, progress: Progress
) -> Tuned:
    """Load an encoder, train it, and put its best weights back.

    Args:
        parts: the splits.
        config: settings, effort resolved.
        corpus: the corpus's fingerprint; a checkpoint of another corpus is refused.
        seed: the one seed.
        work: folder of checkpoints and ``steps.jsonl``; training goes on from what lies there.
        progress: where to show how far it has come.

    Raises:
        ModelError: the encoder is unknown or broken, or the checkpoint belongs to another training.
        GuardError: training diverged.
        OutputError: the work folder cannot be written.
    """
    with progress.task("loading the encoder"):
        encoder = load_encoder(config.encoder, labels=parts.label_space, seed=seed)
        accelerator = require("accelerate").Accelerator()
        encoder.model.to(accelerator.device)
        asked, config = config.precision, completed(config, encoder)
        backend = _backend(encoder, config)
        check_answers(backend, name=encoder.info.name)
        if config.precision == "bfloat16" and not works_in_bfloat16(backend):
            config = config.replace(precision=_float32(asked, encoder.info.name))
        checkpoints = Checkpoints(
            work / "checkpoints", identity(parts, config, encoder, corpus=corpus, seed=seed)
        )
        fit = _fit(encoder, backend, parts, config, seed=seed, checkpoints=checkpoints)
        fit.accelerator = accelerator
        if not fit.resume() and config.optimizer.head_start:
            _start(fit, encoder, config, seed=seed)
    work.mkdir(parents=True, exist_ok=True)
    lines = JsonLines(work / "steps.jsonl", done=fit.state.step)
    total = fit.epochs * fit.steps_an_epoch
    with (
        progress.task("fine-tuning the encoder", total) as task,
        prepared(fit.source, fit.model, fit.examples.rows, steps=total - fit.state.step),
        sparse_embeddings(fit.model),
    ):
        task.advance(fit.state.step)
        taken = observe(steps(fit), [lines, Figures(task, total=total)])
    fit.restore_best()
    backend.weights = None if fit.learned is None else fit.learned.attention.weights()
    adaptation.merge(fit.model)
    fit.model.train(mode=False)
    whole = config.adaptation in WHOLE
    found = pace(taken, fit.model, precision=config.precision) if whole else None
    return Tuned(backend, encoder.info, [*lines.past, *taken], config, found, cut=fit.examples.cut)


def completed(config: TrainConfig, encoder: LoadedEncoder) -> TrainConfig:
    """Settings with what depends on encoder and machine filled in: learning rate, precision, window."""
    rate = config.learning_rate or adaptation.learning_rate(encoder.model, config.adaptation)
    window = min(config.windows.size or encoder.info.window, encoder.info.window)
    return config.replace(
        learning_rate=rate,
        precision=precision(config, encoder.model.device),
        batches=config.batches.replace(tokens=config.batches.tokens or budget(encoder.model.device.type)),
        windows=config.windows.replace(size=window),
    )


def precision(config: TrainConfig, device: torch.device) -> str:
    """The arithmetic of training: as asked for, or bfloat16 where the machine has it."""
    if config.precision != "auto":
        return config.precision
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported()
    else:
        fast = device.type == "cpu" and machine.has_bf16()
    return "bfloat16" if fast else "float32"


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


def identity(
    parts: Parts, config: TrainConfig, encoder: LoadedEncoder, *, corpus: str, seed: int
) -> dict[str, str]:
    """What a training is, part by part; a checkpoint goes on only under the same."""
    return {
        "corpus": corpus,
        "encoder": encoder.info.sha256,
        "labels": digest(parts.label_space.model_dump(mode="json")),
        "seed": str(seed),
        "settings": digest(config.model_dump(mode="json")),
        "versions": digest(machine.versions()),
    }


def _backend(encoder: LoadedEncoder, config: TrainConfig) -> TorchBackend:
    return TorchBackend(
        encoder.model,
        encoder.tokenizer,
        window=config.windows.size or encoder.info.window,
        stride=config.windows.stride,
        pooling=config.windows.pooling,
        reading=reading(config),
        batch_tokens=config.batches.tokens,
    )


def _fit(
    encoder: LoadedEncoder,
    backend: TorchBackend,
    parts: Parts,
    config: TrainConfig,
    *,
    seed: int,
    checkpoints: Checkpoints,
) -> Fit:
    model = encoder.model
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.integer(seed, "training.adapt"))
        adaptation.adapt(model, config)
    adaptation.set_dropout(model, hidden=config.dropout.hidden, attention=config.dropout.attention)
    dropout.cheapen(model)
    examples = tokenize(backend, parts.train.texts, parts.train.targets)
    watched = tokenize(backend, parts.validation.texts, parts.validation.targets)
    free, epochs = learned_unpadded(model, config), config.epochs or 1
    eye = source(model, watched.rows, config, free=free, reads=epochs * len(watched.rows))
    read = epochs * int(np.minimum(np.diff(examples.starts), config.windows.most).sum())
    own = source(model, examples.rows, config, free=free, reads=read)
    optimizer = adaptation.optimizer(model, config.optimizer, adaptation=config.adaptation)
    attention = learned_weights(model, optimizer, config)
    fit = Fit(
        model=model,
        source=own,
        examples=examples,
        objective=objective(
            parts.label_space,
            examples.targets,
            config.loss,
            device=model.device,
            times=_times(examples, config),
        ),
        optimizer=optimizer,
        validate=lambda: validated(
            whole_logits(model, eye, watched, config, attention),
            parts.validation,
            parts,
            step=fit.state.step + 1,
        ),
        config=config,
        seed=seed,
        state=State(identity=checkpoints.identity),
        checkpoints=checkpoints,
        learned=None if attention is None else LearnedPooling(attention, own, examples.starts),
    )
    return fit


def _times(examples: Examples, config: TrainConfig) -> Times | None:
    """How often each report is drawn in an epoch, where that is not once."""
    return times(examples.targets) if config.batches.balanced else None


def _start(fit: Fit, encoder: LoadedEncoder, config: TrainConfig, *, seed: int) -> None:
    if not head_stands_alone(encoder.model, fit.examples.rows):
        return
    examples = drawn(fit.examples, seed=seed)
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
