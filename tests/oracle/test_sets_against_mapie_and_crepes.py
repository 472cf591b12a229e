"""Prediction sets against MAPIE and crepes: the same scores and the same promise give the same labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin

from bert4text.models import conformal
from bert4text.training.conformal import fit_sets

mapie = pytest.importorskip("mapie.classification")
crepes = pytest.importorskip("crepes")

LEVELS = (0.8, 0.9, 0.95)
K = 4


def world(seed, *, n=240, fresh=400):
    """Probabilities and labels of calibration reports, and probabilities of new ones."""
    random = np.random.default_rng(seed)
    label = random.choice(K, n + fresh, p=[0.4, 0.3, 0.2, 0.1])
    label[: 30 * K] = np.repeat(range(K), 30)
    said = softmax(2.0 * np.eye(K)[label] + random.normal(0, 1, (n + fresh, K)), axis=1)
    return said[:n], label[:n], said[n:]


class Kept(ClassifierMixin, BaseEstimator):
    """A classifier that is given its probabilities."""

    classes_ = np.arange(K)
    fitted_ = True

    def fit(self, x, y):
        return self

    def predict(self, x):
        return x.argmax(axis=1)

    def predict_proba(self, x):
        return x


def fitted(said, label, score):
    return fit_sets(
        said,
        np.eye(K, dtype=np.bool_)[label],
        texts=[f"calibration {row}" for row in range(len(said))],
        groups=[f"patient {row}" for row in range(len(said))],
        several=False,
        levels=LEVELS,
        score=score,
    )


def by_mapie(said, label, fresh, score, **how):
    split = mapie.SplitConformalClassifier(
        Kept(), confidence_level=list(LEVELS), conformity_score=score, prefit=True, random_state=5
    )
    return split.conformalize(said, label).predict_set(fresh, **how)[1]


@pytest.mark.parametrize("seed", range(4))
def test_the_least_sets_over_all_are_those_of_mapie(seed):
    said, label, fresh = world(seed)
    theirs, sets = by_mapie(said, label, fresh, "lac"), fitted(said, label, "lac")
    for place, level in enumerate(LEVELS):
        ours = sets.kept(fresh, [""] * len(fresh), level, "overall")
        np.testing.assert_array_equal(ours, theirs[:, :, place])


@pytest.mark.parametrize("seed", range(4))
def test_adaptive_sets_are_those_of_mapie_with_the_same_draws(seed, monkeypatch):
    said, label, fresh = world(seed)

    def draws(texts):
        return np.random.RandomState(5).uniform(size=len(texts))

    monkeypatch.setattr(conformal, "drawn", draws)
    how = {"conformity_score_params": {"include_last_label": "randomized"}}
    theirs, sets = by_mapie(said, label, fresh, "aps", **how), fitted(said, label, "aps")
    for place, level in enumerate(LEVELS):
        ours = sets.kept(fresh, [""] * len(fresh), level, "overall")
        np.testing.assert_array_equal(ours, theirs[:, :, place])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("score", ["lac", "aps", "raps"])
def test_sets_of_each_label_are_those_of_crepes_with_a_category_for_each(seed, score):
    said, label, fresh = world(seed)
    sets = fitted(said, label, score)
    of_calibration = conformal.scores(said, [f"calibration {row}" for row in range(len(said))], score)
    of_fresh = conformal.scores(fresh, [""] * len(fresh), score)
    theirs = crepes.ConformalClassifier().fit(of_calibration[np.arange(len(said)), label], bins=label)
    for one in range(K):
        bins = np.full(len(fresh), one)
        p_values = theirs.predict_p(of_fresh, bins=bins, smoothing=False)[:, one]
        for level in LEVELS:
            ours = sets.kept(fresh, [""] * len(fresh), level, "each-label")
            kept = p_values > 1 - level + 1e-9  # its own sets keep what is as unlikely as that too
            np.testing.assert_array_equal(ours[:, one], kept)
