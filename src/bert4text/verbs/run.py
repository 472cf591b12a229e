"""The run folder: made from what training gives, reloaded and compared before it gets its name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.basis import Basis
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.output import writing_folder
from bert4text.core.prediction import Manner
from bert4text.project import Project
from bert4text.verbs.cut import reading_of
from bert4text.verbs.declared import declared
from bert4text.verbs.entry import learned_under

if TYPE_CHECKING:
    from bert4text.models.calibration import Calibrator
    from bert4text.models.classifier import Classifier
    from bert4text.models.linear_backend import LinearBackend
    from bert4text.training.trained import Trained

COMPARED = 64
"""Reports that a saved model must answer as it did before."""


def work_folder(out: Path) -> Path:
    """Where a training keeps its checkpoints until the run is complete: beside it, hidden."""
    return out.with_name(f".{out.name}.training")


def classifier_of(
    trained: Trained, label_space: LabelSpace, *, manifest: Manifest, toml: str, language: str = "en"
) -> Classifier:
    """The classifier that a training gives, with its model card; not saved yet."""
    from bert4text.models.card import model_card
    from bert4text.models.classifier import BundleInfo, Classifier
    from bert4text.models.hybrid import Hybrid

    point = trained.notes.get("operating_point")
    info = BundleInfo(
        encoder=trained.info,
        manifest=manifest,
        config=toml,
        operating_point=None if point is None else ", ".join(point),
    )
    baseline, decision = _baseline(trained), trained.decision
    if baseline is None:
        if trained.backend is None or trained.calibrator is None:
            raise TypeError(trained)
        classifier = Classifier(label_space, trained.backend, trained.calibrator, info=info)
    elif trained.backend is None or trained.calibrator is None or decision is None:
        classifier = Classifier(label_space, *baseline, info=info)
    else:
        model = (trained.backend, trained.calibrator)
        both = Hybrid(model, baseline, share=decision.share)
        hybrid = None if decision.hybrid is None else (both, decision.hybrid.calibrator)
        classifier = Classifier(
            label_space, *model, baseline=baseline, hybrid=hybrid, delivered=decision.delivered, info=info
        )
    card = model_card(classifier, manifest=manifest, language=language)
    classifier.info = info.model_copy(update={"card": card})
    classifier.scope = trained.scope
    return classifier


def _baseline(trained: Trained) -> tuple[LinearBackend, Calibrator] | None:
    """TF-IDF and its calibrator; None where the encoder learned with differential privacy."""
    if trained.baseline is None or trained.baseline_calibrator is None:
        return None
    return trained.baseline, trained.baseline_calibrator


def manifest_of(
    corpus: Corpus,
    trained: Trained,
    *,
    project: Project,
    overrides: Sequence[str],
    basis: Basis,
    seconds: float,
) -> Manifest:
    """What made the model, from what, with which settings.

    Args:
        corpus: what it learned from.
        trained: what training gave.
        project: its seed is kept.
        overrides: findings that were accepted, and gates that were opened.
        basis: what the policy gate let pass.
        seconds: how long it took.
    """
    counts = Counter(
        label for report in corpus["train"].table["labels"].to_pylist() for label in report or []
    )
    return Manifest(
        kind="model",
        verb="train",
        parents=tuple(Parent(kind="corpus", digest=digest) for digest in corpus.identities),
        config=trained.config.model_dump(mode="json"),
        versions=versions(),
        machine=describe(),
        seed=project.seed,
        created=utc_now(),
        seconds=round(seconds, 3),
        overrides=(*overrides, *basis.overrides),
        **declared(project, basis),
        split_used=trained.split_used,
        notes={
            "reports": corpus.splits,
            **({} if "private" in trained.notes else {"train_labels": _in_order(counts, corpus)}),
            "patients": corpus.patients,
            "synthetic": corpus.synthetic,
            "language": corpus.language,
            "reading": reading_of(corpus),
            **({"deidentified": learned_under(corpus)} if corpus.deidentified else {}),
            "token_weights": trained.token_weights,
            **({"cut": trained.cut} if trained.cut else {}),
            **({"decision": trained.decision.evidence} if trained.decision else {}),
            **({"foretold": trained.foretold.model_dump(mode="json")} if trained.foretold else {}),
            **trained.notes,
            **({"pace": trained.pace.model_dump(mode="json")} if trained.pace else {}),
        },
    )


def _in_order(counts: Counter[str], corpus: Corpus) -> dict[str, int]:
    return {name: counts[name] for name in corpus.label_space.names} if corpus.label_space else {}


def save_run(classifier: Classifier, trained: Trained, corpus: Corpus, *, out: Path, overwrite: bool) -> None:
    """Write the run, open it again and compare its answers; only then does it get its name.

    Args:
        classifier: made of ``trained``.
        trained: its steps, and what was said out of fold, stand beside the bundle.
        corpus: what it learned from.
        out: the run folder.
        overwrite: whether it may be replaced.

    Raises:
        GuardError: ``reload-mismatch``: the saved model does not answer as it did.
        OutputError: the folder exists or cannot be written.
    """
    from bert4text.models import bundle
    from bert4text.models.classifier import Classifier
    from bert4text.training.guards import check_same_answers

    info = classifier.info
    with writing_folder(out, overwrite=overwrite) as partial:
        classifier.digest = bundle.save(
            classifier, partial, manifest=info.manifest, config_toml=info.config, card=info.card
        )
        _write_steps(trained, partial)
        _write_out_of_fold(classifier, trained, corpus, partial)
        again = Classifier.load(partial)
        texts = corpus.texts[:COMPARED]
        before, after = classifier.systems(), again.systems()
        for name, (backend, calibrator) in before.items():
            other, other_calibrator = after[name]
            check_same_answers(
                calibrator.probabilities(backend.forward(texts).logits),
                other_calibrator.probabilities(other.forward(texts).logits),
            )


def _write_steps(trained: Trained, folder: Path) -> None:
    """The steps of the one encoder, or of each member beside its weights."""
    others = (folder / "members" / str(number) for number in range(2, len(trained.members) + 2))
    for place, steps in zip((folder, *others), (trained.steps, *trained.members), strict=True):
        if steps:
            lines = (step.model_dump_json() + "\n" for step in steps)
            (place / "steps.jsonl").write_text("".join(lines), encoding="utf-8")


def _write_out_of_fold(classifier: Classifier, trained: Trained, corpus: Corpus, folder: Path) -> None:
    """What each training and validation report was answered by the member that has not seen it."""
    import numpy as np

    from bert4text.data.write_predictions import writing_predictions
    from bert4text.models.backends import Output
    from bert4text.models.classifier import Classifier
    from bert4text.training.parts import labelled

    if trained.out_of_fold is None or trained.backend is None or trained.calibrator is None:
        return
    reports = [report for split in ("train", "validation") for report in labelled(corpus, split)]
    zeros = np.zeros(len(reports), dtype=np.int32)
    said = Output(trained.out_of_fold.astype(np.float32), None, zeros, zeros)
    neural = Classifier(classifier.label_space, trained.backend, trained.calibrator, digest=classifier.digest)
    neural.manner = Manner(abstain="never", guard=False)
    path = folder / "out-of-fold.parquet"
    with writing_predictions(path, classifier.label_space, model=classifier.digest[:16]) as writer:
        writer.append(neural.answers(reports, said))


def read_steps(run: object) -> tuple[dict[str, Any], ...]:
    """The learning curve of a run given by its folder, or nothing."""
    path = Path(run) / "steps.jsonl" if isinstance(run, Path | str) else None
    if path is None or not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line.strip())
