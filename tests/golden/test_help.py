"""The help as approved; `pytest tests/golden --snapshot-update` approves anew."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from typer import rich_utils

from bert4text.cli.commands import COMMANDS
from bert4text.cli.main import run


@pytest.mark.parametrize("command", ["", *(command.name for command in COMMANDS)])
def test_help(
    command: str,
    snapshot: SnapshotAssertion,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rich_utils, "MAX_WIDTH", 100)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert run([*command.split(), "--help"]) == 0
    shown = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert shown == snapshot
