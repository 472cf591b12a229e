"""What persons decided of doubtful spans: kept beside the keys, and no word of a report with it.

A decision of one span is known by a keyed digest of its report, its place and the whole text: in a report
that was changed it is asked anew. A word that is always or never hidden is known by its keyed digest, too.
"""

from __future__ import annotations

import hmac
import json
import os
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from bert4text.core.digest import canonical
from bert4text.core.errors import StoreError
from bert4text.core.fold import fold
from bert4text.core.manifest import utc_now
from bert4text.core.span import Span
from bert4text.privacy.reading import Reading

FILE = "review.jsonl"
SOURCE, SURE = "reviewed", 1.0
_HEX = 32


class Decisions:
    """The decisions of a project, as a file to which lines are added.

    Args:
        path: the file, mode 0600; it is made with the first decision.
        key: of the project.

    Raises:
        StoreError: the file cannot be read.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key = key
        self._spans: dict[str, bool] = {}
        self._words: dict[str, tuple[int, bool, str]] = {}
        self._by: set[str] = set()
        for line in self._lines():
            self._take(line)

    def __bool__(self) -> bool:
        return bool(self._spans or self._words)

    def of(self, report: str, text: str, span: Span) -> bool | None:
        """Whether a span is to be hidden; None where nobody decided.

        Args:
            report: its id.
            text: the whole of it.
            span: the stretch in question.
        """
        word = self._words.get(self._digest("word", _plain(text[span.start : span.end])))
        if word is not None:
            return word[1]
        return self._spans.get(self._place(report, text, span))

    def kept(self, report: str, text: str, span: Span) -> bool:
        """Whether somebody decided that a span stays."""
        return self.of(report, text, span) is False

    def find(self, reading: Reading) -> Iterator[Span]:
        """A detector: the words that are always hidden."""
        sizes = {size for size, hide, _ in self._words.values() if hide}
        tokens = list(_tokens(reading.folded)) if sizes else []
        for size in sorted(sizes):
            for first in range(len(tokens) - size + 1):
                start, end = tokens[first][0], tokens[first + size - 1][1]
                found = self._words.get(self._digest("word", _plain(reading.folded[start:end])))
                if found is not None and found[1]:
                    yield Span(start=start, end=end, label=found[2], score=SURE, source=SOURCE)

    def decide(self, report: str, text: str, span: Span, hide: bool | None, *, by: str) -> None:  # noqa: FBT001
        """Keep what is done with one span; None takes a decision back.

        Raises:
            StoreError: it cannot be written.
        """
        self._add({"span": self._place(report, text, span), "hide": hide, "by": by})

    def decide_word(self, words: str, kind: str, hide: bool | None, *, by: str) -> None:  # noqa: FBT001
        """Keep what is done with words wherever they stand; None takes it back.

        Raises:
            StoreError: it cannot be written.
        """
        plain = _plain(words)
        size = len(list(_tokens(plain)))
        self._add({"word": self._digest("word", plain), "size": size, "kind": kind, "hide": hide, "by": by})

    def summary(self) -> dict[str, Any]:
        """Who decided, and how often what; nothing of the reports."""
        spans = Counter(self._spans.values())
        words = Counter(hide for _, hide, _ in self._words.values())
        return {
            "by": sorted(self._by),
            "hidden": spans[True],
            "kept": spans[False],
            "words_hidden": words[True],
            "words_kept": words[False],
        }

    def _add(self, line: dict[str, Any]) -> None:
        line = {"at": utc_now(), **line}
        problem = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            problem = type(error).__name__
        if problem is not None:
            raise self._broken(problem)
        self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        if line["hide"] is None:
            self._spans.pop(line.get("span", ""), None)
            self._words.pop(line.get("word", ""), None)
        elif "word" in line:
            self._words[line["word"]] = (line["size"], line["hide"], line["kind"])
        else:
            self._spans[line["span"]] = line["hide"]
        self._by.add(line["by"])

    def _lines(self) -> list[dict[str, Any]]:
        problem = None
        found: list[dict[str, Any]] = []
        try:
            if self.path.exists():
                for line in self.path.read_text(encoding="utf-8").split("\n"):
                    if line:
                        row = json.loads(line)
                        found.append({**row, "hide": row["hide"], "by": row["by"]})
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = type(error).__name__
        if problem is not None:
            raise self._broken(problem)
        return found

    def _place(self, report: str, text: str, span: Span) -> str:
        return self._digest("span", report, str(span.start), str(span.end), text)

    def _digest(self, *parts: str) -> str:
        return hmac.new(self._key, canonical(list(parts)), sha256).hexdigest()[:_HEX]

    def _broken(self, problem: str) -> StoreError:
        return StoreError(
            "the decisions of earlier reviews cannot be used ({problem})",
            hint="restore {name} from its backup, or take it away: then all is asked anew",
            code="decisions",
            problem=problem,
            name=FILE,
        )


def _plain(words: str) -> str:
    return " ".join(fold(words).split())


def _tokens(folded: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text begin and end, signs at their ends left out."""
    place = 0
    for word in folded.split():
        start = folded.index(word, place)
        place = start + len(word)
        bare = word.strip(".,;:!?()[]\"'")
        if bare:
            begin = start + word.index(bare)
            yield begin, begin + len(bare)
