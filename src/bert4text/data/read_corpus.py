"""Read a corpus file, and refuse what is none, is newer, or was altered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from bert4text.core.corpus import FORMAT, Corpus
from bert4text.core.errors import DataError, ModelError, SchemaError
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest


def read_corpus(path: Path) -> Corpus:
    """Read a ``corpus/1`` Parquet file and check its content against its fingerprint.

    Raises:
        DataError: there is no such file, or its content is not what its fingerprint says.
        SchemaError: it is no corpus.
        ModelError: a newer release made it (``newer-format``).
    """
    if not path.is_file():
        raise DataError(
            "there is no corpus {name}",
            hint="make one with `bert4text prepare`",
            code="missing-file",
            name=path.name,
        )
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError):
        raise _no_corpus(path) from None
    said = _metadata(table, path)
    corpus = _corpus(table, said, path)
    if corpus.fingerprint != said.get("fingerprint"):
        raise DataError(
            "the corpus {name} is not what it says: its fingerprint does not fit its content",
            hint="it was altered or damaged; prepare it again",
            code="altered",
            name=path.name,
        )
    return corpus


def _metadata(table: pa.Table, path: Path) -> dict[str, Any]:
    raw = table.schema.metadata or {}
    prefix = b"bert4text."
    try:
        said = {
            key.removeprefix(prefix).decode(): json.loads(value)
            for key, value in raw.items()
            if key.startswith(prefix)
        }
    except ValueError:
        raise _no_corpus(path) from None
    kind, _, version = str(said.get("format", "")).partition("/")
    if kind != "corpus" or not version.isdigit():
        raise _no_corpus(path)
    if int(version) > int(FORMAT.partition("/")[2]):
        raise ModelError(
            "the corpus {name} is of format {found}; this release reads up to {known}",
            hint="install a newer release of bert4text",
            code="newer-format",
            name=path.name,
            found=f"{kind}/{version}",
            known=FORMAT,
        )
    return said


def _corpus(table: pa.Table, said: dict[str, Any], path: Path) -> Corpus:
    try:
        questions = [LabelSpace.model_validate(question) for question in said.get("questions") or []]
        manifest = said.get("manifest")
        return Corpus(
            table.replace_schema_metadata(None),
            questions[0] if questions else None,
            language=said.get("language"),
            manifest=None if manifest is None else Manifest.model_validate(manifest),
            deidentified=said.get("deidentified"),
        )
    except (ValidationError, TypeError, AttributeError):
        raise _no_corpus(path) from None


def _no_corpus(path: Path) -> SchemaError:
    return SchemaError(
        "{name} is not a corpus of bert4text",
        hint="make one of your table with `bert4text prepare {name} -o corpus.parquet`",
        code="not-a-corpus",
        name=path.name,
    )
