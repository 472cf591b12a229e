"""Recognize: an encoder learns which words of a report identify somebody, from reports that are marked."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from bert4text.core import machine, seeds
from bert4text.core.digest import digest
from bert4text.core.errors import EmptyCorpusError, GuardError
from bert4text.core.extras import require
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, silent
from bert4text.core.span import Marked
from bert4text.core.tagging import tag_names
from bert4text.models.hub import load_encoder, open_model
from bert4text.models.shallow import depth, shallower, spaced
from bert4text.models.sources import EncoderInfo
from bert4text.training import adaptation, dropout
from bert4text.training.batches import Examples
from bert4text.training.checkpoints import State
from bert4text.training.config import TrainConfig
from bert4text.training.loop import Fit, Step
from bert4text.training.recognizer_config import RecognizerConfig
from bert4text.training.run import Begun, loop_settings
from bert4text.training.tagging import Tagged, TaggedWords, measured, windows_of_tags

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

FEWEST = 20
"""Reports below which nothing is learned."""


@dataclass(frozen=True)
class Recognized:
    """What ``recognize`` gives.

    Attributes:
        model: for token classification, float32, its best weights in place.
        tokenizer: of its encoder, truncation and padding removed.
        info: what the encoder is.
        kinds: in the order of the tags.
        window: tokens of a window, special tokens included.
        steps: every step taken.
        held: windows of reports that nothing was learned from.
        score: the F1 of their tokens that are of any identifier.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    info: EncoderInfo
    kinds: tuple[str, ...]
    window: int
    steps: list[Step]
    held: Tagged
    score: float


def recognize(
    marked: Sequence[Marked],
    config: RecognizerConfig,
    *,
    kinds: Sequence[str],
    seed: int,
    work: Path,
    resume: bool = False,
    progress: Progress = silent,
) -> Recognized:
    """Let an encoder learn to find what is marked.

    Args:
        marked: reports and the spans in them.
        config: which encoder, and for how long it learns.
        kinds: labels of spans that it learns; others count as text.
        seed: the one seed.
        work: a folder for checkpoints and ``steps.jsonl`` that outlives a kill.
        resume: go on from the checkpoint in ``work`` if there is one.
        progress: where to show how far it has come.

    Raises:
        EmptyCorpusError: there are too few reports.
        ModelError: the encoder is unknown or broken, or the checkpoint is of another training.
        GuardError: training diverged, or what was learned finds nothing in the reports held out.
        MissingExtraError: torch, transformers or accelerate is not installed.
        OutputError: the work folder cannot be written.
    """
    if len(marked) < FEWEST:
        raise EmptyCorpusError(
            "there are {found} marked reports to learn from; at least {wanted} are needed",
            hint="let more reports be made: --set recognizer.reports=6000",
            code="too-few",
            found=len(marked),
            wanted=FEWEST,
        )
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
    with progress.task(N_("loading the encoder")):
        encoder = load_encoder(config.encoder, seed=seed)
        model = _opened(encoder.tokenizer_files, config, kinds, seed=seed)
        model.config.pad_token_id = encoder.model.config.pad_token_id
        window = min(config.window, encoder.info.window)
        learned, held = _apart(marked, config.held_out, seed=seed)
        cut = partial(windows_of_tags, encoder.tokenizer, kinds=kinds, window=window)
        rows, measures = cut(learned), cut(held)
        settings = loop_settings(config, model, section="recognizer")
        dropout.cheapen(model)
        begun = Begun.of(
            partial(_fit, model, rows, measures, seed=seed),
            settings,
            asked=config.precision,
            answered=sum(map(len, measures.rows)),
            identity=_identity(marked, config, encoder.info, kinds, seed=seed),
            work=work,
        )
    steps = begun.taken(N_("learning what identifies persons"), progress=progress)
    score = begun.fit.state.best or 0.0
    if score == 0 and any(tag > 0 for tags in measures.tags for tag in tags):
        raise GuardError(
            "what was learned finds none of what is marked in {reports} reports held out",
            hint="lower [recognizer] learning_rate (a whole encoder wants 1e-4 or less), or raise epochs",
            code="collapsed",
            reports=len(held),
        )
    return Recognized(
        model=model,
        tokenizer=encoder.tokenizer,
        info=encoder.info,
        kinds=tuple(kinds),
        window=window,
        steps=steps,
        held=measures,
        score=score,
    )


def _opened(folder: Path, config: RecognizerConfig, kinds: Sequence[str], *, seed: int) -> PreTrainedModel:
    """The encoder with some of its layers and a fresh head over every token."""
    names = tag_names(kinds)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.integer(seed, "training.recognize.head"))
        model, _ = open_model(
            folder,
            kind=KIND,
            num_labels=len(names),
            id2label=dict(enumerate(names)),
            label2id={name: place for place, name in enumerate(names)},
            ignore_mismatched_sizes=True,
        )
    if config.layers is not None and config.layers < depth(model):
        model = shallower(model, spaced(depth(model), config.layers), kind=KIND)
    model.to(require("accelerate").Accelerator().device)
    return model


KIND = "AutoModelForTokenClassification"


def _apart(marked: Sequence[Marked], share: float, *, seed: int) -> tuple[list[Marked], list[Marked]]:
    """Reports to learn from, and those held out; one at least."""
    order = seeds.rng(seed, "training.recognize.held").permutation(len(marked))
    most = max(1, round(share * len(marked)))
    held = set(order[:most].tolist())
    return (
        [one for place, one in enumerate(marked) if place not in held],
        [marked[place] for place in sorted(held)],
    )


def _fit(model: PreTrainedModel, learned: Tagged, held: Tagged, settings: TrainConfig, *, seed: int) -> Fit:
    n = len(learned.rows)
    watched = TaggedWords(model, held, precision=settings.precision)
    fit = Fit(
        model=model,
        source=TaggedWords(model, learned, precision=settings.precision),
        examples=Examples(learned.rows, np.arange(n + 1), np.zeros(n, dtype=np.int64)),
        objective=lambda losses, _: losses[:, 0],
        optimizer=adaptation.optimizer(model, settings.optimizer, adaptation="full"),
        validate=partial(measured, watched, tokens=settings.batches.tokens or 2048),
        config=settings,
        seed=seed,
        state=State(identity={}),
    )
    fit.accelerator = require("accelerate").Accelerator()
    return fit


def _identity(
    marked: Sequence[Marked],
    config: RecognizerConfig,
    encoder: EncoderInfo,
    kinds: Sequence[str],
    *,
    seed: int,
) -> dict[str, str]:
    """What a training is, part by part; a checkpoint goes on only under the same."""
    told = [[one.text, [(span.start, span.end, span.label) for span in one.spans]] for one in marked]
    return {
        "corpus": digest(told),
        "encoder": encoder.sha256,
        "labels": digest(list(kinds)),
        "seed": str(seed),
        "settings": digest(config.model_dump(mode="json")),
        "versions": digest(machine.versions()),
    }
