"""Worker: our training, with its default settings.

Throughput is that of the loop's steps, reached through ``finetune``. Time to a macro-F1 is that within a
whole run of the verb ``train``: the clock runs while the head is started and while steps are taken; gates,
the baseline beside it, calibration and saving are in ``verb s``. No checkpoints are written, as by others.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from benchmarks.declared import POLICY
from benchmarks.speed.training_watch import Watch, due
from benchmarks.worker import serve
from bert4text.core.progress import silent
from bert4text.data.read_corpus import read_corpus
from bert4text.models.ensemble import Ensemble
from bert4text.models.first_token import FirstToken, first_token, token_products
from bert4text.project import Project
from bert4text.training import finetune as finetuning
from bert4text.training.config import TrainConfig
from bert4text.training.loop import Fit, Step, steps
from bert4text.training.parts import read_parts
from bert4text.verbs.model import train


class Ours:
    """Trains anew in each round, each by another seed."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._given = given
        self._seed: int = given["seed"]
        self._corpus = Path(given["folder"]) / "corpus.parquet"

    def round(self) -> Mapping[str, float | list[float]]:
        """Train once."""
        self._seed += 1
        with tempfile.TemporaryDirectory() as place:
            return self._worth(Path(place)) if self._given["kind"] == "quality" else self._rates(Path(place))

    def facts(self) -> Mapping[str, Any]:
        """Nothing beside what each round tells."""
        return {}

    def _rates(self, place: Path) -> Mapping[str, float | list[float]]:
        reports, most = len(read_corpus(self._corpus)["train"]), self._given["learned"]
        told = {"epochs": -(-most // reports) + 1, "patience": 0, "optimizer": {"head_start": False}}
        config = TrainConfig.parse({"encoder": self._given["encoder"], **told}, section="train")
        parts = read_parts(read_corpus(self._corpus), config)
        with watching(most=-(-most // config.batches.size)) as watched:
            tuned = finetuning.finetune(
                parts, config, corpus="benchmark", seed=self._seed, work=place, progress=silent
            )
        if isinstance(tuned.backend, Ensemble):
            raise TypeError(tuned.backend)
        model = tuned.backend.model
        products, every = (
            sum(depth * columns for depth, columns in token_products(model, first))
            for first in (first_token(model), FirstToken())
        )
        return watched.watch.rates(self._given, precision=tuned.config.precision, computed=products / every)

    def _worth(self, place: Path) -> Mapping[str, float | list[float]]:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = str(place)
        given = {"project": {"seed": self._seed}, "audit": {"fail_on": "never"}, "policy": POLICY}
        project = Project(given=given)
        config: dict[str, Any] = {"encoder": self._given["encoder"], "folds": {"refit": False}}  # timed once
        if self._given["passes"]:
            config["epochs"] = self._given["passes"]
        start = time.perf_counter()
        with watching(most=None) as watched:
            train(self._corpus, config=config, project=project, out=place / "run")
        seconds = time.perf_counter() - start - watched.aside
        return {**watched.watch.worth(), "verb s": seconds}


class Watched:
    """Stands in the places of the loop and of the head's start, and calls them.

    Args:
        most: steps to take; None is all, and the curve is noted.
    """

    def __init__(self, most: int | None) -> None:
        self.watch = Watch()
        self.aside = 0.0
        self._most = most

    def start(self, *given: Any, **named: Any) -> None:
        """Start the head, on the clock."""
        with self.watch.running():
            _START(*given, **named)

    def steps(self, fit: Fit) -> Iterator[Step]:
        """Take steps on the clock; evaluations are not on it."""
        fit.checkpoints = None
        validate, fit.validate = fit.validate, self._unclocked(fit.validate)
        taken = steps(fit)
        while True:
            with self.watch.running():
                step = next(taken, None)
            if step is None:
                return
            self.watch.tokens += step.tokens
            if self._most is None:
                self._note(step, fit, validate)
            yield step
            if step.step == self._most:
                return

    def _note(self, step: Step, fit: Fit, validate: Callable[[], dict[str, float]]) -> None:
        passes = due(step.step, fit.steps_an_epoch)
        if passes is None:
            return
        start = time.perf_counter()
        measured = step.validation
        if measured is None:
            measured = validate()
            self.aside += time.perf_counter() - start
        self.watch.note(passes, measured["macro_f1"])

    def _unclocked(self, validate: Callable[[], dict[str, float]]) -> Callable[[], dict[str, float]]:
        def measured() -> dict[str, float]:
            with self.watch.paused():
                return validate()

        return measured


_START = finetuning._start


@contextmanager
def watching(*, most: int | None) -> Iterator[Watched]:
    """Watch what ``finetune`` does for a while."""
    watched = Watched(most)
    with patch.object(finetuning, "steps", watched.steps), patch.object(finetuning, "_start", watched.start):
        yield watched


if __name__ == "__main__":
    serve(Ours)
