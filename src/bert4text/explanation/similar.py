"""Similar reports: those that lie nearest to a report in what the model reads of them, by cosine.

The vectors are computed on the fly and kept in memory alone: they are made of patients' reports, and no
bundle and no file holds them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from bert4text.core.errors import ConfigError
from bert4text.core.explanation import Similar, Similarity
from bert4text.core.progress import Task
from bert4text.core.report import SIDE, Report
from bert4text.models.backends import Backend
from bert4text.models.linear_backend import LinearBackend

CHUNK = 256
"""Texts whose vectors are computed at once."""

Vectors = npt.NDArray[np.float32] | sp.csr_array
Agreement = Callable[[Sequence[Report]], Sequence[bool | None]]
"""Whether what the model answers for each of some reports agrees with its labels."""


class Placed(NamedTuple):
    """A report of a corpus.

    Attributes:
        row: of the corpus, from 1.
        report: with its labels.
    """

    row: int
    report: Report


class Neighborhood:
    """Reports of a corpus, held in memory as vectors, and which of them are nearest to a text.

    Args:
        backend: whose embeddings are compared; TF-IDF has its terms.
        placed: the reports.
        split: of which they are.
        agreement: asked of the nearest alone.
        task: told how far it is.

    Raises:
        ConfigError: what answers gives no embeddings.
    """

    def __init__(
        self,
        backend: Backend,
        placed: Sequence[Placed],
        *,
        split: str,
        agreement: Agreement,
        task: Task,
    ) -> None:
        self._backend, self._placed, self._split, self._agreement = backend, placed, split, agreement
        texts = [one.report.text for one in placed]
        chunks: list[Any] = []
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            chunks.append(vectors(backend, chunk))
            task.advance(len(chunk))
        self._vectors: Vectors = (
            sp.vstack(chunks, format="csr") if sp.issparse(chunks[0]) else np.concatenate(chunks)
        )
        self._same = [_folded(text) for text in texts]
        self._patients = [one.report.patient for one in placed]

    def nearest(self, text: str, *, patient: str | None, count: int) -> Similarity:
        """The reports most similar to one, without itself and without those of its patient.

        Args:
            text: what the model is shown of the report.
            patient: pseudonym of its patient, where it is known.
            count: how many, at most; one that has nothing in common with it is none of them.
        """
        wanted = _folded(text)
        itself = [said == wanted for said in self._same]
        twins = [one.report for one, is_it in zip(self._placed, itself, strict=True) if is_it]
        patients = {one.patient for one in twins if one.patient is not None}
        patients |= {patient} if patient is not None else set()
        cut = {one.source_row for one in twins if SIDE in one.attributes}  # its other side says much the same
        cut.discard(None)
        theirs = [
            not is_it and (one.report.patient in patients or one.report.source_row in cut)
            for one, is_it in zip(self._placed, itself, strict=True)
        ]
        cosines = _cosines(self._vectors, vectors(self._backend, [text]))
        left = [
            place
            for place in np.argsort(-cosines, kind="stable").tolist()
            if not itself[place] and not theirs[place] and cosines[place] > 0
        ][:count]
        found = [self._placed[place] for place in left]
        agreed = self._agreement([one.report for one in found]) if found else []
        return Similarity(
            split=self._split,
            compared=len(self._placed) - sum(itself) - sum(theirs),
            same_text=sum(itself),
            same_patient=sum(theirs),
            patient_known=bool(patients) and any(one is not None for one in self._patients),
            nearest=tuple(
                Similar(
                    id=one.report.id,
                    row=one.row,
                    similarity=min(1.0, float(cosines[place])),
                    labels=one.report.labels or (),
                    agrees=agrees,
                )
                for place, one, agrees in zip(left, found, agreed, strict=True)
            ),
        )


def vectors(backend: Backend, texts: Sequence[str]) -> Vectors:
    """What a model reads of texts, rows of length 1: embeddings, or terms where TF-IDF answers alone.

    Args:
        backend: what answers.
        texts: n texts.

    Raises:
        ConfigError: what answers gives no embeddings.
    """
    if isinstance(backend, LinearBackend):
        return backend.vectors(texts)
    found = backend.forward(texts).embedding
    if found is None:
        raise ConfigError(
            "this model answers by {name}, which gives no vectors to compare reports by",
            hint="explain without --similar",
            code="no-vectors",
            name=backend.name,
        )
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    scaled: npt.NDArray[np.float32] = (found / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


def _cosines(known: Vectors, one: Vectors) -> npt.NDArray[np.float64]:
    products = known @ one.T
    dense = products.toarray() if sp.issparse(products) else products
    found: npt.NDArray[np.float64] = np.asarray(dense, dtype=np.float64)[:, 0]
    return found


def _folded(text: str) -> str:
    """A text as it is compared: the same words in the same order are the same report."""
    return " ".join(text.casefold().split())
