"""Settings of ``predict``: ``[predict]`` of ``bert4text.toml``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config
from bert4text.data.config import Format

OutputFormat = Literal["parquet", "csv", "jsonl"]


class PredictConfig(Config):
    """How new reports are read and their predictions written."""

    columns: dict[str, str] = Field(
        default_factory=dict,
        description="which column holds what: id and text; the usual names are found without it",
    )
    format: Format | None = Field(
        None, description="format of the reports; found from the name of the source if not given"
    )
    output_format: OutputFormat | None = Field(
        None,
        description="format of the predictions: parquet, csv or jsonl; by the output's name if not given",
    )
    resume: bool = Field(
        default=True, description="go on where a killed run of the same reports, model and output was"
    )
