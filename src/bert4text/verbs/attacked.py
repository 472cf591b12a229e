"""A membership inference attack on a classifier: its own training reports beside those it is measured on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.core.corpus import Corpus
from bert4text.core.errors import PolicyError
from bert4text.core.evaluation import Evaluation, Membership
from bert4text.core.progress import Progress
from bert4text.evaluation.config import EvaluateConfig
from bert4text.verbs.learned import learned_from

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier

Floats = npt.NDArray[np.float64]
CHUNK = 512
"""Reports answered between two words to the progress."""


def members_of(
    classifier: Classifier, corpus: Corpus, *, settings: EvaluateConfig, seed: int
) -> Corpus | None:
    """Labelled training reports of a classifier, whole patients, or None where no attack was asked for.

    Raises:
        PolicyError: the corpus is not the one that it learned from, so that nobody knows who the members are.
    """
    from bert4text.verbs.measure import labelled

    if not settings.membership.on:
        return None
    learned = learned_from(classifier.info.manifest)
    used = classifier.info.manifest.split_used.get("train", "")
    if f"sha256:{corpus.fingerprint}" not in learned or "fit" not in used or not corpus.splits.get("train"):
        raise PolicyError(
            "the attack compares reports that the model learned from with others, and this corpus is not "
            "the one that it "
            "learned from",
            hint="give the corpus that it was trained on, or leave out [evaluate.membership]",
            code="members-unknown",
        )
    train = labelled(corpus["train"])
    groups = np.array(train.groups, dtype=str)
    if len(train) <= settings.membership.most:
        return train
    order = seeds.rng(seed, "evaluation.membership.members").permutation(np.unique(groups))
    place = {group: number for number, group in enumerate(order.tolist())}
    ranked = np.argsort([place[group] for group in groups.tolist()], kind="stable")
    return train.select(np.sort(ranked[: settings.membership.most]).tolist())


def attack(
    evaluation: Evaluation,
    classifier: Classifier,
    members: Corpus,
    others: Corpus,
    answered: Floats,
    *,
    settings: EvaluateConfig,
    seed: int,
    progress: Progress,
) -> Evaluation:
    """An evaluation with what the attacks found.

    Reference models are fitted on members and others alike, each without a part of the patients of both, so
    that what they say of a report gives away nothing of which side it stands on.

    Args:
        evaluation: of the reports that the model has not seen; the look at them is the same one.
        classifier: who is attacked, by what it gives out: the calibrated probabilities of the system that
            answers.
        members: reports that it learned from.
        others: reports that it has not seen.
        answered: its probabilities of these, float64 [n, k].
        settings: how many references, how many resamples.
        seed: the one seed.
        progress: told how far it is.
    """
    from bert4text.evaluation.answers import truth_matrix
    from bert4text.evaluation.membership import (
        CONTROL,
        about_members,
        attack_figures,
        report_losses,
    )

    space = classifier.label_space
    many = space.task == "multilabel"
    both = [row or [] for part in (members, others) for row in part.table["labels"].to_pylist()]
    truth = truth_matrix(both, space)
    texts, groups = [*members.texts, *others.texts], [*members.groups, *others.groups]
    probabilities = []
    with progress.task("attacking the model", total=len(members)) as task:
        for start in range(0, len(members), CHUNK):
            probabilities.append(classifier.probabilities(texts[start : min(start + CHUNK, len(members))]))
            task.advance(len(probabilities[-1]))
    lost = report_losses(np.concatenate([*probabilities, answered]), truth, many=many)
    scores = {"loss": -lost}
    references = settings.membership.references
    if references:
        known = _of_references(texts, truth, groups, classifier, count=max(2, references), seed=seed)
        difficulty = report_losses(known, truth, many=many)
        scores["calibrated"], scores[CONTROL] = difficulty - lost, -difficulty
    metrics = attack_figures(
        scores,
        np.arange(len(texts)) < len(members),
        groups=groups,
        patients=others.patients is not None,
        count=settings.draws,
        seed=seed,
    )
    private = classifier.info.manifest.notes.get("private") or {}
    epsilon, delta = private.get("epsilon"), private.get("delta")
    membership = Membership(
        members=len(members),
        others=len(others),
        references=max(2, references) if references else 0,
        metrics=metrics,
        epsilon=epsilon,
        delta=delta,
        most_named=None if epsilon is None or delta is None else _most_named(epsilon, delta),
    )
    issues = (*evaluation.issues, *about_members(metrics, others=len(others), epsilon=epsilon))
    return evaluation.model_copy(update={"membership": membership, "issues": issues})


def _most_named(epsilon: float, delta: float) -> float:
    """The largest share of members named at 1 % false alarms that a budget allows any attack."""
    from bert4text.evaluation.membership import FALSE_ALARMS

    first = math.exp(epsilon) * FALSE_ALARMS + delta
    second = 1 - math.exp(-epsilon) * (1 - delta - FALSE_ALARMS)
    return min(first, second, 1.0)


def _of_references(
    texts: list[str],
    truth: npt.NDArray[np.bool_],
    groups: list[str],
    classifier: Classifier,
    *,
    count: int,
    seed: int,
) -> Floats:
    """Probabilities [n, k] of TF-IDF models, each report by the one that has not seen its patient."""
    from bert4text.models.linear_backend import LinearBackend
    from bert4text.training.calibrate import fit_temperature

    space = classifier.label_space
    targets = truth.astype(np.int64) if space.task == "multilabel" else truth.argmax(axis=1)
    patients, index = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    fold = seeds.rng(seed, "evaluation.membership.references").permutation(len(patients))[index] % count
    logits = np.zeros(truth.shape, dtype=np.float32)
    for number in range(count):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len(inside) and len(outside):
            backend = LinearBackend.fit(
                [texts[place] for place in inside],
                targets[inside],
                len(space),
                groups=[groups[place] for place in inside],
                seed=seed,
            )
            logits[outside] = backend.forward([texts[place] for place in outside]).logits
    return fit_temperature(logits, truth, label_space=space).probabilities(logits)
