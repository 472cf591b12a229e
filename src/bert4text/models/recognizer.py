"""A recognizer: an exported encoder that finds what identifies persons; torch is not imported."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError
from tokenizers import Tokenizer

from bert4text.core import machine
from bert4text.core.config import Record
from bert4text.core.digest import digest, file_digest
from bert4text.core.errors import Bert4TextError, ModelError
from bert4text.core.output import user_cache
from bert4text.core.span import Span
from bert4text.core.tagging import Offsets, spans_of
from bert4text.models.onnx_backend import GRAPH, opened
from bert4text.models.tokenizer import Template, open_tokenizer, template

FORMAT = "recognizer/1"
FILE, TOKENIZER = "recognizer.json", "tokenizer.json"
SOURCE = "recognizer"
OVERLAP = 32
"""Tokens that two windows of a long report have in common, at least."""
Floats = npt.NDArray[np.float32]


class RecognizerInfo(Record):
    """What a recognizer is; ``recognizer.json``.

    Attributes:
        format: ``recognizer/1``.
        kinds: what it finds, in the order of its tags.
        window: tokens that it reads at once, special tokens included.
        least: probability from which a word is of an identifier.
        precision: ``int8`` or ``float32``.
        reduce_range: whether weights in 8 bits keep 7, which any processor computes exactly.
        encoder: name, revision, SHA-256 and licence of what it was made from.
        config: the settings it was made with.
        learned: how many reports it learned from: made up, and of each file that was given.
        measured: on reports it did not learn from: F1 of words before and after the export.
        seed: the one seed.
        created: when, UTC.
        versions: of the packages that made it.
        files: SHA-256 of each file.
    """

    format: str = FORMAT
    kinds: tuple[str, ...]
    window: int
    least: float
    precision: str
    reduce_range: bool = False
    encoder: dict[str, str | None]
    config: dict[str, Any]
    learned: dict[str, int]
    measured: dict[str, float]
    seed: int
    created: str
    versions: dict[str, str]
    files: dict[str, str] = Field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides what it finds."""
        return digest({"files": self.files, "kinds": self.kinds, "window": self.window, "least": self.least})


class Recognizer:
    """Finds spans in a report; opens its files when it is first asked, each process its own.

    Args:
        folder: what ``recognizer build`` wrote; it must stay where it is.
        info: what stands in its ``recognizer.json``.
    """

    def __init__(self, folder: Path, info: RecognizerInfo) -> None:
        self.folder = folder
        self.info = info

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what ``recognizer build`` wrote.

        Raises:
            ModelError: it is no recognizer, its files are not those it was made with, or this processor
                cannot compute it.
        """
        info = read_info(folder)
        for name, sha256 in info.files.items():
            if not (folder / name).is_file() or file_digest(folder / name) != sha256:
                raise _broken(folder, "changed")
        if info.precision == "int8" and not info.reduce_range and not machine.multiplies_int8():
            raise ModelError(
                "this recognizer computes in 8 bits, and this processor loses sums of such products",
                hint="build it again on this machine",
                code="no-int8",
            )
        return cls(folder, info)

    def __call__(self, text: str) -> list[Span]:
        """The identifiers of a report, in order, none overlapping another.

        Args:
            text: the report.
        """
        offsets, shares = self.shares(text)
        return spans_of(text, offsets, shares, self.info.kinds, least=self.info.least, source=SOURCE)

    def shares(self, text: str) -> tuple[Offsets, Floats]:
        """Where each token stands, and the probability of each tag, float32 [tokens, tags].

        A report longer than a window is read in windows that overlap; where two tell of a token their
        mean counts.
        """
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        around = self._around
        total = np.zeros((len(encoding.ids), 1 + 2 * len(self.info.kinds)), dtype=np.float32)
        counts = np.zeros((len(encoding.ids), 1), dtype=np.float32)
        for start, end in windows(len(encoding.ids), self.info.window - len(around)):
            ids = np.array([around.wrap(encoding.ids[start:end])], dtype=np.int64)
            logits = self._session.run(["logits"], {"input_ids": ids})[0][0]
            total[start:end] += _softmax(logits[len(around.prefix) : len(around.prefix) + end - start])
            counts[start:end] += 1
        return encoding.offsets, np.asarray(total / np.maximum(counts, 1), dtype=np.float32)

    @property
    def _session(self) -> Any:
        return _session_of(self.folder, self.info.digest)

    @property
    def _tokenizer(self) -> Tokenizer:
        return _tokenizer_of(self.folder, self.info.digest)

    @cached_property
    def _around(self) -> Template:
        return template(self._tokenizer)

    def __getstate__(self) -> dict[str, Any]:
        """Folder and what it is: workers in other processes open their own."""
        return {"folder": self.folder, "info": self.info}


@lru_cache(maxsize=2)
def _session_of(folder: Path, digest: str) -> Any:
    """What computes a recognizer: opened once in a process, however often the recognizer comes to it."""
    problem = None
    try:
        return opened(folder / GRAPH, threads=machine.threads())
    except Bert4TextError:
        raise
    except Exception as error:
        problem = type(error).__name__
    raise _broken(folder, problem)


@lru_cache(maxsize=2)
def _tokenizer_of(folder: Path, digest: str) -> Tokenizer:
    return open_tokenizer(folder / TOKENIZER)


def windows(tokens: int, most: int) -> list[tuple[int, int]]:
    """Stretches of about one length that cover the tokens of a report, and overlap by ``OVERLAP`` or more.

    Args:
        tokens: of the report.
        most: tokens of a stretch.
    """
    overlap = min(OVERLAP, most // 2)
    count = max(1, math.ceil((tokens - overlap) / (most - overlap)))
    length = math.ceil((tokens + (count - 1) * overlap) / count)
    starts = [place * (tokens - length) // max(1, count - 1) for place in range(count)]
    return [(start, start + length) for start in starts]


def read_info(folder: Path) -> RecognizerInfo:
    """What a folder says of its recognizer.

    Raises:
        ModelError: it is no recognizer of this version.
    """
    info = None
    with suppress(OSError, ValidationError):
        info = RecognizerInfo.model_validate_json((folder / FILE).read_bytes())
    if info is None or info.format != FORMAT:
        raise _broken(folder, "unreadable")
    return info


def write_info(info: RecognizerInfo, folder: Path) -> RecognizerInfo:
    """Write ``recognizer.json`` into an existing folder, with the digests of what lies there.

    Returns:
        What was written.
    """
    digests = {name: file_digest(folder / name) for name in (GRAPH, TOKENIZER)}
    whole = info.model_copy(update={"files": digests})
    text = json.dumps(whole.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")
    return whole


def built() -> Path:
    """Where recognizers lie that were built without saying where: in the user's cache."""
    return user_cache() / "recognizers"


def newest() -> Path | None:
    """The recognizer built last without saying where, or None."""
    found = []
    for file in built().glob(f"*/{FILE}"):
        try:
            found.append((read_info(file.parent).created, file.parent))
        except ModelError:
            continue
    return max(found, default=(None, None))[1]


def _broken(folder: Path, problem: str) -> ModelError:
    return ModelError(
        "{name} cannot be opened as a recognizer ({problem})",
        hint="build one: bert4text recognizer build",
        code="bad-recognizer",
        name=folder.name,
        problem=problem,
    )


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
    return found
