"""What a project declares of the processing of reports, as every manifest keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bert4text.core.basis import Basis, Residue
from bert4text.core.corpus import Corpus
from bert4text.core.errors import PolicyError
from bert4text.governance import gate
from bert4text.governance.policy_config import PolicyConfig
from bert4text.project import Project

if TYPE_CHECKING:
    from bert4text.models.classifier import BundleInfo, Classifier

UNDECLARED = "policy:undeclared"
"""Among the overrides of a model that learned from texts of which nothing was declared."""


def declared(project: Project, basis: Basis | None = None) -> dict[str, Any]:
    """The fields of a ``Manifest`` that tell of the basis.

    Args:
        project: its ``[policy]`` is what is declared.
        basis: what the policy gate let pass, where something learned from reports.
    """
    return _fields(basis or gate.basis_of(project.section("policy")))


def declared_texts(given: Mapping[str, Any] | None, corpus: Corpus) -> tuple[Basis, list[str]]:
    """The basis of texts that come without a project, and what the manifest's overrides say of it.

    Args:
        given: keys of ``[policy]``; None declares nothing, which is written down and not refused here.
        corpus: the texts.

    Raises:
        ConfigError: a key is unknown, or has a bad value.
        PolicyError: what is declared is not sufficient, or refused.
    """
    policy = PolicyConfig.parse(given or {}, section="policy")
    residue = gate.residue_of(corpus, policy)
    if given is None and residue.real:
        return Basis(residue=residue), [UNDECLARED]
    return _passed(policy, residue), []


def declared_later(
    classifier: Classifier, given: Mapping[str, Any] | None, *, synthetic: bool = False
) -> BundleInfo:
    """What a bundle says of a classifier when what was not declared at its training is declared now.

    Args:
        classifier: that learned; one of which nothing is missing stays as it is.
        given: keys of ``[policy]``.
        synthetic: whether the texts turn out to be of no patient.

    Raises:
        ConfigError: a key is unknown, or has a bad value.
        PolicyError: what is declared is not sufficient, or refused.
    """
    from bert4text.models.card import model_card

    info = classifier.info
    manifest = info.manifest
    residue = None if manifest.basis is None else manifest.basis.residue
    if UNDECLARED not in manifest.overrides or residue is None:
        return info
    policy = PolicyConfig.parse(given or {}, section="policy")
    residue = residue.model_copy(update={"real": 0} if synthetic else {})
    basis = _passed(policy, gate.accepted(residue, policy))
    overrides = [name for name in manifest.overrides if name != UNDECLARED]
    manifest = manifest.model_copy(
        update={"overrides": (*overrides, *basis.overrides), **_fields(basis)},
    )
    card = model_card(classifier, manifest=manifest)
    return info.model_copy(update={"manifest": manifest, "card": card})


def _fields(basis: Basis | None) -> dict[str, Any]:
    return {"basis": basis, "legal_basis": None if basis is None else basis.cited}


def _passed(policy: PolicyConfig, residue: Residue) -> Basis:
    """What the policy gate lets pass; its error says what to give here, not what to write into a file."""
    try:
        return gate.policy_gate(policy, residue)
    except PolicyError as error:
        raise PolicyError(
            error.template,
            hint="give BertTextClassifier a policy of these keys, every ... filled:\n{section}",
            code="policy-gate",
            **error.values,
        ) from None
