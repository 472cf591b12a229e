"""The datasheet tells what is known, and leaves open what is not."""

from __future__ import annotations

import re
import string

import pytest
from described_corpus import ISSUES, SECRET, small_corpus

from bert4text.core.corpus import Corpus
from bert4text.core.messages import LANGUAGES, load
from bert4text.core.report import Report
from bert4text.governance.count import facts_of
from bert4text.governance.datasheet import datasheet, datasheet_values
from bert4text.governance.layout import Template

MADE = "2026-11-22T10:00:00Z"


def written(corpus: Corpus | None = None, *, language: str = "en", shape: str = "md", **facts: object) -> str:
    made = facts_of(corpus or small_corpus(), **facts)
    return datasheet(made, made=MADE, version="0.1.0", translator=load(language), shape=shape)


def bare() -> Corpus:
    return Corpus.from_reports([Report(id="1", text="a b")])


def test_both_languages_have_the_same_fields_words_and_gaps() -> None:
    templates = [Template.load("datasheet", language) for language in LANGUAGES]
    english, portuguese = (
        [name for _, name, _, _ in string.Formatter().parse(template.body) if name] for template in templates
    )
    assert english == portuguese
    values = datasheet_values(facts_of(bare()), templates[0], translator=load("en"))
    assert set(english) == {*values, "made", "version"}
    assert templates[0].gaps == templates[1].gaps > 10
    assert names(templates[0].words) == names(templates[1].words)


def names(words: object, before: str = "") -> dict[str, list[str]]:
    """Each word of a template with its fields."""
    found: dict[str, list[str]] = {}
    for name, value in words.items():
        if isinstance(value, str):
            fields = sorted(field for _, field, _, _ in string.Formatter().parse(value) if field)
            found[f"{before}{name}"] = fields
        else:
            found |= names(value, f"{name}.")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", ["md", "html"])
@pytest.mark.parametrize("made", [small_corpus, bare])
def test_it_holds_no_text_no_identifier_and_no_open_field(language: str, shape: str, made: object) -> None:
    text = written(made(), language=language, shape=shape, issues=ISSUES)
    assert SECRET not in text
    assert "vesícula" not in text
    assert not re.search(r"\{\w+\}|None", re.sub(r"<style>.*</style>", "", text, flags=re.DOTALL))


def test_what_is_known_is_told() -> None:
    text = written(issues=ISSUES, looks=3)
    for line in (
        "**Synthetic reports: 1 of 12. What is found in this corpus says little about real patients.**",
        '**Known issues found by the audit: errors 1, warnings 1, notes 0. The table under "Known issues" '
        "names them.**",
        "| origin | real 11, synthetic 1 |",
        "| patients | 5 (reports that name none: 2) |",
        "| period | 2024-03 to 2025-02 (12 of 12 reports bear a date) |",
        r"| grau\|2 | 3 | 27.3% | 1 |",
        "| benigno | 8 | 0 | 0 | 0 | 0 |",
        "| conclusion | 4 | 33.3% |",
        "| idade | 6 | 6 |",
        '| error | stated-label | reports without text: 3 | 3 | prepare.sections.drop = ["conclusion"] |',
        "| warning (accepted) | near-duplicates | reports that repeat the text of another: 1 | – | – |",
        "| declared legal basis | LGPD, art. 11, II, c |",
        "| declared use | research |",
        r"| declared purpose | to count grades \| by month |",
        "| ethics opinion, or why none | CAAE 00000000.0.0000.0000 |",
        "| findings accepted by name | shortcut |",
        '| columns.text | "laudo" |',
        "- language of the reports: pt-BR",
        "Rows or files of the source: 15; reports in the corpus: 12; set aside: 3.",
        "| reports that state several labels | 1 |",
        "Looks at the test split of this corpus to measure a model: 3.",
    ):
        assert line in text.splitlines(), line


def test_what_is_not_known_is_said_and_nothing_made_up() -> None:
    text = written(bare())
    for line in (
        "**The audit found nothing. That is no proof that there is nothing.**",
        "| language | not known |",
        "| patients | not known |",
        "| period | not known |",
        "| de-identification | not recorded: take the reports as they are for identifiable |",
        "| declared legal basis | none declared |",
        "| made with | not known |",
        "The corpus has no manifest: how it was made is not known.",
        "How many rows the source had, and what was set aside, is not known.",
        "No report has a label.",
        "The corpus is not split.",
    ):
        assert line in text.splitlines(), line
    assert "ynthetic" not in text.partition("## Composition")[0]


def test_gaps_are_marked_and_counted() -> None:
    for language, mark in (("en", "**To fill in.**"), ("pt-BR", "**A preencher.**")):
        text = written(language=language)
        gaps = text.count(f"> {mark} ")
        assert gaps == Template.load("datasheet", language).gaps
        assert re.search(rf": {gaps} (questions|perguntas)\.", text)


def test_an_all_synthetic_corpus_says_so_first() -> None:
    corpus = small_corpus()
    text = written(corpus.with_column("origin", ["synthetic"] * 12).replace(deidentified=None))
    assert text.splitlines()[2].startswith("**All reports are synthetic (12)")
    assert "| de-identification | not recorded; all reports are synthetic |" in text
