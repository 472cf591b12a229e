"""Marked reports: read line by line, refused without showing what stands in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bert4text.core.errors import Bert4TextError, DataError, LabelError
from bert4text.data.gold import read_gold

KINDS = ("patient", "date")
SECRET = "Quirina Vasconcelos"


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "gold.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_spans_come_in_their_order_and_other_fields_are_passed_over(tmp_path: Path) -> None:
    spans = [
        {"start": 23, "end": 33, "label": "date"},
        {"start": 0, "end": 19, "label": "patient"},
    ]
    row = {"id": "a", "text": f"{SECRET} em 12/03/2024", "spans": spans}
    (one,) = read_gold(written(tmp_path, row, ""), kinds=KINDS)
    assert [(one.text[span.start : span.end], span.label) for span in one.spans] == [
        (SECRET, "patient"),
        ("12/03/2024", "date"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "no json " + SECRET,
        {"text": SECRET},
        {"text": SECRET, "spans": [{"start": 0, "end": 99, "label": "patient"}]},
        {"text": SECRET, "spans": [{"start": 4, "end": 4, "label": "patient"}]},
        {"text": SECRET, "spans": [{"start": -1, "end": 4, "label": "patient"}]},
        {
            "text": SECRET,
            "spans": [{"start": 0, "end": 8, "label": "patient"}, {"start": 7, "end": 9, "label": "date"}],
        },
    ],
)
def test_what_is_no_marked_report_is_refused_by_its_line(tmp_path: Path, row: Any) -> None:
    good = {"text": "nada", "spans": []}
    with pytest.raises(DataError) as caught:
        read_gold(written(tmp_path, good, row), kinds=KINDS)
    assert (caught.value.error_code, caught.value.values["line"]) == ("bad-gold", 2)
    assert "Quirina" not in str(caught.value) + caught.value.hint


def test_unknown_kinds_are_named_all_at_once(tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 3, "label": "PER"}, {"start": 4, "end": 5, "label": "LOC"}]
    with pytest.raises(LabelError) as caught:
        read_gold(written(tmp_path, {"text": SECRET, "spans": spans}), kinds=KINDS)
    assert caught.value.values["found"] == ["LOC", "PER"]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(Bert4TextError, match=r"gold\.jsonl"):
        read_gold(tmp_path / "gold.jsonl", kinds=KINDS)
