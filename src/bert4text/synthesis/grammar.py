"""Agreement of Portuguese adjectives, verbs and numbers: a noun table and four small functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Gender = Literal["m", "f"]


@dataclass(frozen=True, slots=True)
class Noun:
    """One entry of the noun table.

    Attributes:
        lemma: the singular.
        gender: m or f; English nouns carry m, which changes nothing there.
        plural: the plural.
    """

    lemma: str
    gender: Gender
    plural: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What an adjective or a verb agrees with."""

    gender: Gender
    plural: bool


SLOT = re.compile(r"\{(\w+)\}")
NOUN = re.compile(r"<([^>]+)>")

IRREGULAR: dict[str, tuple[str, str, str, str]] = {
    "algum": ("algum", "alguma", "alguns", "algumas"),
    "simples": ("simples", "simples", "simples", "simples"),
}
"""Masculine and feminine singular, masculine and feminine plural."""


def inflect(adjective: str, agreement: Agreement) -> str:
    """Give a Portuguese adjective, named by its masculine singular, the gender and number asked for.

    Raises:
        ValueError: the ending is none of -o, -e, -r, -vel, -al, and the word is not in ``IRREGULAR``.
    """
    feminine, plural = agreement.gender == "f", agreement.plural
    if adjective in IRREGULAR:
        return IRREGULAR[adjective][2 * plural + feminine]
    if adjective.endswith("o"):
        return adjective[:-1] + ("a" if feminine else "o") + ("s" if plural else "")
    if not plural and adjective.endswith(("e", "r", "vel", "al")):
        return adjective
    for ending, plural_ending in (("vel", "veis"), ("al", "ais"), ("e", "es"), ("r", "res")):
        if adjective.endswith(ending):
            return adjective.removesuffix(ending) + plural_ending
    raise ValueError(adjective)


def agree(template: str, agreement: Agreement) -> str:
    """Inflect every ``{adjective}`` of a template; the words outside the braces stay."""
    return SLOT.sub(lambda slot: inflect(slot[1], agreement), template)


def forms(nouns: tuple[Noun, ...]) -> dict[str, Agreement]:
    """Every singular and plural of a noun table, with what agrees with it."""
    table: dict[str, Agreement] = {}
    for noun in nouns:
        table[noun.plural] = Agreement(noun.gender, plural=True)
        table[noun.lemma] = Agreement(noun.gender, plural=False)
    return table


def realize(lead: str, degree: str, *, nouns: dict[str, Agreement], host: str) -> str:
    """Put a degree into a lead, in agreement with the lead's noun.

    Args:
        lead: the surrounding words, for example ``"de <contornos> *"``: the noun stands in angle
            brackets and the degree replaces the star.
        degree: for example ``"levemente {ondulado}"``.
        nouns: what agrees with what, from ``forms``.
        host: the noun to agree with where the lead has none of its own.
    """
    found = NOUN.search(lead)
    noun = found[1] if found else host
    words = agree(degree, nouns[noun.lower()])
    return NOUN.sub(lambda place: place[1], lead).replace("*", words)


def capitalized(sentence: str) -> str:
    """The sentence with a capital first letter; the rest stays."""
    return sentence[:1].upper() + sentence[1:]


def joined(parts: list[str], conjunction: str) -> str:
    """A list in prose, ``a, b e c``; the conjunction brings its own spaces."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])}{conjunction}{parts[-1]}"


def figure(value: float, digits: int, decimal: str) -> str:
    """A number with so many significant digits and the language's decimal sign; never an exponent."""
    if value == 0:
        return "0"
    places = digits - 1 - int(f"{value:.{digits - 1}e}".rpartition("e")[2])
    return f"{round(value, places):.{max(0, places)}f}".replace(".", decimal)
