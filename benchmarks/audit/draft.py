"""A report in the making: parts that faults can be planted in, and the text they give."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from bert4text.core.report import Origin, Report, Split

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass
class Section:
    """One section: its name here, its heading as written, its sentences."""

    name: str
    heading: str
    sentences: list[str]

    @property
    def text(self) -> str:
        """The section as it stands in the report."""
        return " ".join([self.heading, *self.sentences] if self.heading else self.sentences)


@dataclass
class Draft:
    """One report.

    Attributes:
        id, label, patient, episode, site, split, written_at, origin, attributes: as in ``Report``.
        gravity: of what it describes, from 0 to 1.
        style: place of its headings in the word list.
        header: first lines.
        sections: in their order.
        footer: last lines.
        text: the text itself where it is no longer made from the parts.
    """

    id: str
    label: str
    gravity: float = 0.0
    style: int = 0
    patient: str | None = None
    episode: str | None = None
    site: str | None = None
    split: Split | None = None
    written_at: datetime | None = None
    origin: Origin = "real"
    attributes: dict[str, str] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)
    text: str | None = None

    @classmethod
    def of(cls, report: Report) -> Draft:
        """The draft of a finished report with one label: each line a section, the longest the findings."""
        lines = report.text.splitlines()
        longest = max(range(len(lines)), key=lambda i: len(lines[i]))
        return cls(
            id=report.id,
            label=report.labels[0] if report.labels else "",
            patient=report.patient,
            split=report.split,
            origin=report.origin,
            attributes=dict(report.attributes),
            sections=[
                Section("findings" if i == longest else "line", "", _SENTENCE.split(line))
                for i, line in enumerate(lines)
            ],
        )

    @property
    def rendered(self) -> str:
        """The text."""
        if self.text is not None:
            return self.text
        return "\n".join([*self.header, *(section.text for section in self.sections), *self.footer])

    def section(self, name: str) -> Section:
        """A section by its name here."""
        return next(section for section in self.sections if section.name == name)

    def insert(self, sentence: str, drawn: Random) -> None:
        """Put a sentence anywhere among the findings."""
        sentences = self.section("findings").sentences
        sentences.insert(drawn.randint(0, len(sentences)), sentence)

    def conclude(self, sentence: str) -> None:
        """Put a sentence first into the conclusion."""
        self.section("conclusion").sentences.insert(0, sentence)

    def report(self, row: int) -> Report:
        """The finished report, as a row of a source."""
        return Report(
            id=self.id,
            text=self.rendered,
            labels=(self.label,),
            patient=self.patient,
            episode=self.episode,
            site=self.site,
            written_at=self.written_at,
            split=self.split,
            origin=self.origin,
            source_row=row,
            attributes=self.attributes,
        )
