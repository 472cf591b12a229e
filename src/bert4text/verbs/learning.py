"""What the verbs that learn a classifier share: gates first, guards after, and a line in the trail."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bert4text.auditing.config import AuditConfig
from bert4text.core.basis import Basis
from bert4text.core.copies import NOTE
from bert4text.core.corpus import Corpus
from bert4text.core.manifest import Manifest, Parent
from bert4text.core.messages import screen_language
from bert4text.core.output import check_target
from bert4text.core.progress import Progress
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.data import audit
from bert4text.verbs.fair import check_declared
from bert4text.verbs.gates import audit_gate, policy_gate
from bert4text.verbs.opening import label_space, open_corpus, settings_of
from bert4text.verbs.working import check_unfinished, working

if TYPE_CHECKING:
    from bert4text.models.classifier import Classifier
    from bert4text.training.trained import Trained


@dataclass(frozen=True)
class Learning:
    """One call of a verb that learns a classifier.

    Attributes:
        verb: its name, and that of its section.
        corpus: what is learned from.
        path: where it lies, or None.
        project: the project.
        target: the run folder; None writes nothing.
        overwrite: whether it may be replaced.
        resume: go on where a killed run of the same folder stopped.
        progress: told how far it is.
        basis: what the policy gate let pass.
        started: when, by ``time.perf_counter``.
    """

    verb: str
    corpus: Corpus
    path: Path | None
    project: Project
    target: Path | None
    overwrite: bool
    resume: bool
    progress: Progress
    basis: Basis
    started: float = field(default_factory=time.perf_counter)

    @classmethod
    def begun(
        cls,
        verb: str,
        corpus: Corpus | Path | str,
        *,
        project: Project,
        out: Path | str | None,
        overwrite: bool,
        resume: bool,
        progress: Progress,
    ) -> Learning:
        """Open the corpus, see that the run folder may be written, and pass the policy gate.

        Raises:
            DataError: there is no such file, or it is no corpus.
            ConfigError: the declared fairness contract cannot be asked of its reports.
            PolicyError: no sufficient basis is declared, or too many identifiers are left in the reports.
            OutputError: the run folder exists, or an unfinished training lies there.
        """
        started, target = time.perf_counter(), None if out is None else Path(out)
        opened, path = open_corpus(corpus, project=project, progress=progress)
        if target is not None:
            check_target(target, overwrite=overwrite)
            check_unfinished(target, resume=resume, overwrite=overwrite)
        if project.section("evaluate").fairness.attributes:
            check_declared(project, opened, label_space(opened))
        basis = policy_gate(opened, project=project, verb=verb)
        return cls(verb, opened, path, project, target, overwrite, resume, progress, basis, started=started)

    def learned(
        self,
        act: Callable[[Path], Trained],
        *,
        audited: Project,
        teacher: Classifier | None = None,
    ) -> Classifier:
        """Pass the audit, learn, save, reopen and compare, and leave a line in the trail.

        Args:
            act: learns, given the folder it works in.
            audited: the project as the audit is to see it.
            teacher: whose student is learned, or None.

        Raises:
            AuditFailed: the audit found something at or above ``audit.fail_on``.
            GuardError: the training diverged, collapsed, or the saved model does not answer as it did.
        """
        from bert4text.verbs.run import classifier_of, manifest_of, save_run

        issues = audit(self.path or self.corpus, project=audited, progress=self.progress)
        overrides = audit_gate(issues, settings=settings_of(AuditConfig, None, project=self.project))
        with working(self.target, resume=self.resume) as work:
            trained = act(work)
            manifest = manifest_of(
                self.corpus,
                trained,
                project=self.project,
                overrides=overrides,
                basis=self.basis,
                seconds=time.perf_counter() - self.started,
            ).model_copy(update={"verb": self.verb})
            classifier = classifier_of(
                trained,
                label_space(self.corpus),
                manifest=manifest if teacher is None else of_teacher(manifest, teacher),
                toml=self.project.toml(**{self.verb: trained.config}),
                language=screen_language(None, self.project.settings.screen),
            )
            if self.target is not None:
                save_run(classifier, trained, self.corpus, out=self.target, overwrite=self.overwrite)
        _trail(self.project, classifier, teacher)
        return classifier


def of_teacher(manifest: Manifest, teacher: Classifier) -> Manifest:
    """The manifest of a student: what its teacher learned from, it has learned from too."""
    before = teacher.info.manifest
    copies = {NOTE: {**before.notes[NOTE], "by": "teacher"}} if NOTE in before.notes else {}
    own = () if not teacher.digest else (Parent(kind="model", digest=f"sha256:{teacher.digest}"),)
    corpora = tuple(parent for parent in before.parents if parent.kind == "corpus")
    parents = dict.fromkeys((parent.kind, parent.digest) for parent in (*manifest.parents, *own, *corpora))
    return manifest.model_copy(
        update={
            "parents": tuple(Parent(kind=kind, digest=digest) for kind, digest in parents),
            "split_used": {**before.split_used, **manifest.split_used},
            "notes": {**manifest.notes, **copies},
        }
    )


def _trail(project: Project, classifier: Classifier, teacher: Classifier | None) -> None:
    manifest = classifier.info.manifest
    corpus = manifest.parents[0].digest
    details = {"corpus": corpus, "encoder": classifier.encoder_name, "seed": manifest.seed}
    details |= {} if manifest.basis is None else manifest.basis.codes
    private = manifest.notes.get("private")
    if private is not None:  # budgets add up: who sums them over runs finds each of them here
        details.update({name: private[name] for name in ("epsilon", "delta", "unit")})
    if teacher is not None:
        details["teacher"] = teacher.digest or "unsaved"
    record(project.trail, "model.trained", subject=classifier.digest or "unsaved", details=details)
    overrides = [name for name in manifest.overrides if not name.startswith("policy.")]  # told at the gate
    if overrides:
        record(project.trail, "audit.overridden", subject=corpus, details={"overrides": overrides})
