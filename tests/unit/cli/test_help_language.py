from __future__ import annotations

import gettext

import pytest
from typer import rich_utils

from bert4text.cli.help import FRAME
from bert4text.cli.main import run
from bert4text.cli.screen import Screen
from bert4text.cli.tree import build
from bert4text.core.messages import Translator


class Loud(gettext.NullTranslations):
    """A language that shouts."""

    def gettext(self, message: str) -> str:
        return message.upper()


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> Translator:
    for name in FRAME:
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    return Translator("pt-BR", Loud())


def test_every_text_of_the_help_is_translated(
    loud: Translator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bert4text.cli.main.load", lambda language: loud)
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "READ A TABLE OF REPORTS" in shown
    assert "USAGE: bert4text" in shown
    assert "NOT A MEDICAL DEVICE" in shown
    assert "SHOW THIS MESSAGE AND EXIT." in shown
    assert "INSTALL COMPLETION" in shown
    assert "\nDATA:\n" in shown
    assert "\nOPTIONS:\n" in shown
    assert run(["encoders", "fetch", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "─ OPTIONS ─" in shown
    assert "THE FOLDER IT GOES TO." in shown
    assert "Show this message" not in shown


def test_portuguese_help_answers_to_both_names_and_shows_no_type_of_a_switch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["train", "-h", "--language", "pt-BR"]) == 0
    shown = capsys.readouterr().out
    assert "--resume" in shown
    assert "-h " in shown
    assert "<bool>" not in shown


def test_codes_and_names_are_not_translated(loud: Translator) -> None:
    commands = build(Screen(loud)).commands
    assert "prepare" in commands
    assert any("--columns" in parameter.opts for parameter in commands["prepare"].params)


def test_english_help_after_portuguese_help_is_english_again(capsys: pytest.CaptureFixture[str]) -> None:
    run(["prepare", "--help", "--language", "pt-BR"])
    assert "Opções" in capsys.readouterr().out
    run(["prepare", "--help", "--language", "en"])
    shown = capsys.readouterr().out
    assert "Options" in shown
    assert "Opções" not in shown
