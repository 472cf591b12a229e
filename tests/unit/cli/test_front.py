"""The front page says of commands and options what they say themselves."""

from __future__ import annotations

from typing import Any

import pytest

from bert4text.cli.commands import COMMANDS, FIRST_STEPS, INTRODUCTION, under
from bert4text.cli.front import OPTIONS, answer, page
from bert4text.cli.screen import Screen
from bert4text.cli.tree import build
from bert4text.core.messages import load


@pytest.fixture
def root() -> Any:
    """The command tree in English."""
    return build(Screen(load("en")))


def test_every_row_is_a_command_that_says_what_the_row_says(root: Any) -> None:
    for row in COMMANDS:
        command = root
        for word in row.name.split():
            command = command.commands[word]
        assert command.name == row.name.split()[-1]
        assert command.help == row.help
        if row.place:
            assert command.rich_help_panel == (row.panel or None)
            assert command.epilog == row.examples


def test_the_options_of_the_page_are_those_of_the_tree(root: Any) -> None:
    context = root.make_context("bert4text", ["doctor"], resilient_parsing=True)
    found = {
        ", ".join(sorted(parameter.opts, key=len, reverse=True))
        + (f" {parameter.metavar}" if parameter.metavar else ""): parameter.help
        for parameter in (*root.params, root.get_help_option(context))
    }
    assert dict(OPTIONS) == found


@pytest.mark.parametrize("language", ["en", "pt-BR"])
@pytest.mark.parametrize("columns", ["20", "80", "250"])
def test_the_page_leaves_no_word_out(language: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    translator = load(language)
    shown = page(translator)
    words = " ".join(shown.split())
    for text in (INTRODUCTION, FIRST_STEPS, *(said for _, said in OPTIONS)):
        assert " ".join(translator(text).split()) in words
    for word, command in under().items():
        assert f" {word} {translator(command.help)}" in words
        assert f"{translator(command.panel)}:" in words
    if columns != "20":
        assert max(map(len, shown.splitlines())) <= int(columns)


@pytest.mark.parametrize(
    "words",
    [
        "train --help",
        "--help train",
        "--language",
        "--language pt-BR",
        "--nothing",
        "--show-completion",
        "doctor",
    ],
)
def test_whatever_names_a_command_or_is_unknown_is_left_to_the_tree(words: str) -> None:
    assert answer(words.split(), load("en")) is None


@pytest.mark.parametrize(
    ("words", "begins", "status"),
    [
        ("", "Usage: ", 2),
        ("-h", "Usage: ", 0),
        ("--language en --help", "Usage: ", 0),
        ("--version --help", "bert4text 0.", 0),
        ("--help --version", "Usage: ", 0),
    ],
)
def test_help_and_version_are_answered_at_once(words: str, begins: str, status: int) -> None:
    found = answer(words.split(), load("en"))
    assert found is not None
    assert found[0].startswith(begins)
    assert found[1] == status


def test_a_shell_that_asks_for_completions_gets_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_BERT4TEXT_COMPLETE", "complete_bash")
    assert answer([], load("en")) is None


def test_help_loads_no_command_beside_the_one_that_is_named(root: Any) -> None:
    assert list(root.commands) == list(under())
    assert "trian" not in root.commands
    assert root.commands["train"] is root.commands["train"]
