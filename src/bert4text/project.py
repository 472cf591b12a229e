"""The one file that configures everything: ``bert4text.toml``, one section for each verb."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field

from bert4text.auditing.config import AuditConfig
from bert4text.core.codes import Codes
from bert4text.core.config import Config, apply_override, dump_toml, read_toml, unknown_section
from bert4text.core.keys import Keys, pseudonym
from bert4text.core.keys_config import KeysConfig
from bert4text.core.labels import Task
from bert4text.core.patient_keys import PatientKeys
from bert4text.data.config import PrepareConfig
from bert4text.evaluation.config import EvaluateConfig
from bert4text.explanation.config import ExplainConfig
from bert4text.governance.config import DocumentConfig
from bert4text.governance.policy_config import PolicyConfig
from bert4text.inference.config import ExportConfig, PredictConfig
from bert4text.privacy.config import DeidentifyConfig, ReidentifyConfig
from bert4text.robustness.config import StressConfig
from bert4text.store.trail import record
from bert4text.synthesis.config import SynthesizeConfig
from bert4text.training.calibration_config import CalibrateConfig
from bert4text.training.config import TrainConfig
from bert4text.training.distill_config import DistillConfig
from bert4text.training.pretrain_config import PretrainConfig
from bert4text.training.recognizer_config import RecognizerConfig
from bert4text.training.tune_config import TuneConfig

FILE = "bert4text.toml"


class ProjectConfig(Config):
    """What holds for every verb."""

    id: str = Field(
        "default",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="name under which this project's keys are kept",
    )
    language: str | None = Field(
        None, description="language of the reports (pt-BR, es, en); found from the texts if not given"
    )
    screen: Literal["en", "pt-BR"] | None = Field(
        None, description="language of what is shown; the locale's if not given"
    )
    seed: int = Field(7, ge=0, le=2**32 - 1, description="the one seed: same seed, same result")
    task: Task | None = Field(
        None, description="binary, multiclass, ordinal or multilabel; found from the labels if not given"
    )
    labels: list[str] | None = Field(
        None, description="label names in order; needed for ordinal, else found and sorted"
    )
    off_scale: list[str] = Field(
        default_factory=list,
        description="labels of an ordinal question that are no grade, such as an incomplete examination",
    )
    indeterminate: str | None = Field(
        None, description="label that means that the report does not allow the answer; it is no grade"
    )


SECTIONS: dict[str, type[Config]] = {
    "project": ProjectConfig,
    "prepare": PrepareConfig,
    "audit": AuditConfig,
    "synthesize": SynthesizeConfig,
    "deidentify": DeidentifyConfig,
    "reidentify": ReidentifyConfig,
    "recognizer": RecognizerConfig,
    "pretrain": PretrainConfig,
    "train": TrainConfig,
    "tune": TuneConfig,
    "distill": DistillConfig,
    "calibrate": CalibrateConfig,
    "evaluate": EvaluateConfig,
    "stress": StressConfig,
    "export": ExportConfig,
    "predict": PredictConfig,
    "explain": ExplainConfig,
    "document": DocumentConfig,
    "policy": PolicyConfig,
    "keys": KeysConfig,
}
"""Section -> its record. A verb's section bears the verb's name."""

OF_THE_PLACE = {"keys"}
"""Sections that say how a place works and change no result: they are not written into runs."""


@dataclass(frozen=True)
class Project:
    """Settings, and where the project lies.

    Attributes:
        folder: the folder of ``bert4text.toml``; None without one.
        given: the settings as given, before defaults.
    """

    folder: Path | None = None
    given: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path | None = None, *, overrides: Iterable[str] = ()) -> Self:
        """Read the nearest ``bert4text.toml`` and apply ``section.key=value`` overrides.

        Args:
            folder: the project's folder, or a file like ``bert4text.toml`` to read in its place; None looks
                from the current folder upwards.
            overrides: what ``--set`` was given, in order.

        Raises:
            ConfigError: no file where ``folder`` says, bad TOML, an unknown section or key, or a bad value.
        """
        if folder is not None and folder.is_file():
            place, file = _nearest(folder.absolute().parent), folder
        else:
            place = folder if folder is not None else _nearest(Path.cwd())
            file = (place or Path()) / FILE
            place = place if file.exists() else None
        values = read_toml(file) if file.exists() else {}
        for assignment in overrides:
            apply_override(values, assignment)
        project = cls(place, values)
        project.check(file=file.name)
        return project

    def check(self, *, file: str = FILE) -> None:
        """Check every section.

        Args:
            file: where they stand, for the message.

        Raises:
            ConfigError: an unknown section or key, or a bad value.
        """
        for name, values in self.given.items():
            if name not in SECTIONS or not isinstance(values, Mapping):
                raise unknown_section(name, list(SECTIONS), file=file)
            SECTIONS[name].parse(values, section=name)

    def section(self, name: str) -> Any:
        """One section, defaults filled in."""
        return SECTIONS[name].parse(self.given.get(name, {}), section=name)

    def changed(self, section: str, **values: Any) -> Self:
        """A project with some keys of a section given anew."""
        merged = {**self.given.get(section, {}), **values}
        return replace(self, given={**self.given, section: merged})

    def resolved(self) -> dict[str, Any]:
        """Every section that shapes a result, in full, as it is written into runs."""
        return {
            name: self.section(name).model_dump(mode="json", exclude_none=True, by_alias=True)
            for name in SECTIONS
            if name not in OF_THE_PLACE
        }

    def toml(self, **sections: Config) -> str:
        """The resolved settings as TOML; ``sections`` replace those of the same name."""
        values = self.resolved()
        for name, config in sections.items():
            values[name] = config.model_dump(mode="json", exclude_none=True, by_alias=True)
        return dump_toml(values)

    @property
    def settings(self) -> ProjectConfig:
        """The ``[project]`` section."""
        return ProjectConfig.parse(self.given.get("project", {}), section="project")

    @property
    def seed(self) -> int:
        """The one seed."""
        return self.settings.seed

    @property
    def trail(self) -> Path:
        """Where the trail is written: in the project, else in the user's state folder."""
        if self.folder is not None:
            return self.folder / "trail.jsonl"
        home = os.environ.get("XDG_STATE_HOME")
        return (Path(home) if home else Path.home() / ".local" / "state") / "bert4text" / "trail.jsonl"

    def pseudonymise(self, value: str) -> str:
        """The pseudonym of a patient in this project.

        Raises:
            StoreError: the project's key cannot be read.
        """
        return pseudonym(self._patients_key, value)

    def key(self, name: str) -> bytes:
        """The key of one use in this project, made at its first use.

        Raises:
            StoreError: the key cannot be read or made.
        """
        return self.keys.get(name)

    @cached_property
    def keys(self) -> Keys:
        """The keys of this project; one that is made leaves a line in the trail."""
        return Keys(self.settings.id, self.section("keys"), made=self._made)

    @property
    def patient_keys(self) -> PatientKeys:
        """The keys of the patients of this project, under which reports are sealed."""
        return PatientKeys(self.keys)

    @property
    def codes(self) -> Codes:
        """The table of codes of this project."""
        return Codes(self.settings.id)

    @cached_property
    def _patients_key(self) -> bytes:
        return self.key("patients")

    def _made(self, name: str, identity: str) -> None:
        record(self.trail, "key.created", subject=identity, details={"name": name})


def _nearest(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    return None
