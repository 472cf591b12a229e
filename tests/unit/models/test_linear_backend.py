from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bert4text.core.corpus import Corpus
from bert4text.core.errors import DataError, ModelError
from bert4text.models.calibration import Calibrator
from bert4text.models.linear_backend import NEVER, LinearBackend, Regression
from bert4text.models.terms import count, frequent, pieces, terms, words
from conftest import make_corpus

THREE = ("baixo", "médio", "alto")


def _fit(corpus: Corpus, **options: Any) -> tuple[LinearBackend, np.ndarray]:
    space = corpus.label_space
    assert space is not None
    y = np.array([space.index(str(label)) for label in corpus.labels])
    return LinearBackend.fit(corpus.texts, y, len(space), groups=corpus.groups, seed=7, **options), y


def _analyzed(text: str) -> list[str]:
    """Terms by scikit-learn's analyzers."""
    folded = re.sub(r"\d", "0", text)
    kept = " ".join(re.findall(r"\b\w\w+\b", folded))
    inner = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).build_analyzer()(kept)
    return CountVectorizer(ngram_range=(1, 2)).build_analyzer()(folded) + [f"~{piece}" for piece in inner]


def _vectorizer(backend: LinearBackend) -> TfidfVectorizer:
    return TfidfVectorizer(vocabulary=backend.vocabulary, sublinear_tf=True, analyzer=_analyzed)


@pytest.mark.parametrize("labels", [("benigno", "maligno"), THREE])
def test_agrees_with_scikit_learn_on_the_same_vocabulary(labels: tuple[str, ...]) -> None:
    corpus = make_corpus(160, labels=labels)
    backend, y = _fit(corpus)
    vectorizer = _vectorizer(backend)
    features = vectorizer.fit_transform(corpus.texts)
    oracle = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000).fit(features, y)
    fresh = make_corpus(60, labels=labels, seed=9).texts
    ours = Calibrator().probabilities(backend.forward(fresh).logits)
    np.testing.assert_allclose(ours, oracle.predict_proba(vectorizer.transform(fresh)), atol=1e-5)
    np.testing.assert_allclose(backend.idf, vectorizer.idf_, rtol=1e-12)


@pytest.mark.parametrize("balance", [0.0, 0.5])
def test_rare_labels_weigh_as_much_as_is_asked(balance: float) -> None:
    corpus = make_corpus(160)
    kept = [place for place, label in enumerate(corpus.labels) if label == "benigno" or place % 4 == 0]
    texts, groups = ([values[place] for place in kept] for values in (corpus.texts, corpus.groups))
    y = np.array([int(corpus.labels[place] == "maligno") for place in kept])
    regression = Regression(inverse_strength=3.0, balance=balance)
    backend = LinearBackend.fit(texts, y, 2, groups=groups, seed=7, regression=regression)
    weights = {label: (len(y) / 2 / (y == label).sum()) ** balance for label in (0, 1)}
    features = _vectorizer(backend).fit_transform(texts)
    oracle = LogisticRegression(C=3.0, class_weight=weights, max_iter=1000).fit(features, y)
    ours = Calibrator().probabilities(backend.forward(texts).logits)
    np.testing.assert_allclose(ours, oracle.predict_proba(features), atol=1e-5)


def test_terms_are_those_of_scikit_learn_but_for_digits() -> None:
    text = "Nódulo de 12 mm, BI-RADS 4; não há\ttexto."
    theirs = TfidfVectorizer(ngram_range=(1, 2)).build_analyzer()(text.replace("12", "00"))
    assert sorted(terms(text)) == sorted(theirs)
    assert words("Data 03/11/2026 às 14h") == ["data", "00", "00", "0000", "às", "00h"]


def test_a_term_of_few_reports_or_few_patients_is_not_kept() -> None:
    texts = ["comum raro"] * 4 + ["comum vizinho"] * 9
    groups = [f"p{i}" for i in range(4)] + ["p1"] * 9
    assert frequent(texts, groups, reports=5, patients=5) == {}
    groups[-1] = "p9"
    kept = frequent(texts, groups, reports=5, patients=5)
    assert {term for term in kept if "~" not in term} == {"comum"}
    assert {*pieces("comum"), "~o "} == set(kept) - {"comum"}
    every = ["comum", "comum raro", "comum vizinho", "raro", "vizinho"]
    every += [piece for word in ("comum", "raro", "vizinho") for piece in pieces(word)]
    assert list(frequent(texts, groups, reports=1, patients=1)) == sorted(set(every))


def test_a_rare_word_is_known_by_pieces_that_others_share() -> None:
    texts = [f"achado espiculad{end}" for end in ("o", "a", "os", "as", "amente")]
    kept = frequent(texts, [str(place) for place in range(5)], reports=5, patients=5)
    assert "espiculado" not in kept
    counts, _ = count(["achado espiculadíssimo"], kept)
    assert {"~ espi", "~culad"} <= {term for term, column in kept.items() if counts[0, column]}


def test_a_name_of_one_patient_never_enters_the_bundle(tmp_path: Path) -> None:
    corpus = make_corpus(120)
    texts = [f"{text} Zulmira 123456789" if i < 8 else text for i, text in enumerate(corpus.texts)]
    y = np.arange(120) % 2
    groups = ["p-zulmira"] * 8 + corpus.groups[8:]
    LinearBackend.fit(texts, y, 2, groups=groups, seed=7).save(tmp_path)
    written = (tmp_path / "vocabulary.json").read_text(encoding="utf-8")
    assert "zulmira" not in written
    assert not any(digit in "".join(json.loads(written)["terms"]) for digit in "123456789")


def test_the_same_texts_give_the_same_bytes(tmp_path: Path, corpus: Corpus) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        _fit(corpus)[0].save(tmp_path / name)
    for file in ("vocabulary.json", "weights.safetensors"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_comes_back_exactly(tmp_path: Path, corpus: Corpus) -> None:
    backend, _ = _fit(corpus)
    backend.save(tmp_path)
    again = LinearBackend.load(tmp_path)
    np.testing.assert_array_equal(again.forward(corpus.texts).logits, backend.forward(corpus.texts).logits)
    assert set(load_file(tmp_path / "weights.safetensors")) == {"idf", "weights", "intercepts"}


def test_an_answer_does_not_depend_on_its_neighbours(corpus: Corpus) -> None:
    backend, _ = _fit(corpus)
    texts = ["", *corpus.texts[:20]]
    together = backend.forward(texts)
    alone = np.concatenate([backend.forward([text]).logits for text in texts])
    np.testing.assert_array_equal(together.logits, alone)
    assert together.embedding is None
    assert together.windows.tolist() == [1] * 21
    assert together.tokens[0] == 0
    assert together.tokens[1] == len(words(texts[1]))


def test_learns_what_can_be_learned() -> None:
    corpus = make_corpus(200)
    backend, _ = _fit(corpus)
    fresh = make_corpus(200, seed=11)
    wanted = [fresh.label_space.index(str(label)) for label in fresh.labels]  # type: ignore[union-attr]
    assert np.mean(backend.forward(fresh.texts).logits.argmax(axis=1) == wanted) > 0.85


def test_an_empty_vocabulary_answers_with_the_frequencies() -> None:
    backend = LinearBackend.fit(
        ["um", "dois", "três"], np.array([0, 0, 1]), 3, groups=["a", "b", "c"], seed=1
    )
    assert backend.vocabulary == {}
    probabilities = Calibrator().probabilities(backend.forward(["qualquer", ""]).logits)
    np.testing.assert_allclose(probabilities, np.array([[3, 2, 1], [3, 2, 1]]) / 6, atol=1e-6)


def test_one_class_only_is_answered_with_its_frequency(corpus: Corpus) -> None:
    backend = LinearBackend.fit(
        corpus.texts, np.ones(len(corpus), dtype=int), 2, groups=corpus.groups, seed=1
    )
    assert (backend.forward(corpus.texts).logits.argmax(axis=1) == 1).all()


def test_a_label_without_reports_is_never_answered(corpus: Corpus) -> None:
    y = np.array([0 if label == "benigno" else 2 for label in corpus.labels])
    backend = LinearBackend.fit(corpus.texts, y, 4, groups=corpus.groups, seed=1)
    logits = backend.forward([*corpus.texts, ""]).logits
    assert set(logits.argmax(axis=1)) <= {0, 2}
    assert (logits[:, [1, 3]] == NEVER).all()


def test_several_labels_are_independent_regressions(corpus: Corpus) -> None:
    y = np.array([[int(label == "maligno"), i % 2, 0] for i, label in enumerate(corpus.labels)])
    backend = LinearBackend.fit(corpus.texts, y, 3, groups=corpus.groups, seed=1)
    features = _vectorizer(backend).fit_transform(corpus.texts)
    oracle = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000).fit(features, y[:, 0])
    logits = backend.forward(corpus.texts).logits
    np.testing.assert_allclose(logits[:, 0], oracle.decision_function(features), atol=1e-4)
    assert (logits[:, 2] < 0).all()


def test_counts_are_sorted_and_sparse() -> None:
    counts, sizes = count(["bb aa bb", "", "zz"], {"aa": 0, "bb": 1})
    assert counts.toarray().tolist() == [[1, 2], [0, 0], [0, 0]]
    assert sizes == [3, 0, 1]


@pytest.mark.parametrize(
    ("texts", "y", "groups"),
    [([], [], []), (["a"], [0, 1], ["p"]), (["a"], [0], []), (["a"], [5], ["p"]), (["a"], [-1], ["p"])],
)
def test_what_does_not_fit_together_is_refused(texts: list[str], y: list[int], groups: list[str]) -> None:
    with pytest.raises(DataError):
        LinearBackend.fit(texts, np.array(y, dtype=int), 2, groups=groups, seed=1)


@pytest.mark.parametrize("damage", ["missing", "text", "shape", "format"])
def test_a_broken_baseline_is_refused(tmp_path: Path, corpus: Corpus, damage: str) -> None:
    _fit(corpus)[0].save(tmp_path)
    path = tmp_path / "vocabulary.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    if damage == "missing":
        (tmp_path / "weights.safetensors").unlink()
    elif damage == "text":
        path.write_text("{")
    elif damage == "shape":
        path.write_text(json.dumps({**document, "terms": document["terms"][1:]}))
    else:
        path.write_text(json.dumps({**document, "format": "linear/1"}))
    with pytest.raises(ModelError) as caught:
        LinearBackend.load(tmp_path)
    assert caught.value.error_code == "bad-baseline"
