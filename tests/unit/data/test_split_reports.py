from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, SchemaError
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.data.config import SplitConfig
from bert4text.data.split import split_corpus
from bert4text.data.stratify import join_groups

SPACE = LabelSpace(task="multiclass", names=("a", "b", "c"))
DAY = datetime(2025, 1, 1, tzinfo=UTC)


def reports(n=200, *, per_patient=2, labels="aaaaaaabbc", **columns):
    random = rng(1, "tests.split")
    return [
        Report(
            id=f"R{i}",
            text=f"laudo número {i}",
            labels=(labels[int(random.integers(len(labels)))],),
            patient=None if not per_patient else f"p{i // per_patient}",
            source_row=i + 1,
            **{name: value(i) for name, value in columns.items()},
        )
        for i in range(n)
    ]


def split(given, *, seed=7, **config):
    corpus = Corpus.from_reports(given, SPACE)
    done = split_corpus(corpus, SplitConfig.parse(config, section="prepare.split"), seed=seed)
    return {report.id: report.split for report in done}, done


shares = (
    st.tuples(*[st.integers(0, 10)] * 4)
    .filter(lambda parts: sum(parts) > 0)
    .map(
        lambda parts: dict(
            zip(
                ("train", "validation", "calibration", "test"),
                (part / sum(parts) for part in parts),
                strict=True,
            )
        )
    )
)
members = st.lists(
    st.tuples(
        st.integers(0, 12), st.sampled_from("abc"), st.integers(0, 40), st.sampled_from(["s", "t", None])
    ),
    min_size=1,
    max_size=60,
)


@given(members, shares, st.sampled_from(["patient", "time", "site", "none"]), st.integers(0, 3))
@settings(deadline=None, max_examples=80)
def test_every_report_is_in_a_split_and_no_patient_in_two(rows, proportions, by, seed):
    given_reports = [
        Report(
            id=str(i),
            text=f"t{text}",
            labels=(label,),
            patient=f"p{patient}" if patient else None,
            site=site or "x",
            written_at=DAY + timedelta(days=text),
        )
        for i, (patient, label, text, site) in enumerate(rows)
    ]
    found, _ = split(given_reports, seed=seed, by=by, **proportions)
    assert {name for name in found.values() if proportions[name] == 0} == set()
    if by != "none":
        homes = {}
        for report in given_reports:
            homes.setdefault(report.patient or f"alone-{report.id}", set()).add(found[report.id])
        assert all(len(home) == 1 for home in homes.values())
    if by == "site":
        for site in {report.site for report in given_reports}:
            assert len({found[report.id] for report in given_reports if report.site == site}) == 1


@given(st.randoms(use_true_random=False), st.sampled_from(["patient", "time", "none"]))
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_does_not_matter(random, by):
    given_reports = reports(60, written_at=lambda i: DAY + timedelta(days=i // 7))
    mixed = list(given_reports)
    random.shuffle(mixed)
    assert split(given_reports, by=by)[0] == split(mixed, by=by)[0]


def test_neither_pseudonyms_nor_new_ids_matter_but_the_seed_does():
    given_reports = reports()
    other = [report.model_copy(update={"patient": f"other-{report.patient}"}) for report in given_reports]
    assert split(given_reports)[0] == split(other)[0]
    renamed = [report.model_copy(update={"id": f"N{report.id}"}) for report in given_reports]
    assert list(split(given_reports)[0].values()) == list(split(renamed)[0].values())
    assert split(given_reports, seed=8)[0] != split(given_reports)[0]


@pytest.mark.parametrize("per_patient", [0, 1, 3])
def test_shares_of_every_label_are_kept(per_patient):
    given_reports = reports(600, per_patient=per_patient)
    found, _ = split(given_reports)
    whole = Counter(report.labels[0] for report in given_reports)
    for name, share in SplitConfig.parse({}, section="s").shares.items():
        part = Counter(report.labels[0] for report in given_reports if found[report.id] == name)
        for label, count in whole.items():
            assert abs(part[label] - share * count) <= (1 if per_patient < 2 else 4)


def test_a_rare_class_reaches_the_test_split():
    given_reports = [
        report.model_copy(update={"labels": ("a" if i >= 5 else "c",)})
        for i, report in enumerate(reports(100, per_patient=0))
    ]
    found, _ = split(given_reports)
    rare = Counter(found[report.id] for report in given_reports if report.labels == ("c",))
    assert rare["train"] == 3
    assert rare["test"] == 1


def test_by_time_the_latest_are_in_test():
    given_reports = reports(100, per_patient=0, written_at=lambda i: DAY + timedelta(days=i))
    found, _ = split(given_reports, by="time")
    assert list(found.values()) == ["train"] * 70 + ["validation"] * 10 + ["calibration"] * 10 + ["test"] * 10


def test_by_time_or_site_without_any():
    for by, code in (("time", "no-date"), ("site", "no-site")):
        with pytest.raises(SchemaError) as caught:
            split(reports(20), by=by)
        assert caught.value.error_code == code


def test_given_splits_stay_and_missing_ones_come_from_train():
    given_reports = reports(200, split=lambda i: "test" if i < 40 else "train")
    found, done = split(given_reports)
    assert {found[f"R{i}"] for i in range(40)} == {"test"}
    assert set(list(found.values())[40:]) == {"train", "validation", "calibration"}
    assert done.splits["validation"] == pytest.approx(160 / 9, abs=2)
    full = [
        report.model_copy(update={"split": name})
        for report, name in zip(reports(4), ("train", "validation", "calibration", "test"), strict=True)
    ]
    assert list(split(full)[0].values()) == ["train", "validation", "calibration", "test"]
    only_test = [report.model_copy(update={"split": "test"}) for report in reports(4)]
    assert set(split(only_test)[0].values()) == {"test"}


def test_a_report_without_split_follows_its_patient():
    given_reports = reports(
        40, per_patient=2, split=lambda i: "test" if i == 0 else None if i < 3 else "train"
    )
    found, _ = split(given_reports, train=1, validation=0, calibration=0, test=0)
    assert found["R1"] == "test"
    assert found["R2"] == "train"


def test_unlabelled_reports_are_in_no_split():
    given_reports = [
        report.model_copy(update={"labels": None}) if i < 5 else report
        for i, report in enumerate(reports(50, split=lambda i: None))
    ]
    found, _ = split(given_reports)
    assert [found[f"R{i}"] for i in range(5)] == [None] * 5
    assert None not in list(found.values())[5:]
    nothing = [report.model_copy(update={"labels": None}) for report in reports(5)]
    assert set(split(nothing)[0].values()) == {None}


def test_groups_join_through_either_name():
    groups = join_groups(["s", "s", "t", None, None], [None, "p", "p", "q", None])
    assert groups[0] == groups[1] == groups[2]
    assert len({groups[0], groups[3], groups[4]}) == 3


def test_shares_must_sum_to_one():
    with pytest.raises(ConfigError, match="sum to 1"):
        SplitConfig.parse({"train": 0.9}, section="prepare.split")
