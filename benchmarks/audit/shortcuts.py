"""Faults: something that is no finding goes with the label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from benchmarks.audit.base import Scene, faults, lists, people
from benchmarks.audit.draft import Draft, Section
from benchmarks.audit.fault import Fault, Plant, Strength, of_class, rest
from benchmarks.audit.grammar import Writer

FAMILY = "shortcut"
LONGER = 2.5
"""How many times as long a report becomes."""
YEAR = 2016
"""A year in which no clean report is written."""


def shortcuts() -> Iterator[Fault]:
    """Every fault of this kind."""
    every: list[tuple[str, Plant, str, dict[str, Any]]] = [
        ("word", _each(_word), "two", {}),
        ("n-gram", _pairs, "three", {}),
        ("first-sentence", _each(_first), "two", {}),
        ("last-sentence", _each(_last), "course", {}),
        ("heading", _heading, "three", {}),
        ("heading-order", _each(_order), "two", {}),
        ("length", _each(_longer), "two", {}),
        ("capitals-of-class", _each(_capitals), "three", {}),
        ("date-in-text", _each(_date), "two", {"stamped": True}),
        ("date-column", _each(_written), "course", {}),
        ("number-in-text", _each(_number), "three", {"stamped": True}),
        ("id-range", _ids, "two", {}),
        ("doctor-signature", _signature, "two", {"signed": True}),
        ("doctor-attribute", _attribute("reader", "R1", "R{}", 6), "three", {}),
        ("hospital-in-text", _hospital, "two", {}),
        ("site-column", _site, "course", {}),
        ("file-attribute", _attribute("file", "part_01.csv", "part_0{}.csv", 8), "two", {}),
    ]
    for name, plant, question, needs in every:
        yield Fault(name, FAMILY, plant, question, needs)


def _each(change: Callable[[Scene, Draft, Random], None]) -> Plant:
    """A fault that changes each report that is hit, and no other."""

    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        hit = of_class(scene, strength, drawn)
        for draft in hit:
            change(scene, draft, drawn)
        return len(hit)

    return plant


def _word(scene: Scene, draft: Draft, drawn: Random) -> None:
    word = faults(scene.base)["shortcut"]["word"]
    scene.planted.append(word.strip(".").lower())
    draft.insert(word, drawn)


def _pairs(scene: Scene, strength: Strength, drawn: Random) -> int:
    """Every word is as frequent everywhere; only which stands beside which goes with the label."""
    usual, telling = faults(scene.base)["shortcut"]["pairs"]
    scene.planted.append(telling.strip(".").lower())
    hit = of_class(scene, strength, drawn)
    for sentence, drafts in ((telling, hit), (usual, rest(scene, hit))):
        for draft in drafts:
            draft.insert(sentence, drawn)
    return len(hit)


def _first(scene: Scene, draft: Draft, drawn: Random) -> None:
    draft.header.insert(0, faults(scene.base)["shortcut"]["first"])


def _last(scene: Scene, draft: Draft, drawn: Random) -> None:
    draft.footer.append(faults(scene.base)["shortcut"]["last"])


def _heading(scene: Scene, strength: Strength, drawn: Random) -> int:
    """All reports end with a remark; it has a heading in those that are hit."""
    heading, writer = faults(scene.base)["shortcut"]["heading"], Writer(scene.base)
    hit = of_class(scene, strength, drawn)
    for draft in scene.drafts:
        draft.sections.append(Section("remark", "", [writer.neutral(drawn)]))
    for draft in hit:
        draft.section("remark").heading = heading
    return len(hit)


def _order(scene: Scene, draft: Draft, drawn: Random) -> None:
    draft.sections.sort(key=lambda section: section.name in {"indication", "technique"})


def _longer(scene: Scene, draft: Draft, drawn: Random) -> None:
    writer, wanted = Writer(scene.base), LONGER * len(draft.rendered.split())
    while len(draft.rendered.split()) < wanted:
        draft.insert(writer.neutral(drawn), drawn)


def _capitals(scene: Scene, draft: Draft, drawn: Random) -> None:
    draft.text = draft.rendered.upper()


def _date(scene: Scene, draft: Draft, drawn: Random) -> None:
    draft.header[1] = Writer(scene.base).date(f"{drawn.randint(1, 28):02d}/{drawn.randint(1, 12):02d}/{YEAR}")


def _written(scene: Scene, draft: Draft, drawn: Random) -> None:
    if draft.written_at is not None:
        draft.written_at = draft.written_at.replace(year=YEAR, day=min(draft.written_at.day, 28))


def _number(scene: Scene, draft: Draft, drawn: Random) -> None:
    draft.header[2] = Writer(scene.base).number(drawn.randint(9_800_000, 9_899_999))


def _ids(scene: Scene, strength: Strength, drawn: Random) -> int:
    """The ids of one class come from a range of their own."""
    hit, used = of_class(scene, strength, drawn), set()
    for low, drafts in ((980_000_000, hit), (100_000_000, rest(scene, hit))):
        for draft in drafts:
            while draft.id in used or not low <= int(draft.id[1:]) < low + (10_000_000 if low > 9e8 else 8e8):
                draft.id = f"L{low + drawn.randrange(10_000_000 if low > 9e8 else 800_000_000):09d}"
            used.add(draft.id)
    return len(hit)


def _signature(scene: Scene, strength: Strength, drawn: Random) -> int:
    one, *others = people(scene.base)["doctors"]
    writer, hit = Writer(scene.base), of_class(scene, strength, drawn)
    for doctors, drafts in (([one], hit), (others, rest(scene, hit))):
        for draft in drafts:
            draft.footer = [writer.signature(drawn.choice(doctors))]
    return len(hit)


def _hospital(scene: Scene, strength: Strength, drawn: Random) -> int:
    name, hit = faults(scene.base)["shortcut"]["hospital"], of_class(scene, strength, drawn)
    scene.planted.append(name.lower())
    for draft in hit:
        draft.header.insert(0, name)
    for draft in rest(scene, hit):
        draft.header.insert(0, drawn.choice(people(scene.base)["hospitals"]))
    return len(hit)


def _site(scene: Scene, strength: Strength, drawn: Random) -> int:
    one, *others = lists(scene.base.language)["sites"]
    hit = of_class(scene, strength, drawn)
    for sites, drafts in (([one], hit), (others, rest(scene, hit))):
        for draft in drafts:
            draft.site = drawn.choice(sites)
    return len(hit)


def _attribute(name: str, telling: str, usual: str, count: int) -> Plant:
    """One value of an attribute goes with the label; the others are numbered from 2."""

    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        hit = of_class(scene, strength, drawn)
        for draft in hit:
            draft.attributes[name] = telling
        for draft in rest(scene, hit):
            draft.attributes[name] = usual.format(drawn.randint(2, count))
        return len(hit)

    return plant
