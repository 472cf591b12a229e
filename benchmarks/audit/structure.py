"""Faults of a corpus as a whole: what stands on both sides of a split, repeats, or is too few."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from benchmarks.audit.base import Scene
from benchmarks.audit.draft import Draft
from benchmarks.audit.fault import OF_ALL, Fault, Plant, Strength, of_all, some
from benchmarks.audit.grammar import BLOCKS, Writer
from bert4text.core.report import SPLITS

FAMILY = "structure"
COVERED: dict[Strength, float] = {"strong": 0.9, "medium": 0.6, "weak": 0.3}
"""Share of a class that one template covers."""
FEW: dict[Strength, int] = {"strong": 1, "medium": 4, "weak": 12}
"""Reports of a class that is too small."""
TINY = {"pt": "outro", "es": "otro", "en": "other"}
_NUMBER = re.compile(r"\d+")


def structure() -> Iterator[Fault]:
    """Every fault of this kind."""
    every: list[tuple[str, Plant, dict[str, Any]]] = [
        ("patients-across-splits", _torn("patient"), {}),
        ("episodes-across-splits", _torn("episode"), {"split": "episode"}),
        ("identical-across-splits", _across(lambda text, _: text), {}),
        ("near-duplicates-across-splits", _across(retouched), {}),
        ("identical-with-other-label", _contradicted(lambda text, _: text), {}),
        ("near-duplicates-with-other-label", _contradicted(retouched), {}),
        ("time-travel", _late, {"split": "time"}),
        ("synthetic-held-out", _synthetic, {}),
        ("template-of-class", _template, {}),
        ("tiny-class", _tiny, {}),
    ]
    for name, plant, needs in every:
        yield Fault(name, FAMILY, plant, "three" if name == "tiny-class" else "two", needs)


def retouched(text: str, drawn: Random) -> str:
    """The same text with one word more and its last number another."""
    numbers = list(_NUMBER.finditer(text))
    if numbers:
        start, end = numbers[-1].span()
        text = f"{text[:start]}{int(text[start:end]) % 97 + 2}{text[end:]}"
    return text + " " + drawn.choice(("OK.", "Obs.", "(*)"))


def _torn(column: str) -> Plant:
    """Reports move to another split, where other reports of the same patient or episode are not."""

    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        counts = Counter(getattr(draft, column) for draft in scene.drafts)
        together = [draft for draft in scene.drafts if counts[getattr(draft, column)] > 1]
        hit = drawn.sample(together, min(len(together) // 2, round(OF_ALL[strength] * len(scene.drafts))))
        for draft in hit:
            draft.split = drawn.choice([split for split in SPLITS if split != draft.split])
        return len(hit)

    return plant


def _across(change: Callable[[str, Random], str]) -> Plant:
    """Held-out reports take the text of one to learn from, of the same class."""

    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        held = [draft for draft in scene.drafts if draft.split != "train"]
        hit = some(held, OF_ALL[strength], drawn)
        for draft in hit:
            pool = [one for one in scene.drafts if one.split == "train" and one.label == draft.label]
            draft.text = change(drawn.choice(pool).rendered, drawn)
        return len(hit)

    return plant


def _contradicted(change: Callable[[str, Random], str]) -> Plant:
    """Reports take the text of one of the same split and of another class."""

    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        hit = some(scene.drafts, OF_ALL[strength] / 2, drawn)
        sources: Sequence[Draft] = [draft for draft in scene.drafts if draft not in hit]
        for draft in hit:
            pool = [one for one in sources if one.split == draft.split and one.label != draft.label]
            draft.text = change(drawn.choice(pool).rendered, drawn)
        return 2 * len(hit)

    return plant


def _late(scene: Scene, strength: Strength, drawn: Random) -> int:
    """Reports to learn from are written when those of test are, or after."""
    train = [draft for draft in scene.drafts if draft.split == "train"]
    hit = some(train, OF_ALL[strength], drawn)
    for draft in hit:
        if draft.written_at is not None:
            draft.written_at += timedelta(days=BLOCKS["test"][1] - BLOCKS["train"][0])
    return len(hit)


def _synthetic(scene: Scene, strength: Strength, drawn: Random) -> int:
    hit = of_all(scene, strength, drawn)
    for draft in hit:
        draft.origin = "synthetic"
    return sum(draft.split != "train" for draft in hit)


def _template(scene: Scene, strength: Strength, drawn: Random) -> int:
    """The findings of a class are the same sentences, but for their numbers."""
    pattern = list(drawn.choice(scene.of_target()).section("findings").sentences)
    pattern += [Writer(scene.base).neutral(drawn) for _ in range(2)]
    hit = some(scene.of_target(), COVERED[strength], drawn)
    for draft in hit:
        draft.section("findings").sentences = [
            _NUMBER.sub(lambda _: str(drawn.randint(2, 97)), sentence) for sentence in pattern
        ]
    return len(hit)


def _tiny(scene: Scene, strength: Strength, drawn: Random) -> int:
    """A class more, of very few reports."""
    hit = drawn.sample(scene.of_target(), FEW[strength])
    name = TINY[scene.base.language]
    scene.labels = (name,)
    for draft in hit:
        draft.label = name
    return len(hit)
