"""What backends that read tokens share: texts -> windows of ids -> batches -> answers for whole texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from bert4text.core.progress import tell
from bert4text.models.backends import FloatArray, Output
from bert4text.models.reading import HEAD, Reading, Rows, piece
from bert4text.models.token_batches import BATCH_TOKENS, pad, token_batches
from bert4text.models.tokenizer import template, token_ids, whole
from bert4text.models.windows import PLACES, Pooling, WindowWeights, pool
from bert4text.models.windows import check as check_windows

Ids = npt.NDArray[np.int64]
Answers = tuple[FloatArray, FloatArray]


class TokenBackend(ABC):
    """Reads a text in windows of tokens; what computes a rectangle of ids is left to the class beneath.

    Args:
        tokenizer: truncation and padding are removed here if they are still there.
        window: tokens of a window, special tokens included.
        stride: tokens from the start of a window to the next one's; None is half of what a window holds.
        pooling: how the logits of the windows of one text become one row.
        reading: how a text longer than a window is read; all of it in windows if not given.
        weights: of windows, where pooling is ``learned``; before they are, it is the mean.
        batch_tokens: tokens of a batch, padding included.

    Raises:
        ConfigError: the stride or the window is too small or too large.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        window: int,
        stride: int | None = None,
        pooling: Pooling = "mean",
        reading: Reading | None = None,
        weights: WindowWeights | None = None,
        batch_tokens: int = BATCH_TOKENS,
    ) -> None:
        self.tokenizer = whole(tokenizer)
        self.template = template(tokenizer)
        self.window = window
        self.content = window - len(self.template)
        self.stride = max(1, self.content // 2) if stride is None else stride
        check_windows(self.content, self.stride)
        self.pooling: Pooling = pooling
        self.reading = reading or Reading()
        self.weights = weights
        self.batch_tokens = batch_tokens

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, int]:
        """Labels k and width d of the embedding."""

    @property
    @abstractmethod
    def padding(self) -> int:
        """The id that fills up."""

    @abstractmethod
    def computing(self) -> AbstractContextManager[Any]:
        """Held while batches are computed."""

    @abstractmethod
    def compute(self, ids: Ids, mask: Ids) -> Answers:
        """Logits float32 [rows, k] and embeddings float32 [rows, d] of a rectangle."""

    @property
    def head(self) -> int:
        """Tokens of a window that a long text's start has, where its two ends are read."""
        return min(self.window // HEAD, self.content)

    def batches(self, lengths: Sequence[int] | Ids) -> list[Ids]:
        """Which rows are computed at once."""
        return token_batches(lengths, tokens=self.batch_tokens)

    def computed(self, rectangles: Sequence[tuple[Ids, Ids]]) -> Iterable[Answers]:
        """What ``compute`` gives for each rectangle of ids and mask, in order."""
        return (self.compute(ids, mask) for ids, mask in rectangles)

    def rows(self, texts: Sequence[str]) -> Rows:
        """The rows of ids that texts are read as, in order."""

        def ids_of(parts: Sequence[str]) -> list[list[int]]:
            return token_ids(self.tokenizer, parts)

        ids = ids_of(texts)
        sizes = {"window": self.content, "stride": self.stride, "head": self.head}
        pieces = [
            piece(text, row, self.reading, token_ids=ids_of, **sizes)
            for text, row in zip(texts, ids, strict=True)
        ]
        return Rows(
            rows=[self.template.wrap(window) for one in pieces for window in one.windows],
            counts=np.array([len(one.windows) for one in pieces], dtype=np.int32),
            tokens=np.array([len(row) + len(self.template) for row in ids], dtype=np.int32),
            unread=np.array([one.unread for one in pieces], dtype=np.int32),
            first=np.array([one.first for one in pieces], dtype=np.int32),
        )

    def forward(self, texts: Sequence[str]) -> Output:
        """Logits and embeddings of each text, in order; a text longer than a window is read in several.

        Returns:
            ``tokens`` counts the whole text with the special tokens of one window.
        """
        read = self.rows(texts)
        logits, embeddings = self.run(read.rows, texts=len(texts))
        shares = None if self.weights is None else self.weights.shares(embeddings, read.counts)
        return Output(
            logits=pool(logits, read.counts, how=self.pooling, shares=shares),
            embedding=pool(embeddings, read.counts, how="mean"),
            tokens=read.tokens,
            windows=read.counts,
            unread=read.unread,
        )

    def run(self, rows: Sequence[Sequence[int]], *, texts: int = 0) -> tuple[FloatArray, FloatArray]:
        """Logits and embeddings of rows of ids, special tokens in place.

        Args:
            rows: of all windows.
            texts: how many they are of; that many are told of on the way, as tokens are computed.

        Returns:
            float32 [rows, k] and float32 [rows, d], in the order given.
        """
        labels, width = self.sizes
        logits = np.zeros((len(rows), labels), dtype=np.float32)
        embeddings = np.zeros((len(rows), width), dtype=np.float32)
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        with self.computing():
            batches = self.batches(lengths)
            tokens = np.cumsum([int(lengths[batch].sum()) for batch in batches])
            told = np.diff(texts * tokens // max(1, int(lengths.sum())), prepend=0)
            rectangles = [pad([rows[place] for place in batch], padding=self.padding) for batch in batches]
            for batch, answers, done in zip(batches, self.computed(rectangles), told, strict=True):
                logits[batch], embeddings[batch] = answers
                tell(int(done))
        return logits, embeddings

    @property
    def settings(self) -> dict[str, Any]:
        """Window, stride and pooling; how long texts are read, where that is not whole."""
        found = {"window": self.window, "stride": self.stride, "pooling": self.pooling}
        if self.reading.read == "windows":
            return found
        return {**found, "long_reports": self.reading.model_dump(mode="json")}

    def _save_weights(self, folder: Path) -> None:
        """Write the weights of windows into an existing folder, where pooling is learned."""
        if self.pooling == "learned":
            zeros = WindowWeights(
                np.zeros(self.sizes[1], dtype=np.float32), np.zeros(PLACES, dtype=np.float32)
            )
            (self.weights or zeros).save(folder)

    @staticmethod
    def _saved(folder: Path, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings of a backend, and the weights of windows that lie in its folder."""
        if settings.get("pooling") != "learned":
            return settings
        return {**settings, "weights": WindowWeights.load(folder)}
