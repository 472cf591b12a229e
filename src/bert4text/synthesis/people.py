"""Made-up people, where they live and what numbers they bear, for reports that a recognizer learns from."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from bert4text.core.extras import require
from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon
from bert4text.privacy.census import bearers
from bert4text.synthesis.frames import frames

Group = Literal["common", "rare", "foreign", "indigenous", "invented"]

GROUPS: dict[Group, float] = {
    "common": 0.5,
    "rare": 0.2,
    "foreign": 0.12,
    "indigenous": 0.03,
    "invented": 0.15,
}
"""How often each group of names is drawn: the rare ones far oftener than they are borne."""
FOREIGN = ("it_IT", "de_DE", "pl_PL", "fr_FR", "tr_TR", "nl_NL", "hu_HU", "cs_CZ", "es_MX", "en_US")
"""Whose names foreign ones are drawn from."""
ALPHABETS = {
    "onset": "b br c ch d f fr g gl j k l lh m n nh p pr qu r s t tr v w x z",
    "vowel": "a e i o u ia ei",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SLOT = re.compile(r"\{([a-z]+)\}")
_FORM = re.compile(r"#+|@+")
_NAMES_OF_EACH = 400


class People:
    """Draws people of one language.

    Args:
        language: ``pt``, ``es`` or ``en``.
        draw: where chance comes from.

    Raises:
        MissingExtraError: faker is not installed.
    """

    def __init__(self, language: str, draw: random.Random) -> None:
        self.language = language
        self.draw = draw
        self.told = _told(language)

    def given(self, group: Group) -> str:
        """A given name."""
        if group == "invented":
            return self._invented()
        if group == "foreign":
            return self.draw.choice(_foreign()[0])
        if group == "indigenous":
            return self._of("indigenous")
        if self.language != "pt":
            return self.draw.choice(_local(self.language))
        names, weights = _borne()
        if group == "rare" or not names:
            return self.draw.choice(names or _local("pt"))
        return self.draw.choices(names, cum_weights=weights)[0]

    def surname(self, group: Group) -> str:
        """A surname."""
        chance = self.draw.random()
        if group == "invented" and chance < _HALF:
            return self._invented()
        if group == "foreign" and chance < _MOST:
            return self.draw.choice(_foreign()[1])
        return self._of("words") if chance > _MOST else self._of("surnames")

    def name(self, surname: str | None = None) -> str:
        """A full name; of a family, where a surname is given."""
        group = self.draw.choices(list(GROUPS), list(GROUPS.values()))[0]
        given = [self.given(group)]
        if self.draw.random() < _SECOND:
            given.append(self.given("common"))
        families = [self.surname(group) for _ in range(self.draw.choice((1, 1, 1, 2, 2, 3)))]
        if surname is not None:
            families[-1] = surname
        link = self.draw.choice(self.told["links"])
        tied = "-".join(families[:2]) if link == "-" else link + " ".join(families)
        return f"{' '.join(given)} {tied}{self.draw.choice(self.told['ends_of_names'])}"

    def place(self) -> str:
        """A town or district."""
        return self._of("towns", "|")

    def facility(self) -> str:
        """A hospital, clinic or unit."""
        return self._filled(self.draw.choice(self.told["facilities"]))

    def organisation(self) -> str:
        """An employer, insurer or school."""
        return self._filled(self.draw.choice(self.told["organisations"]))

    def address(self) -> str:
        """A street and number."""
        street, number, end = (self.draw.choice(self.told[part]) for part in ("streets", "numbers", "ends"))
        form = f"{{number}} {street}{end}" if number == "before" else f"{street}{number}{end}"
        return self._filled(form)

    def form(self, *forms: str) -> str:
        """One of several forms; ``#`` stands for a digit, ``@`` for a capital."""
        return _FORM.sub(self._run, self.draw.choice(forms))

    def word(self) -> str:
        """A made-up word of small letters, as in an address of mail."""
        return self.given("common").split()[0].lower().encode("ascii", "ignore").decode() or "x"

    def _run(self, run: re.Match[str]) -> str:
        signs = "0123456789" if run.group()[0] == "#" else LETTERS
        return "".join(self.draw.choice(signs) for _ in run.group())

    def _of(self, what: str, between: str | None = None) -> str:
        return self.draw.choice(_listed(self.language, what, between))

    def _invented(self) -> str:
        onsets, vowels = (ALPHABETS[part].split() for part in ("onset", "vowel"))
        count = self.draw.choice((2, 2, 3, 3, 4))
        made = "".join(self.draw.choice(onsets) + self.draw.choice(vowels) for _ in range(count))
        return (made + self.draw.choice(("", "", "n", "r", "s", "l", "m", "son", "ina"))).capitalize()

    def _filled(self, form: str) -> str:
        return _SLOT.sub(lambda slot: self._part(slot[1]), form)

    def _part(self, slot: str) -> str:
        parts: dict[str, Callable[[], str]] = {
            "saint": lambda: self._of("saints", "|"),
            "town": self.place,
            "surname": lambda: self._of("surnames"),
            "person": lambda: f"{self.given('common')} {self._of('surnames')}",
            "brand": self._invented,
            "letters": lambda: "".join(self.draw.choice(LETTERS) for _ in range(self.draw.choice((3, 4)))),
            "letter": lambda: self.draw.choice(LETTERS),
            "number": lambda: str(self.draw.randrange(1, 3000)),
        }
        return parts[slot]()


_HALF, _MOST, _SECOND = 0.5, 0.85, 0.3


@cache
def _told(language: str) -> dict[str, Any]:
    told: dict[str, Any] = frames("people")[language]
    return told


@cache
def _listed(language: str, what: str, between: str | None) -> Sequence[str]:
    text: str = _told(language)[what]
    if between is None:
        return text.split()
    return [part.strip() for line in text.splitlines() for part in line.split(between) if part.strip()]


@cache
def _borne() -> tuple[list[str], list[float]]:
    """Given names of the census, and how many bear them, added up; empty without the package."""
    accented = {fold(name): name for name in _local("pt")}
    names, total, added = [], 0.0, []
    for name, borne in sorted(bearers().items()):
        if len(name) > 2 and name.isalpha():
            total += sum(borne)
            names.append(accented.get(name, name.capitalize()))
            added.append(total)
    return names, added


@cache
def _local(language: str) -> Sequence[str]:
    """Given names of a language beside those of the census."""
    lists = lexicon("surrogates")[language]
    return [
        *lists["female"],
        *lists["male"],
        *_drawn({"pt": "pt_BR", "es": "es_ES", "en": "en_US"}[language])[0],
    ]


@cache
def _foreign() -> tuple[list[str], list[str]]:
    """Given names and surnames of other languages."""
    drawn = [_drawn(locale) for locale in FOREIGN]
    return [name for one, _ in drawn for name in one], [name for _, one in drawn for name in one]


@cache
def _drawn(locale: str) -> tuple[list[str], list[str]]:
    """Names of a locale of Faker, in order."""
    faker = require("faker").Faker(locale)
    faker.seed_instance(0)
    given = sorted({faker.first_name() for _ in range(_NAMES_OF_EACH)})
    return given, sorted({faker.last_name() for _ in range(_NAMES_OF_EACH)})
