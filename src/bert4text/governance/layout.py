"""Layout: a template and its values to a document, as Markdown or as a page.

A template is written for people to edit: words of its language in TOML between ``+++``, then Markdown of a
few forms, with ``{fields}``. Blocks stand between blank lines:

    # ## ###      headings
    ! text        what must not be missed
    > question    a gap that only a person can fill
    - item        a list; ``{field}`` alone on a line becomes one too where its value is a tuple
    | head |      a table; ``{field}`` in place of its rows is filled with tuples of cells
    text          a paragraph, with **strong** and `code`; left out when it comes to nothing
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from bert4text.core.errors import fill
from bert4text.core.messages import Translator
from bert4text.core.page import render

PACKAGE = "bert4text.governance"

Runs = tuple[tuple[str, str], ...]
"""Stretches of text: (mark, words); the mark is ``""``, ``**`` or a backtick."""


@dataclass(frozen=True)
class Block:
    """A piece of a document.

    Attributes:
        kind: ``# ## ### ! > - |`` or ``""`` for a paragraph.
        runs: its words; of a table, none.
        items: items of a list.
        head, rows: cells of a table.
        numeric: which columns of the table hold numbers alone.
    """

    kind: str
    runs: Runs = ()
    items: tuple[Runs, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numeric: tuple[bool, ...] = ()

    @property
    def text(self) -> str:
        """The words without their marks."""
        return "".join(words for _, words in self.runs)


@dataclass(frozen=True)
class Template:
    """The template of a document in one language: its own words, and its body."""

    words: Mapping[str, Any]
    body: str

    @classmethod
    def load(cls, name: str, language: str) -> Template:
        """Read ``templates/NAME.LANGUAGE.md``."""
        place = files(PACKAGE) / "templates" / f"{name}.{language}.md"
        _, words, body = place.read_text(encoding="utf-8").split("+++\n", 2)
        return cls(tomllib.loads(words), body)

    @property
    def gaps(self) -> int:
        """How many questions are left to a person."""
        return sum(chunk.startswith(">") for chunk in _chunks(self.body))

    def filled(self, values: Mapping[str, Any]) -> list[Block]:
        """The document, its fields filled; blocks that come to nothing are left out."""
        blocks = (_block(chunk, dict(values)) for chunk in _chunks(self.body))
        return [block for block in blocks if block.text.strip() or block.items or block.rows]


def as_markdown(blocks: Iterable[Block], *, words: Mapping[str, Any]) -> str:
    """A document as Markdown; what stands in it can form no mark of its own."""
    return "\n\n".join(_markdown(block, words) for block in blocks) + "\n"


def as_page(blocks: Iterable[Block], *, words: Mapping[str, Any], translator: Translator) -> str:
    """A document as one HTML page, without script or outside address."""
    shown = list(blocks)
    title = next((block.text for block in shown if block.kind == "#"), "")
    values = {"title": title, "blocks": shown, "words": words}
    return render(PACKAGE, "document.html", values, translator=translator)


def _chunks(body: str) -> list[str]:
    return [chunk.strip() for chunk in re.split(r"\n\s*\n", body) if chunk.strip()]


_FORM = re.compile(r"(#{1,3}|[!>]) ")
_FIELD = re.compile(r"\{(\w+)\}")
_MARKED = re.compile(r"\*\*(?P<strong>.+?)\*\*|`(?P<code>[^`]+)`")


def _block(chunk: str, values: dict[str, Any]) -> Block:
    if chunk.startswith("|"):
        return _table(chunk.splitlines(), values)
    if chunk.startswith("- "):
        return Block("-", items=tuple(_runs(item, values) for item in re.split(r"\n?- ", chunk) if item))
    field = _FIELD.fullmatch(chunk)
    if field and isinstance(values[field[1]], tuple):
        return Block("-", items=tuple((("", item),) for item in values[field[1]]))
    form = _FORM.match(chunk)
    if form is None:
        return Block("", runs=_runs(chunk, values))
    text = re.sub(rf"^{re.escape(form[1])} ", "", chunk, flags=re.MULTILINE)
    return Block(form[1], runs=_runs(text, values))


def _runs(text: str, values: dict[str, Any]) -> Runs:
    runs, here, text = [], 0, " ".join(text.split())
    for found in _MARKED.finditer(text):
        runs.append(("", text[here : found.start()]))
        runs.append(("**", found["strong"]) if found["strong"] else ("`", found["code"]))
        here = found.end()
    runs.append(("", text[here:]))
    filled = ((mark, fill(words, values)) for mark, words in runs)
    return tuple((mark, words) for mark, words in filled if words)


def _table(lines: list[str], values: dict[str, Any]) -> Block:
    rows: list[tuple[str, ...]] = []
    for line in lines[2:]:
        field = _FIELD.fullmatch(line)
        rows += values[field[1]] if field else [tuple(fill(cell, values) for cell in _cells(line))]
    numeric = tuple(
        bool(column) and all(map(_NUMBER.fullmatch, column)) for column in zip(*rows, strict=True)
    )
    return Block("|", head=tuple(_cells(lines[0])), rows=tuple(rows), numeric=numeric)


_NUMBER = re.compile(r"[\d.,]+%?|–")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _markdown(block: Block, words: Mapping[str, Any]) -> str:
    text = _marked(block.runs)
    if block.kind == "|":
        return _markdown_table(block)
    if block.kind == "-":
        return "\n".join(f"- {_marked(item)}" for item in block.items)
    if block.kind == ">":
        return f"> **{words['fill_in']}** {text}\n>\n> …"
    if block.kind == "!":
        return f"**{text}**"
    return f"{block.kind} {text}".strip()


def _markdown_table(block: Block) -> str:
    rule = ["---:" if number else "---" for number in block.numeric]
    rows = [[_escaped(cell) for cell in row] for row in (block.head, *block.rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], rule, *rows[1:]))


def _marked(runs: Runs) -> str:
    return "".join(
        "`" + words.replace("`", "'") + "`" if mark == "`" else f"{mark}{_escaped(words)}{mark}"
        for mark, words in runs
    )


_SPECIAL = re.compile(r"[\\`*<|]|\](?=[(\[:])|(?<![^\W_])_|_(?![^\W_])")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text.replace("\n", " "))
