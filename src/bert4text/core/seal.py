"""Seals: AES-256-GCM (NIST SP 800-38D), a random nonce first, what it belongs to as associated data."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from bert4text.core.extras import available, missing, require

LIBRARY = "cryptography"
NONCE = 12
"""Bytes of the nonce, which is drawn anew for each seal."""

TAG = 16
"""Bytes of the tag, at the end."""


def check_sealing() -> None:
    """Find out before any work whether anything can be sealed or opened here; loads nothing.

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
    """
    if not available(LIBRARY):
        raise missing(LIBRARY)


def sealed(key: bytes, content: bytes, *, bound: str) -> bytes:
    """Content that only who has the key can read, and nobody can change or hang on something else.

    Args:
        key: 32 bytes.
        content: what is sealed.
        bound: what it belongs to (a report's id, whose key it is); it is needed to open the seal.

    Returns:
        Nonce (12 bytes), the content encrypted, tag (16 bytes).

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
    """
    nonce = os.urandom(NONCE)
    cipher, _ = _library()
    box: bytes = cipher(key).encrypt(nonce, content, bound.encode("utf-8", "surrogatepass"))
    return nonce + box


def opened(key: bytes, box: bytes, *, bound: str) -> bytes | None:
    """What was sealed; None if the key is another, or a bit was changed, or it belonged to something else.

    Raises:
        MissingExtraError: the extra ``seal`` is not installed.
    """
    if len(box) < NONCE + TAG:
        return None
    cipher, invalid = _library()
    try:
        content: bytes = cipher(key).decrypt(box[:NONCE], box[NONCE:], bound.encode("utf-8", "surrogatepass"))
    except invalid:
        return None
    return content


@cache
def _library() -> tuple[Any, type[Exception]]:
    aead = require("cryptography.hazmat.primitives.ciphers.aead")
    return aead.AESGCM, require("cryptography.exceptions").InvalidTag
