"""Which column holds what: the option and how it is read."""

from __future__ import annotations

from typing import Annotated

import typer

from bert4text.core.errors import ConfigError
from bert4text.core.messages import N_

Columns = Annotated[
    str | None, typer.Option("--columns", metavar="id=A,text=B", help=N_("Which column holds what."))
]


def column_mapping(text: str | None) -> dict[str, str]:
    """``id=exame,text=laudo`` as a mapping.

    Raises:
        ConfigError: a part is not ``name=column``.
    """
    mapping: dict[str, str] = {}
    for part in (text or "").split(",") if text else ():
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not (name and equals):
            raise ConfigError(
                "--columns wants name=column pairs, with commas between them",
                hint="for example --columns id=exame,text=laudo",
                code="bad-columns",
            )
        mapping[name] = column
    return mapping
