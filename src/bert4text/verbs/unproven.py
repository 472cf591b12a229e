"""What is told after a training or calibration whose operating point could not be proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bert4text.core.issue import Issue

if TYPE_CHECKING:
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
    return said
