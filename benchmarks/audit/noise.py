"""Flip labels on purpose, and see how many the audit thinks are wrong.

    python -m benchmarks.audit.noise corpus.parquet [more.parquet ...] [--reports N] [--out FILE]

For each corpus and share of flipped labels: how far the simple reader agrees with the labels, what confident
learning estimates over all reports, what is contradicted among the reports the reader is surest of, and which
share of the doubted labels were flipped. No text and no id stands in a result.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bert4text.auditing.confident import doubts, surest
from bert4text.auditing.crossfit import Sample
from bert4text.auditing.label_noise import LEAST_OF_LABEL, SUREST
from bert4text.auditing.reading import Reading
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import utc_now
from bert4text.core.output import writing_file
from bert4text.data.read_corpus import read_corpus

FLIPPED = (0.0, 0.05, 0.1, 0.3)


def main() -> None:
    """Measure every corpus and print a line for each share."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--reports", type=int, default=700, help="read of each corpus, at most")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    started, runs = utc_now(), []
    for path in asked.corpora:
        reading = Reading.of(read_corpus(path), at_most=20_000, seed=7)
        sample = Sample.of(reading, seed=7, at_most=asked.reports)
        for share in FLIPPED:
            runs.append({"corpus": path.stem, "reports": len(sample), **measured(sample, share)})
            print(json.dumps(runs[-1]), flush=True)
    if asked.out is not None:
        document = {
            "format": "benchmark/1",
            "name": "audit.noise",
            "started": started,
            "machine": describe(),
            "versions": versions(),
            "runs": runs,
        }
        with writing_file(asked.out, overwrite=True) as partial:
            partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def measured(sample: Sample, share: float) -> dict[str, Any]:
    """What is said of a sample with a share of its labels flipped to another one at random."""
    true, k = sample.labels.argmax(axis=1), len(sample.names)
    random = np.random.default_rng(1)
    other = (true + 1 + random.integers(0, k - 1, len(true))) % k
    given = np.where(random.random(len(true)) < share, other, true)
    flipped = given != true
    answers = replace(sample, labels=np.eye(k, dtype=np.bool_)[given]).answers(sample.texts)
    found = doubts(given, answers, least=LEAST_OF_LABEL)
    wrong, sure = surest(given, answers, share=SUREST)
    doubted = int(found.doubted.sum())
    return {
        "flipped": share,
        "agreement": round(float((answers.argmax(axis=1) == given).mean()), 3),
        "confident_learning": round(found.rate, 3),
        "surest": round(wrong / sure, 3),
        "right_doubts": round(float(flipped[found.doubted].mean()), 3) if doubted else None,
        "found": round(float(found.doubted[flipped].mean()), 3) if flipped.any() else None,
    }


if __name__ == "__main__":
    main()
