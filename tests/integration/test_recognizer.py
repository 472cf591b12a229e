"""A recognizer: learned from marked reports, exported, found again, used by deidentify beside its rules."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

import bert4text
from bert4text.core import machine
from bert4text.core.errors import (
    DataError,
    EmptyCorpusError,
    GuardError,
    ModelError,
    OutputError,
    PolicyError,
)
from bert4text.core.report import Report
from bert4text.models.recognizer import Recognizer
from bert4text.models.recognizer import built as cache
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.training import tracking
from bert4text.verbs.recognized import find_recognizer
from bert4text.verbs.recognizer import build_recognizer
from bert4text.verbs.run import work_folder
from conftest import POLICY

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("onnxscript")

SETTINGS = {
    "reports": 0,
    "layers": None,
    "least": 0.5,
    "epochs": 6,
    "learning_rate": 5e-3,
    "batches": {"size": 8},
}
FINDINGS = ("nódulo oval", "mama direita sem nódulos", "calcificações finas agrupadas", "pele e papila")
NAMES = ("Wolfgang", "Zuleica", "Quirino", "Xenia")


def gold(folder: Path, n: int = 160) -> Path:
    """Reports of known words, of which the unknown one is a patient's name."""
    rows = []
    for place in range(n):
        before, behind = FINDINGS[place % 4], FINDINGS[(place // 4) % 4]
        name = NAMES[place % len(NAMES)]
        span = {"start": len(before) + 1, "end": len(before) + 1 + len(name), "label": "patient"}
        named = {"text": f"{before} {name} {behind}", "spans": [span]}
        rows.append(named if place % 3 else {"text": f"{before} {behind}", "spans": []})
    path = folder / "gold.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def project_of(folder: Path, encoder: Path, **settings: Any) -> Project:
    given = {"recognizer": {"encoder": str(encoder), **SETTINGS, **settings}, "policy": POLICY}
    return Project(folder, given)


def built(folder: Path, encoder: Path, **options: Any) -> Recognizer:
    return build_recognizer(gold=[gold(folder)], project=project_of(folder, encoder), **options)


@pytest.fixture(scope="module")
def folder(_tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recognizer that was built once for these tests, in the folder of its project."""
    home = tmp_path_factory.mktemp("recognizer")
    return built(home, _tiny_encoder, out=home / "ours").folder


@pytest.fixture
def found(folder: Path) -> Recognizer:
    return Recognizer.load(folder)


def test_it_finds_names_that_it_never_read(found: Recognizer) -> None:
    assert found.info.measured["f1_exported"] > 0.9
    assert found.info.learned == {"made": 0, "gold.jsonl": 160}
    text = "nódulo oval Eudóxia mama direita"
    assert [(text[span.start : span.end], span.label) for span in found(text)] == [("Eudóxia", "patient")]
    long = " ".join(["nódulo oval"] * 300) + " Eudóxia " + " ".join(["mama direita"] * 300)
    assert [long[span.start : span.end] for span in found(long)] == ["Eudóxia"]
    assert found("") == []
    trail = read_trail(found.folder.parent / "trail.jsonl")
    assert [event.action for event in trail] == ["recognizer.built"]
    assert trail[0].subject == f"sha256:{found.info.digest}"


@pytest.mark.parametrize("reduce_range", [False, True])
def test_eight_bits_open_on_an_old_processor_where_no_sum_is_lost(
    found: Recognizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reduce_range: bool
) -> None:
    assert found.info.reduce_range == (found.info.precision == "int8" and not machine.multiplies_int8())
    shutil.copytree(found.folder, tmp_path / "copy")
    written = tmp_path / "copy" / "recognizer.json"
    told = json.loads(written.read_text(encoding="utf-8"))
    told |= {"precision": "int8", "reduce_range": reduce_range}
    written.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(machine, "processor", lambda: ("old", frozenset({"sse2", "avx2"})))
    if reduce_range:
        Recognizer.load(tmp_path / "copy")
        return
    with pytest.raises(ModelError) as caught:
        Recognizer.load(tmp_path / "copy")
    assert caught.value.error_code == "no-int8"


def test_deidentify_takes_the_one_built_last_and_tells_which(found: Recognizer, tmp_path: Path) -> None:
    project = Project(tmp_path)
    reports = [Report(id=f"r{n}", text=f"pele e papila zuleica {FINDINGS[n % 4]}") for n in range(8)]
    corpus = bert4text.Corpus.from_reports(reports)
    without = bert4text.deidentify(corpus, project=project)
    assert all("zuleica" in text for text in without.texts)
    assert (without.deidentified or {})["recognizer"] is None
    shutil.copytree(found.folder, make_folder() / "0123456789abcdef")
    made = bert4text.deidentify(corpus, project=project)
    assert all("[NOME]" in text for text in made.texts)
    assert (made.deidentified or {})["recognizer"] == f"sha256:{found.info.digest}"
    none = bert4text.deidentify(corpus, config={"recognizer": "none"}, project=project)
    assert all("zuleica" in text for text in none.texts)
    beside = bert4text.deidentify(corpus, config={"workers": 2}, project=project)
    assert beside.texts == made.texts


def make_folder() -> Path:
    """The folder of the cache in which recognizers lie."""
    cache().mkdir(parents=True)
    return cache()


def test_a_recipe_has_its_folder_and_is_not_built_twice(
    tiny_encoder: Path, tmp_path: Path, found: Recognizer
) -> None:
    first = built(tmp_path, tiny_encoder)
    assert first.folder.parent == cache()
    assert first.info.files == found.info.files
    with pytest.raises(OutputError):
        built(tmp_path, tiny_encoder)


def test_a_build_that_was_killed_goes_on(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: Recognizer
) -> None:
    original = tracking.JsonLines.__call__

    def killed(self: tracking.JsonLines, step: Any) -> None:
        original(self, step)
        if step.step == 70:
            raise KeyboardInterrupt

    monkeypatch.setattr(tracking.JsonLines, "__call__", killed)
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path, tiny_encoder, out=tmp_path / "ours")
    monkeypatch.undo()
    assert work_folder(tmp_path / "ours").exists()
    with pytest.raises(OutputError, match="unfinished"):
        built(tmp_path, tiny_encoder, out=tmp_path / "ours")
    resumed = built(tmp_path, tiny_encoder, out=tmp_path / "ours", resume=True)
    assert resumed.info.files == found.info.files


def test_a_changed_or_foreign_folder_is_refused(
    found: Recognizer, tiny_encoder: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(found.folder, tmp_path / "copy"))
    (copy / "model.onnx").write_bytes((copy / "model.onnx").read_bytes() + b"x")
    cut = Path(shutil.copytree(found.folder, tmp_path / "cut"))
    (cut / "model.onnx").unlink()
    for folder in (copy, cut, tiny_encoder, tmp_path / "nowhere"):
        with pytest.raises(ModelError, match="recognizer"):
            find_recognizer(str(folder))


def test_it_goes_to_other_processes(found: Recognizer) -> None:
    found("nódulo")
    text = "nódulo oval Eudóxia"
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - as between processes
    assert again(text) == found(text) != []
    assert again._session is found._session  # opened once in a process, however often it comes


def test_too_few_reports_and_bad_files_are_told_before_any_work(tiny_encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(EmptyCorpusError):
        build_recognizer(gold=[gold(tmp_path, 10)], project=project_of(tmp_path, tiny_encoder))
    with pytest.raises(DataError):
        build_recognizer(gold=[tmp_path / "none.jsonl"], project=project_of(tmp_path, tiny_encoder))


def test_what_finds_nothing_is_not_kept(tiny_encoder: Path, tmp_path: Path) -> None:
    text = "nódulo oval mama direita pele papila calcificações finas"
    starts = [place for place in range(len(text)) if place == 0 or text[place - 1] == " "]
    marked = tmp_path / "chance.jsonl"
    rows = [
        {"text": text, "spans": [{"start": starts[n % 8], "end": starts[n % 8] + 4, "label": "patient"}]}
        for n in range(80)
    ]
    marked.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    project = project_of(tmp_path, tiny_encoder, epochs=3)
    with pytest.raises(GuardError, match="finds none") as caught:
        build_recognizer(gold=[marked], project=project, out=tmp_path / "ours")
    assert caught.value.error_code == "collapsed"
    assert not (tmp_path / "ours").exists()


def test_marked_reports_want_a_declared_basis(tiny_encoder: Path, tmp_path: Path) -> None:
    project = Project(tmp_path, {"recognizer": {"encoder": str(tiny_encoder), **SETTINGS}})
    with pytest.raises(PolicyError) as caught:
        build_recognizer(gold=[gold(tmp_path)], project=project)
    assert caught.value.values["real"] == 160
    assert "residue" not in str(caught.value)


def test_it_learns_from_made_up_reports(tiny_encoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("faker")
    given = {"encoder": str(tiny_encoder), **SETTINGS, "reports": 60, "epochs": 8, "languages": ["pt", "es"]}
    project = Project(tmp_path, {"recognizer": given})
    found = build_recognizer(project=project, out=tmp_path / "ours")
    assert found.info.learned == {"made": 60}
    assert {"patient", "professional", "record"} <= set(found.info.kinds)
