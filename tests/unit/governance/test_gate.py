"""The gate before anything learns from real reports: what it asks for, what it refuses, what it lets pass."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.basis import CLAUSES, REFUSED, USES, Basis, Residue, clause_code
from bert4text.core.errors import ConfigError, PolicyError
from bert4text.core.messages import load
from bert4text.core.report import Report
from bert4text.governance.gate import accepted, basis_of, policy_gate, residue_of
from bert4text.governance.lacks import RESEARCH
from bert4text.governance.policy_config import PolicyConfig
from conftest import POLICY, make_corpus

WHOLE = {name: value for name, value in POLICY.items() if name != "accept"}
CLEAN = Residue(corpus="sha256:" + "ab" * 32, reports=200, real=200, checked=200, left=0, method="lgpd")
LEAKY = CLEAN.model_copy(update={"left": 3})
UNKNOWN = Residue(corpus=CLEAN.corpus, reports=200, real=200)
CAAE = "CAAE 12345678.9.0000.1234, opinion 7.000.000"
RESEARCHED = {"use": "research", "ethics": CAAE, "data_use": "term 12/2026 of the archive"}


def policy(**changes: Any) -> PolicyConfig:
    return PolicyConfig.parse({**WHOLE, **changes}, section="policy")


def refused(given: PolicyConfig, residue: Residue = CLEAN) -> list[str]:
    """Codes of what is missing or refused; none where it passes."""
    try:
        policy_gate(given, accepted(residue, given))
    except PolicyError as error:
        return [issue.code for issue in error.issues]
    return []


def test_a_whole_declaration_of_clean_reports_passes_and_is_kept() -> None:
    basis = policy_gate(policy(), CLEAN)
    assert basis.codes == {"law": "lgpd", "clauses": ["11-II-f"], "use": "quality"}
    assert basis.cited == "LGPD, art. 11, II, f"
    assert (basis.purpose, basis.controller) == ("to test the program", "the tests")
    assert basis.residue == CLEAN
    assert basis.overrides == ()
    assert Basis.model_validate_json(basis.model_dump_json()) == basis


def test_synthetic_reports_ask_for_nothing_whatever_is_declared() -> None:
    made = Residue(reports=50, real=0)
    assert policy_gate(PolicyConfig(), made) == Basis(residue=made)
    assert refused(policy(use="risk-selection"), made) == []


def test_everything_that_is_missing_is_said_at_once() -> None:
    nothing = ["no-law", "no-clause", "no-use", "no-purpose", "no-controller", "no-officer", "no-retention"]
    assert refused(PolicyConfig(), UNKNOWN) == [*nothing, "residue-unknown"]
    with pytest.raises(PolicyError) as caught:
        policy_gate(PolicyConfig(), UNKNOWN)
    error = caught.value
    assert (error.error_code, error.exit_status) == ("policy-gate", 5)
    for language in ("en", "pt-BR"):
        message, hint = load(language).error(error)
        assert len(message.splitlines()) == 9
        assert all(f"\n- {name}: " in message for name in ("law", "use", "controller", "retention"))
        assert hint is not None
    assert str(error).splitlines() == load("en").error(error)[0].splitlines()
    assert str(copy.copy(error)) == str(error)


def test_the_section_of_the_hint_is_toml_that_declares_nothing_before_it_is_filled_in() -> None:
    for law in (None, "lgpd", "gdpr", "hipaa"):
        given = PolicyConfig.parse({} if law is None else {"law": law}, section="policy")
        with pytest.raises(PolicyError) as caught:
            policy_gate(given, UNKNOWN)
        written = tomllib.loads(caught.value.values["section"])["policy"]
        pasted = PolicyConfig.parse(written, section="policy")
        again = set(refused(pasted, UNKNOWN)) - {"unknown-clause"}
        assert again == set(refused(given, UNKNOWN)), law


def test_the_section_of_the_hint_keeps_what_stands_and_passes_once_filled_in() -> None:
    given = policy(use="risk-selection", clause=["art. 7, IX"], controller="  ", legal_basis="see opinion 12")
    with pytest.raises(PolicyError) as caught:
        policy_gate(given, UNKNOWN)
    section = tomllib.loads(caught.value.values["section"])["policy"]
    assert section["purpose"] == WHOLE["purpose"]
    assert section["legal_basis"] == "see opinion 12"
    assert section["accept"]["corpus"] == "ab" * 8
    filled = {
        **section,
        "use": "care",
        "clause": ["11-II-f"],
        "controller": "Hospital",
        "accept": {**section["accept"], "by": "Ana Lima", "reason": "made up"},
    }
    assert refused(PolicyConfig.parse(filled, section="policy"), UNKNOWN) == []


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"clause": ["we may"]}, ["art. 11, ..."]),
        ({"clause": ["7-IX", "7-VIII"]}, ["art. 7, VIII", "art. 11, ..."]),
        ({"clause": ["7-IX", "11-II-f"]}, ["art. 11, II, f"]),
        ({"law": "gdpr", "clause": ["9(2)(h)"]}, ["art. 9(2)(h)", "art. 6(1)(...)"]),
        ({"law": "gdpr", "clause": []}, ["art. 6(1)(...)", "art. 9(2)(...)"]),
        ({"law": "hipaa", "clause": ["de-identified"]}, ["..."]),
    ],
)
def test_the_section_of_the_hint_keeps_the_clauses_that_can_stay(
    given: dict[str, Any], written: list[str]
) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_gate(policy(**given), CLEAN)
    assert tomllib.loads(caught.value.values["section"])["policy"]["clause"] == written


@pytest.mark.parametrize("gap", ["", "  ", "...", "…"])
@pytest.mark.parametrize("name", ["law", "use", "purpose", "controller", "officer", "retention"])
def test_a_gap_declares_nothing(name: str, gap: str) -> None:
    assert f"no-{name}" in refused(policy(**{name: gap}))


def test_an_unknown_law_or_use_is_a_bad_value() -> None:
    for name in ("law", "use"):
        with pytest.raises(ConfigError, match="must be one of"):
            policy(**{name: "nonsense"})


@pytest.mark.parametrize(
    ("law", "said", "code"),
    [
        ("lgpd", "art. 11, II, c", "11-II-c"),
        ("lgpd", 'Artigo 11, inciso II, alínea "f"', "11-II-f"),
        ("lgpd", "11-ii-a", "11-II-a"),
        ("lgpd", "LGPD, art. 11, II, c: study by a research body", "11-II-c"),
        ("lgpd", "consent", "11-I"),
        ("lgpd", "Legítimo interesse", "7-IX"),
        ("lgpd", "art. 7º, IX", "7-IX"),
        ("lgpd", "art. 11, II, h", None),
        ("lgpd", "art. 9(2)(j)", None),
        ("gdpr", "Art. 9(2)(j) GDPR", "9-2-j"),
        ("gdpr", "6.1.e", "6-1-e"),
        ("gdpr", "9-2-k", None),
        ("hipaa", "limited data set", "limited-data-set"),
        ("hipaa", "45 CFR 164.512(i)", "waiver"),
    ],
)
def test_a_clause_is_known_however_it_is_written(law: Any, said: str, code: str | None) -> None:
    assert clause_code(law, said) == code


@given(st.sampled_from([(law, code) for law, clauses in CLAUSES.items() for code in clauses]))
def test_each_clause_is_known_by_its_code_and_by_how_it_is_cited(known: tuple[Any, str]) -> None:
    law, code = known
    assert clause_code(law, code) == clause_code(law, CLAUSES[law][code]) == code


@given(st.sampled_from(sorted(CLAUSES)), st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_clause(law: Any, said: str) -> None:
    assert clause_code(law, said) in {None, *CLAUSES[law]}


LETTERS = [code for code in CLAUSES["lgpd"] if code.startswith("11-") and code not in RESEARCH]


@pytest.mark.parametrize("code", LETTERS)
def test_each_clause_of_article_11_is_a_basis(code: str) -> None:
    assert refused(policy(clause=[code])) == []
    assert refused(policy(clause=[code, "art. 7, VIII"])) == []


@pytest.mark.parametrize(
    ("law", "clause", "codes"),
    [
        ("lgpd", ["legitimate interest"], ["legitimate-interest", "no-clause"]),
        ("lgpd", ["art. 7, IX", "11-II-f"], ["legitimate-interest"]),
        ("lgpd", ["art. 7, VIII"], ["article-7", "no-clause"]),
        ("lgpd", [], ["no-clause"]),
        ("lgpd", ["we may"], ["unknown-clause", "no-clause"]),
        ("gdpr", [], ["no-clause"]),
        ("gdpr", ["9(2)(h)"], ["no-article-6"]),
        ("gdpr", ["6(1)(f)"], ["no-article-9"]),
        ("gdpr", ["6(1)(f)", "9(2)(h)"], []),
        ("hipaa", [], ["no-clause"]),
        ("hipaa", ["authorization"], []),
        ("hipaa", ["limited-data-set"], ["no-data_use"]),
        ("hipaa", ["waiver"], ["no-ethics", "no-data_use"]),
    ],
)
def test_each_law_has_clauses_that_are_enough_and_others_that_are_not(
    law: str, clause: list[str], codes: list[str]
) -> None:
    expected = [code.replace("data_use", "data-use") for code in codes]
    assert refused(policy(law=law, clause=clause)) == expected


@pytest.mark.parametrize(
    ("method", "passes"), [("lgpd", False), ("hipaa-limited", False), ("hipaa-safe-harbor", True)]
)
def test_hipaa_speaks_of_de_identified_only_after_its_own_methods(method: str, passes: bool) -> None:
    clean = CLEAN.model_copy(update={"method": method})
    found = refused(policy(law="hipaa", clause=["de-identified"]), clean)
    assert found == ([] if passes else ["not-de-identified"])


@pytest.mark.parametrize("use", REFUSED)
@pytest.mark.parametrize(
    "law", [{}, {"law": "gdpr", "clause": ["6-1-e", "9-2-h"]}, {"law": "hipaa", "clause": ["authorization"]}]
)
def test_uses_that_the_law_forbids_are_refused_by_name_under_every_law(use: str, law: dict[str, Any]) -> None:
    assert refused(policy(use=use, **law)) == ["refused-use"]
    with pytest.raises(PolicyError, match=r"LGPD, art\. 11, par\. [45]"):
        policy_gate(policy(use=use, **law), CLEAN)


@pytest.mark.parametrize("use", [use for use in USES if use not in {*REFUSED, "research"}])
def test_other_uses_pass_without_an_ethics_committee(use: str) -> None:
    assert refused(policy(use=use)) == []


@pytest.mark.parametrize(
    "law",
    [
        {"clause": ["11-II-f"], "use": "research"},
        {"clause": ["11-II-c"], "use": "care"},
        {"law": "gdpr", "clause": ["6-1-e", "9-2-j"], "use": "quality"},
        {"law": "hipaa", "clause": ["authorization"], "use": "research"},
    ],
)
def test_research_wants_an_opinion_and_a_term_by_use_or_by_clause(law: dict[str, Any]) -> None:
    assert refused(policy(**law)) == ["no-ethics", "no-data-use"]
    assert refused(policy(**{**RESEARCHED, **law})) == []
    exempt = {**RESEARCHED, "ethics": None, "ethics_exempt": "published texts; the committee said so"}
    assert refused(policy(**{**exempt, **law})) == []


@pytest.mark.parametrize(
    ("ethics", "passes"),
    [
        (CAAE, True),
        ("12345678.9.0000.1234", True),
        ("CAAE 1234567.9.0000.1234", False),
        ("CAAE 123456789.9.0000.1234", False),
        ("approved", False),
    ],
)
def test_under_the_lgpd_an_opinion_bears_a_caae_of_its_form(ethics: str, passes: bool) -> None:
    assert refused(policy(**{**RESEARCHED, "ethics": ethics})) == ([] if passes else ["bad-caae"])


def test_elsewhere_an_opinion_has_any_form_but_a_caae_its_own() -> None:
    hipaa = {**RESEARCHED, "law": "hipaa", "clause": ["authorization"]}
    assert refused(policy(**{**hipaa, "ethics": "IRB 2026-17"})) == []
    assert refused(policy(**{**hipaa, "ethics": "CAAE 17"})) == ["bad-caae"]


@pytest.mark.parametrize(
    ("residue", "limit", "code"),
    [
        (CLEAN, 0.0, None),
        (LEAKY, 0.0, "residue-above"),
        (LEAKY, 0.015, None),
        (LEAKY, 0.0149, "residue-above"),
        (UNKNOWN, 1.0, "residue-unknown"),
        (CLEAN.model_copy(update={"checked": 0}), 1.0, "residue-unknown"),
        (CLEAN.model_copy(update={"checked": 199}), 1.0, "residue-unknown"),
    ],
)
def test_what_is_left_is_held_against_the_limit(residue: Residue, limit: float, code: str | None) -> None:
    assert refused(policy(residue_limit=limit), residue) == ([] if code is None else [code])


@pytest.mark.parametrize("residue", [LEAKY, UNKNOWN])
def test_a_named_person_may_accept_it_with_a_reason_for_one_corpus_or_for_all(residue: Residue) -> None:
    whole = {"by": "Ana Lima", "reason": "read all of them"}
    for corpus in ({}, {"corpus": "ab" * 4}, {"corpus": "sha256:" + "ab" * 32}):
        given = policy(accept={**whole, **corpus})
        basis = policy_gate(given, accepted(residue, given))
        assert basis.residue is not None
        assert (basis.residue.accepted_by, basis.residue.reason) == ("Ana Lima", "read all of them")
        assert basis.overrides == (f"policy.accept:{residue.beyond} by Ana Lima: read all of them",)
    assert refused(policy(accept={**whole, "corpus": "cd"}), residue) == [
        "accepted-elsewhere",
        residue.beyond,
    ]
    for half in ({"by": "Ana Lima"}, {"reason": "why not"}, {"by": "...", "reason": "..."}):
        assert refused(policy(accept=half), residue) == [residue.beyond]


def test_nothing_is_accepted_where_nothing_has_to_be() -> None:
    given = policy(accept={"by": "Ana Lima", "reason": "read all of them"})
    assert policy_gate(given, accepted(CLEAN, given)).overrides == ()


def test_residue_is_read_from_what_deidentify_left() -> None:
    corpus = make_corpus(40).with_column("origin", ["real"] * 30 + ["synthetic"] * 10)
    assert residue_of(corpus, policy()).beyond == "residue-unknown"
    told = {"policy": "lgpd", "reports": 40, "residue": {"reports": 2, "kinds": {"patient": 2}}}
    found = residue_of(corpus.replace(deidentified=told), policy())
    assert (found.reports, found.real, found.checked, found.left) == (40, 30, 40, 2)
    assert (found.method, found.share, found.beyond) == ("lgpd", 0.05, "residue-above")
    assert residue_of(corpus.replace(deidentified={"policy": "lgpd"}), policy()).beyond == "residue-unknown"


@given(
    real=st.integers(1, 50),
    left=st.none() | st.integers(0, 50),
    limit=st.floats(0, 1),
    dropped=st.sampled_from([None, *WHOLE]),
)
def test_real_reports_pass_only_with_a_whole_basis_and_a_known_residue_within_the_limit(
    real: int, left: int | None, limit: float, dropped: str | None
) -> None:
    residue = Residue(reports=50, real=real, checked=50, left=left)
    kept = {name: value for name, value in WHOLE.items() if name != dropped}
    declared = PolicyConfig.parse({**kept, "residue_limit": limit}, section="policy")
    passes = dropped is None and left is not None and left / 50 <= limit
    assert (refused(declared, residue) == []) is passes


def test_what_is_declared_is_kept_before_it_is_whole() -> None:
    assert basis_of(PolicyConfig()) is None
    basis = basis_of(PolicyConfig.parse({"legal_basis": "LGPD, art. 11, II, c"}, section="policy"))
    assert basis is not None
    assert basis.cited == "LGPD, art. 11, II, c"
    assert basis.codes == {}
    half = basis_of(policy(clause=["we may"], legal_basis="as the board decided"))
    assert half is not None
    assert half.cited == "LGPD, we may: as the board decided"
    assert half.codes["clauses"] == []


def test_no_text_of_a_report_is_said() -> None:
    secret = "Zuleica"
    corpus = make_corpus(8)
    reports = [Report(id=f"{secret}-{i}", text=secret, patient=secret) for i in range(3)]
    told = type(corpus).from_reports(reports)
    with pytest.raises(PolicyError) as caught:
        policy_gate(PolicyConfig(), residue_of(told, PolicyConfig()))
    assert secret not in f"{caught.value} {caught.value.hint} {caught.value!r}"
