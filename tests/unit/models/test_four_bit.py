"""The packed file of the embedded Portuguese encoder: what is written is read, what is broken is named."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ModelError
from bert4text.models.four_bit import BLOCK, unpack

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581n\xf3dulo", -2.5), ("x", -3.0)]


def packed(values, *, scales, pieces=PIECES, written=(), block=BLOCK):
    """A file with one tensor of 4 bits, ``w``, and one of float32, ``b``; values are 0 to 15, [n, 32]."""
    text = [piece.encode() for piece, _ in pieces]
    offsets = np.cumsum([0, *map(len, text)])
    head = b"E5S1" + struct.pack("<I7ifi", 1, 64, 2, 4, 128, len(pieces), 16, 2, 1e-12, block)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, int(offsets[-1]))
    head += offsets.astype("<u4").tobytes()
    head += np.array([score for _, score in pieces], dtype="<f4").tobytes() + b"".join(text)
    table = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(character), len(to), *map(ord, to)) for character, to in written
    )
    head += struct.pack("<iI", len(written), len(table)) + table
    blocks = b"".join(
        np.float16(scale).tobytes() + (row[:16] | row[16:] << 4).astype("u1").tobytes()
        for row, scale in zip(values, scales, strict=True)
    )
    plain = np.array([0.5, -1.5], dtype="<f4").tobytes()
    start = len(head) + 4 + 2 * (2 + 1 + 1 + 4 + 8 + 8)
    directory = struct.pack("<i", 2)
    directory += (
        struct.pack("<H", 1) + b"w" + struct.pack("<BIQQ", 1, BLOCK * len(values), start, len(blocks))
    )
    directory += struct.pack("<H", 1) + b"b" + struct.pack("<BIQQ", 0, 2, start + len(blocks), len(plain))
    return head + directory + blocks + plain


@given(
    st.lists(st.lists(st.integers(0, 15), min_size=BLOCK, max_size=BLOCK), min_size=1, max_size=4),
    st.floats(-4, 4, width=16),
)
def test_weights_are_halves_of_bytes_times_the_scale_of_their_block(values, scale):
    rows = np.array(values, dtype=np.uint8)
    found = unpack(packed(rows, scales=[scale] * len(rows)))
    wanted = (rows.astype(np.float32) - 8) * np.float32(scale)
    np.testing.assert_array_equal(found.tensors["w"].reshape(wanted.shape), wanted)
    np.testing.assert_array_equal(found.tensors["b"], [0.5, -1.5])


def test_sizes_pieces_and_characters_are_read():
    found = unpack(packed(np.zeros((1, 32), np.uint8), scales=[1], written=[("\t", " "), ("\u2460", "1")]))
    assert (found.width, found.layers, found.heads, found.inner) == (64, 2, 4, 128)
    assert (found.positions, found.segments) == (16, 2)
    assert (found.begin, found.end, found.padding, found.unknown) == (0, 2, 1, 3)
    assert found.pieces == PIECES
    assert found.written == {"\t": " ", "\u2460": "1"}
    assert found.epsilon == pytest.approx(1e-12)


WHOLE = packed(np.zeros((1, 32), np.uint8), scales=[1])


@pytest.mark.parametrize("size", [0, 3, 20, 44, 80, 130, len(WHOLE) - 3])
def test_a_file_that_is_cut_is_named(size):
    with pytest.raises(ModelError) as caught:
        unpack(WHOLE[:size])
    assert caught.value.error_code == "bad-encoder"


def test_another_format_or_size_of_blocks_is_named():
    for data in (b"E5S2" + WHOLE[4:], packed(np.zeros((1, 32), np.uint8), scales=[1], block=64)):
        with pytest.raises(ModelError):
            unpack(data)
