"""The one loop: a generator of Steps. Stopping to consume it stops training; nothing else has to be told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core import seeds
from bert4text.core.config import Record
from bert4text.core.extras import require
from bert4text.models.token_batches import budget
from bert4text.training import checkpoints as saved
from bert4text.training.balance import balanced_order
from bert4text.training.batches import Examples, Indices, draw_windows, epoch_order, parts, unpadded_parts
from bert4text.training.checkpoints import Checkpoints, State
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import Source
from bert4text.training.guards import check_finite
from bert4text.training.objectives import Objective, weighed
from bert4text.training.pooling import LearnedPooling, pooled
from bert4text.training.private import PrivateSteps
from bert4text.training.rows import clip
from bert4text.training.schedule import learning_rate

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")


class Step(Record):
    """What one step of training did; a line of ``steps.jsonl``.

    Attributes:
        step: from 1.
        epoch: from 1.
        loss: mean weighted loss of the step's reports.
        learning_rate: the encoder's, at this step.
        tokens: tokens learned from, padding not counted.
        seconds: since training began, pauses not counted.
        validation: ``loss`` on reports held out, and where labels are learned ``macro_f1``, ``accuracy``
            and the ``score`` that epochs are chosen by, when measured.
    """

    step: int
    epoch: int
    loss: float
    learning_rate: float
    tokens: int
    seconds: float
    validation: dict[str, float] | None = None


@dataclass
class Fit:
    """Everything one training needs; the loop changes ``model``, ``optimizer``, ``state`` and ``best``.

    Attributes:
        model: what learns, adapted.
        source: gives logits of rows of tokens.
        examples: the training reports.
        objective: gives the loss of each report.
        optimizer: AdamW whose groups carry a ``factor``.
        validate: measures the model: ``loss``, and the ``score`` that epochs are chosen by.
        config: resolved settings.
        seed: the one seed.
        state: how far it has come.
        checkpoints: where it is kept, or None.
        best: best weights so far, or None.
        last: whether the last weights are the best ones, whatever is measured.
        learned: pools the windows of reports by weights that learn too, or None.
        private: draws the reports of each step, and clips and adds noise to what they teach; or None.
    """

    model: PreTrainedModel
    source: Source
    examples: Examples
    objective: Objective
    optimizer: torch.optim.Optimizer
    validate: Callable[[], dict[str, float]]
    config: TrainConfig
    seed: int
    state: State
    checkpoints: Checkpoints | None = None
    best: saved.Weights | None = None
    last: bool = False
    learned: LearnedPooling | None = None
    private: PrivateSteps | None = None
    accelerator: Any = field(default_factory=lambda: require("accelerate").Accelerator())

    @property
    def parameters(self) -> dict[str, torch.nn.Parameter]:
        """The weights that learn, by name."""
        found = {name: value for name, value in self.model.named_parameters() if value.requires_grad}
        if self.learned is not None:
            own = self.learned.attention.named_parameters()
            found.update((f"windows.{name}", value) for name, value in own)
        return found

    @property
    def epochs(self) -> int:
        """Passes over the training reports at most."""
        return self.config.epochs or 1

    @property
    def steps_an_epoch(self) -> int:
        """Steps of one pass."""
        if self.private is not None:
            return self.private.steps_an_epoch
        return -(-len(self.examples) // self.config.batches.size)

    def resume(self) -> bool:
        """Go on from the newest checkpoint; whether there was one.

        Raises:
            ModelError: it is broken, or of another training.
        """
        found = None if self.checkpoints is None else self.checkpoints.load()
        if found is None:
            return False
        self.state, weights, kept, self.best = found
        saved.restore(self.optimizer, self.parameters, weights=weights, kept=kept)
        return True

    def restore_best(self) -> None:
        """Put the best weights back."""
        if self.best is not None:
            saved.put(self.parameters, self.best)


def steps(fit: Fit) -> Iterator[Step]:
    """Train, one optimizer step at a time.

    A step's random numbers depend on seed and step alone, so a training that goes on from a checkpoint
    ends as one that was never stopped (on a processor: bit for bit, at the same number of threads).

    Yields:
        Each step, after it is taken; the last of an epoch carries the validation metrics. A checkpoint
        is written after the step was consumed.

    Raises:
        GuardError: the loss is no longer a number (``diverged``).
        OutputError: a checkpoint cannot be written.
    """
    clock = time.monotonic() - fit.state.seconds
    while not over(fit):
        epoch = fit.state.epoch
        seed = fit.seed if fit.private is None else fit.private.draws.integer()
        windows = draw_windows(fit.examples, most=fit.config.windows.most, seed=seed, epoch=epoch)
        lengths = fit.examples.lengths
        sizes = np.array([int(lengths[rows].sum()) for rows in windows], dtype=np.int64)
        order = _order(fit, sizes)
        for reports in order[fit.state.place :]:
            rate = _set_rate(fit)
            loss = take(fit, [windows[report] for report in reports], reports)
            last = fit.state.place + 1 == len(order)
            measured = fit.validate() if last and fit.private is None else None
            _advance(fit, measured, time.monotonic() - clock)
            yield Step(
                step=fit.state.step,
                epoch=epoch + 1,
                loss=loss,
                learning_rate=rate,
                tokens=int(sizes[reports].sum()),
                seconds=round(fit.state.seconds, 3),
                validation=measured,
            )
            _keep(fit, epoch_ends=last)
            if over(fit):
                return


def over(fit: Fit) -> bool:
    """Whether there is nothing left to do."""
    return fit.state.stopped


def _order(fit: Fit, sizes: Indices) -> list[Indices]:
    """The reports of each step of the epoch under way, of which some steps may be done."""
    batches, epoch = fit.config.batches, fit.state.epoch
    if fit.private is not None:
        return fit.private.order()
    if batches.balanced:
        targets = fit.examples.targets
        return balanced_order(sizes, targets, batch_size=batches.size, seed=fit.seed, epoch=epoch)
    return epoch_order(sizes, batch_size=batches.size, seed=fit.seed, epoch=epoch)


def _set_rate(fit: Fit) -> float:
    optimizer = fit.config.optimizer
    rate = learning_rate(
        fit.state.step,
        total=fit.epochs * fit.steps_an_epoch,
        highest=fit.config.learning_rate or 0.0,
        warmup=optimizer.warmup,
        schedule=optimizer.schedule,
    )
    for group in fit.optimizer.param_groups:
        group["lr"] = rate * group["factor"]
    return rate


def take(fit: Fit, windows: list[Indices], reports: Indices) -> float:
    """One optimizer step; its parts add up to the same gradient as the step computed at once.

    Args:
        fit: what learns.
        windows: rows of each report of the step.
        reports: of the step; none where nobody was drawn for a private one.

    Returns:
        The mean loss.
    """
    targets, private = fit.examples.targets[reports], fit.private
    weights = None if fit.examples.weights is None else fit.examples.weights[reports]
    counts = np.array([len(rows) for rows in windows], dtype=np.int64)
    losses: list[torch.Tensor] = []
    fit.model.train()
    fit.optimizer.zero_grad(set_to_none=True)
    device = fit.model.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        known = seeds.integer(fit.seed, f"training.dropout.{fit.state.step}")
        torch.manual_seed(known if private is None else private.draws.integer())
        for part in _parts(fit, windows, counts, reports):
            rows = np.concatenate([windows[place] for place in part])
            logits = _logits(fit, rows, counts[part])
            wanted = torch.from_numpy(targets[part]).to(logits.device)
            count = None if weights is None else torch.from_numpy(weights[part]).to(logits)
            each = weighed(fit.objective, logits, wanted, count)
            loss = each.sum() / len(windows)
            if private is None:
                fit.accelerator.backward(loss)
            else:
                private.learn(each, reports[part], counts[part])
            losses.append(loss.detach())
    told = torch.stack(losses).tolist() if losses else []  # the first time in a step that a GPU is waited for
    total = float(sum(told))
    check_finite(total, step=fit.state.step + 1)
    if private is None:
        norm = clip(fit.parameters.values(), most=fit.config.optimizer.clip)
        check_finite(float(norm), step=fit.state.step + 1)
    fit.optimizer.step()
    return total


def _logits(fit: Fit, rows: Indices, counts: Indices) -> torch.Tensor:
    if fit.learned is not None:
        return fit.learned.logits(rows, counts)
    how, labels = fit.config.windows.pooling, fit.model.config.num_labels
    return pooled(fit.source.logits(rows), counts, how=how, labels=labels)


def _parts(fit: Fit, windows: list[Indices], counts: Indices, reports: Indices) -> list[Indices]:
    lengths, tokens = fit.examples.lengths, fit.config.batches.tokens or budget(fit.model.device.type)
    if fit.source.padded or fit.private is not None:
        longest = np.array([int(lengths[rows].max()) for rows in windows], dtype=np.int64)
        if fit.private is not None:
            return fit.private.parts(reports, longest, counts, tokens=tokens)
        return parts(longest, counts, tokens=tokens)
    sizes = np.array([int(lengths[rows].sum()) for rows in windows], dtype=np.int64)
    return unpadded_parts(sizes, tokens=tokens)


def _advance(fit: Fit, measured: dict[str, float] | None, seconds: float) -> None:
    """Count the step; after a measurement decide whether it is the best, and whether to stop."""
    epoch, place = divmod(fit.state.step + 1, fit.steps_an_epoch)
    done = {"step": fit.state.step + 1, "epoch": epoch, "place": place, "seconds": seconds}
    state = fit.state.model_copy(update=done)
    if measured is not None:
        key = (measured.get("score", 0.0), -measured["loss"])
        if fit.last or state.best is None or key > (state.best, -(state.best_loss or 0.0)):
            fit.best = saved.copies(fit.parameters)
            changes: dict[str, Any] = {"best": key[0], "best_loss": measured["loss"]}
            state = state.model_copy(update={**changes, "best_step": state.step, "waited": 0})
        else:
            state = state.model_copy(update={"waited": state.waited + 1})
    patience = fit.config.patience or 0
    ended = state.step >= fit.epochs * fit.steps_an_epoch or bool(patience and state.waited >= patience)
    fit.state = state.model_copy(update={"stopped": ended})


def _keep(fit: Fit, *, epoch_ends: bool) -> None:
    if fit.checkpoints is None:
        return
    due = epoch_ends or fit.state.step % fit.config.batches.checkpoint_steps == 0
    if fit.state.stopped or (due and fit.checkpoints.affordable()):
        fit.checkpoints.save(fit.state, fit.parameters, fit.optimizer, best=fit.best)
