"""Copies of training reports follow their reports, and nobody learns one of a report that is held out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.copies import Copied
from bert4text.core.errors import ConfigError, ModelError
from bert4text.core.progress import silent
from bert4text.models.linear_backend import LinearBackend
from bert4text.training import baseline, members, refit
from bert4text.training.baseline import fit_baseline
from bert4text.training.config import TrainConfig
from bert4text.training.folds import folds
from bert4text.training.lessons import Labelled
from bert4text.training.parts import Part, Parts, read_parts
from bert4text.training.private_settings import private_settings
from bert4text.training.train import train
from conftest import make_corpus, told_apart

MARK = " cópia "


def config(**values: Any) -> TrainConfig:
    batches = {"augmentation": {"perturbations": ["capitals"]}, **values.pop("batches", {})}
    return TrainConfig.parse({"encoder": "tfidf", "batches": batches, **values}, section="train")


def every_third(reports: Any) -> Copied:
    """Two copies of every third report; each tells whose it is."""
    texts = tuple(
        tuple(f"{report.text}{MARK}{number}" for number in range(2)) if place % 3 == 0 else ()
        for place, report in enumerate(reports)
    )
    return Copied(texts, {"capitals": sum(map(len, texts)), "accents-lost": 0})


def own(text: str) -> str:
    """The report that a text is, or is a copy of."""
    return text.partition(MARK)[0]


def parts_of(random: np.random.Generator, *, n: int, weights: bool, copied: bool) -> Part:
    return Part(
        [f"laudo {number}" for number in random.permutation(10_000)[:n]],
        [f"p-{number}" for number in random.integers(0, max(2, n // 2), n)],
        np.eye(3, dtype=bool)[random.integers(0, 3, n)],
        many=False,
        weights=random.random(n) if weights else None,
        copies=tuple(
            tuple(f"laudo{MARK}{place}.{number}" for number in range(random.integers(0, 3)))
            for place in range(n)
        )
        if copied
        else None,
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.booleans(), st.booleans(), st.booleans())
def test_copies_follow_their_reports_with_label_patient_and_weight(
    seed: int, n: int, weights: bool, copied: bool, other: bool
) -> None:
    random = np.random.default_rng(seed)
    first = parts_of(random, n=n, weights=weights, copied=copied)
    second = parts_of(random, n=n, weights=weights, copied=other)
    both = first.joined(second)
    rows = random.permutation(2 * n)[: random.integers(1, 2 * n + 1)]
    some = both.select(rows)
    learned = some.learned
    whose = [*range(len(some.texts)), *(at for at, texts in enumerate(some.copies or ()) for _ in texts)]
    assert learned.copies is None
    assert learned.texts[: len(rows)] == some.texts
    assert learned.texts[len(rows) :] == [text for texts in some.copies or () for text in texts]
    assert learned.groups == [some.groups[at] for at in whose]
    assert (learned.truth == some.truth[whose]).all()
    assert (learned.weights is None) == (not weights)
    if weights:
        assert (learned.weights == some.weights[whose]).all()
    each = [*(first.copies or [()] * n), *(second.copies or [()] * n)]
    assert (some.copies is not None) == (copied or other)
    assert list(some.copies or [()] * len(rows)) == [each[row] for row in rows]
    assert some.original.learned.texts == some.texts


def test_the_reports_of_train_alone_are_shown_to_who_copies_them() -> None:
    corpus, shown = make_corpus(200), []

    def copier(reports: Any) -> Copied:
        shown.extend(report.id for report in reports)
        return every_third(reports)

    parts = read_parts(corpus, config(), copier=copier)
    assert shown == [report.id for report in corpus["train"]]
    assert parts.train.copies is not None
    assert parts.validation.copies is None
    assert parts.calibration is not None
    assert parts.calibration.copies is None
    assert (
        parts.pool.learned.texts[len(parts.pool.texts) :]
        == parts.train.learned.texts[len(parts.train.texts) :]
    )
    assert parts.augmented == {
        "reports": 40,
        "of": 120,
        "copies": 80,
        "perturbations": {"capitals": 80, "accents-lost": 0},
    }
    assert read_parts(corpus, config(batches={"augmentation": {}}), copier=copier).train.copies is None
    with pytest.raises(TypeError):
        read_parts(corpus, config())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 5), n=st.integers(60, 160))
def test_no_fold_learns_a_copy_of_a_patient_that_it_holds_out_or_stops_by(
    seed: int, count: int, n: int
) -> None:
    parts = read_parts(make_corpus(2 * (n // 2), seed=seed), config(), copier=every_third)
    pool = parts.pool
    patient = dict(zip(pool.texts, pool.groups, strict=True))
    copies = 0
    for fold in folds(pool, parts.label_space, count=count, seed=seed):
        learned = fold.parts.train.learned
        inside = {patient[own(text)] for text in learned.texts}
        assert not inside & set(fold.held.groups)
        assert not inside & set(fold.parts.validation.groups)
        assert fold.held.copies is None
        assert fold.parts.validation.copies is None
        copies += sum(MARK in text for text in learned.texts)
        kept = [own(text) for text in learned.texts if MARK in text]
        assert set(kept) <= set(fold.parts.train.texts)
    held_once = sum(map(len, parts.train.copies or ()))
    assert 0 < copies <= (count - 1) * held_once


def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], list[str]]]:
    """What each fit of TF-IDF learned from, and what it was asked."""
    seen: list[tuple[list[str], list[str]]] = []

    class Watched(LinearBackend):
        @classmethod
        def fit_each(cls, texts: Any, y: Any, n_labels: int, **given: Any) -> Any:
            found = super().fit_each(texts, y, n_labels, **given)
            for made in found:
                made.learned = list(texts)
            seen.append((list(texts), []))
            return found

        def forward(self, texts: Any) -> Any:
            seen.append((self.learned, list(texts)))  # type: ignore[attr-defined]
            return super().forward(texts)

    monkeypatch.setattr(baseline, "LinearBackend", Watched)
    return seen


def test_tfidf_learns_from_the_copies_and_answers_no_report_whose_copy_it_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = read_parts(make_corpus(240), config(), copier=every_third)
    every = (parts.train, parts.validation, parts.calibration)
    patient = {
        text: group for part in every if part for text, group in zip(part.texts, part.groups, strict=True)
    }
    seen = watched(monkeypatch)
    fit_baseline(parts, seed=7, pooled=True)
    asked = [(learned, texts) for learned, texts in seen if texts]
    assert len(asked) > baseline.FOLDS  # those that try regressions too
    for learned, texts in asked:
        assert not any(MARK in text for text in texts)
        assert not {patient[own(text)] for text in learned} & {patient[text] for text in texts}
    whole = max((learned for learned, _ in seen), key=len)
    assert sum(MARK in text for text in whole) == sum(map(len, parts.train.copies or ()))


def test_what_weighs_labels_counts_what_is_drawn_copies_too() -> None:
    parts = read_parts(make_corpus(120), config(), copier=every_third)
    lopsided = dataclasses.replace(
        parts.train, copies=tuple(("cópia",) * 5 if row[1] else () for row in parts.train.truth)
    )
    unequal = dataclasses.replace(parts, train=lopsided)
    lessons = [Labelled(each).objective(config(), device="cpu") for each in (parts, unequal)]  # type: ignore[arg-type]
    plain, other = (one.weights.tolist() for one in lessons)  # type: ignore[attr-defined]
    assert other[1] / other[0] < plain[1] / plain[0]


TINY = {
    "epochs": 1,
    "patience": 0,
    "folds": {"count": 1, "refit": False},
    "calibration": {"false_alarms": 0},
}


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)  # too short to learn anything


@pytest.mark.usefixtures("lenient")
def test_an_encoder_learns_from_the_copies_and_the_same_seed_gives_the_same(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    corpus, seen = told_apart(160), []
    told = config(**TINY, encoder=str(tiny_encoder))

    def copier(reports: Any) -> Copied:
        seen.append(len(reports))
        return every_third(reports)

    made = [train(corpus, told, seed=7, work=tmp_path / name, copier=copier) for name in "ab"]
    plain = train(corpus, told.replace(batches={}), seed=7, work=tmp_path / "c")
    copies = made[0].notes["augmentation"]["copies"]
    size, n = told.batches.size, seen[0]
    assert len(made[0].steps) == -(-(n + copies) // size) > len(plain.steps)
    assert [step.loss for step in made[0].steps] == [step.loss for step in made[1].steps]
    assert made[0].config.epochs == plain.config.epochs  # by the reports, not by their copies
    assert "augmentation" not in plain.notes


@pytest.mark.usefixtures("lenient")
def test_a_checkpoint_of_other_copies_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    corpus = told_apart(160)
    told = config(**TINY, encoder=str(tiny_encoder))
    train(corpus, told, seed=7, work=tmp_path / "work", copier=every_third)
    train(corpus, told, seed=7, work=tmp_path / "work", resume=True, copier=every_third)

    def other(reports: Any) -> Copied:
        found = every_third(reports)
        return Copied(tuple(tuple(text + "." for text in texts) for texts in found.texts), found.made)

    with pytest.raises(ModelError, match="another training") as caught:
        train(corpus, told, seed=7, work=tmp_path / "work", resume=True, copier=other)
    assert caught.value.values["parts"] == ["copies"]


@pytest.mark.usefixtures("lenient")
@pytest.mark.parametrize(("many", "learn"), [(3, members.finetune_folds), (1, refit.finetune_twice)])
def test_members_and_a_second_training_learn_from_copies_of_their_own_reports_alone(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, learn: Any
) -> None:
    corpus = told_apart(160)
    told = config(**{**TINY, "folds": {"count": many, "refit": many == 1}}, encoder=str(tiny_encoder))
    parts: Parts = read_parts(corpus, told, copier=every_third)
    patient = dict(zip(parts.pool.texts, parts.pool.groups, strict=True))
    seen: list[list[str]] = []
    tokenize = Labelled.examples

    def watching(self: Labelled, backend: Any) -> Any:
        seen.append(self.parts.train.learned.texts)
        learned = {patient[own(text)] for text in seen[-1]}
        assert not learned & set(self.parts.validation.groups)
        return tokenize(self, backend)

    monkeypatch.setattr(Labelled, "examples", watching)
    learn(parts, told.resolved(), corpus="x", seed=7, work=tmp_path / "work", progress=silent)
    assert len(seen) == (many if many > 1 else 2)
    assert all(any(MARK in text for text in texts) for texts in seen)
    of_validation = set(parts.validation.texts)
    assert not any(MARK in text and own(text) in of_validation for texts in seen for text in texts)


def test_a_private_training_refuses_copies() -> None:
    given = config(encoder="minilm", adaptation="head", private={"epsilon": 8})
    with pytest.raises(ConfigError, match="private") as caught:
        private_settings(given)
    assert caught.value.values["key"] == "batches.augmentation.perturbations"
    assert private_settings(given.replace(batches={"augmentation": {"share": 0.2}}))


def test_several_labels_are_copied_with_their_report() -> None:
    truth = np.array([[True, True, False], [False, False, False]])
    part = Part(["a", "b"], ["x", "y"], truth, many=True, copies=(("A",), ("B", "B2")))
    assert part.learned.truth.tolist() == [truth[place].tolist() for place in (0, 1, 0, 1, 1)]
