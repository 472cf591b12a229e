"""Surrogates: made-up names, numbers and places in the place of real ones, the same for the same.

Within the reports of one patient a word of a name gets the same surrogate wherever it stands, so that "Maria
Silva", "Maria" and "Sra. Silva" stay one person; in those of another patient it gets another. Of a given name
the gender is kept, of everything the case, the marks and the length of numbers.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon
from bert4text.privacy.census import gender
from bert4text.privacy.check_digits import kind_by_digits
from bert4text.privacy.kinds import LANGUAGES, PERSONS

NUMBERS = frozenset(
    {"cpf", "cns", "cnpj", "national-id", "record", "exam", "plan", "account", "council", "licence", "number"}
    | {"vehicle", "device", "credential", "phone", "postal-code"}
)
"""Kinds of which every digit and letter gets another."""
LISTED = {"place": "towns", "facility": "facilities", "address": "streets"}
"""Kinds of which the whole gets another from a list."""
KINDS = PERSONS | NUMBERS | LISTED.keys()
"""Kinds that have surrogates."""

_WORD = re.compile(r"[^\W\d_]+")
_LINKS = frozenset({"de", "da", "do", "dos", "das", "del", "la", "e", "y", "van", "von", "der", "di", "du"})
_ENDINGS = frozenset({"filho", "neto", "junior", "sobrinho", "jr", "sr", "ii", "iii"})
_HOUSES = 2000
_DRAWS = 8


def surrogate(kind: str, old: str, *, key: bytes, subject: str, language: str | None) -> str:
    """What stands in the place of an identifier.

    Args:
        kind: one of ``KINDS``.
        old: the identifier.
        key: of the project: nobody without it can tell what stood there.
        subject: the patient, or the report where nobody knows the patient.
        language: of the report; Portuguese where it is not known.
    """
    lists = _lists(language)
    secret = hmac.new(key, f"surrogate:{subject}".encode(), sha256).digest()
    if kind in PERSONS:
        return _name(old, lists, secret)
    if kind in LISTED:
        chosen = _chosen(lists[LISTED[kind]], secret, f"{kind}:{_plain(old)}")
        house = f", {_drawn(secret, _plain(old)) % _HOUSES + 1}" if kind == "address" else ""
        return _cased(chosen + house, like=old)
    return _number(kind, old, secret)


def _name(old: str, lists: dict[str, Any], secret: bytes) -> str:
    """A name word by word; particles and endings stay, an initial stays one.

    What a word becomes hangs on the word alone, not on where it stands: a frequent given name a given name,
    all else a surname.
    """
    families = {fold(name) for name in lists["surnames"]}

    def instead(word: re.Match[str]) -> str:
        folded = fold(word.group())
        if folded in _LINKS or folded in _ENDINGS:
            return word.group()
        whose = None if folded in families else gender(folded)
        chosen = _chosen(lists[whose or "surnames"], secret, folded, but=folded)
        return _cased(chosen[:1] if len(folded) == 1 else chosen, like=word.group())

    return _WORD.sub(instead, old)


def _number(kind: str, old: str, secret: bytes) -> str:
    """Every digit and letter anew, signs kept; never a number that some check digits fit."""
    for attempt in range(_DRAWS):
        stream = _stream(secret, f"{kind}:{_plain(old)}:{attempt}", len(old))
        signs = [
            str(byte % 10)
            if sign.isdigit()
            else _cased("abcdefghijkmnpqrstuvwxyz"[byte % 24], like=sign)
            if sign.isalpha() and kind != "council"
            else sign
            for sign, byte in zip(old, stream, strict=True)
        ]
        made = "".join(signs)
        if made != old and kind_by_digits(re.sub(r"\D", "", made)) is None:
            return made
    return re.sub(r"\d", "0", old)


def _chosen(pool: Sequence[str], secret: bytes, said: str, *, but: str = "") -> str:
    """One of a list, keyed by what was said, never that itself."""
    place = _drawn(secret, said) % len(pool)
    return pool[place] if fold(pool[place]) != but else pool[(place + 1) % len(pool)]


def _drawn(secret: bytes, said: str) -> int:
    return int.from_bytes(hmac.new(secret, said.encode(), sha256).digest()[:8], "big")


def _stream(secret: bytes, said: str, n: int) -> bytes:
    """As many bytes as are needed."""
    blocks = (hmac.new(secret, f"{said}:{block}".encode(), sha256).digest() for block in range(n // 32 + 1))
    return b"".join(blocks)[:n]


def _cased(new: str, *, like: str) -> str:
    """As what stood there is written: in capitals, in small letters, or as it is."""
    letters = [sign for sign in like if sign.isalpha()]
    if letters and all(map(str.isupper, letters)) and (len(letters) > 1 or len(new) == 1):
        return new.upper()
    return new.lower() if letters and all(map(str.islower, letters)) else new


def _plain(old: str) -> str:
    return "".join(sign for sign in fold(old) if sign.isalnum())


@cache
def _lists(language: str | None) -> dict[str, Any]:
    short = (language or "pt").split("-", maxsplit=1)[0]
    found: dict[str, Any] = lexicon("surrogates")[short if short in LANGUAGES else "pt"]
    return found
