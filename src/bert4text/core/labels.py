"""LabelSpace: the question asked - its task and its ordered label names."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from bert4text.core.config import Record
from bert4text.core.errors import LabelError

Task = Literal["binary", "multiclass", "ordinal", "multilabel"]


class LabelSpace(Record):
    """The question asked of a report.

    Attributes:
        task: ``binary`` (two labels), ``multiclass``, ``ordinal`` (``names`` are in order) or ``multilabel``.
        names: the labels, in the order of every array of probabilities.
        off_scale: of an ordinal question, labels that are no grade: they stand beside the scale, as an
            incomplete examination does; the others are its grades, in their order.
        indeterminate: the label that means that the report does not allow the answer, or None. It may be
            given like any other, and is no grade of an ordinal question; the others are the determinate ones.
        question: the name of the question; ``label`` unless several are asked.
    """

    task: Task
    names: tuple[str, ...]
    question: str = "label"
    off_scale: tuple[str, ...] = ()
    indeterminate: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.names)) != len(self.names):
            raise ValueError("label names repeat")
        if self.off_scale and (self.task != "ordinal" or not set(self.off_scale) < set(self.names)):
            raise ValueError("off_scale names some of the labels of an ordinal question")
        alone = self.task in {"binary", "multilabel"} or self.indeterminate not in self.names
        if self.indeterminate is not None and alone:
            raise ValueError("indeterminate names one of the labels of a multiclass or ordinal question")
        return self

    def __len__(self) -> int:
        return len(self.names)

    @property
    def scale(self) -> tuple[int, ...]:
        """Where the grades of an ordinal question stand among the names, lowest first."""
        beside = {*self.off_scale, self.indeterminate}
        return tuple(place for place, name in enumerate(self.names) if name not in beside)

    @property
    def determinate(self) -> tuple[str, ...]:
        """The labels that answer the question: all but the indeterminate one."""
        return tuple(name for name in self.names if name != self.indeterminate)

    def narrowed(self, names: tuple[str, ...]) -> LabelSpace:
        """The same question with some of its labels."""
        left = tuple(name for name in self.off_scale if name in names)
        unclear = self.indeterminate if self.indeterminate in names else None
        return self.model_copy(update={"names": names, "off_scale": left, "indeterminate": unclear})

    def index(self, name: str) -> int:
        """The position of a label.

        Raises:
            LabelError: the label is not in the space.
        """
        try:
            return self.names.index(name)
        except ValueError:
            raise LabelError(
                "the label {label!r} is not among {known}", code="unknown-label", label=name, known=self.names
            ) from None
