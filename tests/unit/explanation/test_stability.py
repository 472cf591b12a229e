"""A stable explanation keeps its order where little is taken away; one that is drawn anew does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from summed import SPACE, Summed

from bert4text.core.messages import load
from bert4text.core.prediction import Prediction
from bert4text.core.seeds import rng
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.explain import explain
from bert4text.explanation.units import cut
from bert4text.explanation.wording import stays_alike

TEXT = "Nódulo oval. Outro nódulo espiculado e denso. Pele fina. Axilas livres."
WEIGHTS = {"oval": -1.0, "espiculado": 3.0, "denso": 1.5, "Pele": 0.1, "fina": 0.05}


def explained(answer: Any, text: str = TEXT, **settings: Any) -> Any:
    row = answer([text])[0]
    prediction = Prediction(
        id="E", row=1, label=SPACE.names[int(row.argmax())], probabilities=tuple(row), model="m", key="k"
    )
    config = ExplainConfig(stability=3, faithfulness=False, **settings)
    return explain(text, text, prediction, answer, config, label_space=SPACE, rng=rng(7, "t"))


def test_a_sum_keeps_its_order_whatever_is_taken_away() -> None:
    found = explained(Summed(WEIGHTS))
    assert found.stability is not None
    assert found.stability.changes == 3
    assert found.stability.lowest == pytest.approx(1.0)
    words = len(cut(TEXT, "word"))
    gone = sum(len(cut(one, "word")) for one in ("Axilas livres.", "Pele fina.", "Nódulo oval."))
    assert found.calls == 1 + 4 + words + 3 * (1 + 1) + 3 * words - gone
    assert "rank correlation 1.00" in stays_alike(found, load("en"))


def test_what_is_drawn_anew_for_each_text_does_not() -> None:
    def answer(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        drawn = [rng(7, text).normal(3.0, 0.8) for text in texts]
        share = 1 / (1 + np.exp(-np.array(drawn)))
        return np.stack([1 - share, share], axis=1)

    found = explained(answer)
    assert found.stability is not None
    assert abs(found.stability.correlation) < 0.7


def test_a_change_of_the_answer_is_no_small_one() -> None:
    def answer(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        whole = np.array([text == TEXT for text in texts])
        return np.stack([~whole, whole], axis=1) * 0.8 + 0.1

    found = explained(answer)
    assert found.stability is None
    assert stays_alike(found, load("en")) == ""


def test_of_few_sentences_words_are_taken_away_and_without_an_order_nothing_is_said() -> None:
    short = "Nódulo espiculado e denso oval."
    found = explained(Summed(WEIGHTS), short)
    assert found.stability is not None
    assert found.stability.lowest == pytest.approx(1.0)
    assert explained(Summed({}), short).stability is None
    assert explained(Summed(WEIGHTS), "...").stability is None
    assert explained(Summed(WEIGHTS)).model_copy(update={"stability": None}).stability is None
