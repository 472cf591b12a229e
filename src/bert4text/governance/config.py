"""Settings of ``document``: ``[document]`` of ``bert4text.toml``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config

Kind = Literal["datasheet"]
Format = Literal["md", "html"]


class DocumentConfig(Config):
    """Which document is written, and how."""

    kind: Kind = Field("datasheet", description="which document: datasheet (of a corpus)")
    format: Format | None = Field(
        None, description="md or html; found from the name of the output if not given, else md"
    )
