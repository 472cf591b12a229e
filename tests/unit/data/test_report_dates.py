from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bert4text.data.dates import read_dates


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2025-03-12", (2025, 3, 12)),
        ("2025-03-12T14:32:05Z", (2025, 3, 12, 14, 32, 5)),
        ("2025-03-12T14:32:05-03:00", (2025, 3, 12, 17, 32, 5)),
        ("2025-03-12 14:32:05.123", (2025, 3, 12, 14, 32, 5)),
        ("20250312", (2025, 3, 12)),
        ("12/03/2025", (2025, 3, 12)),
        ("12/03/2025 às 14h32", (2025, 3, 12, 14, 32)),
        ("12-03-25", (2025, 3, 12)),
        ("12.03.1998 08:00", (1998, 3, 12, 8)),
        ("12/03/75", (1975, 3, 12)),
    ],
)
def test_ways_to_write_a_date(value, date):
    assert read_dates([value])[0] == [datetime(*date, tzinfo=UTC)]


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "ontem", "31/02/2025", "2025-13-01", "12/03", "1/2/3/4", "12/03/2025 25:00"),
        *("123456", "2025111", "45000"),
    ],
)
def test_what_is_no_date(value):
    assert read_dates([value])[0] == [None]


def test_the_order_is_found_for_the_column():
    assert read_dates(["03/04/2025", "12/25/2025"]) == (
        [datetime(2025, 3, 4, tzinfo=UTC), datetime(2025, 12, 25, tzinfo=UTC)],
        "month-first",
    )
    assert read_dates(["03/04/2025"])[1] == "day-first"
    assert read_dates(["12/25/2025", "25/12/2025"])[0][0] is None
    assert read_dates(["03/04/2025"], "month-first")[0][0].month == 3
