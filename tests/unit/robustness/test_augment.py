"""Copies of training reports: which reports get them, by which perturbations, and what is refused."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.copies import Copied, practiced
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest
from bert4text.core.report import Report
from bert4text.project import Project
from bert4text.robustness.augment import Augmentation, staying
from bert4text.robustness.perturbations import PERTURBATIONS
from bert4text.training.config import TrainConfig
from bert4text.verbs.augmenting import copier_of, read_anew

SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))
REPORTS = [
    Report(
        id=f"R{place}",
        text=f"Achados: Observa-se nódulo de {place + 3} mm na mama direita. Não há derrame.",
        labels=("maligno",),
    )
    for place in range(40)
]


def copier(
    *names: str,
    share: float = 1.0,
    copies: int = 1,
    seed: int = 7,
    manifest: Manifest | None = None,
    space: LabelSpace = SPACE,
) -> Any:
    told = {"perturbations": list(names), "share": share, "copies": copies}
    config = TrainConfig.parse({"batches": {"augmentation": told}}, section="train")
    plain = Corpus.from_reports(REPORTS, SPACE, language="pt-BR")
    corpus = plain.replace(manifest=manifest, label_space=space)
    return copier_of(config, corpus, project=Project(given={"project": {"seed": seed}}))


def test_nothing_is_copied_unless_it_is_asked_for() -> None:
    assert copier() is None


def test_every_report_of_the_share_gets_its_copies_and_each_is_another_text() -> None:
    found: Copied = copier("accents", "typing-errors", "said-twice", share=0.5, copies=3)(REPORTS)
    assert [len(texts) for texts in found.texts if texts] == [3] * 20
    assert sum(found.made.values()) == 60
    assert set(found.made) == {
        "accents-lost", "key-slipped", "letters-transposed", "letter-left-out", "said-twice"
    }  # fmt: skip
    assert min(found.made.values()) > 0
    for report, texts in zip(REPORTS, found.texts, strict=True):
        assert len({report.text, *texts}) == 1 + len(texts)
        twice = [text for text in texts if text.count("Não há derrame") == 2]
        assert all(text == f"{report.text}\n{report.text}" for text in twice)
    assert found.told() == {"reports": 20, "of": 40, "copies": 60, "perturbations": dict(found.made)}
    assert "nódulo" not in repr(found)


def test_what_changes_nothing_gives_no_copy_and_is_told_as_none() -> None:
    found = copier("decimal-mark", "decomposed-accents", "given-name")(REPORTS)
    assert found.told()["copies"] == 0  # nothing to change, or repaired on entry
    assert found.made == {"decimal-mark": 0, "decomposed-accents": 0, "given-name": 0}
    assert practiced({"augmentation": found.told()}) == ()
    mixed = copier("decimal-mark", "capitals", "decomposed-accents")(REPORTS)
    assert mixed.made == {"capitals": 40, "decimal-mark": 0, "decomposed-accents": 0}
    assert practiced({"augmentation": mixed.told()}) == ("capitals",)
    assert practiced({}) == ()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0.01, 1),
    copies=st.integers(1, 3),
    order=st.permutations(range(len(REPORTS))),
)
def test_copies_depend_on_the_seed_and_not_on_the_order_of_the_reports(
    seed: int, share: float, copies: int, order: list[int]
) -> None:
    make = copier("accents", "capitals", "typing-errors", "length", share=share, copies=copies, seed=seed)
    first, again = make(REPORTS), make([REPORTS[place] for place in order])
    assert [first.texts[place] for place in order] == list(again.texts)
    assert first.made == again.made
    assert sum(map(bool, first.texts)) == round(share * len(REPORTS))


def test_another_seed_copies_other_reports_otherwise() -> None:
    first, other = (copier("typing-errors", share=0.5, seed=seed)(REPORTS) for seed in (1, 2))
    assert first.texts != other.texts


def test_perturbations_are_drawn_evenly() -> None:
    many = [
        report.model_copy(update={"id": f"{report.id}-{turn}"}) for turn in range(20) for report in REPORTS
    ]
    made = Counter(copier("accents-lost", "capitals", "said-twice", "very-long")(many).made)
    assert all(150 < count < 250 for count in made.values()), made


@pytest.mark.parametrize("name", ["ruled-out", "negation", "hedges", "family-history", "nothing-said"])
def test_a_change_after_which_the_answer_may_be_another_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="may be named") as caught:
        copier("capitals", name)
    assert caught.value.error_code == "answer-may-change"
    may = caught.value.values["may"]
    assert set(may) == {one for one in PERTURBATIONS if PERTURBATIONS.get(one).expectation == "invariance"}
    assert not set(may) & set(caught.value.values["moving"])
    assert set(staying(may, aside=False)) == set(may)


def test_an_unknown_name_is_refused_with_the_setting_it_stands_in() -> None:
    with pytest.raises(ConfigError, match=r"train\.batches\.augmentation") as caught:
        copier("acents")
    assert caught.value.values["near"] == "accents"


SIDED = Manifest(kind="corpus", verb="prepare", config={"sides": {"mama direita": "d", "mama esquerda": "e"}})


def test_sides_are_not_swapped_where_the_question_is_asked_of_one() -> None:
    assert copier("laterality")(REPORTS).made == {"side-swapped": 40}
    of_sides = LabelSpace(task="binary", names=("lesão à direita", "lesão à esquerda"))
    for told in ({"manifest": SIDED}, {"space": of_sides}):
        with pytest.raises(ConfigError, match="one side") as caught:
            copier("accents", "laterality", **told)
        assert caught.value.error_code == "asked-of-a-side"
        with pytest.raises(ConfigError) as other:
            copier("negation", **told)
        assert "side-swapped" not in other.value.values["may"]


def test_the_name_of_a_side_stays_as_it_is_and_stands_first() -> None:
    own = [
        report.model_copy(update={"text": f"mama direita:\n{report.text}"}) if place % 2 else report
        for place, report in enumerate(REPORTS)
    ]
    found = copier("capitals", "letterhead", "said-twice", copies=3, manifest=SIDED)(own)
    for place, texts in enumerate(found.texts):
        assert len(texts) == 3
        if place % 2:
            assert all(text.startswith("mama direita:\n") for text in texts)
            assert all(text.lower().count("mama direita:") == 1 for text in texts)
    assert read_anew("mama direita:\nabc", lambda _: None, sides=("mama direita",)) == ""
    assert read_anew("abc", str.upper, sides=("mama direita",)) == "ABC"


def test_what_a_plug_in_returns_is_read_as_a_new_report_is() -> None:
    class Odd:
        def of(self, text: str, *, language: str | None, rng: Any) -> str:
            assert language == "pt"
            return f" {text}\u00a0 \r\n"

    made = Augmentation(
        {"odd": Odd()},  # type: ignore[dict-item]
        share=1.0,
        copies=1,
        change=lambda text, change: read_anew(text, change, sides=()),
        language="pt-BR",
        seed=1,
    )
    assert made(REPORTS[:2]).texts == ((), ())
