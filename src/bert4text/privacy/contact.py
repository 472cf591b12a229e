"""Detector: phones, e-mail and web addresses, addresses of computers, identifiers of images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from bert4text.core.fold import phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.reading import Reading

SOURCE = "contact"
SURE, SHAPED = 1.0, 0.9

_MAIL = re.compile(
    r"(?<![\w.+\-])[\w.+\-]+[ ]?@[ ]?[\w\-]+(?:\.[\w\-]+)*\.[a-z]{2,}(?!\w)"
    r"|(?<![\w.])@(?!user\b)[a-z_][\w.]{3,}"  # how one is called on the web
)
_DOMAINS = ("com", "org", "net", "gov", "edu", "med", "web", "app", "online")
_PATH = r"[^\s<>()\"']*"
_WEB = re.compile(
    rf"(?:https?://|ftp://|(?<![\w.@])www\.){_PATH}"
    rf"|(?<![\w.@])[a-z][\w\-]*(?:\.[\w\-]+)*\.(?:{'|'.join(_DOMAINS)})(?:\.[a-z]{{2}})?(?:/{_PATH})?(?!\w)"
)
_WEB_SIGNS = ("www.", "://", *(f".{domain}" for domain in _DOMAINS))
_IP = re.compile(
    r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d]|\.\d)"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])"
)
_UID = re.compile(r"(?<![\d.])[0-2](?:\.\d+){5,}(?![\d])")
_TRAIL = ".,;:!?"

_PHONE_VALUE = re.compile(
    r"[ \t]*(?:\(?[a-z]{3,9}\)?[ \t]*)?(?:n[o°º.]+|#)?[ \t]*[:.=\-]*[ \t]*"
    r"(?P<value>\+?\(?\d[\d ()./\-–]{1,22}\d(?:[ ]?(?:r\.?|ramal|ext\.?)[ ]?\d{2,5})?)"
)
_LEAST, _LEAST_EXTENSION = 7, 3
_FREE = re.compile(r"(?<!\d)0[3589]00[ \-.]?\d{3}[ \-.]?\d{3,4}(?!\d)")
_AMERICAN = re.compile(
    r"(?<![\d./\-])(?:\+?1[ .\-]?)?(?:\(\d{3}\)[ ]?|\d{3}[.\-])\d{3}[.\-]\d{4}(?![\d]|[./\-]\d)"
)
_INTERNATIONAL = re.compile(r"(?<![\w.])\+\d{1,3}[ .\-]?(?:\(?\d{1,4}\)?[ .\-]?){2,5}\d{2,4}(?!\d)")
_LOCAL = re.compile(r"(?<![\d./\-])(?!20\d\d-(?:19|20)\d\d)(?:9[ .]?\d{4}|[2-5]\d{3})-\d{4}(?![\d]|[./\-]\d)")


def find(reading: Reading) -> Iterator[Span]:
    """Phones by a word before them or by their shape, and addresses by theirs."""
    folded = reading.folded
    if "@" in folded:
        yield from _all(_MAIL, folded, "e-mail", SURE)
    for found in _WEB.finditer(folded) if any(sign in folded for sign in _WEB_SIGNS) else ():
        end = found.start() + len(found.group().rstrip(_TRAIL))
        yield Span(start=found.start(), end=end, label="url", score=SURE, source=SOURCE)
    yield from _all(_IP, folded, "ip", SHAPED)
    yield from _all(_UID, folded, "exam", SURE)
    yield from _phones(folded)


def _phones(folded: str) -> Iterator[Span]:
    words, area = _patterns()
    for cue in words.finditer(folded):
        found = _PHONE_VALUE.match(folded, cue.end())
        if found is None:
            continue
        digits = sum(map(str.isdigit, found.group("value")))
        inside = cue.group() in {"ramal", "ext", "extension", "ramais"}
        if _LEAST <= digits <= 14 or (inside and _LEAST_EXTENSION <= digits < _LEAST):
            yield Span(
                start=found.start("value"), end=found.end("value"), label="phone", score=SURE, source=SOURCE
            )
    for pattern in (area, _FREE, _AMERICAN, _INTERNATIONAL, _LOCAL):
        yield from _all(pattern, folded, "phone", SHAPED)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words before a phone, and a number with an area code of Brazil."""
    told = lexicon("contact")["phone"]
    areas = "|".join(map(str, told["areas"]))
    local = r"(?:9[ .]?\d{4}|[2-5]\d{3})"
    return (
        re.compile(phrases(told["cues"], start=r"(?<![^\W\d_])", end=r"(?![^\W\d_])")),
        re.compile(
            rf"(?<![\d./\-])(?:\+?55[ \-]?)?(?:\(0?(?:{areas})\)[ \-]?{local}[ .\-]?\d{{4}}"
            rf"|0?(?:{areas})[ \-.]{local}[.\-]\d{{4}})(?!\d|[./\-]\d)"
        ),
    )


def _all(pattern: re.Pattern[str], folded: str, kind: str, score: float) -> Iterator[Span]:
    for found in pattern.finditer(folded):
        yield Span(start=found.start(), end=found.end(), label=kind, score=score, source=SOURCE)
