"""Give a draft its labels: from its column, or from the reports themselves."""

from __future__ import annotations

from collections.abc import Sequence

from bert4text.core.messages import N_
from bert4text.data.config import LabelsFromConfig, PrepareConfig
from bert4text.data.draft import Draft
from bert4text.data.labels import LabelNames, LabelSet, merge_case, read_labels, shown_labels
from bert4text.data.labels_from import PROBLEMS, label_reader


def label_draft(
    draft: Draft, config: PrepareConfig, *, several: bool, names: Sequence[str] | None, language: str | None
) -> None:
    """Fill ``draft.labels``; reports whose label cannot be read, or is mapped to nothing, are set aside.

    Args:
        draft: its texts still hold the section that the label is read from.
        config: where the labels are and what they are called.
        several: whether a report may have several labels.
        names: our names, when they are fixed.
        language: of the reports.
    """
    if config.labels_from is None:
        draft.labels = [read_labels(cell, several=several) for cell in draft.cells]
    else:
        _read_from_text(draft, config.labels_from, language)
    draft.cells = [None] * len(draft)
    _rename(draft, LabelNames(config.label_map, names))
    draft.labels, merged = merge_case(draft.labels)
    if merged:
        draft.note(
            "merged-case",
            message="labels that differ in case alone became one: {merged}",
            merged=shown_labels(merged),
        )


def _read_from_text(draft: Draft, settings: LabelsFromConfig, language: str | None) -> None:
    read = label_reader(settings, language=language)
    found = [read(text) for text in draft.texts]
    draft.labels = [None if entry.label is None else (entry.label,) for entry in found]
    total = len(draft)
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(found):
        if entry.problem is not None:
            places.setdefault(entry.problem, []).append(place)
    lost = sum(map(len, places.values()))
    draft.note(
        "labels-from",
        message="the label was read from {section} in {count} of {total} reports",
        section=settings.section or "text",
        count=total - lost,
        total=total,
        warning=lost > total // 10,
    )
    if settings.section is None or settings.keep_section:
        draft.note(
            "answer-in-text",
            message="the words that give the label are left in the text the model reads",
            warning=True,
        )
    _set_problems_aside(draft, places)


def _set_problems_aside(draft: Draft, places: dict[str, list[int]]) -> None:
    by_id = {code: {draft.ids[place] for place in found} for code, found in places.items()}
    for code in PROBLEMS:
        if code not in by_id:
            continue
        rows = draft.set_aside(
            [place for place, given in enumerate(draft.ids) if given in by_id[code]], f"label-{code}"
        )
        draft.note(f"label-{code}", message=_MESSAGES[code], warning=True, rows=rows, count=len(rows))


_MESSAGES = {
    "no-section": N_("reports without that section, set aside: {count} (rows: {first})"),
    "absent": N_("reports that state no label there, set aside: {count} (rows: {first})"),
    "negated": N_("reports that only deny a label, set aside: {count} (rows: {first})"),
    "hedged": N_("reports that only suspect a label, set aside: {count} (rows: {first})"),
    "several": N_("reports that state several labels, set aside: {count} (rows: {first})"),
}


def _rename(draft: Draft, rename: LabelNames) -> None:
    renamed: list[LabelSet | None] = []
    out: list[int] = []
    for place, labels in enumerate(draft.labels):
        ours = None if labels is None else tuple(dict.fromkeys(filter(None, map(rename, labels))))
        if labels and not ours:
            out.append(place)
        renamed.append(ours)
    draft.labels = renamed
    rows = draft.set_aside(out, "label-mapped-aside")
    if rows:
        draft.note(
            "label-mapped-aside",
            message="reports that the label map sets aside: {count} (rows: {first})",
            rows=rows,
            count=len(rows),
        )
