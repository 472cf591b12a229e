"""The verb: a corpus is examined like a witness, by every check of the registry."""

from __future__ import annotations

from collections.abc import Iterator

from bert4text.auditing.checks import CHECKS, Context, Lengths
from bert4text.auditing.config import AuditConfig
from bert4text.auditing.expectation import expected
from bert4text.auditing.spelling import as_written
from bert4text.core.config import suggestion
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.issue import RANK, Issue
from bert4text.core.progress import Progress, silent


def audit(
    corpus: Corpus,
    config: AuditConfig,
    *,
    seed: int,
    lengths: Lengths | None = None,
    window: int = 256,
    progress: Progress = silent,
) -> list[Issue]:
    """Run every check and return what was found, gravest first; findings never raise.

    All labelled reports are read, those of the test split too: a leak there falsifies every figure, and
    nothing of a model is chosen here.

    Args:
        corpus: the reports; a corpus without splits is examined as far as it can be.
        config: what to look for; the checks in ``accept`` are run, and their findings marked as accepted.
        seed: the project's seed.
        lengths: token counts of texts as the encoder cuts them; without it they are estimated from words.
        window: tokens the encoder reads at once; ``config.window`` goes before it.
        progress: told of each check.

    Raises:
        ConfigError: ``accept`` names a check that does not exist, or ``words`` a label that does not.
    """
    _known(config, corpus)
    context = Context(corpus, config, seed=seed, lengths=lengths, window=config.window or window)
    found: list[Issue] = []
    with progress.task("examining the reports", len(CHECKS.names())) as task:
        for name in CHECKS:
            found.extend(CHECKS.get(name)(corpus, context))
            task.advance()
    found.extend(expected(found, context))
    found.extend(_sampled(context))
    accepted = frozenset(config.accept)
    shown = found if context.language == "en" else as_written(found, context.reading)
    marked = [issue.model_copy(update={"accepted": issue.check in accepted}) for issue in shown]
    return sorted(marked, key=lambda issue: -RANK[issue.severity])


def _known(config: AuditConfig, corpus: Corpus) -> None:
    for name in config.accept:
        if name not in CHECKS.names():
            raise ConfigError(
                "[audit] accept names no check {wanted!r}; there are {known}",
                hint="did you mean {near!r}?" if suggestion(name, CHECKS.names()) else "remove it",
                code="unknown-check",
                wanted=name,
                known=CHECKS.names(),
                near=suggestion(name, CHECKS.names()),
            )
    labels = list(corpus.label_space.names) if corpus.label_space else []
    for label in config.words:
        if labels and label not in labels:
            raise ConfigError(
                "[audit] words names no label {wanted!r}; the labels are {known}",
                hint="did you mean {near!r}?" if suggestion(label, labels) else "remove it",
                code="unknown-label",
                wanted=label,
                known=labels,
                near=suggestion(label, labels),
            )


def _sampled(context: Context) -> Iterator[Issue]:
    """Say where only a part of the labelled reports was read."""
    reading, sample = context.reading, context.sample
    if reading.sampled:
        yield _sample(
            "sampled",
            message="the checks of words read a sample of {count} of {total} labelled reports",
            count=len(reading),
            total=reading.total,
        )
    if sample.usable and len(sample) < sample.total:
        yield _sample(
            "sampled-models",
            message="the checks that fit a model read a sample of {count} of {total} labelled reports",
            count=len(sample),
            total=sample.total,
        )


def _sample(code: str, *, message: str, count: int, total: int) -> Issue:
    return Issue(
        check="sample",
        severity="info",
        code=code,
        message=message,
        values={"count": count, "total": total},
        reports=count,
    )
