"""What evaluate measures: every system on the same reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest as digest_of
from bert4text.core.errors import LabelError, PolicyError
from bert4text.core.evaluation import Evaluation
from bert4text.core.prediction import Prediction
from bert4text.core.progress import Progress
from bert4text.evaluation.against import RIVAL
from bert4text.evaluation.config import EvaluateConfig
from bert4text.project import Project
from bert4text.verbs.fair import values_of
from bert4text.verbs.learned import check_not_dealt_anew, uses_of
from bert4text.verbs.measured import Measured, Probabilities
from bert4text.verbs.noted import manifest_about
from bert4text.verbs.opening import open_classifier
from bert4text.verbs.relied import relied

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier

CHUNK = 512
"""Reports answered between two words to the progress."""


def check_unseen(classifier: Classifier, corpus: Corpus, *, split: str) -> None:
    """Refuse to measure on what the model was made from.

    A corpus that was mended by an audit counts as the one it was made from.

    Raises:
        PolicyError: the split of this very corpus was used to fit, stop or calibrate, or the reports were
            dealt anew since.
    """
    check_not_dealt_anew(classifier.info.manifest, corpus, split=split)
    used = uses_of(classifier.info.manifest, corpus)
    if split in used:
        raise PolicyError(
            "the split {split!r} had a part in making this model ({use}); a figure on it would flatter",
            hint="measure on --split test, or on a corpus of other patients",
            code="split-used",
            split=split,
            use=used[split],
        )


def check_labels(classifier: Classifier, corpus: Corpus) -> None:
    """Refuse a corpus that asks another question.

    Raises:
        LabelError: the corpus has labels that the model does not know, or none.
    """
    known = set(classifier.label_space.names)
    found = {label for row in corpus.table["labels"].to_pylist() for label in row or []}
    if found - known:
        raise LabelError(
            "the reports have labels that the model does not know: {unknown}; it knows {known}",
            hint="map them in [prepare.label_map], or train on them",
            code="unknown-label",
            unknown=sorted(found - known),
            known=list(classifier.label_space.names),
        )


def measure(
    classifier: Classifier,
    part: Corpus,
    *,
    references: Mapping[str, Probabilities],
    compare: Mapping[str, Classifier],
    counts: Mapping[str, int] | None = None,
    progress: Progress,
) -> Measured:
    """Run every system of the classifier, the modal class, references and other runs over the reports.

    Args:
        classifier: whose systems.
        part: the reports.
        references: further probabilities by name.
        compare: other runs by name.
        counts: of the labels in training, where the manifest of a private run does not tell them.
        progress: told how far it is.
    """
    measured = Measured()
    from bert4text.models.hybrid import Hybrid

    systems = {name: (classifier, name) for name in classifier.systems()}
    systems |= {name: (other, other.delivered) for name, other in compare.items()}
    texts, known = part.texts, [report.attributes for report in part]
    with progress.task("Answering the reports", total=len(texts) * len(systems)) as task:
        for name, (asked, delivered) in systems.items():
            backend, calibrator = asked.systems()[delivered]
            outputs = measured.outputs.setdefault(name, [])
            if asked is classifier and isinstance(backend, Hybrid):  # its parts have answered already
                pairs = zip(measured.outputs["model"], measured.outputs["tfidf"], strict=True)
                outputs += [backend.pooled(*pair) for pair in pairs]
                task.advance(len(texts))
            else:
                for start in range(0, len(texts), CHUNK):
                    outputs.append(backend.forward(texts[start : start + CHUNK]))
                    task.advance(len(outputs[-1].tokens))
            probabilities = calibrator.probabilities(np.concatenate([output.logits for output in outputs]))
            multilabel = classifier.label_space.task == "multilabel"
            groups = calibrator.groups_of(known)
            decide = calibrator.holds if multilabel else calibrator.decide
            decided = decide(probabilities, groups)
            order = [asked.label_space.index(label) for label in classifier.label_space.names]
            decided = decided[:, order] if multilabel else np.argsort(order)[decided]
            measured.add(
                name,
                probabilities[:, order],
                decisions=np.asarray(decided, dtype=np.int64),
                digest=asked.digest,
                delivered=asked is classifier and name == classifier.delivered,
            )
    measured.add("majority", _prior(classifier, len(texts), counts))
    for name, probabilities in references.items():
        measured.add(name, np.asarray(probabilities, dtype=np.float64))
    return measured


def labelled(part: Corpus) -> Corpus:
    """The reports that have a label (an empty list of labels is one, for multilabel).

    Raises:
        LabelError: none has.
    """
    mask = [row is not None for row in part.table["labels"].to_pylist()]
    if not any(mask):
        raise LabelError(
            "none of the reports has a label",
            hint="name their column with --columns labels=NAME",
            code="unlabelled",
        )
    return part if all(mask) else part.select(mask)


def rival(compare: Classifier | Path | str, classifier: Classifier) -> dict[str, Classifier]:
    """Another run under a name of its own.

    Raises:
        LabelError: it answers another question.
    """
    name = Path(compare).name if isinstance(compare, Path | str) else "other"
    other = open_classifier(compare)
    ours, theirs = classifier.label_space, other.label_space
    if set(theirs.names) != set(ours.names) or (theirs.task == "multilabel") != (ours.task == "multilabel"):
        raise LabelError(
            "the two runs answer different questions: {task} {labels}, and {other_task} {other_labels}",
            hint="compare runs that were trained on the same labels",
            code="other-question",
            task=ours.task,
            labels=list(ours.names),
            other_task=theirs.task,
            other_labels=list(theirs.names),
        )
    return {f"{RIVAL}{name}": other}


def evaluation(
    classifier: Classifier,
    part: Corpus,
    measured: Measured,
    predictions: Sequence[Prediction],
    *,
    settings: EvaluateConfig,
    project: Project,
    corpus: Corpus,
    steps: Sequence[Mapping[str, Any]],
    started: float,
    progress: Progress,
) -> Evaluation:
    """The figures of what was measured, with the manifest that says how."""
    from bert4text.evaluation.evaluate import evaluate

    asked = [*settings.subgroups, *settings.fairness.attributes]
    found = evaluate(
        [row or [] for row in part.table["labels"].to_pylist()],
        measured.probabilities,
        label_space=classifier.label_space,
        groups=part.groups,
        decisions=measured.decisions,
        patients=part.patients,
        attributes=values_of(part, asked),
        config=settings,
        seed=project.seed,
        corpus=f"sha256:{corpus.fingerprint}",
        split=settings.split,
        synthetic=part.synthetic,
        systems=measured.systems,
        steps=steps,
        other=next((name for name in measured.probabilities if name.startswith(RIVAL)), None),
        rows=[report.source_row or place for place, report in enumerate(part, start=1)],
        progress=progress,
    )
    found = found.model_copy(
        update={"reliance": relied(classifier, part, measured, predictions, settings=settings)}
    )
    manifest = manifest_about(
        classifier,
        corpus,
        settings,
        kind="evaluation",
        verb="evaluate",
        used={settings.split: "measure"},
        project=project,
        started=started,
    )
    digest = f"sha256:{digest_of(figures(found))}"
    return found.model_copy(update={"manifest": manifest.model_copy(update={"digest": digest})})


def figures(found: Evaluation) -> dict[str, Any]:
    """What was found, without when and where: the same seed gives the same."""
    return found.model_dump(mode="json", exclude={"manifest", "seen", "steps"})


def train_labels(corpus: Corpus) -> dict[str, int]:
    """How many training reports have each label, as the corpus that is at hand tells it."""
    if not corpus.splits.get("train"):
        return {}
    rows = corpus["train"].table["labels"].to_pylist()
    return dict(Counter(label for row in rows for label in row or []))


def _prior(classifier: Classifier, n: int, known: Mapping[str, int] | None) -> Probabilities:
    """What the labels' shares in training alone would answer."""
    counts = classifier.info.manifest.notes.get("train_labels") or known or {}
    names = classifier.label_space.names
    shares = np.array([counts.get(name, 0) for name in names], dtype=np.float64)
    if classifier.label_space.task == "multilabel":
        total = max(float(classifier.info.manifest.notes.get("reports", {}).get("train", 0)), 1.0)
        shares = shares / total
    else:
        shares = shares / shares.sum() if shares.sum() else np.full(len(names), 1 / len(names))
    return np.tile(shares, (n, 1))
