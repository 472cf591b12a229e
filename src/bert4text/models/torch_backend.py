"""PyTorch backend: texts -> windows of tokens -> one model call -> logits and embeddings of whole texts."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tokenizers import Tokenizer

from bert4text.core import machine
from bert4text.core.extras import require
from bert4text.models.body import autocast, evaluating, hidden_states, mean_states
from bert4text.models.device import placed
from bert4text.models.first_token import FirstToken, first_token, token_products
from bert4text.models.hub import open_model, quiet
from bert4text.models.packing import Packed
from bert4text.models.reading import Reading
from bert4text.models.token_backend import Answers, Ids, TokenBackend
from bert4text.models.token_batches import budget
from bert4text.models.tokenizer import open_tokenizer, special_tokens
from bert4text.models.unpadded import Unpadded, unpadded
from bert4text.models.varlen import attending_unpadded
from bert4text.models.windows import Pooling, WindowWeights

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")


class TorchBackend(TokenBackend):
    """Computes logits and embeddings with a transformers classifier; batches change no answer in float32.

    Args:
        model: ``AutoModelForSequenceClassification`` on any device; its mode is put back after each call.
        tokenizer, window, stride, pooling, reading, weights: as of ``TokenBackend``.
        batch_tokens: tokens of a batch; as suits the model's device if not given.
        precision: ``float32`` or ``bfloat16`` (autocast, and on a GPU no padding where the model can do
            without; the answers are float32 all the same).

    Attributes:
        spares: whether the last layer goes on with the first token alone where the head reads no other.
        reads: places of layers whose states, read as those of the last one are, stand before them in the
            embedding; none unless asked for.

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
        reading: Reading | None = None,
        weights: WindowWeights | None = None,
        batch_tokens: int | None = None,
        precision: str = "float32",
    ) -> None:
        super().__init__(
            tokenizer,
            window=window,
            stride=stride,
            pooling=pooling,
            reading=reading,
            weights=weights,
            batch_tokens=batch_tokens or budget(model.device.type),
        )
        self.model = model
        self.precision = precision
        self.spares = True
        self.reads: tuple[int, ...] = ()
        self._lock = threading.Lock()
        self._tried: tuple[Unpadded | None] | None = None
        self._first: FirstToken | None = None
        torch.set_num_threads(machine.threads())

    def __getstate__(self) -> dict[str, Any]:
        """All but the lock: copies, and workers of scikit-learn in other processes, get one of their own."""
        return {
            name: value for name, value in self.__dict__.items() if name not in {"_lock", "_tried", "_first"}
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()
        self._tried = self._first = None

    @property
    def sizes(self) -> tuple[int, int]:
        """Labels k and width d of the embedding."""
        width = int(self.model.config.hidden_size)
        return int(self.model.config.num_labels or 0), width * (len(self.reads) + 1)

    @property
    def padding(self) -> int:
        """The id that fills up."""
        return int(self.model.config.pad_token_id or 0)

    @property
    def token_weights(self) -> int:
        """Weights that each token is multiplied with while it answers."""
        with self._lock:
            first = self._spared()
        return sum(depth * columns for depth, columns in token_products(self.model, first))

    @contextmanager
    def computing(self) -> Iterator[None]:
        """One thread at a time, in evaluation mode, without gradients."""
        with self._lock, evaluating(self.model), torch.inference_mode(), self._attending(self._spared()):
            yield

    def compute(self, ids: Ids, mask: Ids) -> Answers:
        """Logits and embeddings of a rectangle of ids."""
        return _fetched(*self._begun(ids, mask))

    def computed(self, rectangles: Sequence[tuple[Ids, Ids]]) -> Iterator[Answers]:
        """What ``compute`` gives for each; a GPU has the next rectangle before the last is asked for."""
        begun: deque[tuple[torch.Tensor, torch.Tensor]] = deque()
        for ids, mask in rectangles:
            begun.append(self._begun(ids, mask))
            if len(begun) > 1:
                yield _fetched(*begun.popleft())
        while begun:
            yield _fetched(*begun.popleft())

    def _begun(self, ids: Ids, mask: Ids) -> tuple[torch.Tensor, torch.Tensor]:
        free = self._free()
        if free is not None:
            rows = free.packed(ids[mask.astype(bool)], mask.sum(axis=1))
            hidden = free.hidden(rows)
            return free.logits(hidden, rows), self._embedding(free, hidden, rows)
        device = self.model.device
        return self.padded(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))

    def padded(
        self, ids: torch.Tensor, mask: torch.Tensor, *, precision: str | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits and embeddings of a rectangle, while ``computing`` or ``differentiating``.

        Args:
            ids: int64 [rows, tokens] on the model's device.
            mask: of the same shape, 1 where there is a token.
            precision: of the arithmetic; the backend's if not given.
        """
        with (
            autocast(self.model, precision or self.precision),
            hidden_states(self.model, self.reads) as seen,
        ):
            logits = self.model(input_ids=ids, attention_mask=mask).logits
        attended = mask if self._spared().part is None else mask[:, :1]
        read = [mean_states(states[:, : attended.shape[1]], attended) for states in seen]
        return logits, torch.cat(read, dim=1)

    @contextmanager
    def differentiating(self) -> Iterator[None]:
        """As ``computing``, but with gradients; rows are padded."""
        with self._lock, evaluating(self.model), torch.enable_grad(), self._spared().alone():
            yield

    @contextmanager
    def reading_whole(self) -> Iterator[None]:
        """As ``computing``, but every layer goes on with every token; rows are padded."""
        with self._lock, evaluating(self.model), torch.inference_mode():
            yield

    def _spared(self) -> FirstToken:
        """Where the last layer goes on with the first token alone; found once."""
        if self._first is None:
            self._first = first_token(self.model) if self.spares else FirstToken()
        return self._first

    def _embedding(self, free: Unpadded, hidden: torch.Tensor, rows: Packed) -> torch.Tensor:
        if self._spared().part is None:
            return free.means(hidden, rows)
        return free.first_tokens(hidden, rows).float()

    def _attending(self, first: FirstToken) -> AbstractContextManager[None]:
        return first.alone() if self._free() is None else attending_unpadded(self.model)

    def _free(self) -> Unpadded | None:
        """The model as it computes without padding: in bfloat16 on a GPU, where it can."""
        if self.precision != "bfloat16" or self.model.device.type != "cuda" or self.reads:
            return None
        if self._tried is None:
            self._tried = (unpadded(self.model, precision=self.precision),)
        return self._tried[0]

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
        self._save_weights(folder)
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
        """Open what ``save`` wrote, on a GPU where there is one; ``settings`` are those of the constructor.

        Raises:
            ModelError: the folder cannot be opened.
        """
        model, _ = open_model(folder)
        tokenizer = open_tokenizer(folder / "tokenizer.json")
        return cls(placed(model), tokenizer, **cls._saved(folder, settings))


def _fetched(logits: torch.Tensor, means: torch.Tensor) -> Answers:
    return logits.float().cpu().numpy(), means.cpu().numpy()
