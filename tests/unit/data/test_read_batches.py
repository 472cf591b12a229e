from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.errors import Bert4TextError, ConfigError, DataError, EmptyCorpusError, SchemaError
from bert4text.data.delimited import detect_delimiter
from bert4text.data.read import open_source, read_batches
from bert4text.data.table import Reading, cell

SECRET = "Maria das Dores, nódulo"


def rows(source, **options):
    return [row for batch in read_batches(source, **options) for row in batch]


def put(folder: Path, name: str, data: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path, encoding, delimiter):
    d = delimiter
    text = f'id{d}laudo{d}classe\n1{d}"Nódulo à direita{d} 5 mm\nSão ""2"""{d}a\n2{d}não{d}b\n'
    found = rows(put(tmp_path, "t.csv", text, encoding))
    assert [(row.row, row.id, row.text) for row in found] == [
        (1, "1", f'Nódulo à direita{d} 5 mm\nSão "2"'),
        (2, "2", "não"),
    ]


def test_utf8_with_a_few_windows_bytes_is_read_as_both(tmp_path):
    data = b"text\n" + "nódulo às três\n".encode() * 9 + "não\n".encode("cp1252")
    path = put(tmp_path, "t.csv", data)
    assert rows(path)[-1].text == "não"
    with open_source(path, Reading()) as table:
        assert table.facts["strays"] == "1"


def test_excels_own_separator_line_and_single_column(tmp_path):
    assert rows(put(tmp_path, "a.csv", "sep=;\nid;text\n7;a, b\n"))[0].text == "a, b"
    found = rows(put(tmp_path, "b.csv", "text\nNódulo oval, 5 mm, liso\n\nCisto; simples\n\n"))
    assert [(row.row, row.text, row.problem) for row in found] == [
        (1, "Nódulo oval, 5 mm, liso", None),
        (2, None, "no-text"),
        (3, "Cisto; simples", None),
    ]


def test_a_stray_quotation_mark_takes_no_other_row_with_it(tmp_path):
    lines = [f'{i},"nódulo, oval {i}"' for i in range(1, 101)]
    lines[9] = '10,"nódulo oval'
    lines[49] = '50,"um ""dois""", "tres'
    found = rows(put(tmp_path, "t.csv", "id,text\n" + "\n".join(lines) + "\n"))
    assert [row.row for row in found] == list(range(1, 101))
    assert [row.row for row in found if row.problem] == [10, 50]
    assert found[10].id == "11"
    assert found[-1].text == "nódulo, oval 100"
    single = rows(put(tmp_path, "s.csv", 'text\n\n"a"b\n\nc\n'))
    assert [row.problem for row in single] == ["no-text", "bad-row", "no-text", None]


def test_what_a_stray_quotation_mark_may_take_is_bounded(tmp_path):
    begin = 'id,text\n1,a\n\n2,"b\n'
    with pytest.raises(SchemaError) as caught:
        rows(put(tmp_path, "t.csv", begin + '3,""\n' * 5000 + '4,"b"c\n'))
    assert caught.value.error_code == "open-quote"
    assert caught.value.values["row"] == 2


def test_every_row_gives_one_row_whatever_is_wrong_with_it(tmp_path):
    path = put(tmp_path, "t.csv", 'id,text\n1,one\n2,two,too,many\n3,"  "\n4,\n,five\n6,"a"b\n7,seven\n')
    found = rows(path)
    assert [(row.row, row.id, row.problem) for row in found] == [
        (1, "1", None),
        (2, "2", "bad-row"),
        (3, "3", "no-text"),
        (4, "4", "no-text"),
        (5, "5", None),
        (6, "6", "bad-row"),
        (7, "7", None),
    ]
    assert SECRET not in repr(found)


def test_batches_have_the_size_asked_for(tmp_path):
    path = put(tmp_path, "t.csv", "text\n" + "a b\n" * 10)
    assert [len(batch) for batch in read_batches(path, batch_rows=4)] == [4, 4, 2]


def test_a_large_text_nul_bytes_and_emoji(tmp_path):
    large = "nódulo 👍 " * 120_000
    path = put(tmp_path, "t.csv", f'id,text\n1,"{large}"\n2,a\0b\n')
    found = rows(path)
    assert found[0].text == large.strip()
    assert found[1].text == "ab"


def test_json_lines_of_a_stream(tmp_path):
    lines = [
        '{"id": 7, "text": "um"}',
        "",
        "not json",
        '{"texto": "x"}',
        '{"text": null}',
        "[1]",
        '{"text": "dois\\ud800"}',
    ]
    stream = io.BytesIO("\n".join(lines).encode())
    found = rows(stream)
    assert [(row.row, row.id, row.text, row.problem) for row in found] == [
        (1, "7", "um", None),
        (2, "2", None, "bad-row"),
        (3, "3", None, "no-text"),
        (4, "4", None, "no-text"),
        (5, "5", None, "bad-row"),
        (6, "6", "dois\ufffd", None),
    ]


class Pipe(io.BytesIO):
    """A stream that cannot go back."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError

    def tell(self):
        raise OSError


def test_pipes_of_json_lines_and_csv():
    assert [row.text for row in rows(Pipe(b'\xef\xbb\xbf{"text": "a"}\n{"text": "b"}\n'))] == ["a", "b"]
    assert [row.text for row in rows(Pipe("id;texto\n1;não\n".encode("cp1252")), format="csv")] == ["não"]


def test_parquet_and_excel_with_types(tmp_path):
    table = pa.table({"id": [1.0, 2.0], "texto": pa.array(["um", None]).dictionary_encode()})
    pq.write_table(table, tmp_path / "t.parquet")
    assert [(row.id, row.text, row.problem) for row in rows(tmp_path / "t.parquet")] == [
        ("1", "um", None),
        ("2", None, "no-text"),
    ]

    book = openpyxl.Workbook()
    book.active.append(["id", "Laudo "])
    book.active.append([1, "um"])
    book.active.append([])
    book.active.append([3.0, "três"])
    book.create_sheet("other").append(["x"])
    book.save(tmp_path / "t.xlsx")
    assert [(row.row, row.id, row.text) for row in rows(tmp_path / "t.xlsx")] == [
        (1, "1", "um"),
        (2, "2", None),
        (3, "3", "três"),
    ]
    with (
        pytest.raises(ConfigError, match="other") as caught,
        open_source(tmp_path / "t.xlsx", Reading(sheet="nope")),
    ):
        pass
    assert caught.value.error_code == "unknown-sheet"


def test_a_folder_of_texts(tmp_path):
    folder = tmp_path / "laudos"
    folder.mkdir()
    put(folder, "b.txt", "não", "cp1252")
    put(folder, "a.txt", "sim", "utf-16")
    put(folder, "c.txt", "  ")
    assert [(row.id, row.text, row.problem) for row in rows(folder)] == [
        ("a", "sim", None),
        ("b", "não", None),
        ("c", None, "no-text"),
    ]


def test_columns_are_mapped_and_suggested(tmp_path):
    path = put(tmp_path, "t.csv", "exame,conteudo,laudos\n9,x,y\n")
    assert rows(path, columns={"text": "conteudo", "id": "exame"})[0].id == "9"
    with pytest.raises(SchemaError) as caught:
        rows(path)
    assert caught.value.error_code == "missing-column"
    assert caught.value.values["found"] == ["exame", "conteudo", "laudos"]
    with pytest.raises(SchemaError) as caught:
        rows(path, columns={"text": "conteudos"})
    assert "did you mean 'conteudo'" in caught.value.hint


BAD = {
    "missing-file": ("t.csv", None),
    "empty-file": ("t.csv", b""),
    "unknown-format": ("t.xyz", b"id,text\n1,a\n"),
    "not-text": ("t.csv", bytes(range(256)) * 40),
    "unreadable": ("t.parquet", b"id,text\n1,a\n"),
    "open-quote": ("t.csv", f'id,text\n1,"{SECRET}\n2,b\n'.encode()),
    "bad-json-lines": ("t.jsonl", b"id,text\n1,a\n"),
    "bad-encoding": ("t.csv", b"id,text\n1,\x81\x8d\x90 \xe3\n"),
    "missing-column": ("t.csv", f"1,{SECRET},x\n2,{SECRET} outra,y\n".encode()),
}


@pytest.mark.parametrize("code", BAD)
def test_bad_sources_say_what_is_wrong_and_nothing_of_the_content(tmp_path, code):
    name, data = BAD[code]
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        rows(path)
    error = caught.value
    assert error.error_code == code
    assert error.exit_status == 3
    assert "Maria" not in f"{error} {error.hint} {error!r}"
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.xlsx", b"PK\x03\x04 no"),
        ("t.xlsx", b"text"),
        ("t.parquet", b"PAR1 no PAR1"),
        ("t.csv", b"PK\x03\x04" + bytes(9)),
        ("t.csv", b"%PDF-1.7\n1 0 obj"),
    ],
)
def test_damaged_files_are_refused(tmp_path, name, data):
    with pytest.raises(SchemaError):
        rows(put(tmp_path, name, data))


def test_other_ways_to_be_refused(tmp_path):
    empty = tmp_path / "folder"
    empty.mkdir()
    path = put(tmp_path, "t.csv", "id,text\n1,não\n", "cp1252")
    cases = {
        "no-text-files": lambda: rows(empty),
        "not-a-folder": lambda: rows(path, format="folder"),
        "unknown-format": lambda: rows(path, format="dbase"),
        "bad-encoding": lambda: list(_read(path, Reading(encoding="utf-8"))),
        "unknown-encoding": lambda: list(_read(path, Reading(encoding="klingon"))),
        "missing-column": lambda: list(_read(path, Reading(delimiter=";"))),
        "empty-file": lambda: rows(put(tmp_path, "blank.csv", "\n\n")),
        "duplicate-column": lambda: rows(put(tmp_path, "two.csv", "text,text\na,b\n")),
        "bad-header": lambda: rows(put(tmp_path, "header.csv", '"a"b,text\n1,2\n')),
    }
    for code, attempt in cases.items():
        with pytest.raises(Bert4TextError) as caught:
            attempt()
        assert caught.value.error_code == code


def _read(path, reading):
    from bert4text.data.columns import take_columns

    with open_source(path, reading) as table:
        taken = take_columns(table.names, {})
        yield from table.read([taken["text"]])


def test_wrong_delimiter_is_hinted_at(tmp_path):
    path = put(tmp_path, "t.csv", "id;text\n1;a\n")
    with pytest.raises(SchemaError) as caught:
        list(_read(path, Reading(delimiter=",")))
    assert "delimiter" in caught.value.hint


def test_memory_stays_flat(tmp_path):
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    for path, n in ((small, 1_000), (large, 4_000)):
        path.write_text("id,text\n" + "".join(f"{i},{'palavra ' * 200}\n" for i in range(n)))

    def peak(path):
        tracemalloc.start()
        for _ in read_batches(path, batch_rows=256):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(small)
    assert peak(large) < peak(small) + 1_000_000


def test_cells_of_any_type():
    assert [cell(value) for value in (None, "a", True, 3, 2.0, 2.5, float("nan"), [1, "ã"], b"\xc3\xa3")] == [
        None, "a", "true", "3", "2", "2.5", None, '[1, "ã"]', "ã",
    ]  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20),
            st.text('ab;,|"\n x', max_size=20),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
)
@settings(deadline=None)
def test_what_csv_writes_is_read_back(tmp_path_factory, cells, delimiter):
    import csv

    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(["id", "text"])
        writer.writerows(cells)
    with open_source(path, Reading(delimiter=delimiter)) as table:
        assert list(table.read(["id", "text"])) == cells


def test_delimiter_of_ambiguous_headers():
    assert detect_delimiter(["id;text,full\n", "1;a\n", "2;b\n"]) == ";"
    assert detect_delimiter(["text\n", "a, b\n"]) is None


def test_json_of_an_array_is_refused(tmp_path):
    path = put(tmp_path, "t.json", json.dumps([{"text": "a"}]))
    with pytest.raises(SchemaError) as caught:
        rows(path)
    assert caught.value.error_code == "bad-json-lines"
    assert '{"id": "1", "text": "..."}' in caught.value.hint


def test_odd_shapes_of_delimited_text(tmp_path):
    path = put(tmp_path, "t.csv", "\n \nid,text\n1,a,,\n2\n\n3,c\n")
    assert [(row.row, row.problem) for row in rows(path)] == [(1, None), (2, "bad-row"), (3, None)]
    assert rows(put(tmp_path, "mac.csv", "id,text\r1,a\r2,b\r"))[1].text == "b"
    assert [row.problem for row in rows(Pipe(b"id,text\n1,a\rb\n2,c\n"), format="csv")] == ["bad-row", None]
    with pytest.raises(UnicodeEncodeError):
        "é".encode("ascii", "bert4text-windows-1252")


def test_empty_and_damaged_typed_files(tmp_path):
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    book.active.append([" ", None])
    book.active.append(["texto", "classe", None, " "])
    book.active.append([date(2025, 3, 1), datetime(2025, 3, 1, 10, 30), "beyond"])  # noqa: DTZ001 - Excel knows no zones
    book.save(tmp_path / "t.xlsx")
    with open_source(tmp_path / "t.xlsx", Reading()) as table:
        assert table.names == ("texto", "classe")
        assert list(table.read(["texto", "classe"])) == [("2025-03-01T00:00:00", "2025-03-01T10:30:00")]
    for name, data in (("a.jsonl", "\n \n"), ("empty.xlsx", None)):
        with pytest.raises(EmptyCorpusError) as caught:
            rows(tmp_path / name if data is None else put(tmp_path, name, data))
        assert caught.value.error_code == "empty-file"


def test_files_damaged_in_the_middle(tmp_path):
    pq.write_table(pa.table({"text": [f"nódulo {i}" * 30 for i in range(900)]}), tmp_path / "t.parquet")
    data = bytearray((tmp_path / "t.parquet").read_bytes())
    data[20:400] = bytes(380)
    book = openpyxl.Workbook()
    for i in range(50):
        book.active.append(["text", i])
    book.save(tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as old, zipfile.ZipFile(tmp_path / "broken.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    for path in (put(tmp_path, "broken.parquet", bytes(data)), tmp_path / "broken.xlsx"):
        with pytest.raises(SchemaError) as caught:
            rows(path)
        assert caught.value.error_code == "unreadable"


def test_a_view_cuts_what_the_model_may_see(tmp_path):
    path = put(tmp_path, "t.csv", "text\nNódulo. FIM\nFIM\n")
    found = rows(path, view=lambda text: text.replace("FIM", "").strip())
    assert [(row.text, row.problem) for row in found] == [("Nódulo.", None), (None, "no-text")]


def test_a_mapping_is_found_in_any_case(tmp_path):
    assert rows(put(tmp_path, "t.csv", "LAUDO FINAL\na\n"), columns={"text": "laudo final"})[0].text == "a"


def test_jsonl_named_csv_and_odd_json(tmp_path):
    path = put(tmp_path, "t.jsonl", '{"text": "' + "[" * 9 + '"}\n' + "[" * 100_000 + "\n")
    assert [row.problem for row in rows(path)] == [None, "bad-row"]


def test_times_finer_than_pythons_are_read(tmp_path):
    pq.write_table(pa.table({"text": pa.array([1, 2], pa.timestamp("ns"))}), tmp_path / "t.parquet")
    found = rows(tmp_path / "t.parquet")[0].text
    assert (
        found.replace("T", " ") == "1970-01-01 00:00:00.000000001"
    )  # pandas, where it is loaded, writes a T
    far = pa.table({"text": pa.array([1 << 40], pa.timestamp("s")), "id": ["1"]})
    pq.write_table(far, tmp_path / "far.parquet")
    assert rows(tmp_path / "far.parquet")[0].row == 1


def test_excel_errors_are_empty_and_charts_no_table(tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "text"], [1, "#N/A"], [2, "liso"]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert [row.problem for row in rows(tmp_path / "t.xlsx")] == ["no-text", None]
    book.create_chartsheet("chart")
    del book["Sheet"]
    book.save(tmp_path / "c.xlsx")
    with pytest.raises(DataError):
        rows(tmp_path / "c.xlsx")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "excel"])
def test_a_folder_is_no_file(tmp_path, kind):
    with pytest.raises(SchemaError if kind in {"parquet", "excel"} else DataError) as caught:
        rows(tmp_path, format=kind)
    assert caught.value.error_code == "unreadable"


@pytest.mark.parametrize("name", ["base64", "zip", "rot13", "undefined", "no-such"])
def test_an_encoding_must_be_one_of_text(tmp_path, name):
    with pytest.raises(ConfigError), open_source(put(tmp_path, "t.csv", "text\nx\n"), Reading(encoding=name)):
        pass


@pytest.mark.parametrize("delimiter", ['"', "\n"])
def test_a_delimiter_must_be_able_to_separate(tmp_path, delimiter):
    with (
        pytest.raises(ConfigError),
        open_source(put(tmp_path, "t.csv", "id,text\n1,x\n"), Reading(delimiter=delimiter)),
    ):
        pass
