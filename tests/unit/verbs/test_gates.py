"""What every verb that learns asks for first, and keeps; and what is told of the vocabulary."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import bert4text
from bert4text.core.basis import Residue
from bert4text.core.corpus import Corpus
from bert4text.core.errors import PolicyError
from bert4text.core.manifest import Manifest
from bert4text.governance.gate import basis_of
from bert4text.models.classifier import BundleInfo, Classifier
from bert4text.models.sources import EncoderInfo
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.verbs.model import vocabulary_warning
from conftest import POLICY, make_corpus


def real(corpus: Corpus, n: int = 30) -> Corpus:
    """The corpus, its first reports no longer synthetic."""
    return corpus.with_column("origin", ["real"] * n + ["synthetic"] * (len(corpus) - n))


def project_of(folder: Path, **policy: Any) -> Project:
    return Project(folder, {"train": {"encoder": "tfidf"}, "policy": {**POLICY, **policy}})


def left(corpus: Corpus, reports: int) -> Corpus:
    """The corpus as de-identified, with identifiers left in some reports."""
    told = {"policy": "lgpd", "reports": len(corpus), "residue": {"reports": reports, "kinds": {}}}
    return corpus.replace(deidentified=told)


VERBS = {
    "train": bert4text.train,
    "tune": bert4text.tune,
    "pretrain": lambda corpus, **rest: bert4text.pretrain(corpus, out=rest["project"].folder / "e", **rest),
    "distill": lambda corpus, **rest: bert4text.distill(rest["project"].folder / "teacher", corpus, **rest),
}


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_learns_from_real_reports_before_the_gate_and_nothing_long_runs_before_it(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("learning", "tuning"):
        monkeypatch.setattr(f"bert4text.verbs.{module}.audit", pytest.fail)
    project = Project(tmp_path, {"train": {"encoder": "tfidf"}})
    for deidentified in (left(real(make_corpus()), 0), real(make_corpus())):
        with pytest.raises(PolicyError) as caught:
            VERBS[verb](deidentified, project=project)
        assert caught.value.error_code == "policy-gate"
    assert not project.trail.exists()
    assert list(tmp_path.iterdir()) == []


def test_what_is_declared_is_kept_in_manifest_card_and_trail(tmp_path: Path) -> None:
    corpus = left(real(make_corpus(200), 200), 0)
    project = project_of(tmp_path, purpose="one | two\nthree", legal_basis="as the board said")
    bert4text.train(corpus, project=project, out=tmp_path / "run")
    manifest = Classifier.load(tmp_path / "run").info.manifest
    assert manifest.legal_basis == "LGPD, art. 11, II, f: as the board said"
    assert manifest.basis is not None
    assert manifest.basis.codes == {"law": "lgpd", "clauses": ["11-II-f"], "use": "quality"}
    assert manifest.basis.residue == Residue(
        corpus=f"sha256:{corpus.fingerprint}", reports=200, real=200, checked=200, left=0, method="lgpd"
    )
    assert not any(name.startswith("policy") for name in manifest.overrides)
    card = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert "| declared legal basis | LGPD, art. 11, II, f: as the board said |" in card
    assert r"| declared use, purpose | quality, one \| two three |" in card
    assert "| 0 / 200 (lgpd) |" in card
    (trained,) = read_trail(project.trail)
    assert trained.action == "model.trained"
    told = {name: trained.details[name] for name in ("law", "clauses", "use")}
    assert told == {"law": "lgpd", "clauses": ["11-II-f"], "use": "quality"}
    assert "board" not in project.trail.read_text(encoding="utf-8")


@pytest.mark.parametrize(("leaking", "code"), [(None, "residue-unknown"), (4, "residue-above")])
def test_what_a_person_accepts_stands_in_the_trail_before_the_work_and_in_the_manifest(
    leaking: int | None, code: str, tmp_path: Path
) -> None:
    corpus = real(make_corpus(200), 200)
    corpus = corpus if leaking is None else left(corpus, leaking)
    project = project_of(tmp_path)
    classifier = bert4text.train(corpus, project=project)
    said = f"policy.accept:{code} by the tests: every report is made up here"
    assert said in classifier.info.manifest.overrides
    accepted, trained = read_trail(project.trail)
    assert (accepted.action, trained.action) == ("residue.accepted", "model.trained")
    assert accepted.subject == f"sha256:{corpus.fingerprint}"
    assert accepted.details["by"] == "the tests"
    assert accepted.details["reason"] == "every report is made up here"
    assert (accepted.details["verb"], accepted.details["left"]) == ("train", leaking)


def test_another_corpus_is_not_accepted(tmp_path: Path) -> None:
    corpus = real(make_corpus(200), 200)
    project = project_of(tmp_path, accept={**POLICY["accept"], "corpus": "0" * 16})
    with pytest.raises(PolicyError, match="about another corpus"):
        bert4text.train(corpus, project=project)
    assert not project.trail.exists()


def test_a_corpus_keeps_what_is_declared_when_it_is_made(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id;texto\n1;oval\n2;liso\n", encoding="utf-8")
    corpus = bert4text.prepare(tmp_path / "r.csv", project=project_of(tmp_path))
    assert corpus.manifest is not None
    assert corpus.manifest.legal_basis == "LGPD, art. 11, II, f"
    assert corpus.manifest.basis == basis_of(project_of(tmp_path).section("policy"))
    for language, line in (
        ("en", "| declared use | quality of care |"),
        ("pt-BR", "| uso declarado | qualidade da assistência |"),
    ):
        assert line in bert4text.document(corpus, language=language)
    bare = bert4text.prepare(tmp_path / "r.csv", project=Project(tmp_path))
    assert bare.manifest is not None
    assert (bare.manifest.legal_basis, bare.manifest.basis) == (None, None)


def test_a_manifest_of_before_is_read_and_shown() -> None:
    old = '{"kind": "model", "verb": "train", "legal_basis": "LGPD, art. 11, II, c"}'
    manifest = Manifest.model_validate_json(old)
    assert (manifest.legal_basis, manifest.basis) == ("LGPD, art. 11, II, c", None)


def test_synthetic_reports_want_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path, {"train": {"encoder": "tfidf"}})
    manifest = bert4text.train(make_corpus(200), project=project).info.manifest
    assert manifest.legal_basis is None
    assert manifest.basis is not None
    assert (manifest.basis.law, manifest.basis.residue.real) == (None, 0)
    assert "law" not in read_trail(project.trail)[0].details


@pytest.mark.parametrize(
    ("languages", "warned"),
    [(("en",), True), (("pt-BR",), False), (("mul", "en", "es"), False), ((), False)],
)
def test_a_vocabulary_of_another_language_is_told(languages: tuple[str, ...], warned: bool) -> None:
    encoder = EncoderInfo(name="tiny", sha256="0" * 64, window=64, languages=languages)
    classifier: Any = SimpleNamespace(info=BundleInfo(encoder=encoder))
    assert (vocabulary_warning(classifier, make_corpus(8)) is not None) is warned
