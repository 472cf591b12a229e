"""Read the dates that hospital systems write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

_PATTERN = re.compile(
    r"(?:(?P<year>\d{4})(?:[-/.](?=\d{1,2}[-/.])|(?=\d{4}(?!\d)))(?P<month>\d{1,2})[-/.]?(?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<late>\d{4}|\d{2}))"
    r"(?:[T ,]*(?:às\s*)?(?P<hour>\d{1,2})[:h](?P<minute>\d{2})?(?::(?P<seconds>\d{2}))?(?:\.\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)


def read_dates(values: Sequence[str | None], order: str | None = None) -> tuple[list[datetime | None], str]:
    """Dates in UTC, None where there is none, and the order found: ``day-first`` or ``month-first``.

    ISO dates, 20250312, 12/03/2025, 12-03-25 and 12.03.2025, with or without a time. What can only be
    month first in some row and day first in none makes the column month first; day first in doubt.
    A year of two digits is one of the last 80 years up to 2019, or of 2000 to 2069.
    """
    matches = [None if value is None else _PATTERN.fullmatch(value.strip()) for value in values]
    if order is None:
        day_first = any(found and found["first"] and int(found["first"]) > 12 for found in matches)
        month_first = any(found and found["second"] and int(found["second"]) > 12 for found in matches)
        order = "month-first" if month_first and not day_first else "day-first"
    return [None if found is None else _date(found, order) for found in matches], order


def _date(found: re.Match[str], order: str) -> datetime | None:
    if found["year"]:
        year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    else:
        first, second = int(found["first"]), int(found["second"])
        day, month = (first, second) if order == "day-first" else (second, first)
        year = int(found["late"])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
    try:
        written = datetime(
            year,
            month,
            day,
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["seconds"] or 0),
            tzinfo=UTC,
        )
        if found["zone"] and found["zone"] != "Z":
            zone = datetime.strptime(found["zone"].replace(":", ""), "%z").tzinfo
            written = written.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return written
