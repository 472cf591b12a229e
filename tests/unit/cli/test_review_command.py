"""A review in a terminal of its own: keys, both languages, going on later, and nobody to ask."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

TEXTS = ["Lâmina em 12345678901234.", "Bloco em 98765432109876.", "Caixa 55544433322211 ok."]
WAIT = 60.0


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,laudo\n" + "".join(f"R{row},{text}\n" for row, text in enumerate(TEXTS)))
    return path


def typed(keys: str, *arguments: str, folder: Path) -> tuple[int, str]:
    """Run the command in a terminal and type a key each time that it asks."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "bert4text", *arguments]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, close_fds=True)
    os.close(slave)
    shown, asked, until = "", 0, time.monotonic() + WAIT
    while time.monotonic() < until:
        ready, _, _ = select.select([master], [], [], 0.2)
        if ready:
            try:
                shown += os.read(master, 65536).decode("utf-8", "replace")
            except OSError:  # the terminal is closed
                break
        if asked < len(keys) and len(re.findall(r"row \d+:|linha \d+:", shown)) > asked and "[" in shown:
            time.sleep(0.2)
            os.write(master, keys[asked].encode())
            asked += 1
        if process.poll() is not None and not ready:
            break
    status = process.wait(timeout=WAIT)
    os.close(master)
    return status, shown


def test_a_person_answers_goes_on_later_and_is_not_asked_again(table, tmp_path):
    command = ("deidentify", "t.csv", "-o", "o.csv", "--review", "--reviewer", "Ana")
    status, shown = typed("nq", *command, "--language", "en", folder=tmp_path)
    assert status == 1, shown
    assert "review-unfinished" in shown
    assert "[12345678901234]" in shown
    assert not (tmp_path / "o.csv").exists()
    status, shown = typed("sk", *command, "--language", "pt-BR", folder=tmp_path)
    assert status == 0, shown
    assert "12345678901234" not in shown
    assert "ocultar" in shown
    lines = (tmp_path / "o.csv").read_text().splitlines()[1:]
    assert [line.partition(",")[2] for line in lines] == [TEXTS[0], "Bloco em [NÚMERO].", TEXTS[2]]


def test_without_a_terminal_nobody_is_asked(bert4text, table):
    ended = bert4text("deidentify", table, "-o", "o.csv", "--review")
    assert ended.status == 2
    assert "error[not-interactive]" in ended.err
    assert "12345678901234" not in ended.err
