"""Whether what makes training fast costs quality: all of it against none of it, seed by seed.

    python -m benchmarks.quality.shortcuts [--seeds 1,2,3] [--out FILE]

MiniLM learns from synthetic cytology reports with all shortcuts of training on a processor (bfloat16,
attention written out, the last layer for the first token alone, cheap dropout, embeddings that learn where
they were met) and with none of them, and answers reports that it has not seen. That each shortcut by itself
gives the same logits and gradients within bounds is tested; this shows that nothing adds up.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.document import document, write
from benchmarks.options import names
from bert4text.core.corpus import Corpus
from bert4text.core.manifest import utc_now
from bert4text.core.seeds import rng
from bert4text.evaluation.answers import answers, truth_matrix
from bert4text.evaluation.metrics import measure
from bert4text.models.first_token import FirstToken
from bert4text.synthesis.synthesize import synthesize
from bert4text.training import dropout, finetune, sources
from bert4text.training.config import TrainConfig
from bert4text.training.train import train

NAME, FIGURES = "quality.shortcuts", ("macro_f1", "accuracy")
SPLITS = {"train": 340, "validation": 57, "calibration": 57}


def main() -> None:
    """Train with and without, and print what came out."""
    asked, started = _arguments(), utc_now()
    runs = []
    for seed in asked.seeds:
        corpus = _dealt(synthesize("cytology", language="pt-BR", seed=seed), seed=seed)
        for shortcuts in (True, False):
            runs.append(_run(corpus, seed=seed, shortcuts=shortcuts))
            print(json.dumps(runs[-1]), flush=True)
    if asked.out is not None:
        settings = {"seeds": asked.seeds, "encoder": "minilm", "effort": "quick"}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=[]))
    for name in FIGURES:
        pairs = zip(runs[::2], runs[1::2], strict=True)
        differences = [with_all[name] - without[name] for with_all, without in pairs]
        print(f"{name}: with less without {np.mean(differences):+.3f}, by seed {np.round(differences, 3)}")


def _run(corpus: Corpus, *, seed: int, shortcuts: bool) -> dict[str, Any]:
    config = TrainConfig.parse(
        {"encoder": "minilm", "effort": "quick", "precision": "auto" if shortcuts else "float32"},
        section="train",
    )
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as work, nullcontext() if shortcuts else _without():
        trained = train(corpus, config, seed=seed, work=Path(work) / "work")
    if trained.backend is None or trained.calibrator is None or corpus.label_space is None:
        sys.exit("nothing was trained")
    test = corpus["test"]
    truth = truth_matrix(test.table["labels"].to_pylist(), corpus.label_space)
    probabilities = trained.calibrator.probabilities(trained.backend.forward(test.texts).logits)
    found = measure(answers(truth, probabilities, label_space=corpus.label_space), FIGURES)
    told = {"seed": seed, "shortcuts": shortcuts, "seconds": round(time.perf_counter() - start, 1)}
    return {**told, **{name: round(value, 4) for name, value in found.items()}}


@contextmanager
def _without() -> Iterator[None]:
    """Train as one would who knows none of it."""
    with (
        patch.object(dropout, "cheapen", lambda _: None),
        patch.object(finetune, "sparse_embeddings", lambda _: nullcontext()),
        patch.object(sources, "fast_attention", lambda _: nullcontext()),
        patch.object(sources, "first_token", lambda _: FirstToken()),
    ):
        yield


def _dealt(corpus: Corpus, *, seed: int) -> Corpus:
    """The reports in splits, at random: each is of a patient of its own."""
    splits = [split for split, count in SPLITS.items() for _ in range(count)]
    splits += ["test"] * (len(corpus) - len(splits))
    order = rng(seed, "quality.shortcuts").permutation(len(corpus))
    return corpus.with_column("split", [splits[place] for place in order])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=lambda text: [int(one) for one in names(text)], default=[1, 2, 3])
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
