"""Write a corpus: Parquet with all it says about itself, or CSV and JSON lines for other programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.output import writing_file

SUFFIXES = (".parquet", ".csv", ".jsonl")


def write_corpus(corpus: Corpus, path: Path, *, overwrite: bool) -> None:
    """Write a corpus to ``.parquet`` (``corpus/1``; what other verbs read), ``.csv`` or ``.jsonl``.

    CSV is UTF-8 with a mark (spreadsheets need it); several labels are joined by ``|``; attributes become
    columns of their own. Of a sealed report nothing is written beside its seal, and to Parquet alone.

    Raises:
        ConfigError: the suffix is none of these, or some reports are sealed and it is not ``.parquet``.
        OutputError: the target exists (without ``overwrite``), is read-only, or there is no space.
    """
    suffix = path.suffix.casefold()
    if suffix not in SUFFIXES:
        raise ConfigError(
            "a corpus is written as {known}, not as {suffix!r}",
            hint="choose a name that ends in .parquet",
            code="unknown-format",
            known=list(SUFFIXES),
            suffix=suffix,
        )
    if suffix != ".parquet" and corpus.sealed:
        raise ConfigError(
            "a sealed corpus is written as .parquet, not as {suffix!r}",
            hint="choose a name that ends in .parquet; `bert4text unseal` writes others, in plain",
            code="sealed-format",
            suffix=suffix,
        )
    with writing_file(path, overwrite=overwrite) as partial:
        if suffix == ".parquet":
            table = corpus.closed.table.replace_schema_metadata(corpus.metadata())
            with pa.OSFile(str(partial), "wb") as stream:
                pq.write_table(table, stream, compression="zstd")
        elif suffix == ".csv":
            _write_csv(corpus, partial)
        else:
            _write_json_lines(corpus, partial)


def _rows(corpus: Corpus) -> Iterator[dict[str, Any]]:
    for batch in corpus.table.drop_columns("sealed").to_batches(max_chunksize=4096):
        for row in batch.to_pylist():
            written = row["written_at"]
            row["written_at"] = None if written is None else written.isoformat()
            row["attributes"] = dict(row["attributes"] or ())
            yield row


def _write_csv(corpus: Corpus, partial: Path) -> None:
    attributes = sorted({name for row in _rows(corpus) for name in row["attributes"]})
    plain = [name for name in corpus.table.column_names if name not in {"sealed", "attributes"}]
    with partial.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [*plain, *(name if name not in plain else f"attributes.{name}" for name in attributes)]
        )
        for row in _rows(corpus):
            cells = [_joined(row[name]) for name in plain]
            writer.writerow([*cells, *(row["attributes"].get(name) for name in attributes)])


def _joined(value: Any) -> Any:
    return "|".join(value) if isinstance(value, list) else value


def _write_json_lines(corpus: Corpus, partial: Path) -> None:
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        for row in _rows(corpus):
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
