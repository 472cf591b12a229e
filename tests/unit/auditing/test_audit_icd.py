from __future__ import annotations

import pytest

from bert4text.auditing.checks import CHECKS, Context
from bert4text.auditing.config import AuditConfig
from bert4text.auditing.icd import find_icd
from bert4text.core.fold import fold
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
