"""Environments of rivals that need other versions than we do: built once from ``rivals/<name>.txt``."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bert4text.core.output import user_cache

LISTS = Path(__file__).parent / "rivals"
_BUILT = "built"


class NotBuilt(Exception):
    """A rival's environment could not be built."""


def cache() -> Path:
    """Where environments lie unless ``--rivals`` says otherwise."""
    return user_cache() / "rivals"


def rival_python(name: str, folder: Path, *, lists: Path = LISTS) -> Path:
    """The interpreter of a rival's environment, which is built if its list is new.

    Raises:
        NotBuilt: there is no such list, or pip cannot install it.
    """
    needs = lists / f"{name}.txt"
    if not needs.is_file():
        raise NotBuilt(name)
    digest = hashlib.sha256(needs.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = folder / f"{name}-{digest}"
    python = home / "bin" / "python"
    if not (home / _BUILT).is_file():
        print(f"building the environment of {name}", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(home, ignore_errors=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, stdout=sys.stderr)
            install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(needs)]
            subprocess.run(install, check=True, stdout=sys.stderr, env=_plain())
        except (OSError, subprocess.CalledProcessError):
            raise NotBuilt(name) from None
        (home / _BUILT).touch()
    return python


def pinned(name: str, *, lists: Path = LISTS) -> list[str]:
    """What a rival's environment is asked to hold, as its list says it."""
    lines = (line.strip() for line in (lists / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _plain() -> dict[str, str]:
    """Our own packages must not be taken for installed ones."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
