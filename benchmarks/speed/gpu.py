"""What the benchmarks on a GPU share: their arguments, an encoder and reports drawn by chance, and the peak.

Speed does not ask what weights and reports say, so that torch and transformers are all that is needed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import transformers

from benchmarks.harness import Case, Conditions, System, measure, measured, refuse_busy
from benchmarks.options import arguments, place, rounds
from benchmarks.record import Record
from benchmarks.speed.encoders import BASE, Shape
from benchmarks.summary import summary
from benchmarks.table import table

SEED, LABELS, VOCABULARY = 7, 5, 30_000
SHORTEST, LONGEST, MIDDLE, SPREAD = 12, 500, 120, 0.8
"""Tokens of reports: log-normal around the middle, cut off at both ends."""
REPORTS, QUICK, BATCH, PRODUCT_ROWS = 4096, 48, 64, 16_384
TINY = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
NO_DEVICE = 2


def run(name: str, about: str | None, systems: Sequence[System], *, compared: Sequence[str]) -> None:
    """Measure systems on made reports, then print the table; end with status 2 where there is no GPU."""
    parser = arguments(about)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="cpu with --quick alone")
    asked = parser.parse_args()
    refuse_missing(asked)
    refuse_busy(busy=asked.busy or asked.quick)
    chosen = tuple(system for system in systems if not asked.systems or system.name in asked.systems)
    settings = {"rounds": rounds(asked), "quick": asked.quick, "device": _named(asked.device), "seed": SEED}
    record = Record(name, place(asked, name), settings=settings, summed=partial(summary, compared=compared))
    conditions = Conditions(rounds=rounds(asked), threads=asked.threads)
    given: dict[str, Any] = {"device": asked.device, "tiny": asked.quick}
    given |= {"reports": QUICK if asked.quick else REPORTS}
    if not record.peak:
        record.peak.extend(_peak(given, conditions))
    given["peak"] = max(row["gflops"] for row in record.peak)
    drawn = lengths(given["reports"])
    facts = {"reports": len(drawn), "tokens": sum(drawn), "gflop": shape(given).gflop(drawn) / len(drawn)}
    measure(record, [Case("mixed", chosen, given, facts)], conditions)
    print(table(record.document(), markdown=asked.table))
    if any("failure" in one for one in record.runs):
        sys.exit(1)


def refuse_missing(asked: argparse.Namespace) -> None:
    """End the program where what it measures on is not there."""
    if asked.device == "cpu" and not asked.quick:
        sys.exit("--device cpu is for --quick: it shows that the benchmark runs, its figures mean nothing")
    if asked.device == "cuda" and not torch.cuda.is_available():
        print(
            "there is no CUDA device here: nothing was measured (--quick --device cpu tries it)",
            file=sys.stderr,
        )
        sys.exit(NO_DEVICE)


def lengths(reports: int) -> list[int]:
    """Tokens of made reports."""
    drawn = np.random.default_rng(SEED).lognormal(np.log(MIDDLE), SPREAD, reports)
    return [int(length) for length in drawn.clip(SHORTEST, LONGEST)]


def rows(given: Mapping[str, Any]) -> list[list[int]]:
    """Ids of made reports."""
    random, pieces = np.random.default_rng(SEED), _settings(given)["vocab_size"]
    return [random.integers(1, pieces, length).tolist() for length in lengths(given["reports"])]


def model(given: Mapping[str, Any]) -> Any:
    """A BERT with weights drawn by chance, on the device that is measured."""
    torch.manual_seed(SEED)
    settings: dict[str, Any] = {**_settings(given), "attention_probs_dropout_prob": 0.0}
    config = transformers.BertConfig(**settings)
    config.num_labels = LABELS
    return transformers.BertForSequenceClassification(config).to(given["device"])


def shape(given: Mapping[str, Any]) -> Shape:
    """Layers and widths of it."""
    sizes = _settings(given)
    return Shape(sizes["num_hidden_layers"], sizes["hidden_size"], sizes["intermediate_size"])


def measures(given: Mapping[str, Any], tokens: float, seconds: float, *, passes: int) -> dict[str, float]:
    """Tokens a second, and the share of the peak that what they need takes.

    Args:
        given: what the worker was told.
        tokens: padding not counted.
        seconds: that they took.
        passes: forward passes that the work is worth: 1 to predict, 3 to learn.
    """
    drawn = lengths(given["reports"])
    gflop = shape(given).gflop(drawn) / sum(drawn) * tokens * passes
    return {"tokens/s": tokens / seconds, "utilisation": gflop / seconds / given["peak"]}


def wait(given: Mapping[str, Any]) -> None:
    """Until the GPU has done all it was asked for."""
    if given["device"] == "cuda":
        torch.cuda.synchronize()


def precision(given: Mapping[str, Any]) -> str:
    """bfloat16 on a GPU."""
    return "bfloat16" if given["device"] == "cuda" else "float32"


def _settings(given: Mapping[str, Any]) -> dict[str, int]:
    return {**(TINY if given["tiny"] else BASE), "vocab_size": 100 if given["tiny"] else VOCABULARY}


def _named(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else device


def _peak(given: Mapping[str, Any], conditions: Conditions) -> list[dict[str, Any]]:
    """Rates of the products of a layer, measured in a process of its own."""
    told: list[dict[str, Any]] = []

    def keep(case: Case, system: str, facts: Any) -> dict[str, float]:
        told.extend(facts["peak"])
        return {}

    products = shape(given).products(256 if given["tiny"] else PRODUCT_ROWS)
    asked = {**given, "products": [list(product) for product in products]}
    case = Case("peak", (System("peak", "benchmarks.speed.gpu_peak"),), asked)
    measured(case, Conditions(rounds=1, threads=conditions.threads, judge=keep))
    return told
