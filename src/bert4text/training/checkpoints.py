"""Checkpoints: safetensors and JSON, whole or not at all, from which training goes on as if never stopped.

A checkpoint is a folder ``step-<n>`` with ``model.safetensors``, ``optimizer.safetensors`` and
``state.json``; beside it lies ``best-<n>.safetensors``, the weights of the best measurement so far.
A folder gets its name only when it is complete, and the one before is removed after that, so that a
kill at any moment leaves one to go on from. Random states need not be kept: every random number is
drawn from a stream keyed by the seed and the step or epoch (``core.seeds``).
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from safetensors import SafetensorError

from bert4text.core.config import Record
from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.core.output import writing_file, writing_folder
from bert4text.training.identity import check_same

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

FORMAT = "checkpoint/1"
COST = 0.1
"""Largest share of the time that writing checkpoints may take."""

Weights = Mapping[str, "torch.Tensor"]


class State(Record):
    """How far training has come; ``state.json``.

    Attributes:
        format: ``checkpoint/1``.
        identity: what the training is, part by part: digests of settings, corpus and encoder, versions, seed.
        step: steps done; with the seed it fixes every random number of the next one.
        epoch: passes done.
        place: steps done of the pass under way; with seed and ``epoch`` it fixes the order of what comes.
        best: the best score on validation so far, or None before the first measurement.
        best_loss: validation loss of that measurement, which settles ties.
        best_step: the step it was measured after.
        waited: measurements since then.
        seconds: time spent so far.
        stopped: whether training is over.
    """

    format: str = FORMAT
    identity: dict[str, str]
    step: int = 0
    epoch: int = 0
    place: int = 0
    best: float | None = None
    best_loss: float | None = None
    best_step: int = 0
    waited: int = 0
    seconds: float = 0.0
    stopped: bool = False


class Checkpoints:
    """Writes and reads the checkpoints of one training.

    Args:
        folder: holds them; made when the first is written.
        identity: what this training is; a checkpoint of another is refused.
    """

    def __init__(self, folder: Path, identity: dict[str, str]) -> None:
        self.folder = folder
        self.identity = identity
        self._written = time.monotonic()
        self._cost = 0.0
        self._best_step: int | None = None

    def affordable(self) -> bool:
        """Whether writing one now keeps the cost within its share of the time."""
        return self._cost <= COST * (time.monotonic() - self._written)

    def save(
        self, state: State, weights: Weights, optimizer: torch.optim.Optimizer, *, best: Weights | None
    ) -> None:
        """Write a checkpoint, then remove the one before.

        Args:
            state: how far training has come.
            weights: those that learn, by name.
            optimizer: over the same weights.
            best: the best weights so far; written only when they are new.

        Raises:
            OutputError: there is no space, or the place cannot be written.
        """
        start = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        if best is not None and state.best_step != self._best_step:
            with writing_file(self._best(state), overwrite=True) as partial:
                save_tensors(best, partial)
            self._best_step = state.best_step
        target = self.folder / f"step-{state.step:08d}"
        with writing_folder(target, overwrite=True) as partial:
            save_tensors(weights, partial / "model.safetensors")
            save_tensors(moments(optimizer, weights), partial / "optimizer.safetensors")
            (partial / "state.json").write_text(state.model_dump_json(indent=1) + "\n", encoding="utf-8")
        self._sweep({target, self._best(state)})
        self._written = time.monotonic()
        self._cost = self._written - start

    def load(self) -> tuple[State, dict[str, torch.Tensor], dict[str, torch.Tensor], Weights | None] | None:
        """The newest checkpoint: state, weights, moments and best weights; None where there is none.

        Raises:
            ModelError: it is broken, of another format, or of another training.
        """
        names = sorted(path for path in self.folder.glob("step-*") if re.fullmatch(r"step-\d{8}", path.name))
        if not names:
            return None
        newest = names[-1]
        try:
            state = State.model_validate(json.loads((newest / "state.json").read_text(encoding="utf-8")))
            weights = load_tensors(newest / "model.safetensors")
            kept = load_tensors(newest / "optimizer.safetensors")
            best = None if state.best is None else load_tensors(self._best(state))
        except (OSError, ValueError, ValidationError, SafetensorError):
            state = None
        if state is None or state.format != FORMAT:
            raise ModelError(
                "the checkpoint cannot be read, or was written by another version",
                hint="train without --resume",
                code="bad-checkpoint",
            )
        check_same(state.identity, self.identity)
        self._best_step = state.best_step if best is not None else None
        return state, weights, kept, best

    def discard(self) -> None:
        """Remove all checkpoints of this training."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _best(self, state: State) -> Path:
        return self.folder / f"best-{state.best_step:08d}.safetensors"

    def _sweep(self, kept: set[Path]) -> None:
        for path in set(self.folder.iterdir()) - kept:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def moments(optimizer: torch.optim.Optimizer, weights: Weights) -> dict[str, torch.Tensor]:
    """What an optimizer remembers of each weight, as ``<name>:<what>``."""
    found = {}
    for name, parameter in weights.items():
        for what, value in optimizer.state.get(parameter, {}).items():
            found[f"{name}:{what}"] = value
    return found


def restore(
    optimizer: torch.optim.Optimizer,
    parameters: Mapping[str, torch.nn.Parameter],
    *,
    weights: Weights,
    kept: Weights,
) -> None:
    """Put weights and moments back, in place, so that the next step is the one that was not taken."""
    put(parameters, weights)
    for key, value in kept.items():
        name, _, what = key.rpartition(":")
        optimizer.state[parameters[name]][what] = value.to(parameters[name].device)


def put(parameters: Mapping[str, torch.nn.Parameter], weights: Weights) -> None:
    """Copy weights into parameters, in place."""
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(weights[name])


def copies(parameters: Mapping[str, torch.nn.Parameter]) -> dict[str, torch.Tensor]:
    """Weights as they are now, apart from what comes."""
    return {name: parameter.detach().clone() for name, parameter in parameters.items()}


def save_tensors(tensors: Weights, path: Path) -> None:
    """Write tensors as safetensors."""
    plain: dict[str, Any] = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    require("safetensors.torch").save_file(plain, str(path))


def load_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Read tensors, each in memory of its own, aligned as torch aligns: sums then round as they did.

    Raises:
        OSError, SafetensorError: the file is missing or broken.
    """
    found = require("safetensors.torch").load_file(str(path))
    return {name: value.clone() for name, value in found.items()}
