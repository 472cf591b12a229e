"""Hidden words: whole ones, as many as asked, and a loss of these alone."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.models.hub import load_encoder, open_model
from bert4text.training.masking import MaskedWords, mean_loss, windows_of_words

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
TEXTS = ["nódulo oval em mama direita com margens circunscritas", "espiculado", "12 mm " * 60]


@pytest.fixture
def encoder(tiny_encoder):
    return load_encoder(str(tiny_encoder), seed=1)


@pytest.fixture
def source(encoder):
    model, _ = open_model(encoder.tokenizer_files, kind="AutoModelForMaskedLM")
    model.config.pad_token_id = 0
    windows = windows_of_words(encoder.tokenizer, TEXTS, window=20)
    return MaskedWords(model, windows, share=0.3, mask=4, precision="float32")


def test_nothing_is_lost_between_windows(encoder):
    found = windows_of_words(encoder.tokenizer, TEXTS, window=20)
    inside = [token for row in found.rows for token in row[1:-1]]
    wanted = [
        token for text in TEXTS for token in encoder.tokenizer.encode(text, add_special_tokens=False).ids
    ]
    assert inside == wanted
    assert max(map(len, found.rows)) == 20
    for row, words in zip(found.rows, found.words, strict=True):
        assert len(row) == len(words)
        assert (words[0], words[-1]) == (-1, -1)
        assert sorted(set(words[1:-1])) == list(range(max(words) + 1))


def test_whole_words_are_hidden_and_never_what_stands_around(source):
    words = torch.tensor([[-1, 0, 0, 1, 2, 2, 2, 3, -1, -1], [-1, 0, -1, -1, -1, -1, -1, -1, -1, -1]])
    torch.manual_seed(1)
    seen = set()
    for _ in range(50):
        hidden = source._hidden(words)
        assert not hidden[words < 0].any()
        for row, own in zip(hidden, words, strict=True):
            chosen = {int(word) for word in own[row]}
            assert all(bool(row[own == word].all()) for word in chosen)
            assert len(chosen) == 1  # of four words and of one
        seen |= {int(word) for word in words[0][hidden[0]]}
    assert seen == {0, 1, 2, 3}


def test_hidden_pieces_are_masked_replaced_or_left(source):
    ids = torch.full((1, 4000), 9)
    hidden = torch.zeros(1, 4000, dtype=torch.bool)
    hidden[:, :3000] = True
    torch.manual_seed(2)
    shown = source._shown(ids, hidden)
    assert (shown[:, 3000:] == 9).all()
    masked = float((shown[:, :3000] == 4).float().mean())
    left = float((shown[:, :3000] == 9).float().mean())
    assert masked == pytest.approx(0.8, abs=0.03)
    assert left == pytest.approx(0.1, abs=0.03)


def test_the_loss_is_that_of_the_hidden_pieces(source, monkeypatch):
    kept = {}
    plain = source._hidden

    def hidden(words):
        kept["hidden"] = plain(words)
        return kept["hidden"]

    def shown(ids, chosen):
        kept["shown"] = torch.where(chosen, 4, ids)
        kept["ids"] = ids
        return kept["shown"]

    monkeypatch.setattr(source, "_hidden", hidden)
    monkeypatch.setattr(source, "_shown", shown)
    source.model.eval()
    rows = np.arange(len(source.rows))
    with torch.no_grad():
        found = source.logits(rows)[:, 0]
        mask = torch.tensor([[1] * len(row) + [0] * (24 - len(row)) for row in source.rows])
        scores = source.model(input_ids=kept["shown"], attention_mask=mask).logits
    losses = torch.nn.functional.cross_entropy(scores.flatten(0, 1), kept["ids"].flatten(), reduction="none")
    losses = losses.view(kept["ids"].shape) * kept["hidden"]
    wanted = losses.sum(dim=1) / kept["hidden"].sum(dim=1)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


def test_a_fixed_seed_measures_alike_and_disturbs_no_other(source):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = mean_loss(source, seed=3, tokens=64)
    assert torch.equal(torch.get_rng_state(), before)
    assert mean_loss(source, seed=3, tokens=64) == pytest.approx(first, abs=1e-6)
    assert mean_loss(source, seed=4, tokens=64) != pytest.approx(first, abs=1e-4)
