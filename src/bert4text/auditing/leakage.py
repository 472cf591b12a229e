"""Checks: does anything stand on both sides of a split that should stand on one?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bert4text.auditing.checks import Context
from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold
from bert4text.core.issue import Issue, Severity
from bert4text.data.near_duplicates import near_duplicates

IDENTICAL_ERROR = 0.05
"""Share of the held-out reports that may stand word for word in train before it is an error."""
NEAR_WARNING = 0.10
"""Share of the held-out reports that may nearly stand in train before it is a warning."""
CONFLICT_ERROR = 0.10
"""Share of the labelled reports whose text also bears another label before it is an error."""
NEAR_CONFLICT_WARNING = 0.02
"""Share of the labelled reports with a near duplicate of another label before it is a warning."""


def check_patients(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether reports of one patient stand in several splits."""
    patients, splits = corpus.table["patient"].to_pylist(), corpus.table["split"].to_pylist()
    if len(corpus.splits) < 2:
        return
    seen: dict[str, set[str]] = defaultdict(set)
    for patient, split in zip(patients, splits, strict=True):
        if patient and split:
            seen[patient].add(split)
    if not seen:
        yield Issue(
            check="patients-across-splits",
            severity="info",
            code="no-patients",
            message="no report names a patient, so reports of one patient may stand in several splits",
            remedy=None,
        )
        return
    torn = {patient for patient, where in seen.items() if len(where) > 1}
    if torn:
        hit = [patient in torn for patient in patients]
        yield Issue(
            check="patients-across-splits",
            severity="error",
            code="patient-in-two-splits",
            message="patients with reports in more than one split: {patients}; reports of theirs: {count}",
            values={"patients": len(torn), "count": sum(hit)},
            reports=sum(hit),
            rows=cite(corpus, (i for i, here in enumerate(hit) if here)),
            remedy={"prepare.split.by": "patient"},
        )


def check_near_duplicates(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether held-out reports stand, word for word or nearly, in train, and near ones bear other labels."""
    keys = [" ".join(fold(text).split()) for text in corpus.texts]
    found = near_duplicates(corpus.texts, threshold=context.config.similarity, seed=context.seed)
    pairs = [(i, j) for i, j, _ in found]
    yield from _across_splits(corpus, keys, pairs)
    yield from _near_conflicts(corpus, [(i, j) for i, j in pairs if keys[i] != keys[j]])


def _across_splits(corpus: Corpus, keys: Sequence[str], pairs: Iterable[tuple[int, int]]) -> Iterator[Issue]:
    splits = corpus.table["split"].to_pylist()
    if "train" not in corpus.splits or len(corpus.splits) < 2:
        return
    learned = {key for key, split in zip(keys, splits, strict=True) if split == "train" and key}
    held = [i for i, split in enumerate(splits) if split and split != "train"]
    same = {i for i in held if keys[i] in learned}
    near = set()
    for i, j in pairs:
        for one, other in ((i, j), (j, i)):
            if splits[one] not in (None, "train") and splits[other] == "train":
                near.add(one)
    near -= same
    if same:
        severity: Severity = "error" if len(same) >= IDENTICAL_ERROR * len(held) else "warning"
        yield _shared(
            corpus,
            same,
            len(held),
            severity=severity,
            code="identical-across-splits",
            message="held-out reports that stand word for word in train: {count} of {held}",
        )
    if near:
        yield _shared(
            corpus,
            near,
            len(held),
            severity="warning" if len(near) >= NEAR_WARNING * len(held) else "info",
            code="near-duplicates-across-splits",
            message="held-out reports that are nearly the same as one in train: {count} of {held}",
        )


def _near_conflicts(corpus: Corpus, pairs: Iterable[tuple[int, int]]) -> Iterator[Issue]:
    """Pairs of texts that are nearly the same, and bear different labels."""
    labels = [None if row is None else frozenset(row) for row in corpus.table["labels"].to_pylist()]
    alike = [(i, j) for i, j in pairs if labels[i] is not None and labels[j] is not None]
    hit = sorted({place for i, j in alike if labels[i] != labels[j] for place in (i, j)})
    if not hit:
        return
    total = sum(row is not None for row in labels)
    yield Issue(
        check="conflicting-labels",
        severity="warning" if len(hit) >= NEAR_CONFLICT_WARNING * total else "info",
        code="near-text-other-label",
        message="reports that are nearly the same as one under another label: {count} of {total}; either a "
        "few words decide, or some of these labels are wrong",
        values={"count": len(hit), "total": total, "near": len({place for pair in alike for place in pair})},
        reports=len(hit),
        rows=cite(corpus, hit),
    )


def check_conflicting_labels(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether the same text bears different labels."""
    labels = corpus.table["labels"].to_pylist()
    by_text: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(corpus.texts):
        if labels[i] is not None and text.strip():
            by_text[" ".join(fold(text).split())].append(i)
    hit = sorted(
        i for rows in by_text.values() if len({tuple(sorted(labels[i])) for i in rows}) > 1 for i in rows
    )
    total = sum(len(rows) for rows in by_text.values())
    if hit:
        yield Issue(
            check="conflicting-labels",
            severity="error" if len(hit) >= CONFLICT_ERROR * total else "warning",
            code="same-text-other-label",
            message="reports whose text also stands under another label: {count} of {total}",
            values={"count": len(hit), "total": total},
            reports=len(hit),
            rows=cite(corpus, hit),
        )


def _shared(
    corpus: Corpus, hit: set[int], held: int, *, severity: Severity, code: str, message: str
) -> Issue:
    return Issue(
        check="near-duplicates",
        severity=severity,
        code=code,
        message=message,
        values={"count": len(hit), "held": held},
        reports=len(hit),
        rows=cite(corpus, sorted(hit)),
        remedy={"prepare.deduplicate": True} if code.startswith("identical") else None,
    )


def cite(corpus: Corpus, positions: Iterable[int]) -> tuple[int, ...]:
    """Source rows of the first 20 of some reports, by position, for local eyes."""
    sources = corpus.table["source_row"].to_pylist()
    return tuple(_first(sources[i] for i in positions))


def _first(rows: Iterable[int | None]) -> Iterator[int]:
    left = 20
    for row in rows:
        if row is not None:
            yield row
            left -= 1
        if not left:
            return
