"""Reliance: how far answers can be relied on, which are left to a person, and what the others cost."""

from __future__ import annotations

from pydantic import Field

from bert4text.core.config import Record
from bert4text.core.prediction import Promise


class Share(Record):
    """A share of reports with its interval of 95 %; the bounds are None where nothing bounds it.

    Attributes:
        value: the share; None where there are no reports.
        low, high: its interval.
        n: reports.
        interval: how it was made: ``wilson-patient`` or ``wilson-report``.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    interval: str | None = None


class Coverage(Record):
    """How often the true label was in the prediction set.

    Attributes:
        level: the share that was promised.
        promise: of all reports, or of the reports of each label.
        label: whose reports; None is all. Of several labels of one report each counts.
        covered: the share whose true label was in the set.
        single: the share whose set had one label; None of one label.
        labels: mean number of labels in a set.
        excluded: whether the label can be excluded at all: calibration reports were enough for the promise.
    """

    level: float
    promise: Promise
    label: str | None = None
    covered: Share
    single: Share | None = None
    labels: float
    excluded: bool = True


class Burden(Record):
    """What the answers cost in a thousand reports, by label.

    Attributes:
        label: the label.
        missed: share of all reports that have it and were answered without it.
        extra: share of all reports that were answered with it and do not have it.
        left: share of all reports that have it and were left to a person.
    """

    label: str
    missed: Share
    extra: Share
    left: Share


class Benefit(Record):
    """A decision curve: net benefit of acting on a label, by the probability from which one acts.

    Attributes:
        system: whose probabilities; ``all`` acts on every report.
        label: the label.
        x: probabilities from which one acts.
        y: true positives a report less false positives, weighed by the odds of x.
    """

    system: str
    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


class Selection(Record):
    """How wrong the answers are if only the surest are given.

    Attributes:
        answered: shares of the reports that are answered, ascending.
        risk: share of wrong ones among them.
        area: under this curve, less is better.
    """

    answered: tuple[float, ...]
    risk: tuple[float, ...]
    area: float


class Reliance(Record):
    """What can be relied on of the system that answers.

    Attributes:
        level, promise: what prediction sets promise if nothing is asked for; None without them.
        coverage: how each promise was kept.
        guarded: share of these reports that the guard would leave to a person; None without a guard.
        promised: the share that it may leave; None where calibration reports were too few to promise one.
        abstained: share that is left to a person as the model is set; None where it never abstains.
        risk: share of wrong ones among the answers that are given.
        burden: what the answers cost, by label.
        benefit: decision curves.
        selection: how wrong answers are if only the surest are given; None where several labels may hold.
        reports_per_day, minutes: of the reading that is planned for.
        point: the operating point, as the manifest keeps it: what was asked for and proven.
    """

    level: float | None = None
    promise: Promise | None = None
    coverage: tuple[Coverage, ...] = ()
    guarded: Share | None = None
    promised: float | None = None
    abstained: Share | None = None
    risk: Share | None = None
    burden: tuple[Burden, ...] = ()
    benefit: tuple[Benefit, ...] = ()
    selection: Selection | None = None
    reports_per_day: int = 100
    minutes: float = 2.0
    point: dict[str, object] = Field(default_factory=dict)

    def covered(self, *, label: str | None = None) -> Coverage | None:
        """How the promise that is made if nothing is asked for was kept, or None."""
        for one in self.coverage:
            if (one.level, one.promise, one.label) == (self.level, self.promise, label):
                return one
        return None
