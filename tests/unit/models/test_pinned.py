from __future__ import annotations

import json
import os
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bert4text.core.digest import file_digest, sha256
from bert4text.core.errors import ModelError
from bert4text.models.fetch import fetch
from bert4text.models.pinned import LOCK, lock_file, unaltered_weights

HUB = "some/encoder"
FIRST, SECOND = "a" * 40, "b" * 40


class FakeHub:
    """Stands in for huggingface_hub: one repository with two commits, no weights that anything could open."""

    def __init__(self) -> None:
        self.constants = SimpleNamespace(HF_HUB_OFFLINE=True)
        self.commits = {
            FIRST: {"config.json": b"{}", "vocab.txt": b"a\nb\n", "model.safetensors": b"first"},
            SECOND: {"config.json": b"{}", "vocab.txt": b"a\nb\n", "model.safetensors": b"second"},
        }
        self.main = FIRST
        self.licence: str | list[str] | None = "mit"
        self.asked: list[str | None] = []
        self.downloads = 0

    def HfApi(self) -> FakeHub:  # noqa: N802 - the library's own name
        return self

    def model_info(self, hub: str, *, revision: str | None) -> SimpleNamespace:
        self.asked.append(revision)
        commit = revision or self.main
        files = [SimpleNamespace(rfilename=name) for name in self.commits[commit]]
        card = None if self.licence is None else SimpleNamespace(license=self.licence)
        return SimpleNamespace(sha=commit, siblings=files, card_data=card)

    def snapshot_download(
        self, hub: str, *, revision: str, local_dir: Path, allow_patterns: list[str]
    ) -> None:
        self.downloads += 1
        for name, content in self.commits[revision].items():
            if any(fnmatch(name, pattern) for pattern in allow_patterns):
                Path(local_dir, name).write_bytes(content)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    fake = FakeHub()
    monkeypatch.setattr("bert4text.models.fetch.require", lambda module, *, online: fake if online else None)
    return fake


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "project" / LOCK


def refused(code: str, name: str, folder: Path, **given: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        fetch(name, folder, **given)
    assert caught.value.error_code == code
    assert not folder.exists()
    return caught.value


def origin(folder: Path) -> Any:
    return json.loads((folder / "encoder.json").read_text(encoding="utf-8"))


def test_the_first_fetch_records_revision_and_digests_in_lock_and_folder(
    hub: FakeHub, tmp_path: Path, lock: Path
) -> None:
    folder = fetch(HUB, tmp_path / "x", lock=lock)
    names = ["config.json", "model.safetensors", "vocab.txt"]
    files = {name: file_digest(folder / name) for name in names}
    assert json.loads(lock.read_text(encoding="utf-8")) == {
        "format": "encoders-lock/1",
        "encoders": {HUB: {"revision": FIRST, "files": files}},
    }
    assert (origin(folder)["revision"], origin(folder)["files"]) == (FIRST, files)


def test_a_later_fetch_asks_for_the_revision_of_the_first(hub: FakeHub, tmp_path: Path, lock: Path) -> None:
    fetch(HUB, tmp_path / "x", lock=lock)
    written = lock.read_bytes()
    hub.main = SECOND
    folder = fetch(HUB, tmp_path / "y", lock=lock)
    assert hub.asked == [None, FIRST]
    assert (folder / "model.safetensors").read_bytes() == b"first"
    assert lock.read_bytes() == written


@pytest.mark.parametrize("change", ["weights", "tokenizer", "gone", "new"])
def test_other_files_at_the_same_revision_are_refused(
    hub: FakeHub, tmp_path: Path, lock: Path, change: str
) -> None:
    fetch(HUB, tmp_path / "x", lock=lock)
    written, files = lock.read_bytes(), hub.commits[FIRST]
    changed = {
        "weights": "model.safetensors",
        "tokenizer": "vocab.txt",
        "gone": "vocab.txt",
        "new": "tokenizer.json",
    }[change]
    if change == "gone":
        del files[changed]
    else:
        files[changed] = b"another"
    error = refused("digest-changed", HUB, tmp_path / "y", lock=lock)
    assert error.values["files"] == [changed]
    assert "--renew" in (error.hint or "")
    assert lock.read_bytes() == written


def test_another_revision_than_that_of_the_lock_is_refused(hub: FakeHub, tmp_path: Path, lock: Path) -> None:
    fetch(HUB, tmp_path / "x", lock=lock)
    refused("digest-changed", HUB, tmp_path / "y", lock=lock, revision=SECOND)


def test_renew_takes_the_newest_and_holds_to_it(hub: FakeHub, tmp_path: Path, lock: Path) -> None:
    fetch(HUB, tmp_path / "x", lock=lock)
    hub.main = SECOND
    folder = fetch(HUB, tmp_path / "x", lock=lock, overwrite=True, renew=True)
    assert (folder / "model.safetensors").read_bytes() == b"second"
    hub.main = FIRST
    fetch(HUB, tmp_path / "y", lock=lock)
    assert hub.asked == [None, None, SECOND]


def test_each_encoder_has_its_own_line_of_the_lock(hub: FakeHub, tmp_path: Path, lock: Path) -> None:
    fetch(HUB, tmp_path / "x", lock=lock)
    fetch("another/encoder", tmp_path / "y", lock=lock)
    assert list(json.loads(lock.read_text())["encoders"]) == ["another/encoder", HUB]


@pytest.mark.parametrize("content", ["{", "[]", '{"format": "encoders-lock/2", "encoders": {}}'])
def test_a_lock_that_cannot_be_read_stops_before_the_network(
    hub: FakeHub, tmp_path: Path, lock: Path, content: str
) -> None:
    lock.parent.mkdir()
    lock.write_text(content)
    refused("bad-lock", HUB, tmp_path / "x", lock=lock)
    assert hub.asked == []
    assert lock.read_text() == content


def test_the_lock_is_the_projects_or_the_users(hub: FakeHub, tmp_path: Path) -> None:
    assert lock_file(tmp_path) == tmp_path / LOCK
    fetch(HUB, tmp_path / "x")
    assert lock_file(None) == Path(os.environ["XDG_CACHE_HOME"]) / "bert4text" / LOCK
    assert lock_file(None).is_file()


def test_an_entry_without_a_licence_is_fetched_only_if_that_is_accepted(
    hub: FakeHub, tmp_path: Path, lock: Path
) -> None:
    hub.licence = None
    error = refused("no-licence", "biobertpt-clin", tmp_path / "x", lock=lock)
    assert "--accept-no-licence" in (error.hint or "")
    assert hub.asked == []
    folder = fetch("biobertpt-clin", tmp_path / "x", lock=lock, accept_no_licence=True)
    assert (origin(folder)["licence"], origin(folder)["accepted_no_licence"]) == (None, True)


@pytest.mark.parametrize("stated", [None, "", "unknown"])
def test_a_hub_id_whose_card_states_no_licence_is_fetched_only_if_that_is_accepted(
    hub: FakeHub, tmp_path: Path, lock: Path, stated: str | None
) -> None:
    hub.licence = stated
    refused("no-licence", HUB, tmp_path / "x", lock=lock)
    assert hub.downloads == 0
    folder = fetch(HUB, tmp_path / "x", lock=lock, accept_no_licence=True)
    assert origin(folder)["accepted_no_licence"] is True


def test_a_stated_licence_is_written_down_and_needs_no_accepting(
    hub: FakeHub, tmp_path: Path, lock: Path
) -> None:
    folder = fetch(HUB, tmp_path / "x", lock=lock, accept_no_licence=True)
    assert (origin(folder)["licence"], origin(folder)["accepted_no_licence"]) == ("mit", False)
    assert origin(fetch("bert", tmp_path / "y", lock=lock))["licence"] == "Apache-2.0"
    hub.licence = ["mit", "cc-by-4.0"]
    folder = fetch("biobertpt-bio", tmp_path / "z", lock=lock, accept_no_licence=True)
    assert (origin(folder)["licence"], origin(folder)["accepted_no_licence"]) == ("mit, cc-by-4.0", False)


def test_weights_that_are_not_those_fetched_are_refused(hub: FakeHub, tmp_path: Path, lock: Path) -> None:
    folder = fetch(HUB, tmp_path / "x", lock=lock)
    assert unaltered_weights(folder) == sha256(b"first")
    (folder / "model.safetensors").write_bytes(b"fir5t")
    with pytest.raises(ModelError) as caught:
        unaltered_weights(folder)
    assert caught.value.error_code == "altered-weights"
    (folder / "encoder.json").unlink()
    assert unaltered_weights(folder) == sha256(b"fir5t")


def test_shards_are_held_to_as_well(hub: FakeHub, tmp_path: Path, lock: Path) -> None:
    shards = {f"model-0000{n}-of-00002.safetensors": b"shard" + bytes([n]) for n in (1, 2)}
    hub.commits[FIRST] = {"config.json": b"{}", "model.safetensors.index.json": b"{}", **shards}
    folder = fetch(HUB, tmp_path / "x", lock=lock)
    before = unaltered_weights(folder)
    (folder / "model-00002-of-00002.safetensors").write_bytes(b"another")
    with pytest.raises(ModelError, match="not those fetched"):
        unaltered_weights(folder)
    assert len(before) == 64
