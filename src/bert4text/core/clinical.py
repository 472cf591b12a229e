"""Which words are clinical: they describe what is seen, where, how much, or how it was looked for."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon

_SHORT = 4  # a stem of so few letters stands for itself and its plural, not for every word that begins so


@cache
def _clinical() -> re.Pattern[str]:
    stems = lexicon("findings")["stems"]
    words = {word for kind in ("anatomy", "findings", "procedures") for word in fold(stems[kind]).split()}
    whole = sorted(word for word in words if len(word) < _SHORT)
    begun = sorted(word for word in words if len(word) >= _SHORT)
    endings = "|".join(stems["endings"].split())
    none = "|".join(map(re.escape, stems["lookalikes"].split()))
    start, word = "|".join(map(re.escape, begun)), "|".join(map(re.escape, whole))
    return re.compile(rf"(?!{none})(?:(?:{start})\w*|(?:{word})(?:e?s)?|\w{{3,}}(?:{endings}))")


def clinical(word: str) -> bool:
    """Whether a word, or any word of a phrase, is clinical by its beginning or ending."""
    return any(_known(part) for part in fold(word).split())


@lru_cache(maxsize=100_000)
def _known(folded: str) -> bool:
    return _clinical().fullmatch(folded) is not None
