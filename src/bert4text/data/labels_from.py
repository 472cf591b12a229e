"""Read the label from the report itself: from its conclusion, by category, words or patterns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bert4text.core.errors import ConfigError
from bert4text.core.fold import fold
from bert4text.core.negation import hedged, negated
from bert4text.core.sections import find_sections
from bert4text.data.birads import GRAVITY, LABELS, find_birads
from bert4text.data.config import LabelsFromConfig

PROBLEMS = ("no-section", "absent", "negated", "hedged", "several")
"""Why no label could be read."""


class Found(NamedTuple):
    """What was read: a label, or the reason why there is none (one of ``PROBLEMS``)."""

    label: str | None
    problem: str | None


class _Mention(NamedTuple):
    label: str
    start: int
    end: int


def label_reader(config: LabelsFromConfig, *, language: str | None = None) -> Callable[[str], Found]:
    """A function that reads the label of one report, as the settings say.

    A word counts where it is neither denied nor only suspected; a longer phrase wins over a shorter one
    inside it.

    Args:
        config: the section, the reader and its classes.
        language: BCP 47 code of the reports; found report by report if not given.

    Raises:
        ConfigError: a pattern is no regular expression.
    """
    order = GRAVITY if config.reader == "birads" else tuple(config.classes)
    short = None if language is None else language.split("-")[0]
    mentions = _mentions(config)

    def read(text: str) -> Found:
        parts = [text] if config.section is None else _contents(text, config.section)
        if not parts:
            return Found(None, "no-section")
        states: dict[str, set[str]] = {"affirmed": set(), "hedged": set(), "negated": set()}
        for part in parts:
            for mention in mentions(part):
                if mention.label not in states["affirmed"]:
                    states[_state(part, mention, short, plain=config.reader == "birads")].add(mention.label)
        return _decide(states, order, several=config.several)

    return read


def possible_labels(config: LabelsFromConfig) -> tuple[str, ...]:
    """The labels that the reader can give, in the order of the settings."""
    return LABELS if config.reader == "birads" else tuple(config.classes)


def _contents(text: str, section: str) -> list[str]:
    return [text[part.start : part.end] for part in find_sections(text) if part.name == section]


def _decide(states: dict[str, set[str]], order: Sequence[str], *, several: str) -> Found:
    affirmed = states["affirmed"]
    if len(affirmed) == 1 or (affirmed and several == "highest"):
        return Found(max(affirmed, key=order.index), None)
    if affirmed:
        return Found(None, "several")
    if states["hedged"]:
        return Found(None, "hedged")
    return Found(None, "negated" if states["negated"] else "absent")


def _state(text: str, mention: _Mention, language: str | None, *, plain: bool) -> str:
    if plain:  # a category is stated or not: "sem sinais suspeitos, BI-RADS 2" denies no category
        return "affirmed"
    if negated(text, mention.start, mention.end, language=language):
        return "negated"
    return "hedged" if hedged(text, mention.start, mention.end, language=language) else "affirmed"


def _mentions(config: LabelsFromConfig) -> Callable[[str], list[_Mention]]:
    if config.reader == "birads":
        return lambda text: [_Mention(*category) for category in find_birads(text)]
    patterns = [
        (label, _pattern(entry, words=config.reader == "words"))
        for label, entries in config.classes.items()
        for entry in entries
        if entry.strip()
    ]

    def find(text: str) -> list[_Mention]:
        looked_at = fold(text) if config.reader == "words" else text
        found = [
            _Mention(label, match.start(), match.end())
            for label, pattern in patterns
            for match in pattern.finditer(looked_at)
            if match.end() > match.start()
        ]
        return _longest(found)

    return find


def _longest(found: list[_Mention]) -> list[_Mention]:
    """Those that no longer one overlaps; of equal length the first, and all that stand at one place."""
    places: list[tuple[int, int]] = []  # in order, none over another
    kept = []
    for mention in sorted(found, key=lambda one: (one.start - one.end, one.start, one.label)):
        place = (mention.start, mention.end)
        at = bisect_left(places, place)
        if at < len(places) and places[at] == place:
            kept.append(mention)
            continue
        before = places[at - 1][1] if at else 0
        after = places[at][0] if at < len(places) else mention.end
        if before <= mention.start and mention.end <= after:
            places.insert(at, place)
            kept.append(mention)
    return kept


def _pattern(entry: str, *, words: bool) -> re.Pattern[str]:
    if words:
        parts = (re.escape(part).replace(r"\*", r"\w*") for part in fold(entry).split())
        return re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)")
    try:
        return re.compile(entry, re.IGNORECASE)
    except re.error as error:
        raise ConfigError(
            "{pattern!r} is not a regular expression ({problem})",
            hint="check [prepare.labels_from.classes]",
            code="bad-pattern",
            pattern=entry,
            problem=error.msg,
        ) from None
