from __future__ import annotations

import json
import stat
from datetime import datetime
from pathlib import Path

import pytest

from bert4text.core.digest import canonical, digest
from bert4text.core.errors import AuditFailed, ConfigError, LabelError, MissingExtraError, StoreError
from bert4text.core.extras import available, require
from bert4text.core.issue import Issue, blocking, gate
from bert4text.core.keys import Keys, keys_folder, pseudonym, reference
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import load, screen_language
from bert4text.core.page import render
from bert4text.core.prediction import prediction_key
from bert4text.core.registry import Registry
from bert4text.core.seeds import integer, rng


def test_canonical_json() -> None:
    assert canonical({"b": 1, "a": ["ã", None]}) == '{"a":["ã",null],"b":1}'.encode()
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    with pytest.raises(ValueError, match="float"):
        canonical(float("nan"))


def test_streams_are_named_and_repeatable() -> None:
    assert rng(7, "a").integers(1 << 30) == rng(7, "a").integers(1 << 30)
    assert rng(7, "a").integers(1 << 30) != rng(7, "b").integers(1 << 30)
    assert integer(7, "a") != integer(8, "a")


def test_registry_names_what_it_has() -> None:
    registry: Registry[object] = Registry("checks", "say something", {"one": "json:dumps"})
    assert registry.get("one") is json.dumps
    assert list(registry) == ["one"]
    with pytest.raises(ConfigError, match="checks has no entry 'onee'; it has one") as caught:
        registry.get("onee")
    assert caught.value.hint == "did you mean 'one'?"


def test_a_missing_extra_says_what_to_type() -> None:
    assert require("json") is json
    assert not available("no_such_module")
    with pytest.raises(MissingExtraError, match="no_such_module is not installed") as caught:
        require("no_such_module")
    assert caught.value.hint == "python -m pip install 'bert4text[all]'"


def test_keys_are_private_stable_and_apart(tmp_path: Path) -> None:
    key = Keys("a").get("patients")
    path = keys_folder("a") / "patients.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert Keys("a").get("patients") == key != Keys("b").get("patients")
    assert pseudonym(key, "123").startswith("p-")
    assert len(pseudonym(key, "123")) == 18
    assert len(reference(key, "123")) == 10
    path.write_text("zz")
    with pytest.raises(StoreError, match="'patients' of this project cannot be read"):
        Keys("a").get("patients")


def test_a_key_that_cannot_be_made_says_where_keys_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="cannot be made") as caught:
        Keys().get("patients")
    assert "XDG_CONFIG_HOME" in str(caught.value.hint)


def test_the_gate_stops_at_its_level_and_honours_acceptance() -> None:
    error = Issue(check="stated-label", severity="error", code="x", message="{n} reports", values={"n": 3})
    warning = Issue(check="schema", severity="warning", code="y", message="m")
    gate([warning], fail_on="error")
    gate([error, warning], fail_on="never")
    gate([error.model_copy(update={"accepted": True})], fail_on="error")
    with pytest.raises(AuditFailed, match="the audit stops here: schema, stated-label") as caught:
        gate([error, warning], fail_on="warning")
    assert len(caught.value.issues) == 2
    assert str(error) == "3 reports"
    assert blocking([error, warning], fail_on="error") == [error]


def test_labels() -> None:
    space = LabelSpace(task="binary", names=("a", "b"))
    assert space.index("b") == 1
    with pytest.raises(LabelError, match="'c' is not among a, b"):
        space.index("c")
    with pytest.raises(ValueError, match="repeat"):
        LabelSpace(task="binary", names=("a", "a"))
    for task, off_scale in (("multiclass", ("a",)), ("ordinal", ("c",)), ("ordinal", ("a", "b"))):
        with pytest.raises(ValueError, match="off_scale"):
            LabelSpace(task=task, names=("a", "b"), off_scale=off_scale)
    for task, unclear in (("binary", "a"), ("multilabel", "a"), ("multiclass", "c")):
        with pytest.raises(ValueError, match="indeterminate"):
            LabelSpace(task=task, names=("a", "b"), indeterminate=unclear)


@pytest.mark.parametrize(
    ("asked", "configured", "expected"),
    [("pt-BR", "en", "pt-BR"), (None, "pt-BR", "pt-BR"), (None, None, "en"), ("pt_PT", None, "pt-BR")],
)
def test_screen_language(asked: str | None, configured: str | None, expected: str) -> None:
    assert screen_language(asked, configured) == expected


def test_the_locale_decides_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "pt_BR.UTF-8")
    assert screen_language() == "pt-BR"
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("LANG", "pt_BR.UTF-8")
    assert screen_language() == "pt-BR"


def test_numbers_of_two_languages() -> None:
    english, portuguese = load("en"), load("pt")
    assert english.number(1234.567) == "1,234.57"
    assert portuguese.number(1234.567) == "1.234,57"
    assert portuguese.percent(0.125, 1) == "12,5%"
    assert portuguese.integer(12000) == "12.000"
    assert portuguese.number(None) == "–"
    assert portuguese.date(datetime(2026, 11, 22)) == "22/11/2026"  # noqa: DTZ001 - a date on a page


def test_prediction_keys_follow_model_report_and_text() -> None:
    key = prediction_key("m", "1", "laudo")
    assert len(key) == 16
    assert (
        len(
            {
                key,
                prediction_key("n", "1", "laudo"),
                prediction_key("m", "2", "laudo"),
                prediction_key("m", "1", "x"),
            }
        )
        == 4
    )


def test_the_page_shell_is_self_contained_and_escapes() -> None:
    page = render("bert4text.core", "page.html", {}, translator=load("pt-BR"))
    assert '<html lang="pt-BR">' in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    assert "default-src 'none'" in page.replace("&#39;", "'")


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_what_rounds_to_nothing_has_no_sign(language: str) -> None:
    translator = load(language)
    assert not translator.number(-0.001).startswith("-")
    assert not translator.percent(-0.001).startswith("-")
    assert translator.number(-0.01).startswith("-")
