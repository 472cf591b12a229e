"""Codes: random names for ids and patients, in a table of their own beside the project's keys.

A code tells nothing of what it stands for, not even to who has the key: only the table leads back.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable

from bert4text.core.errors import StoreError
from bert4text.core.key_sources import check_private
from bert4text.core.keys import keys_folder
from bert4text.core.lock import exclusive

FILE = "codes.jsonl"
_BYTES = 8
PREFIXES = {"patient": "p-", "id": "r-", "episode": "e-", "site": "s-"}
"""What is given a code -> how its codes begin."""


class Codes:
    """The table of codes of one project.

    Args:
        project_id: the project's.
    """

    def __init__(self, project_id: str = "default") -> None:
        self.path = keys_folder(project_id) / FILE

    def of(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """The code of each value; those without one are given one, and the table is written first.

        Args:
            kind: one of ``PREFIXES``.
            values: what is to be named otherwise.

        Raises:
            StoreError: the table cannot be read or written.
        """
        wanted = dict.fromkeys(values)
        self._make()
        with exclusive(self.path.with_suffix(".lock"), target=self.path):
            known = self._read().get(kind, {})
            taken = set(known.values())
            new: dict[str, str] = {}
            for value in wanted:
                if value not in known:
                    new[value] = _drawn(kind, taken)
            self._append(kind, new)
        return {value: known.get(value) or new[value] for value in wanted}

    def originals(self, kind: str) -> dict[str, str]:
        """Code -> what it stands for.

        Raises:
            StoreError: the table cannot be read.
        """
        return {code: value for value, code in self._read().get(kind, {}).items()}

    def _make(self) -> None:
        problem = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        except OSError as error:
            problem = type(error).__name__
        if problem is not None:
            raise self._broken(problem)

    def _read(self) -> dict[str, dict[str, str]]:
        table: dict[str, dict[str, str]] = {}
        problem = None
        try:
            if not self.path.exists():
                return table
            check_private(self.path)
            for line in self.path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                table.setdefault(row["kind"], {})[row["value"]] = row["code"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = type(error).__name__
        if problem is not None:
            raise self._broken(problem)
        return table

    def _append(self, kind: str, new: dict[str, str]) -> None:
        if not new:
            return
        rows = ({"kind": kind, "value": value, "code": code} for value, code in new.items())
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        problem = None
        try:
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(lines)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            problem = type(error).__name__
        if problem is not None:
            raise self._broken(problem)

    def _broken(self, problem: str) -> StoreError:
        return StoreError(
            "the table of codes of this project cannot be used ({problem})",
            hint="restore {name} from its backup: without it nothing leads back from a code",
            code="codes",
            problem=problem,
            name=FILE,
        )


def _drawn(kind: str, taken: set[str]) -> str:
    """A code that no other value has."""
    while (code := PREFIXES[kind] + secrets.token_hex(_BYTES)) in taken:
        pass
    taken.add(code)
    return code
