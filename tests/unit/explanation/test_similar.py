"""Similar reports: the nearest by cosine, without the report itself and without those of its patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import numpy as np
import pytest

from bert4text.core.errors import ConfigError
from bert4text.core.explanation import Explanation, Similarity
from bert4text.core.messages import load
from bert4text.core.progress import silent
from bert4text.core.report import SIDE, Report
from bert4text.explanation.page import page
from bert4text.explanation.similar import CHUNK, Neighborhood, Placed, vectors
from bert4text.explanation.wording import similar_sentences, similar_table
from bert4text.models.backends import Output
from bert4text.models.linear_backend import LinearBackend

PLACES = {
    "a": [1.0, 0.0],
    "b": [2.0, 2.0],
    "c": [0.0, 3.0],
    "d": [5.0, 0.5],
    "e": [-1.0, 0.0],
    "f": [4.0, 3.0],
}
"""Word -> what the made model reads of it."""


@dataclass
class Made:
    """A backend whose embeddings are told."""

    name: str = "torch"
    precision: str = "float32"
    settings: dict[str, Any] = field(default_factory=dict)
    blind: bool = False
    sizes: list[int] = field(default_factory=list)

    def forward(self, texts: Sequence[str]) -> Output:
        self.sizes.append(len(texts))
        found = np.array([PLACES[text.split()[0].casefold()] for text in texts], dtype=np.float32)
        ones = np.ones(len(texts), dtype=np.int32)
        return Output(found, None if self.blind else found, ones, ones)

    def save(self, folder: object, *, multilabel: bool = False) -> None:
        raise NotImplementedError


def report(text: str, **given: Any) -> Report:
    return Report(id=f"Z-{text}", text=text, labels=("bom",), **given)


def near(reports: Sequence[Report], backend: Any = None) -> Neighborhood:
    placed = [Placed(10 * place, one) for place, one in enumerate(reports, start=1)]
    with silent.task("reading") as task:
        return Neighborhood(
            backend or Made(),
            placed,
            split="train",
            agreement=lambda found: [one.text != "b" for one in found],
            task=task,
        )


def test_the_nearest_by_cosine_are_told_in_order() -> None:
    found = near([report(text) for text in "bcdef"]).nearest("a", patient=None, count=3)
    assert [one.row for one in found.nearest] == [30, 50, 10]
    assert [one.similarity for one in found.nearest] == pytest.approx(
        [5 / np.sqrt(25.25), 4 / 5, 1 / np.sqrt(2)], abs=1e-6
    )
    assert [one.agrees for one in found.nearest] == [True, True, False]
    assert found.compared == 5
    assert (found.same_text, found.same_patient, found.patient_known) == (0, 0, False)
    assert "Z-" not in repr(found)


def test_what_has_nothing_in_common_is_not_similar() -> None:
    found = near([report("c"), report("e")]).nearest("a", patient=None, count=5)
    assert found.nearest == ()
    assert "No report of training has anything in common" in similar_sentences(told(found), load("en"))[0]


def test_the_same_text_and_the_same_patient_are_left_out_and_counted() -> None:
    reports = [
        report("a", patient="p1"),
        report("A ", patient="p2"),
        report("d", patient="p1"),
        report("f", patient="p2"),
        report("b", patient="p3"),
        report("e", patient="p4"),
    ]
    found = near(reports).nearest("a", patient="p3", count=5)
    assert found.nearest == ()
    assert (found.same_text, found.same_patient, found.compared) == (2, 3, 1)
    assert found.patient_known
    found = near(reports[2:]).nearest("a", patient="p1", count=5)
    assert [one.row for one in found.nearest] == [20, 30]
    assert (found.same_text, found.same_patient) == (0, 1)


def test_nobody_is_known_where_the_corpus_names_no_patient() -> None:
    assert not near([report("d"), report("f")]).nearest("a", patient="p1", count=5).patient_known


def test_the_other_side_of_the_same_report_is_left_out() -> None:
    sides = {"attributes": {SIDE: "direita"}, "source_row": 4}
    reports = [report("a", **sides), report("d", **sides), report("f", attributes={SIDE: "d"}, source_row=5)]
    found = near(reports).nearest("a", patient=None, count=5)
    assert [one.row for one in found.nearest] == [30]
    assert (found.same_text, found.same_patient) == (1, 1)
    joined = [report("a", source_row=4), report("d", source_row=4)]  # of two sources: rows say nothing
    assert [one.row for one in near(joined).nearest("a", patient=None, count=5).nearest] == [20]


def test_vectors_are_computed_in_chunks() -> None:
    backend = Made()
    found = near([report(f"b {number}") for number in range(CHUNK + 3)], backend)
    assert backend.sizes == [CHUNK, 3]
    assert len(found.nearest("a", patient=None, count=CHUNK + 9).nearest) == CHUNK + 3


def test_tfidf_is_compared_by_its_terms() -> None:
    backend = LinearBackend(
        {"nódulo": 0, "oval": 1, "pele": 2},
        idf=np.array([1.0, 2.0, 1.0]),
        weights=np.zeros((2, 3)),
        intercepts=np.zeros(2),
    )
    rows = vectors(backend, ["nódulo oval", "pele", "mama"])
    assert np.allclose(rows.toarray(), [[1 / np.sqrt(5), 2 / np.sqrt(5), 0], [0, 0, 1], [0, 0, 0]])
    found = near([report("oval"), report("pele"), report("mama")], backend).nearest(
        "nódulo oval", patient=None, count=5
    )
    assert [(one.row, one.similarity) for one in found.nearest] == [(10, pytest.approx(2 / np.sqrt(5)))]


def test_a_model_without_embeddings_is_refused() -> None:
    with pytest.raises(ConfigError, match="gives no vectors"):
        vectors(Made(blind=True), ["a"])


def told(found: Similarity) -> Explanation:
    return Explanation(
        id="E1",
        row=1,
        label="bom",
        answer="bom",
        probability=0.9,
        method="occlusion",
        contributions=(),
        similar=found,
    )


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_page_and_screen_name_rows_and_no_id(language: str) -> None:
    translator = load(language)
    found = told(near([report(text) for text in "bdf"]).nearest("a", patient=None, count=2))
    shown = unescape(page([("a", found)], translator=translator))
    sentences = similar_sentences(found, translator)
    assert all(sentence in shown for sentence in sentences)
    heads, rows = similar_table(found, translator)
    assert [row[0] for row in rows] == ["20", "30"]
    assert all(f'<th scope="row" class="text">{row[0]}</th>' in shown for row in rows)
    assert not any("Z-" in said for said in (shown, *sentences, str(rows), str(heads), repr(found)))
    assert "2" in sentences[0]
    assert "bom" in sentences[0]
    assert len(sentences) == 3  # nothing was left out
