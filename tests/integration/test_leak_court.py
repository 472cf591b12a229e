"""The leak court from end to end: a lying table is blocked, mended and passes; new reports are cut alike."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from bert4text.cli.main import run
from bert4text.data.read_corpus import read_corpus
from bert4text.models.classifier import Classifier
from bert4text.verbs.given import view_of
from conftest import DECLARED, make_corpus

OFFLINE = ("--set", "train.encoder=tfidf")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Path("laudos.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "laudo", "classe", "paciente"])
        for report in make_corpus(240):
            label = report.labels[0]
            text = f"Achados: {report.text}\nConclusão: achado {label}."
            rows.writerow([report.id, text, label, report.patient])


def said(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> str:
    ended = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert ended == status, captured.err
    return captured.out


def test_a_lying_table_is_blocked_mended_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "prepare", "laudos.csv", "-o", "corpus.parquet")
    found = json.loads(
        said(capsys, "audit", "corpus.parquet", *OFFLINE, "--html", "audit.html", "--json", status=1)
    )
    assert found["verdict"] == "blocked"
    (stated,) = [item for item in found["items"] if item["code"] == "label-in-section"]
    assert stated["remedy"] == {"prepare.sections.drop": ["conclusion"]}
    page = Path("audit.html").read_text(encoding="utf-8")
    remedy = page.split("<pre>")[1].split("</pre>")[0].replace("&#34;", '"')
    Path("remedies.toml").write_text(remedy, encoding="utf-8")

    mended = ("audit", "corpus.parquet", *OFFLINE, "--apply", "remedies.toml")
    said(capsys, *mended)
    assert not Path("clean.parquet").exists()
    said(capsys, *mended, "-o", "clean.parquet")
    said(capsys, *mended, "-o", "clean.parquet", status=8)

    said(capsys, "train", "clean.parquet", *OFFLINE, *DECLARED, "-o", "run")
    view = view_of(Classifier.load(Path("run"))).shown
    assert view("Achados: nódulo oval.\nConclusão: achado maligno.").strip() == "Achados: nódulo oval."
    sheet = said(capsys, "document", "clean.parquet", *OFFLINE, "--language", "en")
    assert "conclusion" in sheet


def test_statements_in_the_running_text_go_with_their_sentences_in_old_and_new_reports(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Path("soltos.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "laudo", "classe", "paciente"])
        for report in make_corpus(240):
            advice = "Controle em 6 meses." if report.labels[0] == "benigno" else "Prosseguir com biópsia."
            text = f"Achados: {report.text.rstrip('.')}. Aspecto {report.labels[0]}. {advice} Sem mais."
            rows.writerow([report.id, text, report.labels[0], report.patient])
    said(capsys, "prepare", "soltos.csv", "-o", "corpus.parquet")
    found = json.loads(said(capsys, "audit", "corpus.parquet", *OFFLINE, "--json", status=1))
    stated = [item for item in found["items"] if item["check"].startswith("stated-")]
    assert [item["remedy"] for item in stated] == [
        {"prepare.sentences.drop": ["stated-label"]},
        {"prepare.sentences.drop": ["stated-conduct"]},
    ]
    Path("remedies.toml").write_text(
        '[prepare.sentences]\ndrop = ["stated-conduct", "stated-label"]\n', encoding="utf-8"
    )
    said(capsys, "audit", "corpus.parquet", *OFFLINE, "--apply", "remedies.toml", "-o", "clean.parquet")
    said(capsys, "train", "clean.parquet", *OFFLINE, *DECLARED, "-o", "run")
    view = view_of(Classifier.load(Path("run"))).shown
    text = "Achados: nódulo oval. Aspecto maligno. Recomenda-se biópsia. Sem mais."
    assert view(text) == "Achados: nódulo oval. Sem mais."

    Path("bert4text.toml").write_text(Path("remedies.toml").read_text(encoding="utf-8"), encoding="utf-8")
    said(capsys, "prepare", "soltos.csv", "-o", "again.parquet")
    assert _texts("again.parquet") == _texts("clean.parquet")


def _texts(name: str) -> dict[str, str]:
    corpus = read_corpus(Path(name))
    return dict(zip(corpus.table["id"].to_pylist(), corpus.texts, strict=True))


def test_reports_are_shown_only_to_who_asks(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "prepare", "laudos.csv", "-o", "corpus.parquet")
    plain = said(capsys, "audit", "corpus.parquet", *OFFLINE, status=1)
    quoted = said(capsys, "audit", "corpus.parquet", *OFFLINE, "--show-text", status=1)
    assert "Conclusão: achado [" in " ".join(quoted.split())
    assert "Conclusão: achado" not in plain


def test_what_is_written_for_other_programs_is_not_offered_to_the_audit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["prepare", "laudos.csv", "-o", "corpus.csv", "--language", "en"]) == 0
    assert "next" not in capsys.readouterr().err
    assert run(["prepare", "laudos.csv", "-o", "corpus.parquet", "--language", "en"]) == 0
    assert "next: bert4text audit corpus.parquet" in capsys.readouterr().err
