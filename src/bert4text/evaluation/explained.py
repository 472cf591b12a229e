"""Explained: how faithful explanations of a model's answers are over many reports, and what is said of it.

Comprehensiveness and sufficiency are those of DeYoung et al. (2020), "ERASER: A Benchmark to Evaluate
Rationalized NLP Models"; explanations are made elsewhere, and their figures are handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.core.evaluation import Evaluation, Explained, Metric
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.intervals import expanded, group_index, resamples
from bert4text.evaluation.sentences import Said, interval_said

Floats = npt.NDArray[np.float64]

OWN, RANDOM, BEYOND = "explanation", "random", "difference"
"""Whose figure: in the order of the explanation, in orders drawn at random, and the one less the other."""
MEASURES = {
    "comprehensiveness": N_("without the first words"),
    "sufficiency": N_("with the first words alone"),
}
"""Measure -> what is done to the report."""


def explained(
    values: Mapping[str, tuple[Floats, Floats]],
    *,
    method: str,
    groups: Sequence[str],
    patients: bool,
    count: int,
    seed: int,
) -> Explained:
    """Means over reports with 95 % intervals by resampling patients.

    Args:
        values: measure -> by how much the probability falls in each report, in the order of the explanation
            and at random, float64 [n] both.
        method: how the explanations were made.
        groups: the patient of each report, or the report itself.
        patients: whether patients are known.
        count: resamples.
        seed: the one seed.
    """
    index, number = group_index(groups)
    metrics: list[Metric] = []
    for name, (own, random) in values.items():
        columns = np.stack([own, random, own - random], axis=1)
        stream = seeds.rng(seed, f"evaluation.explanations.{name}")
        drawn = np.concatenate(
            [
                weights @ columns / weights.sum(axis=1, keepdims=True)
                for weights in resamples(index, count=count, random=stream)
            ]
        )
        for place, system in enumerate((OWN, RANDOM, BEYOND)):
            value = float(columns[:, place].mean())
            bounds = expanded(value, drawn[:, place], groups=number)
            low, high = bounds or (None, None)
            how = None if bounds is None else f"bootstrap-{'patient' if patients else 'report'}"
            metrics.append(
                Metric(system=system, name=name, value=value, low=low, high=high, n=len(own), interval=how)
            )
    own, random = values["comprehensiveness"]
    return Explained(
        method=method, reports=len(own), faithful=float(np.mean(own > random)), metrics=tuple(metrics)
    )


def explained_said(found: Explained, *, translator: Translator) -> Said:
    """The verdict in a sentence, and what it rests on."""
    _ = translator
    beyond = found.metric("comprehensiveness", whose=BEYOND)
    shown = beyond is not None and beyond.low is not None and beyond.low > 0
    verdict = (
        _("The answers hang on what their explanations name first, more than on words drawn at random.")
        if shown
        else _(
            "It is not shown that the answers hang on what their explanations name: show them to nobody as "
            "reasons."
        )
    )
    figures = _(
        "Without the words named first the probability of the answer falls by {beyond} more than without as "
        "many drawn at random; it falls by more in {share} of {reports} reports (method: {method}).",
        beyond=interval_said(beyond, translator=_, digits=3),
        share=_.percent(found.faithful),
        reports=_.integer(found.reports),
        method=found.method,
    )
    return Said(tone="good" if shown else "bad", verdict=verdict, figures=figures)


def explained_table(found: Explained, *, translator: Translator) -> dict[str, Any]:
    """One row for each measure: in the order of the explanation, at random, and the difference."""
    _ = translator
    head = [_("by how much the probability falls"), _("as explained"), _("at random"), _("difference")]
    rows = [
        [
            _(title),
            *(
                interval_said(found.metric(name, whose=whose), translator=_, digits=3)
                for whose in (OWN, RANDOM, BEYOND)
            ),
        ]
        for name, title in MEASURES.items()
    ]
    return {"head": head, "rows": rows}


def shown(evaluation: Evaluation, *, translator: Translator) -> dict[str, Any] | None:
    """What a page shows: the verdict and a table; or None."""
    found = evaluation.explanations
    if found is None:
        return None
    return {
        "said": explained_said(found, translator=translator),
        "table": explained_table(found, translator=translator),
    }
