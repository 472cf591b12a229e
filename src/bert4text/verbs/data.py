"""Verbs over data: prepare, audit, synthesize."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bert4text.auditing.config import AuditConfig
from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest, file_digest
from bert4text.core.errors import ConfigError, MissingExtraError, ModelError
from bert4text.core.issue import Issue, blocking
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.output import check_target, writing_file
from bert4text.core.progress import Progress, silent
from bert4text.data.config import PrepareConfig
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.synthesis.config import SynthesizeConfig
from bert4text.verbs.opening import open_corpus, settings_of


def prepare(
    source: Path | str | None = None,
    *,
    config: PrepareConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Corpus:
    """Read a table of reports, repair it, take its labels, drop duplicates, pseudonymise patients and split.

    Args:
        source: CSV, TSV, JSON lines, Parquet, Excel, or a folder of ``.txt``; else ``[prepare] source``.
        config: settings; the project's ``[prepare]`` if not given.
        project: the project; none but the defaults if not given.
        out: where the corpus is written (``.parquet``); nothing is written without it.
        overwrite: whether ``out`` may be replaced.
        progress: told how far it is.

    Raises:
        ConfigError: there is no source, or a bad setting.
        DataError: the table cannot be read or represented.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.data.prepare import prepare as prepared
    from bert4text.data.write import write_corpus

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(PrepareConfig, config, project=project)
    place = _source(source, settings, project)
    if out is not None:
        check_target(Path(out), overwrite=overwrite)
    result = prepared(
        place,
        settings,
        task=project.settings.task,
        label_names=project.settings.labels,
        language=project.settings.language,
        seed=project.seed,
        pseudonymise=project.pseudonymise,
        progress=progress,
    )
    said = [note.model_dump(mode="json") for note in result.notes]
    parents = (Parent(kind="table", digest=f"sha256:{file_digest(place)}"),) if place.is_file() else ()
    corpus = _described(
        result.corpus,
        verb="prepare",
        config=settings,
        project=project,
        parents=parents,
        started=started,
        notes={**result.counts, "said": said},
    )
    if out is not None:
        write_corpus(corpus, Path(out), overwrite=overwrite)
        _trail(project, "corpus.prepared", corpus)
    return corpus


def synthesize(
    generator: str,
    *,
    n: int | None = None,
    config: SynthesizeConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Corpus:
    """Make synthetic reports that say they are synthetic, split as ``[prepare.split]`` says.

    Args:
        generator: ``founding`` (states the label; kept to show what the audit blocks) or ``cytology``.
        n: how many; as many as the generator's table holds if not given.
        config: settings; the project's ``[synthesize]`` if not given.
        project: the project; none but the defaults if not given.
        out: where the corpus is written.
        overwrite: whether ``out`` may be replaced.
        progress: told how far it is.

    Raises:
        ConfigError: no such generator, or a bad setting.
        MissingExtraError: the extra ``synthesis`` is not installed and the generator needs it.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.data.split import split_corpus
    from bert4text.data.write import write_corpus
    from bert4text.synthesis.synthesize import synthesize as synthesized

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(SynthesizeConfig, config, project=project)
    if out is not None:
        check_target(Path(out), overwrite=overwrite)
    language = project.settings.language or "pt-BR"
    made = synthesized(generator, settings, n=n, language=language, seed=project.seed, progress=progress)
    made = split_corpus(made, settings_of(PrepareConfig, None, project=project).split, seed=project.seed)
    corpus = _described(
        made,
        verb="synthesize",
        config=settings,
        project=project,
        started=started,
        notes={"generator": generator},
    )
    if out is not None:
        write_corpus(corpus, Path(out), overwrite=overwrite)
        _trail(project, "corpus.synthesized", corpus)
    return corpus


def audit(
    corpus: Corpus | Path | str,
    *,
    config: AuditConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    progress: Progress = silent,
) -> list[Issue]:
    """Examine a corpus before anything is trained on it: what gives labels away, leaks, or is too few.

    The findings of a corpus given by its path are kept beside it (``NAME.audit.json``) and used again while
    neither the corpus nor the settings change.

    Args:
        corpus: the corpus, or its path.
        config: settings; the project's ``[audit]`` if not given.
        project: the project; none but the defaults if not given.
        progress: told how far it is.

    Returns:
        The findings, the gravest first. Nothing is raised for a finding: ``core.issue.gate`` does that.

    Raises:
        ConfigError: a bad setting.
        DataError: the corpus cannot be read.
    """
    project = project or Project()
    settings = settings_of(AuditConfig, config, project=project)
    opened, path = open_corpus(corpus)
    key = _audit_key(opened, settings, project)
    kept = _kept_audit(path, key)
    if kept is not None:
        return kept
    issues = _audited(opened, settings, project, progress)
    if path is not None:
        _keep_audit(path, key, opened, settings, issues)
    return issues


def audit_document(corpus: Corpus, issues: list[Issue], *, settings: AuditConfig) -> dict[str, Any]:
    """The findings as ``issues/1``."""
    return {
        "format": "issues/1",
        "corpus": f"sha256:{corpus.fingerprint}",
        "verdict": "blocked" if blocking(issues, fail_on=settings.fail_on) else "passed",
        "items": [issue.model_dump(mode="json") for issue in issues],
    }


def _source(source: Path | str | None, settings: PrepareConfig, project: Project) -> Path:
    if source is not None:
        return Path(source)
    if settings.source is None:
        raise ConfigError(
            "there is nothing to read", hint="give a SOURCE, or set [prepare] source", code="no-source"
        )
    return (project.folder or Path()) / settings.source


def _described(
    corpus: Corpus,
    *,
    verb: str,
    config: PrepareConfig | SynthesizeConfig,
    project: Project,
    started: float,
    parents: tuple[Parent, ...] = (),
    notes: dict[str, Any] | None = None,
) -> Corpus:
    manifest = Manifest(
        kind="corpus",
        verb=verb,
        digest=f"sha256:{corpus.fingerprint}",
        parents=parents,
        config=config.model_dump(mode="json"),
        versions=versions(),
        machine=describe(),
        seed=project.seed,
        created=utc_now(),
        seconds=round(time.perf_counter() - started, 3),
        legal_basis=project.section("policy").legal_basis,
        notes=notes or {},
    )
    return corpus.replace(manifest=manifest)


def _trail(project: Project, action: Any, corpus: Corpus) -> None:
    details = {"reports": len(corpus), "splits": corpus.splits}
    record(project.trail, action, subject=f"sha256:{corpus.fingerprint}", details=details)


def _audited(corpus: Corpus, settings: AuditConfig, project: Project, progress: Progress) -> list[Issue]:
    from bert4text.auditing.audit import audit as audited

    lengths, window = _token_counter(project.section("train").encoder)
    return audited(corpus, settings, seed=project.seed, lengths=lengths, window=window, progress=progress)


def _token_counter(encoder: str) -> tuple[Callable[[Sequence[str]], Sequence[int]] | None, int]:
    """Count tokens as the encoder would; words stand in for it where it is not at hand."""
    from bert4text.models.tokenizer import lengths, window_of

    if encoder == "tfidf":
        return None, 256
    try:
        return lengths(encoder), window_of(encoder)
    except (ModelError, MissingExtraError):  # `train` will say so; the audit needs only a measure
        return None, 256


def _audit_key(corpus: Corpus, settings: AuditConfig, project: Project) -> str:
    return digest(
        {
            "corpus": corpus.fingerprint,
            "settings": settings.model_dump(mode="json", exclude={"fail_on"}),
            "encoder": project.section("train").encoder,
            "seed": project.seed,
            "version": versions().get("bert4text"),
        }
    )


def _audit_path(path: Path) -> Path:
    return path.with_name(path.stem + ".audit.json")


def _kept_audit(path: Path | None, key: str) -> list[Issue] | None:
    if path is None or not _audit_path(path).exists():
        return None
    try:
        kept = json.loads(_audit_path(path).read_text(encoding="utf-8"))
        if kept.get("key") != key or kept.get("items_digest") != digest(kept["items"]):
            return None
        return [Issue.model_validate(item) for item in kept["items"]]
    except (OSError, ValueError, KeyError, AttributeError):  # unreadable: examine anew
        return None


def _keep_audit(path: Path, key: str, corpus: Corpus, settings: AuditConfig, issues: list[Issue]) -> None:
    document = audit_document(corpus, issues, settings=settings)
    document.update(key=key, items_digest=digest(document["items"]))
    with writing_file(_audit_path(path), overwrite=True) as partial:
        partial.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
