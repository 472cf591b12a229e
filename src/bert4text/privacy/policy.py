"""Policy: what is done with each kind of identifier under a law; plain TOML, one file for each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal, get_args

from bert4text.core.config import Record
from bert4text.core.errors import ConfigError
from bert4text.privacy.kinds import KINDS
from bert4text.privacy.surrogates import KINDS as SURROGATES

Action = Literal["tag", "mask", "keep", "year", "cap", "shift", "hash", "surrogate"]
"""``tag`` names the kind, ``mask`` hides each sign, ``keep`` leaves it; ``year`` leaves the year of a date,
``cap`` makes ages over 89 one group, ``shift`` moves dates by as much for each patient, ``hash`` writes a
code that the same identifier gets again, ``surrogate`` another name or number; these three under a key."""

KEYED = frozenset({"shift", "hash", "surrogate"})
"""Actions that a key decides."""
ACTIONS: tuple[Action, ...] = get_args(Action)
POLICIES = ("lgpd", "gdpr", "hipaa-safe-harbor", "hipaa-limited", "hipaa-expert")

_ONLY: dict[str, frozenset[str]] = {
    "year": frozenset({"date", "birth-date"}),
    "shift": frozenset({"date", "birth-date"}),
    "cap": frozenset({"age"}),
    "surrogate": SURROGATES,
}
"""Actions that fit some kinds only."""


class Policy(Record):
    """What is done with each kind of identifier.

    Attributes:
        name: of the policy.
        actions: kind -> action, one for each of ``KINDS``.
    """

    name: str
    actions: dict[str, Action]

    @property
    def keyed(self) -> bool:
        """Whether anything is done that a key decides."""
        return any(action in KEYED for action in self.actions.values())


def load_policy(name: str, *, changes: Mapping[str, str] | None = None) -> Policy:
    """A policy by its name, with the action of some kinds changed.

    Args:
        name: one of ``POLICIES``.
        changes: kind -> action.

    Raises:
        ConfigError: no such policy, kind or action, an action that does not fit the kind, or one that the
            policy refuses.
    """
    if name not in POLICIES:
        raise ConfigError(
            "there is no policy {wanted!r}; there are {known}",
            hint="[deidentify] policy, or --policy",
            code="unknown-policy",
            wanted=name,
            known=list(POLICIES),
        )
    told = tomllib.loads((files(__package__) / "policies" / f"{name}.toml").read_text(encoding="utf-8"))
    actions = {kind: told["actions"].get(kind, told["default"]) for kind in KINDS}
    for kind, action in (changes or {}).items():
        _check(kind, action, name, refused=told["refused"])
        actions[kind] = action
    return Policy(name=name, actions=actions)


def _check(kind: str, action: str, policy: str, *, refused: list[str]) -> None:
    if kind not in KINDS:
        raise ConfigError(
            "there is no kind of identifier {wanted!r}; there are {known}",
            hint="the keys of [deidentify.actions] are kinds",
            code="unknown-kind",
            wanted=kind,
            known=list(KINDS),
        )
    if action not in ACTIONS or kind not in _ONLY.get(action, KINDS):
        raise ConfigError(
            "{action!r} cannot be done with {kind!r}; it may be {known}",
            hint="change [deidentify.actions]",
            code="unknown-action",
            action=action,
            kind=kind,
            known=[one for one in ACTIONS if kind in _ONLY.get(one, KINDS)],
        )
    if action in refused:
        raise ConfigError(
            "the policy {policy!r} allows no {action!r}: it is derived from the patient",
            hint="take `year` or `tag`, or the policy hipaa-expert or hipaa-limited",
            code="refused-action",
            policy=policy,
            action=action,
        )
