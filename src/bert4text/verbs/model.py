"""Verbs over models: train, evaluate."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest
from bert4text.core.evaluation import Evaluation
from bert4text.core.issue import Issue
from bert4text.core.messages import load, screen_language
from bert4text.core.output import check_target
from bert4text.core.progress import Progress, silent
from bert4text.evaluation.config import EvaluateConfig
from bert4text.models.embedded import suited
from bert4text.project import Project
from bert4text.store.trail import looks, record, record_look
from bert4text.training.config import TrainConfig
from bert4text.verbs.augmenting import copier_of, copies_warnings
from bert4text.verbs.gates import check_encoder, check_private, check_reading
from bert4text.verbs.learning import Learning
from bert4text.verbs.opening import left_out, open_classifier, open_corpus, settings_of
from bert4text.verbs.run import read_steps
from bert4text.verbs.unproven import group_warnings, point_warnings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from bert4text.models.classifier import Classifier


def train(
    corpus: Corpus | Path | str,
    *,
    config: TrainConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = silent,
) -> Classifier:
    """Fine-tune an encoder with TF-IDF beside it: gates first, guards after, calibrated and reloaded.

    Args:
        corpus: the corpus, or its path.
        config: settings; the project's ``[train]`` if not given.
        project: the project; none but the defaults if not given.
        out: the run folder; nothing is written without it.
        overwrite: whether the run folder may be replaced.
        resume: go on where a killed run of the same ``out`` stopped.
        progress: told how far it is.

    Raises:
        PolicyError: no sufficient basis is declared, or too many identifiers are left in the reports.
        AuditFailed: the audit found something at or above ``audit.fail_on``.
        ConfigError: copies are to be made by a perturbation that there is not, or after which the answer may
            be another.
        GuardError: the training diverged, collapsed, or the saved model does not answer as it did.
        UnknownEncoderError: no encoder goes by that name.
        OutputError: the run folder exists, or an unfinished training lies there.
    """
    from bert4text.training.train import train as trained_on

    project = project or Project()
    settings = settings_of(TrainConfig, config, project=project)
    call = Learning.begun(
        "train",
        corpus,
        project=project,
        out=out,
        overwrite=overwrite,
        resume=resume,
        progress=progress,
    )
    check_encoder(suited(settings.encoder, call.corpus.language))
    check_reading(settings)
    check_private(settings, resume=resume)
    copier = copier_of(settings, call.corpus, project=project, progress=progress)
    return call.learned(
        lambda work: trained_on(
            call.corpus,
            settings,
            seed=project.seed,
            work=work,
            resume=resume,
            copier=copier,
            progress=progress,
        ),
        audited=project.changed("train", **settings.model_dump(exclude_unset=True)),
    )


def evaluate(
    classifier: Classifier | Path | str,
    corpus: Corpus | Path | str,
    *,
    config: EvaluateConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    references: Mapping[str, npt.NDArray[np.float64]] | None = None,
    compare: Classifier | Path | str | None = None,
    out: Path | str | None = None,
    html: Path | str | None = None,
    overwrite: bool = False,
    language: str | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Measure a classifier on unseen reports, beside TF-IDF and the modal class, with intervals.

    Args:
        classifier: the classifier, or the folder of its run.
        corpus: the corpus, or its path; looks at its test split are counted beside the file.
        config: settings; the project's ``[evaluate]`` if not given.
        project: the project; none but the defaults if not given.
        references: further systems: name -> probabilities float64 [n, k] of the reports of the split.
        compare: another run, measured on the same reports.
        out: a folder for ``metrics.json``, ``predictions.parquet`` and ``scorecard.html``.
        html: where the scorecard alone is written too.
        overwrite: whether ``out`` and ``html`` may be replaced.
        language: of the scorecard; the project's, else the locale's, if not given.
        progress: told how far it is.

    Raises:
        PolicyError: the split was used to fit, stop or calibrate one of the models; or an attack was asked
            for, and the corpus is not the one that the model learned from.
        TrailBroken: the ledger of looks at the test split was altered.
        LabelError: the reports have labels that the model does not know, or the other run answers others.
        ConfigError: the groups of labels or their costs do not fit the question, or the fairness contract not
            the reports.
        FairnessFailed: the fairness contract does not hold; everything was written before, and the error
            carries the evaluation.
        EmptyCorpusError: the corpus has no such split.
        OutputError: ``out`` or ``html`` exists or cannot be written.
    """
    from bert4text.evaluation.grouping import declared
    from bert4text.verbs import attacked, evaluated, explained, fair, measure

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(EvaluateConfig, config, project=project)
    opened_classifier = open_classifier(classifier)
    opened, path = open_corpus(corpus, project=project, progress=progress)
    targets = [Path(target) for target in (out, html) if target is not None]
    for target in targets:
        check_target(target, overwrite=overwrite)
    measure.check_unseen(opened_classifier, opened, split=settings.split)
    part = measure.labelled(opened[settings.split])
    measure.check_labels(opened_classifier, part)
    declared(settings.management, opened_classifier.label_space)  # refused before the work, not after
    contract = fair.check_asked(fair.bound(settings, opened_classifier), part, opened_classifier.label_space)
    settings = contract.settings
    members = attacked.members_of(opened_classifier, opened, settings=settings, seed=project.seed)
    rivals = {} if compare is None else measure.rival(compare, opened_classifier)
    for other in rivals.values():
        measure.check_unseen(other, opened, split=settings.split)
    counted = path if settings.split == "test" else None
    if counted is not None:
        looks(counted)  # an altered ledger is refused before the work, not after
    measured = measure.measure(
        opened_classifier,
        part,
        references=references or {},
        compare=rivals,
        counts=measure.train_labels(opened),
        progress=progress,
    )
    predictions = evaluated.predictions(opened_classifier, part, measured)
    evaluation = measure.evaluation(
        opened_classifier,
        part,
        measured,
        predictions,
        settings=settings,
        project=project,
        corpus=opened,
        steps=read_steps(classifier),
        started=started,
        progress=progress,
    )
    evaluation = fair.told(evaluation, contract)
    told = (*group_warnings(opened_classifier, part), *left_out(opened))
    evaluation = evaluation.model_copy(update={"issues": (*evaluation.issues, *told)})
    if members is not None:
        evaluation = attacked.attack(
            evaluation,
            opened_classifier,
            members,
            part,
            measured.probabilities[opened_classifier.delivered],
            settings=settings,
            seed=project.seed,
            progress=progress,
        )
    evaluation = explained.with_explanations(
        evaluation, opened_classifier, part, settings=settings, project=project, progress=progress
    )
    if counted is not None:
        figures = digest(measure.figures(evaluation))
        seen = record_look(counted, model=opened_classifier.digest, metrics=figures)
        evaluation = evaluation.model_copy(update={"seen": seen})
        _trail_look(project, opened, opened_classifier, evaluation)
    if targets:
        translator = load(screen_language(language, project.settings.screen))
        page = evaluated.scorecard_page(evaluation, opened_classifier, translator=translator)
        if out is not None:
            evaluated.write_evaluation(
                evaluation, predictions, opened_classifier, page=page, out=Path(out), overwrite=overwrite
            )
        if html is not None:
            evaluated.write_page(page, Path(html), overwrite=overwrite)
    fair.gate(evaluation)
    return evaluation


def warnings_of(classifier: Classifier, corpus: Corpus) -> list[Issue]:
    """What stops no training, but is told after it: of the encoder's vocabulary, and what was cut."""
    vocabulary = vocabulary_warning(classifier, corpus)
    said = [] if vocabulary is None else [vocabulary]
    found = [*cut_warnings(classifier), *private_warnings(classifier), *point_warnings(classifier)]
    return [*said, *found, *copies_warnings(classifier), *left_out(corpus)]


def private_warnings(classifier: Classifier) -> list[Issue]:
    """Whether a private training protects reports and not patients, or nobody."""
    found = classifier.info.manifest.notes.get("private")
    if found is None:
        return []
    said = []
    if found["noise"] == "seeded":
        said.append(
            Issue(
                check="private",
                severity="warning",
                code="noise-known",
                message="the noise came from the seed, which the manifest tells: this run is not private",
                remedy={"train.private.noise": "secret"},
            )
        )
    elif found["unit"] == "report":
        said.append(
            Issue(
                check="private",
                severity="warning",
                code="unit-report",
                message="patients are not known, so that epsilon holds for each report: a patient with "
                "{several} reports "
                "is charged {several} times as much, and delta grows faster",
                values={"several": 2},
                remedy={"prepare.columns.patient": "..."},
            )
        )
    return said


def cut_warnings(classifier: Classifier) -> list[Issue]:
    """Whether the encoder did not read some reports whole, of those that it learned from or was judged by."""
    manifest = classifier.info.manifest
    cut = manifest.notes.get("cut") or {}
    if not cut or classifier.delivered == "tfidf":
        return []
    count = sum(cut.values())
    return [
        Issue(
            check="window",
            severity="warning",
            code="reports-cut",
            message="reports that were not read whole: {count}, of {splits}; [train.windows] read is {read}",
            values={"count": count, "splits": list(cut), "read": manifest.config["windows"]["read"]},
            reports=count,
        )
    ]


def vocabulary_warning(classifier: Classifier, corpus: Corpus) -> Issue | None:
    """Whether the encoder's vocabulary is not of the reports' language."""
    encoder = classifier.info.encoder
    if encoder is None or not encoder.languages or corpus.language is None:
        return None
    language = corpus.language.split("-")[0].casefold()
    known = {name.split("-")[0].casefold() for name in encoder.languages}
    if language in known or "mul" in known:
        return None
    return Issue(
        check="vocabulary",
        severity="warning",
        code="vocabulary-language",
        message="the vocabulary of {encoder} is {known}, the reports are {language}: their words fall into "
        "many pieces; an encoder of their language would do better (`bert4text encoders list`)",
        values={"encoder": encoder.name, "known": sorted(known), "language": corpus.language},
    )


def _trail_look(project: Project, corpus: Corpus, classifier: Classifier, evaluation: Evaluation) -> None:
    details = {"model": classifier.digest}
    if evaluation.fairness is not None:
        details |= {"contract": evaluation.fairness.digest, "fairness": evaluation.fairness.verdict}
    record(project.trail, "test.seen", subject=f"sha256:{corpus.fingerprint}", details=details)
