"""The systems whose quality is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.quality.lots import ReportSet


@dataclass(frozen=True)
class System:
    """A system: the module that works, and what it is told.

    Attributes:
        name: in the table.
        module: in ``benchmarks.quality``.
        settings: the encoder, and what is set besides.
        rival: the environment it needs; None is ours.
        several: whether it can answer several labels of one report.
    """

    name: str
    module: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    rival: str | None = None
    several: bool = True

    def answers(self, source: ReportSet) -> bool:
        """Whether the set's question can be put to it."""
        if source.task == "multilabel" and not self.several:
            return False
        return source.off_scale is not None or not self.settings.get("ordinal")


def _ours(name: str, **settings: Any) -> System:
    return System(name, "work_ours", settings)


SYSTEMS: dict[str, System] = {
    one.name: one
    for one in (
        System("tfidf", "work_tfidf"),
        System("tfidf-10", "work_tfidf", {"C": 10.0}),
        System("trainer-minilm", "work_trainer", {"encoder": "minilm"}),
        System("trainer-e5", "work_trainer", {"encoder": "e5-small-pt"}),
        System("setfit-e5", "work_setfit", {"encoder": "e5-small-pt"}, rival="setfit", several=False),
        _ours("ours"),
        _ours("ours-quick", effort="quick"),
        _ours("ours-thorough", effort="thorough"),
        _ours("ours-minilm", encoder="minilm"),
        _ours("ours-e5", encoder="e5-small-pt"),
        _ours("ours-first", adapt={"reads": "first"}),
        _ours("ours-mean", adapt={"reads": "mean"}),
        _ours("ours-once", folds={"refit": False}),
        _ours("ours-members", folds={"count": 3}),
        _ours("ours-unweighted", loss={"class_weights": "none"}),
        _ours("ours-balanced", loss={"class_weights": "balanced"}),
        _ours("ours-adjusted", loss={"class_weights": "none", "logit_adjustment": 1.0}),
        _ours("ours-focal", loss={"focal": 2.0}),
        _ours("ours-ordinal", ordinal=True),
        _ours("ours-pretrained", encoder="auto", pretrain={}),
    )
}
"""By name; ``ours`` is what a user gets who sets nothing; from ``ours-minilm`` on one thing is changed."""

TABLED = ("tfidf", "tfidf-10", "trainer-minilm", "trainer-e5", "ours-quick", "ours")
"""Those that are asked unless others are named."""
