"""Balanced batches: labels come equally often, rare ones again and again, common ones in turn.

Drawing rare examples more often is one of the oldest answers to rare classes (Chawla et al., 2002, "SMOTE:
Synthetic Minority Over-sampling Technique", compares with it; Buda et al., 2018, "A systematic study of the
class imbalance problem in convolutional neural networks", finds it best of the usual ones). How often one
report may return is bounded: a handful of reports seen at every turn is learned by heart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.training.batches import POOL, Indices, Targets

MOST = 4
"""Times that one report is drawn in an epoch at most."""


def groups(targets: Targets) -> Indices:
    """The label that each report counts for: its own, of several its rarest; one more for none.

    Args:
        targets: int64 [n], label indices; [n, k] of 0 and 1 where several may hold.
    """
    if targets.ndim == 1:
        return targets
    often = np.where(targets > 0, targets.sum(axis=0), len(targets) + 1)
    found: Indices = np.where(targets.any(axis=1), often.argmin(axis=1), targets.shape[1])
    return found


def quotas(counts: Indices) -> Indices:
    """How many reports of each label an epoch draws: equally many as far as ``MOST`` lets them.

    Args:
        counts: reports of each label.

    Returns:
        int64 like ``counts``; in all as many as there are reports.
    """
    found, left = np.zeros_like(counts), int(counts.sum())
    order = np.argsort(counts, kind="stable")
    for place, label in enumerate(order):
        found[label] = min(MOST * int(counts[label]), left // (len(order) - place))
        left -= int(found[label])
    return found


def times(targets: Targets) -> npt.NDArray[np.float64]:
    """How often each report is drawn in an epoch, float64 [n], on the average of many."""
    _, members, counts = np.unique(groups(targets), return_inverse=True, return_counts=True)
    often: npt.NDArray[np.float64] = (quotas(counts) / counts)[members]
    return often


def drawn(targets: Targets, *, seed: int, epoch: int) -> list[Indices]:
    """The reports that an epoch draws of each label, some of them more than once.

    Every label goes through its reports in an order of its own, and each epoch goes on where the one before
    ended: none comes again before all others came. It depends on seed and epoch alone.
    """
    members = groups(targets)
    labels, counts = np.unique(members, return_counts=True)
    found = []
    for label, quota in zip(labels, quotas(counts), strict=True):
        own = seeds.rng(seed, f"training.balance.{label}").permutation(np.flatnonzero(members == label))
        found.append(own[(epoch * quota + np.arange(quota)) % len(own)])
    return found


def balanced_order(
    lengths: Indices, targets: Targets, *, batch_size: int, seed: int, epoch: int
) -> list[Indices]:
    """The reports of each step of an epoch, every label in each step by its share of the epoch.

    As in ``epoch_order``, reports of like length meet and steps are shuffled. Copies of a report stand far
    apart, and pools are so small that two of them do not meet for their length.

    Args:
        lengths: tokens of each report.
        targets: of each report.
        batch_size: reports of a step; the last step of an epoch may have fewer.
        seed: the one seed.
        epoch: from 0.
    """
    random = seeds.rng(seed, f"training.order.{epoch}")
    chosen = [_apart(reports, random) for reports in drawn(targets, seed=seed, epoch=epoch)]
    reports = np.concatenate(chosen)
    labels = np.repeat(np.arange(len(chosen)), [len(own) for own in chosen])
    order = np.argsort(_even([random.random() for _ in chosen], labels), kind="stable")
    reports, labels = reports[order], labels[order]
    copies = int(np.bincount(reports).max(initial=1))
    pool = batch_size * max(1, min(POOL, -(-len(reports) // batch_size) // copies))
    steps: list[Indices] = []
    for start in range(0, len(reports), pool):
        some, kinds = reports[start : start + pool], labels[start : start + pool]
        by_length = np.argsort(-lengths[some], kind="stable")
        some, kinds = some[by_length], kinds[by_length]
        some = some[np.argsort(_even([0.5] * len(chosen), kinds), kind="stable")]
        steps.extend(some[at : at + batch_size] for at in range(0, len(some), batch_size))
    return [steps[place] for place in random.permutation(len(steps))]


def _apart(reports: Indices, random: np.random.Generator) -> Indices:
    """Reports in an order of chance, the copies of each spread evenly over it."""
    each, copies = np.unique(reports, return_counts=True)
    place = np.repeat((random.permutation(len(each)) + 0.5) / len(each), copies)
    copy = np.arange(len(reports)) - np.repeat(np.cumsum(copies) - copies, copies)
    return np.repeat(each, copies)[np.argsort((copy + place) / np.repeat(copies, copies), kind="stable")]


def _even(shifts: list[float], labels: Indices) -> npt.NDArray[np.float64]:
    """Places from 0 to 1 at which every label, in its order, is spread evenly.

    Args:
        shifts: of each label, from 0 to 1 of the distance of its places.
        labels: of each report.
    """
    found = np.empty(len(labels))
    for label, shift in enumerate(shifts):
        own = np.flatnonzero(labels == label)
        found[own] = (np.arange(len(own)) + shift) / max(1, len(own))
    return found
