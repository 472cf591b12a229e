"""Settings of evaluate: the effort fills only what was not given."""

from __future__ import annotations

import pytest

from bert4text.core.errors import ConfigError
from bert4text.evaluation.config import EvaluateConfig


def parse(**values):
    return EvaluateConfig.parse(values, section="evaluate")


@pytest.mark.parametrize(("effort", "count"), [("quick", 200), ("standard", 1000), ("thorough", 5000)])
def test_effort_fills_resamples(effort, count):
    config = parse(effort=effort)
    assert (config.resamples, config.draws) == (count, count)
    assert config.model_dump()["resamples"] == count


def test_given_resamples_stay():
    config = parse(effort="quick", resamples=700)
    assert config.draws == 700
    assert config.replace(effort="thorough").draws == 700


def test_what_the_effort_filled_follows_a_new_effort():
    assert parse(effort="quick").replace(effort="thorough").draws == 5000


def test_dumped_settings_read_back():
    config = parse(subgroups=["sex"], metrics=["accuracy"])
    assert parse(**config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    "values", [{"resamples": 3}, {"metrics": ["f2"]}, {"compare_on": []}, {"effort": "max"}]
)
def test_bad_values(values):
    with pytest.raises(ConfigError) as caught:
        parse(**values)
    assert caught.value.error_code == "bad-value"


def test_unknown_key_names_the_nearest():
    with pytest.raises(ConfigError, match="resample"):
        parse(resample=100)


def test_every_field_is_described_and_there_are_at_most_sixteen():
    fields = EvaluateConfig.model_fields
    assert len(fields) <= 16
    assert all(field.description for field in fields.values())
