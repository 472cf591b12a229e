"""Corpora sealed at rest: of each report all but its name lies encrypted under the key of its patient."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bert4text.core.corpus import Corpus
from bert4text.core.digest import canonical
from bert4text.core.errors import DataError, EmptyCorpusError, StoreError
from bert4text.core.messages import N_
from bert4text.core.patient_keys import PatientKeys
from bert4text.core.progress import Progress, silent
from bert4text.core.rows import SCHEMA, held
from bert4text.core.seal import opened, sealed

UNIT = 512
"""Reports between two words to the progress."""

PARQUET = (".parquet", ".pq")
"""How the names of files end that may be a sealed corpus."""

SHOWN = 5
"""Rows that an error names."""


def seal_corpus(corpus: Corpus, keys: PatientKeys, *, progress: Progress = silent) -> Corpus:
    """The corpus with a seal for each report, which still stands open: ``closed`` is what may be written.

    A seal holds the text, labels, episode, site, date and attributes; id, patient, split, origin and the row
    of the source stay readable. Patients without a key are given one. Whose key was destroyed gets no other:
    those reports are left out and counted (``unopened``).

    Args:
        corpus: the reports, none of them closed; seals that they have are made anew.
        keys: of the patients.
        progress: told how far it is.

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
        StoreError: keys cannot be read or made.
        EmptyCorpusError: the keys of all its patients were destroyed.
    """
    keys.begin()
    corpus, names, found = _with_keys(corpus, keys, make=True)
    ids, boxes = corpus.table["id"].to_pylist(), []
    with progress.task(N_("sealing reports"), len(corpus)) as task:
        for report, name, content in zip(ids, names, _contents(corpus.table), strict=True):
            boxes.append(sealed(found[name], content, bound=report))
            if len(boxes) % UNIT == 0:
                task.advance(UNIT)
        task.advance(len(boxes) % UNIT)
    place = corpus.table.schema.get_field_index("sealed")
    column = pa.array(boxes, SCHEMA.field("sealed").type)
    return corpus.replace(table=corpus.table.set_column(place, SCHEMA.field("sealed"), column))


def open_sealed(corpus: Corpus, keys: PatientKeys, *, progress: Progress = silent) -> Corpus:
    """The corpus with every sealed report opened; seals stay, and with them the fingerprint.

    Reports whose keys were destroyed are left out and counted (``unopened``).

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
        StoreError: ``sealed``: the project has not the keys.
        DataError: ``broken-seal``: a seal was altered, or hangs on another report.
        EmptyCorpusError: the keys of all its patients were destroyed.
    """
    if not is_closed(corpus):
        return corpus
    corpus, names, found = _with_keys(corpus, keys, make=False)
    columns = held(corpus.table.column_names)
    plain: dict[str, list[Any]] = {name: _values(corpus.table, name) for name in columns}
    broken: list[int] = []
    rows = zip(names, corpus.table["id"].to_pylist(), corpus.table["sealed"].to_pylist(), strict=True)
    with progress.task(N_("opening sealed reports"), len(corpus)) as task:
        for place, (name, report, box) in enumerate(rows):
            if box is not None and plain["text"][place] is None:
                content = _content(opened(found[name], box, bound=report))
                if content is None:
                    broken.append(place)
                    continue
                for column in columns:
                    plain[column][place] = content.get(column)
            if place % UNIT == UNIT - 1:
                task.advance(UNIT)
        task.advance(len(corpus) % UNIT)
    if broken:
        raise _broken(corpus, broken)
    table = corpus.table
    for name, values in plain.items():
        place, field = table.schema.get_field_index(name), table.schema.field(name)
        table = table.set_column(place, field, _array(values, field.type))
    return corpus.replace(table=table)


def is_closed(corpus: Corpus) -> bool:
    """Whether some report is sealed and does not stand open."""
    table = corpus.table
    return bool(pc.any(pc.and_(pc.is_valid(table["sealed"]), pc.is_null(table["text"]))).as_py())


def is_sealed_file(path: Path) -> bool:
    """Whether a file is a sealed corpus; what is no corpus is none, and nothing is opened."""
    if path.suffix.casefold() not in PARQUET or not path.is_file():
        return False
    try:
        said = (pq.read_schema(path).metadata or {}).get(b"bert4text.sealed")
        return bool(said is not None and json.loads(said))
    except (pa.ArrowException, OSError, ValueError):
        return False


def without_seals(corpus: Corpus) -> Corpus:
    """The opened corpus as one that was never sealed."""
    return corpus.with_column("sealed", [None] * len(corpus))


def _with_keys(
    corpus: Corpus, keys: PatientKeys, *, make: bool
) -> tuple[Corpus, list[str], Mapping[str, bytes]]:
    """The reports that have a key, its name for each, and the keys; those of destroyed keys are left out."""
    table = corpus.table
    names = keys.named(table["id"].to_pylist(), table["patient"].to_pylist())
    if make:
        keys.make(names)
        wanted = set(names)
    else:
        boxes = table["sealed"].to_pylist()
        wanted = {name for name, box in zip(names, boxes, strict=True) if box is not None}
    found = keys.of(wanted)
    if found.missing:
        raise StoreError(
            "reports that are sealed, and whose keys this project does not have: {count}",
            hint="name the project that they were sealed in (--project, [project] id), or restore its folder "
            "of keys from the backup; `bert4text keys list` says where it is",
            code="sealed",
            count=sum(name in found.missing for name in names),
        )
    if not found.destroyed:
        return corpus, names, found.keys
    kept = [place for place, name in enumerate(names) if name not in found.destroyed]
    left = len(corpus) - len(kept)
    if not kept:
        raise EmptyCorpusError(
            "the keys of all {count} reports of this corpus were destroyed: nothing is left of them",
            hint="remove the file",
            code="all-destroyed",
            count=left,
        )
    corpus = corpus.select(kept).replace(unopened=corpus.unopened + left)
    return corpus, [names[place] for place in kept], found.keys


def _contents(table: pa.Table) -> Iterator[bytes]:
    """What each seal is to hold, as canonical JSON."""
    columns = held(table.column_names)
    for row in zip(*(_values(table, name) for name in columns), strict=True):
        yield canonical(dict(zip(columns, row, strict=True)))


def _values(table: pa.Table, name: str) -> list[Any]:
    """A column as JSON takes it: a time is microseconds since 1970."""
    column = table[name]
    values: list[Any] = (
        column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
    ).to_pylist()
    return values


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    if pa.types.is_map(kind):
        values = [None if row is None else [tuple(pair) for pair in row] for row in values]
    return pa.array(values, kind)


def _content(content: bytes | None) -> Mapping[str, Any] | None:
    try:
        found = None if content is None else json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _broken(corpus: Corpus, places: Sequence[int]) -> DataError:
    sources = corpus.table["source_row"].to_pylist()
    rows = [place + 1 if sources[place] is None else sources[place] for place in places]
    return DataError(
        "seals that do not open: {count} (rows: {first}); they were altered, or hang on other reports",
        hint="take the corpus from its backup, or seal it again from its source",
        code="broken-seal",
        count=len(rows),
        first=rows[:SHOWN],
    )
