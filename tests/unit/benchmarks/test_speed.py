"""What the benchmarks of speed give their systems, and how answers are judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.speed.answering import Answering, batches
from benchmarks.speed.encoders import Shape
from benchmarks.speed.memory import summed
from benchmarks.speed.padded import probabilities
from benchmarks.speed.quality import Quality
from benchmarks.speed.reports import count, made, mixed, of_corpus
from benchmarks.speed.systems import STUDENTS, SYSTEMS, bundles, chosen
from tokenizers import Tokenizer

from bert4text.core.corpus import Corpus
from bert4text.data.write import write_corpus


@pytest.fixture
def tokenizer(tiny_encoder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(tiny_encoder / "tokenizer.json"))


def test_made_reports_have_exactly_the_tokens_asked_for(tokenizer: Tokenizer) -> None:
    lengths = [20, 70, 200, 33]
    lot = made(tokenizer, lengths, seed=3)
    assert list(lot.tokens) == lengths
    assert [count(tokenizer, text) for text in lot.texts] == lengths
    assert lot == made(tokenizer, lengths, seed=3)
    assert lot != made(tokenizer, lengths, seed=4)


def test_mixed_lengths_fit_the_window() -> None:
    lengths = mixed(200, longest=64, seed=3)
    assert max(lengths) <= 64
    assert len(set(lengths)) > 10


def test_reports_of_a_corpus_are_those_of_test_cut_to_a_window(
    tokenizer: Tokenizer, corpus: Corpus, tmp_path: Path
) -> None:
    write_corpus(corpus, tmp_path / "corpus.parquet", overwrite=False)
    lot, digest = of_corpus(tokenizer, tmp_path, window=12, at_most=5)
    test = [report for report in corpus if report.split == "test"][:5]
    assert digest == corpus.fingerprint
    assert lot.labels == tuple(report.labels[0] for report in test if report.labels)
    assert all(report.text.startswith(text) for report, text in zip(test, lot.texts, strict=True))
    assert all(0 < tokens <= 12 for tokens in lot.tokens)


def test_answers_come_together_or_one_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "texts.json").write_text(json.dumps({"few": ["a", "b", "c"]}))
    asked: list[Sequence[str]] = []

    def answer(texts: Sequence[str]) -> list[list[float]]:
        asked.append(texts)
        return [[0.5, 0.5] for _ in texts]

    given = {"folder": str(tmp_path), "texts": "few", "reports": 2}
    together, one = (Answering({**given, "one": each}, answer) for each in (False, True))
    assert set(together.round()) == {"reports/s"}
    assert set(one.round()) == {"p50 ms", "p95 ms"}
    assert asked == [["a", "b"], ["a"], ["b"]]
    assert together.facts() == one.facts() == {"answers": [[0.5, 0.5], [0.5, 0.5]]}


def test_batches_keep_the_order() -> None:
    assert batches(["a", "b", "c"], 2) == [["a", "b"], ["c"]]


def test_logits_become_probabilities() -> None:
    logits = np.array([[0.0, 0.0], [1000.0, 0.0]], dtype=np.float32)
    assert probabilities(logits, many=False).tolist() == [[0.5, 0.5], [1.0, 0.0]]
    assert probabilities(logits[:1], many=True).tolist() == [[0.5, 0.5]]


def test_answers_are_held_against_those_of_the_run(tmp_path: Path) -> None:
    kept = {"labels": ["a", "b"], "task": "binary", "answers": {"few": [[0.9, 0.1]] * 6 + [[0.3, 0.7]] * 6}}
    (tmp_path / "reference.json").write_text(json.dumps(kept))
    quality = Quality(tmp_path, {"few": ["a"] * 6 + ["b"] * 6})
    same = quality.of("few", kept["answers"]["few"])
    assert same == {"agreement": 1.0, "difference": 0.0, "macro_f1": 1.0}
    other = quality.of("few", [[0.9, 0.1]] * 9 + [[0.3, 0.7]] * 3)
    assert other["agreement"] == 0.75
    assert other["difference"] == pytest.approx(0.6)
    assert other["macro_f1"] < 0.8
    assert quality.of("few", [[float("nan"), 0.1]]) == {"agreement": 0.0}


def test_the_work_of_a_report_is_counted_by_its_shape() -> None:
    shape = Shape(layers=6, width=384, inner=1536)
    linear = 2 * 100 * 6 * (4 * 384**2 + 2 * 384 * 1536)
    attention = 2 * 100**2 * 6 * 2 * 384
    assert shape.gflop([100]) == pytest.approx((linear + attention) / 1e9)
    assert shape.products(5) == [(5, 384, 384), (5, 384, 1536), (5, 1536, 384)]


def test_systems_are_chosen_by_name_and_batches_left_out_one_at_a_time() -> None:
    assert chosen(None, one=False, student=True) == SYSTEMS
    assert not {system.name for system in chosen(None, one=False)} & set(STUDENTS)
    assert "transformers-32" not in {system.name for system in chosen(None, one=True)}
    assert bundles(chosen(["transformers-8", "ours-int8"], one=False)) == ["torch", "onnx-int8"]
    small = chosen(["student-int8"], one=False, student=True)
    assert bundles(small) == ["torch", "student/onnx-int8"]
    with pytest.raises(SystemExit, match="no such system: theirs"):
        chosen(["theirs"], one=False)


def test_peaks_are_set_against_that_of_ten_thousand_reports() -> None:
    runs = [
        {"case": f"{size} reports, csv", "system": "predict", "round": number, **told}
        for size, peak in (("10,000", 200.0), ("1,000,000", 230.0))
        for number, told in ((0, {"reports/s": 5.0}), (None, {"peak_mib": peak}))
    ]
    rows = [row for row in summed(runs) if row["measure"] == "MiB"]
    assert [row["ratio_to"]["10,000 reports"]["median"] for row in rows] == [1.0, 1.15]
