"""Which perturbations are asked for, and what decides whether a report can be changed by them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bert4text.core.config import suggestion
from bert4text.core.errors import ConfigError
from bert4text.core.fold import fold, phrases
from bert4text.core.labels import LabelSpace
from bert4text.core.language import LANGUAGES, detect
from bert4text.core.lexicon import lexicon
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.perturbations import PERTURBATIONS


def chosen(names: Sequence[str], *, setting: str) -> dict[str, Perturbation]:
    """Perturbations by their names or capabilities, in the order of the registry; all where none is named.

    Args:
        names: a name that is of a perturbation and of a capability is that of the perturbation.
        setting: where they are named, for errors.

    Raises:
        ConfigError: there is no such perturbation or capability.
    """
    every = {name: PERTURBATIONS.get(name) for name in PERTURBATIONS}
    known = {*every, *(one.capability for one in every.values())}
    for name in names:
        if name not in known:
            near = suggestion(name, sorted(known))
            raise ConfigError(
                "{setting} names {name!r}, which is no perturbation and no capability; capabilities are "
                "{known}",
                hint="did you mean {near!r}?"
                if near
                else "`bert4text plugins perturbations` lists the perturbations",
                code="unknown-perturbation",
                setting=setting,
                name=name,
                near=near,
                known=list(dict.fromkeys(one.capability for one in every.values())),
            )
    wider = set(names) - every.keys()
    return {name: one for name, one in every.items() if not names or name in names or one.capability in wider}


def names_a_side(space: LabelSpace) -> bool:
    """Whether the labels name sides of the body, so that changing sides changes the answer."""
    told = lexicon("sides")
    sides = re.compile(phrases([*told["right"], *told["left"]]))
    return any(sides.search(fold(name.replace("_", " "))) for name in space.names)


def language_of(text: str, *, usual: str | None) -> str | None:
    """The language of a report that a perturbation is told; None where it is none of those it may know.

    Args:
        text: of the report.
        usual: of reports that do not tell theirs.
    """
    short = (usual or "").split("-")[0].casefold()
    return detect(text) or (short if short in LANGUAGES else None)
