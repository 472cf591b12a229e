from __future__ import annotations

import string
from importlib.resources import files

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest, Parent
from bert4text.models.calibration import Calibrator
from bert4text.models.card import LANGUAGES, card_values, model_card
from bert4text.models.classifier import BundleInfo, Classifier
from bert4text.models.linear_backend import LinearBackend
from bert4text.models.sources import EncoderInfo

MANIFEST = Manifest(
    kind="model",
    verb="train",
    parents=(Parent(kind="corpus", digest="sha256:" + "ab" * 32),),
    versions={"bert4text": "0.1.0"},
    created="2026-11-22T10:00:00Z",
    split_used={"fit": "train"},
    overrides=("shortcut",),
    notes={"train reports": 72, "bundle_settings": "f" * 64},
)


@pytest.fixture
def classifier() -> Classifier:
    space = LabelSpace(task="binary", names=("benigno", "maligno"))
    backend = LinearBackend({}, idf=np.zeros(0), weights=np.zeros((2, 0)), intercepts=np.zeros(2))
    info = BundleInfo(encoder=EncoderInfo(name="minilm", sha256="0" * 64, window=512, licence="Apache-2.0"))
    calibrator = Calibrator(kind="temperature", temperature=1.25, n=30, thresholds=(0.4, 0.6))
    return Classifier(space, backend, calibrator, info=info)


def _fields(language: str) -> set[str]:
    text = (files("bert4text.models") / "cards" / f"card.{language}.md").read_text(encoding="utf-8")
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_both_languages_have_the_same_fields(classifier: Classifier) -> None:
    fields = {language: _fields(language) for language in LANGUAGES}
    assert fields["en"] == fields["pt-BR"] == set(card_values(classifier, manifest=MANIFEST))


@pytest.mark.parametrize(
    ("language", "phrase"), [("en", "not a medical device"), ("pt-BR", "Não é um dispositivo médico")]
)
def test_the_card_says_what_it_is_and_what_it_is_not(
    classifier: Classifier, language: str, phrase: str
) -> None:
    card = model_card(classifier, manifest=MANIFEST, language=language)
    assert phrase in card
    for value in ("benigno, maligno", "minilm", "Apache-2.0", "T = 1.250, n = 30", "0.400, 0.600"):
        assert value in card
    for value in ("train reports: 72", "fit: train", "shortcut", "sha256:abababababab", "0.1.0"):
        assert value in card
    assert "f" * 64 not in card


def test_what_is_not_known_is_a_dash(classifier: Classifier) -> None:
    values = card_values(classifier, manifest=Manifest(kind="model", verb="train"))
    assert values["head"] == "–"  # TF-IDF answers: no head reads anything
    assert values["corpus"] == values["counts"] == values["overrides"] == values["revision"] == "–"
