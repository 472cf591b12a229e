"""Keys: one for each use of a project, kept outside it; in files made once, for their owner alone."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from bert4text.core.errors import StoreError
from bert4text.core.key_sources import from_command, from_environment, from_file, key_id, sync_folder
from bert4text.core.keys_config import NAME, KeysConfig
from bert4text.core.output import remove_stale

USES = ("master", "patients", "dates")
"""What a project has keys for: the keys of patients are wrapped under ``master``, pseudonyms of patients are
made with ``patients``, dates are moved and hashes made with ``dates``."""

NEXT = "-next"
"""How the name of a key ends that is to take the place of another."""


def keys_folder(project_id: str = "default") -> Path:
    """Where a project's keys lie: ``${XDG_CONFIG_HOME:-~/.config}/bert4text/keys/<project-id>``."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "bert4text" / "keys" / project_id


class Keys:
    """The keys of one project.

    Args:
        project_id: the project's.
        settings: where keys come from; files if not given.
        made: told the name and the id (``key_id``) of each key that is made here.
    """

    def __init__(
        self,
        project_id: str = "default",
        settings: KeysConfig | None = None,
        *,
        made: Callable[[str, str], object] = lambda name, identity: None,
    ) -> None:
        self.folder = keys_folder(project_id)
        self.settings = settings or KeysConfig.parse({}, section="keys")
        self._made = made
        self._given: dict[str, bytes] = {}

    @property
    def in_files(self) -> bool:
        """Whether keys are made and kept here, not given by a vault."""
        return self.settings.source == "file"

    def path(self, name: str) -> Path:
        """The file of a key that is kept here."""
        return self.folder / f"{name}.key"

    def get(self, name: str) -> bytes:
        """The 32-byte key of one use; in a file it is made at its first use (folder 0700, file 0600).

        Raises:
            StoreError: it cannot be read or made, is no key, or others can read it.
        """
        found = self.find(name)
        if found is None and self.in_files:
            self._make(name)
            found = self.find(name)
        if found is None:
            raise StoreError(
                "{origin} gives no key {name!r}",
                hint="set it to 64 hexadecimal digits, from your vault; see [keys]",
                code="missing-key",
                origin=self.origin(name),
                name=name,
            )
        return found

    def find(self, name: str) -> bytes | None:
        """The key of one use, or None where there is none; none is made.

        Raises:
            StoreError: it cannot be read, is no key, or others can read it; or the command fails.
        """
        settings = self.settings
        if settings.source == "environment":
            return from_environment(self.origin(name), name)
        if settings.source == "command":
            if name not in self._given:  # a vault is asked once
                words = [word.replace(NAME, name) for word in settings.command]
                self._given[name] = from_command(words, name, seconds=settings.seconds)
            return self._given[name]
        return from_file(self.path(name), name)

    def successor(self, name: str) -> bytes | None:
        """The key that is to take the place of another, or None.

        Raises:
            StoreError: it is no key.
        """
        try:
            return self.find(name + NEXT)
        except StoreError:
            if self.settings.source == "command":  # a vault that has none fails
                return None
            raise

    def origin(self, name: str) -> str:
        """What gives a key: its file, its variable, or the program; never the key."""
        settings = self.settings
        if settings.source == "environment":
            return settings.variable.replace(NAME, name.upper().replace("-", "_"))
        return Path(settings.command[0]).name if settings.source == "command" else self.path(name).name

    def retired(self, name: str) -> list[str]:
        """The names under which former keys of a use are kept here, the oldest first."""
        numbers = [path.stem.removeprefix(f"{name}-") for path in self.folder.glob(f"{name}-*.key")]
        return [f"{name}-{number}" for number in sorted(int(each) for each in numbers if each.isdigit())]

    def prepare_successor(self, name: str) -> bytes:
        """The key that is to take the place of another; in a file it is made unless it is there.

        Raises:
            StoreError: it cannot be made, or the vault gives none.
        """
        found = self.successor(name)
        if found is None and self.in_files:
            _created(self.path(name + NEXT), name)
            found = self.successor(name)
        if found is None:
            raise StoreError(
                "there is no key {next!r} to take the place of {name!r}",
                hint="keys come from {source}: make the new key there under that name ({origin}), rotate, "
                "then give it the name of the old",
                code="no-successor",
                name=name,
                next=name + NEXT,
                source=self.settings.source,
                origin=self.origin(name + NEXT),
            )
        return found

    def promote(self, name: str) -> None:
        """Let the successor take the place of a key, which is gone then; in a vault its owner does so.

        Raises:
            StoreError: the folder cannot be written.
        """
        if self.in_files and self.path(name + NEXT).exists():
            _changing(name, lambda: self.path(name + NEXT).replace(self.path(name)))
            _changing(name, lambda: sync_folder(self.folder))

    def retire(self, name: str) -> bytes:
        """Keep a key under another name, and make one that takes its place.

        Raises:
            StoreError: the folder cannot be written.
        """
        if self.path(name).exists():
            number = 1 + max((int(known.rpartition("-")[2]) for known in self.retired(name)), default=0)
            _changing(name, lambda: self.path(name).rename(self.path(f"{name}-{number}")))
        return self.get(name)

    def _make(self, name: str) -> None:
        if _created(self.path(name), name):
            self._made(name, key_id(self.get(name)))


def _created(path: Path, name: str) -> bool:
    """Whether this process made the key that the file holds now."""
    return bool(_changing(name, lambda: False if path.exists() else _create(path)))


def _changing(name: str, act: Callable[[], object]) -> object:
    problem, found = None, None
    try:
        found = act()
    except OSError as error:
        problem = type(error).__name__
    if problem is not None:
        raise StoreError(
            "the key {name!r} of this project cannot be made ({problem})",
            hint="keys are kept in ~/.config/bert4text, or where XDG_CONFIG_HOME says: it must be writable",
            code="key",
            name=name,
            problem=problem,
        )
    return found


def _create(path: Path) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_stale(path, ours=False)
    partial = path.with_name(f".{path.name}.partial-{secrets.token_hex(4)}-{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(partial, path)  # never replaces a key that another process made meanwhile
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def pseudonym(key: bytes, value: str) -> str:
    """``p-`` and 16 hex of HMAC-SHA256: the same person under the same key, nobody without it."""
    return "p-" + hmac.new(key, value.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:16]


def reference(key: bytes, report_id: str) -> str:
    """``r-`` and 8 hex of HMAC-SHA256: how logs and pages name a report."""
    return "r-" + hmac.new(key, report_id.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:8]
