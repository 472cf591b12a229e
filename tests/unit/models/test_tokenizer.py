from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer, processors
from tokenizers import models as kinds

from bert4text.core.errors import ModelError
from bert4text.models.sources import Source, locate
from bert4text.models.tokenizer import (
    lengths,
    open_tokenizer,
    read_tokenizer,
    special_tokens,
    template,
    token_ids,
    window_of,
)


def test_truncation_and_padding_are_removed(tiny_encoder: Path) -> None:
    path = tiny_encoder / "tokenizer.json"
    cutting = Tokenizer.from_file(str(path))
    cutting.enable_truncation(8)
    cutting.enable_padding(length=8)
    cutting.save(str(path))
    tokenizer = read_tokenizer(locate(str(tiny_encoder)))
    assert tokenizer.truncation is None
    assert tokenizer.padding is None
    assert len(token_ids(tokenizer, ["mama " * 50])[0]) == 50
    assert token_ids(tokenizer, [""]) == [[]]


def test_the_template_is_the_tokenizers_own(tiny_encoder: Path) -> None:
    tokenizer = open_tokenizer(tiny_encoder / "tokenizer.json")
    found = template(tokenizer)
    assert (found.prefix, found.suffix) == ((2,), (3,))
    text = "nódulo irregular, 12 mm"
    assert found.wrap(token_ids(tokenizer, [text])[0]) == tokenizer.encode(text).ids


def test_special_tokens_inside_the_text_are_refused() -> None:
    tokenizer = Tokenizer(kinds.WordLevel({"a": 0, "[S]": 1, "[UNK]": 2}, unk_token="[UNK]"))
    tokenizer.post_processor = processors.TemplateProcessing(single="$A [S] $A", special_tokens=[("[S]", 1)])
    with pytest.raises(ModelError, match="inside the text"):
        template(tokenizer)


def test_a_tokenizer_without_special_tokens_has_an_empty_template() -> None:
    tokenizer = Tokenizer(kinds.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    assert len(template(tokenizer)) == 0


def test_lengths_count_special_tokens(tiny_encoder: Path) -> None:
    assert lengths(str(tiny_encoder))(["", "mama", "mama direita"]) == [2, 3, 4]
    assert window_of(str(tiny_encoder)) == 64


def test_lone_surrogates_are_counted_like_their_replacement(tiny_encoder: Path) -> None:
    count = lengths(str(tiny_encoder))
    assert count(["mama \ud800 direita"]) == count(["mama ? direita"])


def test_special_tokens_are_named_by_role(tiny_encoder: Path) -> None:
    found = special_tokens(open_tokenizer(tiny_encoder / "tokenizer.json"))
    assert found["pad_token"] == "[PAD]"
    assert set(found) == {"unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}


def test_a_broken_tokenizer_is_named_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("canary-7781")
    with pytest.raises(ModelError, match=r"tokenizer\.json") as caught:
        open_tokenizer(tmp_path / "tokenizer.json")
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_older_vocabulary_is_converted(tiny_encoder: Path) -> None:
    made = open_tokenizer(tiny_encoder / "tokenizer.json")
    pieces = sorted(made.get_vocab(), key=made.get_vocab().__getitem__)
    (tiny_encoder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    (tiny_encoder / "tokenizer.json").unlink()
    settings = {"tokenizer_class": "BertTokenizer", "strip_accents": False, "model_max_length": 64}
    (tiny_encoder / "tokenizer_config.json").write_text(json.dumps(settings))
    converted = read_tokenizer(Source("old", tiny_encoder, cased=False))
    texts = ["Nódulo IRREGULAR na mama direita.", "xyz", ""]
    assert token_ids(converted, texts) == token_ids(made, texts)
    assert template(converted) == template(made)


def test_case_is_kept_where_the_catalog_says_so(tiny_encoder: Path) -> None:
    made = open_tokenizer(tiny_encoder / "tokenizer.json")
    pieces = sorted(made.get_vocab(), key=made.get_vocab().__getitem__)
    (tiny_encoder / "vocab.txt").write_text("\n".join([*pieces, "Mama"]) + "\n", encoding="utf-8")
    (tiny_encoder / "tokenizer.json").unlink()
    (tiny_encoder / "tokenizer_config.json").unlink()
    cased = read_tokenizer(Source("old", tiny_encoder, cased=True))
    assert token_ids(cased, ["Mama"]) == [[len(pieces)]]


def test_no_vocabulary_at_all_is_an_error(tiny_encoder: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tiny_encoder / name).unlink()
    with pytest.raises(ModelError) as caught:
        read_tokenizer(locate(str(tiny_encoder)))
    assert caught.value.error_code == "bad-tokenizer"


@pytest.mark.minilm
def test_a_long_report_has_the_same_ids_through_transformers_and_through_us() -> None:
    from transformers import AutoTokenizer

    from bert4text.models.hub import quiet

    source = locate("minilm")
    text = "Observa-se nódulo irregular, espiculado, medindo 12 mm no quadrante superior externo. " * 25
    with quiet():
        theirs = AutoTokenizer.from_pretrained(str(source.folder))(text, truncation=False)["input_ids"]
    tokenizer = read_tokenizer(source)
    ours = template(tokenizer).wrap(token_ids(tokenizer, [text])[0])
    assert len(ours) >= 600
    assert ours == list(theirs)
    assert lengths("minilm")([text]) == [len(ours)]
    assert window_of("minilm") == 512
