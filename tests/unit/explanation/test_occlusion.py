"""Taking pieces away tells what each adds, exactly so where the score is a sum; and how faithful that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bert4text.core.errors import ConfigError, LabelError
from bert4text.core.explanation import Contribution
from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import Prediction
from bert4text.core.seeds import rng
from bert4text.explanation.config import ExplainConfig
from bert4text.explanation.explain import explain
from bert4text.explanation.explainers import EXPLAINERS, Question, log_odds
from bert4text.explanation.faithfulness import faithfulness
from bert4text.explanation.occlusion import occlude
from bert4text.explanation.units import cut

WEIGHTS = {"espiculado": 2.0, "oval": -1.5, "nódulo": 0.25}
TEXT = "Nódulo oval à direita. Outro nódulo, espiculado, à esquerda. Axilas livres."
SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))


def summed(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Log-odds of the second label are a sum over the words."""
    sums = np.array(
        [sum(WEIGHTS.get(text[a:b].casefold(), 0.0) for a, b in cut(text, "word")) for text in texts]
    )
    share = 1 / (1 + np.exp(-sums))
    return np.stack([1 - share, share], axis=1)


def asked(label: int = 1, text: str = TEXT, **settings: Any) -> Question:
    return Question(text, summed, label, ExplainConfig(**settings))


def values(found: Sequence[Contribution], unit: str, text: str = TEXT) -> dict[str, float]:
    return {text[one.start : one.end]: round(one.value, 6) for one in found if one.unit == unit}


def test_a_sum_is_taken_apart_into_its_parts() -> None:
    found = occlude(asked()).contributions
    words = values(found, "word")
    assert {word: value for word, value in words.items() if value} == {
        "Nódulo": 0.25,
        "oval": -1.5,
        "nódulo": 0.25,
        "espiculado": 2.0,
    }
    assert values(found, "sentence") == {
        "Nódulo oval à direita.": -1.25,
        "Outro nódulo, espiculado, à esquerda.": 2.25,
        "Axilas livres.": 0.0,
    }
    assert [one.unit for one in found] == ["sentence"] * 3 + ["word"] * len(cut(TEXT, "word"))
    assert values(occlude(asked(0)).contributions, "word") == {word: -value for word, value in words.items()}


def test_the_probability_without_a_piece_is_told() -> None:
    one = next(one for one in occlude(asked()).contributions if TEXT[one.start : one.end] == "espiculado")
    assert one.probability == pytest.approx(summed(["oval nódulo nódulo"])[0, 1])


def test_words_beyond_the_most_are_those_of_the_sentences_on_which_least_hangs() -> None:
    found = values(occlude(asked(words=5)).contributions, "word")
    assert list(found) == ["Outro", "nódulo", "espiculado", "à", "esquerda"]
    assert list(values(occlude(asked(words=2, units=["word"])).contributions, "word")) == ["Nódulo", "oval"]


def test_every_text_that_is_read_is_counted() -> None:
    question = asked()
    found = occlude(question).contributions
    assert question.calls == 1 + len(found)
    faithfulness(question, found, rng=rng(7, "t"))
    assert question.calls == 1 + len(found) + 1 + 4 * 2 * (1 + 5)


def test_what_is_named_first_outdoes_words_drawn_at_random() -> None:
    question = asked(draws=20)
    found = faithfulness(question, occlude(question).contributions, rng=rng(7, "t"))
    assert found is not None
    assert found.holds
    assert found.comprehensiveness > found.random_comprehensiveness + 0.1
    assert found.sufficiency < found.random_sufficiency
    assert found == faithfulness(question, occlude(question).contributions, rng=rng(7, "t"))


def test_an_explanation_turned_around_is_found_out() -> None:
    question = asked(draws=20)
    turned = [one.model_copy(update={"value": -one.value}) for one in occlude(question).contributions]
    found = faithfulness(question, turned, rng=rng(7, "t"))
    assert found is not None
    assert not found.holds


def test_words_that_were_not_looked_at_have_their_part_of_the_sentence() -> None:
    question = asked(draws=20, units=["sentence"])
    found = faithfulness(question, occlude(question).contributions, rng=rng(7, "t"))
    assert found is not None
    assert found.holds


def test_a_report_without_words_has_no_faithfulness() -> None:
    question = asked(text="...")
    assert occlude(question).contributions == []
    assert faithfulness(question, [], rng=rng(7, "t")) is None


def test_certainty_stays_finite() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


PREDICTION = Prediction(id="E1", row=3, label="maligno", probabilities=(0.2, 0.8), model="m", key="k")


def explained(prediction: Prediction = PREDICTION, **settings: Any) -> Any:
    return explain(
        TEXT, TEXT, prediction, summed, ExplainConfig(**settings), label_space=SPACE, rng=rng(7, "t")
    )


def test_the_answer_is_explained_unless_another_label_is_asked_for() -> None:
    found = explained()
    assert (found.id, found.row, found.label, found.answer, found.probability, found.key) == (
        *("E1", 3, "maligno", "maligno"),
        *(0.8, "k"),
    )
    other = explained(label="benigno", faithfulness=False)
    assert (other.label, other.answer, other.probability) == ("benigno", "maligno", 0.2)
    assert other.faithfulness is None
    several = PREDICTION.model_copy(update={"label": None, "probabilities": (0.7, 0.6)})
    assert (explained(several).label, explained(several).answer) == ("benigno", None)


def test_an_unknown_label_or_method_is_refused() -> None:
    with pytest.raises(LabelError, match="'benigna'; it knows benigno, maligno"):
        explained(label="benigna")
    with pytest.raises(ConfigError, match="occlusion"):
        explained(method="oclusion")
    assert EXPLAINERS.names() == ["occlusion", "linear", "gradients", "rollout"]


def test_no_text_of_a_report_is_in_what_is_shown_of_it() -> None:
    assert "dulo" not in f"{explained()!r} {explained().model_dump_json()}"
