"""The datasheet as approved; `pytest tests/golden --snapshot-update` approves anew."""

from __future__ import annotations

import pytest
from described_corpus import ISSUES, small_corpus
from syrupy.assertion import SnapshotAssertion

from bert4text.core.messages import LANGUAGES, load
from bert4text.governance.count import facts_of
from bert4text.governance.datasheet import datasheet


@pytest.mark.parametrize("language", LANGUAGES)
def test_datasheet(language: str, snapshot: SnapshotAssertion) -> None:
    facts = facts_of(small_corpus(), issues=ISSUES, looks=0)
    text = datasheet(facts, made="2026-11-22T10:00:00Z", version="0.1.0", translator=load(language))
    assert text == snapshot
