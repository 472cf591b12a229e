"""Read the BI-RADS category that a report states, in Portuguese, Spanish or English.

BI-RADS is a mark of the American College of Radiology; only its category numbers are read here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bert4text.core.fold import fold

LABELS = tuple(f"BIRADS_{category}" for category in range(7))
"""The labels the reader gives; 4A, 4B and 4C are BIRADS_4."""

GRAVITY = ("BIRADS_1", "BIRADS_2", "BIRADS_3", "BIRADS_6", "BIRADS_0", "BIRADS_4", "BIRADS_5")
"""From what concerns least to what concerns most: how the answers of two breasts become one."""


class Category(NamedTuple):
    """A category that is stated: its label and where its number stands."""

    label: str
    start: int
    end: int


_NUMBERS = {
    **{str(number): number for number in range(7)},
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "zero": 0,
    "cero": 0,
    "um": 1,
    "uno": 1,
    "one": 1,
    "dois": 2,
    "dos": 2,
    "two": 2,
    "tres": 3,
    "three": 3,
    "quatro": 4,
    "cuatro": 4,
    "four": 4,
    "cinco": 5,
    "five": 5,
    "seis": 6,
    "six": 6,
}
_GAP = r"[ \t]*(?:[:=][ \t]*\n?[ \t]*)?[-–—(\[\"'®™*]*[ \t]*"
_SIDE = (
    r"(?:(?:na|no|a|en la|in the|on the|da|de la)[ \t]+)?(?:(?:mama|breast)[ \t]+)?"
    r"(?:direit[ao]|esquerd[ao]|derecha|izquierda|right|left|(?:m[de]|dir|esq|der|izq)\b\.?|[de](?=[ \t]*:))"
    r"(?:[ \t]+breast)?"
)
_FILLER = (
    r"(?:categor(?:ia|y)|cat\.?|classificacao|classification|clasificacion|classe|class|final|avaliacao|assessment"
    rf"|evaluacion|acr\)?|nivel|grau|grado|numero|n[o°º.]|{_SIDE})"
)
_LEAD = (
    rf"(?:\bbi[ \t]?[-‐‑–—.]?[ \t]?rads?(?![a-z])(?:[ \t]*(?:®|™|\(r\)))?|\bcategor(?:ia|y)\b|\bacr\b)"
    rf"{_GAP}(?:,?[ \t]*{_FILLER}(?![a-z]){_GAP}){{0,4}}"
)
_NOT_A_CATEGORY = (
    r"(?![.,]\d)(?![ \t]*(?:[ao°]?\.?[ \t]*(?:edi|ed\b)|th\b|mm\b|cm\b|x[ \t]*\d|%"
    r"|anos\b|meses\b|years\b|months\b"
    r"|nodul|cist|quist|cyst|imag|calcif|microcalc|lesoes|lesiones|lesions|grupos|incidenc|mass))"
)
_VALUE = (
    r"(?:(?P<number>[0-6]|iv|vi|v(?![ \t]*\.?[ \t]*\d)|i{1,3})"
    r"(?:[abc](?!\w)|[ \t][abc](?!\w|[ \t]*\d))?(?!\w)"
    + _NOT_A_CATEGORY
    + r"|(?P<word>zero|cero|um|uno|one|dois|dos|two|tres|three|quatro|cuatro|four|cinco|five|seis|six)"
    r"(?=[ \t]*(?:[abc]\b|[-.,;:)\]\n(]|$)))"
)
_ENDS = rf"(?=[ \t]*(?:[-–).,;:\]\n(/]|$|{_SIDE}|e\b|y\b|and\b))"
_STATED = re.compile(_LEAD + _VALUE)
_MORE = re.compile(
    rf"(?:[ \t]*\([^()\n]{{0,40}}\))?[ \t]*(?:(?:{_SIDE}|[de](?=[ \t]*/))[ \t]*)?"
    rf"(?:(?:[,;][ \t]*)?(?:e|ou|y|o|u|a|and|or|ate|to)[ \t]+|[ \t]*[/–-][ \t]*|[,;][ \t]*(?={_SIDE})"
    rf"|(?=[de][ \t]*:)|[,;][ \t]*(?=[0-6][ \t]?[abc]?[ \t]*(?:,|(?:e|y|and)\b|{_SIDE})))"
    rf"(?:{_SIDE}[ \t]*[:\-]?[ \t]*)?" + _VALUE + _ENDS
)
_BARE = re.compile(r"\([ \t]*(?P<number>4)[ \t]?[abc][ \t]*\)")
_DENSITY = re.compile(
    r"(?:densidade|densidad|density|composicao|composicion|composition|padrao|patron|pattern|parenquima|parenchyma"
    r"|mamas?[ \t]+(?:do[ \t]+|de[ \t]+)?tipo)[^.;,\n\d–—-]{0,40}(?:[–—-][ \t]*)?$"
)
_PRIOR = re.compile(
    r"(?:anterior(?:mente)?|previ[oa](?:mente)?|previamente|previous(?:ly)?|prior)[ \t]*"
    r"(?:(?:(?:de|do|del|em|en|of|from|realizado[ \t]+em)[ \t]+)?\(?\d{1,4}(?:[/.-]\d{1,4}){0,2}\)?[ \t]*)?"
    r"(?:[:(]|classificad[oa](?:[ \t]+(?:como|em))?|clasificad[oa](?:[ \t]+como)?|era|was|de|com|con)?[ \t]*$"
)

_DENIED = re.compile(
    r"\b(?:sem|nao[ \t]+(?:ha|existem|se[ \t]+observam)|sin|no|no[ \t]+hay|without)[ \t]+"
    r"(?:achados?|lesao|lesoes|nodulos?|imagens|hallazgos?|lesiones|imagenes|findings?|lesions?|mass|masses)"
    r"[ \t]+(?:(?:da|de)[ \t]+|(?:classificad|clasificad)[oa]s?[ \t]+(?:como[ \t]+|em[ \t]+)?)?$"
)


def find_birads(text: str) -> tuple[Category, ...]:
    """Every statement of a category, in order of place.

    Digits, Roman numerals and words after BI-RADS (however written), "categoria" or "ACR", and "(4A)";
    "2 e 4", "4/5" and categories of each breast give several. Density ("composição c", "ACR 2" after
    "densidade"), editions of the manual, sizes, the category of an earlier exam and one
    that is denied ("sem lesões BI-RADS 4") are none.

    Args:
        text: a report or a section of it, NFC.
    """
    folded = fold(text)
    found: dict[int, Category] = {}
    for match in _STATED.finditer(folded):
        before = folded[max(0, match.start() - 80) : match.start()]
        if _DENSITY.search(before) or _PRIOR.search(before) or _DENIED.search(before):
            continue
        here: re.Match[str] | None = match
        while here is not None:
            category = _category(here)
            found[category.start] = category
            here = _MORE.match(folded, here.end())
    for match in _BARE.finditer(folded):
        category = _category(match)
        found.setdefault(category.start, category)
    return tuple(found[start] for start in sorted(found))


def _category(match: re.Match[str]) -> Category:
    groups = match.groupdict()
    group = "number" if groups.get("number") else "word"
    return Category(LABELS[_NUMBERS[groups[group]]], match.start(group), match.end(group))
