"""Reports of a wanted number of tokens, made from a seed; and those of a corpus, cut to one window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from benchmarks.speed.sentences import OF_ANY, OF_LABEL
from bert4text.core.corpus import Corpus
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.data.read_corpus import read_corpus

LABELS = tuple(OF_LABEL)
_MEDIAN, _SPREAD, _SHORTEST, _LONGEST = 90, 0.7, 12, 500
"""Tokens of reports of mixed length: log-normal, within these bounds."""


@dataclass(frozen=True)
class Texts:
    """Texts that all systems answer.

    Attributes:
        texts: each of at most one window.
        tokens: of each, special tokens included.
        labels: the right answer of each, where it is known.
    """

    texts: tuple[str, ...]
    tokens: tuple[int, ...]
    labels: tuple[str | None, ...]


def made(tokenizer: Tokenizer, lengths: Sequence[int], *, seed: int) -> Texts:
    """Reports of exactly these numbers of tokens, each with its label."""
    random = rng(seed, "benchmarks.speed.reports")
    labels = [LABELS[int(place)] for place in random.integers(len(LABELS), size=len(lengths))]
    texts = [
        _filled(tokenizer, _strung(random, label, words=length), length)
        for label, length in zip(labels, lengths, strict=True)
    ]
    return Texts(tuple(texts), tuple(count(tokenizer, text) for text in texts), tuple(labels))


def mixed(number: int, *, longest: int, seed: int) -> list[int]:
    """Lengths of a mixed lot."""
    drawn = rng(seed, "benchmarks.speed.lengths").lognormal(np.log(_MEDIAN), _SPREAD, size=number)
    return [int(value) for value in np.clip(drawn, _SHORTEST, min(_LONGEST, longest)).astype(int)]


def of_corpus(tokenizer: Tokenizer, path: Path, *, window: int, at_most: int) -> tuple[Texts, str]:
    """Reports of a corpus, those of ``test`` where it has a split, cut to one window; and what they are.

    Rivals read one window and drop the rest, so all are given what all can read.

    Returns:
        The texts, and the digest of the corpus.
    """
    corpus = read_corpus(corpus_file(path))
    kept = [report for report in _unseen(corpus) if report.text.strip()][:at_most]
    texts = [cut(tokenizer, report.text, window) for report in kept]
    single = [report.labels[0] if report.labels and len(report.labels) == 1 else None for report in kept]
    counts = tuple(count(tokenizer, text) for text in texts)
    return Texts(tuple(texts), counts, tuple(single)), corpus.fingerprint


def seen(path: Path, *, at_most: int) -> list[str]:
    """Texts of a corpus outside ``test``."""
    texts = [report.text for report in read_corpus(corpus_file(path)) if report.split != "test"]
    return [text for text in texts if text.strip()][:at_most]


def corpus_file(path: Path) -> Path:
    """The prepared corpus that ``--data`` names: the file itself, or the one in the folder."""
    if path.is_file():
        return path
    found = sorted(path.glob("*.parquet"))
    return next((one for one in found if one.name == "corpus.parquet"), found[0] if found else path)


def count(tokenizer: Tokenizer, text: str) -> int:
    """Tokens of a text, special tokens included."""
    return len(tokenizer.encode(text).ids)


def _unseen(corpus: Corpus) -> list[Report]:
    reports = list(corpus)
    test = [report for report in reports if report.split == "test"]
    return test or reports


def _strung(random: np.random.Generator, label: str, *, words: int) -> str:
    """Sentences, three in five of the label, until there are surely enough of them."""
    sentences: list[str] = []
    while sum(len(sentence.split()) for sentence in sentences) < words:
        other = LABELS[int(random.integers(len(LABELS)))]
        kind = random.random()
        pool = OF_LABEL[label] if kind < 0.6 else OF_ANY if kind < 0.85 else OF_LABEL[other]
        sentences.append(pool[int(random.integers(len(pool)))])
    return " ".join(sentences)


def _filled(tokenizer: Tokenizer, text: str, tokens: int) -> str:
    short = cut(tokenizer, text, tokens)
    return short + " ." * (tokens - count(tokenizer, short))


def cut(tokenizer: Tokenizer, text: str, tokens: int) -> str:
    """The longest beginning, in whole words, of at most so many tokens."""
    if count(tokenizer, text) <= tokens:
        return text
    ends = sorted({end for _, end in tokenizer.encode(text, add_special_tokens=False).offsets[:tokens]})
    for end in reversed(ends):
        whole = text[:end].rsplit(" ", 1)[0]
        if count(tokenizer, whole) <= tokens:
            return whole
    return ""
