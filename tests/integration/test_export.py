"""An export answers as its run, in any batch, and imports neither torch nor transformers."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bert4text
from bert4text.cli.main import run as command
from bert4text.core.corpus import Corpus
from bert4text.core.errors import BundleError, DataError, GuardError, LabelError, ModelError, OutputError
from bert4text.core.labels import LabelSpace
from bert4text.data.write import write_corpus
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.store.trail import read_trail
from conftest import make_corpus

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

from bert4text.inference.config import ExportConfig
from bert4text.inference.parity import Parity, check_parity

EIGHT = {"precision": "int8", "macro_f1": 0.01}
"""One report more or less of 204 is 0.005, whatever the processor."""


@pytest.fixture(scope="module")
def place(_tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus, a run of the tiny encoder and its export in 8 bits."""
    folder = tmp_path_factory.mktemp("export")
    write_corpus(make_corpus(240), folder / "corpus.parquet", overwrite=False)
    train = {
        "encoder": str(_tiny_encoder),
        "epochs": 20,
        "learning_rate": 2e-3,
        "patience": 0,
        "calibration": {"deliver": "model"},
    }
    project = Project(folder, {"train": train})
    bert4text.train(folder / "corpus.parquet", project=project, out=folder / "run")
    bert4text.export(
        folder / "run", folder / "corpus.parquet", out=folder / "export", config=EIGHT, project=project
    )
    return folder


TEXTS = ["nódulo oval em mama direita", "", "nódulo espiculado " * 60, "a", "margens circunscritas lisas"]


def test_eight_bits_answer_nearly_as_the_run_and_alike_in_any_batch(place: Path) -> None:
    before, after = Classifier.load(place / "run"), Classifier.load(place / "export")
    assert (after.backend.name, after.backend.precision) == ("onnx", "int8")
    difference = np.abs(before.probabilities(TEXTS) - after.probabilities(TEXTS)).max()
    assert 0 < difference < 0.05
    alone = np.concatenate([after.probabilities([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, after.probabilities(TEXTS), atol=1e-6)
    found = json.loads((place / "export" / "parity.json").read_text(encoding="utf-8"))
    assert found["format"] == "parity/1"
    assert found["agreement"] >= 0.99
    assert found["spread"] <= 1e-5
    assert found["reports"] == 240 - make_test_size(place)
    actions = [event.action for event in read_trail(place / "trail.jsonl")]
    assert actions[-1] == "model.exported"


def make_test_size(place: Path) -> int:
    from bert4text.data.read_corpus import read_corpus

    return read_corpus(place / "corpus.parquet").splits["test"]


def test_thirty_two_bits_answer_as_the_run(place: Path, tmp_path: Path) -> None:
    made = bert4text.export(
        place / "run", place / "corpus.parquet", out=tmp_path / "float32", config={"precision": "float32"}
    )
    before = Classifier.load(place / "run")
    np.testing.assert_allclose(made.probabilities(TEXTS), before.probabilities(TEXTS), atol=1e-5)
    one, other = made.backend.forward(TEXTS), before.backend.forward(TEXTS)
    assert one.embedding is not None
    assert other.embedding is not None
    np.testing.assert_allclose(one.embedding, other.embedding, atol=1e-4)
    np.testing.assert_array_equal(one.windows, other.windows)
    np.testing.assert_array_equal(one.tokens, other.tokens)
    assert made.info.manifest.parents[0].digest == before.digest
    assert made.label_space == before.label_space


def test_an_export_imports_neither_torch_nor_transformers(place: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bert4text.models.classifier import Classifier;"
        f"c = Classifier.load(Path({str(place / 'export')!r})); c.probabilities(['nódulo']);"
        "print([m for m in ('torch', 'transformers', 'sklearn', 'onnx', 'pandas') if m in sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_the_command_predicts_without_what_it_does_not_need(place: Path, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("text\nnódulo oval\n", encoding="utf-8")
    code = (
        "import sys; from bert4text.cli.main import run;"
        f"status = run(['predict', {str(place / 'export')!r}, 'one.csv', '-o', 'out.csv']);"
        "print(status, *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    status, *found = done.stdout.splitlines()[-1].split()
    assert status == "0", done.stderr
    assert "onnxruntime" in found
    needless = {
        "torch",
        "transformers",
        "sklearn",
        "scipy",
        "matplotlib",
        "pandas",
        "openpyxl",
        "markdown_it",
    }
    assert not needless & set(found)
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_an_export_predicts_is_copied_and_travels(place: Path, tmp_path: Path) -> None:
    made = Classifier.load(place / "export")
    assert copy.deepcopy(made).probabilities(TEXTS).tolist() == made.probabilities(TEXTS).tolist()
    made.save(tmp_path / "copy")
    again = Classifier.load(tmp_path / "copy")
    assert again.probabilities(TEXTS).tolist() == made.probabilities(TEXTS).tolist()
    predictions = bert4text.predict(tmp_path / "copy", TEXTS)
    assert [one.status for one in predictions] == ["ok", "failed", "ok", "ok", "ok"]


def test_one_byte_changed_does_not_load(place: Path, tmp_path: Path) -> None:
    Classifier.load(place / "export").save(tmp_path / "copy")
    graph = tmp_path / "copy" / "model.onnx"
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(bytes(content))
    with pytest.raises(BundleError, match="altered"):
        Classifier.load(tmp_path / "copy")


def test_what_cannot_be_exported_is_refused_and_nothing_is_left(place: Path, tmp_path: Path) -> None:
    corpus = make_corpus(60)
    other = corpus.replace(label_space=LabelSpace(task="multiclass", names=("benigno", "maligno", "x")))
    with pytest.raises(LabelError):
        bert4text.export(place / "run", other, out=tmp_path / "out")
    with pytest.raises(DataError):
        bert4text.export(place / "run", corpus.with_column("split", ["test"] * 60), out=tmp_path / "out")
    with pytest.raises(ModelError, match="ONNX Runtime"):
        bert4text.export(place / "export", corpus, out=tmp_path / "out")
    with pytest.raises(OutputError):
        bert4text.export(place / "run", corpus, out=place / "export")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agreement": 0.98}, "parity"),
        ({"macro_f1": (0.9, 0.89)}, "parity"),
        ({"spread": 1e-3}, "batch-dependent"),
        ({"macro_f1": (0.9, 0.898)}, None),
        ({"macro_f1": None}, None),
    ],
)
def test_an_export_that_answers_otherwise_is_refused(changes: dict[str, object], code: str | None) -> None:
    good = Parity(
        precision="int8", reports=100, agreement=1.0, macro_f1=(0.9, 0.9), loss=(0.3, 0.3), probability=0.01,
        mean_probability=0.001, spread=0.0,
    )  # fmt: skip
    found = good.model_copy(update=changes)
    if code is None:
        check_parity(found, ExportConfig())
    else:
        with pytest.raises(GuardError) as caught:
            check_parity(found, ExportConfig())
        assert caught.value.error_code == code


def test_the_command(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    assert command(["export", "run", "corpus.parquet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "parity/1"
    assert Path("run/exports/onnx-float32/model.onnx").is_file()
    assert command(["export", "run", "corpus.parquet"]) == 8
    assert command(["export", "run", "corpus.parquet", "--precision", "int4"]) != 0


def test_what_was_proven_of_the_run_is_not_said_of_eight_bits(place: Path, tmp_path: Path) -> None:
    run, corpus = Classifier.load(place / "run"), place / "corpus.parquet"
    point = {"point": {"risk": 0.4, "confidence": 0.6}, "levels": [0.5, 0.8]}
    made = bert4text.calibrate(run, corpus, config=point, out=tmp_path / "sure")
    assert "operating_point" in made.info.manifest.notes
    eight = bert4text.export(tmp_path / "sure", corpus, out=tmp_path / "int8", config=EIGHT)
    notes = eight.info.manifest.notes
    assert "operating_point" not in notes
    assert notes["operating_point_of_run"]["risk"]["wanted"] == 0.4
    assert eight.calibrator.least == made.calibrator.least
    assert eight.calibrator.sets is not None
    same = bert4text.export(tmp_path / "sure", corpus, out=tmp_path / "f32", config={"precision": "float32"})
    assert "operating_point" in same.info.manifest.notes


def test_an_export_finds_for_itself_how_far_is_too_far(place: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "more.parquet"
    write_corpus(make_corpus(800, seed=9), corpus, overwrite=False)
    run = bert4text.calibrate(place / "run", corpus, out=tmp_path / "run")
    eight = bert4text.export(tmp_path / "run", corpus, out=tmp_path / "int8", config=EIGHT)
    assert run.scope is not None
    assert eight.scope is not None
    assert run.scope.limit is not None
    assert eight.scope.limit is not None
    assert eight.scope.limit != run.scope.limit
    np.testing.assert_array_equal(eight.scope.means, run.scope.means)


def test_an_export_for_older_machines_opens_there(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bert4text.export(
        place / "run", place / "corpus.parquet", out=tmp_path / "any", config={**EIGHT, "reduce_range": True}
    )
    assert made.info.manifest.notes["parity"]["reduce_range"]
    monkeypatch.setattr("bert4text.core.machine.processor", lambda: ("old", frozenset({"sse2", "avx2"})))
    again = Classifier.load(tmp_path / "any")
    assert again.backend.settings["reduce_range"]
    assert "| int8 (reduce_range) |" in (tmp_path / "any" / "README.md").read_text(encoding="utf-8")


def test_thresholds_by_group_go_with_the_export(place: Path, tmp_path: Path) -> None:
    reports = [
        report.model_copy(update={"attributes": {"sex": "FM"[(row // 40) % 2]}})
        for row, report in enumerate(make_corpus(400, seed=11))
    ]
    ours = Corpus.from_reports(reports, LabelSpace(task="binary", names=("benigno", "maligno")))
    given = {"accept": ["group-thresholds"], "by": "Ana Lima", "ground": "opinion 7/2026"}
    bert4text.calibrate(
        place / "run",
        ours,
        config={
            "split": "train",
            "point": {"sensitivity": {"maligno": 0.8}},
            "groups": {"attribute": "sex", "minimum_n": 20, **given},
        },
        out=tmp_path / "by-sex",
    )
    run = Classifier.load(tmp_path / "by-sex")
    made = bert4text.export(tmp_path / "by-sex", place / "corpus.parquet", out=tmp_path / "out", config=EIGHT)
    assert run.calibrator.groups is not None
    assert made.calibrator.groups == run.calibrator.groups
    assert "Ana Lima" in made.info.card  # whatever became of the proof
    part = list(ours["test"])
    assert [one.point for one in made.predict(part)] == ["group"] * len(part)
