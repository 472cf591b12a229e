"""480 canaries - ids, patients, names - go through every verb; none turns up where it has no business.

A canary is of letters only, so that no masking of digits hides it, and stands in one report only. What may
hold canaries is listed in ``OWN``; every other file, also one that is removed again, and everything shown is
searched for each of them.
"""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bert4text.cli.main import run
from bert4text.core.prediction import Prediction
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from conftest import DECLARED, make_corpus

N = 160
LETTERS = "bcdfghjklmnpqrstvwxz"
TELLING = {"benigno": "oval circunscrito lisos ", "maligno": "irregular espiculado distorção "}

LOG = ("-v", "--log", "run.log")
WRONG = (
    "no-text.csv", "ragged.csv", "unclosed.csv", "broken.jsonl", "binary.csv", "broken.parquet", "latin.csv",
)  # fmt: skip

OWN = {
    "corpus.parquet": {"id", "name"},
    "told.parquet": {"id", "name"},
    "clean.parquet": {"name"},
    "codes.jsonl": {"id"},
    "named.parquet": {"id", "name"},
    "answers.parquet": {"id"},
    "answers.csv": {"id"},
    "answers.jsonl": {"id"},
    "predictions.parquet": {"id"},
}
"""Which canaries the user's own data files hold: texts and ids, as given; a patient's number nowhere.

A de-identified corpus holds no id; its texts may hold names that nothing told of (here, in small letters).
"""


def canaries(kind: str) -> list[str]:
    random = rng(1, f"tests.canaries.{kind}")
    return ["".join(random.choice(list(LETTERS), size=12)) for _ in range(N)]


CANARIES = {kind: canaries(kind) for kind in ("id", "patient", "name")}


def found(content: bytes, *, but: set[str] = frozenset()) -> list[str]:
    """The kinds of canary in some bytes, in any case and in the encodings a file may have."""
    kinds = []
    for kind, words in CANARIES.items():
        for encoding in ("utf-8", "utf-16-le"):
            shown = content.lower()
            if kind not in but and any(word.encode(encoding) in shown for word in words):
                kinds.append(kind)
    return kinds


def content_of(path: Path) -> bytes:
    """The bytes of a file; of Parquet, which compresses, what it holds."""
    raw = path.read_bytes()
    if raw[:4] == b"PAR1" and raw[-4:] == b"PAR1":
        table = pq.read_table(io.BytesIO(raw))
        return raw + repr((table.to_pylist(), table.schema.metadata)).encode("utf-8", "replace")
    return raw


def belongs(path: Path) -> set[str]:
    """Which canaries a file may hold, its partials and kept units included."""
    for part in path.parts:
        for name, kinds in OWN.items():
            if part == name or part.startswith((f".{name}.partial-", f".{name}.units-")):
                return kinds
    return set()


@dataclass
class Story:
    """What was shown and what was found while the verbs ran."""

    folder: Path
    ended: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    leaks: list[tuple[str, list[str]]] = field(default_factory=list)

    def call(self, name: str, *arguments: str, stdin: bytes = b"") -> None:
        """Run a command in this process and keep all that it shows."""
        out, err, before = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        try:
            with redirect_stdout(out), redirect_stderr(err):
                self.ended[name] = run([*arguments])
        finally:
            sys.stdin = before
        self.shown[name] = out.getvalue() + err.getvalue()

    def look(self, path: Path) -> None:
        """Search a file that is about to go."""
        path = self.folder / path
        if path.is_file() and path.is_relative_to(self.folder):
            self.removed.append(path.name)
            kinds = found(content_of(path), but=belongs(path))
            if kinds:
                self.leaks.append((path.name, kinds))


HEADER = "codigo;prontuario;laudo;rotulo\n"


def table(path: Path, *, rows: Iterable[int] = range(N), header: str = HEADER, told: bool = False) -> None:
    """Reports full of canaries; with ``told`` each says its label too."""
    corpus = make_corpus(N)
    lines = []
    for place in rows:
        label, text = corpus.labels[place], corpus.texts[place]
        name = CANARIES["name"][place]
        said = f"{3 * TELLING[label]} {text} {name} Dra. {name.capitalize()}" + f" Conclusão: {label}." * told
        lines.append(f"{CANARIES['id'][place]};{CANARIES['patient'][place]};{said};{label}\n")
    path.write_text(header + "".join(lines), encoding="utf-8")


def watch(story: Story, patch: pytest.MonkeyPatch) -> None:
    """See every file before it is removed or replaced."""

    def watched(original, places):
        def call(path, *rest, **options):
            for place in (path, *rest[: places - 1]):
                if isinstance(place, str | os.PathLike):
                    target = Path(place)
                    for file in [target, *(target.rglob("*") if target.is_dir() else ())]:
                        story.look(file)
            return original(path, *rest, **options)

        return call

    for module, name, places in [
        (os, "unlink", 1),
        (os, "remove", 1),
        (os, "rename", 2),
        (os, "replace", 2),
        (shutil, "rmtree", 1),
    ]:
        patch.setattr(module, name, watched(getattr(module, name), places))


@pytest.fixture(scope="module")
def story(tmp_path_factory, _tiny_encoder):
    """The whole of the main job on reports full of canaries, and what goes wrong with such reports."""
    folder = tmp_path_factory.mktemp("canaries")
    told = Story(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"):
            (folder / name.lower()).mkdir()
            patch.setenv(name, str(folder / name.lower()))
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setattr("tempfile.tempdir", None)
        patch.chdir(folder)
        watch(told, patch)
        work(told, encoder=str(_tiny_encoder))
        go_wrong(told)
        break_inside(told, patch)
    logging.getLogger("bert4text").handlers.clear()
    return told


def work(story: Story, *, encoder: str) -> None:
    table(story.folder / "reports.csv")
    table(story.folder / "told.csv", told=True)
    columns = "id=codigo,patient=prontuario,text=laudo,labels=rotulo"
    train = ("--set", "train.epochs=5", "--set", "train.learning_rate=0.005", "--set", "train.batches.size=8")
    gate = ("--set", "audit.fail_on=never", *DECLARED)
    story.call("prepare", "prepare", "reports.csv", "--columns", columns, "-o", "corpus.parquet", *LOG)
    story.call("prepare-json", "prepare", "reports.csv", "--columns", columns, "--json", *LOG)
    story.call("deidentify", "deidentify", "corpus.parquet", "-o", "clean.parquet", *LOG)
    story.call(
        "deidentify-json", "deidentify", "corpus.parquet", "-o", "clean.parquet", "--overwrite", "--json"
    )
    story.call(
        "reidentify", "reidentify", "clean.parquet", "--reason", "opinion 12", "-o", "named.parquet", *LOG
    )
    story.call("audit", "audit", "corpus.parquet", *LOG)
    story.call("audit-json", "audit", "corpus.parquet", "--json")
    story.call("document", "document", "corpus.parquet", "-o", "sheet.html", *LOG)
    story.call("document-json", "document", "corpus.parquet", "--language", "pt-BR", "--json")
    story.call("prepare-told", "prepare", "told.csv", "--columns", columns, "-o", "told.parquet", *LOG)
    story.call("audit-told", "audit", "told.parquet", *LOG)
    stopped = ("train", "told.parquet", "-o", "stopped", "--encoder", "tfidf")
    story.call("policy", *stopped, *LOG)
    story.call("policy-json", *stopped, "--language", "pt-BR", "--json")
    story.call("gate", *stopped, *DECLARED, *LOG)
    story.call("gate-json", *stopped, *DECLARED, "--json")
    story.call("train", "train", "corpus.parquet", "-o", "run", "--encoder", encoder, *train, *gate, *LOG)
    few = ("--set", "tune.trials=2", "--set", "tune.folds=2", "--set", f"train.encoder={encoder}")
    story.call("tune", "tune", "corpus.parquet", "-o", "tuned.toml", *few, *train, *gate, *LOG)
    distill = tuple(word.replace("train.", "distill.") for word in train)
    student = ("distill", "run", "corpus.parquet", "-o", "student", "--encoder", encoder)
    story.call("distill", *student, *distill, *gate, *LOG)
    story.call("tfidf", "train", "corpus.parquet", "-o", "tfidf", "--encoder", "tfidf", *gate, "--json")
    measured = ("evaluate", "run", "corpus.parquet", "--set", "evaluate.effort=quick")
    story.call("evaluate", *measured, "-o", "measured", "--compare", "tfidf", "--html", "card.html", *LOG)
    story.call("evaluate-json", *measured, "--language", "pt-BR", "--json")
    columns = ("--set", "predict.columns.id=codigo", "--set", "predict.columns.text=laudo")
    for name in ("answers.parquet", "answers.csv", "answers.jsonl"):
        story.call(name, "predict", "run", "reports.csv", "-o", name, *columns, *LOG)


def go_wrong(story: Story) -> None:
    """Bad input whose errors could quote it."""
    folder, columns = story.folder, ("--columns", "id=codigo,patient=prontuario,text=laudo,labels=rotulo")
    words = CANARIES["id"][0], CANARIES["patient"][0], CANARIES["name"][0]
    table(folder / "no-text.csv", rows=range(9), header="codigo;prontuario;texto livre;rotulo\n")
    table(
        folder / "one-class.csv",
        rows=[i for i, label in enumerate(make_corpus(N).labels) if label == "benigno"],
    )
    table(folder / "twice.csv", rows=[0, 0, 1, 2, 3])
    said = {
        "ragged.csv": HEADER + f"{';'.join(words)};x;;;\n" * 9,
        "unclosed.csv": f'{HEADER}{words[0]};{words[1]};"{words[2]};a\n',
        "broken.jsonl": f'{{"id": "{words[0]}", "text": "{words[2]}\n' * 3,
        "broken.parquet": "PAR1" + " ".join(words) * 9 + "PAR1",
        "latin.csv": HEADER + f"{';'.join(words)};\ufffe\x00\n" * 9,
    }
    for name, content in said.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "binary.csv").write_bytes(b"\x00\xff\xfe" + " ".join(words).encode("utf-16-le") * 20)
    for name in (*WRONG, "one-class.csv", "twice.csv"):
        story.call(
            f"prepare {name}", "prepare", name, *columns, "-o", "wrong.parquet", "-v", "--log", "run.log"
        )
    for name in WRONG:
        story.call(f"predict {name}", "predict", "run", name, "-v", "--set", "predict.columns.text=laudo")
    story.call("audit no corpus", "audit", "reports.csv")
    story.call("evaluate no corpus", "evaluate", "run", "broken.parquet")
    story.call("evaluate again", "evaluate", "run", "corpus.parquet", "--split", "train")
    (folder / "bad.toml").mkdir()
    (folder / "bad.toml" / "bert4text.toml").write_text(f'[train]\nencoder = "{words[2]}', encoding="utf-8")
    story.call("bad settings", "audit", "corpus.parquet", "--project", "bad.toml", "-v")


def break_inside(story: Story, patch: pytest.MonkeyPatch) -> None:
    """A bug deep inside, whose message quotes a report."""

    def bug(*arguments, **options):
        raise RuntimeError(" ".join(words[5] for words in CANARIES.values()))

    patch.setattr("bert4text.data.prepare.prepare", bug)
    for extra in ((), LOG, ("--json",)):
        story.call(f"bug {' '.join(extra)}", "prepare", "reports.csv", "-o", "wrong.parquet", *extra)


SUCCEED = [
    "prepare",
    "prepare-told",
    "prepare-json",
    "deidentify",
    "deidentify-json",
    "reidentify",
    "document",
    "document-json",
    "train",
    "tune",
    "distill",
    "tfidf",
    "evaluate",
    "evaluate-json",
    "answers.parquet",
    "answers.csv",
    "answers.jsonl",
]


def test_the_search_finds_what_is_there(story):
    assert sum(len(set(words)) for words in CANARIES.values()) == 3 * N
    for kind, words in CANARIES.items():
        assert found(f"... {words[7].upper()} ...".encode()) == [kind]
        assert found(words[7].encode("utf-16-le")) == [kind]
    assert found(content_of(story.folder / "reports.csv")) == ["id", "patient", "name"]
    assert set(found(content_of(story.folder / "corpus.parquet"))) == {"id", "name"}
    for name in ("answers.parquet", "answers.csv", "answers.jsonl"):
        assert found(content_of(story.folder / name)) == ["id"], name


def test_a_deidentified_corpus_holds_no_id_and_no_name_that_a_title_tells_of(story):
    content = content_of(story.folder / "clean.parquet")
    assert found(content) == ["name"]  # those in small letters, of which nothing tells
    assert not any(f"Dra. {word.capitalize()}".encode() in content for word in CANARIES["name"])
    assert content.count(b"Dra. [PROFISSIONAL]") >= N


def test_the_search_sees_a_file_that_goes(tmp_path):
    story = Story(tmp_path)
    (tmp_path / "leak.tmp").write_text(CANARIES["name"][3], encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        watch(story, patch)
        Path("leak.tmp").rename("other.tmp")
        shutil.rmtree(tmp_path)
    assert {name for name, kinds in story.leaks if kinds == ["name"]} == {"leak.tmp", "other.tmp"}


def test_the_verbs_did_their_work(story):
    assert {name: story.ended[name] for name in SUCCEED} == dict.fromkeys(SUCCEED, 0), story.shown
    assert story.ended["audit-told"] == story.ended["gate"] == story.ended["gate-json"] == 1
    assert story.ended["policy"] == story.ended["policy-json"] == 5
    assert "stated-label" in story.shown["audit-told"]
    assert len(story.shown["prepare"].splitlines()) > 3
    assert any("partial" in name for name in story.removed)
    assert {"trials.jsonl", "steps.jsonl"} <= set(story.removed)
    assert {"card.html", "run.log", "run", "measured"} <= {path.name for path in story.folder.iterdir()}


def test_what_goes_wrong_is_told(story):
    wrong = story.ended
    for name in ("no-text.csv", "broken.jsonl", "binary.csv", "broken.parquet", "one-class.csv", "twice.csv"):
        assert wrong[f"prepare {name}"] == 3, name
    for name in ("no-text.csv", "broken.jsonl", "binary.csv", "broken.parquet"):
        assert wrong[f"predict {name}"] == 3, name
    assert wrong["audit no corpus"] == 3
    assert wrong["bad settings"] == 2
    assert story.ended["evaluate again"] == 5
    assert {story.ended[name] for name in story.ended if name.startswith("bug")} == {70}


def test_nothing_shown_holds_a_canary(story):
    own = {f"predict {name}": {"id"} for name in WRONG}  # predictions of what could be read carry their ids
    shown = {
        name: found(text.encode("utf-8", "replace"), but=own.get(name, set()))
        for name, text in story.shown.items()
    }
    assert {name: kinds for name, kinds in shown.items() if kinds} == {}


def test_no_file_holds_a_canary_but_the_users_own_data(story):
    given = {"reports.csv", "told.csv", "one-class.csv", "twice.csv", "bert4text.toml", *WRONG}
    files = [path for path in story.folder.rglob("*") if path.is_file() and path.name not in given]
    leaks = {
        str(path.relative_to(story.folder)): kinds
        for path in files
        if (kinds := found(content_of(path), but=belongs(path)))
    }
    assert leaks == {}
    names = {path.name for path in files}
    written = {
        "manifest.json",
        "trail.jsonl",
        "steps.jsonl",
        "scorecard.html",
        "metrics.json",
        "vocabulary.json",
    }
    assert written <= names


def test_no_canary_is_left_in_a_name_or_in_a_temporary_file(story):
    assert story.leaks == []
    names = [str(path.relative_to(story.folder)) for path in story.folder.rglob("*")]
    assert found("\n".join([*names, *story.removed]).encode()) == []
    assert list((story.folder / "tmpdir").iterdir()) == []
    assert [name for name in names if "partial" in name or ".units-" in name] == []


def test_no_noun_shows_a_canary(story):
    from bert4text import Classifier
    from bert4text.data.read import read_batches
    from bert4text.data.read_corpus import read_corpus

    corpus = read_corpus(story.folder / "corpus.parquet")
    classifier = Classifier.load(story.folder / "tfidf")
    reports = list(corpus)[:5]
    rows = next(read_batches(story.folder / "reports.csv", columns={"id": "codigo"}))
    nouns = [
        corpus,
        corpus.manifest,
        corpus.summary(),
        classifier,
        *reports,
        *classifier.predict(reports),
        *rows,
    ]
    assert isinstance(reports[0], Report)
    assert isinstance(nouns[-len(rows) - 1], Prediction)
    assert found(json.dumps([f"{noun!r} {noun!s}" for noun in nouns], ensure_ascii=False).encode()) == []
