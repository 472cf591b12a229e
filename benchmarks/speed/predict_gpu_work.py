"""Worker: rows of ids answered by our backend, or in padded batches of the model itself."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.processors import TemplateProcessing

from benchmarks.speed.gpu import BATCH, LONGEST, measures, model, rows, wait
from benchmarks.worker import serve
from bert4text.models.body import autocast
from bert4text.models.token_batches import pad
from bert4text.models.torch_backend import TorchBackend


class Answers:
    """Answers all rows in each round."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._given = given
        self._rows = rows(given)
        self._model = model(given).eval()
        self._backend = TorchBackend(
            self._model, _unused(), window=LONGEST + 12, precision=given["precision"]
        )
        compiled = given["way"] == "compiled" and given["device"] == "cuda"
        self._call = torch.compile(self._model, dynamic=True) if compiled else self._model

    def round(self) -> Mapping[str, float]:
        """Answer all."""
        wait(self._given)
        start = time.perf_counter()
        if self._given["way"] == "ours":
            self._backend.run(self._rows)
        else:
            by_length = self._given["way"] == "sorted"
            self._padded(sorted(self._rows, key=len) if by_length else self._rows)
        wait(self._given)
        tokens = sum(map(len, self._rows))
        return measures(self._given, tokens, time.perf_counter() - start, passes=1)

    def facts(self) -> Mapping[str, Any]:
        """Nothing more is told."""
        return {}

    def _padded(self, ordered: Sequence[list[int]]) -> None:
        for start in range(0, len(ordered), BATCH):
            ids, mask = (
                torch.from_numpy(side).to(self._given["device"], non_blocking=True)
                for side in pad(ordered[start : start + BATCH], padding=0)
            )
            with torch.inference_mode(), autocast(self._model, self._given["precision"]):
                self._call(input_ids=ids, attention_mask=mask).logits.float().cpu()


def _unused() -> Tokenizer:
    """A tokenizer for a backend that is given ids."""
    made = Tokenizer(WordLevel({"<unk>": 0, "[CLS]": 1, "[SEP]": 2}))
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return made


if __name__ == "__main__":
    serve(Answers)
