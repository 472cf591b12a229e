"""What the table does not hold and a report still says: drawn on its own and declared as invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bert4text.synthesis.grammar import capitalized

INVENTED: tuple[str, ...] = (
    "age",
    "side",
    "quadrant",
    "guidance",
    "needle",
    "passes",
    "stain",
    "fixation",
)
"""The invented fields, in the order they are declared."""

STAINS = ("papanicolaou", "he", "giemsa", "diff-quik")


@dataclass(frozen=True, eq=False)
class Procedure:
    """How a language tells of the procedure.

    Attributes:
        words: field -> code -> words.
        short: sentences of at most five words; fields stand in braces.
        opening, middle, closing: the parts of a long account, one drawn from each.
        age: ways to state the age; an empty one leaves it out.
    """

    words: Mapping[str, Mapping[str, str]]
    short: tuple[str, ...]
    opening: tuple[str, ...]
    middle: tuple[str, ...]
    closing: tuple[str, ...]
    age: tuple[str, ...]


PORTUGUESE = Procedure(
    words={
        "side": {"left": "esquerda", "right": "direita"},
        "quadrant": {
            "upper-outer": "quadrante superolateral",
            "upper-inner": "quadrante superomedial",
            "lower-outer": "quadrante inferolateral",
            "lower-inner": "quadrante inferomedial",
            "retroareolar": "região retroareolar",
        },
        "guidance": {"palpation": "palpação", "ultrasound": "ultrassonografia"},
        "passes": {
            "1": "uma passagem",
            "2": "duas passagens",
            "3": "três passagens",
            "4": "quatro passagens",
        },
        "stain": {
            "papanicolaou": "Papanicolaou",
            "he": "hematoxilina-eosina",
            "giemsa": "Giemsa",
            "diff-quik": "Diff-Quik",
        },
        "fixation": {"alcohol": "fixação em álcool", "air-dried": "secagem ao ar"},
    },
    short=(
        "PAAF de mama {side}, {stain}",
        "PAAF de mama {side}",
        "PAAF guiada por {guidance}, {stain}",
        "PAAF de mama, {quadrant}",
        "PAAF com agulha {needle}, {stain}",
    ),
    opening=(
        "PAAF de mama {side}, {quadrant}, guiada por {guidance}",
        "punção aspirativa por agulha fina (PAAF) da mama {side}, guiada por {guidance}",
        "amostra obtida por PAAF da mama {side}, {quadrant}",
        "PAAF de mama {side} guiada por {guidance}",
    ),
    middle=(
        "agulha {needle}, {passes}",
        "{passes} com agulha {needle}",
        "realizada com agulha {needle}, em {passes}",
        "",
    ),
    closing=(
        "lâminas coradas por {stain}, com {fixation}",
        "esfregaços corados por {stain}, após {fixation}",
        "coloração por {stain}; {fixation}",
        "lâminas coradas por {stain}",
    ),
    age=("paciente de {age} anos", "idade: {age} anos", ""),
)

ENGLISH = Procedure(
    words={
        "side": {"left": "left", "right": "right"},
        "quadrant": {
            "upper-outer": "upper outer quadrant",
            "upper-inner": "upper inner quadrant",
            "lower-outer": "lower outer quadrant",
            "lower-inner": "lower inner quadrant",
            "retroareolar": "retroareolar region",
        },
        "guidance": {"palpation": "palpation", "ultrasound": "ultrasound"},
        "passes": {"1": "one pass", "2": "two passes", "3": "three passes", "4": "four passes"},
        "stain": {
            "papanicolaou": "Papanicolaou",
            "he": "haematoxylin-eosin",
            "giemsa": "Giemsa",
            "diff-quik": "Diff-Quik",
        },
        "fixation": {"alcohol": "alcohol-fixed", "air-dried": "air-dried"},
    },
    short=(
        "FNA, {side} breast, {stain}",
        "FNA of {side} breast",
        "{stain}-stained breast FNA",
        "breast FNA guided by {guidance}",
        "breast FNA, {needle} needle",
    ),
    opening=(
        "FNA of the {side} breast, {quadrant}, guided by {guidance}",
        "fine-needle aspirate (FNA) of the {side} breast, guided by {guidance}",
        "specimen obtained by FNA of the {side} breast, {quadrant}",
        "FNA of the {side} breast guided by {guidance}",
    ),
    middle=("needle {needle}, {passes}", "{passes} with a {needle} needle", ""),
    closing=(
        "{fixation} smears, {stain} stain",
        "{fixation} slides stained with {stain}",
        "stain: {stain}; {fixation} smears",
        "{stain}-stained slides",
    ),
    age=("patient aged {age} years", "age: {age} years", ""),
)


def draw(rng: np.random.Generator) -> dict[str, str]:
    """Draw every invented field, each by itself; only the fixation follows from the stain.

    Returns:
        field -> code, the same in every language.
    """
    stain = STAINS[int(rng.choice(4, p=[0.45, 0.2, 0.2, 0.15]))]
    quadrants = tuple(PORTUGUESE.words["quadrant"])
    return {
        "age": str(int(np.clip(np.rint(rng.normal(52, 12)), 22, 88))),
        "side": ("left", "right")[int(rng.integers(2))],
        "quadrant": quadrants[int(rng.choice(5, p=[0.5, 0.15, 0.11, 0.06, 0.18]))],
        "guidance": ("palpation", "ultrasound")[int(rng.random() < 0.7)],
        "needle": ("22G", "23G", "25G")[int(rng.integers(3))],
        "passes": str(int(rng.integers(1, 5))),
        "stain": stain,
        "fixation": "alcohol" if stain in {"papanicolaou", "he"} else "air-dried",
    }


@dataclass(frozen=True, slots=True)
class Opening:
    """How a report begins; sentences without full stops.

    Attributes:
        age: a sentence on the age, or nothing.
        account: one short sentence on the procedure, or two to three.
    """

    age: tuple[str, ...]
    account: tuple[str, ...]


def opening(
    procedure: Procedure, invented: Mapping[str, str], *, short: bool, rng: np.random.Generator
) -> Opening:
    """Tell of the procedure, and in a long report perhaps of the age."""
    words = {field: procedure.words.get(field, {}).get(code, code) for field, code in invented.items()}
    parts = (procedure.short,) if short else (procedure.opening, procedure.middle, procedure.closing)
    account = [part[int(rng.integers(len(part)))] for part in parts]
    age = procedure.age[int(rng.integers(len(procedure.age)))]
    told = tuple(capitalized(template.format(**words)) for template in account if template)
    return Opening((capitalized(age.format(**words)),) if age and not short else (), told)
