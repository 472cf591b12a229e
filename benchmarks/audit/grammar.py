"""Clean corpora: made-up reports whose findings, and nothing else, differ by class, in a graded way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.audit.base import QUESTIONS, Base, Scene, faults, lists, people, stream
from benchmarks.audit.draft import Draft, Section
from bert4text.core.report import SPLITS, Split
from bert4text.synthesis.config import SynthesizeConfig
from bert4text.synthesis.synthesize import synthesize

SPREAD, BLUR, FOLLOWED = 0.28, 0.11, 0.8
"""How far reports of a class stray in gravity (where a class is 1 wide), findings of a report from it (where
all is), and how often a report has the class of its patient."""
PARTS = {"train": 0.7, "validation": 0.1, "calibration": 0.1, "test": 0.1}
BLOCKS = {"train": (0, 1270), "validation": (1300, 1450), "calibration": (1480, 1630), "test": (1660, 1820)}
"""Days from the beginning in which the reports of each split are written, where splits are by time."""
TEASED = 0.2
"""Share of the reports of a teased corpus in which a word of a label stands."""
_WHOLE, _LONGEST = (0, 1820), 30
_BEGIN = datetime(2018, 1, 8, 9, tzinfo=UTC)
_SLOT = re.compile(r"\{(\w+)\}")
_NUMBERS: dict[str, Callable[[Random], object]] = {
    "few": lambda drawn: drawn.randint(2, 9),
    "n": lambda drawn: drawn.randint(11, 97),
    "age": lambda drawn: drawn.randint(38, 79),
    "d2": lambda drawn: f"{drawn.randrange(100):02d}",
    "d3": lambda drawn: f"{drawn.randrange(1000):03d}",
    "d4": lambda drawn: f"{drawn.randrange(10_000):04d}",
    "size": lambda drawn: f"{drawn.randint(4, 38)} x {drawn.randint(4, 29)} mm",
}


def clean(base: Base) -> Scene:
    """A corpus without a fault.

    Reports of one class scatter around a gravity of their own, and each finding around that of its report;
    all else - headings, sites, dates, numbers, physicians - is drawn without looking at the class.
    """
    drawn = stream(base.seed, f"clean.{replace(base, teased=False).key}")
    drafts = _cytology(base, drawn) if base.style else _written(base, drawn)
    if base.teased:
        drawn = stream(base.seed, "teased")
        for draft in drafts:
            if drawn.random() < TEASED:
                draft.insert(drawn.choice(faults(base)["teasers"]), drawn)
    return Scene(base, drafts)


def fill(template: str, drawn: Random, given: Mapping[str, str]) -> str:
    """A sentence with its places filled: those given, and numbers."""
    if "{" not in template:
        return template
    return _SLOT.sub(lambda slot: given.get(slot[1]) or str(_NUMBERS[slot[1]](drawn)), template)


def _cytology(base: Base, drawn: Random) -> list[Draft]:
    config = SynthesizeConfig.model_validate({"style": base.style})
    language = {"pt": "pt-BR", "en": "en"}[base.language]
    made = synthesize("cytology", config, n=base.size, language=language, seed=base.seed)
    homes: dict[str | None, Split] = {}
    drafts = [Draft.of(report) for report in made]
    for draft in drafts:
        draft.split = homes.setdefault(draft.patient, _a_split(drawn))
    return drafts


def _written(base: Base, drawn: Random) -> list[Draft]:
    seen: set[str] = set()
    drafts = []
    writer = Writer(base)
    for draft in _reports(base, drawn):
        for _ in range(50):  # normal reports of few findings would else repeat by chance
            writer.write(draft, drawn)
            if draft.rendered not in seen:
                break
        seen.add(draft.rendered)
        drafts.append(draft)
        if len(drafts) == base.size:
            break
    return drafts


def _reports(base: Base, drawn: Random) -> Iterator[Draft]:
    """Drafts without texts, one patient after the other, without end."""
    shares, sites = QUESTIONS[base.question].shares, lists(base.language)["sites"]
    used: set[str] = set()
    while True:
        usual, site = _drawn_by(shares, drawn), drawn.randrange(len(sites))
        split, patient = _a_split(drawn), f"{drawn.getrandbits(64):016x}"
        begin, end = BLOCKS[split] if base.split == "time" else _WHOLE
        day = drawn.randint(begin, end - _LONGEST)
        for _ in range(1 + _drawn_by((0.62, 0.28, 0.1), drawn)):
            place = usual if drawn.random() < FOLLOWED else _drawn_by(shares, drawn)
            yield Draft(
                id=_new_id(used, drawn),
                label=base.labels[place],
                gravity=min(1.0, max(0.0, drawn.gauss(place + 0.5, SPREAD) / len(shares))),
                style=site % 3,
                patient=f"p-{patient}" if base.split in {"time", "patient"} else None,
                episode=f"e-{patient[:8]}" if base.split == "episode" else None,
                site=sites[site],
                split=split if base.split != "report" else _a_split(drawn),
                written_at=_BEGIN + timedelta(days=day, minutes=drawn.randrange(600)),
                attributes={
                    "equipment": f"E{drawn.randint(1, 4)}",
                    "file": f"part_{drawn.randint(1, 8):02d}.csv",
                    "reader": f"R{drawn.randint(1, 6)}",
                },
            )
            day += drawn.randint(1, 9)


def _new_id(used: set[str], drawn: Random) -> str:
    while (name := f"L{drawn.randrange(10**9):09d}") in used:
        pass
    used.add(name)
    return name


def _drawn_by(shares: tuple[float, ...], drawn: Random) -> int:
    return drawn.choices(range(len(shares)), shares)[0]


def _a_split(drawn: Random) -> Split:
    return drawn.choices(SPLITS, [PARTS[name] for name in SPLITS])[0]


class Writer:
    """Writes the text of a draft from its gravity, as one corpus is written.

    Args:
        base: the corpus.
        exam: which exam, where it is not that of the question.
    """

    def __init__(self, base: Base, *, exam: str | None = None) -> None:
        self.base, self.lists = base, lists(base.language)
        self.exam = self.lists[exam or QUESTIONS[base.question].exam]
        self.doctors = people(base)["doctors"]

    def write(self, draft: Draft, drawn: Random) -> None:
        """Fill the header, the sections and the footer of a draft."""
        heading = self.lists["headings"][draft.style]
        findings = [self._any("composition", drawn), *self._findings(draft.gravity, drawn)]
        while self.base.words > sum(sentence.count(" ") + 1 for sentence in findings):
            findings.extend(self._findings(draft.gravity, drawn))
        draft.sections = [
            Section("indication", heading["indication"], [self._any("indication", drawn)]),
            Section("technique", heading["technique"], [self._any("technique", drawn)]),
            Section("findings", heading["findings"], findings),
        ]
        if self.base.conclusion:
            closing = [self._any("closing", drawn)]
            draft.sections.append(Section("conclusion", heading["conclusion"], closing))
        draft.header, draft.footer = [drawn.choice(self.exam["title"])], []
        if self.base.stamped and draft.written_at is not None:
            draft.header.append(self.date(f"{draft.written_at:%d/%m/%Y}"))
            draft.header.append(self.number(drawn.randint(1_000_000, 6_999_999)))
        if self.base.signed:
            draft.footer = [self.signature(drawn.choice(self.doctors))]

    def date(self, date: str) -> str:
        """The line that dates a report."""
        return str(self.lists["date"].format(date=date))

    def number(self, number: int) -> str:
        """The line that numbers a report."""
        return str(self.lists["number"].format(number=number))

    def signature(self, doctor: str) -> str:
        """The line that signs a report."""
        return str(self.lists["signature"].format(doctor=doctor))

    def neutral(self, drawn: Random) -> str:
        """A sentence that goes with no class."""
        return self._any("neutral", drawn)

    def _findings(self, gravity: float, drawn: Random) -> list[str]:
        exam, found = self.exam, []
        for _ in range(1 + (drawn.random() < gravity / 3)):
            if drawn.random() < 0.35 + 0.4 * gravity:
                words = {
                    key: drawn.choice(_at(exam[key], gravity, drawn))
                    for key in ("shape", "margin", "density")
                }
                found.append(self._sentence(drawn.choice(exam["lesion"]), drawn, words))
        found = found or [drawn.choice(exam["none"])]
        found.extend(
            self._sentence(drawn.choice(_at(levels, gravity, drawn)), drawn)
            for levels in exam["graded"].values()
            if drawn.random() < 0.85
        )
        found.extend(self._sentence(one, drawn) for one in drawn.sample(exam["neutral"], drawn.randint(1, 3)))
        drawn.shuffle(found)
        return found

    def _any(self, kind: str, drawn: Random) -> str:
        return self._sentence(drawn.choice(self.exam[kind]), drawn)

    def _sentence(self, template: str, drawn: Random, words: Mapping[str, str] | None = None) -> str:
        if "{" not in template:
            return template
        side, place = drawn.choice(self.lists["sides"]), drawn.choice(self.exam["places"])
        made = fill(template, drawn, {"side": side, "place": place, **(words or {})})
        return made[0].upper() + made[1:]


def _at(levels: list[list[str]], gravity: float, drawn: Random) -> list[str]:
    """The wordings of the level that a gravity comes to, seen with some blur."""
    return levels[min(len(levels) - 1, max(0, int(len(levels) * (gravity + drawn.gauss(0, BLUR)))))]
