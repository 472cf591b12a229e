"""What is told of answers in prose: to a patient how the program works, to a physician what it hangs on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.digest import digest
from bert4text.core.errors import ConfigError
from bert4text.core.messages import load, screen_language
from bert4text.core.output import check_file, writing_file
from bert4text.core.progress import Progress, silent
from bert4text.core.report import Report
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.paragraphs import Audience, Facts, Release, for_patient, for_physician, release
from bert4text.governance import gate
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.explaining import explain
from bert4text.verbs.given import view_of
from bert4text.verbs.opening import open_classifier, settings_of

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier
    from bert4text.verbs.given import Reports

QUICK: dict[str, Any] = {"method": "occlusion", "units": ["section"], "faithfulness": False}
"""Nothing of an explanation stands in a patient's text; it is only asked which reports have an answer."""


def explain_to(
    audience: Audience,
    classifier: Classifier | Path | str,
    *,
    reports: Reports | Report,
    release_by: str | None = None,
    registration: str | None = None,
    config: ExplainConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    ids: Collection[str] | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    language: str | None = None,
    progress: Progress = silent,
) -> list[str]:
    """Tell in prose how answers come about, for a patient or for a physician.

    A patient's text explains criteria and procedures and holds no answer, label or probability. It is a
    marked draft unless a physician's release is declared, which leaves a line in the trail.

    Args:
        audience: ``patient`` or ``physician``.
        classifier: the classifier, or the folder of its run or export.
        reports: as ``explain`` takes them.
        release_by: name of the physician who releases a patient's text; nobody looks it up.
        registration: of the physician, ``CRM/SP 123456``.
        config: settings; the project's ``[explain]`` if not given.
        project: the project, whose ``[policy]`` says whom a patient turns to.
        ids: of the reports; all of them if not given.
        out: a text file.
        overwrite: whether ``out`` may be replaced.
        language: of the text; the project's, else the locale's, if not given.
        progress: told how far it is.

    Returns:
        One text for each report that has an answer, in order.

    Raises:
        ConfigError: a release of more than one report or of a physician's text, or it is incomplete; else as
            ``explain``.
        DataError: as ``explain``.
        OutputError: the file exists or cannot be written.
    """
    project = project or Project()
    given = release(release_by, registration, at=datetime.now(UTC))
    if given is not None and audience != "patient":
        raise _not_so()
    target = None if out is None else Path(out)
    if target is not None:
        check_file(target, overwrite=overwrite)
    opened = open_classifier(classifier)
    settings = settings_of(ExplainConfig, config, project=project)
    if audience == "patient":
        settings = settings.replace(**QUICK)
    translator = load(screen_language(language, project.settings.screen))
    found = explain(opened, reports, config=settings, project=project, ids=ids, progress=progress)
    if given is not None and len(found) != 1:
        raise _not_so()
    if audience == "physician":
        texts = [for_physician(one, translator=translator) for one in found]
    else:
        text = for_patient(_facts(opened, project), given, translator=translator)
        texts = [text for _ in found]
    if given is not None:
        _leave_trail(project, opened, given, key=found[0].key, text=texts[0])
    if target is not None:
        with writing_file(target, overwrite=overwrite) as partial:
            partial.write_text("\n".join(texts), encoding="utf-8")
    return texts


def _facts(classifier: Classifier, project: Project) -> Facts:
    """What a patient may know of the system."""
    declared = [gate.basis_of(project.section("policy")), classifier.info.manifest.basis]
    known = [one for one in declared if one is not None]
    groups = classifier.calibrator.groups
    return Facts(
        system=classifier.delivered,
        whole=view_of(classifier).whole,
        controller=next((one.controller for one in known if one.controller), None),
        officer=next((one.officer for one in known if one.officer), None),
        attribute=None if groups is None else groups.attribute,
    )


def _leave_trail(project: Project, classifier: Classifier, given: Release, *, key: str, text: str) -> None:
    details = {
        "key": key,
        "by": given.name,
        "registration": given.registration,
        "text": f"sha256:{digest(text)}",
    }
    record(project.trail, "explanation.released", subject=classifier.digest, details=details)


def _not_so() -> ConfigError:
    return ConfigError(
        "a physician releases the text for the patient of one report",
        hint="--for patient --id ID",
        code="bad-release",
    )
