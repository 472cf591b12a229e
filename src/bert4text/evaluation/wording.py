"""Wording: what metrics and systems are called, and what each metric says, in words a physician uses."""

from __future__ import annotations

from collections.abc import Mapping

from bert4text.core.evaluation import Evaluation
from bert4text.core.issue import Issue
from bert4text.core.messages import N_, Translator

METRIC_NAMES: dict[str, str] = {
    "accuracy": N_("accuracy"),
    "balanced_accuracy": N_("balanced accuracy"),
    "macro_f1": N_("macro F1"),
    "weighted_f1": N_("weighted F1"),
    "f1": N_("F1"),
    "precision": N_("precision"),
    "weighted_precision": N_("weighted precision"),
    "recall": N_("recall"),
    "weighted_recall": N_("weighted recall"),
    "sensitivity": N_("sensitivity"),
    "specificity": N_("specificity"),
    "mcc": N_("Matthews correlation"),
    "auroc": N_("area under ROC"),
    "average_precision": N_("average precision"),
    "brier": N_("Brier score"),
    "ece": N_("calibration error"),
    "quadratic_kappa": N_("quadratic kappa"),
    "determinate_macro_f1": N_("macro F1, determinate reports"),
    "determinate_sensitivity": N_("sensitivity, determinate reports"),
    "determinate_specificity": N_("specificity, determinate reports"),
    "lost": N_("lost: called indeterminate"),
    "overclaimed": N_("over-claimed: indeterminate, and answered"),
    "mean_cost": N_("mean cost of a report"),
    "cost_per_1000": N_("cost of 1,000 reports"),
}

METRIC_MEANINGS: dict[str, str] = {
    "accuracy": N_("share of reports answered right; high by itself when one label is frequent"),
    "balanced_accuracy": N_(
        "share found of each label, averaged: rare labels weigh as much as frequent ones"
    ),
    "macro_f1": N_("balance of finding and not crying wolf, averaged over labels, rare ones included"),
    "weighted_f1": N_("the same, weighted by how frequent each label is"),
    "precision": N_("share of those given a label that have it, averaged over labels"),
    "weighted_precision": N_("the same, weighted by how frequent each label is"),
    "recall": N_("share of those that have a label that were found, averaged over labels"),
    "weighted_recall": N_("the same, weighted by how frequent each label is"),
    "sensitivity": N_("share of the reports with the label looked for that were found"),
    "specificity": N_("share of the reports without it that were left alone"),
    "mcc": N_("agreement beyond chance: 0 is chance, 1 is perfect"),
    "auroc": N_("chance that a report with the label gets a higher probability than one without"),
    "average_precision": N_(
        "precision averaged over all thresholds; compare it with how frequent the label is"
    ),
    "brier": N_("distance of the probabilities from what was true: 0 is best"),
    "ece": N_("how far probabilities are from what comes true: 0 is best"),
    "quadratic_kappa": N_("agreement beyond chance on ordered labels; far misses weigh more"),
    "determinate_macro_f1": N_(
        "macro F1 over the reports that allow an answer; one called indeterminate counts as wrong"
    ),
    "determinate_sensitivity": N_(
        "share of the determinate reports with the label looked for that were found"
    ),
    "determinate_specificity": N_(
        "share of the other determinate reports that were given their label; one called indeterminate was not"
    ),
    "lost": N_("share of the reports that allow an answer which were called indeterminate"),
    "overclaimed": N_("share of the indeterminate reports which were given an answer all the same"),
    "mean_cost": N_("what an answer costs on average, at the declared cost of each wrong management"),
}

CRITERIA: dict[str, str] = {
    "equal_opportunity": N_("equal opportunity"),
    "equalized_odds": N_("equalized odds"),
    "demographic_parity": N_("demographic parity"),
    "predictive_parity": N_("predictive parity"),
    "calibration_within_groups": N_("calibration within groups"),
    "accuracy_parity": N_("accuracy parity"),
}

MEASURES: dict[str, str] = {
    "true_positive_rate": N_("found, of those who have it"),
    "false_positive_rate": N_("given it, of those who have it not"),
    "selection_rate": N_("given it"),
    "precision": N_("have it, of those given it"),
    "calibration_bias": N_("probability less what is true"),
    "accuracy": N_("answered right"),
}
"""What the figures of a fairness criterion are called, of one label."""

DIGITS: dict[str, int] = {"cost_per_1000": 0}
"""Decimals of a figure that is not shown with two."""

SYSTEM_NAMES: dict[str, str] = {
    "model": N_("BERT"),
    "tfidf": N_("TF-IDF"),
    "majority": N_("most frequent label"),
    "tabular": N_("table of measurements (ceiling)"),
    "hybrid": N_("BERT and TF-IDF together"),
}


USES: dict[str, str] = {
    "fit": N_("the model learned from it"),
    "stop": N_("it told when to stop learning and who answers; TF-IDF learned from it"),
    "stop, thresholds": N_(
        "it told when to stop learning, where the thresholds lie and who answers; TF-IDF learned from it"
    ),
    "stop, thresholds, then fit": N_(
        "it told when to stop learning, where the thresholds lie and who answers; then all learned from it"
    ),
    "fit and stop, in folds": N_(
        "in turn a fifth told when to stop learning, and the model learned from the rest"
    ),
    "fit and stop, in folds, thresholds": N_(
        "in turn a fifth told when to stop learning, where the thresholds lie and who answers, "
        "and the model learned from the rest"
    ),
    "temperature, thresholds": N_(
        "it set how sure the probabilities are, where the thresholds lie and who answers; "
        "TF-IDF learned from it"
    ),
    "temperature": N_("it set how sure the probabilities are and who answers; TF-IDF learned from it"),
    "measure": N_("it was only measured"),
}
"""What a manifest says a split was used for, in words."""

SPLIT_NAMES: dict[str, str] = {
    "train": N_("training"),
    "validation": N_("validation"),
    "calibration": N_("calibration"),
    "test": N_("test"),
}

LANGUAGE_NAMES: dict[str, str] = {"en": N_("English"), "pt": N_("Portuguese"), "es": N_("Spanish")}

REFERENCES = ("tabular",)
"""Systems that are no rivals but a mark to measure by."""


def metric_name(name: str, *, translator: Translator) -> str:
    """What a metric is called; a metric of a plug-in keeps its own name."""
    return translator(METRIC_NAMES[name]) if name in METRIC_NAMES else name


def system_names(
    evaluation: Evaluation, *, translator: Translator, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What each system is called on the screen; ``given`` names take precedence."""
    names = {}
    for system in evaluation.systems:
        known = SYSTEM_NAMES.get(system.name)
        names[system.name] = (given or {}).get(system.name) or (translator(known) if known else system.name)
    return names


def split_name(name: str, *, translator: Translator) -> str:
    """What a part of the corpus is called."""
    return translator(SPLIT_NAMES[name]) if name in SPLIT_NAMES else name


def language_name(code: str, *, translator: Translator) -> str:
    """What a language is called; its code where we have no name."""
    known = LANGUAGE_NAMES.get(code.split("-", maxsplit=1)[0].casefold())
    return translator(known) if known else code


def named(issue: Issue, *, names: Mapping[str, str], translator: Translator) -> Issue:
    """An issue of an evaluation with the names of systems, metrics and "all labels" in place of codes."""
    values = {**issue.values}
    if "system" in values:
        values["system"] = names.get(values["system"], values["system"])
    if "metrics" in values:
        values["metrics"] = [metric_name(name, translator=translator) for name in values["metrics"]]
        values["labels"] = [translator("all labels") if x == "-" else x for x in values.get("labels", ())]
    return issue.model_copy(update={"values": values})
