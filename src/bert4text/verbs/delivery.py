"""Verbs that deliver a model: export."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bert4text.core.corpus import Corpus
from bert4text.core.errors import DataError, LabelError, ModelError
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.output import check_target, writing_folder
from bert4text.core.progress import Progress, silent
from bert4text.core.seeds import rng
from bert4text.inference.config import ExportConfig
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.opening import label_space, open_classifier, open_corpus, settings_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from bert4text.models.calibration import Calibrator
    from bert4text.models.classifier import Classifier
    from bert4text.models.torch_backend import TorchBackend


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
        OutputError: the folder exists or cannot be written.
        MissingExtraError: the extra ``onnx`` is not installed.
    """
    from bert4text.models.classifier import Classifier

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(ExportConfig, config, project=project)
    opened, (reports, _) = open_classifier(classifier), open_corpus(corpus)
    check_target(Path(out), overwrite=overwrite)
    run, calibrator = _neural(opened)
    texts, truth = _compared(opened, reports, at_most=settings.reports, seed=project.seed)
    from bert4text.inference.onnx_graph import onnx_backend
    from bert4text.inference.parity import check_parity, parity
    from bert4text.models import bundle
    from bert4text.models.card import model_card

    with writing_folder(Path(out), overwrite=overwrite) as partial:
        with progress.task("exporting the encoder"):
            backend = onnx_backend(run, partial, precision=settings.precision)
        with progress.task("comparing the answers"):
            found = parity(run, backend, texts, truth, calibrator=calibrator)
        check_parity(found, settings)
        manifest = _manifest(opened, reports, settings, project=project, parity=found.model_dump(mode="json"))
        manifest = manifest.model_copy(update={"seconds": round(time.perf_counter() - started, 3)})
        made = Classifier(
            opened.label_space,
            backend,
            calibrator,
            info=opened.info.model_copy(update={"manifest": manifest}),
        )
        card = model_card(made, manifest=manifest, language=project.section("project").screen or "en")
        digest = bundle.save(made, partial, manifest=manifest, config_toml=opened.info.config, card=card)
        Classifier.load(partial)
    details = {"run": opened.digest, **found.model_dump(mode="json")}
    record(project.trail, "model.exported", subject=digest, details=details)
    return Classifier.load(Path(out))


def _neural(classifier: Classifier) -> tuple[TorchBackend, Calibrator]:
    systems = classifier.systems()
    backend, calibrator = systems.get("model", (None, None))
    if classifier.delivered != "model" or backend is None or backend.name != "torch":
        raise ModelError(
            "there is nothing to export: the run answers with {found}",
            hint="a run that answers with TF-IDF needs no PyTorch; of an export, export its run",
            code="nothing-to-export",
            found="ONNX Runtime" if classifier.backend.name == "onnx" else "TF-IDF",
        )
    return cast("tuple[TorchBackend, Calibrator]", (backend, calibrator))


def _compared(
    classifier: Classifier, corpus: Corpus, *, at_most: int, seed: int
) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """Reports to compare on, those of test left out, and their labels bool [n, k]."""
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
        (report.text, report.labels)
        for report in corpus
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
    truth = np.array([[name in labels for name in names] for _, labels in chosen], dtype=np.bool_)
    return [text for text, _ in chosen], truth


def _manifest(
    classifier: Classifier,
    corpus: Corpus,
    settings: ExportConfig,
    *,
    project: Project,
    parity: dict[str, Any],
) -> Manifest:
    before = classifier.info.manifest
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
                **before.notes,
                "export": settings.model_dump(mode="json"),
                "parity": {**parity, "corpus": f"sha256:{corpus.fingerprint}"},
            },
        }
    )
