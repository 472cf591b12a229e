"""Verbs that make a smaller model of a larger one: distill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.core.progress import Progress, silent
from bert4text.project import Project
from bert4text.training.distill_config import TEACHER, DistillConfig
from bert4text.verbs.gates import check_encoder, check_learning
from bert4text.verbs.learning import Learning
from bert4text.verbs.measure import check_unseen
from bert4text.verbs.model import warnings_of as warnings_of_training
from bert4text.verbs.opening import label_space, open_classifier, settings_of

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier

AGREES = 0.9
"""Share of the validation reports that a student is expected to answer as its teacher does."""


def distill(
    teacher: Classifier | Path | str,
    corpus: Corpus | Path | str,
    *,
    config: DistillConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = silent,
) -> Classifier:
    """Let a smaller, faster encoder learn to answer as a teacher does; reports without a label help.

    Gates, guards, calibration, the TF-IDF beside it and who answers are those of ``train``. How student and
    teacher compare on validation reports stands in the manifest (``notes.distilled``).

    Args:
        teacher: the classifier, or the folder of its run or export; whatever it answers with.
        corpus: the corpus, or its path; it asks the question that the teacher answers.
        config: settings; the project's ``[distill]`` if not given.
        project: the project; none but the defaults if not given.
        out: the run folder; nothing is written without it.
        overwrite: whether the run folder may be replaced.
        resume: go on where a killed run of the same ``out`` stopped.
        progress: told how far it is.

    Raises:
        BundleError: the teacher's folder is no bundle, or was altered.
        LabelError: the corpus asks another question than the teacher answers.
        PolicyError: no sufficient basis is declared, too many identifiers are left in the reports, or the
            corpus was dealt anew after the teacher learned from it.
        AuditFailed: the audit found something at or above ``audit.fail_on``.
        GuardError: the training diverged, collapsed, or the saved model does not answer as it did.
        UnknownEncoderError: no encoder goes by that name.
        OutputError: the run folder exists, or an unfinished training lies there.
    """
    from bert4text.training.teacher import beginning

    project = project or Project()
    settings = settings_of(DistillConfig, config, project=project)
    call = Learning.begun(
        "distill",
        corpus,
        project=project,
        out=out,
        overwrite=overwrite,
        resume=resume,
        progress=progress,
    )
    check_learning()
    opened = open_classifier(teacher)
    name = beginning(settings.encoder, opened, call.corpus.language)
    if name != TEACHER:
        check_encoder(name, baseline=False)
    from bert4text.training import distill as act

    act.check_targets(settings)
    act.check_question(opened.label_space, label_space(call.corpus))
    check_unseen(opened, call.corpus, split="test")
    read_by = opened.encoder_name if name == TEACHER else name
    return call.learned(
        lambda work: act.distill(
            opened, call.corpus, settings, seed=project.seed, work=work, resume=resume, progress=progress
        ),
        audited=project.changed("train", encoder=read_by),
        teacher=opened,
    )


def warnings_of(classifier: Classifier, corpus: Corpus) -> list[Issue]:
    """What stops no distillation, but is told after it: as of a training, and of a student that disagrees."""
    disagreement = disagreement_warning(classifier)
    found = warnings_of_training(classifier, corpus)
    return found if disagreement is None else [*found, disagreement]


def disagreement_warning(classifier: Classifier) -> Issue | None:
    """Whether a student answers too many validation reports otherwise than its teacher."""
    found = classifier.info.manifest.notes.get("distilled", {})
    agreement = found.get("agreement")
    if agreement is None or agreement >= AGREES:
        return None
    reports = found["reports"]["validation"]
    return Issue(
        check="distillation",
        severity="warning",
        code="student-disagrees",
        message="the student answers {count} of {reports} validation reports otherwise than its teacher; "
        "more reports without a label, more layers or more epochs bring it closer",
        values={"count": round((1 - agreement) * reports), "reports": reports, "agreement": agreement},
        reports=round((1 - agreement) * reports),
    )
