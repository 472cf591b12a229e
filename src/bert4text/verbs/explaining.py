"""The verb that tells why: explain."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bert4text.core.errors import ConfigError
from bert4text.core.explanation import Explanation, Overview
from bert4text.core.messages import N_, load, screen_language
from bert4text.core.output import check_file, writing_file
from bert4text.core.prediction import Manner
from bert4text.core.progress import Progress, silent
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.explanation.config import ExplainConfig
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.entry import Entry, given_raw, says_deidentified
from bert4text.verbs.given import View, batches_of, chosen, shown_of, view_of
from bert4text.verbs.opening import open_classifier, open_corpus, settings_of
from bert4text.verbs.use import RAW

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.data.read import SourceRow
    from bert4text.models.classifier import Classifier
    from bert4text.verbs.alike import Alike
    from bert4text.verbs.given import Reports


def whole(attributes: tuple[str, ...] = ()) -> View:
    """A report as it is, and what the answer hangs on beside it."""
    return View((), lambda text: text, attributes=attributes)


class Told(NamedTuple):
    """An explanation and the report that it is of.

    Attributes:
        text: the report, to which the offsets belong.
        explanation: of the answer to it.
    """

    text: str
    explanation: Explanation


def explain(
    classifier: Classifier | Path | str,
    reports: Reports | Report,
    *,
    config: ExplainConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    ids: Collection[str] | None = None,
    similar: Corpus | Path | str | None = None,
    out: Path | str | None = None,
    html: Path | str | None = None,
    overwrite: bool = False,
    language: str | None = None,
    each: Callable[[Told], object] | None = None,
    progress: Progress = silent,
) -> list[Explanation]:
    """Tell what the answers to some reports hang on, piece by piece, and how far that is to be believed.

    Offsets are those of the report as it is read (``prepare`` repairs a text in the same way), whatever part
    of it the model is shown; what is held back from the model has no part in an explanation.

    Args:
        classifier: the classifier, or the folder of its run or export.
        reports: as ``predict`` takes them, or one report.
        config: settings; the project's ``[explain]`` if not given.
        project: the project; none but the defaults if not given.
        ids: of the reports that are explained; all of them if not given.
        similar: a corpus of the same question; told is which of its reports the model holds similar
            (``[explain.similar]``). Nothing of it is kept.
        out: a file of JSON lines, one explanation each; they hold no text.
        html: a page that shows the reports and what their answers hang on: it holds their texts.
        overwrite: whether ``out`` and ``html`` may be replaced.
        language: of the page; the project's, else the locale's, if not given.
        each: takes each explanation, with its report, as soon as it is there.
        progress: told how far it is.

    Returns:
        One for each report that has an answer, in order.

    Warns:
        UserWarning: the classifier learned from de-identified reports, and nobody said whether these are.

    Raises:
        BundleError: the run is damaged or of a newer format.
        ConfigError: bad settings, or what is given is neither a table nor reports.
        DataError: the table cannot be read, or has no report of those ids.
        LabelError: the question has no label of that name, or the corpus asks another one.
        OutputError: a file exists or cannot be written.
    """
    project = project or Project()
    targets = [Path(target) for target in (out, html) if target is not None]
    for target in targets:
        check_file(target, overwrite=overwrite)
    opened = open_classifier(classifier)
    settings = settings_of(ExplainConfig, config, project=project)
    near: Alike | None = None
    if similar is not None:
        from bert4text.verbs.alike import alike

        near = alike(opened, similar, reports, settings=settings, project=project, progress=progress)
    told = []
    for one in _explained(
        opened, reports, config=settings, project=project, ids=ids, near=near, progress=progress
    ):
        told.append(one)
        if each is not None:
            each(one)
    found = [one.explanation for one in told]
    if out is not None:
        lines = "".join(json.dumps(as_json(one), ensure_ascii=False) + "\n" for one in found)
        _write(Path(out), lines, overwrite=overwrite)
    if html is not None:
        from bert4text.explanation.page import page

        translator = load(screen_language(language, project.settings.screen))
        _write(Path(html), page(told, translator=translator), overwrite=overwrite)
    if targets:
        details: dict[str, Any] = {
            "explanations": len(found),
            "methods": sorted({one.method for one in found}),
        }
        if near is not None:
            details["similar"] = near.corpus
        record(project.trail, "explanation.made", subject=opened.digest, details=details)
    return found


def explain_overall(
    classifier: Classifier | Path | str,
    corpus: Corpus | Path | str,
    *,
    config: ExplainConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    html: Path | str | None = None,
    overwrite: bool = False,
    language: str | None = None,
    progress: Progress = silent,
) -> Overview:
    """Tell on which words the answers of each label hang, over many reports of a corpus.

    Explained are the answers, whatever ``[explain] label`` asks for.

    Args:
        classifier: the classifier, or the folder of its run or export.
        corpus: the corpus, or its path; ``[explain] split`` says which reports, ``reports`` how many.
        config: settings; the project's ``[explain]`` if not given.
        project: the project; none but the defaults if not given.
        out: a file of JSON.
        html: a page. Neither holds a text of a report; words are those of several patients.
        overwrite: whether ``out`` and ``html`` may be replaced.
        language: of the page; the project's, else the locale's, if not given.
        progress: told how far it is.

    Raises:
        BundleError: the run is damaged or of a newer format.
        ConfigError: bad settings, such as units without words.
        DataError: the corpus cannot be read.
        EmptyCorpusError: the split has no reports.
        OutputError: a file exists or cannot be written.
    """
    from bert4text.explanation.overview import Case, overview

    project = project or Project()
    settings = settings_of(ExplainConfig, config, project=project).replace(label=None)
    if "word" not in settings.units:
        raise ConfigError(
            "words are what is looked at over many reports, and [explain] units has none",
            hint='add "word" to units',
            code="no-words",
        )
    if settings.method == "rollout":
        raise ConfigError(
            "shares of the attention have no sign, and say nothing over many reports",
            hint="--method occlusion explains any model",
            code="other-method",
        )
    targets = [Path(target) for target in (out, html) if target is not None]
    for target in targets:
        check_file(target, overwrite=overwrite)
    opened = open_classifier(classifier)
    whole, _ = open_corpus(corpus, project=project, progress=progress)
    part = whole[settings.split]
    drawn = rng(project.seed, "explain.overall").permutation(len(part))[: settings.reports]
    part = part.select(sorted(drawn.tolist()))
    patients = {report.id: report.patient or f"report:{report.id}" for report in part}
    found = overview(
        (
            Case(text, patients[explanation.id], explanation)
            for text, explanation in _explained(
                opened, part, config=settings, project=project, total=len(part), progress=progress
            )
        ),
        opened.label_space.names,
        split=settings.split,
        model=opened.digest[:16],
        corpus=whole.fingerprint,
    )
    if out is not None:
        text = json.dumps(overview_json(found), ensure_ascii=False, indent=2) + "\n"
        _write(Path(out), text, overwrite=overwrite)
    if html is not None:
        from bert4text.explanation.page import overview_page

        translator = load(screen_language(language, project.settings.screen))
        _write(Path(html), overview_page(found, translator=translator), overwrite=overwrite)
    if targets:
        details = {"explanations": sum(found.reports.values()), "methods": [found.method]}
        record(project.trail, "explanation.made", subject=opened.digest, details=details)
    return found


def _explained(
    classifier: Classifier,
    reports: Reports | Report,
    *,
    config: ExplainConfig | Mapping[str, Any] | None = None,
    project: Project,
    ids: Collection[str] | None = None,
    near: Alike | None = None,
    total: int | None = None,
    progress: Progress = silent,
) -> Iterator[Told]:
    """The explanations one after the other, each with its report."""
    from bert4text.core.corpus import Corpus

    settings = settings_of(ExplainConfig, config, project=project)
    given = [reports] if isinstance(reports, Report) else reports
    if given_raw(classifier, given, deidentify=settings.deidentify):
        warnings.warn(RAW, UserWarning, stacklevel=3)
    cut = isinstance(given, Corpus)  # its reports are cut already, as those that the model learned from
    own = view_of(classifier)
    uncut = whole(own.attributes)
    view = uncut if cut else own
    batches: Iterable[Sequence[SourceRow]] = batches_of(
        given, uncut, columns=settings.columns, format=settings.format, project=project
    )
    batches = chosen(batches, ids)
    entered = bool(settings.deidentify) and not says_deidentified(given)
    if entered:
        batches = Entry(classifier, project)(batches)
    with progress.task(N_("explaining"), total=total) as task:
        for row in (row for batch in batches for row in batch):
            for told in _of_row(classifier, row, settings, view, near=near, seed=project.seed):
                explanation = told.explanation.model_copy(update={"deidentified": entered})
                yield told._replace(explanation=explanation)
            task.advance(1)


def _of_row(
    classifier: Classifier,
    row: SourceRow,
    settings: ExplainConfig,
    view: View,
    *,
    near: Alike | None = None,
    seed: int,
) -> Iterator[Told]:
    """The explanation of each answer to a row: of each side, where the question is asked of each."""
    from bert4text.explanation.explain import explain as explain_one

    asker = classifier.answering(Manner(abstain="never", guard=False))  # what is left to a person too
    text = row.text or ""
    cut = row.side is not None  # a report of a corpus that is of one side already
    for side in (None,) if cut or not view.sides else view.sides:
        shown = text if cut else shown_of(text, side, view)
        report = Report(id=row.id, text=shown, source_row=row.row, attributes=dict(row.attributes))
        output = classifier.backend.forward([shown])
        prediction = asker.answers([report], output)[0].model_copy(update={"side": side or row.side})
        groups = classifier.calibrator.groups_of([report.attributes])
        calibrator = classifier.calibrator.of_group(None if groups is None else groups[0])
        if prediction.status == "ok":
            explanation = explain_one(
                text,
                shown,
                prediction,
                classifier.probabilities,
                settings,
                label_space=classifier.label_space,
                system=(classifier.backend, calibrator),
                rng=rng(seed, f"explain.{prediction.key}"),
            )
            left = classifier.answers([report], output)[0].reason
            explanation = explanation.model_copy(update={"left": left})
            if near is not None:
                found = near.nearest(shown, row.id)
                explanation = explanation.model_copy(update={"similar": found})
            yield Told(text, explanation)


def as_json(explanation: Explanation) -> dict[str, Any]:
    """An explanation as ``explanation/1``."""
    return {"format": "explanation/1", **explanation.model_dump(mode="json")}


def overview_json(found: Overview) -> dict[str, Any]:
    """An overview as ``explanation-overview/1``."""
    return {"format": "explanation-overview/1", **found.model_dump(mode="json")}


def _write(target: Path, text: str, *, overwrite: bool) -> None:
    with writing_file(target, overwrite=overwrite) as partial:
        partial.write_text(text, encoding="utf-8")
