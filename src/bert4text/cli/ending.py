"""How a call of the command line ends that did not just finish: every exception has an exit status."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import typer

from bert4text.cli.front import COMPLETE
from bert4text.cli.problems import Interrupted, bug, no_space, tell, usage_error
from bert4text.cli.screen import Screen
from bert4text.core.errors import Bert4TextError, ConfigError

COMPLETION = {"--install-completion", "--show-completion"}
"""Options of typer that end the process themselves, as completing for a shell does."""


def status_of(error: BaseException, screen: Screen, argv: Sequence[str]) -> int:
    """Tell how it ended, and give the exit status.

    Args:
        error: what ended it.
        screen: where it is told.
        argv: the arguments of the call.

    Raises:
        BrokenPipeError: whoever read the output has left.
    """
    if isinstance(error, Bert4TextError):
        return tell(error, screen)
    if isinstance(error, typer.TyperException):
        return _misused(error, screen)
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return tell(
            Interrupted("interrupted", hint="nothing was half-written: what stood there is as before"), screen
        )
    if isinstance(error, BrokenPipeError) or (isinstance(error, SystemExit) and _broke_pipe(error)):
        raise BrokenPipeError from None
    if isinstance(error, SystemExit) and (COMPLETION & set(argv) or os.environ.get(COMPLETE)):
        return ConfigError.exit_status if error.code else 0
    return tell(no_space(error) or bug(error), screen)  # the last net: nothing may show its words


def _misused(error: Any, screen: Screen) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        screen.stderr.write(error.format_message())
        return ConfigError.exit_status
    context = getattr(error, "ctx", None)
    if context is not None:
        screen.place = context.command_path
    return tell(usage_error(error), screen)


def _broke_pipe(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, BrokenPipeError):
            return True
        error = error.__context__
    return False
