"""Commands over keys and seals: what is asked, what is refused, what is shown."""

from __future__ import annotations

import io
import json
import sys

import pytest

from bert4text.cli.main import run
from bert4text.data.write import write_corpus
from conftest import make_corpus

pytest.importorskip("cryptography")

PATIENT = "p-" + "0" * 16


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project with a sealed corpus."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bert4text.toml").write_text("[audit]\nfail_on = 'never'\n")
    write_corpus(make_corpus(40), tmp_path / "c.parquet", overwrite=False)
    assert run(["seal", "c.parquet", "-o", "s.parquet"]) == 0
    return tmp_path


class Terminal(io.StringIO):
    """A person who types."""

    def isatty(self):
        return True


def typed(monkeypatch, text, *, terminal=False):
    monkeypatch.setattr(sys, "stdin", Terminal(text) if terminal else io.StringIO(text))


def problem(capsys):
    return json.loads(capsys.readouterr().err)


DESTROY = ["keys", "destroy", "--patient", PATIENT, "--reason", "request 12"]


def test_nothing_is_destroyed_without_a_yes(folder, monkeypatch, capsys):
    typed(monkeypatch, "")
    assert run([*DESTROY, "--json"]) == 2
    found = problem(capsys)
    assert (found["code"], found["hint"]) == ("missing-yes", "read it, then add --yes")
    assert "cannot be undone" in found["title"]
    assert run([*DESTROY, "--language", "pt-BR"]) == 2
    shown = capsys.readouterr().err
    assert "nunca mais abrirão" in shown
    assert "not without" not in shown
    typed(monkeypatch, "n\n", terminal=True)
    assert run(DESTROY) == 130
    assert run(["keys", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["patients"]["destroyed"] == 0


def test_a_person_at_the_terminal_is_asked(folder, monkeypatch, capsys):
    typed(monkeypatch, "y\n", terminal=True)
    assert run(DESTROY) == 0
    out, err = capsys.readouterr()
    assert f"keys destroyed: 1 ({PATIENT})" in out
    assert "will never open again" in err
    assert "not touched" in err


@pytest.mark.parametrize(
    "words",
    [["--patient", "12345678909", "--raw"], ["--report", "EX-17"], ["--patient", "12345678909"]],
)
def test_an_identifier_is_never_typed(folder, capsys, words):
    assert run(["keys", "destroy", *words, "--reason", "x", "--yes", "--json"]) == 2
    shown = capsys.readouterr().err
    assert json.loads(shown)["code"] in {"typed-identifier", "not-a-pseudonym"}
    assert "12345678909" not in shown
    assert "EX-17" not in shown


@pytest.mark.parametrize("words", [[], ["--patient", PATIENT, "--report", "-"]])
def test_one_person_is_named(folder, capsys, words):
    assert run(["keys", "destroy", *words, "--reason", "x", "--yes", "--json"]) == 2
    assert problem(capsys)["code"] == "missing-patient"


def test_a_report_without_a_patient_is_named_on_stdin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    corpus = make_corpus(6)
    write_corpus(corpus.with_column("patient", [None] * 6), tmp_path / "c.parquet", overwrite=False)
    assert run(["seal", "c.parquet", "-o", "s.parquet", "--json"]) == 0
    typed(monkeypatch, "R0003\n")
    capsys.readouterr()
    assert run(["keys", "destroy", "--report", "-", "--reason", "x", "--yes", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "key-destroyed/1"
    assert found["names"][0].startswith("r-")
    assert run(["unseal", "s.parquet", "--reason", "x", "-o", "p.parquet", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["reports"], summary["unopened"], summary["sealed"]) == (5, 1, 0)


def test_pseudonyms_are_not_changed_by_mistake(folder, monkeypatch, capsys):
    typed(monkeypatch, "")
    assert run(["keys", "rotate", "--name", "patients", "--json"]) == 2
    assert "no longer fit" in problem(capsys)["title"]
    assert run(["keys", "rotate", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["name"], found["keys"]) == ("key-changed/1", "master", 20)
    assert run(["keys", "rotate"]) == 0
    assert found["now"] in capsys.readouterr().out


def test_what_is_listed_is_no_key(folder, capsys):
    assert run(["keys", "list", "--language", "pt-BR"]) == 0
    shown = capsys.readouterr().out
    assert "master.key" in shown
    assert "ainda não criada" in shown
    key = next(folder.parent.parent.rglob("master.key"), None)
    assert key is None or key.read_text().strip() not in shown


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "available (--seal); keys come from files"),
        ("[keys]\nseal = true\n", "corpora are written sealed; keys come from files"),
        ("[keys]\nsource = 'environment'\n", "keys come from the environment"),
        ("[keys]\nsource = 'command'\ncommand = ['no-such-vault', '{name}']\n", "keys come from a command"),
        ("[keys]\nsource = 'x'\n", "available (--seal)"),
    ],
)
def test_the_doctor_says_whether_and_how_corpora_are_sealed(tmp_path, monkeypatch, settings, said):
    from bert4text.cli import doctor
    from bert4text.core.messages import load

    monkeypatch.chdir(tmp_path)
    (tmp_path / "bert4text.toml").write_text(settings)
    assert said in dict(doctor.rows(doctor.examine(), load("en")))["sealing"]


def test_the_doctor_says_that_the_extra_is_missing(monkeypatch):
    from bert4text.cli import doctor
    from bert4text.core.messages import load

    monkeypatch.setattr(doctor, "available", lambda module: module != "cryptography")
    assert dict(doctor.rows(doctor.examine(), load("en")))["sealing"] == "not available"
