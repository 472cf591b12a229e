from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.seeds import rng
from bert4text.data.near_duplicates import near_duplicates

WORDS = [f"palavra{i}" for i in range(400)]


def text(random, n=60):
    return " ".join(random.choice(WORDS, size=n))


def edited(random, original, n):
    words = original.split()
    for place in random.choice(len(words), size=n, replace=False):
        words[place] = "outra"
    return " ".join(words)


def shingles(value):
    words = value.casefold().split()
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def jaccard(first, second):
    return len(shingles(first) & shingles(second)) / len(shingles(first) | shingles(second))


def test_pairs_are_those_of_the_exact_measure():
    random = rng(2, "tests.near")
    texts = [text(random) for _ in range(60)]
    texts += [edited(random, original, n) for original in texts[:40] for n in (1, 2, 4)]
    found = {(i, j): similarity for i, j, similarity in near_duplicates(texts, threshold=0.8, seed=7)}
    exact = {
        (i, j): jaccard(texts[i], texts[j])
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if jaccard(texts[i], texts[j]) >= 0.8
    }
    assert set(found) <= set(exact)
    assert len(found) >= 0.97 * len(exact)
    assert len(exact) > 60
    for pair, similarity in found.items():
        assert similarity == pytest.approx(exact[pair], abs=1e-6)


def test_many_alike_are_linked_across_splits_without_listing_all_pairs():
    random = rng(3, "tests.near")
    original = text(random, 120)
    texts = [edited(random, original, 1) for _ in range(600)]
    found = near_duplicates(texts, seed=7)
    assert len(found) < 600 * 599 / 2
    last = set(range(540, 600))  # the order of rows must not hide that the last ones resemble the first
    crossing = {j for i, j, _ in found if i < 540 <= j}
    assert crossing == last


def test_case_and_punctuation_do_not_count_but_empty_texts_never_match():
    found = near_duplicates(["Nódulo oval, LISO.", "nódulo  oval liso", "", "...", "ok", "OK!"], seed=1)
    assert found == [(0, 1, 1.0), (4, 5, 1.0)]
    assert near_duplicates([], seed=1) == []
    assert near_duplicates(["a"], seed=1) == []


@pytest.mark.parametrize("threshold", [0, -1, 1.5])
def test_thresholds_outside(threshold):
    with pytest.raises(ValueError, match="threshold"):
        near_duplicates(["a", "b"], threshold=threshold, seed=1)


@given(
    st.lists(st.text("ab ", max_size=30), max_size=12),
    st.sampled_from([0.1, 0.5, 0.8, 0.95, 1.0]),
    st.integers(0, 5),
)
@settings(deadline=None, max_examples=25)
def test_pairs_are_ordered_distinct_and_repeatable(texts, threshold, seed):
    found = near_duplicates(texts, threshold=threshold, seed=seed)
    assert all(i < j and similarity >= threshold for i, j, similarity in found)
    assert len({(i, j) for i, j, _ in found}) == len(found)
    assert found == near_duplicates(texts, threshold=threshold, seed=seed)
    repeated = {
        (i, j)
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if texts[i] == texts[j] and texts[i].strip()
    }
    assert repeated <= {(i, j) for i, j, _ in found}
