"""Settings of ``explain``: the section ``[explain]`` of ``bert4text.toml``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config
from bert4text.core.explanation import Unit
from bert4text.data.config import Format


class GradientsConfig(Config):
    """How gradients are integrated."""

    steps: int = Field(
        16, ge=2, multiple_of=2, description="steps to begin with; doubled until the contributions add up"
    )
    most: int = Field(
        256,
        ge=2,
        multiple_of=2,
        description="steps that are not gone beyond; 8 are quick, and may not add up",
    )
    tolerance: float = Field(
        0.01, gt=0, lt=1, description="largest share of the change of the score that may be missing"
    )
    baseline: Literal["pad", "mask"] = Field(
        "pad", description="the token that stands for every token where the way begins: pad or mask"
    )


class SimilarConfig(Config):
    """Which reports of a corpus are told as similar."""

    count: int = Field(5, ge=1, le=100, description="similar reports that are told, at most")
    split: Literal["train", "validation", "calibration"] = Field(
        "train", description="reports of the corpus among which they are looked for"
    )


class ExplainConfig(Config):
    """How answers are explained."""

    method: str = Field(
        "occlusion",
        description="how: occlusion takes each piece away and asks again; linear adds up what the words of a "
        "report weigh, exactly, where TF-IDF answers; gradients integrates over the encoder's own; "
        "rollout shows, for teaching, where its attention leads",
    )
    units: list[Unit] = Field(
        default=["sentence", "word"],
        min_length=1,
        description="pieces that are looked at: section, sentence, phrase, word",
    )
    label: str | None = Field(None, description="the label that is explained; the answer if not given")
    words: int = Field(
        128,
        ge=1,
        description="words that are looked at one by one, at most: those of the pieces on which most hangs",
    )
    gradients: GradientsConfig = Field(
        default_factory=lambda: GradientsConfig.model_validate({}), description="integrated gradients"
    )
    faithfulness: bool = Field(
        default=True, description="measure how much the answer really hangs on what is named first"
    )
    stability: int = Field(
        0,
        ge=0,
        le=20,
        description="times that it is explained again without a piece on which little hangs, to see whether "
        "it stays alike",
    )
    counterfactual: bool = Field(
        default=False, description="look for the fewest pieces without which the answer is another one"
    )
    similar: SimilarConfig = Field(
        default_factory=lambda: SimilarConfig.model_validate({}),
        description="reports of a corpus that the model holds similar, where one is given",
    )
    draws: int = Field(5, ge=1, description="orders drawn at random that the explanation is measured beside")
    deidentify: bool | None = Field(
        None,
        description="de-identify reports before they are explained, under the policy that the model learned "
        "under; false: they come de-identified, or are to be read as they come",
    )
    split: Literal["train", "validation", "calibration"] = Field(
        "validation", description="reports of a corpus over which answers are looked at as a whole"
    )
    reports: int = Field(
        200, ge=1, description="reports of that split that are explained, at most; drawn by the seed"
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="which column holds what: id, text, and an attribute by which thresholds differ; the "
        "usual names are found without it",
    )
    format: Format | None = Field(
        None, description="format of the reports; found from the name of the source if not given"
    )
