"""Write short reports, no two alike: ``python -m benchmarks.speed.memory_file FILE REPORTS SEED``."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from benchmarks.speed.sentences import OF_ANY, OF_LABEL
from bert4text.core.seeds import rng

ROWS = 10_000
"""Of a piece."""


def write(path: Path, reports: int, *, seed: int) -> None:
    """Write Parquet or CSV, by the name of the file."""
    sentences = [*OF_ANY, *(sentence for each in OF_LABEL.values() for sentence in each)]
    random = rng(seed, "benchmarks.speed.memory")
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    writer = pyarrow.csv.CSVWriter if path.suffix == ".csv" else pyarrow.parquet.ParquetWriter
    with writer(path, schema) as stream:
        for start in range(0, reports, ROWS):
            numbers = range(start, min(start + ROWS, reports))
            chosen = random.integers(len(sentences), size=len(numbers))
            texts = [f"{number}. {sentences[place]}" for number, place in zip(numbers, chosen, strict=True)]
            ids = [f"R{number:07d}" for number in numbers]
            stream.write_table(pa.table([ids, texts], schema=schema))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), seed=int(sys.argv[3]))
