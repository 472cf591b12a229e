"""De-identify new reports before a classifier sees them, as those that it learned from were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.digest import digest, file_digest
from bert4text.core.executor import local
from bert4text.execution.processes import Processes
from bert4text.privacy.census import census
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.policy import KEYED, load_policy
from bert4text.project import Project
from bert4text.verbs.decided import decisions_of
from bert4text.verbs.privacy import KEY
from bert4text.verbs.recognized import beside, find_recognizer

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.data.read import SourceRow
    from bert4text.models.classifier import Classifier
    from bert4text.privacy.deidentify import Deidentifier

SETTINGS = ("policy", "actions", "detectors", "weeks")
"""What a classifier keeps of how its reports were de-identified."""


def learned_under(corpus: Corpus) -> dict[str, Any]:
    """What a classifier keeps of how the reports that it learns from were de-identified; no counts."""
    told = corpus.deidentified or {}
    return {name: told[name] for name in (*SETTINGS, "settings", "recognizer", "given_names") if name in told}


def given_raw(classifier: Classifier, reports: object, *, deidentify: bool | None) -> bool:
    """Whether one that learned on de-identified reports is given others, and nobody said that it may be.

    Args:
        classifier: what answers.
        reports: what it is asked of; a corpus, or its file, says itself whether it is de-identified.
        deidentify: what the settings say; False: the reports are to be read as they come.
    """
    learned = classifier.info.manifest.notes.get("deidentified")
    return bool(learned) and deidentify is None and not says_deidentified(reports)


def says_deidentified(reports: object) -> bool:
    """Whether reports say of themselves that they are de-identified: a corpus that is, or its file."""
    if not isinstance(reports, str | Path):
        return getattr(reports, "deidentified", None) is not None
    path = Path(reports)
    if path.suffix.casefold() not in {".parquet", ".pq"} or not path.is_file():
        return False
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError):
        return False  # whoever reads it says so
    return bool(metadata.get(b"bert4text.deidentified", b"null") != b"null")


def lacks_names(classifier: Classifier) -> bool:
    """Whether a classifier's reports were de-identified with given names that are not known here."""
    learned = classifier.info.manifest.notes.get("deidentified") or {}
    return bool(learned.get("given_names")) and not census()


class Entry:
    """Takes reports as they come and gives them as the classifier is to see them.

    Their policy is the one that the classifier learned under; of one that learned on reports as they came it
    is the project's. Words that are kept or hidden, by its settings or by who reviewed, are the project's.
    Where the policy wants a key and the project has none, a tag stands instead: none is made for predictions.

    Args:
        classifier: what answers.
        project: its settings and its keys.
    """

    def __init__(self, classifier: Classifier, project: Project) -> None:
        notes = classifier.info.manifest.notes
        own: DeidentifyConfig = project.section("deidentify")
        learned = notes.get("deidentified") or {}
        given = {name: learned[name] for name in SETTINGS if name in learned}
        settings = own.replace(**given)
        policy = load_policy(settings.policy, changes=settings.actions)
        self._key = _key(project) if policy.keyed else None
        if policy.keyed and self._key is None:
            tags = {kind: "tag" for kind, action in policy.actions.items() if action in KEYED}
            settings = settings.replace(actions={**settings.actions, **tags})
        self._settings = settings
        self._decisions = decisions_of(project)
        self._language: str | None = project.settings.language or notes.get("language")
        self._recognizer = find_recognizer(settings.recognizer)
        self._executor = Processes(own.workers) if own.workers > 1 else local

    @property
    def policy(self) -> str:
        """Its name."""
        return self._settings.policy

    @property
    def digest(self) -> str:
        """What its results depend on: what was half done under other settings is not gone on with."""
        settings = self._settings.model_dump(mode="json", exclude={"workers", "columns"})
        key = None if self._key is None else digest(self._key.hex())
        reviewed = file_digest(self._decisions.path) if self._decisions else None
        recognizer = None if self._recognizer is None else self._recognizer.info.digest
        return digest([settings, self._language, key, reviewed, recognizer])

    def __call__(self, batches: Iterable[Sequence[SourceRow]]) -> Iterator[list[SourceRow]]:
        """The batches, their texts de-identified; ids and rows stay the caller's."""
        from bert4text.privacy.deidentify import Deidentifier

        deidentifier = Deidentifier(
            self._settings,
            language=self._language,
            key=self._key,
            detectors=beside(self._recognizer),
            decisions=self._decisions,
        )
        yield from self._executor.map(_Work(deidentifier), batches)


class _Work:
    """De-identifies a batch; a class, so that an executor can send it elsewhere."""

    def __init__(self, deidentifier: Deidentifier) -> None:
        self._deidentifier = deidentifier

    def __call__(self, batch: Sequence[SourceRow]) -> list[SourceRow]:
        return [self._one(row) for row in batch]

    def _one(self, row: SourceRow) -> SourceRow:
        if not row.text:
            return row
        return replace(row, text=self._deidentifier(row.text, subject=f"report:{row.id}").text)


def _key(project: Project) -> bytes | None:
    """The key of the project, if it has one."""
    return project.keys.find(KEY)
