"""Repair a text without changing what it says: encoding, Unicode form, control characters, line ends."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
_ODD_LINE_ENDS = "\r\x0b\x0c\u2028\u2029"
_TRAILING = re.compile(r"[ \t]+(?=\n)")
_DAMAGED = re.compile("[\u00c2-\u00c5\u00e2\u00f0][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]")
_EXPECTED = re.compile(
    "[\u00a0-\u017f\u2010-\u2044\u20ac\u2122\u2190-\u27bf\u200d\ufe0f\U0001f300-\U0001faff]+"
)
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _windows(code: int) -> str | None:
    try:
        return bytes([code]).decode("cp1252")
    except UnicodeDecodeError:
        return None


_TABLE: dict[int, str | None] = {code: None for code in (*range(32), 127) if chr(code) not in "\n\t"}
_TABLE.update({code: _windows(code) for code in range(0x80, 0xA0)})
_TABLE.update(dict.fromkeys(map(ord, _SPACES), " "))
_TABLE.update(dict.fromkeys(map(ord, _INVISIBLE)))
_TABLE.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
_UNCLEAN = re.compile(
    "[" + "".join(re.escape(chr(code)) for code in _TABLE if code < 0xD800) + "\ud800-\udfff]"
)


def normalize(text: str) -> str:
    """Repair a text: certain encoding damage, NFC, no control characters, plain line ends.

    Special spaces become plain ones, invisible marks go, lines lose trailing blanks, the text its outer
    white space. Applying it twice changes nothing.
    """
    while True:
        repaired = repair_encoding(text)
        clean = _clean(repaired)
        if clean in {repaired, text}:
            return clean
        text = clean  # what was taken out may have hidden damage


def _clean(text: str) -> str:
    if any(mark in text for mark in _ODD_LINE_ENDS):
        text = _LINE_ENDS.sub("\n", text)
    if _UNCLEAN.search(text):
        text = text.translate(_TABLE)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if " \n" in text or "\t\n" in text:
        text = _TRAILING.sub("", text)
    return text.strip()


def repair_encoding(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252 or Latin-1, line by line, only where it is certain.

    A line is repaired when all of it survives the way back (every character is one of Windows-1252 and the
    bytes are valid UTF-8) and what comes out are letters and signs of western European text. A line that
    holds one rightly written accent cannot survive it, so it is left alone.
    """
    if text.isascii() or not _DAMAGED.search(text):
        return text
    return "\n".join(_repaired(line) for line in text.split("\n"))


def text_digest(text: str) -> bytes:
    """16 bytes that are equal for texts that repeat each other but for case and white space."""
    same = unicodedata.normalize("NFC", " ".join(text.casefold().split()))
    return hashlib.sha256(same.encode("utf-8", "surrogatepass")).digest()[:16]


def _repaired(line: str) -> str:
    for _ in range(2):  # text may have gone through the wrong door twice
        once = _way_back(line)
        if once is None:
            return line
        line = once
    return line


def _way_back(line: str) -> str | None:
    if not _DAMAGED.search(line):
        return None
    try:
        found = b"".join(_byte(character) for character in line).decode("utf-8")
    except UnicodeError:
        return None
    foreign = "".join(character for character in found if ord(character) > 0x7F)
    return found if _EXPECTED.fullmatch(unicodedata.normalize("NFC", foreign)) else None


def _byte(character: str) -> bytes:
    code = ord(character)
    return bytes([code]) if code < 0x100 else character.encode("cp1252")
