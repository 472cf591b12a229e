"""The page of explanations: each report with what its answer hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bert4text.core.explanation import Contribution, Driver, Explanation, Overview, Scale
from bert4text.core.messages import N_, Translator
from bert4text.core.page import render
from bert4text.explanation.overview import LEAST, strongest
from bert4text.explanation.shading import foremost, shades
from bert4text.explanation.wording import (
    LIMITS,
    UNITS,
    answer_sentence,
    beside,
    changed_by,
    decided_by,
    limits,
    made_up,
    overall_verdict,
    rolled,
    similar_sentences,
    similar_table,
    stays_alike,
    verdict,
)

MOST = 8
"""Pieces of each unit that are listed."""


def page(told: Iterable[tuple[str, Explanation]], *, translator: Translator) -> str:
    """Write explanations as HTML.

    Args:
        told: reports, and the explanations of the answers to them.
        translator: the language of the page.

    Returns:
        One page without script or outside address. It holds the texts of the reports.
    """
    _, given = translator, list(told)
    values = {
        "reports": [_report(text, explanation, translator=_) for text, explanation in given],
        "limits": [_(sentence) for sentence in limits(explanation for _text, explanation in given)],
        "signed": any(explanation.scale != "share" for _text, explanation in given) or not given,
        "shares": any(explanation.scale == "share" for _text, explanation in given),
    }
    return render("bert4text.explanation", "explanation.html", values, translator=translator)


def _report(text: str, explanation: Explanation, *, translator: Translator) -> dict[str, Any]:
    _ = translator
    units = dict.fromkeys(one.unit for one in explanation.contributions)
    return {
        "row": explanation.row,
        "side": explanation.side,
        "key": explanation.key,
        "answer": answer_sentence(explanation, _),
        "verdict": verdict(explanation, _),
        "beside": beside(explanation, _),
        "decided_by": decided_by(explanation, _),
        "stays_alike": stays_alike(explanation, _),
        "changed_by": changed_by(text, explanation, _),
        "made_up": made_up(explanation, _),
        "rolled": rolled(explanation, _),
        "shades": shades(text, explanation),
        "deidentified": explanation.deidentified,
        "similar": similar_sentences(explanation, _),
        "similar_table": similar_table(explanation, _),
        "tables": [
            (
                _(UNITS[unit]),
                *pieces_table(text, foremost(explanation, unit, most=MOST), _, scale=explanation.scale),
            )
            for unit in units
        ],
        "faithfulness": _faithfulness(explanation, _),
    }


def pieces_table(
    text: str, pieces: Sequence[Contribution], translator: Translator, *, scale: Scale = "log-odds"
) -> tuple[list[str], list[list[str]]]:
    """Heads of the figures, and a row for each piece: its words, what it adds, the probability without it.

    Args:
        text: the report.
        pieces: of it.
        translator: the language.
        scale: what the values are.
    """
    _, share = translator, scale == "share"
    asked = any(one.probability is not None for one in pieces)
    added = _("share of the attention") if share else _("adds (log-odds)")
    heads = [added, *([_("probability without it")] if asked else [])]
    rows = []
    for one in pieces:
        value = _.percent(one.value, 1) if share else _.number(one.value, 2)
        figures = [value, *([_.percent(one.probability)] if asked else [])]
        rows.append([" ".join(text[one.start : one.end].split()), *figures])
    return heads, rows


def _faithfulness(explanation: Explanation, translator: Translator) -> list[list[str]]:
    _, found = translator, explanation.faithfulness
    if found is None:
        return []
    return [
        [
            _("without the first words"),
            _.number(found.comprehensiveness, 3),
            _.number(found.random_comprehensiveness, 3),
        ],
        [
            _("with the first words alone"),
            _.number(found.sufficiency, 3),
            _.number(found.random_sufficiency, 3),
        ],
    ]


LISTED = 15
"""Words of each label that are listed, on either side."""
SIDES = N_("add to it"), N_("take from it")


def overview_page(found: Overview, *, translator: Translator) -> str:
    """Write what the answers of a model hang on as HTML.

    Args:
        found: over many reports.
        translator: the language of the page.

    Returns:
        One page without script or outside address. It holds words that several patients' reports share, and
        no text of any.
    """
    _ = translator
    labels = [
        {
            "name": label,
            "reports": count,
            "tables": [
                (_(title), [driver_row(one, _) for one in words])
                for title, words in zip(SIDES, strongest(found, label, most=LISTED), strict=True)
            ],
        }
        for label, count in found.reports.items()
    ]
    values = {
        "found": found,
        "labels": labels,
        "verdict": overall_verdict(found, _),
        "least": LEAST,
        "limits": [_(sentence) for sentence in LIMITS[:2]],
    }
    return render("bert4text.explanation", "overview.html", values, translator=translator)


def driver_row(one: Driver, translator: Translator) -> list[str]:
    """A word and what it adds, as cells of a table."""
    figures = (translator.number(value, 2) for value in (one.value, one.low, one.high))
    return [one.word, *figures, translator.integer(one.reports), translator.integer(one.patients)]
