"""What stops no training but is told: of the policy, kept in the manifest, and of the vocabulary."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import bert4text
from bert4text.core.corpus import Corpus
from bert4text.models.classifier import BundleInfo, Classifier
from bert4text.models.sources import EncoderInfo
from bert4text.project import Project
from bert4text.verbs.gates import policy_gate
from bert4text.verbs.model import vocabulary_warning, warnings_of
from conftest import make_corpus


def real(corpus: Corpus, n: int = 30) -> Corpus:
    """The corpus, its first reports no longer synthetic."""
    return corpus.with_column("origin", ["real"] * n + ["synthetic"] * (len(corpus) - n))


def test_real_reports_want_a_legal_basis() -> None:
    (issue,) = policy_gate(real(make_corpus()), project=Project())
    assert (issue.code, issue.severity, issue.reports) == ("no-legal-basis", "warning", 30)
    assert "30 real reports" in str(issue)


@pytest.mark.parametrize("basis", ["", "  "])
def test_an_empty_declaration_is_none(basis: str) -> None:
    project = Project(given={"policy": {"legal_basis": basis}})
    assert policy_gate(real(make_corpus()), project=project)


def test_a_declaration_synthetic_or_de_identified_reports_want_none() -> None:
    declared = Project(given={"policy": {"legal_basis": "LGPD, art. 11, II, c"}})
    assert policy_gate(real(make_corpus()), project=declared) == []
    assert policy_gate(make_corpus(), project=Project()) == []
    clean = real(make_corpus()).replace(deidentified={"policy": "lgpd"})
    assert policy_gate(clean, project=Project()) == []


def test_a_missing_legal_basis_is_kept_in_the_manifest(tmp_path: Path) -> None:
    corpus, project = real(make_corpus(200), 200), Project(tmp_path, {"train": {"encoder": "tfidf"}})
    bert4text.train(corpus, project=project, out=tmp_path / "run")
    opened = Classifier.load(tmp_path / "run")
    assert opened.info.manifest.notes["policy"] == {"no-legal-basis": 200}
    assert [issue.code for issue in warnings_of(opened, corpus, project=project)] == ["no-legal-basis"]


def test_a_declared_one_is_kept_too(tmp_path: Path) -> None:
    given = {"train": {"encoder": "tfidf"}, "policy": {"legal_basis": "LGPD, art. 11, II, c"}}
    classifier = bert4text.train(
        real(make_corpus(200), 200), project=Project(tmp_path, given), out=tmp_path / "run"
    )
    assert classifier.info.manifest.notes["policy"] == {}
    assert classifier.info.manifest.legal_basis == "LGPD, art. 11, II, c"
    assert "LGPD, art. 11, II, c" in (tmp_path / "run" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("languages", "warned"),
    [(("en",), True), (("pt-BR",), False), (("mul", "en", "es"), False), ((), False)],
)
def test_a_vocabulary_of_another_language_is_told(languages: tuple[str, ...], warned: bool) -> None:
    encoder = EncoderInfo(name="tiny", sha256="0" * 64, window=64, languages=languages)
    classifier: Any = SimpleNamespace(info=BundleInfo(encoder=encoder))
    assert (vocabulary_warning(classifier, make_corpus(8)) is not None) is warned
