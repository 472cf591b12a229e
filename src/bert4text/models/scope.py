"""Scope: whether a report is like those that a model was calibrated on, or should be left to a person.

An encoder answers anything, a recipe too. How far a report lies from those that were learned from is the
Mahalanobis distance of its embedding to the nearest mean of a label (Lee et al., 2018, "A Simple Unified
Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks"); of TF-IDF, which has none, the
share of its words that the vocabulary does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from bert4text.core.errors import BundleError
from bert4text.core.language import detect
from bert4text.models.backends import Output

Floats = npt.NDArray[np.float64]

FILE = "scope.safetensors"
READ = 400
"""Characters by which the language of a report is told."""
WORDS = 12
"""Words from which the language of a report is told."""


@dataclass(frozen=True)
class Scope:
    """What lies within the scope of a model.

    Attributes:
        limit: the largest distance within; None where too few reports were there to promise ``rate``.
        rate: share of reports like those of calibration that may lie beyond.
        patients: whose reports it was calibrated on.
        language: of the reports, ``pt``, ``es`` or ``en``; None where it is not told apart.
        means: of the embeddings of each label, float32 [c, d]; None where TF-IDF answers.
        whitening: what makes their spread the same in all directions, float32 [d, d]; None likewise.
    """

    limit: float | None
    rate: float
    patients: int
    language: str | None = None
    means: npt.NDArray[np.float32] | None = None
    whitening: npt.NDArray[np.float32] | None = None

    def distances(self, output: Output) -> Floats | None:
        """How far each report lies from those that were learned from, [n]; None where that cannot be told."""
        if self.means is None or self.whitening is None:
            return None if output.unknown is None else output.unknown.astype(np.float64)
        if output.embedding is None:
            return None
        white = output.embedding.astype(np.float64) @ self.whitening
        means = self.means.astype(np.float64) @ self.whitening
        squares = (white**2).sum(axis=1)[:, None] - 2 * white @ means.T + (means**2).sum(axis=1)
        found: Floats = np.sqrt(np.maximum(squares, 0.0).min(axis=1))
        return found

    def reasons(self, texts: Sequence[str], output: Output) -> list[str | None]:
        """Why each report lies beyond: ``far-from-training`` or ``other-language``; None within."""
        far = np.zeros(len(texts), dtype=np.bool_)
        distances = self.distances(output)
        if distances is not None and self.limit is not None:
            far = distances > self.limit
        return [
            "other-language" if self._other(text) else "far-from-training" if beyond else None
            for text, beyond in zip(texts, far.tolist(), strict=True)
        ]

    def _other(self, text: str) -> bool:
        """Whether a report is surely written in another language than those of calibration."""
        if self.language is None or len(text[:READ].split()) < WORDS:
            return False
        found = detect(text[:READ])
        return found is not None and found != self.language

    def save(self, folder: Path) -> None:
        """Write it into an existing folder."""
        arrays = {"limit": np.array([np.inf if self.limit is None else self.limit])}
        if self.means is not None and self.whitening is not None:
            arrays |= {"means": self.means, "whitening": self.whitening}
        told = {"rate": repr(self.rate), "patients": str(self.patients), "language": self.language or ""}
        save_file(arrays, folder / FILE, metadata=told)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read what ``save`` wrote, or None where there is none.

        Raises:
            BundleError: it is broken.
        """
        if not (folder / FILE).is_file():
            return None
        try:
            with safe_open(folder / FILE, framework="numpy") as file:
                told, names = file.metadata(), file.keys()
                arrays = {name: file.get_tensor(name) for name in names}
            limit = float(arrays["limit"][0])
            return cls(
                limit=limit if np.isfinite(limit) else None,
                rate=float(told["rate"]),
                patients=int(told["patients"]),
                language=told["language"] or None,
                means=arrays.get("means"),
                whitening=arrays.get("whitening"),
            )
        except (OSError, SafetensorError, KeyError, ValueError, TypeError):
            raise BundleError(
                "the file {file} of the bundle {name} is broken",
                hint="copy the whole folder again, or train again",
                code="altered",
                file=FILE,
                name=folder.name,
            ) from None
