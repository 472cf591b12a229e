"""Nouns for human eyes: short summaries and tables, in the language of the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bert4text.core.messages import N_, Translator
from bert4text.privacy.kinds import KINDS

if TYPE_CHECKING:
    from bert4text.auditing.excerpts import Excerpt
    from bert4text.core.corpus import Corpus
    from bert4text.core.issue import Evidence, Issue
    from bert4text.core.prediction import Prediction
    from bert4text.core.report import Report
    from bert4text.inference.predict import Counts
    from bert4text.verbs.opened_table import Treated

SEVERITY = {
    "error": (N_("error"), "bold red"),
    "warning": (N_("warning"), "yellow"),
    "info": (N_("note"), "dim"),
}

TERMS = 12
"""Telling words shown of one finding."""


def corpus_summary(corpus: Corpus, translator: Translator) -> RenderableType:
    """What a corpus holds, and what was done to make it."""
    summary = corpus.summary()
    rows: list[tuple[str, str]] = [
        (translator(N_("reports")), translator.integer(summary["reports"])),
        (translator(N_("labels")), _counts(summary["labels"], translator)),
        (translator(N_("splits")), _counts(summary["splits"], translator)),
    ]
    if summary["unlabelled"]:
        rows.insert(2, (translator(N_("without a label")), translator.integer(summary["unlabelled"])))
    if summary["patients"] is not None:
        rows.append((translator(N_("patients")), translator.integer(summary["patients"])))
    if summary["synthetic"]:
        rows.append((translator(N_("synthetic")), translator.integer(summary["synthetic"])))
    rows += seal_rows(corpus, translator)
    rows.append((translator(N_("language")), str(summary["language"] or "?")))
    rows.append((translator(N_("fingerprint")), str(summary["fingerprint"])[:23]))
    return Group(*_said(corpus, translator), pairs(rows))


def seal_rows(corpus: Corpus, translator: Translator) -> list[tuple[str, str]]:
    """How many reports are sealed, and how many were left out since their keys were destroyed."""
    told = ((N_("sealed"), corpus.sealed), (N_("left out, their keys destroyed"), corpus.unopened))
    return [(translator(title), translator.integer(count)) for title, count in told if count]


def pairs(rows: Iterable[tuple[str, str]]) -> Table:
    """Names and values, aligned."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    return table


def issues_table(
    issues: Sequence[Issue],
    translator: Translator,
    *,
    quoted: Mapping[int, Sequence[Excerpt]] | None = None,
) -> RenderableType:
    """Findings with their words and remedies, the gravest first.

    Args:
        issues: what was found.
        translator: of the language of the screen.
        quoted: pieces of reports by the position of the finding, where the user asked to see text.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    rank = list(SEVERITY)
    pieces = quoted or {}
    for place, issue in sorted(enumerate(issues), key=lambda found: rank.index(found[1].severity)):
        word, style = SEVERITY[issue.severity]
        shown = translator(word) + (" " + translator(N_("(accepted)")) if issue.accepted else "")
        table.add_row(
            Text(shown, style=style), Text(issue.check), _finding(issue, pieces.get(place, ()), translator)
        )
    return table


def answers(
    pairs_: Sequence[tuple[Report, Prediction]], translator: Translator, *, text: bool = False
) -> RenderableType:
    """Answers beside the truth; ``text`` only for reports that are synthetic."""
    parts: list[RenderableType] = []
    for report, prediction in pairs_:
        if text and report.origin != "real":
            parts.append(Text(report.text, style="italic"))
        sure = translator.percent(prediction.probability)
        truth = ", ".join(report.labels or ())
        if prediction.label is None:
            said = translator(
                N_("left to a person ({reason}); truth: {truth}"), reason=prediction.reason, truth=truth
            )
        else:
            said = translator(
                N_("answer: {label} ({sure}); truth: {truth}"), label=prediction.label, sure=sure, truth=truth
            )
        parts += [Text(f"  → {said}", style="bold"), Text()]
    return Group(*parts)


def counts_table(
    counts: Counts, translator: Translator, *, seconds: float, share: float | None = None
) -> RenderableType:
    """How many rows were answered, why the others were not, and how fast.

    Args:
        counts: what became of the rows.
        translator: to the language of the screen.
        seconds: that it took.
        share: of what the processor multiplies in 32 bits, if it was measured.
    """
    rows = [
        (translator(N_("reports")), translator.integer(counts.rows)),
        (translator(N_("answered")), translator.integer(counts.ok)),
    ]
    for title, count in (
        (N_("abstained"), counts.abstained),
        (N_("out of scope"), counts.out_of_scope),
        (N_("not answered"), counts.failed),
        (N_("from the run before"), counts.resumed),
        (N_("not read whole"), counts.cut),
        (N_("by the common thresholds"), counts.common),
    ):
        if count:
            rows.append((translator(title), translator.integer(count)))
    rows += [(f"  {reason}", translator.integer(count)) for reason, count in counts.reasons.items()]
    if counts.tokens and not counts.resumed:
        rate = translator.integer(round(counts.tokens / seconds))
        rows.append((translator(N_("tokens per second")), rate))
        if share is not None:
            title = translator(N_("of what this processor multiplies in 32 bits"))
            rows.append((title, translator.percent(share)))
    return pairs(rows)


def found_table(told: Mapping[str, Any], translator: Translator) -> RenderableType:
    """What identified persons in a corpus, by kind, and in how many reports something of it is left.

    Args:
        told: what the corpus says of how it was de-identified.
        translator: to the language of the screen.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(translator(N_("replaced")))
    for title in (N_("times"), N_("reports"), N_("reports where it is still found")):
        table.add_column(translator(title), justify="right")
    left = told["residue"]["kinds"]
    for kind in sorted({*told["found"], *left}, key=lambda one: (-told["found"].get(one, 0), one)):
        counts = (told["found"].get(kind, 0), told["in_reports"].get(kind, 0), left.get(kind, 0))
        table.add_row(translator(KINDS[kind].title), *map(translator.integer, counts))
    rows = [
        (translator(N_("policy")), str(told["policy"])),
        (translator(N_("reports")), translator.integer(told["reports"])),
        (translator(N_("still holding something")), translator.integer(told["residue"]["reports"])),
    ]
    return Group(table, pairs(rows)) if table.row_count else pairs(rows)


TREATED = {
    "text": N_("text"),
    "code": N_("random codes"),
    "date": N_("dates"),
    "kind": N_("each cell replaced"),
    "read": N_("read by the detectors"),
    "label": N_("label, read by the detectors"),
    "keep": N_("kept as it is"),
}
"""What is done with a column -> how it is called."""


def columns_table(columns: Sequence[Treated], translator: Translator) -> RenderableType:
    """What was done with each column of a table.

    Args:
        columns: of the table.
        translator: to the language of the screen.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (N_("column"), N_("what was done")):
        table.add_column(translator(title))
    table.add_column(translator(N_("cells changed")), justify="right")
    for column in columns:
        done = translator(TREATED[column.role])
        if column.role != "code" and column.what in KINDS:
            done = f"{done}: {translator(KINDS[column.what].title)}"
        table.add_row(Text(column.name), Text(done), translator.integer(column.changed))
    return Group(table, Text())


def _said(corpus: Corpus, translator: Translator) -> list[Text]:
    notes = {} if corpus.manifest is None else corpus.manifest.notes
    return [
        Text(translator(note["message"], **note.get("values", {}))) for note in notes.get("said", ()) if note
    ]


def _counts(counts: Mapping[str, int], translator: Translator) -> str:
    shown = [f"{name} {translator.integer(count)}" for name, count in counts.items()]
    return ", ".join(shown) or "–"


def _finding(issue: Issue, pieces: Sequence[Excerpt], translator: Translator) -> RenderableType:
    from bert4text.core.config import toml_value

    lines = [_evidence(found, translator) for found in issue.evidence[:TERMS]]
    if len(issue.evidence) > TERMS:
        lines.append(translator(N_("… and {count} more"), count=len(issue.evidence) - TERMS))
    for key, value in (issue.remedy or {}).items():
        lines.append(translator(N_("remedy: {setting}"), setting=f"{key} = {toml_value(value)}"))
    for piece in pieces:
        words = f"{piece.before}[{piece.found}]{piece.after}" if piece.found else piece.before
        lines.append(translator(N_("row {row}: {words}"), row=piece.row, words=words))
    return Group(Text(translator.issue(issue)), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines))


def _evidence(found: Evidence, translator: Translator) -> str:
    words = [f"“{found.term}”"]
    if found.label:
        words.append(f"→ {found.label}")
    facts = [translator(N_("{count} reports"), count=found.reports)] if found.reports else []
    if found.precision is not None:
        interval = (
            ""
            if found.low is None
            else f" [{translator.percent(found.low)}; {translator.percent(found.high)}]"
        )
        facts.append(translator.percent(found.precision) + interval)
    if facts:
        words.append("(" + ", ".join(facts) + ")")
    return " ".join(words)
