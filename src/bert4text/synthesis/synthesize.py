"""The verb: rows of the Wisconsin table -> a corpus of synthetic reports that says it is synthetic."""

from __future__ import annotations

from typing import cast, get_args

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.core.progress import Progress, silent
from bert4text.core.registry import Registry
from bert4text.core.report import Report
from bert4text.data.sources import Diagnosis, wdbc
from bert4text.synthesis.config import Language, SynthesizeConfig
from bert4text.synthesis.rows import (
    ROW_KEY,
    Draft,
    Generator,
    Source,
    deal,
    report_id,
    row_digest,
    row_patient,
)

GENERATORS: Registry[Generator] = Registry(
    "generators",
    "writes one draft for each dealt row, without being told its label",
    {
        "founding": "bert4text.synthesis.founding:drafts",
        "cytology": "bert4text.synthesis.cytology:drafts",
    },
)
"""Name -> the function that writes the drafts."""

LABELS: dict[Language, tuple[str, str]] = {
    "pt-BR": ("benigno", "maligno"),
    "en": ("benign", "malignant"),
}
"""The label space of both generators; benign first."""

PREFIXES = {"founding": "FND", "cytology": "CIT"}


def synthesize(
    generator: str,
    config: SynthesizeConfig | None = None,
    *,
    n: int | None = None,
    language: str = "pt-BR",
    seed: int = 7,
    progress: Progress = silent,
) -> Corpus:
    """Make synthetic reports from the Breast Cancer Wisconsin (Diagnostic) table.

    The rows are shuffled before anything is dealt, and each label is joined to its text by the row's
    key after the text is written. The corpus is not split.

    Args:
        generator: ``cytology`` or ``founding``.
        config: style, noise and the like; its ``n`` and ``language`` count where given.
        n: how many reports; None for one of each of the 569 rows. More than that deals rows again,
            each with its own stream, under the same patient key; fewer deals a seeded subset.
        language: ``pt-BR`` or ``en``.
        seed: the project's seed.
        progress: told of each report.

    Raises:
        ConfigError: unknown generator or language, or ``n`` below 1.
        MissingExtraError: the generator needs a library that is not installed.
    """
    config = config or SynthesizeConfig()
    n = config.n if n is None else n
    spoken = _language(config.language or language)
    if n is not None and n < 1:
        raise ConfigError("{n} reports cannot be made", hint="-n 100", code="bad-n", n=n)
    write = GENERATORS.get(generator)
    table = wdbc()
    sources = deal(table.measurements, n=n, seed=seed)
    drafts: list[Draft] = []
    with progress.task("Writing synthetic reports", len(sources)) as task:
        for draft in write(sources, config, language=spoken, seed=seed):
            drafts.append(draft)
            task.advance()
    known = {row_digest(row): label for row, label in zip(table.measurements, table.labels, strict=True)}
    names = LABELS[spoken]
    reports = [
        _report(place, source, draft, known[source.digest], generator=generator, names=names, seed=seed)
        for place, (source, draft) in enumerate(zip(sources, drafts, strict=True), start=1)
    ]
    return Corpus.from_reports(reports, LabelSpace(task="binary", names=names), language=spoken)


def _report(
    place: int,
    source: Source,
    draft: Draft,
    diagnosis: Diagnosis,
    *,
    generator: str,
    names: tuple[str, str],
    seed: int,
) -> Report:
    positive = (diagnosis == "malignant") != draft.flipped
    return Report(
        id=report_id(seed, source, prefix=PREFIXES.get(generator, "SYN")),
        text=draft.text,
        labels=(names[positive],),
        patient=row_patient(seed, source),
        origin="synthetic",
        generator=generator,
        source_row=place,
        attributes={**draft.attributes, ROW_KEY: source.digest[:12]},
    )


def _language(name: str) -> Language:
    if name not in get_args(Language):
        raise ConfigError(
            "reports can be written in {known}, not in {language!r}",
            hint="--language pt-BR",
            code="unknown-language",
            language=name,
            known=get_args(Language),
        )
    return cast("Language", name)
