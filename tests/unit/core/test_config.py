from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from bert4text.core.config import Config, apply_override, dump_toml, read_toml, suggestion
from bert4text.core.errors import ConfigError


class Inner(Config):
    rate: float = Field(0.1, ge=0, description="a rate")


class Outer(Config):
    name: str = Field("x", description="a name")
    inner: Inner = Field(Inner(), description="inner")
    way: Literal["a", "b"] = Field("a", description="a way")
    on: bool = Field(True, description="a switch")


def test_unknown_key_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="has no key 'nmae'; it has inner, name, on, way") as caught:
        Outer.parse({"nmae": "y"}, section="train")
    assert caught.value.hint == "did you mean 'name'?"
    assert caught.value.error_code == "unknown-key"


def test_nested_errors_name_their_section_and_never_the_input() -> None:
    with pytest.raises(ConfigError, match=r"\[train.inner\] rate") as caught:
        Outer.parse({"inner": {"rate": "segredo"}}, section="train")
    assert "segredo" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"\[train.inner\] has no key 'rat'; it has rate"):
        Outer.parse({"inner": {"rat": 1}}, section="train")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"inner": {"rate": "high"}}, "[train.inner] rate must be a number"),
        ({"inner": {"rate": -1}}, "[train.inner] rate must be at least 0.0"),
        ({"name": 3}, "[train] name must be text in quotation marks"),
        ({"way": "c"}, "[train] way must be one of 'a', 'b'"),
        ({"on": "maybe"}, "[train] on must be true or false"),
        ({"inner": 3}, "[train] inner must be a section of its own: [train.inner]"),
    ],
)
def test_bad_values_say_what_is_wanted(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Outer.parse(values, section="train")
    assert str(caught.value) == said
    assert caught.value.error_code == "bad-value"


def test_overrides_are_toml_or_bare_words() -> None:
    values: dict[str, Any] = {"train": {"epochs": 3}}
    for assignment in (
        "train.epochs=5",
        "train.encoder=minilm",
        "train.loss.smoothing = 0.1",
        'a.b=["x"]',
        "a.c=t=1",
    ):
        apply_override(values, assignment)
    assert values == {
        "train": {"epochs": 5, "encoder": "minilm", "loss": {"smoothing": 0.1}},
        "a": {"b": ["x"], "c": "t=1"},
    }


@pytest.mark.parametrize("bad", ["train", "epochs=3", ".x=1", "train.=1"])
def test_bad_overrides_are_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match=r"SECTION\.KEY=VALUE"):
        apply_override({}, bad)


def test_an_override_through_a_value_is_refused() -> None:
    with pytest.raises(ConfigError, match="is a value, not a section"):
        apply_override({"train": {"epochs": 3}}, "train.epochs.x=1")


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no file b\.toml"):
        read_toml(tmp_path / "b.toml")
    (tmp_path / "b.toml").write_text("a = ", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.toml is not valid TOML"):
        read_toml(tmp_path / "b.toml")
    (tmp_path / "b.toml").write_bytes(b"\xef\xbb\xbfa = 1")
    assert read_toml(tmp_path / "b.toml") == {"a": 1}


KEYS = st.text(min_size=1, max_size=8)
LEAVES = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
VALUES = (
    LEAVES | st.lists(LEAVES, max_size=3) | st.lists(st.dictionaries(KEYS, LEAVES, max_size=2), max_size=2)
)


@given(
    st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=2)))
)
def test_dump_then_load_is_the_identity(values: dict[str, Any]) -> None:
    assert tomllib.loads(dump_toml(values)) == values


def test_none_is_left_out() -> None:
    assert tomllib.loads(dump_toml({"a": {"b": None, "c": 1}})) == {"a": {"c": 1}}


def test_replace_checks_again() -> None:
    assert Outer().replace(name="z").name == "z"
    with pytest.raises(ConfigError):
        Outer().replace(other=1)


def test_suggestions() -> None:
    assert suggestion("Bertinbau-base", ["bertimbau-base", "minilm"]) == "bertimbau-base"
    assert suggestion("zzz", ["minilm"]) is None
