"""Check: do episodes stand in several splits, and of which sites do the figures tell?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bert4text.auditing.checks import Context
from bert4text.auditing.leakage import cite
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue, Severity

CHECK = "groups"
UNKNOWN_SITES_WARNING = 0.1
"""Share of the test reports from sites not learned from, beside known ones, from which it is a warning."""
_KNOWN = 0.5  # share of the reports that must name a site
_MOST_SITES = 0.5  # with more names than that share of the reports, the column names no sites


def check_groups(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether the split tears episodes, and whether figures hold for other sites than those learned from."""
    yield from _episodes(corpus)
    yield from _sites(corpus)


def _episodes(corpus: Corpus) -> Iterator[Issue]:
    """Episodes in several splits; a number that stands under several whole patients is told apart.

    Each site is taken to give out its own numbers.
    """
    names = ("site", "episode", "patient", "split")
    rows = list(zip(*(corpus.table[name].to_pylist() for name in names), strict=True))
    members: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    homes: dict[str, set[str]] = defaultdict(set)
    for i, (site, episode, patient, split) in enumerate(rows):
        if split and episode:
            members[site, episode].append(i)
        if split and patient:
            homes[patient].add(split)
    whole = [patient is not None and len(homes[patient]) == 1 for _, _, patient, _ in rows]
    several = [group for group in members.values() if len({rows[i][3] for i in group}) > 1]
    torn = [group for group in several if not all(whole[i] for i in group)]
    if torn:
        known = all(rows[i][2] is not None for group in torn for i in group)
        yield _torn(corpus, torn, known=known)
    repeated = [group for group in several if all(whole[i] for i in group)]
    if repeated:
        yield _issue(
            corpus,
            repeated,
            severity="info",
            code="episode-of-several-patients",
            message="episodes that stand under several patients and in several splits: {episodes} "
            "(reports: {count}); their numbers repeat, or the patients are wrong",
        )


def _torn(corpus: Corpus, torn: Sequence[Sequence[int]], *, known: bool) -> Issue:
    if known:
        return _issue(
            corpus,
            torn,
            severity="error",
            code="episode-in-two-splits",
            message="episodes with reports in more than one split: {episodes} (reports: {count})",
            remedy={"prepare.split.by": "patient"},
        )
    return _issue(
        corpus,
        torn,
        severity="error",
        code="episode-in-two-splits",
        message="episodes with reports in more than one split: {episodes} (reports: {count}); where patients "
        "are unknown, prepare with the column of the episode as that of the patient",
    )


def _issue(
    corpus: Corpus,
    groups: Sequence[Sequence[int]],
    *,
    severity: Severity,
    code: str,
    message: str,
    remedy: dict[str, str] | None = None,
) -> Issue:
    hit = sorted(i for group in groups for i in group)
    return Issue(
        check=CHECK,
        severity=severity,
        code=code,
        message=message,
        values={"episodes": len(groups), "count": len(hit)},
        reports=len(hit),
        rows=cite(corpus, hit),
        remedy=remedy,
    )


def _sites(corpus: Corpus) -> Iterator[Issue]:
    sites, splits = corpus.table["site"].to_pylist(), corpus.table["split"].to_pylist()
    learned, tested = (
        Counter(site for site, split in zip(sites, splits, strict=True) if site and split == wanted)
        for wanted in ("train", "test")
    )
    total, named = (
        corpus.splits.get("train", 0) + corpus.splits.get("test", 0),
        learned.total() + tested.total(),
    )
    distinct = set(learned) | set(tested)
    if not learned or not tested or named < _KNOWN * total or len(distinct) > max(2, _MOST_SITES * named):
        return
    unknown = set(tested) - set(learned)
    if len(distinct) == 1:
        yield Issue(
            check=CHECK,
            severity="info",
            code="one-site",
            message="all reports come from one site: the figures say nothing of another",
        )
    elif not unknown:
        yield Issue(
            check=CHECK,
            severity="info",
            code="sites-in-all-splits",
            message="all sites of test are in train too (sites: {sites}): the figures hold for these sites, "
            "not for another",
            values={"sites": len(tested)},
            remedy={"prepare.split.by": "site"},
        )
    elif len(unknown) < len(tested):
        yield _mixed(corpus, unknown, sum(tested[site] for site in unknown), tested.total())


def _mixed(corpus: Corpus, unknown: set[str], count: int, total: int) -> Issue:
    sites, splits = corpus.table["site"].to_pylist(), corpus.table["split"].to_pylist()
    hit = [i for i, site in enumerate(sites) if site in unknown and splits[i] == "test"]
    return Issue(
        check=CHECK,
        severity="warning" if count >= UNKNOWN_SITES_WARNING * total else "info",
        code="sites-not-learned",
        message="test reports of sites that train holds nothing of: {count} of {total} (sites: {sites}); "
        "the figures mix known sites with unknown ones",
        values={"count": count, "total": total, "sites": len(unknown)},
        reports=count,
        rows=cite(corpus, hit),
        remedy={"prepare.split.by": "site"},
    )
