"""Facts of a corpus: what can be counted in it or read from its manifest; no text, no id, no pseudonym."""

from __future__ import annotations

from bert4text.core.config import Record
from bert4text.core.issue import Issue
from bert4text.core.manifest import Manifest
from bert4text.data.note import Note


class Words(Record):
    """Lengths in words (runs between white space); ``median`` and ``p95`` are lengths that occur."""

    least: int
    median: int
    p95: int
    most: int


class LabelFacts(Record):
    """One label: its reports, their patients (None where no report names one), splits and lengths.

    ``splits`` counts the reports of each split; the key ``""`` those in none.
    """

    name: str
    reports: int
    patients: int | None
    splits: dict[str, int]
    words: Words | None


class SplitFacts(Record):
    """One split: its reports and their patients."""

    name: str
    reports: int
    patients: int | None


class AttributeFacts(Record):
    """One attribute, by name: reports that have it, and how many different values."""

    name: str
    reports: int
    values: int


class CorpusFacts(Record):
    """What a corpus says of itself.

    Attributes:
        fingerprint: of the corpus, hex.
        language, task: as the corpus declares them, or None.
        reports, labelled, unlabelled: how many; ``none_of_them`` bear an empty set of labels.
        sealed: reports whose text is sealed.
        patients, episodes, sites: how many different ones, or None where no report names one.
        without: ``patients``, ``episodes``, ``sites`` -> reports that name none.
        first_month, last_month: ``2025-03``, of the ``dated`` reports.
        origins, generators: value -> reports.
        labels, splits, words, attributes: see their records; ``not_split`` reports are in no split.
        sections: name -> reports that have it, among the ``sections_read`` ones.
        deidentified: what is recorded of it, numbers and names of policy and recognizer; None without.
        manifest: where the corpus comes from, without paths; None without.
        rows: rows of the source, or None.
        aside: reason -> rows set aside; None where the manifest does not say.
        said: what was noted when the corpus was made.
        issues: what the audit found.
        looks: how often the test split was looked at, or None.
    """

    fingerprint: str
    language: str | None
    task: str | None
    reports: int
    labelled: int
    unlabelled: int
    none_of_them: int
    sealed: int
    patients: int | None
    episodes: int | None
    sites: int | None
    without: dict[str, int]
    first_month: str | None
    last_month: str | None
    dated: int
    origins: dict[str, int]
    generators: dict[str, int]
    labels: tuple[LabelFacts, ...]
    splits: tuple[SplitFacts, ...]
    not_split: int
    words: Words | None
    sections: dict[str, int]
    sections_read: int
    attributes: tuple[AttributeFacts, ...]
    deidentified: dict[str, str] | None
    manifest: Manifest | None
    rows: int | None
    aside: dict[str, int] | None
    said: tuple[Note, ...]
    issues: tuple[Issue, ...] = ()
    looks: int | None = None
