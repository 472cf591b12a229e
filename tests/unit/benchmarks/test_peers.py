"""De-identification beside peers: what is counted, what each is asked for, and what tables say."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.harness import Case as Measured
from benchmarks.harness import Conditions, System, measured
from benchmarks.options import names
from benchmarks.privacy import peers
from benchmarks.privacy.finding import CLOCK, WORK, Finding
from benchmarks.privacy.gold import made
from benchmarks.privacy.recall import Case, found_by, seen
from benchmarks.privacy.recall import measured as recalled

from bert4text.privacy.detect import DETECTORS

TEXT = "Paciente Ana Souza, CPF 529.982.247-25. Nódulo de 12 mm às 14h32."
MARKS = ((9, 18, "patient", "common"), (24, 38, "cpf", ""), (40, 46, "", ""))


def test_an_identifier_is_found_where_every_letter_and_digit_is_covered() -> None:
    whole = seen(Case(TEXT, MARKS), [(9, 12), (13, 18), (24, 37), (19, 20)])
    assert whole.whole == (True, False, False)  # the space between names may stay, the last digit may not
    assert whole.beside == 1
    words = ["Paciente", "CPF", "de", "12", "mm", "às"]  # a time of day is no word
    assert whole.words == len(words)
    assert whole.lost == 0
    assert seen(Case(TEXT, MARKS), [(50, 52)]).lost == 1


def test_figures_of_recall_are_those_of_each_report() -> None:
    cases = [Case(one.text, one.spans) for one in made(6, layouts="gold")]
    detectors = [DETECTORS.get("numbers")]
    rows = {row["what"]: row for row in recalled("made", "numbers", cases, detectors, "pt-BR")}
    told = [seen(one, found_by(detectors, one.text, "pt-BR")) for one in cases]
    asked = [
        whole
        for one, each in zip(cases, told, strict=True)
        for mark, whole in zip(one.marks, each.whole, strict=True)
        if mark[2] == "cpf"
    ]
    assert (rows["cpf"]["found"], rows["cpf"]["n"]) == (sum(asked), len(asked))
    stay = rows["other words that stay"]
    assert stay["n"] - stay["found"] == sum(each.lost for each in told)


def test_a_peer_is_asked_for_what_it_says_it_finds_and_for_all() -> None:
    spans = [[[24, 38], [50, 52]]]
    found = peers.judged([Case(TEXT, MARKS)], spans, frozenset({"cpf"}))
    assert found["names"] == {"found": 0, "n": 1, "looked": False}
    assert found["numbers of documents"] == {"found": 1, "n": 1, "looked": True}
    assert found[peers.CLAIMED] == {"found": 1, "n": 1, "looked": True}
    assert found["all"] == {"found": 1, "n": 2, "looked": True}
    assert found[peers.MISTAKEN]["found"] == 1
    ours = peers.judged([Case(TEXT, MARKS)], spans, None)
    assert ours[peers.CLAIMED] == ours["all"]
    assert ours["names"]["looked"]


def test_marks_of_others_are_called_by_our_words() -> None:
    marks = (
        (0, 8, "NOMBRE_SUJETO_ASISTENCIA", ""),
        (9, 12, "EDAD_SUJETO_ASISTENCIA", ""),
        (13, 18, "cpf", ""),
    )
    assert [mark[2] for mark in peers.translated(Case(TEXT, marks)).marks] == ["patient", "", "cpf"]


def test_every_peer_says_what_it_finds_in_each_language_it_is_asked_about() -> None:
    known = {
        kind
        for layouts in ("gold", "held")
        for one in made(120, layouts=layouts)
        for _, _, kind, _ in one.spans
    }
    known |= {"name", "ip", "account", "national-id", "licence"}
    for peer, languages in peers.PEERS.items():
        for language in languages:
            claimed = peers.claims(peer, language)
            assert claimed is not None
            assert claimed <= known, peer
    assert peers.claims(peers.OURS, "pt") is None


def test_timed_reports_have_the_same_number_of_words() -> None:
    assert {len(text.split(" ")) for text in peers.of_words(4)} == {peers.WORDS}


def test_our_worker_answers_with_what_it_covers_and_how_fast() -> None:
    system = System(peers.OURS, "benchmarks.privacy.finding_ours", {"detectors": ["numbers"]})
    told: dict[str, Any] = {}

    def judge(case: Measured, name: str, facts: Any) -> dict[str, Any]:
        told.update(facts)
        return {"found": peers.judged([Case(TEXT, MARKS)], facts["spans"], None)}

    case = Measured(peers.SPEED, (system,), {"texts": [TEXT], "language": "pt-BR"}, {"reports": 1})
    runs, _ = measured(case, Conditions(rounds=2, threads=1, pause=0, judge=judge))
    assert [24, 38] in told["spans"][0]
    rows = peers.summed(runs)
    assert {row["measure"] for row in rows if "measure" in row} == {CLOCK, WORK}
    (documents,) = [row for row in rows if row.get("what") == "numbers of documents"]
    assert (documents["found"], documents["n"], documents["share"]) == (1, 1, 1.0)


def test_systems_are_named_as_they_can_be_chosen() -> None:
    asked = Namespace(recognizer=Path("made"), systems=None)
    known = [system.name for system in peers._case("made", "pt-BR", [TEXT], asked).systems]
    assert known == [*known[:2], "ours: with recognizer", *peers.PEERS]
    assert not any("," in name for name in known)
    for name in known:
        asked.systems = names(name)
        assert [system.name for system in peers._case("made", "pt-BR", [TEXT], asked).systems] == [name]
    asked.systems = ["nobody"]
    with pytest.raises(SystemExit, match="none of these"):
        peers._case("made", "pt-BR", [TEXT], asked)


def test_a_system_of_no_languages_is_left_out_and_results_hold_no_text() -> None:
    case = peers._case("made", "es", [TEXT], Namespace(recognizer=None, systems=None))
    assert [system.name for system in case.systems][2:] == ["presidio", "openmed"]
    assert TEXT not in str(case.facts)


def test_the_table_tells_what_is_not_looked_for_and_who_failed() -> None:
    counted = peers.judged([Case(TEXT, MARKS)], [[[24, 38]]], frozenset({"cpf"}))
    runs = [
        {"case": "made", "system": "tarja", "round": 0, CLOCK: 2.0, WORK: 4.0, "others": 0.5},
        {"case": "made", "system": "tarja", "round": None, "found": counted},
        {"case": "made", "system": "presidio", "round": None, "failure": "no-environment", "stage": "start"},
        {"case": peers.SPEED, "system": peers.OURS, "round": 0, CLOCK: 20.0, WORK: 40.0, "others": 0.5},
        {"case": peers.SPEED, "system": "tarja", "round": 0, CLOCK: 10.0, WORK: 10.0, "others": 0.0},
    ]
    cases = {"made": {"reports": 1}, peers.SPEED: {"reports": 1}}
    versions = {"systems": {"tarja": {"tarja": "0.12.0", "numpy": "2"}}}
    found = {"settings": {"cases": cases}, "runs": runs, "summary": peers.summed(runs), "versions": versions}
    table = peers.table(found)
    assert "| tarja | not looked for | 1.000 " in table
    assert "| presidio | failed: no-environment |" in table
    assert "| tarja | 10 (10 to 10) | 0.50 (0.50 to 0.50) | 10 (10 to 10) | 0.25 (0.25 to 0.25) |" in table
    assert "1 of 2 rounds were disturbed" in table
    assert peers.peers(found) == "tarja 0.12.0"


def test_finding_keeps_the_last_round() -> None:
    work = Finding({"texts": ["a", "bb"]}, lambda text: [(0, len(text))])
    assert set(work.round()) == {CLOCK, WORK}
    work.round()
    assert work.facts() == {"spans": [[[0, 1]], [[0, 2]]]}


def test_the_lists_of_peers_pin_what_is_measured() -> None:
    for peer in peers.PEERS:
        lines = (Path(peers.__file__).parents[1] / "rivals" / f"{peer}.txt").read_text(encoding="utf-8")
        assert "==" in lines
