"""What every verb begins with: a noun or its path, and the settings of its section."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from bert4text.core.config import Config
from bert4text.core.errors import LabelError
from bert4text.core.issue import Issue
from bert4text.core.labels import LabelSpace
from bert4text.core.progress import Progress, silent
from bert4text.project import SECTIONS, Project

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.models.classifier import Classifier

C = TypeVar("C", bound=Config)


def settings_of(kind: type[C], config: C | Mapping[str, Any] | None, *, project: Project) -> C:
    """The settings of a verb: as given, else the project's section.

    Raises:
        ConfigError: a bad value.
    """
    if isinstance(config, Config):
        return config
    section = next(name for name, record in SECTIONS.items() if record is kind)
    given = project.given.get(section, {}) if config is None else config
    return kind.parse(given, section=section)


def open_corpus(
    corpus: Corpus | Path | str, *, project: Project, progress: Progress = silent
) -> tuple[Corpus, Path | None]:
    """A corpus, opened if it is sealed, and, when it was given by its path, where it lies.

    Args:
        corpus: the corpus, or its path.
        project: whose keys open it.
        progress: told how far it is.

    Raises:
        DataError: there is no such file, it is no corpus, or a seal was altered.
        StoreError: it is sealed, and the project has not the keys.
        MissingExtraError: it is sealed, and the extra ``seal`` is not installed.
    """
    from bert4text.core.corpus import Corpus
    from bert4text.data.sealed import open_sealed

    if isinstance(corpus, Corpus):
        return open_sealed(corpus, project.patient_keys, progress=progress), None
    from bert4text.data.read_corpus import read_corpus

    path = Path(corpus)
    return open_sealed(read_corpus(path), project.patient_keys, progress=progress), path


def left_out(corpus: Corpus) -> list[Issue]:
    """What is said of reports that are left out since the keys of their patients were destroyed."""
    if not corpus.unopened:
        return []
    return [
        Issue(
            check="sealed",
            severity="info",
            code="key-destroyed",
            message="reports left out, whose keys were destroyed: {count}",
            values={"count": corpus.unopened},
            reports=corpus.unopened,
        )
    ]


def open_classifier(
    classifier: Classifier | Path | str, *, precision: Literal["float32", "bfloat16"] | None = None
) -> Classifier:
    """A classifier, loaded and verified when given by its folder.

    Args:
        classifier: the classifier, or its folder.
        precision: in which a PyTorch model that is loaded here computes; as its bundle says if not given.

    Raises:
        BundleError: the folder is no bundle, lacks a file, was altered or is of a newer format.
    """
    if isinstance(classifier, Path | str):
        from bert4text.models.classifier import Classifier

        return Classifier.load(Path(classifier), precision=precision)
    return classifier


def label_space(corpus: Corpus) -> LabelSpace:
    """The question of a corpus.

    Raises:
        LabelError: its reports are unlabelled.
    """
    if corpus.label_space is None:
        raise LabelError(
            "the reports have no labels",
            hint="name their column (--columns labels=NAME), or read them from the text "
            "([prepare.labels_from])",
            code="unlabelled",
        )
    return corpus.label_space
