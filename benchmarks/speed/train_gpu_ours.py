"""Worker: one pass of our own loop, over rows with or without padding."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch

from benchmarks.speed.gpu import BATCH, LABELS, SEED, measures, model, precision, rows, wait
from benchmarks.worker import serve
from bert4text.core.labels import LabelSpace
from bert4text.models.unpadded import unpadded
from bert4text.models.varlen import attending_unpadded
from bert4text.training import adaptation
from bert4text.training.batches import Examples
from bert4text.training.checkpoints import State
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import Source, WholeModel
from bert4text.training.loop import Fit, steps
from bert4text.training.objectives import objective
from bert4text.training.unpadded import COMPILED_FROM, UnpaddedModel, compile_body


class Ours:
    """A training of one pass, again in each round."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._given = given
        self._model = model(given)
        made = rows(given)
        targets = np.random.default_rng(SEED).integers(0, LABELS, len(made))
        self._examples = Examples(made, np.arange(len(made) + 1), targets)
        self._space = LabelSpace(task="multiclass", names=tuple(f"label {n}" for n in range(LABELS)))
        settings = {"epochs": 1, "patience": 0, "learning_rate": 1e-5, "batches": {"size": BATCH}}
        self._config = TrainConfig.parse({**settings, "precision": precision(given)}, section="train")
        self._source = self._chosen()

    def round(self) -> Mapping[str, float]:
        """Learn from all reports once."""
        fit = Fit(
            model=self._model,
            source=self._source,
            examples=self._examples,
            objective=objective(
                self._space, self._examples.targets, self._config.loss, device=self._model.device
            ),
            optimizer=adaptation.optimizer(self._model, self._config.optimizer, adaptation="full"),
            validate=lambda: {"macro_f1": 0.0, "accuracy": 0.0, "loss": 1.0},
            config=self._config,
            seed=SEED,
            state=State(identity={}),
        )
        wait(self._given)
        start = time.perf_counter()
        with nullcontext() if self._given["padded"] else attending_unpadded(self._model):
            tokens = sum(step.tokens for step in steps(fit))
        wait(self._given)
        return measures(self._given, tokens, time.perf_counter() - start, passes=3)

    def facts(self) -> Mapping[str, Any]:
        """Nothing more is told."""
        return {}

    def _chosen(self) -> Source:
        name, made = precision(self._given), self._examples.rows
        if self._given["padded"]:
            return WholeModel(self._model, made, precision=name)
        free = unpadded(self._model, precision=name, learns=True)
        if free is None:
            raise RuntimeError("the model cannot do without padding")
        wanted = self._given["compiled"] and self._given["device"] == "cuda"
        if wanted and not compile_body(free, made, steps=COMPILED_FROM):
            raise RuntimeError("the body cannot be compiled")
        return UnpaddedModel(free, made)


if __name__ == "__main__":
    serve(Ours)
