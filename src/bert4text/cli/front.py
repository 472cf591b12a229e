"""The front page: what ``bert4text``, its ``--help`` and ``--version`` show, before anything is loaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from itertools import groupby
from textwrap import TextWrapper

from bert4text import __version__
from bert4text.cli.commands import FIRST_STEPS, INTRODUCTION, under
from bert4text.cli.help import FRAME, NAMES, PLACEHOLDERS, SPOKEN, USAGE, usage
from bert4text.core.errors import ConfigError
from bert4text.core.messages import N_, Translator

COMPLETE = "_BERT4TEXT_COMPLETE"
"""What a shell sets when it asks for completions."""

VERSION, VERSION_HELP = "--version", N_("Show the version and exit.")
LANGUAGE, LANGUAGES = "--language", "en|pt-BR"
LANGUAGE_HELP = N_("Language of what is shown; the locale's if not given.")

OPTIONS = (
    (VERSION, VERSION_HELP),
    (f"{LANGUAGE} {LANGUAGES}", LANGUAGE_HELP),
    ("--install-completion", SPOKEN[1]),
    ("--show-completion", SPOKEN[2]),
    (", ".join(NAMES), SPOKEN[0]),
)
"""Options before a command, and what is said of each."""


LEAST = 24
"""Columns of what is said of an option or command, however narrow the terminal is."""


def answer(argv: Sequence[str], translator: Translator) -> tuple[str, int] | None:
    """What is shown and the exit status where no command is named; None where one has to be found."""
    if os.environ.get(COMPLETE):
        return None
    if not argv:
        return page(translator), ConfigError.exit_status
    asked = _asked(argv)
    if asked == VERSION:
        return f"bert4text {__version__}\n", 0
    return None if asked is None else (page(translator), 0)


def _asked(argv: Sequence[str]) -> str | None:
    """The first of ``--version`` and ``--help`` where nothing but a language stands beside it."""
    asked = None
    words = iter(argv)
    for word in words:
        if word in {VERSION, *NAMES}:
            asked = asked or word
        elif word == LANGUAGE:
            if next(words, None) is None:
                return None
        elif not word.startswith(f"{LANGUAGE}="):
            return None
    return asked


def page(translator: Translator) -> str:
    """The front page, as wide as the terminal."""
    width = shutil.get_terminal_size().columns
    parts = [
        usage(f"{USAGE}bert4text {' '.join(PLACEHOLDERS)}", translator),
        _filled(translator(INTRODUCTION), width),
        _panel(FRAME["OPTIONS_PANEL_TITLE"], OPTIONS, translator, width=width),
    ]
    commands = under()
    column = max(map(len, commands))
    for title, listed in groupby(commands.items(), key=lambda pair: pair[1].panel):
        rows = [(word.ljust(column), command.help) for word, command in listed]
        parts.append(_panel(title, rows, translator, width=width))
    parts += [_filled(paragraph, width) for paragraph in translator(FIRST_STEPS).split("\n\n")]
    return "\n\n".join(parts) + "\n"


def _panel(title: str, rows: Sequence[tuple[str, str]], translator: Translator, *, width: int) -> str:
    column = max(len(words) for words, _ in rows) + 4
    lines = [
        _filled(translator(said), max(width, column + LEAST), f"  {words}".ljust(column))
        for words, said in rows
    ]
    return "\n".join([f"{translator(title)}:", *lines])


def _filled(text: str, width: int, before: str = "") -> str:
    """A text in lines of a width; those after the first begin where the text does."""
    lines = TextWrapper(
        width,
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.fill(text)
