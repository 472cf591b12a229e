"""The tabular ceiling beside a model of the texts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bert4text.core.corpus import Corpus
from bert4text.core.errors import DataError, EmptyCorpusError, LabelError
from bert4text.synthesis.ceiling import ceiling, tabular_probabilities
from bert4text.synthesis.synthesize import synthesize
from conftest import make_corpus


def split(corpus: Corpus) -> Corpus:
    names = ["train", "train", "train", "test"]
    return corpus.with_column("split", [names[k % 4] for k in range(len(corpus))])


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_the_numbers_know_nearly_everything(language: str) -> None:
    corpus = split(synthesize("cytology", language=language))
    found = ceiling(corpus)
    asked = corpus["test"]
    truth = np.array([label == corpus.label_space.names[1] for label in asked.labels])  # type: ignore[union-attr]
    assert found.shape == (len(asked), 2)
    assert found.dtype == np.float64
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert roc_auc_score(truth, found[:, 1]) > 0.97
    assert ((found[:, 1] > 0.5) == truth).mean() > 0.93


def test_it_is_in_the_order_of_the_reports_and_of_the_labels() -> None:
    corpus = split(synthesize("cytology"))
    found = ceiling(corpus)
    shuffled = corpus.select(np.random.default_rng(1).permutation(569).tolist())
    by_id = dict(zip(corpus["test"].table["id"].to_pylist(), found, strict=True))
    again = ceiling(shuffled)
    for name, row in zip(shuffled["test"].table["id"].to_pylist(), again, strict=True):
        assert row == pytest.approx(by_id[name], abs=1e-6)
    assert ceiling(corpus, split="train").shape == (len(corpus["train"]), 2)


def test_shuffled_labels_leave_it_with_nothing() -> None:
    corpus = split(synthesize("cytology"))
    labels = np.random.default_rng(2).permutation(np.array(corpus.labels, dtype=object))
    corpus = corpus.with_column("labels", [[label] for label in labels])
    truth = np.array([label == "maligno" for label in corpus["test"].labels])
    assert 0.35 < roc_auc_score(truth, ceiling(corpus)[:, 1]) < 0.65


def test_other_corpora_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        ceiling(make_corpus())
    assert caught.value.error_code == "no-source-row"
    with pytest.raises(EmptyCorpusError):
        ceiling(synthesize("cytology", n=20))
    corpus = split(synthesize("cytology", n=20))
    strange = [[*row[:-1], ("wdbc_row", "0" * 12)] for row in corpus.table["attributes"].to_pylist()]
    with pytest.raises(DataError) as caught:
        ceiling(corpus.with_column("attributes", strange))
    assert caught.value.error_code == "unknown-source-row"


def test_labels_must_be_two_and_known() -> None:
    corpus = split(synthesize("cytology", n=40))
    with pytest.raises(LabelError) as caught:
        ceiling(corpus.with_column("labels", [["benigno"]] * 40))
    assert caught.value.error_code == "one-class"
    with pytest.raises(LabelError) as caught:
        ceiling(corpus.with_column("labels", [None] * 40))
    assert caught.value.error_code == "not-binary"
    with pytest.raises(LabelError) as caught:
        ceiling(make_corpus(labels=("a", "b", "c")))
    assert caught.value.error_code == "not-binary"


def test_probabilities_follow_the_rows() -> None:
    train = np.array([[0.0] * 30, [1.0] * 30, [0.1] * 30, [0.9] * 30])
    found = tabular_probabilities(train, [False, True, False, True], train)
    assert (found.argmax(axis=1) == [0, 1, 0, 1]).all()
