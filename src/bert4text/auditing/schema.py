"""Check: what is wrong with single reports - empty, very short, unlabelled, repeated, garbled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from bert4text.auditing.checks import Context
from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold
from bert4text.core.issue import Issue, Severity

CHECK = "schema"
_GARBLED = re.compile(r"\ufffd|[ÃÂ][\u0080-\u00bf\u2018-\u203a€ŠšŽžŸ]|â€|ï¿½|\x00")


def check_schema(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Look at each report by itself: text, labels, date."""
    texts = corpus.texts
    words = [len(text.split()) for text in texts]
    short = context.config.short
    yield from _if_any(
        corpus,
        [count == 0 for count in words],
        severity="error",
        code="empty-text",
        message="reports without text: {count}",
    )
    yield from _if_any(
        corpus,
        [0 < count < short for count in words],
        severity="warning",
        code="short-text",
        message="reports of fewer than {short} words: {count}",
        short=short,
    )
    yield from _if_any(
        corpus,
        [_GARBLED.search(text) is not None for text in texts],
        severity="warning",
        code="garbled-text",
        message="reports with characters read in the wrong encoding: {count}",
    )
    yield from _if_any(
        corpus,
        _repeated(texts),
        severity="warning",
        code="repeated-text",
        message="reports that repeat the text of another: {count}",
    )
    yield from _labels(corpus)
    now = datetime.now(UTC)
    yield from _if_any(
        corpus,
        [at is not None and at > now for at in corpus.table["written_at"].to_pylist()],
        severity="warning",
        code="future-date",
        message="reports dated in the future: {count}",
    )


def _labels(corpus: Corpus) -> Iterator[Issue]:
    rows = corpus.table["labels"].to_pylist()
    missing = [row is None for row in rows]
    if corpus.label_space is None or (rows and all(missing)):
        yield Issue(
            check=CHECK,
            severity="error",
            code="no-labels",
            message="no report has a label",
            reports=len(corpus),
        )
        return
    yield from _if_any(
        corpus, missing, severity="info", code="unlabelled", message="reports without a label: {count}"
    )
    known = set(corpus.label_space.names)
    strange = sorted({label for row in rows for label in row or () if label not in known})
    yield from _if_any(
        corpus,
        [row is not None and not known.issuperset(row) for row in rows],
        severity="error",
        code="unknown-label",
        message="reports with a label that the question does not know: {count}",
        kinds=len(strange),
    )


def _repeated(texts: Sequence[str]) -> list[bool]:
    keys = [" ".join(fold(text).split()) for text in texts]
    counts = Counter(keys)
    return [bool(key) and counts[key] > 1 for key in keys]


def _if_any(
    corpus: Corpus,
    hit: Sequence[bool],
    *,
    severity: Severity,
    code: str,
    message: str,
    **values: int,
) -> Iterator[Issue]:
    count = sum(hit)
    if count:
        sources = corpus.table["source_row"].to_pylist()
        rows = [row for row, here in zip(sources, hit, strict=True) if here and row is not None]
        yield Issue(
            check=CHECK,
            severity=severity,
            code=code,
            message=message,
            values={"count": count, "total": len(corpus), **values},
            reports=count,
            rows=tuple(rows[:20]),
        )
