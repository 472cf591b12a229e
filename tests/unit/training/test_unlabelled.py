"""Reports without a label: which of them a student may learn from."""

from __future__ import annotations

import pytest

from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.training.parts import unlabelled

SPACE = LabelSpace(task="binary", names=("a", "b"))


def corpus(*rows: tuple[str, str | None, str | None, str | None]) -> Corpus:
    """Reports of (text, label, split, patient)."""
    return Corpus.from_reports(
        [
            Report(
                id=f"r{place}",
                text=text,
                labels=None if label is None else (label,),
                split=split,
                patient=patient,
            )
            for place, (text, label, split, patient) in enumerate(rows)
        ],
        SPACE,
    )


def test_those_of_train_and_of_no_split_are_taken() -> None:
    found = corpus(
        ("labelled", "a", "train", None),
        ("of train", None, "train", None),
        ("of no split", None, None, None),
        ("  ", None, None, None),
        ("of validation", None, "validation", None),
        ("of calibration", None, "calibration", None),
        ("of test", None, "test", None),
        ("labelled, in no split", "b", None, None),
    )
    assert unlabelled(found, most=None, seed=7) == ["of train", "of no split"]


def test_a_patient_who_is_held_out_stays_held_out() -> None:
    found = corpus(
        ("labelled", "a", "train", "p1"),
        ("test", "a", "test", "p2"),
        ("more of a training patient", None, None, "p1"),
        ("more of a test patient", None, None, "p2"),
        ("of a test patient, in train", None, "train", "p2"),
        ("of another", None, None, "p3"),
    )
    assert unlabelled(found, most=None, seed=7) == ["more of a training patient", "of another"]


@pytest.mark.parametrize("most", [0, 1, 3, 9, 40])
def test_they_are_drawn_by_the_seed_where_there_are_too_many(most: int) -> None:
    found = corpus(*((f"text {place}", None, None, None) for place in range(9)))
    drawn = unlabelled(found, most=most, seed=7)
    assert len(drawn) == min(most, 9)
    assert drawn == sorted(drawn)
    assert drawn == unlabelled(found, most=most, seed=7)


def test_a_corpus_that_is_labelled_throughout_has_none() -> None:
    assert unlabelled(corpus(("a", "a", "train", None)), most=None, seed=7) == []
