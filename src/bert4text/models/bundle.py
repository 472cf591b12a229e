"""Bundle: a folder that holds a classifier; plain files, each under its SHA-256, no code and no pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from bert4text.core.digest import digest as digest_of
from bert4text.core.digest import file_digest
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest
from bert4text.models.backends import BACKENDS, Backend
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import BundleInfo, Classifier
from bert4text.models.hybrid import Hybrid
from bert4text.models.integrity import (
    APART,
    BASELINE,
    CARD,
    EXPORTED,
    FORMAT,
    INDEX,
    LEARNED,
    MEMBERS,
    SETTINGS,
    altered,
    bundle_digest,
    needed,
    read_index,
    rendered,
    verify,
)
from bert4text.models.reading import Reading
from bert4text.models.scope import FILE as SCOPE
from bert4text.models.scope import Scope
from bert4text.models.sources import EncoderInfo

if TYPE_CHECKING:
    from bert4text.models.linear_backend import LinearBackend


def save(classifier: Classifier, folder: Path, *, manifest: Manifest, config_toml: str, card: str) -> str:
    """Write a classifier into an existing folder, which the caller then moves to its name.

    Args:
        classifier: what is saved.
        folder: an existing, partial folder; other files in it are left alone.
        manifest: where the classifier comes from; its digest is left empty in the file.
        config_toml: the resolved settings.
        card: the model card, Markdown; not under the digest.

    Returns:
        The digest of the bundle.
    """
    systems = classifier.systems()
    multilabel = classifier.label_space.task == "multilabel"
    if classifier.scope is not None:
        classifier.scope.save(folder)
    for name, (backend, _) in systems.items():
        place = folder / BASELINE if name == "tfidf" else folder
        place.mkdir(exist_ok=True)
        backend.save(place, multilabel=multilabel)
    calibration = {name: calibrator.model_dump(mode="json") for name, (_, calibrator) in systems.items()}
    _write_json(folder / "calibration.json", {"format": "calibration/1", "systems": calibration})
    description = _description(classifier)
    notes = {**manifest.notes, SETTINGS: digest_of(description)}
    noted = manifest.model_copy(update={"digest": "", "notes": notes})
    _write_json(folder / "manifest.json", noted.model_dump(mode="json"))
    (folder / "config.toml").write_text(config_toml, encoding="utf-8")
    (folder / CARD).write_text(card, encoding="utf-8")
    parts = [backend.name if name == "model" else name for name, (backend, _) in systems.items()]
    parts += [LEARNED] if description["pooling"] == LEARNED else []
    if EXPORTED & set(parts):
        _write_json(folder / "parity.json", {"format": "parity/1", **manifest.notes.get("parity", {})})
    members = int(description.get(MEMBERS, 1))
    held = [*needed(parts, members=members), *(name for name in APART if (folder / name).is_file())]
    files = {name: file_digest(folder / name) for name in held}
    total = bundle_digest(files)
    _write_json(folder / INDEX, {**description, "files": files, "digest": total})
    return total


def load(path: Path, *, precision: str | None = None) -> Classifier:
    """Open a bundle after checking every file; torch is imported only if the bundle holds a torch model.

    Args:
        path: the folder.
        precision: in which a PyTorch model computes; as the bundle says if not given.

    Raises:
        BundleError: ``not-a-bundle``, ``missing-file``, ``altered`` or ``newer-format``.
        MissingExtraError: it needs torch and torch is not installed.
    """
    index = read_index(path)
    manifest = verify(path, index)
    try:
        label_space = LabelSpace.model_validate(index["questions"][0])
        encoder = index["encoder"] and EncoderInfo.model_validate(index["encoder"])
        calibrators = _calibrators(path)
        systems = _open_systems(path, _asked(index, precision), calibrators)
    except (KeyError, IndexError, TypeError, ValidationError):
        systems = {}
    if not systems:
        raise altered(path, INDEX)
    tfidf = cast("tuple[LinearBackend, Calibrator] | None", systems.get("tfidf"))
    hybrid = cast("tuple[Hybrid, Calibrator] | None", systems.get("hybrid"))
    backend, calibrator = systems.get("model") or systems["tfidf"]
    info = BundleInfo(
        encoder=encoder or None,
        manifest=manifest.model_copy(update={"digest": index["digest"]}),
        config=(path / "config.toml").read_text(encoding="utf-8"),
        card=(path / CARD).read_text(encoding="utf-8") if (path / CARD).is_file() else "",
        operating_point=index["decision"]["operating_point"],
    )
    return Classifier(
        label_space,
        backend,
        calibrator,
        baseline=tfidf if "model" in systems else None,
        hybrid=hybrid,
        digest=index["digest"],
        delivered=index["delivered"],
        info=info,
        scope=Scope.load(path) if SCOPE in index["files"] else None,
    )


def _description(classifier: Classifier) -> dict[str, Any]:
    systems = classifier.systems()
    backend: Backend = next(iter(systems.values()))[0]
    encoder = classifier.info.encoder if "model" in systems else None
    thresholds = classifier.calibrator.thresholds
    named = thresholds and dict(zip(classifier.label_space.names, thresholds, strict=True))
    groups = classifier.calibrator.groups
    by_group = groups and {"attribute": groups.attribute, "groups": list(groups.thresholds)}
    return {
        "format": FORMAT,
        "backend": backend.name,
        "precision": backend.precision,
        "questions": [classifier.label_space.model_dump(mode="json")],
        "window": None,
        "stride": None,
        "pooling": None,
        **backend.settings,
        "encoder": encoder and encoder.model_dump(mode="json"),
        "decision": {
            "thresholds": named,
            "by_group": by_group,
            "operating_point": classifier.info.operating_point,
        },
        "delivered": classifier.delivered,
        **({"hybrid": {"share": classifier.hybrid[0].share}} if classifier.hybrid else {}),
    }


def _asked(index: dict[str, Any], precision: str | None) -> dict[str, Any]:
    """The index with the precision that was asked for; exports have theirs in their weights."""
    kept = precision is None or index["backend"] in {"linear", *EXPORTED}
    return index if kept else {**index, "precision": precision}


def _open_systems(
    path: Path, index: dict[str, Any], calibrators: dict[str, Calibrator]
) -> dict[str, tuple[Backend, Calibrator]]:
    systems: dict[str, tuple[Backend, Calibrator]] = {}
    if index["backend"] != "linear":
        kept = ("window", "stride", "pooling", "precision", "reduce_range", MEMBERS)
        settings = {key: index[key] for key in kept if key in index}
        if "long_reports" in index:
            settings["reading"] = Reading.model_validate(index["long_reports"])
        model = BACKENDS.get(index["backend"]).load(path, **settings)
        systems["model"] = (model, calibrators["model"])
    if BASELINE + "/vocabulary.json" in index["files"]:
        systems["tfidf"] = (BACKENDS.get("linear").load(path / BASELINE), calibrators["tfidf"])
    if "hybrid" in index:
        both = Hybrid(systems["model"], systems["tfidf"], share=index["hybrid"]["share"])
        systems["hybrid"] = (both, calibrators["hybrid"])
    return systems


def _calibrators(path: Path) -> dict[str, Calibrator]:
    document = json.loads((path / "calibration.json").read_text(encoding="utf-8"))
    return {name: Calibrator.model_validate(value) for name, value in document["systems"].items()}


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_bytes(rendered(value))
