"""Datasheet of a corpus, after Gebru et al., "Datasheets for Datasets" (CACM 64(12), 2021)."""

from __future__ import annotations

from typing import Any

from bert4text.core.messages import Translator
from bert4text.governance.config import Format
from bert4text.governance.facts import CorpusFacts
from bert4text.governance.layout import Template, as_markdown, as_page
from bert4text.governance.said import Said, date


def datasheet(
    facts: CorpusFacts, *, made: str, version: str, translator: Translator, shape: Format = "md"
) -> str:
    """Write the datasheet of a corpus; it holds counts and names, never report text or identifiers.

    What the corpus and its manifest do not tell is said to be not known, and what only a person can tell
    is left open and marked: nothing is made up.

    Args:
        facts: of the corpus.
        made: when it is written, as ``2026-11-22T10:00:00Z``.
        version: of this program.
        translator: of the language it is written in.
        shape: ``md`` or ``html``.
    """
    template = Template.load("datasheet", translator.language)
    values = datasheet_values(facts, template, translator=translator)
    values |= {"made": date(made, translator), "version": version}
    blocks = template.filled(values)
    if shape == "html":
        return as_page(blocks, words=template.words, translator=translator)
    return as_markdown(blocks, words=template.words)


def datasheet_values(facts: CorpusFacts, template: Template, *, translator: Translator) -> dict[str, Any]:
    """What fills the template, but for the date and the version."""
    said = Said(facts, template.words, translator)
    return {
        "fingerprint": f"sha256:{facts.fingerprint}",
        "gaps": translator.integer(template.gaps),
        **said.notices(),
        **said.counts(),
        **said.tables(),
        **said.length_tables(),
        **said.findings(),
        **said.making(),
    }
