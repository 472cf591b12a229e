"""What a language can say of nuclei: constructs, their degrees in words, and the frame of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from bert4text.synthesis.grammar import NOUN, Agreement, realize

Form = Literal["attribute", "clause", "item"]
Degrees = tuple[tuple[str, ...], ...]

FORMS: tuple[Form, ...] = ("attribute", "clause", "item")

COMPACT: dict[Form, int] = {"attribute": 4, "clause": 5, "item": 6}
"""The most words of a surface in a short report, where its construct does not say otherwise."""


@dataclass(frozen=True, eq=False)
class Construct:
    """One thing that is said of nuclei.

    Attributes:
        attributes: leads that follow (or, in English, precede) the host noun: ``de <contornos> *``.
        clauses: leads of a nominal clause: ``<contornos> *``.
        items: leads of a line in a list: ``<Contorno>: *``.
        degrees: for each level the synonyms, one of which replaces the star.
        own_degrees: degrees of one form, where they differ.
        whole: surfaces of one form and level that replace lead and degree.
        premodifier: whether the attribute stands before the host noun.
        compact: the most words a surface may have in a short report, by form.
    """

    attributes: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    degrees: Degrees = ()
    own_degrees: Mapping[Form, Degrees] = field(default_factory=dict)
    whole: Mapping[tuple[Form, int], tuple[str, ...]] = field(default_factory=dict)
    premodifier: bool = False
    compact: Mapping[Form, int] = field(default_factory=dict)

    @property
    def levels(self) -> range:
        """The levels it knows, from 1."""
        return range(1, len(self.degrees) + 1)

    def leads(self, form: Form) -> tuple[str, ...]:
        """The leads of one form."""
        return {"attribute": self.attributes, "clause": self.clauses, "item": self.items}[form]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Everything one language says.

    Attributes:
        nouns: what agrees with what.
        host: the noun that attributes belong to.
        constructs: name -> construct.
        variations: feature -> construct that words its standard error.
        names: feature -> the names of its mean, standard error, worst value and short row label.
        decimal: the decimal sign.
        both: what joins the last of a list of words, and the last of a list of clauses.
        not_assessed: the constant sentence on what was not measured; the same in every report.
        lead_ins: what may precede the host phrase in prose; ``*`` is the phrase.
        extremes: frames for the nuclei with extreme values; ``*`` is a list of clauses.
        headings: alternative names for material, morphometry and remark.
        remarks: neutral sentences on how the measurements were made, for long reports.
        summaries: frames for the closing line under a table.
        table: heading lines of a table of measurements.
        verbs: frames with a verb, keyed by whether the clause is plural.
        host_phrase: joins host and attributes: premodifiers, others -> phrase.
        times: words for a multiple of the series' median.
        below: words and a sign for a reading under the first cut point.
        verbless: how clauses begin that stand alone and take no verb.
        error, extreme: words for the standard error and the worst value, in brackets.
        extreme_items: how a list marks that an item is about extreme values.
    """

    nouns: Mapping[str, Agreement]
    host: str
    constructs: Mapping[str, Construct]
    variations: Mapping[str, Construct]
    names: Mapping[str, tuple[str, str, str, str]]
    decimal: str
    both: tuple[str, str]
    not_assessed: str
    lead_ins: tuple[str, ...]
    extremes: tuple[str, ...]
    headings: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    remarks: tuple[str, ...]
    summaries: tuple[str, ...]
    table: tuple[str, ...]
    verbs: Mapping[bool, tuple[str, ...]]
    host_phrase: Callable[[list[str], list[str]], str]
    times: Callable[[str, float], str]
    below: tuple[str, str]
    verbless: tuple[str, ...]
    error: str
    extreme: str
    extreme_items: str


@lru_cache(maxsize=4096)
def surfaces(lexicon: Lexicon, construct: Construct, form: Form, level: int) -> tuple[str, ...]:
    """Every way to say one level of a construct in one form; a choice among them depends on nothing else."""
    if (form, level) in construct.whole:
        return construct.whole[form, level]
    degrees = construct.own_degrees.get(form, construct.degrees)[level - 1]
    return tuple(
        realize(lead, degree, nouns=dict(lexicon.nouns), host=lexicon.host)
        for lead in construct.leads(form)
        for degree in degrees
    )


@lru_cache(maxsize=4096)
def compact_surfaces(lexicon: Lexicon, construct: Construct, form: Form, level: int) -> tuple[str, ...]:
    """The surfaces that are short enough for a short report."""
    return tuple(
        surface
        for surface in surfaces(lexicon, construct, form, level)
        if len(surface.split()) <= construct.compact.get(form, COMPACT[form])
    )


def plural(lexicon: Lexicon, construct: Construct, surface: str) -> bool:
    """Whether the noun a clause is about is plural, so that its verb can agree."""
    known = {noun for lead in construct.clauses for noun in NOUN.findall(lead)}
    found = next((noun for noun in sorted(known, key=len, reverse=True) if noun in surface), None)
    return lexicon.nouns[found].plural if found else False


def level_phrases(lexicon: Lexicon) -> list[str]:
    """Every phrase that depends on a level, longest first, to blank them out of a text."""
    phrases: set[str] = set()
    for construct in [*lexicon.constructs.values(), *lexicon.variations.values()]:
        for form in FORMS:
            for level in construct.levels if construct.leads(form) else ():
                phrases.update(surfaces(lexicon, construct, form, level))
    return sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
