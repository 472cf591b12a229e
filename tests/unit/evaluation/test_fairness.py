"""A fairness contract: what is compared, who is named, and when it holds, fails, or cannot be told."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from evaluations import given, run
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import binomtest

from bert4text.core.bands import banded
from bert4text.core.errors import ConfigError
from bert4text.core.evaluation import Evaluation
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import load
from bert4text.evaluation.answers import answers
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.criteria import FOUND
from bert4text.evaluation.draws import Setting
from bert4text.evaluation.fairness import fairness
from bert4text.evaluation.fairness_config import FairnessConfig
from bert4text.evaluation.gaps import Cell, difference
from bert4text.evaluation.scorecard import scorecard

BINARY = LabelSpace(task="binary", names=("benign", "malignant"))


def config(**contract):
    return EvaluateConfig.parse(
        {"resamples": 200, "fairness": {"attributes": ["sex"], "minimum_n": 20, **contract}},
        section="evaluate",
    )


def measured(truth, decided, sex, *, space=BINARY, groups=None, patients=True, more=None, **contract):
    """An evaluation of decisions alone: a report is called its label at 0.9."""
    n, k = len(truth), len(space)
    said = np.full((n, k), 0.1 / (k - 1))
    said[np.arange(n), decided] = 0.9
    groups = groups or [f"p{i}" for i in range(n)]
    return run(
        space,
        [[space.names[place]] for place in truth],
        {"model": said},
        config=config(**contract),
        groups=groups,
        patients=len(set(groups)) if patients else None,
        attributes={"sex": sex, **(more or {})},
    )


def two_groups(found_f, found_m, *, n=400):
    """All malignant: so many of n are found in each group."""
    truth = np.ones(2 * n, dtype=int)
    decided = np.concatenate([np.arange(n) < found_f, np.arange(n) < found_m]).astype(int)
    truth[:: n // 4] = 0  # a few benign ones: both labels occur
    decided[:: n // 4] = 0
    return truth, decided, ["F"] * n + ["M"] * n


def test_nothing_declared_is_nothing_measured():
    truth, decided, sex = two_groups(300, 300)
    assert measured(truth, decided, sex, attributes=[]).fairness is None


def test_a_planted_gap_fails_and_an_equal_large_group_holds():
    found = measured(*two_groups(380, 300), tolerance=0.05).fairness
    assert found.verdict == "fails"
    gap = found.gap("true_positive_rate", attribute="sex", label="malignant")
    assert (gap.high_group, gap.low_group, gap.verdict, gap.pairs) == ("F", "M", "fails", 1)
    assert gap.low > 0.05
    assert 0.05 < gap.at_least <= gap.low < gap.value < gap.high
    equal = measured(*two_groups(380, 380), tolerance=0.05).fairness
    assert equal.verdict == "holds"
    assert equal.gaps[0].value == pytest.approx(0)


def test_few_reports_show_nothing_either_way_and_fewer_are_not_compared():
    few = measured(*two_groups(36, 30, n=40), tolerance=0.05).fairness
    assert few.verdict == "not-shown"
    assert few.gaps[0].at_least < 0.05 < few.gaps[0].high
    fewer = measured(*two_groups(36, 30, n=40), tolerance=0.05, minimum_n=60).fairness
    assert fewer.verdict == "too-few"
    assert (fewer.gaps[0].value, fewer.gaps[0].groups, fewer.critical) == (None, 0, None)


def test_a_small_group_is_neither_named_nor_compared_and_the_unknown_are_no_group():
    truth, decided, sex = two_groups(380, 380)
    sex[:3], sex[3:10] = ["Intersex-X9"] * 3, [None] * 4 + [""] * 3
    found = measured(truth, decided, sex)
    (grouped,) = found.fairness.attributes
    assert (grouped.groups, grouped.small, grouped.unknown) == (("F", "M"), 1, 7)
    assert grouped.reports == 790
    assert "Intersex-X9" not in found.model_dump_json()
    for language in ("en", "pt-BR"):
        assert "Intersex-X9" not in scorecard(found, translator=load(language), context={})


def test_patients_count_and_not_their_reports():
    truth, decided, sex = two_groups(380, 300)
    twice = [np.repeat(values, 3) for values in (truth, decided)]
    groups = [f"p{i // 3}" for i in range(2400)]
    once = measured(truth, decided, sex).fairness
    thrice = measured(*twice, [value for value in sex for _ in range(3)], groups=groups).fairness
    one, three = once.gaps[0], thrice.gaps[0]
    assert (three.low, three.high) == pytest.approx((one.low, one.high), abs=1e-3)
    assert {figure.n for figure in thrice.figures} == {figure.n for figure in once.figures}
    assert {figure.reports for figure in thrice.figures} == {3 * figure.n for figure in once.figures}
    enough = measured(*two_groups(4, 4, n=8), groups=None, minimum_n=10).fairness
    repeated = [np.repeat(values, 5) for values in two_groups(4, 4, n=8)[:2]]
    many = measured(
        *repeated, ["F"] * 40 + ["M"] * 40, groups=[f"p{i // 5}" for i in range(80)], minimum_n=10
    )
    assert enough.verdict == many.fairness.verdict == "too-few"


CRITERIA = {
    "equal_opportunity": ["true_positive_rate"],
    "equalized_odds": ["true_positive_rate", "false_positive_rate"],
    "demographic_parity": ["selection_rate"],
    "predictive_parity": ["precision"],
    "calibration_within_groups": ["calibration_bias"],
    "accuracy_parity": ["accuracy"],
}


def by_hand(name, truth, decided, probability):
    """The figure of one group, as its definition says it."""
    return {
        "true_positive_rate": decided[truth].mean(),
        "false_positive_rate": decided[~truth].mean(),
        "selection_rate": decided.mean(),
        "precision": truth[decided].mean(),
        "calibration_bias": probability.mean() - truth.mean(),
    }[name]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_figures_are_those_of_the_definitions(criterion):
    space, labels, said = given(["a", "b", "c"], [0.5, 0.3, 0.2], n=600, task="multiclass", seed=4)
    sex = np.random.default_rng(1).choice(["F", "M"], 600)
    found = run(
        space, labels, said, config=config(criterion=criterion), attributes={"sex": list(sex)}
    ).fairness
    probabilities = said["model"]
    decided = probabilities.argmax(axis=1)
    assert sorted({gap.measure for gap in found.gaps}) == sorted(CRITERIA[criterion])
    for measure, value in itertools.product(CRITERIA[criterion], "FM"):
        inside = sex == value
        if measure == "accuracy":
            right = np.array([space.names[place] for place in decided]) == [row[0] for row in labels]
            figure = found.figure("accuracy", attribute="sex", group=value)
            assert figure.value == pytest.approx(right[inside].mean())
            continue
        for place, name in enumerate(space.names):
            true = np.array([row == [name] for row in labels])[inside]
            expected = by_hand(measure, true, (decided == place)[inside], probabilities[inside, place])
            figure = found.figure(measure, attribute="sex", group=value, label=name)
            assert figure.value == pytest.approx(expected)
            assert figure.low <= expected <= figure.high


def test_the_gap_is_that_of_the_two_groups_that_differ_most():
    found_of = {"x": 390, "y": 340, "z": 360}
    parts = [two_groups(found, 0)[:2] for found in found_of.values()]
    truth = np.concatenate([part[0][:400] for part in parts])
    decided = np.concatenate([part[1][:400] for part in parts])
    found = measured(truth, decided, [name for name in found_of for _ in range(400)]).fairness
    (gap,) = found.gaps
    assert (gap.high_group, gap.low_group, gap.groups, gap.pairs) == ("x", "y", 3, 3)
    rates = {
        name: found.figure("true_positive_rate", attribute="sex", group=name, label="malignant")
        for name in "xyz"
    }
    assert gap.value == pytest.approx(rates["x"].value - rates["y"].value)


def test_two_labels_are_asked_of_the_second_and_grades_of_those_above_too():
    space, labels, said = given(list("12345"), [0.3, 0.3, 0.2, 0.1, 0.1], n=900, task="ordinal", seed=2)
    sex = ["F" if i % 4 < 2 else "M" for i in range(900)]
    found = run(space, labels, said, config=config(), attributes={"sex": sex}).fairness
    assert [gap.label for gap in found.gaps] == ["≥ 2", "≥ 3", "≥ 4", "≥ 5"]
    true = np.array([int(row[0]) >= 4 for row in labels])
    decided = said["model"].argmax(axis=1) + 1 >= 4
    inside = true & (np.array(sex) == "F")
    figure = found.figure("true_positive_rate", attribute="sex", group="F", label="≥ 4")
    assert figure.value == pytest.approx(decided[inside].mean())
    assert figure.reports == inside.sum()
    each = run(space, labels, said, config=config(grades="each"), attributes={"sex": sex}).fairness
    assert [gap.label for gap in each.gaps] == list("12345")
    some = run(space, labels, said, config=config(labels=["4"]), attributes={"sex": sex}).fairness
    assert [gap.label for gap in some.gaps] == ["≥ 4"]
    with pytest.raises(ConfigError, match="lowest grade") as caught:
        run(space, labels, said, config=config(labels=["1"]), attributes={"sex": sex})
    assert caught.value.error_code == "lowest-grade"


def test_labels_off_the_scale_stand_for_themselves():
    space, labels, said = given(list("0123"), [0.2, 0.3, 0.3, 0.2], n=600, task="ordinal", seed=2)
    space = space.model_copy(update={"off_scale": ("0",)})
    sex = ["F" if i % 4 < 2 else "M" for i in range(600)]
    found = run(space, labels, said, config=config(), attributes={"sex": sex}).fairness
    assert [gap.label for gap in found.gaps] == ["0", "≥ 2", "≥ 3"]


def test_several_labels_at_once_are_asked_one_by_one():
    space, labels, said = given(["a", "b", "c"], [0.5, 0.3, 0.2], n=500, task="multilabel", seed=6)
    sex = ["F" if i % 4 < 2 else "M" for i in range(500)]
    found = run(
        space, labels, said, config=config(criterion="equalized_odds"), attributes={"sex": sex}
    ).fairness
    decided = said["model"] >= 0.5
    for place, name in enumerate(space.names):
        true = np.array([name in row for row in labels])
        inside = true & (np.array(sex) == "M")
        figure = found.figure("true_positive_rate", attribute="sex", group="M", label=name)
        assert figure.value == pytest.approx(decided[inside, place].mean())


def test_two_attributes_are_crossed_unless_that_is_not_wanted():
    truth, decided, sex = two_groups(380, 380)
    age = ["30", "50,5", "", "junk"] * 200
    asked = {"attributes": ["sex", "age"], "bands": {"age": [40]}, "minimum_n": 20}
    found = measured(truth, decided, sex, more={"age": age}, **asked)
    assert [one.name for one in found.fairness.attributes] == ["sex", "age", "sex × age"]
    crossed = found.fairness.attributes[2]
    assert crossed.groups == ("F × <40", "F × ≥40", "M × <40", "M × ≥40")
    assert (crossed.unknown, found.fairness.attributes[1].unknown) == (400, 400)
    (lost,) = [issue for issue in found.issues if issue.code == "not-a-number"]
    assert lost.reports == 200
    alone = measured(truth, decided, sex, more={"age": age}, intersections=False, **asked).fairness
    assert [one.name for one in alone.attributes] == ["sex", "age"]


@drawn_from(
    st.floats(-1e6, 1e6, allow_nan=False),
    st.lists(st.integers(-50, 150), min_size=1, max_size=6, unique=True),
)
def test_every_number_falls_into_the_band_that_holds_it(number, edges):
    edges = sorted(edges)
    band = banded(repr(number), edges)
    begins = {f"<{edges[0]}": -math.inf, f"≥{edges[-1]}": edges[-1]}
    begins |= {f"{low}–<{high}": low for low, high in itertools.pairwise(edges)}
    ends = {f"<{edges[0]}": edges[0], f"≥{edges[-1]}": math.inf}
    ends |= {f"{low}–<{high}": high for low, high in itertools.pairwise(edges)}
    assert begins[band] <= number < ends[band]


@pytest.mark.parametrize("value", [None, "", "old", "nan", "inf", "1e999"])
def test_what_is_no_number_is_in_no_band(value):
    assert banded(value, [18, 40]) is None


def share(hits, total):
    ones = np.array([float(hits)]), np.array([float(total)])
    return Cell("g", FOUND, None, *ones, total, total, total, 0.0)


@settings(max_examples=60)
@drawn_from(st.data())
def test_the_interval_of_a_difference_is_newcombes(data):
    totals = [data.draw(st.integers(5, 300)) for _ in range(2)]
    hits = [data.draw(st.integers(0, total)) for total in totals]
    apart, low, high = difference((share(hits[0], totals[0]), share(hits[1], totals[1])))
    p, q = hits[0] / totals[0], hits[1] / totals[1]
    (l1, u1), (l2, u2) = (
        binomtest(hit, total).proportion_ci(method="wilson") for hit, total in zip(hits, totals, strict=True)
    )
    assert apart == pytest.approx(p - q)
    assert low == pytest.approx(p - q - math.hypot(p - l1, u2 - q), abs=1e-9)
    assert high == pytest.approx(p - q + math.hypot(u1 - p, q - l2), abs=1e-9)
    assert -1 - 1e-9 <= low <= apart <= high <= 1 + 1e-9


def test_the_correction_grows_with_the_gaps_and_stays_below_bonferroni():
    space, labels, said = given(list("abcdef"), [1] * 6, n=900, task="multiclass", seed=8)
    sex = ["F" if i % 4 < 2 else "M" for i in range(900)]
    one = run(space, labels, said, config=config(labels=["a"]), attributes={"sex": sex}).fairness
    all_of_them = run(space, labels, said, config=config(), attributes={"sex": sex}).fairness
    assert one.critical == pytest.approx(ndtri(0.975), abs=0.3)
    assert one.critical < all_of_them.critical <= ndtri(1 - 0.025 / 6)
    assert all_of_them.verdict == "not-shown"


def test_what_is_calibrated_for_all_may_not_be_in_a_group():
    random = np.random.default_rng(5)
    n = 2000
    sex = np.repeat(["F", "M"], n // 2)
    true = random.random(n) < np.where(sex == "F", 0.5, 0.3)
    said = np.full(n, 0.4)
    found = run(
        BINARY,
        [["malignant"] if one else ["benign"] for one in true],
        {"model": np.stack([1 - said, said], axis=1)},
        config=config(criterion="calibration_within_groups"),
        attributes={"sex": list(sex)},
    ).fairness
    (gap,) = found.gaps
    assert (gap.verdict, gap.low_group, gap.pairs, gap.failing) == ("fails", None, 2, 2)
    assert abs(abs(gap.value) - 0.1) < 0.03
    assert gap.at_least < abs(gap.value)
    rare = run(
        BINARY,
        [["benign"]] * (n - 2) + [["malignant"]] * 2,
        {"model": np.stack([1 - said / 100, said / 100], axis=1)},
        config=config(criterion="calibration_within_groups", tolerance=0.001),
        attributes={"sex": list(sex)},
    ).fairness
    assert rare.verdict == "not-shown"  # none of F has it: that shows no spread, and proves nothing


def verdict_of(random, n=500):
    """Of a contract that is kept in truth to the letter: every group is answered right as often."""
    truth = random.integers(0, 4, n)
    decided = np.where(random.random(n) < 0.8, truth, (truth + 1) % 4)
    space = LabelSpace(task="multiclass", names=("a", "b", "c", "d"))
    said = answers(np.eye(4, dtype=bool)[truth], np.eye(4)[decided], label_space=space)
    contract = config(attributes=["sex", "age"], tolerance=0.001)
    index = np.arange(n)
    setting = Setting(space, index, n, True, contract, 7)
    values = {"sex": list(random.choice(["F", "M"], n)), "age": list(random.choice(["1", "2", "3"], n))}
    found, _ = fairness(said, setting, values)
    return found


def test_a_contract_that_holds_is_seldom_said_to_fail():
    random = np.random.default_rng(3)
    found = [verdict_of(random) for _ in range(80)]
    failing = sum(one.verdict == "fails" for one in found)
    uncorrected = sum(any(gap.low is not None and gap.low > 0.001 for gap in one.gaps) for one in found)
    assert failing <= 8  # 5 % of 80 are 4
    assert uncorrected > 30
    assert not any(one.verdict == "holds" for one in found)


def test_an_evaluation_with_a_contract_is_read_again():
    found = measured(*two_groups(380, 300))
    assert Evaluation.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"attributes": ["sex", "sex"]},
        {"bands": {"age": [40]}},
        {"attributes": ["age"], "bands": {"age": [40, 40]}},
        {"attributes": ["age"], "bands": {"age": []}},
        {"criterion": []},
        {"criterion": "kindness"},
        {"minimum_n": 5},
        {"tolerance": 0},
    ],
)
def test_settings_that_make_no_contract_are_refused(wrong):
    with pytest.raises(ConfigError):
        FairnessConfig.parse(wrong, section="evaluate.fairness")


def test_a_criterion_may_stand_alone_and_the_digest_is_of_what_it_means():
    alone = FairnessConfig.parse({"attributes": ["sex"], "criterion": "equalized_odds"}, section="x")
    listed = FairnessConfig.parse(
        {"attributes": ["sex"], "criterion": ["equalized_odds"], "tolerance": 0.05}, section="x"
    )
    assert alone.digest == listed.digest
    assert alone.digest != listed.replace(tolerance=0.06).digest


def test_a_label_that_the_question_has_not_is_refused():
    with pytest.raises(ConfigError, match="labels names maligno"):
        measured(*two_groups(380, 300), labels=["maligno"])


@pytest.mark.parametrize("language", ["en", "pt-BR"])
@pytest.mark.parametrize(("found", "tone"), [(300, "bad"), (380, "good"), (360, "warn")])
def test_the_page_says_the_verdict_first(language, found, tone):
    page = scorecard(measured(*two_groups(380, found)), translator=load(language), context={})
    _, _, part = page.partition(
        {
            "en": "Does it answer alike for all groups?",
            "pt-BR": "Responde do mesmo modo para todos os grupos?",
        }[language]
    )
    assert part.index(f'class="verdict {tone}"') < part.index("<svg") < part.index("<details>")
