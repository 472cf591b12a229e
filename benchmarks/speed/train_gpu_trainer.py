"""Worker: the Trainer of transformers, with batches padded to the longest of each."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import transformers

from benchmarks.speed.gpu import BATCH, LABELS, SEED, measures, model, rows, wait
from benchmarks.worker import serve

UNTIMED = 8
"""Steps at the start of each round in which it compiles again, at most half of them."""
MULTIPLE = 8


class Clock(transformers.TrainerCallback):
    """Notes when steps end."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.ends: list[float] = []

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Wait for the step and note the time."""
        wait(self._given)
        self.ends.append(time.perf_counter())


class Trainer:
    """A training of one pass, again in each round."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._given = given
        self._model = model(given)
        targets = np.random.default_rng(SEED).integers(0, LABELS, given["reports"]).tolist()
        self._data = [{"ids": row, "label": label} for row, label in zip(rows(given), targets, strict=True)]

    def round(self) -> Mapping[str, float]:
        """Learn from all reports once; the tokens of a step are those of the mean one."""
        on_gpu = self._given["device"] == "cuda"
        batch = BATCH if on_gpu else BATCH // 8
        clock = Clock(self._given)
        with tempfile.TemporaryDirectory() as folder:
            trainer = transformers.Trainer(
                model=self._model,
                args=transformers.TrainingArguments(
                    output_dir=folder,
                    num_train_epochs=1,
                    per_device_train_batch_size=batch,
                    learning_rate=1e-5,
                    bf16=on_gpu,
                    use_cpu=not on_gpu,
                    torch_compile=on_gpu and self._given["compiled"],
                    optim="adamw_torch_fused",
                    dataloader_drop_last=True,
                    dataloader_pin_memory=on_gpu,
                    remove_unused_columns=False,
                    save_strategy="no",
                    logging_strategy="no",
                    report_to="none",
                    disable_tqdm=True,
                    seed=SEED,
                ),
                train_dataset=self._data,
                data_collator=_padded,
                callbacks=[clock],
            )
            trainer.train()
        skipped = min(UNTIMED, len(clock.ends) // 2)
        timed = clock.ends[-1] - clock.ends[skipped - 1]
        each = sum(len(one["ids"]) for one in self._data) / len(self._data) * batch
        return measures(self._given, each * (len(clock.ends) - skipped), timed, passes=3)

    def facts(self) -> Mapping[str, Any]:
        """Nothing more is told."""
        return {}


def _padded(batch: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    longest = -(-max(len(one["ids"]) for one in batch) // MULTIPLE) * MULTIPLE
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for place, one in enumerate(batch):
        ids[place, : len(one["ids"])] = torch.tensor(one["ids"])
        mask[place, : len(one["ids"])] = 1
    labels = torch.tensor([one["label"] for one in batch])
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


if __name__ == "__main__":
    serve(Trainer)
