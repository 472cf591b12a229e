"""What answers the reports of a fairness benchmark: TF-IDF, or a head on an encoder that stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.models.embedded import suited
from bert4text.models.hub import load_encoder
from bert4text.models.linear_backend import BALANCED, LinearBackend
from bert4text.models.torch_backend import TorchBackend
from bert4text.training.head_start import REGULARIZATION
from bert4text.training.objectives import class_weights
from bert4text.training.reweigh import groups_of, reweighed

Floats = npt.NDArray[np.float64]

SYSTEMS = ("tfidf", "encoder")
"""TF-IDF, and the embedded encoder of the language, frozen; both with logistic regression."""

ATTRIBUTE = "sex"
"""By which training reports are weighed, and thresholds differ."""


@dataclass(frozen=True)
class Lesson:
    """What is learned, and how.

    Attributes:
        reports: to learn from.
        space: the question.
        language: of the reports.
        weighed: whether reports weigh so that sex and label are independent.
        seed: of the solver.
    """

    reports: Sequence[Report]
    space: LabelSpace
    language: str
    weighed: bool
    seed: int

    @property
    def targets(self) -> npt.NDArray[np.int64]:
        """The label of each report."""
        return np.array([self.space.index(label) for one in self.reports for label in one.labels or ()])

    @property
    def weights(self) -> Floats | None:
        """How much each report counts; None is equally."""
        if not self.weighed:
            return None
        corpus = Corpus.from_reports(self.reports, self.space, language=self.language)
        return reweighed(groups_of(corpus, [ATTRIBUTE]), self.targets, attributes=[ATTRIBUTE]).weights


def encoder_of(language: str) -> str:
    """The name of the encoder that reads reports of a language."""
    return suited("auto", language)


def embeddings(reports: Sequence[Report], language: str) -> dict[str, Floats]:
    """What the frozen encoder makes of each report, by id: the mean of all that it reads."""
    loaded = load_encoder(encoder_of(language), labels=LabelSpace(task="binary", names=("a", "b")), seed=0)
    backend = TorchBackend(loaded.model, loaded.tokenizer, window=loaded.info.window)
    found = backend.forward([one.text for one in reports]).embedding
    if found is None:
        raise RuntimeError("the encoder gives no embeddings")
    return {one.id: row for one, row in zip(reports, found.astype(np.float64), strict=True)}


def by_tfidf(lesson: Lesson, asked: Sequence[Report]) -> Floats:
    """Probabilities of reports by TF-IDF that learned a lesson; the temperature is one."""
    (backend,) = LinearBackend.fit_each(
        [one.text for one in lesson.reports],
        lesson.targets,
        len(lesson.space),
        groups=[one.id for one in lesson.reports],
        seed=lesson.seed,
        regressions=[BALANCED],
        weights=lesson.weights,
    )
    logits = backend.forward([one.text for one in asked]).logits.astype(np.float64)
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = likely / likely.sum(axis=1, keepdims=True)
    return found


def by_encoder(lesson: Lesson, asked: Sequence[Report], read: Mapping[str, Floats]) -> Floats:
    """Probabilities by a head that learned a lesson, on what a frozen encoder made of each report.

    The head is the one that a training of ours starts from: logistic regression on standardized embeddings,
    as strong as there, labels weighing by the square root of their rarity.
    """
    learned, said = (np.stack([read[one.id] for one in some]) for some in (lesson.reports, asked))
    scaler = StandardScaler().fit(learned)
    targets, weights = lesson.targets, lesson.weights
    often = np.ones(len(targets)) if weights is None else weights
    sample = often * class_weights(targets, len(lesson.space), "sqrt", often)[targets]
    head = LogisticRegression(C=REGULARIZATION, max_iter=1000, random_state=lesson.seed)
    head.fit(scaler.transform(learned), targets, sample_weight=sample)
    found = np.full((len(asked), len(lesson.space)), 1e-9)
    found[:, head.classes_] = head.predict_proba(scaler.transform(said))
    return found
