"""Canaries - 300 identifiers of real shape, 640 of letters - go through every verb; none turns up elsewhere.

A canary of letters is hidden by no masking of digits; a CPF, a number of the health card, a phone, an e-mail
address and the number of a record are as they would be, the first two with valid digits. Each stands in one
report only: in its text, or in a column beside it. What may hold canaries is listed in ``OWN``; every other
file, also one that is removed again, and everything shown is searched for each of them.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bert4text.cli.main import run
from bert4text.core.prediction import Prediction
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.privacy.check_digits import kind_by_digits
from conftest import DECLARED, make_corpus

N = 160
SHAPED = 60
LETTERS = "bcdfghjklmnpqrstvwxz"
TELLING = {"benigno": "oval circunscrito lisos ", "maligno": "irregular espiculado distorção "}

LOG = ("-v", "--log", "run.log")
WRONG = (
    "no-text.csv", "ragged.csv", "unclosed.csv", "broken.jsonl", "binary.csv", "broken.parquet", "latin.csv",
)  # fmt: skip

TEXT = {"name", "cpf", "cns", "phone", "e-mail", "record"}
OWN = {
    "corpus.parquet": {"id", "doctor", *TEXT},
    "told.parquet": {"id", "doctor", *TEXT},
    "clean.parquet": {"name"},
    "clean.csv": {"name"},
    "wrong.csv": {"name"},
    "codes.jsonl": {"id"},
    "named.parquet": {"id", "name"},
    "answers.parquet": {"id"},
    "answers.csv": {"id"},
    "answers.jsonl": {"id"},
    "blind.jsonl": {"id"},
    "why.jsonl": {"id"},
    "worst.jsonl": {"id"},
    "why.html": TEXT,
    "alike.jsonl": {"id"},
    "alike.html": TEXT,
    "predictions.parquet": {"id"},
}
"""Which canaries the user's own data files hold: texts, ids, attributes as given; a patient's number nowhere.

A de-identified corpus or table holds no id and no identifier of any shape; its texts may hold names that
nothing told of (here, in small letters). None at all hold manifests, metrics, pages, logs, the trail, models,
encoders, exports and settings.
"""


def letters(kind: str) -> list[str]:
    random = rng(1, f"tests.canaries.{kind}")
    return ["".join(random.choice(list(LETTERS), size=12)) for _ in range(N)]


def shaped(kind: str, length: int) -> list[str]:
    """Numbers of one kind, with their check digits and as people write them."""
    random = rng(1, f"tests.canaries.{kind}")
    made: dict[str, None] = {}
    while len(made) < SHAPED:
        digits = "".join(map(str, random.integers(1, 10, size=length)))
        if kind == "cpf":
            sums = [sum((len(digits) - 1 - i) * int(d) for i, d in enumerate(digits[:9]))]
            first = 0 if sums[0] * 10 % 11 == 10 else sums[0] * 10 % 11
            second = sum((11 - i) * int(d) for i, d in enumerate(digits[:9])) + 2 * first
            digits = f"{digits[:9]}{first}{0 if second * 10 % 11 == 10 else second * 10 % 11}"
            assert kind_by_digits(digits) == "cpf"
        elif kind == "cns" and kind_by_digits("7" + digits[1:]) != "cns":
            continue
        made["7" + digits[1:] if kind == "cns" else digits] = None
    return list(made)


def written(kind: str, digits: str) -> str:
    """A number as it stands in a report."""
    if kind == "cpf":
        return f"CPF {digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"
    if kind == "cns":
        return f"CNS {digits[:3]} {digits[3:7]} {digits[7:11]} {digits[11:]}"
    if kind == "phone":
        return f"tel. ({digits[:2]}) 9{digits[3:7]}-{digits[7:]}"
    return f"prontuário {digits}" if kind == "record" else f"e-mail {digits}@exemplo.com.br"


LENGTHS = {"cpf": 11, "cns": 15, "phone": 11, "record": 10}
NUMBERS = {kind: shaped(kind, length) for kind, length in LENGTHS.items()}
NUMBERS["phone"] = [f"{digits[:2]}9{digits[3:]}" for digits in NUMBERS["phone"]]
CANARIES = {kind: letters(kind) for kind in ("id", "patient", "name", "doctor")}
CANARIES |= {"e-mail": letters("e-mail")[:SHAPED], **NUMBERS}
KIND_OF = {word.encode(): kind for kind, words in CANARIES.items() for word in words}


def found(content: bytes, *, but: set[str] = frozenset()) -> list[str]:
    """The kinds of canary in some bytes, in any case and in the encodings a file may have."""
    shown = content.lower()
    kinds = {
        kind for part in (shown, shown[::2], shown[1::2]) for kind in _told(part)
    }  # UTF-16 is every second
    return [kind for kind in CANARIES if kind in kinds - but]


def _told(shown: bytes) -> Iterator[str]:
    for each in re.findall(rb"[a-z]{12,}", shown):
        for place in range(len(each) - 11):
            if kind := KIND_OF.get(each[place : place + 12]):
                yield kind
    for each in re.findall(rb"\d(?:[ ./()-]{0,2}\d){9,}", shown):
        digits = re.sub(rb"\D", b"", each)
        for length in (10, 11, 15):
            for place in range(len(digits) - length + 1):
                if kind := KIND_OF.get(digits[place : place + length]):
                    yield kind


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
        out, err, before = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO(), sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        try:
            with redirect_stdout(out), redirect_stderr(err):
                self.ended[name] = run([*arguments])
        finally:
            sys.stdin = before
        out.flush()
        self.shown[name] = out.buffer.getvalue().decode() + err.getvalue()

    def look(self, path: Path) -> None:
        """Search a file that is about to go."""
        path = self.folder / path
        if path.is_file() and path.is_relative_to(self.folder):
            self.removed.append(path.name)
            kinds = found(content_of(path), but=belongs(path))
            if kinds:
                self.leaks.append((path.name, kinds))


HEADER = "codigo;prontuario;laudo;rotulo;medico\n"


def table(path: Path, *, rows: Iterable[int] = range(N), header: str = HEADER, told: bool = False) -> None:
    """Reports full of canaries; with ``told`` each says its label too."""
    corpus = make_corpus(N)
    lines = []
    for place in rows:
        label, text = corpus.labels[place], corpus.texts[place]
        name = CANARIES["name"][place]
        said = f"{3 * TELLING[label]} {text} {name} Dra. {name.capitalize()}" + f" Conclusão: {label}." * told
        if place < SHAPED:
            kinds = ("cpf", "cns", "phone", "e-mail", "record")
            said += " " + ", ".join(written(kind, CANARIES[kind][place]) for kind in kinds) + "."
        cells = (CANARIES["id"][place], CANARIES["patient"][place], said, label, CANARIES["doctor"][place])
        lines.append(";".join(cells) + "\n")
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
    columns = "id=codigo,patient=prontuario,text=laudo,labels=rotulo,medico=medico"
    train = ("--set", "train.epochs=5", "--set", "train.learning_rate=0.005", "--set", "train.batches.size=8")
    gate = ("--set", "audit.fail_on=never", *DECLARED)
    own = (*train, *gate, "--set", "train.calibration.deliver=model")
    story.call("prepare", "prepare", "reports.csv", "--columns", columns, "-o", "corpus.parquet", *LOG)
    story.call("prepare-json", "prepare", "reports.csv", "--columns", columns, "--json", *LOG)
    story.call("deidentify", "deidentify", "corpus.parquet", "-o", "clean.parquet", *LOG)
    story.call(
        "deidentify-json", "deidentify", "corpus.parquet", "-o", "clean.parquet", "--overwrite", "--json"
    )
    story.call(
        "reidentify", "reidentify", "clean.parquet", "--reason", "opinion 12", "-o", "named.parquet", *LOG
    )
    whose = ("--columns", "id=codigo,patient=prontuario,text=laudo,labels=rotulo")
    story.call("table", "deidentify", "reports.csv", *whose, "-o", "clean.csv", *LOG)
    given = (story.folder / "reports.csv").read_bytes()
    story.call("pipe", "deidentify", "-", "--format", "csv", *whose, stdin=given)
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
    story.call("train", "train", "corpus.parquet", "-o", "run", "--encoder", encoder, *own, *LOG)
    pretrain = ("--set", "pretrain.epochs=1", "--set", "pretrain.window=32", "--encoder", encoder)
    story.call("pretrain", "pretrain", "corpus.parquet", "-o", "ours", *pretrain, *DECLARED, *LOG)
    export = ("export", "run", "corpus.parquet", "-o", "onnx", "--set", "export.agreement=0.1")
    story.call("export", *export, *LOG)
    few = ("--set", "tune.trials=2", "--set", "tune.folds=2", "--set", f"train.encoder={encoder}")
    story.call("tune", "tune", "corpus.parquet", "-o", "tuned.toml", *few, *train, *gate, *LOG)
    distill = tuple(word.replace("train.", "distill.") for word in train)
    student = ("distill", "run", "corpus.parquet", "-o", "student", "--encoder", encoder)
    story.call("distill", *student, *distill, *gate, *LOG)
    story.call("tfidf", "train", "corpus.parquet", "-o", "tfidf", "--encoder", "tfidf", *gate, "--json")
    blind = ("train", "clean.parquet", "-o", "blind", "--encoder", "tfidf", *gate)
    story.call("blind", *blind, *LOG)
    measured = ("evaluate", "run", "corpus.parquet", "--set", "evaluate.effort=quick")
    story.call("evaluate", *measured, "-o", "measured", "--compare", "tfidf", "--html", "card.html", *LOG)
    story.call("evaluate-json", *measured, "--language", "pt-BR", "--json")
    anew = ("calibrate", "run", "corpus.parquet", "-o", "anew", *DECLARED)
    story.call("calibrate", *anew, *LOG)
    story.call("calibrate-json", *anew, "--overwrite", "--language", "pt-BR", "--json")
    columns = ("--set", "predict.columns.id=codigo", "--set", "predict.columns.text=laudo")
    for name in ("answers.parquet", "answers.csv", "answers.jsonl"):
        story.call(name, "predict", "run", "reports.csv", "-o", name, *columns, *LOG)
    entered = ("predict", "blind", "reports.csv", "--deidentify", "-o", "blind.jsonl")
    story.call("blind.jsonl", *entered, *columns, *LOG)
    why = ("explain", "tfidf", "reports.csv", "--columns", "id=codigo,text=laudo", "--id")
    story.call("explain", *why, CANARIES["id"][0], "-o", "why.jsonl", "--html", "why.html", *LOG)
    alike = ("--similar", "corpus.parquet", "--set", "explain.faithfulness=false")
    story.call("alike", *why, CANARIES["id"][0], *alike, "-o", "alike.jsonl", "--html", "alike.html", *LOG)
    drivers = ("explain", "tfidf", "corpus.parquet", "--global", "--set", "explain.split=train")
    few = ("--set", "explain.reports=40", "--set", "explain.draws=1")
    story.call("stress", "stress", "tfidf", "corpus.parquet", "-o", "stressed", "--html", "weak.html", *LOG)
    story.call("drivers", *drivers, *few, "-o", "drivers.json", "--html", "drivers.html", *LOG)
    story.call("explain missing", *why, CANARIES["id"][1][::-1], "-v")
    story.call("synthesize", "synthesize", "founding", "-n", "30", "-o", "made.parquet", *LOG)


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
        story.call(f"deidentify {name}", "deidentify", name, "-o", "wrong.csv", "--overwrite", *columns, "-v")
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
    "table",
    "pipe",
    "pretrain",
    "export",
    "blind",
    "blind.jsonl",
    "synthesize",
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
    "calibrate",
    "calibrate-json",
    "tfidf",
    "evaluate",
    "evaluate-json",
    "answers.parquet",
    "answers.csv",
    "answers.jsonl",
    "explain",
    "alike",
    "stress",
    "drivers",
]


def test_the_search_finds_what_is_there(story):
    assert len(KIND_OF) == 4 * N + 5 * SHAPED
    for kind, words in CANARIES.items():
        for word in words:
            assert found(f"... {word.upper()} ...".encode()) == [kind]
        assert found(words[7].encode("utf-16-le")) == [kind]
        assert found(f"x{written(kind, words[7])}y".encode()) == [kind]
        assert found(words[7].encode(), but={kind}) == []
    assert set(found(content_of(story.folder / "reports.csv"))) == CANARIES.keys()
    assert set(found(content_of(story.folder / "corpus.parquet"))) == {"id", "doctor", *TEXT}
    for name in ("answers.parquet", "answers.csv", "answers.jsonl"):
        assert found(content_of(story.folder / name)) == ["id"], name


def test_a_deidentified_corpus_holds_no_id_and_no_name_that_a_title_tells_of(story):
    for name in ("clean.parquet", "clean.csv"):
        content = content_of(story.folder / name)
        assert found(content) == ["name"]  # those in small letters, of which nothing tells
        assert not any(f"Dra. {word.capitalize()}".encode() in content for word in CANARIES["name"])
        assert content.count(b"Dra. [PROFISSIONAL]") >= N
    assert story.shown["pipe"].count("Dra. [PROFISSIONAL]") == N


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
    assert wrong["explain missing"] == 3
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
    own["pipe"] = {"name"}  # the table itself, as clean.csv
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
