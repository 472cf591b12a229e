"""Verbs over data: prepare, audit, synthesize."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bert4text.auditing.config import AuditConfig
from bert4text.core.corpus import Corpus
from bert4text.core.digest import file_digest
from bert4text.core.errors import ConfigError, PolicyError
from bert4text.core.issue import Issue
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.messages import load, screen_language
from bert4text.core.output import check_target
from bert4text.core.progress import Progress, silent
from bert4text.data.config import PrepareConfig
from bert4text.project import Project
from bert4text.store.trail import inherit_looks, record
from bert4text.synthesis.config import SynthesizeConfig
from bert4text.verbs import examined
from bert4text.verbs.declared import declared
from bert4text.verbs.examined import Remedying
from bert4text.verbs.opening import open_corpus, settings_of
from bert4text.verbs.sealing import (
    check_if_sealed,
    keys_noted,
    sealed_if_wanted,
    trail_seal,
)


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
    check_if_sealed(None, project, out)
    result = prepared(
        place,
        settings,
        task=project.settings.task,
        label_names=project.settings.labels,
        off_scale=project.settings.off_scale,
        indeterminate=project.settings.indeterminate,
        language=project.settings.language,
        seed=project.seed,
        pseudonymise=project.pseudonymise,
        progress=progress,
    )
    said = [note.model_dump(mode="json") for note in result.notes]
    parents = (Parent(kind="table", digest=f"sha256:{file_digest(place)}"),) if place.is_file() else ()
    made = sealed_if_wanted(result.corpus, given=None, project=project, out=out, progress=progress)
    corpus = _described(
        made,
        verb="prepare",
        config=settings,
        project=project,
        parents=parents,
        started=started,
        notes={**result.counts, "said": said, **keys_noted(project, "patients" if made.patients else None)},
    )
    if out is not None:
        write_corpus(corpus, Path(out), overwrite=overwrite)
        _trail(project, "corpus.prepared", corpus)
        trail_seal(project, corpus)
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
    apply: Remedying | None = None,
    out: Path | str | None = None,
    html: Path | str | None = None,
    show_text: bool = False,
    overwrite: bool = False,
    language: str | None = None,
    progress: Progress = silent,
) -> list[Issue]:
    """Examine a corpus before anything is trained on it: what gives labels away, leaks, or is too few.

    The findings of a corpus given by its path are kept beside it (``NAME.audit.json``) and used again while
    neither the corpus nor the settings change.

    Args:
        corpus: the corpus, or its path.
        config: settings; the project's ``[audit]`` if not given.
        project: the project; none but the defaults if not given.
        apply: remedies (``prepare.sections``, ``.deduplicate``, ``.split``, ``.label_map``;
            ``rows.set_aside``, ``.relabel``), or the TOML file that holds them: what is examined is the
            corpus that they make.
        out: where that corpus is written; only with ``apply``.
        html: where the verdict page is written.
        show_text: whether the page quotes reports; for local eyes.
        overwrite: whether ``out`` and ``html`` may be replaced.
        language: of the page; the project's, else the locale's, if not given.
        progress: told how far it is.

    Returns:
        The findings, the gravest first. Nothing is raised for a finding: ``core.issue.gate`` does that.

    Raises:
        ConfigError: a bad setting or remedy, or ``out`` without ``apply``.
        DataError: the corpus cannot be read, or the remedies leave nothing of it.
        OutputError: ``out`` or ``html`` exists or cannot be written.
    """
    project = project or Project()
    settings = settings_of(AuditConfig, config, project=project)
    opened, path = _remedied(corpus, apply, project=project, out=out, overwrite=overwrite, progress=progress)
    if html is not None:
        check_target(Path(html), overwrite=overwrite)
        _check_quotes(opened, show_text=show_text)
    key = examined.key_of(opened, settings, project)
    issues = examined.kept(path, key)
    if issues is None:
        issues = examined.examine(opened, settings, project, progress)
        if path is not None:
            examined.keep(path, key, opened, settings, issues)
    if html is not None:
        examined.write_page(
            opened,
            issues,
            Path(html),
            settings=settings,
            translator=load(screen_language(language, project.settings.screen)),
            name="corpus.parquet" if path is None else path.name,
            show_text=show_text,
            overwrite=overwrite,
        )
    return issues


def _check_quotes(corpus: Corpus, *, show_text: bool) -> None:
    """Refuse to write on a page in plain what is sealed."""
    if show_text and corpus.sealed:
        raise PolicyError(
            "the page would hold text of sealed reports in plain",
            hint="leave out --html to see it on the screen alone, or --show-text",
            code="sealed-text",
        )


def _remedied(
    corpus: Corpus | Path | str,
    apply: Remedying | None,
    *,
    project: Project,
    out: Path | str | None,
    overwrite: bool,
    progress: Progress,
) -> tuple[Corpus, Path | None]:
    """What is to be examined, and where it lies: the corpus, or the one that its remedies make."""
    from bert4text.data.write import write_corpus

    if apply is None:
        if out is not None:
            raise ConfigError(
                "an audit writes a corpus only where there are remedies to apply",
                hint="--apply REMEDIES.toml -o PATH; the page goes to --html FILE",
                code="no-remedies",
            )
        return open_corpus(corpus, project=project, progress=progress)
    if out is not None:
        check_target(Path(out), overwrite=overwrite)
    given, path = open_corpus(corpus, project=project, progress=progress)
    check_if_sealed(given, project, out)
    opened = examined.remedied(given, apply, project=project)
    if out is None:
        return opened, None
    opened = sealed_if_wanted(opened, given=given, project=project, out=out, progress=progress)
    write_corpus(opened, Path(out), overwrite=overwrite)
    if path is not None:
        inherit_looks(path, Path(out))
    _trail(project, "corpus.remedied", opened)
    trail_seal(project, opened)
    return opened, Path(out)


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
        **declared(project),
        notes=notes or {},
    )
    return corpus.replace(manifest=manifest)


def _trail(project: Project, action: Any, corpus: Corpus) -> None:
    details = {"reports": len(corpus), "splits": corpus.splits}
    record(project.trail, action, subject=f"sha256:{corpus.fingerprint}", details=details)
