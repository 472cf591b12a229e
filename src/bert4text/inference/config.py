"""Settings of ``predict`` and ``export``: their sections of ``bert4text.toml``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config
from bert4text.core.prediction import Manner, Promise
from bert4text.data.config import Format

OutputFormat = Literal["parquet", "csv", "jsonl"]


class PredictConfig(Config):
    """How new reports are read and their predictions written."""

    columns: dict[str, str] = Field(
        default_factory=dict,
        description="which column holds what: id, text, and an attribute by which thresholds differ; the "
        "usual names are found without it",
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
    precision: Literal["float32", "bfloat16"] | None = Field(
        None,
        description="in which a PyTorch model computes: bfloat16 is faster on a GPU, where nothing is padded,"
        " and rounds to two or three digits; as its bundle says if not given; exports keep their own",
    )
    coverage: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="what prediction sets promise: the share of reports whose true label is in the set; 0.9 "
        "if not given, or the promise nearest to it that was fitted",
    )
    promise: Promise | None = Field(
        None,
        description="whether that holds overall or of the reports of each label; the latter if not given, "
        "where each had calibration reports enough",
    )
    abstain: Literal["auto", "never", "several", "unsure"] = Field(
        "auto",
        description="which reports are left to a person: none, those of which several labels cannot be "
        "excluded, or those of which the model is not sure enough for the risk that was set; auto is the "
        "last where one was set, else none",
    )
    guard: bool = Field(
        default=True,
        description="leave reports to a person that are unlike those of calibration or in another language",
    )
    deidentify: bool | None = Field(
        None,
        description="de-identify reports before they are classified, under the policy that the model learned "
        "under; false: they come de-identified, or are to be read as they come",
    )

    @property
    def manner(self) -> Manner:
        """How answers are given."""
        return Manner(coverage=self.coverage, promise=self.promise, abstain=self.abstain, guard=self.guard)


class ExportConfig(Config):
    """What a run is exported to, and how much its answers may change."""

    format: Literal["onnx", "openvino"] = Field(
        "onnx", description="what computes it, without PyTorch: onnx for ONNX Runtime, or openvino"
    )
    precision: Literal["float32", "int8"] = Field(
        "float32",
        description="float32 gives the answers of the run; int8 is twice as fast and nearly the same",
    )
    reduce_range: bool | None = Field(
        None,
        description="of int8: whether weights keep 7 of the 8 bits, so that processors which add products of "
        "8-bit integers in 16 bits lose none of them; as the processor of the export needs if not given",
    )
    agreement: float = Field(
        0.99, ge=0, le=1, description="share of reports that must get the same label as from the run"
    )
    macro_f1: float = Field(
        0.003, ge=0, le=1, description="macro-F1 that may be lost, over labels of 50 reports or more"
    )
    reports: int = Field(1000, ge=1, description="reports that run and export are compared on, at most")
