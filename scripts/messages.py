"""Collect what a user reads, and keep the Portuguese catalog complete.

    python scripts/messages.py update    add missing ids (untranslated), drop stale ones, compile
    python scripts/messages.py check     fail on missing, fuzzy or stale entries, on placeholders that differ,
                                         and on a compiled catalog that is not the one of the source

Message ids are English sentences in the code: templates and hints of errors, what the checks of settings
raise, ``message=`` of findings and notes, ``Field(description=)``, ``N_()``, ``_()``, what a translator is
called with, labels of progress, ``_("...")`` in templates of pages, and what the catalog says of an encoder.
"""

from __future__ import annotations

import ast
import io
import string
import sys
import tomllib
from collections.abc import Iterator, Set
from pathlib import Path

import jinja2.ext
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "bert4text"
PO = SOURCE / "locale" / "pt_BR" / "LC_MESSAGES" / "bert4text.po"
MO = PO.with_suffix(".mo")

HEADER = (
    ("Project-Id-Version", "BERT4Text"),
    ("Language", "pt_BR"),
    ("Plural-Forms", "nplurals=2; plural=(n > 1);"),
    ("MIME-Version", "1.0"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Transfer-Encoding", "8bit\n"),
)
"""What the catalog says of itself: no date, no version of Babel; nothing changes but what is said."""

COMMENT = "# What BERT4Text says, in Portuguese (Brazil); kept by scripts/messages.py."

MARKS = {"N_", "_", "translator", "translate", "line", "remark", "task"}
"""Calls whose first argument is a message id."""

KEYWORDS = {"message", "hint", "description"}
"""Keywords whose value is a message id, whatever is called."""

VARIABLES = {"message", "hint", "template"}
"""Local names that hold message ids before they are passed on."""

SAID = ("summary", "choose")
"""What is shown of an encoder of the catalog."""

NOT_MESSAGES = {
    "ValueError",
    "TypeError",
    "KeyError",
    "AttributeError",
    "RuntimeError",
    "OSError",
    "AssertionError",
}


def collect() -> dict[str, list[str]]:
    """Message id -> the files it stands in."""
    found: dict[str, list[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        checks = {"ValueError"} if path.name.endswith("config.py") else set()
        for message in python_messages(path.read_text(encoding="utf-8"), checks):
            _add(found, message, path)
    for path in sorted(SOURCE.rglob("templates/*.html")):
        with path.open("rb") as stream:
            for _, _, said, _ in jinja2.ext.babel_extract(stream, ("_",), (), {}):
                _add(found, str(said[0] if isinstance(said, tuple) else said), path)
    for catalog in SOURCE.rglob("catalog.toml"):
        for row in tomllib.loads(catalog.read_text(encoding="utf-8"))["encoder"]:
            for key in SAID:
                _add(found, row[key], catalog)
    return found


def python_messages(code: str, checks: Set[str] = frozenset()) -> Iterator[str]:
    """Yield the message ids of a Python module; ``checks`` are exceptions whose words are shown there."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            yield from _of_call(node, checks)
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in VARIABLES for target in node.targets
        ):
            yield from _texts(node.value)


def _of_call(node: ast.Call, checks: Set[str]) -> Iterator[str]:
    name = _name(node.func)
    ours = name.endswith(("Error", "Failed", "Broken", "Interrupted")) and name not in NOT_MESSAGES
    raised = ours or name in checks
    if node.args and (name in MARKS or raised):
        yield from _texts(node.args[0])
    for keyword in node.keywords:
        if keyword.arg in KEYWORDS:
            yield from _texts(keyword.value)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    """The literal strings an expression may come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)


def _add(found: dict[str, list[str]], message: str, path: Path) -> None:
    if not any(character.isalpha() for character in message):
        return
    place = path.relative_to(ROOT).as_posix()
    if place not in found.setdefault(message, []):
        found[message].append(place)


def placeholders(text: str) -> list[str]:
    """The names a template wants, sorted."""
    return sorted(field for _, field, _, _ in string.Formatter().parse(text) if field is not None)


class Portuguese(Catalog):
    """The catalog, with a header that stays."""

    def __init__(self) -> None:
        super().__init__(locale="pt_BR", header_comment=COMMENT, charset="utf-8", fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header."""
        return list(HEADER)


def read() -> Catalog:
    """The catalog as it stands; an empty one where there is none."""
    catalog = Portuguese()
    if PO.exists():
        with PO.open("rb") as stream:
            for entry in pofile.read_po(stream, locale="pt_BR"):
                if entry.id:
                    catalog[entry.id] = entry
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """The catalog as ``.mo``."""
    stream = io.BytesIO()
    mofile.write_mo(stream, catalog)
    return stream.getvalue()


def written(catalog: Catalog) -> bytes:
    """The catalog as ``.po``."""
    stream = io.BytesIO()
    pofile.write_po(stream, catalog, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return stream.getvalue()


def update() -> list[str]:
    """Add missing ids, drop stale ones, compile; give what still wants a translation."""
    found, old = collect(), read()
    new = Portuguese()
    for message, places in found.items():
        entry = old.get(message)
        flags = set(entry.flags) - {"python-format", "python-brace-format"} if entry else set()
        added = new.add(
            message, entry.string if entry else "", locations=[(place, 0) for place in places], flags=flags
        )
        added.flags -= {"python-format", "python-brace-format"}
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(written(new))
    MO.write_bytes(compiled(read()))
    return [message for message in found if not (entry := new.get(message)) or not entry.string]


def problems() -> list[str]:
    """What is wrong with the catalog, in words."""
    found, catalog = collect(), read()
    entries = {entry.id: entry for entry in catalog if entry.id}
    wrong = [f"missing: {message!r}" for message in found if message not in entries]
    wrong += [f"stale: {message!r}" for message in entries if message not in found]
    for message, entry in entries.items():
        translated = str(entry.string or "")
        if not translated:
            wrong.append(f"untranslated: {message!r}")
        elif entry.fuzzy:
            wrong.append(f"fuzzy: {message!r}")
        elif placeholders(str(message)) != placeholders(translated):
            wrong.append(f"other placeholders: {message!r}")
    if not MO.exists() or MO.read_bytes() != compiled(catalog):
        wrong.append("the compiled catalog is not the one of the source: python scripts/messages.py update")
    return wrong


def main() -> int:
    """Run the mode that was asked for."""
    mode = sys.argv[1] if len(sys.argv) == 2 else ""
    if mode == "update":
        print(f"{len(update())} of {len(collect())} messages want a translation")
        return 0
    if mode == "check":
        wrong = problems()
        print("\n".join(wrong) if wrong else f"{len(collect())} messages, all translated")
        return 1 if wrong else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
