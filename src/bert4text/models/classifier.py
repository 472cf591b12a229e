"""Classifier: a backend, the question and a calibrator; the only thing that predicts."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, cast

import numpy as np
import numpy.typing as npt
from pydantic import Field

from bert4text.core.config import Record
from bert4text.core.errors import ModelError
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest
from bert4text.core.output import writing_folder
from bert4text.core.prediction import Manner, Prediction, prediction_key
from bert4text.core.report import SIDE, Report
from bert4text.models.backends import Backend, Output
from bert4text.models.calibration import Calibrator
from bert4text.models.manner import check_manner, doubts, kept_labels
from bert4text.models.scope import Scope
from bert4text.models.sources import EncoderInfo

if TYPE_CHECKING:
    from bert4text.models.hybrid import Hybrid
    from bert4text.models.linear_backend import LinearBackend

Delivered = Literal["model", "tfidf", "hybrid"]
NO_TEXT: dict[str, object] = {"status": "failed", "reason": "no-text"}
System = tuple[Backend, Calibrator]


class BundleInfo(Record):
    """What a bundle remembers beside its arrays.

    Attributes:
        encoder: what the model was made from; None for the baseline alone.
        manifest: where the classifier comes from; its digest is that of the bundle.
        config: the resolved settings, TOML.
        card: the model card, Markdown.
        operating_point: how the thresholds were chosen, or None.
    """

    encoder: EncoderInfo | None = None
    manifest: Manifest = Field(default_factory=lambda: Manifest(kind="model", verb="train"))
    config: str = ""
    card: str = ""
    operating_point: str | None = None


class Classifier:
    """Answers reports, one prediction for each, in order.

    Args:
        label_space: the question.
        backend: computes logits, one for each label.
        calibrator: of that backend.
        baseline: TF-IDF and its calibrator, trained on the same reports; None when ``backend`` is it.
        digest: of the bundle; empty until saved.
        hybrid: both together and their calibrator, or None.
        delivered: which system answers: ``model``, ``tfidf`` or ``hybrid``.
        info: what the bundle remembers.
        scope: which reports are unlike those it was calibrated on; None where that cannot be told.
        manner: how answers are given.

    Raises:
        ModelError: the delivered system is not there, or a calibrator does not fit the question.
    """

    def __init__(
        self,
        label_space: LabelSpace,
        backend: Backend,
        calibrator: Calibrator,
        *,
        baseline: tuple[LinearBackend, Calibrator] | None = None,
        hybrid: tuple[Hybrid, Calibrator] | None = None,
        digest: str = "",
        delivered: Delivered = "model",
        info: BundleInfo | None = None,
        scope: Scope | None = None,
        manner: Manner | None = None,
    ) -> None:
        self.label_space = label_space
        self.digest = digest
        self.scope = scope
        self.manner = manner or Manner()
        self.info = info or BundleInfo()
        self._systems: dict[str, System] = {}
        if backend.name == "linear":
            self._systems["tfidf"] = (backend, calibrator)
            delivered = "tfidf"
        else:
            self._systems["model"] = (backend, calibrator)
            if baseline is not None:
                self._systems["tfidf"] = baseline
            if hybrid is not None:
                self._systems["hybrid"] = hybrid
        self.delivered: Delivered = delivered
        self._check()

    def _check(self) -> None:
        if self.delivered not in self._systems:
            raise ModelError(
                "the classifier has no system {wanted!r}; it has {found}",
                code="no-system",
                wanted=self.delivered,
                found=list(self._systems),
            )
        link = Calibrator.untouched(self.label_space).link
        for name, (_, calibrator) in self._systems.items():
            if calibrator.link != link or calibrator.sizes - {len(self.label_space)}:
                raise ModelError(
                    "the calibrator of {name!r} does not fit a question of {k} labels ({task})",
                    code="calibrator",
                    name=name,
                    k=len(self.label_space),
                    task=self.label_space.task,
                )

    def __repr__(self) -> str:
        place = self.digest[:12] or "not saved"
        return f"Classifier({self.encoder_name}, {len(self.label_space)} labels, {place})"

    @property
    def backend(self) -> Backend:
        """The backend of the system that answers."""
        return self._systems[self.delivered][0]

    @property
    def calibrator(self) -> Calibrator:
        """The calibrator of the system that answers."""
        return self._systems[self.delivered][1]

    @property
    def baseline(self) -> tuple[LinearBackend, Calibrator] | None:
        """TF-IDF and its calibrator, or None."""
        return cast("tuple[LinearBackend, Calibrator] | None", self._systems.get("tfidf"))

    @property
    def hybrid(self) -> tuple[Hybrid, Calibrator] | None:
        """Encoder and TF-IDF together and their calibrator, or None."""
        return cast("tuple[Hybrid, Calibrator] | None", self._systems.get("hybrid"))

    @property
    def encoder_name(self) -> str:
        """The encoder's name, or ``tfidf`` when there is none."""
        return self.info.encoder.name if self.info.encoder and "model" in self._systems else "tfidf"

    def systems(self) -> dict[str, System]:
        """Every system of the bundle by name, ``model`` first: its backend and calibrator."""
        return dict(self._systems)

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Calibrated probabilities float64 [n, k] of the system that answers; an empty text gets some too."""
        return self.calibrator.probabilities(self.backend.forward(texts).logits)

    def predict(self, reports: Sequence[Report]) -> list[Prediction]:
        """Answer each report, in order; one without a text is ``failed`` with the reason ``no-text``."""
        readable = [place for place, report in enumerate(reports) if report.text.strip()]
        some = [reports[place] for place in readable]
        output = self.backend.forward([report.text for report in some])
        answered = dict(zip(readable, self._answers(some, output), strict=True))
        return [
            self._prediction(report, place, answered.get(place, NO_TEXT))
            for place, report in enumerate(reports)
        ]

    def answers(self, reports: Sequence[Report], output: Output) -> list[Prediction]:
        """The answers that ``predict`` gives, from what the backend gave for these very reports."""
        said = self._answers(reports, output)
        return [
            self._prediction(report, place, answer if report.text.strip() else NO_TEXT)
            for place, (report, answer) in enumerate(zip(reports, said, strict=True))
        ]

    def recalibrate(self, calibrator: Calibrator) -> None:
        """Give the system that answers another calibrator.

        Raises:
            ModelError: it does not fit the question.
        """
        system = (self._systems[self.delivered][0], calibrator)
        self._systems = {**self._systems, self.delivered: system}
        self._check()

    def answering(self, manner: Manner) -> Self:
        """The same classifier, giving its answers in another manner.

        Raises:
            NotCalibratedError: the manner needs a risk or prediction sets that were not fitted.
        """
        check_manner(manner, self.calibrator)
        other = copy.copy(self)
        other.manner = manner
        return other

    def _answers(self, reports: Sequence[Report], output: Output) -> list[dict[str, object]]:
        texts = [report.text for report in reports]
        probabilities = self.calibrator.probabilities(output.logits)
        groups = self.calibrator.groups_of([report.attributes for report in reports])
        best = self.calibrator.decide(probabilities, groups)
        holds = self.calibrator.holds(probabilities, groups)
        sets = kept_labels(self.calibrator, probabilities, texts, self.manner)
        guarded = self.scope is not None and self.manner.guard
        beyond = self.scope.reasons(texts, output) if self.scope and guarded else [None] * len(texts)
        answers: list[dict[str, object]] = []
        for place, row in enumerate(probabilities):
            size = {"tokens": int(output.tokens[place]), "windows": int(output.windows[place])}
            if output.unread is not None:
                size["unread"] = int(output.unread[place])
            if not np.isfinite(row).all():
                answers.append({"status": "failed", "reason": "not-finite", **size})
                continue
            answer: dict[str, object] = {"probabilities": tuple(row.tolist()), **size}
            if groups is not None:
                answer["point"] = "common" if groups[place] is None else "group"
            answered = holds[place] if self.label_space.task == "multilabel" else best[place]
            kept = None if sets is None else sets[place]
            if kept is not None:
                kept[answered] = True
                answer["prediction_set"] = self._named(kept)
            doubt = doubts(self.calibrator, self.manner, row, int(best[place]), kept)
            if beyond[place] is not None:
                answer |= {"status": "out-of-scope", "reason": beyond[place]}
            elif doubt is not None:
                answer |= {"status": "abstained", "reason": doubt}
            elif self.label_space.task == "multilabel":
                answer["labels"] = self._named(holds[place])
            else:
                answer |= {
                    "label": self.label_space.names[best[place]],
                    "probability": float(row[best[place]]),
                }
            answers.append(answer)
        return answers

    def _named(self, holds: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        """The labels that hold, in the order of the question."""
        return tuple(name for name, held in zip(self.label_space.names, holds, strict=True) if held)

    def _prediction(self, report: Report, place: int, answer: dict[str, object]) -> Prediction:
        model = self.digest[:16]
        row = place + 1 if report.source_row is None else report.source_row
        key = prediction_key(model, report.id, report.text)
        known = {"id": report.id, "row": row, "side": report.attributes.get(SIDE), "model": model, "key": key}
        return Prediction.model_validate({**known, **answer})

    def save(self, folder: Path, *, overwrite: bool = False) -> str:
        """Write a bundle; its digest becomes the classifier's.

        Raises:
            OutputError: the folder exists (without ``overwrite``) or cannot be written.
        """
        bundle = importlib.import_module("bert4text.models.bundle")
        with writing_folder(folder, overwrite=overwrite) as partial:
            self.digest = bundle.save(
                self, partial, manifest=self.info.manifest, config_toml=self.info.config, card=self.info.card
            )
        return self.digest

    @classmethod
    def load(cls, folder: Path, *, precision: Literal["float32", "bfloat16"] | None = None) -> Self:
        """Open a bundle after checking every file of it; a PyTorch model answers on a GPU where there is one.

        Args:
            folder: of the bundle.
            precision: in which a PyTorch model computes: ``bfloat16`` needs no padding on a GPU and rounds
                to two or three digits; as the bundle says if not given. Exports keep their own.

        Raises:
            BundleError: it is no bundle, lacks a file, was altered or is of a newer format.
            MissingExtraError: it needs torch and torch is not installed.
        """
        bundle = importlib.import_module("bert4text.models.bundle")
        return cast("Self", bundle.load(folder, precision=precision))
