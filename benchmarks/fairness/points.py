"""Operating points of a fairness benchmark: one for all, or one for each group, found on the other half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.fairness.learning import ATTRIBUTE
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.models.calibration import Calibrator
from bert4text.training.calibration_config import GroupsConfig, PointConfig
from bert4text.training.grouped import fit_groups, grouped
from bert4text.training.parts import Part
from bert4text.training.point import fit_point

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

POINTS = ("none", "common", "by sex")
"""The most probable label; thresholds for all; thresholds for women and for men."""

SETTINGS: dict[str, Any] = {"sensitivity": 0.8, "confidence": 0.9, "minimum_n": 10}
"""Share of the thinned label's reports that must be found, how surely, and the least reports of a group."""


def decided(
    probabilities: Floats, reports: Sequence[Report], space: LabelSpace, *, label: str, point: str, half: Ints
) -> Ints:
    """The answer to each report, by thresholds that were found on the other half of the reports.

    Args:
        probabilities: of the reports, by models that have not seen them.
        reports: these.
        space: the question.
        label: whose share is asked for.
        point: one of ``POINTS``.
        half: 0 or 1 for each report: in which half it is.
    """
    found: Ints = probabilities.argmax(axis=1)
    if point == "none":
        return found
    for number in (0, 1):
        calibrator = _fitted(probabilities, reports, space, label=label, point=point, rows=half != number)
        asked = np.flatnonzero(half == number)
        groups = calibrator.groups_of([reports[place].attributes for place in asked.tolist()])
        found[asked] = calibrator.decide(probabilities[asked], groups)
    return found


def _fitted(
    probabilities: Floats,
    reports: Sequence[Report],
    space: LabelSpace,
    *,
    label: str,
    point: str,
    rows: npt.NDArray[np.bool_],
) -> Calibrator:
    some = [reports[place] for place in np.flatnonzero(rows).tolist()]
    truth = np.array([[name in (one.labels or ()) for name in space.names] for one in some])
    asked = PointConfig.parse(
        {"sensitivity": {label: SETTINGS["sensitivity"]}, "confidence": SETTINGS["confidence"]},
        section="calibrate.point",
    )
    part = Part([one.text for one in some], [one.id for one in some], truth, many=False)
    said = probabilities[rows]
    common = fit_point(Calibrator(), said, truth, groups=part.groups, point=asked, label_space=space)
    if point == "common":
        return common.calibrator
    config = GroupsConfig.parse(
        {"attribute": ATTRIBUTE, "minimum_n": SETTINGS["minimum_n"]}, section="calibrate.groups"
    )
    by_sex = grouped(Corpus.from_reports(some, space), part, config, point=asked, space=space)
    found = fit_groups(
        Calibrator(), common, said, part, by_sex, config=config, point=asked, label_space=space
    )
    return found.calibrator
