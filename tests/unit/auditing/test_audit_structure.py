from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bert4text.auditing.checks import CHECKS, Context
from bert4text.auditing.config import AuditConfig
from bert4text.auditing.counts import needed
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.evaluation.intervals import wilson

SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))
WORDS = "nódulo oval circunscrito na mama direita com calcificações finas e agrupadas".split()  # noqa: SIM905


def text(i):
    return " ".join(WORDS[(i * 7 + k) % len(WORDS)] for k in range(6)) + f" caso {'abcdefghij'[i % 10]}{i}"


def report(i, **values):
    given = {"id": str(i), "text": text(i), "labels": (SPACE.names[i % 2],), "source_row": i + 1}
    return Report(**{**given, **values})


def run(check, reports, *, space=SPACE, lengths=None, window=256, **config):
    corpus = Corpus.from_reports(reports, space)
    context = Context(corpus, AuditConfig(**config), seed=7, lengths=lengths, window=window)
    return {issue.code: issue for issue in CHECKS.get(check)(corpus, context)}


def split(i, *names):
    return names[i % len(names)]


# schema


def test_a_clean_corpus_has_no_schema_issue():
    assert run("schema", [report(i) for i in range(20)]) == {}


def test_schema_faults_are_counted_with_rows():
    later = datetime.now(UTC) + timedelta(days=30)
    found = run(
        "schema",
        [
            report(0, text=" \n"),
            report(1, text="ok"),
            report(2, text="LesÃ£o nodular na mama"),
            report(3, labels=None),
            report(4, labels=("outro",)),
            report(5, written_at=later),
            report(6, text="mama direita normal"),
            report(7, text="Mama  DIREITA normal"),
            report(8),
        ],
    )
    severities = {code: issue.severity for code, issue in found.items()}
    assert severities == {
        "empty-text": "error",
        "short-text": "warning",
        "garbled-text": "warning",
        "repeated-text": "warning",
        "unlabelled": "info",
        "unknown-label": "error",
        "future-date": "warning",
    }
    assert found["empty-text"].rows == (1,)
    assert found["repeated-text"].reports == 2
    assert "outro" not in str(found["unknown-label"])


def test_no_labels_at_all_is_an_error():
    assert run("schema", [report(i, labels=None) for i in range(3)])["no-labels"].severity == "error"
    assert "no-labels" in run("schema", [report(1)], space=None)


# class counts


def test_a_class_of_one_report_is_an_error():
    found = run("class-counts", [report(0), report(1), report(2, labels=("benigno",))])
    assert found["class-too-small"].severity == "error"
    assert found["class-too-small"].values["label"] == "maligno"


def test_a_class_missing_in_train_is_an_error():
    reports = [report(i, split="train" if i % 2 == 0 else "test") for i in range(40)]
    assert run("class-counts", reports)["class-not-learned"].severity == "error"


def test_few_reports_in_test_say_how_wide_the_interval_is():
    reports = [report(i, split="test" if i < 20 else "train") for i in range(200)]
    issue = run("class-counts", reports)["class-hard-to-measure"]
    assert issue.severity == "warning"
    assert issue.values["count"] == 10
    assert (issue.values["low"], issue.values["high"]) == (0.49, 0.94)  # Wilson, 8 of 10
    assert issue.values["needed"] == needed(0.8, margin=0.1)


def test_reports_needed_are_the_least_that_reach_the_margin():
    def width(count, share):
        low, high = wilson(share * count, count)
        return high - low

    for share, margin in ((0.8, 0.1), (0.8, 0.05), (0.5, 0.3)):
        count = needed(share, margin=margin)
        assert width(count, share) <= 2 * margin < width(count - 1, share)


def test_enough_reports_are_no_issue():
    assert run("class-counts", [report(i, split=split(i // 2, "train", "test")) for i in range(200)]) == {}


# patients


def test_a_patient_in_two_splits_is_an_error():
    reports = [report(i, patient=f"p{i // 2}", split=split(i, "train", "test")) for i in range(8)]
    issue = run("patients-across-splits", reports)["patient-in-two-splits"]
    assert issue.severity == "error"
    assert issue.values == {"patients": 4, "count": 8}
    assert issue.remedy == {"prepare.split.by": "patient"}


def test_whole_patients_and_unknown_patients():
    reports = [report(i, patient=f"p{i // 2}", split=split(i // 2, "train", "test")) for i in range(8)]
    assert run("patients-across-splits", reports) == {}
    unknown = [report(i, split=split(i, "train", "test")) for i in range(8)]
    assert run("patients-across-splits", unknown)["no-patients"].severity == "info"
    assert run("patients-across-splits", [report(i) for i in range(8)]) == {}


# near duplicates


def long(i):
    return " ".join(f"{word}{(i * 13 + k) % 97}x" for k, word in enumerate(WORDS * 3))


def test_texts_repeated_across_splits():
    reports = [report(i, text=long(i % 10), split=split(i // 10, "train", "test")) for i in range(20)]
    issue = run("near-duplicates", reports)["identical-across-splits"]
    assert issue.severity == "error"
    assert issue.reports == 10


def test_one_repeated_text_in_many_is_a_warning():
    reports = [report(i, text=long(i), split="train" if i < 40 else "test") for i in range(90)]
    reports[89] = report(89, text=long(0).upper(), split="test")
    assert run("near-duplicates", reports)["identical-across-splits"].severity == "warning"


def test_nearly_the_same_across_splits():
    reports = [report(i, text=long(i % 20), split=split(i // 20, "train", "test")) for i in range(40)]
    reports = [r if r.split == "train" else r.model_copy(update={"text": r.text + " fim"}) for r in reports]
    found = run("near-duplicates", reports, similarity=0.8)
    assert found["near-duplicates-across-splits"].severity == "warning"
    assert "identical-across-splits" not in found


def test_different_texts_and_no_splits():
    assert (
        run("near-duplicates", [report(i, text=long(i), split=split(i, "train", "test")) for i in range(40)])
        == {}
    )
    assert run("near-duplicates", [report(i, text=long(1)) for i in range(10)]) == {}


# conflicting labels


def test_the_same_text_under_two_labels():
    reports = [report(i) for i in range(40)]
    reports += [
        report(50, text="mama normal", labels=("benigno",)),
        report(51, text="Mama normal ", labels=("maligno",)),
    ]
    issue = run("conflicting-labels", reports)["same-text-other-label"]
    assert (issue.severity, issue.reports, issue.rows) == ("warning", 2, (51, 52))
    assert run("conflicting-labels", reports[-2:])["same-text-other-label"].severity == "error"
    assert run("conflicting-labels", reports[:40]) == {}


def test_nearly_the_same_text_under_two_labels():
    reports = [report(i, text=long(i) + " " + long(i + 40)) for i in range(40)]
    twins = [
        report(50 + i, text=reports[i].text.upper() + " fim", labels=reports[i + same].labels)
        for i, same in ((0, 1), (1, 0), (2, 0), (3, 1))
    ]
    issue = run("near-duplicates", [*reports, *twins])["near-text-other-label"]
    assert issue.check == "conflicting-labels"
    assert (issue.severity, issue.reports, issue.rows) == ("warning", 4, (1, 4, 51, 54))
    assert issue.values == {"count": 4, "total": 44, "near": 8}
    more = [report(100 + i, text=long(i + 200) + " " + long(i + 250)) for i in range(200)]
    assert run("near-duplicates", [*reports, *more, twins[0]])["near-text-other-label"].severity == "info"


def test_equal_texts_and_equal_labels_are_no_near_conflict():
    reports = [report(i, text=long(i)) for i in range(40)]
    same = [report(50 + i, text=long(i).upper(), labels=reports[i + 1].labels) for i in range(4)]
    agreed = [report(60 + i, text=long(i) + " fim", labels=reports[i].labels) for i in range(4)]
    assert "near-text-other-label" not in run("near-duplicates", [*reports, *same], similarity=0.8)
    assert "near-text-other-label" not in run("near-duplicates", [*reports, *agreed], similarity=0.8)
    unlabelled = [report(50 + i, text=long(i) + " fim", labels=None) for i in range(4)]
    assert "near-text-other-label" not in run("near-duplicates", [*reports, *unlabelled], similarity=0.8)


# synthetic


def test_synthetic_reports_belong_in_train():
    origins = ["real", "synthetic", "synthetic-reviewed"]
    assert run("synthetic", [report(i) for i in range(3)]) == {}
    everything = [report(i, origin="synthetic", split=split(i, "train", "test")) for i in range(4)]
    assert run("synthetic", everything)["all-synthetic"].severity == "info"
    mixed = [report(i, origin=origins[i % 3], split="train" if i % 3 else "test") for i in range(9)]
    assert run("synthetic", mixed)["partly-synthetic"].severity == "info"
    wrong = [report(i, origin=origins[i % 3], split=split(i, "train", "calibration")) for i in range(9)]
    issue = run("synthetic", wrong)["synthetic-held-out"]
    assert issue.severity == "error"
    assert issue.values["splits"] == ["calibration"]


# window


def test_reports_longer_than_the_window_by_class():
    reports = [report(i, text="palavra " * (100 if i % 4 == 0 else 10)) for i in range(40)]
    issue = run("window", reports, lengths=lambda texts: [len(t.split()) for t in texts], window=64)[
        "longer-than-window"
    ]
    assert issue.severity == "warning"
    assert issue.reports == 10
    assert issue.values["longest"] == 100
    assert issue.values["beyond"] == round(10 * 36 / (10 * 100 + 30 * 10), 3)
    assert {e.label: e.reports for e in issue.evidence} == {"benigno": 10, "maligno": 0}


def test_without_a_tokenizer_lengths_are_estimated_and_said_to_be():
    reports = [report(i, text="palavra " * (100 if i == 0 else 10)) for i in range(40)]
    issue = run("window", reports, window=64)["longer-than-window-estimated"]
    assert issue.severity == "info"
    assert "about" in str(issue)
    assert run("window", [report(i) for i in range(10)]) == {}


@pytest.mark.parametrize("check", CHECKS.names())
def test_every_check_bears_an_empty_and_an_unlabelled_corpus(check):
    assert all(issue.check for issue in run(check, []).values())
    run(check, [report(i, labels=None) for i in range(12)])
    run(check, [report(1)], space=None)
