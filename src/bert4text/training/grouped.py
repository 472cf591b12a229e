"""Thresholds by group: an operating point that is proven in each group of patients by itself.

A threshold that finds 95 of 100 patients may find 97 of the one group and 88 of the other. With thresholds by
group, what was asked for is proven in each (post-processing by a protected attribute: Hardt, Price & Srebro,
2016, "Equality of Opportunity in Supervised Learning"). Unlike theirs these only ever fall from where they
stand without a point, by the rule of ``training.point``: nobody with the label is found less often for it,
and no answer is drawn by lot. What it costs is more false alarms in the group whose threshold falls most.

The price is that the answer to a patient hangs on the attribute: two patients with the same report may be
answered differently, and the attribute has to be known whenever a report is answered. Whether that is lawful
is not this program's to say, so that nothing of it happens unless somebody accepts it by name, with a ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, DataError
from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator, Groups
from bert4text.models.group_points import GroupPoints, group_of
from bert4text.training.calibration_config import GroupsConfig, PointConfig
from bert4text.training.parts import Part
from bert4text.training.point import Proven, answered, fewest, fit_point

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

ACCEPTED = "group-thresholds"
"""What must be accepted, and what manifests call it."""


@dataclass(frozen=True)
class Grouped:
    """The calibration reports by group.

    Attributes:
        groups: of each report; None where its value is not known.
        patients: label -> group -> calibration patients who have the label.
        enough: label -> the groups of which there are enough for a threshold of their own.
    """

    groups: Groups
    patients: Mapping[str, Mapping[str, int]]
    enough: Mapping[str, tuple[str, ...]]

    @property
    def named(self) -> tuple[str, ...]:
        """The groups with a threshold of their own for some label, in order."""
        return tuple(sorted({group for groups in self.enough.values() for group in groups}))


def check_accepted(config: GroupsConfig, point: PointConfig) -> None:
    """Refuse thresholds by group that nobody accepted, or that no share of a label asks for.

    Raises:
        ConfigError: they are.
    """
    if config.attribute is None:
        return
    missing = [name for name in ("by", "ground") if getattr(config, name) is None]
    if ACCEPTED not in config.accept or missing:
        raise ConfigError(
            "[calibrate.groups] would make the answer to a patient hang on {attribute}: two patients with "
            "the same report may be answered differently, and that personal datum, which may be a sensitive "
            "one, is needed at every answer; nobody has accepted that, by name and with a ground in law",
            hint="read how-to/thresholds-by-group (LGPD, art. 6, IX, and art. 11) and ask a lawyer; then "
            'accept = ["group-thresholds"], by = who accepts it, ground = why it is lawful',
            code=ACCEPTED,
            attribute=config.attribute,
        )
    if not point.sensitivity:
        raise ConfigError(
            "[calibrate.groups] names {attribute}, and no share of a label is asked for that thresholds by "
            "group could keep",
            hint="give [calibrate.point] sensitivity; costs and a risk are the same for all groups",
            code="groups-without-sensitivity",
            attribute=config.attribute,
        )


def grouped(
    corpus: Corpus, part: Part, config: GroupsConfig, *, point: PointConfig, space: LabelSpace
) -> Grouped:
    """The calibration reports by group, and which groups have enough patients.

    Args:
        corpus: the calibration reports.
        part: the same, as they are calibrated on.
        config: by which attribute, checked.
        point: the shares that are asked for.
        space: the question.

    Raises:
        ConfigError: no report has the attribute.
        DataError: no group has enough patients of any label.
    """
    name = config.attribute or ""
    groups = [group_of(report.attributes.get(name), tuple(config.bands)) for report in corpus]
    if not any(groups):
        raise ConfigError(
            "[calibrate.groups] names {attribute}, which no calibration report has",
            hint="map a column to it with prepare.columns, or leave the section out",
            code="unknown-attribute",
            attribute=name,
        )
    patients: dict[str, dict[str, int]] = {}
    enough: dict[str, tuple[str, ...]] = {}
    for label, wanted in point.sensitivity.items():
        has = part.truth[:, space.index(label)]
        each: dict[str, set[str]] = {}
        for group, patient, one in zip(groups, part.groups, has, strict=True):
            if group is not None and one:
                each.setdefault(group, set()).add(patient)
        patients[label] = {group: len(some) for group, some in each.items()}
        needed = max(config.minimum_n, fewest(wanted, point.confidence))
        enough[label] = tuple(sorted(group for group, count in patients[label].items() if count >= needed))
    found = Grouped(groups, patients, enough)
    if not found.named:
        label, wanted = min(point.sensitivity.items(), key=lambda one: one[1])
        raise DataError(
            "no group of {attribute} has enough calibration patients with a label whose share is asked for: "
            "the largest with {label} has {found}, and {needed} are needed",
            hint="give more calibration reports, ask for less, or leave [calibrate.groups] out",
            code="groups-too-small",
            attribute=name,
            label=label,
            found=max(patients[label].values(), default=0),
            needed=max(config.minimum_n, fewest(wanted, point.confidence)),
        )
    return found


def fit_groups(
    before: Calibrator,
    common: Proven,
    probabilities: Floats,
    part: Part,
    reports: Grouped,
    *,
    config: GroupsConfig,
    point: PointConfig,
    label_space: LabelSpace,
) -> Proven:
    """The operating point with thresholds of their own for the groups that have enough patients.

    Each group's thresholds are found as the common ones are, on its own calibration reports alone; a label of
    which it has too few patients keeps the common threshold.

    Args:
        before: the calibrator without a point, where the search begins.
        common: the point of all reports together.
        probabilities: of the calibration reports, [n, k].
        part: these reports.
        reports: by group.
        config: by which attribute.
        point: the shares that are asked for.
        label_space: the question.
    """
    plain = np.full(len(label_space), 0.5 if before.link == "sigmoid" else 1.0)
    start = plain if before.thresholds is None else np.array(before.thresholds)
    shared = start if common.calibrator.thresholds is None else np.array(common.calibrator.thresholds)
    said = answered(common.calibrator, probabilities)
    thresholds: dict[str, tuple[float, ...]] = {}
    told: dict[str, dict[str, Any]] = {}
    for group in reports.named:
        asked = {label: share for label, share in point.sensitivity.items() if group in reports.enough[label]}
        kept = start.copy()
        for label in set(point.sensitivity) - set(asked):
            kept[label_space.index(label)] = shared[label_space.index(label)]
        rows = np.array([one == group for one in reports.groups], dtype=np.bool_)
        own = part.select(np.flatnonzero(rows))
        found = fit_point(
            before.model_copy(update={"thresholds": tuple(kept.tolist())}),
            probabilities[rows],
            own.truth,
            groups=own.groups,
            point=point.replace(sensitivity=asked),
            label_space=label_space,
        )
        thresholds[group] = found.calibrator.thresholds or tuple(kept.tolist())
        told[group] = {
            label: {**one, "found_by_common": _found(said[rows], own, label_space.index(label))}
            for label, one in found.sensitivity.items()
        }
    points = GroupPoints(attribute=config.attribute or "", bands=tuple(config.bands), thresholds=thresholds)
    return Proven(
        common.calibrator.model_copy(update={"groups": points}),
        common.sensitivity,
        common.risk,
        groups=_told(told, reports, config),
    )


def _found(said: Bools, own: Part, label: int) -> int:
    """Patients of a group all of whose reports with a label are given it."""
    missed = {
        patient
        for patient, has, given in zip(own.groups, own.truth[:, label], said[:, label], strict=True)
        if has and not given
    }
    has = {patient for patient, one in zip(own.groups, own.truth[:, label], strict=True) if one}
    return len(has - missed)


def _told(each: Mapping[str, Any], reports: Grouped, config: GroupsConfig) -> dict[str, Any]:
    """What the manifest keeps: who accepted it and why, what is proven in each group, and who has none.

    A value of fewer patients than asked for is counted, and not named.
    """
    values = {group for group in reports.groups if group is not None}
    return {
        "attribute": config.attribute,
        "bands": list(config.bands),
        "minimum_n": config.minimum_n,
        "accepted": {"by": config.by, "ground": config.ground},
        "sensitivity": dict(each),
        "small": len(values - set(reports.named)),
        "unknown": sum(group is None for group in reports.groups),
    }
