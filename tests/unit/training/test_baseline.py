"""TF-IDF beside the encoder: what it says of reports held out comes from fits that have not seen them."""

from __future__ import annotations

import numpy as np

from bert4text.core.corpus import Corpus
from bert4text.core.seeds import rng
from bert4text.models.linear_backend import BALANCED, LinearBackend, Regression
from bert4text.training import baseline
from bert4text.training.baseline import fit_baseline
from bert4text.training.config import TrainConfig
from bert4text.training.parts import read_parts
from conftest import make_corpus

MANY = 400


def parts_of(corpus, **calibration):
    return read_parts(corpus, TrainConfig.parse({"calibration": calibration}, section="train"))


def test_no_fit_answers_a_patient_that_it_learned_from(monkeypatch):
    parts = parts_of(make_corpus(200))
    seen = []

    class Watched(LinearBackend):
        @classmethod
        def fit_each(cls, texts, y, n_labels, **given):
            (made,) = super().fit_each(texts, y, n_labels, **given)
            made.learned = set(texts)
            return [made]

        def forward(self, texts):
            seen.append((self.learned, list(texts)))
            return super().forward(texts)

    monkeypatch.setattr(baseline, "LinearBackend", Watched)
    monkeypatch.setattr(baseline, "FEWEST", 10**9)
    whole, (validation, calibration) = fit_baseline(parts, seed=7)
    assert len(seen) == baseline.FOLDS
    held = dict(zip(parts.validation.texts + parts.calibration.texts,
                    parts.validation.groups + parts.calibration.groups, strict=True))  # fmt: skip
    every = (parts.train, parts.validation, parts.calibration)
    of = {text: group for part in every for text, group in zip(part.texts, part.groups, strict=True)}
    for learned, asked in seen:
        assert not {of[text] for text in learned} & {held[text] for text in asked}
    assert sorted(text for _, asked in seen for text in asked) == sorted(held)
    assert whole.learned == set(of)
    assert validation.shape == (len(parts.validation.texts), 2)
    assert calibration.logits.shape == (len(parts.calibration.texts), 2)


def test_labels_without_signal_do_not_look_learned():
    right = []
    for seed in range(3, 7):
        parts = parts_of(make_corpus(600, signal=False, seed=seed))
        whole, (validation, calibration) = fit_baseline(parts, seed=7)
        truth = parts.validation.targets
        assert (whole.forward(parts.validation.texts).logits.argmax(axis=1) == truth).mean() > 0.8
        answered = calibration.logits.argmax(axis=1)
        right += [validation.argmax(axis=1) == truth, answered == parts.calibration.targets]
    assert np.concatenate(right).mean() < 0.58


def test_what_is_not_calibrated_is_not_learned_from():
    parts = parts_of(make_corpus(200), temperature=False)
    _, (validation, calibration) = fit_baseline(parts, seed=7)
    assert calibration is None
    assert np.isfinite(validation).all()


def strengths(monkeypatch, corpus):
    """What ``fit_baseline`` fits: the regression and the texts of each fit."""
    given, parts = [], parts_of(corpus)

    class Watched(LinearBackend):
        @classmethod
        def fit_each(cls, texts, y, n_labels, **options):
            given.extend((regression, set(texts)) for regression in options["regressions"])
            return super().fit_each(texts, y, n_labels, **options)

    monkeypatch.setattr(baseline, "LinearBackend", Watched)
    fit_baseline(parts, seed=7)
    return parts, given


def noisy(corpus, share):
    """The corpus with the labels of a share of its reports drawn by chance."""
    random, names = rng(5, "tests.baseline"), corpus.label_space.names
    reports = [
        report.model_copy(update={"labels": (str(random.choice(names)),)})
        if random.random() < share
        else report
        for report in corpus
    ]
    return Corpus.from_reports(reports, corpus.label_space, language=corpus.language)


def test_labels_that_words_tell_with_much_noise_are_learned_more_smoothly(monkeypatch):
    _, given = strengths(monkeypatch, noisy(make_corpus(MANY), 0.6))
    assert given[-1][0].inverse_strength < BALANCED.inverse_strength


def test_the_strength_is_tried_on_training_reports_alone(monkeypatch):
    parts, given = strengths(monkeypatch, make_corpus(MANY))
    tried = given[: baseline.FOLDS_TO_TRY * len(baseline.TRIED)]
    assert {regression for regression, _ in tried} == set(baseline.TRIED)
    assert set().union(*(texts for _, texts in tried)) == set(parts.train.texts)
    assert len({regression for regression, _ in given[len(tried) :]}) == 1


def test_few_reports_keep_the_default(monkeypatch):
    _, given = strengths(monkeypatch, make_corpus(60, signal=False))
    assert {regression for regression, _ in given} == {BALANCED}


def test_a_difference_within_noise_keeps_the_default(monkeypatch):
    lost = iter((1.0, 0.995, 0.992))
    monkeypatch.setattr(baseline, "_loss", lambda *_: next(lost))
    parts, given = strengths(monkeypatch, make_corpus(MANY))
    whole = set(parts.train.texts) | set(parts.validation.texts)
    assert {regression for regression, texts in given if texts >= whole} == {BALANCED}


def test_rare_labels_weigh_less_where_that_is_likelier(monkeypatch):
    lost = iter((1.0, 1.0, 0.9))
    monkeypatch.setattr(baseline, "_loss", lambda *_: next(lost))
    _, given = strengths(monkeypatch, make_corpus(MANY))
    assert given[-1][0] == Regression(balance=0.5)
