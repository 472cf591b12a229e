"""The tour: the whole story on built-in real measurements, offline, one scene after another."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.corpus import Corpus
from bert4text.core.evaluation import Evaluation
from bert4text.core.issue import Issue, blocking
from bert4text.core.machine import peak_memory_bytes
from bert4text.core.messages import N_
from bert4text.core.output import check_target, writing_file
from bert4text.core.prediction import Prediction
from bert4text.core.progress import Progress, silent
from bert4text.core.report import Report
from bert4text.models.embedded import suited
from bert4text.project import FILE, Project
from bert4text.verbs import data, model, use

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier


@dataclass(frozen=True)
class Scene:
    """One step of the tour.

    Attributes:
        title: an English message id.
        lines: message ids with their values, in order.
        issues: findings to show.
        evaluation: figures to show.
        answers: new (synthetic) reports with their true label and the answer.
        paths: what lies where.
    """

    title: str
    lines: tuple[tuple[str, dict[str, Any]], ...] = ()
    issues: tuple[Issue, ...] = ()
    evaluation: Evaluation | None = None
    answers: tuple[tuple[Report, Prediction], ...] = ()
    paths: tuple[Path, ...] = ()


def quickstart(
    folder: Path | str = "quickstart",
    *,
    language: str = "en",
    overwrite: bool = False,
    seed: int = 7,
    progress: Progress = silent,
) -> Evaluation:
    """Run the whole tour and give its evaluation.

    Args:
        folder: where everything is written.
        language: of the reports and of the scorecard, ``en`` or ``pt-BR``.
        overwrite: whether the folder's files may be replaced.
        seed: the one seed.
        progress: told how far it is.

    Raises:
        MissingExtraError: the extras ``bert``, ``minilm`` and ``synthesis`` are not installed.
        OutputError: the folder exists already, or cannot be written.
    """
    scenes = tour(folder, language=language, overwrite=overwrite, seed=seed, progress=progress)
    found = [scene.evaluation for scene in scenes if scene.evaluation is not None]
    return found[-1]


def tour(
    folder: Path | str = "quickstart",
    *,
    language: str = "en",
    overwrite: bool = False,
    seed: int = 7,
    progress: Progress = silent,
) -> Iterator[Scene]:
    """Yield the scenes one by one, each after its work is done; arguments as :func:`quickstart`."""
    place = Path(folder)
    check_target(place, overwrite=overwrite)
    project = _project(place, language, seed)
    started = time.perf_counter()
    yield _founding(place, project, progress)
    corpus, scene = _cytology(place, project, progress)
    yield scene
    classifier, scene = _train(place, corpus, project, progress)
    yield scene
    yield _evaluate(place, corpus, classifier, project, language, progress)
    yield _predict(corpus, classifier, project, language)
    yield _next(place, language, started)


def _project(place: Path, language: str, seed: int) -> Project:
    place.mkdir(parents=True, exist_ok=True)
    given = {
        "project": {"language": language, "screen": language, "seed": seed},
        "train": {"encoder": "minilm", "effort": "quick"},
        "synthesize": {"style": "short"},
        "prepare": {"split": {"train": 0.6, "validation": 0.1, "calibration": 0.1, "test": 0.2}},
    }
    with writing_file(place / FILE, overwrite=True) as partial:
        partial.write_text(Project(None, given).toml(), encoding="utf-8")
    return Project(place, given)


def _founding(place: Path, project: Project, progress: Progress) -> Scene:
    path = place / "founding.parquet"
    corpus = data.synthesize("founding", project=project, out=path, overwrite=True, progress=progress)
    page = place / "founding-audit.html"
    language = project.settings.language
    issues = data.audit(
        path, project=project, html=page, overwrite=True, language=language, progress=progress
    )
    stopped = blocking(issues, fail_on="error")
    verdict = (
        N_("The audit blocks it. Findings that would stop the training: {count}.")
        if stopped
        else N_("The audit found nothing that blocks.")
    )
    return Scene(
        N_("1. A data set that lies"),
        (
            (
                N_("{reports} reports, made with the founding recipe: each one states its own conclusion."),
                {"reports": len(corpus)},
            ),
            (verdict, {"count": len(stopped)}),
            (N_("The verdict, for any browser: {path}"), {"path": str(page)}),
        ),
        issues=(*stopped, *(issue for issue in issues if issue.check == "honest-score")),
    )


def _cytology(place: Path, project: Project, progress: Progress) -> tuple[Corpus, Scene]:
    path = place / "cytology.parquet"
    corpus = data.synthesize("cytology", project=project, out=path, overwrite=True, progress=progress)
    issues = data.audit(path, project=project, progress=progress)
    stopped = blocking(issues, fail_on="error")
    verdict = (
        N_("The audit blocks it. Findings that would stop the training: {count}.")
        if stopped
        else N_("The audit lets it pass.")
    )
    lines = (
        (
            N_(
                "{reports} reports tell what was measured - cell nuclei, in pixels - and never the diagnosis."
            ),
            {"reports": len(corpus)},
        ),
        (verdict, {"count": len(stopped)}),
    )
    return corpus, Scene(N_("2. The same patients, told honestly"), lines, issues=tuple(issues))


def _train(place: Path, corpus: Corpus, project: Project, progress: Progress) -> tuple[Classifier, Scene]:
    run = place / "run"
    started = time.perf_counter()
    classifier = model.train(
        place / "cytology.parquet", project=project, out=run, overwrite=True, progress=progress
    )
    splits = corpus.splits
    lines: list[tuple[str, dict[str, Any]]] = [
        (
            N_(
                "{encoder} learned from {train} reports, chosen on {validation} and calibrated on "
                "{calibration}; TF-IDF learned from all of them: {seconds} s."
            ),
            {"encoder": classifier.encoder_name, "seconds": round(time.perf_counter() - started), **splits},
        )
    ]
    lines.extend(_of_another_language(classifier, corpus))
    return classifier, Scene(N_("3. Training"), tuple(lines))


def _of_another_language(classifier: Classifier, corpus: Corpus) -> list[tuple[str, dict[str, Any]]]:
    """What is told of an encoder that is quick and not of the reports' language; nothing where it is."""
    warning = model.vocabulary_warning(classifier, corpus)
    if warning is None:
        return []
    usual = suited("auto", corpus.language)
    if usual == classifier.encoder_name:
        return [(warning.message, warning.values)]
    told = N_(
        "The tour takes {encoder}, an encoder of {known}, because it is quick; for reports in {language} "
        "`train` takes {usual} by itself, which takes about twice as long."
    )
    return [(told, {**warning.values, "usual": usual})]


def _evaluate(
    place: Path, corpus: Corpus, classifier: Classifier, project: Project, language: str, progress: Progress
) -> Scene:
    from bert4text.synthesis.ceiling import ceiling

    out = place / "run" / "evaluations" / "cytology-test"
    evaluation = model.evaluate(
        classifier,
        place / "cytology.parquet",
        project=project,
        references={"tabular": ceiling(corpus, split="test")},
        out=out,
        overwrite=True,
        language=language,
        progress=progress,
    )
    lines = (
        (
            N_(
                "Measured on {reports} reports of the test split, unseen until now. The last column is "
                "logistic regression on the 30 numbers themselves: the ceiling."
            ),
            {"reports": evaluation.reports},
        ),
    )
    return Scene(
        N_("4. How good, and how sure"), lines, evaluation=evaluation, paths=(out / "scorecard.html",)
    )


def _predict(corpus: Corpus, classifier: Classifier, project: Project, language: str) -> Scene:
    reports = _new_reports(corpus, project, language)
    answers = use.predict(classifier, reports, project=project)
    return Scene(
        N_("5. Two new reports"),
        ((N_("Written anew for two patients of the test split; the truth stands beside the answer."), {}),),
        answers=tuple(zip(reports, answers, strict=True)),
    )


def _new_reports(corpus: Corpus, project: Project, language: str) -> list[Report]:
    """One fresh report of each label, for patients that no training saw."""
    fresh = data.synthesize("cytology", project=project.changed("project", seed=project.seed + 1))
    unseen = {report.attributes["wdbc_row"] for report in corpus["test"]}
    wanted = corpus.label_space.names if corpus.label_space else ()
    candidates = [report for report in fresh if report.attributes["wdbc_row"] in unseen]
    return [next(report for report in candidates if report.labels == (name,)) for name in wanted]


def _next(place: Path, language: str, started: float) -> Scene:
    seconds, peak = round(time.perf_counter() - started), peak_memory_bytes()
    took: tuple[str, dict[str, Any]] = (N_("All of it took {seconds} s."), {"seconds": seconds})
    if peak is not None:
        took = (
            N_("All of it took {seconds} s and at most {memory} GB of memory."),
            {"seconds": seconds, "memory": round(peak / 1e9, 1)},
        )
    scorecard = place / "run" / "evaluations" / "cytology-test" / "scorecard.html"
    values = {"command": _command(), "table": "laudos.csv" if language == "pt-BR" else "reports.csv"}
    lines: tuple[tuple[str, dict[str, Any]], ...] = (
        took,
        (N_("The reports: {path}"), {"path": str(place / "cytology.parquet")}),
        (N_("The classifier: {path}"), {"path": str(place / "run")}),
        (N_("The scorecard, for any browser: {path}"), {"path": str(scorecard)}),
        ("", {}),
        (N_("Now your own table, in six lines:"), {}),
        ("  {command} init --from {table}", values),
        ("  {command} prepare {table} -o corpus.parquet", values),
        ("  {command} deidentify corpus.parquet -o clean.parquet", values),
        ("  {command} audit clean.parquet", values),
        ("  {command} train clean.parquet -o runs/a", values),
        ("  {command} evaluate runs/a clean.parquet", values),
        (N_("Before it trains on real reports, say by what right: [policy] in {file}."), {"file": FILE}),
    )
    return Scene(N_("6. Where everything lies, and what to type next"), lines)


def _command() -> str:
    """What a shell that stands here must be given: the bare name only where it finds it."""
    if shutil.which("bert4text"):
        return "bert4text"
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    return f"{shlex.quote(str(python)) if os.name == 'posix' else python} -m bert4text"
