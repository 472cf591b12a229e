"""Faults: the label, or what to do next, stands in the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from benchmarks.audit.base import Scene, faults
from benchmarks.audit.fault import Fault, Plant, Strength, of_class

LABEL, CONDUCT = "stated label", "stated conduct"
_STATED = (
    ("label-name", "two", "name"),
    ("label-name-three", "three", "name"),
    ("label-name-course", "course", "name"),
    ("label-name-grade", "grade", "name"),
    ("label-synonym", "two", "synonym"),
    ("label-synonym-three", "three", "synonym"),
    ("label-translation", "two", "translation"),
    ("label-translation-course", "course", "translation"),
    ("birads-digits", "five", "digits"),
    ("birads-roman", "five", "roman"),
    ("birads-words", "five", "words"),
    ("icd-code", "icd", "code"),
    ("icd-name", "icd", "title"),
    ("icd-code-of-diagnosis", "two", "icd"),
)
"""Fault, question, and list of sentences."""
_CONDUCT = (
    ("biopsy", "two", None),
    ("followup", "five", 2),
    ("workup", "three", None),
    ("routine", "two", 0),
)
"""Kind of conduct, question, and place of the label it goes with."""


def stating() -> Iterator[Fault]:
    """Every fault of this kind, once in the conclusion and once loose in the text."""
    for where in ("conclusion", "loose"):
        needs = {"conclusion": where == "conclusion"}
        for name, question, kind in _STATED:
            yield Fault(f"{name}/{where}", LABEL, _say(question, kind, where), question, needs)
        yield Fault(
            f"label-name-common/{where}", LABEL, _say("two", "benign", where), "two", {**needs, "aim": 0}
        )
        yield Fault(f"own-words/{where}", LABEL, _own(where), "course", needs)
        for kind, question, aim in _CONDUCT:
            plant = _say("conduct", kind, where)
            yield Fault(f"conduct-{kind}/{where}", CONDUCT, plant, question, {**needs, "aim": aim})


def _say(group: str, kind: str, where: str) -> Plant:
    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        given, foreign = _numbers(scene), faults(scene.base)[group].get("foreign", ())
        scene.planted.extend(foreign if kind == "translation" else ())
        sentences = [sentence.format(**given) for sentence in faults(scene.base)[group][kind]]
        return _put(scene, sentences, where, strength, drawn)

    return plant


def _own(where: str) -> Plant:
    """Words that only the user knows to mean the label, and has told."""

    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        scene.words[scene.base.target] = list(faults(scene.base)["own_words"])
        return _put(scene, faults(scene.base)["own"], where, strength, drawn)

    return plant


def _put(scene: Scene, sentences: Sequence[str], where: str, strength: Strength, drawn: Random) -> int:
    hit = of_class(scene, strength, drawn)
    for draft in hit:
        sentence = drawn.choice(sentences)
        if where == "conclusion":
            draft.conclude(sentence)
        else:
            draft.insert(sentence, drawn)
    return len(hit)


def _numbers(scene: Scene) -> dict[str, str]:
    """The number of the label aimed at, in digits, Roman numerals and in words."""
    roman, word = faults(scene.base)["five"]["numbers"][scene.base.aimed]
    return {"digit": str(scene.base.aimed + 1), "roman": roman, "word": word}
