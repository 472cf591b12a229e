"""What rivals that read a graph share: texts in the order given, in padded batches; logits to probabilities.

It needs NumPy and tokenizers alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from benchmarks.speed.answering import Answer, batches, folder_of

BATCH = 32


def answering(given: Mapping[str, Any], compute: Callable[[Any, Any], Any]) -> Answer:
    """A system that computes logits [n, k] of ids and mask, both int64 [n, longest]."""
    folder = folder_of(given)
    tokenizer = Tokenizer.from_file(str(folder / "torch" / "tokenizer.json"))
    tokenizer.enable_truncation(given["window"])
    config = json.loads((folder / "torch" / "config.json").read_text(encoding="utf-8"))
    tokenizer.enable_padding(pad_id=config.get("pad_token_id") or 0)
    many = config.get("problem_type") == "multi_label_classification"

    def answer(texts: Sequence[str]) -> list[list[float]]:
        rows: list[list[float]] = []
        for batch in batches(texts, BATCH):
            encoded = tokenizer.encode_batch(list(batch))
            ids = np.array([one.ids for one in encoded], dtype=np.int64)
            mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
            rows.extend(probabilities(np.asarray(compute(ids, mask)), many=many).tolist())
        return rows

    return answer


def probabilities(logits: Any, *, many: bool) -> Any:
    """Softmax, or a sigmoid where several labels may hold."""
    exact = logits.astype(np.float64)
    if many:
        return 1 / (1 + np.exp(-exact))
    raised = np.exp(exact - exact.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
