"""Counterfactual swaps: the patient is of the other sex, older, from elsewhere, or somebody else pays."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from bert4text.core.fold import fold, phrases
from bert4text.core.messages import N_
from bert4text.robustness.names import given_name_sex, renamed, spans
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import Rewording, beginning, cased, in_style
from bert4text.robustness.words import words

ADULT, OLD = 18, 89
YEARS = 5
"""By how many years an age moves at most."""
_OTHER = {"female": "male", "male": "female"}

_STATE = re.compile(r"(\s*[/–-]\s*)[A-Z]{2}\b")
_ORIGIN = re.compile(
    r"(?:procedente|proveniente|natural|residente|moradora?|reside|vive)\s+(?:d[eao]|em|en|n[ao])\s+"
)
_STATES_OF_PERSON = r"(?:foi|esta|estava|era|ficou|encontra-se|encontrava-se|fue|estaba|quedo|se encuentra)"


def _other_sex(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    """Words that tell the sex, participles that agree with the patient, and given names of patients."""
    female, male = _sex(language, "female"), _sex(language, "male")
    if female.finds(text) == male.finds(text) or _anatomy().search(fold(text)):
        return None
    changed = (female if female.finds(text) else male)(text)
    if _disagrees(changed, language, "a" if female.finds(text) else "o"):
        return None
    people = words("people")[language]

    def instead(folded: str, place: int) -> str | None:
        sex = given_name_sex(folded, language) if place == 0 else None
        return None if sex is None else str(rng.choice(people[_OTHER[sex]]))

    found = spans(changed, language, kinds=frozenset({"patient"}))
    return renamed(changed, found, instead) or changed


def _disagrees(text: str, language: str, ending: str) -> bool:
    """Whether words are left that may speak of the patient in the former gender."""
    stems = "|".join(fold(stem) for stem in words("sex")[language]["participles"])
    if not stems:
        return False
    left = rf"(?<!\w)(?:(?:{stems}){ending}|{_STATES_OF_PERSON} \w+(?:ad|id|os|tic|iv){ending})(?!\w)"
    return re.search(left, fold(text)) is not None


@cache
def _sex(language: str, sex: str) -> Rewording:
    """From words of one sex to those of the other."""
    told = words("sex")[language]
    here, there = (0, 1) if sex == "female" else (1, 0)
    ends = told["endings"]
    agreeing = [[f"{told['stem']} {stem}{end}" for end in ends] for stem in told["participles"]]
    articles = {pair[here]: pair[there] for pair in told["pairs"]}
    both = {
        f"{before} {stem}{ends[here]}": f"{after} {stem}{ends[there]}"
        for before, after in articles.items()
        if before.endswith(f" {told['stem']}")
        for stem in told["participles"]
    }
    return Rewording(articles | {pair[here]: pair[there] for pair in agreeing} | both)


@cache
def _anatomy() -> re.Pattern[str]:
    return re.compile(phrases(words("sex")["anatomy"]["words"]))


def _other_age(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    years = int(rng.integers(1, YEARS + 1)) * (1 if rng.integers(2) else -1)
    parts, here = [], 0
    for span in spans(text, language, kinds=frozenset({"age"})):
        told = text[span.start : span.end]
        if told.isdecimal() and ADULT <= int(told) <= OLD:
            age = int(told) + years
            parts += [text[here : span.start], str(age if ADULT <= age <= OLD else int(told) - years)]
            here = span.end
    return "".join([*parts, text[here:]]) if parts else None


def _other_town(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    """Each town another one, with its own state where a state stands behind it."""
    towns = words("people")[language]["towns"]
    known: dict[str, str] = {}
    parts, here = [], 0
    for span in spans(text, language, kinds=frozenset({"place"})):
        start = span.start + _from(text[span.start : span.end])
        told = _STATE.sub("", text[start : span.end])
        folded = fold(told)
        if folded not in known:
            known[folded] = str(
                rng.choice([town for town in towns if fold(town.split("/")[0]) not in folded])
            )
        town, _, behind = known[folded].partition("/")
        parts += [text[here:start], cased(in_style(town, text), like=told)]
        here = start + len(told)
        found = _STATE.match(text, here)
        if found is not None and behind:
            parts.append(found.group(1) + behind)
            here = found.end()
    return "".join([*parts, text[here:]]) if parts else None


def _from(told: str) -> int:
    """How much of what was found for a town stands before its name: "Procedente de Campinas"."""
    found = _ORIGIN.match(fold(told))
    return 0 if found is None else found.end()


def _other_payer(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    told = words("insurance")

    def instead(found: re.Match[str]) -> str:
        value = text[slice(*found.span("value"))]
        public = fold(value) in {fold(name) for name in told["public"]}
        other = str(rng.choice(told["private"] if public else told["public"]))
        return text[found.start() : found.start("value")] + in_style(other, text)

    changed, here = [], 0
    for found in _payers().finditer(fold(text)):
        changed += [text[here : found.start()], instead(found)]
        here = found.end()
    return "".join([*changed, text[here:]]) if changed else None


@cache
def _payers() -> re.Pattern[str]:
    """A field that tells who pays, and what it tells."""
    told = words("insurance")
    values = phrases(fold(name) for name in (*told["public"], *told["private"]))
    return re.compile(rf"{phrases(told['fields'])}[ ]*[:=-][ ]*(?P<value>{values})")


def _payer_told(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return beginning(text, str(rng.choice(words("statements")[language]["insurance"])))


OTHER_SEX = Perturbation(N_("the patient is of the other sex"), "sex", _other_sex)
OTHER_AGE = Perturbation(N_("the patient is up to five years older or younger"), "age", _other_age)
OTHER_TOWN = Perturbation(N_("towns are others"), "town", _other_town)
OTHER_PAYER = Perturbation(N_("somebody else pays"), "payer", _other_payer, languages=("pt",))
PAYER_TOLD = Perturbation(N_("who pays stands at the beginning"), "payer", _payer_told, languages=("pt",))
