"""Generator ``cytology``: one row of nuclear measurements told in words, never its diagnosis.

``describe`` has no argument for the label; the label is joined to the text afterwards, by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bert4text.core.seeds import rng as stream
from bert4text.synthesis import lexicon_en, lexicon_pt, procedure
from bert4text.synthesis.config import Language, Layout, SynthesizeConfig
from bert4text.synthesis.layouts import LAYOUTS
from bert4text.synthesis.lexicon import Lexicon
from bert4text.synthesis.plan import Plan, long_plan, short_plan, table_plan
from bert4text.synthesis.rows import Draft, Source
from bert4text.synthesis.scales import FEATURES, Row30, observe
from bert4text.synthesis.writer import Choice, Writer

LEXICONS: dict[Language, Lexicon] = {"pt-BR": lexicon_pt.PORTUGUESE, "en": lexicon_en.ENGLISH}
PROCEDURES: dict[Language, procedure.Procedure] = {"pt-BR": procedure.PORTUGUESE, "en": procedure.ENGLISH}

LAYOUT_SHARES: dict[Layout, float] = {
    "narrative": 0.36,
    "telegraphic": 0.2,
    "structured": 0.2,
    "table": 0.1,
    "capitals": 0.07,
    "dictation": 0.07,
}
"""How often each layout is drawn; independent of the row."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is written; independent of what it says.

    Attributes:
        language: pt-BR or en.
        layout: one of the six layouts.
        short: at most 60 words.
        noise: the observer's error, in units of each column's sigma.
    """

    language: Language = "pt-BR"
    layout: Layout = "narrative"
    short: bool = True
    noise: float = 0.25


@dataclass(frozen=True, slots=True)
class Composition:
    """A report with how it came about, for the tests that look for leaks.

    Attributes:
        text: the report.
        plan: what it speaks of.
        choices: which synonym was taken at which level.
        invented: the fields that the table does not hold, field -> code.
    """

    text: str
    plan: Plan
    choices: tuple[Choice, ...]
    invented: dict[str, str]


def describe(measurements: Row30, style: Style, rng: np.random.Generator) -> str:
    """Tell one row of nuclear measurements in words.

    Neither this function nor anything it calls is told the diagnosis.

    Args:
        measurements: float64 [30], in the table's order.
        style: language, layout, length and observer noise.
        rng: the row's own stream, from the seed and the row's digest.
    """
    return compose(measurements, style, rng).text


def compose(measurements: Row30, style: Style, rng: np.random.Generator) -> Composition:
    """Tell one row in words, and say what was drawn on the way; arguments as ``describe``."""
    lexicon = LEXICONS[style.language]
    invented = procedure.draw(rng)
    opening = procedure.opening(PROCEDURES[style.language], invented, short=style.short, rng=rng)
    plan = _plan(style, lexicon, rng)
    writer = Writer(lexicon, observe(measurements, style.noise, rng), rng=rng, short=style.short)
    text = LAYOUTS[style.layout](writer, plan, opening)
    return Composition(text, plan, tuple(writer.choices), invented)


def _plan(style: Style, lexicon: Lexicon, rng: np.random.Generator) -> Plan:
    if style.layout == "table":
        return table_plan(rng, short=style.short)
    if not style.short:
        return long_plan(rng)
    brief = tuple(name for name in FEATURES if len(lexicon.names[name][0].split()) <= 4)
    return short_plan(rng, brief=brief)


def draw_style(config: SynthesizeConfig, language: Language, rng: np.random.Generator) -> Style:
    """Draw length and layout as the settings allow; what they fix is not drawn."""
    name = config.style
    short = name == "short" or (name != "long" and bool(rng.random() < 0.5))
    drawn = list(LAYOUT_SHARES)[int(rng.choice(len(LAYOUT_SHARES), p=list(LAYOUT_SHARES.values())))]
    fixed = [layout for layout in LAYOUT_SHARES if layout == name]
    return Style(language, fixed[0] if fixed else drawn, short=short, noise=config.noise)


def draft(source: Source, config: SynthesizeConfig, *, language: Language, seed: int) -> Draft:
    """Write the report of one dealt row; the stream hangs on the seed and the row, not on its place."""
    rng = stream(seed, f"synthesize.cytology.{source.digest}.{source.copy}")
    style = draw_style(config, language, rng)
    made = compose(source.measurements, style, rng)
    attributes = {
        "invented": ",".join(procedure.INVENTED),
        **made.invented,
        "layout": style.layout,
        "length": "short" if style.short else "long",
    }
    return Draft(made.text, attributes)


def drafts(
    sources: Sequence[Source], config: SynthesizeConfig, *, language: Language, seed: int
) -> Iterator[Draft]:
    """Write one report for each dealt row."""
    for source in sources:
        yield draft(source, config, language=language, seed=seed)
