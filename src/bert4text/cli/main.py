"""The door of the command line: show the front page or run one command, and end with an exit status."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from bert4text.cli.front import answer
from bert4text.cli.help import NAMES
from bert4text.cli.screen import Screen
from bert4text.core.messages import load, screen_language

INTERRUPTED = 130
"""What typer ends with on Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit status."""
    status = run(sys.argv[1:] if argv is None else argv)
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the work is done: its status stands
    gc.freeze()  # all goes with the process: looking for circles in it would take as long as a front page
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
    asked = _asked(argv)
    screen = Screen(load(screen_language(asked)), json="--json" in argv, asked=asked)
    try:
        return _run(list(argv), screen)
    except BrokenPipeError:
        return _reader_gone()


def _run(argv: list[str], screen: Screen) -> int:
    try:
        shown = answer(argv, screen.translator)
        if shown is None:
            status = _command(argv, screen)
        else:
            text, status = shown
            sys.stdout.write(text)
        sys.stdout.flush()
    except BaseException as error:  # whatever ends it has a status; what tells it is loaded only now
        from bert4text.cli.ending import status_of

        return status_of(error, screen, argv)
    return status


def _command(argv: list[str], screen: Screen) -> int:
    from bert4text.cli.tree import build, show_help

    root = build(screen)
    if argv and argv[-1] in NAMES and show_help(root, argv[:-1], screen):
        return 0
    ended = root.main(args=argv, prog_name="bert4text", standalone_mode=False, obj=screen)
    if ended == INTERRUPTED:
        raise KeyboardInterrupt
    return int(ended or 0)


def _asked(argv: Sequence[str]) -> str | None:
    """The language asked for, read before the arguments are: help needs it; a command's own goes first."""
    asked = None
    for place, word in enumerate(argv):
        if word == "--language" and place + 1 < len(argv):
            asked = argv[place + 1]
        elif word.startswith("--language="):
            asked = word.partition("=")[2]
    return asked


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


__all__ = ["main", "run"]
