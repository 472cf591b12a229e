"""Integrity of a bundle: its layout, the digest of each file and of the whole, and the errors when wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from bert4text.core.digest import digest as digest_of
from bert4text.core.digest import file_digest, sha256
from bert4text.core.errors import BundleError
from bert4text.core.manifest import Manifest

VERSION = 1
FORMAT = f"bundle/{VERSION}"
INDEX, CARD, BASELINE = "bundle.json", "README.md", "baseline"
SETTINGS = "bundle_settings"
"""Note of the manifest with the digest of ``bundle.json`` without its files: no change goes unseen."""


@dataclass(frozen=True)
class Entry:
    """A file of the bundle and the parts that need it."""

    path: str
    needed_by: frozenset[str]


_TORCH, _TFIDF = frozenset({"torch", "ensemble"}), frozenset({"tfidf"})
_ONNX, _OPENVINO = frozenset({"onnx"}), frozenset({"openvino"})
EXPORTED = _ONNX | _OPENVINO
_ALL = _TORCH | EXPORTED | _TFIDF
LEARNED = "learned"
"""The part of a bundle that pools windows by weights that were learned."""

LAYOUT: tuple[Entry, ...] = (
    Entry("manifest.json", _ALL),
    Entry("config.toml", _ALL),
    Entry("calibration.json", _ALL),
    Entry("config.json", _TORCH),
    Entry("model.safetensors", _TORCH),
    Entry("tokenizer.json", _TORCH | EXPORTED),
    Entry("tokenizer_config.json", _TORCH),
    Entry("model.onnx", _ONNX),
    Entry("model.xml", _OPENVINO),
    Entry("model.bin", _OPENVINO),
    Entry("parity.json", EXPORTED),
    Entry("pooling.safetensors", frozenset({LEARNED})),
    Entry("baseline/vocabulary.json", _TFIDF),
    Entry("baseline/weights.safetensors", _TFIDF),
)
"""Every file under the digest; ``README.md`` and ``bundle.json`` stand beside them."""

APART = ("model.onnx.data", "scope.safetensors")
"""Files that are under the digest where there are any: weights too large for the file they belong to, and
what lies within the scope of the model."""
INTRUDER = "adapter_config.json"
"""A file that would change what plain transformers loads from the folder."""


MEMBERS = "members"
"""The folder of the members of an ensemble but the first, and the setting that tells how many there are."""
_OF_A_MEMBER = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


def needed(parts: Iterable[str], *, members: int = 1) -> list[str]:
    """The files that a bundle with these parts has under its digest.

    Args:
        parts: ``torch``, ``ensemble``, ``onnx``, ``openvino``, ``tfidf`` or ``learned``.
        members: of an ensemble.
    """
    held = frozenset(parts)
    own = (*_OF_A_MEMBER, "pooling.safetensors") if LEARNED in held else _OF_A_MEMBER
    others = [f"{MEMBERS}/{place}/{name}" for place in range(2, members + 1) for name in own]
    return [*(entry.path for entry in LAYOUT if entry.needed_by & held), *others]


def verify(path: Path, index: dict[str, Any] | None = None) -> Manifest:
    """Check every file of a bundle against its SHA-256, and the whole against its digest.

    Args:
        path: the bundle.
        index: its ``bundle.json``, read already, or None.

    Returns:
        Its manifest, as the file has it.

    Raises:
        BundleError: ``not-a-bundle``, ``missing-file``, ``altered`` or ``newer-format``.
    """
    index = read_index(path) if index is None else index
    files = index["files"]
    if bundle_digest(files) != index["digest"]:
        raise altered(path, INDEX)
    wanted = needed(_parts(index), members=int(index.get(MEMBERS, 1)))
    missing = [name for name in wanted if name not in files]
    missing += [name for name in files if not (path / name).is_file()]
    if missing:
        raise BundleError(
            "the bundle {name} lacks {files}",
            hint="copy the whole folder again, or train again",
            code="missing-file",
            name=path.name,
            files=sorted(missing),
        )
    for name, wanted_digest in files.items():
        if file_digest(path / name) != wanted_digest:
            raise altered(path, name)
    if (path / INTRUDER).exists():
        raise altered(path, INTRUDER)
    return _manifest(path, index)


def bundle_digest(files: dict[str, str]) -> str:
    """SHA-256 over the sorted lines ``sha256  path``."""
    return sha256("\n".join(sorted(f"{value}  {name}" for name, value in files.items())).encode())


def _parts(index: dict[str, Any]) -> set[str]:
    parts = set() if index["backend"] == "linear" else {str(index["backend"])}
    if index.get("pooling") == LEARNED:
        parts.add(LEARNED)
    baseline = any(str(name).startswith(BASELINE + "/") for name in index["files"])
    return parts | {"tfidf"} if baseline or not parts else parts


def _manifest(path: Path, index: dict[str, Any]) -> Manifest:
    description = {key: value for key, value in index.items() if key not in {"files", "digest"}}
    try:
        manifest = Manifest.model_validate_json((path / "manifest.json").read_bytes())
    except ValidationError:
        manifest = None
    if manifest is None or manifest.notes.get(SETTINGS) != digest_of(description):
        raise altered(path, INDEX)
    return manifest


def read_index(path: Path) -> dict[str, Any]:
    """Read ``bundle.json``.

    Raises:
        BundleError: ``not-a-bundle``, ``missing-file``, ``altered`` or ``newer-format``.
    """
    try:
        raw = (path / INDEX).read_bytes()
    except OSError:
        raise _absent(path) from None
    try:
        index = json.loads(raw)
    except ValueError:
        index = None
    if not isinstance(index, dict):
        raise altered(path, INDEX)
    _check_format(path, index.get("format"))
    files = index.get("files")
    if raw != rendered(index) or not isinstance(files, dict) or not all(_inside(name) for name in files):
        raise altered(path, INDEX)
    if not {"backend", "questions", "digest", "delivered", "decision", "encoder"} <= index.keys():
        raise altered(path, INDEX)
    return index


def _check_format(path: Path, found: object) -> None:
    kind, _, number = str(found).partition("/")
    if kind != "bundle" or not number.isdigit():
        raise altered(path, INDEX)
    if int(number) > VERSION:
        raise BundleError(
            "the bundle {name} has the format {found}; this version reads up to {known}",
            hint="install a newer bert4text: python -m pip install --upgrade bert4text",
            code="newer-format",
            name=path.name,
            found=found,
            known=FORMAT,
        )


def _inside(name: str) -> bool:
    place = PurePosixPath(name)
    return not place.is_absolute() and ".." not in place.parts and "\\" not in name and ":" not in name


def _absent(path: Path) -> BundleError:
    if (path / "manifest.json").is_file() or (path / "model.safetensors").is_file():
        return BundleError(
            "the bundle {name} lacks {files}",
            hint="copy the whole folder again, or train again",
            code="missing-file",
            name=path.name,
            files=[INDEX],
        )
    return BundleError(
        "{name} is no bundle: it has no bundle.json",
        hint="give the folder that `bert4text train` wrote",
        code="not-a-bundle",
        name=path.name,
    )


def altered(path: Path, file: str) -> BundleError:
    """The error for a file that is not as it was saved."""
    return BundleError(
        "{file} of the bundle {name} was altered",
        hint="copy the bundle again from where it was made, or train again",
        code="altered",
        file=file,
        name=path.name,
    )


def rendered(value: dict[str, Any]) -> bytes:
    """The one way in which a bundle writes JSON."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
