"""What a training is, part by part: what is left of it goes on under the same alone."""

from __future__ import annotations

from collections.abc import Mapping

from bert4text.core.errors import ModelError


def check_same(found: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Refuse to go on with another training.

    Args:
        found: what lies there is, part by part: digests of settings, corpus and encoder, versions, seed.
        wanted: what is to go on.

    Raises:
        ModelError: they differ (``checkpoint-mismatch``).
    """
    other = sorted(part for part in {*found, *wanted} if found.get(part) != wanted.get(part))
    if other:
        raise ModelError(
            "the checkpoint belongs to another training: {parts} differ",
            hint="go on with what it was started with, or begin anew without --resume",
            code="checkpoint-mismatch",
            parts=other,
        )
