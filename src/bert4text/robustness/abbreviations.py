"""Abbreviations: written out, and written short."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import Rewording, in_style, replaced
from bert4text.robustness.words import words

_STOPS = re.compile(r"(?<=\w)\.\.(?!\.)")


def _contracted(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    changed = _short(language)(text)
    return changed if ".." in text else _STOPS.sub(".", changed)  # "esq." ends a sentence with one stop


def _expanded(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    """Abbreviations as they are written in the lists, in capitals too where all is."""
    pattern, table = _long(language)
    return replaced(text, pattern.finditer(text), lambda found: in_style(table[found.group()], text))


@cache
def _short(language: str) -> Rewording:
    told = words("abbreviations")[language]
    return Rewording(dict([*told["both"], *told["contracted"]]))


@cache
def _long(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    table = {short: full for full, short in words("abbreviations")[language]["both"]}
    alone = "|".join(map(re.escape, sorted(table, key=len, reverse=True)))
    return re.compile(rf"(?<![\w/])(?:{alone})(?![\w/])"), table


CONTRACTED = Perturbation(N_("words are abbreviated"), "abbreviations", _contracted)
EXPANDED = Perturbation(N_("abbreviations are written out"), "abbreviations", _expanded)
