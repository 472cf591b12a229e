"""Batches: nothing lost, little padded, the order a function of seed and epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend
from bert4text.training.batches import Examples, draw_windows, epoch_order, parts, tokenize

lengths = st.lists(st.integers(1, 500), min_size=1, max_size=300).map(lambda v: np.array(v, dtype=np.int64))


@given(lengths, st.integers(1, 40), st.integers(0, 5))
def test_an_epoch_sees_each_report_once(sizes, batch_size, epoch):
    order = epoch_order(sizes, batch_size=batch_size, seed=3, epoch=epoch)
    assert sorted(np.concatenate(order).tolist()) == list(range(len(sizes)))
    assert max(map(len, order)) <= batch_size
    assert len(order) == -(-len(sizes) // batch_size)


def test_order_depends_on_seed_and_epoch_alone():
    sizes = np.random.default_rng(1).integers(5, 200, 400)
    same = [epoch_order(sizes, batch_size=16, seed=7, epoch=2) for _ in range(2)]
    assert all((a == b).all() for a, b in zip(*same, strict=True))
    for other in (
        epoch_order(sizes, batch_size=16, seed=8, epoch=2),
        epoch_order(sizes, batch_size=16, seed=7, epoch=3),
    ):
        assert any(len(a) != len(b) or (a != b).any() for a, b in zip(same[0], other, strict=True))


def test_buckets_pad_little():
    sizes = np.random.default_rng(1).integers(20, 200, 1000)
    order = epoch_order(sizes, batch_size=16, seed=7, epoch=0)
    padded = sum(len(step) * int(sizes[step].max()) for step in order)
    assert padded < 1.1 * sizes.sum()


@given(
    st.lists(st.tuples(st.integers(1, 64), st.integers(1, 5)), min_size=1, max_size=40), st.integers(16, 400)
)
def test_parts_cover_the_step_within_the_budget(reports, tokens):
    longest = np.array([width for width, _ in reports], dtype=np.int64)
    windows = np.array([count for _, count in reports], dtype=np.int64)
    found = parts(longest, windows, tokens=tokens)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(reports)))
    for part in found:
        assert len(part) == 1 or windows[part].sum() * longest[part].max() <= tokens


@given(st.lists(st.integers(1, 12), min_size=1, max_size=20), st.integers(1, 12), st.integers(0, 3))
def test_windows_are_drawn_within_their_report(counts, most, epoch):
    starts = np.cumsum([0, *counts])
    examples = Examples([[0]] * int(starts[-1]), starts, np.zeros(len(counts), dtype=np.int64))
    drawn = draw_windows(examples, most=most, seed=1, epoch=epoch)
    for report, windows in enumerate(drawn):
        assert len(windows) == min(counts[report], most) == len(set(windows.tolist()))
        assert (np.diff(windows) > 0).all()
        assert windows.min() >= starts[report]
        assert windows.max() < starts[report + 1]


def test_windows_are_drawn_anew_in_each_epoch():
    starts = np.array([0, 400])
    examples = Examples([[0]] * 400, starts, np.zeros(1, dtype=np.int64))
    first, again, second = (draw_windows(examples, most=8, seed=1, epoch=epoch)[0] for epoch in (0, 0, 1))
    assert (first == again).all()
    assert (first != second).any()


def test_training_reads_the_windows_that_answers_read(tiny_encoder, corpus):
    encoder = load_encoder(str(tiny_encoder), labels=corpus.label_space, seed=1)
    backend = TorchBackend(encoder.model, encoder.tokenizer, window=16, stride=6)
    texts = [*corpus.texts[:5], "oval " * 60, ""]
    examples = tokenize(backend, texts, np.zeros(len(texts), dtype=np.int64))
    logits, _ = backend.run(examples.rows)
    expected = backend.forward(texts)
    assert (np.diff(examples.starts) == expected.windows).all()
    means = np.array(
        [
            logits[start:end].mean(axis=0)
            for start, end in zip(examples.starts, examples.starts[1:], strict=False)
        ]
    )
    assert means == pytest.approx(expected.logits, abs=1e-5)
    assert len(examples) == len(texts)
    assert examples.lengths.max() == 16


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), min_size=1, max_size=12), st.integers(1, 12)
)
def test_what_is_to_be_read_first_is_always_learned_from(reports, most):
    counts = [count for count, _ in reports]
    first = np.array([min(count, own) for count, own in reports], dtype=np.int32)
    starts = np.cumsum([0, *counts])
    examples = Examples([[0]] * int(starts[-1]), starts, np.zeros(len(counts), dtype=np.int64), first=first)
    for report, windows in enumerate(draw_windows(examples, most=most, seed=1, epoch=0)):
        assert len(windows) == min(counts[report], most) == len(set(windows.tolist()))
        assert (np.diff(windows) > 0).all()
        front = windows - starts[report] < first[report]
        assert front.sum() >= min(first[report], most)
