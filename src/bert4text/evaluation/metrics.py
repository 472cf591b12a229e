"""Metrics by name: how each is computed over all and by label, and which question it suits.

Over all (``label`` null) means: accuracy, MCC and kappa as they are defined; ``precision``, ``recall``,
``macro_f1``, ``auroc`` and ``average_precision`` the plain mean over labels that occur in the truth;
``weighted_*`` the mean weighted by how often each occurs. For a binary question ``auroc``,
``average_precision``, ``sensitivity``, ``specificity``, ``brier`` and ``ece`` over all are those of
the **second** label, the one looked for. The formulas and their sources are in ``formulas.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from bert4text.core.labels import LabelSpace, Task
from bert4text.core.registry import Registry
from bert4text.evaluation import formulas
from bert4text.evaluation.answers import Answers, Floats
from bert4text.evaluation.config import MetricName
from bert4text.evaluation.tally import Tally, prepare

Function = Callable[[Tally], Floats]


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric: how it is computed over all (``[B]``) and by label (``[B, k]``).

    Attributes:
        name: as in ``metrics.json``.
        over_all, by_class: None where it has no such form.
        higher_is_better: false for errors.
        tasks: the questions it suits.
        binary_only_over_all: over all only for binary questions.
        proportion: whether it is a share of reports, so that Wilson's interval fits.
    """

    name: str
    over_all: Function | None = None
    by_class: Function | None = None
    higher_is_better: bool = True
    tasks: tuple[Task, ...] = ("binary", "multiclass", "ordinal", "multilabel")
    binary_only_over_all: bool = False
    proportion: bool = False

    def suits(self, task: Task, *, over_all: bool) -> bool:
        """Whether this form exists for the question."""
        if task not in self.tasks:
            return False
        if over_all:
            return self.over_all is not None and (task == "binary" or not self.binary_only_over_all)
        return self.by_class is not None


ACCURACY = Measure("accuracy", formulas.accuracy, proportion=True)
BALANCED_ACCURACY = Measure("balanced_accuracy", formulas.balanced_accuracy)
MACRO_F1 = Measure("macro_f1", formulas.macro_f1)
WEIGHTED_F1 = Measure("weighted_f1", formulas.weighted_f1)
F1 = Measure("f1", None, formulas.f1_by_class)
PRECISION = Measure("precision", formulas.precision, formulas.precision_by_class, proportion=True)
WEIGHTED_PRECISION = Measure("weighted_precision", formulas.weighted_precision)
RECALL = Measure("recall", formulas.recall, formulas.recall_by_class, proportion=True)
WEIGHTED_RECALL = Measure("weighted_recall", formulas.weighted_recall)
SENSITIVITY = Measure(
    "sensitivity", formulas.sensitivity, formulas.recall_by_class, binary_only_over_all=True, proportion=True
)
SPECIFICITY = Measure(
    "specificity",
    formulas.specificity,
    formulas.specificity_by_class,
    binary_only_over_all=True,
    proportion=True,
)
MCC = Measure("mcc", formulas.mcc)
AUROC = Measure("auroc", formulas.auroc, formulas.auroc_by_class)
AVERAGE_PRECISION = Measure(
    "average_precision", formulas.average_precision, formulas.average_precision_by_class
)
BRIER = Measure("brier", formulas.brier, formulas.brier_by_class, higher_is_better=False)
ECE = Measure("ece", formulas.ece, formulas.ece_by_class, higher_is_better=False)
QUADRATIC_KAPPA = Measure("quadratic_kappa", formulas.quadratic_kappa, tasks=("ordinal",))
MEAN_COST = Measure("mean_cost", formulas.mean_cost, higher_is_better=False)
"""Of groups of labels with declared costs alone, so it is not among the metrics that one can ask for."""

_HERE = "bert4text.evaluation.metrics"

METRICS: Registry[Measure] = Registry(
    "metrics",
    "a metric: weighted counts of B resamples in, B figures out, over all and by label",
    {name: f"{_HERE}:{name.upper()}" for name in get_args(MetricName)},
)


def suitable(label_space: LabelSpace, names: Sequence[str] | None = None) -> list[Measure]:
    """The metrics asked for (all by default) that suit the question, in the usual order.

    Raises:
        ConfigError: no metric has that name.
    """
    wanted = METRICS.names() if names is None else list(names)
    measures = [METRICS.get(name) for name in wanted]
    return [measure for measure in measures if label_space.task in measure.tasks]


def measure(answers: Answers, names: Sequence[str] = ("macro_f1", "accuracy")) -> dict[str, float]:
    """Some metrics over all, without intervals; NaN where one is not defined.

    A name that has no form over all for this question is left out.

    Raises:
        ConfigError: no metric has that name.
    """
    tally = prepare(answers).tally()
    found: dict[str, float] = {}
    for name in names:
        kind = METRICS.get(name)
        if kind.over_all is not None and kind.suits(answers.task, over_all=True):
            found[name] = float(kind.over_all(tally)[0])
    return found
