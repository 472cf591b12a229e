"""Six ways to lay out the same findings: prose, telegram, list, table, capitals and dictation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bert4text.synthesis.config import Layout
from bert4text.synthesis.grammar import capitalized
from bert4text.synthesis.plan import Finding, Plan
from bert4text.synthesis.procedure import Opening
from bert4text.synthesis.writer import Writer

HOSTED = ("size", "shape", "contour", "depth", "number", "indentations", "symmetry", "outline")
"""Constructs that can stand as attributes of the nuclei."""

LOST_ACCENTS = ("núcleo", "área", "reentrância", "traçado", "média", "médio", "variação", "indentaç")
"""Words that lose their accents in a hurried dictation."""


def narrative(writer: Writer, plan: Plan, opening: Opening) -> str:
    """Sentences; a long report may have headings."""
    headed = not writer.short and bool(writer.rng.random() < 0.4)
    body = _prose(writer, plan, headed=headed)
    remark = writer.lexicon.not_assessed
    age, account = _told(writer, opening)
    if not headed:
        return " ".join([*age, *account, *body, remark])
    return _headed(writer, age, account, " " + " ".join(body))


def telegraphic(writer: Writer, plan: Plan, opening: Opening) -> str:
    """Fragments without verbs, every other time in capitals."""
    mean, extreme = _by_statistic(plan)
    size = next(finding for finding in mean if finding.construct == "size")
    rest = [finding for finding in mean if finding is not size]
    adjectives = [f for f in rest if f.construct == "shape"]
    others = [f for f in rest if f.construct != "shape"]
    fragments = [_with_variation(writer, f, plan, writer.say(f, "clause")) for f in others]
    fragments += [writer.vary(feature, "clause") for feature in _loose(plan, others)]
    fragments += [writer.figures(item) for item in plan.figures]
    fragments = [writer.host([size, *adjectives]), *_shuffled(fragments, writer.rng)]
    if extreme:
        fragments.append(writer.extremes(extreme))
    sentences = [*opening.age, *opening.account, *fragments]
    text = " ".join(writer.sentence(words) for words in sentences)
    text = f"{text} {writer.lexicon.not_assessed}"
    return _upper(text) if writer.rng.random() < 0.5 else text


def structured(writer: Writer, plan: Plan, opening: Opening) -> str:
    """One line for each finding: its name, a colon, its degree."""
    items = [_item(writer, finding) for finding in plan.findings if finding.construct != "size"]
    items += [writer.vary(feature, "item") for feature in plan.variations]
    size = writer.say(plan.findings[0], "item")
    figures = [capitalized(writer.figures(item, colon=":")) for item in plan.figures]
    lines = [size, *_shuffled([*items, *figures], writer.rng)]
    age, account = _told(writer, opening)
    if not writer.short:
        return _headed(writer, age, account, "".join(f"\n- {line}" for line in lines))
    if writer.rng.random() < 0.5:
        body = "\n".join(lines)
    else:
        body = capitalized("; ".join(line[0].lower() + line[1:] for line in lines)) + "."
    return "\n".join([*account, body, writer.lexicon.not_assessed])


def table(writer: Writer, plan: Plan, opening: Opening) -> str:
    """Rows of numbers and one closing line in words."""
    rows = [writer.row(item) for item in plan.figures]
    age, account = _told(writer, opening)
    lines = [
        " ".join([*age, *account]),
        *rows,
        _closing_line(writer, plan.findings),
        writer.lexicon.not_assessed,
    ]
    if not writer.short:
        lines.insert(1, writer.pick(writer.lexicon.table))
    return "\n".join(lines)


def _closing_line(writer: Writer, findings: Sequence[Finding]) -> str:
    hosted = [finding for finding in findings if finding.construct in HOSTED]
    others = [finding for finding in findings if finding.construct not in HOSTED]
    clauses = [writer.host(hosted), *(writer.say(finding, "clause") for finding in others)]
    words = "; ".join(clauses)
    return writer.sentence(
        words if writer.short else writer.pick(writer.lexicon.summaries).replace("*", words)
    )


def capitals(writer: Writer, plan: Plan, opening: Opening) -> str:
    """Capitals without accents, as old systems print them."""
    return _upper(without_accents(narrative(writer, plan, opening)))


def dictation(writer: Writer, plan: Plan, opening: Opening) -> str:
    """Prose as dictated in a hurry: lost full stops and accents, a doubled word, a foreign decimal sign.

    The constant sentence stays as it is in every report.
    """
    age, account = _told(writer, opening)
    sentences = [*age, *account, *_prose(writer, plan, headed=False)]
    chance = writer.rng.random
    text = ""
    for sentence in sentences:
        words = sentence
        if text.endswith(".") or not text:
            words = capitalized(words)
        elif not words[1].isupper():
            words = words[0].lower() + words[1:]
        text += (" " if text else "") + (words.removesuffix(".") if chance() < 0.35 else words)
    for word in LOST_ACCENTS:
        if chance() < 0.6:
            text = re.sub(rf"\b{word}\w*", lambda found: without_accents(found[0]), text, flags=re.IGNORECASE)
    if chance() < 0.6:
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    text = text if writer.short else _doubled(text, writer.rng)
    return f"{text} {writer.lexicon.not_assessed}"


def without_accents(text: str) -> str:
    """The text with every accent and cedilla taken off; case is kept, and so are signs such as ±."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def _told(writer: Writer, opening: Opening) -> tuple[list[str], list[str]]:
    """The sentences on the age and on the procedure."""
    age, account = opening.age, opening.account
    return [writer.sentence(words) for words in age], [writer.sentence(words) for words in account]


def _headed(writer: Writer, age: list[str], account: list[str], body: str) -> str:
    """Three headed parts; the age stands above them."""
    material, microscopy, observation = (writer.pick(names) for names in writer.lexicon.headings)
    parts = [f"{material}: {' '.join(account)}", f"{microscopy}:{body}"]
    return "\n".join([*age, *parts, f"{observation}: {writer.lexicon.not_assessed}"])


def _upper(text: str) -> str:
    """Capitals, but units keep their case."""
    return re.sub(r"\bPX\b|PX(?=²)", "px", text.upper())


def _doubled(text: str, rng: np.random.Generator) -> str:
    places = list(re.finditer(r"(?<=[a-zà-ú] )[a-zà-ú]{2,}(?= [a-zà-ú])", text))
    place = places[int(rng.integers(len(places)))] if places and rng.random() < 0.5 else None
    return text if place is None else f"{text[: place.end()]} {place[0]}{text[place.end() :]}"


def _shuffled(parts: list[str], rng: np.random.Generator) -> list[str]:
    return [parts[int(i)] for i in rng.permutation(len(parts))]


def _by_statistic(plan: Plan) -> tuple[list[Finding], list[Finding]]:
    """Findings on the nuclei in general, and on those with extreme values."""
    whole = {"anisokaryosis", "largest"}
    extreme = [f for f in plan.findings if f.statistic == "worst" and f.construct not in whole]
    return [f for f in plan.findings if f not in extreme], extreme


def _item(writer: Writer, finding: Finding) -> str:
    words = writer.say(finding, "item")
    if finding.statistic != "worst" or finding.construct in {"anisokaryosis", "largest"}:
        return words
    return words.replace(":", f"{writer.lexicon.extreme_items}:", 1)


def _prose(writer: Writer, plan: Plan, *, headed: bool) -> list[str]:
    """The findings as sentences; how they are grouped and ordered is drawn, never read off the levels."""
    rng = writer.rng
    mean, extreme = _by_statistic(plan)
    hosted = [f for f in mean if f.construct in HOSTED and f.construct != "size"]
    hosted = [hosted[int(i)] for i in rng.permutation(len(hosted))]
    kept = len(hosted) if writer.short else int(rng.integers(2, 5))
    size = next(finding for finding in mean if finding.construct == "size")
    host = writer.host([size, *hosted[:kept]])
    lead_ins = writer.lexicon.lead_ins[-1 if writer.short else -2 if headed else 0 :]
    lead_in = writer.pick(lead_ins)
    rest = [f for f in mean if f is not size and f not in hosted[:kept]]
    sentences = [_with_variation(writer, finding, plan, writer.clause(finding)) for finding in rest]
    sentences += [writer.vary(feature, "clause") for feature in _loose(plan, rest)]
    sentences += [writer.figures(item) for item in plan.figures]
    if extreme:
        sentences.append(writer.extremes(extreme))
    if not writer.short and rng.random() < 0.4:
        sentences.append(writer.pick(writer.lexicon.remarks))
    told = [lead_in.replace("*", host), *_shuffled(sentences, rng)]
    return [writer.sentence(words) for words in told]


def _loose(plan: Plan, findings: Sequence[Finding]) -> list[str]:
    """The variations that stand alone, since nothing is said of what varies."""
    spoken = {finding.construct for finding in findings}
    return [name for name in plan.variations if name != "texture" or "chromatin" not in spoken]


def _with_variation(writer: Writer, finding: Finding, plan: Plan, words: str) -> str:
    """A clause, with the variation between nuclei where the two belong together."""
    if finding.construct == "chromatin" and "texture" in plan.variations:
        return f"{words}, {writer.vary('texture', 'attribute')}"
    return words


LAYOUTS: Mapping[Layout, Callable[[Writer, Plan, Opening], str]] = {
    "narrative": narrative,
    "telegraphic": telegraphic,
    "structured": structured,
    "table": table,
    "capitals": capitals,
    "dictation": dictation,
}
"""Layout name -> function of the writer, the plan and the opening sentences."""
