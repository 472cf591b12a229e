"""One row of the table of commands."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """One thing to type.

    Attributes:
        name: the words after ``bert4text``.
        place: ``module:function`` within ``bert4text.cli``; empty for a group of commands.
        panel: the heading under which help lists it; empty within a group.
        help: what it does, in a sentence.
        examples: calls of it, with an empty line between two.
    """

    name: str
    place: str
    panel: str
    help: str
    examples: str = ""
