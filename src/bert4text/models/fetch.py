"""Fetch an encoder from the hub into a folder, when the user asks for it: safetensors, never pickles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bert4text.core.errors import ModelError, UnknownEncoderError
from bert4text.core.extras import require
from bert4text.core.output import check_file, writing_folder
from bert4text.models.catalog import find
from bert4text.models.pinned import Pin, check_unchanged, digests, lock_file, pin, read_lock
from bert4text.models.sources import ORIGIN, weights_files

FILES = ("config.json", "model*.safetensors", "model.safetensors.index.json", "tokenizer.json")
"""What is fetched; further tokenizer files are in ``TOKENIZER_FILES``."""

CONVERTER = "SFconvertbot"
"""The hub's own account that offers safetensors conversions of older encoders as pull requests."""

TOKENIZER_FILES = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
    "spm.model",
)


def fetch(
    name: str,
    folder: Path,
    *,
    revision: str | None = None,
    overwrite: bool = False,
    accept_no_licence: bool = False,
    renew: bool = False,
    lock: Path | None = None,
) -> Path:
    """Fetch an encoder of the catalog or the hub into a folder: safetensors, tokenizer and config only.

    The first fetch of a hub id records its revision and the digest of each file in the lock; a later one asks
    for that revision and wants the same files. The folder's ``encoder.json`` carries the same digests.

    Args:
        name: catalog name or hub id.
        folder: where it goes; ``--encoder FOLDER`` then takes it.
        revision: a commit, branch or pull request (``refs/pr/N``); None is the one of the lock, else the main
            branch or, where that holds a pickle only, the open pull request of the hub's own conversion to
            safetensors.
        overwrite: whether an existing folder is replaced.
        accept_no_licence: whether an encoder that states no licence is fetched.
        renew: whether the newest is taken, and the lock written anew.
        lock: the lock file; None is that of the user's cache.

    Raises:
        UnknownEncoderError: the hub has no such encoder, or it cannot be reached.
        ModelError: the encoder has no safetensors weights, states no licence, is not what it was when it was
            first fetched, or is embedded and needs no fetching.
        OutputError: the folder or the lock exists or cannot be written.
    """
    try:
        entry = find(name)
    except UnknownEncoderError:
        if "/" not in name:
            raise
        entry = None
    hub = name if entry is None else entry.hub
    if hub is None:
        raise ModelError("{name} needs no fetching", code="no-encoder", name=name)
    if entry is not None and entry.licence is None and not accept_no_licence:
        raise _no_licence(entry.name)
    held = lock_file(None) if lock is None else lock
    check_file(held, overwrite=True)
    pinned = None if renew else read_lock(held).encoders.get(hub)
    with writing_folder(folder, overwrite=overwrite) as partial:
        wanted = pinned.revision if pinned is not None and revision is None else revision
        found = _offered(hub, wanted)
        licence = (None if entry is None else entry.licence) or _stated(found)
        if licence is None and not accept_no_licence:
            raise _no_licence(hub)
        _download(hub, found, partial)
        weights_files(partial)
        made = Pin(revision=str(found.sha), files=digests(partial))
        if pinned is not None:
            check_unchanged(hub, pinned, made.files)
        origin = {
            "format": "encoder/1",
            "name": hub if entry is None else entry.name,
            "hub": hub,
            "revision": made.revision,
            "licence": licence,
            "accepted_no_licence": licence is None,
            "languages": [] if entry is None else list(entry.languages),
            "files": made.files,
        }
        (partial / ORIGIN).write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")
    if pinned is None:
        pin(held, hub, made)
    return folder


def _stated(found: Any) -> str | None:
    """The licence that an encoder's model card states on the hub."""
    stated = getattr(found.card_data, "license", None)
    if isinstance(stated, list):
        stated = ", ".join(map(str, stated))
    return str(stated) if stated and stated != "unknown" else None


def _no_licence(name: str) -> ModelError:
    return ModelError(
        "the model card of {name} states no licence: nobody has said that you may use it",
        hint="ask its authors; if you may use it, add --accept-no-licence, which is recorded",
        code="no-licence",
        name=name,
    )


def _offered(hub: str, revision: str | None) -> Any:
    """What the hub tells of the revision to fetch."""
    library = _library()
    problem = None
    try:
        found = _with_safetensors(library.HfApi(), hub, revision)
    except Exception as error:
        problem = type(error).__name__
    if problem is not None:
        raise _not_fetched(hub, problem)
    if found is None:
        raise ModelError(
            "{hub} has no safetensors weights at this revision; a pickle could run any code",
            hint="choose another encoder, or fetch one whose weights were saved as model.safetensors",
            code="pickle-only",
            hub=hub,
        )
    return found


def _download(hub: str, found: Any, folder: Path) -> None:
    library = _library()
    problem = None
    try:
        library.snapshot_download(
            hub, revision=found.sha, local_dir=folder, allow_patterns=[*FILES, *TOKENIZER_FILES]
        )
    except Exception as error:
        problem = type(error).__name__
    if problem is not None:
        raise _not_fetched(hub, problem)


def _library() -> Any:
    library = require("huggingface_hub", online=True)
    library.constants.HF_HUB_OFFLINE = False  # read once, at its first import
    return library


def _not_fetched(hub: str, problem: str) -> UnknownEncoderError:
    return UnknownEncoderError(
        "the encoder {hub!r} cannot be fetched ({problem})",
        hint="check its name and the network",
        code="not-fetched",
        hub=hub,
        problem=problem,
    )


def _with_safetensors(api: Any, hub: str, revision: str | None) -> Any:
    """What the hub tells of the first revision that has safetensors, or None."""
    found = api.model_info(hub, revision=revision)
    if _has_safetensors(found) or revision is not None:
        return found if _has_safetensors(found) else None
    for request in api.get_repo_discussions(hub, author=CONVERTER, discussion_type="pull_request"):
        # the author is checked again: anybody may open a pull request, only the hub's own account is trusted
        if request.author == CONVERTER and request.is_pull_request and request.status == "open":
            converted = api.model_info(hub, revision=request.git_reference)
            if _has_safetensors(converted):
                return converted
    return None


def _has_safetensors(found: Any) -> bool:
    return any(file.rfilename.endswith(".safetensors") for file in found.siblings or [])
