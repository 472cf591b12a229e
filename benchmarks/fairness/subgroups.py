"""Fairness contracts on real reports: figures by sex and age, and what mends them, before and after.

    python -m benchmarks.fairness.subgroups --data DIR [--sets NAMES] [--systems NAMES] [--out FILE]

``DIR`` holds a folder for each set with a ``clean.csv``; nothing of it is kept. Every report is answered
once, by a model that learned from the other half, so that groups are as large as they can be; of each the
first 1,500 characters are read, and labels of fewer than 40 reports are left out. What learns is TF-IDF with
logistic regression, every label weighing as much as any other; or a head, as a training of ours starts one,
on the embedded encoder of the language, which stays as it is. The most probable label is the answer.

``thinned`` takes four of five women out of the training reports of one label, and leaves the reports that are
measured as they are. ``opposed`` asks for one of two labels, and takes four of five women of the one and four
of five men of the other out: there the sex that a text tells of foretells the label. Both are uneven by our
own doing, and what reweighing (``[train.loss] reweigh``) was made for.

``common`` lowers the threshold of the thinned label until half of the answered reports prove that eight of
ten are found, and answers the other half by it; ``by sex`` proves it of women and of men
(``[calibrate.groups]``).
About ten minutes on one core, most of them for what the encoders read.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.document import document, known_runs, write
from benchmarks.fairness.learning import (
    SYSTEMS,
    Lesson,
    by_encoder,
    by_tfidf,
    embeddings,
    encoder_of,
)
from benchmarks.fairness.points import POINTS, decided
from benchmarks.fairness.points import SETTINGS as POINT
from benchmarks.fairness.sets import SETS, SHOWN, Set, either, read, taken
from benchmarks.options import names, numbers
from bert4text.core.evaluation import Evaluation
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import utc_now
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.evaluate import evaluate

NAME, FOLDS, KEPT = "fairness.subgroups", 2, 0.2

SYSTEM = "answers"

Floats = npt.NDArray[np.float64]


CONTRACT: dict[str, Any] = {
    "attributes": ["sex", "age"],
    "criterion": ["equal_opportunity", "accuracy_parity"],
    "tolerance": 0.1,
    "minimum_n": 30,
}
"""``[evaluate.fairness]``; the bands are those of the set."""


def main() -> None:
    """Measure every set, sample, training and point, and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--sets", type=names, default=list(SETS), help="only these, with commas")
    parser.add_argument("--systems", type=names, default=list(SYSTEMS), help="only these, with commas")
    parser.add_argument("--seeds", type=numbers, default=[1], help="of the folds, with commas")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results; known runs are not made again")
    asked, started = parser.parse_args(), utc_now()
    settings = {
        "sets": asked.sets,
        "systems": asked.systems,
        "encoders": {name: encoder_of(SETS[name].language) for name in asked.sets},
        "seeds": asked.seeds,
        "folds": FOLDS,
        "shown": SHOWN,
        "contract": CONTRACT,
        "point": POINT,
    }
    runs = known_runs(asked.out, json.loads(json.dumps(settings)))
    for name, system in product(asked.sets, asked.systems):
        reports = read(asked.data / name / "clean.csv", SETS[name])
        answering = Answering(reports, SETS[name], system)
        for case in _cases(name, system, asked.seeds):
            if any(case.items() <= run.items() for run in runs):
                continue
            runs.append({**case, **measured(answering, case)})
            print(json.dumps(runs[-1], ensure_ascii=False), flush=True)
            if asked.out is not None:
                write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=[]))


SAMPLES = ("as it is", "thinned", "opposed")

TURNS = (*(("plain", point) for point in POINTS), ("reweighed", "none"))
"""Trainings, and how the answers are made of the probabilities."""


def _cases(name: str, system: str, seeds: list[int]) -> Iterator[dict[str, Any]]:
    for seed, sample, (training, point) in product(seeds, SAMPLES, TURNS):
        yield {
            "set": name,
            "system": system,
            "sample": sample,
            "training": training,
            "point": point,
            "seed": seed,
        }


class Answering:
    """Answers the reports of a set by models that have not seen them; what was answered once is kept.

    Args:
        reports: of the set.
        of: where it has its attributes.
        system: what answers.
    """

    def __init__(self, reports: list[Report], of: Set, system: str) -> None:
        self.reports, self.of = reports, of
        self._system = system
        self._read: dict[str, Floats] = {}
        self._kept: dict[tuple[Any, ...], Floats] = {}

    def sample(self, sample: str) -> tuple[list[Report], LabelSpace]:
        """The reports that are measured, and what is asked of them."""
        some = self.reports
        if sample == "opposed":
            some = [one for one in some if either(one, self.of)]
        labels = sorted({label for one in some for label in one.labels or ()})
        return some, LabelSpace(task="multiclass", names=tuple(labels))

    def probabilities(self, case: Mapping[str, Any]) -> Floats:
        """Of each report of a sample, float64 [n, k]."""
        key = (case["sample"], case["training"], case["seed"])
        if key not in self._kept:
            self._kept[key] = self._answered(case)
        return self._kept[key]

    def _answered(self, case: Mapping[str, Any]) -> Floats:
        reports, space = self.sample(case["sample"])
        random = rng(case["seed"], NAME)
        fold = random.permutation(len(reports)) % FOLDS
        thin = random.random(len(reports)) >= KEPT
        found = np.zeros((len(reports), len(space)))
        for number in range(FOLDS):
            lesson = Lesson(
                [
                    reports[place]
                    for place in np.flatnonzero(fold != number)
                    if not (thin[place] and taken(reports[place], self.of, case["sample"]))
                ],
                space,
                language=self.of.language,
                weighed=case["training"] == "reweighed",
                seed=case["seed"],
            )
            asked = np.flatnonzero(fold == number)
            found[asked] = self._by(lesson, [reports[place] for place in asked])
        return found

    def _by(self, lesson: Lesson, asked: list[Report]) -> Floats:
        if self._system == "tfidf":
            return by_tfidf(lesson, asked)
        if not self._read:
            self._read = embeddings(self.reports, self.of.language)
        return by_encoder(lesson, asked, self._read)


def measured(answering: Answering, case: Mapping[str, Any]) -> dict[str, Any]:
    """Hold the answers of one case to the contract."""
    (reports, space), of = answering.sample(case["sample"]), answering.of
    probabilities = answering.probabilities(case)
    half = rng(case["seed"], "fairness.points").permutation(len(reports)) % 2
    decisions = decided(probabilities, reports, space, label=of.thinned, point=case["point"], half=half)
    found = evaluate(
        [list(one.labels or ()) for one in reports],
        {SYSTEM: probabilities},
        label_space=space,
        groups=[f"r{place}" for place in range(len(reports))],
        decisions={SYSTEM: decisions},
        attributes={name: [one.attributes.get(name) for one in reports] for name in ("sex", "age")},
        config=EvaluateConfig.parse(
            {
                "metrics": ["macro_f1", "accuracy"],
                "fairness": {**CONTRACT, "bands": {"age": list(of.bands)}},
            },
            section="evaluate",
        ),
        seed=case["seed"],
    )
    has = np.array([of.thinned in (one.labels or ()) for one in reports])
    given = decisions == space.index(of.thinned)
    rates = {"found": round(float(given[has].mean()), 4), "false_alarms": round(float(given[~has].mean()), 4)}
    return {**rates, **_told(found, of)}


def _told(found: Evaluation, of: Set) -> dict[str, Any]:
    """What is kept of an evaluation: figures of all, the verdict, and the gaps of sex and age."""
    fairness = found.fairness
    if fairness is None:
        raise RuntimeError("no contract was declared")
    score = found.metric("macro_f1", system=SYSTEM)
    kept = [gap for gap in fairness.gaps if gap.label in (None, of.thinned)]
    return {
        "reports": found.reports,
        "labels": len(found.labels),
        "macro_f1": score and [_rounded(score.value), _rounded(score.low), _rounded(score.high)],
        "verdict": fairness.verdict,
        "gaps": dict(Counter(gap.verdict for gap in fairness.gaps)),
        "groups": {one.name: list(one.groups) for one in fairness.attributes},
        "unknown": {one.name: one.unknown for one in fairness.attributes},
        "accuracy": {
            f"{one.attribute}: {one.group}": [*map(_rounded, (one.value, one.low, one.high)), one.n]
            for one in fairness.figures
            if one.measure == "accuracy"
        },
        "of": [
            {
                "attribute": gap.attribute,
                "measure": gap.measure,
                "label": gap.label,
                "verdict": gap.verdict,
                "between": [gap.high_group, gap.low_group],
                "value": [_rounded(gap.value), _rounded(gap.low), _rounded(gap.high)],
                "at_least": _rounded(gap.at_least),
            }
            for gap in kept
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    main()
