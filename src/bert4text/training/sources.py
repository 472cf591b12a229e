"""Which source of logits a training has, and what is exchanged in its model meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from bert4text.core.extras import require
from bert4text.models.backends import FloatArray
from bert4text.models.body import evaluating
from bert4text.models.first_token import first_token
from bert4text.models.token_batches import budget, token_batches
from bert4text.models.unpadded import Unpadded
from bert4text.models.varlen import attending_unpadded
from bert4text.models.windows import pool
from bert4text.training.adaptation import frozen_parts
from bert4text.training.attention import fast_attention
from bert4text.training.batches import Examples
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import AnswerSource, FrozenBody, Source, WholeModel, head_stands_alone
from bert4text.training.lower import lower_layers
from bert4text.training.masking import MaskedWords
from bert4text.training.pooling import WindowAttention
from bert4text.training.rows import sparse_embeddings
from bert4text.training.states import StatesBeside
from bert4text.training.tagging import TaggedWords
from bert4text.training.unpadded import UnpaddedModel, compile_body

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

Rows = Sequence[list[int]]


def source(
    model: PreTrainedModel, rows: Rows, config: TrainConfig, *, free: Unpadded | None, reads: int
) -> AnswerSource:
    """Where logits come from.

    Args:
        model: adapted.
        rows: token ids of every row.
        config: resolved settings.
        free: the model as it learns without padding, or None.
        reads: rows that the training to come reads in all.

    Returns:
        A frozen body run once where the head allows it; else the whole model, without padding if it can, its
        frozen layers run once if they can be.
    """
    if config.adaptation == "head" and head_stands_alone(model, rows):
        return frozen(model, rows, config)
    if free is not None:
        return UnpaddedModel(free, rows, embeds=config.windows.pooling == "learned")
    if config.adaptation != "layers":
        return WholeModel(model, rows, precision=config.precision)
    kept = lower_layers(model, rows, config, reads=reads)
    return WholeModel(model, rows, precision=config.precision, still=frozen_parts(model), kept=kept)


def frozen(model: PreTrainedModel, rows: Rows, config: TrainConfig) -> FrozenBody:
    """The body of a model run once."""
    tokens = config.batches.tokens or budget(model.device.type)
    embeds = config.windows.pooling == "learned"
    return FrozenBody(model, rows, tokens=tokens, precision=config.precision, embeds=embeds)


def whole_logits(
    model: PreTrainedModel,
    source: AnswerSource,
    examples: Examples,
    config: TrainConfig,
    attention: WindowAttention | None = None,
) -> FloatArray:
    """Logits [n, k] of whole reports, all their windows read, in the arithmetic of training."""
    found = np.zeros((len(examples.rows), int(model.config.num_labels or 0)), dtype=np.float32)
    wanted = 0 if attention is None else len(examples.rows)
    embeddings = np.zeros((wanted, int(model.config.hidden_size)), dtype=np.float32)
    tokens = config.batches.tokens or budget(model.device.type)
    with evaluating(model), torch.no_grad():
        for rows in token_batches(examples.lengths.tolist(), tokens=tokens):
            if attention is None:
                found[rows] = source.logits(rows).cpu().numpy()
            else:
                found[rows], embeddings[rows] = (side.float().cpu().numpy() for side in source.answers(rows))
    counts = np.diff(examples.starts).astype(np.int32)
    shares = None if attention is None else attention.weights().shares(embeddings, counts)
    return pool(found, counts, how=config.windows.pooling, shares=shares)


def plain(source: Source) -> Source:
    """What computes the logits, without what looks on."""
    return source.source if isinstance(source, StatesBeside) else source


@contextmanager
def prepared(source: Source, model: PreTrainedModel, rows: Rows, *, steps: int) -> Iterator[None]:
    """Let a model compute fast while it learns; afterwards it is as it was.

    Args:
        source: where its logits come from.
        model: what learns.
        rows: token ids of every row.
        steps: of the training to come.
    """
    watched, source = isinstance(source, StatesBeside), plain(source)
    if isinstance(source, UnpaddedModel):
        with attending_unpadded(model), sparse_embeddings(model):
            if not watched:  # a compiled body does not show the states of its layers
                compile_body(source.model, rows, steps=steps)
            yield
    elif isinstance(source, WholeModel):
        with fast_attention(model), first_token(model).alone(), sparse_embeddings(model):
            yield
    elif isinstance(source, MaskedWords | TaggedWords):  # all tokens are read, all embeddings may learn
        with fast_attention(model):
            yield
    else:
        yield
