"""Verbs over identifiers: deidentify, reidentify."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bert4text.core.codes import PREFIXES
from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest
from bert4text.core.errors import ConfigError, DataError
from bert4text.core.executor import Executor, local
from bert4text.core.language import detect
from bert4text.core.machine import cores, describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.messages import N_
from bert4text.core.output import check_target
from bert4text.core.progress import Progress, silent
from bert4text.execution.processes import Processes
from bert4text.models.recognizer import Recognizer
from bert4text.privacy.census import census
from bert4text.privacy.config import DeidentifyConfig, ReidentifyConfig
from bert4text.privacy.corpus import Found, deidentify_corpus, named_again
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.policy import load_policy
from bert4text.privacy.table import Tally
from bert4text.project import Project
from bert4text.store.trail import inherit_looks, record
from bert4text.verbs.cut import reading_of
from bert4text.verbs.decided import decisions_of
from bert4text.verbs.declared import declared
from bert4text.verbs.opening import open_corpus, settings_of
from bert4text.verbs.recognized import beside, find_recognizer
from bert4text.verbs.sealing import (
    check_if_sealed,
    noting_keys,
    sealed_if_wanted,
    trail_seal,
)

MANY = 2000
"""Reports from which on other processes pay."""

KEY = "dates"
"""Name of the key that dates are moved by and codes of hashes are made with."""


def deidentify(
    corpus: Corpus | Path | str,
    *,
    config: DeidentifyConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Corpus:
    """Find what identifies persons in the reports of a corpus and replace it as a policy says.

    The result is de-identified, which is not anonymous: it stays personal data. What was found is kept in
    counts (``corpus.deidentified``), never as text. Ids, patients, episodes and sites get random codes, whose
    table is kept beside the project's keys.

    Args:
        corpus: the corpus, or its path.
        config: settings; the project's ``[deidentify]`` if not given.
        project: the project; none but the defaults if not given.
        out: where the corpus is written.
        overwrite: whether ``out`` may be replaced.
        executor: where reports are read; as ``workers`` says if not given.
        progress: told how far it is.

    Raises:
        ConfigError: a bad setting, or an action that the policy refuses.
        DataError: the corpus cannot be read.
        StoreError: the project's keys or codes cannot be read or made.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.data.write import write_corpus

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(DeidentifyConfig, config, project=project)
    if out is not None:
        check_target(Path(out), overwrite=overwrite)
    key = key_of(settings, project)
    given, path = open_corpus(corpus, project=project, progress=progress)
    check_if_sealed(given, project, out)
    decisions = decisions_of(project)
    recognizer = find_recognizer(settings.recognizer)
    deidentifier = Deidentifier(
        settings, language=given.language, key=key, detectors=beside(recognizer), decisions=decisions
    )
    made, found = deidentify_corpus(
        given,
        deidentifier,
        code=project.codes.of,
        executor=executor or _executor(settings.workers, reports=len(given)),
        progress=progress,
    )
    told = told_of(settings, found, recognizer, reports=len(made))
    made = made.replace(deidentified=told)
    made = _described(made, given, "deidentify", _settings_told(settings), project=project, started=started)
    review = decisions.summary() if decisions else None
    if review is not None and made.manifest is not None:
        notes = {**made.manifest.notes, "review": review}
        made = made.replace(manifest=made.manifest.model_copy(update={"notes": notes}))
    made = noting_keys(made, project, None if key is None else KEY)
    made = sealed_if_wanted(made, given=given, project=project, out=out, progress=progress)
    if out is not None:
        write_corpus(made, Path(out), overwrite=overwrite)
        trail_seal(project, made)
        if path is not None:
            inherit_looks(path, Path(out))
        record(
            project.trail,
            "corpus.deidentified",
            subject=f"sha256:{made.fingerprint}",
            details={
                "reports": len(made),
                "policy": settings.policy,
                "found": dict(found.counts),
                **({"review": review} if review else {}),
            },
        )
    return made


def reidentify(
    corpus: Corpus | Path | str,
    *,
    config: ReidentifyConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Corpus:
    """Give a de-identified corpus its ids, patients, episodes and sites back; texts stay as they are.

    Only who has the project's table of codes can. That it was done, by whom and why, is written into the
    trail before anything is given back.

    Args:
        corpus: the corpus, or its path.
        config: settings, the reason among them; the project's ``[reidentify]`` if not given.
        project: the project; none but the defaults if not given.
        out: where the corpus is written.
        overwrite: whether ``out`` may be replaced.
        progress: told how far it is.

    Raises:
        ConfigError: no reason is given.
        DataError: the corpus cannot be read, or was not de-identified.
        StoreError: the table of codes cannot be read, or lacks codes of this corpus.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.data.write import write_corpus

    project, started = project or Project(), time.perf_counter()
    reason = settings_of(ReidentifyConfig, config, project=project).reason.strip()
    if not reason:
        raise ConfigError(
            "nothing says why these patients are to be named again",
            hint="--reason TEXT: it is kept in the trail, so name nobody in it",
            code="missing-reason",
        )
    if out is not None:
        check_target(Path(out), overwrite=overwrite)
    given, path = open_corpus(corpus, project=project, progress=progress)
    check_if_sealed(given, project, out)
    if given.deidentified is None:
        raise DataError(
            "this corpus was not de-identified: its ids and patients are as they came",
            hint="`bert4text deidentify` makes one that can be led back",
            code="not-deidentified",
        )
    with progress.task(N_("looking up codes"), len(PREFIXES)) as task:
        columns = {}
        for kind in PREFIXES:
            columns[kind] = named_again(given.table[kind].to_pylist(), project.codes.originals(kind), kind)
            task.advance()
    details = {"reports": len(given), "reason": reason}
    record(project.trail, "text.reidentified", subject=f"sha256:{given.fingerprint}", details=details)
    made = given
    for kind, values in columns.items():
        made = made.with_column(kind, values)
    made = made.replace(deidentified=None)
    made = _described(made, given, "reidentify", {"reason": reason}, project=project, started=started)
    made = sealed_if_wanted(made, given=given, project=project, out=out, progress=progress)
    if out is not None:
        write_corpus(made, Path(out), overwrite=overwrite)
        trail_seal(project, made)
        if path is not None:
            inherit_looks(path, Path(out))
    return made


def deidentify_text(
    text: str | bytes,
    *,
    config: DeidentifyConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
) -> str:
    """One report without the identifiers that were found in it; nothing is written.

    Args:
        text: the report; bytes are decoded as those of a file.
        config: settings; the project's ``[deidentify]`` if not given.
        project: the project; none but the defaults if not given.

    Raises:
        ConfigError: a bad setting, or an action that the policy refuses.
        SchemaError: the bytes are no text.
        StoreError: the project's key cannot be read or made.
    """
    from bert4text.data.encoding import decoded
    from bert4text.data.normalize import normalize

    project = project or Project()
    text = decoded(text) if isinstance(text, bytes) else text
    settings = settings_of(DeidentifyConfig, config, project=project)
    report = normalize(text)
    language = project.settings.language or detect(report)
    looks = beside(find_recognizer(settings.recognizer))
    key = key_of(settings, project)
    deidentifier = Deidentifier(settings, language=language, key=key, detectors=looks)
    return deidentifier(report, subject=digest(report)).text


def _described(
    made: Corpus, given: Corpus, verb: str, config: dict[str, Any], *, project: Project, started: float
) -> Corpus:
    """The corpus with a manifest that tells which one it was made from, and how."""
    manifest = Manifest(
        kind="corpus",
        verb=verb,
        digest=f"sha256:{made.fingerprint}",
        parents=(Parent(kind="corpus", digest=f"sha256:{given.fingerprint}"),),
        config=config,
        versions=versions(),
        machine=describe(),
        seed=project.seed,
        created=utc_now(),
        seconds=round(time.perf_counter() - started, 3),
        notes={"reading": reading} if (reading := reading_of(given)) else {},
        **declared(project),
    )
    return made.replace(manifest=manifest)


def _executor(workers: int, *, reports: int) -> Executor:
    """Where reports are read: in this process where the start of others takes longer than the work."""
    wanted = workers or (cores() if reports >= MANY else 1)
    return Processes(wanted) if wanted > 1 else local


def key_of(settings: DeidentifyConfig, project: Project) -> bytes | None:
    """The key of the project where the policy asks for one."""
    return project.key(KEY) if load_policy(settings.policy, changes=settings.actions).keyed else None


def told_of(
    settings: DeidentifyConfig, found: Found | Tally, recognizer: Recognizer | None, *, reports: int
) -> dict[str, Any]:
    """What the corpus says of how it was de-identified."""
    return {
        "policy": settings.policy,
        "actions": settings.actions,
        "detectors": settings.detectors,
        "weeks": settings.weeks,
        "settings": digest(settings.model_dump(mode="json", exclude={"columns", "review_below", "reviewer"})),
        "recognizer": None if recognizer is None else f"sha256:{recognizer.info.digest}",
        "given_names": bool(census()),
        "reports": reports,
        "found": dict(sorted(found.counts.items())),
        "in_reports": dict(sorted(found.reports.items())),
        "residue": {"reports": found.leaking, "kinds": dict(sorted(found.left.items()))},
    }


def _settings_told(settings: DeidentifyConfig) -> dict[str, Any]:
    """The settings as a manifest keeps them: of the words that are kept or hidden only how many there are."""
    told = settings.model_dump(mode="json")
    return {**told, "keep": len(settings.keep), "also": len(settings.also)}
