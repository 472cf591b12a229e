"""Find how a text file is encoded, and tell binary garbage from text."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from bert4text.core.errors import ConfigError, SchemaError

CHUNK = 1 << 20
MIXED = "bert4text-windows-1252"
"""Decoding error handler: bytes that are not UTF-8 are read as Windows-1252."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    b"PK\x03\x04",
    b"PAR1",
    b"%PDF",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"\x89PNG",
    b"\x7fELF",
    b"MZ\x90",
    b"SQLite format 3",
)
_CONTROLS = bytes(code for code in range(1, 32) if code not in b"\t\n\r\x0b\x0c\x1a\x1c\x1d\x1e\x1f")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


@dataclass(frozen=True)
class Encoding:
    """How to decode a file.

    Attributes:
        name: a codec of Python.
        errors: what to do with bytes that do not fit.
        strays: how many bytes do not fit and are read as Windows-1252.
    """

    name: str
    errors: str = "strict"
    strays: int = 0


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(MIXED, _as_windows)


def known_encoding(name: str) -> Encoding:
    """An encoding asked for by name.

    Raises:
        ConfigError: there is no such encoding of text.
    """
    try:
        "".encode(name)  # refuses codecs that are none of text, such as base64
        return Encoding(codecs.lookup(name).name)
    except (LookupError, ValueError):
        raise ConfigError(
            "there is no encoding {name!r}",
            hint="for example utf-8, windows-1252, utf-16, cp850",
            code="unknown-encoding",
            name=name,
        ) from None


def detect_encoding(stream: BinaryIO, *, name: str) -> Encoding:
    """Read a seekable stream through and say how it is encoded; the stream is rewound.

    UTF-8, UTF-16 and UTF-32 by their mark, UTF-16 without one by its NULs, UTF-8 by being valid,
    else Windows-1252. A file that is UTF-8 but for a few bytes is read as such, those bytes as Windows-1252.

    Args:
        stream: the file, opened for bytes.
        name: what errors call it.

    Raises:
        SchemaError: it is no text (``not-text``), or in an encoding that cannot be told (``bad-encoding``).
    """
    head = stream.read(CHUNK)
    try:
        marked = next((codec for mark, codec in _BOMS if head.startswith(mark)), None) or _unmarked_utf16(
            head
        )
        if marked is not None:
            return Encoding(marked)
        refuse_binary(head, name=name)
        stream.seek(0)
        if _is_utf8(stream):
            return Encoding("utf-8")
        stream.seek(0)
        return _eight_bits(stream, name)
    finally:
        stream.seek(0)


def refuse_binary(head: bytes, *, name: str) -> None:
    """Refuse what is no text.

    Raises:
        SchemaError: the first bytes are those of another kind of file, or hold many control characters.
    """
    controls = len(head) - len(head.translate(None, _CONTROLS))
    zeros = head.count(0)
    if (
        head.startswith(_MAGIC)
        or (controls >= 4 and controls > 0.02 * len(head))
        or zeros > max(8, 0.2 * len(head))
    ):
        raise SchemaError(
            "{name} is not a text file",
            hint="save the table as CSV, Excel (.xlsx) or Parquet, and keep the matching suffix in its name",
            code="not-text",
            name=name,
        )


def _unmarked_utf16(head: bytes) -> str | None:
    even, odd = head[0::2], head[1::2]
    if len(odd) < 4:
        return None
    zeros = even.count(0) / len(even), odd.count(0) / len(odd)
    if zeros[1] > 0.4 and zeros[0] < 0.05:
        return "utf-16-le"
    return "utf-16-be" if zeros[0] > 0.4 and zeros[1] < 0.05 else None


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _eight_bits(stream: BinaryIO, name: str) -> Encoding:
    valid = strays = undefined = 0
    while chunk := stream.read(CHUNK):
        rest, count = _MULTIBYTE.subn(b"", chunk)
        valid += count
        strays += len(_HIGH.findall(rest))
        undefined += len(_UNDEFINED.findall(chunk))
    if valid > strays:
        return Encoding("utf-8", MIXED, strays)
    if undefined:
        raise SchemaError(
            "the encoding of {name} cannot be told",
            hint='name it in [prepare] encoding, for example "cp850" or "latin-1"',
            code="bad-encoding",
            name=name,
        )
    return Encoding("cp1252")


def decoded(data: bytes) -> str:
    """One text from its bytes, decoded as those of a file.

    Raises:
        SchemaError: the bytes are no text.
    """
    found = detect_encoding(io.BytesIO(data), name="-")
    return data.decode(found.name, found.errors)
