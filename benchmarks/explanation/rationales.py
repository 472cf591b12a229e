"""Whether explanations name the words that people name: rationales of HateBR, and what outdoes chance.

    python -m benchmarks.explanation.rationales --data DIR --models DIR [--reports N] [--rivals DIR]
        [--out FILE]

A model learns quickly to tell offensive comments. Of comments that it has not seen and rightly calls
offensive, the words are put in order by each method and held against those that at least one of two
annotators marked (Vargas et al., HateBRXplain). Comments of which every word is marked, or none, tell nothing
and are left out. Token F1 is that of as many first words as were marked; AUPRC is average precision; means
over comments, with 95 % intervals of the difference to an order drawn at random for each. SHAP's explainers
of text run in an environment of their own and ask the same model about the same words. Calls are texts that
the model was asked about, steps of gradients included; seconds are of the processor, SHAP's own among them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from sklearn.metrics import average_precision_score

from benchmarks.document import document, write
from benchmarks.environments import cache, pinned
from benchmarks.explanation.models import MODELS, SEED, held_out, model
from benchmarks.explanation.shapley import Shap
from bert4text.core.fold import fold
from bert4text.core.manifest import utc_now
from bert4text.core.seeds import rng
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.explainers import EXPLAINERS, Question
from bert4text.explanation.places import aligned
from bert4text.explanation.units import Stretch, cut
from bert4text.models.classifier import Classifier
from bert4text.models.differentiable import ReadReport
from bert4text.models.gradients import Wanted, Way
from bert4text.models.torch_backend import TorchBackend

NAME, SET, LABEL = "explanation.rationales", "hatebr_pt", "offensive"
OURS = "integrated gradients"
MARKS = ("rationale_1", "rationale_2")
Floats = npt.NDArray[np.float64]
Weigh = Callable[[Classifier, str, Sequence[Stretch]], tuple[Floats, int]]
"""Weights of the words, and how many texts the model was asked about."""


def main() -> None:
    """Weigh the words of each comment in every way, and print what came out."""
    asked, started = _arguments(), utc_now()
    learned = MODELS[SET]
    classifier = model(learned, asked.data, kept=asked.models)
    settings = {"reports": asked.reports, "encoder": learned.encoder, "rivals": pinned("shap")}
    runs: list[dict[str, Any]] = []
    with Shap(asked.rivals, seed=SEED) as shap:
        methods = {**METHODS, **{f"SHAP, {how}": _shapley(shap, how) for how in ("partition", "permutation")}}
        comments = islice(_comments(classifier, held_out(learned, asked.data)), asked.reports)
        for number, comment in enumerate(comments):
            for name, weigh in methods.items():
                weighed = _weighed(weigh, classifier, shap, comment)
                runs.append({"comment": number, "system": name, **weighed})
            if asked.out is not None and number:  # an interval needs two
                summary = [_summed(runs, name) for name in methods]
                told = document(NAME, started=started, settings=settings, runs=runs, summary=summary)
                write(asked.out, told)
    for name in methods:
        print(json.dumps(_summed(runs, name)), flush=True)


class Comment(NamedTuple):
    """A comment, its words, and which of them people marked."""

    text: str
    words: Sequence[Stretch]
    marked: npt.NDArray[np.bool_]


def _comments(classifier: Classifier, rows: Sequence[dict[str, str]]) -> Iterator[Comment]:
    """Those that the model rightly calls offensive and that people marked in part."""
    for row in rows:
        words = cut(row["text"], "word")
        marked = _marked(row, words)
        if 0 < marked.sum() < len(words) and _found(classifier, row["text"]):
            yield Comment(row["text"], words, marked)


def _weighed(weigh: Weigh, classifier: Classifier, shap: Shap, comment: Comment) -> dict[str, float]:
    """How a method agrees with people, and what it cost."""
    calls, own, before = shap.calls, shap.seconds, time.process_time()
    weights, asked = weigh(classifier, comment.text, comment.words)
    seconds = time.process_time() - before + shap.seconds - own
    cost = {"calls": asked + shap.calls - calls, "seconds": round(seconds, 3)}
    return {**_agreement(weights, comment.marked), **cost}


def _marked(row: dict[str, str], words: Sequence[Stretch]) -> npt.NDArray[np.bool_]:
    """Which words any annotator marked; a mark is a piece of the comment, pieces stand between semicolons."""
    own = [fold(row["text"][start:end]) for start, end in words]
    found = np.zeros(len(words), dtype=bool)
    for piece in (part for name in MARKS for part in (row[name] or "").split(";")):
        told = [fold(piece[start:end]) for start, end in cut(piece, "word")]
        places = aligned(told, own)
        if told and len(places) == len(told):
            found[list(places.values())] = True
    return found


def _found(classifier: Classifier, text: str) -> bool:
    names = list(classifier.label_space.names)
    return names[int(classifier.probabilities([text])[0].argmax())] == LABEL


def _agreement(weights: Floats, marked: npt.NDArray[np.bool_]) -> dict[str, float]:
    first = np.argsort(-weights, kind="stable")[: int(marked.sum())]
    return {
        "token_f1": round(float(marked[first].mean()), 4),  # as many are named as were marked
        "auprc": round(float(average_precision_score(marked, weights)), 4),
    }


def _label(classifier: Classifier) -> int:
    return classifier.label_space.index(LABEL)


def _explained(method: str) -> Weigh:
    def weigh(classifier: Classifier, text: str, words: Sequence[Stretch]) -> tuple[Floats, int]:
        config = ExplainConfig.parse({"method": method, "units": ["word"]}, section="explain")
        question = Question(
            text,
            classifier.probabilities,
            _label(classifier),
            config,
            backend=classifier.backend,
            calibrator=classifier.calibrator,
        )
        found = EXPLAINERS.get(method)(question)
        told = {(one.start, one.end): one.value for one in found.contributions}
        return np.array([told.get(word, 0.0) for word in words]), question.calls

    return weigh


def _shapley(shap: Shap, how: str) -> Weigh:
    def weigh(classifier: Classifier, text: str, words: Sequence[Stretch]) -> tuple[Floats, int]:
        return shap.values(classifier, text, words, label=_label(classifier), how=how), 0  # it counts itself

    return weigh


def _by_token(stretches: Sequence[Stretch], values: Floats, words: Sequence[Stretch]) -> Floats:
    ends = np.array([end - 1 for _, end in stretches])
    return np.array([values[(start <= ends) & (ends < end)].sum() for start, end in words])


def _times_input(classifier: Classifier, text: str, words: Sequence[Stretch]) -> tuple[Floats, int]:
    """The gradient at the report, times how far each token is from the baseline: one step, no way."""
    way = Way(classifier.backend, text, Wanted(_label(classifier), classifier.calibrator))
    return _by_token(way.stretches, way.derivatives([1.0])[1][0], words), 1


def _norm(classifier: Classifier, text: str, words: Sequence[Stretch]) -> tuple[Floats, int]:
    """The length of the gradient at the report, without its direction."""
    backend = classifier.backend
    if not isinstance(backend, TorchBackend):
        raise TypeError("the model answers by no single encoder")
    report = ReadReport(backend, text, baseline="pad")
    with backend.differentiating():
        heads, embedded = report.heads([1.0])
        score = Wanted(_label(classifier), classifier.calibrator).score(report.pooled(heads))
        (gradient,) = torch.autograd.grad(score.sum(), [embedded])
    lengths = gradient.norm(dim=-1)[report.inside].double().numpy()
    return _by_token(report.stretches, lengths, words), 1


def _random(classifier: Classifier, text: str, words: Sequence[Stretch]) -> tuple[Floats, int]:
    return rng(SEED, f"rationales.{len(text)}.{len(words)}").random(len(words)), 0


METHODS: dict[str, Weigh] = {
    "random": _random,
    "gradient norm": _norm,
    "gradient x input": _times_input,
    OURS: _explained("gradients"),
    "occlusion": _explained("occlusion"),
}


def _summed(runs: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """Means of a method, by how much it outdoes chance and integrated gradients, and what it cost."""
    of = [run for run in runs if run["system"] == name]
    told: dict[str, Any] = {"case": SET, "system": name, "comments": len(of)}
    for figure in ("token_f1", "auprc"):
        told[figure] = round(float(np.mean([run[figure] for run in of])), 4)
        if name != "random":
            middle, low, high = _beyond(runs, name, "random", figure)
            told |= {f"{figure}_beyond_random": middle, f"{figure}_low": low, f"{figure}_high": high}
        if name not in ("random", OURS):
            told[f"{figure}_beyond_ours"] = _beyond(runs, name, OURS, figure)
    for cost in ("calls", "seconds"):
        told[cost] = round(float(np.mean([run[cost] for run in of])), 2)
    return told


def _beyond(runs: Sequence[dict[str, Any]], name: str, other: str, figure: str) -> tuple[float, float, float]:
    """By how much a method outdoes another, comment by comment: the mean, and its 95 % interval."""
    own, theirs = (
        np.array([run[figure] for run in runs if run["system"] == system]) for system in (name, other)
    )
    beyond = own - theirs
    middle = float(beyond.mean())
    reach = float(stats.t.ppf(0.975, len(beyond) - 1)) * float(beyond.std(ddof=1)) / len(beyond) ** 0.5
    return round(middle, 4), round(middle - reach, 4), round(middle + reach, 4)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of the sets")
    parser.add_argument("--models", type=Path, metavar="DIR", required=True, help="where models are kept")
    parser.add_argument("--rivals", type=Path, default=cache(), metavar="DIR", help="rivals' environments")
    parser.add_argument("--reports", type=int, default=150, help="comments, at most")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
