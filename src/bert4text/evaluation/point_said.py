"""An operating point in words: what calibration reports prove of it, in all and in each group of patients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bert4text.core.messages import Translator
from bert4text.core.reliance import Reliance
from bert4text.evaluation.sentences import Said


def point(found: Reliance, translator: Translator) -> Said | None:
    """What was asked for and proven, and by what the thresholds differ; None where nothing was asked for."""
    floors: Any = found.point.get("sensitivity") or {}
    groups: Any = found.point.get("groups") or {}
    risk: Any = found.point.get("risk")
    if groups:
        proven = [
            one["proven"] >= one["wanted"] for each in groups["sensitivity"].values() for one in each.values()
        ]
        said, tone = list(_group_sentences(groups, translator)), "warn" if all(proven) else "bad"
        return Said(" ".join(said), " ".join(_group_figures(groups, translator)), tone)
    if not floors and not risk:
        return None
    words = list(_floor_sentences(floors, translator))
    if risk:
        words.insert(0, _risk_sentence(risk, translator))
    kept = all(one["proven"] >= one["wanted"] for one in floors.values()) and not (
        risk and not risk["answered"]
    )
    return Said(" ".join(words), "", "good" if kept else "bad")


def _risk_sentence(risk: Any, _: Translator) -> str:
    if risk["answered"]:
        return _(
            "At most {wanted} of the patients get a wrong one among the answers that are given, with "
            "{confidence} confidence.",
            wanted=_.percent(risk["wanted"]),
            confidence=_.percent(risk["confidence"]),
        )
    return _(
        "No answer is sure enough for a risk of {wanted}: every report is left to a person.",
        wanted=_.percent(risk["wanted"]),
    )


def _floor_sentences(floors: Any, _: Translator) -> Iterator[str]:
    for label, one in floors.items():
        if one["proven"] < one["wanted"]:
            yield _(
                "It is not proven that {wanted} of the patients with {label} are found: calibration "
                "reports prove {proven}.",
                wanted=_.percent(one["wanted"]),
                label=label,
                proven=_.percent(one["proven"], 1),
            )
        else:
            yield _(
                "At least {wanted} of the patients with {label} are found, with {confidence} confidence: "
                "proven on {patients} patients of calibration.",
                wanted=_.percent(one["wanted"]),
                label=label,
                confidence=_.percent(one["confidence"]),
                patients=_.integer(one["patients"]),
            )


def _group_sentences(groups: Any, _: Translator) -> Iterator[str]:
    """That the answer hangs on an attribute, who accepted it, and in which groups the share is proven."""
    yield _(
        "The thresholds differ by {attribute}: the answer to a patient hangs on that attribute, not on the "
        "report alone. Accepted by {by}, on this ground: {ground}.",
        attribute=groups["attribute"],
        by=groups["accepted"]["by"],
        ground=groups["accepted"]["ground"],
    )
    for group, labels in groups["sensitivity"].items():
        for label, one in labels.items():
            told = {
                "wanted": _.percent(one["wanted"]),
                "label": label,
                "group": group,
                "proven": _.percent(one["proven"], 1),
                "confidence": _.percent(one["confidence"]),
            }
            if one["proven"] < one["wanted"]:
                yield _("{group}, {label}: not proven that {wanted} are found, but {proven}.", **told)
            else:
                yield _(
                    "{group}, {label}: at least {wanted} are found, with {confidence} confidence.", **told
                )


def _group_figures(groups: Any, _: Translator) -> Iterator[str]:
    """What was found of each group's calibration patients, and who has the common thresholds."""
    for group, labels in groups["sensitivity"].items():
        for label, one in labels.items():
            yield _(
                "{group}, {label}: {found} of {patients} calibration patients found, {before} by the common "
                "thresholds.",
                group=group,
                label=label,
                found=_.integer(one["found"]),
                patients=_.integer(one["patients"]),
                before=_.integer(one["found_by_common"]),
            )
    yield _(
        "A patient of another or an unknown value of {attribute} is answered by the common thresholds.",
        attribute=groups["attribute"],
    )
    if groups["small"]:
        yield _(
            "Values of {attribute} whose calibration patients are too few keep the common thresholds: "
            "{count}.",
            attribute=groups["attribute"],
            count=_.integer(groups["small"]),
        )
