"""The tree of commands: each is loaded when it is asked for, its help in the language of the screen."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bert4text import __version__
from bert4text.cli.commands import FIRST_STEPS, INTRODUCTION, Command, under
from bert4text.cli.front import LANGUAGE, LANGUAGE_HELP, LANGUAGES, VERSION, VERSION_HELP, page
from bert4text.cli.help import NAMES, translate_help
from bert4text.cli.options import checked_language
from bert4text.cli.screen import Screen
from bert4text.core.messages import Translator


def build(screen: Screen) -> Any:
    """The command tree, its help in the language of the screen."""
    translator = screen.translator
    app = typer.Typer(
        name="bert4text",
        help=INTRODUCTION,
        epilog=FIRST_STEPS,
        cls=_Group,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": NAMES},
    )
    app.callback()(_root)
    root: Any = typer.main.get_command(app)
    root.commands = _Commands("", translator)
    translate_help(root, translator)
    root.format_help = lambda ctx, formatter: formatter.write(page(translator))
    return root


def show_help(root: Any, words: Sequence[str], screen: Screen) -> bool:
    """Show what ``--help`` shows after the words of a command; typer would load pydantic to read the switch.

    Args:
        root: the command tree.
        words: the command's name.
        screen: whose language it is in.

    Returns:
        Whether the words name a command.
    """
    context = typer.Context(root, info_name="bert4text", obj=screen, help_option_names=NAMES)
    for word in words:
        named = getattr(context.command, "commands", {}).get(word)
        if named is None:
            return False
        context = typer.Context(named, info_name=word, parent=context)
    typer.echo(context.get_help())
    return True


class _Group(TyperGroup):
    """A group that names its commands without loading them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The words to type."""
        del ctx
        return list(self.commands)


class _Commands(Mapping[str, Any]):
    """The commands of a group by the word to type, each loaded when it is asked for."""

    def __init__(self, group: str, translator: Translator) -> None:
        self._rows = under(group)
        self._translator = translator
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, word: str) -> Any:
        if word not in self._loaded:
            row = self._rows[word]
            loaded = _command(word, row) if row.place else _group(word, row, self._translator)
            translate_help(loaded, self._translator)
            self._loaded[word] = loaded
        return self._loaded[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _command(word: str, row: Command) -> Any:
    module, _, name = row.place.partition(":")
    function = getattr(importlib.import_module(f"bert4text.cli.{module}"), name)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.command(word, help=row.help, epilog=row.examples, rich_help_panel=row.panel or None)(function)
    return typer.main.get_command(app)


def _group(word: str, row: Command, translator: Translator) -> Any:
    app = typer.Typer(name=word, help=row.help, cls=_Group, no_args_is_help=True, rich_markup_mode="rich")
    group: Any = typer.main.get_group(app)
    group.commands = _Commands(row.name, translator)
    return group


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"bert4text {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option(VERSION, help=VERSION_HELP, callback=_version, is_eager=True)
    ] = False,
    language: Annotated[str | None, typer.Option(LANGUAGE, metavar=LANGUAGES, help=LANGUAGE_HELP)] = None,
) -> None:
    checked_language(language)
