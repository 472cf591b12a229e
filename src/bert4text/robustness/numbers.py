"""Numbers: comma and point, millimeters and centimeters; the measures stay what they are."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.perturbation import Perturbation

_NUMBER = r"\d{1,3}(?:[.,]\d{1,2})?"
_MEASURE = re.compile(
    rf"(?<![\w.,/])(?P<numbers>{_NUMBER}(?:\s*[xX×]\s*{_NUMBER}){{0,2}})(?P<gap>\s*)"
    r"(?P<unit>mm|cm|ml|g|kg|%|mg/dl|MM|CM|ML|Ml|Cm|Mm)(?![\w²³/])"
)
_RANGE = re.compile(r"\d\s*(?:a|e|y|to|and|-|–)\s*$")
"""What stands before the second of two numbers that share a unit; they are left alone."""
_ONE = re.compile(_NUMBER)
_MARK = re.compile(r"(?<=\d)[.,](?=\d)")


def _other_mark(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    def instead(found: re.Match[str]) -> str:
        numbers = _MARK.sub(lambda mark: "." if mark.group() == "," else ",", found["numbers"])
        return numbers + found["gap"] + found["unit"]

    return _MEASURE.sub(instead, text)


def _other_unit(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    marks = {mark.group() for found in _MEASURE.finditer(text) for mark in _MARK.finditer(found.group())}
    decimal = marks.pop() if len(marks) == 1 else "." if language == "en" else ","

    def instead(found: re.Match[str]) -> str:
        unit = found["unit"].lower()
        if unit not in {"mm", "cm"} or _RANGE.search(text[max(0, found.start() - 8) : found.start()]):
            return found.group()
        factor, other = (Decimal("0.1"), "cm") if unit == "mm" else (Decimal(10), "mm")
        numbers = _ONE.sub(lambda one: _written(_value(one.group()) * factor, decimal), found["numbers"])
        return numbers + found["gap"] + (other.upper() if found["unit"].isupper() else other)

    return _MEASURE.sub(instead, text)


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", "."))


def _written(value: Decimal, mark: str) -> str:
    """A number without zeros that say nothing."""
    return f"{value.normalize():f}".replace(".", mark)


OTHER_MARK = Perturbation(N_("decimal comma and point change places"), "numbers", _other_mark)
OTHER_UNIT = Perturbation(
    N_("millimeters are written as centimeters, and the other way round"), "units", _other_unit
)
