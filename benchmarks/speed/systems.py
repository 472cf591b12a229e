"""The systems that predict: ours first, then those of others. A new one is a line here and a worker."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.harness import System

OURS, PIPELINE = "benchmarks.speed.ours", "benchmarks.speed.transformers_pipeline"
OPENVINO = "benchmarks.speed.openvino_graph"

SYSTEMS: tuple[System, ...] = (
    System("ours-int8", OURS, {"bundle": "onnx-int8"}),
    System("ours-float32", OURS, {"bundle": "onnx-float32"}),
    System("ours-openvino-int8", OURS, {"bundle": "openvino-int8"}),
    System("ours-torch", OURS, {"bundle": "torch"}),
    System("student-int8", OURS, {"bundle": "student/onnx-int8"}),
    System("student-openvino-int8", OURS, {"bundle": "student/openvino-int8"}),
    System("transformers-1", PIPELINE, {"batch": 1}),
    System("transformers-8", PIPELINE, {"batch": 8}),
    System("transformers-32", PIPELINE, {"batch": 32}),
    System("onnxruntime", "benchmarks.speed.plain_onnxruntime"),
    System("sentence-transformers-int8", "benchmarks.speed.sentence_encoder", rival="sentence-transformers"),
    System("openvino", OPENVINO, {"hint": "f32"}, rival="openvino"),
    System("openvino-bfloat16", OPENVINO, {"hint": "bf16"}, rival="openvino"),
)
STUDENTS = ("student-int8", "student-openvino-int8")
"""Bundles of a distilled run, set against its teacher."""
ALONE = ("transformers-8", "transformers-32")
"""Not measured one report at a time, where batches say nothing."""
COMPARED = ("ours-int8", "transformers-1", "transformers-32")
"""What all are set against."""


def chosen(names: Sequence[str] | None, *, one: bool, student: bool = False) -> tuple[System, ...]:
    """The systems asked for, in the order of the list; those of a student only where there is one."""
    unknown = set(names or ()) - {system.name for system in SYSTEMS}
    if unknown:
        raise SystemExit(f"no such system: {', '.join(sorted(unknown))}")
    return tuple(
        system
        for system in SYSTEMS
        if (not names or system.name in names)
        and not (one and system.name in ALONE)
        and (student or system.name not in STUDENTS)
    )


def bundles(systems: Sequence[System]) -> list[str]:
    """The bundles of ours that these need; ``torch`` is what all others are made from."""
    return list(
        dict.fromkeys(["torch", *(system.given["bundle"] for system in systems if system.module == OURS)])
    )
