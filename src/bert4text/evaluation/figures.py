"""Figures of the scorecard: which are drawn, and the sentence under each that says what to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bert4text.core.evaluation import Curve, Evaluation
from bert4text.core.messages import Translator
from bert4text.evaluation import forest, plots
from bert4text.evaluation.compare import leading
from bert4text.evaluation.reliability_figure import label_figure, reliability_figure
from bert4text.evaluation.relied_figures import benefit_figure, selection_figure
from bert4text.evaluation.sentences import interval_said, worst_confusion_said
from bert4text.evaluation.svg import Shown, distinct
from bert4text.evaluation.wording import metric_name

CHARTED = (
    "macro_f1",
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "mcc",
    "quadratic_kappa",
    "auroc",
    "average_precision",
)
"""Metrics of the interval plot: those where more is better."""

MOST_CURVES = 8


def figures(evaluation: Evaluation, *, names: Mapping[str, str], translator: Translator) -> Iterator[Shown]:
    """Every figure for which there are data, in the order of the page."""
    lead = leading(evaluation.systems)
    for drawn in (
        _systems(evaluation, names, translator),
        _recalls(evaluation, names, translator),
        _confusion(evaluation, lead, translator),
        _curves(evaluation, "roc", (lead, names), translator),
        _curves(evaluation, "precision-recall", (lead, names), translator),
        reliability_figure(evaluation, lead, names=names, translator=translator),
        label_figure(evaluation, translator=translator),
        selection_figure(evaluation, translator=translator),
        benefit_figure(evaluation, lead, names=names, translator=translator),
        _learning(evaluation, translator),
    ):
        if drawn is not None:
            yield drawn


def _systems(evaluation: Evaluation, names: Mapping[str, str], _: Translator) -> Shown | None:
    systems = list(names)
    rows = []
    for metric in CHARTED:
        found = {system: evaluation.metric(metric, system=system) for system in systems}
        known = {system: one for system, one in found.items() if one is not None and one.value is not None}
        if known:
            rows.append(forest.Row(metric_name(metric, translator=_), known))
    if not rows:
        return None
    svg = forest.interval_plot(
        rows,
        systems,
        names=names,
        axis=_("value, with 95% interval (1 is perfect)"),
        translator=_,
        title=_("all systems side by side"),
    )
    caption = _(
        "Each mark is a figure on the same {reports} reports, each line its 95% interval. Long lines "
        "mean few reports; where the lines of two systems overlap widely, they may be equally good.",
        reports=_.integer(evaluation.reports),
    )
    return Shown(_("All systems side by side"), svg, caption)


def _recalls(evaluation: Evaluation, names: Mapping[str, str], _: Translator) -> Shown | None:
    systems = [system for system in names if system != "majority"]
    rows, short = [], distinct(evaluation.labels)
    for label in evaluation.labels:
        found = {system: evaluation.metric("recall", system=system, label=label) for system in systems}
        known = {system: one for system, one in found.items() if one is not None and one.value is not None}
        if known:
            n = next(iter(known.values())).n
            rows.append(forest.Row(f"{short[label]} (n = {_.integer(n)})", known))
    if not rows or len(rows) > 30:
        return None
    svg = forest.interval_plot(
        rows,
        systems,
        names=names,
        axis=_("share of the label's reports that were found"),
        translator=_,
        name="found",
        title=_("found, label by label"),
    )
    smallest = min((m for row in rows for m in row.figures.values()), key=lambda m: m.n)
    caption = _(
        "Of the n reports of each label, the share that was found. {label} has the fewest ({reports}): its "
        "true share may lie anywhere on the line.",
        label=smallest.label,
        reports=_.integer(smallest.n),
    )
    return Shown(_("Found, label by label"), svg, caption)


def _confusion(evaluation: Evaluation, lead: str, _: Translator) -> Shown | None:
    for confusion in evaluation.confusion:
        if confusion.system == lead:
            caption = _(
                "Rows are what is true, columns what was said; the diagonal is right. {mistake}",
                mistake=worst_confusion_said(confusion, translator=_),
            )
            svg = plots.confusion_matrix(confusion, translator=_)
            wide = len(confusion.labels) > plots.WIDE
            return Shown(_("Which labels are mixed up"), svg, caption, wide)
    return None


def _curves(
    evaluation: Evaluation, kind: str, about: tuple[str, Mapping[str, str]], _: Translator
) -> Shown | None:
    lead, names = about
    curves = [curve for curve in evaluation.curves if curve.kind == kind]
    labels = {curve.label for curve in curves}
    if not curves:
        return None
    if len(labels) == 1:
        label = curves[0].label
        shown = curves[:MOST_CURVES]
        called = [names.get(c.system, c.system) for c in shown]
        share = _held(evaluation, label) / evaluation.reports
    else:
        own = [curve for curve in curves if curve.system == lead]
        shown = sorted(own, key=lambda c: -_held(evaluation, c.label))[:MOST_CURVES]
        shown.sort(key=lambda c: evaluation.labels.index(c.label))
        short = distinct(evaluation.labels)
        called = [f"{short[c.label]} (n = {_.integer(_held(evaluation, c.label))})" for c in shown]
        label, share = "", None
    called = [_with_area(evaluation, c, name, translator=_) for c, name in zip(shown, called, strict=True)]
    svg = plots.curve_figure(shown, called, kind=kind, translator=_, prevalence=share)
    heading = _("Telling labels apart (ROC)") if kind == "roc" else _("Precision against recall")
    caption = _curve_caption(kind, label, evaluation, translator=_)
    if not label and len(shown) < len(labels):
        only = _(
            "Drawn are the {shown} most frequent of {all} labels; the tables have all.",
            shown=len(shown),
            all=len(labels),
        )
        caption = f"{caption} {only}"
    return Shown(heading, svg, caption)


def _with_area(evaluation: Evaluation, curve: Curve, name: str, *, translator: Translator) -> str:
    """A curve's name with its area and the interval of that."""
    metric = "auroc" if curve.kind == "roc" else "average_precision"
    found = evaluation.metric(metric, system=curve.system, label=curve.label)
    area = translator.number(curve.area) if found is None else interval_said(found, translator=translator)
    return f"{name}: {area}"


def _curve_caption(kind: str, label: str, evaluation: Evaluation, *, translator: Translator) -> str:
    _ = translator
    if kind == "roc":
        says = _(
            "The nearer to the upper left corner the better. The number beside each name is the area with "
            "its 95% interval: the chance that a report with the label gets a higher probability than one "
            "without it."
        )
    else:
        says = _(
            "The nearer to the upper right corner the better. The number beside each name is the average "
            "precision; rare labels have low curves: compare it with the share of reports that have it."
        )
    if label:
        return _(
            "For the label {label}, which {held} of {reports} reports have. {says}",
            label=label,
            held=_.integer(_held(evaluation, label)),
            reports=_.integer(evaluation.reports),
            says=says,
        )
    return _("Each label against all others. {says}", says=says)


def _held(evaluation: Evaluation, label: str) -> int:
    for confusion in evaluation.confusion:
        return sum(confusion.rows[confusion.labels.index(label)])
    found = [m.n for m in evaluation.metrics if (m.name, m.label, m.group) == ("recall", label, None)]
    return found[0] if found else 0


def _learning(evaluation: Evaluation, _: Translator) -> Shown | None:
    steps = [step for step in evaluation.steps if "step" in step]
    if sum("loss" in step for step in steps) < 2:
        return None
    measured = [step for step in steps if "validation_macro_f1" in step]
    if measured:
        best = max(measured, key=lambda step: step["validation_macro_f1"])
        caption = _(
            "The model is taken from where it was best on the validation reports: "
            "macro F1 {best} at step {step}.",
            best=_.number(best["validation_macro_f1"]),
            step=_.integer(int(best["step"])),
        )
    else:
        caption = _("The loss on the training reports, step by step: it should fall and then flatten.")
    return Shown(_("How it learned"), plots.learning_curve(steps, translator=_), caption)
