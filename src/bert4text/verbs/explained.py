"""The faithfulness of a classifier's explanations, over reports that it is measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bert4text.core.corpus import Corpus
from bert4text.core.evaluation import Evaluation
from bert4text.core.progress import Progress
from bert4text.core.seeds import rng
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.explained import explained
from bert4text.project import Project

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier


def with_explanations(
    evaluation: Evaluation,
    classifier: Classifier,
    part: Corpus,
    *,
    settings: EvaluateConfig,
    project: Project,
    progress: Progress,
) -> Evaluation:
    """Explain the answers to some reports and add how faithful that is; nothing where it was not asked for.

    Explained are the answers, by the method of ``[evaluate.explanations]``; how, else, ``[explain]`` says.

    Args:
        evaluation: what was measured.
        classifier: whose answers are explained.
        part: the reports that it was measured on.
        settings: how many of them, drawn by the seed.
        project: its seed, and ``[explain]``.
        progress: told how far it is.
    """
    from bert4text.explanation.config import ExplainConfig
    from bert4text.verbs.explaining import explain
    from bert4text.verbs.opening import settings_of

    asked = settings.explanations
    if not asked.reports:
        return evaluation
    drawn = rng(project.seed, "evaluation.explanations").permutation(len(part))[: asked.reports]
    chosen = part.select(sorted(drawn.tolist()))
    config = settings_of(ExplainConfig, None, project=project).replace(
        method=asked.method, label=None, faithfulness=True, deidentify=False
    )
    found = explain(classifier, chosen, config=config, project=project, progress=progress)
    measured = [(one.faithfulness, one.row - 1) for one in found if one.faithfulness is not None]
    if not measured:
        return evaluation
    values = {
        name: (
            np.array([getattr(one, name) for one, _ in measured]),
            np.array([getattr(one, f"random_{name}") for one, _ in measured]),
        )
        for name in ("comprehensiveness", "sufficiency")
    }
    groups = chosen.groups
    return evaluation.model_copy(
        update={
            "explanations": explained(
                values,
                method=asked.method,
                groups=[groups[place] for _, place in measured],
                patients=evaluation.patients is not None,
                count=settings.draws,
                seed=project.seed,
            )
        }
    )
