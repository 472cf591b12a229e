"""Verbs that find settings: tune."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.auditing.config import AuditConfig
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.extras import available, missing
from bert4text.core.messages import load, screen_language
from bert4text.core.output import check_file, writing_file
from bert4text.core.progress import Progress, silent
from bert4text.models.embedded import suited
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.training.config import TrainConfig
from bert4text.training.tune_config import TuneConfig
from bert4text.verbs.augmenting import copier_of
from bert4text.verbs.data import audit
from bert4text.verbs.gates import audit_gate, check_encoder, policy_gate
from bert4text.verbs.opening import label_space, open_corpus, settings_of
from bert4text.verbs.working import check_unfinished, working

if TYPE_CHECKING:
    from bert4text.training.tuned import Tuned


def tune(
    corpus: Corpus | Path | str,
    *,
    config: TuneConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = silent,
) -> Tuned:
    """Look for better settings of ``train`` within a time, and tell a gain from noise.

    Reports of ``train`` and ``validation`` are learned from and scored in turn, whole patients at a time;
    those of ``calibration`` and ``test`` are not read. What the project's ``[train]`` sets is not searched.
    Where the gain is not more than noise, ``out`` holds the settings as they were.

    Args:
        corpus: the corpus, or its path.
        config: settings; the project's ``[tune]`` if not given.
        project: the project; none but the defaults if not given.
        out: the file for the settings, ``tuned.toml``; ``--project`` takes it.
        overwrite: whether ``out`` may be replaced.
        resume: go on where a broken off search of the same ``out`` stopped.
        progress: told how far it is.

    Raises:
        PolicyError: no sufficient basis is declared, or too many identifiers are left in the reports.
        AuditFailed: the audit found something at or above ``audit.fail_on``.
        ConfigError: there is nothing to search, or not even the defaults end in time.
        EmptyCorpusError: there are too few patients.
        UnknownEncoderError: no encoder goes by that name.
        MissingExtraError: the extra ``tune`` is not installed.
        OutputError: ``out`` exists, or an unfinished search lies there.
    """
    project = project or Project()
    settings = settings_of(TuneConfig, config, project=project)
    learns = settings_of(TrainConfig, None, project=project)
    target = None if out is None else Path(out)
    opened, path = open_corpus(corpus, project=project, progress=progress)
    if target is not None:
        check_file(target, overwrite=overwrite)
        check_unfinished(target, resume=resume, overwrite=overwrite)
    basis = policy_gate(opened, project=project, verb="tune")
    if not available("optuna"):
        raise missing("optuna")
    from bert4text.training.search import searchable
    from bert4text.training.tune import tune as tuned
    from bert4text.verbs.tuned_file import text_of

    check_encoder(suited(learns.encoder, opened.language))
    if learns.private.epsilon is not None:
        raise ConfigError(
            "tune cannot keep to the budget of [train.private]: each trial would spend it again",
            hint="tune on reports of other patients, without epsilon; then train with what was found",
            code="private-tune",
        )
    searchable(learns, label_space(opened))
    copier = copier_of(learns, opened, project=project, progress=progress)
    issues = audit(path or opened, project=project, progress=progress)
    overrides = audit_gate(issues, settings=settings_of(AuditConfig, None, project=project))
    with working(target, resume=resume) as work:
        found = tuned(
            opened,
            learns,
            settings,
            seed=project.seed,
            work=work,
            resume=resume,
            copier=copier,
            progress=progress,
        )
        text = text_of(found, project, load(screen_language(None, project.settings.screen)))
        if target is not None:
            with writing_file(target, overwrite=overwrite) as partial:
                partial.write_text(text, encoding="utf-8")
    details = {name: getattr(found, name) for name in ("corpus", "encoder", "seed", "trials", "verdict")}
    details |= basis.codes
    subject = f"sha256:{sha256(text.encode()).hexdigest()}"
    record(project.trail, "model.tuned", subject=subject, details=details)
    if overrides:
        record(project.trail, "audit.overridden", subject=found.corpus, details={"overrides": overrides})
    return found
