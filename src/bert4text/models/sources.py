"""Where an encoder lies on this machine: catalog, folder or local Hugging Face cache; never the network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bert4text.core.config import Record, suggestion
from bert4text.core.digest import file_digest, sha256
from bert4text.core.errors import ModelError, UnknownEncoderError
from bert4text.models.catalog import Encoder, Read, encoders, find
from bert4text.models.embedded import embedded_folder

SINGLE = "model.safetensors"
ORIGIN = "encoder.json"
"""Written beside a fetched encoder: name, hub, revision, licence, languages, digest of each file."""

_OFFSET_FROM_PADDING = frozenset(
    {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "data2vec-text", "longformer", "mpnet", "xmod"}
    | {"roberta-prelayernorm", "ibert", "luke"}
)
"""Families whose first position is ``pad_token_id + 1``: so many positions are never used."""


class EncoderInfo(Record):
    """What an encoder is, as a bundle remembers it.

    Attributes:
        name: as it was asked for, or the name of its folder.
        revision: commit on the hub, or None when unknown.
        sha256: of its weights.
        licence: as its model card states, or None when unknown.
        window: tokens it reads at once, special tokens included.
        languages: of its training text, BCP 47; empty when unknown.
        reads: what its head reads, or is to read: the first token, or the mean of all by one more layer.
    """

    name: str
    revision: str | None = None
    sha256: str
    licence: str | None = None
    window: int
    languages: tuple[str, ...] = ()
    reads: Read = "first"


@dataclass(frozen=True)
class Source:
    """An encoder's folder and what is known of where it came from."""

    name: str
    folder: Path
    revision: str | None = None
    licence: str | None = None
    languages: tuple[str, ...] = ()
    cased: bool | None = None
    reads: Read = "first"


def locate(name: str) -> Source:
    """Find an encoder by catalog name, folder or hub id; a folder is anything with a ``config.json``.

    Raises:
        UnknownEncoderError: nothing on this machine goes by that name.
        ModelError: the name is that of the linear baseline, or the embedded weights are not the real ones.
        MissingExtraError: the extra of an embedded encoder is not installed.
    """
    folder = Path(name).expanduser()
    if (folder / "config.json").is_file():
        return _local(folder)
    entry = _entry(name)
    if entry is not None and entry.name == "tfidf":
        raise ModelError("tfidf is no encoder: it is always trained beside one", code="no-encoder")
    if entry is not None and entry.embedded:
        place = embedded_folder(entry.name)
        return Source(entry.name, place, None, entry.licence, entry.languages, entry.cased, entry.reads)
    hub = entry.hub if entry is not None and entry.hub else name
    cached = cached_snapshot(hub)
    if cached is None:
        raise _no_config(folder) if entry is None and folder.is_dir() else _unknown(name, entry)
    if entry is None:
        return Source(hub, cached, cached.name)
    return Source(entry.name, cached, cached.name, entry.licence, entry.languages, entry.cased, entry.reads)


def cached_snapshot(hub: str) -> Path | None:
    """The folder of a hub id's main revision in the local Hugging Face cache, or None."""
    parts = hub.split("/")
    if len(parts) > 2 or any(part in {"", ".", ".."} or "\\" in part for part in parts):
        return None
    repository = _cache() / ("models--" + "--".join(parts))
    try:
        revision = (repository / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    snapshot = repository / "snapshots" / revision
    return snapshot if (snapshot / "config.json").is_file() else None


def read_origin(folder: Path) -> dict[str, Any]:
    """Read the ``encoder.json`` of a fetched encoder; empty where there is none.

    Raises:
        ModelError: it is not a JSON object.
    """
    return _json(folder / ORIGIN, needed=False)


def read_config(folder: Path) -> dict[str, Any]:
    """Read an encoder's ``config.json``.

    Raises:
        ModelError: it is missing or is not a JSON object.
    """
    return _json(folder / "config.json", needed=True)


def weights_digest(folder: Path, digest: Callable[[Path], str] = file_digest) -> str:
    """SHA-256 of ``model.safetensors``; of shards, over the sorted lines ``sha256  name``.

    Args:
        folder: of the encoder.
        digest: SHA-256 of one file.

    Raises:
        ModelError: there are no safetensors weights (``pickle-only``, ``no-weights``).
    """
    first, *others = weights_files(folder)
    if not others and first.name == SINGLE:
        return digest(first)
    lines = (f"{digest(shard)}  {shard.name}" for shard in (first, *others))
    return sha256("\n".join(lines).encode())


def weights_files(folder: Path) -> list[Path]:
    """The safetensors weights: one file, or its shards.

    Raises:
        ModelError: there are none (``pickle-only``, ``no-weights``).
    """
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    shards = sorted(folder.glob("model-*-of-*.safetensors"))
    if shards and (folder / "model.safetensors.index.json").is_file():
        return shards
    pickled = sorted(path.name for path in folder.glob("*.bin"))
    if pickled:
        raise ModelError(
            "{name} has its weights as a pickle only ({found}); it could run any code and is not opened",
            hint="use a revision of the encoder that has model.safetensors",
            code="pickle-only",
            name=folder.name,
            found=pickled,
        )
    raise ModelError(
        "{name} has no model.safetensors",
        hint="give the folder of an encoder saved by transformers",
        code="no-weights",
        name=folder.name,
    )


def window_from(folder: Path) -> int:
    """Tokens an encoder reads at once, special tokens included: the least of what its files promise.

    Raises:
        ModelError: its ``config.json`` is missing or broken.
    """
    config = read_config(folder)
    positions = config.get("max_position_embeddings") or config.get("n_positions")
    limits = []
    if isinstance(positions, int) and positions > 0:
        used = config.get("model_type") in _OFFSET_FROM_PADDING
        padding = config.get("pad_token_id")
        limits.append(positions - ((1 if padding is None else int(padding)) + 1 if used else 0))
    longest = _json(folder / "tokenizer_config.json", needed=False).get("model_max_length")
    if isinstance(longest, int | float) and 0 < longest < 1_000_000:
        limits.append(int(longest))
    return min(limits, default=512)


def _local(folder: Path) -> Source:
    origin = read_origin(folder)
    entry = _entry(str(origin.get("name", "")))
    name = str(origin.get("name") or folder.resolve().name)
    return Source(
        name,
        folder,
        origin.get("revision"),
        origin.get("licence"),
        tuple(origin.get("languages", ())),
        None if entry is None else entry.cased,
        "mean" if "mean" in (origin.get("reads"), entry and entry.reads) else "first",
    )


def _entry(name: str) -> Encoder | None:
    try:
        return find(name)
    except UnknownEncoderError:
        return None


def _cache() -> Path:
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "huggingface" / "hub"


def _json(path: Path, *, needed: bool) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not needed:
            return {}
        value = None
    except (OSError, ValueError):
        value = None
    if isinstance(value, dict):
        return value
    raise ModelError(
        "{name} of the encoder is missing or is not JSON",
        hint="give the folder of an encoder saved by transformers",
        code="bad-encoder",
        name=path.name,
    )


def _no_config(folder: Path) -> UnknownEncoderError:
    return UnknownEncoderError(
        "the folder {name} has no config.json",
        hint="give the folder of an encoder saved by transformers",
        code="no-config",
        name=folder.name,
    )


def _unknown(name: str, entry: Encoder | None) -> UnknownEncoderError:
    if entry is not None or "/" in name:
        return UnknownEncoderError(
            "the encoder {wanted!r} is not on this machine",
            hint="fetch it where there is a network: bert4text encoders fetch {wanted} --to FOLDER;"
            " then give the folder",
            code="not-fetched",
            wanted=name,
        )
    known = [row.name for row in encoders()]
    near = suggestion(name, known)
    return UnknownEncoderError(
        "there is no encoder {wanted!r}: no entry of the catalog, no folder with a config.json, no hub id",
        hint="did you mean {near!r}?" if near else "the catalog has {known}",
        wanted=name,
        known=known,
        near=near,
    )
