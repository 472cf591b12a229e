"""Whether integrated gradients add up, in how many steps and how fast; and whether they are faithful.

    python -m benchmarks.explanation.completeness --data DIR --models DIR [--reports N] [--out FILE]

Models learn quickly from published sets. Reports that they did not learn from are explained by integrated
gradients, on two sets by the same in 8 steps, and the first of them by occlusion too, report by report; of
those the faithfulness is measured. Seconds are those of processors that the process took, on all its threads,
so that others on the machine count little. A set takes 2 to 15 minutes of one core; sets that ``--out`` has
already, under the same settings, are not measured again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

import bert4text
from benchmarks.document import document, known_runs, write
from benchmarks.explanation.models import MODELS, SEED, Learned, held_out, model
from benchmarks.options import names
from bert4text.core.manifest import utc_now
from bert4text.core.seeds import rng
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.explainers import Question
from bert4text.explanation.faithfulness import faithfulness
from bert4text.models.classifier import Classifier

Floats = npt.NDArray[np.float64]
NAME = "explanation.completeness"
FIRST_LOOK = {"gradients, 8 steps": ("mammo_birads_es_pt", "hatebr_pt")}
"""Method -> the sets that it is measured on, where it is not on all."""
LONG = 200
WITHIN = 0.01
METHODS: dict[str, dict[str, Any]] = {
    "gradients": {"method": "gradients"},
    "gradients, 8 steps": {"method": "gradients", "gradients": {"most": 8}},
    "occlusion": {"method": "occlusion"},
}


def main() -> None:
    """Explain, and print what came out."""
    asked, started = _arguments(), utc_now()
    settings = {"reports": asked.reports, "effort": "quick"}
    runs = known_runs(asked.out, settings)
    for name in asked.sets:
        if not any(run["case"] == name for run in runs):
            runs += _runs(MODELS[name], asked)
        for method in _methods(name):
            print(json.dumps(_summed(runs, name, method)), flush=True)
        if asked.out is not None:
            summary = _summary(runs)
            write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=summary))


def _methods(name: str) -> list[str]:
    return [method for method in METHODS if name in FIRST_LOOK.get(method, (name,))]


def _runs(learned: Learned, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Every explanation of a set."""
    classifier = model(learned, asked.data, kept=asked.models)
    runs: list[dict[str, Any]] = []
    for place, row in enumerate(held_out(learned, asked.data)[: min(learned.explained, asked.reports)]):
        measured = place < learned.measured
        for method in _methods(learned.name):
            if measured or METHODS[method]["method"] == "gradients":
                told = _explained(classifier, row["text"], method, measured=measured)
                runs.append({"case": learned.name, "system": method, **told})
    return runs


def _summary(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every set by every method, and how many reports of all sets add up."""
    cases = [name for name in MODELS if any(run["case"] == name for run in runs)]
    told = [
        {
            **_summed(runs, name, method),
            "encoder": MODELS[name].encoder,
            "learned_from_at_most": MODELS[name].reports,
        }
        for name in cases
        for method in _methods(name)
    ]
    for row in told:
        if row["system"] == "occlusion":
            row["beyond_gradients"] = _paired(runs, row["case"])
    for method in METHODS:
        of = [run["error"] for run in runs if run["system"] == method and "error" in run]
        if of:
            within = round(float(np.mean([error <= WITHIN for error in of])), 4)
            told.append({"case": "all", "system": method, "reports": len(of), "within_1_percent": within})
    return told


def _explained(classifier: Classifier, text: str, method: str, *, measured: bool) -> dict[str, Any]:
    """How an explanation comes out; its measure is timed apart, as any method takes it alike."""
    config = ExplainConfig.parse({**METHODS[method], "faithfulness": False}, section="explain")
    before = time.process_time()
    (found,) = bert4text.explain(classifier, [text], config=config)
    seconds = time.process_time() - before
    tokens = int(classifier.backend.forward([text]).tokens[0])
    told: dict[str, Any] = {"tokens": tokens, "seconds": round(seconds, 3)}
    if found.completeness is not None:
        told |= {"steps": found.completeness.steps, "error": float(f"{found.completeness.error:.2g}")}
    if measured:
        label = classifier.label_space.index(found.label)
        question = Question(text, classifier.probabilities, label, config)
        before = time.process_time()
        measure = faithfulness(question, found.contributions, rng=rng(SEED, f"explanation.{method}"))
        told["seconds_of_measure"] = round(time.process_time() - before, 3)
        if measure is not None:
            told["beyond_random"] = round(measure.comprehensiveness - measure.random_comprehensiveness, 4)
    return told


def _summed(runs: Sequence[dict[str, Any]], case: str, system: str) -> dict[str, Any]:
    """Shares and medians of one method on one set."""
    of = [run for run in runs if (run["case"], run["system"]) == (case, system)]
    told: dict[str, Any] = {"case": case, "system": system, "reports": len(of)}
    told["tokens"] = float(np.median([run["tokens"] for run in of]))
    for name in ("seconds", "seconds_of_measure"):
        told[name] = round(float(np.median([run[name] for run in of if name in run])), 3)
    lengths = [run["tokens"] for run in of]
    if min(lengths) < LONG < max(lengths):  # told from reports around it, and not from short ones alone
        line = np.polyfit(lengths, [run["seconds"] for run in of], 1)
        told["seconds_of_200_tokens"] = round(float(np.polyval(line, LONG)), 2)
    if "steps" in of[0]:
        steps = np.array([run["steps"] for run in of])
        told |= {"steps": float(np.median(steps)), "most_steps": int(steps.max())}
        told["within_1_percent"] = round(float(np.mean([run["error"] <= WITHIN for run in of])), 4)
    middle, low, high = _mean(_measured(runs, case, system))
    return {**told, "beyond_random": middle, "low": low, "high": high}


def _measured(runs: Sequence[dict[str, Any]], case: str, system: str) -> Floats:
    """By how much explanations outdo chance, report by report, in the order of the reports."""
    of = [run for run in runs if (run["case"], run["system"]) == (case, system)]
    return np.array([run["beyond_random"] for run in of if "beyond_random" in run])


def _paired(runs: Sequence[dict[str, Any]], case: str) -> tuple[float, float, float]:
    """By how much occlusion outdoes gradients on the same reports."""
    return _mean(_measured(runs, case, "occlusion") - _measured(runs, case, "gradients"))


def _mean(values: Floats) -> tuple[float, float, float]:
    """A mean, and its 95 % interval by Student's t."""
    middle = float(values.mean())
    reach = float(stats.t.ppf(0.975, len(values) - 1)) * float(values.std(ddof=1)) / len(values) ** 0.5
    return round(middle, 4), round(middle - reach, 4), round(middle + reach, 4)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of the sets")
    parser.add_argument("--models", type=Path, metavar="DIR", required=True, help="where models are kept")
    parser.add_argument("--sets", type=names, default=list(MODELS), help="only these, with commas")
    parser.add_argument("--reports", type=int, default=1000, help="of each set, at most")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
