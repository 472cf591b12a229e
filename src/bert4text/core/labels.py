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
        question: the name of the question; ``label`` unless several are asked.
    """

    task: Task
    names: tuple[str, ...]
    question: str = "label"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.names)) != len(self.names):
            raise ValueError("label names repeat")
        return self

    def __len__(self) -> int:
        return len(self.names)

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
