"""TF-IDF beside the encoder: what it says of reports held out comes from fits that have not seen them."""

from __future__ import annotations

import numpy as np

from bert4text.models.linear_backend import LinearBackend
from bert4text.training import baseline
from bert4text.training.baseline import fit_baseline
from bert4text.training.config import TrainConfig
from bert4text.training.parts import read_parts
from conftest import make_corpus


def parts_of(corpus, **calibration):
    return read_parts(corpus, TrainConfig.parse({"calibration": calibration}, section="train"))


def test_no_fit_answers_a_patient_that_it_learned_from(monkeypatch):
    parts = parts_of(make_corpus(200))
    seen = []

    class Watched(LinearBackend):
        @classmethod
        def fit(cls, texts, y, n_labels, *, groups, seed):
            made = super().fit(texts, y, n_labels, groups=groups, seed=seed)
            made.learned = set(texts)
            return made

        def forward(self, texts):
            seen.append((self.learned, list(texts)))
            return super().forward(texts)

    monkeypatch.setattr(baseline, "LinearBackend", Watched)
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
    assert calibration.shape == (len(parts.calibration.texts), 2)


def test_labels_without_signal_do_not_look_learned():
    parts = parts_of(make_corpus(600, signal=False))
    whole, (validation, _) = fit_baseline(parts, seed=7)
    truth = parts.validation.targets
    assert (whole.forward(parts.validation.texts).logits.argmax(axis=1) == truth).mean() > 0.8
    assert (validation.argmax(axis=1) == truth).mean() < 0.65


def test_what_is_not_calibrated_is_not_learned_from():
    parts = parts_of(make_corpus(200), temperature=False)
    _, (validation, calibration) = fit_baseline(parts, seed=7)
    assert calibration is None
    assert np.isfinite(validation).all()
