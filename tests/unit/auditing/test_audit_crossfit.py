from __future__ import annotations

import numpy as np
import pytest

from bert4text.auditing.confident import doubts, surest
from bert4text.auditing.crossfit import Sample
from bert4text.auditing.reading import Reading
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report

SPACE = LabelSpace(task="binary", names=("a", "b"))
CARRIERS = {"a": "oval liso", "b": "irregular espiculado"}


def corpus(n=200, *, words=CARRIERS, space=SPACE, patients=None):
    rng = np.random.default_rng(0)
    filler = [f"palavra{'abcdefghij'[k]}" for k in range(10)]
    reports = []
    for i in range(n):
        label = space.names[i % len(space.names)]
        text = " ".join([*rng.choice(filler, 5), words.get(label, "")])
        patient = None if patients is None else f"p{i // patients}"
        reports.append(Report(id=str(i), text=text, labels=(label,), patient=patient, source_row=i + 1))
    return Corpus.from_reports(reports, space)


def sample(made, **options):
    return Sample.of(Reading.of(made, at_most=20_000, seed=7), seed=7, **options)


def test_a_reader_finds_words_that_tell_and_only_those():
    told = sample(corpus())
    assert (told.unseen.argmax(axis=1) == told.labels.argmax(axis=1)).mean() > 0.95
    silent = sample(corpus(words={}))
    right = (silent.unseen.argmax(axis=1) == silent.labels.argmax(axis=1)).mean()
    assert 0.3 < right < 0.7


def test_no_report_is_answered_by_a_model_that_saw_its_patient():
    made = corpus(n=300, patients=3, words={})
    # every patient has one word of its own and one label: only who has seen the patient can know it
    texts = [
        f"{text} dono{number // 3:03d}".translate(str.maketrans("0123456789", "abcdefghij"))
        for number, text in enumerate(made.texts)
    ]
    labels = [[SPACE.names[(number // 3) % 2]] for number in range(len(made))]
    one = sample(made.with_column("text", texts).with_column("labels", labels))
    right = (one.unseen.argmax(axis=1) == one.labels.argmax(axis=1)).mean()
    assert right < 0.65


def test_answers_are_probabilities_and_the_same_again():
    one, other = sample(corpus()), sample(corpus())
    assert one.unseen.shape == (200, 2)
    assert one.unseen.sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(one.unseen, other.unseen)


def test_a_large_corpus_is_sampled_by_the_seed():
    one = sample(corpus(), at_most=80)
    assert len(one) == 80
    assert one.total == 200
    assert one.places.tolist() == sample(corpus(), at_most=80).places.tolist()


def test_too_few_reports_labels_or_patients_are_not_usable():
    assert sample(corpus()).usable
    assert not sample(corpus(n=40)).usable
    assert not sample(corpus(n=90, patients=15)).usable
    lonely = corpus().with_column("labels", [["a"]] * 200)
    assert not sample(lonely).usable


def test_several_labels_are_answered_one_by_one():
    space = LabelSpace(task="multilabel", names=("a", "b"))
    made = corpus(space=space)
    labels = [[["a"], ["b"], ["a", "b"], []][i % 4] for i in range(200)]
    texts = [" ".join(["mama", *(CARRIERS[name] for name in row)]) for row in labels]
    one = sample(made.with_column("text", texts).with_column("labels", labels))
    assert one.several
    assert ((one.unseen > 0.5) == one.labels).mean() > 0.95


def test_folds_of_several_labels_hold_the_rare_one_each_and_no_patient_twice():
    space = LabelSpace(task="multilabel", names=("a", "b", "rare"))
    made = corpus(n=120, space=space, words={}, patients=2)
    labels = [
        [["a"], ["b"], ["a", "b"], []][i % 4] + ["rare"] * (i in (0, 1, 2, 3, 60, 61, 90, 91))
        for i in range(120)
    ]
    one = sample(made.with_column("labels", labels))
    held = [places for _, places in one._folds]
    assert sorted(place for places in held for place in places) == list(range(120))
    assert [int(one.labels[places, 2].sum()) for places in held] == [2, 2, 2, 2]
    assert all(not set(one.groups[learned]) & set(one.groups[places]) for learned, places in one._folds)


def test_figures_compare_the_first_answers_with_the_others():
    one = sample(corpus())
    empty = one.answers(["mama"] * len(one))
    figures, differences = one.compared({"whole": one.unseen, "nothing": empty})
    assert figures["whole"].value > 0.95 > 0.6 > figures["nothing"].value
    assert differences["nothing"].low > 0.2


def test_a_label_of_few_reports_swallows_no_others():
    given = np.array([0] * 50 + [1] * 50 + [2])
    probabilities = np.tile([0.6, 0.35, 0.05], (101, 1))
    probabilities[50:100] = [0.35, 0.6, 0.05]
    probabilities[100] = [0.5, 0.49, 0.01]
    found = doubts(given, probabilities)
    assert found.instead[:100].tolist() == given[:100].tolist()
    few = probabilities.copy()
    few[:40] = [0.02, 0.02, 0.96]
    assert (doubts(given, few).instead[:40] == 2).all()
    assert not doubts(given, few, least=20).doubted[:40].any()


def test_the_surest_reports_are_counted_and_no_others():
    given = np.array([0, 1, 1, 0, 0])
    probabilities = np.array([[0.9, 0.1], [0.95, 0.05], [0.1, 0.9], [0.4, 0.6], [0.45, 0.55]])
    assert surest(given, probabilities, share=0.6) == (1, 3)
    assert surest(given, probabilities, share=1.0) == (3, 5)
