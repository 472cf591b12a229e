"""Texts, labels and groups in memory: what is taken, what is refused, and what a corpus makes of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import DataError, LabelError
from bert4text.data.arrays import classes_of, corpus_of, names_of, texts_of


@pytest.mark.parametrize(
    "wrap",
    [
        list,
        tuple,
        iter,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pa.array,
        lambda texts: pa.chunked_array([texts[:1], texts[1:]]),
    ],
)
def test_texts_come_in_any_sequence_and_are_normalized(wrap):
    texts = texts_of(wrap(["  no\u0301dulo \r\n", "cisto"]))
    assert texts == ["nódulo", "cisto"]
    assert all(type(text) is str for text in texts)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("one report", "X is str"),
        (b"bytes", "X is bytes"),
        ({"a": 1}, "X is dict"),
        (7, "X is int"),
        (["a", None], "NoneType"),
        (["a", 3, 2.5], "float, int"),
        (np.array([["a"], ["b"]]), "ndarray"),
    ],
)
def test_what_is_no_sequence_of_texts_is_refused(given, found):
    with pytest.raises(DataError, match=found) as caught:
        texts_of(given)
    assert caught.value.error_code == "bad-texts"
    assert "report" not in str(caught.value)


def test_empty_texts_are_counted_and_not_shown():
    with pytest.raises(DataError, match="2 texts are empty, the first at position 1"):
        texts_of(["a", " ", "b", "\u200b"])
    assert texts_of([]) == []


@given(st.lists(st.integers(-5, 5), min_size=2).filter(lambda y: len(set(y)) > 1))
def test_integer_labels_keep_their_order_and_dtype(y):
    classes, labels = classes_of(np.array(y), n=len(y))
    assert classes.dtype == np.array(y).dtype
    assert classes.tolist() == sorted(set(y))
    assert labels == [str(value) for value in y]
    assert names_of(classes) == tuple(str(value) for value in sorted(set(y)))


@pytest.mark.parametrize(
    "y",
    [
        ["b", "a", "b"],
        np.array(["b", "a", "b"]),
        np.array(["b", "a", "b"], dtype=object),
        pa.array(["b", "a", "b"]),
        iter(["b", "a", "b"]),
        np.array([["b"], ["a"], ["b"]]),
    ],
)
def test_string_labels_come_in_any_sequence(y):
    classes, labels = classes_of(y, n=3)
    assert classes.tolist() == ["a", "b"]
    assert labels == ["b", "a", "b"]


def test_boolean_labels_stay_boolean():
    classes, labels = classes_of([True, False, True], n=3)
    assert classes.dtype == bool
    assert labels == ["True", "False", "True"]


@pytest.mark.parametrize(
    ("y", "error", "code"),
    [
        (["a", "a", "a"], LabelError, "one-class"),
        (["a", "b"], DataError, "bad-lengths"),
        (["a", None, "b"], LabelError, "bad-labels"),
        ([0.0, float("nan"), 1.0], LabelError, "bad-labels"),
        ([0.1, 0.2, 0.3], LabelError, "bad-labels"),
        ([[0, 1], [1, 1], [1, 0]], LabelError, "bad-labels"),
        (np.array([1, "a", 2.5], dtype=object), LabelError, "bad-labels"),
        (7, LabelError, "bad-labels"),
        ([["a"], ["a", "b"], []], LabelError, "bad-labels"),
        ([], DataError, "bad-lengths"),
    ],
)
def test_what_is_no_single_label_for_each_text_is_refused(y, error, code):
    with pytest.raises(error) as caught:
        classes_of(y, n=3)
    assert caught.value.error_code == code


def test_a_corpus_keeps_order_and_names_and_hides_groups():
    corpus = corpus_of(["x", "y", "z"], ["2", "10", "2"], names=("2", "10"), groups=["João", None, "João"])
    assert corpus.texts == ["x", "y", "z"]
    assert corpus.labels == ["2", "10", "2"]
    assert corpus.label_space.names == ("2", "10")
    assert corpus.label_space.task == "binary"
    patients = corpus.table["patient"].to_pylist()
    assert patients[0] == patients[2] != patients[1]
    assert patients[1] is None
    assert "João" not in str(corpus.table.to_pylist())
    with pytest.raises(DataError, match="3 texts and 2 groups"):
        corpus_of(["x", "y", "z"], ["a", "b", "a"], names=("a", "b"), groups=[1, 2])


def test_equal_texts_belong_together_where_no_groups_are_given():
    corpus = corpus_of(["x", "y", "x", "z"], ["a", "b", "b", "c"], names=("a", "b", "c"), groups=None)
    patients = corpus.table["patient"].to_pylist()
    assert patients[0] == patients[2] is not None
    assert patients[1] is patients[3] is None
    assert corpus.label_space.task == "multiclass"
