"""What an evaluation leaves: its figures, the answers they were computed from, and the scorecard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bert4text.core.copies import copies_said
from bert4text.core.corpus import Corpus
from bert4text.core.evaluation import Evaluation
from bert4text.core.messages import Translator
from bert4text.core.output import writing_file, writing_folder
from bert4text.core.prediction import Prediction
from bert4text.core.report import Report

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier
    from bert4text.verbs.measured import Measured


def predictions(classifier: Classifier, part: Corpus, measured: Measured) -> list[Prediction]:
    """The answers as they are given; figures are computed as if none were left to a person."""
    reports: list[Report] = list(part)
    answered: list[Prediction] = []
    for output in measured.outputs[classifier.delivered]:
        start = len(answered)
        answered += classifier.answers(reports[start : start + len(output.tokens)], output)
    return answered


def write_evaluation(
    evaluation: Evaluation,
    predictions: list[Prediction],
    classifier: Classifier,
    *,
    page: str,
    out: Path,
    overwrite: bool,
) -> None:
    """Write ``metrics.json``, ``predictions.parquet`` and ``scorecard.html`` into a folder.

    Raises:
        OutputError: the folder exists or cannot be written.
    """
    from bert4text.data.write_predictions import writing_predictions

    with writing_folder(out, overwrite=overwrite) as partial:
        document = evaluation.model_dump(mode="json")
        text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        (partial / "metrics.json").write_text(text, encoding="utf-8")
        (partial / "scorecard.html").write_text(page, encoding="utf-8")
        with writing_predictions(
            partial / "predictions.parquet", classifier.label_space, model=classifier.digest[:16]
        ) as writer:
            writer.append(predictions)


def write_page(page: str, path: Path, *, overwrite: bool) -> None:
    """Write a page whole or not at all."""
    with writing_file(path, overwrite=overwrite) as partial:
        partial.write_text(page, encoding="utf-8")


def scorecard_page(evaluation: Evaluation, classifier: Classifier, *, translator: Translator) -> str:
    """The scorecard of an evaluation."""
    from bert4text.evaluation.scorecard import scorecard

    manifest = classifier.info.manifest
    context = {
        "encoder": classifier.encoder_name,
        "encoder_languages": list(classifier.info.encoder.languages) if classifier.info.encoder else [],
        "language": manifest.notes.get("language"),
        "digest": classifier.digest,
        "created": manifest.created,
        "split_used": manifest.split_used,
        "train_reports": manifest.notes.get("reports", {}),
        "copies": copies_said(manifest.notes, translator),
        "calibrated": manifest.notes.get("calibrated", {}).get("reports"),
        "overrides": list(manifest.overrides),
        "delivered": classifier.delivered,
    }
    return scorecard(evaluation, translator=translator, context=context)
