"""Verbs that deliver a model: export."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from bert4text.core.corpus import Corpus
from bert4text.core.errors import DataError, LabelError, ModelError
from bert4text.core.labels import LabelSpace
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.output import check_target, writing_folder
from bert4text.core.progress import Progress, silent
from bert4text.core.seeds import rng
from bert4text.inference.config import ExportConfig
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.learned import check_rounded_by
from bert4text.verbs.opening import label_space, open_classifier, open_corpus, settings_of

if TYPE_CHECKING:
    from bert4text.inference.parity import Compared, Parity
    from bert4text.models.calibration import Calibrator
    from bert4text.models.classifier import BundleInfo, Classifier
    from bert4text.models.scope import Scope
    from bert4text.models.stream_backend import StreamBackend
    from bert4text.models.torch_backend import TorchBackend

KEPT = (0.0, 0.125, 0.25, 0.5)
"""Shares of the products, worst first, that stay in 32 bits until an export answers as its run."""


@dataclass(frozen=True)
class _Reports:
    """Reports that run and export are compared on.

    Attributes:
        label_space: the question.
        texts: n texts.
        truth: bool [n, k], the labels that hold.
        groups: the patient of each.
        calibrates: bool [n], those that calibrate.
    """

    label_space: LabelSpace
    texts: list[str]
    truth: npt.NDArray[np.bool_]
    groups: list[str]
    calibrates: npt.NDArray[np.bool_]


def export(
    classifier: Classifier | Path | str,
    corpus: Corpus | Path | str,
    *,
    out: Path | str,
    config: ExportConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Classifier:
    """Export a run to a bundle that answers without PyTorch, after comparing its answers with the run's.

    Args:
        classifier: the classifier, or the folder of its run.
        corpus: whose labelled reports they are compared on; those of ``test`` are left alone.
        out: the folder of the new bundle.
        config: settings; the project's ``[export]`` if not given.
        project: the project; none but the defaults if not given.
        overwrite: whether the folder may be replaced.
        progress: told how far it is.

    Raises:
        ModelError: the run answers with TF-IDF, or its encoder cannot be traced.
        DataError: the corpus has no report to compare on; ``LabelError``: it asks another question.
        GuardError: the export answers otherwise than the run.
        PolicyError: the run was trained with differential privacy on these reports, and they would round it.
        OutputError: the folder exists or cannot be written.
        MissingExtraError: the extra ``onnx`` or ``openvino`` is not installed.
    """
    from bert4text.models.classifier import Classifier

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(ExportConfig, config, project=project)
    opened = open_classifier(classifier)
    reports, _ = open_corpus(corpus, project=project, progress=progress)
    check_rounded_by(opened.info.manifest, reports, precision=settings.precision)
    check_target(Path(out), overwrite=overwrite)
    run, calibrator = _neural(opened)
    chosen = _compared(opened, reports, at_most=settings.reports, seed=project.seed)
    from bert4text.models import bundle
    from bert4text.models.card import model_card

    with writing_folder(Path(out), overwrite=overwrite) as partial:
        backend, own, found = _agreeing(
            run, calibrator, chosen, partial, settings=settings, seed=project.seed, progress=progress
        )
        manifest = _manifest(opened, reports, settings, project=project, parity=found.model_dump(mode="json"))
        manifest = manifest.model_copy(update={"seconds": round(time.perf_counter() - started, 3)})
        scope = _scope(opened, backend, chosen)
        info = opened.info.model_copy(update={"manifest": manifest})
        made = _with_baseline(opened, backend, own, info=info, scope=scope)
        card = model_card(made, manifest=manifest, language=project.section("project").screen or "en")
        digest = bundle.save(made, partial, manifest=manifest, config_toml=opened.info.config, card=card)
        Classifier.load(partial)
    details = {"run": opened.digest, **found.model_dump(mode="json")}
    record(project.trail, "model.exported", subject=digest, details=details)
    return Classifier.load(Path(out))


def _with_baseline(
    classifier: Classifier,
    backend: StreamBackend,
    calibrator: Calibrator,
    *,
    info: BundleInfo,
    scope: Scope | None,
) -> Classifier:
    """The export; where the run answers with TF-IDF beside its encoder, so does the export."""
    from bert4text.models.classifier import Classifier
    from bert4text.models.hybrid import Hybrid

    both, baseline = classifier.hybrid, classifier.baseline
    if both is None or baseline is None:
        return Classifier(classifier.label_space, backend, calibrator, info=info, scope=scope)
    hybrid = Hybrid((backend, calibrator), baseline, share=both[0].share)
    return Classifier(
        classifier.label_space,
        backend,
        calibrator,
        baseline=baseline,
        hybrid=(hybrid, both[1]),
        delivered="hybrid",
        info=info,
        scope=scope,
    )


def _scope(classifier: Classifier, export: StreamBackend, reports: _Reports) -> Scope | None:
    """The scope of the run, its limit by how far the export itself finds the calibration reports."""
    from bert4text.training.parts import Part
    from bert4text.training.scope import limited

    scope, places = classifier.scope, np.flatnonzero(reports.calibrates)
    if scope is None or not len(places):
        return scope
    texts, groups = ([values[place] for place in places] for values in (reports.texts, reports.groups))
    held = Part(texts, groups, reports.truth[places], reports.label_space.task == "multilabel")
    return limited(scope, held, export.forward(texts), rate=scope.rate)


def _agreeing(
    run: TorchBackend,
    calibrator: Calibrator,
    reports: _Reports,
    folder: Path,
    *,
    settings: ExportConfig,
    seed: int,
    progress: Progress,
) -> tuple[StreamBackend, Calibrator, Parity]:
    """The first export that answers as the run: in 8 bits, with ever more of its products in 32."""
    from bert4text.inference.exporting import Export
    from bert4text.inference.parity import check_parity, compared, holds

    with progress.task("answering with the run"):
        logits = run.forward(reports.texts).logits
    with progress.task("exporting the encoder"):
        export = Export(run, form=settings.format, reduce_range=settings.reduce_range)
        eight = settings.precision == "int8"
        products = export.products(reports.texts, seed=seed) if eight else []
    layers = [product.layer for product in products]
    kept = sorted({int(share * len(products)) for share in KEPT})
    for place, number in enumerate(kept):
        with progress.task("comparing the answers"):
            backend = export.write(folder, chosen=products[number:])
            answers = compared(logits, backend, reports.texts, reports.truth)
            own, found = _calibrated(answers, reports, calibrator, precision=settings.precision, seed=seed)
            rounded = {"products": len(products), "kept": number, "reduce_range": backend.reduce_range}
            found = found.model_copy(update=rounded)
        if holds(found, settings) or place + 1 == len(kept):
            break
    check_parity(found, settings, layers=layers)
    return backend, own, found


def _calibrated(
    answers: Compared, reports: _Reports, calibrator: Calibrator, *, precision: str, seed: int
) -> tuple[Calibrator, Parity]:
    """The calibrator of the run, or one fitted anew where that made the probabilities less true."""
    from bert4text.inference.parity import needs_calibration, parity
    from bert4text.training.calibrators import fit_calibrator, fit_sets_of

    found = parity(answers, precision=precision, calibrator=calibrator)
    held = reports.calibrates
    if calibrator.kind == "none" or not needs_calibration(found) or not held.any():
        return calibrator, found
    logits, truth, places = answers.export[held], reports.truth[held], np.flatnonzero(held)
    fitted = fit_calibrator(logits, truth, label_space=reports.label_space, kind=calibrator.kind)
    if fitted.kind == "none":
        return calibrator, found
    parts = ("thresholds", "groups", "costs", "least", "sets")
    own = fitted.model_copy(update={name: getattr(calibrator, name) for name in parts})
    if calibrator.sets is not None:
        sets = fit_sets_of(
            own,
            logits,
            truth,
            texts=[reports.texts[place] for place in places],
            groups=[reports.groups[place] for place in places],
            levels=calibrator.sets.levels,
            score=calibrator.sets.score,
            label_space=reports.label_space,
            seed=seed,
        )
        own = own.model_copy(update={"sets": sets})
    anew = parity(answers, precision=precision, calibrator=calibrator, own=own)
    return (own, anew) if anew.loss[1] < found.loss[1] else (calibrator, found)


def _neural(classifier: Classifier) -> tuple[TorchBackend, Calibrator]:
    systems = classifier.systems()
    backend, calibrator = systems.get("model", (None, None))
    if classifier.delivered != "tfidf" and backend is not None and backend.name == "ensemble":
        raise ModelError(
            "the run answers with {count} encoders together; one graph is exported of one encoder",
            hint="let one learn from them with `bert4text distill` and export that, or train with "
            "[train.folds] count = 1",
            code="ensemble-not-exported",
            count=backend.settings["members"],
        )
    if classifier.delivered == "tfidf" or backend is None or backend.name != "torch":
        raise ModelError(
            "there is nothing to export: the run answers with {found}",
            hint="TF-IDF needs no PyTorch; to have an encoder answer, train with [train.calibration] "
            'deliver = "model"; of an export, export its run',
            code="nothing-to-export",
            found={"onnx": "ONNX Runtime", "openvino": "OpenVINO"}.get(classifier.backend.name, "TF-IDF"),
        )
    return cast("tuple[TorchBackend, Calibrator]", (backend, calibrator))


def _compared(classifier: Classifier, corpus: Corpus, *, at_most: int, seed: int) -> _Reports:
    """Reports to compare on, those of test left out."""
    names = classifier.label_space.names
    if label_space(corpus).names != names:
        raise LabelError(
            "the corpus asks for {found}, the run answers {wanted}",
            hint="give the corpus that the run was trained on, or one prepared alike",
            code="other-question",
            found=list(label_space(corpus).names),
            wanted=list(names),
        )
    rows = [
        (report.text, report.labels, group, report.split == "calibration")
        for report, group in zip(corpus, corpus.groups, strict=True)
        if report.split != "test" and report.labels is not None and report.text.strip()
    ]
    if not rows:
        raise DataError(
            "the corpus has no labelled report outside test to compare on",
            hint="give the corpus that the run was trained on",
            code="no-reports",
        )
    order = rng(seed, "export.reports").permutation(len(rows))[:at_most]
    chosen = [rows[place] for place in sorted(order.tolist())]
    return _Reports(
        classifier.label_space,
        [text for text, _, _, _ in chosen],
        np.array([[name in labels for name in names] for _, labels, _, _ in chosen], dtype=np.bool_),
        [group for _, _, group, _ in chosen],
        np.array([calibrates for _, _, _, calibrates in chosen], dtype=np.bool_),
    )


def _manifest(
    classifier: Classifier,
    corpus: Corpus,
    settings: ExportConfig,
    *,
    project: Project,
    parity: dict[str, Any],
) -> Manifest:
    before = classifier.info.manifest
    kept = dict(before.notes)
    if "operating_point" in kept and (parity["recalibrated"] or parity["precision"] != "float32"):
        kept["operating_point_of_run"] = kept.pop("operating_point")  # what was proven was of other answers
    return before.model_copy(
        update={
            "verb": "export",
            "parents": (
                Parent(kind="model", digest=classifier.digest),
                *before.parents,
            ),
            "versions": versions(),
            "machine": describe(),
            "seed": project.seed,
            "created": utc_now(),
            "notes": {
                **kept,
                "export": settings.model_dump(mode="json"),
                "parity": {**parity, "corpus": f"sha256:{corpus.fingerprint}"},
            },
        }
    )
