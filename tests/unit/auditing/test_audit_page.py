from __future__ import annotations

import re

import pytest

from bert4text import audit, synthesize
from bert4text.auditing.checks import CHECKS
from bert4text.auditing.excerpts import excerpts
from bert4text.auditing.page import audit_page
from bert4text.auditing.wording import COSTS, TITLES
from bert4text.core.issue import Evidence, Issue
from bert4text.core.messages import load
from bert4text.project import Project

CLINICAL = {"clinical-evidence", "tail"}


@pytest.fixture(scope="module")
def founding():
    project = Project(None, {"train": {"encoder": "tfidf"}})
    made = synthesize("founding", project=project)
    return made, audit(made, project=project)


def page(made, issues, *, language="en", **options):
    return audit_page(made, issues, fail_on="error", translator=load(language), **options)


def test_every_check_has_a_title_and_what_it_costs():
    assert set(CHECKS.names()) <= set(TITLES)
    assert set(CHECKS.names()) - CLINICAL <= set(COSTS)


@pytest.mark.parametrize(
    ("language", "verdict"),
    [("en", "No model should be trained"), ("pt-BR", "Nenhum modelo deve ser treinado")],
)
def test_the_verdict_stands_first_then_the_score_then_the_remedy(founding, language, verdict):
    html = page(*founding, language=language)
    places = [html.index(part) for part in (verdict, "<figure>", "[prepare.sections]", "<section>")]
    assert places == sorted(places)
    assert f'lang="{language}"' in html
    assert "conclusion" in html


def test_the_page_is_self_contained_and_holds_no_report(founding):
    made, issues = founding
    html = page(made, issues)
    assert len(html.encode()) < 1_000_000
    assert not re.search(r"<script|src=|href=\"http|url\((?!#)", html)
    for text in made.texts[:50]:
        assert text not in html
        name = text.split(".")[0].removeprefix("Nome: ")
        assert name not in html


def test_reports_are_quoted_only_where_that_was_asked(founding):
    made, issues = founding
    pieces = {place: excerpts(made, issue) for place, issue in enumerate(issues)}
    html = page(made, issues, excerpts=pieces)
    assert "<mark>Benigno</mark>" in html
    assert "<mark>" not in page(made, issues)


def test_nothing_found_is_a_good_verdict_that_promises_nothing(founding):
    html = page(founding[0], [])
    assert 'class="verdict good"' in html
    assert "no proof that nothing is there" in html


def test_what_was_let_through_is_said(founding):
    made, issues = founding
    accepted = [issue.model_copy(update={"accepted": True}) for issue in issues]
    html = page(made, accepted)
    assert 'class="verdict warn"' in html
    assert "let through by name" in html


def test_excerpts_surround_what_was_found_and_do_not_stand_in_their_repr(founding):
    made, _ = founding
    issue = Issue(
        check="x",
        severity="error",
        code="x",
        message="x",
        rows=(2, 10**9),
        evidence=(Evidence(term="benigno"),),
    )
    (piece,) = excerpts(made, issue)
    assert piece.row == 2
    assert piece.found.casefold() == "benigno"
    assert made.texts[1].endswith(piece.found + piece.after)
    assert piece.before.strip("… ") not in repr(piece)
    bare = Issue(check="x", severity="error", code="x", message="x", rows=(2,))
    (head,) = excerpts(made, bare)
    assert made.texts[1].startswith(head.before.removesuffix(" …"))
    assert excerpts(made, Issue(check="x", severity="error", code="x", message="x")) == []


def test_every_sentence_of_every_finding_is_translated(founding):
    _, issues = founding
    translate = load("pt-BR")
    english = [issue.message for issue in issues if translate(issue.message) == issue.message]
    assert english == []


def test_the_honest_score_is_told_once_above_the_findings(founding):
    html = page(*founding)
    assert html.count("the difference was no reading") == 1
    assert html.index("the difference was no reading") < html.index("<h2>Findings")
