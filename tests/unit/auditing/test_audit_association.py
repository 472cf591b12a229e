from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from bert4text.auditing.association import Association, associate, corrected, indicator, masked, strongest
from bert4text.auditing.reading import Reading
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.core.seeds import rng


def reading(n=400, *, per_patient=1, seed=1):
    reports = [
        Report(
            id=str(i),
            text=f"texto {i}",
            labels=("a" if (i // per_patient) % 2 else "b",),
            patient=f"p{i // per_patient}",
            source_row=i + 1,
        )
        for i in range(n)
    ]
    space = LabelSpace(task="binary", names=("a", "b"))
    return Reading.of(Corpus.from_reports(reports, space), at_most=10_000, seed=seed)


def test_halves_keep_patients_whole_and_are_about_equal():
    read = reading(300, per_patient=3)
    for group in np.unique(read.groups):
        assert len(set(read.held[read.groups == group])) == 1
    assert 0.4 < read.held.mean() < 0.6


def test_a_sample_is_seeded_and_says_so():
    corpus = Corpus.from_reports(
        [Report(id=str(i), text="x y z", labels=("a",)) for i in range(200)],
        LabelSpace(task="binary", names=("a", "b")),
    )
    one, same, other = (Reading.of(corpus, at_most=100, seed=seed) for seed in (1, 1, 2))
    assert len(one) == 100
    assert one.sampled
    assert one.total == 200
    assert one.rows.tolist() == same.rows.tolist() != other.rows.tolist()


def test_unlabelled_and_empty_reports_are_not_read():
    corpus = Corpus.from_reports(
        [
            Report(id="1", text="x", labels=("a",)),
            Report(id="2", text="x", labels=None),
            Report(id="3", text=" ", labels=("a",)),
            Report(id="4", text="x", labels=("elsewhere",)),
        ],
        LabelSpace(task="binary", names=("a", "b")),
    )
    assert Reading.of(corpus, at_most=10, seed=1).rows.tolist() == [0]


def test_a_feature_of_one_label_is_found_with_its_figures():
    read = reading()
    features = [[0] if label else [] for label in read.labels[:, 0]]
    (found,) = corrected(associate(read, indicator(features, 1), [("word", "stated")]))
    assert found.name == "a"
    assert found.precision == 1.0
    assert found.recall == 1.0
    assert found.reports == 200
    assert 0.9 < found.low < found.high == 1.0
    assert found.strong
    assert found.weak
    assert found.shown


def test_a_feature_without_relation_is_not():
    read = reading()
    random = rng(3, "noise")
    features = [list(np.flatnonzero(random.random(50) < 0.3)) for _ in range(len(read))]
    found = corrected(associate(read, indicator(features, 50), [(str(i), "x") for i in range(50)]))
    assert len(found) > 10
    assert not any(one.weak for one in found)


def test_halves_that_choose_other_labels_leave_a_feature_out():
    read = reading()
    features = [
        [0] if held == label else [] for held, label in zip(read.held, read.labels[:, 0], strict=True)
    ]
    assert associate(read, indicator(features, 1), [("word", "x")]) == []


def test_the_choice_among_many_labels_is_paid_for():
    names = tuple("abcdefgh")
    reports = [Report(id=str(i), text="x y z", labels=(names[i % 8],), source_row=i + 1) for i in range(400)]
    corpus = Corpus.from_reports(reports, LabelSpace(task="multiclass", names=names))
    eight = Reading.of(corpus, at_most=10_000, seed=1)
    features = [[0] if row[0] and i % 3 else [] for i, row in enumerate(eight.labels)]
    (found,) = associate(eight, indicator(features, 1), [("w", "x")])
    assert found.name == "a"
    plain = hypergeom.sf(found.right - 1, 400, 50, found.reports)
    assert found.p == pytest.approx(8 * plain, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("labels", [2, 5])
def test_chance_is_called_an_association_as_rarely_as_said(labels):
    # 100 corpora in which 40 features of 20 reports go with nothing: p < 0.01 in about one of a hundred
    names = tuple(str(i) for i in range(labels))
    alarms = 0
    for seed in range(100):
        random = rng(seed, "null")
        reports = [
            Report(id=str(i), text="x y z", labels=(names[random.integers(labels)],)) for i in range(200)
        ]
        read = Reading.of(
            Corpus.from_reports(reports, LabelSpace(task="multiclass", names=names)), at_most=1000, seed=seed
        )
        features = [np.flatnonzero(random.random(40) < 0.1).tolist() for _ in range(200)]
        found = corrected(
            associate(read, indicator(features, 40), [(str(i), "x") for i in range(40)]), tried=40
        )
        alarms += any(one.p < 0.01 for one in found)
    assert alarms <= 5


def test_many_reports_of_one_patient_count_as_one():
    wide = associate(reading(400), indicator([[0] if i % 2 else [] for i in range(400)], 1), [("w", "x")])
    read = reading(400, per_patient=40)
    few = associate(read, indicator([[0] if row else [] for row in read.labels[:, 0]], 1), [("w", "x")])
    assert few[0].reports == wide[0].reports == 200
    assert few[0].patients == 5
    assert few[0].low < wide[0].low
    assert few[0].p > wide[0].p


def one(p, **changes):
    values = dict.fromkeys(("reports", "patients", "right"), 10)
    values |= {"precision": 1.0, "low": 0.9, "high": 1.0, "recall": 1.0, "base": 0.5, "label": 0}
    return Association(term=f"t{p}", kind="x", name="a", p=p, **{**values, **changes})


def test_holm_by_hand():
    assert [round(a.p, 4) for a in corrected([one(0.03), one(0.01), one(0.04)])] == [0.03, 0.06, 0.06]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_correction_only_raises_p_and_keeps_order(values):
    found = corrected([one(p) for p in values])
    assert [a.p for a in found] == sorted(a.p for a in found)
    assert all(a.p >= p for a, p in zip(found, sorted(values), strict=True))
    assert all(a.p <= 1 for a in found)


def test_rare_words_are_not_shown_and_digits_are_masked():
    assert strongest([one(0.1, reports=4), one(0.1, patients=4)]) == []
    assert masked("exame 1234-A") == "exame ####-A"
    assert one(0.1).evidence().term == "t#.#"


@pytest.mark.parametrize(
    ("low", "strong", "weak"), [(0.9, True, True), (0.57, False, True), (0.52, False, False)]
)
def test_grades_follow_the_doubt_taken_away(low, strong, weak):
    found = one(0.001, low=low)
    assert (found.strong, found.weak) == (strong, weak)
    assert not one(0.5, low=low).strong


def test_no_reports_give_no_associations():
    empty = Reading.of(
        Corpus.from_reports([], LabelSpace(task="binary", names=("a", "b"))), at_most=10, seed=1
    )
    assert associate(empty, indicator([], 1), [("w", "x")]) == []
