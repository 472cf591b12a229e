"""The door of the command line: build the commands, run one, and turn every end into an exit status."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bert4text import __version__
from bert4text.cli import account, data, delivery, encoders, model, start, use
from bert4text.cli.help import NAMES, translate_help
from bert4text.cli.options import checked_language
from bert4text.cli.problems import INTERRUPTED, Interrupted, bug, no_space, tell, usage_error
from bert4text.cli.screen import Screen
from bert4text.core.errors import Bert4TextError, ConfigError
from bert4text.core.messages import N_, load, screen_language

INTRODUCTION = N_(
    "From a table of clinical reports to an audited, calibrated BERT classifier, offline, on your machine."
)
FIRST_STEPS = N_(
    "Begin with: bert4text quickstart\n\n"
    "Your own table: prepare, audit, train, evaluate, predict - each with --help and examples.\n\n"
    "Not a medical device: a physician decides."
)


COMPLETION = {"--install-completion", "--show-completion"}
"""Options of typer that end the process themselves."""


def build(screen: Screen) -> Any:
    """The command tree, its help in the language of the screen."""
    app = typer.Typer(
        name="bert4text",
        help=INTRODUCTION,
        epilog=FIRST_STEPS,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": NAMES},
    )
    app.callback()(_root)
    for module in (start, encoders, data, model, use, delivery, account):
        module.register(app)
    command = typer.main.get_command(app)
    translate_help(command, screen.translator)
    return command


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit status."""
    status = run(sys.argv[1:] if argv is None else argv)
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the work is done: its status stands
    sys.exit(status)


def run(argv: Sequence[str]) -> int:
    """Run one command and give its exit status.

    Args:
        argv: the arguments after ``bert4text``.
    """
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    screen = Screen(load(screen_language(_asked(argv))), json="--json" in argv)
    try:
        return _run(list(argv), screen)
    except BrokenPipeError:
        return _reader_gone()


def _run(argv: list[str], screen: Screen) -> int:
    try:
        ended = build(screen).main(args=argv, prog_name="bert4text", standalone_mode=False, obj=screen)
        sys.stdout.flush()
    except Bert4TextError as error:
        return tell(error, screen)
    except typer.TyperException as error:
        return _misused(error, screen)
    except (KeyboardInterrupt, typer.Abort):
        ended = INTERRUPTED
    except BrokenPipeError:
        raise
    except SystemExit as error:
        if _broke_pipe(error):
            raise BrokenPipeError from None
        if COMPLETION & set(argv):
            return ConfigError.exit_status if error.code else 0
        return tell(bug(error), screen)
    except Exception as error:  # the last net: nothing may show its words
        return tell(no_space(error) or bug(error), screen)
    if ended == INTERRUPTED:
        return tell(
            Interrupted("interrupted", hint="nothing was half-written: what stood there is as before"), screen
        )
    return int(ended or 0)


def _misused(error: Any, screen: Screen) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        screen.stderr.write(error.format_message())
        return ConfigError.exit_status
    context = getattr(error, "ctx", None)
    if context is not None:
        screen.place = context.command_path
    return tell(usage_error(error), screen)


def _asked(argv: Sequence[str]) -> str | None:
    """The language asked for, read before the arguments are: help needs it."""
    for place, word in enumerate(argv):
        if word == "--language" and place + 1 < len(argv):
            return argv[place + 1]
        if word.startswith("--language="):
            return word.partition("=")[2]
    return None


def _broke_pipe(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, BrokenPipeError):
            return True
        error = error.__context__
    return False


def _open_closed_streams() -> None:
    """Python gives None for a stream that was closed before it began."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the process


def _reader_gone() -> int:
    """Whoever read our output has enough: end quietly."""
    with suppress(OSError), Path(os.devnull).open("wb") as null:
        os.dup2(null.fileno(), sys.stdout.fileno())
    return 0


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"bert4text {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help=N_("Show the version and exit."), callback=_version, is_eager=True),
    ] = False,
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="en|pt-BR", help=N_("Language of this help.")),
    ] = None,
) -> None:
    checked_language(language)


__all__ = ["build", "main", "run"]
