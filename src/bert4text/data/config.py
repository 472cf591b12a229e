"""Settings of ``prepare``: where the reports are, what to keep, where labels come from, how to split."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bert4text.core.config import Config

Format = Literal["csv", "tsv", "jsonl", "parquet", "excel", "folder"]
Reader = Literal["birads", "words", "regex"]


class SplitConfig(Config):
    """How reports are dealt into train, validation, calibration and test."""

    column: str | None = Field(
        None, description="column that holds the split; the column called split is taken if there is one"
    )
    values: dict[str, str] = Field(
        default_factory=dict, description='names in the file -> our names, for example { dev = "test" }'
    )
    by: Literal["patient", "time", "site", "none"] = Field(
        "patient",
        description="what is kept whole: patient (each report by itself where no patient is known), site, "
        "none; time puts the latest reports in test",
    )
    train: float = Field(0.7, ge=0, le=1, description="share of the reports to learn from")
    validation: float = Field(0.1, ge=0, le=1, description="share to stop and to choose by")
    calibration: float = Field(0.1, ge=0, le=1, description="share to calibrate probabilities on")
    test: float = Field(0.1, ge=0, le=1, description="share to measure on, once")

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> Self:
        if abs(self.train + self.validation + self.calibration + self.test - 1) > 1e-6:
            raise ValueError("train, validation, calibration and test must sum to 1")
        return self

    @property
    def shares(self) -> dict[str, float]:
        """Split -> share."""
        return {
            "train": self.train,
            "validation": self.validation,
            "calibration": self.calibration,
            "test": self.test,
        }


class SectionsConfig(Config):
    """Which sections of a report the model may see."""

    keep: list[str] = Field(
        default_factory=list, description="sections to keep, all others are dropped; empty keeps all"
    )
    drop: list[str] = Field(default_factory=list, description="sections to drop, heading and all")
    mask: list[str] = Field(
        default_factory=list, description="sections whose heading stays and whose content is hidden"
    )

    @property
    def active(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.keep or self.drop or self.mask)


class SentencesConfig(Config):
    """Which sentences of a report the model may not see."""

    drop: list[str] = Field(
        default_factory=list,
        description="sentences to drop: stated-label (those that state a label, a category or a code), "
        "stated-conduct (those that say what to do next), or words and phrases whose sentences go; "
        "* stands for any ending of a word",
    )


class LabelsFromConfig(Config):
    """How the label is read from the report, where the table has none."""

    section: str | None = Field(
        None, description="section to read, for example conclusion; the whole text if not given"
    )
    reader: Reader = Field(
        "birads",
        description="birads (category 0 to 6), words (a list for each class) or regex (patterns for each)",
    )
    classes: dict[str, list[str]] = Field(
        default_factory=dict, description="label -> words or patterns; the mildest class first"
    )
    several: Literal["aside", "highest"] = Field(
        "aside",
        description="when a report states several labels: set it aside, or take the gravest "
        "(the last of classes; BI-RADS in the order 1 2 3 6 0 4 5)",
    )
    keep_section: bool = Field(
        default=False, description="leave the section in the text; the model then reads the answer"
    )

    @model_validator(mode="after")
    def _classes_for_words(self) -> Self:
        if self.reader != "birads" and len(self.classes) < 2:
            raise ValueError("the readers words and regex need at least two classes")
        if self.reader == "birads" and self.classes:
            raise ValueError("the reader birads takes no classes")
        if not all(
            name and any(entry.strip() for entry in entries) for name, entries in self.classes.items()
        ):
            raise ValueError("each class needs a name and at least one word or pattern")
        return self


class PrepareConfig(Config):
    """Settings of ``prepare``."""

    source: str | None = Field(None, description="table or folder to read when none is given")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="ours -> the file's: id, text, labels, patient, episode, site, written_at, split, "
        'origin; any other name becomes an attribute; an empty name ("") takes no column',
    )
    label_map: dict[str, str] = Field(
        default_factory=dict, description='label in the file -> our label; "" sets those reports aside'
    )
    format: Format | None = Field(None, description="format of the source; found from its name if not given")
    encoding: str | None = Field(None, description="encoding of the file; detected if not given")
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="character between columns; detected if not given"
    )
    decimal: Literal[".", ","] | None = Field(
        None, description="decimal sign of numbers in attributes; detected if not given"
    )
    dates: Literal["day-first", "month-first"] | None = Field(
        None, description="how 03/04/2025 is read; detected, day first in doubt"
    )
    sheet: str | None = Field(None, description="sheet of an Excel file; the first if not given")
    label_file: str | None = Field(
        None, description="table inside a folder of .txt that holds the labels; the only one if not given"
    )
    deduplicate: bool = Field(
        default=True, description="drop reports that repeat another but for case and white space"
    )
    split: SplitConfig = Field(
        default_factory=lambda: SplitConfig.parse({}, section="prepare.split"),
        description="how reports are split",
    )
    sections: SectionsConfig = Field(
        default_factory=SectionsConfig, description="which sections the model sees"
    )
    sentences: SentencesConfig = Field(
        default_factory=SentencesConfig, description="which sentences the model does not see"
    )
    labels_from: LabelsFromConfig | None = Field(
        None, description="read the label from the report itself; the table's column if not given"
    )
    sides: dict[str, str] = Field(
        default_factory=dict,
        description="ask the question of each side of a report: the side's name -> the column of its "
        'label, for example { direita = "birads_d", esquerda = "birads_e" }; "" where [prepare.labels_from] '
        "reads it",
    )

    @property
    def held_back(self) -> set[str]:
        """The sections that the model may not see, the one that the label is read from included."""
        dropped = set(self.sections.drop)
        read = self.labels_from
        if read is not None and read.section is not None and not read.keep_section:
            dropped.add(read.section)
        return dropped

    @property
    def holds_back(self) -> bool:
        """Whether anything of a report is kept from the model."""
        return self.sections.active or bool(self.sentences.drop or self.held_back)
