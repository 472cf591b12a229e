"""Integrated gradients: what each word adds on the way from a report without words to the report.

After Sundararajan, Taly & Yan (2017), "Axiomatic Attribution for Deep Networks". The contributions add up to
the change of the score (completeness), and whether they do is checked for every report: the steps are raised
until they do, or it is said that they do not.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ConfigError
from bert4text.core.explanation import Completeness, Contribution
from bert4text.explanation.explainers import Found, Question
from bert4text.explanation.integral import Derivatives, integrate
from bert4text.explanation.units import UNITS, Stretch, cut

Floats = npt.NDArray[np.float64]

OURS = ("torch", "ensemble", "hybrid")
"""Backends that may have gradients; of the others it is said before PyTorch is asked for."""


def attribute(question: Question) -> Found:
    """What each piece adds to the score of the label: the sum of what its tokens add.

    Raises:
        ConfigError: what answers has no gradients.
        MissingExtraError: PyTorch is not installed.
    """
    backend, settings = question.backend, question.config.gradients
    if backend is None or backend.name not in OURS:
        raise ConfigError(
            "the method gradients explains encoders of PyTorch, and this model answers by {name}",
            hint="--method occlusion explains any model",
            code="other-method",
            name="?" if backend is None else backend.name,
        )
    models = importlib.import_module("bert4text.models.gradients")  # an export is explained without PyTorch
    wanted = models.Wanted(question.label, question.calibrator, question.several)
    way = models.Way(backend, question.text, wanted, baseline=settings.baseline)
    derivatives: Derivatives = way.derivatives
    found = integrate(derivatives, steps=settings.steps, most=settings.most, tolerance=settings.tolerance)
    question.calls += found.steps + 1
    contributions = pieces_of(question, way.stretches, found.values)
    smallest = [one.value for one in contributions if one.unit == contributions[-1].unit]
    return Found(
        contributions,
        rest=found.end - sum(smallest),
        completeness=Completeness(
            steps=found.steps,
            error=found.error,
            tolerance=settings.tolerance,
            converged=found.converged,
            start=found.start,
        ),
    )


def pieces_of(question: Question, stretches: Sequence[Stretch], values: Floats) -> list[Contribution]:
    """What the pieces of each unit have of the values of tokens, the larger units first.

    Args:
        question: the report, and which units are asked for.
        stretches: where each token stands in it.
        values: of the tokens.
    """
    ends = np.array([end for _, end in stretches], dtype=np.int64)
    last = ends - 1  # a token may begin with the space before its word
    empty = ends <= np.array([start for start, _ in stretches], dtype=np.int64)
    found = []
    for unit in (unit for unit in UNITS if unit in question.config.units):
        for start, end in cut(question.text, unit):
            inside = (start <= last) & (last < end) & ~empty
            found.append(Contribution(start=start, end=end, unit=unit, value=float(values[inside].sum())))
    return found
