"""Counting: the facts of a corpus, from its table and its manifest."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.core.manifest import Manifest
from bert4text.core.report import SPLITS
from bert4text.core.sections import BODY, NAMES, find_sections
from bert4text.core.seeds import rng
from bert4text.data.note import Note
from bert4text.governance.facts import AttributeFacts, CorpusFacts, LabelFacts, SplitFacts, Words

SECTIONS_READ = 20_000
"""Reports in which sections are looked for; more are sampled, and the datasheet says so."""

PRIVATE_SETTINGS = ("source",)
"""Settings that hold a path of the machine, which may bear the name of an account."""


def facts_of(
    corpus: Corpus, *, issues: Iterable[Issue] = (), looks: int | None = None, seed: int = 7
) -> CorpusFacts:
    """Count what a corpus holds.

    Args:
        corpus: the corpus.
        issues: what the audit found in it.
        looks: how often its test split was looked at; None if that is not known.
        seed: of the sample in which sections are looked for.
    """
    table = corpus.table
    label_rows = table["labels"].to_pylist()
    months = sorted(f"{date:%Y-%m}" for date in table["written_at"].to_pylist() if date is not None)
    keys = {"patients": "patient", "episodes": "episode", "sites": "site"}
    named = {ours: [key for key in table[name].to_pylist() if key] for ours, name in keys.items()}
    lengths = [len(text.split()) for text in corpus.texts]
    sections, read = _sections(corpus.texts, seed)
    return CorpusFacts(
        fingerprint=corpus.fingerprint,
        language=corpus.language,
        task=corpus.label_space.task if corpus.label_space else None,
        reports=len(corpus),
        labelled=sum(bool(row) for row in label_rows),
        unlabelled=sum(row is None for row in label_rows),
        none_of_them=sum(row == [] for row in label_rows),
        sealed=table["sealed"].length() - table["sealed"].null_count,
        patients=_different(named["patients"]),
        episodes=_different(named["episodes"]),
        sites=_different(named["sites"]),
        without={ours: len(corpus) - len(found) for ours, found in named.items()},
        first_month=months[0] if months else None,
        last_month=months[-1] if months else None,
        dated=len(months),
        origins=_counted(table["origin"].to_pylist()),
        generators=_counted(table["generator"].to_pylist()),
        labels=_labels(corpus, label_rows, lengths),
        splits=_splits(corpus),
        not_split=table["split"].null_count,
        words=_words(lengths),
        sections=sections,
        sections_read=read,
        attributes=_attributes(table["attributes"].to_pylist()),
        deidentified=None if corpus.deidentified is None else _recorded(corpus.deidentified),
        issues=tuple(issues),
        looks=looks,
        **_made(corpus.manifest),
    )


def _counted(values: Iterable[str | None]) -> dict[str, int]:
    counts = Counter(value for value in values if value is not None)
    return {name: counts[name] for name in sorted(counts, key=lambda name: (-counts[name], name))}


def _labels(
    corpus: Corpus, label_rows: Sequence[list[str] | None], lengths: Sequence[int]
) -> tuple[LabelFacts, ...]:
    """In the order of the question, labels that it does not know behind."""
    at: dict[str, list[int]] = {name: [] for name in (corpus.label_space.names if corpus.label_space else ())}
    for place, row in enumerate(label_rows):
        for name in row or ():
            at.setdefault(name, []).append(place)
    patients, splits = corpus.table["patient"].to_pylist(), corpus.table["split"].to_pylist()
    return tuple(
        LabelFacts(
            name=name,
            reports=len(places),
            patients=_different(patients[place] for place in places),
            splits=dict(Counter(splits[place] or "" for place in places)),
            words=_words([lengths[place] for place in places]),
        )
        for name, places in at.items()
    )


def _splits(corpus: Corpus) -> tuple[SplitFacts, ...]:
    patients, splits = corpus.table["patient"].to_pylist(), corpus.table["split"].to_pylist()
    return tuple(
        SplitFacts(
            name=name,
            reports=count,
            patients=_different(key for key, split in zip(patients, splits, strict=True) if split == name),
        )
        for name, count in corpus.splits.items()
        if name in SPLITS
    )


def _different(keys: Iterable[str | None]) -> int | None:
    return len({key for key in keys if key}) or None


def _words(lengths: Sequence[int]) -> Words | None:
    if not lengths:
        return None
    ordered = sorted(lengths)

    def rank(share: float) -> int:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Words(least=ordered[0], median=rank(0.5), p95=rank(0.95), most=ordered[-1])


def _sections(texts: Sequence[str], seed: int) -> tuple[dict[str, int], int]:
    """How many reports have each section, and in how many they were looked for."""
    places: Iterable[int] = range(len(texts))
    if len(texts) > SECTIONS_READ:
        places = rng(seed, "document.sections").choice(len(texts), size=SECTIONS_READ, replace=False)
    found: Counter[str] = Counter()
    for place in places:
        found.update({part.name for part in find_sections(texts[place])})
    read = min(len(texts), SECTIONS_READ)
    return {name: found[name] for name in (*NAMES, BODY) if found[name]}, read


def _attributes(rows: Iterable[Any]) -> tuple[AttributeFacts, ...]:
    values: dict[str, list[str]] = {}
    for row in rows:
        for name, value in dict(row or ()).items():
            values.setdefault(name, []).append(value)
    return tuple(
        AttributeFacts(name=name, reports=len(values[name]), values=len(set(values[name])))
        for name in sorted(values)
    )


def _recorded(deidentified: Mapping[str, Any]) -> dict[str, str]:
    """What is recorded of the de-identification: names of policy and recognizer, and numbers.

    Of what was found the total stands for its kinds, which the corpus itself tells.
    """
    kept: dict[str, str] = {}
    for name, value in deidentified.items():
        if value is None or name == "in_reports":
            continue
        if name == "found" and isinstance(value, Mapping):
            kept[name] = str(sum(value.values()))
        elif isinstance(value, Mapping):
            kept |= {f"{name}.{key}": str(n) for key, n in value.items() if isinstance(n, int | float)}
        elif name in {"policy", "recognizer"} or isinstance(value, int | float):
            kept[name] = str(value)
    return kept


def _made(manifest: Manifest | None) -> dict[str, Any]:
    """What the manifest tells of the making."""
    notes = {} if manifest is None else manifest.notes
    if manifest is not None:
        config = {key: value for key, value in manifest.config.items() if key not in PRIVATE_SETTINGS}
        if "generator" in notes:  # the one that ran; the setting is only its default
            config["generator"] = notes["generator"]
        manifest = manifest.model_copy(update={"config": config})
    aside, rows = notes.get("aside"), notes.get("rows")
    return {
        "manifest": manifest,
        "rows": rows if isinstance(rows, int) else None,
        "aside": dict(aside) if isinstance(aside, Mapping) else None,
        "said": tuple(_notes(notes.get("said"))),
    }


def _notes(said: Any) -> Iterable[Note]:
    """The notes of a manifest; one of a later version that cannot be read is left out."""
    for note in said if isinstance(said, list) else ():
        try:
            yield Note.model_validate(note)
        except ValidationError:
            continue
