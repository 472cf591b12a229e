"""Splits of reports that have several labels: each label's share is kept, rare ones first, patients whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.data.config import SplitConfig
from bert4text.data.split import split_corpus
from bert4text.data.stratify import Unit, stratify

NAMES = tuple("abcdefgh")
SHARES = SplitConfig.parse({}, section="prepare.split").shares
OFTEN = np.geomspace(0.5, 0.02, len(NAMES))


def reports(seed, n=300):
    """Some of eight labels, from half of the reports to one in fifty; patients with one to five reports."""
    random = np.random.default_rng(seed)
    patients = np.repeat(np.arange(n), random.integers(1, 6, size=n))[:n]
    held = random.random((n, len(NAMES))) < OFTEN
    return [
        Report(
            id=f"R{i}",
            text=f"laudo {i}",
            labels=tuple(name for name, has in zip(NAMES, held[i], strict=True) if has),
            patient=f"p{patients[i]}",
        )
        for i in range(n)
    ]


def split(made, *, seed=7, **config):
    corpus = Corpus.from_reports(made, LabelSpace(task="multilabel", names=NAMES))
    done = split_corpus(corpus, SplitConfig.parse(config, section="prepare.split"), seed=seed)
    return {report.id: report.split for report in done}


def astray(made, found):
    """``{label: reports}``: how far each label is from its shares, summed over splits."""
    counts = Counter((found[one.id], label) for one in made for label in one.labels)
    whole = Counter(label for one in made for label in one.labels)
    return {
        label: sum(abs(counts[name, label] - share * n) for name, share in SHARES.items())
        for label, n in whole.items()
    }


def at_random(made, seed):
    """Patients in any order, dealt until each split has its reports."""
    patients = sorted({one.patient for one in made})
    np.random.default_rng(seed).shuffle(patients)
    edges = np.cumsum(list(SHARES.values())) * len(patients)
    home = {name: int(np.searchsorted(edges, place, "right")) for place, name in enumerate(patients)}
    return {one.id: list(SHARES)[home[one.patient]] for one in made}


rows = st.lists(
    st.tuples(st.integers(0, 9), st.frozensets(st.sampled_from(NAMES), max_size=5)), min_size=1, max_size=50
)


@given(rows, st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_every_report_once_and_no_patient_in_two_splits(drawn, seed):
    made = [
        Report(id=str(i), text=f"t{i}", labels=tuple(sorted(labels)), patient=f"p{patient}")
        for i, (patient, labels) in enumerate(drawn)
    ]
    found = split(made, seed=seed)
    assert found.keys() == {one.id for one in made}
    assert set(found.values()) <= set(SHARES)
    homes = {(one.patient, found[one.id]) for one in made}
    assert len(homes) == len({one.patient for one in made})


@pytest.mark.parametrize("seed", range(8))
def test_shares_of_reports_and_of_every_label_are_kept(seed):
    made = reports(seed)
    found = split(made)
    counts = Counter(found.values())
    for name, share in SHARES.items():
        assert abs(counts[name] / len(made) - share) <= 0.03
    whole = Counter(label for one in made for label in one.labels)
    assert all(far <= 3 + 0.05 * whole[label] for label, far in astray(made, found).items())


@pytest.mark.parametrize("seed", range(8))
def test_labels_are_spread_no_worse_than_at_random(seed):
    made = reports(seed)
    dealt = astray(made, split(made))
    drawn = [astray(made, at_random(made, number)) for number in range(20)]
    for label, far in dealt.items():
        assert far <= np.mean([one[label] for one in drawn])
    assert sum(dealt.values()) <= min(sum(one.values()) for one in drawn)


def test_ten_reports_of_a_rare_label_reach_every_split():
    made = [
        one.model_copy(update={"labels": (*(one.labels or ()), "rare"), "patient": None}) if i < 10 else one
        for i, one in enumerate(reports(1))
    ]
    space = LabelSpace(task="multilabel", names=(*NAMES, "rare"))
    done = split_corpus(
        Corpus.from_reports(made, space), SplitConfig.parse({}, section="prepare.split"), seed=7
    )
    rare = Counter(report.split for report in done if "rare" in (report.labels or ()))
    assert rare == {"train": 7, "validation": 1, "calibration": 1, "test": 1}


def test_the_seed_decides_and_the_order_of_rows_does_not():
    made = reports(2)
    mixed = list(made)
    np.random.default_rng(0).shuffle(mixed)
    assert split(made) == split(mixed)
    assert split(made) != split(made, seed=8)


def test_folds_by_any_name_are_equally_large_and_hold_each_label():
    made = [
        Unit((place,), Counter(one.labels or ("",)), f"{place:04d}".encode())
        for place, one in enumerate(reports(3))
    ]
    dealt = stratify(made, dict.fromkeys("0123", 1.0))
    sizes = Counter(dealt.values())
    assert max(sizes.values()) - min(sizes.values()) <= 6
    for name in NAMES:
        held = Counter(dealt[unit.members[0]] for unit in made if unit.labels[name])
        assert max(held.values()) - min(held[fold] for fold in "0123") <= 3
