"""The verb: what is dealt to whom, and what the corpus says of itself."""

from __future__ import annotations

import re
from typing import get_args

import numpy as np
import pytest

from bert4text.core.errors import ConfigError
from bert4text.data.sources import wdbc
from bert4text.synthesis.config import StyleName, SynthesizeConfig
from bert4text.synthesis.procedure import INVENTED
from bert4text.synthesis.rows import ROW_KEY, deal, report_id, row_digest, row_patient
from bert4text.synthesis.synthesize import GENERATORS, synthesize

TABLE = wdbc().measurements


class Recorder:
    """A progress that counts."""

    def __init__(self) -> None:
        self.done = 0
        self.labels: list[tuple[str, int | None]] = []

    def task(self, label: str, total: int | None = None) -> Recorder:
        self.labels.append((label, total))
        return self

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def advance(self, n: int = 1) -> None:
        self.done += n

    def note(self, key: str, value: float | str) -> None:
        raise AssertionError(key)


@pytest.mark.parametrize("generator", ["cytology", "founding"])
@pytest.mark.parametrize(
    ("language", "names"), [("pt-BR", ("benigno", "maligno")), ("en", ("benign", "malignant"))]
)
def test_a_corpus_says_what_it_is(generator: str, language: str, names: tuple[str, str]) -> None:
    corpus = synthesize(generator, language=language)
    assert len(corpus) == corpus.synthetic == 569
    assert corpus.language == language
    assert corpus.label_space is not None
    assert (corpus.label_space.task, corpus.label_space.names) == ("binary", names)
    assert corpus.splits == {}
    for place, report in enumerate(corpus, start=1):
        assert report.origin == "synthetic"
        assert report.generator == generator
        assert report.source_row == place
        assert report.patient is not None
        assert re.fullmatch(r"p-[0-9a-f]{16}", report.patient)
        assert re.fullmatch(r"[0-9a-f]{12}", report.attributes[ROW_KEY])
        assert set(report.attributes["invented"].split(",")) <= set(report.attributes)
    assert corpus.patients == 569


def test_cytology_names_what_it_invents() -> None:
    report = next(iter(synthesize("cytology", n=1)))
    assert report.attributes["invented"].split(",") == list(INVENTED)
    assert set(report.attributes) == {*INVENTED, "invented", "layout", "length", ROW_KEY}


def test_labels_are_the_table_s_own() -> None:
    table = wdbc()
    known = {row_digest(row)[:12]: label for row, label in zip(table.measurements, table.labels, strict=True)}
    corpus = synthesize("cytology", language="en")
    assert all(report.labels == (known[report.attributes[ROW_KEY]],) for report in corpus)
    assert corpus.labels.count("malignant") == 212


def test_the_same_seed_gives_the_same_corpus_and_another_does_not() -> None:
    first, again, other = (synthesize("cytology", n=50, seed=seed) for seed in (1, 1, 2))
    assert first.fingerprint == again.fingerprint
    assert not set(first.texts) & set(other.texts)
    assert not set(first.table["id"].to_pylist()) & set(other.table["id"].to_pylist())
    assert not set(first.groups) & set(other.groups)


def test_more_reports_than_rows_share_the_row_s_key() -> None:
    corpus = synthesize("cytology", n=1200)
    assert len(corpus) == len(set(corpus.table["id"].to_pylist())) == 1200
    assert len(set(corpus.texts)) == 1200
    assert corpus.patients == 569
    rows, labels = {}, {}
    for report in corpus:
        assert rows.setdefault(report.patient, report.attributes[ROW_KEY]) == report.attributes[ROW_KEY]
        assert labels.setdefault(report.patient, report.labels) == report.labels
    assert corpus.select(range(569)).fingerprint == synthesize("cytology").fingerprint


def test_fewer_reports_are_a_seeded_subset() -> None:
    few, other = synthesize("cytology", n=60, seed=1), synthesize("cytology", n=60, seed=2)
    rows, others = ({report.attributes[ROW_KEY] for report in corpus} for corpus in (few, other))
    assert len(rows) == 60
    assert 0 < len(rows & others) < 25


def test_settings_count_and_arguments_come_first() -> None:
    config = SynthesizeConfig(n=3, language="en")
    assert len(synthesize("cytology", config)) == 3
    assert len(synthesize("cytology", config, n=4)) == 4
    assert synthesize("cytology", config).language == "en"


def test_progress_is_told_of_each_report() -> None:
    progress = Recorder()
    synthesize("cytology", n=5, progress=progress)  # type: ignore[arg-type]
    assert progress.done == 5
    assert progress.labels == [("Writing synthetic reports", 5)]


def test_bad_requests_are_named() -> None:
    with pytest.raises(ConfigError) as caught:
        synthesize("citology")
    assert (caught.value.error_code, caught.value.values["near"]) == ("unknown-entry", "cytology")
    with pytest.raises(ConfigError) as caught:
        synthesize("cytology", n=0)
    assert caught.value.error_code == "bad-n"
    with pytest.raises(ConfigError) as caught:
        synthesize("cytology", language="es")
    assert caught.value.error_code == "unknown-language"
    assert "pt-BR, en" in str(caught.value)


@pytest.mark.parametrize(
    "bad",
    [
        {"noise": 0.6},
        {"noise": -0.1},
        {"n": 0},
        {"style": "verse"},
        {"language": "es"},
        {"flipped": 0.9},
        {"m": 1},
    ],
)
def test_bad_settings_are_named(bad: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        SynthesizeConfig.parse(bad, section="synthesize")
    assert caught.value.error_code in {"bad-value", "unknown-key"}


def test_settings_have_defaults_and_descriptions() -> None:
    config = SynthesizeConfig()
    assert (config.generator, config.style, config.noise, config.n) == ("cytology", "short", 0.25, None)
    assert all(field.description for field in SynthesizeConfig.model_fields.values())
    assert {"short", "long", "mixed"} <= set(get_args(StyleName))
    assert GENERATORS.names()[:2] == ["founding", "cytology"]


def test_dealing_shuffles_by_content() -> None:
    sources = deal(TABLE, n=None, seed=3)
    assert sorted(source.digest for source in sources) == sorted(row_digest(row) for row in TABLE)
    turned = deal(TABLE[::-1], n=None, seed=3)
    assert [source.digest for source in sources] == [source.digest for source in turned]
    assert all(np.array_equal(a.measurements, b.measurements) for a, b in zip(sources, turned, strict=True))
    assert {source.copy for source in deal(TABLE, n=1200, seed=3)} == {0, 1, 2}


def test_names_of_reports_and_rows_hang_on_seed_and_content() -> None:
    first, second = deal(TABLE[:1], n=2, seed=1)
    assert report_id(1, first, prefix="CIT") != report_id(1, second, prefix="CIT")
    assert report_id(1, first, prefix="CIT") != report_id(2, first, prefix="CIT")
    assert row_patient(1, first) == row_patient(1, second) != row_patient(2, first)
