"""Remedies: what the findings propose, as settings; and a corpus mended by them, with every change told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import Field

from bert4text.core.config import Config, dump_toml, unknown_key
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, EmptyCorpusError, LabelError
from bert4text.core.issue import Issue
from bert4text.core.report import SIDE
from bert4text.data.config import PrepareConfig
from bert4text.data.deduplicate import find_repeats
from bert4text.data.normalize import text_digest
from bert4text.data.note import ROWS_SHOWN, Note
from bert4text.data.sides import seen_of_side
from bert4text.data.split import split_corpus
from bert4text.data.visible import check_sections, visible_text

PREPARE = ("sections", "sentences", "deduplicate", "split", "label_map")
"""Keys of ``[prepare]`` that can be applied to a corpus that is already made."""


class RowsConfig(Config):
    """The ``[rows]`` section of a file of remedies: single reports, by their row in the source."""

    set_aside: list[int] = Field(default_factory=list, description="rows whose reports are left out")
    relabel: dict[str, str] = Field(
        default_factory=dict, description="row -> the label that a person found right"
    )


@dataclass(frozen=True)
class Remedies:
    """What is to be done to a corpus.

    Attributes:
        prepare: settings of ``[prepare]``, of the keys in ``PREPARE`` alone.
        given: the keys of them that were given.
        rows: single reports.
    """

    prepare: PrepareConfig
    given: frozenset[str]
    rows: RowsConfig

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Remedies:
        """Check what a file of remedies holds.

        Raises:
            ConfigError: an unknown section or key, one that no made corpus can follow, or a bad value.
        """
        for name, section in values.items():
            if name not in {"prepare", "rows"} or not isinstance(section, Mapping):
                if name == "audit":
                    raise ConfigError(
                        "[audit] is not a remedy: it says how to examine, not what to change",
                        hint="put these lines into bert4text.toml",
                        code="no-remedy",
                    )
                raise unknown_key(name, ["prepare", "rows"], section="remedies")
        prepare = dict(values.get("prepare", {}))
        for name in prepare:
            if name not in PREPARE:
                raise unknown_key(name, list(PREPARE), section="prepare")
        config = PrepareConfig.parse(prepare, section="prepare")
        check_sections(config)
        rows = RowsConfig.parse(values.get("rows", {}), section="rows")
        return cls(config, frozenset(prepare), rows)


@dataclass
class Mended:
    """A corpus while it is mended, and what was done.

    Attributes:
        corpus: as far as it is mended.
        notes: every change, in order.
    """

    corpus: Corpus
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, *, message: str, at: Sequence[int] = (), **values: Any) -> None:
        """Tell a change; ``at`` are positions of the reports concerned."""
        sources = self.corpus.table["source_row"].to_pylist()
        rows = tuple(sources[place] for place in at if sources[place] is not None)[:ROWS_SHOWN]
        self.notes.append(Note(code=code, message=message, values=values, reports=len(at), rows=rows))

    def keep(self, gone: Iterable[int]) -> None:
        """Leave reports out.

        Raises:
            EmptyCorpusError: nothing is left.
        """
        lost = set(gone)
        if len(lost) == len(self.corpus):
            raise EmptyCorpusError("the remedies leave no report", hint="set aside less", code="no-reports")
        if lost:
            self.corpus = self.corpus.select([place not in lost for place in range(len(self.corpus))])


def proposed(issues: Iterable[Issue]) -> dict[str, Any]:
    """The settings that the findings propose for a corpus, nested as TOML.

    Lists are joined; of two other values for one setting the first is kept, that of the graver finding.
    """
    found: dict[str, Any] = {}
    for issue in issues:
        if issue.severity == "info" or issue.accepted:
            continue
        for key, value in (issue.remedy or {}).items():
            parts = key.split(".")
            if parts[0] != "prepare" or parts[1] not in PREPARE:
                continue
            place = found
            for part in parts[:-1]:
                place = place.setdefault(part, {})
            known = place.get(parts[-1])
            if isinstance(value, list) and isinstance(known, list):
                place[parts[-1]] = sorted({*known, *value})
            else:
                place.setdefault(parts[-1], value)
    return found


def as_toml(remedies: Mapping[str, Any]) -> str:
    """Remedies as the text of a TOML file; empty where there are none."""
    return dump_toml(remedies) if remedies else ""


def mend(corpus: Corpus, remedies: Remedies, *, seed: int) -> Mended:
    """A new corpus with the remedies applied; the one given stays as it is.

    Args:
        corpus: labelled or not.
        remedies: what to do.
        seed: of a new split.

    Raises:
        ConfigError: a row that the corpus does not have.
        LabelError: a label that the question does not have, or one label only is left.
        EmptyCorpusError: nothing is left.
    """
    mended = Mended(corpus)
    _relabel(mended, remedies.rows)
    _set_aside(mended, remedies.rows)
    if "label_map" in remedies.given:
        _map_labels(mended, remedies.prepare.label_map)
    if {"sections", "sentences"} & remedies.given:
        _cut(mended, remedies.prepare)
    if "deduplicate" in remedies.given and remedies.prepare.deduplicate:
        _deduplicate(mended)
    _narrow(mended)
    if "split" in remedies.given:
        bare = mended.corpus.with_column("split", [None] * len(mended.corpus))
        mended.corpus = split_corpus(bare, remedies.prepare.split, seed=seed)
        shown = [f"{name} {count}" for name, count in mended.corpus.splits.items()]
        mended.note(
            "split", message="split anew by {by}: {splits}", by=remedies.prepare.split.by, splits=shown
        )
    return mended


def _places(mended: Mended, rows: Iterable[int]) -> list[int]:
    at = {row: place for place, row in enumerate(mended.corpus.table["source_row"].to_pylist())}
    missing = [row for row in rows if row not in at]
    if missing:
        raise ConfigError(
            "the corpus has no report of the rows {missing}",
            hint="rows are those of the source, as the findings name them",
            code="unknown-row",
            missing=missing[:10],
        )
    return [at[row] for row in rows]


def _relabel(mended: Mended, rows: RowsConfig) -> None:
    if not rows.relabel:
        return
    numbers = [int(row) if row.isdigit() else -1 for row in rows.relabel]
    places = _places(mended, numbers)
    space = mended.corpus.label_space
    unknown = sorted(set(rows.relabel.values()) - set(space.names if space else ()))
    if unknown:
        raise LabelError(
            "[rows] relabel gives labels that the question does not have: {unknown}",
            hint="the labels are those of the corpus; join or rename them with [prepare.label_map]",
            code="unknown-label",
            unknown=unknown,
        )
    labels = mended.corpus.table["labels"].to_pylist()
    for place, label in zip(places, rows.relabel.values(), strict=True):
        labels[place] = [label]
    mended.note("relabelled", message="labels changed by a person: {count}", at=places, count=len(places))
    mended.corpus = mended.corpus.with_column("labels", labels)


def _set_aside(mended: Mended, rows: RowsConfig) -> None:
    if rows.set_aside:
        places = _places(mended, dict.fromkeys(rows.set_aside))
        mended.note("set-aside", message="reports set aside by row: {count}", at=places, count=len(places))
        mended.keep(places)


def _map_labels(mended: Mended, names: Mapping[str, str]) -> None:
    labels = mended.corpus.table["labels"].to_pylist()
    changed = [place for place, row in enumerate(labels) if any(name in names for name in row or ())]
    gone = [place for place in changed if any(names.get(name) == "" for name in labels[place])]
    for place in changed:
        labels[place] = list(dict.fromkeys(names.get(name, name) for name in labels[place]))
    mended.note("label-map", message="labels mapped: {count}", at=changed, count=len(changed))
    mended.corpus = _renamed(mended.corpus, labels, names)
    mended.keep(gone)


def _renamed(corpus: Corpus, labels: list[list[str] | None], names: Mapping[str, str]) -> Corpus:
    space = corpus.label_space
    if space is not None:
        kept = tuple(dict.fromkeys(name for old in space.names if (name := names.get(old, old))))
        corpus = corpus.replace(label_space=space.narrowed(kept))
    return corpus.with_column("labels", labels)


def _cut(mended: Mended, config: PrepareConfig) -> None:
    before = mended.corpus.texts
    names = () if mended.corpus.label_space is None else mended.corpus.label_space.names
    sides = [dict(row or ()).get(SIDE) for row in mended.corpus.table["attributes"].to_pylist()]
    view = partial(visible_text, config=config, labels=names)
    after = [seen_of_side(text, side, view) for text, side in zip(before, sides, strict=True)]
    changed = [place for place, text in enumerate(after) if text != before[place]]
    mended.note(
        "sections",
        message="reports with sections or sentences held back from the model: {count}",
        at=changed,
        count=len(changed),
    )
    mended.corpus = mended.corpus.with_column("text", after)
    empty = [place for place, text in enumerate(after) if not text.strip() and before[place].strip()]
    if empty:
        mended.note(
            "no-text-left",
            message="reports without any text beside what is held back, set aside: {count}",
            at=empty,
            count=len(empty),
        )
        mended.keep(empty)


def _deduplicate(mended: Mended) -> None:
    table = mended.corpus.table
    labels = [None if row is None else tuple(row) for row in table["labels"].to_pylist()]
    found = find_repeats(
        [text_digest(text) for text in mended.corpus.texts],
        labels,
        splits=table["split"].to_pylist(),
        keys=table["id"].to_pylist(),
    )
    for code, message, places in (
        ("duplicate", "reports that repeat the text of another, dropped: {count}", found.dropped),
        ("conflict", "reports of one text with different labels, set aside: {count}", found.conflicting),
    ):
        if places:
            mended.note(code, message=message, at=places, count=len(places))
    mended.keep({*found.dropped, *found.conflicting})


def _narrow(mended: Mended) -> None:
    """Take labels that no report bears any more out of the question.

    Raises:
        LabelError: fewer than two are left.
    """
    space = mended.corpus.label_space
    if space is None or space.task == "ordinal":
        return
    held = {name for row in mended.corpus.table["labels"].to_pylist() for name in row or ()}
    kept = tuple(name for name in space.names if name in held)
    if len(space.narrowed(kept).determinate) < 2 and space.task != "multilabel":
        raise LabelError("the remedies leave one label only", hint="set aside or join less", code="one-class")
    if kept != space.names:
        gone = sorted(set(space.names) - held)
        mended.note("label-gone", message="labels that no report bears any more: {names}", names=gone)
        mended.corpus = mended.corpus.replace(label_space=space.narrowed(kept))
