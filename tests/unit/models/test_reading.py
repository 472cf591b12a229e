"""Which tokens of a long report are read, in which windows, and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.models.reading import Piece, Reading, piece
from bert4text.models.windows import split

WORDS = [f"w{number}" for number in range(400)]


def ids_of(texts):
    """Every word is a token: its length in letters, so that order shows."""
    return [[sum(map(ord, word)) for word in text.split()] for text in texts]


def cut(text, reading, *, window=20, stride=10, head=5):
    return piece(text, ids_of([text])[0], reading, window=window, stride=stride, head=head, token_ids=ids_of)


FIRST = Reading.of("sections", ["impressão", "achados"])
ONLY = Reading.of("sections", ["impressão", "achados"], rest=False)
HEAD_TAIL = Reading.of("head-tail")
REPORT = (
    f"{' '.join(WORDS[:30])}\nAchados: {' '.join(WORDS[30:70])}\n"
    f"Técnica: {' '.join(WORDS[70:90])}\nConclusão: {' '.join(WORDS[90:103])}"
)


@pytest.mark.parametrize("reading", [Reading(), HEAD_TAIL, FIRST, ONLY])
@pytest.mark.parametrize("words", [0, 1, 19, 20])
def test_what_fits_a_window_is_read_whole(reading, words):
    text = " ".join(WORDS[:words])
    assert cut(text, reading) == Piece([ids_of([text])[0]])


@given(st.integers(21, 300), st.integers(2, 20))
def test_the_two_ends_are_one_window(words, head):
    text = " ".join(WORDS[:words])
    ids = ids_of([text])[0]
    found = cut(text, HEAD_TAIL, head=head)
    assert found.windows == [ids[:head] + ids[len(ids) - (20 - head) :]]
    assert found.unread == words - 20


def test_sections_come_first_and_the_rest_follows():
    conclusion, findings = (f"{name} {' '.join(some)}" for name, some in (
        ("Conclusão:", WORDS[90:103]), ("Achados:", WORDS[30:70])
    ))  # fmt: skip
    rest = " ".join([*WORDS[:30], "Técnica:", *WORDS[70:90]])
    first, others = ids_of([f"{conclusion} {findings}", rest])
    found = cut(REPORT, FIRST)
    assert found.windows == split([*first, *others], window=20, stride=10)
    assert found.unread == 0
    assert found.first == 6  # 55 tokens, a window begins every ten
    only = cut(REPORT, ONLY)
    assert only.windows == split(first, window=20, stride=10)
    assert only.unread == len(others)
    assert only.first == 0


@pytest.mark.parametrize("reading", [FIRST, ONLY])
def test_a_report_without_them_is_read_whole(reading):
    text = "Técnica: " + " ".join(WORDS[:100])
    assert cut(text, reading) == Piece(split(ids_of([text])[0], window=20, stride=10))


def test_the_same_section_is_named_once():
    assert Reading.of("sections", ["Impressão", "conclusão", "findings"]).sections == (
        "conclusion",
        "findings",
    )
    assert Reading.of("windows", ["Impressão"]) == Reading()


@pytest.mark.parametrize(
    ("names", "code"),
    [([], "no-sections"), (["nódulo"], "unknown-section"), (["conclusions!"], "unknown-section")],
)
def test_sections_that_are_none_are_refused(names, code):
    with pytest.raises(ConfigError) as caught:
        Reading.of("sections", names)
    assert caught.value.error_code == code
