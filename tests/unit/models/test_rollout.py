"""Attention rollout is the product of the model's own attentions, and leaves the model as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.models.hub import load_encoder
from bert4text.models.hybrid import Hybrid
from bert4text.models.linear_backend import LinearBackend
from bert4text.models.reading import Reading
from bert4text.models.tokenizer import positions
from bert4text.models.windows import WindowWeights

torch = pytest.importorskip("torch")

from bert4text.models import rollout  # noqa: E402 - after importorskip
from bert4text.models.body import reads_first_only  # noqa: E402 - after importorskip
from bert4text.models.ensemble import Ensemble  # noqa: E402 - after importorskip
from bert4text.models.rollout import roll, rolled_out  # noqa: E402 - after importorskip
from bert4text.models.torch_backend import TorchBackend  # noqa: E402 - after importorskip

Floats = npt.NDArray[np.float64]

LABELS = LabelSpace(task="multiclass", names=("benigno", "maligno", "indeterminado"))
SHORT = "Nódulo irregular, espiculado."
LONG = "mama direita com nódulo irregular e espiculado " * 12
RNG = np.random.default_rng(7)
LEARNED = WindowWeights(RNG.normal(size=32).astype(np.float32), np.array([0.5, -0.5, 1.0], dtype=np.float32))


def encoder(folder: Path, *, seed: int = 7, **options: Any) -> TorchBackend:
    loaded = load_encoder(str(folder), labels=LABELS, seed=seed)
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in loaded.model.parameters():
            if weight.dim() == 2:
                weight.copy_(weight * 6 + torch.randn_like(weight) * 0.05)  # else all attend to all alike
    return TorchBackend(loaded.model, loaded.tokenizer, window=32, **options)


def by_hand(backend: TorchBackend, row: list[int], *, first: bool = True) -> Floats:
    """The shares of the tokens of a window, by whole products of matrices."""
    model: Any = backend.model
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    with torch.no_grad():
        said = model.eval()(input_ids=torch.tensor([row]), output_attentions=True)
    model.set_attn_implementation(before)
    product = np.eye(len(row))
    for layer in said.attentions:
        mean = layer[0].double().numpy().mean(axis=0)
        product = (mean + np.eye(len(row))) / 2 @ product
    found: Floats = product[0] if first else product.mean(axis=0)
    return found


def test_shares_are_the_product_of_the_attentions(tiny_encoder: Path) -> None:
    backend = encoder(tiny_encoder)
    found = rolled_out(backend, SHORT)
    ids, stands = positions(backend.tokenizer, SHORT)
    wanted = by_hand(backend, backend.template.wrap(ids))
    assert found.stretches == stands
    assert found.shares == pytest.approx(wanted[1:-1], abs=1e-6)
    assert np.ptp(found.shares) > 1e-3  # the tokens are told apart
    assert found.shares.sum() == pytest.approx(1 - wanted[0] - wanted[-1], abs=1e-6)
    assert (found.windows, found.partly) == (1, False)


def test_a_head_that_reads_the_mean_is_rolled_out_from_all_tokens(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = encoder(tiny_encoder)
    monkeypatch.setattr(rollout, "reads_first_only", lambda *_: False)
    ids, _ = positions(backend.tokenizer, SHORT)
    wanted = by_hand(backend, backend.template.wrap(ids), first=False)
    assert rolled_out(backend, SHORT).shares == pytest.approx(wanted[1:-1], abs=1e-6)


def test_what_the_head_reads_is_asked_of_the_head(tiny_encoder: Path) -> None:
    from transformers import ModernBertConfig, ModernBertForSequenceClassification

    config = ModernBertConfig(
        vocab_size=400,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        pad_token_id=0,
        classifier_pooling="mean",
        num_labels=3,
    )
    model = ModernBertForSequenceClassification(config).eval()
    mask = torch.ones(1, 5, dtype=torch.long)
    assert not reads_first_only(model, torch.randn(1, 5, 32), mask)
    backend = TorchBackend(model, encoder(tiny_encoder).tokenizer, window=32)
    ids, _ = positions(backend.tokenizer, SHORT)
    wanted = by_hand(backend, backend.template.wrap(ids), first=False)
    assert rolled_out(backend, SHORT).shares == pytest.approx(wanted[1:-1], abs=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "max", "learned"])
def test_windows_count_as_they_do_in_the_answer(tiny_encoder: Path, pooling: Any) -> None:
    weights = LEARNED if pooling == "learned" else None
    backend = encoder(tiny_encoder, pooling=pooling, weights=weights)
    found = rolled_out(backend, LONG)
    rows = backend.rows([LONG])
    count = len(rows.rows)
    with backend.computing():
        answers = [
            backend.compute(np.array([row], dtype=np.int64), np.ones((1, len(row)), dtype=np.int64))
            for row in rows.rows
        ]
    logits = np.concatenate([one[0] for one in answers])
    shares = {
        "mean": np.full(count, 1 / count),
        "max": np.array([np.mean(logits.argmax(axis=0) == place) for place in range(count)]),
        "learned": LEARNED.shares(np.concatenate([one[1] for one in answers]), np.array([count])),
    }[pooling]
    wanted = [share * by_hand(backend, list(row))[1:-1] for share, row in zip(shares, rows.rows, strict=True)]
    assert count == found.windows > 2
    assert found.shares == pytest.approx(np.concatenate(wanted), abs=1e-5)
    assert 0 < found.shares.sum() < 1


def test_members_count_alike_and_of_a_hybrid_it_is_the_encoder(tiny_encoder: Path) -> None:
    members = [encoder(tiny_encoder), encoder(tiny_encoder, seed=8)]
    alone = [rolled_out(one, SHORT) for one in members]
    both = rolled_out(Ensemble(members), SHORT)
    assert both.stretches == alone[0].stretches + alone[1].stretches
    assert both.shares == pytest.approx(np.concatenate([alone[0].shares, alone[1].shares]) / 2)
    assert np.abs(alone[0].shares - alone[1].shares).max() > 1e-3
    tfidf = LinearBackend({"oval": 0}, idf=np.ones(1), weights=np.zeros((3, 1)), intercepts=np.zeros(3))
    hybrid = Hybrid((members[0], Calibrator()), (tfidf, Calibrator()), share=0.5)
    found = rolled_out(hybrid, SHORT)
    assert found.partly
    assert found.shares == pytest.approx(alone[0].shares)


def test_the_model_answers_as_before(tiny_encoder: Path) -> None:
    backend = encoder(tiny_encoder)
    before, way = backend.forward([SHORT]).logits, backend.model.config._attn_implementation
    rolled_out(backend, SHORT)
    assert backend.model.config._attn_implementation == way
    assert not backend.model.config.output_attentions
    assert np.array_equal(backend.forward([SHORT]).logits, before)


def test_what_gives_no_attention_is_refused(tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = encoder(tiny_encoder, reading=Reading(read="sections"))
    with pytest.raises(ConfigError, match="read by its sections"):
        rolled_out(backend, LONG)
    tfidf = LinearBackend({}, idf=np.zeros(0), weights=np.zeros((3, 0)), intercepts=np.zeros(3))
    with pytest.raises(ConfigError, match="linear does not give it") as caught:
        rolled_out(tfidf, SHORT)
    assert "occlusion" in str(caught.value.hint)
    backend = encoder(tiny_encoder)
    forward = backend.model.forward
    for attentions in (None, (), (torch.ones(1, 2, 3, 3),)):

        def silent(*args: Any, attentions: Any = attentions, **options: Any) -> Any:
            said = forward(*args, **options)
            said.attentions = attentions
            return said

        monkeypatch.setattr(backend.model, "forward", silent)
        with pytest.raises(ConfigError, match="bert does not give it"):
            rolled_out(backend, SHORT)
    monkeypatch.undo()
    monkeypatch.setattr(backend.model, "set_attn_implementation", refuses)
    backend.model.config._attn_implementation = "sdpa"
    with pytest.raises(ConfigError, match="bert does not give it"):
        rolled_out(backend, SHORT)


def refuses(name: str) -> None:
    raise ValueError(name)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_shares_are_shares(layers: int, tokens: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    attentions = [rng.dirichlet(np.ones(tokens), size=tokens) for _ in range(layers)]
    found = roll(attentions, np.eye(tokens)[0])
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)
    assert found[0] >= 0.5**layers - 1e-12
