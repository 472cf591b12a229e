"""The reports of each split that training reads, and those without a label; ``test`` is never among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.core.copies import Copied, Copier
from bert4text.core.corpus import Corpus
from bert4text.core.errors import EmptyCorpusError, LabelError
from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import Bools, truth_matrix
from bert4text.models.reading import Reading
from bert4text.training.config import TrainConfig
from bert4text.training.reweigh import Reweighed, groups_of, reweighed

Floats = npt.NDArray[np.float64]
Targets = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """The labelled reports of one split.

    Attributes:
        texts: n texts.
        groups: the patient of each, or the report itself.
        truth: bool [n, k], which labels hold.
        many: whether several may hold at once.
        weights: how much each counts, [n], or each label of it, [n, k]; None is equally.
        copies: changed copies of each, which follow it wherever it is learned from; None is none of any.
    """

    texts: list[str]
    groups: list[str]
    truth: Bools
    many: bool
    weights: Floats | None = None
    copies: tuple[tuple[str, ...], ...] | None = None

    @property
    def targets(self) -> Targets:
        """Label indices [n], or 0 and 1 [n, k] when several may hold."""
        return self.truth.astype(np.int64) if self.many else self.truth.argmax(axis=1)

    def select(self, rows: Indices) -> Part:
        """Some of the reports, by position."""
        texts, groups = ([values[row] for row in rows] for values in (self.texts, self.groups))
        weights = None if self.weights is None else self.weights[rows]
        copies = None if self.copies is None else tuple(self.copies[row] for row in rows)
        return Part(texts, groups, self.truth[rows], self.many, weights, copies)

    def joined(self, other: Part) -> Part:
        """These reports and those of another split, one after the other."""
        truth = np.concatenate([self.truth, other.truth])
        parts = (self.weights, other.weights)
        weights = None if parts[0] is None or parts[1] is None else np.concatenate([parts[0], parts[1]])
        copies = None if self.copies is other.copies is None else (*self._each, *other._each)
        return Part(
            [*self.texts, *other.texts], [*self.groups, *other.groups], truth, self.many, weights, copies
        )

    @property
    def _each(self) -> tuple[tuple[str, ...], ...]:
        """The copies of each, none where there are none of any."""
        return ((),) * len(self.texts) if self.copies is None else self.copies

    @property
    def learned(self) -> Part:
        """What is learned from: these reports, then their copies, each as its report but for its text."""
        if self.copies is None:
            return self
        of = np.repeat(np.arange(len(self.texts)), [len(texts) for texts in self.copies])
        copied = replace(self.original.select(of), texts=[text for texts in self.copies for text in texts])
        return self.original.joined(copied)

    @property
    def original(self) -> Part:
        """These reports without their copies."""
        return replace(self, copies=None)


@dataclass(frozen=True)
class Parts:
    """What training reads: ``train`` fits, ``validation`` stops, ``calibration`` calibrates.

    Attributes:
        reweighed: what is told of the weights of reports, where they have some.
        augmented: what is told of the copies of training reports, where there are some.
    """

    label_space: LabelSpace
    train: Part
    validation: Part
    calibration: Part | None
    reweighed: Mapping[str, object] | None = None
    augmented: Mapping[str, object] | None = None

    @property
    def pool(self) -> Part:
        """Training and validation reports together, in this order."""
        return self.train.joined(self.validation)

    @property
    def held_out(self) -> dict[str, Part]:
        """The parts that nothing learns from, by their split."""
        some = {"validation": self.validation, "calibration": self.calibration}
        return {name: part for name, part in some.items() if part is not None}


def reading(config: TrainConfig) -> Reading:
    """How long reports are read.

    Raises:
        ConfigError: there is no such section, or none is named.
    """
    windows = config.windows
    return Reading.of(windows.read, windows.sections, rest=windows.rest)


def read_parts(corpus: Corpus, config: TrainConfig, *, copier: Copier | None = None) -> Parts:
    """Take the splits apart.

    Args:
        corpus: labelled and split.
        config: which splits are read, and how reports weigh.
        copier: makes the changed copies of training reports that ``batches.augmentation`` asks for; it is
            shown those alone.

    Raises:
        TypeError: copies are asked for and there is nothing that makes them.
        LabelError: the corpus has no labels, one label only to learn from, or a report's labels do not
            fit the question.
        EmptyCorpusError: a split that is needed has no labelled reports.
        ConfigError: reports are to weigh by groups, and there are not two of enough reports.
    """
    space = corpus.label_space
    if space is None:
        raise LabelError(
            "the corpus has no labels",
            hint="map the label column, or read labels from a section, with `bert4text prepare`",
            code="unlabelled",
        )
    splits = {name: labelled(corpus, name) for name in _read(config)}
    weighed = _weighed(splits, space, config.loss.reweigh)
    weights = _dealt(weighed, splits)
    made = {name: _part(some, space, weights.get(name)) for name, some in splits.items()}
    copied = _copied(splits["train"], config, copier)
    train = replace(made["train"], copies=None if copied is None else copied.texts)
    held = [space.names[place] for place in np.flatnonzero(train.truth.sum(axis=0))]
    if not held or (not train.many and len(held) < 2):
        raise LabelError(
            "the training reports have {count} of the labels {names}; at least two are needed",
            hint="check the labels and the splits with `bert4text prepare` and `bert4text audit`",
            code="one-class",
            count=len(held),
            names=space.names,
        )
    return Parts(
        label_space=space,
        train=train,
        validation=made["validation"],
        calibration=made.get("calibration"),
        reweighed=None if weighed is None else weighed.told(),
        augmented=None if copied is None else copied.told(),
    )


def _copied(reports: Corpus, config: TrainConfig, copier: Copier | None) -> Copied | None:
    """Changed copies of the training reports, where they are asked for."""
    if not config.batches.augmentation.perturbations:
        return None
    if copier is None:
        raise TypeError("copier")
    return copier(list(reports))


def _read(config: TrainConfig) -> tuple[str, ...]:
    """The splits that a training reads."""
    return ("train", "validation", *(("calibration",) if config.calibration.temperature else ()))


def _weighed(splits: Mapping[str, Corpus], space: LabelSpace, attributes: Sequence[str]) -> Reweighed | None:
    """The weights of all reports that are read, one split after the other; None where none are wanted."""
    if not attributes:
        return None
    groups = [group for some in splits.values() for group in groups_of(some, attributes)]
    rows = [row for some in splits.values() for row in some.table["labels"].to_pylist()]
    truth = truth_matrix(rows, space)
    labels = truth.astype(np.int64) if space.task == "multilabel" else truth.argmax(axis=1)
    return reweighed(groups, labels, attributes=attributes)


def _dealt(weighed: Reweighed | None, splits: Mapping[str, Corpus]) -> dict[str, Floats]:
    """The weights by split."""
    if weighed is None:
        return {}
    ends = np.cumsum([len(some) for some in splits.values()])[:-1]
    return dict(zip(splits, np.split(weighed.weights, ends), strict=True))


def labelled(corpus: Corpus, name: str) -> Corpus:
    """The labelled reports of a split.

    Raises:
        EmptyCorpusError: there are none.
    """
    counts = corpus.splits
    if not counts.get(name):
        raise EmptyCorpusError(
            "training needs reports in the split {split!r}; the corpus has {found}",
            hint="cut the missing splits from train with `bert4text prepare`",
            code="empty-split",
            split=name,
            found=sorted(counts),
        )
    part = corpus[name]
    kept = [row is not None for row in part.table["labels"].to_pylist()]
    if not any(kept):
        raise EmptyCorpusError(
            "no report in the split {split!r} has a label",
            hint="map the label column with `bert4text prepare`",
            code="unlabelled-split",
            split=name,
        )
    return part if all(kept) else part.select(kept)


def unlabelled(corpus: Corpus, *, most: int | None, seed: int) -> list[str]:
    """Texts of the reports without a label that stand in ``train`` or in no split.

    Those of a patient who has reports in another split are left out, as are those without a text.

    Args:
        corpus: whose texts of other splits are not read.
        most: how many are drawn at most; None takes all.
        seed: of the draw.
    """
    columns = corpus.table.select(["labels", "split"]).to_pydict()
    rows = list(zip(columns["labels"], columns["split"], corpus.groups, strict=True))
    held = {group for _, split, group in rows if split not in {None, "train"}}
    found = [
        place
        for place, (labels, split, group) in enumerate(rows)
        if labels is None and split in {None, "train"} and group not in held
    ]
    texts = [text for text in corpus.select(found).texts if text.strip()] if found else []
    if most is None or len(texts) <= most:
        return texts
    chosen = seeds.rng(seed, "training.unlabelled").choice(len(texts), size=most, replace=False)
    return [texts[place] for place in sorted(chosen.tolist())]


def _part(corpus: Corpus, space: LabelSpace, weights: Floats | None) -> Part:
    labels = corpus.table["labels"].to_pylist()
    return Part(
        texts=corpus.texts,
        groups=corpus.groups,
        truth=truth_matrix(labels, space),
        many=space.task == "multilabel",
        weights=weights,
    )
