"""Logs: JSON lines with an allow-list of fields, so that no report text can slip in."""

from __future__ import annotations

import json
import logging
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from bert4text.cli.screen import Screen
from bert4text.core.errors import OutputError

ALLOWED = ("verb", "code", "run", "count", "seconds", "bytes", "ref", "status")
"""What a record may carry beside ``time``, ``level``, ``logger`` and its constant ``message``."""

ROOT = "bert4text"


class JsonLines(logging.Formatter):
    """One JSON object a line; the message is the constant template, never filled with arguments."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the allowed fields of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": str(record.msg),
        }
        line.update(
            {name: value for name, value in vars(record).items() if name in ALLOWED and _plain(value)}
        )
        return json.dumps(line, ensure_ascii=False)


class Remark(logging.Formatter):
    """A warning for human eyes: level and constant message."""

    def format(self, record: logging.LogRecord) -> str:
        """Write level and message."""
        return f"{record.levelname.lower()}: {record.msg}"


def start_logging(screen: Screen, file: Path | None) -> None:
    """Send warnings to stderr and, when asked, everything to a file of JSON lines.

    Raises:
        OutputError: the file cannot be written.
    """
    logger = logging.getLogger(ROOT)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = False
    logger.setLevel(logging.INFO if file is not None else logging.WARNING)
    shown = logging.StreamHandler(screen.stderr)
    shown.setLevel(logging.ERROR if screen.quiet else logging.WARNING)
    shown.setFormatter(JsonLines() if screen.json else Remark())
    logger.addHandler(shown)
    if file is not None:
        logger.addHandler(_file_handler(file, shown))
    warnings.showwarning = _warned


class _LogFile(logging.FileHandler):
    """A log whose own trouble shows no traceback: the command goes on, and the screen is told once."""

    def __init__(self, file: Path, told: logging.Handler) -> None:
        super().__init__(file, encoding="utf-8")
        self._told = told
        self._broken = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say that the log is not whole."""
        if not self._broken:
            self._broken = True
            shown = logging.LogRecord(
                ROOT, logging.ERROR, "", 0, "the log cannot be written: lines are missing", None, None
            )
            self._told.handle(shown)

    def close(self) -> None:
        """Close the file; what a full disk did not take is lost and was told."""
        with suppress(OSError):
            super().close()


def _file_handler(file: Path, told: logging.Handler) -> logging.Handler:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(file, told)
    except OSError:
        raise OutputError(
            "the log {name} cannot be written",
            hint="give --log another place",
            code="log",
            name=file.name,
        ) from None
    handler.setFormatter(JsonLines())
    return handler


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A library's warning may quote data: only its kind is kept."""
    logging.getLogger(f"{ROOT}.warnings").info("a library warned", extra={"code": category.__name__})


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
