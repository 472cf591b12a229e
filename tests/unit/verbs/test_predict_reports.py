"""What ``predict`` takes for reports, and what it refuses without a word of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.core.errors import ConfigError
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from conftest import make_corpus

TEXTS = ["nódulo oval circunscrito", "nódulo irregular espiculado"]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return bert4text.train(make_corpus(200), project=Project(given={"train": {"encoder": "tfidf"}}))


class Column:
    """A column of a data frame, as far as anyone looks."""

    ndim = 1

    def __iter__(self) -> Any:
        return iter(TEXTS)


@pytest.mark.parametrize(
    "given", [TEXTS, tuple(TEXTS), np.array(TEXTS), Column(), (text for text in TEXTS)], ids=type
)
def test_any_sequence_of_texts_is_answered_in_order(classifier: Classifier, given: Any) -> None:
    wanted = [prediction.probabilities for prediction in bert4text.predict(classifier, TEXTS)]
    found = bert4text.predict(classifier, given)
    assert [prediction.row for prediction in found] == [1, 2]
    assert [prediction.probabilities for prediction in found] == wanted


@pytest.mark.parametrize(
    "given", [set(TEXTS), {"text": TEXTS}, np.array([TEXTS]), 7, b"oval", [None]], ids=type
)
def test_what_is_no_sequence_of_texts_is_refused(classifier: Classifier, given: Any) -> None:
    with pytest.raises(ConfigError, match="not reports or texts"):
        bert4text.predict(classifier, given)


@pytest.mark.parametrize("out", [None, "out.csv"])
@pytest.mark.parametrize("text", [TEXTS[0], "nódulo\n" * 900])
def test_a_text_in_the_place_of_a_path_is_not_quoted(
    classifier: Classifier, tmp_path: Path, text: str, out: str | None
) -> None:
    with pytest.raises(ConfigError) as caught:
        bert4text.predict(classifier, text, out=None if out is None else tmp_path / out)
    assert "nódulo" not in f"{caught.value} {caught.value.hint} {caught.value!r}"


def test_a_table_whose_name_has_spaces_is_read(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "new reports.csv").write_text("id,text\n1,oval\n", encoding="utf-8")
    assert bert4text.predict(classifier, str(tmp_path / "new reports.csv"))[0].status == "ok"
