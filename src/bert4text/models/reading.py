"""How a report longer than a window is read: all of it, its two ends, or some of its sections first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from bert4text.core.config import Record, suggestion
from bert4text.core.errors import ConfigError
from bert4text.core.sections import BODY, NAMES, section_named, sections_first
from bert4text.models.windows import split

Read = Literal["windows", "head-tail", "sections"]
Ints = npt.NDArray[np.int32]
TokenIds = Callable[[Sequence[str]], list[list[int]]]
"""Ids of each text, without special tokens."""

HEAD = 4
"""The start of a report has one token in so many of the window, its end the others: 128 of 512 tokens, and
382 with two special ones (Sun et al., 2019, "How to Fine-Tune BERT for Text Classification?")."""


class Reading(Record):
    """How a report is read that is longer than a window; one that fits is read whole, whatever stands here.

    Attributes:
        read: ``windows``: all of it; ``head-tail``: its first and last tokens in one window; ``sections``:
            those named here first.
        sections: names of sections (``core.sections.NAMES``), in the order in which they are read.
        rest: whether what stands in none of them is read after them.
    """

    read: Read = "windows"
    sections: tuple[str, ...] = ()
    rest: bool = True

    @classmethod
    def of(cls, read: Read, sections: Iterable[str] = (), *, rest: bool = True) -> Self:
        """The reading that settings ask for; a section may be called by any of its headings.

        Raises:
            ConfigError: there is no such section (``unknown-section``), or none is named (``no-sections``).
        """
        if read != "sections":
            return cls(read=read)
        names = tuple(dict.fromkeys(_known(name) for name in sections))
        if not names:
            raise ConfigError(
                "[train.windows] read is sections, but no section is named",
                hint='for example sections = ["conclusion", "findings"]',
                code="no-sections",
            )
        return cls(read=read, sections=names, rest=rest)


@dataclass(frozen=True)
class Piece:
    """A text as it is read.

    Attributes:
        windows: of ids, without special tokens.
        unread: ids that stand in no window.
        first: windows, of those in front, that hold what was asked for first; 0 where nothing was.
    """

    windows: list[list[int]]
    unread: int = 0
    first: int = 0


@dataclass(frozen=True)
class Rows:
    """Texts as rows of ids.

    Attributes:
        rows: every window of every text, special tokens in place.
        counts: int32 [n], windows of each text.
        tokens: int32 [n], tokens of each whole text, with the special tokens of one window.
        unread: int32 [n], tokens of each that stand in no window.
        first: int32 [n], windows of each, of those in front, that hold what was asked for first.
    """

    rows: list[list[int]]
    counts: Ints
    tokens: Ints
    unread: Ints
    first: Ints


def piece(
    text: str,
    ids: Sequence[int],
    reading: Reading,
    *,
    window: int,
    stride: int,
    head: int,
    token_ids: TokenIds,
) -> Piece:
    """Cut a text into the windows that it is read in.

    Args:
        text: the whole of it.
        ids: of the whole text, without special tokens.
        reading: how a long one is read.
        window: ids in a window, special tokens not counted.
        stride: ids from the start of a window to the start of the next.
        head: ids of a window that a long text's start has, where its two ends are read.
        token_ids: gives ids of parts of it.
    """
    if len(ids) <= window or reading.read == "windows":
        return Piece(split(ids, window=window, stride=stride))
    if reading.read == "head-tail":
        start = len(ids) - window + head
        return Piece([[*ids[:head], *ids[start:]]], unread=len(ids) - window)
    chosen, rest = token_ids(sections_first(text, reading.sections))
    if not chosen:  # it has none of them
        return Piece(split(ids, window=window, stride=stride))
    if not reading.rest:
        return Piece(split(chosen, window=window, stride=stride), unread=len(rest))
    windows = split([*chosen, *rest], window=window, stride=stride)
    return Piece(windows, first=min(len(windows), -(-len(chosen) // stride)))


def _known(wanted: str) -> str:
    name = section_named(wanted)
    if name is None:
        known = [*NAMES, BODY]
        near = suggestion(wanted, known)
        raise ConfigError(
            "there is no section {wanted!r}; there are {known}",
            hint="did you mean {near!r}?" if near else "headings of the report are found under these names",
            code="unknown-section",
            wanted=wanted,
            known=known,
            near=near,
        )
    return name
