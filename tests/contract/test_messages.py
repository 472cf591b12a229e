"""What a user reads is in the catalog, translated, and compiled."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    return script("messages")


def test_the_catalog_is_complete_and_compiled(messages: ModuleType) -> None:
    assert messages.problems() == []


def test_messages_are_found_wherever_they_stand(messages: ModuleType) -> None:
    code = """
raise SchemaError("no column {wanted}", hint="did you mean {near}?" if near else "name it", code="x")
raise ValueError("not for users")
Issue(check="x", severity="error", code="c", message="{count} reports" " repeat")
Field(1, description="how many")
hint = "try again"
N_("marked")
translator("said {x}", x=1)
with progress.task("Reading"): pass
f(f"not {a} template", "nor this")
"""
    assert set(messages.python_messages(code)) == {
        "no column {wanted}",
        "did you mean {near}?",
        "name it",
        "{count} reports repeat",
        "how many",
        "try again",
        "marked",
        "said {x}",
        "Reading",
    }


def test_placeholders_are_compared_by_name(messages: ModuleType) -> None:
    assert messages.placeholders("{a!r} of {b} {{not}}") == ["a", "b"]


def test_a_fault_of_the_catalog_is_told(
    messages: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.py").write_text('N_("{count} reports")\nN_("new")\n')
    for name, value in (
        ("ROOT", tmp_path),
        ("SOURCE", source),
        ("PO", tmp_path / "a.po"),
        ("MO", tmp_path / "a.mo"),
    ):
        monkeypatch.setattr(messages, name, value)
    assert messages.update() == ["{count} reports", "new"]
    text = (tmp_path / "a.po").read_text(encoding="utf-8")
    text = text.replace('msgid "{count} reports"\nmsgstr ""', 'msgid "{count} reports"\nmsgstr "{n} laudos"')
    text += '\nmsgid "old"\nmsgstr "velho"\n'
    (tmp_path / "a.po").write_text(text, encoding="utf-8")
    faults = messages.problems()
    assert "other placeholders: '{count} reports'" in faults
    assert "untranslated: 'new'" in faults
    assert "stale: 'old'" in faults
    assert any("compiled" in fault for fault in faults)
    (source / "a.py").write_text('N_("another")\n')
    assert "missing: 'another'" in messages.problems()


def test_the_reference_pages_are_what_the_code_says() -> None:
    reference = script("reference")
    stale = [
        name
        for name, text in reference.pages().items()
        if (reference.PLACE / name).read_text(encoding="utf-8") != text
    ]
    assert stale == []
