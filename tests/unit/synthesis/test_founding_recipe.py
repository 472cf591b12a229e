"""The founding recipe states its label: that is what the audit must block."""

from __future__ import annotations

import importlib
import re

import pytest

from bert4text.core.errors import MissingExtraError
from bert4text.synthesis import founding
from bert4text.synthesis.config import SynthesizeConfig
from bert4text.synthesis.synthesize import synthesize

STATED = {"pt-BR": re.compile(r"Conclusão: (\w+)\."), "en": re.compile(r"Conclusion: (\w+)\.")}


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_the_text_states_the_label_that_it_had_before_the_flips(language: str) -> None:
    corpus = synthesize("founding", language=language)
    stated = [STATED[language].search(text)[1].casefold() for text in corpus.texts]  # type: ignore[index]
    turned = sum(a != b for a, b in zip(stated, corpus.labels, strict=True))
    assert turned == round(0.05 * 569)
    assert stated.count(corpus.label_space.names[1]) == 212  # type: ignore[union-attr]


def test_without_flips_the_text_is_always_right() -> None:
    corpus = synthesize("founding", SynthesizeConfig(flipped=0.0), n=100)
    assert all(
        f"conclusão: {label}" in text.casefold()
        for text, label in zip(corpus.texts, corpus.labels, strict=True)
    )


def test_flips_touch_no_text() -> None:
    texts = [
        synthesize("founding", SynthesizeConfig(flipped=share), n=80).texts for share in (0.0, 0.05, 0.5)
    ]
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_names_have_no_form_of_address_and_stand_in_the_text(language: str) -> None:
    corpus = synthesize("founding", n=1500, language=language)
    for report in corpus:
        assert report.attributes["name"] in report.text
        assert not re.search(r"\b(?:Dr|Dra|Sr|Sra|Srta|Mr|Mrs|Ms|Miss|Dona)\b\.?", report.text)
        assert not re.search(r" {2}|\.\.|[{}]|\bNone\b", report.text)


def test_names_are_women_s() -> None:
    from faker.providers.person.pt_BR import Provider

    given = set(Provider.first_names_female)
    for report in synthesize("founding", n=400):
        assert any(report.attributes["name"].startswith(f"{name} ") for name in given)


def test_the_same_seed_gives_the_same_names() -> None:
    assert (
        synthesize("founding", n=30, seed=4).fingerprint == synthesize("founding", n=30, seed=4).fingerprint
    )
    assert synthesize("founding", n=30, seed=4).texts != synthesize("founding", n=30, seed=5).texts


def test_size_and_border_follow_the_row() -> None:
    words = {"pequeno": [], "médio": [], "grande": []}  # type: ignore[var-annotated]
    for text in synthesize("founding").texts:
        radius = float(re.search(r"(\d+,\d+|\d+) px", text)[1].replace(",", "."))  # type: ignore[index]
        words[re.search(r"[Tt]amanho:? (\w+)", text)[1]].append(radius)  # type: ignore[index]
    assert max(words["pequeno"]) <= min(words["médio"]) < max(words["médio"]) <= min(words["grande"])


def test_faker_missing_is_said_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingExtraError) as caught:
        list(founding.drafts([], SynthesizeConfig(), language="pt-BR", seed=1))
    assert "bert4text[synthesis]" in str(caught.value.hint)
