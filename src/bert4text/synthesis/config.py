"""Settings of ``[synthesize]``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config

Language = Literal["pt-BR", "en"]
Layout = Literal["narrative", "telegraphic", "structured", "table", "capitals", "dictation"]
StyleName = Literal[
    "short", "long", "mixed", "narrative", "telegraphic", "structured", "table", "capitals", "dictation"
]


class SynthesizeConfig(Config):
    """How synthetic reports are made; section ``[synthesize]``."""

    generator: str = Field(default="cytology", description="what makes the reports: cytology or founding")
    n: int | None = Field(
        default=None, ge=1, description="how many reports; all 569 rows of the table when not given"
    )
    language: Language | None = Field(
        default=None, description="language of the reports, pt-BR or en; that of [project] when not given"
    )
    style: StyleName = Field(
        default="short",
        description="length or layout of cytology reports: short (at most 60 words), long, mixed, or one of"
        " narrative, telegraphic, structured, table, capitals, dictation",
    )
    noise: float = Field(
        default=0.25,
        ge=0.0,
        le=0.5,
        description="observer noise added before a measurement becomes words, in units of half the range"
        " from the 16 to the 84 % point",
    )
    flipped: float = Field(
        default=0.05,
        ge=0.0,
        le=0.5,
        description="share of labels that the founding recipe flips after the text is written",
    )
