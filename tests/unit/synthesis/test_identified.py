"""Made-up reports with marks: what is marked is what was put in, in every language and under every noise."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.privacy.kinds import KINDS, PERSONS
from bert4text.synthesis.frames import frames
from bert4text.synthesis.identified import identified, read_frames
from bert4text.synthesis.noise import NOISE, spoiled, unaccented
from bert4text.synthesis.people import GROUPS, People
from bert4text.synthesis.values import KIND_OF, Values

pytest.importorskip("faker")

LANGUAGES = ("pt", "es", "en")
SLOT = re.compile(r"\{([^{}]*)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_of_every_frame_is_known(language: str) -> None:
    told = read_frames(language)
    forms = [*told.sentences, *told.signatures, *told.layouts]
    assert {slot for form in forms for slot in SLOT.findall(form)} <= KIND_OF.keys()
    assert told.fields.keys() <= KIND_OF.keys()
    assert not any(SLOT.search(text) for text in (*told.findings, *told.traps, *told.headings))
    assert set(KIND_OF.values()) <= KINDS.keys()


def test_the_frames_are_none_of_those_that_measure() -> None:
    from benchmarks.privacy.people import told

    told_of = [read_frames(language) for language in LANGUAGES]
    ours = {
        " ".join(text.split()) for one in told_of for text in (*one.sentences, *one.layouts, *one.findings)
    }
    for layouts in ("gold", "held", "unseen"):
        theirs = told(layouts)["reports"]
        assert ours.isdisjoint(" ".join(text.split()) for text in (*theirs["layouts"], *theirs["findings"]))


def test_marks_are_whole_words_in_order_and_of_known_kinds() -> None:
    seen = set()
    for report in identified(300, languages=LANGUAGES, seed=3):
        here = 0
        for span in report.spans:
            assert here <= span.start < span.end <= len(report.text)
            assert report.text[span.start : span.end].strip() == report.text[span.start : span.end]
            here = span.end
            seen.add(span.label)
        assert "{" not in report.text
    assert seen == set(KIND_OF.values())


def test_the_same_seed_makes_the_same_reports() -> None:
    first, again = (list(identified(40, languages=LANGUAGES, seed=5)) for _ in range(2))
    assert first == again
    assert first != list(identified(40, languages=LANGUAGES, seed=6))


def test_making_reports_leaves_the_random_state_of_others_alone() -> None:
    random.seed(1)
    wanted = random.random()
    random.seed(1)
    list(identified(30, languages=["pt"], seed=5))
    assert random.random() == wanted


def test_reports_are_of_the_languages_that_were_asked_for() -> None:
    texts = [report.text for report in identified(200, languages=["en"], seed=3)]
    assert not any(re.search(r"\bnão\b|\bpaciente\b", text) for text in texts)


def test_a_patient_is_one_in_a_report() -> None:
    for seed in range(50):
        values = Values(People("pt", random.Random(seed)))
        whole = {word.casefold() for word in re.findall(r"[^\W\d_]{2,}", values.patient)}
        for field in (False, True):
            shown = re.findall(r"[^\W\d_]{2,}", values.of("patient", field=field))
            assert {word.casefold() for word in shown} <= whole


def test_names_of_all_groups_are_drawn_and_rare_ones_often() -> None:
    people = People("pt", random.Random(1))
    for group in GROUPS:
        assert len({people.given(group) for _ in range(60)}) > 10
    surnames = frames("people")["pt"]["surnames"].split()
    assert len(set(surnames)) > 250


@given(st.text("Nódulo às 3 horas, Ol I rn ç S\n  x:"), st.sampled_from(sorted(NOISE)), st.integers(0, 99))
def test_noise_never_changes_the_digits_of_an_identifier(text: str, noise: str, seed: int) -> None:
    written = spoiled(text, noise, random.Random(seed), identifies=True)
    assert re.findall(r"\d", written) == re.findall(r"\d", text)


def test_accents_go_and_capitals_stay() -> None:
    assert unaccented("São JOSÉ, às 3") == "Sao JOSE, as 3"


def test_names_of_persons_are_marked_by_whose_they_are() -> None:
    labels = {span.label for report in identified(200, languages=["pt"], seed=1) for span in report.spans}
    assert labels >= PERSONS
