"""Work of a rival: the Trainer of transformers at its defaults."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

from benchmarks.quality.working import Answered, serve
from bert4text.models.embedded import embedded_folder
from bert4text.models.tokenizer import open_tokenizer

WINDOW = 512


def answered(lot: Mapping[str, Any]) -> Answered:
    """Learn from the lot's reports and answer its test reports."""
    folder, names = embedded_folder(lot["settings"]["encoder"]), lot["names"]
    many = lot["task"] == "multilabel"
    torch.manual_seed(lot["seed"])
    kind = "multi_label_classification" if many else "single_label_classification"
    model: Any = AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=len(names), problem_type=kind, local_files_only=True
    )
    collator = DataCollatorWithPadding(_Padding(model.config.pad_token_id))  # type: ignore[arg-type]
    truth = [[float(name in labels) for name in names] for _, labels in lot["train"]]
    targets = truth if many else [row.index(1.0) for row in truth]
    rows = _rows(lot["train"], folder)
    learned = [{**row, "labels": target} for row, target in zip(rows, targets, strict=True)]
    with tempfile.TemporaryDirectory() as place:
        told = TrainingArguments(
            output_dir=place,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            seed=lot["seed"],
        )
        trainer = Trainer(model=model, args=told, train_dataset=learned, data_collator=collator)
        trainer.train()
        logits = trainer.predict(_rows(lot["test"], folder)).predictions  # type: ignore[arg-type]
    wide = torch.from_numpy(np.asarray(logits, dtype=np.float64))
    if many:
        probabilities = torch.sigmoid(wide).numpy()
        return Answered({"delivered": (probabilities, (probabilities >= 0.5).astype(np.int64))})
    probabilities = torch.softmax(wide, dim=1).numpy()
    return Answered({"delivered": (probabilities, probabilities.argmax(axis=1))})


def _rows(reports: list[tuple[str, list[str]]], folder: Any) -> list[dict[str, list[int]]]:
    tokenizer = open_tokenizer(folder / "tokenizer.json")
    tokenizer.enable_truncation(WINDOW)
    ids = [encoding.ids for encoding in tokenizer.encode_batch([text for text, _ in reports])]
    return [{"input_ids": row, "attention_mask": [1] * len(row)} for row in ids]


class _Padding:
    """As much of a tokenizer as the collator asks for."""

    def __init__(self, padding: int) -> None:
        self._padding = padding

    def pad(self, rows: list[dict[str, Any]], **_: Any) -> dict[str, torch.Tensor]:
        longest = max(len(row["input_ids"]) for row in rows)
        fills = {"input_ids": self._padding, "attention_mask": 0}
        padded = {
            name: torch.tensor([row[name] + [fill] * (longest - len(row[name])) for row in rows])
            for name, fill in fills.items()
        }
        if "labels" in rows[0]:
            padded["labels"] = torch.tensor([row["labels"] for row in rows])
        return padded


if __name__ == "__main__":
    serve(answered)
