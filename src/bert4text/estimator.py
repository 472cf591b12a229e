"""BertTextClassifier: what ``train`` does, as a scikit-learn estimator: texts in, labels out."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from bert4text.core.basis import Basis
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.issue import Issue, blocking
from bert4text.core.output import writing_folder
from bert4text.data.arrays import classes_of, corpus_of, names_of, texts_of
from bert4text.data.config import SplitConfig
from bert4text.models.classifier import Classifier
from bert4text.models.estimator_file import FILE, FORMAT, Saved, no_estimator, read_saved
from bert4text.project import Project
from bert4text.training.config import TrainConfig
from bert4text.verbs.declared import declared_later, declared_texts

UNSAID = (
    "nothing is declared of these texts, and save() will refuse: if they are reports of patients give "
    "policy={...} (the keys of [policy] in bert4text.toml), if they are of no patient origin='synthetic'"
)
PROBES = 16
"""Texts, made of the vocabulary, that a saved estimator must answer as it did before."""


class AuditWarning(UserWarning):
    """Something to know of the reports an estimator was fitted on: what the audit found, what was cut."""


class PolicyWarning(UserWarning):
    """An estimator learns from texts that may be of patients, and nothing is declared of them."""


class BertTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fine-tune an encoder on texts and labels, calibrated, with what the audit finds told as warnings.

    ``fit`` does what ``bert4text train`` does: it splits off validation and calibration reports (whole
    groups, where groups are given; equal texts stay together), audits, fits TF-IDF and the encoder, guards
    and calibrates. Nothing is printed and nothing is written to the trail.

    Texts are taken for reports of patients unless ``origin`` says that they are of none. Without ``policy``,
    ``fit`` warns and ``save`` refuses; with it, ``fit`` asks for what ``bert4text train`` asks for.

    Args:
        encoder: a name in ``bert4text encoders``, a folder, ``auto`` for the embedded one of the texts'
            language, or ``tfidf``, which needs no torch.
        adaptation: what learns: ``full`` or ``head``.
        effort: ``quick``, ``standard`` or ``thorough``; fills epochs and patience.
        epochs: passes over the training reports.
        learning_rate: the highest of the encoder.
        batch_size: reports that one step learns from.
        validation: share of the reports to stop by.
        calibration: share of the reports to calibrate probabilities on.
        thresholds: choose a threshold for each label; the answer then is not always the most
            probable label.
        settings: any other keys of ``[train]``, for example ``{"windows": {"size": 256}}``.
        policy: what is declared of real texts, as in ``[policy]`` of ``bert4text.toml``.
        origin: ``real``, or ``synthetic`` for texts that are of no patient.
        random_state: the one seed, an integer.

    Attributes:
        classes_: the labels, sorted, in their own dtype; the order of the columns of ``predict_proba``.
        classifier_: the ``Classifier``.
        issues_: what the audit found.
    """

    classes_: npt.NDArray[Any]
    classifier_: Classifier
    issues_: list[Issue]

    def __init__(
        self,
        encoder: str = "auto",
        *,
        adaptation: str = "full",
        effort: str = "standard",
        epochs: int | None = None,
        learning_rate: float | None = None,
        batch_size: int = 16,
        validation: float = 0.15,
        calibration: float = 0.1,
        thresholds: bool = False,
        settings: Mapping[str, Any] | None = None,
        policy: Mapping[str, Any] | None = None,
        origin: str = "real",
        random_state: int = 7,
    ) -> None:
        self.encoder = encoder
        self.adaptation = adaptation
        self.effort = effort
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.validation = validation
        self.calibration = calibration
        self.thresholds = thresholds
        self.settings = settings
        self.policy = policy
        self.origin = origin
        self.random_state = random_state

    def fit(self, X: Iterable[str], y: Iterable[Any], *, groups: Iterable[Any] | None = None) -> Self:  # noqa: N803 - scikit-learn's name
        """Learn from texts and one label each.

        Args:
            X: n texts: a list, an array or a column of any table.
            y: n labels, strings or integers.
            groups: what belongs together, for example the patient of each report; kept on one side of
                each split.

        Raises:
            DataError: X is no sequence of texts, one is empty, or lengths disagree.
            LabelError: y has no or one class only, or is no single label for each report.
            ConfigError: a parameter has a bad value.
            PolicyError: ``policy`` lacks something, or declares what is refused.
            GuardError: the training diverged or collapsed.
        """
        from bert4text.training.train import train
        from bert4text.verbs.augmenting import copier_of, copies_warnings
        from bert4text.verbs.model import cut_warnings
        from bert4text.verbs.opening import label_space
        from bert4text.verbs.run import classifier_of, manifest_of

        started = time.perf_counter()
        project = self._project()
        settings = project.section("train")
        texts = texts_of(X)
        classes, labels = classes_of(y, n=len(texts))
        corpus = corpus_of(texts, labels, names=names_of(classes), groups=groups, origin=self.origin)
        basis, undeclared = self._declared(corpus)
        corpus = self._split(corpus, seed=project.seed)
        issues = self._audited(corpus, project)
        with tempfile.TemporaryDirectory(prefix="bert4text-") as work:
            trained = train(
                corpus,
                settings,
                seed=project.seed,
                work=Path(work),
                copier=copier_of(settings, corpus, project=project),
            )
        manifest = manifest_of(
            corpus,
            trained,
            project=project,
            overrides=[*sorted({f"shown:{issue.check}" for issue in issues}), *undeclared],
            basis=basis,
            seconds=time.perf_counter() - started,
        )
        toml = project.toml(train=trained.config)
        self.classifier_ = classifier_of(trained, label_space(corpus), manifest=manifest, toml=toml)
        self.classes_ = classes
        self.issues_ = issues
        for found in (*cut_warnings(self.classifier_), *copies_warnings(self.classifier_)):
            warnings.warn(str(found), AuditWarning, stacklevel=2)
        return self

    def predict(self, X: Iterable[str]) -> npt.NDArray[Any]:  # noqa: N803 - scikit-learn's name
        """The label of each text, in the dtype of ``y``; each gets one, whatever risk was set.

        Raises:
            NotFittedError: ``fit`` was not called.
            DataError: X is no sequence of texts, or one is empty.
        """
        probabilities = self.predict_proba(X)
        answers: npt.NDArray[Any] = self.classes_[self.classifier_.calibrator.decide(probabilities)]
        return answers

    def predict_proba(self, X: Iterable[str]) -> npt.NDArray[np.float64]:  # noqa: N803 - scikit-learn's name
        """Calibrated probabilities of each text, float64 [n, k] in the order of ``classes_``.

        Raises:
            NotFittedError: ``fit`` was not called.
            DataError: X is no sequence of texts, or one is empty.
        """
        check_is_fitted(self, "classifier_")
        texts = texts_of(X)
        if not texts:
            return np.empty((0, len(self.classes_)))
        return self.classifier_.probabilities(texts)

    def save(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Write a bundle and ``estimator.json`` into a folder; ``bert4text predict`` takes the folder too.

        Raises:
            NotFittedError: ``fit`` was not called.
            OutputError: the folder exists (without ``overwrite``) or cannot be written.
            GuardError: the saved model does not answer as it did before.
            PolicyError: it learned from texts of which nothing is declared; ``set_params(policy=...)`` mends
                that without fitting anew.
        """
        from bert4text.models import bundle
        from bert4text.training.guards import check_same_answers

        check_is_fitted(self, "classifier_")
        self.classifier_.info = declared_later(
            self.classifier_, self.policy, synthetic=self.origin == "synthetic"
        )
        saved = Saved(
            format=FORMAT,
            parameters=_plain(self.get_params()),
            dtype=self.classes_.dtype.str,
            classes=tuple(self.classes_.tolist()),
        )
        info = self.classifier_.info
        with writing_folder(Path(path), overwrite=overwrite) as partial:
            digest = bundle.save(
                self.classifier_, partial, manifest=info.manifest, config_toml=info.config, card=info.card
            )
            (partial / FILE).write_text(saved.model_dump_json(indent=2) + "\n", encoding="utf-8")
            probes = _probes(self.classifier_)
            again = Classifier.load(partial)
            check_same_answers(self.classifier_.probabilities(probes), again.probabilities(probes))
        self.classifier_.digest = digest

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Open what ``save`` wrote, after checking every file of the bundle.

        Raises:
            BundleError: it is no saved estimator, lacks a file, or was altered.
        """
        folder = Path(path)
        classifier = Classifier.load(folder)
        saved = read_saved(folder)
        try:
            estimator = cls(**saved.parameters)
            classes = np.array(saved.classes, dtype=np.dtype(saved.dtype))
        except (TypeError, ValueError):  # their messages quote values
            raise no_estimator(folder) from None
        if names_of(classes) != classifier.label_space.names:
            raise no_estimator(folder)
        estimator.classifier_ = classifier
        estimator.classes_ = classes
        estimator.issues_ = []
        return estimator

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags

    def _project(self) -> Project:
        if isinstance(self.random_state, bool) or not isinstance(self.random_state, int | np.integer):
            raise ConfigError(
                "random_state is {found}, not an integer",
                hint="the same integer gives the same model",
                code="bad-seed",
                found=type(self.random_state).__name__,
            )
        own = {
            name: value
            for name in ("encoder", "adaptation", "effort", "epochs", "learning_rate")
            if (value := getattr(self, name)) is not None
        }
        given: dict[str, Any] = _plain({**own, **(self.settings or {})})
        for section, value in (
            ("batches", {"size": _plain_value(self.batch_size)}),
            ("calibration", {"thresholds": self.thresholds}),
        ):
            more = given.get(section, {})
            given[section] = {**value, **more} if isinstance(more, Mapping) else more
        config = TrainConfig.parse(given, section="train")
        project = Project().changed("project", seed=int(self.random_state))
        return project.changed("train", **config.model_dump(exclude_unset=True))

    def _declared(self, corpus: Corpus) -> tuple[Basis, list[str]]:
        """What is declared of the texts, and what the manifest's overrides are to say where nothing is."""
        if self.policy is None and self.origin == "real":
            warnings.warn(UNSAID, PolicyWarning, stacklevel=3)
        return declared_texts(self.policy, corpus)

    def _split(self, corpus: Corpus, *, seed: int) -> Corpus:
        from bert4text.data.split import split_corpus

        shares = {"validation": self.validation, "calibration": self.calibration, "test": 0.0}
        config = SplitConfig.parse({"train": 1 - sum(shares.values()), **shares}, section="prepare.split")
        return split_corpus(corpus, config, seed=seed)

    def _audited(self, corpus: Corpus, project: Project) -> list[Issue]:
        from bert4text.verbs.data import audit

        found = blocking(audit(corpus, config={"fail_on": "warning"}, project=project), fail_on="warning")
        for issue in found:
            warnings.warn(f"{issue.check}: {issue}", AuditWarning, stacklevel=3)
        return found


def _probes(classifier: Classifier) -> list[str]:
    """Texts to compare a model with itself by, without any report: the terms of its vocabulary."""
    systems = classifier.systems()
    backend: Any = systems["tfidf"][0]
    terms = sorted(backend.vocabulary)
    return [" ".join(terms[place::PROBES]) or "-" for place in range(PROBES)]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON and TOML know them: NumPy's scalars, which grid searches hand in, become Python's."""
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, Path) else value
