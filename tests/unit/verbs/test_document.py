"""The verb document: what it writes, where, and what trail it leaves."""

from __future__ import annotations

import typing
from hashlib import sha256
from pathlib import Path

import pytest

import bert4text
from bert4text.core.errors import ConfigError, OutputError
from bert4text.data.write import write_corpus
from bert4text.governance.config import Kind
from bert4text.project import Project
from bert4text.store.trail import read_trail, record_look
from bert4text.verbs.account import KINDS
from conftest import make_corpus


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "c.parquet"
    write_corpus(make_corpus(), path, overwrite=False)
    bert4text.audit(path)  # kept beside it, so that each test need not wait for it
    return path


def quick() -> Project:
    return Project(given={"project": {"screen": "en"}})


def test_every_kind_of_the_settings_has_its_writer() -> None:
    assert set(KINDS) == set(typing.get_args(Kind))


def test_a_corpus_is_described_and_nothing_written(kept: Path) -> None:
    before = sorted(path.name for path in kept.parent.iterdir())
    text = bert4text.document(kept, project=quick())
    assert text.startswith("# Datasheet of a corpus of clinical reports\n\n**All reports are synthetic (120)")
    assert sorted(path.name for path in kept.parent.iterdir()) == before
    assert not quick().trail.exists()


def test_the_findings_of_the_audit_stand_in_it(kept: Path) -> None:
    issues = bert4text.audit(kept)
    text = bert4text.document(kept, project=quick())
    assert issues
    for issue in issues:
        assert f"| {issue.check} |" in text


def test_looks_at_the_test_split_are_told(tmp_path: Path, kept: Path) -> None:
    path = tmp_path / "c.parquet"
    for name in ("c.parquet", "c.audit.json"):
        (tmp_path / name).write_bytes((kept.parent / name).read_bytes())
    record_look(path, model="m", metrics="x")
    assert "to measure a model: 1." in bert4text.document(path, project=quick())


def test_a_corpus_in_memory_has_no_known_looks(kept: Path) -> None:
    text = bert4text.document(make_corpus(), project=quick())
    assert "How often its test split was looked at is not known" in text


def test_a_file_is_written_and_the_trail_tells_of_it(tmp_path: Path, kept: Path) -> None:
    out = tmp_path / "sheet.html"
    text = bert4text.document(kept, kind="datasheet", project=quick(), out=out, language="pt-BR")
    assert out.read_text(encoding="utf-8") == text
    assert '<html lang="pt-BR">' in text
    (event,) = read_trail(quick().trail)
    assert event.action == "document.made"
    assert event.subject == f"sha256:{make_corpus().fingerprint}"
    assert event.details == {
        "kind": "datasheet",
        "format": "html",
        "language": "pt-BR",
        "digest": f"sha256:{sha256(out.read_bytes()).hexdigest()}",
    }


def test_a_format_asked_for_goes_before_the_name(tmp_path: Path, kept: Path) -> None:
    text = bert4text.document(kept, project=quick(), out=tmp_path / "sheet.html", format="md")
    assert text.startswith("# ")
    given = Project(given={"project": {"screen": "en"}, "document": {"format": "html"}})
    assert bert4text.document(kept, project=given).startswith("<!doctype html>")


def test_what_stands_there_is_not_replaced_unasked(tmp_path: Path, kept: Path) -> None:
    out = tmp_path / "sheet.md"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        bert4text.document(kept, project=quick(), out=out)
    assert caught.value.error_code == "exists"
    assert out.read_text(encoding="utf-8") == "mine"
    bert4text.document(kept, project=quick(), out=out, overwrite=True)
    assert out.read_text(encoding="utf-8").startswith("# Datasheet")


@pytest.mark.parametrize(("name", "value"), [("kind", "novel"), ("format", "pdf")])
def test_an_unknown_kind_or_format_is_refused(name: str, value: str, kept: Path) -> None:
    with pytest.raises(ConfigError, match=rf"\[document\] {name} must be"):
        bert4text.document(kept, project=quick(), **{name: value})
