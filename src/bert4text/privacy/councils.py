"""Detector: registrations of professionals: ``CRM/SP 123456``, ``COREN-RJ-000000-ENF``, ``12345-CRM``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bert4text.core.span import Span
from bert4text.privacy.reading import Reading

SOURCE = "councils"
SURE = 0.95

STATES = "ac|al|am|ap|ba|ce|df|es|go|ma|mg|ms|mt|pa|pb|pe|pi|pr|rj|rn|ro|rr|rs|sc|se|sp|to"
"""The states of Brazil, as a pattern."""
COUNCIL = (
    r"(?:crm(?:v|esp|erj)?|cremesp|cremerj|coren|crtr|crf|cro|crefito|crefono|crfa|crp|crn|crbm|crbio|cress"
    r"|cref|rms)"
)
_OWN = rf"(?:{STATES})(?![^\W\d_])"
_NAMED = re.compile(
    rf"(?<![^\W\d_]){COUNCIL}(?P<behind>[ \t]*[/\-–. ]?[ \t]*\(?(?:{_OWN}|(?:{STATES})(?=\d))?\)?[ \t]*"
    r"(?:sob )?(?:n[o°º]?[.°º]?|numero|no\.)?[ \t]*[:./\-–]*[ \t]*"
    r"(?:[ep][ \-.])?\d(?:[.\-/ ]?\d){3,7}(?:[ ]?[\-/ ][ ]?(?:enf|te|ae|tec|aux|f|ep|p|s|"
    rf"{STATES})(?![^\W_]))?)"
)
_BEFORE = re.compile(
    rf"\d(?<![\d.,/]\d)[\d.]{{2,7}}[ ]?[\-/]?[ ]?{COUNCIL}(?![^\W_])(?:[/\-](?:{STATES})(?!\w))?"
)


def find(reading: Reading) -> Iterator[Span]:
    """The number of a registration with the state beside it; the name of the council stays."""
    for found in _NAMED.finditer(reading.folded):
        start = found.start("behind")
        yield Span(start=start, end=found.end(), label="council", score=SURE, source=SOURCE)
    for found in _BEFORE.finditer(reading.folded):
        yield Span(start=found.start(), end=found.end(), label="council", score=SURE, source=SOURCE)
