"""The checks that fit a simple reader: label noise, sections, tails, the honest score."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.auditing.audit import audit
from bert4text.auditing.checks import CHECKS, Context
from bert4text.auditing.config import AuditConfig
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report

SPACE = LabelSpace(task="binary", names=("classe um", "classe dois"))
FILLER = [f"termo{letter}" for letter in "abcdefghijklmnop"]
SIGNS = {"classe um": "oval liso regular", "classe dois": "irregular espiculado denso"}


def corpus(n=240, *, text, flip=0.0, sure=0.85, seed=0):
    """Reports whose words go with their true label for a share ``sure`` of them; some labels then flipped."""
    rng = np.random.default_rng(seed)
    reports, flipped = [], []
    for i in range(n):
        true = SPACE.names[i % 2]
        seen = true if rng.random() < sure else SPACE.names[(i + 1) % 2]
        words = [*rng.choice(FILLER, 6), *rng.choice(SIGNS[seen].split(), 2)]
        given = true if rng.random() >= flip else SPACE.names[(i + 1) % 2]
        flipped.append(given != true)
        reports.append(
            Report(id=str(i), text=text(" ".join(words), given, i), labels=(given,), source_row=i + 1)
        )
    return Corpus.from_reports(reports, SPACE, language="pt-BR"), np.asarray(flipped)


def plain(words, label, i):
    return f"Achados: {words}."


def run(check, made, **options):
    context = Context(made, AuditConfig(), seed=7, **options)
    return {issue.code: issue for issue in CHECKS.get(check)(made, context)}


def test_flipped_labels_are_doubted_and_most_rows_named_are_flipped():
    made, flipped = corpus(text=plain, flip=0.1, sure=1.0)
    issue = run("label-noise", made)["doubted-labels"]
    assert issue.severity == "warning"
    assert issue.values["rate"] == pytest.approx(0.1, abs=0.05)
    assert issue.values["ceiling"] == pytest.approx(1 - issue.values["rate"])
    named = [row - 1 for row in issue.rows]
    assert len(named) >= 10
    assert flipped[named].mean() > 0.9


def test_clean_labels_are_no_warning():
    made, _ = corpus(text=plain, sure=1.0)
    assert all(issue.severity == "info" for issue in run("label-noise", made).values())


def test_equal_findings_under_other_labels_are_told_whatever_the_numbers_and_the_rest():
    def text(words, label, i):
        return (
            f"Indicação: caso {'abcdefghij'[i % 10]}{i}.\nAchados: nódulo de {i} mm, {FILLER[i // 2 % 16]}.\n"
        )

    issue = run("label-noise", corpus(text=text)[0])["same-findings"]
    assert issue.values == {"count": 240, "total": 240}

    def other(words, label, i):
        return f"Achados: nódulo de {i} mm, {FILLER[i % 16]} {'par' if i % 2 else 'ímpar'}.\n"

    assert "same-findings" not in run("label-noise", corpus(text=other)[0])


def test_a_conclusion_that_tells_more_than_the_rest_is_an_error_and_dropping_it_the_remedy():
    def text(words, label, i):
        return f"Achados: {words}.\nConclusão: {'quadro alfa' if label == 'classe um' else 'quadro beta'}."

    made, _ = corpus(text=text, sure=0.75)
    found = run("sections", made)
    issue = found["section-carries-label"]
    assert issue.severity == "error"
    assert issue.remedy == {"prepare.sections.drop": ["conclusion"]}
    alone = {one.term: one.precision for one in found["sections-alone"].evidence}
    assert alone["conclusion"] > 0.97 > 0.85 > alone["findings"]


def test_a_conclusion_that_repeats_the_findings_is_not_one():
    def text(words, label, i):
        return f"Achados: {words}.\nConclusão: {words.split()[-1]}."

    assert "section-carries-label" not in run("sections", corpus(text=text, sure=1.0)[0])


def test_a_signature_that_predicts_is_a_shortcut():
    def text(words, label, i):
        signed = "Equipe manhã" if label == "classe um" else "Equipe noite"
        return f"Achados: {words}.\nAssinado eletronicamente por: {signed}"

    issue = run("sections", corpus(text=text, sure=0.7)[0])["section-shortcut"]
    assert (issue.severity, issue.values["section"]) == ("error", "signature")

    def same(words, label, i):
        return f"Achados: {words}.\nAssinado eletronicamente por: Equipe manhã"

    assert "section-shortcut" not in run("sections", corpus(text=same, sure=0.7)[0])


def counted(texts):
    return [len(text.split()) for text in texts]


def test_what_lies_beyond_a_window_is_counted_and_missed_only_if_it_tells():
    before = " ".join(FILLER * 9)

    def tail(words, label, i):
        return f"{before} {words}"

    found = run("tail", corpus(text=tail, sure=1.0)[0], lengths=counted, window=128)
    assert found["beyond-128"].values["count"] == 240
    assert found["tail-matters-128"].severity == "warning"
    assert found["tail-matters-128"].values["low"] > 0.3
    assert "beyond-256" not in found

    def head(words, label, i):
        return f"{words} {before}"

    found = run("tail", corpus(text=head, sure=1.0)[0], lengths=counted, window=128)
    assert found["tail-not-shown-to-matter-128"].severity == "info"


def test_the_honest_score_is_told_with_and_without_the_sections_to_drop():
    def text(words, label, i):
        return f"Achados: {words}.\nConclusão: {label}."

    made, _ = corpus(text=text, sure=0.75)
    found = {issue.code: issue for issue in audit(made, AuditConfig(), seed=7)}
    issue = found["honest-score-remedied"]
    assert issue.values["sections"] == ["conclusion"]
    assert issue.values["before"] > 0.97
    assert 0.6 < issue.values["value"] < 0.85

    made, _ = corpus(text=plain, sure=0.75)
    found = {issue.code: issue for issue in audit(made, AuditConfig(), seed=7)}
    assert 0.6 < found["honest-score"].values["value"] < 0.85


def test_few_reports_are_not_modelled():
    made, _ = corpus(n=30, text=plain)
    for check in ("label-noise", "sections"):
        assert run(check, made) == {}
    assert not [issue for issue in audit(made, AuditConfig(), seed=7) if issue.check == "honest-score"]


def test_a_technique_that_predicts_is_left_to_a_person():
    def text(words, label, i):
        chosen = "com compressão e magnificação" if label == "classe um" else "nas incidências habituais"
        return f"Técnica: exame {chosen}.\nAchados: {words}.\n"

    issue = run("sections", corpus(text=text, sure=0.7)[0])["section-shortcut"]
    assert (issue.values["section"], issue.severity, issue.remedy) == ("technique", "warning", None)
