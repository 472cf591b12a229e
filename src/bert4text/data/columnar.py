"""Python values as an Arrow table; pyarrow's own conversion loads pandas first, wherever it is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np
import pyarrow as pa

NUMBERS = {pa.int32(): np.int32, pa.int64(): np.int64, pa.float32(): np.float32}
"""Arrow's numbers as NumPy's; pyarrow would load pandas to say it."""


def table_of(columns: Mapping[str, Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """A table of texts, numbers and lists of them.

    Args:
        columns: the values of each field of the schema; None where there is none.
        schema: names and types.
    """
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    given = [value is not None for value in values]
    present = None if all(given) else pa.py_buffer(np.packbits(given, bitorder="little"))
    if pa.types.is_list(kind):
        lists = [value or () for value in values]
        items = _array(list(chain.from_iterable(lists)), kind.value_type)
        return pa.Array.from_buffers(kind, len(values), [present, _offsets(lists)], children=[items])
    if pa.types.is_string(kind):
        texts = [(value or "").encode() for value in values]
        buffers = [present, _offsets(texts), pa.py_buffer(b"".join(texts))]
        return pa.Array.from_buffers(kind, len(values), buffers)
    numbers = np.array([0 if value is None else value for value in values], dtype=NUMBERS[kind])
    return pa.Array.from_buffers(kind, len(values), [present, pa.py_buffer(numbers)])


def _offsets(pieces: Sequence[Sequence[Any]]) -> pa.Buffer:
    """Where each piece begins in all of them laid end to end, and where the last ends."""
    return pa.py_buffer(np.array([*accumulate(map(len, pieces), initial=0)], dtype=np.int32))
