"""PyTorch backend: texts -> windows of tokens -> one model call -> logits and embeddings of whole texts."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from tokenizers import Tokenizer

from bert4text.core import machine
from bert4text.core.extras import require
from bert4text.models.backends import FloatArray, Output
from bert4text.models.hub import open_model, quiet
from bert4text.models.token_batches import BATCH_TOKENS, pad, token_batches
from bert4text.models.tokenizer import open_tokenizer, special_tokens, template, token_ids, whole
from bert4text.models.windows import Pooling, pool, split
from bert4text.models.windows import check as check_windows

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")


class TorchBackend:
    """Computes logits and embeddings with a transformers classifier; batches change no answer in float32.

    Args:
        model: ``AutoModelForSequenceClassification`` on any device; its mode is put back after each call.
        tokenizer: truncation and padding are removed here if they are still there.
        window: tokens of a window, special tokens included.
        stride: tokens from the start of a window to the next one's; None is half of what a window holds.
        pooling: how the logits of the windows of one text become one row.
        batch_tokens: tokens of a batch, padding included.
        precision: ``float32`` or ``bfloat16`` (autocast; the answers are float32 all the same).

    Raises:
        ConfigError: the stride or the window is too small or too large.
    """

    name = "torch"

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: Tokenizer,
        *,
        window: int,
        stride: int | None = None,
        pooling: Pooling = "mean",
        batch_tokens: int = BATCH_TOKENS,
        precision: str = "float32",
    ) -> None:
        self.model = model
        self.tokenizer = whole(tokenizer)
        self.template = template(tokenizer)
        self.window = window
        self.content = window - len(self.template)
        self.stride = max(1, self.content // 2) if stride is None else stride
        check_windows(self.content, self.stride)
        self.pooling: Pooling = pooling
        self.batch_tokens = batch_tokens
        self.precision = precision
        self._lock = threading.Lock()
        asked = os.environ.get("OMP_NUM_THREADS", "")
        torch.set_num_threads(int(asked) if asked.isdigit() and int(asked) else machine.cores())

    def __getstate__(self) -> dict[str, Any]:
        """All but the lock: copies, and workers of scikit-learn in other processes, get one of their own."""
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def forward(self, texts: Sequence[str]) -> Output:
        """Logits and embeddings of each text, in order; a text longer than a window is read in several.

        Returns:
            ``tokens`` counts the whole text with the special tokens of one window.
        """
        ids = token_ids(self.tokenizer, texts)
        pieces = [split(row, window=self.content, stride=self.stride) for row in ids]
        counts = np.array([len(piece) for piece in pieces], dtype=np.int32)
        rows = [self.template.wrap(window) for piece in pieces for window in piece]
        logits, embeddings = self.run(rows)
        return Output(
            logits=pool(logits, counts, how=self.pooling),
            embedding=pool(embeddings, counts, how="mean"),
            tokens=np.array([len(row) + len(self.template) for row in ids], dtype=np.int32),
            windows=counts,
        )

    def run(self, rows: Sequence[Sequence[int]]) -> tuple[FloatArray, FloatArray]:
        """Logits and masked means of the last layer of rows of ids, special tokens in place.

        Returns:
            float32 [rows, k] and float32 [rows, d], in the order given.
        """
        config = self.model.config
        logits = np.zeros((len(rows), int(config.num_labels or 0)), dtype=np.float32)
        embeddings = np.zeros((len(rows), int(config.hidden_size)), dtype=np.float32)
        padding = int(config.pad_token_id or 0)
        with self._lock, evaluating(self.model), torch.inference_mode():
            for batch in token_batches([len(row) for row in rows], tokens=self.batch_tokens):
                ids, mask = pad([rows[place] for place in batch], padding=padding)
                logits[batch], embeddings[batch] = self._call(ids, mask)
        return logits, embeddings

    def _call(self, ids: Any, mask: Any) -> tuple[FloatArray, FloatArray]:
        device = self.model.device
        inputs = torch.from_numpy(ids).to(device)
        attention = torch.from_numpy(mask).to(device)
        with self._autocast(), last_layer(self.model) as seen:
            logits = self.model(input_ids=inputs, attention_mask=attention).logits
        weights = attention.unsqueeze(-1).to(torch.float32)
        means = (seen[0].float() * weights).sum(dim=1) / weights.sum(dim=1)
        return logits.float().cpu().numpy(), means.cpu().numpy()

    def _autocast(self) -> AbstractContextManager[Any]:
        if self.precision == "bfloat16":
            return torch.autocast(self.model.device.type, dtype=torch.bfloat16)
        return nullcontext()

    @property
    def settings(self) -> dict[str, Any]:
        """Window, stride and pooling."""
        return {"window": self.window, "stride": self.stride, "pooling": self.pooling}

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        """Write config, weights and tokenizer so that plain transformers opens the folder.

        Args:
            folder: an existing folder; the caller moves it to its name.
            multilabel: whether the labels are independent; plain pipelines then use a sigmoid.
        """
        before = self.model.config.problem_type
        self.model.config.problem_type = "multi_label_classification" if multilabel else None
        try:
            with quiet():
                self.model.save_pretrained(folder, safe_serialization=True)
        finally:
            self.model.config.problem_type = before
        (folder / "generation_config.json").unlink(missing_ok=True)
        self.tokenizer.save(str(folder / "tokenizer.json"))
        settings = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": self.window,
            "model_input_names": ["input_ids", "attention_mask"],
            **special_tokens(self.tokenizer),
        }
        padding = self.tokenizer.id_to_token(int(self.model.config.pad_token_id or 0))
        settings["pad_token"] = padding
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, **settings: Any) -> Self:
        """Open what ``save`` wrote; ``settings`` are those of the constructor.

        Raises:
            ModelError: the folder cannot be opened.
        """
        model, _ = open_model(folder)
        return cls(model, open_tokenizer(folder / "tokenizer.json"), **settings)


@contextmanager
def evaluating(model: PreTrainedModel) -> Iterator[None]:
    """Put a model into evaluation mode, and back into the mode it was in."""
    training = model.training
    model.train(mode=False)
    try:
        yield
    finally:
        model.train(mode=training)


@contextmanager
def last_layer(model: PreTrainedModel) -> Iterator[list[torch.Tensor]]:
    """Catch the last hidden state of the encoder while the classifier is called: no second call is needed.

    Yields:
        A list that holds, after the call, the last hidden state [rows, tokens, d].
    """
    seen: list[torch.Tensor] = []

    def keep(module: Any, inputs: Any, output: Any) -> None:
        seen[:] = [output[0]]

    handle = model.base_model.register_forward_hook(keep)
    try:
        yield seen
    finally:
        handle.remove()
