"""Our tables are those that pyarrow makes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.data.columnar import table_of

TEXT = st.none() | st.text(st.characters(codec="utf-8"))
NUMBER = st.none() | st.floats(width=32, allow_nan=False)
SCHEMA = pa.schema(
    {
        "text": pa.string(),
        "whole": pa.int64(),
        "small": pa.int32(),
        "figure": pa.float32(),
        "texts": pa.list_(pa.string()),
        "figures": pa.list_(pa.float32()),
    }
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "text": TEXT,
                "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
                "small": st.none() | st.integers(-(2**31), 2**31 - 1),
                "figure": NUMBER,
                "texts": st.none() | st.lists(TEXT, max_size=3).map(tuple),
                "figures": st.none() | st.lists(NUMBER, max_size=3),
            }
        ),
        max_size=20,
    )
)
def test_a_table_is_what_pyarrow_makes_of_the_same_values(rows: list[dict[str, Any]]) -> None:
    made = table_of({name: [row[name] for row in rows] for name in SCHEMA.names}, SCHEMA)
    made.validate(full=True)
    assert made.equals(pa.Table.from_pylist(rows, schema=SCHEMA))


def test_a_double_is_rounded_to_the_nearest_float() -> None:
    schema = pa.schema({"figure": pa.float32()})
    values = [0.1, 1 / 3, 0.07, 1e-300]
    assert table_of({"figure": values}, schema).equals(pa.table({"figure": values}, schema=schema))


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(OverflowError):
        table_of({"n": [2**40]}, pa.schema({"n": pa.int32()}))
