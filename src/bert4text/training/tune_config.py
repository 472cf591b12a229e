"""Settings of ``tune``: how long it may take, and how what it tries is scored."""

from __future__ import annotations

import os
from typing import Any

from pydantic import Field

from bert4text.core.config import Config
from bert4text.training.config import Effort

TRIALS: dict[str, int] = {"smoke": 2, "quick": 8, "standard": 30, "thorough": 100}
"""Trials of each effort; ``smoke`` is for checks of notebooks and comes from the environment only."""


class TuneConfig(Config):
    """The ``[tune]`` section."""

    effort: Effort = Field(
        "standard", description="sets the number of trials where it is not given: quick, standard, thorough"
    )
    trials: int | None = Field(
        None,
        ge=2,
        le=1000,
        description="settings tried at most, the defaults among them; set by the effort if not given",
    )
    minutes: float = Field(
        60.0, gt=0, description="minutes for all of it; what is not expected to end in time is not begun"
    )
    folds: int = Field(
        3,
        ge=2,
        le=10,
        description="parts of the patients that are held out in turn; fewer of them where time is short",
    )

    def resolved(self) -> TuneConfig:
        """Fill the trials from the effort where they were not given."""
        effort = "smoke" if os.environ.get("BERT4TEXT_EFFORT") == "smoke" else self.effort
        missing: dict[str, Any] = {} if self.trials is not None else {"trials": TRIALS[effort]}
        return self.replace(**missing)
