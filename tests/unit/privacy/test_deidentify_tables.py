"""A table is de-identified row by row: the same rows, columns and order, whatever its format."""

# ruff: noqa: DTZ001, DTZ007 - a table keeps its dates without a zone

from __future__ import annotations

import csv
import io
import json
import stat
from datetime import date, datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given as given_
from hypothesis import settings as limits
from hypothesis import strategies as st

from bert4text import deidentify, deidentify_table, prepare
from bert4text.core.codes import Codes
from bert4text.core.errors import ConfigError, DataError, OutputError
from bert4text.execution.processes import Processes
from bert4text.privacy.columns import columns_of, kind_of_column
from bert4text.privacy.corpus import UNIT
from bert4text.privacy.kinds import KINDS
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.verbs.tables import is_corpus

HEADER = "exame;prontuario;medico_solicitante;cpf;idade;data;laudo;obs;rotulo"
ROWS = [
    "A-1001;483920;Iara Lúcia Krenak;529.982.247-25;92;12/03/2024;"
    '"Iara Lúcia pediu em 10/03/2024; ver 483920, nódulo de 8 mm.";sem queixas;BIRADS_2',
    "A-1002;483921;João Braga;;45;13/03/2024;Sem alterações.;ligar para Dra. Marina Souza;BIRADS_1",
    "A-1003;483920;-;;45;ontem;;;BIRADS_1",
]
PREPARE = {"columns": {"id": "exame", "labels": "rotulo"}}


def project(folder=None, **sections):
    return Project(folder, {"prepare": PREPARE, **sections})


def write(folder, rows=ROWS, *, encoding="utf-8", end="\n"):
    path = folder / "laudos.csv"
    path.write_bytes(end.join([HEADER, *rows, ""]).encode(encoding))
    return path


def read(path, *, encoding="utf-8", delimiter=";"):
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


@pytest.fixture
def made(tmp_path):
    found = deidentify_table(write(tmp_path), project=project(tmp_path), out=tmp_path / "limpos.csv")
    return found, read(tmp_path / "limpos.csv")


def test_rows_and_columns_stay_and_identifiers_go(made):
    found, rows = made
    assert list(rows[0]) == HEADER.split(";")
    assert (found.rows, found.bad, len(rows)) == (3, 0, 3)
    assert [row["medico_solicitante"] for row in rows] == ["[PROFISSIONAL]", "[PROFISSIONAL]", "-"]
    assert [row["cpf"] for row in rows] == ["[CPF]", "", ""]
    assert [row["idade"] for row in rows] == ["90+", "45", "45"]
    assert [row["rotulo"] for row in rows] == ["BIRADS_2", "BIRADS_1", "BIRADS_1"]
    assert rows[1]["obs"] == "ligar para Dra. [PROFISSIONAL]"
    assert [row["laudo"] for row in rows[1:]] == ["Sem alterações.", ""]


def test_what_other_columns_of_the_row_tell_goes_from_its_text(made):
    _, rows = made
    assert rows[0]["laudo"].startswith("[PROFISSIONAL] pediu em ")
    assert rows[0]["laudo"].endswith("; ver [PRONTUÁRIO], nódulo de 8 mm.")


def test_ids_and_patients_get_the_codes_of_the_project(made):
    _, rows = made
    assert all(row["exame"].startswith("r-") for row in rows)
    assert rows[0]["prontuario"] == rows[2]["prontuario"] != rows[1]["prontuario"]
    back = Codes().originals("id")
    assert [back[row["exame"]] for row in rows] == ["A-1001", "A-1002", "A-1003"]
    assert Codes().originals("patient")[rows[0]["prontuario"]] == project().pseudonymise("483920")
    assert stat.S_IMODE(Codes().path.stat().st_mode) == 0o600


def test_a_table_and_a_corpus_of_one_project_bear_the_same_codes(made, tmp_path):
    _, rows = made
    corpus = deidentify(prepare(tmp_path / "laudos.csv", project=project()))
    assert {row["exame"] for row in rows[:2]} == set(corpus.table["id"].to_pylist())
    assert {row["prontuario"] for row in rows} == set(corpus.table["patient"].to_pylist())


def test_dates_of_a_patient_move_together_and_what_is_none_is_hidden(made):
    _, rows = made
    moved = datetime.strptime(rows[0]["data"], "%d/%m/%Y") - datetime(2024, 3, 12)
    told = rows[0]["laudo"].partition("em ")[2][:10]
    assert datetime.strptime(told, "%d/%m/%Y") - datetime(2024, 3, 10) == moved
    assert moved.days % 7 == 0
    assert moved.days
    assert rows[2]["data"] == "[DATA]"


def test_counts_columns_and_the_trail_tell_no_identifier(made, tmp_path):
    found, _ = made
    treated = {column.name: (column.role, column.what, column.changed) for column in found.columns}
    assert treated["cpf"] == ("kind", "cpf", 1)
    assert treated["prontuario"] == ("code", "patient", 3)
    assert treated["obs"] == ("read", None, 1)
    assert found.deidentified["found"]["cpf"] == 1
    assert found.deidentified["residue"] == {"reports": 0, "kinds": {}}
    event = read_trail(tmp_path / "trail.jsonl")[-1]
    assert (event.action, event.details["rows"]) == ("table.deidentified", 3)
    assert not any(word in f"{found!r} {event!r}" for word in ("Krenak", "483920", "Souza", "529"))


@pytest.mark.parametrize(
    ("encoding", "end"), [("utf-8", "\n"), ("cp1252", "\r\n"), ("utf-16", "\r\n"), ("utf-8-sig", "\n")]
)
def test_delimiter_encoding_and_line_ends_stay(tmp_path, encoding, end):
    source = write(tmp_path, encoding=encoding, end=end)
    deidentify_table(source, project=project(), out=tmp_path / "o.csv")
    raw = (tmp_path / "o.csv").read_bytes()
    assert "[PRONTUÁRIO]" in raw.decode(encoding)
    assert raw.decode(encoding).count(end) == 4
    assert raw[:2] == source.read_bytes()[:2]


def test_a_row_that_cannot_be_read_stays_in_its_place_and_empty(tmp_path):
    source = write(tmp_path, [ROWS[0], "Marina Souza;x", ROWS[1]])
    found = deidentify_table(source, project=project(), out=tmp_path / "o.csv")
    rows = read(tmp_path / "o.csv")
    assert (found.rows, found.bad) == (3, 1)
    assert not any(rows[1].values())
    assert rows[2]["rotulo"] == "BIRADS_1"


def typed(n=3):
    return [
        {
            "id": place,
            "paciente": f"48392{place}",
            "laudo": f"Paciente: Iara Krenak. Exame de 0{place + 1}/03/2024.",
            "cpf": 52998224725,
            "feito": datetime(2024, 3, 1 + place, 10, 30),
            "nascimento": date(1930, 5, 4),
            "peso": 60.5,
            "ativo": True,
            "mais": {"medico": "Ana Lima", "n": 3},
            "notas": ["ok", "Dr. João Braga"],
            "bytes": b"\xff\xfe",
        }
        for place in range(n)
    ]


def test_a_parquet_table_keeps_its_types(tmp_path):
    table = pa.Table.from_pylist(typed()).replace_schema_metadata({b"made by": b"Iara Krenak"})
    pq.write_table(table, tmp_path / "t.parquet")
    deidentify_table(tmp_path / "t.parquet", out=tmp_path / "o.parquet")
    made = pq.read_table(tmp_path / "o.parquet")
    changed = {"id", "cpf"}
    assert [entry for entry in made.schema if entry.name not in changed] == [
        entry for entry in table.schema if entry.name not in changed
    ]
    assert made.schema.field("cpf").type == pa.string()
    assert b"made by" not in (made.schema.metadata or {})
    row = made.to_pylist()[0]
    assert (row["cpf"], row["peso"], row["ativo"]) == ("[CPF]", 60.5, True)
    assert row["mais"] == {"medico": "[PROFISSIONAL]", "n": 3}
    assert row["notas"] == ["ok", "Dr. [PROFISSIONAL]"]
    assert row["nascimento"] is None  # over 89
    assert row["bytes"] is None  # no text: cannot be read
    told = datetime.strptime(row["laudo"].partition("Exame de ")[2][:10], "%d/%m/%Y")
    assert row["feito"] == told.replace(hour=10, minute=30)


def test_json_lines_keep_their_keys_and_types(tmp_path):
    rows = [{**row, "feito": "2024-03-01", "nascimento": None} for row in typed(2)]
    for row in rows:
        del row["bytes"]
    lines = [*map(json.dumps, rows), "{broken", json.dumps({"laudo": "x", "nome_mae": "Zefa"})]
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    found = deidentify_table(tmp_path / "t.jsonl", out=tmp_path / "o.jsonl")
    made = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert list(made[0]) == list(rows[0])
    assert (made[0]["peso"], made[0]["cpf"], made[0]["ativo"]) == (60.5, "[CPF]", True)
    assert made[2:] == [{}, {"laudo": "x", "nome_mae": "[FAMILIAR]"}]
    assert found.bad == 1


def test_a_workbook_loses_its_other_sheets_and_no_row(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "paciente", "laudo", "feito", "peso"])
    for row in typed(2):
        book.active.append([row[name] for name in ("id", "paciente", "laudo", "feito", "peso")])
    book.create_sheet("Nomes").append(["Iara Krenak"])
    book.save(tmp_path / "t.xlsx")
    found = deidentify_table(tmp_path / "t.xlsx", out=tmp_path / "o.xlsx")
    opened = openpyxl.load_workbook(tmp_path / "o.xlsx")
    rows = list(opened.active.iter_rows(values_only=True))
    assert (found.sheets_left, len(opened.sheetnames), len(rows)) == (1, 1, 3)
    assert rows[1][2].startswith("Paciente: [NOME]. Exame de ")
    assert isinstance(rows[1][3], datetime)
    assert rows[1][4] == 60.5


@pytest.mark.parametrize("name", ["o.csv", "o.jsonl", "o.parquet", "o.xlsx", "o.tsv"])
def test_a_table_may_be_written_in_another_format(tmp_path, name):
    deidentify_table(write(tmp_path), project=project(), out=tmp_path / name)
    again = deidentify_table(tmp_path / name, project=project(), out=tmp_path / "again.csv")
    assert again.rows == 3
    assert again.deidentified["found"].get("cpf", 0) <= 1  # a tag in a column of CPFs


def test_a_stream_goes_through_a_pipe(tmp_path):
    out = io.BytesIO()
    given = io.BytesIO(write(tmp_path).read_bytes())
    deidentify_table(given, project=project(), out=out, format="csv")
    deidentify_table(tmp_path / "laudos.csv", project=project(), out=tmp_path / "o.csv")
    assert out.getvalue() == (tmp_path / "o.csv").read_bytes()


def test_a_data_frame_is_a_table(tmp_path):
    table = pa.Table.from_pylist(typed())
    found = deidentify_table(table, out=tmp_path / "o.parquet")
    assert found.rows == 3
    assert "[NOME]" in pq.read_table(tmp_path / "o.parquet")["laudo"].to_pylist()[0]


def test_other_processes_make_the_same_table(tmp_path):
    source = write(tmp_path, [row for _ in range(200) for row in ROWS])
    deidentify_table(source, project=project(), out=tmp_path / "a.csv")
    deidentify_table(source, project=project(), out=tmp_path / "b.csv", executor=Processes(2))
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


class Killed(Exception):
    """A run that ends in the middle."""


def test_what_is_broken_off_leaves_nothing(tmp_path):
    source = write(tmp_path, [row for _ in range(200) for row in ROWS])

    class Breaking:
        def map(self, function, items):
            for place, item in enumerate(items):
                if place == 1:
                    raise Killed
                yield function(item)

    with pytest.raises(Killed):
        deidentify_table(source, project=project(), out=tmp_path / "o.csv", executor=Breaking())
    assert [path.name for path in tmp_path.iterdir()] == ["laudos.csv"]


def test_rows_are_drawn_as_they_are_needed(tmp_path):
    """A table of any length fits: no more than a unit of rows is held by one process."""
    held, most = 0, 0

    class Counting:
        def map(self, function, items):
            nonlocal held, most
            for item in items:
                held = len(item)
                most = max(most, held)
                yield function(item)

    source = write(tmp_path, [row for _ in range(400) for row in ROWS])
    found = deidentify_table(source, project=project(), out=tmp_path / "o.csv", executor=Counting())
    assert (found.rows, most) == (1200, UNIT)


def test_what_a_column_holds_can_be_said(tmp_path):
    said = {"obs": "keep", "rotulo": "organisation", "medico_solicitante": "read"}
    config = {"columns": said}
    deidentify_table(write(tmp_path), config=config, project=project(), out=tmp_path / "o.csv")
    rows = read(tmp_path / "o.csv")
    assert rows[1]["obs"] == "ligar para Dra. Marina Souza"
    assert rows[1]["rotulo"] == "[INSTITUIÇÃO]"


@pytest.mark.parametrize(
    ("columns", "message"), [({"obs": "cpff"}, "no kind of identifier"), ({"nada": "cpf"}, "has not")]
)
def test_what_is_said_wrongly_is_told(tmp_path, columns, message):
    with pytest.raises(ConfigError, match=message):
        deidentify_table(
            write(tmp_path), config={"columns": columns}, project=project(), out=tmp_path / "o.csv"
        )


def test_a_table_without_a_text_or_a_header_is_refused_and_not_quoted(tmp_path):
    (tmp_path / "a.csv").write_text("id,cpf\n1,529.982.247-25\n")
    with pytest.raises(DataError, match="no column 'text'"):
        deidentify_table(tmp_path / "a.csv", out=tmp_path / "o.csv")
    (tmp_path / "b.csv").write_text("1,Iara Krenak,52998224725\n2,Ana,52998224725\n")
    none = Project(given={"prepare": {"columns": {"text": ""}}})
    with pytest.raises(DataError, match="does not seem to name") as caught:
        deidentify_table(tmp_path / "b.csv", project=none, out=tmp_path / "o.csv")
    assert "Krenak" not in f"{caught.value} {caught.value.values}"
    deidentify_table(tmp_path / "a.csv", project=none, out=tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text().splitlines()[1].endswith(",[CPF]")


def test_a_target_that_exists_is_kept(tmp_path):
    (tmp_path / "o.csv").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        deidentify_table(write(tmp_path), project=project(), out=tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text() == "mine"


@pytest.mark.parametrize("policy", ["lgpd", "gdpr", "hipaa-safe-harbor", "hipaa-limited", "hipaa-expert"])
def test_every_policy_takes_every_kind_of_column(tmp_path, policy):
    names = ["text", *KINDS]
    (tmp_path / "t.csv").write_text(
        ",".join(names) + "\n" + ",".join(["x 92 anos", *["45 12/03/2024"] * len(KINDS)])
    )
    config = {"policy": policy, "columns": {kind: kind for kind in KINDS}}
    found = deidentify_table(tmp_path / "t.csv", config=config, out=tmp_path / "o.csv")
    row = read(tmp_path / "o.csv", delimiter=",")[0]
    assert found.rows == 1
    assert row["cpf"] == "[CPF]"
    assert "45" not in row["patient"]


def test_a_corpus_is_known_by_what_it_says(tmp_path, corpus):
    from bert4text.data.write import write_corpus

    write_corpus(corpus, tmp_path / "c.parquet", overwrite=False)
    pq.write_table(pa.table({"text": ["x"]}), tmp_path / "t.parquet")
    assert is_corpus(tmp_path / "c.parquet")
    assert not is_corpus(tmp_path / "t.parquet")
    assert not is_corpus(write(tmp_path))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NM_MEDICO", "professional"),
        ("nrCpf", "cpf"),
        ("cpf_titular", "cpf"),
        ("DT_NASC", "birth-date"),
        ("Data de nascimento", "birth-date"),
        ("telefone2", "phone"),
        ("nome da mãe", "relative"),
        ("cd_prontuario", "record"),
        ("nr_exame", "exam"),
        ("exame", None),
        ("nome_exame", None),
        ("peso_nascimento", None),
        ("protocolo", None),
        ("achados", None),
    ],
)
def test_the_name_of_a_column_tells_its_kind(name, kind):
    assert kind_of_column(name) == kind


def test_an_attribute_is_told_by_the_name_that_the_mapping_gives_it():
    (text, other) = columns_of(["laudo", "col7"], {"text": "laudo", "medico": "col7"})
    assert (text.role, other.role, other.what) == ("text", "kind", "professional")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@limits(max_examples=25, deadline=None)
@given_(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_no_row_is_lost_and_what_holds_nothing_stays(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("any")
    lines = (json.dumps({"text": text, "obs": other}) for text, other in cells)
    (folder / "t.jsonl").write_text("\n".join(lines) + "\n")
    found = deidentify_table(folder / "t.jsonl", out=folder / "o.jsonl")
    made = [json.loads(line) for line in (folder / "o.jsonl").read_text("utf-8").split("\n") if line]
    assert found.rows == len(made) == len(cells)
    for (text, _), row in zip(cells, made, strict=True):
        if not found.deidentified["found"]:
            assert row["text"] == text
