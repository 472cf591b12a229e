from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bert4text import tour
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import load
from bert4text.core.report import Report
from bert4text.models import embedded
from bert4text.models.classifier import Classifier


def _said(language: str) -> list[str]:
    translator = load(language)
    scene = tour._next(Path("quickstart"), language, 0.0)
    return [translator(template, **values) for template, values in scene.lines]


def test_the_last_scene_gives_lines_that_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour.shutil, "which", lambda name: "/bin/bert4text")
    assert "  bert4text init --from reports.csv" in _said("en")
    assert "  bert4text init --from laudos.csv" in _said("pt-BR")


def test_where_the_shell_does_not_find_the_command_the_interpreter_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tour.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    monkeypatch.chdir(tmp_path)
    inside = Path(".venv") / "bin" / "python"
    assert f"  {inside} -m bert4text audit clean.parquet" in _said("en")


def test_memory_is_written_in_the_language_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "peak_memory_bytes", lambda: 1_460_000_000)
    assert "1.5 GB" in _said("en")[0]
    assert "1,5 GB" in _said("pt-BR")[0]
    monkeypatch.setattr(tour, "peak_memory_bytes", lambda: None)
    assert "GB" not in _said("en")[0]


def _trained(encoder: str, languages: tuple[str, ...]) -> Classifier:
    info = SimpleNamespace(encoder=SimpleNamespace(name=encoder, languages=languages))
    return cast("Classifier", SimpleNamespace(info=info, encoder_name=encoder))


@pytest.mark.parametrize(
    ("language", "installed", "says"),
    [
        ("en", True, None),
        ("pt-BR", True, "`train` takes e5-small-pt by itself"),
        ("pt-BR", False, "an encoder of their language would do better"),
    ],
)
def test_the_tour_says_which_encoder_reports_of_another_language_would_get(
    monkeypatch: pytest.MonkeyPatch, language: str, installed: bool, says: str | None
) -> None:
    monkeypatch.setattr(embedded, "installed", lambda name: installed)
    corpus = Corpus.from_reports(
        [Report(id="a", text="a", labels=("x",))],
        LabelSpace(names=("x", "y"), task="binary"),
        language=language,
    )
    lines = tour._of_another_language(_trained("minilm", ("en",)), corpus)
    told = [load("en")(template, **values) for template, values in lines]
    assert [says in line for line in told] == ([] if says is None else [True])
