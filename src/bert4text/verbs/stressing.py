"""The verb that finds out where a classifier breaks: stress."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core.copies import practiced
from bert4text.core.digest import digest
from bert4text.core.errors import StressFailed
from bert4text.core.messages import load, screen_language
from bert4text.core.output import check_file, check_target, writing_file, writing_folder
from bert4text.core.progress import Progress, silent
from bert4text.core.seeds import rng
from bert4text.core.stress import Stress
from bert4text.project import Project
from bert4text.robustness.config import StressConfig
from bert4text.store.trail import record
from bert4text.verbs.cut import reading_of
from bert4text.verbs.given import view_of
from bert4text.verbs.learned import uses_of
from bert4text.verbs.noted import manifest_about
from bert4text.verbs.opening import open_classifier, open_corpus, settings_of

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.models.classifier import Classifier
    from bert4text.robustness.scoring import Scoring


def stress(
    classifier: Classifier | Path | str,
    corpus: Corpus | Path | str,
    *,
    config: StressConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    html: Path | str | None = None,
    overwrite: bool = False,
    language: str | None = None,
    progress: Progress = silent,
) -> Stress:
    """Change reports in many ways that should not change the answer, and tell how often they do.

    Args:
        classifier: the classifier, or the folder of its run or export.
        corpus: the corpus, or its path; ``[stress] split`` says which reports, ``reports`` how many. No label
            of theirs is read, and no look at the test split is counted.
        config: settings; the project's ``[stress]`` if not given.
        project: the project; none but the defaults if not given.
        out: a folder for ``stress.json``, ``stress.html`` and ``worst.jsonl``, which alone holds ids.
        html: where the page alone is written too.
        overwrite: whether ``out`` and ``html`` may be replaced.
        language: of the page; the project's, else the locale's, if not given.
        progress: told how far it is.

    Raises:
        StressFailed: a capability of ``[stress] at_most`` breaks, or too little was measured to tell; what
            was found is written first, and the error carries it.
        BundleError: the run is damaged or of a newer format.
        ConfigError: bad settings, or no such perturbation or capability.
        LabelError: a serious label is none of the question.
        EmptyCorpusError: the split has no reports, or none has a text.
        OutputError: ``out`` or ``html`` exists or cannot be written.
    """
    from bert4text.data.normalize import normalize
    from bert4text.robustness.stress import languages_of
    from bert4text.robustness.stress import stress as tried_on

    project, started = project or Project(), time.perf_counter()
    settings = settings_of(StressConfig, config, project=project)
    if out is not None:
        check_target(Path(out), overwrite=overwrite)
    if html is not None:
        check_file(Path(html), overwrite=overwrite)
    opened = open_classifier(classifier)
    whole, _ = open_corpus(corpus, project=project, progress=progress)
    part = _drawn(whole[settings.split], most=settings.reports, seed=project.seed)
    outcome = tried_on(
        list(part),
        opened.probabilities,
        scoring=_scoring(opened, settings),
        space=opened.label_space,
        config=settings,
        read=normalize,
        aside=_asked_of_each_side(opened, whole),
        language=whole.language or project.settings.language,
        seed=project.seed,
        progress=progress,
    )
    found = Stress(
        split=settings.split,
        use=_use(opened, whole, settings.split),
        reports=len(outcome.tried.reports),
        patients=part.patients,
        synthetic=part.synthetic,
        languages=languages_of(outcome.tried),
        serious=tuple(settings.serious),
        tolerance=settings.tolerance,
        common=None if opened.calibrator.groups is None else opened.calibrator.groups.attribute,
        noise=outcome.tried.noise,
        noisy=outcome.tried.noisy,
        capabilities=outcome.capabilities,
        perturbations=outcome.perturbations,
        worst=outcome.worst,
        gated=tuple(settings.at_most),
        practiced=practiced(opened.info.manifest.notes),
        model=opened.digest[:16],
        corpus=whole.fingerprint,
    )
    figures = f"sha256:{digest(found.model_dump(mode='json', exclude={'manifest'}))}"
    manifest = manifest_about(
        opened,
        whole,
        settings,
        kind="stress",
        verb="stress",
        used={settings.split: "stress"},
        project=project,
        started=started,
    )
    found = found.model_copy(update={"manifest": manifest.model_copy(update={"digest": figures})})
    _kept(found, out=out, html=html, overwrite=overwrite, language=language, project=project)
    details = {"reports": found.reports, "split": found.split, "broken": list(found.broken)}
    record(project.trail, "model.stressed", subject=f"sha256:{opened.digest}", details=details)
    _gate(found)
    return found


def stress_json(found: Stress) -> dict[str, Any]:
    """What was found as ``stress/1``: rows and no ids."""
    told = found.model_dump(mode="json", exclude={"worst": {"__all__": {"id"}}})
    return {"format": "stress/1", **told}


def _gate(found: Stress) -> None:
    if found.broken:
        raise StressFailed(
            "the model does not pass what [stress] at_most asks for: {capabilities}",
            hint="the folder of -o tells which reports; raise at_most, or train with reports of that kind",
            capabilities=list(found.broken),
            found=found,
        )


def _drawn(part: Corpus, *, most: int, seed: int) -> Corpus:
    """Whole patients, drawn until no further one has room; one at least."""
    if len(part) <= most:
        return part
    groups = np.array(part.groups, dtype=str)
    names, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = rng(seed, "stress.reports").permutation(len(names))
    fits = np.cumsum(sizes[order]) <= most
    kept = order[fits] if fits.any() else order[:1]
    return part.select(np.flatnonzero(np.isin(index, kept)).tolist())


def _scoring(classifier: Classifier, settings: StressConfig) -> Scoring:
    from bert4text.robustness.scoring import Scoring

    notes = classifier.info.manifest.notes
    counts = notes.get("train_labels") or {}
    several = classifier.label_space.task == "multilabel"
    total = float((notes.get("reports") or {}).get("train", 0)) if several else float(sum(counts.values()))
    return Scoring(
        classifier.label_space,
        classifier.calibrator,
        serious=settings.serious,
        tolerance=settings.tolerance,
        sure=settings.sure,
        shares={name: count / total for name, count in counts.items()} if total else {},
    )


def _use(classifier: Classifier, corpus: Corpus, split: str) -> str | None:
    """What part the split had in making the model, where it learned from this corpus."""
    return uses_of(classifier.info.manifest, corpus).get(split)


def _asked_of_each_side(classifier: Classifier, corpus: Corpus) -> bool:
    """Whether the model answers for each side of the body by itself."""
    return bool(view_of(classifier).sides or reading_of(corpus).get("sides"))


def _kept(
    found: Stress,
    *,
    out: Path | str | None,
    html: Path | str | None,
    overwrite: bool,
    language: str | None,
    project: Project,
) -> None:
    """Write what was asked for."""
    if out is None and html is None:
        return
    from bert4text.robustness.page import page

    shown = page(found, translator=load(screen_language(language, project.settings.screen)))
    if out is not None:
        with writing_folder(Path(out), overwrite=overwrite) as partial:
            document = json.dumps(stress_json(found), ensure_ascii=False, indent=1, allow_nan=False)
            (partial / "stress.json").write_text(document + "\n", encoding="utf-8")
            (partial / "stress.html").write_text(shown, encoding="utf-8")
            lines = (json.dumps(one.model_dump(mode="json"), ensure_ascii=False) for one in found.worst)
            (partial / "worst.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if html is not None:
        with writing_file(Path(html), overwrite=overwrite) as partial:
            partial.write_text(shown, encoding="utf-8")
