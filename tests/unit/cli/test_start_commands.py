from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bert4text.cli import doctor
from bert4text.cli.template import settings_text
from bert4text.core.corpus import Corpus
from bert4text.core.errors import OutputError
from bert4text.core.evaluation import Evaluation, Metric, System
from bert4text.core.messages import load
from bert4text.core.prediction import Prediction
from bert4text.project import SECTIONS, Project
from bert4text.tour import Scene


def test_the_settings_file_sets_nothing_but_what_is_given(tmp_path: Path) -> None:
    given = {"prepare": {"source": "a.csv", "columns": {"text": "laudo"}}}
    text = settings_text(SECTIONS, load("en"), given=given)
    assert tomllib.loads(text)["prepare"]["columns"] == {"text": "laudo"}
    (tmp_path / "bert4text.toml").write_text(text, encoding="utf-8")
    project = Project.load(tmp_path)
    expected = Project(None, given)
    assert project.resolved() == expected.resolved()


def test_the_settings_file_explains_every_setting() -> None:
    text = " ".join(
        line.removeprefix("# ") for line in settings_text(SECTIONS, load("en"), given={}).splitlines()
    )
    for record in SECTIONS.values():
        for name, info in record.model_fields.items():
            assert f"{name} =" in text or f"[{name}" in text or f".{name}]" in text
            if f".{name}]" not in text:
                assert " ".join(str(info.description).split()) in text


def test_every_default_shown_is_one_that_is_taken() -> None:
    text = settings_text(SECTIONS, load("en"), given={})
    shown: list[str] = []
    for line in text.splitlines():
        setting = line.removeprefix("# ")
        is_key = (
            setting.split(" = ")[0].isidentifier() and " = " in setting and not setting.endswith(" = ...")
        )
        shown.append(setting if is_key or setting.startswith("[") else "")
    values = tomllib.loads("\n".join(shown))
    values.get("prepare", {}).pop("labels_from", None)
    assert values["train"]
    Project(None, values).check()
    assert Project(None, values).resolved() == Project().resolved()


def test_init_reads_the_header_and_replaces_nothing(bert4text: Any, tmp_path: Path) -> None:
    (tmp_path / "laudos.csv").write_text("exame;laudo;classe;prontuario\n1;a;b;c\n", encoding="utf-8")
    ended = bert4text("init", "here", "--from", "laudos.csv")
    assert ended.status == 0
    section = Project.load(tmp_path / "here").section("prepare")
    assert section.source == "../laudos.csv"
    assert section.columns == {"text": "laudo", "labels": "classe", "patient": "prontuario"}
    assert (
        tmp_path / "here" / ".gitignore"
    ).read_text() == "*\n!.gitignore\n!bert4text.toml\n!encoders.lock.json\n"
    before = (tmp_path / "here" / "bert4text.toml").read_text()
    assert bert4text("init", "here").status == OutputError.exit_status
    assert (tmp_path / "here" / "bert4text.toml").read_text() == before
    assert bert4text("init", "here", "--overwrite").status == 0


def test_init_names_what_it_did_not_take_and_where_to_go_on(bert4text: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("exame;laudo;resultado\n1;a;b\n", encoding="utf-8")
    ended = bert4text("init", "here", "--from", "a.csv")
    assert "not taken: exame, resultado" in ended.err
    assert "no column of labels was found" in ended.err
    assert "next, in here: bert4text prepare" in ended.err
    assert "next: bert4text prepare" in bert4text("init").err


def test_init_from_a_table_without_a_text_says_what_there_is(bert4text: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x;y\n1;2\n", encoding="utf-8")
    ended = bert4text("init", "--from", "a.csv")
    assert ended.status == 3
    assert "x, y" in ended.err
    assert not (tmp_path / "bert4text.toml").exists()


def test_doctor_tells_machine_extras_and_encoders(bert4text: Any) -> None:
    found = bert4text("doctor", "--json").document
    assert found["machine"]["cores"] >= 1
    assert set(found["extras"]) >= {"bert", "minilm", "synthesis"}
    assert "tfidf" in found["encoders"]
    shown = bert4text("doctor").out
    assert "will be used" in shown
    assert found["machine"]["processor"] in shown


def test_doctor_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = doctor.measure(seconds=0.05, size=64)
    assert 0 < figures["median"] <= figures["best"]


def test_an_extra_that_is_missing_comes_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda library: None)
    monkeypatch.setattr(doctor, "available", lambda module: False)
    found = doctor.examine()
    shown = dict(doctor.rows(found, load("en")))
    assert "python -m pip install 'bert4text[bert]'" in shown["[bert]"]
    assert found["encoders"] == ["tfidf"]
    assert found["uses"]["encoder"] == "tfidf"


def test_encoders_are_listed_and_shown(bert4text: Any) -> None:
    listed = bert4text("encoders", "list").out
    assert "minilm" in listed
    items = bert4text("encoders", "list", "--json").document["items"]
    assert {"tfidf", "minilm"} <= {item["name"] for item in items}
    assert "384" in bert4text("encoders", "show", "minilm").out
    assert bert4text("encoders", "show", "minilm", "--json").document["name"] == "minilm"


def test_an_encoder_says_when_to_choose_it_and_what_it_costs(bert4text: Any) -> None:
    shown = bert4text("encoders", "show", "bertimbau-base").out
    assert "The first choice for Brazilian Portuguese reports." in " ".join(shown.split())
    portuguese = bert4text("encoders", "show", "bertimbau-base", "--language", "pt-BR").out
    assert "A primeira escolha para laudos em português do Brasil." in " ".join(portuguese.split())
    items = bert4text("encoders", "list", "--json").document["items"]
    found = {item["name"]: (item["memory_gb"], item["cost"]) for item in items}
    assert found["bertimbau-base"] == (1.76, 8.0)
    assert found["tfidf"] == (None, None)
    assert "none stated" in bert4text("encoders", "show", "biobertpt-clin").out
    assert "none stated" in bert4text("encoders", "list").out
    assert "none stated" not in bert4text("encoders", "show", "tfidf").out


def test_fetch_hands_on_name_and_folder(
    bert4text: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def fetch(name: str, folder: Path, **given: Any) -> Path:
        asked.append((name, folder, given))
        return folder

    monkeypatch.setattr("bert4text.models.hub.fetch", fetch)
    assert bert4text("encoders", "fetch", "some/encoder", "--to", "encoders/a").status == 0
    asked_plainly = {"overwrite": False, "accept_no_licence": False, "renew": False}
    lock = Path(os.environ["XDG_CACHE_HOME"]) / "bert4text" / "encoders.lock.json"
    assert asked == [("some/encoder", Path("encoders/a"), {**asked_plainly, "lock": lock})]
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "bert4text.toml").touch()
    options = ("--accept-no-licence", "--renew", "--project", str(tmp_path / "project"))
    assert bert4text("encoders", "fetch", "some/encoder", "--to", "a", *options).status == 0
    lock = tmp_path / "project" / "encoders.lock.json"
    assert asked[-1][2] == {"overwrite": False, "accept_no_licence": True, "renew": True, "lock": lock}
    assert bert4text("encoders", "fetch", "x", "--to", "b", "--json").document["folder"] == "b"
    assert bert4text("encoders", "fetch", "x").status == 2


def test_plugins_lists_every_registry(bert4text: Any) -> None:
    found = bert4text("plugins", "--json").document["registries"]
    assert "stated-label" in found["checks"]["entries"]
    assert found["metrics"]["group"] == "bert4text.metrics"
    assert "cytology" in bert4text("plugins", "generators").out


@pytest.fixture
def toured(monkeypatch: pytest.MonkeyPatch, corpus: Corpus) -> dict[str, Any]:
    report = next(iter(corpus))
    evaluation = Evaluation(
        corpus="sha256:00",
        split="test",
        reports=10,
        labels=("a", "b"),
        systems=(System(name="model"),),
        metrics=(Metric(system="model", name="macro_f1", value=0.9, low=0.8, high=1.0, n=10),),
    )
    seen: dict[str, Any] = {}

    def tour(folder: Path, **given: Any) -> Iterator[Scene]:
        seen.update(given, folder=folder)
        yield Scene("First", (("{count} reports were made", {"count": 3}),), evaluation=evaluation)
        answer = Prediction(id=report.id, row=1, label="benigno", probability=0.93)
        yield Scene("Second", answers=((report, answer),), paths=(Path("there/run"),))

    monkeypatch.setattr(import_module("bert4text.tour"), "tour", tour)
    return seen


def test_quickstart_shows_each_scene(bert4text: Any, toured: dict[str, Any]) -> None:
    ended = bert4text("quickstart", "--folder", "there", "--language", "pt", "--seed", 3, "--overwrite")
    assert ended.status == 0
    assert toured["folder"] == Path("there")
    assert (toured["language"], toured["seed"], toured["overwrite"]) == ("pt-BR", 3, True)
    for words in ("First", "3 reports were made", "0,90 [0,80; 1,00]", "Second", "93%", "there/run"):
        assert words in ended.out


def test_quickstart_with_json_gives_the_evaluation_alone(bert4text: Any, toured: dict[str, Any]) -> None:
    document = bert4text("quickstart", "--json").document
    assert document["format"] == "evaluation/1"
    assert "seed" not in toured
