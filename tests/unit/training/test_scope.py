"""The limit of a scope stops as few reports like those of calibration as it says, and what is unlike them."""

from __future__ import annotations

import numpy as np

from bert4text.core.labels import LabelSpace
from bert4text.models.backends import Output
from bert4text.training.parts import Part, Parts
from bert4text.training.scope import fit_scope, limited

TWO = LabelSpace(task="binary", names=("a", "b"))
TEXT = "a paciente tem um nódulo na mama esquerda e não há outros achados neste exame de hoje"


class Encoder:
    """Gives what it is told to give."""

    def __init__(self, embedding):
        self.embedding = embedding

    def forward(self, texts):
        return said(self.embedding[: len(texts)])


def said(embedding, *, unknown=None):
    zeros = np.zeros(len(embedding), dtype=np.int32)
    return Output(np.zeros((len(embedding), 2), np.float32), embedding, zeros, zeros, unknown=unknown)


def world(random, n):
    label = random.integers(0, 2, n)
    middle = np.array([[3.0, 0, 0, 0], [-3.0, 0, 0, 0]])[label]
    return (middle + random.normal(0, [1, 2, 0.5, 1], (n, 4))).astype(np.float32), np.eye(2, dtype=bool)[
        label
    ]


def part(truth, *, each=1, texts=TEXT):
    names = [f"p{place // each}" for place in range(len(truth))]
    return Part([texts] * len(truth), names, truth, many=False)


def fitted(random, n, *, rate=0.02, each=1):
    learned, truth = world(random, 500)
    held, true = world(random, n)
    calibration = part(true, each=each)
    parts = Parts(TWO, part(truth), calibration, calibration)
    return fit_scope(parts, said(held), Encoder(learned), rate=rate, seed=1)


def test_as_few_are_stopped_as_was_promised_and_strangers_are():
    random, stopped, found = np.random.default_rng(1), [], []
    for _ in range(40):
        scope = fitted(random, 300)
        fresh, _ = world(random, 1000)
        stopped.append(np.mean([reason is not None for reason in scope.reasons([TEXT] * 1000, said(fresh))]))
        strange = random.normal([0, 0, 5, 0], 1, (200, 4)).astype(np.float32)
        found.append(np.mean([reason is not None for reason in scope.reasons([TEXT] * 200, said(strange))]))
    assert abs(np.mean(stopped) - 0.02) < 0.006
    assert np.mean(found) > 0.95
    assert scope.language == "pt"


def test_few_patients_promise_what_they_can():
    scope = fitted(np.random.default_rng(2), 60, rate=0.01)
    assert scope.rate == 1 / 61
    assert scope.limit is not None
    assert fitted(np.random.default_rng(3), 10).limit is None
    assert fitted(np.random.default_rng(4), 60, each=6).limit is None


def test_nothing_is_made_where_nothing_is_wanted():
    random = np.random.default_rng(5)
    assert fitted(random, 100, rate=0) is None
    _, truth = world(random, 50)
    parts = Parts(TWO, part(truth), part(truth), None)
    assert fit_scope(parts, None, None, rate=0.01, seed=1) is None


def test_a_label_of_few_patients_has_no_mean_of_its_own():
    random = np.random.default_rng(6)
    learned, _ = world(random, 100)
    rare = np.zeros((100, 2), dtype=bool)
    rare[:, 0] = True
    rare[:4] = [False, True]
    calibration = part(world(random, 100)[1])
    scope = fit_scope(
        Parts(TWO, part(rare), calibration, calibration), said(learned), Encoder(learned), rate=0.01, seed=1
    )
    assert scope.means.shape == (1, 4)


def test_words_unknown_stand_for_the_distance_where_there_is_no_embedding():
    random = np.random.default_rng(7)
    truth = world(random, 200)[1]
    share = random.uniform(0, 0.3, 200).astype(np.float32)
    parts = Parts(TWO, part(truth), part(truth), part(truth))
    zeros = np.zeros(200, dtype=np.int32)
    output = Output(np.zeros((200, 2), np.float32), None, zeros, zeros, unknown=share)
    scope = fit_scope(parts, output, None, rate=0.02, seed=1)
    assert 0.25 < scope.limit <= 0.3
    assert scope.means is None
    again = limited(scope, part(truth), output, rate=0.2)
    assert again.limit is None  # a guard that stops one in five is none


def test_reports_in_several_languages_tell_none():
    random = np.random.default_rng(8)
    truth = world(random, 60)[1]
    english = "the patient has a nodule in the left breast and there are no other findings in this exam"
    mixed = Part([TEXT, english] * 30, [str(place) for place in range(60)], truth, many=False)
    output = said(world(random, 60)[0], unknown=np.zeros(60, dtype=np.float32))
    assert fit_scope(Parts(TWO, mixed, mixed, mixed), output, None, rate=0.02, seed=1).language is None
