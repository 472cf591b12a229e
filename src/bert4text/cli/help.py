"""Help in the language of the screen: walks the finished command tree and translates what it says."""

from __future__ import annotations

from typing import Any

import typer

from bert4text.core.messages import N_, Translator

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


def translate_help(command: Any, translator: Translator) -> None:
    """Translate the help of a command and of those under it, in place."""
    _translate_frame(translator)
    if translator.language == "en":
        return
    _translate_command(command, translator)


def _translate_frame(translator: Translator) -> None:
    from typer import rich_utils

    for name, english in FRAME.items():
        setattr(rich_utils, name, translator(english))


def _translate_command(command: Any, translator: Translator) -> None:
    for name in ("help", "short_help", "epilog", "rich_help_panel"):
        text = getattr(command, name, None)
        if text:
            setattr(command, name, translator(text))
    own_help = command.get_help_option(typer.Context(command))
    for parameter in (*command.params, *([own_help] if own_help else [])):
        for name in ("help", "rich_help_panel"):
            text = getattr(parameter, name, None)
            if text:
                setattr(parameter, name, translator(text))
    english_usage = command.get_usage
    command.get_usage = lambda ctx: english_usage(ctx).replace(USAGE, translator(USAGE), 1)
    for child in getattr(command, "commands", {}).values():
        _translate_command(child, translator)
