from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bert4text.cli.logs import JsonLines, start_logging
from bert4text.cli.screen import Screen
from bert4text.core.errors import OutputError


def _record(**extra: Any) -> logging.LogRecord:
    record = logging.LogRecord("bert4text.data", logging.INFO, "path", 1, "read %s", ("LAUDO",), None)
    vars(record).update(extra)
    return record


def test_a_line_carries_allowed_fields_only() -> None:
    line = json.loads(JsonLines().format(_record(count=3, verb="prepare", text="LAUDO", patient="X")))
    assert set(line) == {"time", "level", "logger", "message", "count", "verb"}
    assert line["message"] == "read %s"
    assert line["time"].endswith("Z")


def test_a_field_that_is_no_plain_value_is_dropped() -> None:
    assert "ref" not in json.loads(JsonLines().format(_record(ref={"text": "LAUDO"})))


@pytest.fixture
def started(screen: Screen) -> Any:
    shown = warnings.showwarning
    yield lambda file=None: start_logging(screen, file)
    warnings.showwarning = shown
    logger = logging.getLogger("bert4text")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


def test_warnings_reach_stderr_and_everything_the_file(
    started: Callable[..., None], screen: Screen, tmp_path: Path
) -> None:
    started(tmp_path / "logs" / "a.jsonl")
    logging.getLogger("bert4text.data").info("read", extra={"count": 3})
    logging.getLogger("bert4text.data").warning("slow")
    lines = [json.loads(line) for line in (tmp_path / "logs" / "a.jsonl").read_text().splitlines()]
    assert [line["message"] for line in lines] == ["read", "slow"]
    assert screen.stderr.getvalue() == "warning: slow\n"


def test_of_a_library_warning_only_its_kind_is_kept(
    started: Callable[..., None], screen: Screen, tmp_path: Path
) -> None:
    started(tmp_path / "a.jsonl")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        start_logging(screen, tmp_path / "a.jsonl")
        warnings.warn("near MARIA DA SILVA", UserWarning, stacklevel=1)
    assert screen.stderr.getvalue() == ""
    assert "MARIA" not in (tmp_path / "a.jsonl").read_text()
    assert json.loads((tmp_path / "a.jsonl").read_text())["code"] == "UserWarning"


def test_a_log_that_cannot_be_written_is_an_output_error(
    started: Callable[..., None], tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        started(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_log_that_breaks_is_told_once_and_without_a_traceback(
    started: Callable[..., None], screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    started(Path("/dev/full"))
    for _ in range(2):
        logging.getLogger("bert4text.x").info("done")
    assert screen.stderr.getvalue() == "error: the log cannot be written: lines are missing\n"
    assert "Traceback" not in capsys.readouterr().err
