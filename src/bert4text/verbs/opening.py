"""What every verb begins with: a noun or its path, and the settings of its section."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from bert4text.core.config import Config
from bert4text.core.errors import LabelError
from bert4text.core.labels import LabelSpace
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


def open_corpus(corpus: Corpus | Path | str) -> tuple[Corpus, Path | None]:
    """A corpus and, when it was given by its path, where it lies.

    Raises:
        DataError: there is no such file, or it is no corpus.
    """
    from bert4text.core.corpus import Corpus

    if isinstance(corpus, Corpus):
        return corpus, None
    from bert4text.data.read_corpus import read_corpus

    path = Path(corpus)
    return read_corpus(path), path


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
