"""The labelled reports that checks of words read, halved by patient: to choose by, and to measure on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold
from bert4text.core.sections import Section, find_sections
from bert4text.core.seeds import rng

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Reading:
    """Labelled reports, their labels and what belongs together.

    Attributes:
        texts: the texts.
        rows: position of each in the corpus.
        source_rows: row of the source of each, from 1.
        names: the labels, in the order of the columns of ``labels``.
        labels: (n, k), whether a report has a label.
        groups: (n,), a number for each patient, or for each report where no patient is known.
        held: (n,), whether a report is in the half that is measured on; whole patients.
        total: labelled reports of the corpus; more than ``texts`` when they were sampled.
    """

    texts: list[str]
    rows: Ints
    source_rows: list[int | None]
    names: tuple[str, ...]
    labels: Bools
    groups: Ints
    held: Bools
    total: int

    @classmethod
    def of(cls, corpus: Corpus, *, at_most: int, seed: int) -> Reading:
        """Read a corpus: every labelled report with a text, or a seeded sample of ``at_most``."""
        names = () if corpus.label_space is None else corpus.label_space.names
        place = {name: i for i, name in enumerate(names)}
        texts, label_rows = corpus.texts, corpus.table["labels"].to_pylist()
        usable = [
            i
            for i, (text, row) in enumerate(zip(texts, label_rows, strict=True))
            if row is not None and text.strip() and all(label in place for label in row)
        ]
        rows = np.asarray(usable, dtype=np.int64)
        if len(rows) > at_most:
            rows = np.sort(rng(seed, "audit.sample").choice(rows, size=at_most, replace=False))
        labels = np.zeros((len(rows), len(names)), dtype=np.bool_)
        for i, row in enumerate(rows):
            labels[i, [place[label] for label in label_rows[row]]] = True
        all_groups, sources = corpus.groups, corpus.table["source_row"].to_pylist()
        groups = _numbered([all_groups[row] for row in rows])
        return cls(
            texts=[texts[row] for row in rows],
            rows=rows,
            source_rows=[sources[row] for row in rows],
            names=names,
            labels=labels,
            groups=groups,
            held=_held(groups, seed),
            total=len(usable),
        )

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def sampled(self) -> bool:
        """Whether only a part of the labelled reports is read."""
        return len(self) < self.total

    @cached_property
    def folded(self) -> list[str]:
        """The texts in lower case without accents, offsets kept."""
        return [fold(text) for text in self.texts]

    @cached_property
    def sections(self) -> list[tuple[Section, ...]]:
        """The sections of each text."""
        return [find_sections(text) for text in self.texts]

    def section_at(self, report: int, position: int) -> str:
        """The name of the section that a position of a text lies in."""
        for section in self.sections[report]:
            if position < section.end:
                return section.name
        return "body"

    def cite(self, reports: Bools, *, at_most: int = 20) -> tuple[int, ...]:
        """Source rows of some reports, for local eyes."""
        rows = (self.source_rows[i] for i in np.flatnonzero(reports))
        return tuple(
            row for row, _ in zip((row for row in rows if row is not None), range(at_most), strict=False)
        )


def _numbered(keys: list[str]) -> Ints:
    numbers: dict[str, int] = {}
    return np.asarray([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _held(groups: Ints, seed: int) -> Bools:
    """Half of the groups, by seed."""
    count = int(groups.max()) + 1 if len(groups) else 0
    order = rng(seed, "audit.halves").permutation(count)
    chosen = np.zeros(count, dtype=np.bool_)
    chosen[order[: count // 2]] = True
    return chosen[groups] if count else np.zeros(0, dtype=np.bool_)
