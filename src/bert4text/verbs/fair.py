"""Fairness as a contract: written into a run before it learns, held to when it is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bert4text.core.corpus import Corpus
from bert4text.core.errors import FairnessFailed
from bert4text.core.evaluation import Evaluation
from bert4text.core.fairness import DeclaredWhen
from bert4text.core.issue import Issue
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import N_
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.fairness_config import FairnessConfig
from bert4text.project import Project

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier

NOTE = "fairness"
"""Where the manifest of a run keeps the contract that it was trained under."""

AFTERWARDS = N_("the fairness contract was not declared when this run was trained, but afterwards")
CHANGED = N_("the fairness contract is not the one that this run was trained under; changed: {keys}")


@dataclass(frozen=True)
class Bound:
    """The contract that an evaluation is held to.

    Attributes:
        settings: of the evaluation, with that contract.
        declared: whether it is the one of the run.
        at: when the run was made, where that has one.
        issues: what is to be told of it.
    """

    settings: EvaluateConfig
    declared: DeclaredWhen = "after-training"
    at: str | None = None
    issues: tuple[Issue, ...] = field(default=())


def noted(project: Project) -> dict[str, Any]:
    """What a manifest keeps of the contract of a project; empty where none is declared."""
    contract: FairnessConfig = project.section("evaluate").fairness
    if not contract.attributes:
        return {}
    return {NOTE: {"digest": contract.digest, "contract": contract.model_dump(mode="json")}}


def check_declared(project: Project, corpus: Corpus, label_space: LabelSpace) -> None:
    """Find out before a training whether the contract of the project can be asked of its reports.

    Raises:
        ConfigError: no report has an attribute, or the question has no such label.
    """
    contract: FairnessConfig = project.section("evaluate").fairness
    if contract.attributes:
        _check(contract, corpus, label_space)


def bound(settings: EvaluateConfig, classifier: Classifier) -> Bound:
    """The contract that holds: the one that is given, else the one that the run was trained under.

    Raises:
        ConfigError: the run was trained under a contract that this version does not know.
    """
    note: Mapping[str, Any] = classifier.info.manifest.notes.get(NOTE) or {}
    created = classifier.info.manifest.created or None
    given = settings.fairness
    if not note:
        issues = (_told("contract-after-training", AFTERWARDS),) if given.attributes else ()
        return Bound(settings, issues=issues)
    before = FairnessConfig.parse(note["contract"], section="evaluate.fairness")
    if not given.attributes or given == before:
        return Bound(settings.replace(fairness=before.model_dump()), "before-training", created)
    changed = sorted(
        name for name in FairnessConfig.model_fields if getattr(given, name) != getattr(before, name)
    )
    return Bound(settings, "changed", created, issues=(_told("contract-changed", CHANGED, keys=changed),))


def _told(code: str, message: str, **values: Any) -> Issue:
    return Issue(check=NOTE, severity="warning", code=code, message=message, values=values)


def check_asked(found: Bound, part: Corpus, label_space: LabelSpace) -> Bound:
    """Refuse before the work what cannot be asked; a contract of the run whose attributes lack is told.

    Raises:
        ConfigError: no report has an attribute of a contract that was given, or there is no such label.
    """
    contract = found.settings.fairness
    if not contract.attributes:
        return found
    if found.declared != "before-training":
        _check(contract, part, label_space)
        return found
    _check(contract.replace(attributes=[], bands={}), part, label_space)
    there = {name for report in part for name, value in report.attributes.items() if value}
    missing = [name for name in contract.attributes if name not in there]
    if not missing:
        return found
    lacks = Issue(
        check=NOTE,
        severity="warning",
        code="attribute-missing",
        message="the run was trained under a fairness contract over {missing}, which no report has here",
        values={"missing": missing},
        remedy={"prepare.columns": dict.fromkeys(missing, "...")},
    )
    return Bound(found.settings, found.declared, found.at, issues=(*found.issues, lacks))


def _check(contract: FairnessConfig, corpus: Corpus, label_space: LabelSpace) -> None:
    from bert4text.evaluation.criteria import labels_of
    from bert4text.evaluation.groups import known

    labels_of(contract, label_space)
    known(contract, values_of(corpus, contract.attributes))


def values_of(corpus: Corpus, names: Sequence[str]) -> dict[str, list[str | None]]:
    """The value of each attribute in each report."""
    if not names:
        return {}
    held = [report.attributes for report in corpus]
    return {name: [attributes.get(name) for attributes in held] for name in names}


def told(evaluation: Evaluation, found: Bound) -> Evaluation:
    """The evaluation, with what is known of its contract."""
    if evaluation.fairness is None:
        return evaluation
    fairness = evaluation.fairness.model_copy(update={"declared": found.declared, "declared_at": found.at})
    issues = (*evaluation.issues, *found.issues)
    return evaluation.model_copy(update={"fairness": fairness, "issues": issues})


def gate(evaluation: Evaluation) -> None:
    """Stop where the contract fails; where it is strict, also where it is not shown to hold.

    Raises:
        FairnessFailed: it carries the evaluation.
    """
    fairness = evaluation.fairness
    if fairness is None or fairness.verdict == "holds":
        return
    tolerance = float(fairness.contract["tolerance"])
    failing = sum(gap.verdict == "fails" for gap in fairness.gaps)
    if failing:
        raise FairnessFailed(
            "the fairness contract does not hold; gaps between groups above {tolerance}: {count} of {all}",
            hint="the fairness part of the evaluation names them; mend the data or the training, and measure "
            "again",
            count=failing,
            all=len(fairness.gaps),
            tolerance=tolerance,
            evaluation=evaluation,
        )
    if fairness.contract["strict"]:
        raise FairnessFailed(
            "it is not shown that the fairness contract holds; gaps between groups that may be above "
            "{tolerance}: {count} of {all}",
            hint="measure on more reports of the groups, or take strict out of [evaluate.fairness] before "
            "the next training",
            code="fairness-not-shown",
            count=sum(gap.verdict != "holds" for gap in fairness.gaps),
            all=len(fairness.gaps),
            tolerance=tolerance,
            evaluation=evaluation,
        )
