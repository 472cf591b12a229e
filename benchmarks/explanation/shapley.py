"""SHAP over our answers: its process in an environment of its own, asked for one text at a time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from benchmarks.environments import rival_python
from benchmarks.process import environment
from bert4text.explanation.units import Stretch
from bert4text.models.classifier import Classifier

LEAST = 1e-7
"""Nearer to 0 or 1 no probability is taken, so that its log-odds is a number."""


class Shap:
    """The process, while it is open.

    Attributes:
        calls: texts that it had answered, in all.
        seconds: of its processor; what our answers took is not among them.
    """

    def __init__(self, rivals: Path, *, seed: int) -> None:
        self._seed = seed
        self.calls, self.seconds = 0, 0.0
        self._process = subprocess.Popen(
            [str(rival_python("shap", rivals)), "-m", "benchmarks.explanation.work_shap"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(threads=1, foreign=True),
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def values(
        self, classifier: Classifier, text: str, words: Sequence[Stretch], *, label: int, how: str
    ) -> npt.NDArray[np.float64]:
        """What each word adds to the log-odds of a label.

        Args:
            classifier: that answers.
            text: the text.
            words: its words, by their places.
            label: by its place.
            how: ``partition`` or ``permutation``.
        """
        told = self._told(text=text, words=words, how=how, seed=self._seed)
        while "texts" in told:
            self.calls += len(told["texts"])
            answers = classifier.probabilities(told["texts"])[:, label].clip(LEAST, 1 - LEAST)
            told = self._told(answers=np.log(answers / (1 - answers)).tolist())
        self.seconds += told["seconds"]
        return np.array(told["values"])

    def _told(self, **said: Any) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise SystemExit("SHAP's process has no pipes")
        stdin.write(json.dumps(said) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise SystemExit(f"SHAP's process ended: {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found
