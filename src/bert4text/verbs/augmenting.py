"""What a training learns from beside its reports: copies that are changed as ``stress`` changes reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bert4text.core.copies import NOTE, Copier, practiced
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.core.progress import Progress, silent
from bert4text.project import Project
from bert4text.verbs.cut import reading_of

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier
    from bert4text.training.config import TrainConfig


def copier_of(
    settings: TrainConfig, corpus: Corpus, *, project: Project, progress: Progress = silent
) -> Copier | None:
    """What makes the copies that are asked for; None where none are.

    Args:
        settings: of the training.
        corpus: tells its language, its question and whether that is asked of each side.
        project: its seed and language.
        progress: told how far it is, once copies are made.

    Raises:
        ConfigError: there is no such perturbation, or the answer may change with one.
    """
    asked = settings.batches.augmentation
    if not asked.perturbations:
        return None
    from bert4text.robustness.augment import Augmentation, staying
    from bert4text.robustness.choice import names_a_side

    sides = tuple(reading_of(corpus).get("sides") or ())
    space = corpus.label_space
    return Augmentation(
        staying(asked.perturbations, aside=bool(sides) or (space is not None and names_a_side(space))),
        share=asked.share,
        copies=asked.copies,
        change=lambda text, change: read_anew(text, change, sides=sides),
        language=corpus.language or project.settings.language,
        seed=project.seed,
        progress=progress,
    )


def copies_warnings(classifier: Classifier) -> list[Issue]:
    """Which perturbations were to be practiced and made no copy of a training report."""
    notes = classifier.info.manifest.notes
    made = (notes.get(NOTE) or {}).get("perturbations", {})
    idle = [name for name in made if name not in practiced(notes)]
    if not idle:
        return []
    return [
        Issue(
            check="augmentation",
            severity="warning",
            code="not-practiced",
            message="no training report was changed by {perturbations}: the model has not met such changes",
            values={"perturbations": idle},
        )
    ]


def read_anew(text: str, change: Callable[[str], str | None], *, sides: tuple[str, ...]) -> str:
    """A changed report as it would come in: repaired, and under the name of its side where it has one.

    Args:
        text: of a report of a corpus.
        change: changes what the report itself says; None where it can not.
        sides: of which each report was read on its own.

    Returns:
        Empty where there is nothing to change.
    """
    from bert4text.data.normalize import normalize
    from bert4text.data.sides import marked, seen_of_side

    side = next((name for name in sides if text.startswith(marked("", name))), None)
    return seen_of_side(text, side, lambda own: normalize(change(own) or ""))
