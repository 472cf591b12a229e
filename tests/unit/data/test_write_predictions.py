"""predictions/1 in three formats: the same values in each, in order, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError, OutputError
from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import Prediction
from bert4text.data.write_predictions import (
    SCHEMA,
    JsonLinesWriter,
    as_json,
    from_table,
    output_format,
    to_table,
    writing_predictions,
)

SPACE = LabelSpace(task="binary", names=("benigno", "maligno, talvez"))

PREDICTIONS = [
    Prediction(
        id="A-17",
        row=1,
        label="maligno, talvez",
        probability=0.93,
        probabilities=(0.07, 0.93),
        prediction_set=("maligno, talvez",),
        tokens=143,
        windows=1,
        model="5be0c1d2a3f44e17",
        key="c0ffee0012345678",
    ),
    Prediction(
        id="=1+1", row=2, status="failed", reason="empty-text", model="5be0c1d2a3f44e17", key="0" * 16
    ),
    Prediction(
        id='linha "2"\nação 🙂',
        row=3,
        status="abstained",
        reason="uncertain",
        probabilities=(0.5, 0.5),
        prediction_set=("benigno", "maligno, talvez"),
        tokens=9,
        windows=1,
        model="5be0c1d2a3f44e17",
        key="1" * 16,
    ),
]


def _write(path, *, overwrite=False, **given):
    with writing_predictions(path, SPACE, model="5be0c1d2a3f44e17", overwrite=overwrite, **given) as writer:
        writer.append(PREDICTIONS[:2])
        writer.append(PREDICTIONS[2:])
    return path


def test_the_columns_are_those_of_the_contract():
    assert SCHEMA.names == [
        "id", "row", "side", "status", "reason", "label", "labels", "probability", "probabilities",
        "prediction_set", "tokens", "windows", "unread", "point", "model", "key",
    ]  # fmt: skip
    assert SCHEMA.field("row").type == pa.int64()
    assert SCHEMA.field("probability").type == pa.float32()
    assert SCHEMA.field("probabilities").type == pa.list_(pa.float32())
    assert SCHEMA.field("tokens").type == pa.int32()
    assert set(SCHEMA.names) == set(Prediction.model_fields)


def test_parquet_holds_schema_metadata_and_a_row_group_for_each_unit(tmp_path):
    path = _write(tmp_path / "out.parquet")
    file = pq.ParquetFile(path)
    metadata = file.schema_arrow.metadata
    assert json.loads(metadata[b"bert4text.format"]) == "predictions/1"
    assert json.loads(metadata[b"bert4text.labels"]) == list(SPACE.names)
    assert file.num_row_groups == 2
    table = file.read()
    assert table.schema.equals(SCHEMA)
    assert table["id"].to_pylist() == [prediction.id for prediction in PREDICTIONS]
    assert table["probability"].to_pylist() == [float(np.float32(0.93)), None, None]


def test_csv_has_a_column_for_each_label_and_keeps_ids_as_they_are(tmp_path):
    path = _write(tmp_path / "out.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == ["A-17", "=1+1", 'linha "2"\nação 🙂']
    assert rows[0]["p:benigno"] == "0.07"
    assert rows[0]["p:maligno, talvez"] == "0.93"
    assert rows[0]["probability"] == "0.93"
    assert json.loads(rows[2]["prediction_set"]) == list(SPACE.names)
    assert rows[1]["p:benigno"] == rows[1]["label"] == rows[1]["prediction_set"] == ""
    assert rows[1]["reason"] == "empty-text"


def test_json_lines_are_the_items_of_the_contract(tmp_path):
    path = _write(tmp_path / "out.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {
        "id": "A-17", "row": 1, "side": None, "status": "ok", "reason": None, "label": "maligno, talvez",
        "labels": None, "probability": 0.93, "probabilities": {"benigno": 0.07, "maligno, talvez": 0.93},
        "prediction_set": ["maligno, talvez"], "tokens": 143, "windows": 1, "unread": 0, "point": None,
        "model": "5be0c1d2a3f44e17", "key": "c0ffee0012345678",
    }  # fmt: skip
    assert json.loads(lines[1])["probabilities"] is None
    stream = io.StringIO()
    JsonLinesWriter(stream, SPACE).append(PREDICTIONS)
    assert stream.getvalue() == path.read_text(encoding="utf-8")


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_every_format_says_the_same_float32(probabilities):
    prediction = PREDICTIONS[0].model_copy(
        update={"probabilities": tuple(probabilities), "probability": probabilities[1]}
    )
    table = to_table([prediction])
    item = as_json(table.to_pylist()[0], SPACE)
    for name, value in zip(SPACE.names, probabilities, strict=True):
        assert np.float32(item["probabilities"][name]) == np.float32(value)
    (back,) = from_table(table)
    assert all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-38)
        for a, b in zip(back.probabilities, probabilities, strict=True)
    )
    assert (
        back.model_copy(
            update={"probabilities": prediction.probabilities, "probability": prediction.probability}
        )
        == prediction
    )


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.jsonl"])
def test_the_same_predictions_give_the_same_bytes_and_an_error_leaves_nothing(tmp_path, name):
    first = _write(tmp_path / name).read_bytes()
    assert _write(tmp_path / name, overwrite=True).read_bytes() == first
    with pytest.raises(OutputError, match="exists already"):
        _write(tmp_path / name)

    def broken():
        yield PREDICTIONS[0]
        raise RuntimeError

    def attempt():
        with writing_predictions(tmp_path / name, SPACE, model="m", overwrite=True) as writer:
            writer.append(PREDICTIONS)
            writer.append(broken())

    with pytest.raises(RuntimeError):
        attempt()
    assert (tmp_path / name).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.jsonl"])
def test_no_rows_give_a_file_that_says_so(tmp_path, name):
    with writing_predictions(tmp_path / name, SPACE, model="m") as writer:
        writer.append([])
    if name.endswith("parquet"):
        assert pq.read_table(tmp_path / name).num_rows == 0
    else:
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) == (1 if name.endswith("csv") else 0)


def test_a_format_that_is_not_known_is_refused_before_anything_is_written(tmp_path):
    assert output_format(tmp_path / "OUT.CSV") == "csv"
    assert output_format(tmp_path / "out.dat", "jsonl") == "jsonl"
    with pytest.raises(
        ConfigError, match=r"cannot be written as '\.xlsx'; the formats are parquet, csv, jsonl"
    ):
        _write(tmp_path / "out.xlsx")
    with pytest.raises(ConfigError, match="'orc'"):
        _write(tmp_path / "out.csv", format="orc")
    (tmp_path / "there.csv").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        _write(tmp_path / "there.csv", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]


def test_a_file_says_which_label_is_the_indeterminate_one(tmp_path):
    space = LabelSpace(task="multiclass", names=("a", "b", "?"), indeterminate="?")
    for number, one in enumerate((space, SPACE)):
        path = tmp_path / f"{number}.parquet"
        with writing_predictions(path, one, model="0" * 16) as writer:
            writer.append([])
        said = pq.read_schema(path).metadata
        assert json.loads(said[b"bert4text.indeterminate"]) == one.indeterminate
