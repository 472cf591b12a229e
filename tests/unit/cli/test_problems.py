from __future__ import annotations

import json
from typing import Any

import pytest

from bert4text.cli.problems import bug, place_of, problem, tell
from bert4text.cli.screen import Screen
from bert4text.core.errors import (
    AuditFailed,
    Bert4TextError,
    ConfigError,
    DataError,
    EmptyCorpusError,
    GuardError,
    MissingExtraError,
    ModelError,
    OutputError,
    PolicyError,
    SchemaError,
    StoreError,
)
from bert4text.core.issue import Issue


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (AuditFailed, 1),
        (ConfigError, 2),
        (DataError, 3),
        (SchemaError, 3),
        (EmptyCorpusError, 3),
        (ModelError, 4),
        (GuardError, 4),
        (PolicyError, 5),
        (StoreError, 6),
        (MissingExtraError, 7),
        (OutputError, 8),
    ],
)
def test_each_error_has_its_exit_status(screen: Screen, kind: type[Bert4TextError], status: int) -> None:
    assert tell(kind("it went wrong"), screen) == status


def test_an_error_is_three_lines_on_stderr(screen: Screen) -> None:
    screen.place = "bert4text train"
    tell(ModelError("no {what}", hint="bring {what}", code="none", what="weights"), screen)
    assert screen.stderr.getvalue().splitlines() == [
        "error[none]: no weights",
        "  bert4text train",
        "  bring weights",
    ]
    assert screen.stdout.getvalue() == ""


def test_a_long_message_stays_on_one_line(screen: Screen) -> None:
    tell(DataError("{words}", words="word " * 60), screen)
    assert len(screen.stderr.getvalue().splitlines()) == 2


def test_markup_in_a_value_is_shown_as_it_is(screen: Screen) -> None:
    tell(ConfigError("[{section}] has no key", section="train"), screen)
    assert "[train] has no key" in screen.stderr.getvalue()


def test_with_json_an_error_is_one_object(screen: Screen) -> None:
    screen.json = True
    tell(SchemaError("no column {wanted!r}", hint="name it", code="missing-column", wanted="laudo"), screen)
    assert json.loads(screen.stderr.getvalue()) == {
        "format": "problem/1",
        "code": "missing-column",
        "title": "no column 'laudo'",
        "detail": "bert4text",
        "hint": "name it",
        "exit": 3,
        "status": 422,
    }


def test_a_failed_audit_shows_its_findings_once(screen: Screen) -> None:
    issue = Issue(
        check="shortcut", severity="error", code="x", message="the word {term} tells", values={"term": "a"}
    )
    failed = AuditFailed("the audit stops here", issues=[issue])
    tell(failed, screen)
    assert "the word a tells" in screen.stderr.getvalue()
    screen.findings_shown = True
    tell(failed, screen)
    assert screen.stderr.getvalue().count("the word a tells") == 1
    assert problem(failed, screen)["items"][0]["check"] == "shortcut"


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"section": "train", "key": "epochs"}, "bert4text.toml, [train] epochs"),
        ({"section": "train.loss", "wanted": "weigths"}, "bert4text.toml, [train.loss] weigths"),
        ({"section": "bert4text.toml", "wanted": "trian"}, "bert4text.toml trian"),
        ({}, "bert4text"),
    ],
)
def test_a_bad_setting_is_placed_in_the_file(screen: Screen, values: dict[str, Any], place: str) -> None:
    assert place_of(ConfigError("bad", **values), screen) == place


def test_a_bad_row_is_placed(screen: Screen) -> None:
    assert place_of(DataError("bad", row=17), screen) == "bert4text, row 17"


def _broken() -> None:
    secret = "MARIA DA SILVA"
    raise KeyError(secret)


def test_a_bug_tells_its_kind_and_line_and_never_its_words(screen: Screen) -> None:
    with pytest.raises(KeyError) as raised:
        _broken()
    screen.verbose = True
    assert tell(bug(raised.value), screen) == 70
    shown = screen.stderr.getvalue()
    assert shown.startswith("error[internal]: a bug in BERT4Text: KeyError at test_problems, line ")
    assert "_broken" in shown
    assert "MARIA" not in shown


def test_without_verbose_no_frame_is_named(screen: Screen) -> None:
    with pytest.raises(KeyError) as raised:
        _broken()
    tell(bug(raised.value), screen)
    assert "_broken" not in screen.stderr.getvalue()
