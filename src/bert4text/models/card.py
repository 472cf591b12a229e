"""Model card of a bundle: what it is for, what it is not, what it was made from; figures come later."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from bert4text.core.basis import Basis
from bert4text.core.copies import NOTE
from bert4text.core.errors import fill
from bert4text.core.manifest import Manifest
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.reading import Reading

LANGUAGES = ("en", "pt-BR")


def model_card(classifier: Classifier, *, manifest: Manifest, language: str = "en") -> str:
    """Write the model card of a classifier, Markdown; it holds counts and names, never report text.

    Args:
        classifier: what the card is of.
        manifest: where it comes from.
        language: ``pt*`` is Portuguese, everything else English.
    """
    chosen = "pt-BR" if language.casefold().startswith("pt") else "en"
    place = files("bert4text.models") / "cards" / f"card.{chosen}.md"
    return fill(place.read_text(encoding="utf-8"), card_values(classifier, manifest=manifest, chosen=chosen))


def card_values(classifier: Classifier, *, manifest: Manifest, chosen: str = "en") -> dict[str, Any]:
    """What fills the templates; a dash stands for what is not known."""
    calibrator, encoder = classifier.calibrator, classifier.info.encoder
    neural = classifier.backend if classifier.delivered != "tfidf" else None
    settings = {} if neural is None else neural.settings
    corpora = [parent.digest[:19] for parent in manifest.parents if parent.kind == "corpus"]
    return {
        "labels": classifier.label_space.names,
        "task": classifier.label_space.task,
        "version": manifest.versions.get("bert4text", "–"),
        "created": manifest.created or "–",
        "delivered": classifier.delivered,
        "encoder": encoder.name if encoder else "–",
        "teacher": _teacher(manifest.notes.get("distilled")),
        "revision": (encoder.revision if encoder else None) or "–",
        "licence": (encoder.licence if encoder else None) or "–",
        "languages": (encoder.languages if encoder else ()) or "–",
        "window": settings.get("window", "–"),
        "members": "–" if neural is None else settings.get("members", 1),
        "stride": settings.get("stride", "–"),
        "pooling": settings.get("pooling", "–"),
        "read": _read(settings),
        "head": encoder.reads if encoder and neural else "–",
        "cut": sum((manifest.notes.get("cut") or {}).values()) if neural else 0,
        "calibration": _calibration(calibrator),
        "thresholds": [f"{value:.3f}" for value in calibrator.thresholds or ()] or "–",
        "groups": _groups(classifier, manifest.notes, chosen),
        "precision": classifier.backend.precision + (" (reduce_range)" if "reduce_range" in settings else ""),
        "corpus": corpora or "–",
        "splits": [f"{use}: {split}" for use, split in manifest.split_used.items()] or "–",
        "seed": manifest.seed,
        "overrides": [_cell(name) for name in manifest.overrides] or "–",
        "basis": _cell(manifest.legal_basis),
        **_declared(manifest.basis or Basis()),
        "counts": _counts(manifest.notes),
        "copies": _copies(manifest.notes.get(NOTE)),
        "private": _private(manifest.notes.get("private"), chosen),
    }


def _groups(classifier: Classifier, notes: dict[str, Any], chosen: str) -> str:
    """By which attribute of patients the thresholds differ, who accepted it and why; a dash where by none."""
    groups = classifier.calibrator.groups
    if groups is None:
        return "–"
    point = notes.get("operating_point") or notes.get("operating_point_of_run") or {}
    accepted = (point.get("groups") or {}).get("accepted") or {}
    place = files("bert4text.models") / "cards" / f"groups.{chosen}.md"
    limits = (
        f"{group}: " + ", ".join(f"{one:.3f}" for one in row) for group, row in groups.thresholds.items()
    )
    values = {
        "attribute": groups.attribute,
        "limits": _cell("; ".join(limits)),
        "by": _cell(accepted.get("by")),
        "ground": _cell(accepted.get("ground")),
    }
    return fill(place.read_text(encoding="utf-8").strip(), values)


def _calibration(calibrator: Calibrator) -> str:
    """How probabilities were made believable, and on how many reports."""
    if calibrator.kind == "none":
        return "–"
    told = f"T = {calibrator.temperature:.3f}" if calibrator.kind == "temperature" else calibrator.kind
    return f"{told}, n = {calibrator.n}"


def _declared(basis: Basis) -> dict[str, str]:
    """What else is declared of the processing, and what was known of identifiers."""
    names = ("use", "purpose", "controller", "officer", "retention", "data_use")
    residue = basis.residue
    left = None
    if residue is not None and residue.left is not None:
        left = f"{residue.left} / {residue.checked} ({residue.method})"
    return {
        **{name: _cell(getattr(basis, name)) for name in names},
        "ethics": _cell(basis.ethics or basis.ethics_exempt),
        "residue": _cell(left),
    }


def _cell(text: str | None) -> str:
    """What people wrote, on one line of a table; a dash where they wrote nothing."""
    return " ".join((text or "").split()).replace("|", "\\|") or "–"


def _private(private: dict[str, Any] | None, chosen: str) -> str:
    """The section on differential privacy: what was spent and whom it covers, or that there was none."""
    kind = "none" if private is None else "seeded" if private["epsilon"] is None else private["unit"]
    place = files("bert4text.models") / "cards" / f"private-{kind}.{chosen}.md"
    told = {name: value for name, value in (private or {}).items() if not isinstance(value, list)}
    shown = {**told, "delta": f"{told['delta']:.0e}"} if told.get("delta") is not None else told
    return fill(place.read_text(encoding="utf-8").rstrip(), shown)


def _copies(told: dict[str, Any] | None) -> str:
    """How many changed copies of training reports were learned from, and which perturbation made how many."""
    if not told or told.get("by") == "teacher":
        return "–"
    each = ", ".join(f"{name} {count}" for name, count in told["perturbations"].items())
    return f"{told['copies']} / {told['of']} ({each})"


def _teacher(distilled: dict[str, Any] | None) -> str:
    """The run that a student was made of: what it answered with, and its digest."""
    if not distilled:
        return "–"
    return " ".join((str(distilled["encoder"]), str(distilled["teacher"])[:16])).strip()


def _read(settings: dict[str, Any]) -> str:
    """How long reports are read, as the settings have it."""
    if "window" not in settings:
        return "–"
    reading = Reading.model_validate(settings.get("long_reports", {}))
    if reading.read != "sections":
        return reading.read
    return f"sections: {', '.join(reading.sections)}; rest = {str(reading.rest).lower()}"


def _counts(notes: dict[str, Any]) -> str:
    """Numbers among the manifest's notes, one a line."""
    shown = [
        f"- {name}: {value}"
        for name, value in notes.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return "\n".join(shown) or "–"
