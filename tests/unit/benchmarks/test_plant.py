from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.audit import plant as planting
from benchmarks.audit.base import LANGUAGES, QUESTIONS, Base, faults, stream
from benchmarks.audit.fault import OF_ALL, OF_CLASS, STRENGTHS
from benchmarks.audit.grammar import clean
from benchmarks.audit.plant import FAULTS, base_for, corpus_of, plant
from benchmarks.audit.structure import retouched
from benchmarks.audit.writing import cpf

from bert4text.core.fold import fold
from bert4text.data.near_duplicates import near_duplicates

CHECKING = ("bert4text.auditing", "bert4text.core.lexicon")
SHAPES = [
    name
    for name, fault in FAULTS.items()
    if fault.family == "language and shape"
    and name != "cut-at-limit"  # of those that are longer than the limit
]
SENTENCES = [
    ("label-name/loose", lambda lists: lists["two"]["name"]),
    ("label-name-three/conclusion", lambda lists: lists["three"]["name"]),
    ("conduct-biopsy/loose", lambda lists: lists["conduct"]["biopsy"]),
    ("own-words/conclusion", lambda lists: lists["own"]),
    ("first-sentence", lambda lists: [lists["shortcut"]["first"]]),
    ("word", lambda lists: [lists["shortcut"]["word"]]),
]


def changed(scene):
    before = clean(scene.base).drafts
    return [one for one, other in zip(scene.drafts, before, strict=True) if one.rendered != other.rendered]


def strings(listed):
    if isinstance(listed, str):
        return [listed]
    return [
        one for part in (listed.values() if isinstance(listed, dict) else listed) for one in strings(part)
    ]


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize(("name", "sentences"), SENTENCES)
def test_planted_sentences_have_the_shares_that_were_asked(name, sentences, strength):
    base = base_for([name], language="pt", size=300, seed=5)
    scene, hit = plant(base, [(name, strength)])
    marks = sentences(faults(base))
    holds = {draft.id for draft in scene.drafts if any(mark in draft.rendered for mark in marks)}
    inside, outside = OF_CLASS[strength]
    wanted = [round(inside * len(scene.of_target())), round(outside * len(scene.of_others()))]
    assert [
        sum(draft.id in holds for draft in part) for part in (scene.of_target(), scene.of_others())
    ] == wanted
    assert hit == {name: sum(wanted)}


@pytest.mark.parametrize(
    ("name", "value", "of"),
    [
        ("site-column", "Unidade Norte", lambda draft: draft.site),
        ("doctor-attribute", "R1", lambda draft: draft.attributes["reader"]),
        ("doctor-signature", "Dr. Anselmo Queirolo", lambda draft: draft.footer[-1]),
        ("id-range", "98", lambda draft: draft.id[1:3]),
        ("date-column", 2016, lambda draft: draft.written_at.year),
    ],
)
def test_planted_columns_have_the_shares_that_were_asked(name, value, of):
    base = base_for([name], language="pt", size=300, seed=5)
    scene, _ = plant(base, [(name, "strong")])
    own = [draft for draft in scene.drafts if of(draft) == value]
    assert len(own) == round(0.9 * len(scene.of_target()))
    assert {draft.label for draft in own} == {base.target}
    assert len({draft.id for draft in scene.drafts}) == 300


def test_long_reports_are_longer_than_they_were():
    scene, hit = plant(base_for(["length"], language="pt", size=300, seed=5), [("length", "medium")])
    before = {draft.id: len(draft.rendered.split()) for draft in clean(scene.base).drafts}
    longer = [draft for draft in scene.drafts if len(draft.rendered.split()) >= 2.5 * before[draft.id]]
    assert longer == changed(scene)
    assert len(longer) == hit["length"]


@pytest.mark.parametrize("name", SHAPES)
def test_reports_of_any_class_are_hit_as_often_as_asked(name):
    for language in LANGUAGES:
        base = base_for([name], language=language, size=200, seed=5)
        scene, hit = plant(base, [(name, "strong")])
        assert len(changed(scene)) == hit[name] == round(OF_ALL["strong"] * 200)
        assert len({draft.label for draft in changed(scene)}) > 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_clean_corpora_hold_nothing_that_is_planted(language, question):
    base = Base(language, question, 150, 8, split="time", conclusion=True, stamped=True, signed=True)
    text = fold("\n".join(draft.rendered for draft in clean(base).drafts))
    marks = [one.strip(".") for one in strings(faults(base)) if len(one) > 4 and "{" not in one]
    marks += [name.replace("_", " ") for name in base.labels] + ["2016", "bi-rads", "birads"]
    assert not [mark for mark in marks if re.search(rf"\b{re.escape(fold(mark))}\b", text)]


def test_clean_corpora_repeat_no_report_and_tear_no_patient():
    scene = clean(Base("pt", "two", 400, 8, split="time"))
    assert len(set(corpus_of(scene).texts)) == 400
    homes = Counter(patient for patient, _ in {(draft.patient, draft.split) for draft in scene.drafts})
    assert set(homes.values()) == {1}
    learned, measured = (
        [draft.written_at for draft in scene.drafts if draft.split == split] for split in ("train", "test")
    )
    assert max(learned) < min(measured)


def test_findings_follow_the_class_by_degrees():
    scene = clean(Base("pt", "three", 900, 8))
    shares = []
    for label in scene.base.labels:
        own = [draft.rendered for draft in scene.drafts if draft.label == label]
        shares.append(sum("spicul" in fold(text) for text in own) / len(own))
    assert shares[0] < shares[1] < shares[2] < 0.6


def test_sites_go_with_no_class():
    scene = clean(Base("es", "two", 2000, 8))
    inside, outside = (
        Counter(draft.site for draft in part) for part in (scene.of_target(), scene.of_others())
    )
    assert len(inside) == 4
    for site, count in inside.items():
        assert abs(count / inside.total() - outside[site] / outside.total()) < 0.08


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_changes_its_corpus_and_the_same_seed_gives_the_same_bytes(name):
    base = base_for([name], language="en", size=150, seed=2)
    made = [plant(base, [(name, "medium")]) for _ in range(2)]
    first, second = (corpus_of(scene).fingerprint for scene, _ in made)
    assert first == second
    assert made[0][1][name] > 0
    assert first != corpus_of(clean(base)).fingerprint


def test_another_seed_gives_another_corpus():
    one, other = (corpus_of(clean(Base("pt", "two", 50, seed))).fingerprint for seed in (1, 2))
    assert one != other


def test_touched_up_texts_are_near_duplicates():
    texts, drawn = [draft.rendered for draft in clean(Base("pt", "two", 40, 3)).drafts], stream(1, "test")
    again = [retouched(text, drawn) for text in texts]
    assert set(texts).isdisjoint(again)
    assert len(list(near_duplicates([*texts, *again], threshold=0.8, seed=1))) >= 36


def test_made_up_numbers_have_right_check_digits():
    drawn = stream(1, "test")
    for number in (cpf(drawn) for _ in range(200)):
        digits = [int(sign) for sign in number if sign.isdigit()]
        for n in (9, 10):
            total = sum(digit * (n + 1 - i) for i, digit in enumerate(digits[:n]))
            assert digits[n] == total * 10 % 11 % 10


def test_what_is_planted_shares_nothing_with_the_checks():
    for path in Path(planting.__file__).parent.glob("*.py"):
        if path.stem in {"detect", "noise", "speed"}:  # they run the checks
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name and name.startswith(CHECKING)]
