from __future__ import annotations

import json

import pytest
from benchmarks.audit.base import LANGUAGES, lists
from benchmarks.audit.cases import Case, cases
from benchmarks.audit.detect import examine, kept, short
from benchmarks.audit.expected import ANNOUNCED, EXPECTED, expected
from benchmarks.audit.grammar import clean
from benchmarks.audit.judge import false_alarms, summary, verdicts
from benchmarks.audit.plant import FAULTS, base_for
from benchmarks.document import document, known_runs, write

from bert4text.auditing.checks import CHECKS
from bert4text.core.issue import Evidence, Issue

CLEAN = "pt/two/600/patient/1"


def issue(check, severity, code="x", **more):
    return {
        "check": check,
        "code": code,
        "severity": severity,
        "label": None,
        "reports": None,
        "planted": False,
        **more,
    }


def run(*issues, fault=None):
    return {
        "case": f"{CLEAN}+{fault}" if fault else CLEAN,
        "parent": CLEAN,
        "language": "pt",
        "question": "two",
        "size": 600,
        "faults": [{"fault": fault, "strength": "medium", "hit": 20}] if fault else [],
        "issues": list(issues),
    }


def answer(found, before=(), *, fault="label-name/loose", checks=("stated-label",)):
    return verdicts(run(*found, fault=fault), run(*before), checks)[0]["answer"]


def test_only_checks_that_exist_or_are_announced_are_expected():
    known = {*CHECKS.names(), *ANNOUNCED}
    assert {check for named in EXPECTED.values() for check, _ in named} <= known
    names = {part for name, fault in FAULTS.items() for part in (name, name.split("/")[0], fault.family)}
    assert set(EXPECTED) <= names
    assert all(expected(name) for name in FAULTS)


def test_cases_have_their_clean_corpora_and_are_enough():
    every, quick = cases(quick=False), cases(quick=True)
    for some in (every, quick):
        keys = [case.key for case in some]
        assert len(set(keys)) == len(keys)
        assert {case.parent.key for case in some} == {case.key for case in some if not case.faults}
    assert sum(bool(case.faults) for case in every) >= 60
    assert sum(not case.faults for case in every) >= 40
    assert {name for case in every for name, _ in case.faults} == set(FAULTS)


def test_held_sentences_are_other_ones_in_the_same_faults():
    usual, held = cases(quick=False), cases(quick=False, held=True)
    spoken = {name for case in held for name, _ in case.faults if len(case.faults) == 1}
    assert {name for name in FAULTS if FAULTS[name].family.startswith("stated")} <= spoken
    assert {case.key for case in held}.isdisjoint(case.key for case in usual)
    assert {case.parent.key for case in held} == {case.key for case in held if not case.faults}
    for language in LANGUAGES:
        seen, apart = lists(f"faults_{language}"), lists(f"held_{language}")
        assert seen.keys() == apart.keys()
        for group in ("two", "three", "course", "grade", "icd", "five", "conduct", "shortcut"):
            assert seen[group].keys() == apart[group].keys()
        for kind in seen["conduct"]:
            shared = set(seen["conduct"][kind]) & set(apart["conduct"][kind])
            assert len(shared) < len(apart["conduct"][kind]) / 2


def test_what_is_kept_for_the_record_is_each_answer():
    clean_run, planted_run = (
        run(issue("near-duplicates", "error", "x")),
        run(issue("stated-label", "error"), fault="label-name/loose"),
    )
    runs = [{**one, "seconds": {"audited": 1.0}} for one in (clean_run, planted_run)]
    assert short(runs[0], runs, ["stated-label"])["alarms"] == ["error near-duplicates/x"]
    assert short(runs[1], runs, ["stated-label"])["answers"]["label-name/loose"].startswith(
        "blocked stated-label"
    )


def test_a_fault_is_named_only_by_what_the_clean_corpus_does_not_show():
    blocking = issue("stated-label", "error", reports=20)
    warning = issue("stated-label", "warning", reports=20)
    assert answer([blocking]) == "blocked"
    assert answer([warning]) == "warned"
    assert answer([issue("stated-label", "info")]) == "told"
    assert answer([warning], [warning]) == "missed"
    assert answer([blocking], [warning]) == "blocked"
    assert answer([{**warning, "reports": 35}], [warning]) == "warned"
    assert answer([{**warning, "reports": 25}], [warning]) == "missed"
    assert answer([issue("shortcut", "warning")]) == "elsewhere"
    assert answer([issue("shortcut", "info")]) == "missed"
    assert answer([issue("shortcut", "error")], checks=("shortcut",)) == "no check yet"


def test_an_unknown_word_names_a_fault_only_if_it_is_the_planted_one():
    asked = issue("clinical-evidence", "info", "unknown-word")
    checks = ("shortcut", "clinical-evidence")
    assert answer([asked], fault="word", checks=checks) == "missed"
    assert answer([{**asked, "planted": True}], [asked], fault="word", checks=checks) == "told"


@pytest.mark.parametrize(
    ("term", "planted"),
    [
        ("ficha verde", True),
        ("Âmbar", True),
        ("o âmbar", True),
        ("e", False),
        ("espiculado", False),
        ("azuis", False),
    ],
)
def test_what_is_kept_of_an_issue_tells_whether_it_shows_a_planted_word(term, planted):
    found = Issue(
        check="clinical-evidence",
        severity="info",
        code="unknown-word",
        message="",
        evidence=(Evidence(term=term),),
    )
    assert kept(found, ["ficha verde e guia azul", "ambar"])["planted"] is planted
    assert term not in kept(found, []).values()


def test_false_alarms_leave_out_what_smallness_brings_and_what_is_true():
    small = issue("class-counts", "warning", "class-hard-to-measure", label="a")
    named = issue("identifiers", "warning", "names")
    assert false_alarms(run(small, issue("near-duplicates", "info"))) == []
    assert false_alarms(run(named)) == [named]
    assert false_alarms({**run(named), "case": "pt/two/600/patient/signed/1"}) == []


def test_the_summary_counts_shares_and_alarms():
    named = run(issue("stated-label", "error"), fault="label-name/loose")
    rows = {
        row["case"]: row
        for row in summary([run(issue("near-duplicates", "error")), named], ("stated-label",))
    }
    assert rows["fault label-name/loose medium"]["hits"] == 1
    assert rows["all medium"]["median"] == 1.0
    assert rows["clean with a false error"]["hits"] == 1
    assert rows["clean with a false warning"]["hits"] == 0


def test_results_are_read_again_only_under_the_same_settings(tmp_path):
    runs, rows, path = [run(), run(fault="word")], [{"case": "all", "median": 1.0}], tmp_path / "found.json"
    write(path, document("audit.detect", started="now", settings={"code": "a"}, runs=runs, summary=rows))
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["format"] == "benchmark/1"
    assert kept["summary"] == rows
    assert {"machine", "versions", "started", "name"} <= set(kept)
    assert known_runs(path, {"code": "a"}) == runs
    assert known_runs(path, {"code": "b"}) == []


def test_an_examined_corpus_is_judged_and_its_result_holds_no_text():
    name = "label-name/loose"
    case = Case(base_for([name], language="pt", size=200, seed=1), ((name, "strong"),))
    found = examine(case)
    assert verdicts(found, examine(case.parent), CHECKS.names())[0]["answer"] == "blocked"
    told, drafts = json.dumps(found, ensure_ascii=False), clean(case.base).drafts
    written = {sentence for draft in drafts for part in draft.sections for sentence in part.sentences}
    assert not any(sentence in told for sentence in written.union(lists("faults_pt")["two"]["name"]))
    assert not any(draft.id in told for draft in drafts)
