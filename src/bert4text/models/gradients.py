"""How fast the score of a label changes on the way from a report without words to the report itself.

What Sundararajan, Taly & Yan (2017), "Axiomatic Attribution for Deep Networks", integrate. The way is
straight in the embeddings of the tokens; where TF-IDF answers beside an encoder, its features grow along it
as well, so that the score of both together is integrated and not that of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ConfigError
from bert4text.core.extras import require
from bert4text.models.backends import Backend
from bert4text.models.calibration import Calibrator
from bert4text.models.differentiable import TOKENS, Baseline, Heads, ReadReport, Stretch
from bert4text.models.ensemble import Ensemble
from bert4text.models.hybrid import SMALLEST, Hybrid
from bert4text.models.linear_backend import LinearBackend
from bert4text.models.terms import term_places
from bert4text.models.torch_backend import TorchBackend

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

Floats = npt.NDArray[np.float64]


class Wanted(NamedTuple):
    """Whose score is looked at: natural log-odds of a calibrated probability.

    Attributes:
        label: its place.
        calibrator: of what answers; where it bends probabilities along lines, the score is the one before.
        several: whether several labels may hold.
    """

    label: int
    calibrator: Calibrator
    several: bool = False

    def score(self, logits: torch.Tensor) -> torch.Tensor:
        """The score [n] of logits [n, k]."""
        scaled = _scaled(logits, self.calibrator)
        own = scaled[:, self.label]
        if self.several:
            return own
        others = [place for place in range(scaled.shape[1]) if place != self.label]
        return own - torch.logsumexp(scaled[:, others], dim=1)


class Way:
    """The way from a report without words to the report.

    Args:
        backend: what answers: an encoder of PyTorch, several, or one of these with TF-IDF.
        text: what the model is shown of the report.
        wanted: the score that is looked at.
        baseline: the token whose embedding stands for every token at the start.

    Attributes:
        stretches: where in the text stands what each column of ``derivatives`` belongs to.

    Raises:
        ConfigError: there is no gradient of what answers, or none for this report.
    """

    def __init__(self, backend: Backend, text: str, wanted: Wanted, *, baseline: Baseline = "pad") -> None:
        self.wanted = wanted
        self._hybrid = backend if isinstance(backend, Hybrid) else None
        encoder = backend if self._hybrid is None else self._hybrid.model[0]
        self._reports = [ReadReport(one, text, baseline=baseline) for one in _encoders(encoder)]
        self.stretches = [stretch for one in self._reports for stretch in one.stretches]
        self._terms: _Terms | None = None
        if self._hybrid is not None:
            self._terms = _terms(self._hybrid.tfidf[0], text)
            self.stretches += self._terms.stretches

    def derivatives(self, alphas: Sequence[float]) -> tuple[Floats, Floats]:
        """The score, and how fast it changes by each column, at some places of the way.

        Args:
            alphas: places, from 0 (no words) to 1 (the report).

        Returns:
            float64 [n] and [n, columns]; the sum of a row is the derivative of the score along the way.
        """
        tokens = max(report.tokens for report in self._reports)
        size = max(1, TOKENS // tokens)
        with ExitStack() as stack:
            for report in self._reports:
                stack.enter_context(report.backend.differentiating())
            parts = [self._at(alphas[start : start + size]) for start in range(0, len(alphas), size)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _at(self, alphas: Sequence[float]) -> tuple[Floats, Floats]:
        """The score is made of logits; their gradients go on to the windows, in turn where they are many."""
        ways = [_Computed(report, alphas) for report in self._reports]
        terms = None
        if self._terms is not None:
            terms = torch.from_numpy(
                self._terms.logits(np.asarray(alphas, dtype=np.float64))
            ).requires_grad_()
        scores = self.wanted.score(self._logits([one.heads for one in ways], terms))
        leaves = [leaf for one in ways for leaf in one.heads] + ([] if terms is None else [terms])
        found = torch.autograd.grad(scores.sum(), leaves, allow_unused=True)
        columns = [one.along(found[2 * place], found[2 * place + 1]) for place, one in enumerate(ways)]
        if self._terms is not None and found[-1] is not None:
            columns.append(found[-1].numpy() @ self._terms.weights.T)
        return scores.detach().cpu().numpy().astype(np.float64), np.concatenate(columns, axis=1)

    def _logits(self, heads: Sequence[Heads], terms: torch.Tensor | None) -> torch.Tensor:
        """The logits [n, k] of the system that answers."""
        each = [report.pooled(one).cpu() for report, one in zip(self._reports, heads, strict=True)]
        logits = torch.stack(each).mean(dim=0)
        if self._hybrid is None or terms is None:
            return logits
        share = self._hybrid.share
        return share * _told(logits, self._hybrid.model[1]) + (1 - share) * _told(
            terms, self._hybrid.tfidf[1]
        )


class _Computed:
    """One encoder at some places of the way: its heads as leaves, and the way back from them."""

    def __init__(self, report: ReadReport, alphas: Sequence[float]) -> None:
        self.report, self.alphas = report, alphas
        count = len(report.ids)
        most = max(1, TOKENS // (report.tokens // count))
        self.parts = [slice(start, start + most) for start in range(0, count, most)]
        self._kept: tuple[Heads, torch.Tensor] | None = None
        if len(self.parts) == 1:
            self._kept = report.heads(alphas)
            given = [self._kept[0]]
        else:  # the way back needs what each window kept, and all of them keep too much: they are read again
            with torch.no_grad():
                given = [report.heads(alphas, part=part)[0] for part in self.parts]
        self.heads = Heads(
            *(torch.cat(side, dim=1).detach().requires_grad_() for side in zip(*given, strict=True))
        )

    def along(self, by_logits: torch.Tensor, by_embeddings: torch.Tensor | None) -> Floats:
        """How fast the score changes by each token, [n, tokens], from its gradients by the heads."""
        found = []
        for part in self.parts:
            heads, embedded = self._kept or self.report.heads(self.alphas, part=part)
            outputs, upstream = [heads.logits], [by_logits[:, part]]
            if by_embeddings is not None:
                outputs.append(heads.embeddings)
                upstream.append(by_embeddings[:, part])
            (gradients,) = torch.autograd.grad(outputs, [embedded], grad_outputs=upstream)
            found.append(self.report.along(gradients, part=part).double().cpu().numpy())
        return np.concatenate(found, axis=1)


class _Terms(NamedTuple):
    """TF-IDF of a report, word by word: ``weights`` [words, k] are what each adds to the logits."""

    stretches: list[Stretch]
    weights: Floats
    start: Floats

    def logits(self, alphas: Floats) -> Floats:
        """Logits [n, k] where every feature has grown to that share of itself."""
        found: Floats = self.start + alphas[:, None] * self.weights.sum(axis=0)
        return found


def _terms(backend: Backend, text: str) -> _Terms:
    if not isinstance(backend, LinearBackend):
        raise _no_gradient(backend)
    labels = len(backend.intercepts)
    added: dict[Stretch, Floats] = {}
    features = backend.features(text)
    for places, column in term_places(text, backend.vocabulary):
        told = features[column] * np.asarray(backend.weights[:, column], dtype=np.float64)
        for place in places:
            added[place] = added.get(place, np.zeros(labels)) + told / len(places)
    stretches = sorted(added)
    weights = np.array([added[place] for place in stretches]).reshape(len(stretches), labels)
    return _Terms(stretches, weights, np.asarray(backend.intercepts, dtype=np.float64))


def _encoders(backend: Backend) -> list[TorchBackend]:
    if isinstance(backend, TorchBackend):
        return [backend]
    if isinstance(backend, Ensemble):
        return backend.members
    raise _no_gradient(backend)


def _no_gradient(backend: Backend) -> ConfigError:
    return ConfigError(
        "the method gradients explains encoders of PyTorch, and this model answers by {name}",
        hint="--method occlusion explains any model",
        code="other-method",
        name=backend.name,
    )


def _scaled(logits: torch.Tensor, calibrator: Calibrator) -> torch.Tensor:
    factor, term = (logits.new_tensor(values) for values in calibrator.affine)
    return logits * factor + term


def _told(logits: torch.Tensor, calibrator: Calibrator) -> torch.Tensor:
    """What a system of a hybrid says, [n, k], as ``hybrid.told``."""
    scaled = _scaled(logits, calibrator)
    if calibrator.link == "sigmoid":
        most = float(np.log(1 - SMALLEST) - np.log(SMALLEST))
        return scaled.clamp(-most, most)
    return torch.log_softmax(scaled, dim=1).clamp(min=float(np.log(SMALLEST)))
