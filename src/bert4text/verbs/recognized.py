"""Which recognizer looks for identifiers beside the rules."""

from __future__ import annotations

from pathlib import Path

from bert4text.core.extras import available, missing
from bert4text.models.recognizer import Recognizer, newest
from bert4text.privacy.detect import Detector
from bert4text.privacy.recognized import Recognized


def find_recognizer(name: str) -> Recognizer | None:
    """The recognizer that a setting names.

    Args:
        name: ``auto`` is the one built last without saying where, if there is any and what computes it is
            installed; ``none`` is none; else its folder.

    Raises:
        ModelError: the folder is no recognizer, or was changed.
        MissingExtraError: what computes it is not installed.
    """
    if name == "none":
        return None
    here = available("onnxruntime") and available("tokenizers")
    if name == "auto":
        folder = newest() if here else None
        return None if folder is None else Recognizer.load(folder)
    if not here:
        raise missing("onnxruntime")
    return Recognizer.load(Path(name))


def beside(recognizer: Recognizer | None) -> list[Detector]:
    """What looks for identifiers beside the rules.

    Args:
        recognizer: None where there is none.
    """
    return [] if recognizer is None else [Recognized(recognizer)]
