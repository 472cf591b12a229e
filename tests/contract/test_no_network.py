"""Nothing reaches the network unless asked: connections are recorded, in a process that is not under CI."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bert4text.core.extras import QUIET
from conftest import POLICY, make_corpus

RECORDER = textwrap.dedent(
    '''
    """Record whatever reaches for the network, through Python or past it, and refuse it."""
    import json, os, socket, sys, threading, time

    SEEN = []
    LOOK_UPS = {
        "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo",
        "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect",
    }

    def hook(event, arguments):
        outwards = event in {"socket.connect", "socket.sendto", "socket.sendmsg"}
        if event in LOOK_UPS or outwards and arguments[0].family in {socket.AF_INET, socket.AF_INET6}:
            SEEN.append(event)
            raise OSError("refused by the recorder")

    sys.addaudithook(hook)

    def own_sockets():
        for name in os.listdir("/proc/self/fd"):
            try:
                target = os.readlink("/proc/self/fd/" + name)
            except OSError:
                continue
            if target.startswith("socket:["):
                yield target[8:-1]

    def watch():
        """Sockets that compiled code opens are seen by no audit hook; the system knows them."""
        while True:
            own = set(own_sockets())
            for table in ("tcp", "tcp6", "udp", "udp6") if own else ():
                with open("/proc/self/net/" + table) as stream:
                    rows = [line.split() for line in list(stream)[1:]]
                SEEN.extend("native " + table for row in rows if row[9] in own and set(row[2]) - set("0:"))
            time.sleep(0.002)

    if os.path.exists("/proc/self/net/tcp"):
        threading.Thread(target=watch, daemon=True).start()
    '''
)

IMPORTS = textwrap.dedent(
    """
    import importlib, pkgutil
    import bert4text
    from bert4text.core.extras import EXTRA_OF, available, require

    def brought(name):
        try:
            return available(name) and require(name)
        except OSError:  # Pango, a library of the system, is missing
            return False

    imported = [name for name in EXTRA_OF if brought(name)]
    for module in pkgutil.walk_packages(bert4text.__path__, "bert4text."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    print(json.dumps({"seen": SEEN, "imported": imported, "modules": sorted(sys.modules)}))
    """
)

VERBS = textwrap.dedent(
    """
    import contextlib, io
    from pathlib import Path
    import bert4text
    from bert4text.cli.main import run
    from bert4text.core.errors import Bert4TextError, MissingExtraError
    from bert4text.project import Project

    encoder, folder = sys.argv[1], Path(sys.argv[2])
    project = Project(None, {
        "train": {
            "encoder": encoder,
            "epochs": 3,
            "learning_rate": 0.005,
            "batches": {"size": 8},
            "calibration": {"deliver": "model"},
        },
        "audit": {"fail_on": "never"},
        "evaluate": {"effort": "quick"},
        "tune": {"trials": 2, "folds": 2},
        "policy": json.loads(sys.argv[3]),
    })
    bert4text.audit(bert4text.synthesize("cytology", n=60, project=project), project=project)
    corpus = bert4text.prepare(folder / "reports.csv", project=project, out=folder / "corpus.parquet")
    bert4text.audit(folder / "corpus.parquet", project=project)
    bert4text.tune(folder / "corpus.parquet", project=project)
    bert4text.train(folder / "corpus.parquet", project=project, out=folder / "run")
    bert4text.evaluate(folder / "run", folder / "corpus.parquet", project=project, out=folder / "measured")
    with contextlib.suppress(MissingExtraError):  # where Pango, a library of the system, is missing
        bert4text.print_page(folder / "measured" / "scorecard.html", project=project)
    bert4text.calibrate(folder / "run", folder / "corpus.parquet", project=project, out=folder / "anew")
    counts = bert4text.predict(
        folder / "run", folder / "reports.csv", project=project, out=folder / "answers.parquet"
    )
    try:
        bert4text.train(corpus, config={"encoder": "nobody/no-such-encoder"}, project=project)
        refused = "not at all"
    except Bert4TextError as error:
        refused = error.error_code
    with contextlib.redirect_stdout(io.StringIO()):
        for words in (["doctor"], ["encoders", "list"], ["--version"]):
            assert run(words) == 0, words
    print(json.dumps({"seen": SEEN, "answered": counts.rows - counts.failed, "refused": refused}))
    """
)


def outside_ci(home: Path) -> dict[str, str]:
    """An environment without ``CI`` and without our settings for other libraries; a home of its own."""
    homes = {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HF_HOME"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", *QUIET} | homes
    }
    return {**kept, **{name: str(home / name.lower()) for name in homes}, "LC_ALL": "C.UTF-8"}


def recorded(script: str, *arguments: str, home: Path) -> dict[str, object]:
    """What a script says at its end, run under the recorder."""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RECORDER + script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=outside_ci(home),
        cwd=home,
        timeout=280,
    )
    assert ended.returncode == 0, ended.stderr
    said: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize(
    ("reach", "seen"),
    [
        ("socket.create_connection(('127.0.0.1', PORT))", {"socket.getaddrinfo"}),
        ("socket.socket().connect(('127.0.0.1', PORT))", {"socket.connect"}),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))", {"socket.sendto"}),
        ("socket.gethostbyname('localhost')", {"socket.gethostbyname"}),
        ("__import__('urllib.request').request.urlopen('http://127.0.0.1:1/')", {"urllib.Request"}),
    ],
)
def test_the_recorder_sees_what_reaches_out(tmp_path, reach, seen):
    script = textwrap.dedent(
        f"""
        PORT = int(sys.argv[1])
        try:
            {reach}
        except OSError:
            pass
        print(json.dumps({{"seen": SEEN}}))
        """
    )
    assert seen <= set(recorded(script, "9", home=tmp_path)["seen"])


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="the system tells no socket of a process")
def test_the_recorder_sees_compiled_code_reach_out(tmp_path):
    script = textwrap.dedent(
        """
        import ctypes, struct
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
        family = struct.pack("=H", socket.AF_INET)
        address = family + struct.pack("!H", int(sys.argv[1])) + socket.inet_aton("127.0.0.1") + bytes(8)
        assert libc.connect(descriptor, address, len(address)) == 0, ctypes.get_errno()
        time.sleep(0.5)
        print(json.dumps({"seen": SEEN}))
        """
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = recorded(script, str(server.getsockname()[1]), home=tmp_path)["seen"]
    assert "native tcp" in seen


def test_importing_every_module_of_every_extra_reaches_nothing(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    said = recorded(IMPORTS, home=tmp_path)
    assert said["seen"] == []
    assert not (tmp_path / "tmp" / ".ses").exists()  # ONNX Runtime's telemetry begins with a session
    assert {"torch", "transformers", "accelerate"} <= set(said["imported"])
    assert {"bert4text.estimator", "bert4text.training.loop", "matplotlib", "sklearn"} <= set(said["modules"])


def test_every_verb_reaches_nothing(tmp_path, tiny_encoder):
    telling = {"benigno": "oval circunscrito lisos", "maligno": "irregular espiculado distorção"}
    corpus = make_corpus(160)
    rows = zip(corpus.table["id"].to_pylist(), corpus.labels, corpus.texts, strict=True)
    lines = [f'{name},{label},"{3 * (telling[label] + " ")}{text}"' for name, label, text in rows]
    (tmp_path / "reports.csv").write_text("\n".join(["id,label,text", *lines]) + "\n", encoding="utf-8")
    said = recorded(VERBS, str(tiny_encoder), str(tmp_path), json.dumps(POLICY), home=tmp_path)
    assert said == {"seen": [], "answered": 160, "refused": "not-fetched"}
