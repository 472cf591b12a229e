"""Canaries in the texts and attributes of a sealed corpus go through every verb; no file ever holds one.

Not the corpora that are made of it, not what is kept beside them, no run, no checkpoint, no temporary file,
also none that is removed again. Ids stand in the user's own data files, as they do without a seal.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bert4text.cli.main import run
from bert4text.core.config import toml_value
from bert4text.store.trail import read_trail
from conftest import POLICY
from contract import test_canaries as canaries
from contract.test_canaries import LOG, N, Story, content_of, found, watch

pytest.importorskip("cryptography")

OWN = {
    "sealed.parquet": {"id"},
    "again.parquet": {"id"},
    "mended.parquet": {"id"},
    "clean.parquet": set(),
    "named.parquet": {"id"},
    "codes.jsonl": {"id"},
    "answers.parquet": {"id"},
    "predictions.parquet": {"id"},
}

PLAIN = {"reports.csv", "plain.parquet"}
"""Where text lies in plain: the user's own table, and the corpus that was opened for good."""


@pytest.fixture(scope="module")
def story(tmp_path_factory, _tiny_encoder):
    """Everything that can be done with a sealed corpus."""
    folder = tmp_path_factory.mktemp("sealed")
    told = Story(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"):
            (folder / name.lower()).mkdir()
            patch.setenv(name, str(folder / name.lower()))
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setattr("tempfile.tempdir", None)
        patch.setattr(canaries, "OWN", OWN)
        patch.chdir(folder)
        watch(told, patch)
        work(told, encoder=str(_tiny_encoder))
    for handler in logging.getLogger("bert4text").handlers[:]:
        handler.close()
        logging.getLogger("bert4text").removeHandler(handler)
    return told


def work(story: Story, *, encoder: str) -> None:
    canaries.table(story.folder / "reports.csv")
    lines = (story.folder / "reports.csv").read_text(encoding="utf-8").splitlines()
    words = ["solicitante", *canaries.CANARIES["name"]]
    text = "".join(f"{line};{word}\n" for line, word in zip(lines, words, strict=True))
    (story.folder / "reports.csv").write_text(text, encoding="utf-8")
    columns = "id=codigo,patient=prontuario,text=laudo,labels=rotulo,medico=medico,solicitante=solicitante"
    declared = "[policy]\n" + "\n".join(f"{name} = {toml_value(value)}" for name, value in POLICY.items())
    settings = f'encoder = "{encoder}"\nepochs = 5\nlearning_rate = 0.005\nbatches.size = 8\n'
    (story.folder / "bert4text.toml").write_text(
        f'[pretrain]\nencoder = "{encoder}"\nepochs = 1\n[train]\n{settings}[distill]\n{settings}'
        f'{declared}\n[audit]\nfail_on = "never"\n[tune]\ntrials = 2\nfolds = 2\n'
        '[evaluate]\neffort = "quick"\n',
        encoding="utf-8",
    )
    call = story.call
    call("prepare", "prepare", "reports.csv", "--seal", "--columns", columns, "-o", "sealed.parquet", *LOG)
    call("audit", "audit", "sealed.parquet", *LOG)
    (story.folder / "remedies.toml").write_text("[rows]\nset_aside = [1, 2]\n", encoding="utf-8")
    call("mend", "audit", "sealed.parquet", "--apply", "remedies.toml", "-o", "mended.parquet", *LOG)
    call("page", "audit", "sealed.parquet", "--html", "page.html", *LOG)
    call("page-text", "audit", "sealed.parquet", "--html", "no.html", "--show-text")
    call("document", "document", "sealed.parquet", "-o", "sheet.html", *LOG)
    call("deidentify", "deidentify", "sealed.parquet", "-o", "clean.parquet", *LOG)
    call("reidentify", "reidentify", "clean.parquet", "--reason", "opinion", "-o", "named.parquet", *LOG)
    call("seal", "seal", "sealed.parquet", "-o", "again.parquet", *LOG)
    call("pretrain", "pretrain", "sealed.parquet", "-o", "ours", *LOG)
    call("train", "train", "sealed.parquet", "-o", "run", *LOG)
    call("distill", "distill", "run", "sealed.parquet", "-o", "small", *LOG)
    call("tune", "tune", "sealed.parquet", "-o", "tuned.toml", *LOG)
    call("evaluate", "evaluate", "run", "sealed.parquet", *LOG)
    call("predict", "predict", "run", "sealed.parquet", "-o", "answers.parquet", *LOG)
    call("rotate", "keys", "rotate", *LOG)
    call("table", "prepare", "sealed.parquet", "-o", "wrong.parquet", *LOG)
    call("csv", "seal", "sealed.parquet", "-o", "wrong.csv", *LOG)
    other = ("--set", "project.id=other")
    for name, words in {
        "audit": ("audit", "sealed.parquet"),
        "train": ("train", "sealed.parquet", "-o", "none", "--encoder", "tfidf"),
        "evaluate": ("evaluate", "run", "sealed.parquet"),
        "predict": ("predict", "run", "sealed.parquet"),
        "document": ("document", "sealed.parquet"),
        "deidentify": ("deidentify", "sealed.parquet", "-o", "none.parquet"),
        "unseal": ("unseal", "sealed.parquet", "--reason", "x", "-o", "none.parquet"),
    }.items():
        call(f"{name} without keys", *words, *other, *LOG)
    before = canaries.CANARIES["patient"][0].encode()
    destroy = ("keys", "destroy", "--patient", "-", "--raw", "--reason", "request 1", "--yes")
    call("destroy", *destroy, *LOG, stdin=before)
    call("audit-after", "audit", "sealed.parquet", *LOG)
    call("predict-after", "predict", "run", "sealed.parquet", "-o", "answers.parquet", "--overwrite", *LOG)
    call("unseal", "unseal", "again.parquet", "--reason", "registry", "-o", "plain.parquet", *LOG)


DONE = [
    "prepare", "audit", "mend", "page", "document", "deidentify", "reidentify", "seal", "pretrain", "train",
    "distill", "tune", "evaluate", "predict", "rotate", "destroy", "audit-after", "predict-after", "unseal",
]  # fmt: skip


def test_every_verb_did_its_work(story):
    assert {name: story.ended[name] for name in DONE} == dict.fromkeys(DONE, 0), story.shown
    assert story.ended["page-text"] == 5
    assert (story.ended["table"], story.ended["csv"]) == (3, 2)
    assert any("partial" in name for name in story.removed)


def test_without_the_keys_every_verb_says_so(story):
    ended = {name: status for name, status in story.ended.items() if name.endswith("without keys")}
    assert ended == dict.fromkeys(ended, 6)
    assert len(ended) == 7
    for name in ended:
        assert "keys this project does not have: 160" in story.shown[name]
    assert not (story.folder / "none").exists()
    assert not (story.folder / "xdg_config_home/bert4text/keys/other/patient-keys.jsonl").exists()


def test_no_file_holds_text_of_a_sealed_corpus(story):
    files = [path for path in story.folder.rglob("*") if path.is_file()]
    names = {str(path.relative_to(story.folder)): found(content_of(path)) for path in files}
    leaks = {name for name, kinds in names.items() if "name" in kinds} - PLAIN
    assert leaks == set()
    assert "name" in names["plain.parquet"]  # the search finds what is there
    written = {Path(name).name for name in names}
    assert {"sealed.audit.json", "page.html", "sheet.html", "metrics.json", "vocabulary.json"} <= written


def test_no_file_that_was_removed_again_held_text_or_an_id_it_should_not(story):
    leaks = [(name, kinds) for name, kinds in story.leaks if not name.startswith(".plain.parquet.partial")]
    assert leaks == []
    assert list((story.folder / "tmpdir").iterdir()) == []


def test_nothing_shown_holds_a_canary(story):
    shown = {name: found(text.encode("utf-8", "replace")) for name, text in story.shown.items()}
    assert {name: kinds for name, kinds in shown.items() if kinds} == {}


def test_what_was_destroyed_is_left_out_and_counted(story):
    assert "reports left out, whose keys were destroyed: 1" in story.shown["audit-after"]
    answers = content_of(story.folder / "answers.parquet").decode("utf-8", "replace")
    assert "key-destroyed" in answers
    plain = content_of(story.folder / "plain.parquet").lower()
    assert canaries.CANARIES["name"][0].encode() not in plain
    assert canaries.CANARIES["name"][1].encode() in plain
    assert N == 160


def test_the_trail_tells_what_was_done_with_keys_and_names_nobody(story):
    events = read_trail(story.folder / "trail.jsonl")
    actions = [event.action for event in events]
    for action in ("corpus.sealed", "corpus.unsealed", "key.created", "key.rotated", "key.destroyed"):
        assert action in actions, action
    destroyed = next(event for event in events if event.action == "key.destroyed")
    assert destroyed.subject.startswith("p-")
    assert destroyed.details["reason"] == "request 1"
    assert destroyed.details["keys"] == 2  # of the pseudonym, and of the code in the de-identified corpus


def test_what_a_destroyed_patient_had_in_the_deidentified_corpus_is_gone_too(story, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(story.folder / name.lower()))
    monkeypatch.chdir(story.folder)
    story.call("clean-after", "audit", "clean.parquet")
    assert "reports left out, whose keys were destroyed: 1" in story.shown["clean-after"]
    assert run(["keys", "list", "--json"]) == 0
