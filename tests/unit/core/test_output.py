from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bert4text.core.errors import OutputError
from bert4text.core.output import writing_file, writing_folder


def test_a_file_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "x.json"
    with writing_file(target) as partial:
        partial.write_text("1")
        assert not target.exists()
    assert target.read_text() == "1"
    assert [path.name for path in target.parent.iterdir()] == ["x.json"]


def test_an_existing_target_is_refused_unless_overwrite(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_text("old")
    with pytest.raises(OutputError, match="exists already") as caught, writing_file(target):
        pass
    assert caught.value.error_code == "exists"
    with writing_file(target, overwrite=True) as partial:
        partial.write_text("new")
    assert target.read_text() == "new"


def test_after_a_failure_the_target_is_as_before(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.mkdir()
    (target / "metrics.json").write_text("old")

    def fail() -> None:
        with writing_folder(target, overwrite=True) as partial:
            (partial / "new").write_text("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [path.name for path in target.iterdir()] == ["metrics.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_replaces_a_folder_whole(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.mkdir()
    (target / "metrics.json").write_text("old")
    with writing_folder(target, overwrite=True) as partial:
        (partial / "sub").mkdir()
        (partial / "sub" / "new").write_text("new")
    assert sorted(path.name for path in target.rglob("*")) == ["new", "sub"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "no-space"), (errno.EROFS, "read-only"), (errno.EACCES, "read-only")],
)
def test_system_errors_become_ours(tmp_path: Path, number: int, code: str) -> None:
    def write() -> None:
        with writing_file(tmp_path / "x") as partial:
            partial.write_text("half")
            raise OSError(number, os.strerror(number), "/somewhere/secret")

    with pytest.raises(OutputError) as caught:
        write()
    assert caught.value.error_code == code
    assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_as_parent_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="a parent of it is a file"), writing_file(tmp_path / "file" / "x"):
        pass


def test_partials_of_dead_processes_are_removed_and_of_living_ones_kept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    stale = tmp_path / f".x.partial-{dead.pid}"
    stale.write_text("half")
    living = tmp_path / f".x.partial-{os.getppid()}"
    living.write_text("another's")
    with writing_file(tmp_path / "x") as partial:
        partial.write_text("1")
    assert not stale.exists()
    assert living.exists()


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_text("")
    with (
        pytest.raises(OutputError, match="did not write"),
        writing_folder(tmp_path / "photos", overwrite=True),
    ):
        pass
    assert (tmp_path / "photos" / "a.png").exists()
    (tmp_path / "empty").mkdir()
    with writing_folder(tmp_path / "empty", overwrite=True) as partial:
        (partial / "metrics.json").write_text("{}")
