"""Worker of a rival: SetFit, whose encoder learns from pairs of reports and whose head is fitted afterwards.

Its defaults, but for the number of pairs: all of them are a million at a thousand reports, so it learns from
as many texts as ours reads at most, which is eight passes. What its curve says of a moment is what a training
that ended there would be worth, and its clock there counts the fitting of the head.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.linear_model import LogisticRegression
from transformers import TrainerCallback

from benchmarks.speed.training_watch import Watch, due, macro_f1, material
from benchmarks.worker import serve

PASSES, PAIRS = 8, 16
"""Passes over the reports; pairs of a step, which is two texts each."""


class Contrasting:
    """Trains anew in each round, each by another seed."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._given = given
        self._seed: int = given["seed"]
        kept = material(given)
        self._train, self._validation = kept["train"], kept["validation"]

    def round(self) -> Mapping[str, float | list[float]]:
        """Train once."""
        self._seed += 1
        watch, quality = Watch(), self._given["kind"] == "quality"
        body: Any = SentenceTransformer(self._given["encoder"], device="cpu")
        body.max_seq_length = self._given["window"]
        model = SetFitModel(model_body=body, model_head=LogisticRegression())
        texts = (self._given["passes"] or PASSES) * len(self._train["texts"])
        told = {"max_steps": -(-(texts if quality else self._given["learned"]) // (2 * PAIRS))}
        per_pass = max(1, -(-len(self._train["texts"]) // (2 * PAIRS)))
        with tempfile.TemporaryDirectory() as place:
            arguments = TrainingArguments(
                output_dir=place,
                batch_size=PAIRS,
                seed=self._seed,
                report_to="none",
                save_strategy="no",
                show_progress_bar=False,
                **told,
            )
            evaluate = (lambda: self._worth(model)) if quality else None
            trainer = Trainer(
                model=model,
                args=arguments,
                train_dataset=self._dataset(),
                callbacks=[_Watching(watch, per_pass, evaluate)],
            )
            _counted(trainer.st_trainer, watch)
            trainer.train_embeddings(self._train["texts"], self._train["targets"], args=arguments)
        return watch.worth() if quality else watch.rates(self._given, precision="float32")

    def facts(self) -> Mapping[str, Any]:
        """Nothing beside what each round tells."""
        return {}

    def _dataset(self) -> Any:
        return Dataset.from_dict({"text": self._train["texts"], "label": self._train["targets"]})

    def _worth(self, model: Any) -> tuple[float, float]:
        """What a training that ended here would be worth, and the seconds that its head would need."""
        learning = model.model_body.training
        fitting = Watch()
        with fitting.running():
            embedded = model.encode(self._train["texts"], show_progress_bar=False)
            head = LogisticRegression().fit(embedded, self._train["targets"])
        found = head.predict(model.encode(self._validation["texts"], show_progress_bar=False))
        model.model_body.train(learning)
        return macro_f1(self._validation["targets"], found.tolist()), fitting.seconds


class _Watching(TrainerCallback):
    """Starts and ends the clock, and notes the curve."""

    def __init__(
        self, watch: Watch, per_pass: int, evaluate: Callable[[], tuple[float, float]] | None
    ) -> None:
        self._watch, self._per_pass, self._evaluate = watch, per_pass, evaluate

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._watch.begin()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        passes = due(state.global_step, self._per_pass)
        if self._evaluate is not None and passes is not None:
            with self._watch.paused():
                value, more = self._evaluate()
                self._watch.note(passes, value, more=more)

    def on_train_end(self, *_: Any, **__: Any) -> None:
        self._watch.end()


def _counted(trainer: Any, watch: Watch) -> None:
    """Count the tokens of each step, padding not counted."""
    step = trainer.training_step

    def counting(model: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        watch.tokens += sum(
            int(value.sum()) for name, value in inputs.items() if name.endswith("attention_mask")
        )
        return step(model, inputs, *given, **named)

    trainer.training_step = counting


if __name__ == "__main__":
    serve(Contrasting)
