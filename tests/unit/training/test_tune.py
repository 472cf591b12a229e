"""Tuning with the costly part taken out: what is tried, left and judged; no encoder learns here."""

from __future__ import annotations

import functools
import hashlib

import numpy as np
import pytest

from bert4text.core.copies import Copied
from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest
from bert4text.core.errors import ConfigError, EmptyCorpusError, GuardError, LabelError, ModelError
from bert4text.training import search
from bert4text.training import tune as module
from bert4text.training.config import TrainConfig
from bert4text.training.trials import Budget
from bert4text.training.tune_config import TuneConfig
from conftest import make_corpus

pytest.importorskip("torch")
pytest.importorskip("optuna")

from bert4text.training import held_out


class Stand:
    """Stands in for the training of an encoder: answers as well as ``good`` says, and takes its time.

    Args:
        good: settings -> the share of reports answered right.
        noise: what else, beside the report, its luck depends on; by default nothing: better settings are then
            right wherever worse ones are.
        seconds: that a fold takes, on a clock of its own.
    """

    def __init__(self, good, *, noise=lambda config, seed: "", seconds=10.0):
        self.good, self.noise, self.seconds = good, noise, seconds
        self.now = 0.0
        self.calls = []
        self.stop_at = None

    def answer(self, fold, config, *, corpus, seed, work, late, progress):
        if len(self.calls) == self.stop_at:
            raise KeyboardInterrupt
        self.calls.append((fold, config))
        for _ in range(10):
            self.now += self.seconds / 10
            if late():
                raise held_out.OutOfTime
        salt = self.noise(config, seed)
        luck = [hashlib.sha256(f"{salt} {text}".encode()).digest()[0] / 256 for text in fold.held.texts]
        wrong = np.array(luck) >= self.good(config)
        return np.where(wrong[:, None], ~fold.held.truth, fold.held.truth)

    @property
    def tried(self):
        """The settings that were trained with, each once, in order."""
        return list(dict.fromkeys(config.model_dump_json() for _, config in self.calls))


@pytest.fixture
def tuned(monkeypatch, tmp_path):
    """Tune with a stand; the same work folder each time."""

    def run(stand, corpus=None, *, train=None, resume=False, seed=7, work=None, copier=None, **settings):
        monkeypatch.setattr(held_out, "answer", stand.answer)
        monkeypatch.setattr(held_out, "start", lambda *given, **more: held_out.Start(1e-4, "sha"))
        monkeypatch.setattr(module, "Budget", functools.partial(Budget, clock=lambda: stand.now))
        return module.tune(
            make_corpus(600) if corpus is None else corpus,
            TrainConfig.parse({"encoder": "minilm", **(train or {})}, section="train"),
            TuneConfig.parse({"trials": 8, "minutes": 1000.0, **settings}, section="tune"),
            seed=seed,
            work=work or tmp_path / "work",
            resume=resume,
            copier=copier,
        )

    return run


def luck_of_settings(config, seed):
    """Luck that differs from one setting and seed to another: nothing but noise between them."""
    return digest([config.model_dump(mode="json"), seed])


def flat(config):
    return 0.75


def balanced_is_better(config):
    return 0.9 if config.loss.class_weights == "balanced" else 0.65


def test_the_first_trial_is_the_defaults_and_all_are_measured_against_it(tuned):
    stand = Stand(balanced_is_better)
    found = tuned(stand)
    assert found.tried[0].settings == {}
    assert stand.calls[0][1] == TrainConfig(encoder="minilm").resolved(reports=300, labels=2)
    assert found.tried[0].score == found.search.baseline.value
    assert found.trials == len(found.tried) == 8
    assert found.patients == 600 // 2 * 15 // 20
    assert found.reports == 2 * found.patients


def test_a_gain_that_is_there_is_found_confirmed_and_given(tuned):
    stand = Stand(balanced_is_better)
    found = tuned(stand, trials=20)
    assert found.verdict == "better"
    assert found.settings["loss.class_weights"] == "balanced"
    assert found.decisive is found.confirmation
    assert found.needed == 0.95
    assert found.confirmation.gain.low > 0.1
    assert found.confirmation.better > 0.99
    best = max(found.tried, key=lambda trial: trial.score if not trial.pruned else 0)
    assert found.settings == best.settings
    confirming = stand.calls[-6:]
    assert {config.loss.class_weights for _, config in confirming} == {"sqrt", "balanced"}
    searched = {tuple(fold.rows) for fold, _ in stand.calls[:-6]}
    assert not searched & {tuple(fold.rows) for fold, _ in confirming}


def test_noise_is_called_noise_and_the_defaults_stay(tuned):
    verdicts = []
    for seed in range(4):
        found = tuned(Stand(flat, noise=luck_of_settings), seed=seed)
        assert found.search.best.value >= found.search.baseline.value  # the best of eight always looks good
        assert (found.settings == {}) == (found.verdict == "noise")
        verdicts.append(found.verdict)
    assert verdicts.count("noise") >= 3  # one in twenty is called better by chance


def test_a_gain_without_time_to_confirm_it_needs_more(tuned):
    found = tuned(Stand(balanced_is_better), minutes=1.5)  # nine folds of ten seconds
    assert found.confirmation is None or found.scored < 3
    short = tuned(Stand(flat, noise=luck_of_settings, seconds=25.0), minutes=1.5, folds=2)
    assert (short.scored, short.confirmation, short.trials) == (1, None, 3)
    assert short.needed == pytest.approx(1 - 0.05 / 2)


def test_calibration_and_test_are_never_read(tuned, monkeypatch):
    corpus = make_corpus(600)
    splits = corpus.table["split"].to_pylist()
    closed = [split in {"calibration", "test"} for split in splits]
    secret = ["SECRET" if hidden else text for hidden, text in zip(closed, corpus.texts, strict=True)]
    asked = []
    original = Corpus.__getitem__
    monkeypatch.setattr(Corpus, "__getitem__", lambda self, name: asked.append(name) or original(self, name))
    stand = Stand(balanced_is_better)
    found = tuned(stand, corpus.with_column("text", secret), train={"calibration": {"temperature": True}})
    assert set(asked) == {"train", "validation"}
    for fold, _ in stand.calls:
        parts = (fold.held, fold.parts.train, fold.parts.validation)
        assert sum(len(part.texts) for part in parts) == found.reports == len(splits) - sum(closed)
        assert all("SECRET" not in part.texts for part in parts)
    same = tuned(Stand(balanced_is_better), corpus)
    assert (same.tried, same.search, same.confirmation) == (found.tried, found.search, found.confirmation)


def test_what_is_learned_from_is_never_scored_and_never_stops_the_training(tuned):
    stand = Stand(flat)
    tuned(stand, trials=2)
    assert stand.calls
    for fold, _ in stand.calls:
        patients = [set(part.groups) for part in (fold.held, fold.parts.train, fold.parts.validation)]
        assert sum(map(len, patients)) == len(set.union(*patients))


def test_what_the_user_set_is_in_every_trial(tuned):
    fixed = {"learning_rate": 5e-5, "loss": {"focal": 2.0}, "batches": {"size": 64}, "epochs": 5}
    stand = Stand(flat)
    found = tuned(stand, train=fixed)
    assert not {"learning_rate", "loss.focal", "batches.size"} & set(found.searched)
    assert len(stand.tried) >= 8
    for _, config in stand.calls:
        assert (config.learning_rate, config.loss.focal, config.batches.size, config.epochs) == (
            5e-5,
            2.0,
            64,
            5,
        )
        assert config.loss.label_smoothing == 0.0  # it would work against the focal loss that was set


@pytest.mark.parametrize("killed", [0, 1, 3, 7, 14])
def test_a_killed_search_goes_on_as_if_never_stopped(tuned, tmp_path, killed):
    whole = tuned(unbroken := Stand(balanced_is_better), work=tmp_path / "whole")
    broken = Stand(balanced_is_better)
    broken.stop_at = killed
    with pytest.raises(KeyboardInterrupt):
        tuned(broken)
    resumed = tuned(rest := Stand(balanced_is_better), resume=True)
    assert resumed.model_dump(exclude={"seconds"}) == whole.model_dump(exclude={"seconds"})
    assert resumed.seconds == pytest.approx(whole.seconds)
    assert len(broken.calls) + len(rest.calls) == len(unbroken.calls)
    assert broken.tried + [one for one in rest.tried if one not in broken.tried] == unbroken.tried


def test_a_search_that_ended_is_not_done_again_but_goes_on_with_more_trials(tuned):
    first = tuned(Stand(flat, noise=luck_of_settings), trials=4)
    more = tuned(stand := Stand(flat, noise=luck_of_settings), trials=6, resume=True)
    assert more.tried[:4] == first.tried
    assert more.trials == 6
    assert len(stand.calls) <= 2 * 3 + 2 * 3


def test_another_search_is_not_gone_on_with(tuned):
    tuned(Stand(flat), trials=2)
    with pytest.raises(ModelError) as caught:
        tuned(Stand(flat), trials=2, seed=8, resume=True)
    assert caught.value.values["parts"] == ["seed"]
    with pytest.raises(ModelError) as caught:
        tuned(Stand(flat), trials=2, train={"epochs": 2}, resume=True)
    assert caught.value.values["parts"] == ["settings"]
    tuned(Stand(flat), trials=2, seed=8)  # begun anew, what lay there is dropped


def test_a_trial_that_is_clearly_worse_is_left_early(tuned):
    def good(config):
        return 0.9 if config.loss.class_weights == "sqrt" and not config.loss.logit_adjustment else 0.5

    stand = Stand(good)
    found = tuned(stand)
    pruned = [trial for trial in found.tried if trial.pruned]
    assert found.pruned == len(pruned) > 2
    assert {trial.folds for trial in pruned} == {1}
    assert all("loss.class_weights" in trial.settings for trial in pruned)
    assert sum(trial.folds for trial in found.tried) == len(stand.calls) < 3 * 8
    assert all(trial.folds == 3 for trial in found.tried if not trial.pruned)


def test_equal_answers_are_never_left_early(tuned):
    assert tuned(Stand(flat)).pruned == 0


def test_the_time_is_kept_with_enough_left_to_confirm(tuned):
    stand = Stand(balanced_is_better)
    found = tuned(stand, trials=100, minutes=8.0)  # 48 folds of ten seconds
    assert found.trials < 20
    assert found.confirmation is not None
    assert found.confirmation.reports == found.reports
    assert stand.now <= 480
    assert stand.now > 400
    assert found.seconds == pytest.approx(stand.now)


def test_a_trial_under_way_is_stopped_when_its_time_is_out_and_its_answers_are_dropped(tuned):
    class Slower(Stand):
        """From the fourth trial on a fold takes ten times as long as was to be expected."""

        def answer(self, fold, config, **given):
            settings = {*self.tried, config.model_dump_json()}
            self.seconds = 100.0 if len(settings) > 3 else 10.0
            return super().answer(fold, config, **given)

    stand = Slower(flat)
    found = tuned(stand, trials=100, minutes=4.0)
    assert found.trials == 3
    assert len(stand.tried) == 4
    assert stand.now <= 240 + 10
    assert [trial.folds for trial in found.tried] == [3, 3, 3]


def test_fewer_folds_are_scored_where_time_is_short(tuned):
    found = tuned(Stand(balanced_is_better), minutes=2.0)  # twelve folds of ten seconds
    assert (found.folds, found.scored) == (3, 2)
    assert found.search.reports < found.reports
    assert {trial.folds for trial in found.tried if not trial.pruned} == {2}
    again = tuned(Stand(balanced_is_better), minutes=50.0, resume=True)
    assert again.scored == 2  # what was found stays comparable


def test_without_time_for_the_defaults_nothing_is_said_but_it_can_go_on(tuned):
    with pytest.raises(ConfigError) as caught:
        tuned(Stand(flat, seconds=100.0), minutes=1.0)
    assert caught.value.error_code == "too-little-time"
    found = tuned(Stand(flat), minutes=60.0, resume=True)
    assert (found.trials, found.scored) == (8, 3)
    assert found.seconds > 60


def test_with_time_for_the_defaults_alone_they_stay(tuned):
    found = tuned(Stand(balanced_is_better, seconds=50.0), minutes=1.0)
    assert (found.trials, found.verdict, found.settings, found.confirmation) == (1, "noise", {}, None)
    assert found.search.gain.value == 0.0


def test_settings_that_diverge_lose_and_defaults_that_diverge_are_an_error(tuned):
    class Diverging(Stand):
        def answer(self, fold, config, **given):
            found = super().answer(fold, config, **given)
            if not self.good(config):
                raise GuardError("training diverged", code="diverged")
            return found

    found = tuned(Diverging(lambda config: 0.0 if config.batches.size == 8 else 0.8), trials=12)
    lost = [trial for trial in found.tried if trial.settings.get("batches.size") == 8]
    assert lost
    assert all(trial.score == 0.0 and trial.pruned for trial in lost)
    with pytest.raises(GuardError):
        tuned(Diverging(lambda config: 0.0))


def test_one_seed_tries_the_same_and_another_does_not(tuned, tmp_path):
    first, again, other = (
        tuned(Stand(flat), seed=seed, work=tmp_path / name) for seed, name in ((7, "a"), (7, "b"), (8, "c"))
    )
    assert first.tried == again.tried
    assert [trial.settings for trial in first.tried[1:]] != [trial.settings for trial in other.tried[1:]]


def test_three_labels_and_several_at_once(tuned, tmp_path):
    corpus = make_corpus(600, labels=("1", "2", "3"))
    ordinal = corpus.replace(label_space=corpus.label_space.model_copy(update={"task": "ordinal"}))
    found = tuned(Stand(lambda config: 0.9 if config.loss.ordinal == 0.0 else 0.5), ordinal, trials=16)
    assert "loss.ordinal" in found.searched
    assert found.settings.get("loss.ordinal") == 0.0
    rows = [
        [*row, "3"] if i % 3 == 0 and "3" not in row else row
        for i, row in enumerate(corpus.table["labels"].to_pylist())
    ]
    many = corpus.with_column("labels", rows)
    many = many.replace(label_space=corpus.label_space.model_copy(update={"task": "multilabel"}))
    assert tuned(Stand(balanced_is_better), many, work=tmp_path / "many", trials=20).verdict == "better"


def test_what_cannot_be_tuned_is_refused(tuned):
    with pytest.raises(ConfigError) as caught:
        tuned(Stand(flat), train={"encoder": "tfidf"})
    assert caught.value.error_code == "nothing-to-tune"
    everything = {key: choices[0][key] for choices in search.CHOICES.values() for key in choices[0]}
    with pytest.raises(ConfigError) as caught:
        tuned(Stand(flat), train=search.merged({"learning_rate": 1e-4}, everything))
    assert caught.value.error_code == "nothing-to-tune"
    with pytest.raises(EmptyCorpusError):
        tuned(Stand(flat), make_corpus(60))
    corpus = make_corpus(600)
    with pytest.raises(LabelError):
        tuned(Stand(flat), corpus.with_column("labels", [["benigno"]] * 600))


def test_effort_sets_the_trials_unless_they_are_given(monkeypatch):
    assert TuneConfig(effort="quick").resolved().trials == 8
    assert TuneConfig().resolved().trials == 30
    assert TuneConfig(effort="thorough").resolved().trials == 100
    assert TuneConfig(effort="thorough", trials=5).resolved().trials == 5
    monkeypatch.setenv("BERT4TEXT_EFFORT", "smoke")
    assert TuneConfig(effort="thorough").resolved().trials == 2


def test_trials_learn_from_the_copies_that_train_asks_for_and_are_scored_on_none(tuned, tmp_path):
    asked = {"batches": {"augmentation": {"perturbations": ["capitals"]}}}

    def copier(reports, end=""):
        return Copied(tuple((report.text.upper() + end,) for report in reports), {"capitals": len(reports)})

    stand = Stand(lambda config: 0.7)
    tuned(stand, train=asked, copier=copier, trials=2)
    for fold, config in stand.calls:
        learned = fold.parts.train
        assert config.batches.augmentation.perturbations == ["capitals"]
        copied = {text.upper() for text in learned.texts}
        assert {text for texts in learned.copies for text in texts} <= copied
        assert sum(map(len, learned.copies)) > 100
        assert fold.held.copies is fold.parts.validation.copies is None
    with pytest.raises(ModelError, match="copies differ"):
        tuned(stand, train=asked, copier=lambda reports: copier(reports, "!"), trials=2, resume=True)
