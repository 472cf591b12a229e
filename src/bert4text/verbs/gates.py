"""The gates before training, which no caller can skip."""

from __future__ import annotations

from bert4text.auditing.config import AuditConfig
from bert4text.core.basis import Basis
from bert4text.core.corpus import Corpus
from bert4text.core.extras import available, missing
from bert4text.core.issue import RANK, Issue
from bert4text.core.issue import gate as stop
from bert4text.governance import gate
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.training.config import TrainConfig


def check_learning() -> None:
    """Find out before any work whether an encoder can learn here; loads nothing.

    Raises:
        MissingExtraError: torch, transformers or accelerate is not installed.
    """
    for module in ("torch", "transformers", "accelerate"):
        if not available(module):
            raise missing(module)


def check_encoder(name: str, *, baseline: bool = True) -> None:
    """Find out before any work whether the encoder and what it needs are at hand; loads neither.

    Args:
        name: of the encoder.
        baseline: whether ``tfidf`` will do, which needs none.

    Raises:
        UnknownEncoderError: nothing on this machine goes by that name.
        ModelError: it has no safetensors weights, or is no encoder.
        MissingExtraError: torch, transformers or accelerate is not installed.
    """
    from bert4text.models.sources import locate, weights_files

    if name == "tfidf" and baseline:
        return
    check_learning()
    weights_files(locate(name).folder)


def check_reading(settings: TrainConfig) -> None:
    """Find out before any work whether the sections that long reports are read by are known.

    Raises:
        ConfigError: there is no such section, or none is named.
    """
    from bert4text.training.parts import reading

    reading(settings)


def check_private(settings: TrainConfig, *, resume: bool) -> None:
    """Find out before any work whether a private training can begin.

    Raises:
        ConfigError: a setting would tell of reports beside the budget, or going on was asked for.
        MissingExtraError: Opacus is not installed.
    """
    if settings.private.epsilon is None:
        return
    from bert4text.training.private_settings import check_begun, private_settings

    if not available("opacus"):
        raise missing("opacus")
    check_begun(resume=resume)
    private_settings(settings)


def policy_gate(corpus: Corpus, *, project: Project, verb: str) -> Basis:
    """Let real reports be learned from only with a declared basis and few identifiers left in them.

    What a named person accepted is written into the trail here, before anything is done with the reports.

    Args:
        corpus: the reports.
        project: its ``[policy]`` is what is declared.
        verb: that is to learn from them.

    Raises:
        PolicyError: something is missing or refused; it names all of it at once.
        StoreError: the trail cannot be written.
    """
    policy = project.section("policy")
    basis = gate.policy_gate(policy, gate.residue_of(corpus, policy))
    residue = basis.residue
    if residue is not None and residue.accepted_by is not None:
        told = residue.model_dump(include={"reports", "real", "checked", "left", "limit", "reason"})
        record(
            project.trail,
            "residue.accepted",
            subject=residue.corpus,
            details={"verb": verb, "by": residue.accepted_by, **told},
        )
    return basis


def audit_gate(issues: list[Issue], *, settings: AuditConfig) -> list[str]:
    """Stop the run, or say which gates were opened and which findings were accepted.

    Raises:
        AuditFailed: a finding at or above ``audit.fail_on`` was not accepted by name.
    """
    stop(issues, fail_on=settings.fail_on)
    accepted = sorted({issue.check for issue in issues if issue.accepted and RANK[issue.severity] > 0})
    opened = [f"audit.accept:{check}" for check in accepted]
    if settings.fail_on != "error":
        opened.append(f"audit.fail_on:{settings.fail_on}")
    if settings.fail_on == "never":
        let_through = {issue.check for issue in issues if issue.severity == "error" and not issue.accepted}
        opened += [f"let-through:{check}" for check in sorted(let_through)]
    return opened
