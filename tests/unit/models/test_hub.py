from __future__ import annotations

import json
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bert4text.core.digest import file_digest
from bert4text.core.errors import ModelError, OutputError, UnknownEncoderError
from bert4text.core.labels import LabelSpace
from bert4text.models.hub import fetch, load_encoder, quiet

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

LABELS = LabelSpace(task="multiclass", names=("benigno", "maligno", "indeterminado"))


def _head(name: Path, *, seed: int) -> Any:
    return load_encoder(str(name), labels=LABELS, seed=seed).model.classifier.weight


def test_the_head_has_the_questions_names(tiny_encoder: Path) -> None:
    loaded = load_encoder(str(tiny_encoder), labels=LABELS, seed=7)
    config = loaded.model.config
    assert config.num_labels == 3
    assert config.id2label == {0: "benigno", 1: "maligno", 2: "indeterminado"}
    assert config.label2id["maligno"] == 1
    assert config.problem_type is None
    assert loaded.model.dtype == torch.float32
    assert not loaded.model.training
    assert loaded.info.window == 64
    assert loaded.info.sha256 == file_digest(tiny_encoder / "model.safetensors")
    assert loaded.tokenizer.truncation is None
    assert loaded.tokenizer_files == tiny_encoder


def test_the_seed_draws_the_head_and_nothing_else(tiny_encoder: Path) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = _head(tiny_encoder, seed=7)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, _head(tiny_encoder, seed=7))
    assert not torch.equal(first, _head(tiny_encoder, seed=8))


def test_loading_is_silent(tiny_encoder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    level = transformers.utils.logging.get_verbosity()
    load_encoder(str(tiny_encoder), labels=LABELS, seed=7)
    captured = capfd.readouterr()
    assert captured.err == ""
    assert captured.out == ""
    assert transformers.utils.logging.get_verbosity() == level


def test_quiet_puts_the_bars_back() -> None:
    logging = transformers.utils.logging
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        logging.enable_progress_bar()
    with quiet():
        assert not logging.is_progress_bar_enabled()
    assert logging.is_progress_bar_enabled()
    logging.disable_progress_bar()


@pytest.mark.parametrize("k", [3, 5])
def test_a_head_that_answered_another_question_is_drawn_anew(tiny_encoder: Path, k: int) -> None:
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tiny_encoder, num_labels=k)
    model.config.problem_type = "regression"
    model.save_pretrained(tiny_encoder)
    loaded = load_encoder(str(tiny_encoder), labels=LABELS, seed=7).model
    assert loaded.classifier.weight.shape == (3, 32)
    assert loaded.config.problem_type is None
    assert torch.equal(loaded.classifier.weight, _head(tiny_encoder, seed=7))
    assert not torch.equal(loaded.classifier.weight[:3], model.classifier.weight[:3])
    assert torch.equal(
        loaded.bert.embeddings.word_embeddings.weight, model.bert.embeddings.word_embeddings.weight
    )
    spread = float(loaded.classifier.weight.detach().std())
    assert spread == pytest.approx(loaded.config.initializer_range, rel=0.5)


def test_without_a_question_the_head_stays(tiny_encoder: Path) -> None:
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tiny_encoder, num_labels=3)
    model.save_pretrained(tiny_encoder)
    loaded = load_encoder(str(tiny_encoder), seed=7).model
    assert torch.equal(loaded.classifier.weight, model.classifier.weight)


def test_an_encoder_without_a_padding_id_gets_the_tokenizers(tiny_encoder: Path) -> None:
    config = json.loads((tiny_encoder / "config.json").read_text())
    config["pad_token_id"] = None
    (tiny_encoder / "config.json").write_text(json.dumps(config))
    loaded = load_encoder(str(tiny_encoder), labels=LABELS, seed=7)
    assert loaded.model.config.pad_token_id == loaded.tokenizer.token_to_id("[PAD]")


def test_lost_encoder_weights_are_no_success(tiny_encoder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(tiny_encoder / "model.safetensors")
    gone = next(name for name in weights if "layer.1.attention" in name)
    del weights[gone]
    save_file(weights, tiny_encoder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks 1 of its encoder's weights"):
        load_encoder(str(tiny_encoder), labels=LABELS, seed=7)


def test_a_tokenizer_of_another_encoder_is_refused(tiny_encoder: Path) -> None:
    path = tiny_encoder / "tokenizer.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["model"]["vocab"]["extra"] = len(document["model"]["vocab"])
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ModelError, match="pieces"):
        load_encoder(str(tiny_encoder), labels=LABELS, seed=7)


def test_code_of_its_own_is_never_run(tiny_encoder: Path) -> None:
    config = json.loads((tiny_encoder / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "own.Config", "AutoModelForSequenceClassification": "own.Model"}
    config["model_type"] = "never-heard-of"
    (tiny_encoder / "config.json").write_text(json.dumps(config))
    (tiny_encoder / "own.py").write_text("raise SystemExit('ran')")
    with pytest.raises(ModelError) as caught:
        load_encoder(str(tiny_encoder), labels=LABELS, seed=7)
    assert caught.value.error_code == "bad-encoder"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("damage", ["truncated", "garbage"])
def test_broken_weights_are_refused(tiny_encoder: Path, damage: str) -> None:
    path = tiny_encoder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000] if damage == "truncated" else b"\x80\x04garbage")
    with pytest.raises(ModelError):
        load_encoder(str(tiny_encoder), labels=LABELS, seed=7)


class FakeHub:
    """Stands in for huggingface_hub: one repository, made of a local folder."""

    def __init__(self, source: Path, names: list[str], *, broken: bool = False) -> None:
        self.source, self.names, self.broken = source, names, broken
        self.constants = SimpleNamespace(HF_HUB_OFFLINE=True)
        self.asked: dict[str, Any] = {}
        self.requests: list[SimpleNamespace] = []
        self.converted: list[str] = []

    def HfApi(self) -> FakeHub:  # noqa: N802 - the library's own name
        return self

    def model_info(self, hub: str, *, revision: str | None) -> SimpleNamespace:
        if self.broken:
            raise OSError("no route to host canary-4411")
        self.asked = {"hub": hub, "revision": revision}
        names = self.converted if revision == "refs/pr/4" else self.names
        files = [SimpleNamespace(rfilename=name) for name in names]
        return SimpleNamespace(
            sha="d" * 40 if revision == "refs/pr/4" else "c" * 40,
            siblings=files,
            card_data=SimpleNamespace(license="mit"),
        )

    def get_repo_discussions(self, hub: str, *, author: str, discussion_type: str) -> list[SimpleNamespace]:
        assert (author, discussion_type) == ("SFconvertbot", "pull_request")
        return self.requests

    def snapshot_download(
        self, hub: str, *, revision: str, local_dir: Path, allow_patterns: list[str]
    ) -> None:
        from fnmatch import fnmatch

        self.asked["downloaded"] = revision
        for name in self.converted or self.names:
            if any(fnmatch(name, pattern) for pattern in allow_patterns):
                Path(local_dir, name).write_bytes((self.source / name).read_bytes())


@pytest.fixture
def hub(tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    (tiny_encoder / "pytorch_model.bin").write_bytes(b"pickle")
    (tiny_encoder / "own.py").write_text("raise SystemExit")
    fake = FakeHub(tiny_encoder, sorted(path.name for path in tiny_encoder.iterdir()))
    monkeypatch.setattr("bert4text.models.fetch.require", lambda module, *, online: fake if online else None)
    return fake


def test_fetches_safetensors_tokenizer_and_config_only(hub: FakeHub, tmp_path: Path) -> None:
    folder = fetch("minilm", tmp_path / "encoders" / "minilm")
    assert hub.asked == {
        "hub": "sentence-transformers/all-MiniLM-L6-v2",
        "revision": None,
        "downloaded": "c" * 40,
    }
    assert {path.name for path in folder.iterdir()} == {
        "config.json",
        "encoder.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert hub.constants.HF_HUB_OFFLINE is False
    info = load_encoder(str(folder), labels=LABELS, seed=7).info
    assert (info.name, info.revision, info.licence) == ("minilm", "c" * 40, "Apache-2.0")


def test_a_fetched_folder_whose_weights_were_altered_does_not_load(hub: FakeHub, tmp_path: Path) -> None:
    folder = fetch("minilm", tmp_path / "x")
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    with pytest.raises(ModelError) as caught:
        load_encoder(str(folder), labels=LABELS, seed=7)
    assert caught.value.error_code == "altered-weights"


def test_fetches_a_hub_id_at_a_revision(hub: FakeHub, tmp_path: Path) -> None:
    fetch("some/encoder", tmp_path / "x", revision="refs/pr/3")
    assert hub.asked["hub"] == "some/encoder"
    assert hub.asked["revision"] == "refs/pr/3"


def test_a_pickle_only_repository_is_not_fetched(hub: FakeHub, tmp_path: Path) -> None:
    hub.names = ["config.json", "pytorch_model.bin"]
    with pytest.raises(ModelError) as caught:
        fetch("some/encoder", tmp_path / "x")
    assert caught.value.error_code == "pickle-only"
    assert "downloaded" not in hub.asked
    assert list(tmp_path.glob("*x*")) == []


@pytest.mark.parametrize(
    ("author", "status", "fetched"),
    [("SFconvertbot", "open", True), ("somebody", "open", False), ("SFconvertbot", "closed", False)],
)
def test_a_pickle_only_repository_is_fetched_from_the_hubs_own_conversion(
    hub: FakeHub, tmp_path: Path, author: str, status: str, fetched: bool
) -> None:
    hub.converted = hub.names
    hub.names = ["config.json", "pytorch_model.bin"]
    request = SimpleNamespace(author=author, status=status, is_pull_request=True, git_reference="refs/pr/4")
    hub.requests = [request]
    if not fetched:
        with pytest.raises(ModelError):
            fetch("some/encoder", tmp_path / "x")
        return
    folder = fetch("some/encoder", tmp_path / "x")
    assert hub.asked["downloaded"] == "d" * 40
    assert json.loads((folder / "encoder.json").read_text())["revision"] == "d" * 40
    assert (folder / "model.safetensors").is_file()
    assert not (folder / "pytorch_model.bin").exists()


def test_no_network_is_said_without_the_foreign_error(hub: FakeHub, tmp_path: Path) -> None:
    hub.broken = True
    with pytest.raises(UnknownEncoderError) as caught:
        fetch("some/encoder", tmp_path / "x")
    assert "canary" not in str(caught.value)
    assert not (tmp_path / "x").exists()


def test_fetching_replaces_nothing_unasked(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(OutputError):
        fetch("minilm", tmp_path / "x")
    assert hub.asked == {}


def test_tfidf_and_unknown_names_are_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="needs no fetching"):
        fetch("tfidf", tmp_path / "x")
    with pytest.raises(UnknownEncoderError):
        fetch("minilmm", tmp_path / "x")


@pytest.mark.minilm
def test_loads_minilm(capfd: pytest.CaptureFixture[str]) -> None:
    loaded = load_encoder("minilm", labels=LABELS, seed=7)
    assert capfd.readouterr().err == ""
    assert loaded.info.languages == ("en",)
    assert loaded.info.window == 512
    assert loaded.model.config.hidden_size == 384
