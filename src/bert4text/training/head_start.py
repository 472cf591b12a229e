"""Start a head from what the encoder already tells apart, before anything else learns.

A fresh head on a distilled encoder can stand still or collapse: MiniLM's pooler varies by 0.01 from report
to report, so its classifier sees the same input for all. Here the layers of the head, as they came or as the
identity, whichever tells more, are first scaled to the reports (Mishkin & Matas, 2016, "All you need is a
good init"); then the last one is fitted as a logistic regression on the frozen encoder (Kumar et al., 2022,
"Fine-tuning can distort pretrained features and underperform out-of-distribution"). It costs one pass without
gradients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.core.extras import require
from bert4text.models.body import evaluating
from bert4text.training.adaptation import head_parameters
from bert4text.training.batches import Examples
from bert4text.training.frozen import FrozenBody
from bert4text.training.objectives import Times, Weighting, class_weights, positive_weights

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

MOST_REPORTS = 3000
"""Training reports the start is fitted on, drawn by the seed where there are more."""

LARGEST_SCALE = 10.0
"""A layer over a body that learns is scaled up at most so much: more would turn small changes into leaps."""

REGULARIZATION = 0.1
"""Inverse strength of the logistic regression, scikit-learn's ``C``."""

FOLDS = 3
"""Parts of the reports, each left out once, to see which layers of a head tell them apart."""

CLEARLY = 0.98
"""Share of the loss below which a head does without its square layers: less is noise."""

LABELS = 10
"""Labels, the most frequent ones, by which this is seen where several may hold."""

ROWS = 256
"""Rows computed at once; the body has been run already."""

Floats = npt.NDArray[np.float64]


def drawn(examples: Examples, *, seed: int) -> Examples:
    """At most ``MOST_REPORTS`` of the reports, with all their windows."""
    if len(examples) <= MOST_REPORTS:
        return examples
    chosen = seeds.rng(seed, "training.head").choice(len(examples), size=MOST_REPORTS, replace=False)
    chosen = np.sort(chosen)
    rows: list[list[int]] = []
    starts = [0]
    for report in chosen:
        rows.extend(examples.rows[examples.starts[report] : examples.starts[report + 1]])
        starts.append(len(rows))
    weights = None if examples.weights is None else examples.weights[chosen]
    return Examples(rows, np.array(starts, dtype=np.int64), examples.targets[chosen], weights=weights)


def start_head(
    model: PreTrainedModel,
    body: FrozenBody,
    examples: Examples,
    *,
    weighting: Weighting,
    seed: int,
    largest_scale: float = LARGEST_SCALE,
    times: Times | None = None,
) -> bool:
    """Scale the layers of the head to the reports and fit the last one, in place.

    Args:
        model: with a fresh head.
        body: what the model's body gave for the rows of ``examples``.
        examples: training reports.
        weighting: how labels are weighted, as in the loss.
        seed: of the solver.
        largest_scale: how much a layer may be scaled up; infinite where the body stays frozen.
        times: how often each report, or each label of it, counts in an epoch; once if not given.

    Returns:
        Whether the head could be started; one of another build is left as it was.
    """
    with evaluating(model), torch.no_grad():
        layers = linear_layers(model, body)
        if not layers or layers[-1].out_features != model.config.num_labels:
            return False
        features = _features(layers, body, largest=largest_scale)
        if features.ndim != 2 or len(features) != len(examples.rows):
            return False
        if any(square(layer) for layer in layers[:-1]):
            features = _telling(layers, body, features, examples, largest=largest_scale, seed=seed)
        often = np.ones(len(examples)) if times is None else times
        fitted = _fit(features, examples, layers[-1].out_features, weighting, seed, often)
        layers[-1].weight.copy_(torch.from_numpy(fitted[0]))
        if layers[-1].bias is not None:
            layers[-1].bias.copy_(torch.from_numpy(fitted[1]))
    return True


def _features(layers: list[Any], body: FrozenBody, *, largest: float) -> npt.NDArray[np.float32]:
    """What goes into the last layer, once those before it were scaled to the reports."""
    for layer in layers[:-1]:
        _standardize(layer, seen(layer, body, outputs=True), largest=largest)
    found: npt.NDArray[np.float32] = seen(layers[-1], body, outputs=False).cpu().numpy()
    return found


def _telling(
    layers: list[Any],
    body: FrozenBody,
    given: npt.NDArray[np.float32],
    examples: Examples,
    *,
    largest: float,
    seed: int,
) -> npt.NDArray[np.float32]:
    """What goes into the last layer: through the layers as they came, or through ones that pass all on.

    A pooler is often drawn at random, or learned for another question. Where logistic regression tells
    unseen reports apart better without it, its square layers begin as the identity.
    """
    before = [(layer, layer.weight.clone(), layer.bias.clone()) for layer in layers[:-1] if square(layer)]
    for layer, _, _ in before:
        layer.weight.copy_(torch.eye(layer.out_features))
        layer.bias.zero_()
    plain = _features(layers, body, largest=largest)
    if _loss(plain, examples, seed=seed) < CLEARLY * _loss(given, examples, seed=seed):
        return plain
    for layer, weight, bias in before:
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return given


def square(layer: Any) -> bool:
    """Whether a layer gives as many numbers as it takes, and shifts them: it can begin as the identity."""
    return bool(layer.in_features == layer.out_features and layer.bias is not None)


def _loss(features: npt.NDArray[np.float32], examples: Examples, *, seed: int) -> float:
    """Mean loss of a logistic regression on windows of reports that it has not seen."""
    counts = np.diff(examples.starts)
    report = np.repeat(np.arange(len(examples)), counts)
    fold = seeds.rng(seed, "training.head.folds").permutation(len(examples))[report] % FOLDS
    wanted = examples.targets[report]
    columns = wanted[:, np.argsort(-wanted.sum(axis=0))[:LABELS]] if wanted.ndim == 2 else wanted[:, None]
    losses = []
    for column in columns.T:
        for number in range(FOLDS):
            inside, outside = fold != number, fold == number
            known = np.isin(column, np.unique(column[inside])) & outside
            if known.any() and len(np.unique(column[inside])) > 1:
                model = _regression(seed).fit(features[inside], column[inside])
                said = model.predict_log_proba(features[known])
                place = np.searchsorted(model.classes_, column[known])
                losses.append(-said[np.arange(len(place)), place].mean())
    return float(np.mean(losses)) if losses else 0.0


def linear_layers(model: PreTrainedModel, body: FrozenBody) -> list[Any]:
    """The linear layers of the head, in the order in which they are called."""
    names = {name.rpartition(".")[0] for name in head_parameters(model)}
    modules = {
        name: module
        for name, module in model.named_modules()
        if name in names and isinstance(module, torch.nn.Linear)
    }
    called: list[Any] = []
    handles = [
        module.register_forward_hook(lambda module, *_: called.append(module)) for module in modules.values()
    ]
    try:
        body.logits(np.array([0], dtype=np.int64))
    finally:
        for handle in handles:
            handle.remove()
    return called


def seen(layer: Any, body: FrozenBody, *, outputs: bool) -> torch.Tensor:
    """What goes into a layer, or comes out of it, for every row."""
    with _watched(layer, outputs=outputs) as seen:
        for start in range(0, len(body.hidden), ROWS):
            body.logits(np.arange(start, min(start + ROWS, len(body.hidden)), dtype=np.int64))
    return torch.cat([value.reshape(-1, value.shape[-1]) for value in seen])


@contextmanager
def _watched(layer: Any, *, outputs: bool) -> Iterator[list[torch.Tensor]]:
    seen: list[torch.Tensor] = []

    def keep(_: Any, inputs: Sequence[torch.Tensor], output: torch.Tensor) -> None:
        seen.append((output if outputs else inputs[0]).float())

    handle = layer.register_forward_hook(keep)
    try:
        yield seen
    finally:
        handle.remove()


def _standardize(layer: Any, outputs: torch.Tensor, *, largest: float) -> None:
    """Give each unit of a layer mean 0 over the reports and, within the largest scale, variance 1."""
    mean, deviation = outputs.mean(dim=0), outputs.std(dim=0, correction=0)
    scale = (1.0 / deviation.clamp_min(1e-6)).clamp_max(largest)
    layer.weight.mul_(scale[:, None])
    if layer.bias is not None:
        layer.bias.copy_((layer.bias - mean) * scale)


def _fit(
    features: npt.NDArray[np.float32],
    examples: Examples,
    k: int,
    weighting: Weighting,
    seed: int,
    times: Times,
) -> tuple[Floats, Floats]:
    """Weights [k, d] and intercepts [k] of a logistic regression; windows share their report's weight."""
    counts = np.diff(examples.starts)
    report = np.repeat(np.arange(len(examples)), counts)
    share = (times / (counts if times.ndim == 1 else counts[:, None]))[report]
    if examples.targets.ndim == 2:
        positive = positive_weights(examples.targets, weighting, times)
        return _independent(features, examples.targets[report], share, positive, seed)
    y = examples.targets[report]
    weights, intercepts = np.zeros((k, features.shape[1])), np.zeros(k)
    model = _regression(seed).fit(
        features, y, sample_weight=share * class_weights(examples.targets, k, weighting, times)[y]
    )
    found = model.classes_
    if len(found) == 2:
        weights[found] = np.stack([-model.coef_[0], model.coef_[0]]) / 2
        intercepts[found] = np.array([-model.intercept_[0], model.intercept_[0]]) / 2
    else:
        weights[found], intercepts[found] = model.coef_, model.intercept_
    unseen = np.setdiff1d(np.arange(k), found)
    intercepts[unseen] = intercepts[found].min() - 1.0
    return weights, intercepts


def _independent(
    features: npt.NDArray[np.float32],
    y: npt.NDArray[np.int64],
    share: Floats,
    positive: npt.NDArray[np.float32],
    seed: int,
) -> tuple[Floats, Floats]:
    k = y.shape[1]
    weights, intercepts = np.zeros((k, features.shape[1])), np.zeros(k)
    for label in range(k):
        if 0 < y[:, label].sum() < len(y):
            own = share if share.ndim == 1 else share[:, label]
            sample = own * np.where(y[:, label] == 1, positive[label], 1.0)
            model = _regression(seed).fit(features, y[:, label], sample_weight=sample)
            weights[label], intercepts[label] = model.coef_[0], model.intercept_[0]
    return weights, intercepts


def _regression(seed: int) -> Any:
    return require("sklearn.linear_model").LogisticRegression(
        C=REGULARIZATION, max_iter=1000, random_state=seeds.integer(seed, "training.head.solver")
    )
