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
_DOTTED = re.compile(r"[0-9a-f](?:(?<=\d)\.\d+\.\d+\.\d|:[0-9a-f]{1,4}:[0-9a-f]{1,4}:)")
"""Without which there is neither."""
_UID = re.compile(r"(?<![\d.])[0-2](?:\.\d+){5,}(?![\d])")
_TRAIL = ".,;:!?"

_PHONE_VALUE = re.compile(
    r"[ \t]*(?:\(?[a-z]{3,9}\)?[ \t]*)?(?:n[o°º.]+|#)?[ \t]*[:.=\-]*[ \t]*"
    r"(?P<value>\+?\(?\d[\d ()./\-–]{1,22}\d(?:[ ]?(?:r\.?|ramal|ext\.?)[ ]?\d{2,5})?)"
)
_LEAST, _LEAST_EXTENSION = 7, 3
_NO_MORE = r"(?!\d|[./\-]\d)"
_FREE = r"0[3589]00[ \-.]?\d{3}[ \-.]?\d{3,4}"
_AMERICAN = r"(?:\+?1[ .\-]?)?(?:\(\d{3}\)[ ]?|\d{3}[.\-])\d{3}[.\-]\d{4}"
_INTERNATIONAL = r"\+\d{1,3}[ .\-]?(?:\(?\d{1,4}\)?[ .\-]?){2,5}\d{2,4}"
_LOCAL = r"(?!20\d\d-(?:19|20)\d\d)(?:9[ .]?\d{4}|[2-5]\d{3})-\d{4}"


def find(reading: Reading) -> Iterator[Span]:
    """Phones by a word before them or by their shape, and addresses by theirs."""
    folded = reading.folded
    if "@" in folded:
        yield from _all(_MAIL, folded, "e-mail", SURE)
    for found in _WEB.finditer(folded) if any(sign in folded for sign in _WEB_SIGNS) else ():
        end = found.start() + len(found.group().rstrip(_TRAIL))
        yield Span(start=found.start(), end=end, label="url", score=SURE, source=SOURCE)
    if _DOTTED.search(folded):
        yield from _all(_IP, folded, "ip", SURE)
        yield from _all(_UID, folded, "exam", SURE)
    yield from _phones(folded)


def _phones(folded: str) -> Iterator[Span]:
    words, shapes = _patterns()
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
    yield from _all(shapes, folded, "phone", SHAPED)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words before a phone, and the shapes of a phone: of Brazil with its area code, free, abroad, local."""
    told = lexicon("contact")["phone"]
    areas = "|".join(map(str, told["areas"]))
    local = r"(?:9[ .]?\d{4}|[2-5]\d{3})"
    area = (
        rf"(?:\+?55[ \-]?)?(?:\(0?(?:{areas})\)[ \-]?{local}[ .\-]?\d{{4}}"
        rf"|0?(?:{areas})[ \-.]{local}[.\-]\d{{4}})"
    )
    shapes = "|".join((area, _FREE, _AMERICAN, _INTERNATIONAL, _LOCAL))
    return (
        re.compile(phrases(told["cues"], start=r"(?<![^\W\d_])", end=r"(?![^\W\d_])")),
        re.compile(rf"(?<![\d./\-])(?=[+(\d])(?:{shapes})(?:[ ](?:r\.?|ramal)[ ]?\d{{3,5}})?{_NO_MORE}"),
    )


def _all(pattern: re.Pattern[str], folded: str, kind: str, score: float) -> Iterator[Span]:
    for found in pattern.finditer(folded):
        yield Span(start=found.start(), end=found.end(), label=kind, score=score, source=SOURCE)
