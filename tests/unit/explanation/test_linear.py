"""Where TF-IDF answers, what the words add and what none of them adds is the score, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.core.errors import ConfigError
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.explainers import Question, log_odds
from bert4text.explanation.linear import add_up
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.terms import count, term_places
from bert4text.project import Project
from conftest import make_corpus

LINEAR = {"method": "linear", "units": ["word"]}


def trained(labels: tuple[str, ...]) -> Classifier:
    corpus = make_corpus(300, labels=labels)
    return bert4text.train(corpus, project=Project(given={"train": {"encoder": "tfidf"}}))


@pytest.fixture(scope="module")
def two() -> Classifier:
    return trained(("benigno", "maligno"))


@pytest.fixture(scope="module")
def three() -> Classifier:
    return trained(("benigno", "maligno", "dúvida"))


def summed(found: Any) -> float:
    return sum(one.value for one in found.contributions) + found.rest


def test_of_two_labels_the_sum_is_the_log_odds(two: Classifier) -> None:
    texts = make_corpus(300)["test"].texts
    for text in texts:
        (found,) = bert4text.explain(two, [text], config=LINEAR)
        assert found.against is None
        assert summed(found) == pytest.approx(log_odds(np.array([found.probability]))[0], abs=1e-4)
        turned = bert4text.explain(two, [text], config={**LINEAR, "label": "benigno"})[0]
        if found.label == "maligno":
            assert summed(turned) == pytest.approx(-summed(found), abs=1e-9)


def test_of_more_labels_it_is_the_log_ratio_to_the_likeliest_other(three: Classifier) -> None:
    names = list(three.label_space.names)
    for text in make_corpus(300, labels=tuple(names))["test"].texts[:20]:
        (found,) = bert4text.explain(three, [text], config=LINEAR)
        probabilities = three.probabilities([text])[0]
        label, other = names.index(found.label), names.index(found.against or "")
        assert other == np.argsort(probabilities)[-2]
        wanted = np.log(probabilities[label]) - np.log(probabilities[other])
        assert summed(found) == pytest.approx(wanted, abs=1e-4)


def test_words_are_told_where_they_stand_and_the_telling_ones_first(two: Classifier) -> None:
    text = "Nódulo ESPICULADO e 1 x 2 cm, irregular."
    (found,) = bert4text.explain(two, [text], config=LINEAR)
    words = {text[one.start : one.end]: one.value for one in found.of("word")}
    assert "e" not in words
    assert max(words, key=lambda word: words[word]) in {"ESPICULADO", "irregular"}
    assert all(one.probability is None for one in found.contributions)
    assert found.faithfulness is not None
    assert found.faithfulness.holds


def test_what_is_no_tfidf_is_refused() -> None:
    question = Question("nódulo", lambda texts: np.zeros((len(texts), 2)), 0, ExplainConfig())
    with pytest.raises(ConfigError, match="answers by"):
        add_up(question)


def test_places_of_terms_are_as_many_as_they_are_counted() -> None:
    text = "Nódulo oval, NÓDULO oval de 12 mm; İlhas ovais."
    vocabulary = {"nódulo": 0, "nódulo oval": 1, "~ ova": 2, "00": 3, "ovais": 4, "falta": 5}
    counted = count([text], vocabulary)[0].toarray()[0]
    found = {column: places for places, column in term_places(text, vocabulary)}
    sizes = {1: 2}
    assert {column: len(places) / sizes.get(column, 1) for column, places in found.items()} == {
        column: counted[column] for column in range(5)
    }
    assert [text[start:end] for start, end in found[1]] == ["Nódulo", "oval", "NÓDULO", "oval"]


@pytest.mark.parametrize("names", [("benigno", "maligno"), ("benigno", "maligno", "dúvida")])
def test_two_numbers_of_each_label_are_part_of_the_sum(names: tuple[str, ...]) -> None:
    made = trained(names)
    k = len(names)
    own = Calibrator(
        kind="vector", scale=tuple(0.7 + 0.3 * n for n in range(k)), bias=(0.4,) + (0.0,) * (k - 1)
    )
    made.recalibrate(own)
    for text in make_corpus(300, labels=names)["test"].texts[:8]:
        (found,) = bert4text.explain(made, [text], config=LINEAR)
        probabilities = made.probabilities([text])[0]
        label = names.index(found.label)
        other = 1 - label if k == 2 else names.index(found.against or "")
        wanted = np.log(probabilities[label]) - np.log(probabilities[other])
        assert summed(found) == pytest.approx(wanted, abs=1e-4)
