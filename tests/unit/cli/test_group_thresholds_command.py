"""The commands calibrate and predict where thresholds differ by group."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bert4text as library
from bert4text.core.corpus import Corpus
from bert4text.data.write import write_corpus
from conftest import make_corpus, told_apart

GIVEN = (
    "--set",
    "calibrate.split=train",
    "--set",
    "calibrate.point.sensitivity.maligno=0.8",
    "--set",
    "calibrate.groups.attribute=sex",
    "--set",
    "calibrate.groups.minimum_n=20",
)
ACCEPTED = (
    "--set",
    'calibrate.groups.accept=["group-thresholds"]',
    "--set",
    "calibrate.groups.by=Ana Lima",
    "--set",
    "calibrate.groups.ground=opinion 7/2026",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, another corpus with an attribute, and new reports with and without it."""
    folder = tmp_path_factory.mktemp("groups")
    library.train(make_corpus(400, seed=5), config={"encoder": "tfidf"}, out=folder / "run")
    corpus: Corpus = told_apart()
    write_corpus(corpus, folder / "ours.parquet", overwrite=False)
    lines = [
        json.dumps({"id": str(row), "texto": text, **({"sexo": "F"} if row % 2 else {})})
        for row, text in enumerate(corpus["test"].texts[:6])
    ]
    (folder / "new.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_it_is_refused_unless_somebody_accepts_it(bert4text: Callable[..., Any], place: Path) -> None:
    ended = bert4text("calibrate", place / "run", place / "ours.parquet", "-o", place / "no", *GIVEN)
    assert ended.status == 2
    assert ended.err.startswith("error[group-thresholds]:")
    assert "LGPD, art. 6, IX" in ended.err
    assert not (place / "no").exists()


@pytest.mark.filterwarnings("ignore:the model has thresholds by group")
def test_it_tells_what_was_proven_of_whom_and_predict_how_many_have_no_group(
    bert4text: Callable[..., Any], place: Path
) -> None:
    made = bert4text(
        "calibrate", place / "run", place / "ours.parquet", "-o", place / "by-sex", *GIVEN, *ACCEPTED
    )
    assert made.status == 0, made.err
    assert "thresholds by sex" in made.out
    assert "F, maligno:" in made.out
    assert "Ana Lima" in " ".join(made.err.split())
    columns = ("--columns", "text=texto,sex=sexo")
    given = bert4text("predict", place / "by-sex", place / "new.jsonl", *columns)
    points = [json.loads(line)["point"] for line in given.out.splitlines()]
    assert points == ["common", "group"] * 3
    assert "common thresholds: 3" in given.err
    assert "sex=NAME" not in given.err
    blind = bert4text("predict", place / "by-sex", place / "new.jsonl", "--columns", "text=texto")
    assert "--columns sex=NAME" in " ".join(blind.err.split())
    shown = bert4text(
        "predict",
        place / "by-sex",
        place / "new.jsonl",
        *columns,
        "-o",
        place / "out.csv",
        "--language",
        "pt-BR",
    )
    assert "pelos limiares comuns" in shown.out
    told = bert4text(
        "calibrate",
        place / "run",
        place / "ours.parquet",
        "-o",
        place / "json",
        *GIVEN,
        *ACCEPTED,
        "--json",
    )
    assert "group-thresholds" in [issue["code"] for issue in json.loads(told.out)["issues"]]
