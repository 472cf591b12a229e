from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bert4text.core.errors import ConfigError
from bert4text.project import SECTIONS, Project


def test_defaults_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project = Project.load()
    assert project.folder is None
    assert project.seed == 7
    assert project.trail.parts[-2:] == ("bert4text", "trail.jsonl")


def test_the_nearest_file_upwards_is_read_and_overridden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bert4text.toml").write_text('[project]\nseed = 9\n[audit]\nfail_on = "warning"\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    project = Project.load(overrides=["project.seed=11", 'audit.accept=["schema"]'])
    assert project.folder == tmp_path
    assert project.trail == tmp_path / "trail.jsonl"
    assert project.seed == 11
    assert project.section("audit").fail_on == "warning"
    assert list(project.section("audit").accept) == ["schema"]


def test_a_file_of_another_name_is_read_in_its_place_and_the_trail_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "found" / "tuned.toml"
    other.parent.mkdir()
    other.write_text("[train]\nepochs = 5\n", encoding="utf-8")
    project = Project.load(other, overrides=["train.patience=1"])
    assert (project.section("train").epochs, project.section("train").patience) == (5, 1)
    assert project.folder is None
    (tmp_path / "bert4text.toml").write_text("[train]\nepochs = 9\n", encoding="utf-8")
    assert Project.load(other).folder == tmp_path
    assert Project.load(other).section("train").epochs == 5
    monkeypatch.chdir(other.parent)
    assert Project.load(Path("tuned.toml")).folder == tmp_path
    assert Project.load(tmp_path / "bert4text.toml").section("train").epochs == 9
    other.write_text("[trian]\nepochs = 5\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"tuned\.toml has no section 'trian'"):
        Project.load(other)


def test_unknown_sections_and_keys_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no section 'trian'") as caught:
        Project.load(tmp_path, overrides=["trian.epochs=3"])
    assert caught.value.hint == "did you mean 'train'?"
    with pytest.raises(ConfigError, match=r"\[train\] has no key 'epoch'"):
        Project.load(tmp_path, overrides=["train.epoch=3"])
    with pytest.raises(ConfigError, match=r"\[project\] seed"):
        Project.load(tmp_path, overrides=["project.seed=-1"])


def test_the_resolved_file_gives_the_same_project_again(tmp_path: Path) -> None:
    project = Project.load(
        tmp_path, overrides=["project.seed=3", "train.encoder=tfidf", "prepare.split.by=site"]
    )
    (tmp_path / "bert4text.toml").write_text(project.toml())
    again = Project.load(tmp_path)
    assert again.resolved() == project.resolved() == tomllib.loads(project.toml())


@pytest.mark.parametrize("name", list(SECTIONS))
def test_every_section_stays_small_and_documented(name: str) -> None:
    fields = SECTIONS[name].model_fields
    assert 0 < len(fields) <= 16
    assert all(field.description for field in fields.values())


def test_pseudonyms_are_stable_within_a_project_and_differ_between(tmp_path: Path) -> None:
    one = Project.load(tmp_path, overrides=["project.id=one"])
    other = Project.load(tmp_path, overrides=["project.id=other"])
    assert one.pseudonymise("123") == one.pseudonymise("123") != other.pseudonymise("123")


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        (b"train = 3", "'train' in bert4text.toml is a section, not a value", "line [train]"),
        (b"[trian]", "bert4text.toml has no section 'trian'", "'train'"),
        (b"seed = 7", "bert4text.toml has no section 'seed'", "under its section"),
        (b'[project]\nid = "a b"', "[project] id may hold only letters", "settings"),
        (
            b"[prepare.split]\ntrain = 0.9",
            "train, validation, calibration and test must sum to 1",
            "settings",
        ),
        ("[project] # é".encode("cp1252"), "bert4text.toml is not text in UTF-8", "UTF-8"),
        (b"[project", "bert4text.toml is not valid TOML (at ", "toml.io"),
    ],
)
def test_a_bad_settings_file_is_explained(tmp_path: Path, text: bytes, said: str, hint: str) -> None:
    (tmp_path / "bert4text.toml").write_bytes(text)
    with pytest.raises(ConfigError) as caught:
        Project.load(tmp_path)
    assert str(caught.value).startswith(said)
    assert hint in str(caught.value.hint)
