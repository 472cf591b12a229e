"""Predict into a file that a killed run can go on with: finished units wait in a folder beside it."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from bert4text.core.beside import ahead, behind
from bert4text.core.digest import digest, file_digest
from bert4text.core.errors import OutputError
from bert4text.core.executor import Executor, local
from bert4text.core.lock import exclusive
from bert4text.core.machine import versions
from bert4text.core.output import check_file, writing_file
from bert4text.core.prediction import Prediction
from bert4text.core.progress import Progress, Task, hearing, silent
from bert4text.data.write_predictions import SCHEMA, output_format, to_table, writing_predictions
from bert4text.inference.predict import UNIT_ROWS, Counts, Model, Tally, answer, predict, units

if TYPE_CHECKING:
    from bert4text.data.read import SourceRow


def source_digest(
    source: Path,
    *,
    columns: dict[str, str] | None = None,
    format: str | None = None,  # noqa: A002 - the setting's own name
    precision: str | None = None,
    entry: str | None = None,
    manner: Mapping[str, object] | None = None,
) -> str:
    """What the predictions of a source depend on beside the model: its bytes, how it is read, versions.

    Args:
        source: a file, or a folder of texts.
        columns: the column mapping it is read with.
        format: the format it is read as.
        precision: in which it is answered.
        entry: digest of how its reports are changed before they are answered; None where they are not.
        manner: how answers are given.
    """
    if source.is_dir():
        files = sorted(path for path in source.rglob("*") if path.is_file())
        content: object = [[path.relative_to(source).as_posix(), file_digest(path)] for path in files]
    else:
        content = file_digest(source)
    read = [sorted((columns or {}).items()), format, precision, *([] if entry is None else [entry]), manner]
    return digest([content, *read, versions(), UNIT_ROWS])


def predict_to_file(
    classifier: Model,
    batches: Iterable[Sequence[SourceRow]],
    *,
    target: Path,
    source: str | None = None,
    format: str | None = None,  # noqa: A002 - the setting's own name
    overwrite: bool = False,
    executor: Executor = local,
    progress: Progress = silent,
    total: int | None = None,
) -> Counts:
    """Classify rows into a file, whole or not at all.

    With ``source``, each finished unit is kept in ``.NAME.units-<model>-<source>`` beside the target, so
    that a run that was killed goes on where it was and ends in the same bytes as an unbroken one. The folder
    goes when the target is complete.

    Args:
        classifier: what answers.
        batches: rows as ``data.read.read_batches`` yields them.
        target: the file to write; its suffix says the format unless ``format`` does.
        source: ``source_digest`` of what is read; None for a stream, which cannot be gone on with.
        format: ``parquet``, ``csv`` or ``jsonl``.
        overwrite: whether a target that exists is replaced, once the new one is complete.
        executor: where units are classified.
        progress: told after each batch.
        total: how many rows there are, if known.

    Raises:
        OutputError: the target exists, cannot be written, or another run is writing it.
        ModelError: the classifier answers no report of a unit, or not one for each.
    """
    format = output_format(target, format)  # noqa: A001
    check_file(target, overwrite=overwrite)
    model = classifier.digest[:16]
    if source is None or not model:  # a model that was never saved has no name to know its units by
        with (
            writing_predictions(
                target, classifier.label_space, model=model, format=format, overwrite=overwrite
            ) as writer,
            behind(writer.append) as write,
        ):
            return predict(
                classifier, batches, write=write, executor=executor, progress=progress, total=total
            )
    folder = target.with_name(f".{target.name}.units-{model}-{source[:16]}")
    with _kept(folder, target) as kept:
        with (
            progress.task("classifying reports", total) as task,
            behind(kept.save) as save,
            hearing(task) as ended,
        ):
            numbered = kept.pending(ahead(units(batches)), task)
            for unit in executor.map(_Numbered(classifier), numbered):
                save(unit)
                ended(len(unit[1]))
        tally = Tally()
        with writing_predictions(
            target, classifier.label_space, model=model, format=format, overwrite=overwrite
        ) as writer:
            for table in kept.tables():
                writer.append_table(table)
                told = ("status", "reason", "tokens", "unread", "point")
                tally.add(zip(*(table[name].to_pylist() for name in told), strict=True))
    _remove_all(target)
    return tally.counts(resumed=kept.resumed)


class _Numbered:
    """Answers a numbered unit; a class, so that an executor can send it elsewhere."""

    def __init__(self, classifier: Model) -> None:
        self._classifier = classifier

    def __call__(self, unit: tuple[int, list[SourceRow]]) -> tuple[int, list[Prediction]]:
        index, rows = unit
        return index, answer(self._classifier, rows)


class _Kept:
    """The finished units of one run, a Parquet file each."""

    def __init__(self, folder: Path, target: Path) -> None:
        self._folder = folder
        self._target = target
        self._count = 0
        self.resumed = 0

    def pending(
        self, numbered: Iterable[list[SourceRow]], task: Task
    ) -> Iterator[tuple[int, list[SourceRow]]]:
        """The units that are still to be answered, with their numbers."""
        for index, rows in enumerate(numbered):
            self._count = index + 1
            if self._finished(index, rows):
                self.resumed += len(rows)
                task.advance(len(rows))
            else:
                yield index, rows

    def save(self, unit: tuple[int, list[Prediction]]) -> None:
        """Keep a numbered unit, whole or not at all."""
        index, predictions = unit
        with writing_file(self._path(index), overwrite=True) as partial:
            pq.write_table(to_table(predictions), partial)

    def tables(self) -> Iterator[pa.Table]:
        """Every unit, in order.

        Raises:
            OutputError: a unit was removed or damaged meanwhile.
        """
        for index in range(self._count):
            table = self._read(index)
            if table is None:
                raise OutputError(
                    "the finished parts of {name} were changed while it was being written",
                    hint="run the same command again: what is whole is kept",
                    code="units-changed",
                    name=self._target.name,
                )
            yield table

    def _finished(self, index: int, rows: list[SourceRow]) -> bool:
        table = self._read(index)
        return table is not None and table["row"].to_pylist() == [row.row for row in rows]

    def _read(self, index: int) -> pa.Table | None:
        try:
            table = pq.ParquetFile(self._path(index)).read()
        except (OSError, pa.ArrowException):  # not there, or cut short: to be done again
            return None
        return table if table.schema.equals(SCHEMA) else None

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:08d}.parquet"


@contextmanager
def _kept(folder: Path, target: Path) -> Iterator[_Kept]:
    check_file(folder / "lock", overwrite=True)
    folder.chmod(0o700)
    held = False
    try:
        with exclusive(folder / "lock", target=target):
            held = True
            yield _Kept(folder, target)
    finally:
        if held and not any(folder.glob("*.parquet")):
            shutil.rmtree(folder, ignore_errors=True)


def _remove_all(target: Path) -> None:
    """Remove the kept units of this target, those of other models and sources too."""
    for folder in target.parent.glob(f".{glob.escape(target.name)}.units-*"):
        shutil.rmtree(folder, ignore_errors=True)
