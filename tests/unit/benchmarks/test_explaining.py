"""Benchmarks of explanations: what models learn from, what is summed up, and how SHAP is asked."""

from __future__ import annotations

import csv
import os
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks.environments import pinned
from benchmarks.explanation import completeness, models, rationales, shapley
from benchmarks.explanation.models import Learned, held_out, rows_of
from benchmarks.speed import explain as speed_explain
from benchmarks.speed import stress as speed_stress


@pytest.fixture
def table(tmp_path):
    """A set with a rare label, a long report and a part that is no split."""
    rows = (
        [("train", "a"), ("train", "b")] * 20 + [("train", "rare")] * 3 + [("dev", "a"), ("test", "rare")] * 4
    )
    rows += [("test2", "a")] * 2
    (tmp_path / "made").mkdir()
    with (tmp_path / "made" / "made.csv").open("w", encoding="utf-8", newline="") as stream:
        written = csv.writer(stream)
        written.writerow(["id", "text", "label", "split"])
        written.writerows(
            [i, "um laudo " * (40 if i == 0 else 1), label, split] for i, (split, label) in enumerate(rows)
        )
    return tmp_path


def asked(**more):
    return Learned("made", "made.csv", "minilm", **{"reports": 43, "explained": 2, "measured": 1, **more})


def test_a_model_is_given_labels_that_it_can_learn_and_no_other_part(table):
    given = models._learned(rows_of(asked(), table), 43)
    assert {row["split"] for row in given} == {"train", "dev"}  # test holds the rare label alone
    assert {row["label"] for row in given} == {"a", "b"}
    assert len(given) == 40 + 4


def test_long_reports_are_left_out_where_a_set_says_so(table):
    assert len(rows_of(asked(longest=5), table)) == len(rows_of(asked(), table)) - 1
    assert all(row["split"] != "train" for row in held_out(asked(), table))


def run_of(case, system, **more):
    return {"case": case, "system": system, "tokens": 20, "seconds": 1.0, "seconds_of_measure": 0.5, **more}


def test_a_first_look_is_measured_on_two_sets_and_all_sets_are_summed_up():
    assert completeness._methods("hatebr_pt") == list(completeness.METHODS)
    assert completeness._methods("nubes_es") == ["gradients", "occlusion"]
    runs = [
        run_of("nubes_es", system, beyond_random=value, **more)
        for value in (0.1, 0.3)
        for system, more in (("gradients", {"steps": 16, "error": value / 20}), ("occlusion", {}))
    ]
    told = completeness._summary(runs)
    assert [(row["case"], row["system"]) for row in told] == [
        ("nubes_es", "gradients"),
        ("nubes_es", "occlusion"),
        ("all", "gradients"),
    ]
    assert told[-1] == {"case": "all", "system": "gradients", "reports": 2, "within_1_percent": 0.5}
    assert told[1]["beyond_gradients"] == (0.0, 0.0, 0.0)  # the same values, report by report
    assert told[0]["low"] < told[0]["beyond_random"] == 0.2 < told[0]["high"]


def test_agreement_is_that_of_as_many_words_as_were_marked():
    marked = np.array([True, False, True, False])
    assert rationales._agreement(np.array([3.0, 1.0, 2.0, 0.0]), marked) == {"token_f1": 1.0, "auprc": 1.0}
    assert rationales._agreement(np.array([3.0, 2.0, 1.0, 0.0]), marked)["token_f1"] == 0.5


def test_speed_is_told_beside_what_was_promised():
    seconds = {way: 4.0 if way == speed_explain.WHOLE else 1.0 for way in speed_explain.WAYS}
    runs = [
        {
            "system": way,
            "tokens": 200,
            "seconds": value,
            **({} if way == "occlusion" else {"steps": 8, "error": 0.5}),
        }
        for way, value in seconds.items()
        for _ in range(3)
    ]
    rows = {row["system"]: row for row in speed_explain.summary(runs)}
    assert rows[speed_explain.WHOLE]["goal"] == 6.0
    assert rows["occlusion"]["ratio_to"][speed_explain.WHOLE]["median"] == 0.25
    assert "goal 1.5 s" in speed_explain.table(list(rows.values()))


def test_stress_is_compared_test_by_test():
    def run(system, seconds, tests, reports):
        told = {"system": system, "seconds": seconds, "tests": tests, "reports": reports}
        return {**told, "case": f"{reports} reports", "perturbations": 20}

    small, whole = speed_stress.summary([run("int8", 200.0, 20_000, 1000), run("float32", 60.0, 2000, 100)])
    assert (small["goal"], whole["goal"]) == (300.0, None)
    assert whole["ratio_to"]["int8"]["median"] == 3.0
    assert speed_stress.summary([run("int8", 1.0, 100, 40), run("float32", 1.0, 50, 20)])[0]["goal"] is None


def test_twenty_perturbations_are_timed():
    assert len(set(speed_stress.TIMED)) == 20


def test_what_a_rival_holds_is_pinned():
    assert pinned("shap")[0].startswith("shap==")


FAKE = """
class maskers:
    class Text:
        def __init__(self, tokenizer):
            self.tokenizer = tokenizer

class Left:
    def __init__(self, answers, masker):
        self.answers, self.tokenizer = answers, masker.tokenizer

    def __call__(self, texts, max_evals=500, silent=False):
        (text,) = texts
        cut = self.tokenizer(text, return_offsets_mapping=True)
        assert "".join(text[a:b] for a, b in cut["offset_mapping"]).replace(" ", "") == text.replace(" ", "")
        left = [text[:a] + text[b:] for a, b in cut["offset_mapping"]]
        print("libraries print")
        whole = self.answers([text])[0]
        self.values = [[whole - one for one in self.answers(left)]]
        return self

class explainers:
    Partition = Permutation = Left
"""


class Answers:
    """Says yes where a word stands."""

    def probabilities(self, texts):
        yes = np.array([0.9 if "ruim" in text else 0.2 for text in texts])
        return np.column_stack([1 - yes, yes])


@pytest.mark.parametrize("how", ["partition", "permutation"])
def test_shap_is_asked_in_a_process_of_its_own(tmp_path, monkeypatch, how):
    (tmp_path / "shap.py").write_text(textwrap.dedent(FAKE), encoding="utf-8")
    before = shapley.environment

    def environment(**given):
        own = before(**given)
        return {**own, "PYTHONPATH": os.pathsep.join([str(tmp_path), own["PYTHONPATH"]])}

    monkeypatch.setattr(shapley, "rival_python", lambda name, folder: Path(sys.executable))
    monkeypatch.setattr(shapley, "environment", environment)
    text = "(um dia ruim!)"
    with shapley.Shap(tmp_path, seed=1) as shap:
        values = shap.values(Answers(), text, [(1, 3), (4, 7), (8, 12)], label=1, how=how)
        assert shap.calls == 4
        again = shap.values(Answers(), text, [(1, 3), (4, 7), (8, 12)], label=0, how=how)
    wanted = np.log(0.9 / 0.1) - np.log(0.2 / 0.8)
    assert values == pytest.approx([0, 0, wanted])
    assert again == pytest.approx([0, 0, -wanted])


def test_a_method_is_set_against_chance_and_against_ours():
    runs = [
        {"comment": n, "system": system, "token_f1": value, "auprc": value, "calls": 2, "seconds": 0.5}
        for n in range(4)
        for system, value in (
            ("random", 0.5),
            (rationales.OURS, 0.7 + n / 100),
            ("SHAP, partition", 0.7 - n / 100),
        )
    ]
    told = rationales._summed(runs, "SHAP, partition")
    assert told["token_f1_beyond_random"] == pytest.approx(0.185)
    middle, low, high = told["auprc_beyond_ours"]
    assert low < middle < high
    assert middle == pytest.approx(-0.03)
    assert "auprc_beyond_ours" not in rationales._summed(runs, rationales.OURS)
