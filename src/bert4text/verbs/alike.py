"""The reports of a corpus that a model holds similar to those that it explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bert4text.core.explanation import Similarity
from bert4text.core.messages import N_
from bert4text.core.prediction import Manner, Prediction
from bert4text.core.progress import Progress
from bert4text.core.report import Report
from bert4text.explanation.config import ExplainConfig
from bert4text.project import Project
from bert4text.verbs.given import place_of
from bert4text.verbs.opening import label_space, open_corpus

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.models.classifier import Classifier
    from bert4text.verbs.given import Reports


class Alike(NamedTuple):
    """A corpus made ready for the question which of its reports are similar.

    Attributes:
        corpus: its fingerprint.
        nearest: what is similar to a text, given the id of its report.
    """

    corpus: str
    nearest: Callable[[str, str], Similarity]


def alike(
    classifier: Classifier,
    corpus: Corpus | Path | str,
    reports: Reports | Report,
    *,
    settings: ExplainConfig,
    project: Project,
    progress: Progress,
) -> Alike:
    """Compute the vectors of the labelled reports of a split.

    Args:
        classifier: whose reading of them is compared.
        corpus: the corpus, or its path.
        reports: those that are explained; the patients of a corpus or of records are known.
        settings: ``[explain.similar]`` says how many, and of which split.
        project: whose keys open a sealed corpus.
        progress: told how far it is.

    Raises:
        DataError: the corpus cannot be read.
        EmptyCorpusError: the split has no reports.
        LabelError: it has no labels, or labels that the model does not know.
    """
    from bert4text.core.corpus import Corpus
    from bert4text.data.read_corpus import read_corpus
    from bert4text.explanation.similar import Neighborhood, Placed
    from bert4text.verbs.measure import check_labels, labelled

    asked = settings.similar
    given = corpus if isinstance(corpus, Corpus) else read_corpus(Path(corpus))
    whole, _ = open_corpus(given, project=project, progress=progress)
    label_space(whole)
    check_labels(classifier, whole)
    part = labelled(whole[asked.split])
    rows = {
        name: row for row, name in enumerate(given.table["id"].to_pylist(), start=1)
    }  # of a sealed one too
    placed = [Placed(rows[report.id], report) for report in part]
    patients = _patients(reports, project)
    asker = classifier.answering(Manner(abstain="never", guard=False))

    def agreement(found: Sequence[Report]) -> list[bool | None]:
        answers = asker.predict(list(found))
        return [_agrees(answer, report) for answer, report in zip(answers, found, strict=True)]

    with progress.task(N_("reading reports to compare with"), total=len(placed)) as task:
        near = Neighborhood(classifier.backend, placed, split=asked.split, agreement=agreement, task=task)
    return Alike(
        whole.fingerprint,
        lambda text, name: near.nearest(text, patient=patients.get(name), count=asked.count),
    )


def _agrees(answer: Prediction, report: Report) -> bool | None:
    """Whether an answer is what a report is labelled; None where there is no answer."""
    if answer.status != "ok":
        return None
    if answer.labels is not None:
        return set(answer.labels) == set(report.labels or ())
    return answer.label in (report.labels or ())


def _patients(reports: Reports | Report, project: Project) -> dict[str, str]:
    """The patients of the reports that are explained, by id, where they are known."""
    from bert4text.core.corpus import Corpus
    from bert4text.verbs.tables import is_corpus

    place = None if isinstance(reports, Report) else place_of(reports)
    given: Any = reports
    if isinstance(reports, Report):
        given = [reports]
    elif isinstance(place, Path):
        given = open_corpus(place, project=project)[0] if is_corpus(place) else ()
    elif isinstance(reports, Corpus):
        given = open_corpus(reports, project=project)[0]
    elif not isinstance(reports, Sequence):  # read once, and not here
        given = ()
    return {one.id: one.patient for one in given if isinstance(one, Report) and one.patient is not None}
