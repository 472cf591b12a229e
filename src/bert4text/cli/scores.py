"""The figures of an evaluation for human eyes: tables with intervals, and verdicts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from bert4text.core.messages import N_, Translator

if TYPE_CHECKING:
    from bert4text.core.evaluation import Comparison, Evaluation, Metric

FIGURES = ("macro_f1", "balanced_accuracy", "accuracy", "mcc", "auroc", "ece")
"""Metrics that a table shows; the scorecard has the others."""

DETERMINATE = ("determinate_macro_f1", "determinate_sensitivity", "determinate_specificity")
"""Those shown too where there is an indeterminate label."""

GAP = 2
"""Columns between two of a table of figures."""

GAPS = 10
"""Gaps of a fairness contract that a screen shows; the scorecard has the others."""


def evaluation_table(evaluation: Evaluation, translator: Translator) -> RenderableType:
    """The figures of each system with their 95 % intervals, and the verdicts in words."""
    from bert4text.evaluation.compare import leading
    from bert4text.evaluation.determinate import determinate_said
    from bert4text.evaluation.sentences import comparison_said
    from bert4text.evaluation.wording import metric_name, system_names

    names = system_names(evaluation, translator=translator)
    found = [name for name in DETERMINATE if any(metric.name == name for metric in evaluation.metrics)]
    rows = {
        metric_name(metric, translator=translator): [
            _figure(evaluation.metric(metric, system=system), translator) for system in names
        ]
        for metric in (*FIGURES, *found)
    }
    judged: dict[tuple[str, str], Comparison] = {}
    for one in evaluation.comparisons:  # the first metric of a pair gives its verdict
        judged.setdefault((one.a, one.b), one)
    words = []
    for one in judged.values():
        title = metric_name(one.metric, translator=translator)
        said = comparison_said(one, names=names, metric=title, translator=translator)
        words.append(Text(f"{said.verdict} {said.figures}".strip()))
    unclear = determinate_said(evaluation, system=leading(evaluation.systems), translator=translator)
    words += [Text(sentence) for sentence in unclear]
    return Group(
        _Figures(list(names.values()), rows),
        Text(),
        *words,
        *_by_group(evaluation, translator),
        *_against(evaluation, translator),
        *_relied(evaluation, translator),
        *_membership(evaluation, translator),
        *_fairness(evaluation, translator),
        *_explanations(evaluation, translator),
    )


def _against(evaluation: Evaluation, translator: Translator) -> list[RenderableType]:
    """Another run, label by label, and how many reports changed sides; maybe nothing."""
    from bert4text.evaluation.against import changed_said, label_table, rival

    if rival(evaluation) is None:
        return []
    found = label_table(evaluation, translator=translator)
    said = Text(changed_said(evaluation, translator=translator))
    return [Text(), _plain(found["head"], found["rows"]), Text(), said]


def _relied(evaluation: Evaluation, translator: Translator) -> list[RenderableType]:
    """What can be relied on, and what the answers cost; maybe nothing."""
    from bert4text.evaluation.relied import burden_table, words

    if evaluation.reliance is None:
        return []
    said = [Text(sentence) for sentence in words(evaluation.reliance, translator=translator)]
    found = burden_table(evaluation.reliance, translator=translator)
    return [Text(), *said, Text(), _plain(found["head"], found["rows"])]


def _plain(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of text."""
    table = Table(box=None, padding=(0, GAP, 0, 0))
    for title in head:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _membership(evaluation: Evaluation, translator: Translator) -> list[RenderableType]:
    """Whether reports that were learned from can be told; maybe nothing."""
    from bert4text.evaluation.attacked import attack_said, attack_table, budget_said

    membership = evaluation.membership
    if membership is None:
        return []
    said, found = (
        attack_said(membership, translator=translator),
        attack_table(membership, translator=translator),
    )
    table = _plain(found["head"], found["rows"])
    budget = budget_said(membership, translator=translator)
    words = [Text(f"{said.verdict} {said.figures}".strip())]
    return [Text(), *words, table, *([] if budget is None else [Text(budget)])]


def _fairness(evaluation: Evaluation, translator: Translator) -> list[RenderableType]:
    """Whether the declared contract between groups holds; maybe nothing."""
    from bert4text.evaluation.fairness_said import contract_said, gap_table, left_out, said

    fairness = evaluation.fairness
    if fairness is None:
        return []
    verdict, found = said(fairness, translator=translator), gap_table(fairness, translator=translator)
    words = [f"{verdict.verdict} {verdict.figures}".strip(), contract_said(fairness, translator=translator)]
    count, after = len(found["rows"]), left_out(fairness, translator=translator)
    if count > GAPS:
        more = N_("Shown are the {shown} gravest of {all} gaps; the scorecard has the others.")
        after.append(translator(more, shown=GAPS, all=count))
    table = [_plain(found["head"], found["rows"][:GAPS])] if count else []
    return [Text(), *map(Text, words), *table, *map(Text, after)]


def _explanations(evaluation: Evaluation, translator: Translator) -> list[RenderableType]:
    """How faithful explanations of the answers are; maybe nothing."""
    from bert4text.evaluation.explained import explained_said, explained_table

    found = evaluation.explanations
    if found is None:
        return []
    said = explained_said(found, translator=translator)
    table = explained_table(found, translator=translator)
    words = Text(f"{said.verdict} {said.figures}")
    return [Text(), words, _plain(table["head"], table["rows"])]


def _by_group(evaluation: Evaluation, translator: Translator) -> list[RenderableType]:
    """The figures by groups of labels with one management, and what the answers cost; maybe nothing."""
    from bert4text.evaluation.managed import costs_said, groups_said, rows_of
    from bert4text.evaluation.wording import system_names

    management = evaluation.management
    if management is None:
        return []
    names = system_names(evaluation, translator=translator)
    rows = {
        title: [_figure(metric, translator) for metric in metrics]
        for title, metrics in rows_of(management, list(names), translator=translator)
    }
    said = costs_said(evaluation, names=names, translator=translator)
    words = [Text(f"{one.verdict} {one.figures}".strip()) for one in said]
    title = Text(groups_said(management, translator=translator))
    return [Text(), title, _Figures(list(names.values()), rows), Text(), *words]


class _Figures:
    """A table of figures; where the screen is too narrow, each interval stands under its figure."""

    def __init__(self, titles: Sequence[str], rows: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        self._titles = titles
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        longest = max(len(word) for name in self._rows for word in name.split())
        wide = longest + GAP + sum(width + GAP for width in self._widths(" "))
        yield self._table(" " if wide <= options.max_width else "\n")

    def _table(self, between: str) -> Table:
        table = Table(box=None, padding=(0, GAP, 0, 0))
        table.add_column("")
        for title, width in zip(self._titles, self._widths(between), strict=True):
            table.add_column(title, justify="right", overflow="fold", min_width=width)
        for name, cells in self._rows.items():
            table.add_row(name, *(between.join(cell).rstrip() for cell in cells))
        return table

    def _widths(self, between: str) -> list[int]:
        """Columns that the figures of each system need."""
        return [
            max(len(line) for cell in column for line in between.join(cell).splitlines())
            for column in zip(*self._rows.values(), strict=True)
        ]


def _figure(found: Metric | None, translator: Translator) -> tuple[str, str]:
    """A figure and its interval."""
    from bert4text.evaluation.wording import DIGITS

    if found is None or found.value is None:
        return "–", ""
    digits = DIGITS.get(found.name, 2)
    value = translator.number(found.value, digits)
    if found.low is None or found.high is None:
        return value, ""
    return value, f"[{translator.number(found.low, digits)}; {translator.number(found.high, digits)}]"
