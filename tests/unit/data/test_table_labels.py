from __future__ import annotations

import pytest

from bert4text.core.errors import LabelError
from bert4text.data.labels import LabelNames, label_space, merge_case, read_labels


@pytest.mark.parametrize(
    ("cell", "several", "found"),
    [
        (None, False, None),
        ("  ", True, None),
        (" benigno\n claro ", False, ("benigno claro",)),
        ("a|b", False, ("a|b",)),
        ("a | b;c;a", True, ("a", "b", "c")),
        ('["a", "b"]', True, ("a", "b")),
        ('["a"]', False, ("a",)),
        ("[]", True, ()),
        ("[]", False, None),
        ("[not json", False, ("[not json",)),
        ('[null, 1.0, true, ""]', True, ("1", "true")),
    ],
)
def test_cells(cell, several, found):
    assert read_labels(cell, several=several) == found


def test_names_are_mapped_exactly_then_in_any_case():
    names = LabelNames({"B": "benign", "inconclusivo": ""}, ["malignant"])
    assert [names(name) for name in ("B", "b", "INCONCLUSIVO", "Malignant", "other")] == [
        "benign",
        "benign",
        "",
        "malignant",
        "other",
    ]


def test_case_is_merged_to_the_most_frequent():
    rows, merged = merge_case([("Benigno",), ("BENIGNO",), ("Benigno",), None, ("x",)])
    assert rows == [("Benigno",), ("Benigno",), ("Benigno",), None, ("x",)]
    assert merged == ["BENIGNO"]


def test_the_task_is_found():
    assert label_space([("b",), ("a",), None], task=None, names=None).model_dump() == {
        "task": "binary",
        "names": ("a", "b"),
        "question": "label",
        "off_scale": (),
        "indeterminate": None,
    }
    assert label_space([("a",), ("b",), ("c",)], task=None, names=None).task == "multiclass"
    assert label_space([("a",), ("b",)], task="ordinal", names=["b", "a", "c"]).names == ("b", "a", "c")
    assert label_space([("a", "b"), ()], task="multilabel", names=None).names == ("a", "b")
    assert label_space([None, None], task=None, names=None) is None


@pytest.mark.parametrize(
    ("rows", "task", "names", "code"),
    [
        ([("a",), ("a",)], None, None, "one-class"),
        ([(), ()], "multilabel", None, "one-class"),
        ([("nódulo oval " * 9,), ("nódulo liso " * 9,)], None, None, "labels-are-texts"),
        ([("a",), ("b",)], None, ["a", "c"], "unknown-label"),
        ([("a", "b")], None, None, "several-labels"),
        ([("a",), ("b",), ("c",)], "binary", None, "not-binary"),
        ([("a",), ("b",)], "ordinal", None, "no-order"),
    ],
)
def test_labels_that_cannot_be_asked(rows, task, names, code):
    with pytest.raises(LabelError) as caught:
        label_space(rows, task=task, names=names)
    assert caught.value.error_code == code


def test_labels_off_the_scale_stand_beside_the_grades():
    rows = [("2",), ("0",), ("1",), ("6",)]
    space = label_space(rows, task="ordinal", names=["1", "2", "0", "6"], off_scale=["0", "6"])
    assert (space.names, space.scale) == (("1", "2", "0", "6"), (0, 1))
    assert space.narrowed(("1", "2", "6")).off_scale == ("6",)


@pytest.mark.parametrize(
    ("task", "off_scale"), [("multiclass", ["0"]), (None, ["0"]), ("ordinal", ["0", "1"])]
)
def test_only_an_ordinal_question_with_two_grades_has_labels_off_its_scale(task, off_scale):
    with pytest.raises(LabelError) as caught:
        label_space([("1",), ("2",), ("0",)], task=task, names=["1", "2", "0"], off_scale=off_scale)
    assert caught.value.error_code == "off-scale"


def test_an_indeterminate_label_makes_a_binary_question_one_of_three():
    rows = [("benigno",), ("indeterminado",), ("maligno",)]
    for task in ("binary", "multiclass", None):
        space = label_space(rows, task=task, names=None, indeterminate="indeterminado")
        assert (space.task, space.names) == ("multiclass", ("benigno", "maligno", "indeterminado"))
        assert (space.indeterminate, space.determinate) == ("indeterminado", ("benigno", "maligno"))
    absent = label_space(rows[::2], task=None, names=None, indeterminate="indeterminado")
    assert absent.names == ("benigno", "maligno", "indeterminado")
    named = label_space(
        rows, task="binary", names=["indeterminado", "maligno", "benigno"], indeterminate="indeterminado"
    )
    assert (named.names[0], named.determinate) == ("indeterminado", ("maligno", "benigno"))
    assert space.narrowed(("benigno", "maligno")).indeterminate is None


def test_of_ordered_labels_the_indeterminate_one_is_no_grade():
    rows = [("1",), ("2",), ("0",), ("?",)]
    space = label_space(rows, task="ordinal", names=["1", "2", "0"], off_scale=["0"], indeterminate="?")
    assert (space.names, space.scale) == (("1", "2", "0", "?"), (0, 1))


@pytest.mark.parametrize(
    ("rows", "task", "names"),
    [
        ([("a",), ("?",)], None, None),
        ([("a",), ("?",)], "binary", ["a", "?"]),
        ([("a",), ("b", "?")], "multilabel", None),
        ([("a",), ("?",)], "ordinal", ["a", "?"]),
    ],
)
def test_an_indeterminate_label_leaves_a_question(rows, task, names):
    with pytest.raises(LabelError) as caught:
        label_space(rows, task=task, names=names, indeterminate="?")
    assert caught.value.error_code == "indeterminate"


def test_three_determinate_labels_are_not_binary():
    with pytest.raises(LabelError) as caught:
        label_space([("a",), ("b",), ("c",), ("?",)], task="binary", names=None, indeterminate="?")
    assert caught.value.error_code == "not-binary"


def test_a_report_in_the_label_column_is_not_shown():
    text = "Maria " * 30
    with pytest.raises(LabelError) as caught:
        label_space([(text,), (text,)], task=None, names=None)
    assert "Maria" not in str(caught.value)


def test_long_labels_that_return_are_labels():
    names = ["a" * 80, "b" * 80]
    assert label_space([(name,) for name in names * 2], task=None, names=None).names == tuple(names)
