"""Move dates: every date of a patient by as many weeks, so that intervals and days of the week stay."""

from __future__ import annotations

import hmac
import re
from datetime import date, timedelta
from hashlib import sha256

from bert4text.core.fold import fold
from bert4text.privacy.dates import DATE, MONTHS, WHOLE, read

_MIDDLE = 15
"""Day of the month that a date without one is taken for."""


def weeks_of(key: bytes, subject: str, *, at_most: int) -> int:
    """By how many weeks the dates of a patient move, never by none: keyed, so that nobody else can tell.

    Args:
        key: of the project, 32 bytes.
        subject: the patient, or the report where nobody knows the patient.
        at_most: weeks, into the past or the future.
    """
    drawn = int.from_bytes(hmac.new(key, f"shift:{subject}".encode(), sha256).digest()[:8], "big")
    place = drawn % (2 * at_most)
    return place - at_most if place < at_most else place - at_most + 1


def shifted(text: str, weeks: int, *, year: int) -> str | None:
    """A written date moved, in the form in which it was written; None where it tells no day of any calendar.

    Args:
        text: the date.
        weeks: by how much.
        year: what a date without a year is taken to be of.
    """
    found = DATE.match(fold(text)) or _DAY_MONTH.match(fold(text))
    if found is None:
        return None
    written = read(found)
    try:
        there = date(written.year or year, written.month or 1, written.day or _MIDDLE)
        moved = there + timedelta(weeks=weeks)
    except (ValueError, OverflowError):
        return None
    pieces, here = [], 0
    for part, (start, end) in sorted(written.places.items(), key=lambda one: one[1]):
        pieces += [text[here:start], _written(part, moved, text[start:end])]
        here = end
    return "".join([*pieces, text[here:]])


_DAY_MONTH = re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})")


def year_of(text: str) -> int | None:
    """The year that a written date tells, or None."""
    found = DATE.match(fold(text))
    return read(found).year if found else None


def _written(part: str, moved: date, before: str) -> str:
    """A part of a date as the one before it was written: as wide, in its language, in its case."""
    if part == "name":
        return _month_name(moved.month, before)
    if part == "year":
        sign = "'" if before.startswith("'") else ""
        return sign + (f"{moved.year:04d}" if len(before) - len(sign) == 4 else f"{moved.year % 100:02d}")
    number = moved.day if part == "day" else moved.month
    if not before.isdigit():  # "primeiro de maio"
        return "primeiro" if number == 1 else str(number)
    return f"{number:02d}" if before.startswith("0") or len(before) == 2 else str(number)


def _month_name(month: int, before: str) -> str:
    """A month in the language of the one that stood there; an accent that was left out stays out."""
    folded = fold(before)
    old = next(names for names in MONTHS if folded in names)
    place = _language_of(old, folded)
    name = _NAMES[place][month - 1]
    if folded not in WHOLE:
        name = name[:3]
    if name != fold(name) and before == folded and "c" in folded:
        name = fold(name)
    if before.isupper():
        return name.upper()
    return name.capitalize() if before[0].isupper() else name


_NAMES = (
    [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
)


def _language_of(old: tuple[str, ...], folded: str) -> int:
    """Whose month it is, by its own name: Portuguese where several have it."""
    own = [fold(names[MONTHS.index(old)]) for names in _NAMES]
    length = None if folded in WHOLE else 3
    return next((place for place, name in enumerate(own) if name[:length] == folded[:length]), 0)
