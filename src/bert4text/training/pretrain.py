"""Pretrain: an encoder learns to find hidden words of the user's own reports, labelled or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core import machine, seeds
from bert4text.core.basis import Basis
from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest
from bert4text.core.errors import EmptyCorpusError, ModelError
from bert4text.core.extras import require
from bert4text.core.language import majority
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, silent
from bert4text.models.embedded import suited
from bert4text.models.fetch import TOKENIZER_FILES
from bert4text.models.hub import LoadedEncoder, load_encoder, open_model, quiet
from bert4text.models.pinned import digests
from bert4text.models.sources import ORIGIN, weights_digest
from bert4text.models.tokenizer import special_tokens
from bert4text.training import adaptation, dropout
from bert4text.training.batches import Examples
from bert4text.training.checkpoints import State
from bert4text.training.config import TrainConfig
from bert4text.training.guards import check_finite
from bert4text.training.loop import Fit, Step
from bert4text.training.masking import MaskedWords, Words, mean_loss, windows_of_words
from bert4text.training.pretrain_config import PretrainConfig
from bert4text.training.run import Begun, loop_settings

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

FEWEST = 20
"""Windows below which nothing is learned."""


@dataclass(frozen=True)
class Pretrained:
    """What ``pretrain`` gives.

    Attributes:
        model: the model for masked words, float32, its best weights in place.
        encoder: what it was made from.
        steps: every step taken.
        config: the settings with everything filled in.
        tokens: of all windows that it learned from in one pass.
        loss: of the reports held out, before and at its best.
    """

    model: PreTrainedModel
    encoder: LoadedEncoder
    steps: list[Step]
    config: PretrainConfig
    tokens: int
    loss: tuple[float, float]


def pretrain(
    corpus: Corpus,
    config: PretrainConfig,
    *,
    seed: int,
    work: Path,
    resume: bool = False,
    progress: Progress = silent,
) -> Pretrained:
    """Let an encoder learn the language of the reports; those of the split ``test`` are left alone.

    Args:
        corpus: its reports; labels do not matter.
        config: what is hidden and for how long it learns.
        seed: the one seed.
        work: a folder for checkpoints and ``steps.jsonl`` that outlives a kill.
        resume: go on from the checkpoint in ``work`` if there is one.
        progress: where to show how far it has come.

    Raises:
        EmptyCorpusError: there are too few reports.
        ModelError: the encoder is unknown or broken, has no mask, or the checkpoint is of another training.
        GuardError: training diverged.
        MissingExtraError: torch, transformers or accelerate is not installed.
        OutputError: the work folder cannot be written.
    """
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
    part = corpus.select([split != "test" for split in corpus.table["split"].to_pylist()])
    language = corpus.language or majority(part.texts)
    config = config.replace(encoder=suited(config.encoder, language))
    with progress.task("loading the encoder"):
        encoder, model = _opened(config.encoder, seed=seed)
        learned, held = _windows(encoder, part, config, seed=seed)
        settings = loop_settings(config, model, section="pretrain")
        adaptation.set_dropout(model, hidden=None, attention=settings.dropout.attention)
        dropout.cheapen(model)
        begun = Begun.of(
            lambda settings: _fit(encoder, model, learned, held, settings, masked=config.masked, seed=seed),
            settings,
            asked=config.precision,
            answered=sum(map(len, held.rows)),
            identity=_identity(corpus, config, encoder, seed=seed),
            work=work,
        )
    taken = begun.taken(N_("learning hidden words"), progress=progress)
    tokens = sum(map(len, learned.rows))
    before, best = begun.before["loss"], begun.fit.state.best_loss
    return Pretrained(model, encoder, taken, config, tokens, (before, before if best is None else best))


def save(pretrained: Pretrained, folder: Path, *, corpus: str, basis: Basis) -> None:
    """Write the encoder into an existing folder that ``train --encoder`` takes.

    Args:
        pretrained: what was learned.
        folder: an existing, partial folder.
        corpus: fingerprint of the reports it learned from.
        basis: by what right, and what was known of identifiers in them.
    """
    source, info = pretrained.encoder.tokenizer_files, pretrained.encoder.info
    body: Any = pretrained.model.base_model
    with quiet():
        body.save_pretrained(folder)
    for name in ("tokenizer.json", *TOKENIZER_FILES):
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    origin = {
        "format": "encoder/1",
        "name": f"{info.name}+pretrain",
        "hub": None,
        "revision": None,
        "licence": info.licence,
        "languages": list(info.languages),
        "reads": info.reads,
        "pretrained": {
            "encoder": info.name,
            "sha256": info.sha256,
            "corpus": f"sha256:{corpus}",
            "tokens": pretrained.tokens,
            "epochs": pretrained.config.epochs,
            "loss": [round(value, 4) for value in pretrained.loss],
            "basis": basis.model_dump(mode="json"),
        },
        "files": digests(folder),
    }
    (folder / ORIGIN).write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")


def digest_of(folder: Path) -> str:
    """The digest of an encoder's weights."""
    return f"sha256:{weights_digest(folder)}"


def _opened(name: str, *, seed: int) -> tuple[LoadedEncoder, PreTrainedModel]:
    encoder = load_encoder(name, seed=seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.integer(seed, "training.pretrain.head"))
        model, _ = open_model(encoder.tokenizer_files, kind="AutoModelForMaskedLM")
    model.config.pad_token_id = encoder.model.config.pad_token_id
    model.to(require("accelerate").Accelerator().device)
    return encoder, model


def _windows(encoder: LoadedEncoder, corpus: Corpus, config: PretrainConfig, *, seed: int) -> list[Words]:
    """Windows to learn from, and those of patients held out."""
    groups = np.asarray(corpus.groups, dtype=str)
    patients, members = np.unique(groups, return_inverse=True)
    drawn = seeds.rng(seed, "training.pretrain.held").random(len(patients))
    most = np.quantile(drawn, config.held_out) if len(patients) else 0.0
    apart = (drawn <= most)[members]
    window = min(config.window, encoder.info.window)
    texts = corpus.texts
    found = [
        windows_of_words(
            encoder.tokenizer,
            [text for text, held in zip(texts, apart, strict=True) if held == wanted and text.strip()],
            window=window,
        )
        for wanted in (False, True)
    ]
    if len(found[0].rows) < FEWEST or not found[1].rows:
        raise EmptyCorpusError(
            "there are {found} windows of reports to learn from; at least {wanted} are needed",
            hint="give more reports; labels are not needed",
            code="too-few",
            found=len(found[0].rows),
            wanted=FEWEST,
        )
    return found


def _fit(
    encoder: LoadedEncoder,
    model: PreTrainedModel,
    learned: Words,
    held: Words,
    settings: TrainConfig,
    *,
    masked: float,
    seed: int,
) -> Fit:
    mask = encoder.tokenizer.token_to_id(special_tokens(encoder.tokenizer).get("mask_token", ""))
    if mask is None:
        raise ModelError(
            "{name} has no mask among its tokens, so that no word can be hidden",
            hint="pretrain an encoder that was pretrained with masked words",
            code="no-mask",
            name=encoder.info.name,
        )

    def source(windows: Words) -> MaskedWords:
        return MaskedWords(model, windows, share=masked, mask=mask, precision=settings.precision)

    n = len(learned.rows)
    fit = Fit(
        model=model,
        source=source(learned),
        examples=Examples(learned.rows, np.arange(n + 1), np.zeros(n, dtype=np.int64)),
        objective=lambda losses, _: losses[:, 0],
        optimizer=adaptation.optimizer(model, settings.optimizer, adaptation="full"),
        validate=_measuring(source(held), settings, seed=seed),
        config=settings,
        seed=seed,
        state=State(identity={}),
    )
    fit.accelerator = require("accelerate").Accelerator()
    return fit


def _measuring(source: MaskedWords, settings: TrainConfig, *, seed: int) -> Callable[[], dict[str, float]]:
    def measure() -> dict[str, float]:
        fixed = seeds.integer(seed, "training.pretrain.measured")
        loss = mean_loss(source, seed=fixed, tokens=settings.batches.tokens or 2048)
        check_finite(loss, step=0)
        return {"loss": loss}

    return measure


def _identity(corpus: Corpus, config: PretrainConfig, encoder: LoadedEncoder, *, seed: int) -> dict[str, str]:
    """What a training is, part by part; a checkpoint goes on only under the same."""
    return {
        "corpus": corpus.fingerprint,
        "encoder": encoder.info.sha256,
        "seed": str(seed),
        "settings": digest(config.model_dump(mode="json")),
        "versions": digest(machine.versions()),
    }
