"""Summary: the figures of an evaluation as plain rows, for a terminal to draw."""

from __future__ import annotations

from bert4text.core.evaluation import Evaluation
from bert4text.core.messages import Translator, load
from bert4text.evaluation.metrics import METRICS
from bert4text.evaluation.sentences import interval_said
from bert4text.evaluation.wording import METRIC_MEANINGS, metric_name, system_names

HEADLINE = (
    "macro_f1",
    "determinate_macro_f1",
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "determinate_sensitivity",
    "determinate_specificity",
    "lost",
    "overclaimed",
    "mcc",
    "quadratic_kappa",
    "auroc",
    "average_precision",
    "brier",
    "ece",
)
"""Metrics shown first, in this order."""


def header(evaluation: Evaluation, *, translator: Translator | None = None) -> list[str]:
    """The head of the table: ``metric``, then the systems."""
    _ = translator or load("en")
    return [_("metric"), *system_names(evaluation, translator=_).values()]


def rows(
    evaluation: Evaluation, *, translator: Translator | None = None, everything: bool = False
) -> list[list[str]]:
    """One row for each metric over all: its name, then each system's figure with its interval.

    Args:
        evaluation: what was measured.
        translator: the language; English by default.
        everything: also the metrics that are not among the headline ones.
    """
    _ = translator or load("en")
    present = {metric.name for metric in evaluation.metrics if metric.label is None and metric.group is None}
    names = [name for name in HEADLINE if name in present]
    if everything:
        names += [name for name in METRICS.names() if name in present and name not in names]
    return [
        [
            metric_name(name, translator=_),
            *(
                interval_said(evaluation.metric(name, system=system.name), translator=_)
                for system in evaluation.systems
            ),
        ]
        for name in names
    ]


def meanings(evaluation: Evaluation, *, translator: Translator) -> dict[str, str]:
    """What each metric at hand says, in a sentence: ``{name as shown: sentence}``."""
    managed = () if evaluation.management is None else evaluation.management.metrics
    present = {metric.name for metric in (*evaluation.metrics, *managed) if metric.group is None}
    return {
        metric_name(name, translator=translator): translator(sentence)
        for name, sentence in METRIC_MEANINGS.items()
        if name in present
    }
