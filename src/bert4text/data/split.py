"""Split a draft: keep what was given, cut what is missing from train, deal the rest anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bert4text.core.corpus import Corpus
from bert4text.core.errors import SchemaError
from bert4text.core.messages import N_
from bert4text.core.report import SPLITS
from bert4text.data.config import SplitConfig
from bert4text.data.draft import Draft
from bert4text.data.normalize import text_digest
from bert4text.data.stratify import Unit, by_time, join_groups, stratify, units

DEALT = {
    "patient": N_("split by patient: {splits}"),
    "report": N_("split by report: {splits}"),
    "site": N_("split by site: {splits}"),
    "time": N_("split by time: {splits}"),
}
CUT = {
    "patient": N_("split taken from the column, {cut} cut from train by patient: {splits}"),
    "report": N_("split taken from the column, {cut} cut from train by report: {splits}"),
    "site": N_("split taken from the column, {cut} cut from train by site: {splits}"),
    "time": N_("split taken from the column, {cut} cut from train by time: {splits}"),
}
"""What was done, told by what was kept whole."""


def split_draft(draft: Draft, config: SplitConfig, *, digests: Sequence[bytes], seed: int) -> None:
    """Fill ``draft.splits``.

    A given split is kept, also where a patient stands in two; a report without one goes where its patient
    is, else to train; splits that are missing are cut from train, never from test. Without given splits
    all reports are dealt. Unlabelled reports are in no split.

    Args:
        draft: labelled, without repeats.
        config: how to split.
        digests: of the texts.
        seed: of the project.

    Raises:
        SchemaError: by time without any date, or by site without any site.
    """
    labelled = [place for place, labels in enumerate(draft.labels) if labels is not None]
    if not labelled:
        return
    draft.splits = [
        None if labels is None else split for split, labels in zip(draft.splits, draft.labels, strict=True)
    ]
    given = any(draft.splits)
    if given:
        _complete(draft, labelled)
        labelled = [place for place in labelled if draft.splits[place] == "train"]
    shares = {name: share for name, share in config.shares.items() if not given or _wanted(draft, name)}
    if given and (len(shares) < 2 or not labelled):
        _tell(draft, message="split taken from the column: {splits}")
        return
    dealt = _deal(draft, config, shares=shares, pool=labelled, digests=digests, seed=seed)
    for place, name in dealt.items():
        draft.splits[place] = name
    _tell_of_split(draft, _way(draft, config), shares, given=given)


def split_corpus(corpus: Corpus, config: SplitConfig, *, seed: int) -> Corpus:
    """A corpus with every labelled report in a split; given splits are kept as ``split_draft`` says.

    Raises:
        SchemaError: by time without any date, or by site without any site.
    """
    columns = {
        name: corpus.table[name].to_pylist()
        for name in ("id", "labels", "patient", "site", "written_at", "split")
    }
    draft = Draft(
        rows=list(range(1, len(corpus) + 1)),
        ids=columns["id"],
        labels=[None if labels is None else tuple(labels) for labels in columns["labels"]],
        patients=columns["patient"],
        sites=columns["site"],
        written=columns["written_at"],
        splits=columns["split"],
        own_ids=True,
    )
    split_draft(draft, config, digests=[text_digest(text) for text in corpus.texts], seed=seed)
    return corpus.with_column("split", draft.splits)


def _wanted(draft: Draft, name: str) -> bool:
    """Whether a split takes part when train is cut: train itself, and those that nobody gave."""
    return name == "train" or name not in draft.splits


def _complete(draft: Draft, labelled: Sequence[int]) -> None:
    """Give reports without a split one, and tell of patients in two."""
    homes: dict[str, set[str]] = {}
    for place in labelled:
        patient, split = draft.patients[place], draft.splits[place]
        if patient is not None and split is not None:
            homes.setdefault(patient, set()).add(split)
    without = [place for place in labelled if draft.splits[place] is None]
    for place in without:
        home = homes.get(draft.patients[place] or "", set())
        draft.splits[place] = next(iter(home)) if len(home) == 1 else "train"
    if without:
        rows = [draft.rows[place] for place in without]
        draft.note(
            "no-split",
            message="reports without a split, put where their patient is, else in train: {count} "
            "(rows: {first})",
            warning=True,
            rows=rows,
            count=len(rows),
        )
    torn = sum(len(home) > 1 for home in homes.values())
    if torn:
        draft.note(
            "patient-in-two",
            message="patients in two given splits: {count}; kept as given, and reported by the audit",
            warning=True,
            count=torn,
        )


def _way(draft: Draft, config: SplitConfig) -> str:
    """What was kept whole, as it is told."""
    if config.by in {"time", "site"}:
        return config.by
    return "patient" if config.by == "patient" and any(draft.patients) else "report"


def _deal(
    draft: Draft,
    config: SplitConfig,
    *,
    shares: dict[str, float],
    pool: Sequence[int],
    digests: Sequence[bytes],
    seed: int,
) -> dict[int, str]:
    keys = [draft.ids[place] if draft.own_ids else "" for place in pool]
    made = units(
        _groups(draft, config, pool),
        labels=[draft.labels[place] for place in pool],
        digests=[digests[place] for place in pool],
        keys=keys,
        written=[draft.written[place] for place in pool],
        seed=seed,
    )
    if config.by == "time":
        _check_dates(draft, made)
        dealt = by_time(made, shares)
    else:
        dealt = stratify(made, shares)
    return {pool[place]: name for place, name in dealt.items()}


def _groups(draft: Draft, config: SplitConfig, pool: Sequence[int]) -> list[str]:
    nobody: list[str | None] = [None] * len(pool)
    patients = [draft.patients[place] for place in pool]
    if config.by == "none":
        return join_groups(nobody, nobody)
    if config.by != "site":
        return join_groups(nobody, patients)
    sites = [draft.sites[place] for place in pool]
    if not any(sites):
        raise SchemaError(
            "a split by site needs the site of the reports, and none is known",
            hint="--columns site=NAME",
            code="no-site",
        )
    return join_groups(sites, patients)


def _check_dates(draft: Draft, made: Sequence[Unit]) -> None:
    undated = sum(len(unit.members) for unit in made if unit.latest is None)
    if undated == sum(len(unit.members) for unit in made):
        raise SchemaError(
            "a split by time needs the date of the reports, and none is known",
            hint="--columns written_at=NAME",
            code="no-date",
        )
    if undated:
        draft.note(
            "undated",
            message="reports without a date, counted as the earliest: {count}",
            warning=True,
            count=undated,
        )


def _tell_of_split(draft: Draft, way: str, shares: dict[str, float], *, given: bool) -> None:
    dealt = [name for name, share in shares.items() if share > 0]
    if given:
        cut = [name for name in dealt if name != "train"]
        _tell(draft, message=CUT[way], cut=cut, way=way)
    else:
        _tell(draft, message=DEALT[way], way=way)
    _tell_of_empty(draft, dealt)


def _tell(draft: Draft, *, message: str, **values: Any) -> None:
    counts = Counter(draft.splits)
    shown = [f"{name} {counts[name]}" for name in SPLITS if counts[name]]
    draft.note("split", message=message, splits=shown, **values)


def _tell_of_empty(draft: Draft, names: Sequence[str]) -> None:
    empty = [name for name in names if name not in draft.splits]
    if empty:
        draft.note(
            "empty-split",
            message="too few reports or patients: nothing in {empty}",
            warning=True,
            empty=empty,
        )
