"""Fewer layers: which are kept, and that what is made of them is opened again as it was."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ModelError
from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder, open_model

torch = pytest.importorskip("torch")

from bert4text.models.shallow import depth, shallower, spaced  # noqa: E402

SPACE = LabelSpace(task="multiclass", names=("a", "b", "c"))
IDS = torch.tensor([[2, 7, 8, 9, 3], [2, 11, 12, 13, 3]])


def test_half_of_twelve_layers_are_those_of_distilbert() -> None:
    assert spaced(12, 6) == (0, 2, 4, 7, 9, 11)
    assert spaced(6, 3) == (0, 2, 5)
    assert spaced(4, 4) == (0, 1, 2, 3)
    assert spaced(2, 1) == (0,)


@given(st.integers(2, 48), st.data())
def test_layers_lie_evenly_from_the_first_to_the_last(deep: int, data: st.DataObject) -> None:
    shallow = data.draw(st.integers(2, deep))
    places = spaced(deep, shallow)
    assert len(places) == len(set(places)) == shallow
    assert list(places) == sorted(places)
    assert (places[0], places[-1]) == (0, deep - 1)
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) - min(steps) <= 1


def made(folder: Path, family: str, **values: object) -> object:
    """A classifier of another family, its layers all different."""
    transformers = pytest.importorskip("transformers")
    config = transformers.AutoConfig.for_model(family, vocab_size=220, pad_token_id=0, **values)
    torch.manual_seed(3)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    return load_encoder(str(folder), labels=SPACE, seed=1).model


FAMILIES = {
    "bert": {
        "hidden_size": 32,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
    },
    "distilbert": {"dim": 32, "n_layers": 4, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 64},
    "modernbert": {
        "hidden_size": 32,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "local_attention": 4,
    },
}


@pytest.mark.parametrize("family", list(FAMILIES))
def test_what_is_made_is_opened_again_as_it_was(family: str, tiny_encoder: Path, tmp_path: Path) -> None:
    deep = made(tiny_encoder, family, **FAMILIES[family])
    before = {name: value.clone() for name, value in deep.state_dict().items()}
    shallow = shallower(deep, (0, 3))
    assert (depth(deep), depth(shallow)) == (4, 2)
    assert not shallow.training
    assert shallow.config.id2label == deep.config.id2label
    with torch.no_grad():
        answers = shallow(input_ids=IDS).logits
        assert not torch.allclose(answers, deep(input_ids=IDS).logits)
        shallow.save_pretrained(tmp_path / "shallow")
        again, _ = open_model(tmp_path / "shallow")
        assert torch.allclose(again(input_ids=IDS).logits, answers, atol=1e-6)
    assert all(torch.equal(value, before[name]) for name, value in deep.state_dict().items())


def test_embeddings_head_and_the_layers_named_are_copied(tiny_encoder: Path) -> None:
    deep = made(tiny_encoder, "bert", **FAMILIES["bert"])
    weights, kept = deep.state_dict(), shallower(deep, (1, 3)).state_dict()
    assert len(kept) < len(weights)
    for name, value in kept.items():
        source = name.replace("layer.1.", "layer.3.").replace("layer.0.", "layer.1.")
        assert torch.equal(value, weights[source]), name
        assert value.data_ptr() != weights[source].data_ptr()


def test_all_layers_answer_as_before(tiny_encoder: Path) -> None:
    deep = made(tiny_encoder, "bert", **FAMILIES["bert"])
    with torch.no_grad():
        whole = shallower(deep, range(4))(input_ids=IDS).logits
        assert torch.allclose(whole, deep(input_ids=IDS).logits, atol=1e-6)


def test_an_encoder_whose_layers_are_one_is_refused(tiny_encoder: Path) -> None:
    sizes = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64, "embedding_size": 16}
    deep = made(tiny_encoder, "albert", num_hidden_layers=4, max_position_embeddings=64, **sizes)
    assert depth(deep) == 0
    with pytest.raises(ModelError) as caught:
        shallower(deep, (0, 1))
    assert caught.value.error_code == "no-layers"
