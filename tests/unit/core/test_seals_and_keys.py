"""Seals hold; keys are private, come from where they are said to, and change without loss."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.codes import Codes
from bert4text.core.errors import ConfigError, MissingExtraError, StoreError
from bert4text.core.key_sources import key_id, key_of
from bert4text.core.keys import Keys
from bert4text.core.keys_config import KeysConfig
from bert4text.core.patient_keys import FILE, PatientKeys
from bert4text.core.seal import opened, sealed

pytest.importorskip("cryptography")

KEY = bytes(range(32))
TEXTS = st.text(max_size=200)
IDS = st.text(min_size=1, max_size=20)


@given(content=TEXTS, bound=IDS)
def test_a_seal_gives_back_what_it_holds_to_whom_it_belongs(content, bound):
    assert opened(KEY, sealed(KEY, content.encode(), bound=bound), bound=bound) == content.encode()


@given(content=TEXTS, bound=IDS, place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_seal_with_any_bit_changed_does_not_open(content, bound, place, bit):
    box = bytearray(sealed(KEY, content.encode(), bound=bound))
    box[place % len(box)] ^= 1 << bit
    assert opened(KEY, bytes(box), bound=bound) is None


@given(content=TEXTS, bound=IDS, other=IDS)
def test_a_seal_opens_for_no_other_id_and_no_other_key(content, bound, other):
    box = sealed(KEY, content.encode(), bound=bound)
    assert (opened(KEY, box, bound=other) is None) == (other != bound)
    assert opened(KEY[::-1], box, bound=bound) is None


def test_a_seal_is_as_the_standard_says():
    """Nonce first, tag last: any program with AES-256-GCM opens it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    box = sealed(KEY, "laudo é".encode(), bound="EX-1")
    assert AESGCM(KEY).decrypt(box[:12], box[12:], b"EX-1").decode() == "laudo é"
    assert len(box) == 12 + len("laudo é".encode()) + 16
    assert sealed(KEY, b"x", bound="") != sealed(KEY, b"x", bound="")
    for cut in (b"", box[:11], box[:27]):
        assert opened(KEY, cut, bound="EX-1") is None


def test_without_the_library_the_extra_is_named(monkeypatch):
    from bert4text.core import seal

    monkeypatch.setattr(seal, "available", lambda module: False)
    with pytest.raises(MissingExtraError) as caught:
        seal.check_sealing()
    assert caught.value.hint == "python -m pip install 'bert4text[seal]'"


@pytest.mark.parametrize(
    "text", [KEY.hex(), KEY.hex().upper(), f"  {KEY.hex()}\n", base64.b64encode(KEY).decode(),
             base64.urlsafe_b64encode(KEY).decode()],
)  # fmt: skip
def test_a_key_is_read_in_the_forms_vaults_give(text):
    assert key_of(text) == KEY


@pytest.mark.parametrize(
    "text", ["", "zz" * 32, KEY.hex()[:-2], base64.b64encode(KEY[:31]).decode(), "ç" * 64]
)
def test_what_is_no_key_is_none(text):
    assert key_of(text) is None


def test_the_id_of_a_key_tells_keys_apart_and_nothing_of_them():
    assert key_id(KEY) == key_id(bytes(KEY)) != key_id(KEY[::-1])
    assert len(key_id(KEY)) == 16
    assert key_id(KEY) not in KEY.hex()


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
@pytest.mark.parametrize("rights", [0o640, 0o604, 0o620, 0o666])
def test_files_of_secrets_that_others_may_touch_are_refused(rights):
    keys = Keys()
    keys.get("patients")
    PatientKeys(keys).make(["p-1"])
    Codes().of("patient", ["x"])
    for path, read in (
        (keys.path("patients"), lambda: keys.get("patients")),
        (keys.folder / FILE, lambda: PatientKeys(keys).of(["p-1"])),
        (keys.folder / "codes.jsonl", lambda: Codes().originals("patient")),
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(rights)
        with pytest.raises(StoreError, match=f"mode {rights:03o}") as caught:
            read()
        assert caught.value.error_code == "open-key"
        assert path.name in str(caught.value)
        path.chmod(0o600)
        read()


def environment(**values):
    return Keys("p", KeysConfig.parse({"source": "environment", **values}, section="keys"))


def test_a_key_from_the_environment(monkeypatch):
    monkeypatch.setenv("BERT4TEXT_KEY_MASTER", KEY.hex())
    keys = environment()
    assert keys.get("master") == KEY
    assert not keys.folder.exists()
    with pytest.raises(StoreError, match="BERT4TEXT_KEY_DATES gives no key 'dates'") as caught:
        keys.get("dates")
    assert caught.value.error_code == "missing-key"
    monkeypatch.setenv("V_DATES_X", "secret-but-no-key")
    with pytest.raises(StoreError, match="17 characters came") as caught:
        environment(variable="V_{name}_X").get("dates")
    assert "secret-but" not in str(caught.value) + str(caught.value.hint) + repr(caught.value)


def command(*words, **values):
    return Keys(
        "p", KeysConfig.parse({"source": "command", "command": list(words), **values}, section="keys")
    )


def python(code, **values):
    return command(sys.executable, "-c", code, "{name}", **values)


def test_a_key_from_a_command_that_gets_its_name_and_no_shell(capfd, tmp_path):
    made = "print(hashlib.sha256(sys.argv[1].encode()).hexdigest())"
    keys = python(f"import sys, hashlib; sys.stderr.write('SECRET'); {made}")
    assert keys.get("master") != keys.get("dates")
    assert keys.get("master") == keys.get("master")
    assert capfd.readouterr() == ("", "")
    assert not keys.folder.exists()
    counted = python(
        f"import sys, hashlib, pathlib; pathlib.Path(r'{tmp_path}', 'n').open('a').write('x'); {made}"
    )
    assert counted.get("master") == counted.get("master")
    assert (tmp_path / "n").read_text() == "x"  # a vault is asked once
    echo = command(sys.executable, "-c", "import sys; print(sys.argv[1:])", "{name}; exit 0", "$HOME")
    with pytest.raises(StoreError, match="no key 'master': 64 hexadecimal"):
        echo.get("master")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (python("print('SECRET'); raise SystemExit(3)"), "it ended with 3"),
        (python("print('SECRET' * 9)"), "55 characters came"),
        (python("pass"), "0 characters came"),
        (python("import time; print('SECRET', flush=True); time.sleep(60)", seconds=0.5), "TimeoutExpired"),
        (command("no-such-program-SECRETLESS", "{name}"), "FileNotFoundError"),
    ],
)
def test_a_command_that_fails_says_how_and_never_what_it_wrote(keys, said):
    with pytest.raises(StoreError) as caught:
        keys.get("master")
    shown = f"{caught.value} {caught.value.hint} {caught.value.values}"
    assert said in shown
    assert "SECRET" not in shown.replace("SECRETLESS", "")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "values",
    [{"source": "command"}, {"source": "command", "command": ["vault", "read", "k"]},
     {"source": "environment", "variable": "ONE_FOR_ALL"}, {"source": "vault"}],
)  # fmt: skip
def test_settings_that_give_every_use_the_same_key_are_refused(values):
    with pytest.raises(ConfigError):
        KeysConfig.parse(values, section="keys")


def table_of(keys):
    return (keys.folder / FILE).read_text(encoding="utf-8")


def test_keys_of_patients_are_random_wrapped_and_apart():
    keys = Keys("a")
    table = PatientKeys(keys)
    assert table.of(["p-1"]).missing == {"p-1"}
    assert not keys.path("master").exists()
    assert table.make(["p-1", "p-2", "p-1"]) == 2
    assert table.make(["p-2", "p-3"]) == 1
    found = PatientKeys(Keys("a")).of(["p-1", "p-2", "p-9"])
    assert len({*found.keys.values()}) == 2
    assert {len(key) for key in found.keys.values()} == {32}
    assert found.missing == {"p-9"}
    for key in found.keys.values():
        assert key.hex() not in table_of(keys)
        assert base64.b64encode(key).decode() not in table_of(keys)
    assert PatientKeys(Keys("b")).of(["p-1"]).missing == {"p-1"}


def test_reports_without_a_patient_have_names_of_their_own_that_tell_no_id():
    one, other = PatientKeys(Keys("a")), PatientKeys(Keys("b"))
    one.begin(), other.begin()
    names = one.named(["EX-1", "EX-2", "EX-3"], [None, None, "p-7"])
    assert names == one.named(["EX-1", "EX-2", "EX-3"], [None, None, "p-7"])
    assert names[2] == "p-7"
    assert len({*names}) == 3
    assert names[:2] != other.named(["EX-1", "EX-2"], [None, None])
    one.make(names)
    assert "EX-" not in table_of(one.keys)


def test_a_destroyed_key_is_gone_for_ever_and_told_apart_from_one_that_never_was():
    keys = Keys()
    table = PatientKeys(keys)
    table.make(["p-1", "p-2"])
    wrapped = {row["name"]: row["key"] for row in map(json.loads, table_of(keys).splitlines()[1:])}
    assert table.destroy(["p-1", "p-9"]) == ["p-1"]
    assert table.destroy(["p-1"]) == []
    assert wrapped["p-1"] not in table_of(keys)
    assert wrapped["p-2"] in table_of(keys)
    assert table.make(["p-1"]) == 0  # nothing comes back from the source by itself
    found = table.of(["p-1", "p-2", "p-9"])
    assert (found.destroyed, found.missing, set(found.keys)) == ({"p-1"}, {"p-9"}, {"p-2"})
    assert table.facts() == {"keys": 1, "destroyed": 1, "master": key_id(keys.get("master"))}


def rows_swapped(lines):
    first, second = json.loads(lines[1]), json.loads(lines[2])
    first["key"], second["key"] = second["key"], first["key"]
    return [lines[0], json.dumps(first), json.dumps(second)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (rows_swapped, "altered-key"),
        (lambda lines: [*lines[:2], lines[2].replace('"key": "', '"key": "AAAA')], "altered-key"),
        (lambda lines: [*lines[:2], lines[2].replace('"key": "', '"key": "!')], "altered-key"),
        (lambda lines: lines[1:], "patient-keys"),
        (lambda lines: [], "patient-keys"),
        (lambda lines: [*lines[:2], lines[2][:20]], "patient-keys"),
        (lambda lines: [lines[0].replace("keys/1", "keys/9"), *lines[1:]], "patient-keys"),
    ],
)
def test_a_table_that_was_altered_is_refused(change, code):
    keys = Keys()
    PatientKeys(keys).make(["p-1", "p-2"])
    path = keys.folder / FILE
    path.write_text("\n".join(change(table_of(keys).splitlines())) + "\n")
    with pytest.raises(StoreError) as caught:
        PatientKeys(keys).of(["p-1", "p-2"])
    assert caught.value.error_code == code


def test_a_lost_master_key_is_not_replaced_by_a_new_one():
    keys = Keys()
    table = PatientKeys(keys)
    table.make(["p-1"])
    keys.path("master").unlink()
    for act in (lambda: table.of(["p-1"]), lambda: table.make(["p-2"]), table.rotate):
        with pytest.raises(StoreError, match="none is at hand") as caught:
            act()
        assert caught.value.error_code == "other-master"
    assert not keys.path("master").exists()
    keys.get("master")
    with pytest.raises(StoreError, match="wrapped under the master key"):
        table.of(["p-1"])


def test_a_new_master_key_wraps_all_anew_and_the_old_one_opens_nothing():
    keys = Keys()
    table = PatientKeys(keys)
    names = [f"p-{place}" for place in range(50)]
    table.make(names)
    table.destroy(names[:2])
    before, old, copy = table.of(names), keys.get("master"), table_of(keys)
    done = table.rotate()
    assert (done.previous, done.keys, done.resumed) == (key_id(old), 48, False)
    assert done.now == key_id(keys.get("master")) != done.previous
    assert table.of(names) == before
    assert old.hex() not in "".join(path.read_text() for path in keys.folder.glob("*.key"))
    (keys.folder / FILE).write_text(copy)  # a backup of the table, with the destroyed keys in it
    with pytest.raises(StoreError, match="wrapped under the master key"):
        table.of(names)


def test_there_is_nothing_to_rotate_before_the_first_seal():
    with pytest.raises(StoreError, match="nothing was sealed") as caught:
        PatientKeys(Keys()).rotate()
    assert caught.value.error_code == "no-master"


@pytest.mark.parametrize("stop", ["write_private", "promote", "replaced"])
def test_a_rotation_that_was_broken_off_opens_meanwhile_and_is_ended_by_the_next(monkeypatch, stop):
    keys = Keys()
    table = PatientKeys(keys)
    table.make(["p-1", "p-2"])
    before, old = table.of(["p-1", "p-2"]), key_id(keys.get("master"))

    def killed(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if stop == "promote":
            patch.setattr(Keys, "promote", killed)
        elif stop == "write_private":
            patch.setattr("bert4text.core.patient_keys.write_private", killed)
        else:
            patch.setattr("bert4text.core.key_sources.sync_folder", killed)
        with pytest.raises(KeyboardInterrupt):
            table.rotate()
    assert keys.path("master-next").exists()
    assert PatientKeys(Keys()).of(["p-1", "p-2"]) == before
    PatientKeys(Keys()).make(["p-3"])
    done = PatientKeys(Keys()).rotate()
    assert done.resumed
    assert done.now == key_id(Keys().get("master")) != old
    assert not keys.path("master-next").exists()
    assert PatientKeys(Keys()).of(["p-1", "p-2"]) == before
    assert PatientKeys(Keys()).of(["p-3"]).keys


ROTATING = textwrap.dedent(
    """
    import sys
    from bert4text.core.keys import Keys
    from bert4text.core.patient_keys import PatientKeys
    print("ready", flush=True)
    while True:
        PatientKeys(Keys()).rotate()
    """
)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_kill_at_any_moment_of_a_rotation_leaves_keys_that_open():
    table = PatientKeys(Keys())
    names = [f"p-{place}" for place in range(200)]
    table.make(names)
    before = table.of(names)
    for delay in (0.0, 0.003, 0.011, 0.017, 0.031):
        process = subprocess.Popen([sys.executable, "-c", ROTATING], stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(delay)
        assert table.of(names) == before  # readers do not wait
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()
        assert table.of(names) == before
        table.rotate()
        assert table.of(names) == before
    assert list(table.keys.folder.glob(".*partial*")) == []


def test_what_a_killed_process_left_of_a_key_goes_when_the_next_is_made():
    keys = Keys()
    keys.folder.mkdir(parents=True)
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        check=True,
        capture_output=True,
        text=True,
    )
    left = keys.folder / f".master.key.partial-0a1b2c3d-{ended.stdout.strip()}"
    left.write_text("half")
    alive = keys.folder / f".master.key.partial-0a1b2c3d-{os.getpid()}"
    alive.write_text("half")
    keys.get("master")
    assert not left.exists()
    assert alive.exists()  # another thread may be writing it


def test_a_vault_gives_the_next_key_beside_the_one_before(monkeypatch):
    keys = environment()
    table = PatientKeys(keys)
    monkeypatch.setenv("BERT4TEXT_KEY_MASTER", KEY.hex())
    table.make(["p-1"])
    before = table.of(["p-1"])
    with pytest.raises(StoreError, match="'master-next' to take the place") as caught:
        table.rotate()
    assert "BERT4TEXT_KEY_MASTER_NEXT" in str(caught.value.hint)
    monkeypatch.setenv("BERT4TEXT_KEY_MASTER_NEXT", KEY[::-1].hex())
    assert table.rotate().keys == 1
    assert table.of(["p-1"]) == before
    monkeypatch.setenv("BERT4TEXT_KEY_MASTER", KEY[::-1].hex())
    monkeypatch.delenv("BERT4TEXT_KEY_MASTER_NEXT")
    assert table.of(["p-1"]) == before
    assert list(keys.folder.glob("*.key")) == []


def test_keys_move_from_files_to_a_vault(monkeypatch):
    files = Keys("p")
    PatientKeys(files).make(["p-1"])
    before = PatientKeys(files).of(["p-1"])
    monkeypatch.setenv("BERT4TEXT_KEY_MASTER", files.path("master").read_text())
    files.path("master").unlink()
    assert PatientKeys(environment()).of(["p-1"]) == before


def make_some(start):
    table = PatientKeys(Keys())
    for step in range(4):
        table.make([f"p-{place}" for place in range(start + step, start + step + 30)])
    return {name: key.hex() for name, key in table.of([f"p-{place}" for place in range(60)]).keys.items()}


def test_processes_that_make_keys_at_once_lose_none_and_agree():
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(make_some, [0, 5, 10, 15])
    last = {
        name: key.hex() for name, key in PatientKeys(Keys()).of([f"p-{n}" for n in range(60)]).keys.items()
    }
    assert len(last) == 48
    for each in found:
        assert each.items() <= last.items()
    assert PatientKeys(Keys()).facts()["master"] == key_id(Keys().get("master"))


def first_key(_):
    made = []
    return Keys("race", made=lambda *told: made.append(told)).get("patients").hex(), len(made)


def test_processes_that_need_a_key_at_once_make_one():
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(first_key, range(8), chunksize=1)
    assert len({key for key, _ in found}) == 1
    assert sum(made for _, made in found) == 1


def test_a_former_key_is_kept_under_a_number():
    keys = Keys()
    first = keys.get("patients")
    second = keys.retire("patients")
    third = keys.retire("patients")
    assert keys.retired("patients") == ["patients-1", "patients-2"]
    assert [keys.find(name) for name in keys.retired("patients")] == [first, second]
    assert keys.get("patients") == third
    assert len({first, second, third}) == 3


@settings(deadline=None, max_examples=25)
@given(names=st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=8))
def test_any_name_comes_back_from_the_table(tmp_path_factory, names):
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("keys"))
    table = PatientKeys(Keys())
    table.make(names)
    assert set(PatientKeys(Keys()).of(names).keys) == set(names)
