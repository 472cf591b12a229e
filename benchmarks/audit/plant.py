"""Clean corpora, and the same with known faults planted in them.

    scene, hit = plant(Base("pt", "two", 600, 1, conclusion=True), [("label-name/conclusion", "medium")])
    found = bert4text.audit(corpus_of(scene), ...)

Nothing here knows how the checks look for a fault: sentences, names and numbers come from the word lists of
``words/``, which share nothing with the lexicons of ``bert4text``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from benchmarks.audit.base import Base, Scene, stream
from benchmarks.audit.fault import Fault, Strength
from benchmarks.audit.grammar import clean
from benchmarks.audit.shortcuts import shortcuts
from benchmarks.audit.stating import stating
from benchmarks.audit.structure import structure
from benchmarks.audit.writing import writing
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace

FAULTS: dict[str, Fault] = {
    fault.name: fault for fault in chain(stating(), shortcuts(), writing(), structure())
}
"""Every fault, in the order in which they are planted where there are several."""
LANGUAGE = {"pt": "pt-BR", "es": "es", "en": "en"}


def base_for(names: Sequence[str], *, language: str, size: int, seed: int) -> Base:
    """The clean corpus that faults are planted in: what each of them needs; the first says the question."""
    needs: dict[str, Any] = {}
    for name in reversed(names):
        needs.update(FAULTS[name].needs)
    return replace(Base(language, FAULTS[names[0]].question, size, seed), **needs)


def plant(base: Base, wanted: Sequence[tuple[str, Strength]]) -> tuple[Scene, dict[str, int]]:
    """Plant faults into a clean corpus.

    Returns:
        The corpus in the making, and for each fault how many reports it hit.
    """
    scene, hit = clean(base), {}
    strengths = dict(wanted)
    for name in (name for name in FAULTS if name in strengths):
        drawn = stream(base.seed, f"plant.{name}")
        hit[name] = FAULTS[name].plant(scene, strengths[name], drawn)
    return scene, hit


def corpus_of(scene: Scene) -> Corpus:
    """The corpus, as one that a user would have prepared."""
    names = (*scene.base.labels, *scene.labels)
    space = LabelSpace(task="binary" if len(names) == 2 else "multiclass", names=names)
    reports = (draft.report(row) for row, draft in enumerate(scene.drafts, start=1))
    return Corpus.from_reports(reports, space, language=LANGUAGE[scene.base.language])
