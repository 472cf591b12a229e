"""What an explanation is said in words, in two languages."""

from __future__ import annotations

from collections.abc import Iterable

from bert4text.core.explanation import Explanation, Faithfulness, Overview
from bert4text.core.messages import N_, Translator
from bert4text.explanation.counterfactual import REACH
from bert4text.explanation.shading import LEAST, smallest

UNITS = {
    "section": N_("sections"),
    "sentence": N_("sentences"),
    "phrase": N_("phrases"),
    "word": N_("words"),
}
FAITHFUL = 0.8
"""Share of the explanations that have to do better than chance before their sum is shown as good."""
LIMITS = (
    N_(
        "What is shown is what the model's answer hangs on. It is not what a physician would look at, and no "
        "reason of medicine: a model may be right by a word that has nothing to do with the disease."
    ),
    N_(
        "Each piece is taken away alone. Where two pieces say the same, neither alone changes the answer, "
        "and neither stands out; and a report without a word is a text that nobody wrote."
    ),
    N_(
        "It tells of one answer, and not how the model answers others. That an answer hangs on sensible "
        "words does not make it right."
    ),
)
"""What explanations can not show."""
INTEGRATED = N_(
    "What is added up lies on the way from a report whose every token is the same: texts that nobody wrote. "
    "Another beginning of that way gives other figures."
)
"""What those that are integrated can not show; nothing is taken away for them."""

ROLLED = N_(
    "Attention is where a model looks, and not why it answers as it does: it has no sign, it is the same for "
    "every label, and what it names is often no better than chance. It is shown for teaching."
)
"""What those that are rolled out can not show."""


LEFT = {
    "unsure": N_("the model is not sure enough"),
    "several-labels": N_("several labels cannot be excluded"),
    "far-from-training": N_("it is unlike the reports that were learned from"),
    "other-language": N_("it is in another language"),
}
"""Why ``predict`` leaves a report to a person."""


def limits(explanations: Iterable[Explanation]) -> tuple[str, ...]:
    """What these explanations can not show, one sentence for each limit, in English."""
    kinds = {_kind(one) for one in explanations}
    first, alone, last = LIMITS
    return (
        *([first] if kinds != {"rolled"} else []),
        *([alone] if kinds - {"integrated", "rolled"} or not kinds else []),
        *([INTEGRATED] if "integrated" in kinds else []),
        *([ROLLED] if "rolled" in kinds else []),
        last,
    )


def _kind(explanation: Explanation) -> str:
    if explanation.scale == "share":
        return "rolled"
    return "integrated" if explanation.completeness is not None else "alone"


def answer_sentence(explanation: Explanation, translator: Translator) -> str:
    """What is explained, with its probability, and that ``predict`` leaves it to a person where it does."""
    _ = translator
    said = _said(explanation, _)
    if explanation.left is None:
        return said
    reason = _(LEFT.get(explanation.left, explanation.left))
    return _(
        "{answer}; this is not given as an answer, the report is left to a person: {reason}",
        answer=said,
        reason=reason,
    )


def _said(explanation: Explanation, translator: Translator) -> str:
    _ = translator
    share = _.percent(explanation.probability)
    if explanation.answer is None or explanation.answer == explanation.label:
        return _("{label}, {share}", label=explanation.label, share=share)
    return _(
        "{label}, {share}; the answer is {answer}",
        label=explanation.label,
        share=share,
        answer=explanation.answer,
    )


def beside(explanation: Explanation, translator: Translator) -> str:
    """Beside which label the score is counted; empty where beside all others together."""
    if explanation.against is None:
        return ""
    return translator("What a piece adds is counted beside the label {label}.", label=explanation.against)


POINTS = {
    "group": N_(
        "The thresholds are those of the patient's group: the answer hangs on a protected attribute too, "
        "which stands in no piece of the report."
    ),
    "common": N_(
        "The model has thresholds by group, and the patient's is not known or has none of its own: the "
        "common ones decided."
    ),
}


def decided_by(explanation: Explanation, translator: Translator) -> str:
    """By whose thresholds it was answered; empty where the model has the same for all."""
    return "" if explanation.point is None else translator(POINTS[explanation.point])


def made_up(explanation: Explanation, translator: Translator) -> tuple[str, str] | None:
    """Tone and sentence: whether contributions that were integrated add up; None of others."""
    found = explanation.completeness
    if found is None:
        return None
    values = {
        "steps": translator.integer(found.steps),
        "error": translator.percent(found.error, 1),
        "tolerance": translator.percent(found.tolerance, 1),
    }
    if found.converged:
        return "", translator(
            "What the pieces add makes up the change of the score from a report without words, but for "
            "{error} of it ({steps} steps).",
            **values,
        )
    return "warn", translator(
        "What the pieces add does not add up: after {steps} steps {error} of the change of the score is "
        "missing, where {tolerance} may be. Ask for more steps: [explain.gradients] most.",
        **values,
    )


def rolled(explanation: Explanation, translator: Translator) -> str:
    """What shares of the attention are, and whose; empty where contributions are none."""
    if explanation.scale != "share":
        return ""
    said = translator(
        "For teaching: shown are shares of the attention that leads to each piece. They have no sign, "
        "they are no log-odds, and they are the same for every label; {rest} of it leads to no piece.",
        rest=translator.percent(explanation.rest or 0.0),
    )
    if not explanation.encoder_alone:
        return said
    return f"{said} " + translator(
        "They are of the encoder alone: TF-IDF, which answers with it, has no attention."
    )


def stays_alike(explanation: Explanation, translator: Translator) -> str:
    """Whether an explanation stays alike where the report changes little; empty where nobody measured."""
    found = explanation.stability
    if found is None:
        return ""
    return translator(
        "Explained again without a piece on which little hangs, {count} times, the order of what the "
        "pieces add has the rank correlation {mean}, at the least {lowest} (1 is the same order, 0 none).",
        count=translator.integer(found.changes),
        mean=translator.number(found.correlation, 2),
        lowest=translator.number(found.lowest, 2),
    )


SPLITS = {"train": N_("training"), "validation": N_("validation"), "calibration": N_("calibration")}


def similar_sentences(explanation: Explanation, translator: Translator) -> list[str]:
    """How similar reports are labelled, which were left out, what that is worth; none if not asked."""
    _, found = translator, explanation.similar
    if found is None:
        return []
    values = {
        "count": _.integer(len(found.nearest)),
        "same": _.integer(sum(explanation.label in one.labels for one in found.nearest)),
        "split": _(SPLITS[found.split]),
        "label": explanation.label,
        "compared": _.integer(found.compared),
    }
    said = [
        _(
            "Of the {count} most similar reports of {split}, {same} are labelled {label} ({compared} "
            "compared).",
            **values,
        )
        if found.nearest
        else _("No report of {split} has anything in common with this one ({compared} compared).", **values)
    ]
    if found.same_text or found.same_patient:
        said.append(
            _(
                "Left out: {same_text} of the same text, {same_patient} of the same patient.",
                same_text=_.integer(found.same_text),
                same_patient=_.integer(found.same_patient),
            )
        )
    if not found.patient_known:
        said.append(
            _("Whose report this is is not known here: others of the same patient may be among them.")
        )
    said.append(
        _(
            "Similar is what the model holds similar. It is no second opinion: a physician may find quite "
            "other reports similar, and the answer was not computed from these."
        )
    )
    return said


def similar_table(explanation: Explanation, translator: Translator) -> tuple[list[str], list[list[str]]]:
    """Heads, and a row for each similar report: its row in the corpus, never its id."""
    _, found = translator, explanation.similar
    heads = [
        _(head) for head in (N_("row of the corpus"), N_("similarity"), N_("labelled"), N_("answered so"))
    ]
    said = {True: _("yes"), False: _("no"), None: ""}
    rows = [
        [
            _.integer(one.row),
            _.number(one.similarity, 3),
            ", ".join(one.labels),
            said[one.agrees],
        ]
        for one in (found.nearest if found is not None else ())
    ]
    return heads, rows


def changed_by(text: str, explanation: Explanation, translator: Translator) -> str:
    """Without which words the answer would be another one; empty where nobody asked.

    Args:
        text: the report; the sentence quotes it.
        explanation: of the answer to it.
        translator: the language.
    """
    _, found = translator, explanation.counterfactual
    if found is None:
        return ""
    if not found.pieces:
        return _(
            "No removal that was tried changes the answer: {tried} pieces alone, and up to {most} together.",
            tried=_.integer(found.tried),
            most=_.integer(REACH),
        )
    values = {
        "words": ", ".join(f'"{" ".join(text[one.start : one.end].split())}"' for one in found.pieces),
        "answer": found.answer or "",
        "label": explanation.label,
        "share": _.percent(found.probability),
    }
    if found.answer is None:
        return _("Without {words} the label {label} would be answered otherwise ({share}).", **values)
    return _("Without {words} the answer would be {answer} ({label}: {share}).", **values)


def verdict(explanation: Explanation, translator: Translator) -> tuple[str, str]:
    """Tone and sentence: whether anything stands out, and whether the answer hangs on it."""
    _ = translator
    faint = all(abs(one.value) < LEAST for one in smallest(explanation))
    if faint and explanation.scale == "log-odds":
        return "warn", _("No piece alone changes the answer: it hangs on many at once, or on none.")
    found = explanation.faithfulness
    if found is None:
        return "", _("How far this is to be believed was not measured.")
    values = _shares(found, translator)
    if found.holds:
        return "good", _(
            "The answer hangs on what is named first: without it the probability falls by {fall}, without as "
            "many words drawn at random by {drawn}.",
            **values,
        )
    return "bad", _(
        "The answer hangs on what is named first no more than on words drawn at random (the probability "
        "falls by {fall} and by {drawn}): do not read reasons into it.",
        **values,
    )


def _shares(found: Faithfulness, translator: Translator) -> dict[str, str]:
    return {
        "fall": translator.number(found.comprehensiveness, 2),
        "drawn": translator.number(found.random_comprehensiveness, 2),
    }


def overall_verdict(found: Overview, translator: Translator) -> tuple[str, str]:
    """Tone and sentence: of how many explanations it is shown that the answers hang on them."""
    _ = translator
    total = translator.integer(sum(found.reports.values()))
    if found.faithful is None:
        unmeasured = N_("{count} reports were explained. How far this is to be believed was not measured.")
        return "", _(unmeasured, count=total)
    sentence = _(
        "{count} reports were explained. In {share} of them the answer hangs on what is named first more "
        "than on words drawn at random.",
        count=total,
        share=translator.percent(found.faithful),
    )
    return ("good" if found.faithful >= FAITHFUL else "warn"), sentence
