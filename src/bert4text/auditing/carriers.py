"""Check: which sections carry the label, each read alone?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from bert4text.auditing.checks import Context
from bert4text.auditing.crossfit import Floats, Sample
from bert4text.auditing.reading import Reading
from bert4text.core.corpus import Corpus
from bert4text.core.evaluation import Comparison, Metric
from bert4text.core.issue import Evidence, Issue, Severity
from bert4text.core.sections import NAMES, without_sections

CHECK = "sections"
COMMON = 0.2
"""Share of the reports that must have a section for it to be read alone."""
ADMINISTRATIVE: dict[str, Severity] = {"patient": "error", "signature": "error", "technique": "warning"}
"""Sections that tell of no finding: what they predict is a shortcut. A procedure may be chosen for what is
suspected, so that it is for a person to judge."""
ANSWERING = ("conclusion", "recommendation", "note", "addendum")
"""Sections that may hold the answer."""
SHORTCUT = 0.25
"""Share of the way from modal class to certainty, at the lower end, that makes one of these a shortcut."""
BETTER = 0.05
"""By how much macro-F1 must be higher, at the lower end, for a section to carry more than the rest."""


def check_sections(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Read each section alone, out of sample, and tell how far it gives the label away.

    A conclusion or recommendation that tells more than all the rest of the report is an error, and dropping
    it is the remedy; so is a section of the patient or the signature that predicts grossly.
    """
    sample = context.sample
    names = [name for name in NAMES if _share(context.reading, sample, name) >= COMMON]
    if not sample.usable or not names:
        return
    answers: dict[str, Floats] = {"": sample.unseen}
    for name in names:
        answers[name] = sample.answers([_alone(context.reading, place, name) for place in sample.places])
    figures, _ = sample.compared({**answers, "modal": _modal(sample)})
    yield _table(names, figures, sample)
    for name in names:
        if name in ADMINISTRATIVE:
            yield from _shortcut(name, figures, sample)
        elif name in ANSWERING:
            yield from _carrier(name, answers[name], figures, sample)


def _share(reading: Reading, sample: Sample, name: str) -> float:
    held = sum(any(one.name == name for one in reading.sections[place]) for place in sample.places)
    return held / max(1, len(sample))


def _alone(reading: Reading, place: int, name: str) -> str:
    text = reading.texts[place]
    return " ".join(text[one.body : one.end] for one in reading.sections[place] if one.name == name)


def _modal(sample: Sample) -> Floats:
    """What the shares of the labels alone would answer."""
    shares = sample.labels.mean(axis=0)
    if not sample.several:
        shares = shares / shares.sum()
    return np.tile(shares, (len(sample), 1))


def _evidence(name: str, figure: Metric) -> Evidence:
    return Evidence(
        term=name, reports=figure.n, precision=figure.value, low=figure.low, high=figure.high, kind="section"
    )


def _table(names: list[str], figures: dict[str, Metric], sample: Sample) -> Issue:
    whole = figures[""]
    return Issue(
        check=CHECK,
        severity="info",
        code="sections-alone",
        message="what a simple reader finds out of sample when it is shown one section alone (macro-F1; "
        "the whole report gives {whole})",
        values={"whole": whole.value, "low": whole.low, "high": whole.high, "total": len(sample)},
        reports=len(sample),
        evidence=tuple(
            _evidence(name, figures[name])
            for name in sorted(names, key=lambda name: -(figures[name].value or 0.0))
        ),
    )


def _shortcut(name: str, figures: dict[str, Metric], sample: Sample) -> Iterator[Issue]:
    figure, chance = figures[name], figures["modal"].value or 0.0
    low = (figure.value or 0.0) if figure.low is None else figure.low  # all right, or all wrong: no spread
    if low < chance + SHORTCUT * (1 - chance):
        return
    yield _issue(
        name,
        figure,
        severity=ADMINISTRATIVE[name],
        code="section-shortcut",
        message="the section {section} tells of no finding and predicts the label all the same: "
        "macro-F1 {value}, at least {least}",
        total=len(sample),
    )


def _carrier(name: str, alone: Floats, figures: dict[str, Metric], sample: Sample) -> Iterator[Issue]:
    """Whether an answering section tells more than the rest of the report does."""
    rest = sample.answers([without_sections(text, {name}) for text in sample.texts])
    compared, differences = sample.compared({name: alone, "rest": rest})
    difference: Comparison = differences["rest"]
    if difference.low is None or difference.low < BETTER:
        return
    yield _issue(
        name,
        figures[name],
        severity="error",
        code="section-carries-label",
        message="the section {section} alone tells more of the label than all the rest of the report: "
        "macro-F1 {value} against {rest}",
        total=len(sample),
        rest=compared["rest"].value,
    )


def _issue(
    name: str,
    figure: Metric,
    *,
    severity: Severity,
    code: str,
    message: str,
    total: int,
    rest: float | None = None,
) -> Issue:
    return Issue(
        check=CHECK,
        severity=severity,
        code=code,
        message=message,
        values={
            "section": name,
            "value": figure.value,
            "least": figure.value if figure.low is None else figure.low,
            **({} if rest is None else {"rest": rest}),
        },
        reports=total,
        evidence=(_evidence(name, figure),),
        remedy={"prepare.sections.drop": [name]} if severity == "error" else None,
    )
