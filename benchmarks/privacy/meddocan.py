"""A recognizer that learns from people's marks: precision, recall and F1 on MEDDOCAN, kind by kind.

``python -m benchmarks.privacy.meddocan --data DIR --work DIR [--epochs N] [--layers N] [--learning-rate X]
[--out FILE]``

It learns from the 500 marked reports of the train part, in the marks' own kinds, all of them, and answers the
250 of the dev part. Strict: a span is right where its ends and its kind are. Merged: spans with nothing but
signs between count as one, and the kind does not matter (subtrack 2 of Marimon et al., 2019, "Automatic
De-identification of Medical Texts in Spanish: the MEDDOCAN Track, Corpus, Guidelines, Methods and Evaluation
of Results"). Beside it the rules alone, which know no marks; and both together, as ``deidentify`` asks them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.document import document, write
from benchmarks.options import arguments
from bert4text.core.manifest import utc_now
from bert4text.core.output import writing_folder
from bert4text.core.span import Marked, Span
from bert4text.inference.export_recognizer import export_recognizer
from bert4text.models.recognizer import TOKENIZER, Recognizer, RecognizerInfo, write_info
from bert4text.privacy.detect import DETECTORS, detect, merge
from bert4text.privacy.reading import Reading
from bert4text.training.recognize import Recognized, recognize
from bert4text.training.recognizer_config import RecognizerConfig

ANY = "name"
"""Kind of ours that stands for the marks' own where both look: there the kind does not count."""
Finder = Callable[[str], Sequence[Span]]


def main() -> None:
    """Learn, measure, write and print."""
    parser = arguments(__doc__)
    parser.add_argument("--work", type=Path, required=True, help="keeps the recognizer and how far it is")
    parser.add_argument("--epochs", type=int, default=6, help="passes over the reports (default 6)")
    parser.add_argument("--layers", type=int, default=12, help="of the encoder (default 12: all)")
    parser.add_argument("--learning-rate", type=float, default=1e-4, help="highest (default 1e-4)")
    parser.add_argument("--seed", type=int, default=7, help="the one seed")
    asked = parser.parse_args()
    started, folder = utc_now(), asked.data / "meddocan_es"
    learned = list(_marked(folder / "phi_train.jsonl"))[:: 20 if asked.quick else 1]
    cases = list(_marked(folder / "phi_dev.jsonl"))[:: 20 if asked.quick else 1]
    config = RecognizerConfig.parse(
        {
            "reports": 0,
            "layers": asked.layers,
            "epochs": asked.epochs,
            "learning_rate": asked.learning_rate,
            "held_out": 0.05,
        },
        section="recognizer",
    )
    recognizer = cache(_built(learned, config, asked.work, seed=asked.seed).__call__)
    rules = [DETECTORS.get(name) for name in DETECTORS]

    def ruled(text: str) -> list[Span]:
        return detect(Reading(text, "es"), rules)

    def together(text: str) -> list[Span]:
        ours = [span.model_copy(update={"label": ANY}) for span in recognizer(text)]
        return merge(text, [*ruled(text), *ours])

    rows = [
        row
        for name, find in (("rules", ruled), ("recognizer", recognizer), ("both", together))
        for row in measured(name, cases, find, strict=name == "recognizer")
    ]
    settings = {"reports": len(learned), "config": config.model_dump(mode="json"), "seed": asked.seed}
    results = document("privacy.meddocan", started=started, settings=settings, runs=[], summary=rows)
    if asked.out is not None:
        write(asked.out, results)
    print(table(rows))


def _marked(path: Path) -> Iterable[Marked]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans = sorted((Span(**span) for span in row["spans"]), key=lambda span: span.start)
        yield Marked(row["text"], tuple(spans))


def _built(learned: Sequence[Marked], config: RecognizerConfig, work: Path, *, seed: int) -> Recognizer:
    if not (work / "recognizer").exists():
        kinds = sorted({span.label for one in learned for span in one.spans})
        found = recognize(learned, config, kinds=kinds, seed=seed, work=work / "training", resume=True)
        with writing_folder(work / "recognizer", overwrite=False) as folder:
            _save(found, config, folder, learned=len(learned), seed=seed)
    return Recognizer.load(work / "recognizer")


def _save(found: Recognized, config: RecognizerConfig, folder: Path, *, learned: int, seed: int) -> None:
    exported = export_recognizer(found.model, found.held.rows, found.held.tags, folder, seed=seed)
    found.tokenizer.save(str(folder / TOKENIZER))
    info = RecognizerInfo(
        kinds=found.kinds,
        window=found.window,
        least=config.least,
        precision=exported.precision,
        encoder={"name": found.info.name, "sha256": found.info.sha256},
        config=config.model_dump(mode="json"),
        learned={"gold": learned},
        measured={"f1": found.score, "f1_exported": exported.score, "changed": exported.changed},
        seed=seed,
        created=utc_now(),
        versions={},
    )
    write_info(info, folder)


def measured(name: str, cases: Sequence[Marked], find: Finder, *, strict: bool) -> list[dict[str, Any]]:
    """Precision, recall and F1 of each kind and of all, and reports of which nothing stays.

    Args:
        name: of the system.
        cases: marked reports.
        find: the system.
        strict: whether it tells the marks' own kinds, so that each of them can be counted.
    """
    right, asked, told = Counter[str](), Counter[str](), Counter[str]()
    whole = 0
    for case in cases:
        found = list(find(case.text))
        if strict:
            wanted = {(span.start, span.end, span.label) for span in case.spans}
            got = {(span.start, span.end, span.label) for span in found}
            for counter, spans in ((right, wanted & got), (asked, wanted), (told, got)):
                counter.update(span[2] for span in spans)
                counter["all, strict"] += len(spans)
        joined, ours = _merged(case.text, case.spans), _merged(case.text, found)
        for counter, places in ((right, joined & ours), (asked, joined), (told, ours)):
            counter["all, merged"] += len(places)
        taken = {place for span in found for place in range(span.start, span.end)}
        covered = [_covered(case.text, span, taken) for span in case.spans]
        right["all, covered"] += sum(covered)
        asked["all, covered"] += len(covered)
        whole += all(covered)
    rows = [_row(name, kind, right[kind], asked[kind], told[kind]) for kind in sorted(asked)]
    return [*rows, _row(name, "reports without a leak", whole, len(cases), 0)]


def _covered(text: str, span: Span, taken: set[int]) -> bool:
    return all(place in taken for place in range(span.start, span.end) if text[place].isalnum())


def _merged(text: str, spans: Iterable[Span]) -> set[tuple[int, int]]:
    """Spans as one where nothing but signs and spaces stands between them."""
    joined: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda one: one.start):
        if joined and not any(sign.isalnum() for sign in text[joined[-1][1] : span.start]):
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end))
        else:
            joined.append((span.start, span.end))
    return set(joined)


def _row(system: str, what: str, right: int, asked: int, told: int) -> dict[str, Any]:
    recall = right / asked if asked else None
    precision = right / told if told else None
    f1 = 2 * right / (asked + told) if told else None
    counts = {"right": right, "asked": asked, "told": told or None}
    return {"system": system, "what": what, **counts, "recall": recall, "precision": precision, "f1": f1}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = ["| | | n | recall | precision | F1 |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for row in rows:
        shown = (row[name] for name in ("recall", "precision", "f1"))
        figures = ("" if figure is None else f"{figure:.3f}" for figure in shown)
        lines.append(f"| {row['system']} | {row['what']} | {row['asked']:,} | " + " | ".join(figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
