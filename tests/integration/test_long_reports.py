"""Reports of 5,000 words: learned from, saved, opened, answered and exported, however they are read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import bert4text
from bert4text.cli.main import run as command
from bert4text.core.corpus import Corpus
from bert4text.core.errors import BundleError, ConfigError
from bert4text.core.seeds import rng
from bert4text.data.write import write_corpus
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.verbs.model import warnings_of
from conftest import WORDS, make_corpus

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

LONG = 5000
READS: dict[str, dict[str, Any]] = {
    "windows": {},
    "head-tail": {"read": "head-tail"},
    "sections": {"read": "sections", "sections": ["impressão", "achados"]},
    "sections-alone": {"read": "sections", "sections": ["conclusion"], "rest": False},
    "learned": {"pooling": "learned", "read": "sections", "sections": ["conclusão"]},
}


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)  # too short to learn anything


def long_text(seed: int) -> str:
    """A report of 5,000 words, its conclusion in the middle."""
    words = list(rng(seed, "tests.long").choice(WORDS[:60], size=LONG - 30))
    return (
        f"Técnica: {' '.join(words[:2000])}.\nConclusão: {' '.join(words[2000:2020])}.\n"
        f"Achados: {' '.join(words[2020:])}."
    )


def corpus_of(n: int = 60, *, every: int = 12) -> Corpus:
    """Short reports, and one of 5,000 words in so many."""
    corpus = make_corpus(n)
    texts = [long_text(i) if i % every == 0 else text for i, text in enumerate(corpus.texts)]
    return corpus.with_column("text", texts)


def project_of(folder: Path, encoder: Path, **windows: Any) -> Project:
    train = {
        "encoder": str(encoder),
        "epochs": 1,
        "learning_rate": 2e-3,
        "windows": windows,
        "calibration": {"deliver": "model"},
    }
    return Project(folder, {"train": train, "audit": {"fail_on": "never"}})


@pytest.mark.parametrize("name", READS)
def test_it_learns_is_saved_opened_and_answers_alike(name: str, tiny_encoder: Path, tmp_path: Path) -> None:
    corpus, project = corpus_of(), project_of(tmp_path, tiny_encoder, **READS[name])
    made = bert4text.train(corpus, project=project, out=tmp_path / "run")
    opened = Classifier.load(tmp_path / "run")
    assert opened.backend.settings == made.backend.settings
    texts = [long_text(99), "nódulo oval", "Achados: " + "oval " * 100, long_text(98)]
    np.testing.assert_allclose(opened.probabilities(texts), made.probabilities(texts), atol=1e-5)
    alone = np.concatenate([opened.probabilities([text]) for text in texts])
    np.testing.assert_allclose(alone, opened.probabilities(texts), atol=1e-5)

    first, short, other, _ = opened.predict([report_of(place, text) for place, text in enumerate(texts)])
    assert first.tokens > LONG
    assert (short.unread, short.windows, other.tokens > 64) == (0, 1, True)
    learned = corpus.splits
    cut = {
        split: sum(len(text) > 1000 for text in corpus[split].texts) for split in learned if split != "test"
    }
    issues = [issue.code for issue in warnings_of(opened, corpus)]
    if name in {"head-tail", "sections-alone"}:
        assert first.unread > 4000
        assert opened.info.manifest.notes["cut"] == {split: count for split, count in cut.items() if count}
        assert "reports-cut" in issues
    else:
        assert first.unread == other.unread == 0
        assert "cut" not in opened.info.manifest.notes
        assert "reports-cut" not in issues
    if name == "head-tail":
        assert (first.windows, first.unread) == (1, first.tokens - 64)
        assert (other.windows, other.unread) == (1, other.tokens - 64)
    if name == "sections-alone":
        assert first.windows == 1
        assert (other.unread, other.windows > 1) == (0, True)  # it has no conclusion: it is read whole

    plain = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "run")
    assert tuple(plain.config.id2label.values()) == corpus.label_space.names
    index = json.loads((tmp_path / "run" / "bundle.json").read_text(encoding="utf-8"))
    assert ("long_reports" in index) == (name != "windows")
    assert ("pooling.safetensors" in index["files"]) == (name == "learned")


def report_of(place: int, text: str) -> Any:
    from bert4text.core.report import Report

    return Report(id=f"R{place}", text=text, source_row=place + 1)


def test_the_end_and_the_start_decide_and_nothing_between(tiny_encoder: Path, tmp_path: Path) -> None:
    project = project_of(tmp_path, tiny_encoder, read="head-tail")
    made = bert4text.train(corpus_of(), project=project, out=tmp_path / "run")
    whole = long_text(1).split()
    middle = [*whole[:100], *rng(1, "tests.middle").choice(WORDS[:60], size=4000), *whole[-100:]]
    end = [*whole[:-1], "espiculado", "irregular"]
    one, same, other = made.probabilities([" ".join(words) for words in (whole, middle, end)])
    np.testing.assert_allclose(one, same, atol=1e-6)
    assert np.abs(one - other).max() > 1e-6


def test_what_was_cut_is_counted_and_told(
    tiny_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_corpus(corpus_of(), tmp_path / "corpus.parquet", overwrite=False)
    (tmp_path / "bert4text.toml").write_text(
        f'[train]\nencoder = "{tiny_encoder}"\nepochs = 1\n[train.windows]\nread = "head-tail"\n'
        '[train.calibration]\ndeliver = "model"\n[audit]\nfail_on = "never"\n',
        encoding="utf-8",
    )
    assert command(["train", "corpus.parquet", "-o", "run", "--language", "en"]) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert "not read whole" in shown
    (tmp_path / "new.csv").write_text(f'text\n"{long_text(5)}"\nnódulo oval\n', encoding="utf-8")
    assert command(["predict", "run", "new.csv", "-o", "out.parquet", "--language", "en"]) == 0
    assert "not read whole" in capsys.readouterr().out
    assert pq.read_table(tmp_path / "out.parquet")["unread"].to_pylist()[1] == 0
    assert pq.read_table(tmp_path / "out.parquet")["unread"].to_pylist()[0] > 4000
    assert command(["predict", "run", "new.csv", "--language", "en"]) == 0
    assert "not read whole: 1" in capsys.readouterr().err


def test_sections_that_are_none_stop_before_any_work(tiny_encoder: Path, tmp_path: Path) -> None:
    project = project_of(tmp_path, tiny_encoder, read="sections", sections=["concluzao"])
    with pytest.raises(ConfigError) as caught:
        bert4text.train(corpus_of(), project=project, out=tmp_path / "run")
    assert caught.value.error_code == "unknown-section"
    assert not list(tmp_path.glob(".run*"))


@pytest.mark.parametrize("form", ["onnx", "openvino"])
def test_an_export_pools_by_the_same_weights(form: str, tiny_encoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    pytest.importorskip({"onnx": "onnxruntime"}.get(form, form))
    project = project_of(tmp_path, tiny_encoder, **READS["learned"])
    corpus = corpus_of()
    bert4text.train(corpus, project=project, out=tmp_path / "run")
    spread(tmp_path / "run")
    run = Classifier.load(tmp_path / "run")
    exported = bert4text.export(run, corpus, out=tmp_path / "out", config={"format": form}, project=project)
    texts = [long_text(99), "nódulo oval", "Achados: " + "oval " * 100]
    backend: Any = run.backend
    wanted = backend.forward(texts).logits
    allowed = 1e-5 * (1 + np.abs(wanted).max())
    np.testing.assert_allclose(exported.backend.forward(texts).logits, wanted, atol=allowed)
    weights, backend.weights = backend.weights, None
    assert np.abs(backend.forward(texts).logits - wanted).max() > 20 * allowed  # the mean is another answer
    backend.weights = weights
    one, other = exported.predict([report_of(0, texts[0])]), run.predict([report_of(0, texts[0])])
    assert (one[0].windows, one[0].unread) == (other[0].windows, other[0].unread)
    exported.save(tmp_path / "copy")
    again = Classifier.load(tmp_path / "copy")
    np.testing.assert_array_equal(again.probabilities(texts), exported.probabilities(texts))


def spread(run: Path) -> None:
    """Give a run windows that answer apart, and weights of them that are far from equal."""
    classifier = Classifier.load(run)
    backend: Any = classifier.backend
    torch.manual_seed(3)
    for value in backend.model.parameters():
        torch.nn.init.normal_(value, std=0.5)
    random = np.random.default_rng(3)
    backend.weights.query[:] = 4 * random.normal(size=backend.weights.query.shape)
    backend.weights.place[:] = random.normal(size=3)
    classifier.save(run, overwrite=True)


def test_a_bundle_without_its_weights_of_windows_does_not_open(tiny_encoder: Path, tmp_path: Path) -> None:
    project = project_of(tmp_path, tiny_encoder, **READS["learned"])
    bert4text.train(corpus_of(), project=project, out=tmp_path / "run")
    for change, code in ((b"", "altered"), (None, "missing-file")):
        folder = Path(shutil.copytree(tmp_path / "run", tmp_path / code))
        if change is None:
            (folder / "pooling.safetensors").unlink()
        else:
            (folder / "pooling.safetensors").write_bytes(change)
        with pytest.raises(BundleError) as caught:
            Classifier.load(folder)
        assert caught.value.error_code == code
