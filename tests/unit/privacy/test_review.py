"""Doubtful spans are asked of a person; answers hold the next time, and keep no word of a report."""

from __future__ import annotations

import json
import stat

import pytest

from bert4text import deidentify, deidentify_table
from bert4text.core.corpus import Corpus
from bert4text.core.errors import StoreError
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.core.span import Span
from bert4text.execution.processes import Processes
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.decisions import Decisions
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.review import Review, Reviewed
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.verbs.decided import decisions_of
from bert4text.verbs.reviewing import reviewing

KEY = bytes(range(32))
TEXTS = [
    "Caixa 12345678901234. Paciente: Iara Krenak. Nódulo.",
    "Lâmina guardada em 98765432109876. Nódulo.",
    "Lâmina guardada em 98765432109876. Sem nódulo.",
]


@pytest.fixture
def decisions(tmp_path):
    return Decisions(tmp_path / "keys" / "review.jsonl", KEY)


def deidentifier(decisions, **settings):
    config = DeidentifyConfig.parse({"policy": "hipaa-safe-harbor", **settings}, section="deidentify")
    return Deidentifier(config, language="pt-BR", decisions=decisions)


def review(decisions, texts=TEXTS, below=0.75):
    reports = (Reviewed(row, f"R{row}", text) for row, text in enumerate(texts, start=1))
    return Review(deidentifier(decisions), reports, decisions, below=below, by="Ana")


def test_only_what_is_in_doubt_is_asked_in_its_sentence(decisions):
    asked = review(decisions)
    assert (asked.question.row, asked.question.kind) == (1, "number")
    assert (asked.question.before, asked.question.found, asked.question.after) == (
        "Caixa ",
        "12345678901234",
        ".",
    )
    shown = f"{asked.question!r} {Reviewed(1, 'R1', TEXTS[0])!r}"
    assert not any(word in shown for word in ("12345678901234", "Krenak", "R1"))
    for _ in range(3):
        asked.answer("hide")
    assert asked.question is None
    assert dict(asked.answers) == {"hide": 3}


def test_nothing_sure_is_asked_below_no_score(decisions):
    assert review(decisions, below=0.0).question is None


def test_detectors_that_disagree_are_in_doubt(decisions):
    def one(reading):
        yield Span(start=0, end=6, label="cpf", score=0.95, source="one")

    def other(reading):
        yield Span(start=0, end=6, label="phone", score=0.9, source="other")

    made = Deidentifier(DeidentifyConfig(detectors=[]), key=KEY, detectors=[one, other])
    assert [(span.label, others) for span, others in made.doubts("123456", below=0.5)] == [
        ("cpf", ("phone",))
    ]
    alone = Deidentifier(DeidentifyConfig(detectors=[]), key=KEY, detectors=[one])
    assert list(alone.doubts("123456", below=0.5)) == []


def test_an_answer_holds_for_its_place_alone_and_a_word_everywhere(decisions):
    asked = review(decisions)
    asked.answer("keep")
    asked.answer("never")
    assert asked.question is None  # the third says the same word
    made = deidentifier(decisions)
    assert made(TEXTS[0], report="R1").text.startswith("Caixa 12345678901234. Paciente: [NOME]")
    assert made(TEXTS[0], report="R9").text.startswith("Caixa [NÚMERO]")
    assert made(TEXTS[0] + "!", report="R1").text.startswith("Caixa [NÚMERO]")
    assert made(TEXTS[2], report="R3").text == TEXTS[2]
    assert made.left(made(TEXTS[2], report="R3")) == {}


def test_words_that_are_always_hidden_are_hidden_where_nothing_tells_of_them(decisions):
    asked = review(decisions)
    asked.answer("always")
    made = deidentifier(decisions)
    assert made("Ver 12345678901234, igual.").text == "Ver [NÚMERO], igual."
    decisions.decide_word("Ala São José", "facility", True, by="Ana")
    assert made("Veio da ala  SAO JOSE; bem.").text == "Veio da [UNIDADE]; bem."
    assert made("Veio da ala norte.").text == "Veio da ala norte."


def test_an_answer_is_taken_back_and_asked_again(decisions):
    asked = review(decisions)
    assert not asked.undo()
    asked.answer("never")
    asked.answer("keep")
    first = asked.question
    assert asked.undo()
    assert asked.undo()
    assert asked.question.row == 1
    asked.answer("hide")
    asked.answer("hide")
    assert asked.question == first
    assert Decisions(decisions.path, KEY).summary() == {
        "by": ["Ana"],
        "hidden": 2,
        "kept": 0,
        "words_hidden": 0,
        "words_kept": 0,
    }


def test_what_was_answered_is_not_asked_again_and_the_rest_is(decisions):
    review(decisions).answer("hide")
    again = review(Decisions(decisions.path, KEY))
    assert again.question.row == 2
    other = Decisions(decisions.path, bytes(32))
    assert review(other).question.row == 1  # under another key nothing is known


def test_no_word_of_a_report_is_kept(decisions):
    asked = review(decisions)
    asked.answer("always")
    asked.answer("keep")
    kept = decisions.path.read_text()
    assert stat.S_IMODE(decisions.path.stat().st_mode) == 0o600
    assert not any(word in kept for word in ("Caixa", "1234567890", "R1", "Lâmina", "98765"))
    assert {frozenset(json.loads(line)) for line in kept.splitlines()} == {
        frozenset({"at", "word", "size", "kind", "hide", "by"}),
        frozenset({"at", "span", "hide", "by"}),
    }


def test_damaged_decisions_are_told_and_stay(decisions):
    review(decisions).answer("keep")
    damaged = decisions.path.read_text() + "{12345678901234\n"
    decisions.path.write_text(damaged)
    with pytest.raises(StoreError, match="earlier reviews") as caught:
        Decisions(decisions.path, KEY)
    assert "1234567890" not in f"{caught.value} {caught.value.hint}"
    assert decisions.path.read_text() == damaged


@pytest.fixture
def corpus():
    reports = [
        Report(id=f"R{row}", text=text, labels=("ab"[row % 2],), split="train", source_row=row)
        for row, text in enumerate(TEXTS, start=1)
    ]
    return Corpus.from_reports(reports, LabelSpace(task="binary", names=("a", "b")), language="pt-BR")


def test_a_corpus_is_made_as_was_decided_and_says_who_did(corpus, tmp_path):
    project = Project(tmp_path, {"deidentify": {"reviewer": "Ana Lima"}})
    assert decisions_of(project) is None
    with reviewing(corpus, project=project) as asked:
        asked.answer("keep")
        asked.answer("hide")
    made = deidentify(corpus, project=project, out=tmp_path / "d.parquet")
    texts = set(made.texts)
    assert "Caixa 12345678901234. Paciente: [NOME]. Nódulo." in texts
    assert "Lâmina guardada em [NÚMERO]. Nódulo." in texts
    assert made.manifest.notes["review"] == {
        "by": ["Ana Lima"],
        "hidden": 1,
        "kept": 1,
        "words_hidden": 0,
        "words_kept": 0,
    }
    assert made.deidentified["residue"]["reports"] == 0
    assert read_trail(project.trail)[-1].details["review"]["by"] == ["Ana Lima"]
    there = deidentify(corpus, project=project, executor=Processes(2))
    assert there.fingerprint == made.fingerprint


def test_the_texts_of_a_table_are_reviewed_as_they_are_read(tmp_path):
    project = Project(tmp_path)
    table = tmp_path / "t.csv"
    table.write_text("id,laudo\n" + "".join(f"R{row},{text}\n" for row, text in enumerate(TEXTS)))
    with reviewing(table, project=project) as asked:
        assert asked.question.row == 1
        asked.answer("keep")
    deidentify_table(table, project=project, out=tmp_path / "o.csv")
    lines = (tmp_path / "o.csv").read_text().splitlines()
    assert "Caixa 12345678901234." in lines[1]
    assert "[NÚMERO]" in lines[2]
    assert read_trail(project.trail)[-1].details["review"]["kept"] == 1
