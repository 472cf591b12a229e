"""Errors at the door: three lines for a person, one ``problem/1`` object for a program, an exit status."""

from __future__ import annotations

import errno
import re
import traceback
from typing import Any

from rich.text import Text

from bert4text.cli.render import issues_table
from bert4text.cli.screen import Screen, as_json
from bert4text.core.errors import AuditFailed, Bert4TextError, ConfigError, OutputError, PolicyError
from bert4text.core.messages import N_

INTERRUPTED = 130
INTERNAL = 70


class InternalError(Bert4TextError):
    """A bug: where it is, never what it was working on."""

    code = "internal"
    exit_status = INTERNAL


class Interrupted(Bert4TextError):
    """Ctrl-C."""

    code = "interrupted"
    exit_status = INTERRUPTED
    http_status = 499


def tell(error: Bert4TextError, screen: Screen) -> int:
    """Show an error and give its exit status."""
    message, hint = screen.translator.error(error)
    place = place_of(error, screen)
    if screen.json:
        screen.stderr.write(as_json(problem(error, screen), screen.stderr) + "\n")
    else:
        if isinstance(error, AuditFailed) and error.issues and not screen.findings_shown:
            screen.err.print(issues_table(list(error.issues), screen.translator))
        said, *more = message.splitlines()
        screen.err.print(Text(f"error[{error.error_code}]: {said}", style="bold red"), soft_wrap=True)
        for line in (*more, place, hint):
            if line:
                screen.err.print(Text(f"  {line}"), soft_wrap=True)
    if screen.verbose:
        _frames(error, screen)
    return error.exit_status


def problem(error: Bert4TextError, screen: Screen) -> dict[str, Any]:
    """An error as ``problem/1``."""
    message, hint = screen.translator.error(error)
    found: dict[str, Any] = {
        "format": "problem/1",
        "code": error.error_code,
        "title": message,
        "detail": place_of(error, screen),
        "hint": hint,
        "exit": error.exit_status,
        "status": error.http_status,
    }
    if isinstance(error, AuditFailed | PolicyError) and error.issues:
        found["items"] = [issue.model_dump(mode="json") for issue in error.issues]
    return found


def place_of(error: Bert4TextError, screen: Screen) -> str:
    """Where it happened: the section and key, the file and row, or the command."""
    values = error.values
    if isinstance(error, ConfigError) and values.get("section"):
        section = str(values["section"])
        where = "bert4text.toml" if section == "bert4text.toml" else f"bert4text.toml, [{section}]"
        key = values.get("key") or values.get("wanted")
        return f"{where} {key}" if key and key != section else where
    parts = [screen.place]
    if "row" in values:
        parts.append(screen.translator(N_("row {row}"), row=values["row"]))
    return ", ".join(parts)


def bug(error: BaseException) -> InternalError:
    """What is said of an error nobody foresaw: its kind and its line, never its words."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _module(frame.filename).startswith("bert4text.")]
    last = next(reversed(ours or list(frames)), None)
    internal = InternalError(
        "a bug in BERT4Text: {kind} at {module}, line {line}",
        hint="nothing was half-written; please report it with this line and `bert4text --version`",
        kind=type(error).__name__,
        module=_module(last.filename) if last else "?",
        line=last.lineno if last else 0,
    )
    internal.__traceback__ = error.__traceback__
    return internal


def no_space(error: BaseException) -> OutputError | None:
    """A full disk that was noticed only where the system says so, for example by what takes our stdout."""
    if not isinstance(error, OSError) or error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        return None
    return OutputError(
        "there is no space left to write", hint="free some space, or write elsewhere", code="no-space"
    )


def usage_error(error: Any) -> Bert4TextError:
    """What typer found wrong with the arguments, as an error of the family."""
    from bert4text.core.config import suggestion

    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = suggestion(error.option_name, _options(error))
        return ConfigError(
            "there is no option {option}",
            hint="did you mean {near}?" if near else "see --help",
            code="unknown-option",
            option=error.option_name,
            near=near,
        )
    if kind == "BadOptionUsage":
        return ConfigError(
            "{option} wants a value", hint="see --help", code="missing-value", option=error.option_name
        )
    if kind == "MissingParameter":
        return ConfigError(
            "{parameter} is missing", hint="see --help", code="missing-argument", parameter=_name(error)
        )
    if kind == "BadParameter":
        return ConfigError(
            "{parameter} does not take this value",
            hint="see --help",
            code="bad-argument",
            parameter=_name(error),
        )
    commands = list(getattr(getattr(getattr(error, "ctx", None), "command", None), "commands", {}))
    typed = re.match(r"No such command '(.*?)'", error.format_message())
    if typed and commands:
        near = suggestion(typed[1], commands)
        return ConfigError(
            "there is no such command; there are {known}",
            hint="did you mean {near!r}?" if near else "see --help",
            code="unknown-command",
            known=commands,
            near=near,
        )
    if "extra argument" in error.format_message():
        return ConfigError(
            "there is an argument too many",
            hint="a name with spaces needs quotation marks around it; see --help",
            code="extra-argument",
        )
    return ConfigError("the arguments do not fit", hint="see --help", code="usage")


def _options(error: Any) -> list[str]:
    command = getattr(getattr(error, "ctx", None), "command", None)
    return [name for parameter in getattr(command, "params", []) for name in getattr(parameter, "opts", [])]


def _name(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "?"
    opts = [name for name in parameter.opts if name.startswith("-")]
    return opts[0] if opts else str(parameter.name).upper()


def _frames(error: BaseException, screen: Screen) -> None:
    for frame in traceback.extract_tb(error.__traceback__):
        screen.stderr.write(f"  {_module(frame.filename)}, line {frame.lineno}, {frame.name}\n")


def _module(filename: str) -> str:
    """The dotted name of a module's file, without the machine's folders."""
    parts = filename.replace("\\", "/").removesuffix(".py").split("/")
    if "site-packages" in parts:
        parts = parts[parts.index("site-packages") + 1 :]
    elif "bert4text" in parts:
        parts = parts[len(parts) - 1 - parts[::-1].index("bert4text") :]
    else:
        parts = parts[-1:]
    return ".".join(parts)
