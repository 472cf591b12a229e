"""Ensemble: encoders that each learned without one fold of the reports answer together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from bert4text.models.backends import FloatArray, Output
from bert4text.models.integrity import MEMBERS
from bert4text.models.torch_backend import TorchBackend


class Ensemble:
    """The mean of the logits of several encoders, which read a text alike.

    The mean of logits is the logarithmic opinion pool with equal weights (Genest & Zidek, 1986, "Combining
    Probability Distributions").

    Args:
        members: two at least, of one tokenizer and one window.
    """

    name = "ensemble"

    def __init__(self, members: Sequence[TorchBackend]) -> None:
        self.members = list(members)

    @property
    def precision(self) -> str:
        """That of the members."""
        return self.members[0].precision

    @property
    def settings(self) -> dict[str, Any]:
        """Window, stride and pooling, and how many members there are."""
        return {**self.members[0].settings, MEMBERS: len(self.members)}

    @property
    def token_weights(self) -> int:
        """Weights of all members that each token is multiplied with while it is answered."""
        return sum(member.token_weights for member in self.members)

    @property
    def window(self) -> int:
        """Tokens of a window."""
        return self.members[0].window

    def forward(self, texts: Sequence[str]) -> Output:
        """Mean logits of each text, in order; embeddings are those of the first member."""
        said = [member.forward(texts) for member in self.members]
        logits: FloatArray = np.stack([output.logits for output in said]).mean(axis=0)
        return replace(said[0], logits=logits)

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        """Write the first member into the folder itself, and the others into folders below it."""
        self.members[0].save(folder, multilabel=multilabel)
        for place in places(folder, len(self.members)):
            place.mkdir(parents=True)
        for member, place in zip(self.members[1:], places(folder, len(self.members)), strict=True):
            member.save(place, multilabel=multilabel)

    @classmethod
    def load(cls, folder: Path, *, members: int, **settings: Any) -> Self:
        """Open what ``save`` wrote.

        Args:
            folder: of the bundle.
            members: how many there are.
            settings: of each, as ``TorchBackend.load`` takes them.

        Raises:
            ModelError: a folder cannot be opened.
        """
        return cls([TorchBackend.load(place, **settings) for place in (folder, *places(folder, members))])


def places(folder: Path, members: int) -> list[Path]:
    """Where the members but the first lie."""
    return [folder / MEMBERS / str(number) for number in range(2, members + 1)]
