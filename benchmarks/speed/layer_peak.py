"""The products of a layer alone: measured once for a record, and what rate a whole layer of them has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.harness import Case, Conditions, System, measured
from benchmarks.record import Record
from benchmarks.speed.encoders import Shape

PRODUCT_ROWS = 2048


def measure_peak(record: Record, shape: Shape, conditions: Conditions) -> None:
    """Measure the products of a shape that a record does not have yet, and keep them there."""
    known = [row["shape"] for row in record.peak]
    lacking = [list(product) for product in shape.products(PRODUCT_ROWS) if list(product) not in known]
    if not lacking:
        return
    told: list[dict[str, Any]] = []

    def keep(case: Case, system: str, facts: Any) -> dict[str, float]:
        told.extend(facts["peak"])
        return {}

    case = Case("peak", (System("peak", "benchmarks.speed.peak"),), {"products": lacking})
    measured(case, Conditions(rounds=1, threads=conditions.threads, judge=keep))
    record.peak.extend(told)


def layer_peak(rows: Sequence[Mapping[str, Any]], shape: Shape, precision: str) -> float | None:
    """GFLOP/s of the six products of a layer one after another, or None where one was not measured."""
    rates = {tuple(row["shape"]): row["gflops"] for row in rows if row["precision"] == precision}
    square, out, back = shape.products(PRODUCT_ROWS)
    products = [square] * 4 + [out, back]
    if not all(product in rates for product in products):
        return None
    work = {product: 2.0 * product[0] * product[1] * product[2] for product in products}
    seconds = sum(work[product] / rates[product] for product in products)
    return float(sum(work[product] for product in products) / seconds)
