"""Integrated gradients: words and the rest make up the log-odds, and it is said whether they do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import bert4text
from bert4text.core.errors import ConfigError
from bert4text.core.messages import load
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.explainers import Question, log_odds
from bert4text.explanation.gradients import attribute
from bert4text.explanation.wording import INTEGRATED, LIMITS, limits, made_up
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from conftest import make_corpus

pytest.importorskip("torch")

GRADIENTS = {"method": "gradients"}
TEXT = "Nódulo irregular, espiculado. Pele sem distorção."


@pytest.fixture(scope="module")
def classifier(_tiny_encoder: Path) -> Classifier:
    train = {
        "encoder": str(_tiny_encoder),
        "epochs": 5,
        "learning_rate": 0.005,
        "batches": {"size": 8},
        "calibration": {"deliver": "hybrid"},
    }
    project = Project(given={"train": train, "audit": {"fail_on": "never"}})
    return bert4text.train(make_corpus(120), project=project)


def test_words_and_the_rest_are_the_log_odds(classifier: Classifier) -> None:
    (found,) = bert4text.explain(classifier, [TEXT], config=GRADIENTS)
    assert (found.method, found.against) == ("gradients", None)
    assert found.completeness is not None
    assert found.completeness.converged
    assert found.completeness.error <= found.completeness.tolerance == 0.01
    assert found.calls == found.completeness.steps + 1 + 49
    words = {TEXT[one.start : one.end]: one.value for one in found.of("word")}
    assert list(words) == ["Nódulo", "irregular", "espiculado", "Pele", "sem", "distorção"]
    odds = log_odds(np.array([found.probability]))[0]
    assert sum(words.values()) + (found.rest or 0) == pytest.approx(odds, abs=1e-3)
    first, second = found.of("sentence")
    marks = first.value + second.value - sum(words.values())  # a sentence has its signs too
    assert second.value == pytest.approx(
        words["Pele"] + words["sem"] + words["distorção"], abs=abs(marks) + 0.2
    )
    assert all(one.probability is None for one in found.contributions)


def test_another_label_has_the_opposite_reasons(classifier: Classifier) -> None:
    settings = {**GRADIENTS, "faithfulness": False}
    of = {
        label: bert4text.explain(classifier, [TEXT], config={**settings, "label": label})[0]
        for label in classifier.label_space.names
    }
    one, other = of.values()
    assert [piece.value for piece in one.contributions] == pytest.approx(
        [-piece.value for piece in other.contributions], abs=1e-4
    )


def test_few_steps_are_quick_and_say_what_they_miss(classifier: Classifier) -> None:
    quick = {"gradients": {"steps": 2, "most": 2, "tolerance": 1e-6}, "faithfulness": False}
    (found,) = bert4text.explain(classifier, [TEXT], config={**GRADIENTS, **quick})
    assert found.calls == 3
    assert found.completeness is not None
    assert not found.completeness.converged
    tone, sentence = made_up(found, load("en")) or ("", "")
    assert tone == "warn"
    assert limits([found]) == (LIMITS[0], INTEGRATED, LIMITS[2])
    assert limits([found, bert4text.explain(classifier, [TEXT])[0]]) == (*LIMITS[:2], INTEGRATED, LIMITS[2])
    assert "does not add up" in sentence
    assert (
        "does not add up"
        not in (made_up(bert4text.explain(classifier, [TEXT], config=GRADIENTS)[0], load("en")) or ("", ""))[
            1
        ]
    )
    assert made_up(bert4text.explain(classifier, [TEXT])[0], load("en")) is None


def test_what_has_no_gradients_is_refused_and_told_what_explains_it() -> None:
    question = Question("nódulo", lambda texts: np.zeros((len(texts), 2)), 0, ExplainConfig())
    with pytest.raises(ConfigError, match="answers by") as caught:
        attribute(question)
    assert "occlusion" in caught.value.hint
    tfidf = bert4text.train(
        make_corpus(120),
        project=Project(given={"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}}),
    )
    with pytest.raises(ConfigError, match="answers by linear"):
        bert4text.explain(tfidf, [TEXT], config=GRADIENTS)
