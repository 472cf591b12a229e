"""Worker: the Trainer of transformers, at its defaults or as someone who knows it would set it.

Tuned it has what ours has by the same names: bfloat16 where the processor multiplies it, reports of like
length together, 16 of them a step, no dropout of attention, warm-up, decay, learning rate, passes, patience
and the fused AdamW. The encoder and the weights of its new head are those that ours begins with.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer, DataCollatorWithPadding, Trainer, TrainerCallback, TrainingArguments

from benchmarks.speed.training_watch import Watch, due, macro_f1, material
from benchmarks.worker import serve
from bert4text.core import machine
from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.models.token_batches import token_batches
from bert4text.training import adaptation
from bert4text.training.config import TrainConfig


class Theirs:
    """Trains anew in each round, each by another seed."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._given = given
        self._seed: int = given["seed"]
        self._tuned: bool = given["tuned"]
        self._bfloat16 = self._tuned and machine.has_bf16()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(given["encoder"])
        kept = material(given)
        self._space = LabelSpace(task="multiclass", names=tuple(kept["labels"]))
        self._train, self._validation = (self._rows(kept[name]) for name in ("train", "validation"))

    def round(self) -> Mapping[str, float | list[float]]:
        """Train once."""
        self._seed += 1
        watch = Watch()
        model: Any = load_encoder(self._given["encoder"], labels=self._space, seed=self._seed).model
        quality = self._given["kind"] == "quality"
        with tempfile.TemporaryDirectory() as place:
            told = TrainingArguments(output_dir=place, **self._arguments(model))
            per_pass = -(-len(self._train) // told.per_device_train_batch_size)
            if not quality:
                told.max_steps = -(-self._given["learned"] // told.per_device_train_batch_size)
            patience = TrainConfig.parse({}, section="train").resolved().patience if self._tuned else None
            evaluate = (lambda: self._macro_f1(model)) if quality else None
            trainer = _Counting(
                model=model,
                args=told,
                train_dataset=self._train,
                data_collator=DataCollatorWithPadding(self._tokenizer),
                callbacks=[_Watching(watch, per_pass, evaluate, patience=patience)],
            )
            trainer.watch = watch
            trainer.train()
        if quality:
            return watch.worth()
        return watch.rates(self._given, precision="bfloat16" if self._bfloat16 else "float32")

    def facts(self) -> Mapping[str, Any]:
        """Nothing beside what each round tells."""
        return {}

    def _arguments(self, model: Any) -> dict[str, Any]:
        """What is not at its default."""
        told: dict[str, Any] = {
            "use_cpu": True,
            "report_to": "none",
            "save_strategy": "no",
            "disable_tqdm": True,
            "seed": self._seed,
        }
        if self._tuned:
            config = TrainConfig.parse({}, section="train").resolved()
            adaptation.set_dropout(model, hidden=None, attention=config.dropout.attention)
            told |= {
                "bf16": self._bfloat16,
                "per_device_train_batch_size": config.batches.size,
                "learning_rate": adaptation.learning_rate(model, config.adaptation),
                "warmup_steps": config.optimizer.warmup,
                "weight_decay": config.optimizer.weight_decay,
                "num_train_epochs": config.epochs,
                "train_sampling_strategy": "group_by_length",
                "optim": "adamw_torch_fused",
            }
        if self._given["passes"]:
            told["num_train_epochs"] = self._given["passes"]
        return told

    def _rows(self, part: Mapping[str, Any]) -> list[dict[str, Any]]:
        encoded = self._tokenizer(part["texts"], truncation=True, max_length=self._given["window"])
        names = list(encoded)
        rows = zip(*(encoded[name] for name in names), strict=True)
        targets = part["targets"]
        return [{**dict(zip(names, row, strict=True)), "labels": target}
                for row, target in zip(rows, targets, strict=True)]  # fmt: skip

    def _macro_f1(self, model: Any) -> float:
        rows = [{name: row[name] for name in row if name != "labels"} for row in self._validation]
        found = np.zeros(len(rows), dtype=np.int64)
        model.eval()
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._bfloat16):
            for batch in token_batches([len(row["input_ids"]) for row in rows], tokens=2048):
                padded = self._tokenizer.pad([rows[place] for place in batch], return_tensors="pt")
                found[batch] = model(**padded).logits.argmax(dim=-1).numpy()
        return macro_f1([row["labels"] for row in self._validation], found.tolist())


class _Counting(Trainer):
    """Counts the tokens it learns from, padding not counted."""

    watch: Watch

    def training_step(self, model: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        self.watch.tokens += int(inputs["attention_mask"].sum())
        return super().training_step(model, inputs, *given, **named)


class _Watching(TrainerCallback):
    """Starts and ends the clock, notes the curve, and stops when it no longer rises."""

    def __init__(
        self, watch: Watch, per_pass: int, evaluate: Callable[[], float] | None, *, patience: int | None
    ) -> None:
        self._watch, self._per_pass, self._evaluate, self._patience = watch, per_pass, evaluate, patience
        self._ends: list[float] = []

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._watch.begin()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        passes = due(state.global_step, self._per_pass)
        if self._evaluate is None or passes is None:
            return
        with self._watch.paused():
            value = self._evaluate()
            self._watch.note(passes, value)
        if passes == int(passes):
            self._ends.append(value)
            best = self._ends.index(max(self._ends))
            waited = len(self._ends) - 1 - best
            control.should_training_stop |= bool(self._patience and waited >= self._patience)

    def on_train_end(self, *_: Any, **__: Any) -> None:
        self._watch.end()


if __name__ == "__main__":
    serve(Theirs)
