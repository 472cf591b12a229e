"""The table of verbs: one row drives Python, the command line and the reference."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PANELS = ("Data", "Model", "Use", "Improve", "Account")


@dataclass(frozen=True)
class Verb:
    """One thing that can be asked for.

    Attributes:
        name: of the function, the command and the section.
        place: ``module:function``.
        section: its section of ``bert4text.toml``, or None.
        panel: where the help lists it.
        takes, gives: the nouns that go in and come out.
    """

    name: str
    place: str
    section: str | None
    panel: str
    takes: str
    gives: str

    @property
    def function(self) -> Callable[..., Any]:
        """The Python function."""
        module, _, attribute = self.place.partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
        return found


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("prepare", "bert4text.verbs.data:prepare", "prepare", "Data", "table", "Corpus"),
        Verb("audit", "bert4text.verbs.data:audit", "audit", "Data", "Corpus", "[Issue]"),
        Verb("synthesize", "bert4text.verbs.data:synthesize", "synthesize", "Data", "generator", "Corpus"),
        Verb("deidentify", "bert4text.verbs.privacy:deidentify", "deidentify", "Data", "Corpus", "Corpus"),
        Verb("reidentify", "bert4text.verbs.privacy:reidentify", "reidentify", "Data", "Corpus", "Corpus"),
        Verb("pretrain", "bert4text.verbs.encoder:pretrain", "pretrain", "Model", "Corpus", "encoder"),
        Verb("train", "bert4text.verbs.model:train", "train", "Model", "Corpus", "Classifier"),
        Verb("tune", "bert4text.verbs.tuning:tune", "tune", "Model", "Corpus", "settings"),
        Verb(
            "distill",
            "bert4text.verbs.distill:distill",
            "distill",
            "Model",
            "Classifier, Corpus",
            "Classifier",
        ),
        Verb(
            "calibrate",
            "bert4text.verbs.calibrating:calibrate",
            "calibrate",
            "Model",
            "Classifier, Corpus",
            "Classifier",
        ),
        Verb(
            "evaluate",
            "bert4text.verbs.model:evaluate",
            "evaluate",
            "Model",
            "Classifier, Corpus",
            "Evaluation",
        ),
        Verb("stress", "bert4text.verbs.stressing:stress", "stress", "Model", "Classifier, Corpus", "Stress"),
        Verb(
            "predict", "bert4text.verbs.use:predict", "predict", "Use", "Classifier, reports", "[Prediction]"
        ),
        Verb(
            "explain",
            "bert4text.verbs.explaining:explain",
            "explain",
            "Use",
            "Classifier, reports",
            "[Explanation]",
        ),
        Verb(
            "export",
            "bert4text.verbs.delivery:export",
            "export",
            "Use",
            "Classifier, Corpus",
            "Classifier",
        ),
        Verb("document", "bert4text.verbs.account:document", "document", "Account", "Corpus", "text"),
    )
}
