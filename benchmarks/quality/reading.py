"""What a head should read of an encoder: its first token, or the mean of all tokens.

    python -m benchmarks.quality.reading --data DIR [--sets ...] [--encoders ...] [--out FILE]

Nothing of the encoder learns. Logistic regression on what a head would read, from few reports of each label,
drawn many times, answers the others of `benchmarks.quality.reports`; TF-IDF beside it. Some minutes a set.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.document import document, write
from benchmarks.options import names, numbers
from benchmarks.quality.lots import SETS, Lot, lots
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import utc_now
from bert4text.core.seeds import rng
from bert4text.models.catalog import Read
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend

NAME, SEED = "quality.reading", 7
RIVAL = "TF-IDF"
ANY = LabelSpace(task="multiclass", names=("a", "b", "c"))
"""A question for the head, which is not asked here."""

Answer = Callable[[npt.NDArray[np.int64], list[str]], npt.NDArray[np.str_]]


def main() -> None:
    """Read every set in both ways, and print the mean macro-F1 of the draws."""
    asked, started, runs = _arguments(), utc_now(), []
    for name in asked.sets:
        lot = next(lots(SETS[name], asked.data, seed=SEED))
        answering = {(RIVAL, ""): _terms(lot)}
        for encoder in asked.encoders:
            for reads in get_args(Read):
                answering[encoder, reads] = _regression(lot, encoder, reads)
        for (system, reads), answer in answering.items():
            for size in asked.sizes:
                scores = _scores(lot, answer, size, draws=asked.draws)
                found = {"set": name, "system": system, "reads": reads, "reports_a_label": size}
                found |= {"macro_f1": round(float(scores.mean()), 4), "spread": round(float(scores.std()), 4)}
                runs.append(found)
                print(f"{name:22} {system:12} {reads:6} {size:4} {found['macro_f1']:.3f}", flush=True)
    if asked.out is not None:
        settings = {"sets": asked.sets, "sizes": asked.sizes, "draws": asked.draws, "seed": SEED}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=[]))


def _scores(lot: Lot, answer: Answer, size: int, *, draws: int) -> npt.NDArray[np.float64]:
    """Macro-F1 of each draw, of labels that have so many reports to learn from."""
    known = np.array([labels[0] for _, labels in lot.train])
    wanted = np.array([labels[0] for _, labels in lot.test])
    enough = [name for name in lot.names if (known == name).sum() >= size]
    found = []
    for draw in range(draws):
        lottery = rng(SEED, f"quality.reading.{draw}")
        rows = [lottery.permutation(np.flatnonzero(known == name))[:size] for name in enough]
        learned = np.concatenate(rows)
        given = answer(learned, known[learned].tolist())
        found.append(f1_score(wanted, given, labels=enough, average="macro"))
    return np.array(found)


def _terms(lot: Lot) -> Answer:
    texts, asked = ([text for text, _ in part] for part in (lot.train, lot.test))

    def answer(rows: npt.NDArray[np.int64], labels: list[str]) -> npt.NDArray[np.str_]:
        words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
        model = make_pipeline(words, LogisticRegression(C=10.0, class_weight="balanced", max_iter=2000))
        answers: npt.NDArray[np.str_] = model.fit([texts[row] for row in rows], labels).predict(asked)
        return answers

    return answer


def _regression(lot: Lot, encoder: str, reads: Read) -> Answer:
    """Logistic regression on what a head reads; one strength for all, chosen on none of the sets."""
    loaded = load_encoder(encoder, labels=ANY, seed=SEED, reads=reads)
    backend = TorchBackend(loaded.model, loaded.tokenizer, window=loaded.info.window)
    learned, asked = (_seen(backend, [text for text, _ in part]) for part in (lot.train, lot.test))

    def answer(rows: npt.NDArray[np.int64], labels: list[str]) -> npt.NDArray[np.str_]:
        weight = 10.0 / learned.shape[1]
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=weight, class_weight="balanced", max_iter=3000)
        )
        answers: npt.NDArray[np.str_] = model.fit(learned[rows], labels).predict(asked)
        return answers

    return answer


def _seen(backend: TorchBackend, texts: list[str]) -> npt.NDArray[np.float32]:
    found: Any = backend.forward(texts).embedding
    return np.asarray(found, dtype=np.float32)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--sets", type=names, default=["told_br_pt", "nubes_es"], help="of those in lots.py")
    parser.add_argument("--encoders", type=names, default=["e5-small-pt"], help="names, with commas")
    parser.add_argument("--sizes", type=numbers, default=[8, 16, 32, 64], help="reports of each label")
    parser.add_argument("--draws", type=int, default=20, help="of the reports to learn from")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
