from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert4text.core.corpus import Corpus
from bert4text.core.digest import file_digest
from bert4text.core.errors import BundleError, OutputError
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest, Parent
from bert4text.models import bundle
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import BundleInfo, Classifier
from bert4text.models.integrity import bundle_digest, needed, verify
from bert4text.models.linear_backend import LinearBackend
from conftest import make_corpus

MANIFEST = Manifest(
    kind="model",
    verb="train",
    parents=(Parent(kind="corpus", digest="sha256:" + "0" * 64),),
    seed=7,
    notes={"train reports": 72},
)
CONFIG = "[train]\nseed = 7\n"


def _baseline(corpus: Corpus) -> LinearBackend:
    assert corpus.label_space is not None
    y = np.array([corpus.label_space.index(str(label)) for label in corpus.labels])
    return LinearBackend.fit(corpus.texts, y, len(corpus.label_space), groups=corpus.groups, seed=7)


def _tfidf(corpus: Corpus) -> Classifier:
    assert corpus.label_space is not None
    calibrator = Calibrator(kind="temperature", temperature=0.8, n=12, thresholds=(0.4, 0.6))
    info = BundleInfo(manifest=MANIFEST, config=CONFIG, card="# card\n", operating_point="macro_f1")
    return Classifier(corpus.label_space, _baseline(corpus), calibrator, info=info)


def _neural(corpus: Corpus, encoder: Path, *, delivered: str = "model") -> Classifier:
    pytest.importorskip("torch")
    from bert4text.models.hub import load_encoder
    from bert4text.models.torch_backend import TorchBackend

    space = corpus.label_space
    assert space is not None
    loaded = load_encoder(str(encoder), labels=space, seed=7)
    backend = TorchBackend(loaded.model, loaded.tokenizer, window=40, stride=20, pooling="max")
    return Classifier(
        space,
        backend,
        Calibrator(kind="temperature", temperature=1.4, n=12),
        baseline=(_baseline(corpus), Calibrator()),
        delivered=delivered,  # type: ignore[arg-type]
        info=BundleInfo(encoder=loaded.info, manifest=MANIFEST, config=CONFIG, card="# card\n"),
    )


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "simple"
    _tfidf(make_corpus()).save(folder)
    return folder


@pytest.fixture(scope="module")
def neural(_tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "neural"
    _neural(make_corpus(), _tiny_encoder).save(folder)
    return folder


def test_tfidf_comes_back_exactly(tmp_path: Path, corpus: Corpus) -> None:
    classifier = _tfidf(corpus)
    digest = classifier.save(tmp_path / "run")
    again = Classifier.load(tmp_path / "run")
    assert again.digest == digest == classifier.digest
    assert again.predict(list(corpus)) == classifier.predict(list(corpus))
    assert again.calibrator == classifier.calibrator
    assert again.delivered == "tfidf"
    assert again.info.config == CONFIG
    assert again.info.operating_point == "macro_f1"
    assert again.info.manifest.digest == digest
    assert again.info.manifest.notes["train reports"] == 72
    assert not (tmp_path / "run" / "model.safetensors").exists()


@pytest.mark.parametrize("delivered", ["model", "tfidf"])
def test_a_model_and_its_baseline_come_back(
    tmp_path: Path, corpus: Corpus, tiny_encoder: Path, delivered: str
) -> None:
    classifier = _neural(corpus, tiny_encoder, delivered=delivered)
    classifier.save(tmp_path / "run")
    again = Classifier.load(tmp_path / "run")
    assert again.delivered == delivered
    assert list(again.systems()) == ["model", "tfidf"]
    assert again.backend.settings == classifier.backend.settings
    assert again.info.encoder == classifier.info.encoder
    long = ["mama direita nódulo " * 30, *corpus.texts[:20]]
    for name, (backend, calibrator) in classifier.systems().items():
        other, recalibrated = again.systems()[name]
        assert recalibrated == calibrator
        np.testing.assert_array_equal(other.forward(long).logits, backend.forward(long).logits)


def test_a_model_computes_in_the_precision_asked_for(neural: Path, simple: Path) -> None:
    assert Classifier.load(neural).systems()["model"][0].precision == "float32"
    assert Classifier.load(neural, precision="bfloat16").systems()["model"][0].precision == "bfloat16"
    assert Classifier.load(simple, precision="bfloat16").backend.precision == "float32"


def test_the_index_says_what_is_inside(neural: Path) -> None:
    index = json.loads((neural / "bundle.json").read_text(encoding="utf-8"))
    assert index["format"] == "bundle/1"
    assert (index["backend"], index["precision"], index["delivered"]) == ("torch", "float32", "model")
    assert (index["window"], index["stride"], index["pooling"]) == (40, 20, "max")
    assert index["questions"] == [
        {
            "task": "binary",
            "names": ["benigno", "maligno"],
            "question": "label",
            "off_scale": [],
            "indeterminate": None,
        }
    ]
    assert set(index["files"]) == set(needed({"torch", "tfidf"}))
    assert index["files"]["model.safetensors"] == file_digest(neural / "model.safetensors")
    lines = sorted(f"{digest}  {name}" for name, digest in index["files"].items())
    assert index["digest"] == bundle_digest(index["files"])
    assert len(lines) == len(needed({"torch", "tfidf"}))
    assert set(index["encoder"]) >= {"name", "revision", "sha256", "licence"}


def test_plain_transformers_gives_the_same_probabilities_before_calibration(neural: Path) -> None:
    transformers = pytest.importorskip("transformers")
    import torch

    corpus = make_corpus(30, seed=5)
    backend, _ = Classifier.load(neural).systems()["model"]
    wanted = Calibrator().probabilities(backend.forward(corpus.texts).logits)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(neural)
    tokenizer = transformers.AutoTokenizer.from_pretrained(neural)
    encoded = tokenizer(corpus.texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        found = torch.softmax(model(**encoded).logits, dim=-1).numpy()
    assert backend.forward(corpus.texts).windows.max() == 1
    np.testing.assert_allclose(found, wanted, atol=1e-5, rtol=0)
    classify = transformers.pipeline("text-classification", model=str(neural), top_k=None)
    for row, answer in zip(wanted, classify(corpus.texts), strict=True):
        scores = {item["label"]: item["score"] for item in answer}
        assert set(scores) == {"benigno", "maligno"}
        assert scores["maligno"] == pytest.approx(row[1], abs=1e-5)


def test_plain_transformers_treats_several_labels_as_independent(
    tmp_path: Path, corpus: Corpus, tiny_encoder: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    space = LabelSpace(task="multilabel", names=("x", "y", "z"))
    from bert4text.models.hub import load_encoder
    from bert4text.models.torch_backend import TorchBackend

    loaded = load_encoder(str(tiny_encoder), labels=space, seed=7)
    backend = TorchBackend(loaded.model, loaded.tokenizer, window=64)
    classifier = Classifier(space, backend, Calibrator(link="sigmoid"))
    classifier.save(tmp_path / "run")
    wanted = classifier.probabilities(corpus.texts[:1])[0]
    answer = transformers.pipeline("text-classification", model=str(tmp_path / "run"), top_k=None)
    scores = {item["label"]: item["score"] for item in answer(corpus.texts[:1])[0]}
    np.testing.assert_allclose([scores[name] for name in space.names], wanted, atol=1e-5)
    assert backend.model.config.problem_type is None
    assert Classifier.load(tmp_path / "run").baseline is None


def test_the_saved_tokenizer_cuts_nothing(neural: Path) -> None:
    document = json.loads((neural / "tokenizer.json").read_text(encoding="utf-8"))
    assert document["truncation"] is None
    assert document["padding"] is None


def test_there_is_no_pickle(neural: Path, simple: Path) -> None:
    for folder in (neural, simple):
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {path.suffix for path in files} <= {".json", ".safetensors", ".toml", ".md"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_byte_changed_in_any_file_is_refused(simple: Path, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(simple, folder)
    names = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "README.md")
    path = data.draw(st.sampled_from(names))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    with pytest.raises(BundleError):
        bundle.load(folder)


def test_one_byte_changed_in_each_file_of_a_model_is_refused(neural: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(neural, folder)
    for name in needed({"torch", "tfidf"}):
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(BundleError) as caught:
            bundle.load(folder)
        assert caught.value.error_code == "altered"
        path.write_bytes(content)
    assert bundle.load(folder).digest


@pytest.mark.parametrize("key", ["window", "delivered", "precision", "decision", "encoder"])
def test_a_setting_changed_in_the_index_is_refused(simple: Path, tmp_path: Path, key: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(simple, folder)
    index = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    index[key] = {"thresholds": None, "operating_point": "other"} if key == "decision" else 5
    (folder / "bundle.json").write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n")
    with pytest.raises(BundleError) as caught:
        bundle.load(folder)
    assert caught.value.error_code == "altered"


@pytest.mark.parametrize(
    "file", ["bundle.json", "config.toml", "baseline/weights.safetensors", "manifest.json"]
)
def test_a_missing_file_is_named(simple: Path, tmp_path: Path, file: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(simple, folder)
    (folder / file).unlink()
    with pytest.raises(BundleError) as caught:
        bundle.load(folder)
    assert caught.value.error_code == "missing-file"
    assert file in str(caught.value)


def test_a_file_taken_out_of_the_list_is_missed(simple: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(simple, folder)
    index = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    del index["files"]["calibration.json"]
    index["digest"] = bundle_digest(index["files"])
    (folder / "bundle.json").write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n")
    with pytest.raises(BundleError) as caught:
        bundle.load(folder)
    assert caught.value.error_code == "missing-file"


def test_a_name_outside_the_folder_is_refused(simple: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(simple, folder)
    (tmp_path / "secret").write_text("x")
    index = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    index["files"]["../secret"] = file_digest(tmp_path / "secret")
    index["digest"] = bundle_digest(index["files"])
    (folder / "bundle.json").write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n")
    with pytest.raises(BundleError) as caught:
        bundle.load(folder)
    assert caught.value.error_code == "altered"


def test_a_newer_format_says_what_to_install(simple: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(simple, folder)
    text = (folder / "bundle.json").read_text(encoding="utf-8")
    (folder / "bundle.json").write_text(text.replace("bundle/1", "bundle/2"), encoding="utf-8")
    with pytest.raises(BundleError) as caught:
        bundle.load(folder)
    assert caught.value.error_code == "newer-format"
    assert "--upgrade" in (caught.value.hint or "")


def test_an_intruder_that_plain_transformers_would_read_is_refused(neural: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(neural, folder)
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(BundleError, match="adapter_config"):
        bundle.load(folder)


@pytest.mark.parametrize("kind", ["missing", "empty", "file"])
def test_what_is_no_bundle_is_said_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    if kind == "empty":
        path.mkdir()
    elif kind == "file":
        path.write_text("x")
    with pytest.raises(BundleError) as caught:
        bundle.load(path)
    assert caught.value.error_code == "not-a-bundle"


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", '{"format": "bundle/one"}', '{"format": "bundle/1"}']
)
def test_a_broken_index_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "bundle.json").write_text(content)
    with pytest.raises(BundleError) as caught:
        bundle.load(tmp_path)
    assert caught.value.error_code == "altered"


def test_what_lies_below_the_line_is_not_part_of_the_digest(simple: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(simple, folder)
    (folder / "README.md").write_text("other")
    (folder / "steps.jsonl").write_text("{}\n")
    (folder / "evaluations").mkdir()
    assert verify(folder).verb == "train"
    assert bundle.load(folder).info.card == "other"


def test_the_same_classifier_gives_the_same_digest(tmp_path: Path, corpus: Corpus) -> None:
    assert _tfidf(corpus).save(tmp_path / "a") == _tfidf(corpus).save(tmp_path / "b")


def test_an_existing_run_is_replaced_only_when_asked(tmp_path: Path, corpus: Corpus) -> None:
    classifier = _tfidf(corpus)
    classifier.save(tmp_path / "run")
    with pytest.raises(OutputError):
        classifier.save(tmp_path / "run")
    classifier.save(tmp_path / "run", overwrite=True)


def _run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_tfidf_bundle_answers_without_torch_and_without_scikit_learn(simple: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bert4text.models.classifier import Classifier;"
        f"c = Classifier.load(Path({str(simple)!r})); c.probabilities(['nódulo']);"
        "print([m for m in ('torch', 'transformers', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    assert _run(code).strip() == "[]"


def test_a_bundle_answers_with_both_as_before(corpus: Corpus, tiny_encoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from bert4text.models.hub import load_encoder
    from bert4text.models.hybrid import Hybrid, pool
    from bert4text.models.torch_backend import TorchBackend

    space = corpus.label_space
    assert space is not None
    loaded = load_encoder(str(tiny_encoder), labels=space, seed=7)
    model = (TorchBackend(loaded.model, loaded.tokenizer, window=40), Calibrator())
    tfidf = (_baseline(corpus), Calibrator(kind="temperature", temperature=0.8, n=12))
    both = (Hybrid(model, tfidf, share=0.3), Calibrator(kind="temperature", temperature=1.3, n=12))
    info = BundleInfo(encoder=loaded.info, manifest=MANIFEST, config=CONFIG)
    made = Classifier(space, *model, baseline=tfidf, hybrid=both, delivered="hybrid", info=info)
    texts = corpus.texts[:20]
    logits = (model[0].forward(texts).logits, tfidf[0].forward(texts).logits)
    pooled = pool((logits[0], model[1]), (logits[1], tfidf[1]), share=0.3)
    np.testing.assert_allclose(made.probabilities(texts), both[1].probabilities(pooled), atol=1e-6)
    made.save(tmp_path / "run")
    again = Classifier.load(tmp_path / "run")
    assert (again.delivered, list(again.systems())) == ("hybrid", ["model", "tfidf", "hybrid"])
    np.testing.assert_allclose(again.probabilities(texts), made.probabilities(texts), atol=1e-6)
    index = tmp_path / "run" / "bundle.json"
    index.write_text(index.read_text().replace('"share": 0.3', '"share": 0.9'))
    with pytest.raises(BundleError):
        Classifier.load(tmp_path / "run")


LIGHT = (
    "backends bundle calibration card catalog classifier conformal e5_small_pt embedded estimator_file fetch"
    " four_bit group_points"
    " hub hybrid integrity linear_backend manner minilm onnx_backend openvino_backend pinned probe reading"
    " recognizer scope sources"
    " stream_backend terms token_backend token_batches tokenizer windows"
)


PARTS = (
    "attention",
    "body",
    "device",
    "differentiable",
    "ensemble",
    "first_token",
    "gradients",
    "made_rows",
    "mean_layer",
    "packing",
    "rollout",
    "unpadded",
    "varlen",
)
"""What the torch backend is made of."""


def test_every_module_but_the_torch_backend_imports_nothing_heavy() -> None:
    names = {path.stem for path in Path(bundle.__file__).parent.glob("*.py")} - {"__init__"}
    assert names - set(LIGHT.split()) == {"torch_backend", "shallow", *PARTS}
    code = (
        f"import sys, importlib; [importlib.import_module('bert4text.models.' + n) for n in {LIGHT.split()}];"
        "print([m for m in ('torch', 'transformers', 'sklearn', 'accelerate') if m in sys.modules])"
    )
    assert _run(code).strip() == "[]"
