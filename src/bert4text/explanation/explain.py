"""Explain one answer: what it hangs on by one of the explainers, and how faithful that is."""

from __future__ import annotations

import numpy as np

from bert4text.core.errors import LabelError
from bert4text.core.explanation import Counterfactual, Explanation
from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import Prediction
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.counterfactual import KNOWN, Answered, Edit, fewest
from bert4text.explanation.explainers import EXPLAINERS, Answer, Question
from bert4text.explanation.faithfulness import faithfulness
from bert4text.explanation.places import in_report
from bert4text.explanation.stability import stability
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import System


def explain(
    text: str,
    shown: str,
    prediction: Prediction,
    answer: Answer,
    config: ExplainConfig,
    *,
    label_space: LabelSpace,
    system: System | None = None,
    rng: np.random.Generator,
) -> Explanation:
    """What an answer hangs on.

    Args:
        text: the report as it was given, to which the offsets belong.
        shown: what the model is shown of it.
        prediction: the answer to it.
        answer: what answers.
        config: settings.
        label_space: the question.
        system: what computes the answer, and its calibrator, for methods that look inside.
        rng: draws what the explanation is measured beside.

    Raises:
        LabelError: the question has no label of that name.
        ConfigError: there is no such method.
    """
    label = _label(prediction, config.label, label_space)
    backend, calibrator = system or (None, Calibrator.untouched(label_space))
    question = Question(
        shown,
        answer,
        label,
        config,
        backend=backend,
        calibrator=calibrator,
        several=calibrator.link == "sigmoid",
    )
    found = EXPLAINERS.get(config.method)(question)
    answered = _answered(prediction, calibrator, label)
    stable = stability(question, found.contributions, answered) if config.stability else None
    counterfactual = None
    if config.counterfactual:
        edit = fewest(question, found.contributions, answered)
        counterfactual = _counterfactual(edit, calibrator, label_space, label)
        pieces = tuple(in_report(counterfactual.pieces, shown=shown, text=text))
        counterfactual = counterfactual.model_copy(update={"pieces": pieces})
    faithful = faithfulness(question, found.contributions, rng=rng) if config.faithfulness else None
    return Explanation(
        id=prediction.id,
        row=prediction.row,
        side=prediction.side,
        point=prediction.point,
        label=label_space.names[label],
        answer=prediction.label,
        probability=(prediction.probabilities or ())[label],
        method=config.method,
        scale=found.scale,
        encoder_alone=found.encoder_alone,
        against=None if found.against is None else label_space.names[found.against],
        rest=found.rest,
        contributions=tuple(in_report(found.contributions, shown=shown, text=text)),
        completeness=found.completeness,
        faithfulness=faithful,
        stability=stable,
        counterfactual=counterfactual,
        calls=question.calls,
        model=prediction.model,
        key=prediction.key,
    )


def _answered(prediction: Prediction, calibrator: Calibrator, label: int) -> Answered:
    """The answer to the whole report: a label, or, where several may hold, whether this one does."""
    before = np.array([prediction.probabilities or ()])
    if calibrator.link == "sigmoid":
        held = bool(calibrator.holds(before)[0, label])
        return Answered(label, lambda found: calibrator.holds(found)[:, label] != held, holds=held)
    answer = int(calibrator.decide(before)[0])
    return Answered(answer, lambda found: calibrator.decide(found) != answer)


def _counterfactual(
    edit: Edit, calibrator: Calibrator, label_space: LabelSpace, label: int
) -> Counterfactual:
    answer = None
    if edit.pieces and calibrator.link == "softmax":
        answer = label_space.names[int(calibrator.decide(edit.probabilities[None])[0])]
    return Counterfactual(
        pieces=tuple(edit.pieces),
        answer=answer,
        probability=float(edit.probabilities[label]),
        smallest=0 < len(edit.pieces) <= KNOWN,
        tried=edit.tried,
    )


def _label(prediction: Prediction, wanted: str | None, label_space: LabelSpace) -> int:
    """The place of the label that is explained: the one asked for, else the answer, else the likeliest."""
    wanted = wanted or prediction.label
    if wanted is None:
        return int(np.argmax(prediction.probabilities or ()))
    if wanted not in label_space.names:
        raise LabelError(
            "the model does not know the label {wanted!r}; it knows {known}",
            hint="ask for one of these: --label NAME",
            code="unknown-label",
            wanted=wanted,
            known=list(label_space.names),
        )
    return list(label_space.names).index(wanted)
