"""Codes: random names for ids and patients, in a table of their own beside the project's keys.

A code tells nothing of what it stands for, not even to who has the key: only the table leads back.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bert4text.core.errors import OutputError, StoreError
from bert4text.core.key_sources import check_private
from bert4text.core.keys import keys_folder
from bert4text.core.lock import exclusive

FILE = "codes.jsonl"
_BYTES = 8
_PATIENCE, _PAUSE = 30.0, 0.02
"""Seconds that the table is waited for, and between two tries."""
PREFIXES = {"patient": "p-", "id": "r-", "episode": "e-", "site": "s-"}
"""What is given a code -> how its codes begin."""


class Codes:
    """The table of codes of one project.

    Args:
        project_id: the project's.
    """

    def __init__(self, project_id: str = "default") -> None:
        self.path = keys_folder(project_id) / FILE
        self._known: dict[str, dict[str, str]] = {}
        self._read_to = 0

    def of(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """The code of each value; those without one are given one, and the table is written first.

        The table is read once; later calls read what others have added since.

        Args:
            kind: one of ``PREFIXES``.
            values: what is to be named otherwise.

        Raises:
            StoreError: the table cannot be read or written.
            OutputError: another run goes on writing it (``busy``).
        """
        wanted = dict.fromkeys(values)
        self._make()
        with self._alone():
            known = self._read().setdefault(kind, {})
            new: dict[str, str] = {}
            for value in wanted:
                if value not in known:
                    new[value] = PREFIXES[kind] + secrets.token_hex(_BYTES)
            self._append(kind, new)
            self._read()
        return {value: known[value] for value in wanted}

    def originals(self, kind: str) -> dict[str, str]:
        """Code -> what it stands for.

        Raises:
            StoreError: the table cannot be read.
        """
        return {code: value for value, code in self._read().get(kind, {}).items()}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of the table, which others hold for a moment each."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                lock = exclusive(self.path.with_suffix(".lock"), target=self.path)
                lock.__enter__()
                break
            except OutputError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

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
        """The table, with what was added since it was read last."""
        problem = None
        try:
            if not self.path.exists():
                return {}
            check_private(self.path)
            if self.path.stat().st_size < self._read_to:
                self._known, self._read_to = {}, 0
            with self.path.open("rb") as stream:
                stream.seek(self._read_to)
                for line in stream:
                    row = json.loads(line)
                    self._known.setdefault(row["kind"], {})[row["value"]] = row["code"]
                    self._read_to += len(line)
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = type(error).__name__
        if problem is not None:
            raise self._broken(problem)
        return self._known

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
