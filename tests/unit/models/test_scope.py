"""Scope: reports unlike those of calibration are told, by how far they lie or by their language."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.errors import BundleError
from bert4text.models.backends import Output
from bert4text.models.scope import FILE, Scope


def output(*, embedding=None, unknown=None):
    n = len(embedding if embedding is not None else unknown)
    zeros = np.zeros(n, dtype=np.int32)
    return Output(np.zeros((n, 2), dtype=np.float32), embedding, zeros, zeros, unknown=unknown)


def test_distance_is_that_of_mahalanobis_to_the_nearest_mean():
    random = np.random.default_rng(1)
    spread = random.normal(size=(3, 3))
    covariance = spread @ spread.T + np.eye(3)
    values, vectors = np.linalg.eigh(covariance)
    means = random.normal(size=(2, 3)).astype(np.float32)
    scope = Scope(1.0, 0.01, 100, None, means, (vectors / np.sqrt(values)).astype(np.float32))
    points = random.normal(size=(5, 3)).astype(np.float32)
    inverse = np.linalg.inv(covariance)
    apart = points[:, None] - means[None]
    expected = np.sqrt(np.einsum("nci,ij,ncj->nc", apart, inverse, apart)).min(axis=1)
    np.testing.assert_allclose(scope.distances(output(embedding=points)), expected, rtol=1e-5)


def test_without_embeddings_it_is_the_share_of_unknown_words():
    scope = Scope(0.4, 0.01, 100)
    said = output(unknown=np.array([0.1, 0.5], dtype=np.float32))
    assert scope.reasons(["um laudo", "uma receita"], said) == [None, "far-from-training"]


def test_another_language_is_told_where_there_is_enough_to_tell():
    scope = Scope(None, 0.01, 10, "pt")
    english = "the patient has a nodule in the left breast and there are no other findings in this exam"
    portuguese = "a paciente tem um nódulo na mama esquerda e não há outros achados neste exame de hoje"
    said = output(unknown=np.ones(3, dtype=np.float32))
    assert scope.reasons([english, portuguese, "no other findings"], said) == ["other-language", None, None]


def test_without_a_limit_nothing_is_far():
    said = output(unknown=np.ones(1, dtype=np.float32))
    assert Scope(None, 0.01, 10).reasons(["qualquer coisa"], said) == [None]


@pytest.mark.parametrize("limit", [None, 3.5])
@pytest.mark.parametrize("deep", [True, False])
def test_survives_its_file(tmp_path, limit, deep):
    means = np.ones((2, 3), dtype=np.float32) if deep else None
    whitening = np.eye(3, dtype=np.float32) if deep else None
    made = Scope(limit, 0.01, 99, "pt" if deep else None, means, whitening)
    made.save(tmp_path)
    again = Scope.load(tmp_path)
    assert (again.limit, again.rate, again.patients, again.language) == (limit, 0.01, 99, made.language)
    if deep:
        np.testing.assert_array_equal(again.means, means)
        np.testing.assert_array_equal(again.whitening, whitening)
    else:
        assert again.means is None


def test_a_broken_file_is_told(tmp_path):
    assert Scope.load(tmp_path) is None
    (tmp_path / FILE).write_bytes(b"nothing of the kind")
    with pytest.raises(BundleError):
        Scope.load(tmp_path)
