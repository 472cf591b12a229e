"""Keys of patients: one each, random, wrapped under the project's master key, in a table beside its keys.

Whose key is destroyed has no reports any more, in whatever copy of a sealed corpus they lie. The master key
can change without a corpus being touched.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from bert4text.core.errors import StoreError
from bert4text.core.key_sources import SIZE, check_private, key_id, write_private
from bert4text.core.keys import Keys
from bert4text.core.lock import exclusive
from bert4text.core.manifest import utc_now
from bert4text.core.seal import opened, sealed

FILE = "patient-keys.jsonl"
FORMAT = "patient-keys/1"
MASTER = "master"
WAIT = 60.0
"""Seconds to wait for another process that changes the table."""


@dataclass(frozen=True)
class Found:
    """What was found for some names.

    Attributes:
        keys: name -> its key of 32 bytes.
        destroyed: names whose keys were destroyed.
        missing: names that never had a key here.
    """

    keys: Mapping[str, bytes]
    destroyed: frozenset[str]
    missing: frozenset[str]


@dataclass(frozen=True)
class Rotated:
    """How the master key was changed.

    Attributes:
        previous: id of the key before; empty if it was changed already.
        now: id of the key under which the keys of patients are wrapped now.
        keys: how many were wrapped anew.
        resumed: whether a rotation that was broken off came to its end.
    """

    previous: str
    now: str
    keys: int
    resumed: bool


@dataclass(frozen=True)
class _Table:
    """The table: under which master key it is wrapped, the salt of its names, and a row for each name."""

    master: str
    salt: bytes
    rows: dict[str, dict[str, str]] = field(default_factory=dict)


class PatientKeys:
    """The keys of the patients of one project, by pseudonym.

    A report without a patient has a key of its own, under a name that ``named`` makes of its id.

    Args:
        keys: the project's, of which ``master`` wraps these.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.path = keys.folder / FILE

    def named(self, ids: Sequence[str], patients: Sequence[str | None]) -> list[str]:
        """Under which name the key of each report stands: its patient, else a keyed digest of its id.

        Raises:
            StoreError: the table cannot be read.
        """
        table = self._read() if any(patient is None for patient in patients) else None
        salt = b"" if table is None else table.salt
        pairs = zip(ids, patients, strict=True)
        return [patient if patient is not None else _name(salt, own) for own, patient in pairs]

    def begin(self) -> None:
        """Make the table, and the master key if need be, unless they are there.

        Raises:
            StoreError: they cannot be made, or the vault gives no master key.
        """
        if self._read() is None:
            with self._changing():
                if self._read() is None:
                    master = self.keys.get(MASTER)
                    self._write(_Table(key_id(master), secrets.token_bytes(16)))

    def make(self, names: Iterable[str]) -> int:
        """Give keys to those who have none and whose keys were not destroyed; how many were made.

        Raises:
            StoreError: the table or the master key cannot be read or written.
        """
        wanted = set(names)
        self.begin()
        with self._changing():
            table = self._whole()
            new = sorted(wanted - table.rows.keys())
            if new:
                master, now = self._master(table), utc_now()
                made = {name: _row(master, name, os.urandom(SIZE), now) for name in new}
                self._write(replace(table, rows={**table.rows, **made}))
        return len(new)

    def of(self, names: Collection[str]) -> Found:
        """The keys of some names; none is made.

        Raises:
            StoreError: the table or the master key cannot be read, or is of another project.
        """
        table = self._read()
        if table is None:
            return Found({}, frozenset(), frozenset(names))
        try:
            return self._found(table, names)
        except StoreError:
            again = self._read()  # the master key was changed between the two
            if again is None or again.master == table.master:
                raise
        return self._found(again, names)

    def destroy(self, names: Iterable[str]) -> list[str]:
        """Destroy the keys of some names for ever; those names get no key again. Gives those that had one.

        Raises:
            StoreError: the table cannot be read or written.
        """
        with self._changing():
            table = self._read()
            if table is None:
                return []
            gone = [name for name in dict.fromkeys(names) if "key" in table.rows.get(name, {})]
            if gone:
                stones = {name: {"destroyed": utc_now()} for name in gone}
                self._write(replace(table, rows={**table.rows, **stones}))
        return gone

    def destroyed(self, names: Iterable[str]) -> dict[str, str]:
        """Of some names, when their keys were destroyed.

        Raises:
            StoreError: the table cannot be read.
        """
        table = self._read()
        rows = {} if table is None else table.rows
        return {name: rows[name]["destroyed"] for name in names if "destroyed" in rows.get(name, {})}

    def rotate(self) -> Rotated:
        """Wrap all keys of patients under a new master key, then let the old one go.

        The new key lies beside the old until the table that it wraps has taken the old one's place, in one
        step; a kill at any moment leaves keys that open, and the next call ends what was begun.

        Raises:
            StoreError: there is no master key yet or none to take its place, or one cannot be read.
        """
        with self._changing():
            table = self._read()
            before = self.keys.find(MASTER) if table is None else self._master(table)
            if before is None:
                raise StoreError(
                    "there is no master key to change: nothing was sealed in this project",
                    hint="`bert4text seal` makes it at its first use",
                    code="no-master",
                )
            resumed = self.keys.in_files and self.keys.successor(MASTER) is not None
            after = self.keys.prepare_successor(MASTER)
            count, previous = 0, ""
            if table is not None and table.master != key_id(after):
                previous, rows = table.master, dict(table.rows)
                for name in _living(table):
                    rows[name] = _row(after, name, _unwrapped(before, name, rows[name]), rows[name]["made"])
                    count += 1
                self._write(_Table(key_id(after), table.salt, rows))
            self.keys.promote(MASTER)
        return Rotated(previous, key_id(after), count, resumed)

    def facts(self) -> dict[str, Any]:
        """Counts: keys, how many were destroyed, under which master key they are wrapped.

        Raises:
            StoreError: the table cannot be read.
        """
        table = self._read()
        if table is None:
            return {"keys": 0, "destroyed": 0, "master": None}
        living = sum(1 for _ in _living(table))
        return {"keys": living, "destroyed": len(table.rows) - living, "master": table.master}

    def _found(self, table: _Table, names: Collection[str]) -> Found:
        rows = {name: table.rows[name] for name in set(names) if name in table.rows}
        living = {name: row for name, row in rows.items() if "key" in row}
        master = self._master(table) if living else b""
        keys = {name: _unwrapped(master, name, row) for name, row in living.items()}
        return Found(keys, frozenset(rows.keys() - living.keys()), frozenset(set(names) - rows.keys()))

    def _master(self, table: _Table) -> bytes:
        """The master key that wraps the table, also while another takes its place."""
        at_hand = self.keys.find(MASTER)
        if at_hand is not None and key_id(at_hand) == table.master:
            return at_hand
        after = self.keys.successor(MASTER)
        if after is not None and key_id(after) == table.master:
            return after
        raise StoreError(
            "the keys of patients are wrapped under the master key {wanted}; {found} is at hand",
            hint="restore that key, or the whole folder of keys, from its backup: without it no seal opens",
            code="other-master",
            wanted=table.master,
            found="none" if at_hand is None else key_id(at_hand),
        )

    def _whole(self) -> _Table:
        table = self._read()
        return self._broken("missing") if table is None else table

    def _read(self) -> _Table | None:
        problem = ""
        try:
            if not self.path.exists():
                return None
            check_private(self.path)
            head, *lines = self.path.read_text(encoding="utf-8").splitlines()
            said = json.loads(head)
            if said["format"] == FORMAT:
                rows = [json.loads(line) for line in lines]
                return _Table(
                    said["master"], bytes.fromhex(said["salt"]), {row.pop("name"): row for row in rows}
                )
            problem = str(said["format"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            problem = type(error).__name__
        return self._broken(problem)

    def _write(self, table: _Table) -> None:
        head = {"format": FORMAT, "master": table.master, "salt": table.salt.hex()}
        rows = ({"name": name, **row} for name, row in table.rows.items())
        problem = None
        try:
            write_private(self.path, "".join(json.dumps(row) + "\n" for row in (head, *rows)))
        except OSError as error:
            problem = type(error).__name__
        if problem is not None:
            self._broken(problem)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One process at a time changes the table."""
        problem = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            problem = type(error).__name__
        if problem is not None:
            self._broken(problem)
        with exclusive(self.path.with_suffix(".lock"), target=self.path, wait=WAIT):
            yield

    def _broken(self, problem: str) -> _Table:
        raise StoreError(
            "the table of the keys of patients cannot be used ({problem})",
            hint="restore {name} from its backup: without it nothing that is sealed opens",
            code="patient-keys",
            problem=problem,
            name=FILE,
        )


def _name(salt: bytes, report_id: str) -> str:
    return "r-" + hmac.new(salt, report_id.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:16]


def _living(table: _Table) -> Iterator[str]:
    return (name for name, row in table.rows.items() if "key" in row)


def _row(master: bytes, name: str, key: bytes, made: str) -> dict[str, str]:
    return {"key": base64.b64encode(sealed(master, key, bound=name)).decode(), "made": made}


def _unwrapped(master: bytes, name: str, row: Mapping[str, str]) -> bytes:
    try:
        key = opened(master, base64.b64decode(row["key"], validate=True), bound=name)
    except ValueError:
        key = None
    if key is None:
        raise StoreError(
            "a key in the table of the keys of patients was altered",
            hint="restore {name} from its backup",
            code="altered-key",
            name=FILE,
        )
    return key
