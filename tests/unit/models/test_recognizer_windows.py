"""A long report is read in windows of one length that leave nothing out and overlap."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bert4text.models.recognizer import OVERLAP, windows


@given(st.integers(0, 5000), st.integers(2, 600))
def test_they_cover_all_overlap_and_none_is_too_long(tokens: int, most: int) -> None:
    found = windows(tokens, most)
    assert (found[0][0], found[-1][1]) == (0, tokens)
    lengths = {end - start for start, end in found}
    assert len(lengths) == 1
    assert max(lengths) <= most
    assert all(last[1] - first[0] >= min(OVERLAP, most // 2) for last, first in pairwise(found))


def test_what_fits_is_read_at_once() -> None:
    assert windows(254, 254) == [(0, 254)]
    assert windows(255, 254) == [(0, 144), (111, 255)]
