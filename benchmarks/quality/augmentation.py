"""What training with changed copies of reports changes: how often answers break, and how good they are.

    python -m benchmarks.quality.augmentation --data DIR [--cases NAME,NAME] [--out FILE]

TF-IDF and an encoder learn from each set without and with copies of half of its training reports, with the
same seed. Some capabilities are practiced; of the others it is seen whether practice carries over. The same
changed reports are answered by both, so that differences are of pairs, and drawn anew by patient. Beside the
share of answers that change stands the share that is right, of the changed reports. The reports are of the
set's own test part, which nothing learned from; DIR holds the folders of the sets. An hour of one core, and
more where it is busy.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

import bert4text
from benchmarks.declared import POLICY
from benchmarks.document import document, known_runs, write
from benchmarks.options import names
from benchmarks.quality.lots import SETS, lots
from benchmarks.quality.stress import mammography
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import utc_now
from bert4text.core.report import Report, Split
from bert4text.core.seeds import rng
from bert4text.data.normalize import normalize
from bert4text.evaluation.answers import truth_matrix
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.robustness.choice import chosen, language_of
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rates import Trials, rate
from bert4text.robustness.scoring import Scoring
from bert4text.training.calibrate import macro_f1

NAME, SEED, DRAWS = "quality.augmentation", 7, 2000
PRACTICED = ("accents", "typing-errors", "boilerplate", "length")
"""Capabilities that are practiced; the others that ask for the answer to stay are held out."""
SHARE = 0.5
ASIDE = {"deliver": "model", "false_alarms": 0}
"""Who answers is told apart here, and nothing is measured out of scope."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Case:
    """A set, and how it is learned.

    Attributes:
        open: its corpus, by the folder of all sets.
        settings: of the encoder's training.
        reports: that TF-IDF and the encoder are asked about, at most.
    """

    open: Callable[[Path], Corpus]
    settings: dict[str, Any]
    reports: dict[str, int]


def _lot(name: str, data: Path) -> Corpus:
    """A set as the other measurements of quality deal it; a fifth of train validates and calibrates."""
    lot = next(lots(SETS[name], data, seed=SEED))
    dealt = {0: "validation", 5: "calibration"}
    reports = [
        Report(id=f"{split}-{place}", text=normalize(text), labels=labels, split=cast("Split", part))
        for split, some in (("train", lot.train), ("test", lot.test))
        for place, (text, labels) in enumerate(some)
        for part in (split if split == "test" else dealt.get(place % 10, "train"),)
    ]
    space = LabelSpace(task=lot.source.task, names=lot.names)
    return Corpus.from_reports(reports, space, language=lot.source.language)


CASES = {
    "told_br_pt": Case(
        partial(_lot, "told_br_pt"),
        {"encoder": "minilm", "adaptation": "head", "effort": "quick"},
        {"tfidf": 1000, "model": 200},
    ),
    "mammo_birads_es_pt": Case(
        mammography,
        {"encoder": "minilm", "adaptation": "head", "effort": "quick"},
        {"tfidf": 1000, "model": 120},
    ),
}
"""The head of an encoder alone learns: it can weigh anew what a frozen encoder sees, and no more."""

SETTINGS = {
    "practiced": list(PRACTICED),
    "share": SHARE,
    "seed": SEED,
    "training": {name: case.settings for name, case in CASES.items()},
    "reports": {name: case.reports for name, case in CASES.items()},
}
"""What figures are of."""


def main() -> None:
    """Train, stress and compare what is missing, and print what came out."""
    asked, started = _arguments(), utc_now()
    runs = known_runs(asked.out, SETTINGS)
    for name in asked.cases:
        if name not in {run["case"] for run in runs}:
            runs += _measured(name, CASES[name], asked.data)
        if asked.out is not None:
            write(asked.out, document(NAME, started=started, settings=SETTINGS, runs=runs, summary=[]))
    print(shown(runs))


def _measured(name: str, case: Case, data: Path) -> Iterator[dict[str, Any]]:
    """Both trainings of a set, and what each system then does."""
    corpus = case.open(data)
    models, seconds = {}, {}
    for kind, asked in (("plain", ()), ("augmented", PRACTICED)):
        start = time.perf_counter()
        models[kind] = _trained(corpus, case, asked)
        seconds[kind] = round(time.perf_counter() - start)
        print(f"{name}, {kind}: {seconds[kind]} s", file=sys.stderr, flush=True)
    yield {
        "case": name,
        "splits": corpus.splits,
        "copies": models["augmented"].info.manifest.notes["augmentation"],
        "seconds": seconds,
    }
    every = [name for name, one in chosen((), setting="").items() if one.expectation == "invariance"]
    variants = chosen(every, setting="")
    for system, most in case.reports.items():
        part = list(corpus["test"])[:most]
        yield from _compared(name, system, part, variants, models, language=corpus.language)
        print(f"{name}, {system}: done", file=sys.stderr, flush=True)


def _trained(corpus: Corpus, case: Case, practiced: Sequence[str]) -> Classifier:
    copies = {"perturbations": list(practiced), "share": SHARE}
    settings = {**case.settings, "batches": {"augmentation": copies}, "calibration": ASIDE}
    with tempfile.TemporaryDirectory() as folder:
        declared = {"policy": POLICY, "audit": {"fail_on": "never"}, "train": settings}
        trained: Classifier = bert4text.train(corpus, project=Project(Path(folder), declared))
    return trained


class Asked(NamedTuple):
    """Changed reports of one perturbation: their texts, and the place of each among the reports."""

    texts: list[str]
    places: Places


def _changed(reports: Sequence[Report], name: str, one: Perturbation, *, language: str | None) -> Asked:
    """Reports as ``stress`` changes them; what reading repairs is left out, since it changes no answer."""
    texts, places = [], []
    for place, report in enumerate(reports):
        known = language_of(report.text, usual=language)
        draws = rng(SEED, f"stress.{name}.{report.id}")
        text = normalize(one.of(report.text, language=known, rng=draws) or "")
        if text and text != report.text:
            texts.append(text)
            places.append(place)
    return Asked(texts, np.array(places, dtype=np.int64))


def _compared(
    name: str,
    system: str,
    reports: Sequence[Report],
    variants: Mapping[str, Perturbation],
    models: Mapping[str, Classifier],
    *,
    language: str | None,
) -> Iterator[dict[str, Any]]:
    """How often the answers of one system break and are right, without and with practice."""
    space = models["plain"].label_space
    truth = truth_matrix([report.labels or () for report in reports], space)
    groups = [report.patient or report.id for report in reports]
    weights = _weights(groups)
    answering = {kind: _Answering(model, system) for kind, model in models.items()}
    before = {kind: one.probabilities([report.text for report in reports]) for kind, one in answering.items()}
    held = {kind: answering[kind].scoring.holds(said) for kind, said in before.items()}
    yield {"case": name, "system": system, "reports": len(reports), **_f1(truth, held, weights)}
    tests: dict[str, list[_Tests]] = {}
    for variant, one in variants.items():
        changed = _changed(reports, variant, one, language=language)
        if changed.texts:
            made = [_told(each, before[kind], changed, truth) for kind, each in answering.items()]
            tests.setdefault(one.capability, []).append(
                _Tests(changed.places, *(np.stack(each) for each in zip(*made, strict=True)))
            )
    for capability, kept in tests.items():
        places, failed, right = (np.concatenate(each, axis=-1) for each in zip(*kept, strict=True))
        yield {
            "case": name,
            "system": system,
            "capability": capability,
            "practiced": capability in PRACTICED,
            "tests": len(places),
            "failures": _both(failed, places, groups, weights),
            "right": _both(right, places, groups, weights),
        }


class _Tests(NamedTuple):
    """Tests of one perturbation: the place of each report, and what came of it without and with practice."""

    places: Places
    failed: Bools
    right: Bools


def _told(answering: _Answering, before: Floats, changed: Asked, truth: Bools) -> tuple[Bools, Bools]:
    """Which answers to changed reports are another than before, and which are right."""
    after, places = answering.probabilities(changed.texts), changed.places
    right = (answering.scoring.holds(after) == truth[places]).all(axis=1)
    return answering.scoring.invariant(before[places], after).failed, right


class _Answering:
    """One system of a classifier."""

    def __init__(self, model: Classifier, system: str) -> None:
        self._backend, self._calibrator = model.systems()[system]
        self.scoring = Scoring(model.label_space, self._calibrator)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        return self._calibrator.probabilities(self._backend.forward(texts).logits)


def _weights(groups: Sequence[str]) -> Floats:
    """How often each report counts, [draws, n]; the reports of a patient stay together."""
    patients, members = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    even = np.full(len(patients), 1 / len(patients))
    draws = rng(SEED, "benchmarks.augmentation").multinomial(len(patients), even, size=DRAWS)
    return draws[:, members].astype(np.float64)


def _both(told: Bools, places: Places, groups: Sequence[str], weights: Floats) -> dict[str, Any]:
    """Shares without and with practice, each with its interval, and their difference with that of pairs."""
    own = [groups[place] for place in places.tolist()]
    found: dict[str, Any] = {}
    for kind, each in zip(("plain", "augmented"), told, strict=True):
        one = rate(kind, [Trials(each, own)], capability=kind, at_most=1.0, minimum=1)
        found[kind] = [round(float(value or 0.0), 4) for value in (one.rate, one.low, one.high)]
    change, drawn = told[1].astype(float) - told[0], weights[:, places]
    found["difference"] = _interval(float(change.mean()), drawn @ change / drawn.sum(axis=1).clip(min=1.0))
    return found


def _f1(truth: Bools, held: Mapping[str, Bools], weights: Floats) -> dict[str, Any]:
    """Macro-F1 of the unchanged reports, and what practice adds to it."""
    values = {kind: float(macro_f1(truth, said)[0]) for kind, said in held.items()}
    drawn = {kind: macro_f1(truth, said, weights) for kind, said in held.items()}
    found = {kind: _interval(values[kind], drawn[kind]) for kind in held}
    more = values["augmented"] - values["plain"]
    return {"macro_f1": {**found, "difference": _interval(more, drawn["augmented"] - drawn["plain"])}}


def _interval(value: float, drawn: Floats) -> list[float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [round(float(each), 4) for each in (value, low, high)]


HEAD = (
    "| capability | practiced | tests | others, without | with copies | difference | right more often |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
)


def shown(runs: Sequence[dict[str, Any]]) -> str:
    """The figures as tables, one for each set and system."""
    lines: list[str] = []
    for run in runs:
        if "macro_f1" in run:
            f1 = run["macro_f1"]
            said = f"Macro-F1 {_cell(f1['plain'])} without, {_cell(f1['augmented'])} with copies; difference "
            lines += ["", f"**{run['case']}, {run['system']}: {run['reports']:,} reports**", ""]
            lines += [f"{said}{_cell(f1['difference'], sign='+')}.", "", *HEAD]
        elif "capability" in run:
            failed, right = run["failures"], run["right"]["difference"]
            cells = [_share(failed["plain"]), _share(failed["augmented"])]
            cells += [_share(each, sign="+") for each in (failed["difference"], right)]
            practiced = "yes" if run["practiced"] else "no"
            row = [f"`{run['capability']}`", practiced, f"{run['tests']:,}", *cells]
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines).strip()


def _cell(values: Sequence[float], *, sign: str = "") -> str:
    value, low, high = values
    return f"{value:{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"


def _share(values: Sequence[float], *, sign: str = "") -> str:
    value, low, high = (100 * each for each in values)
    return f"{value:{sign}.1f} % ({low:{sign}.1f} to {high:{sign}.1f})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where the sets lie")
    parser.add_argument("--cases", type=names, default=list(CASES), help="sets, and how they are learned")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="results; what is there is not measured again"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
