"""The command line as a process: what it loads, where it writes, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bert4text.cli.commands import COMMANDS

HEAVY = {
    "pandas",
    "openpyxl",
    "torch",
    "transformers",
    "accelerate",
    "sklearn",
    "scipy",
    "matplotlib",
    "pyarrow",
    "huggingface_hub",
}

FRONT = {
    "bert4text",
    "bert4text.__main__",
    "bert4text.cli",
    *(f"bert4text.cli.{name}" for name in ("command", "commands", "commands_over_data")),
    *(f"bert4text.cli.{name}" for name in ("front", "help", "main", "screen")),
    "bert4text.core",
    *(f"bert4text.core.{name}" for name in ("errors", "messages")),
}
"""All of ours that the front page loads."""


def environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"COLUMNS", "FORCE_COLOR", "NO_COLOR"}
    }
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "error", **more}


def call(
    *arguments: str, folder: Path | None = None, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bert4text", *arguments],
        input=stdin,
        capture_output=True,
        env=environment(**more),
        cwd=folder,
        timeout=120,
        check=False,
    )


def modules(code: str) -> set[str]:
    """What a process of its own has imported when it has run the code."""
    told = "import atexit, sys; atexit.register(lambda: sys.stderr.write('\\n'.join(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{told}\n{code}"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
        check=True,
    )
    return set(done.stderr.splitlines())


def modules_of(*arguments: str) -> set[str]:
    """What a call of the command line imports."""
    return modules(f"sys.argv[1:] = {arguments!r}\nfrom bert4text.__main__ import main\nmain()")


def packages(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def test_importing_the_package_is_light() -> None:
    found = packages(modules("import bert4text; dir(bert4text)"))
    assert not found & (HEAVY | {"pydantic", "rich", "typer"})


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h", "--language", "pt-BR"]])
def test_the_front_page_loads_nothing_but_itself(arguments: list[str]) -> None:
    found = modules_of(*arguments)
    assert {name for name in found if name.startswith("bert4text")} == FRONT
    assert not packages(found) & (HEAVY | {"typer", "rich", "pydantic", "markdown_it", "numpy"})
    assert not found & {"email", "importlib.metadata", "importlib.resources", "inspect", "dataclasses"}


@pytest.mark.parametrize(("verb", "module"), [("train", "model"), ("predict", "use"), ("encoders", None)])
def test_the_help_of_a_command_loads_its_module_alone(verb: str, module: str | None) -> None:
    found = modules_of(verb, "--help")
    doors = {command.place.partition(":")[0] for command in COMMANDS} - {""}
    assert {name for name in doors if f"bert4text.cli.{name}" in found} == {module or verb}
    assert not packages(found) & (HEAVY | {"numpy", "pydantic"})


def test_the_help_of_every_command_is_light_and_has_examples() -> None:
    script = f"""
import io, json, sys
from bert4text.cli.main import run
groups = {[command.name.split() for command in COMMANDS if not command.place]!r}
for words in {[command.name.split() for command in COMMANDS]!r}:
    shown, sys.stdout = sys.stdout, io.StringIO()
    status = run([*words, "--help"])
    text, sys.stdout = sys.stdout.getvalue(), shown
    assert status == 0, (words, status)
    assert "bert4text " + " ".join(words) in text, words
    assert text.count("bert4text") >= 2 or words in groups, words
print(json.dumps(sorted(name.partition(".")[0] for name in sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not set(json.loads(done.stdout)) & HEAVY


def test_version() -> None:
    done = call("--version")
    assert done.returncode == 0
    assert done.stdout.decode().startswith("bert4text 0.")
    assert done.stderr == b""


def test_without_a_terminal_there_is_no_colour_and_no_bar(tmp_path: Path) -> None:
    for arguments in (
        ["--help"],
        ["train", "--help"],
        ["encoders", "list"],
        ["train", "missing.parquet", "-o", "r"],
    ):
        done = call(*arguments, folder=tmp_path, TERM="xterm-256color")
        assert b"\x1b" not in done.stdout + done.stderr, arguments


def test_a_missing_file_is_three_lines_and_status_three(tmp_path: Path) -> None:
    done = call("prepare", "nothing.csv", "-o", "c.parquet", folder=tmp_path)
    assert done.returncode == 3
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert lines[0].startswith("error[missing-file]: ")
    assert len(lines) == 3
    assert not (tmp_path / "c.parquet").exists()


def test_an_error_with_json_is_one_object_on_stderr(tmp_path: Path) -> None:
    done = call("prepare", "nothing.csv", "--json", folder=tmp_path)
    problem = json.loads(done.stderr)
    assert done.stdout == b""
    assert problem["format"] == "problem/1"
    assert problem["exit"] == done.returncode == 3
    assert set(problem) == {"format", "code", "title", "detail", "hint", "exit", "status"}


@pytest.mark.parametrize(
    "arguments",
    [["doctor"], ["encoders", "list"], ["encoders", "show", "minilm"], ["plugins"], ["init", "here"]],
)
def test_with_json_stdout_holds_one_document(arguments: list[str], tmp_path: Path) -> None:
    done = call(*arguments, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "/" in json.loads(done.stdout)["format"]
    assert done.stderr == b""


def test_help_speaks_portuguese(tmp_path: Path) -> None:
    asked = call("--language", "pt-BR", "--help")
    by_locale = call("--help", LC_ALL="pt_BR.UTF-8")
    assert asked.returncode == by_locale.returncode == 0
    assert asked.stdout.decode() == by_locale.stdout.decode()
    assert "Uso: bert4text" in asked.stdout.decode()
    assert "Usage: bert4text" in call("--help").stdout.decode()


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_leaves_ends_it_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bert4text", "encoders", "list", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    reports = tmp_path / "in.jsonl"
    os.mkfifo(reports)
    heeding = "import signal, bert4text.cli.main as m; signal.signal(2, signal.default_int_handler); m.main()"
    with subprocess.Popen(  # a process started in the background would ignore the signal
        [sys.executable, "-c", heeding, "prepare", "in.jsonl", "-o", "c.parquet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=tmp_path,
    ) as process:
        assert process.stderr is not None
        with reports.open("wb") as pipe:  # opens only once the command reads
            pipe.write(b'{"text": "a"}\n')
            pipe.flush()
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 130
        assert process.stderr.read().decode().startswith("error[interrupted]")
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


STOPPED = """
import atexit, os, signal, sys
from bert4text.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == stopped.pop(name, None):
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stop())
"""
"""Interrupts the import of each module in ``stopped``, once."""


@pytest.mark.parametrize(
    ("stopped", "told"),
    [(["bert4text.cli.main"], b""), (["typer"], b"error[interrupted]"), (["typer", "rich.text"], b"")],
)
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_while_it_loads_and_a_second_one_show_no_traceback(stopped: list[str], told: bytes) -> None:
    names = {name: name for name in stopped}
    script = f"{STOPPED}\nstopped = {names!r}\nsys.argv[1:] = ['plugins']\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env=environment(), timeout=60, check=False
    )
    assert done.returncode == 130
    assert done.stderr.startswith(told)
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_when_all_is_done_changes_nothing() -> None:
    interrupted = "stopped = {}\natexit.register(os.kill, os.getpid(), signal.SIGINT)"
    script = f"{STOPPED}\n{interrupted}\nsys.argv[1:] = ['--version']\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env=environment(), timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="POSIX descriptors")
@pytest.mark.parametrize(
    ("shell", "status"),
    [
        ('"$0" -m bert4text plugins >&-', 0),
        ('"$0" -m bert4text nothing 2>&-', 2),
        ('"$0" -m bert4text plugins <&-', 0),
        ('"$0" -m bert4text plugins > /dev/full', 8),
        ('"$0" -m bert4text --help > /dev/full', 8),
    ],
)
def test_closed_and_full_streams_are_no_bugs(shell: str, status: int) -> None:
    if "/dev/full" in shell and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable], capture_output=True, env=environment(), timeout=60, check=False
    )
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert b"internal" not in done.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("pre", b"prepare\npretrain\npredict\n"), ("encoders sh", b"show\n"), ("train --eff", b"--effort\n")],
)
def test_shell_completion_is_on(typed: str, offered: bytes) -> None:
    place = str(len(typed.split()))
    done = call(_BERT4TEXT_COMPLETE="complete_bash", COMP_WORDS=f"bert4text {typed}", COMP_CWORD=place)
    assert (done.returncode, done.stdout, done.stderr) == (0, offered, b"")


def test_without_a_command_the_front_page_is_shown_and_the_status_is_that_of_misuse() -> None:
    alone, asked = call(), call("--help")
    assert (alone.returncode, asked.returncode) == (2, 0)
    assert alone.stdout == asked.stdout == call("--help", "train").stdout
    assert alone.stderr == b""


def test_shell_completion_is_shown_and_installed(tmp_path: Path) -> None:
    found = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "HOME": str(tmp_path)}
    shown = call("--show-completion", "bash", **found)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert b"complete" in shown.stdout
    installed = call("--install-completion", "bash", **found)
    assert (installed.returncode, installed.stderr) == (0, b"")
    assert (tmp_path / ".bash_completions" / "bert4text.sh").exists()
