"""A corpus is de-identified whole: texts, attributes, ids, patients, sites and dates; codes lead back."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime

import pytest

from bert4text.core.codes import Codes
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, DataError, OutputError, StoreError
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.data.read_corpus import read_corpus
from bert4text.data.write import write_corpus
from bert4text.execution.processes import Processes
from bert4text.project import Project
from bert4text.store.trail import looks, read_trail, record_look
from bert4text.verbs.privacy import deidentify, deidentify_text, reidentify

SPACE = LabelSpace(task="binary", names=("a", "b"))
AT = datetime(2024, 3, 12, tzinfo=UTC)


def reports(n=6):
    return [
        Report(
            id=f"EX-{place}",
            text="Paciente: Iara Krenak. CPF 123.456.789-09. "
            f"Exame de {place + 1:02d}/03/2024. Nódulo de {place} mm.",
            labels=("ab"[place % 2],),
            patient=f"p-{place // 2:016x}",
            episode=f"E{place}",
            site="Hospital São Lucas",
            written_at=AT,
            split="train",
            source_row=place + 1,
            attributes={"medico": "Ana Lima", "idade": "92", "aparelho": "1,5 T"},
        )
        for place in range(n)
    ]


@pytest.fixture
def given():
    return Corpus.from_reports(reports(), SPACE, language="pt-BR")


def by_size(corpus):
    """Rows by what no policy changes: the size of the nodule."""
    return {row["text"][-5:]: row for row in corpus.table.to_pylist()}


def test_everything_that_names_somebody_is_replaced(given):
    made = deidentify(given)
    for row in made.table.to_pylist():
        assert row["id"].startswith("r-")
        assert row["episode"].startswith("e-")
        assert row["site"].startswith("s-")
        assert row["text"].startswith("Paciente: [NOME]. CPF [CPF]. Exame de ")
        attributes = dict(row["attributes"])
        assert attributes == {"medico": "[PROFISSIONAL]", "idade": "90+", "aparelho": "1,5 T"}
        assert row["written_at"] != AT
    old, new = by_size(given), by_size(made)
    assert [new[size]["labels"] for size in old] == [row["labels"] for row in old.values()]
    patients = {size: row["patient"] for size, row in new.items()}
    assert patients["0 mm."] == patients["1 mm."] != patients["2 mm."]
    assert not {row["patient"] for row in old.values()} & set(patients.values())


def test_rows_of_the_source_and_the_order_of_reports_lead_nowhere(given):
    made = deidentify(given)
    assert made.table["source_row"].to_pylist() == [1, 2, 3, 4, 5, 6]
    ids = made.table["id"].to_pylist()
    assert ids == sorted(ids)


def test_the_date_of_a_report_moves_with_those_of_its_text(given):
    made = deidentify(given)
    for size, row in by_size(made).items():
        day, month, year = (int(part) for part in row["text"].split("Exame de ")[1][:10].split("/"))
        told = datetime(year, month, day, tzinfo=UTC)
        before = datetime(2024, 3, int(size[0]) + 1, tzinfo=UTC)
        assert told - before == row["written_at"] - AT


@pytest.mark.parametrize(
    ("policy", "moment"), [("hipaa-safe-harbor", datetime(2024, 1, 1, tzinfo=UTC)), ("hipaa-limited", AT)]
)
def test_the_date_of_a_report_goes_by_the_policy(given, policy, moment):
    made = deidentify(given, config={"policy": policy})
    assert set(made.table["written_at"].to_pylist()) == {moment}


def test_what_was_found_is_told_in_counts(given):
    told = deidentify(given).deidentified
    assert told["policy"] == "lgpd"
    assert told["found"] == {"age": 6, "cpf": 6, "date": 6, "patient": 6, "professional": 6}
    assert told["in_reports"]["cpf"] == 6
    assert told["residue"] == {"reports": 0, "kinds": {}}
    assert told["given_names"] is True
    assert "Krenak" not in json.dumps(told)


def test_the_same_report_gets_the_same_code_again_and_the_table_leads_back(given):
    first, second = deidentify(given), deidentify(given)
    assert first.fingerprint == second.fingerprint
    codes = Codes()
    back = codes.originals("id")
    assert {back[code] for code in first.table["id"].to_pylist()} == set(given.table["id"].to_pylist())
    assert stat.S_IMODE(codes.path.stat().st_mode) == 0o600


def test_ids_patients_and_sites_come_back_and_it_is_written_down(given, tmp_path):
    project = Project(tmp_path)
    made = deidentify(given, project=project)
    named = reidentify(
        made, config={"reason": " callback of patients "}, project=project, out=tmp_path / "n.parquet"
    )
    old, new = by_size(given), by_size(named)
    for column in ("id", "patient", "episode", "site"):
        assert {size: row[column] for size, row in new.items()} == {s: r[column] for s, r in old.items()}
    assert set(named.table["text"].to_pylist()) == set(made.table["text"].to_pylist())
    kept = read_corpus(tmp_path / "n.parquet")
    assert kept.deidentified is None
    assert (kept.manifest.verb, kept.manifest.digest) == ("reidentify", f"sha256:{kept.fingerprint}")
    assert kept.manifest.parents[0].digest == f"sha256:{made.fingerprint}"
    event = read_trail(project.trail)[-1]
    assert (event.action, event.details["reason"]) == ("text.reidentified", "callback of patients")


def test_nobody_is_named_again_without_a_reason_a_table_or_a_deidentified_corpus(given, tmp_path):
    project = Project(tmp_path)
    made = deidentify(given, project=project)
    with pytest.raises(ConfigError, match="says why"):
        reidentify(made, config={"reason": "  "}, project=project)
    with pytest.raises(DataError, match="was not de-identified"):
        reidentify(given, config={"reason": "why"}, project=project)
    with pytest.raises(StoreError, match="codes of this corpus are not"):
        reidentify(made, config={"reason": "why"}, project=Project(given={"project": {"id": "other"}}))
    assert "text.reidentified" not in {event.action for event in read_trail(project.trail)}


def test_a_site_that_was_kept_stays(given):
    made = deidentify(given, config={"actions": {"facility": "keep"}})
    assert set(reidentify(made, config={"reason": "why"}).table["site"].to_pylist()) == {"Hospital São Lucas"}


def test_another_project_has_other_codes(given):
    other = Project(given={"project": {"id": "other"}})
    ours, theirs = deidentify(given), deidentify(given, project=other)
    assert not set(ours.table["id"].to_pylist()) & set(theirs.table["id"].to_pylist())


def test_a_broken_table_of_codes_is_named_and_nothing_is_lost(given):
    codes = Codes()
    deidentify(given)
    kept = codes.path.read_text()
    codes.path.write_text(kept + "no json\n")
    with pytest.raises(StoreError, match="table of codes"):
        deidentify(given)
    assert codes.path.read_text() == kept + "no json\n"


def test_the_file_its_trail_and_its_looks(given, tmp_path):
    write_corpus(given, tmp_path / "c.parquet", overwrite=False)
    record_look(tmp_path / "c.parquet", model="m", metrics="d")
    project = Project(tmp_path)
    made = deidentify(tmp_path / "c.parquet", project=project, out=tmp_path / "d.parquet")
    kept = read_corpus(tmp_path / "d.parquet")
    assert kept.fingerprint == made.fingerprint
    assert kept.deidentified == made.deidentified
    assert kept.manifest.verb == "deidentify"
    assert kept.manifest.parents[0].digest == f"sha256:{given.fingerprint}"
    assert looks(tmp_path / "d.parquet") == 1
    event = read_trail(project.trail)[-1]
    assert event.action == "corpus.deidentified"
    assert event.details["found"]["cpf"] == 6
    with pytest.raises(OutputError, match="exists already"):
        deidentify(given, out=tmp_path / "d.parquet")


def test_words_of_the_settings_are_in_no_manifest(given):
    made = deidentify(given, config={"keep": ["Ala Norte"], "also": ["Zeferino"]})
    assert "Zeferino" not in made.manifest.model_dump_json()
    assert made.manifest.config["also"] == 1


def test_a_sealed_report_keeps_no_text(given):
    sealed = given.with_column("text", [None] * len(given))
    assert set(deidentify(sealed).table["text"].to_pylist()) == {None}


def test_a_kept_site_stays(given):
    made = deidentify(given, config={"actions": {"facility": "keep"}})
    assert set(made.table["site"].to_pylist()) == {"Hospital São Lucas"}


def test_one_report_in_text_or_bytes():
    assert deidentify_text("Paciente: Iara Krenak, CPF 123.456.789-09") == "Paciente: [NOME], CPF [CPF]"
    assert deidentify_text("Paciente: José".encode("cp1252")) == "Paciente: [NOME]"
    english = "Patient name: John Smith. The exam was done and shows no lesions in the lungs."
    assert deidentify_text(english).startswith("Patient name: [NAME].")


def test_a_refused_action_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigError, match="derived from the patient"):
        deidentify(
            tmp_path / "none.parquet",
            config={"policy": "hipaa-safe-harbor", "actions": {"date": "shift"}},
        )


def test_other_processes_make_the_same_corpus(given):
    alone = deidentify(given)
    assert deidentify(given, config={"workers": 2}).fingerprint == alone.fingerprint
    assert deidentify(given, executor=Processes(2)).deidentified == alone.deidentified
