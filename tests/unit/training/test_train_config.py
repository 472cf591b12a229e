"""Settings of train: effort fills only what was not given."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import BaseModel

from bert4text.core.config import dump_toml
from bert4text.core.errors import ConfigError
from bert4text.training.config import (
    CalibrationConfig,
    LossConfig,
    OptimizerConfig,
    TrainConfig,
    WindowsConfig,
)


@pytest.mark.parametrize(
    ("effort", "epochs", "patience"), [("quick", 3, 0), ("standard", 8, 2), ("thorough", 12, 3)]
)
def test_effort_fills_epochs_and_patience(effort, epochs, patience):
    resolved = TrainConfig.parse({"effort": effort}, section="train").resolved()
    assert (resolved.epochs, resolved.patience) == (epochs, patience)


def test_effort_leaves_what_was_given():
    resolved = TrainConfig(effort="thorough", epochs=2).resolved()
    assert (resolved.epochs, resolved.patience) == (2, 3)
    assert TrainConfig(effort="standard", patience=0).resolved().patience == 0


@pytest.mark.parametrize(
    ("reports", "epochs", "patience"), [(1200, 8, 2), (300, 8, 2), (160, 15, 4), (64, 38, 10), (3, 150, 38)]
)
def test_few_reports_are_passed_more_often(reports, epochs, patience):
    resolved = TrainConfig.parse({}, section="train").resolved(reports=reports)
    assert (resolved.epochs, resolved.patience) == (epochs, patience)
    given = TrainConfig.parse({"epochs": 4}, section="train").resolved(reports=reports)
    assert (given.epochs, given.patience) == (4, 2)


def test_resolving_twice_changes_nothing():
    once = TrainConfig(effort="quick").resolved()
    assert once.resolved() == once
    assert once.effort == "quick"


def test_smoke_comes_from_the_environment_only(monkeypatch):
    monkeypatch.setenv("BERT4TEXT_EFFORT", "smoke")
    assert TrainConfig(effort="thorough").resolved().epochs == 1
    assert TrainConfig(effort="thorough", epochs=5).resolved().epochs == 5
    with pytest.raises(ConfigError):
        TrainConfig.parse({"effort": "smoke"}, section="train")


@pytest.mark.parametrize(
    "record", [TrainConfig, OptimizerConfig, LossConfig, WindowsConfig, CalibrationConfig]
)
def test_each_section_is_small_and_described(record: type[BaseModel]):
    assert len(record.model_fields) <= 16
    for name, field in record.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"epoch": 3}, "unknown-key"),
        ({"optimizer": {"warm_up": 0.1}}, "unknown-key"),
        ({"epochs": 0}, "bad-value"),
        ({"learning_rate": -1.0}, "bad-value"),
        ({"adaptation": "some"}, "bad-value"),
        ({"loss": {"class_weights": "heavy"}}, "bad-value"),
    ],
)
def test_bad_settings_are_refused(values, code):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.parse(values, section="train")
    assert caught.value.error_code == code


def test_settings_survive_toml():
    import tomllib

    config = TrainConfig.parse(
        {"encoder": "x", "loss": {"class_weights": "balanced"}, "windows": {"size": 64}}, section="train"
    ).resolved()
    text = dump_toml({"train": config.model_dump(mode="json", exclude_none=True)})
    assert TrainConfig.parse(tomllib.loads(text)["train"], section="train") == config


def test_settings_load_no_heavy_library():
    code = (
        "import sys, bert4text.training.config;"
        "print([m for m in ('torch', 'transformers', 'sklearn', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_mean_is_read_by_itself_only_of_few_reports_or_a_frozen_encoder():
    def reads(reports, **settings):
        return TrainConfig.parse(settings, section="train").resolved(reports=reports, labels=4).adapt.reads

    assert [reads(64 * 4), reads(64 * 4 + 1)] == ["auto", "first"]
    assert TrainConfig().resolved(reports=10_000).adapt.reads == "auto"  # labels are not known
    assert reads(10_000, adaptation="head") == "auto"
    assert reads(10_000, adapt={"reads": "mean"}) == "mean"
    assert reads(10, adapt={"reads": "first"}) == "first"
