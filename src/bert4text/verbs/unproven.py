"""What is told of operating points: what could not be proven, and that an answer hangs on a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bert4text.core.issue import Issue

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.models.classifier import Classifier

CHECK = "operating-point"


def point_warnings(classifier: Classifier) -> list[Issue]:
    """Which shares of a label are not proven to be found, and whether any answer is sure enough."""
    point = classifier.info.manifest.notes.get("operating_point") or {}
    said = [
        Issue(
            check=CHECK,
            severity="warning",
            code="not-proven",
            message="it is not proven that {wanted} of the patients with {label} are found: calibration "
            "reports prove {proven}; labels whose share is asked for may take from each other",
            values={"wanted": found["wanted"], "label": label, "proven": round(found["proven"], 3)},
        )
        for label, found in point.get("sensitivity", {}).items()
        if found["proven"] < found["wanted"]
    ]
    risk = point.get("risk")
    if risk and not risk["answered"]:
        said.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="nothing-answered",
                message="no probability is high enough for a risk of {wanted}: every report is left to a "
                "person; a larger risk or more calibration reports are needed",
                values={"wanted": risk["wanted"]},
            )
        )
    return [*said, *_of_groups(point.get("groups") or {})]


def _of_groups(groups: Mapping[str, Any]) -> list[Issue]:
    """What is not proven of a group, and how many groups and reports have the common thresholds."""
    said = [
        Issue(
            check=CHECK,
            severity="warning",
            code="not-proven-in-group",
            message="it is not proven that {wanted} of the patients of {group} with {label} are found: their "
            "calibration reports prove {proven}",
            values={
                "wanted": found["wanted"],
                "group": group,
                "label": label,
                "proven": round(found["proven"], 3),
            },
        )
        for group, labels in groups.get("sensitivity", {}).items()
        for label, found in labels.items()
        if found["proven"] < found["wanted"]
    ]
    if groups.get("small"):
        said.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="common-thresholds",
                message="values of {attribute} whose calibration patients are too few keep the common "
                "thresholds: {count}",
                values={"attribute": groups["attribute"], "count": groups["small"]},
            )
        )
    return said


def group_warnings(classifier: Classifier, part: Corpus | None = None) -> list[Issue]:
    """That the answers hang on a protected attribute, and whether reports lack it.

    Args:
        classifier: whose answers.
        part: reports that are answered, if any are at hand.
    """
    groups = classifier.calibrator.groups
    if groups is None:
        return []
    notes = classifier.info.manifest.notes
    point = notes.get("operating_point") or notes.get("operating_point_of_run") or {}
    accepted = (point.get("groups") or {}).get("accepted") or {}
    said = [
        Issue(
            check=CHECK,
            severity="warning",
            code="group-thresholds",
            message="the answer to a patient hangs on {attribute}, not on the report alone; accepted by "
            "{by}, on this ground: {ground}",
            values={
                "attribute": groups.attribute,
                "by": accepted.get("by") or "–",
                "ground": accepted.get("ground") or "–",
            },
        )
    ]
    lacking = [] if part is None else [report for report in part if groups.group(report.attributes) is None]
    if lacking:
        said.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="group-unknown",
                message="reports whose {attribute} is not known, or has no thresholds of its own, were "
                "answered by the common ones: {count}",
                values={"attribute": groups.attribute, "count": len(lacking)},
                reports=len(lacking),
            )
        )
    return said
