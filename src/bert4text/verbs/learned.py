"""What a model has done with the splits of a corpus: learned from them, or been calibrated on them."""

from __future__ import annotations

from bert4text.core.corpus import Corpus
from bert4text.core.errors import PolicyError
from bert4text.core.manifest import Manifest

CALIBRATED = "calibrate"
"""What a split served for that a model was calibrated on after it had learned from another corpus."""


def uses_of(manifest: Manifest, corpus: Corpus, *, split: str) -> dict[str, str]:
    """What each split of this corpus served for when a model was made; nothing of another corpus.

    A corpus that was mended by an audit counts as the one it was made from.

    Args:
        manifest: of the model.
        corpus: that is to be measured or calibrated on.
        split: of it, for the message.

    Raises:
        PolicyError: the reports were dealt anew since, so that nobody knows which it learned from.
    """
    after: dict[str, list[str]] = manifest.notes.get("calibrated", {}).get("on", {})
    learned = {parent.digest for parent in manifest.parents if parent.digest not in after}
    known = set(corpus.identities)
    mended = corpus.manifest if corpus.manifest is not None and corpus.manifest.verb == "audit" else None
    if mended is not None:
        before = {parent.digest for parent in mended.parents}
        dealt = "split" in mended.config.get("remedies", {}).get("prepare", {})
        if dealt and known.isdisjoint(learned) and before & (learned | after.keys()):
            raise PolicyError(
                "the reports were dealt anew after this model learned: those it learned from may stand in "
                "the split {split!r}",
                hint="train on this corpus, or measure on the one that the model was made from",
                code="dealt-anew",
                split=split,
            )
        known |= before
    found = {name: CALIBRATED for digest in known & after.keys() for name in after[digest]}
    return found if known.isdisjoint(learned) else {**found, **manifest.split_used}
