"""Fetch an encoder from the hub into a folder, when the user asks for it: safetensors, never pickles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bert4text.core.errors import ModelError, UnknownEncoderError
from bert4text.core.extras import require
from bert4text.core.output import writing_folder
from bert4text.models.catalog import find
from bert4text.models.sources import ORIGIN, weights_digest

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


def fetch(name: str, folder: Path, *, revision: str | None = None, overwrite: bool = False) -> Path:
    """Fetch an encoder of the catalog or the hub into a folder: safetensors, tokenizer and config only.

    Args:
        name: catalog name or hub id.
        folder: where it goes; ``--encoder FOLDER`` then takes it.
        revision: a commit, branch or pull request (``refs/pr/N``); None is the main branch or, where that
            holds a pickle only, the open pull request of the hub's own conversion to safetensors.
        overwrite: whether an existing folder is replaced.

    Raises:
        UnknownEncoderError: the hub has no such encoder, or it cannot be reached.
        ModelError: the encoder has no safetensors weights, or is embedded and needs no fetching.
        OutputError: the folder exists or cannot be written.
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
    with writing_folder(folder, overwrite=overwrite) as partial:
        commit = _download(hub, revision, partial)
        origin = {
            "format": "encoder/1",
            "name": hub if entry is None else entry.name,
            "hub": hub,
            "revision": commit,
            "licence": None if entry is None else entry.licence,
            "languages": [] if entry is None else list(entry.languages),
        }
        (partial / ORIGIN).write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")
        weights_digest(partial)
    return folder


def _download(hub: str, revision: str | None, folder: Path) -> str:
    library = require("huggingface_hub", online=True)
    library.constants.HF_HUB_OFFLINE = False  # read once, at its first import
    problem = None
    try:
        found = _with_safetensors(library.HfApi(), hub, revision)
        if found is not None:
            library.snapshot_download(
                hub, revision=found.sha, local_dir=folder, allow_patterns=[*FILES, *TOKENIZER_FILES]
            )
    except Exception as error:
        problem = type(error).__name__
    if problem is not None:
        raise UnknownEncoderError(
            "the encoder {hub!r} cannot be fetched ({problem})",
            hint="check its name and the network",
            code="not-fetched",
            hub=hub,
            problem=problem,
        )
    if found is None:
        raise ModelError(
            "{hub} has no safetensors weights at this revision; a pickle could run any code",
            hint="choose another encoder, or fetch one whose weights were saved as model.safetensors",
            code="pickle-only",
            hub=hub,
        )
    return str(found.sha)


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
