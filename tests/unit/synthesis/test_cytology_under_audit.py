"""The audit blocks the founding recipe and lets the cytology reports pass, evidence shown."""

from __future__ import annotations

import pytest

from bert4text.auditing.audit import audit
from bert4text.auditing.config import AuditConfig
from bert4text.core.corpus import Corpus
from bert4text.core.issue import blocking
from bert4text.synthesis.synthesize import synthesize


def split(corpus: Corpus) -> Corpus:
    names = ["train"] * 6 + ["validation", "calibration", "test", "test"]
    return corpus.with_column("split", [names[k % 10] for k in range(len(corpus))])


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_cytology_passes_and_its_evidence_is_listed(language: str) -> None:
    issues = audit(split(synthesize("cytology", language=language)), AuditConfig(), seed=7)
    assert not blocking(issues, fail_on="warning")
    assert not [issue for issue in issues if issue.check == "stated-label"]
    evidence = [issue for issue in issues if issue.check == "clinical-evidence"]
    assert evidence
    assert all(issue.severity == "info" for issue in evidence)


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_the_founding_recipe_is_blocked_for_the_label_it_states(language: str) -> None:
    issues = audit(split(synthesize("founding", language=language)), AuditConfig(), seed=7)
    assert "stated-label" in {issue.check for issue in blocking(issues, fail_on="error")}
