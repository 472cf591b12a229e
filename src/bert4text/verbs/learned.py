"""What a model has done with the splits of a corpus: learned from them, or been calibrated on them."""

from __future__ import annotations

from bert4text.core.corpus import Corpus
from bert4text.core.errors import PolicyError
from bert4text.core.manifest import Manifest

CALIBRATED = "calibrate"
"""What a split served for that a model was calibrated on after it had learned from another corpus."""


def learned_from(manifest: Manifest) -> set[str]:
    """The digests of what a model was made from, without corpora that it was calibrated on later."""
    return {parent.digest for parent in manifest.parents} - _calibrated_on(manifest).keys()


def uses_of(manifest: Manifest, corpus: Corpus) -> dict[str, str]:
    """What each split of this very corpus served for when a model was made; nothing of another corpus.

    A corpus that was mended by an audit counts as the one it was made from.

    Args:
        manifest: of the model.
        corpus: that is to be measured or calibrated on.
    """
    after, known = _calibrated_on(manifest), set(corpus.identities) | _before(corpus)
    found = {name: CALIBRATED for digest in known & after.keys() for name in after[digest]}
    return found if known.isdisjoint(learned_from(manifest)) else {**found, **manifest.split_used}


def check_rounded_by(manifest: Manifest, corpus: Corpus, *, precision: str) -> None:
    """Refuse to round a privately trained run by the reports that it learned from.

    Args:
        manifest: of the run.
        corpus: by whose reports scales and weights would be rounded.
        precision: of the export; nothing is fitted to reports for one in float32.

    Raises:
        PolicyError: they are fitted without noise, so that the budget of the run says nothing of them.
    """
    if precision != "float32" and "private" in manifest.notes and uses_of(manifest, corpus):
        raise PolicyError(
            "the run was trained with differential privacy on this corpus: scales and weights in 8 bits are "
            "fitted to its reports without noise, which the epsilon does not cover",
            hint="give a corpus of synthetic reports of the same labels, or export with --precision float32",
            code="not-private",
        )


def check_not_dealt_anew(manifest: Manifest, corpus: Corpus, *, split: str) -> None:
    """Refuse a corpus whose reports were dealt to other splits after a model had learned from them.

    Args:
        manifest: of the model.
        corpus: that is to be measured or calibrated on.
        split: of it, for the message.

    Raises:
        PolicyError: they were, so that nobody knows which of them it learned from.
    """
    made = learned_from(manifest) | _calibrated_on(manifest).keys()
    mended = corpus.manifest.config.get("remedies", {}) if corpus.manifest is not None else {}
    dealt = "split" in mended.get("prepare", {})
    if dealt and made.isdisjoint(corpus.identities) and not made.isdisjoint(_before(corpus)):
        raise PolicyError(
            "the reports were dealt anew after this model learned: those it learned from may stand in "
            "the split {split!r}",
            hint="train on this corpus, or measure on the one that the model was made from",
            code="dealt-anew",
            split=split,
        )


def _calibrated_on(manifest: Manifest) -> dict[str, list[str]]:
    """Digest of a corpus -> its splits that the model was calibrated on later."""
    found: dict[str, list[str]] = manifest.notes.get("calibrated", {}).get("on", {})
    return found


def _before(corpus: Corpus) -> set[str]:
    """The digests of what a corpus was before an audit mended it; none of others."""
    made = corpus.manifest
    return {one.digest for one in made.parents} if made is not None and made.verb == "audit" else set()
