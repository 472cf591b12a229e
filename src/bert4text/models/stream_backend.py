"""What backends of exported encoders share: rectangles without padding, one core each, all cores for one."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from tokenizers import Tokenizer

from bert4text.core import machine
from bert4text.core.errors import Bert4TextError, ModelError
from bert4text.models.reading import Reading
from bert4text.models.token_backend import Answers, Ids, TokenBackend
from bert4text.models.token_batches import even_batches
from bert4text.models.tokenizer import open_tokenizer
from bert4text.models.windows import Pooling, WindowWeights


@dataclass(frozen=True)
class Stream:
    """An opened encoder.

    Attributes:
        run: computes a rectangle of ids without padding.
        sizes: labels k and width d of the embedding.
    """

    run: Callable[[Ids], Answers]
    sizes: tuple[int, int]


class StreamBackend(TokenBackend):
    """Computes rows of one length at once: no token of padding is computed, and none changes an answer.

    Many rectangles are computed side by side, each by one thread: threads that share one wait for each other
    after every operation. A single rectangle is computed by all threads together.

    Args:
        file: what was exported; it must stay where it is.
        tokenizer, window, stride, pooling, reading, weights: as of ``TokenBackend``.
        batch_tokens: tokens of a batch; ``fastest`` if not given.
        precision: ``float32`` or ``int8``, as it was exported.
        reduce_range: whether weights in 8 bits keep 7, which any processor computes exactly.

    Raises:
        ModelError: the file cannot be opened (``bad-graph``), or it is in 8 bits, of whose products this
            processor loses some (``no-int8``).
        MissingExtraError: what computes it is not installed.
    """

    name: ClassVar[str]
    files: ClassVar[tuple[str, ...]]
    """What it is computed from: the graph first, then its weights where they stand apart."""
    fastest: ClassVar[int]
    """Tokens of a batch from which more is no faster."""

    def __init__(
        self,
        file: Path,
        tokenizer: Tokenizer,
        *,
        window: int,
        stride: int | None = None,
        pooling: Pooling = "mean",
        reading: Reading | None = None,
        weights: WindowWeights | None = None,
        batch_tokens: int | None = None,
        precision: str = "float32",
        reduce_range: bool = False,
    ) -> None:
        super().__init__(
            tokenizer,
            window=window,
            stride=stride,
            pooling=pooling,
            reading=reading,
            weights=weights,
            batch_tokens=batch_tokens or self.fastest,
        )
        self.file = file
        self.precision = precision
        self.reduce_range = reduce_range
        if precision == "int8" and not reduce_range and not machine.multiplies_int8():
            raise ModelError(
                "this export computes in 8 bits, and this processor loses sums of such products",
                hint="export the run again on this machine, or with [export] reduce_range = true",
                code="no-int8",
            )
        self._alone = self._checked()

    @abstractmethod
    def opened(self, *, threads: int, callers: int) -> Stream:
        """Open the file for some callers at a time, each computing with some threads."""

    def _checked(self) -> Stream:
        try:
            return self.opened(threads=machine.threads(), callers=1)
        except Bert4TextError:
            raise
        except Exception:
            problem = ModelError(
                "{name} cannot be opened as an exported encoder",
                hint="export the run again: bert4text export RUN CORPUS",
                code="bad-graph",
                name=self.file.name,
            )
        raise problem

    @cached_property
    def _beside(self) -> Stream:
        return self.opened(threads=1, callers=machine.threads())

    def __getstate__(self) -> dict[str, Any]:
        """All but what was opened: copies, and workers in other processes, open their own."""
        return {name: value for name, value in self.__dict__.items() if name not in {"_alone", "_beside"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._alone = self._checked()

    @property
    def settings(self) -> dict[str, Any]:
        """Those of every backend of tokens, and whether weights in 8 bits keep 7."""
        return {**super().settings, **({"reduce_range": True} if self.reduce_range else {})}

    @property
    def sizes(self) -> tuple[int, int]:
        """Labels k and width d of the embedding."""
        return self._alone.sizes

    @property
    def padding(self) -> int:
        """The id that fills up, were there anything to fill."""
        return 0

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Nothing is held: several threads may call."""
        yield

    def batches(self, lengths: Sequence[int] | Ids) -> list[Ids]:
        """Rows of one length."""
        return even_batches(lengths, tokens=self.batch_tokens)

    def compute(self, ids: Ids, mask: Ids) -> Answers:
        """Logits and embeddings of a rectangle of ids; nothing in it is padding."""
        del mask
        return self._alone.run(ids)

    def computed(self, rectangles: Sequence[tuple[Ids, Ids]]) -> Iterable[Answers]:
        """What ``compute`` gives for each rectangle, in order."""
        threads = machine.threads()
        if threads == 1 or len(rectangles) == 1:
            yield from super().computed(rectangles)
            return
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(self._beside.run, [ids for ids, _ in rectangles])

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        """Copy graph, weights and tokenizer into an existing folder."""
        for name in self.files:
            source, target = self.file.parent / name, folder / name
            if source.is_file() and not (target.exists() and source.samefile(target)):
                shutil.copyfile(source, target)
        self.tokenizer.save(str(folder / "tokenizer.json"))
        self._save_weights(folder)

    @classmethod
    def load(cls, folder: Path, **settings: Any) -> Self:
        """Open what ``save`` wrote; ``settings`` are those of the constructor.

        Raises:
            ModelError: the folder cannot be opened.
        """
        tokenizer = open_tokenizer(folder / "tokenizer.json")
        return cls(folder / cls.files[0], tokenizer, **cls._saved(folder, settings))
