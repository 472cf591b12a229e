"""Help in the language of the screen: translates what a finished command says, and the frame around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.messages import Translator

NAMES = ["--help", "-h"]
"""What asks for help, of every command."""

FRAME = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "DEFAULT_STRING": N_("[default: {}]"),
    "REQUIRED_LONG_STRING": N_("[required]"),
}
"""What typer itself writes around a help text."""

SPOKEN = (
    N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)
"""Help of options that typer brings along."""

USAGE = N_("Usage: ")

PLACEHOLDERS = (N_("[OPTIONS]"), N_("COMMAND [ARGS]..."))
"""What a usage line says in place of words to type."""


def translate_help(command: Any, translator: Translator) -> None:
    """Translate the help of one command, in place."""
    import typer

    _translate_texts(command, ("help", "short_help", "epilog", "rich_help_panel"), translator)
    own_help = command.get_help_option(typer.Context(command, help_option_names=NAMES))
    for parameter in (*command.params, *([own_help] if own_help else [])):
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""  # typer would show a type, as though the switch took a value
        _translate_texts(parameter, ("help", "rich_help_panel"), translator)
    english_usage, written = command.get_usage, command.format_help
    command.get_usage = lambda ctx: usage(english_usage(ctx), translator)

    def format_help(ctx: Any, formatter: Any) -> None:
        _translate_frame(translator)
        written(ctx, formatter)

    command.format_help = format_help


def usage(english: str, translator: Translator) -> str:
    """A line of usage, its words that are not to be typed translated."""
    for part in (USAGE, *PLACEHOLDERS):
        english = english.replace(part, translator(part), 1)
    return english


def _translate_frame(translator: Translator) -> None:
    from typer import rich_utils  # loads rich: only once help is shown

    for name, english in FRAME.items():
        setattr(rich_utils, name, translator(english))


def _translate_texts(thing: Any, names: tuple[str, ...], translator: Translator) -> None:
    for name in names:
        text = getattr(thing, name, None)
        if text:
            setattr(thing, name, translator(text))
