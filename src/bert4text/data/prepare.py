"""The verb: read, repair, label, deduplicate and split reports into a corpus, and tell what was done."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from bert4text.core.corpus import Corpus
from bert4text.core.errors import EmptyCorpusError
from bert4text.core.labels import LabelSpace, Task
from bert4text.core.language import detect
from bert4text.core.progress import Progress, silent
from bert4text.core.report import SIDE
from bert4text.core.rows import SCHEMA
from bert4text.data.config import PrepareConfig
from bert4text.data.deduplicate import find_repeats
from bert4text.data.draft import Draft
from bert4text.data.gather import gather
from bert4text.data.labelling import label_draft
from bert4text.data.labels import label_space, shown_labels
from bert4text.data.normalize import text_digest
from bert4text.data.note import Note
from bert4text.data.sentences import LABEL
from bert4text.data.sides import marked
from bert4text.data.split import split_draft
from bert4text.data.visible import check_sections, visible_text

_SAMPLE = 200
_FULL_CODE = {"pt": "pt-BR"}


@dataclass(frozen=True)
class Prepared:
    """What ``prepare`` gives.

    Attributes:
        corpus: the reports, labelled and split.
        notes: what was done and found, in order, in about ten lines.
        counts: the same as numbers: ``rows`` read, ``reports`` kept, ``aside`` by reason, ``labels``,
            ``splits``. Rows are the sum of reports and aside; with sides
            each row that has a text counts for both.
    """

    corpus: Corpus
    notes: tuple[Note, ...]
    counts: dict[str, Any] = field(default_factory=dict)


def prepare(
    source: Path,
    config: PrepareConfig,
    *,
    task: Task | None,
    label_names: Sequence[str] | None,
    off_scale: Sequence[str] = (),
    indeterminate: str | None = None,
    language: str | None,
    seed: int,
    pseudonymise: Callable[[str], str],
    progress: Progress = silent,
) -> Prepared:
    """Make a corpus of a table or folder of reports.

    Every row of the source is either in the corpus or counted in ``counts["aside"]`` with a note. The
    split depends on the seed and on what reports say, not on the order of rows or the pseudonyms.

    Args:
        source: CSV, TSV, JSON lines, Parquet, Excel, or a folder of ``.txt``.
        config: the settings.
        task: the question's kind; None finds binary or multiclass.
        label_names: the labels in order; None sorts those found.
        off_scale: further labels of an ordinal question, which are no grades.
        indeterminate: a further label, which means that the report does not allow the answer.
        language: BCP 47 code of the reports; None detects it.
        seed: of the project.
        pseudonymise: from the patient's key in the source to the one in the corpus.
        progress: told how far the work is.

    Raises:
        ConfigError: a setting fits nothing (an unknown section, a bad pattern).
        DataError: the source cannot be read or represented; see ``gather`` and ``label_space``.
    """
    check_sections(config)
    draft = gather(source, config, progress=progress)
    language = language or _language(draft.texts)
    draft.note("language", message="language of the reports: {language}", language=language or "?")
    further = [*off_scale, *([] if indeterminate is None else [indeterminate])]
    names = None if label_names is None else list(dict.fromkeys([*label_names, *further]))
    label_draft(draft, config, several=task == "multilabel", names=names or further, language=language)
    _hold_back(draft, config, progress)
    if config.sides:
        draft.texts = [
            marked(text, told[SIDE]) for text, told in zip(draft.texts, draft.attributes, strict=True)
        ]
    digests = _drop_repeats(draft, config)
    space = label_space(
        draft.labels, task=task, names=names, off_scale=off_scale, indeterminate=indeterminate
    )
    _tell_of_labels(draft, space)
    split_draft(draft, config.split, digests=digests, seed=seed)
    corpus = _corpus(draft, space, language, pseudonymise)
    counts = {
        "rows": draft.total,
        "reports": len(draft),
        "aside": dict(draft.aside),
        "labels": corpus.summary()["labels"],
        "splits": corpus.splits,
    }
    return Prepared(corpus, tuple(draft.notes), counts)


def _language(texts: Sequence[str]) -> str | None:
    """The language most of a sample is in; the sample does not depend on the order of rows."""
    sample = sorted(texts, key=lambda text: zlib.crc32(text.encode("utf-8", "replace")))[:_SAMPLE]
    found = Counter(detect(text) for text in sample)
    found.pop(None, None)
    if not found:
        return None
    code = min(found, key=lambda name: (-found[name], str(name)))
    return _FULL_CODE.get(str(code), code)


def _hold_back(draft: Draft, config: PrepareConfig, progress: Progress) -> None:
    """Take from each text what the model must not see."""
    if not config.holds_back:
        return
    labels = sorted({label for row in draft.labels for label in row or ()})
    if LABEL in config.sentences.drop and not labels:
        draft.note("no-labels", message="no report has a label: sentences that state one stay", warning=True)
    changed = 0
    with progress.task("cutting what is held back", len(draft)) as task:
        for place, text in enumerate(draft.texts):
            draft.texts[place] = visible_text(text, config, labels=labels)
            changed += draft.texts[place] != text
            task.advance()
    draft.note(
        "sections",
        message="reports with sections or sentences held back from the model: {count}",
        count=changed,
    )
    rows = draft.set_aside([place for place, text in enumerate(draft.texts) if not text], "no-text-left")
    if rows:
        draft.note(
            "no-text-left",
            message="reports without any text beside what is held back, set aside: {count} (rows: {first})",
            warning=True,
            rows=rows,
            count=len(rows),
        )


def _drop_repeats(draft: Draft, config: PrepareConfig) -> list[bytes]:
    """Drop repeated texts and set conflicting ones aside; returns the digests of those that stay."""
    digests = [text_digest(text) for text in draft.texts]
    repeats = find_repeats(digests, draft.labels, splits=draft.splits, keys=_keys(draft))
    dropped = repeats.dropped if config.deduplicate else ()
    gone = {*dropped, *repeats.conflicting}
    kept = [digest for place, digest in enumerate(digests) if place not in gone]
    message = "reports that repeat the text of another, dropped: {count} (rows: {first})"
    if dropped:
        rows = [draft.rows[place] for place in dropped]
        draft.note("duplicate", message=message, rows=rows, count=len(dropped))
    if repeats.conflicting:
        rows = [draft.rows[place] for place in repeats.conflicting]
        draft.note(
            "conflict",
            message="reports of one text with different labels, set aside: {count} "
            "(texts: {texts}; rows: {first})",
            warning=True,
            rows=rows,
            count=len(rows),
            texts=repeats.texts,
        )
    _remove(draft, dropped, repeats.conflicting)
    if not len(draft):
        raise EmptyCorpusError(
            "no report is left: {aside}",
            hint="see what was set aside and why",
            code="no-reports",
            aside=[f"{count} {code}" for code, count in draft.aside.items()],
        )
    return kept


def _remove(draft: Draft, dropped: Sequence[int], conflicting: Sequence[int]) -> None:
    gone = sorted((*dropped, *conflicting))
    draft.set_aside(gone, "duplicate")
    draft.aside["duplicate"] = draft.aside.get("duplicate", 0) - len(conflicting)
    draft.aside["conflict"] = len(conflicting)
    draft.aside = {code: count for code, count in draft.aside.items() if count}


def _keys(draft: Draft) -> list[str]:
    """What tells reports apart beside their text, without their place in the source."""
    ids = draft.ids if draft.own_ids else [""] * len(draft)
    return [
        "\0".join([report_id, patient or "", episode or "", site or "", str(written or "")])
        for report_id, patient, episode, site, written in zip(
            ids, draft.patients, draft.episodes, draft.sites, draft.written, strict=True
        )
    ]


def _tell_of_labels(draft: Draft, space: LabelSpace | None) -> None:
    if space is None:
        draft.note("no-labels", message="no report has a label", warning=True)
        return
    counts = Counter(name for row in draft.labels for name in row or ())
    shown = [
        f"{name} {counts[given]}" for name, given in zip(shown_labels(space.names), space.names, strict=False)
    ]
    shown += ["..."] * (len(space) > len(shown))
    draft.note(
        "labels",
        message="{task}, {classes} labels: {shown}",
        task=space.task,
        classes=len(space),
        shown=shown,
    )
    joined = sum("|" in name or ";" in name for name in space.names)
    if joined and space.task != "multilabel":
        draft.note(
            "joined-labels",
            message="labels that hold | or ;: {count}; if that separates several, the task is multilabel",
            warning=True,
            count=joined,
        )
    small = [name for name in space.names if counts[name] < 2]
    if small:
        draft.note(
            "small-class",
            message="fewer than 2 reports: {small}; the audit will stop training",
            warning=True,
            small=shown_labels(small),
        )
    _tell_of_unlabelled(draft)


def _tell_of_unlabelled(draft: Draft) -> None:
    without = [row for row, labels in zip(draft.rows, draft.labels, strict=True) if labels is None]
    if without:
        draft.note(
            "unlabelled",
            message="reports without a label, kept in no split: {count} (rows: {first})",
            warning=True,
            rows=without,
            count=len(without),
        )


def _corpus(
    draft: Draft, space: LabelSpace | None, language: str | None, pseudonymise: Callable[[str], str]
) -> Corpus:
    known = {patient: pseudonymise(patient) for patient in {*draft.patients} if patient is not None}
    columns = {
        "id": draft.ids,
        "text": draft.texts,
        "labels": [None if labels is None else list(labels) for labels in draft.labels],
        "patient": [None if patient is None else known[patient] for patient in draft.patients],
        "episode": draft.episodes,
        "site": draft.sites,
        "written_at": draft.written,
        "split": draft.splits,
        "origin": draft.origins,
        "source_row": draft.rows,
        "attributes": [list(attributes.items()) for attributes in draft.attributes],
    }
    table = pa.table({name: pa.array(values, SCHEMA.field(name).type) for name, values in columns.items()})
    return Corpus(table, space, language=language)
