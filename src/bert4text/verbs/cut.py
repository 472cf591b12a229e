"""How the texts of a corpus were cut when they were prepared: new reports must be read alike."""

from __future__ import annotations

from typing import Any

from bert4text.core.corpus import Corpus

READ = ("sections", "sentences", "labels_from", "sides")
"""The settings of ``[prepare]`` that say what of a report the model may see."""


def reading_of(corpus: Corpus) -> dict[str, Any]:
    """What of its reports a corpus shows, as settings of ``[prepare]``; empty where nothing is known.

    Verbs that change a corpus without cutting it (``deidentify``) keep it in the notes of their manifest.
    """
    manifest = corpus.manifest
    if manifest is None:
        return {}
    if manifest.verb in {"prepare", "audit"}:
        return {name: manifest.config.get(name) for name in READ}
    return dict(manifest.notes.get("reading", {}))
