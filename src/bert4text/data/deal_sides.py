"""Deal the reports of a draft into two, one for each side, where the question is asked of each."""

from __future__ import annotations

from collections.abc import Mapping

from bert4text.core.errors import ConfigError, SchemaError
from bert4text.core.report import SIDE
from bert4text.data.config import PrepareConfig
from bert4text.data.draft import COLUMNS, Draft
from bert4text.data.sides import check_sides, names_a_side, side_view


def named_columns(config: PrepareConfig) -> dict[str, str]:
    """Side -> what the column of its label is called while the source is read."""
    return {name: f"labels of {name}" for name in config.sides}


def columns_of_sides(config: PrepareConfig) -> dict[str, str]:
    """What is called so -> the column of the source, for a mapping.

    Raises:
        ConfigError: a column of labels is named beside the sides, they are not one right and one left, or
            the split would part them.
    """
    check_sides(config.sides)
    if config.sides and config.split.by == "none":
        raise ConfigError(
            '[prepare.split] by = "none" would part the two sides of a report',
            hint='by = "patient" keeps them together',
            code="sides-apart",
        )
    read = config.labels_from is not None
    other = any(config.columns.get(name) for name in ("label", "labels"))
    wrong = [name for name, column in config.sides.items() if bool(column) == read]
    if config.sides and (other or wrong):
        raise ConfigError(
            "[prepare.sides] says where the label of each side is, once",
            hint='name a column for each side and no labels in [prepare.columns]; or "" for each, and '
            "[prepare.labels_from]",
            code="labels-of-sides",
        )
    called = named_columns(config)
    return {called[name]: column for name, column in config.sides.items() if column}


def deal_sides(draft: Draft, by_side: Mapping[str, list[str | None] | None]) -> None:
    """Put each report into the draft once for each side: its view of it, and its label.

    The two have the id of the report with ``#`` and the side, and the attribute ``side``; whose patient is
    the same they stay together in every split.

    Args:
        draft: whose labels are still cells.
        by_side: side -> the cells of its label; None where it is read from the text.

    Raises:
        SchemaError: a report names no patient.
    """
    total = len(draft)
    nobody = sum(patient is None for patient in draft.patients)
    if nobody:
        raise SchemaError(
            "the question is asked of each side, and {count} of {total} reports name no patient",
            hint="both sides of a report are one patient's and must stay together: --columns patient=NAME, "
            "or that of the report's id where each patient has one report",
            code="sides-without-patient",
            count=nobody,
            total=total,
        )
    telling = sum(map(names_a_side, draft.texts))
    before = {name: list(getattr(draft, name)) for name in COLUMNS}
    for name in COLUMNS:
        setattr(draft, name, [])
    for place in range(total):
        for side, cells in by_side.items():
            for name in COLUMNS:
                getattr(draft, name).append(before[name][place])
            draft.ids[-1] = f"{before['ids'][place]}#{side}"
            draft.texts[-1] = side_view(before["texts"][place], side)
            draft.attributes[-1] = {**before["attributes"][place], SIDE: side}
            draft.cells[-1] = None if cells is None else cells[place]
    draft.total += total * (len(by_side) - 1)
    draft.note(
        "sides",
        message="each report is read once for each side ({sides}); {count} of {total} tell their sides apart",
        warning=telling < total // 2,
        sides=list(by_side),
        count=telling,
        total=total,
    )
