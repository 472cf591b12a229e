"""Attention rollout: how the attention of an encoder, layer upon layer, leads back to the tokens of a report.

After Abnar & Zuidema (2020), "Quantifying Attention Flow in Transformers": the mean of the heads, half of it
exchanged for the token itself (the residual connection), multiplied through the layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ConfigError
from bert4text.core.extras import require
from bert4text.models.attention import attention_set
from bert4text.models.backends import Backend
from bert4text.models.body import last_layer, layers, mean_states, reads_first_only
from bert4text.models.differentiable import Stretch, windows_of
from bert4text.models.ensemble import Ensemble
from bert4text.models.hybrid import Hybrid
from bert4text.models.token_batches import pad
from bert4text.models.torch_backend import TorchBackend

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

Floats = npt.NDArray[np.float64]


class Rolled(NamedTuple):
    """Where the attention of what the head reads leads back to.

    Attributes:
        stretches: where in the text stands what each share belongs to; where windows overlap, a token has
            several.
        shares: float64 [stretches]; together with those of the special tokens they sum to 1.
        windows: windows that were read, of all members.
        partly: whether TF-IDF answers too, which has no attention.
    """

    stretches: list[Stretch]
    shares: Floats
    windows: int
    partly: bool


class _Read(NamedTuple):
    """A window as one encoder reads it: its shares, the logits, and the state that the head reads."""

    shares: Floats
    logits: npt.NDArray[np.float32]
    state: npt.NDArray[np.float32]


def rolled_out(backend: Backend, text: str) -> Rolled:
    """Roll the attention out from what the head reads to the tokens of a report.

    The head reads the first token, or the mean of all. Windows count as they do in the answer: alike, as
    training learned it, or, where the largest logit of a label answers, by the labels of which they have it.
    Members of an ensemble count alike; of a hybrid it is the encoder's.

    Args:
        backend: an encoder of PyTorch, several, or one of these with TF-IDF.
        text: what the model is shown of the report.

    Raises:
        ConfigError: the encoder gives no attention of all tokens to all, or a long report is read by its
            sections.
    """
    encoder = backend.model[0] if isinstance(backend, Hybrid) else backend
    members = encoder.members if isinstance(encoder, Ensemble) else [encoder]
    stretches: list[Stretch] = []
    found, count = [], 0
    for member in members:
        if not isinstance(member, TorchBackend):
            raise _no_attention(member.name)
        windows, rows, stands = windows_of(member, text)
        stretches += [stands[place] for window in windows for place in window]
        first = len(member.template.prefix)
        with _attending_openly(member):
            read = [_read(member, row) for row in rows]
        for share, window, one in zip(_weights(member, read), windows, read, strict=True):
            found.append(share * one.shares[first : first + len(window)] / len(members))
        count += len(rows)
    return Rolled(stretches, np.concatenate(found), count, isinstance(backend, Hybrid))


def roll(attentions: Sequence[Floats], reader: Floats) -> Floats:
    """The share [tokens] of each token in what a reader [tokens] of the last states reads.

    Args:
        attentions: of each layer, from the first: the mean of its heads, [tokens, tokens], rows sum to 1.
        reader: how much each of the last states is read, summing to 1.
    """
    shares = reader
    for attention in reversed(attentions):
        shares = 0.5 * (shares @ attention) + 0.5 * shares
    return shares


@contextmanager
def _attending_openly(backend: TorchBackend) -> Iterator[None]:
    """Let a model attend in the way that gives its weights, whole, for a while."""
    with backend.reading_whole(), attention_set(backend.model, "eager") as openly:
        if not openly:
            raise _no_attention(str(backend.model.config.model_type))
        yield


def _read(backend: TorchBackend, row: Sequence[int]) -> _Read:
    model: Any = backend.model
    ids, mask = (torch.from_numpy(one).to(model.device) for one in pad([row], padding=backend.padding))
    with last_layer(model) as seen:
        said = model(input_ids=ids, attention_mask=mask, output_attentions=True)
    hidden, tokens = seen[0].float(), len(row)
    stacked = layers(model)
    given = [one for one in (said.attentions or ()) if one is not None]
    whole = all(one.dim() == 4 and one.shape[-2:] == (tokens, tokens) for one in given)
    if not given or not whole or (stacked is not None and len(given) != len(stacked)):
        raise _no_attention(str(model.config.model_type))
    first = reads_first_only(model, hidden, mask)
    reader = np.zeros(tokens)
    reader[: 1 if first else tokens] = 1.0 if first else 1.0 / tokens
    heads = [one[0].double().mean(dim=0).cpu().numpy() for one in given]
    state = hidden[:, 0] if first else mean_states(hidden, mask)
    return _Read(roll(heads, reader), said.logits[0].float().cpu().numpy(), state[0].cpu().numpy())


def _weights(backend: TorchBackend, read: Sequence[_Read]) -> Floats:
    """How much each window counts in the answer, summing to 1."""
    count = len(read)
    if backend.pooling == "max":
        best = np.argmax([one.logits for one in read], axis=0)
        return np.bincount(best, minlength=count) / len(best)
    if backend.pooling == "learned" and backend.weights is not None:
        states = np.stack([one.state for one in read])
        shares: Floats = backend.weights.shares(states, np.array([count])).astype(np.float64)
        return shares
    return np.full(count, 1.0 / count)


def _no_attention(name: str) -> ConfigError:
    return ConfigError(
        "the method rollout needs the attention of every token to every other, and {name} does not give it",
        hint="--method occlusion explains any model",
        code="other-method",
        name=name,
    )
