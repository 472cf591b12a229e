"""Load an encoder with a head for the question, offline and in silence; fetch one when asked to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tokenizers import Tokenizer

from bert4text.core import seeds
from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.core.labels import LabelSpace
from bert4text.models.catalog import Read, Reads
from bert4text.models.fetch import fetch
from bert4text.models.pinned import unaltered_weights
from bert4text.models.sources import EncoderInfo, Source, locate, window_from
from bert4text.models.tokenizer import lengths, read_tokenizer, window_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["EncoderInfo", "LoadedEncoder", "fetch", "lengths", "load_encoder", "quiet", "window_of"]


@dataclass(frozen=True)
class LoadedEncoder:
    """An encoder with a head for the question.

    Attributes:
        model: ``AutoModelForSequenceClassification``, float32, in evaluation mode, one logit for each label.
        tokenizer: truncation and padding removed.
        tokenizer_files: the folder it was read from.
        info: name, revision, digest, licence, window and languages.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    tokenizer_files: Path
    info: EncoderInfo


def load_encoder(
    name: str, *, labels: LabelSpace | None = None, seed: int, reads: Reads = "first"
) -> LoadedEncoder:
    """Load an encoder by catalog name, folder or hub id in the local cache; never from the network.

    Args:
        name: catalog name, folder with a ``config.json``, or hub id.
        labels: the question; its names become the model's. None keeps the head that is there.
        seed: of the new head's weights.
        reads: what a new head reads: the first token, or the mean of all by one more layer; ``auto`` is as
            the catalog says, or the folder of an encoder that was pretrained further.

    Raises:
        UnknownEncoderError: nothing on this machine goes by that name.
        ModelError: the files are broken, need code of their own, hold a pickle only, the weights are not
            those that were fetched, or the mean is asked for where no layer can read it.
        MissingExtraError: torch, transformers or the embedded weights are not installed.
    """
    source = locate(name)
    digest = unaltered_weights(source.folder)
    tokenizer = read_tokenizer(source)
    model = _load(source, labels, seed)
    found = source.reads if labels is None else _read(model, reads, source)
    info = EncoderInfo(
        name=source.name,
        revision=source.revision,
        sha256=digest,
        licence=source.licence,
        window=window_from(source.folder),
        languages=source.languages,
        reads=found,
    )
    _check_vocabulary(model, tokenizer, source.name)
    if model.config.pad_token_id is None:
        model.config.pad_token_id = _padding(tokenizer)
    return LoadedEncoder(model, tokenizer, source.folder, info)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' warnings, reports and bars off the screen; what was set before comes back."""
    logging = require("transformers").utils.logging
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            with warnings.catch_warnings():  # the hub's library warns where the environment forbids its bars
                warnings.simplefilter("ignore", UserWarning)
                logging.enable_progress_bar()


def open_model(
    folder: Path, *, kind: str = "AutoModelForSequenceClassification", **options: Any
) -> tuple[PreTrainedModel, dict[str, Any]]:
    """Open a folder as a float32 model: safetensors only, no code of its own, no network.

    Args:
        folder: the encoder's.
        kind: transformers' class; a sequence classifier unless given.
        options: for transformers.

    Returns:
        The model and transformers' account of missing and mismatched weights.

    Raises:
        ModelError: transformers cannot open it.
        MissingExtraError: torch or transformers is not installed.
    """
    torch, transformers = require("torch"), require("transformers")
    problem = None
    try:
        with quiet():
            model, account = getattr(transformers, kind).from_pretrained(
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
                **options,
            )
    except Exception as error:
        problem = type(error).__name__
    if problem is not None:
        raise ModelError(
            "{name} cannot be opened as a model for this ({problem})",
            hint="give an encoder that transformers knows without code of its own, with model.safetensors",
            code="bad-encoder",
            name=folder.name,
            problem=problem,
        )
    return model.eval(), account


def _load(source: Source, labels: LabelSpace | None, seed: int) -> PreTrainedModel:
    torch = require("torch")
    options: dict[str, Any] = {}
    if labels is not None:
        options = {
            "num_labels": len(labels),
            "id2label": dict(enumerate(labels.names)),
            "label2id": {label: index for index, label in enumerate(labels.names)},
            "ignore_mismatched_sizes": True,
        }
    fresh = seeds.integer(seed, "models.head")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(fresh)
        model, account = open_model(source.folder, **options)
        _check_body(model, account, source.name)
        if labels is not None:
            model.config.problem_type = None
            _renew_head(model, account, fresh)
    return model


def _read(model: PreTrainedModel, asked: Reads, source: Source) -> Read:
    """Put a layer on top that reads the mean, where that is wanted; what the head reads then."""
    if (source.reads if asked == "auto" else asked) == "first":
        return "first"
    from bert4text.models.mean_layer import can_read_mean, read_mean  # noqa: PLC0415 - loads torch

    if can_read_mean(model):
        read_mean(model)
        return "mean"
    if asked == "auto":
        return "first"
    raise ModelError(
        "{name} has layers that cannot read the mean of all tokens ({family})",
        hint='set [train.adapt] reads = "first", or take an encoder built as BERT or RoBERTa',
        code="no-mean",
        name=source.name,
        family=str(model.config.model_type),
    )


def _check_body(model: PreTrainedModel, account: dict[str, Any], name: str) -> None:
    """Only a head, and the pooler before it, may be missing or of another size."""
    prefix = model.base_model_prefix + "."
    gone = [*account["missing_keys"], *(key for key, *_ in account["mismatched_keys"])]
    lost = [key for key in gone if key.startswith(prefix) and ".pooler." not in key]
    if lost:
        raise ModelError(
            "{name} lacks {count} of its encoder's weights, {first} among them",
            hint="fetch or save the encoder again",
            code="bad-encoder",
            name=name,
            count=len(lost),
            first=sorted(lost)[0],
        )


def _renew_head(model: PreTrainedModel, account: dict[str, Any], fresh: int) -> None:
    """A head that came with the checkpoint answered another question: draw it anew."""
    torch, transformers = require("torch"), require("transformers")
    prefix = model.base_model_prefix + "."
    drawn = {*account["missing_keys"], *(key for key, *_ in account["mismatched_keys"])}
    kept = [key for key in model.state_dict() if not key.startswith(prefix) and key not in drawn]
    if not kept:
        return
    torch.manual_seed(fresh)
    with quiet():
        other = transformers.AutoModelForSequenceClassification.from_config(model.config).state_dict()
    model.load_state_dict({key: other[key] for key in kept}, strict=False)


def _check_vocabulary(model: PreTrainedModel, tokenizer: Tokenizer, name: str) -> None:
    pieces, rows = tokenizer.get_vocab_size(), int(cast("Any", model.get_input_embeddings()).weight.shape[0])
    if pieces > rows:
        raise ModelError(
            "the tokenizer of {name} has {pieces} pieces, its model knows {rows}",
            hint="tokenizer and model are not of the same encoder",
            code="bad-tokenizer",
            name=name,
            pieces=pieces,
            rows=rows,
        )


def _padding(tokenizer: Tokenizer) -> int:
    for token in ("[PAD]", "<pad>", "<|endoftext|>", "</s>"):
        found = tokenizer.token_to_id(token)
        if found is not None:
            return int(found)
    return 0
