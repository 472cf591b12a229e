"""The scorecard: what it says first, that it stands alone, and that it stays small and the same."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import evaluations
import pytest
from evaluations import given, run

from bert4text.core.evaluation import System
from bert4text.core.issue import Issue
from bert4text.core.manifest import Manifest
from bert4text.core.messages import load
from bert4text.evaluation.scorecard import scorecard
from bert4text.evaluation.sentences import comparison_said

ENGLISH = load("en")


@pytest.fixture
def binary():
    return evaluations.binary()


@pytest.fixture
def ordinal():
    return evaluations.ordinal()


@pytest.fixture
def multilabel():
    return evaluations.multilabel()


def bare(evaluation, **changes):
    """The same without what is drawn from curves, counts and steps: quicker."""
    nothing = {"curves": (), "reliability": (), "steps": (), "confusion": ()}
    kept = tuple(m for m in evaluation.metrics if m.name in {"macro_f1", "precision", "recall"})
    return evaluation.model_copy(update={**nothing, "metrics": kept, **changes})


def page(evaluation, **context):
    return scorecard(evaluation, translator=ENGLISH, context=context)


def text(html):
    """What a reader sees, tags and drawings removed."""
    html = re.sub(r"<(svg|style).*?</\1>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_is_about_what_answers_new_reports():
    space, labels, systems = given(["benign", "malignant"], [0.6, 0.4])
    named = [System(name=name, delivered=name == "tfidf") for name in systems]
    found, usual = run(space, labels, systems, systems=named), run(space, labels, systems)
    recall = found.metric("recall", system="tfidf", label="malignant")
    assert recall.value != found.metric("recall", label="malignant").value
    counted = f"{round(recall.value * recall.n)} of {recall.n}"
    assert counted in text(page(found, delivered="tfidf"))
    assert counted not in text(page(usual))
    verdict = comparison_said(
        found.comparison("tfidf", "model"),
        names={"tfidf": "TF-IDF", "model": "BERT"},
        metric="macro F1",
        translator=ENGLISH,
    )
    assert verdict.verdict in text(page(found, delivered="tfidf"))


class Balance(HTMLParser):
    """Every tag that opens closes, in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids = [], []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("which", ["binary", "ordinal", "multilabel"])
def test_page_stands_alone(which, request):
    html = page(request.getfixturevalue(which), encoder="minilm")
    balance = Balance()
    balance.feed(html)
    assert balance.open == []
    assert len(balance.ids) == len(set(balance.ids))
    assert "<script" not in html
    addresses = set(re.findall(r'(?:https?:)?//[^\s"\'<>)]+', html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "url(" not in re.sub(r"url\(#", "", html)
    assert "default-src &#39;none&#39;" in html
    assert len(html.encode()) < 1_000_000
    assert html.count("<figure") == html.count("<figcaption>") == html.count("<svg ")
    assert html.count("<figure") >= 4


def test_verdict_comes_first(binary):
    seen = text(page(binary))
    verdict = seen.index("than TF-IDF")
    assert "120 reports" in seen[:verdict] or "120 reports" in seen[verdict : verdict + 40]
    assert verdict < seen.index("finds and what it misses") < seen.index("All systems side by side")


def test_synthetic_reports_are_said_loudly(binary, ordinal):
    assert "All 120 reports are synthetic" in text(page(bare(binary)))
    assert "synthetic" not in text(page(bare(ordinal)))
    assert "7 of 120 reports are synthetic" in text(page(bare(binary, synthetic=7)))


def test_counts_of_what_was_missed(binary):
    seen = text(page(bare(binary)))
    confusion = next(c for c in binary.confusion if c.system == "model")
    missed, found = confusion.rows[1]
    assert f"malignant: {found} of {missed + found} reports found, {missed} missed." in seen


def test_looks_at_the_test_reports(binary, ordinal):
    assert "first look" in text(page(bare(binary)))
    assert "looked at 3 times" in text(page(bare(ordinal)))
    assert "look" not in text(page(bare(binary, seen=None))).split("Figures")[0]


def test_reference_is_no_rival(binary):
    seen = text(page(bare(binary)))
    assert "For reference: table of measurements (ceiling) reaches macro F1" in seen
    assert "better than table of measurements" not in seen.split("Figures")[0]


def test_context_is_shown(binary):
    warning = Issue(
        check="encoder",
        severity="warning",
        code="vocabulary",
        message="the vocabulary of {system} is {language}",
        values={"system": "model", "language": "English"},
    )
    seen = text(
        page(
            bare(binary),
            title="Cytology",
            names={"model": "MiniLM"},
            split_used={"train": "fit", "validation": "stop"},
            train_reports={"train": 400},
            delivered="tfidf",
            overrides=["stated-label"],
            warnings=[warning],
        )
    )
    for sentence in (
        "Cytology",
        "The vocabulary of MiniLM is English.",
        "accepted by name: stated-label",
        "training (400 reports): the model learned from it",
        "validation (– reports): it told when to stop",
        "test (120 reports): it was only measured",
        "New reports are answered by TF-IDF.",
        "Not a medical device",
    ):
        assert sentence in seen, sentence
    assert "BERT " not in seen


@pytest.mark.parametrize(
    ("languages", "language", "warned"),
    [
        (["en"], "pt-BR", True),
        (["pt"], "pt-BR", False),
        (["mul"], "pt-BR", False),
        ([], "pt-BR", False),
        (["en"], None, False),
    ],
)
def test_vocabulary_of_another_language_is_said(binary, languages, language, warned):
    seen = text(page(bare(binary), encoder="minilm", encoder_languages=languages, language=language))
    assert ("learned from texts in English, and the reports are in Portuguese" in seen) == warned


def test_names_are_escaped():
    names = ["<b>bold</b> & $x_1$", "µ “ü” 日本"]
    html = page(run(*given(names, [0.5, 0.5])))
    assert "<b>" not in html
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; $x_1$" in html


def test_same_evaluation_same_bytes(binary):
    assert page(binary) == page(binary)


def test_portuguese_numbers(binary):
    html = scorecard(bare(binary), translator=load("pt-BR"), context={})
    assert '<html lang="pt-BR">' in html
    assert re.search(r"0,\d\d", text(html))


def test_one_system_alone():
    space, labels, systems = given(["n", "y"], [0.5, 0.5])
    seen = text(page(run(space, labels, {"tfidf": systems["tfidf"]}, patients=None)))
    assert "nothing to compare it with" in seen
    assert "What TF-IDF finds" in seen
    assert "patients are not known" in seen


def test_few_reports():
    seen = text(page(run(*given(["n", "y"], [0.5, 0.5], n=20))))
    assert "20 reports are too few to say whether BERT is better than TF-IDF." in seen


def test_many_labels_stay_small():
    names = [f"label number {i}" for i in range(26)]
    html = page(run(*given(names, [1] * 26, n=300, task="multiclass")))
    assert len(html.encode()) < 1_000_000
    assert 'class="wide"' in html
    seen = text(html)
    assert "the 8 most frequent of 26 labels" in seen
    assert "label number 25: " not in seen  # a table, no sentences
    assert "given wrongly" in seen


def test_the_numbers_of_every_figure_stand_in_a_table(binary):
    tables = text(page(binary)).split("Tables")[-1]
    for name in (
        "All metrics",
        "label by label",
        "Counts of BERT",
        "The curves in numbers",
        "Probability against",
    ):
        assert name in tables, name
    roc = next(c for c in binary.curves if (c.kind, c.system) == ("roc", "model"))
    alarms = min(x for x, y in zip(roc.x, roc.y, strict=True) if y >= 0.9)
    assert (
        f"BERT malignant {100 * min(x for x, y in zip(roc.x, roc.y, strict=True) if y >= 0.8):.1f}%" in tables
    )
    assert f"{100 * alarms:.1f}%" in tables
    assert f"25 {1 / 25:.3f} {25 / 30:.2f}" in tables


def test_no_code_is_shown_for_a_name(binary):
    issues = [
        Issue(check="evaluation", severity="info", code="undefined", message="{metrics} for {labels}",
              values={"metrics": ["balanced_accuracy"], "labels": ["-", "x"]}),
        Issue(check="evaluation", severity="warning", code="perfect", message="{metrics}: perfect?",
              values={"metrics": ["macro_f1"]}),
    ]  # fmt: skip
    seen = text(page(bare(binary, issues=tuple(issues)), encoder="tfidf"))
    assert "Balanced accuracy for all labels, x." in seen
    assert "Macro F1: perfect? " in seen
    assert "encoder: " not in seen


def test_the_date_is_written_as_one_writes_it(binary):
    made = Manifest(kind="evaluation", verb="evaluate", created="2026-11-22T10:00:00Z", seed=1)
    for language, shown in (("en", "2026-11-22."), ("pt-BR", "22/11/2026.")):
        html = scorecard(bare(binary, manifest=made), translator=load(language), context={})
        assert shown in text(html)
        assert "T10:00" not in html


def test_answers_of_several_labels_are_not_called_reports(multilabel):
    html = page(multilabel)
    assert "Each label of each report is counted as one answer." in html
    assert "probability of each label" in html


def test_subgroups_are_shown():
    from bert4text.evaluation.config import EvaluateConfig

    config = EvaluateConfig.parse({"resamples": 100, "subgroups": ["sex"]}, section="evaluate")
    sex = ["F", "M"] * 60
    seen = text(page(run(*given(["n", "y"], [0.5, 0.5]), config=config, attributes={"sex": sex})))
    assert "sex=F" in seen
    assert "sex=M" in seen
