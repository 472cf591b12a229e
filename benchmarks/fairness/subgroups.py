"""Fairness contracts on real reports: figures by sex and age, and reweighing, measured before and after.

    python -m benchmarks.fairness.subgroups --data DIR [--sets NAMES] [--seeds 1,2] [--out FILE]

``DIR`` holds a folder for each set with a ``clean.csv``; nothing of it is kept. Every report is answered
once, by a model that learned from the other half, so that groups are as large as they can be; of each the
first 1,500 characters are read, and labels of fewer than 40 reports are left out. What learns is TF-IDF with
logistic regression, every label weighing as much as any other; the most probable label is the answer.

``thinned`` takes four of five women out of the training reports of one label, and leaves the reports that are
measured as they are. ``opposed`` asks for one of two labels, and takes four of five women of the one and four
of five men of the other out: there the sex that a text tells of foretells the label. Both are uneven by our
own doing, and what reweighing (``[train.loss] reweigh``) was made for. Five minutes on one core.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.document import document, known_runs, write
from benchmarks.options import names, numbers
from bert4text.core.corpus import Corpus
from bert4text.core.evaluation import Evaluation
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import utc_now
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.evaluate import evaluate
from bert4text.models.linear_backend import BALANCED, LinearBackend
from bert4text.training.reweigh import groups_of, reweighed

NAME, FOLDS, FEWEST, KEPT = "fairness.subgroups", 2, 40, 0.2
SHOWN = 1500
"""Characters of each report that are read: its beginning."""

SYSTEM = "tfidf"


class Set(NamedTuple):
    """Where a set has its attributes, whom ``thinned`` takes out, and the other label of ``opposed``."""

    language: str
    sex: str
    age: str
    bands: tuple[float, ...]
    thinned: str
    other: str


SETS = {
    "mtsamples_en": Set(
        "en", "sex_rx", "age_rx", (40.0, 60.0), "Gastroenterology", "Cardiovascular / Pulmonary"
    ),
    "meddocan_es": Set("es", "sex", "age", (40.0, 60.0), "aparato_digestivo", "urologia"),
}
"""By name: the language, two columns, where bands of age begin, and a label that both sexes have."""

CONTRACT: dict[str, Any] = {
    "attributes": ["sex", "age"],
    "criterion": ["equal_opportunity", "accuracy_parity"],
    "tolerance": 0.1,
    "minimum_n": 30,
}
"""``[evaluate.fairness]``; the bands are those of the set."""


def main() -> None:
    """Measure every set, sample and training, and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--sets", type=names, default=list(SETS), help="only these, with commas")
    parser.add_argument("--seeds", type=numbers, default=[1, 2], help="of the folds, with commas")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results; known runs are not made again")
    asked, started = parser.parse_args(), utc_now()
    settings = {
        "sets": asked.sets,
        "seeds": asked.seeds,
        "folds": FOLDS,
        "shown": SHOWN,
        "contract": CONTRACT,
    }
    runs = known_runs(asked.out, json.loads(json.dumps(settings)))
    for case in _cases(asked.sets, asked.seeds):
        if any(case.items() <= run.items() for run in runs):
            continue
        reports = read(asked.data / case["set"] / "clean.csv", SETS[case["set"]])
        runs.append({**case, **measured(reports, SETS[case["set"]], case)})
        print(json.dumps(runs[-1], ensure_ascii=False), flush=True)
        if asked.out is not None:
            write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=[]))


TURNS = tuple(product(("as it is", "thinned", "opposed"), ("plain", "reweighed")))
"""Samples and trainings."""


def _cases(sets: list[str], seeds: list[int]) -> Iterator[dict[str, Any]]:
    for seed, (sample, training), name in product(seeds, TURNS, sets):
        yield {"set": name, "sample": sample, "training": training, "seed": seed}


def read(path: Path, of: Set) -> list[Report]:
    """The reports of a set whose label has enough of them, in a fixed order."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    often = Counter(row["label"] for row in rows)
    return [
        Report(
            id=row["id"],
            text=row["text"][:SHOWN],
            labels=(row["label"],),
            source_row=place,
            attributes={
                name: row[column] for name, column in (("sex", of.sex), ("age", of.age)) if row[column]
            },
        )
        for place, row in enumerate(rows, start=1)
        if often[row["label"]] >= FEWEST
    ]


def measured(reports: list[Report], of: Set, case: Mapping[str, Any]) -> dict[str, Any]:
    """Answer every report by a model that has not seen it, and hold the answers to the contract."""
    if case["sample"] == "opposed":
        reports = [one for one in reports if _either(one, of)]
    space = LabelSpace(
        task="multiclass", names=tuple(sorted({label for one in reports for label in one.labels or ()}))
    )
    random = rng(case["seed"], NAME)
    fold = random.permutation(len(reports)) % FOLDS
    thin = random.random(len(reports)) >= KEPT
    probabilities = np.zeros((len(reports), len(space)))
    for number in range(FOLDS):
        asked = np.flatnonzero(fold == number)
        others = [
            place
            for place in np.flatnonzero(fold != number)
            if not (thin[place] and _taken(reports[place], of, case["sample"]))
        ]
        backend = _learned([reports[place] for place in others], space, of, case)
        logits = backend.forward([reports[place].text for place in asked]).logits.astype(np.float64)
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities[asked] = likely / likely.sum(axis=1, keepdims=True)
    found = evaluate(
        [list(one.labels or ()) for one in reports],
        {SYSTEM: probabilities},
        label_space=space,
        groups=[f"r{place}" for place in range(len(reports))],
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
    return _told(found, of)


def _taken(report: Report, of: Set, sample: str) -> bool:
    """Whether it is one of those of whom four of five are taken out."""
    sex = report.attributes.get("sex")
    women = report.labels == (of.thinned,) and sex == "F"
    men = report.labels == (of.other,) and sex == "M"
    return sample != "as it is" and (women or (sample == "opposed" and men))


def _either(report: Report, of: Set) -> bool:
    return report.labels in {(of.thinned,), (of.other,)} and "sex" in report.attributes


def _learned(reports: list[Report], space: LabelSpace, of: Set, case: Mapping[str, Any]) -> LinearBackend:
    """TF-IDF of some reports, weighed by sex where that is asked for."""
    targets = np.array([space.index(label) for one in reports for label in one.labels or ()])
    weights = None
    if case["training"] == "reweighed":
        corpus = Corpus.from_reports(reports, space, language=of.language)
        weights = reweighed(groups_of(corpus, ["sex"]), targets, attributes=["sex"]).weights
    (backend,) = LinearBackend.fit_each(
        [one.text for one in reports],
        targets,
        len(space),
        groups=[one.id for one in reports],
        seed=case["seed"],
        regressions=[BALANCED],
        weights=weights,
    )
    return backend


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


VERDICTS = ("fails", "holds", "not-shown", "too-few")


def table(runs: Sequence[Mapping[str, Any]]) -> str:
    """The verdict of each run, and the gap that thinning makes, as Markdown."""
    lines = [
        "| set | training reports | weights | macro-F1 | contract | fail, hold, not shown, too few | "
        "found of the thinned label, between the sexes | at least |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for run in runs:
        gaps = [str(run["gaps"].get(verdict, 0)) for verdict in VERDICTS]
        sexes = next(
            one for one in run["of"] if (one["attribute"], one["measure"]) == ("sex", "true_positive_rate")
        )
        known = sexes["value"][0] is not None
        between = " − ".join(sexes["between"]) + f": {_interval(sexes['value'])}" if known else "too few"
        least = f"{sexes['at_least']:.2f}" if known else ""
        lines.append(
            f"| {run['set']} | {run['sample']} | {run['training']} | {_interval(run['macro_f1'])} | "
            f"{run['verdict']} | {', '.join(gaps)} | {between} | {least} |"
        )
    return "\n".join(lines)


def groups_table(runs: Sequence[Mapping[str, Any]]) -> str:
    """Reports answered right by group, of the plain runs on the sample as it is, as Markdown."""
    lines = ["| set | group | answered right | reports |", "| --- | --- | --- | --- |"]
    for run in runs:
        if (run["sample"], run["training"], run["seed"]) == ("as it is", "plain", runs[0]["seed"]):
            for group, (*figures, n) in run["accuracy"].items():
                lines.append(f"| {run['set']} | {group} | {_interval(figures)} | {n} |")
    return "\n".join(lines)


def _interval(figures: Sequence[float]) -> str:
    value, low, high = figures
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    main()
