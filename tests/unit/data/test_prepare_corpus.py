from __future__ import annotations

import csv
import json
import random as plain_random
import unicodedata
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert4text.core.errors import Bert4TextError, ConfigError
from bert4text.core.keys import pseudonym
from bert4text.data.config import PrepareConfig
from bert4text.data.prepare import Prepared, prepare
from bert4text.data.visible import visible_text
from bert4text.data.write import write_corpus

KEY = b"k" * 32


def run(source: Path, *, task=None, names=None, language="pt-BR", seed=7, key=KEY, **config) -> Prepared:
    return prepare(
        source,
        PrepareConfig.parse(config, section="prepare"),
        task=task,
        label_names=names,
        language=language,
        seed=seed,
        pseudonymise=lambda value: pseudonym(key, value),
    )


def table(folder: Path, header, rows, *, name="t.csv", delimiter=",", encoding="utf-8") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def plain(n=40):
    return [[f"E{i}", f"laudo número {i} da mama", "ab"[i % 2]] for i in range(n)]


def codes(prepared):
    return [note.code for note in prepared.notes]


def complete(prepared):
    """No row is lost or made without being told of."""
    counts = prepared.counts
    assert counts["rows"] == counts["reports"] + sum(counts["aside"].values())
    assert counts["reports"] == len(prepared.corpus)
    told = {note.code for note in prepared.notes}
    assert set(counts["aside"]) <= told
    return counts


def test_the_whole_of_a_hospital_export(tmp_path):
    rows = [
        ["E1", "Nódulo oval.", "Benigno", "123", "12/03/2025", "1,5", "x"],
        ["E2", "Nódulo espiculado.", "Maligno", "123", "13/03/2025", "20", "x"],
        ["E3", "NÓDULO  oval.", "BENIGNO", "9", "13/03/2025", "", "x"],
        ["E4", "  ", "Benigno", "10", "", "", "x"],
        ["E5", "Cisto.", "Benigno", "11", "ontem", "2,5", "x"],
        ["E6", "cisto.", "Maligno", "12", "", "", "x"],
        ["E7", "Sem achados.", "", "13", "", "", "x"],
        ["E8", "Distorção.", "inconclusivo", "14", "", "", "x"],
        ["E9", "Assimetria.", "Benigno", "", "", "", "x"],
    ]
    header = ["Exame", "Laudo", "Classe", "Prontuario", "Data", "peso", "segredo"]
    source = table(tmp_path, header, rows, delimiter=";", encoding="cp1252")
    done = run(
        source,
        columns={"id": "Exame", "weight": "peso"},
        label_map={"benigno": "benign", "maligno": "malignant", "inconclusivo": ""},
        language=None,
    )
    counts = complete(done)
    assert counts["aside"] == {"no-text": 1, "duplicate": 1, "conflict": 2, "label-mapped-aside": 1}
    assert counts["labels"] == {"benign": 2, "malignant": 1}
    corpus = done.corpus
    assert corpus.label_space.task == "binary"
    assert corpus.language == "pt-BR"
    by_id = {report.id: report for report in corpus}
    assert set(by_id) & {"E4", "E5", "E6", "E8"} == set()
    assert by_id["E2"].patient == pseudonym(KEY, "123")
    assert by_id["E2"].attributes == {"weight": "20"}
    assert by_id["E2"].written_at.isoformat() == "2025-03-13T00:00:00+00:00"
    assert by_id["E2"].source_row == 2
    assert by_id["E7"].labels is None
    assert by_id["E7"].split is None
    assert by_id["E9"].patient is None
    said = " ".join(f"{note} {note.values} {note.rows}" for note in done.notes)
    for secret in ("Nódulo", "Cisto", "E6", "123", "Distorção"):
        assert secret not in said
    assert {"bad-date", "decimal-comma", "unlabelled", "conflict", "duplicate", "no-text"} <= set(codes(done))
    assert next(note for note in done.notes if note.code == "conflict").rows == (5, 6)
    assert str(done.notes[0]) == "9 rows read from t.csv (csv, cp1252, ';')"
    assert "left: segredo" in str(done.notes[1])


def test_an_ordinary_table_is_told_in_ten_lines(tmp_path):
    done = run(table(tmp_path, ["id", "text", "label"], plain()))
    assert len(done.notes) <= 10
    assert codes(done) == ["read", "columns", "language", "labels", "split"]
    assert all(note.severity == "info" for note in done.notes)


@pytest.mark.parametrize("name", ["t.tsv", "t.jsonl", "t.parquet", "t.xlsx"])
def test_every_format_gives_the_same_corpus(tmp_path, name):
    import pyarrow as pa
    import pyarrow.parquet as pq

    header, rows = ["id", "text", "label"], plain()
    expected = run(table(tmp_path, header, rows)).corpus
    path = tmp_path / name
    if name == "t.tsv":
        table(tmp_path, header, rows, name=name, delimiter="\t")
    elif name == "t.jsonl":
        path.write_text("\n".join(json.dumps(dict(zip(header, row, strict=True))) for row in rows))
    elif name == "t.parquet":
        pq.write_table(pa.table(dict(zip(header, zip(*rows, strict=True), strict=True))), path)
    else:
        book = openpyxl.Workbook()
        for row in [header, *rows]:
            book.active.append(row)
        book.save(path)
    assert run(path).corpus.fingerprint == expected.fingerprint


def test_a_folder_of_texts_with_a_label_file(tmp_path):
    folder = tmp_path / "laudos"
    folder.mkdir()
    for row in plain(12):
        (folder / f"{row[0]}.txt").write_text(row[1])
    rows = [[f"{row[0]}.txt", row[2], "p1"] for row in plain(11)] + [["gone.txt", "a", "p2"], ["", "b", "p3"]]
    table(folder, ["arquivo", "classe", "paciente"], rows, name="labels.csv", delimiter=";")
    done = run(folder)
    assert complete(done)["rows"] == 12
    assert {"unmatched", "unlabelled"} <= set(codes(done))
    assert done.corpus.patients == 1
    (folder / "more.csv").write_text("a,b\n1,2\n")
    for config, code in (
        ({}, "several-label-files"),
        ({"label_file": "no.csv"}, "missing-file"),
        ({"label_file": "more.csv"}, "missing-column"),
    ):
        with pytest.raises(Bert4TextError) as caught:
            run(folder, **config)
        assert caught.value.error_code == code
    assert run(folder, label_file="labels.csv").corpus.fingerprint == done.corpus.fingerprint
    table(folder, ["id", "label"], [["E1", "a"], ["E1.txt", "b"]], name="more.csv")
    with pytest.raises(Bert4TextError, match="another row names too"):
        run(folder, label_file="more.csv")


@pytest.mark.parametrize(
    "named", ["{}.txt", "{}", "textos/{}.TXT", "C:\\laudos\\{}.txt", "{}.Txt", "upper", "decomposed"]
)
def test_the_label_file_may_name_the_texts_in_many_ways(tmp_path, named):
    folder = tmp_path / "laudos"
    folder.mkdir()
    for i in range(6):
        (folder / f"0{i}ção.txt").write_text(f"laudo número {i}", encoding="utf-8")
    (folder / "._0.txt").write_bytes(b"\0\5\x16\7")
    (folder / "~$labels.xlsx").write_bytes(b"x")
    stems = [f"{i}ção" if named == "upper" else f"0{i}ção" for i in range(6)]
    if named == "upper":
        cells = [stem.upper() for stem in stems]
    elif named == "decomposed":
        cells = [unicodedata.normalize("NFD", stem) for stem in stems]
    else:
        cells = [named.format(stem) for stem in stems]
    rows = [[cell, "ab"[i % 2]] for i, cell in enumerate(cells)]
    table(folder, ["Nome do arquivo", "classe"], rows, name="labels.csv")
    done = run(folder, columns={"id": "nome do arquivo"})
    assert complete(done)["labels"] == {"a": 3, "b": 3}
    assert "unmatched" not in codes(done)
    assert done.corpus.table["id"].to_pylist() == [f"0{i}ção" for i in range(6)]


def test_a_file_of_the_folder_that_is_no_text_is_set_aside(tmp_path):
    for i in range(4):
        (tmp_path / f"{i}.txt").write_text(f"laudo número {i}")
    (tmp_path / "2.txt").write_bytes(bytes(range(256)))
    (tmp_path / "labels.csv").write_text('id,label\n0,a\n1,b\n3,a\n"3"x,b\n')
    done = run(tmp_path)
    assert complete(done)["aside"] == {"bad-row": 1}
    assert next(note for note in done.notes if note.code == "bad-row").rows == (3,)
    assert next(note for note in done.notes if note.code == "unmatched").values["count"] == 1
    assert str(done.notes[0]).endswith("(folder)")


def test_every_key_of_json_lines_is_found(tmp_path):
    path = tmp_path / "t.jsonl"
    lines = [
        json.dumps({"text": f"laudo {i}", **({"label": "ab"[i % 2]} if i > 1200 else {})})
        for i in range(1300)
    ]
    path.write_text("\n".join(lines))
    assert sum(run(path).counts["labels"].values()) == 99


def test_many_and_odd_columns_are_told(tmp_path):
    names = [f"c{i}" for i in range(45)]
    odd = "Descrição de todos os achados do exame de imagem"
    header = ["id", odd, "label", *names, *(f"d{i}" for i in range(50)), "2021"]
    rows = [[f"E{i}", f"laudo {i}", "ab"[i % 2], *"1" * 96] for i in range(4)]
    done = run(
        table(tmp_path, header, rows), columns={"text": odd, "rest": "2021", **{name: name for name in names}}
    )
    taken, left = done.notes[1].values["taken"], done.notes[1].values["left"]
    assert f"text = {odd}" in taken
    assert len(taken) == 49
    assert left == [*(f"d{i}" for i in range(40)), "..."]
    few = run(
        table(
            tmp_path,
            ["text", "label", "Maria das Dores, de 1960", "2021"],
            [["x", "a", "", ""], ["y", "b", "", ""]],
        )
    )
    assert few.notes[1].values["left"] == ["Maria das Dores, de 1960", "#4"]


def test_labels_are_read_from_the_conclusion_and_held_back(tmp_path):
    endings = [
        "BI-RADS 2.",
        "categoria IV",
        "BI-RADS® 4A",
        "sem categoria",
        "BI-RADS 2 à direita e BI-RADS 4 à esquerda",
    ]
    rows = [[i, f"ACHADOS: nódulo {i} na mama.\nCONCLUSÃO: {endings[i % 5]}", "x"] for i in range(50)]
    rows += [[50, "Nódulo sem títulos, BI-RADS 2", "x"], [51, "CONCLUSÃO: BI-RADS 2", "x"]]
    source = table(tmp_path, ["id", "text", "label"], rows)
    done = run(source, labels_from={"section": "conclusion", "reader": "birads"})
    counts = complete(done)
    assert counts["labels"] == {"BIRADS_2": 10, "BIRADS_4": 20}
    assert counts["aside"] == {
        "label-absent": 10,
        "label-several": 10,
        "label-no-section": 1,
        "no-text-left": 1,
    }
    assert not any(
        "BI-RADS" in text or "categoria" in text or "CONCLUS" in text for text in done.corpus.texts
    )
    absent = next(note for note in done.notes if note.code == "label-absent")
    assert absent.rows[:2] == (4, 9)
    assert str(absent) == "reports that state no label there, set aside: 10 (rows: 4, 9, 14, 19, 24, ...)"
    config = PrepareConfig.parse({"labels_from": {"section": "conclusion"}}, section="prepare")
    assert visible_text(rows[0][1], config) == done.corpus.texts[0]
    kept = run(source, labels_from={"section": "conclusion", "keep_section": True, "several": "highest"})
    assert "answer-in-text" in codes(kept)
    assert kept.counts["labels"] == {"BIRADS_2": 11, "BIRADS_4": 30}


def test_sections_are_kept_dropped_and_masked(tmp_path):
    text = "INDICAÇÃO: dor.\nACHADOS: nódulo {}.\nCONCLUSÃO: benigno."
    source = table(tmp_path, ["text", "label"], [[text.format(i), "ab"[i % 2]] for i in range(8)])
    assert run(source, sections={"keep": ["findings"]}).corpus.texts[0] == "ACHADOS: nódulo 0."
    dropped = run(source, sections={"drop": ["conclusion"], "mask": ["indication"]}).corpus.texts[0]
    assert dropped == "INDICAÇÃO: [...]\nACHADOS: nódulo 0."
    assert run(source, sections={"mask": ["conclusion"]}).corpus.texts[0].endswith("CONCLUSÃO: [...]")
    with pytest.raises(ConfigError) as caught:
        run(source, sections={"drop": ["conclusions"]})
    assert caught.value.error_code == "unknown-section"
    assert "conclusion" in caught.value.hint


def test_given_splits_are_renamed_and_completed(tmp_path):
    rows = [[f"E{i}", f"laudo {i}", "ab"[i % 2], "dev" if i % 4 == 0 else "Train"] for i in range(80)]
    source = table(tmp_path, ["id", "text", "label", "split"], rows)
    done = run(source, split={"values": {"dev": "test"}})
    assert done.counts["splits"]["test"] == 20
    assert {report.id for report in done.corpus["test"]} == {f"E{i}" for i in range(0, 80, 4)}
    assert "validation, calibration cut from train by report" in str(done.notes[-1])
    anew = run(source, columns={"split": ""})
    assert "split by report" in str(anew.notes[-1])
    other = table(tmp_path, ["id", "text", "label", "parte"], rows, name="o.csv")
    assert (
        run(other, split={"column": "parte", "values": {"dev": "test"}}).corpus.fingerprint
        == done.corpus.fingerprint
    )


def test_a_split_renamed_to_none_of_ours_is_refused(tmp_path):
    source = table(tmp_path, ["text", "label", "split"], [["x", "a", "dev"], ["y", "b", "train"]])
    with pytest.raises(ConfigError, match="gives tset"):
        run(source, split={"values": {"dev": "tset"}})


def test_texts_in_place_of_labels_are_not_shown(tmp_path):
    rows = [
        [f"E{i}", f"nódulo oval número {i} da paciente Maria das Dores, de margens circunscritas, liso"]
        for i in range(9)
    ]
    with pytest.raises(Bert4TextError) as caught:
        run(table(tmp_path, ["id", "texto"], rows), columns={"labels": "texto"})
    assert caught.value.error_code == "labels-are-texts"
    assert "Maria" not in f"{caught.value} {caught.value.hint} {caught.value.values}"


def test_a_text_in_train_and_test_is_kept_in_test(tmp_path):
    rows = [
        *([f"E{i}", f"laudo {i}", "ab"[i % 2], "train"] for i in range(20)),
        ["T1", "LAUDO 3", "b", "test"],
        ["T2", "outro", "a", "test"],
    ]
    done = run(table(tmp_path, ["id", "text", "label", "split"], rows))
    assert {report.id for report in done.corpus["test"]} == {"T1", "T2"}
    assert "E3" not in done.corpus.table["id"].to_pylist()


def test_a_patient_in_two_given_splits_is_kept_and_told(tmp_path):
    rows = [[f"laudo {i}", "ab"[i % 2], "p", ("train", "test")[i // 5]] for i in range(10)]
    done = run(table(tmp_path, ["text", "label", "patient", "split"], rows))
    assert done.counts["splits"]["test"] == 5
    note = next(note for note in done.notes if note.code == "patient-in-two")
    assert note.severity == "warning"
    assert note.values["count"] == 1


def test_multilabel_and_ordinal_are_told(tmp_path):
    rows = [[f"laudo {i}", ("a|b", "a;c", '["b"]', "[]")[i % 4]] for i in range(20)]
    source = table(tmp_path, ["text", "label"], rows)
    done = run(source, task="multilabel")
    assert done.corpus.label_space.names == ("a", "b", "c")
    assert done.counts["labels"] == {"a": 10, "b": 10, "c": 5}
    assert sum(report.labels == () for report in done.corpus) == 5
    assert None not in done.corpus.table["split"].to_pylist()
    assert "joined-labels" not in codes(done)
    assert "joined-labels" in codes(run(table(tmp_path, ["text", "label"], [["x", "a|b"], ["y", "c"]])))
    ordinal = run(table(tmp_path, ["id", "text", "label"], plain()), task="ordinal", names=["b", "a"])
    assert ordinal.corpus.label_space.model_dump()["names"] == ("b", "a")


def test_duplicates_may_stay_but_conflicts_never(tmp_path):
    rows = [*plain(10), ["X", "laudo número 1 da mama", "b"], ["Y", "laudo número 2 da mama", "b"]]
    done = run(table(tmp_path, ["id", "text", "label"], rows), deduplicate=False)
    assert complete(done)["aside"] == {"conflict": 2}
    assert len(done.corpus) == 10


def test_no_label_column_makes_an_unlabelled_corpus(tmp_path):
    done = run(table(tmp_path, ["text"], [[f"laudo {i}"] for i in range(5)]))
    assert done.corpus.label_space is None
    assert done.corpus.splits == {}
    assert "no-labels" in codes(done)
    assert done.corpus.table["id"].to_pylist() == ["1", "2", "3", "4", "5"]


def test_a_small_class_and_an_empty_split_are_warned_of(tmp_path):
    rows = [["laudo 1", "a"], ["laudo 2", "a"], ["laudo 3", "b"]]
    done = run(table(tmp_path, ["text", "label"], rows))
    warned = {note.code for note in done.notes if note.severity == "warning"}
    assert warned == {"small-class", "empty-split"}


def test_damaged_and_odd_texts_are_kept_whole(tmp_path):
    large = "nódulo oval " * 90_000
    rows = [["1", "nÃ³dulo \0 oval", "a"], ["2", large, "b"], ["3", "no\u0301dulo 👍", "a"], ["4", "x", "b"]]
    done = run(table(tmp_path, ["id", "text", "label"], rows))
    texts = dict(zip(done.corpus.table["id"].to_pylist(), done.corpus.texts, strict=True))
    assert texts["1"] == "nódulo  oval"
    assert texts["2"] == large.strip()
    assert texts["3"] == "nódulo 👍"
    assert "repaired" in codes(done)


def test_rows_that_do_not_fit_are_set_aside_or_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "id,text,label\n" + "".join(f"{i},laudo {i},{'ab'[i % 2]}\n" for i in range(9)) + "9,a,b,c,d\n"
    )
    done = run(path)
    assert complete(done)["aside"] == {"bad-row": 1}
    path.write_text("id,text,label\n" + "1,a,b,c,d\n" * 5 + "2,x,a\n")
    with pytest.raises(Bert4TextError) as caught:
        run(path)
    assert caught.value.error_code == "bad-rows"


BAD = {
    "duplicate-id": (["id", "text", "label"], [["Maria", "x", "a"], ["Maria", "y", "b"]], {}),
    "one-class": (["text", "label"], [["x", "a"], ["y", "a"]], {}),
    "missing-column": (["txt", "label"], [["x", "a"]], {}),
    "no-reports": (["text", "label"], [["", "a"], [" ", "b"]], {}),
    "unknown-split": (["text", "label", "split"], [["x", "a", "dev"], ["y", "b", "train"]], {}),
    "unknown-origin": (
        ["text", "label", "o"],
        [["x", "a", "real"], ["y", "b", "fake"]],
        {"columns": {"origin": "o"}},
    ),
    "unknown-label": (["text", "label"], [["x", "a"], ["y", "b"]], {"names": ["a", "c"]}),
}


@pytest.mark.parametrize("code", BAD)
def test_what_cannot_be_represented_is_refused(tmp_path, code):
    header, rows, options = BAD[code]
    with pytest.raises(Bert4TextError) as caught:
        run(table(tmp_path, header, rows), **options)
    assert caught.value.error_code == code
    assert caught.value.exit_status == 3
    assert "Maria" not in f"{caught.value} {caught.value.hint} {caught.value.values}"


def test_all_conflicting_leaves_nothing(tmp_path):
    with pytest.raises(Bert4TextError) as caught:
        run(table(tmp_path, ["text", "label"], [["x", "a"], ["X", "b"]]))
    assert caught.value.error_code == "no-reports"
    assert "2 conflict" in str(caught.value)


reports = st.lists(
    st.tuples(
        st.sampled_from(["oval", "Oval ", "liso", "nódulo", "x", "y", "z", "", " "]),
        st.sampled_from(["a", "b", "B", "", "c"]),
        st.sampled_from(["p", "q", "r", "s", ""]),
        st.sampled_from(["train", "test", "validation", ""]),
    ),
    min_size=1,
    max_size=25,
)


@given(reports, st.booleans(), st.booleans(), st.randoms(use_true_random=False))
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_row_is_lost_and_their_order_does_not_matter(tmp_path, rows, with_split, with_id, random):
    header = ["text", "label", "patient", *(["split"] if with_split else []), *(["id"] if with_id else [])]
    cells = [
        [text, label, patient, *([part] if with_split else []), *([f"E{i}"] if with_id else [])]
        for i, (text, label, patient, part) in enumerate(rows)
    ]

    def attempt():
        try:
            done = run(table(tmp_path, header, cells))
        except Bert4TextError as error:
            return error.error_code
        complete(done)
        homes = {}
        for report in done.corpus:
            homes.setdefault(report.patient, set()).add(report.split)
        if not with_split:
            assert all(len(home - {None}) <= 1 for patient, home in homes.items() if patient)
        return Counter((report.text.casefold(), report.labels, report.split) for report in done.corpus)

    first = attempt()
    random.shuffle(cells)
    assert attempt() == first


def test_the_split_does_not_depend_on_the_key(tmp_path):
    rows = [[f"laudo {i}", "ab"[i % 2], f"p{i // 3}"] for i in range(90)]
    source = table(tmp_path, ["text", "label", "patient"], rows)
    one, other = run(source).corpus, run(source, key=b"o" * 32).corpus
    assert one.table["split"].equals(other.table["split"])
    assert not one.table["patient"].equals(other.table["patient"])
    assert run(source).corpus.fingerprint == one.fingerprint
    assert run(source, seed=8).corpus.table["split"] != one.table["split"]


def test_progress_is_told(tmp_path):
    from contextlib import contextmanager

    told = Counter()

    class Told:
        @contextmanager
        def task(self, label, total=None):
            class One:
                def advance(self, n=1):
                    told[label] += n

            yield One()

    rows = [[f"CONCLUSÃO: a. ACHADOS: {i}", "ab"[i % 2]] for i in range(2500)]
    plain_random.Random(1).shuffle(rows)
    prepare(
        table(tmp_path, ["text", "label"], rows),
        PrepareConfig.parse({"sections": {"drop": ["conclusion"]}}, section="prepare"),
        task=None,
        label_names=None,
        language="pt-BR",
        seed=7,
        pseudonymise=str,
        progress=Told(),
    )
    assert told == {"reading reports": 2000, "cutting what is held back": 2500}


def test_dates_origins_and_strays_are_told(tmp_path):
    path = tmp_path / "t.csv"
    rows = "".join(f"laudo nódulo {i},{'ab'[i % 2]},12/{i % 9 + 20}/2025,synthetic,\n" for i in range(20))
    path.write_bytes(f"text,label,date,origin,w\n{rows}".encode() + "não,a,,,\n".encode("cp1252"))
    done = run(path, columns={"origin": "origin", "w": "w"}, split={"by": "time"})
    assert {"month-first", "strays", "undated"} <= set(codes(done))
    assert Counter(report.origin for report in done.corpus) == {"synthetic": 20, "real": 1}
    assert max(report.written_at for report in done.corpus["test"]).day == 28
    assert all(report.attributes == {} for report in done.corpus)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_corpus_that_is_prepared_again_keeps_its_origin(tmp_path, suffix):
    rows = [[f"laudo {i}", "ab"[i % 2], "synthetic", "2025-03-01", "s"] for i in range(20)]
    header = ["text", "label", "o", "date", "unidade"]
    first = run(table(tmp_path, header, rows), columns={"origin": "o", "site": "unidade"}).corpus
    write_corpus(first, tmp_path / f"corpus.{suffix}", overwrite=False)
    again = run(tmp_path / f"corpus.{suffix}").corpus
    assert again.synthetic == 20
    assert again.table["site"].equals(first.table["site"])
    assert again.table["written_at"].equals(first.table["written_at"])


def test_an_unknown_language_is_none(tmp_path):
    done = run(table(tmp_path, ["text", "label"], [["123", "a"], ["456", "b"]]), language=None)
    assert done.corpus.language is None


def test_decimal_signs(tmp_path):
    header = ["text", "label", "n", "m"]
    source = table(tmp_path, header, [["x", "a", "1.234,5", "1,5"], ["y", "b", "2", "x"]])
    columns = {"columns": {"n": "n", "m": "m"}}
    assert [report.attributes for report in run(source, **columns).corpus] == [
        {"n": "1234.5", "m": "1,5"},
        {"n": "2", "m": "x"},
    ]
    assert run(source, decimal=".", **columns).corpus.table["attributes"][0].as_py() == [
        ("m", "1,5"),
        ("n", "1.234,5"),
    ]


def test_sentences_are_held_back_by_the_labels_of_the_table(tmp_path):
    rows = [
        [f"Nódulo {i} oval. Aspecto {label}. Fim.", label]
        for i, label in enumerate(["maligno", "benigno"] * 6)
    ]
    drop = {"sentences": {"drop": ["stated-label"]}}
    made = run(table(tmp_path, ["text", "label"], rows), **drop)
    assert {text.split(". ")[1] for text in made.corpus.texts} == {"Fim."}
    assert {note.code: note.values for note in made.notes}["sections"] == {"count": 12}
    unlabelled = run(table(tmp_path, ["text"], [[row[0]] for row in rows], name="u.csv"), **drop)
    assert all("Aspecto" in text for text in unlabelled.corpus.texts)
    assert "no-labels" in {note.code for note in unlabelled.notes if note.severity == "warning"}
