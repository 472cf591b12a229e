"""Layers, faces and what the wheel carries."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import bert4text
from bert4text.cli.screen import Screen
from bert4text.cli.tree import build
from bert4text.core.messages import load
from bert4text.project import SECTIONS
from bert4text.verbs.table import PANELS, VERBS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "bert4text"


def test_the_layers_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", [name for name in bert4text.__all__ if name != "__version__"])
def test_every_public_name_is_there_and_described(name: str) -> None:
    thing = getattr(bert4text, name)
    assert inspect.getdoc(thing)


def test_no_package_bears_the_name_of_a_verb() -> None:
    """Importing such a package would hide the verb: ``bert4text.NAME`` would become the package."""
    packages = {path.stem for path in SOURCE.iterdir()}
    assert packages.isdisjoint(bert4text.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'prepair'"):
        bert4text.prepair  # noqa: B018


@pytest.mark.parametrize("verb", VERBS.values(), ids=list(VERBS))
def test_every_verb_has_all_its_faces(verb: object) -> None:
    commands = build(Screen(load("en"))).commands
    function = verb.function
    parameters = list(inspect.signature(function).parameters.values())
    positional = [p for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert len(positional) <= 2
    assert {"config", "project", "progress"} <= {
        p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert getattr(bert4text, verb.name) is function
    assert commands[verb.name].rich_help_panel == verb.panel
    assert verb.panel in PANELS
    assert verb.section in SECTIONS
    options = {name for parameter in commands[verb.name].params for name in parameter.opts}
    assert {"--json", "--set", "--seed", "--project", "--language", "--quiet", "-q", "-v", "--log"} <= options


def test_every_setting_is_described_and_no_section_is_too_wide() -> None:
    def check(record: type, name: str) -> None:
        assert len(record.model_fields) <= 16, name
        for key, info in record.model_fields.items():
            assert info.description, f"{name}.{key}"

    for name, record in SECTIONS.items():
        check(record, name)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_is_overlong(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 320 or path.stem.startswith("lexicon_")  # lists of words may be long


def test_config_modules_are_light() -> None:
    script = (
        "import sys, bert4text.project\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'pyarrow', 'numpy', 'matplotlib', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    with zipfile.ZipFile(made) as opened:
        return opened.namelist()


def test_the_wheel_carries_what_the_code_reads(wheel: list[str]) -> None:
    kept = {".py", ".toml", ".html", ".css", ".mo", ".po", ".typed", ".json", ".txt", ".csv", ".md"}
    there = {
        path.relative_to(SOURCE.parent).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and path.suffix in kept and "__pycache__" not in path.parts
    }
    assert there
    assert there <= set(wheel)
    assert {
        "bert4text/locale/pt_BR/LC_MESSAGES/bert4text.mo",
        "bert4text/models/catalog.toml",
        "bert4text/core/templates/page.html",
        "bert4text/core/templates/table.html",
        "bert4text/auditing/templates/audit.html",
        "bert4text/governance/templates/datasheet.en.md",
        "bert4text/py.typed",
    } <= set(wheel)


def test_the_wheel_carries_nothing_else(wheel: list[str]) -> None:
    assert all(name.startswith(("bert4text/", "bert4text-")) for name in wheel)
    assert any(name.endswith("licenses/NOTICE") for name in wheel)


def test_importing_every_light_module_works() -> None:
    for name in ("cli.main", "project", "verbs.table", "core.page"):
        importlib.import_module(f"bert4text.{name}")


def test_the_lowest_versions_are_those_that_are_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["bert"], *extras["minilm"], *extras["synthesis"]]
    lines = (ROOT / "constraints-min.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    for line in wanted:
        name, _, lowest = line.replace(">=", "==").partition("==")
        if name != "torch":  # no CPU build of an older one is at hand
            assert f"{pinned[name]}.".startswith(f"{lowest}."), name
