from __future__ import annotations

import re

import pytest

from bert4text.auditing.checks import CHECKS, Context
from bert4text.auditing.config import AuditConfig
from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon
from bert4text.data.icd import find_icd
from bert4text.data.statements import Statements
from conftest import make_corpus


def codes(text):
    return [code.category for code in find_icd(text, fold(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CID-10: C50.9.", ["c50"]),
        ("CID C50.4", ["c50"]),
        ("Código C50.", ["c50"]),
        ("CIE-10 D24", ["d24"]),
        ("ICD10 D05.1 and N60.2", ["d05", "n60"]),
        ("Classificado em C50.8.", ["c50"]),
        ("cid: n63", ["n63"]),
    ],
)
def test_codes_are_found_after_their_cue_and_by_themselves_with_a_decimal(text, found):
    assert codes(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "fratura em T12/L1", "vitamina B12", "linfonodo T12", "lote C50", "nódulo de 12.5 mm",
        "HER2 3+, Ki-67 20%", "pT1c pN0", "código de barras 123", "A 12.5 cm da papila", "CIDADE C50 norte",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_code_is_none(text):
    assert codes(text) == []


def test_codes_that_go_with_a_label_state_it():
    made = make_corpus(240, signal=False)
    by_label = {"benigno": "CID-10: D24.", "maligno": "CID-10: C50.9."}
    texts = [f"{text} {by_label.get(label, '')}" for text, label in zip(made.texts, made.labels, strict=True)]
    planted = made.with_column("text", texts)
    issues = list(CHECKS.get("stated-label")(planted, Context(planted, AuditConfig(), seed=7)))
    assert [(issue.severity, issue.code) for issue in issues] == [("error", "label-in-text")]
    assert {one.term for one in issues[0].evidence} == {"c##", "d##"}
    same = made.map_text(lambda text: f"{text} CID-10: N63.")
    assert list(CHECKS.get("stated-label")(same, Context(same, AuditConfig(), seed=7))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Diagnóstico: C50.911", ["c50"]),
        ("ICD-10-CM C50.911", ["c50"]),
        ("Carcinoma (C50).", ["c50"]),
        ("Codificado como D24", ["d24"]),
    ],
)
def test_codes_of_national_editions_and_in_brackets(text, found):
    assert codes(text) == found


@pytest.mark.parametrize(
    ("labels", "text", "concept"),
    [
        (("C50", "D24", "N60"), "Neoplasia maligna da mama.", "C50"),
        (("C50.9", "D24", "N60"), "Fibroadenoma.", "D24"),
        (("C50", "D24", "N60"), "Alterações fibrocísticas.", "N60"),
        (("I21", "I50", "J18"), "Infarto agudo do miocárdio.", "I21"),
        (("J18 - Pneumonia", "J44 - DPOC"), "Enfermedad pulmonar obstructiva crónica.", "J44 - DPOC"),
        (("pneumonia", "normal"), "Bronchopneumonia.", "pneumonia"),
        (("AVC", "outro"), "Acute stroke.", "AVC"),
        (("C50", "C61", "N40"), "Adenocarcinoma.", "icd c00-c97"),
    ],
)
def test_names_of_diagnoses_state_their_codes_and_each_other(labels, text, concept):
    finder = Statements(labels, words={})
    assert concept in {one.concept for one in finder.find(text, fold(text))}


def test_words_of_no_diagnosis_that_is_a_label_are_none():
    assert list(Statements(("C50", "D24"), words={}).find("Pneumonia.", "pneumonia.")) == []
    assert (
        list(Statements(("T12", "outro", "mais"), words={}).find("Fratura de fêmur.", "fratura de femur."))
        == []
    )


def test_the_lexicon_of_diagnoses_is_well_formed():
    for ends, words in lexicon("icd")["ranges"].items():
        first, last = ends.split("-")
        assert re.fullmatch(r"[A-Z]\d\d-[A-Z]\d\d", ends)
        assert first <= last, ends
        assert len(set(words)) == len(words), ends
        for word in words:
            assert word == fold(word)
            assert "*" not in word[:-1], word
