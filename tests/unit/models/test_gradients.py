"""The score at the end of the way is that of the answer, and its derivatives add up to what it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.models.backends import Backend
from bert4text.models.calibration import Calibrator
from bert4text.models.hub import load_encoder
from bert4text.models.hybrid import Hybrid
from bert4text.models.linear_backend import LinearBackend
from bert4text.models.reading import Reading
from bert4text.models.windows import WindowWeights
from conftest import make_corpus

torch = pytest.importorskip("torch")

from bert4text.models import differentiable, gradients  # noqa: E402 - after importorskip
from bert4text.models.ensemble import Ensemble  # noqa: E402 - after importorskip
from bert4text.models.gradients import Wanted, Way  # noqa: E402 - after importorskip
from bert4text.models.torch_backend import TorchBackend  # noqa: E402 - after importorskip

LABELS = LabelSpace(task="multiclass", names=("benigno", "maligno", "indeterminado"))
SHORT = "Nódulo irregular, espiculado."
LONG = "mama direita com nódulo irregular e espiculado " * 12
RNG = np.random.default_rng(7)
LEARNED = WindowWeights(RNG.normal(size=32).astype(np.float32), np.array([0.5, -0.5, 1.0], dtype=np.float32))


def encoder(folder: Path, *, seed: int = 7, **options: Any) -> TorchBackend:
    loaded = load_encoder(str(folder), labels=LABELS, seed=seed)
    with torch.no_grad():
        for weight in loaded.model.parameters():
            if weight.dim() == 2:
                weight *= 6  # what was only drawn says too little to be told from nothing
    return TorchBackend(loaded.model, loaded.tokenizer, window=32, **options)


def tfidf() -> LinearBackend:
    corpus = make_corpus(120, labels=LABELS.names)
    y = np.array([LABELS.names.index(report.labels[0]) for report in corpus if report.labels])
    return LinearBackend.fit(corpus.texts, y, 3, groups=[str(place) for place in range(len(y))], seed=7)


def system(kind: str, folder: Path) -> tuple[Backend, bool]:
    """A system that answers, and whether several labels may hold."""
    if kind == "ensemble":
        return Ensemble([encoder(folder), encoder(folder, seed=8)]), False
    if kind in {"hybrid", "hybrid of several"}:
        link = {"link": "sigmoid"} if kind == "hybrid of several" else {}
        calibrator = Calibrator(kind="temperature", temperature=1.5, **link)
        pair = ((encoder(folder), calibrator), (tfidf(), calibrator))
        return Hybrid(*pair, share=0.7), bool(link)
    options: dict[str, Any] = {
        "mean": {},
        "max": {"pooling": "max"},
        "learned": {"pooling": "learned", "weights": LEARNED},
        "head-tail": {"reading": Reading(read="head-tail")},
    }[kind]
    return encoder(folder, **options), False


def log_odds(backend: Backend, text: str, wanted: Wanted) -> float:
    share = wanted.calibrator.probabilities(backend.forward([text]).logits)[0, wanted.label]
    return float(np.log(share) - np.log1p(-share))


PLAIN = Calibrator()
KINDS = ["mean", "max", "learned", "head-tail", "ensemble", "hybrid", "hybrid of several"]


@pytest.mark.parametrize("text", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_the_answer_and_derivatives_those_of_the_scores(
    kind: str, text: str, tiny_encoder: Path
) -> None:
    backend, several = system(kind, tiny_encoder)
    link = "sigmoid" if several else "softmax"
    own = Calibrator(kind="vector", scale=(1.3, 0.7, 1.0), bias=(0.2, -0.1, 0.0), link=link)
    wanted = Wanted(1, own, several)
    way = Way(backend, text, wanted)
    step = 1e-2
    scores, changes = way.derivatives([0.0, 0.5 - step, 0.5, 0.5 + step, 1.0])
    assert scores[-1] == pytest.approx(log_odds(backend, text, wanted), abs=1e-4)
    assert np.ptp(scores) > 2e-3
    assert changes.shape == (5, len(way.stretches))
    slope = (scores[3] - scores[1]) / (2 * step)
    assert changes[2].sum() == pytest.approx(slope, rel=0.02, abs=2e-3)


@pytest.mark.parametrize("kind", ["learned", "max", "hybrid"])
def test_windows_that_are_computed_in_turn_change_nothing(
    kind: str, tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, _ = system(kind, tiny_encoder)
    way = Way(backend, LONG, Wanted(0, PLAIN))
    together = way.derivatives([0.0, 0.3, 1.0])
    for module in (gradients, differentiable):
        monkeypatch.setattr(module, "TOKENS", 40)
    for wanted, found in zip(together, way.derivatives([0.0, 0.3, 1.0]), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_columns_stand_where_their_words_do(tiny_encoder: Path) -> None:
    way = Way(encoder(tiny_encoder), SHORT, Wanted(0, PLAIN))
    assert [SHORT[start:end] for start, end in way.stretches] == [
        *("Nódulo", "irregular", ",", "espiculado", "."),
    ]
    backend, _ = system("hybrid", tiny_encoder)
    both = Way(backend, SHORT, Wanted(0, PLAIN))
    assert both.stretches[:5] == way.stretches
    assert {SHORT[start:end] for start, end in both.stretches[5:]} <= {"Nódulo", "irregular", "espiculado"}


def test_the_way_begins_at_the_token_that_was_asked_for(tiny_encoder: Path) -> None:
    backend = encoder(tiny_encoder)
    starts = {
        baseline: Way(backend, SHORT, Wanted(0, PLAIN), baseline=baseline).derivatives([0.0])[0][0]
        for baseline in ("pad", "mask")
    }
    token = {"pad": backend.padding, "mask": backend.tokenizer.token_to_id("[MASK]")}
    count = len(Way(backend, SHORT, Wanted(0, PLAIN)).stretches)
    for baseline, score in starts.items():
        row = backend.template.wrap([token[baseline]] * count)
        logits, _ = backend.run([row])
        assert score == pytest.approx(
            float(Wanted(0, PLAIN).score(torch.from_numpy(logits).double())), abs=1e-5
        )


def test_weights_keep_no_gradients_and_the_model_answers_as_before(tiny_encoder: Path) -> None:
    backend = encoder(tiny_encoder)
    before = backend.forward([SHORT]).logits
    Way(backend, SHORT, Wanted(0, PLAIN)).derivatives([0.5])
    assert all(weight.grad is None for weight in backend.model.parameters())
    assert not backend.model.training
    np.testing.assert_array_equal(backend.forward([SHORT]).logits, before)


def test_a_text_without_tokens_has_no_columns(tiny_encoder: Path) -> None:
    scores, changes = Way(encoder(tiny_encoder), "", Wanted(0, PLAIN)).derivatives([0.0, 1.0])
    assert scores[0] == scores[1]
    assert changes.shape == (2, 0)


def test_what_has_no_gradient_is_refused(tiny_encoder: Path) -> None:
    with pytest.raises(ConfigError, match="answers by linear"):
        Way(tfidf(), SHORT, Wanted(0, PLAIN))
    by_sections = encoder(tiny_encoder, reading=Reading(read="sections", sections=("conclusion",)))
    Way(by_sections, SHORT, Wanted(0, PLAIN))
    with pytest.raises(ConfigError, match="sections"):
        Way(by_sections, LONG, Wanted(0, PLAIN))
    backend = encoder(tiny_encoder)
    without = type("Without", (), {"token_to_id": lambda self, token: None})()
    backend.tokenizer = without
    with pytest.raises(ConfigError, match="mask token"):
        differentiable._baseline(backend, "mask")
