"""Made-up Brazilian reports whose identifiers are known: layouts, six kinds of noise, traps between.

None of them is used to learn from. What stands between identifiers only looks like some. The rules were
mended on ``gold.toml`` again and again, and twice on ``held.toml``, which another hand had written; nothing
was mended on ``unseen.toml``, which was written after that by a hand that had read neither rules nor words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.privacy.people import GROUPS, People, told

NOISE = ("none", "capitals", "no-accents", "typos", "broken", "glued")
"""What is done to a text: nothing, capitals, accents lost, letters swapped, lines broken, fields glued."""
NAMES = frozenset({"patient", "relative", "professional", "inverted"})
"""Slots that are names of persons."""
DOCUMENTS = frozenset(
    {"cpf", "cns", "cnpj", "pis", "titulo", "rg", "council", "record", "plan", "exam", "register"}
)
"""Slots that are numbers of documents, records and registrations."""

_SLOT = re.compile(r"(\{[\w\-]+\}|<findings>)")
_ONE_IN = 30  # words of which one is mistyped
_BREAKS = 0.06


class Gold(NamedTuple):
    """A report and what identifies somebody in it.

    Attributes:
        text: the report.
        spans: start, end, kind and group of names (empty for others) of each identifier.
        layout: number of its layout.
        noise: one of ``NOISE``.
        findings: start and end of what is clinical throughout.
    """

    text: str
    spans: tuple[tuple[int, int, str, str], ...]
    layout: int
    noise: str
    findings: tuple[tuple[int, int], ...]


def made(n: int, *, seed: int = 7, layouts: str = "gold") -> Iterator[Gold]:
    """Reports one after the other: layouts and noise in turn, people drawn.

    Args:
        n: how many.
        seed: same seed, same reports.
        layouts: the file that they stand in: gold, held or unseen.
    """
    people, said = People(seed), told(layouts)["reports"]
    forms = said["layouts"]
    for place in range(n):
        noise = NOISE[(place // len(forms)) % len(NOISE)]
        layout = place % len(forms)
        yield _report(people, forms[layout], layout, noise, said["findings"])


def _report(people: People, layout: str, number: int, noise: str, findings: list[str]) -> Gold:
    pieces: list[str] = []
    spans, clinical = [], []
    length = 0
    for part in _SLOT.split(layout):
        kind = part[1:-1] if part.startswith("{") else ""
        group = people.random.choice(GROUPS) if kind in NAMES else ""
        if kind:
            value = _value(people, kind, group)
        elif part == "<findings>":
            value = " ".join(people.random.sample(findings, people.random.randrange(3, 7)))
        else:
            value = part
        written = _noisy(people, value, noise, kind)
        if kind:
            spans.append((length, length + len(written), kind, group))
        elif part == "<findings>":
            clinical.append((length, length + len(written)))
        pieces.append(written)
        length += len(written)
    return Gold("".join(pieces), tuple(spans), number, noise, tuple(clinical))


def _value(people: People, kind: str, group: str) -> str:
    if kind in NAMES:
        name = people.name(group)
        given, _, rest = name.partition(" ")
        return f"{rest.upper()}, {given}" if kind == "inverted" and rest else name
    if kind in told()["documents"]:
        return people.document(kind)
    return _MAKERS[kind](people)


def _any(*words: str) -> Callable[[People], str]:
    """Draws one of several forms; ``#`` stands for a digit."""

    def drawn(people: People) -> str:
        form = people.random.choice(words)
        return re.sub("#+", lambda run: people.digits(len(run.group())), form)

    return drawn


def _address(people: People) -> str:
    street = people.random.choice(["Rua", "Av.", "Travessa", "Alameda", "R."])
    name = people.random.choice(told()["places"]["streets"])
    end = people.random.choice(["", ", apto 45", ", bloco B", " - Jardim Paulista", ", bairro Centro"])
    return f"{street} {name}, {people.random.randrange(10, 3000)}{end}"


def _mail(people: People) -> str:
    return f"{people.given('common').lower()}{people.digits(2)}@exemplo.com.br"


_MAKERS: dict[str, Callable[[People], str]] = {
    "age": lambda people: str(people.random.randrange(90, 103)),
    "birth-date": People.birth,
    "date": People.date,
    "phone": People.phone,
    "address": _address,
    "e-mail": _mail,
    "rg": _any("##.###.###-#", "#########", "##.###.###-X", "MG-##.###.###"),
    "record": _any("#####", "######", "#######", "########"),
    "plan": _any("#################", "0 865 ############ 0", "###########"),
    "exam": _any("24-#####", "B24/####", "#######", "C-####/24"),
    "council": _any(
        *(
            lead + digits
            for lead in ("/SP ", "-MG ", " RJ ", ": ", " ", "-")
            for digits in ("#####", "######")
        )
    ),
    "register": _any("#####"),
    "extension": _any("####"),
    "postal-code": _any("#####-###"),
    "place": lambda people: people.random.choice(told()["places"]["towns"]),
    "facility": lambda people: people.random.choice(told()["places"]["facilities"]),
    "url": _any("www.laudos.exemplo.com.br", "https://exames.exemplo.org/r/#####"),
    "credential": _any("######", "ab###x"),
}


def _noisy(people: People, part: str, noise: str, kind: str) -> str:
    """A part of a report under one kind of noise; of a number nothing is lost."""
    if noise == "capitals":
        return part.upper()
    if noise == "no-accents":
        return part.translate(_PLAIN)
    if noise == "typos" and kind not in DOCUMENTS | {"url", "e-mail", "credential"}:
        return re.sub(r"[^\W\d_]{5,}", lambda word: _mistyped(people, word.group()), part)
    if noise == "broken" and not kind:
        return re.sub(
            r"(?<=[a-zà-ú]) (?=[a-zà-ú])",
            lambda _: "\n" if people.random.random() < _BREAKS else " ",
            part,
        )
    if noise == "glued" and not kind:
        return re.sub(r": $", ":", re.sub(r"[ ]{2,}|(?<=\d)\n", " ", part))
    return part


_PLAIN = str.maketrans("áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ", "aaaaeeiooouucAAAAEEIOOOUUC")


def _mistyped(people: People, word: str) -> str:
    """Two letters inside a word change places, in one word of thirty."""
    if people.random.randrange(_ONE_IN):
        return word
    place = people.random.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
