"""Screen: where results and remarks go - stdout for the result, stderr for everything else."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from bert4text.core.messages import Translator

WIDTH = 100
"""Columns of a table that goes to a file or a pipe."""


class Screen:
    """What one call of the command shows, and how.

    Args:
        translator: of the language that is shown.
        json: whether the result is one JSON document and an error one JSON object.
        asked: the language that was asked for, before a command or behind it; None where nobody asked.
    """

    def __init__(self, translator: Translator, *, json: bool = False, asked: str | None = None) -> None:
        self.translator = translator
        self.json = json
        self.asked = asked
        self.quiet = False
        self.verbose = False
        self.place = "bert4text"
        self.findings_shown = False
        self.stdout: TextIO = sys.stdout
        self.stderr: TextIO = sys.stderr

    @property
    def out(self) -> Console:
        """Where the result goes."""
        return _console(self.stdout)

    @property
    def err(self) -> Console:
        """Where everything else goes."""
        return _console(self.stderr)

    def document(self, value: Mapping[str, Any], *, indent: int | None = 2) -> None:
        """Write one JSON document to stdout."""
        self.stdout.write(as_json(value, self.stdout, indent=indent) + "\n")

    def show(self, renderable: RenderableType) -> None:
        """Write a part of the result for human eyes to stdout."""
        self.out.print(renderable)

    def line(self, template: str, *, style: str = "", **values: Any) -> None:
        """Write a translated line of the result to stdout."""
        from rich.text import Text

        self.out.print(Text(self.translator(template, **values), style=style))

    def remark(self, template: str, **values: Any) -> None:
        """Write a translated remark to stderr, unless asked to be quiet."""
        if not self.quiet and not self.json:
            from rich.text import Text

            self.err.print(Text(self.translator(template, **values), style="dim"))


def as_json(value: Mapping[str, Any], stream: TextIO, *, indent: int | None = None) -> str:
    """JSON text that the stream can carry."""
    carries = (getattr(stream, "encoding", None) or "utf-8").casefold().replace("-", "") == "utf8"
    return json.dumps(value, ensure_ascii=not carries, allow_nan=False, indent=indent)


def as_typed(path: Path) -> str:
    """A path as a shell must be given it."""
    text = str(path)
    if os.name == "nt":
        return f'"{text}"' if " " in text else text
    return text if not re.search(r"[^\w@%+=:,./-]", text) else shlex.quote(text)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH
    return Console(
        file=stream,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        force_interactive=stream.isatty(),
    )
