"""Refuse to call a failed training a success: it diverged, it collapsed, or it does not answer as it did."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import GuardError

AGREEMENT = 1e-5
"""Largest difference of a probability between a model and itself, saved and loaded."""

FEWEST_OTHERS = 5
"""A model that misses fewer reports of other labels than this may be good and unlucky."""


def check_finite(value: float, *, step: int) -> None:
    """Stop when the loss or the gradient is no longer a number.

    Raises:
        GuardError: code ``diverged``.
    """
    if not math.isfinite(value):
        raise GuardError(
            "training diverged at step {step}: the loss is not a number",
            hint='lower [train] learning_rate, or set precision = "float32"',
            code="diverged",
            step=step,
        )


def check_collapse(
    decided: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_], *, names: tuple[str, ...]
) -> None:
    """Refuse a model that gives every validation report the same answer though at least five differ.

    Args:
        decided: bool [n, k], the labels given.
        truth: bool [n, k], the labels that hold.
        names: of the labels.

    Raises:
        GuardError: code ``collapsed``.
    """
    if not len(decided) or (decided != decided[0]).any():
        return
    others = int((truth != decided[0]).any(axis=1).sum())
    if others >= FEWEST_OTHERS:
        given = [name for name, holds in zip(names, decided[0], strict=True) if holds]
        raise GuardError(
            "the model answers {label!r} to all {count} validation reports, {others} of which differ",
            hint="train longer ([train] effort), or raise its learning_rate; "
            "labels that cannot be told from the texts cannot be learned",
            code="collapsed",
            label=", ".join(given) or "-",
            count=len(decided),
            others=others,
        )


def check_same_answers(before: npt.NDArray[np.floating], after: npt.NDArray[np.floating]) -> None:
    """Refuse a saved model that does not answer as it did before it was saved.

    Args:
        before: probabilities (or logits) before saving.
        after: those of the same reports after loading.

    Raises:
        GuardError: code ``reload-mismatch``.
    """
    same_shape = before.shape == after.shape
    worst = float(np.abs(before - after).max(initial=0.0)) if same_shape else math.inf
    if not worst <= AGREEMENT:
        raise GuardError(
            "the saved model does not answer as it did: a probability differs by {difference}",
            hint="train again; if it stays so, the encoder cannot be saved by transformers as it is",
            code="reload-mismatch",
            difference="?" if math.isnan(worst) else f"{worst:.1e}",
        )
