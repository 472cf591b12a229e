"""Stress a classifier: change reports in every way of the registry, and compare the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from bert4text.core.errors import ConfigError, EmptyCorpusError
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, Task, silent
from bert4text.core.report import Report
from bert4text.core.stress import Failure, Rate, Stressed
from bert4text.robustness.choice import chosen as chosen_by
from bert4text.robustness.choice import language_of, names_a_side
from bert4text.robustness.config import StressConfig
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rates import rate
from bert4text.robustness.scoring import Floats, Scoring
from bert4text.robustness.suite import CHUNK, Answer, Found, Read, Suite, Tried, allowed


@dataclass(frozen=True)
class Outcome:
    """What was found.

    Attributes:
        tried: the reports.
        capabilities: rates of each, in the order of the perturbations.
        perturbations: of each.
        worst: failures.
    """

    tried: Tried
    capabilities: tuple[Rate, ...]
    perturbations: tuple[Stressed, ...]
    worst: tuple[Failure, ...]


def stress(
    reports: Sequence[Report],
    answer: Answer,
    *,
    scoring: Scoring,
    space: LabelSpace,
    config: StressConfig,
    read: Read,
    aside: bool = False,
    language: str | None = None,
    seed: int = 7,
    progress: Progress = silent,
) -> Outcome:
    """Change reports one way after the other, and compare what is answered to them.

    Args:
        reports: unchanged.
        answer: what answers.
        scoring: says what is a failure.
        space: the question.
        config: settings.
        read: how a text is repaired on entry.
        aside: whether the question is asked of each side of the body by itself.
        language: of reports that do not tell theirs.
        seed: the one seed; what a report becomes depends on it, the perturbation and its id.
        progress: told how far it is.

    Raises:
        ConfigError: there is no such perturbation or capability, or a gate needs to know what is serious.
        EmptyCorpusError: no report has a text.
    """
    chosen = perturbations(config)
    if not scoring.ordered:
        _check_gates(chosen, config)
    with progress.task(N_("changing reports"), total=len(reports) * (len(chosen) + 2)) as task:
        tried = _unchanged(reports, answer, scoring=scoring, read=read, language=language, task=task)
        suite = Suite(tried, answer, scoring, config, read, seed, task)
        aside = aside or names_a_side(space)
        found = [suite.run(name, one, aside=aside) for name, one in chosen.items()]
    order = {one.capability: place for place, one in reversed(list(enumerate(chosen.values())))}
    ranked = sorted(found, key=lambda one: order[one.stressed.capability])
    capabilities = [
        _capability(name, list(each), config)
        for name, each in groupby(ranked, key=lambda one: one.stressed.capability)
    ]
    return Outcome(
        tried,
        tuple(capabilities),
        tuple(one.stressed for one in found),
        tuple(failure for one in found for failure in one.worst),
    )


def perturbations(config: StressConfig) -> dict[str, Perturbation]:
    """The perturbations that are asked for, by name or by capability, in the order of the registry.

    Raises:
        ConfigError: there is no such perturbation or capability.
    """
    chosen = chosen_by(config.only, setting="[stress] only")
    capabilities = list(dict.fromkeys(one.capability for one in chosen.values()))
    unknown = [name for name in config.at_most if name not in capabilities]
    if unknown:
        raise ConfigError(
            "[stress] at_most names {unknown}, which nothing tries here; it can name {known}",
            hint="name capabilities, not perturbations; `only` leaves some out",
            code="unknown-capability",
            unknown=unknown,
            known=capabilities,
        )
    return chosen


def _check_gates(chosen: Mapping[str, Perturbation], config: StressConfig) -> None:
    """Refuse gates whose tests of direction would be skipped, since nobody said what is serious."""
    directed = {one.capability for one in chosen.values() if one.expectation == "direction"}
    unordered = sorted(directed & set(config.at_most))
    if unordered:
        raise ConfigError(
            "[stress] at_most names {capabilities}, whose tests need to know which labels are serious",
            hint='name them: [stress] serious = ["malignant"]',
            code="no-order",
            capabilities=unordered,
        )


def _unchanged(
    reports: Sequence[Report],
    answer: Answer,
    *,
    scoring: Scoring,
    read: Read,
    language: str | None,
    task: Task,
) -> Tried:
    """Answer the reports as they are, twice: the second time the other way round, beside other neighbors."""
    read_once = [report.model_copy(update={"text": read(report.text)}) for report in reports]
    given = [report for report in read_once if report.text]
    if not given:
        raise EmptyCorpusError("no report of these has a text", code="no-text")
    task.advance(2 * (len(reports) - len(given)))
    texts = [report.text for report in given]
    before = _in_chunks(answer, texts, task)
    again = _in_chunks(answer, texts[::-1], task)[::-1]
    finite = np.isfinite(before).all(axis=1) & np.isfinite(again).all(axis=1)
    kept = np.flatnonzero(finite).tolist()
    noise = float(np.abs(before - again)[finite].max()) if kept else 0.0
    other = (scoring.holds(before[finite]) != scoring.holds(again[finite])).any(axis=1)
    return Tried(
        [given[place] for place in kept],
        [given[place].patient or f"report:{given[place].id}" for place in kept],
        [language_of(texts[place], usual=language) for place in kept],
        before[finite],
        noise=noise,
        noisy=float(other.mean()) if kept else 0.0,
    )


def _in_chunks(answer: Answer, texts: Sequence[str], task: Task) -> Floats:
    parts = []
    for start in range(0, len(texts), CHUNK):
        parts.append(answer(texts[start : start + CHUNK]))
        task.advance(len(parts[-1]))
    return np.concatenate(parts)


def _capability(name: str, found: Sequence[Found], config: StressConfig) -> Rate:
    """All tests of a capability together; it breaks where one of them does, and is skipped where all were."""
    counted = rate(
        name,
        [one.tests for one in found],
        capability=name,
        at_most=allowed(name, config),
        minimum=config.minimum_n,
    )
    if all(one.stressed.verdict == "skipped" for one in found):
        return counted.model_copy(update={"verdict": "skipped"})
    if any(one.stressed.verdict == "breaks" for one in found):
        return counted.model_copy(update={"verdict": "breaks"})
    return counted


def languages_of(tried: Tried) -> dict[str, int]:
    """How many reports are in each language, ``other`` among them."""
    return dict(sorted(Counter(language or "other" for language in tried.languages).items()))
