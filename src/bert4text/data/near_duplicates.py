"""Near duplicates: pairs of reports that say almost the same, found in time linear in their number."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from datasketch import MinHash, MinHashLSH

from bert4text.core.seeds import integer, rng

SHINGLE = 3
"""Words of a shingle."""

PERMUTATIONS = 128
NEIGHBORS = 24
"""With how many of the texts that follow it in a bucket each text is compared."""

_WORD = re.compile(r"\w+")
_MISSES, _FALSE_ALARMS = 0.95, 0.05  # every candidate is checked exactly, so only misses cost
_STEEPEST = 0.9  # above it too few bands are left to be sure of equal texts

Words = npt.NDArray[np.uint64]


def near_duplicates(
    texts: Sequence[str], *, threshold: float = 0.8, seed: int
) -> list[tuple[int, int, float]]:
    """Pairs of texts whose word shingles overlap by at least ``threshold``.

    MinHash with banding (Broder, "On the resemblance and containment of documents", 1997; Leskovec,
    Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3) proposes pairs, the exact Jaccard
    similarity of their sets of three-word shingles decides. Case, punctuation and white space do not
    count. Where very many texts are alike each is compared with some of them, drawn at random, so not
    every pair is listed; a text that has near duplicates still stands in pairs, and if some of them are
    in another split, in pairs with those.

    Args:
        texts: the reports.
        threshold: least similarity, in (0, 1].
        seed: of the project.

    Returns:
        ``(i, j, similarity)`` with ``i < j``, in order; positions in ``texts``.

    Raises:
        ValueError: the threshold is outside (0, 1].
    """
    if not 0 < threshold <= 1:
        raise ValueError("threshold must be in (0, 1]")
    sets = shingle_sets(texts)
    filled = [place for place, shingles in enumerate(sets) if len(shingles)]
    if len(filled) < 2:
        return []
    signatures = _signatures([sets[place] for place in filled], seed=seed)
    mixed = rng(seed, "near_duplicates.order").permutation(len(signatures))
    pairs = mixed[_candidates(signatures[mixed], threshold)]
    agreement = _agreement(signatures, pairs)
    near = pairs[agreement >= threshold - 0.2]  # five standard errors of the estimate, and more
    found = []
    for first, second in near.tolist():
        i, j = sorted((filled[first], filled[second]))
        similarity = jaccard(sets[i], sets[j])
        if similarity >= threshold:
            found.append((i, j, similarity))
    return sorted(found)


def shingle_sets(texts: Sequence[str]) -> list[Words]:
    """The set of shingles of each text, as sorted 32-bit hashes; a short text is one shingle."""
    codes: dict[str, int] = {}
    sets = []
    for text in texts:
        words = _WORD.findall(text.casefold())
        for word in words:
            if word not in codes:
                codes[word] = zlib.crc32(word.encode("utf-8", "replace"))
        hashes = np.array([codes[word] for word in words], dtype=np.uint64)
        sets.append(_shingles(hashes))
    return sets


def _shingles(hashes: Words) -> Words:
    if not len(hashes):
        return hashes
    size = min(SHINGLE, len(hashes))
    mixed = np.zeros(len(hashes) - size + 1, dtype=np.uint64)
    for offset in range(size):  # order counts: each place multiplies anew, modulo 2**64
        mixed = (mixed + hashes[offset : offset + len(mixed)]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed >> np.uint64(32))


def _signatures(sets: Sequence[Words], *, seed: int) -> npt.NDArray[np.uint64]:
    """The MinHash signatures, one row for each set."""
    made = MinHash.generator(
        (shingles.tolist() for shingles in sets),
        num_perm=PERMUTATIONS,
        seed=integer(seed, "near_duplicates") or 1,
        hashfunc=int,
    )
    signatures = np.empty((len(sets), PERMUTATIONS), dtype=np.uint64)
    for place, minhash in enumerate(made):
        signatures[place] = minhash.hashvalues
    return signatures


@cache
def _plan(threshold: float) -> tuple[int, int]:
    """How many bands of how many rows find pairs of that similarity."""
    plan = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, weights=(_FALSE_ALARMS, _MISSES))
    return int(plan.b), int(plan.r)


def _candidates(signatures: npt.NDArray[np.uint64], threshold: float) -> npt.NDArray[np.int64]:
    """Pairs that agree in a whole band of their signatures, each with the next of its bucket."""
    bands, width = _plan(min(threshold, _STEEPEST))
    total = len(signatures)
    keys = [np.empty(0, dtype=np.int64)]
    for band in range(bands):
        part = signatures[:, band * width : (band + 1) * width]
        _, bucket = np.unique(part, axis=0, return_inverse=True)
        order = np.argsort(bucket.reshape(-1), kind="stable")
        sorted_bucket = bucket.reshape(-1)[order]
        for offset in range(1, min(NEIGHBORS, total - 1) + 1):
            same = sorted_bucket[offset:] == sorted_bucket[:-offset]
            if not same.any():
                break
            keys.append(order[:-offset][same].astype(np.int64) * total + order[offset:][same])
    joined = np.unique(np.concatenate(keys))
    return np.stack([joined // total, joined % total], axis=1)


def _agreement(signatures: npt.NDArray[np.uint64], pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The share of hash functions under which the two of a pair agree: an estimate of their similarity."""
    shares = np.empty(len(pairs))
    for start in range(0, len(pairs), 16384):
        part = pairs[start : start + 16384]
        shares[start : start + len(part)] = (signatures[part[:, 0]] == signatures[part[:, 1]]).mean(axis=1)
    return shares


def jaccard(first: Words, second: Words) -> float:
    """The share that two sets, neither empty, have in common of what either has."""
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)
