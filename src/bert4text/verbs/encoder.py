"""Verbs that make an encoder: pretrain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.corpus import Corpus
from bert4text.core.output import check_target, writing_folder
from bert4text.core.progress import Progress, silent
from bert4text.models.embedded import suited
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.training.pretrain_config import PretrainConfig
from bert4text.verbs.gates import check_encoder, policy_gate
from bert4text.verbs.opening import open_corpus, settings_of
from bert4text.verbs.working import check_unfinished, working

if TYPE_CHECKING:
    from bert4text.training.pretrain import Pretrained


def pretrain(
    corpus: Corpus | Path | str,
    *,
    out: Path | str,
    config: PretrainConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = silent,
) -> Pretrained:
    """Let an encoder learn the language of reports by finding hidden words; labels are not needed.

    The reports of the split ``test`` are left alone. The folder is an encoder for ``train``; it may remember
    text, so it is as confidential as the reports.

    Args:
        corpus: the corpus, or its path.
        out: the folder of the encoder.
        config: settings; the project's ``[pretrain]`` if not given.
        project: the project; none but the defaults if not given.
        overwrite: whether the folder may be replaced.
        resume: go on where a killed run of the same ``out`` stopped.
        progress: told how far it is.

    Raises:
        PolicyError: no sufficient basis is declared, or too many identifiers are left in the reports.
        UnknownEncoderError: no encoder goes by that name.
        ModelError: it has no mask, or the checkpoint is of another training.
        EmptyCorpusError: there are too few reports.
        OutputError: the folder exists, or an unfinished training lies there.
    """
    project, target = project or Project(), Path(out)
    settings = settings_of(PretrainConfig, config, project=project)
    opened, _ = open_corpus(corpus, project=project, progress=progress)
    check_target(target, overwrite=overwrite)
    check_unfinished(target, resume=resume, overwrite=overwrite)
    basis = policy_gate(opened, project=project, verb="pretrain")
    check_encoder(suited(settings.encoder, opened.language))
    from bert4text.training import pretrain as act

    with working(target, resume=resume) as work:
        found = act.pretrain(opened, settings, seed=project.seed, work=work, resume=resume, progress=progress)
        with writing_folder(target, overwrite=overwrite) as partial:
            act.save(found, partial, corpus=opened.fingerprint, basis=basis)
    corpus_digest = f"sha256:{opened.fingerprint}"
    details = {"corpus": corpus_digest, "encoder": found.config.encoder, "seed": project.seed}
    details |= basis.codes
    record(project.trail, "encoder.pretrained", subject=act.digest_of(target), details=details)
    return found
