from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from bert4text.auditing.checks import Context
from bert4text.auditing.config import AuditConfig
from bert4text.auditing.groups import check_groups
from bert4text.auditing.skeletons import check_templates, skeleton
from bert4text.auditing.timing import check_time
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report

SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))
START = datetime(2020, 1, 1, tzinfo=UTC)


def report(i, **values):
    given = {"id": str(i), "text": f"laudo {i}", "labels": (SPACE.names[i % 2],), "source_row": i + 1}
    return Report(**{**given, **values})


def run(check, reports, *, space=SPACE, **config):
    corpus = Corpus.from_reports(reports, space)
    return {issue.code: issue for issue in check(corpus, Context(corpus, AuditConfig(**config), seed=7))}


# episodes


def torn(i, **values):
    return report(i, episode=f"e{i // 2}", split=("train", "test")[i % 2], **values)


def test_an_episode_in_two_splits_where_no_patient_is_known():
    reports = [torn(i) for i in range(6)] + [report(i, split="train") for i in range(6, 12)]
    issue = run(check_groups, reports)["episode-in-two-splits"]
    assert (issue.severity, issue.values) == ("error", {"episodes": 3, "count": 6})
    assert issue.rows == (1, 2, 3, 4, 5, 6)
    assert issue.remedy is None
    assert "column of the episode" in str(issue)


def test_an_episode_torn_with_its_patient_is_mended_by_patient():
    issue = run(check_groups, [torn(i, patient=f"p{i // 4}") for i in range(8)])["episode-in-two-splits"]
    assert issue.remedy == {"prepare.split.by": "patient"}


def test_a_number_of_an_episode_under_several_whole_patients_is_a_note():
    found = run(check_groups, [torn(i, patient=f"p{i}") for i in range(8)])
    assert {code: issue.severity for code, issue in found.items()} == {"episode-of-several-patients": "info"}


def test_each_site_numbers_its_own_episodes():
    reports = [torn(i, site=f"hospital {i % 2}") for i in range(8)]
    assert run(check_groups, reports) == {}


def test_whole_episodes_and_no_splits():
    assert run(check_groups, [torn(i).model_copy(update={"split": "train"}) for i in range(8)]) == {}
    assert run(check_groups, [torn(i).model_copy(update={"split": None}) for i in range(8)]) == {}


# sites


def placed(i, site, split):
    return report(i, site=site, split=split)


def test_every_site_in_train_and_test_is_a_note():
    issue = run(check_groups, [placed(i, f"s{i % 3}", ("train", "test")[i // 3 % 2]) for i in range(30)])[
        "sites-in-all-splits"
    ]
    assert (issue.severity, issue.values) == ("info", {"sites": 3})
    assert issue.remedy == {"prepare.split.by": "site"}


def test_one_site_says_nothing_of_another():
    found = run(check_groups, [placed(i, "s", ("train", "test")[i % 2]) for i in range(10)])
    assert list(found) == ["one-site"]


def test_test_reports_of_sites_not_learned_beside_known_ones():
    reports = [placed(i, f"s{i % 2}", "train") for i in range(40)]
    reports += [placed(40 + i, "s0" if i else "new", "test") for i in range(20)]
    issue = run(check_groups, reports)["sites-not-learned"]
    assert (issue.severity, issue.rows) == ("info", (41,))
    more = [*reports, *(placed(80 + i, "other", "test") for i in range(3))]
    issue = run(check_groups, more)["sites-not-learned"]
    assert (issue.severity, issue.values) == ("warning", {"count": 4, "total": 23, "sites": 2})


def test_a_split_by_site_and_a_column_that_names_no_sites():
    by_site = [placed(i, f"s{i % 4}", "test" if i % 4 == 0 else "train") for i in range(40)]
    assert run(check_groups, by_site) == {}
    names = [placed(i, f"s{i // 2 if i < 4 else i}", ("train", "test")[i % 2]) for i in range(40)]
    assert run(check_groups, names) == {}
    few = [placed(i, "s" if i < 4 else None, ("train", "test")[i % 2]) for i in range(40)]
    assert run(check_groups, few) == {}


# time


def dated(i, day, split, **values):
    return report(i, written_at=START + timedelta(days=int(day)), split=split, **values)


def by_time(*, late=0):
    return [dated(i, 900 + i if i < late else i, "train" if i < 300 else "test") for i in range(400)]


def test_training_reports_younger_than_test_in_a_split_by_time():
    assert run(check_time, by_time()) == {}
    issue = run(check_time, by_time(late=9))["younger-in-train"]
    assert (issue.severity, issue.values) == ("warning", {"count": 9, "total": 300})
    assert issue.rows == tuple(range(1, 10))
    assert issue.remedy == {"prepare.split.by": "time"}


def test_earlier_reports_of_test_patients_belong_to_a_split_by_time():
    reports = by_time() + [dated(1000 + i, i, "test", patient=f"p{i}") for i in range(60)]
    for i in range(60):
        reports.append(dated(2000 + i, 350, "test", patient=f"p{i}"))
    assert run(check_time, reports) == {}


def test_a_test_split_older_than_train():
    reports = [dated(i, 400 - i, "train" if i < 300 else "test") for i in range(400)]
    issue = run(check_time, reports)["test-is-older"]
    assert (issue.severity, issue.values) == ("warning", {"count": 300, "total": 300})


def test_a_random_split_tells_of_its_own_years():
    random = np.random.default_rng(7)
    days = random.integers(0, 1400, size=500)
    reports = [dated(i, day, "test" if i % 5 == 0 else "train") for i, day in enumerate(days)]
    issue = run(check_time, reports)["same-years"]
    assert (issue.severity, issue.values) == ("info", {"first": 2020, "last": 2023})
    assert issue.remedy == {"prepare.split.by": "time"}
    short = [dated(i, day // 4, "test" if i % 5 == 0 else "train") for i, day in enumerate(days)]
    assert run(check_time, short) == {}


def test_undated_reports_say_nothing_of_time():
    reports = [report(i, split=("train", "test")[i % 2]) for i in range(100)]
    assert run(check_time, reports) == {}
    few = [dated(i, 40 * i, one.split) if i < 45 else one for i, one in enumerate(reports)]
    assert run(check_time, few) == {}


# templates

PHRASES = (
    "mamas de composição heterogênea sem distorção pele e papila de aspecto habitual linfonodos axilares "
    "de morfologia preservada calcificações vasculares esparsas observa-se nódulo oval circunscrito medindo"
)


def varied(i):
    random = np.random.default_rng(i)
    return " ".join(random.choice(PHRASES.split(), size=30))


def filled(i):
    side = ("direita", "esquerda")[i % 2]
    return PHRASES + f" {i % 7},{i} mm no quadrante superior da mama {side}, {i} cm da papila"


def classed(i, text):
    return report(i, text=text, labels=("benigno",))


def test_a_template_that_covers_most_of_a_class():
    reports = [classed(i, filled(i) if i < 30 else varied(i)) for i in range(50)]
    reports += [report(100 + i, text=varied(100 + i), labels=("maligno",)) for i in range(50)]
    issue = run(check_templates, reports)["template-of-class"]
    assert issue.severity == "warning"
    assert issue.values == {"label": "benigno", "count": 30, "total": 50, "share": 0.6, "distinct": 21}
    assert issue.rows == tuple(range(1, 21))
    assert "benigno" in str(issue)


def test_what_is_alike_outside_the_template_counts_once():
    reports = [classed(i, filled(i) if i < 30 else varied(i % 10)) for i in range(50)]
    assert run(check_templates, reports)["template-of-class"].values["distinct"] == 11


def test_templates_of_half_a_class_or_of_few_reports_pass():
    assert run(check_templates, [classed(i, filled(i) if i < 25 else varied(i)) for i in range(50)]) == {}
    assert run(check_templates, [classed(i, filled(i)) for i in range(19)]) == {}
    assert run(check_templates, [classed(i, varied(i)) for i in range(50)]) == {}


def test_a_skeleton_has_no_numbers_case_or_accents():
    assert skeleton("Nódulo de 1,5 cm e 12 mm") == skeleton("NODULO de 7 cm e 3.25 mm")


def test_the_checks_of_structure_bear_empty_and_unlabelled_corpora():
    for check in (check_groups, check_time, check_templates):
        assert run(check, []) == {}
        assert run(check, [report(i, labels=None) for i in range(12)]) == {}
        assert run(check, [report(1)], space=None) == {}
