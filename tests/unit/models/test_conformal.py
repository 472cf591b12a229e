"""Prediction sets: which labels are kept at a promise, and what their scores are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bert4text.models.conformal import PredictionSets, drawn, named, scores

ROWS = st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=8)


def probabilities(rows):
    found = np.array(rows)
    return found / found.sum(axis=1, keepdims=True)


@given(rows=ROWS)
def test_the_likelier_label_never_suits_worse(rows):
    given_ = probabilities(rows)
    texts = [str(place) for place in range(len(rows))]
    for score in ("lac", "aps", "raps"):
        said = scores(given_, texts, score)
        for row, likely in zip(said, given_, strict=True):
            order = np.argsort(-likely, kind="stable")
            assert (np.diff(row[order]) >= -1e-12).all()


def test_scores_are_those_of_the_papers():
    given_ = np.array([[0.2, 0.7, 0.1]])
    u = drawn(["a"])[0]
    assert 0 <= u < 1
    np.testing.assert_allclose(scores(given_, ["a"], "lac"), [[0.8, 0.3, 0.9]])
    aps = [[0.9 - 0.2 * u, 0.7 - 0.7 * u, 1.0 - 0.1 * u]]
    np.testing.assert_allclose(scores(given_, ["a"], "aps"), aps)
    np.testing.assert_allclose(scores(given_, ["a"], "raps"), np.add(aps, [[0, 0, 0.01]]))


def test_what_is_drawn_hangs_on_the_text_alone():
    assert drawn(["um laudo", "outro"]).tolist() == drawn(["um laudo", "outro"]).tolist()
    many = drawn([str(place) for place in range(2000)])
    assert abs(many.mean() - 0.5) < 0.03
    assert drawn(["\ud800"]).shape == (1,)


def sets(**changed):
    given_ = {
        "overall": {"0.8": 0.3, "0.9": 0.6},
        "each_label": {"0.8": (0.2, 0.5), "0.9": (0.4, None)},
        "reports": (30, 8),
        "patients": (28, 8),
    }
    return PredictionSets(**{**given_, **changed})


def test_a_higher_promise_keeps_all_that_a_lower_one_keeps():
    given_ = np.array([[0.9, 0.1], [0.5, 0.5], [0.35, 0.65]])
    low, high = (sets().kept(given_, ["", "", ""], level, "overall") for level in (0.8, 0.9))
    assert low.tolist() == [[True, False], [False, False], [False, False]]
    assert (low <= high).all()
    assert high.tolist() == [[True, False], [True, True], [False, True]]


def test_a_label_with_too_few_reports_is_never_excluded():
    kept = sets().kept(np.array([[1.0, 0.0]]), [""], 0.9, "each-label")
    assert kept.tolist() == [[True, True]]
    assert sets().quantiles(0.9, "each-label") == (0.4, None)
    assert sets().quantiles(0.9, "overall") == (0.6, 0.6)


def test_levels_are_told_and_others_are_not_made_up():
    assert sets().levels == (0.8, 0.9)
    assert named(0.95) == "0.95"
    with pytest.raises(KeyError):
        sets().quantiles(0.85, "each-label")
    with pytest.raises(KeyError):
        sets(overall=None).quantiles(0.9, "overall")


def test_counts_and_quantiles_are_of_the_same_labels():
    with pytest.raises(ValidationError):
        sets(reports=(30, 8, 2))
