"""Sealed corpora: sealing one, opening one for good, and keeping sealed what is made of one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bert4text.core.corpus import SAME, Corpus
from bert4text.core.errors import ConfigError, DataError
from bert4text.core.key_sources import key_id
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.output import check_file
from bert4text.core.progress import Progress, silent
from bert4text.core.seal import check_sealing
from bert4text.project import Project
from bert4text.store.trail import inherit_looks, record
from bert4text.verbs.opening import open_corpus


def seal(
    corpus: Corpus | Path | str,
    *,
    out: Path | str,
    project: Project | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Corpus:
    """Write a corpus of which each report lies encrypted under the key of its patient.

    Every verb opens it where the project has the keys. Whose key is destroyed (``verbs.keys.destroy``) has no
    report in it any more, nor in any copy of it. A corpus that is sealed already gets new seals.

    Args:
        corpus: the corpus, or its path.
        out: where it is written (``.parquet``); it may be the corpus itself, with ``overwrite``.
        project: whose keys seal it; none but the defaults if not given.
        overwrite: whether ``out`` may be replaced.
        progress: told how far it is.

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
        DataError: the corpus cannot be read, or the keys of all its patients were destroyed.
        StoreError: the project's keys cannot be read or made.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.data.sealed import seal_corpus

    project, started = project or Project(), time.perf_counter()
    check_sealed_target(Path(out))
    check_file(Path(out), overwrite=overwrite)
    given, path = open_corpus(corpus, project=project, progress=progress)
    made = seal_corpus(given, project.patient_keys, progress=progress)
    made = _described(made, given, project=project, started=started)
    _write(made, path, Path(out), overwrite=overwrite)
    trail_seal(project, made)
    return made


def unseal(
    corpus: Corpus | Path | str,
    *,
    reason: str,
    out: Path | str,
    project: Project | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Corpus:
    """Write a sealed corpus in plain; who did it and why is written into the trail first.

    From then on its reports outlive the keys of their patients: they must be deleted by hand.

    Args:
        corpus: the sealed corpus, or its path.
        reason: why; it is kept in the trail, so it names nobody.
        out: where it is written.
        project: whose keys open it; none but the defaults if not given.
        overwrite: whether ``out`` may be replaced.
        progress: told how far it is.

    Raises:
        ConfigError: no reason is given.
        DataError: the corpus cannot be read, is not sealed, or a seal was altered.
        StoreError: the project has not the keys.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.data.sealed import without_seals

    project, started = project or Project(), time.perf_counter()
    if not reason.strip():
        raise ConfigError(
            "nothing says why these reports are to lie in plain",
            hint="--reason TEXT: it is kept in the trail, so name nobody in it",
            code="missing-reason",
        )
    check_file(Path(out), overwrite=overwrite)
    given, path = open_corpus(corpus, project=project, progress=progress)
    if not given.sealed:
        raise DataError(
            "this corpus is not sealed: its reports lie in plain",
            hint="`bert4text seal` makes one that is sealed",
            code="not-sealed",
        )
    details = {"reports": given.sealed, "reason": reason.strip(), "left_out": given.unopened}
    record(project.trail, "corpus.unsealed", subject=f"sha256:{given.fingerprint}", details=details)
    made = _described(without_seals(given), given, project=project, started=started)
    _write(made, path, Path(out), overwrite=overwrite)
    return made


def is_to_be_sealed(given: Corpus | None, project: Project) -> bool:
    """Whether a corpus is written sealed: since ``[keys] seal`` says so, or what it is made of was."""
    return bool(project.section("keys").seal or (given is not None and given.sealed))


def check_sealed_target(out: Path) -> None:
    """Find out before any work whether a sealed corpus can be made and written here.

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
        ConfigError: the target is no Parquet file, which alone can be sealed.
    """
    check_sealing()
    if out.suffix.casefold() != ".parquet":
        raise ConfigError(
            "a sealed corpus is written as .parquet, not as {suffix!r}",
            hint="choose a name that ends in .parquet; `bert4text unseal` writes others, in plain",
            code="sealed-format",
            suffix=out.suffix.casefold(),
        )


def check_if_sealed(given: Corpus | None, project: Project, out: Path | str | None) -> None:
    """Find out before any work whether what is to be written sealed can be.

    Args:
        given: what it will be made of, or None.
        project: whose ``[keys] seal`` may ask for it.
        out: where it is to be written.

    Raises:
        MissingExtraError, ConfigError: as ``check_sealed_target``.
    """
    if out is not None and is_to_be_sealed(given, project):
        check_sealed_target(Path(out))


def sealed_if_wanted(
    made: Corpus,
    *,
    given: Corpus | None,
    project: Project,
    out: Path | str | None,
    progress: Progress = silent,
) -> Corpus:
    """What a verb is about to write, sealed if it is to be; what is not written stays as it is.

    Args:
        made: what it made.
        given: what it was made of, or None.
        project: whose keys seal it.
        out: where it is to be written.
        progress: told how far it is.

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
        StoreError: the project's keys cannot be read or made.
    """
    from bert4text.data.sealed import seal_corpus

    if out is None or not is_to_be_sealed(given, project):
        return made
    made = seal_corpus(made, project.patient_keys, progress=progress)
    if made.manifest is None:
        return made
    digest = f"sha256:{made.fingerprint}"
    return made.replace(manifest=made.manifest.model_copy(update={"digest": digest}))


def keys_noted(project: Project, *names: str | None) -> dict[str, Any]:
    """Which keys shaped a corpus, by their ids, for the notes of its manifest: keys are changed at times."""
    used = {name: key_id(project.key(name)) for name in names if name is not None}
    return {"keys": used} if used else {}


def noting_keys(made: Corpus, project: Project, *names: str | None) -> Corpus:
    """The corpus, its manifest telling by their ids which keys shaped it."""
    noted = keys_noted(project, *names)
    if made.manifest is None or not noted:
        return made
    notes = {**made.manifest.notes, **noted}
    return made.replace(manifest=made.manifest.model_copy(update={"notes": notes}))


def trail_seal(project: Project, made: Corpus) -> None:
    """Leave a line in the trail of a corpus that was written sealed; none of another."""
    if made.sealed:
        details = {"reports": made.sealed, "patients": made.patients, "left_out": made.unopened}
        record(project.trail, "corpus.sealed", subject=f"sha256:{made.fingerprint}", details=details)


def _write(made: Corpus, path: Path | None, out: Path, *, overwrite: bool) -> None:
    from bert4text.data.write import write_corpus

    write_corpus(made, out, overwrite=overwrite)
    if path is not None and path.resolve() != out.resolve():
        inherit_looks(path, out)


def _described(made: Corpus, given: Corpus, *, project: Project, started: float) -> Corpus:
    """The corpus with the manifest of the one it was: what was done to its reports stays."""
    digest = f"sha256:{made.fingerprint}"
    before = given.manifest or Manifest(kind="corpus", verb="seal", seed=project.seed)
    parent = Parent(kind="corpus", digest=given.identities[0])
    manifest = before.model_copy(
        update={
            "digest": digest,
            "parents": tuple(dict.fromkeys((parent, *before.parents))),
            "versions": versions(),
            "machine": describe(),
            "created": utc_now(),
            "seconds": round(time.perf_counter() - started, 3),
            "notes": {**before.notes, SAME: [each for each in given.identities if each != digest]},
        }
    )
    return made.replace(manifest=manifest)
