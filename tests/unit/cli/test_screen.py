from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from bert4text.cli.screen import Screen, as_json, as_typed
from bert4text.core.messages import load


def test_json_suits_the_stream() -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert as_json({"label": "não"}, narrow) == '{"label": "n\\u00e3o"}'
    assert as_json({"label": "não"}, io.StringIO()) == '{"label": "não"}'


def test_json_has_no_nan(screen: Screen) -> None:
    with pytest.raises(ValueError, match="JSON"):
        screen.document({"value": float("nan")})


def test_remarks_are_silent_when_asked(screen: Screen) -> None:
    screen.remark("done {count}", count=3)
    assert screen.stderr.getvalue() == "done 3\n"
    screen.quiet = True
    screen.remark("more")
    screen.quiet, screen.json = False, True
    screen.remark("more")
    assert screen.stderr.getvalue() == "done 3\n"


def test_no_colour_leaves_a_file_or_a_no_color_terminal(
    screen: Screen, terminal: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    screen.line("plain", style="bold red")
    assert screen.stdout.getvalue() == "plain\n"
    terminal.line("painted", style="bold red")
    assert "\x1b[1;31m" in terminal.stdout.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    other = Screen(load("en"))
    other.stdout = type(terminal.stdout)()
    other.line("painted", style="red")
    assert "\x1b[31m" not in other.stdout.getvalue()
    assert json.dumps(other.stdout.getvalue()).count("31m") == 0


@pytest.mark.skipif(os.name == "nt", reason="another shell")
def test_a_path_is_shown_as_it_must_be_typed() -> None:
    assert as_typed(Path("runs/a-1.é")) == "runs/a-1.é"
    assert as_typed(Path("my runs/a")) == "'my runs/a'"
    assert as_typed(Path("a;b$c")) == "'a;b$c'"
