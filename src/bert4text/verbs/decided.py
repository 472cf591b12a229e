"""What persons decided of doubtful spans in this project, kept beside its keys."""

from __future__ import annotations

from pathlib import Path

from bert4text.core.keys import keys_folder
from bert4text.privacy.decisions import FILE, Decisions
from bert4text.project import Project

KEY = "review"
"""Name of the key that decisions are known by."""


def decisions_of(project: Project) -> Decisions | None:
    """What was decided in this project; None where nobody has, so that no key is made for nothing.

    Raises:
        StoreError: the decisions or their key cannot be read.
    """
    return opened(project) if _path(project).exists() else None


def opened(project: Project) -> Decisions:
    """The decisions of this project, to add to.

    Raises:
        StoreError: the decisions or their key cannot be read or made.
    """
    return Decisions(_path(project), project.key(KEY))


def _path(project: Project) -> Path:
    return keys_folder(project.settings.id) / FILE
