"""ONNX Runtime backend: the exported graph of an encoder; neither torch nor transformers is imported."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tokenizers import Tokenizer

from bert4text.core import machine
from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.models.backends import FloatArray
from bert4text.models.token_backend import Ids, TokenBackend
from bert4text.models.tokenizer import open_tokenizer
from bert4text.models.windows import Pooling

GRAPH, WEIGHTS = "model.onnx", "model.onnx.data"
"""The graph, and its weights where they are too large to stand in it."""
PADDING = "bert4text.padding"
"""Key of the graph's metadata: the id that fills up."""
BATCH_TOKENS = 512
"""Tokens of a batch, padding included; more was slower on a processor."""


class OnnxBackend(TokenBackend):
    """Computes the graph that ``inference.export`` made of a fine-tuned encoder, on a processor.

    Args:
        graph: the file; its weights lie in it or beside it. It must stay where it is.
        tokenizer, window, stride, pooling, batch_tokens: as of ``TokenBackend``.
        precision: ``float32`` or ``int8``, as it was exported.

    Raises:
        ModelError: the graph cannot be opened, or is not one of ours.
        MissingExtraError: onnxruntime is not installed.
    """

    name = "onnx"

    def __init__(
        self,
        graph: Path,
        tokenizer: Tokenizer,
        *,
        window: int,
        stride: int | None = None,
        pooling: Pooling = "mean",
        batch_tokens: int = BATCH_TOKENS,
        precision: str = "float32",
    ) -> None:
        super().__init__(tokenizer, window=window, stride=stride, pooling=pooling, batch_tokens=batch_tokens)
        self.graph = graph
        self.precision = precision
        self._open()

    def _open(self) -> None:
        onnxruntime = require("onnxruntime")
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = machine.threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(self.graph), options, providers=["CPUExecutionProvider"]
            )
            self._sizes = tuple(int(output.shape[1]) for output in self._session.get_outputs())
            self._padding = int(self._session.get_modelmeta().custom_metadata_map[PADDING])
        except Exception:
            problem = ModelError(
                "{name} cannot be opened as an exported encoder",
                hint="export the run again: bert4text export RUN CORPUS",
                code="bad-graph",
                name=self.graph.name,
            )
        else:
            return
        raise problem

    def __getstate__(self) -> dict[str, Any]:
        """All but the session: copies, and workers in other processes, open one of their own."""
        return {name: value for name, value in self.__dict__.items() if name != "_session"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    @property
    def sizes(self) -> tuple[int, int]:
        """Labels k and width d of the embedding."""
        return self._sizes[0], self._sizes[1]

    @property
    def padding(self) -> int:
        """The id that fills up."""
        return self._padding

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Nothing is held: a session may be called by several threads."""
        yield

    def compute(self, ids: Ids, mask: Ids) -> tuple[FloatArray, FloatArray]:
        """Logits and masked means of the last layer of a rectangle of ids."""
        logits, embedding = self._session.run(
            ["logits", "embedding"], {"input_ids": ids, "attention_mask": mask}
        )
        return logits, embedding

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        """Copy graph and tokenizer into an existing folder."""
        for name in (GRAPH, WEIGHTS):
            source, target = self.graph.parent / name, folder / name
            if source.is_file() and not (target.exists() and source.samefile(target)):
                shutil.copyfile(source, target)
        self.tokenizer.save(str(folder / "tokenizer.json"))

    @classmethod
    def load(cls, folder: Path, **settings: Any) -> Self:
        """Open what ``save`` wrote; ``settings`` are those of the constructor.

        Raises:
            ModelError: the folder cannot be opened.
        """
        return cls(folder / GRAPH, open_tokenizer(folder / "tokenizer.json"), **settings)
