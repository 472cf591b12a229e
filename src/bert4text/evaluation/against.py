"""Against: another run beside the one that is measured, label by label, and reports that changed sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bert4text.core.evaluation import Changed, Comparison, Evaluation
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.compare import leading
from bert4text.evaluation.sentences import signed
from bert4text.evaluation.wording import metric_name

RIVAL = "run:"
"""Begins the name of another run."""
NAMED = 30
"""Reports that changed sides that a page names by their rows, of each kind."""

VERDICTS = {
    "better": N_("better"),
    "not-shown-better": N_("not shown better"),
    "worse": N_("worse"),
    "too-few": N_("too few to say"),
}


def shown(
    evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator
) -> dict[str, Any] | None:
    """What a page shows of the comparison with another run; None where there was none."""
    _ = translator
    other = rival(evaluation)
    if other is None:
        return None
    return {
        "title": _(
            "{a} beside {b}, label by label", a=names[leading(evaluation.systems)], b=names.get(other, other)
        ),
        "labels": label_table(evaluation, translator=_),
        "said": changed_said(evaluation, translator=_),
        "changed": changed_table(evaluation, translator=_),
    }


def rival(evaluation: Evaluation) -> str | None:
    """The name of the other run, or None."""
    return next((one.name for one in evaluation.systems if one.name.startswith(RIVAL)), None)


def label_table(evaluation: Evaluation, *, translator: Translator) -> dict[str, Any]:
    """The difference in each metric of each label, with its interval and verdict."""
    _ = translator
    head = [_("label"), _("reports"), _("metric"), _("difference, with 95% interval"), _("verdict")]
    rows = [
        [
            str(one.label),
            _.integer(one.n),
            metric_name(one.metric, translator=_),
            _difference(one, _),
            _(VERDICTS[one.verdict]),
        ]
        for one in evaluation.by_label
    ]
    return {"head": head, "rows": rows}


def changed_said(evaluation: Evaluation, *, translator: Translator) -> str:
    """How many reports the two answer differently, and who is right of them."""
    _ = translator
    changed = evaluation.changed
    if not changed:
        return _("The two answer all reports alike.")
    first = sum(one.a == one.truth for one in changed)
    second = sum(one.b == one.truth for one in changed)
    return _(
        "They answer {count} of {reports} reports differently: {first} are right with this run only, "
        "{second} with the other only, {neither} with neither.",
        count=_.integer(len(changed)),
        reports=_.integer(evaluation.reports),
        first=_.integer(first),
        second=_.integer(second),
        neither=_.integer(len(changed) - first - second),
    )


def changed_table(evaluation: Evaluation, *, translator: Translator) -> dict[str, Any]:
    """The reports that changed sides, by what they are and what each run says, named by their rows."""
    _ = translator
    kinds = Counter((one.truth, one.a, one.b) for one in evaluation.changed)
    rows = [
        [*(_joined(side, _) for side in kind), _.integer(count), _rows(evaluation.changed, kind, _)]
        for kind, count in kinds.most_common()
    ]
    head = [_("true label"), _("this run"), _("the other run"), _("reports"), _("rows of the source")]
    return {"head": head, "rows": rows}


def _difference(one: Comparison, _: Translator) -> str:
    if one.difference is None or one.low is None or one.high is None:
        return "–"
    return _(
        "{value} ({low} to {high})",
        value=signed(one.difference, translator=_),
        low=signed(one.low, translator=_),
        high=signed(one.high, translator=_),
    )


def _joined(labels: tuple[str, ...], _: Translator) -> str:
    return ", ".join(labels) or "–"


def _rows(changed: tuple[Changed, ...], kind: tuple[tuple[str, ...], ...], _: Translator) -> str:
    found = [str(one.row) for one in changed if (one.truth, one.a, one.b) == kind]
    return ", ".join([*found[:NAMED], *(["…"] if len(found) > NAMED else [])])
