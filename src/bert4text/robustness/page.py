"""The page of a stress suite: where it breaks first, then the figure, then every perturbation."""

from __future__ import annotations

from typing import Any

from bert4text.core.messages import Translator
from bert4text.core.page import render
from bert4text.core.stress import Expectation, Stress, Stressed
from bert4text.robustness.figure import rates_figure
from bert4text.robustness.perturbations import PERTURBATIONS
from bert4text.robustness.wording import (
    EXPECTATIONS,
    LIMITS,
    capability_name,
    figures,
    measured,
    outcome,
    rated_name,
    remarks,
    skipped,
    verdict_sentences,
)


def page(found: Stress, *, translator: Translator) -> str:
    """Write what a suite found as HTML.

    Args:
        found: by the suite.
        translator: the language of the page.

    Returns:
        One page without script or outside address. It holds no text of a report and no id: rows are numbers.
    """
    _ = translator
    values = {
        "found": found,
        "verdicts": verdict_sentences(found, _),
        "measured": measured(found, _),
        "remarks": remarks(found, _),
        "figure": rates_figure(found, translator=_),
        "capabilities": [
            [
                rated_name(one, capability_name(one.name, _), found, _),
                *figures(one, _),
                _.percent(one.at_most),
                outcome(one, _),
            ]
            for one in found.capabilities
            if one.verdict != "skipped"
        ],
        "skipped": skipped(found, _),
        "expectations": [
            (_(title), [_row(one, found, _) for one in found.perturbations if _tried(one, expectation)])
            for expectation, title in EXPECTATIONS.items()
        ],
        "worst": [
            [
                one.perturbation,
                _.integer(one.row),
                one.before or "–",
                one.after or "–",
                _.number(one.shift, 2),
            ]
            for one in found.worst
        ],
        "limits": [_(sentence) for sentence in LIMITS],
    }
    return render("bert4text.robustness", "stress.html", values, translator=translator)


def _tried(one: Stressed, expectation: Expectation) -> bool:
    return one.reason is None and one.expectation == expectation


def _row(one: Stressed, found: Stress, translator: Translator) -> list[Any]:
    _ = translator
    return [
        rated_name(one, f"{_(PERTURBATIONS.get(one.name).title)} ({one.name})", found, _),
        *figures(one, _),
        _.percent(one.applied),
        _.percent(one.shifted, 1),
        outcome(one, _),
    ]
