"""Augment: copies of training reports, changed as ``stress`` changes reports, so that a model can practice.

A copy keeps the label of its report, so that only perturbations after which the answer stays may make one.
Náplava et al. (2021, "Understanding Model Robustness to User-generated Noisy Texts", W-NUT) compare learning
from texts with made errors with correcting texts before they are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bert4text.core.copies import Copied
from bert4text.core.errors import ConfigError
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, silent
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.robustness.choice import chosen, language_of
from bert4text.robustness.perturbation import Perturbation

SETTING = "[train.batches.augmentation] perturbations"


def staying(names: Sequence[str], *, aside: bool) -> dict[str, Perturbation]:
    """The perturbations that are named, by name or by capability, in the order of the registry.

    Args:
        names: at least one.
        aside: whether the question is asked of a side of the body, so that none may change sides.

    Raises:
        ConfigError: there is no such perturbation or capability, or the answer may change with one.
    """
    found = chosen(names, setting=SETTING)
    moving = [name for name, one in found.items() if one.expectation != "invariance"]
    if moving:
        raise ConfigError(
            "{setting} takes in {moving}, after which the answer may be another: their copies would keep a "
            "label that is wrong; {may} may be named",
            hint="name what the answer has to stay under, by perturbation where a capability has others too",
            code="answer-may-change",
            setting=SETTING,
            moving=moving,
            may=[name for name, one in chosen((), setting=SETTING).items() if _stays(one, aside=aside)],
        )
    swapping = [name for name, one in found.items() if not _stays(one, aside=aside)]
    if swapping:
        raise ConfigError(
            "{setting} takes in {swapping}, and the question is asked of one side: the label would be the "
            "other side's",
            hint="take it out",
            code="asked-of-a-side",
            setting=SETTING,
            swapping=swapping,
        )
    return found


def _stays(one: Perturbation, *, aside: bool) -> bool:
    return one.expectation == "invariance" and not (aside and one.sideless)


@dataclass(frozen=True)
class Augmentation:
    """Makes changed copies of reports.

    Which reports get copies, which perturbations change them and what comes of it depend on the seed and on
    the ids of the reports alone, not on their order.

    Attributes:
        perturbations: to choose from; each report is changed by others of them, drawn evenly.
        share: of the reports that get copies.
        copies: of each of them, at most: a perturbation that can not change a report makes way for the next.
        change: applies a perturbation's change to what of a text is the report's own words, and repairs the
            outcome as a new report is on entry.
        language: of reports that do not tell theirs.
        seed: the one seed.
        progress: told how far it is.
    """

    perturbations: Mapping[str, Perturbation]
    share: float
    copies: int
    change: Callable[[str, Callable[[str], str | None]], str]
    language: str | None
    seed: int
    progress: Progress = silent

    def __call__(self, reports: Sequence[Report]) -> Copied:
        """Copy some of the reports."""
        drawn, made = self._drawn(reports), Counter(dict.fromkeys(self.perturbations, 0))
        texts: list[tuple[str, ...]] = []
        with self.progress.task(N_("changing reports"), total=len(reports)) as task:
            for place, report in enumerate(reports):
                changed = dict(self._changed(report)) if place in drawn else {}
                made.update(changed.values())
                texts.append(tuple(changed))
                task.advance()
        return Copied(tuple(texts), made)

    def _drawn(self, reports: Sequence[Report]) -> set[int]:
        """The places of the reports that get copies."""
        drawn = [rng(self.seed, f"augmentation.drawn.{report.id}").random() for report in reports]
        order = sorted(range(len(reports)), key=drawn.__getitem__)
        return set(order[: round(self.share * len(reports))])

    def _changed(self, report: Report) -> Iterator[tuple[str, str]]:
        """The copies of a report, each another text, and which perturbation made each."""
        names = rng(self.seed, f"augmentation.order.{report.id}").permutation(list(self.perturbations))
        language, seen = language_of(report.text, usual=self.language), {report.text, ""}
        for name in names.tolist():
            one, draws = self.perturbations[name], rng(self.seed, f"augmentation.{name}.{report.id}")
            text = self.change(report.text, partial(one.of, language=language, rng=draws))
            if text in seen:
                continue
            seen.add(text)
            yield text, name
            if len(seen) == 2 + self.copies:
                return
