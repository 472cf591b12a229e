"""Keys of a project: what there is, a new one in the place of another, and one that is destroyed for ever."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from bert4text.core.config import Record
from bert4text.core.errors import ConfigError, NotFoundError, StoreError
from bert4text.core.key_sources import key_id
from bert4text.core.keys import NEXT, USES, pseudonym
from bert4text.core.patient_keys import MASTER
from bert4text.core.seal import check_sealing
from bert4text.project import Project
from bert4text.store.trail import record

PSEUDONYM = re.compile(r"p-[0-9a-f]{16}|r-[0-9a-f]{16}")


class Listed(Record):
    """What is told of a key; never the key.

    Attributes:
        name: what it is for, with a number if it is a former one.
        id: 16 hex that tell it from others, or None where there is none.
        origin: its file, its variable of the environment, or the program that gives it.
        days: since it was made, where that is known.
        problem: the code of the error that keeps it from being used.
    """

    name: str
    id: str | None = None
    origin: str
    days: int | None = None
    problem: str | None = None


class Changed(Record):
    """A key that took the place of another.

    Attributes:
        name: what it is for.
        previous: id of the key before, empty if the change was begun before.
        now: id of the key that is used from now on.
        keys: keys of patients that were wrapped anew.
        resumed: whether a change that was broken off came to its end.
        to_do: whether the owner of the vault still has to give the new key its name.
    """

    name: str
    previous: str
    now: str
    keys: int = 0
    resumed: bool = False
    to_do: bool = False


class Destroyed(Record):
    """Keys of a patient that are gone.

    Attributes:
        names: the pseudonyms and codes whose keys were destroyed now.
        before: those whose keys had been destroyed before -> when.
    """

    names: tuple[str, ...] = ()
    before: dict[str, str] = Field(default_factory=dict)


def list_keys(project: Project | None = None) -> dict[str, Any]:
    """What keys there are, as ``keys/1``; none is made and none is told.

    Args:
        project: the project; none but the defaults if not given.
    """
    keys = (project or Project()).keys
    former = [name for use in USES for name in keys.retired(use)] if keys.in_files else []
    items = [_listed(project or Project(), name) for name in (*USES, *former)]
    return {
        "format": "keys/1",
        "source": keys.settings.source,
        "folder": str(keys.folder),
        "seal": keys.settings.seal,
        "items": [item.model_dump(mode="json") for item in items],
        "patients": _patients(project or Project()),
    }


def rotate(name: str = MASTER, *, project: Project | None = None) -> Changed:
    """Put a new key in the place of another.

    A new master key wraps the keys of patients anew; no corpus changes, and what is sealed opens as before.
    The old one is gone then: copies of the table of patients' keys that were made before open no more. A new
    key ``patients`` gives patients of corpora that are made from now on other pseudonyms, a new key ``dates``
    moves their dates otherwise: corpora of before and after do not fit together any more. The former key is
    kept under a name with a number, and manifests tell by its id which key made a corpus.

    Args:
        name: ``master``, ``patients`` or ``dates``.
        project: the project; none but the defaults if not given.

    Raises:
        ConfigError: there is no such key.
        MissingExtraError: the extra ``seal`` is not installed.
        StoreError: there is no key to change, or keys cannot be read or written.
    """
    project = project or Project()
    _check_name(name)
    changed = _master(project) if name == MASTER else _retired(project, name)
    details = {"name": name, "previous": changed.previous, "keys": changed.keys}
    record(project.trail, "key.rotated", subject=changed.now, details=details)
    return changed


def names_of(patient: str, *, project: Project | None = None, raw: bool = False) -> list[str]:
    """All names under which keys of a person may stand: pseudonyms, and codes of de-identified corpora.

    Args:
        patient: the pseudonym or code (``p-``), the name of a report's own key (``r-``), or with ``raw`` the
            patient's own identifier, as it stands in the source.
        project: the project; none but the defaults if not given.
        raw: whether it is the patient's own identifier.

    Raises:
        ConfigError: it is no pseudonym.
        StoreError: the table of codes or a key cannot be read.
    """
    project = project or Project()
    if raw:
        keys = [project.keys.find("patients")]
        keys += [project.keys.find(name) for name in project.keys.retired("patients")]
        first = [pseudonym(key, patient) for key in keys if key is not None]
    elif PSEUDONYM.fullmatch(patient):
        first = [patient]
    else:
        raise ConfigError(
            "that is no pseudonym: p- and 16 hexadecimal digits are wanted",
            hint="take it from the column patient; a patient's own number is never typed: --patient - --raw "
            "reads it from stdin",
            code="not-a-pseudonym",
        )
    codes = project.codes.originals("patient")
    led_back = [codes[name] for name in first if name in codes]
    coded = [code for code, value in codes.items() if value in {*first, *led_back}]
    return list(dict.fromkeys((*first, *led_back, *coded)))


def destroy(patient: str, *, reason: str, project: Project | None = None, raw: bool = False) -> Destroyed:
    """Destroy the keys of a patient for ever: in no copy of a sealed corpus do the reports open again.

    Reports of the patient that are sealed later are left out, so that nothing comes back from the source by
    itself. What lies in plain - tables, predictions, models, corpora that were not sealed - is not touched.

    Args:
        patient: as in ``names_of``; the codes that the person has in de-identified corpora are found by it.
        reason: why; it is kept in the trail, so it names nobody.
        project: the project; none but the defaults if not given.
        raw: whether ``patient`` is the patient's own identifier.

    Returns:
        What was destroyed now, and what had been before; the latter alone is no error.

    Raises:
        ConfigError: no reason is given, or it is no pseudonym.
        NotFoundError: there never was a key of this patient.
        StoreError: the tables cannot be read or written.
    """
    project = project or Project()
    if not reason.strip():
        raise ConfigError(
            "nothing says why this key is to be destroyed",
            hint="--reason TEXT: it is kept in the trail, so name nobody in it",
            code="missing-reason",
        )
    names = names_of(patient, project=project, raw=raw)
    table = project.patient_keys
    before = table.destroyed(names)
    gone = table.destroy(names)
    if not gone and not before:
        raise NotFoundError(
            "there is no key of this patient in the project",
            hint="nothing of the patient was sealed here; see --project, and `bert4text keys list`",
            code="no-patient-key",
        )
    if gone:
        details = {"reason": reason.strip(), "keys": len(gone)}  # not the codes: they would lead back
        record(project.trail, "key.destroyed", subject=gone[0], details=details)
    return Destroyed(names=tuple(gone), before=before)


def name_of_report(report_id: str, *, project: Project | None = None) -> str:
    """The name of the key of a report that has no patient.

    Raises:
        StoreError: the table cannot be read.
    """
    return (project or Project()).patient_keys.named([report_id], [None])[0]


def _check_name(name: str) -> None:
    if name not in USES:
        raise ConfigError(
            "there is no key {name!r}; there are {known}",
            hint="the keys of patients are wrapped under master",
            code="unknown-key-name",
            name=name,
            known=list(USES),
        )


def _master(project: Project) -> Changed:
    check_sealing()
    done = project.patient_keys.rotate()
    return Changed(
        name=MASTER,
        previous=done.previous,
        now=done.now,
        keys=done.keys,
        resumed=done.resumed,
        to_do=not project.keys.in_files,
    )


def _retired(project: Project, name: str) -> Changed:
    keys = project.keys
    if not keys.in_files:
        raise StoreError(
            "the key {name!r} is not kept here: it comes from {source}",
            hint="give it another value there ({origin}); manifests tell by its id which key made a corpus",
            code="not-ours",
            name=name,
            source=keys.settings.source,
            origin=keys.origin(name),
        )
    before = keys.find(name)
    if before is None and not keys.retired(name):
        raise StoreError(
            "there is no key {name!r} to change",
            hint="it is made when it is used first",
            code="no-key",
            name=name,
        )
    now = keys.retire(name)
    return Changed(
        name=name, previous="" if before is None else key_id(before), now=key_id(now), resumed=before is None
    )


def _listed(project: Project, name: str) -> Listed:
    keys = project.keys
    identity, problem = None, None
    try:
        found = keys.find(name)
        identity = None if found is None else key_id(found)
    except StoreError as error:
        problem = error.error_code
    return Listed(
        name=name,
        id=identity,
        origin=keys.origin(name),
        days=_age(keys.path(name)) if keys.in_files else None,
        problem=problem,
    )


def _age(path: Path) -> int | None:
    try:
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
    return max(0, (datetime.now(UTC) - made).days)


def _patients(project: Project) -> dict[str, Any]:
    try:
        waiting = project.keys.in_files and project.keys.path(MASTER + NEXT).exists()
        return {**project.patient_keys.facts(), "unfinished": waiting, "problem": None}
    except StoreError as error:
        return {"keys": 0, "destroyed": 0, "master": None, "unfinished": False, "problem": error.error_code}
