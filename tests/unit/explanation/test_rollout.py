"""Shares of the attention: no sign, no log-odds, said so on screen and page, and measured like any other."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import numpy as np
import pytest

import bert4text
from bert4text.core.errors import ConfigError
from bert4text.core.explanation import Contribution, Explanation
from bert4text.core.messages import load
from bert4text.explanation.page import page, pieces_table
from bert4text.explanation.paragraphs import for_physician
from bert4text.explanation.shading import foremost, shades
from bert4text.explanation.wording import LIMITS, ROLLED, limits, rolled, verdict
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from conftest import make_corpus

pytest.importorskip("torch")

ROLLOUT = {"method": "rollout"}
TEXT = "Nódulo irregular, espiculado. Pele sem distorção."


@pytest.fixture(scope="module")
def classifier(_tiny_encoder: Path) -> Classifier:
    train = {"encoder": str(_tiny_encoder), "epochs": 1, "calibration": {"deliver": "hybrid"}}
    project = Project(given={"train": train, "audit": {"fail_on": "never"}})
    return bert4text.train(make_corpus(80), project=project)


def test_words_and_the_rest_sum_to_one(classifier: Classifier) -> None:
    from bert4text.models.rollout import rolled_out

    (found,) = bert4text.explain(classifier, [TEXT], config=ROLLOUT)
    assert (found.method, found.scale, found.encoder_alone) == ("rollout", "share", True)
    words = {TEXT[one.start : one.end]: one.value for one in found.of("word")}
    assert list(words) == ["Nódulo", "irregular", "espiculado", "Pele", "sem", "distorção"]
    assert min(words.values()) > 0
    assert sum(words.values()) + (found.rest or 0) == pytest.approx(1)
    tokens = rolled_out(classifier.backend, TEXT)
    first = sum(
        share for (start, end), share in zip(tokens.stretches, tokens.shares, strict=True) if 7 <= start < 16
    )
    assert words["irregular"] == pytest.approx(first)
    sentences = found.of("sentence")
    assert sum(one.value for one in sentences) == pytest.approx(tokens.shares.sum())
    assert all(one.probability is None for one in found.contributions)
    assert found.faithfulness is not None
    assert found.calls == 1 + 49


def test_another_label_has_the_same_shares(classifier: Classifier) -> None:
    both = [
        bert4text.explain(classifier, [TEXT], config={**ROLLOUT, "label": label, "faithfulness": False})[0]
        for label in ("benigno", "maligno")
    ]
    assert both[0].contributions == both[1].contributions
    assert both[0].label != both[1].label


def test_an_ensemble_has_the_mean_of_its_members(classifier: Classifier) -> None:
    from bert4text.core.labels import LabelSpace
    from bert4text.explanation.config import ExplainConfig
    from bert4text.explanation.explainers import Question
    from bert4text.explanation.rollout import roll_out
    from bert4text.models.ensemble import Ensemble

    assert isinstance(classifier.label_space, LabelSpace)
    encoder = classifier.backend.model[0]  # type: ignore[attr-defined]
    settings = ExplainConfig.model_validate({"units": ["word"]})

    def shares(backend: object) -> list[float]:
        question = Question(TEXT, classifier.probabilities, 0, settings, backend=backend)  # type: ignore[arg-type]
        return [one.value for one in roll_out(question).contributions]

    assert shares(Ensemble([encoder, encoder])) == pytest.approx(shares(encoder))


def test_tfidf_is_refused_and_many_reports_too(classifier: Classifier) -> None:
    corpus = make_corpus(60)
    project = Project(given={"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}})
    tfidf = bert4text.train(corpus, project=project)
    with pytest.raises(ConfigError, match="answers by linear"):
        bert4text.explain(tfidf, [TEXT], config=ROLLOUT)
    with pytest.raises(ConfigError, match="no sign"):
        bert4text.explain_overall(classifier, corpus, config=ROLLOUT)


def made(*values: float, alone: bool = False) -> tuple[str, Explanation]:
    text = "abcdefgh"[: len(values)]
    pieces = tuple(
        Contribution(start=place, end=place + 1, unit="word", value=value)
        for place, value in enumerate(values)
    )
    known = {"id": "E1", "row": 1, "label": "bom", "answer": "bom", "probability": 0.9}
    return text, Explanation(
        **known,
        method="rollout",
        scale="share",
        encoder_alone=alone,
        rest=1 - sum(values),
        contributions=pieces,
    )


def test_what_stands_out_has_more_than_an_even_share() -> None:
    text, found = made(0.05, 0.02, 0.03, 0.02)
    shown = [(one.text, one.tone, one.strength) for one in shades(text, found)]
    assert shown == [("a", "share", 3), ("bcd", "", 0)]
    assert [one.start for one in foremost(found, "word", most=2)] == [0, 2]
    text, even = made(0.1, 0.1)
    assert [(one.text, one.tone) for one in shades(text, even)] == [("ab", "")]


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_it_is_made_plain_what_a_share_is(language: str) -> None:
    translator = load(language)
    text, found = made(0.3, 0.1, alone=True)
    said = rolled(found, translator)
    assert translator.percent(0.6) in said
    assert "TF-IDF" in said
    assert "TF-IDF" not in rolled(made(0.3)[1], translator)
    assert said in for_physician(found, translator=translator)
    shown = unescape(page([(text, found)], translator=translator))
    assert said in shown
    assert translator(ROLLED) in shown
    assert translator("speaks for the label") not in shown
    assert translator("adds (log-odds)") not in shown
    assert translator("It speaks neither for the label nor against it.") in shown
    heads, rows = pieces_table(text, found.of("word"), translator, scale=found.scale)
    assert heads == [translator("share of the attention")]
    assert rows[0] == ["a", translator.percent(0.3, 1)]
    mixed = unescape(
        page([(text, found), ("ab", found.model_copy(update={"scale": "log-odds"}))], translator=translator)
    )
    assert translator("speaks for the label") in mixed
    assert verdict(found, translator)[0] == ""  # small shares do not say that nothing hangs on anything


def test_limits_are_those_of_the_method() -> None:
    _, found = made(0.3)
    first, alone, last = LIMITS
    assert limits([found]) == (ROLLED, last)  # the answer need not hang on what is attended to
    occluded = found.model_copy(update={"scale": "log-odds", "method": "occlusion"})
    assert limits([found, occluded]) == (first, alone, ROLLED, last)
    assert limits([]) == LIMITS
    assert rolled(occluded, load("en")) == ""
    assert np.isclose(found.rest or 0, 0.7)
