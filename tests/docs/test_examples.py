"""Every example of the documentation: Python blocks run, commands are commands that exist."""

from __future__ import annotations

import ast
import csv
import inspect
import shlex
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import bert4text
from bert4text.cli.screen import Screen
from bert4text.cli.tree import build
from bert4text.core.messages import load
from bert4text.data.write import write_corpus
from bert4text.project import Project
from conftest import make_corpus

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if "_build" not in path.parts and path.name not in {"contract.md"}
)


def commands(path: Path) -> list[str]:
    """The `bert4text` lines of the console blocks of a page."""
    found, inside, waiting = [], False, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line.startswith(("```console", "```bash", "```sh")) and not inside
            continue
        text = waiting + line.strip().removeprefix("$ ")
        if text.endswith("\\"):
            waiting = text.removesuffix("\\")
            continue
        waiting = ""
        if inside and "bert4text " in text:
            found.append(text)
    return found


CONSOLE = [(path, line) for path in PAGES for line in commands(path)]


def words_of(line: str) -> list[str]:
    """The arguments after `bert4text`, without pipes and redirections."""
    words = shlex.split(line.partition("bert4text ")[2], comments=True)
    for place, word in enumerate(words):
        if word in {"|", ">", "<", "&&", ";"}:
            return words[:place]
    return words


@pytest.mark.parametrize(("path", "line"), CONSOLE, ids=[f"{path.name}: {line}" for path, line in CONSOLE])
def test_a_command_of_the_docs_is_one_that_exists(path: Path, line: str) -> None:
    command, words = build(Screen(load("en"))), words_of(line)
    if "[OPTIONS]" in line:
        assert words[0] in command.commands
        return
    context = None
    while hasattr(command, "commands") and words and words[0] in command.commands:
        context = command.make_context(
            "bert4text", [words[0], "--help"], parent=context, resilient_parsing=True
        )
        command, words = command.commands[words[0]], words[1:]
    if words in (["--help"], ["--version"]):
        return
    assert not hasattr(command, "commands"), f"{line} names no command"
    command.make_context("bert4text", list(words), parent=context)


def test_there_are_commands_to_check() -> None:
    assert len(CONSOLE) > 20


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples speak of: a corpus, another hospital's, a run and new reports."""
    folder = tmp_path_factory.mktemp("docs")
    corpus = make_corpus(160)
    with (folder / "new.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "text"])
        rows.writerows((report.id, report.text) for report in corpus["test"])
    write_corpus(corpus, folder / "corpus.parquet", overwrite=False)
    write_corpus(make_corpus(160, seed=5), folder / "ours.parquet", overwrite=False)
    project = Project(None, {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}})
    bert4text.train(corpus, project=project, out=folder / "runs" / "a")
    return folder


PYTHON = [path for path in PAGES if "```python" in path.read_text(encoding="utf-8")]

LONG = {"README.md", "README.pt-BR.md", "scikit-learn.md"}
"""Pages whose examples train for minutes: their calls are held against the signatures, not run."""


def blocks(path: Path) -> list[str]:
    return [str(example.parsed) for example in Sybil([PythonCodeBlockParser()]).parse(path).examples()]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.name)
def test_python_of_the_docs_calls_what_exists(path: Path) -> None:
    for block in blocks(path):
        for node in ast.walk(ast.parse(block)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of_ours = isinstance(node.func, ast.Name) or getattr(node.func.value, "id", "") == "bert4text"
            if of_ours and name in bert4text.__all__:
                keywords = {keyword.arg: None for keyword in node.keywords}
                inspect.signature(getattr(bert4text, name)).bind(*node.args, **keywords)


@pytest.mark.parametrize(
    "path", [path for path in PYTHON if path.name not in LONG], ids=lambda path: path.name
)
def test_python_of_the_docs_runs(path: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace)
    examples = list(Sybil([PythonCodeBlockParser()]).parse(path).examples())
    assert examples
    for example in examples:
        example.evaluate()
