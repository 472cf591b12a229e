"""The fewest pieces without which the answer is another: one where one is enough, none to be put back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from summed import SPACE, Summed

from bert4text.core.messages import load
from bert4text.core.prediction import Prediction
from bert4text.core.seeds import rng
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.counterfactual import Answered, fewest
from bert4text.explanation.explain import explain
from bert4text.explanation.explainers import Question
from bert4text.explanation.units import cut, without
from bert4text.explanation.wording import changed_by
from bert4text.models.calibration import Calibrator

TEXT = "Nódulo oval. Nódulo espiculado e denso, irregular."


def explained(answer: Summed, *, several: bool = False, **settings: Any) -> Any:
    row = answer([TEXT])[0]
    calibrator = Calibrator(link="sigmoid" if several else "softmax")
    label = None if several else SPACE.names[int(row.argmax())]
    prediction = Prediction(id="E", row=1, label=label, probabilities=tuple(row), model="m", key="k")
    config = ExplainConfig(counterfactual=True, faithfulness=False, **settings)
    system = (None, calibrator)
    return explain(TEXT, TEXT, prediction, answer, config, label_space=SPACE, system=system, rng=rng(7, "t"))  # type: ignore[arg-type]


def words(found: Any) -> list[str]:
    return [TEXT[one.start : one.end] for one in found.counterfactual.pieces]


def test_one_word_is_enough_where_one_is() -> None:
    found = explained(Summed({"espiculado": 2.0, "denso": 0.5}))
    assert words(found) == ["espiculado"]
    assert (found.counterfactual.answer, found.counterfactual.smallest) == ("benigno", True)
    assert found.counterfactual.probability == pytest.approx(1 / (1 + np.exp(0.5)))
    assert 'Without "espiculado" the answer would be benigno' in changed_by(TEXT, found, load("en"))


def test_what_is_not_needed_is_put_back() -> None:
    """Alone "oval" weighs most, and the answer changes without three others, whether it stands or not."""

    def answer(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        left = np.array(
            [sum(word in text for word in ("espiculado", "denso", "irregular")) for text in texts]
        )
        share = np.where(left == 0, 0.1, 0.9 + 0.01 * left + 0.05 * np.array(["oval" in t for t in texts]))
        return np.stack([1 - share, share], axis=1)

    found = explained(answer)  # type: ignore[arg-type]
    assert words(found) == ["espiculado", "denso", "irregular"]
    assert not found.counterfactual.smallest


def test_where_nothing_changes_the_answer_it_is_said() -> None:
    found = explained(Summed({"espiculado": 0.5}, start=3.0))
    assert found.counterfactual.pieces == ()
    assert found.counterfactual.answer is None
    assert not found.counterfactual.smallest
    assert "No removal that was tried" in changed_by(TEXT, found, load("en"))
    assert (
        changed_by(TEXT, explained(Summed({})).model_copy(update={"counterfactual": None}), load("en")) == ""
    )


def test_another_label_may_be_explained_and_it_is_still_the_answer_that_changes() -> None:
    found = explained(Summed({"espiculado": 1.0, "denso": 1.0}, start=-0.5), label="benigno")
    assert (found.label, found.answer) == ("benigno", "maligno")
    assert words(found) == ["espiculado", "denso"]
    assert found.counterfactual.answer == "benigno"
    assert found.counterfactual.smallest


def test_a_report_without_words_has_no_edit() -> None:
    edit = fewest(
        Question("...", Summed({}), 0, ExplainConfig()),
        [],
        Answered(0, lambda found: found[:, 0] < 0),
    )
    assert (edit.pieces, edit.tried) == ([], 0)


def test_sentences_are_taken_away_where_no_words_are_looked_at() -> None:
    found = explained(Summed({"espiculado": 2.0}), units=["sentence"])
    assert words(found) == ["Nódulo espiculado e denso, irregular."]


def test_where_several_labels_may_hold_it_is_the_label_that_changes() -> None:
    found = explained(Summed({"espiculado": 2.0}), several=True, label="maligno")
    assert words(found) == ["espiculado"]
    assert found.counterfactual.answer is None
    assert "the label maligno would be answered otherwise" in changed_by(TEXT, found, load("en"))


@given(st.lists(st.floats(-2, 2), min_size=7, max_size=7), st.floats(-2, 2))
def test_an_edit_changes_the_answer_no_piece_can_be_put_back_and_two_are_the_fewest(
    weights: list[float], start: float
) -> None:
    pieces = cut(TEXT, "word")
    answer = Summed(dict(zip([TEXT[a:b] for a, b in pieces], weights, strict=True)), start)
    before = answer([TEXT])[0].argmax()

    def changed(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        return probabilities.argmax(axis=1) != before

    question = Question(TEXT, answer, int(before), ExplainConfig())
    found = fewest(question, [], Answered(int(before), changed))
    gone = [(one.start, one.end) for one in found.pieces]

    def changes(some: Sequence[tuple[int, int]]) -> bool:
        return bool(changed(answer([without(TEXT, some)]))[0])

    fewer = [some for size in range(min(2, len(gone)) if gone else 2) for some in combinations(pieces, size)]
    assert not any(changes(some) for some in fewer)
    if gone:
        assert changes(gone)
        assert len(gone) <= 2 or not any(changes([*gone[:at], *gone[at + 1 :]]) for at in range(len(gone)))
