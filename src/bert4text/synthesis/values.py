"""Values of slots of a made-up report: one patient and relatives, numbers of all forms."""

from __future__ import annotations

import random
from collections.abc import Callable

from validate_docbr import CNPJ, CNS, CPF, PIS, TituloEleitoral
from validate_docbr.DocumentBase import DocumentBase

from bert4text.core.lexicon import lexicon
from bert4text.synthesis.frames import frames
from bert4text.synthesis.people import People

KIND_OF = {
    **{
        kind: kind
        for kind in (
            *("patient", "relative", "professional", "name", "facility", "organisation", "place", "address"),
            *("postal-code", "date", "birth-date", "time", "phone", "e-mail", "url", "cpf", "cns", "cnpj"),
            *("record", "exam", "plan", "council", "account", "device", "vehicle", "credential", "number"),
        )
    },
    **dict.fromkeys(("pis", "titulo", "rg", "national-id", "ssn"), "national-id"),
    "register": "council",
    "extension": "phone",
}
"""Slot -> the kind of identifier that it is."""

_MAKERS: dict[str, DocumentBase] = {
    "cpf": CPF(),
    "cns": CNS(),
    "cnpj": CNPJ(),
    "pis": PIS(),
    "titulo": TituloEleitoral(),
}
_FIRST, _LAST = 1930, 2026
_MISTYPED, _GIVEN, _INITIALS, _INVERTED, _SHORT = 0.2, 0.3, 0.05, 0.15, 0.9


class Values:
    """Fills the slots of one report.

    Args:
        people: who draws names.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self.draw: random.Random = people.draw
        self.told = frames("values")
        self.patient = people.name()
        family = self.patient.split()[-1]
        self.family = family if family.isalpha() and len(family) > 2 else None

    def of(self, slot: str, *, field: bool = False) -> str:
        """A value of a slot.

        Args:
            slot: one of ``KIND_OF``.
            field: whether it stands alone in a field of a form, where names are whole.
        """
        if slot in {"patient", "relative", "professional", "name"}:
            return self._named(slot, field=field)
        if slot in _MAKERS:
            return self._document(slot)
        if slot in self.told["any"]:
            return self.people.form(*self.told["any"][slot])
        if slot in self.told[self.people.language]:
            return self._local(slot)
        makers: dict[str, Callable[[], str]] = {
            "facility": self.people.facility,
            "organisation": self.people.organisation,
            "place": self.people.place,
            "address": self.people.address,
            "date": self._date,
            "birth-date": self._date,
            "time": self._time,
            "e-mail": self._mail,
            "url": self._url,
        }
        return makers[slot]()

    def _named(self, slot: str, *, field: bool) -> str:
        """A name, whole or in part."""
        whole = self.patient
        if slot != "patient":
            whole = self.people.name(
                self.family if slot == "relative" and self.draw.random() < _HALF else None
            )
        words = whole.split()
        chance = self.draw.random()
        if chance < _INITIALS and len(words) > 1:
            initials = [f"{word[0]}." for word in words if word[0].isupper()]
            return self.draw.choice((" ".join(initials), "".join(initials), f"{words[0]} {initials[-1]}"))
        if field and chance < _INVERTED and len(words) > 1:
            return f"{' '.join(words[1:]).upper()}, {words[0]}"
        if not field and chance < _GIVEN:
            return words[-1] if slot == "professional" and self.draw.random() < _HALF else words[0]
        if chance > _SHORT and len(words) > 2:
            return f"{words[0]} {words[-1]}"
        return whole

    def _document(self, slot: str) -> str:
        """A number in one of its forms, its check digits right but for some that are mistyped."""
        state = random.getstate()  # the package draws from the module's own generator
        random.seed(self.draw.random())
        number: str = _MAKERS[slot].generate()
        random.setstate(state)
        if self.draw.random() < _MISTYPED:
            place = self.draw.randrange(len(number))
            number = number[:place] + str(self.draw.randrange(10)) + number[place + 1 :]
        digits = iter(number)
        form = self.draw.choice(self.told["documents"][slot])
        return "".join(next(digits) if sign == "0" else sign for sign in form)

    def _local(self, slot: str) -> str:
        """A number whose forms are those of a country; in Brazil councils are of a state."""
        form = self.draw.choice(self.told[self.people.language][slot])
        if slot == "council" and self.people.language == "pt":
            form = form.replace("@@", self.draw.choice(self.told["states"]["brazil"].split()))
        return self.people.form(form)

    def _date(self) -> str:
        names = lexicon("dates")["months"]
        month, year = self.draw.randrange(1, 13), self.draw.randrange(_FIRST, _LAST)
        named = self.draw.choice([name for name in names[month - 1] if len(name) > _ABBREVIATED])
        form = self.draw.choice(self.told["dates"]["forms"])
        day = self.draw.randrange(1, 32)
        return str(form.format(day=day, month=month, year=year, short=year % 100, named=named))

    def _time(self) -> str:
        hour, minute, second = (self.draw.randrange(most) for most in (24, 60, 60))
        form = self.draw.choice(self.told["times"]["forms"])
        return str(form.format(hour=hour, minute=minute, second=second))

    def _mail(self) -> str:
        words = {part: self.people.word() for part in ("first", "second", "host")}
        form = self.draw.choice(self.told["mail"]["forms"])
        return str(form.format(year=self.draw.randrange(100), **words))

    def _url(self) -> str:
        word = self.people.word()
        return self.people.form(f"www.{word}.com.br", f"https://{word}.org/r/####")


_ABBREVIATED, _HALF = 3, 0.5
