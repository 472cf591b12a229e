"""Verbs that calibrate a finished model anew: calibrate."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.corpus import Corpus
from bert4text.core.errors import PolicyError
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.messages import screen_language
from bert4text.core.output import check_target
from bert4text.core.progress import Progress, silent
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.training.calibration_config import CalibrateConfig
from bert4text.verbs.declared import declared
from bert4text.verbs.gates import policy_gate
from bert4text.verbs.learned import CALIBRATED, check_not_dealt_anew, learned_from, uses_of
from bert4text.verbs.measure import check_labels
from bert4text.verbs.opening import open_classifier, open_corpus, settings_of

ACCEPTED = "group-thresholds"
"""What the manifest and the trail call thresholds by group, which somebody has to accept."""

if TYPE_CHECKING:
    from bert4text.core.basis import Basis
    from bert4text.models.classifier import Classifier
    from bert4text.training.recalibrate import Recalibrated


def calibrate(
    classifier: Classifier | Path | str,
    corpus: Corpus | Path | str,
    *,
    config: CalibrateConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Classifier:
    """Fit probabilities, thresholds, prediction sets and the guard anew; the weights stay as they are.

    A model that another hospital trained is as sure as it was there; labelled reports of one's own make its
    probabilities believable here. On the calibration reports it was made with, it takes another operating
    point without learning again.

    Args:
        classifier: the classifier, or the folder of its run or export.
        corpus: labelled reports, or their path.
        config: settings; the project's ``[calibrate]`` if not given.
        project: the project; none but the defaults if not given.
        out: the folder of the new run; nothing is written without it.
        overwrite: whether it may be replaced.
        progress: told how far it is.

    Raises:
        PolicyError: no sufficient basis is declared, too many identifiers are left in the reports, or the
            model has learned from them.
        LabelError: the reports have labels that the model does not know, or none.
        DataError: there are too few reports to calibrate on, or to prove an operating point.
        ConfigError: the operating point does not suit the question, or nobody accepted thresholds by group.
        OutputError: the folder exists or cannot be written.
    """
    from bert4text.training.grouped import check_accepted
    from bert4text.training.recalibrate import recalibrate

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(CalibrateConfig, config, project=project)
    opened = open_classifier(classifier)
    check_accepted(settings.groups, settings.point)
    reports, _ = open_corpus(corpus, project=project, progress=progress)
    if out is not None:
        check_target(Path(out), overwrite=overwrite)
    check_not_learned(opened, reports, split=settings.split)
    part = reports[settings.split]
    check_labels(opened, part)
    basis = policy_gate(reports, project=project, verb="calibrate")
    found = recalibrate(opened, part, settings, seed=project.seed, progress=progress)
    manifest = _manifest(opened, reports, found, settings, project=project, basis=basis)
    manifest = manifest.model_copy(update={"seconds": round(time.perf_counter() - started, 3)})
    made = _calibrated(opened, found, manifest, language=screen_language(None, project.settings.screen))
    if out is not None:
        made.save(Path(out), overwrite=overwrite)
    details = {
        "run": opened.digest,
        "corpus": f"sha256:{reports.fingerprint}",
        "reports": found.reports,
        **_accepted(settings),
    }
    record(project.trail, "model.calibrated", subject=made.digest or "unsaved", details=details | basis.codes)
    return made


def _accepted(settings: CalibrateConfig) -> dict[str, Any]:
    """What the trail has of thresholds by group: the attribute, who accepts them, and the ground."""
    groups = settings.groups
    if groups.attribute is None:
        return {}
    return {ACCEPTED: {"attribute": groups.attribute, "by": groups.by, "ground": groups.ground}}


def check_not_learned(classifier: Classifier, corpus: Corpus, *, split: str) -> None:
    """Refuse to calibrate on reports that what answers has learned from.

    Raises:
        PolicyError: it has learned from them, or they were dealt anew since; or it learned with differential
            privacy, whose budget the labels of further reports are not part of.
    """
    manifest = classifier.info.manifest
    if "private" in manifest.notes:
        raise PolicyError(
            "the run was trained with differential privacy: what is fitted on reports without noise is not "
            "covered by its epsilon",
            hint="train again with [train.private] and the calibration split you want",
            code="not-private",
        )
    check_not_dealt_anew(manifest, corpus, split=split)
    used = uses_of(manifest, corpus)
    if used.get(split, CALIBRATED) == CALIBRATED:
        return
    if split == "calibration" and classifier.delivered == "model":
        return
    raise PolicyError(
        "the model has learned from the split {split!r} of this corpus ({use}): it is surer of these reports "
        "than of others",
        hint="calibrate on reports of other patients, or, where an encoder answers alone, on those of the "
        "split calibration",
        code="split-used",
        split=split,
        use=used[split],
    )


def _manifest(
    classifier: Classifier,
    corpus: Corpus,
    found: Recalibrated,
    settings: CalibrateConfig,
    *,
    project: Project,
    basis: Basis,
) -> Manifest:
    before = classifier.info.manifest
    own = [Parent(kind="model", digest=f"sha256:{classifier.digest}")] if classifier.digest else []
    corpora = [Parent(kind="corpus", digest=digest) for digest in corpus.identities]
    parents = dict.fromkeys((one.kind, one.digest) for one in (*own, *corpora, *before.parents))
    notes = {name: value for name, value in before.notes.items() if name != "operating_point"}
    accepted = [ACCEPTED] if settings.groups.attribute is not None else []
    kept = [name for name in before.overrides if name != ACCEPTED]  # thresholds by group are found anew
    on = dict(before.notes.get("calibrated", {}).get("on", {}))
    theirs = () if learned_from(before).intersection(corpus.identities) else corpus.identities
    for digest in theirs:
        on[digest] = sorted({*on.get(digest, ()), settings.split})
    calibrated = {**found.notes["calibrated"], "on": on}
    return before.model_copy(
        update={
            "verb": "calibrate",
            "parents": tuple(Parent(kind=kind, digest=digest) for kind, digest in parents),
            "config": {**before.config, "calibrate": settings.model_dump(mode="json")},
            "versions": versions(),
            "machine": describe(),
            "seed": project.seed,
            "created": utc_now(),
            "overrides": tuple(dict.fromkeys((*kept, *basis.overrides, *accepted))),
            **declared(project, basis),
            "notes": {**notes, **found.notes, "calibrated": calibrated},
        }
    )


def _calibrated(
    classifier: Classifier, found: Recalibrated, manifest: Manifest, *, language: str
) -> Classifier:
    from bert4text.models.card import model_card

    point = found.notes.get("operating_point")
    made = copy.copy(classifier)
    made.digest, made.scope = "", found.scope
    made.recalibrate(found.calibrator)
    made.info = classifier.info.model_copy(
        update={"manifest": manifest, "operating_point": None if point is None else ", ".join(point)}
    )
    card = model_card(made, manifest=manifest, language=language)
    made.info = made.info.model_copy(update={"card": card})
    return made
