"""What each command asks of its verb and shows of the answer; the verbs themselves are stood in for."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bert4text.core.basis import Basis, Residue
from bert4text.core.corpus import Corpus
from bert4text.core.errors import AuditFailed, ConfigError, PolicyError
from bert4text.core.evaluation import Comparison, Evaluation, Metric, System
from bert4text.core.issue import Evidence, Issue
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest
from bert4text.core.messages import load
from bert4text.core.prediction import Prediction
from bert4text.inference.predict import Counts
from bert4text.project import Project

LEAK = Issue(
    check="stated-label",
    severity="error",
    code="label-in-section",
    message="the section {section} names the label in {count} of {total} reports",
    values={"section": "conclusion", "count": 541, "total": 569},
    evidence=(Evidence(term="maligno", label="malignant", reports=201, precision=0.99, low=0.96, high=1.0),),
    remedy={"prepare.sections.drop": ["conclusion"]},
)


class Verb:
    """Stands in for a verb: keeps what it was asked, gives what it was told to."""

    def __init__(self, gives: Any) -> None:
        self.gives = gives
        self.asked: tuple[Any, ...] = ()
        self.given: dict[str, Any] = {}

    def __call__(self, *asked: Any, **given: Any) -> Any:
        self.asked, self.given = asked, given
        if isinstance(self.gives, BaseException):
            raise self.gives
        return self.gives

    @property
    def project(self) -> Project:
        return self.given["project"]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], Verb]:
    def put(place: str, gives: Any) -> Verb:
        verb = Verb(gives)
        monkeypatch.setattr(f"bert4text.verbs.{place}", verb)
        return verb

    return put


@pytest.fixture
def prepared(corpus: Corpus) -> Corpus:
    said = [{"code": "dropped", "message": "{count} reports repeat another", "values": {"count": 4}}]
    return corpus.replace(manifest=Manifest(kind="corpus", verb="prepare", notes={"said": said}))


def _evaluation() -> Evaluation:
    figures = [
        Metric(system=system, name="macro_f1", value=value, low=value - 0.05, high=value + 0.05, n=114)
        for system, value in (("model", 0.87), ("tfidf", 0.86), ("majority", 0.4))
    ]
    judged = Comparison(
        a="model",
        b="tfidf",
        metric="macro_f1",
        difference=0.01,
        low=-0.03,
        high=0.05,
        n=114,
        verdict="not-shown-better",
    )
    return Evaluation(
        corpus="sha256:00",
        split="test",
        reports=114,
        labels=("a", "b"),
        systems=tuple(System(name=name) for name in ("model", "tfidf", "majority")),
        metrics=tuple(figures),
        comparisons=(judged,),
        issues=(Issue(check="few", severity="warning", code="few", message="few reports"),),
    )


def test_prepare_hands_on_its_options(bert4text: Any, stand_in: Any, prepared: Corpus) -> None:
    verb = stand_in("data.prepare", prepared)
    ended = bert4text(
        "prepare", "in.csv", "--columns", "id=exame, text=laudo", "--seed", 5,
        "--set", "prepare.split.by=time",        "-o", "out.parquet", "--overwrite",
    )  # fmt: skip
    assert ended.status == 0
    assert verb.asked == (Path("in.csv"),)
    assert verb.given["out"] == Path("out.parquet")
    assert verb.given["overwrite"] is True
    assert verb.project.seed == 5
    section = verb.project.section("prepare")
    assert section.columns == {"id": "exame", "text": "laudo"}
    assert section.split.by == "time"
    assert "4 reports repeat another" in ended.out
    assert "benigno" in ended.out
    assert "next: bert4text audit out.parquet" in ended.err


def test_prepare_with_json_gives_the_summary_alone(bert4text: Any, stand_in: Any, prepared: Corpus) -> None:
    stand_in("data.prepare", prepared)
    ended = bert4text("prepare", "in.csv", "--json")
    assert ended.document == prepared.summary()
    assert ended.err == ""


def test_prepare_without_out_says_that_nothing_was_kept(
    bert4text: Any, stand_in: Any, prepared: Corpus
) -> None:
    stand_in("data.prepare", prepared)
    assert "nothing was written" in bert4text("prepare", "in.csv").err
    assert bert4text("prepare", "in.csv", "-q").err == ""


@pytest.mark.parametrize("columns", ["text", "=laudo", "text=a,,"])
def test_prepare_wants_pairs(bert4text: Any, columns: str) -> None:
    ended = bert4text("prepare", "in.csv", "--columns", columns)
    assert ended.status == 2
    assert "error[bad-columns]" in ended.err


def test_what_a_library_prints_stays_off_stdout(
    bert4text: Any, monkeypatch: pytest.MonkeyPatch, prepared: Corpus
) -> None:
    def noisy(*_: Any, **__: Any) -> Corpus:
        sys.stdout.write("some library's banner\n")
        return prepared

    monkeypatch.setattr("bert4text.verbs.data.prepare", noisy)
    ended = bert4text("prepare", "in.csv", "--json")
    assert ended.document["format"] == "corpus-summary/1"
    assert "banner" in ended.err


@pytest.fixture
def audited(stand_in: Any, corpus: Corpus) -> Callable[..., Verb]:
    def put(*issues: Issue) -> Verb:
        stand_in("opening.open_corpus", (corpus, None))
        return stand_in("data.audit", list(issues))

    return put


def test_audit_that_blocks_ends_with_one(bert4text: Any, audited: Any) -> None:
    audited(LEAK)
    ended = bert4text("audit", "c.parquet")
    assert ended.status == 1
    assert "names the label in 541 of 569 reports" in " ".join(ended.out.split())
    assert "“maligno” → malignant (201 reports, 99% [96%; 100%])" in " ".join(ended.out.split())
    assert 'prepare.sections.drop = ["conclusion"]' in ended.out
    assert ended.err.startswith("error[audit-failed]: the audit stops here: stated-label")
    assert "maligno" not in ended.err


def test_audit_with_json_gives_issues_and_a_problem(bert4text: Any, audited: Any, corpus: Corpus) -> None:
    audited(LEAK)
    ended = bert4text("audit", "c.parquet", "--json")
    assert ended.status == 1
    assert ended.document["format"] == "issues/1"
    assert ended.document["verdict"] == "blocked"
    assert ended.document["corpus"] == f"sha256:{corpus.fingerprint}"
    assert ended.document["items"][0]["values"]["count"] == 541
    assert ended.problem["code"] == "audit-failed"


def test_audit_that_passes(bert4text: Any, audited: Any) -> None:
    audited()
    ended = bert4text("audit", "c.parquet")
    assert (ended.status, ended.out) == (0, "nothing found\n")
    audited(LEAK)
    assert bert4text("audit", "c.parquet", "--set", "audit.fail_on=never").status == 0


def test_synthesize_wants_an_out(bert4text: Any, stand_in: Any, prepared: Corpus) -> None:
    verb = stand_in("data.synthesize", prepared)
    ended = bert4text("synthesize", "cytology", "-n", 12)
    assert ended.status == 2
    assert "error[missing-out]" in ended.err
    assert bert4text("synthesize", "cytology", "-n", 12, "-o", "c.parquet").status == 0
    assert verb.asked == ("cytology",)
    assert verb.given["n"] == 12
    assert bert4text("synthesize", "cytology", "-n", 0, "-o", "c.parquet").status == 2


def _classifier(corpus: Corpus, **notes: Any) -> Any:
    return SimpleNamespace(
        encoder_name="tiny",
        label_space=LabelSpace(task="binary", names=("benigno", "maligno")),
        delivered="model",
        digest="5be0c1d2a3f44e17" * 4,
        info=SimpleNamespace(manifest=SimpleNamespace(notes=notes, legal_basis=None, basis=None)),
    )


def test_train_tells_its_pace(bert4text: Any, stand_in: Any, corpus: Corpus) -> None:
    stand_in("model.train", _classifier(corpus, pace={"tokens_per_second": 3456.7, "share": 0.537}))
    stand_in("opening.open_corpus", (corpus, None))
    stand_in("model.vocabulary_warning", None)
    ended = bert4text("train", "c.parquet", "-o", "runs/a")
    assert "3,457 tokens per second, 54% of what this processor multiplies" in " ".join(ended.out.split())


def test_train_tells_by_what_it_was_decided_who_answers(
    bert4text: Any, stand_in: Any, corpus: Corpus
) -> None:
    figures = {"macro_f1": {"model": 0.5712, "hybrid": 0.6412}, "loss": {"model": 0.4731, "hybrid": 0.3852}}
    stand_in("model.train", _classifier(corpus, decision=figures))
    stand_in("opening.open_corpus", (corpus, None))
    stand_in("model.vocabulary_warning", None)
    shown = " ".join(bert4text("train", "c.parquet", "-o", "runs/a").out.split())
    assert "BERT 0.571, BERT and TF-IDF together 0.641" in shown
    assert "which decides BERT 0.473, BERT and TF-IDF together 0.385" in shown


@pytest.mark.parametrize(("kept", "said"), [(True, "from 1,080 reports, validation"), (False, "not kept")])
def test_train_tells_that_it_learned_twice(
    bert4text: Any, stand_in: Any, corpus: Corpus, kept: bool, said: str
) -> None:
    stand_in("model.train", _classifier(corpus, refit={"reports": 1080, "kept": kept}))
    stand_in("opening.open_corpus", (corpus, None))
    stand_in("model.vocabulary_warning", None)
    shown = " ".join(bert4text("train", "c.parquet", "-o", "runs/a").out.split())
    assert f"second training {said}" in shown


def test_train_hands_on_its_options(bert4text: Any, stand_in: Any, corpus: Corpus) -> None:
    verb = stand_in("model.train", _classifier(corpus))
    stand_in("opening.open_corpus", (corpus, None))
    stand_in("model.vocabulary_warning", LEAK)
    ended = bert4text(
        "train", "c.parquet", "--encoder", "dir/7", "--effort", "quick", "--resume", "-o", "runs/a"
    )
    assert ended.status == 0
    section = verb.project.section("train")
    assert (section.encoder, section.effort, verb.given["resume"]) == ("dir/7", "quick", True)
    assert "tiny" in ended.out
    assert "names the label" in ended.err
    document = bert4text("train", "c.parquet", "-o", "runs/a", "--json").document
    assert document["format"] == "run/1"
    assert document["labels"] == ["benigno", "maligno"]


LACKING = Issue(
    check="policy",
    severity="error",
    code="no-use",
    message="use: {uses}",
    values={"uses": ["care", "research"]},
    remedy={"policy.use": "..."},
)


def test_the_policy_gate_shows_all_that_is_missing_and_what_to_write(bert4text: Any, stand_in: Any) -> None:
    refused = PolicyError(
        "nothing may learn from {real} real reports before this is settled in [policy]:\n{issues!l}",
        hint="write:\n{section}",
        code="policy-gate",
        real=1234,
        issues=[LACKING],
        section='[policy]\nuse = "..."',
    )
    stand_in("model.train", refused)
    ended = bert4text("train", "c.parquet", "-o", "runs/a")
    assert ended.status == 5
    assert ended.err.splitlines() == [
        "error[policy-gate]: nothing may learn from 1234 real reports before this is settled in [policy]:",
        "  - use: care, research",
        "  bert4text train",
        "  write:",
        "[policy]",
        'use = "..."',
    ]
    ended = bert4text("train", "c.parquet", "-o", "runs/a", "--language", "pt-BR")
    assert "  - use: o tipo de uso, care, research" in ended.err.splitlines()
    problem = bert4text("train", "c.parquet", "-o", "runs/a", "--json").problem
    assert (problem["code"], problem["exit"], problem["status"]) == ("policy-gate", 5, 403)
    assert [(item["check"], item["code"]) for item in problem["items"]] == [("policy", "no-use")]


@pytest.mark.parametrize(
    ("real", "cited", "said"),
    [(5, "LGPD, art. 11, II, f", "LGPD, art. 11, II, f"), (0, None, "every report is synthetic")],
)
def test_train_tells_by_what_right(
    bert4text: Any, stand_in: Any, corpus: Corpus, real: int, cited: str | None, said: str
) -> None:
    classifier = _classifier(corpus)
    basis = Basis(residue=Residue(reports=9, real=real))
    classifier.info.manifest.legal_basis, classifier.info.manifest.basis = cited, basis
    stand_in("model.train", classifier)
    stand_in("opening.open_corpus", (corpus, None))
    stand_in("model.vocabulary_warning", None)
    assert said in bert4text("train", "c.parquet", "-o", "runs/a").out


def test_a_policy_can_be_set_word_by_word(bert4text: Any, stand_in: Any, corpus: Corpus) -> None:
    verb = stand_in("model.train", _classifier(corpus))
    stand_in("opening.open_corpus", (corpus, None))
    stand_in("model.vocabulary_warning", None)
    settings = ("policy.law=lgpd", "policy.clause=art. 11, II, c", "policy.accept.by=Ana Lima")
    given = [word for setting in settings for word in ("--set", setting)]
    assert bert4text("train", "c.parquet", *given, "-o", "runs/a").status == 0
    policy = verb.project.section("policy")
    assert (policy.law, policy.clause, policy.accept.by) == ("lgpd", ["art. 11, II, c"], "Ana Lima")


def test_train_refuses_to_work_for_nothing(bert4text: Any, stand_in: Any, corpus: Corpus) -> None:
    verb = stand_in("model.train", _classifier(corpus))
    assert bert4text("train", "c.parquet").status == 2
    assert verb.asked == ()


def test_a_gate_that_stops_training_shows_why(bert4text: Any, stand_in: Any) -> None:
    stand_in("model.train", AuditFailed("the audit stops here", issues=[LEAK]))
    ended = bert4text("train", "c.parquet", "-o", "runs/a")
    assert ended.status == 1
    assert "maligno" in ended.err
    assert ended.out == ""
    problem = bert4text("train", "c.parquet", "-o", "runs/a", "--json").problem
    assert problem["items"][0]["check"] == "stated-label"


def test_evaluate_shows_figures_and_the_verdict(bert4text: Any, stand_in: Any) -> None:
    verb = stand_in("model.evaluate", _evaluation())
    ended = bert4text("evaluate", "runs/a", "c.parquet", "--split", "validation", "--compare", "runs/b")
    assert ended.status == 0
    assert verb.project.section("evaluate").split == "validation"
    assert verb.given["compare"] == Path("runs/b")
    assert verb.given["out"] == Path("runs/a/evaluations/c-validation")
    assert "0.87 [0.82; 0.92]" in ended.out
    assert "BERT is not shown better than TF-IDF on 114 reports." in " ".join(ended.out.split())
    assert "few reports" in ended.out
    assert bert4text("evaluate", "runs/a", "c.parquet", "--json").document["format"] == "evaluation/1"
    bert4text("evaluate", "runs/a", "c.parquet", "-o", "there", "--html", "card.html", "--language", "pt-BR")
    assert (verb.given["out"], verb.given["html"]) == (Path("there"), Path("card.html"))
    assert verb.given["language"] == "pt-BR"


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch, corpus: Corpus, stand_in: Any) -> dict[str, Any]:
    stand_in("opening.open_classifier", _classifier(corpus))
    seen: dict[str, Any] = {}

    def predict(classifier: Any, reports: Any, *, out: Any, **given: Any) -> Counts:
        seen.update(given, reports=reports, out=out)
        if callable(out):
            answer = {
                "id": "A-17",
                "row": 1,
                "label": "maligno",
                "probability": 0.93,
                "probabilities": (0.07, 0.93),
            }
            out([Prediction(**answer), Prediction(id="A-18", row=2, status="failed", reason="no-text")])
        return Counts(rows=2, ok=1, failed=1, reasons={"no-text": 1})

    monkeypatch.setattr("bert4text.verbs.use.predict", predict)
    return seen


def test_predict_without_out_writes_json_lines(bert4text: Any, answering: dict[str, Any]) -> None:
    ended = bert4text("predict", "runs/a", "new.csv", "--json")
    first, second = (json.loads(line) for line in ended.out.splitlines())
    assert first["probabilities"] == {"benigno": 0.07, "maligno": 0.93}
    assert first["row"] == 1
    assert (second["status"], second["reason"]) == ("failed", "no-text")
    assert ended.err == ""
    assert answering["reports"] == Path("new.csv")


def classifier() -> SimpleNamespace:
    """One that learned from reports as they came."""
    return SimpleNamespace(label_space=None, info=SimpleNamespace(manifest=SimpleNamespace(notes={})))


def test_predict_takes_columns(bert4text: Any, monkeypatch: pytest.MonkeyPatch, stand_in: Any) -> None:
    stand_in("opening.open_classifier", classifier())
    verb = stand_in("use.predict", Counts(rows=0, ok=0, failed=0, reasons={}))
    assert bert4text("predict", "runs/a", "new.csv", "--columns", "id=exame,text=laudo").status == 0
    assert verb.project.section("predict").columns == {"id": "exame", "text": "laudo"}


def test_figures_stay_whole_on_a_narrow_screen(
    bert4text: Any, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in("model.evaluate", _evaluation())
    monkeypatch.setenv("COLUMNS", "64")
    shown = bert4text("evaluate", "runs/a", "c.parquet").out
    assert "[0.82; 0.92]" in shown
    assert "0.87 [0.82; 0.92]" not in shown


def test_predict_hands_on_its_precision(bert4text: Any, stand_in: Any) -> None:
    opened = stand_in("opening.open_classifier", classifier())
    verb = stand_in("use.predict", Counts(rows=0, ok=0, failed=0, reasons={}))
    assert bert4text("predict", "runs/a", "new.csv", "--precision", "bfloat16").status == 0
    assert opened.given["precision"] == "bfloat16"
    assert verb.project.section("predict").precision == "bfloat16"
    assert bert4text("predict", "runs/a", "new.csv", "--precision", "int8").status == 2


def test_predict_reads_stdin(bert4text: Any, answering: dict[str, Any], stdin: Any) -> None:
    stdin(b'{"text": "a"}\n')
    assert bert4text("predict", "runs/a").status == 0
    assert isinstance(answering["reports"], io.BytesIO)
    assert answering["reports"].read() == b'{"text": "a"}\n'


def test_predict_into_a_file(bert4text: Any, answering: dict[str, Any]) -> None:
    ended = bert4text("predict", "runs/a", "new.csv", "-o", "p.parquet")
    assert answering["out"] == Path("p.parquet")
    assert "no-text" in ended.out
    document = bert4text("predict", "runs/a", "new.csv", "-o", "p.parquet", "--json").document
    assert document["format"] == "predictions-summary/1"
    assert document["failed"] == 1


def test_predict_tells_its_share_of_what_the_processor_multiplies(
    bert4text: Any, monkeypatch: pytest.MonkeyPatch, corpus: Corpus, stand_in: Any
) -> None:
    stand_in("opening.open_classifier", _classifier(corpus, token_weights=10**9))
    stand_in("use.predict", Counts(rows=2, ok=2, tokens=1000))
    clock = iter([10.0, 20.0])
    monkeypatch.setattr("bert4text.cli.use.time", SimpleNamespace(perf_counter=lambda: next(clock)))
    monkeypatch.setattr("bert4text.inference.peak.multiplied", lambda: 80.0)
    shown = " ".join(bert4text("predict", "runs/a", "new.csv", "-o", "p.parquet").out.split())
    assert "tokens per second 100 " in shown
    assert "of what this processor multiplies in 32 bits 250%" in shown  # 2 x 1e9 x 100 of 80e9 a second


def test_a_setting_of_the_file_is_beaten_by_set_and_set_by_an_option(
    bert4text: Any, stand_in: Any, prepared: Corpus, tmp_path: Path
) -> None:
    verb = stand_in("data.prepare", prepared)
    (tmp_path / "bert4text.toml").write_text(
        '[project]\nseed = 1\nscreen = "pt-BR"\n[policy]\nlegal_basis = "x"\n'
    )
    bert4text("prepare", "in.csv")
    assert verb.project.seed == 1
    assert verb.project.section("policy").legal_basis == "x"
    bert4text("prepare", "in.csv", "--set", "project.seed=2")
    assert verb.project.seed == 2
    bert4text("prepare", "in.csv", "--set", "project.seed=2", "--seed", 3)
    assert verb.project.seed == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["prepare", "x.csv", "--set", "prepare.colums=1"], "unknown-key"),
        (["prepare", "x.csv", "--set", "prepare"], "bad-set"),
        (["prepare", "x.csv", "--project", "nowhere"], "missing-folder"),
        (["prepare", "x.csv", "--language", "xx"], "unknown-language"),
        (["prepare", "x.csv", "--seed", "seven"], "bad-argument"),
        (["prepare", "x.csv", "--colums", "a=b"], "unknown-option"),
        (["audit"], "missing-argument"),
        (["audit", "a", "b"], "extra-argument"),
        (["prepair", "x.csv"], "unknown-command"),
        (["plugins", "nothing"], "unknown-registry"),
        (["encoders", "show", "bertinbau"], "unknown-encoder"),
    ],
)
def test_wrong_arguments(bert4text: Any, arguments: list[str], code: str) -> None:
    ended = bert4text(*arguments)
    assert ended.status == (4 if code == "unknown-encoder" else 2)
    assert ended.out == ""
    assert ended.err.startswith(f"error[{code}]: ")
    assert "Traceback" not in ended.err
    problem = bert4text(*arguments, "--json").problem
    assert (problem["format"], problem["code"]) == ("problem/1", code)


def test_an_option_without_its_value(bert4text: Any) -> None:
    ended = bert4text("train", "c.parquet", "--encoder")
    assert ended.status == 2
    assert ended.err.splitlines()[0] == "error[missing-value]: --encoder wants a value"


def test_a_wrong_word_brings_the_right_one(bert4text: Any) -> None:
    assert "did you mean 'prepare'?" in bert4text("prepair").err
    assert "did you mean --columns?" in bert4text("prepare", "--colums", "x").err
    twice = bert4text("--language", "pt-BR", "prepare", "--colums", "x", "--language", "en")
    assert "did you mean --columns?" in twice.err  # the command's own language goes first


def test_a_name_torn_at_its_spaces_is_told_of_quotation_marks(bert4text: Any) -> None:
    assert "quotation marks" in bert4text("prepare", "my", "reports.csv").err


def test_no_arguments_show_the_help(bert4text: Any) -> None:
    ended = bert4text()
    assert ended.status == 2
    assert "quickstart" in ended.out + ended.err


def test_a_bug_ends_with_seventy_and_keeps_its_words_to_itself(bert4text: Any, stand_in: Any) -> None:
    stand_in("data.prepare", KeyError("MARIA DA SILVA"))
    ended = bert4text("prepare", "in.csv", "-v")
    assert ended.status == 70
    assert "KeyError" in ended.err
    assert "MARIA" not in ended.err
    assert bert4text("prepare", "in.csv", "--json").problem["exit"] == 70


def test_the_log_tells_how_a_command_ended(
    bert4text: Any, stand_in: Any, prepared: Corpus, tmp_path: Path
) -> None:
    stand_in("data.prepare", prepared)
    bert4text("prepare", "in.csv", "--log", "log.jsonl", "-q")
    bert4text("train", "c.parquet", "--log", "log.jsonl")
    ended = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["verb"], line["code"], line["status"]) for line in ended] == [
        ("prepare", "done", 0),
        ("train", "missing-out", 2),
    ]
    assert "in.csv" not in (tmp_path / "log.jsonl").read_text(encoding="utf-8")


def test_ctrl_c_ends_with_130(bert4text: Any, stand_in: Any) -> None:
    stand_in("data.prepare", KeyboardInterrupt())
    ended = bert4text("prepare", "in.csv")
    assert ended.status == 130
    assert ended.err.startswith("error[interrupted]")


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("prepare in.csv --language pt-BR", "pt-BR"),
        ("--language pt-BR prepare in.csv", "pt-BR"),
        ("--language=pt-BR prepare in.csv", "pt-BR"),
        ("--language pt-BR prepare in.csv --language en", "en"),
        ("--language en prepare in.csv", "en"),
        ("prepare in.csv", "pt-BR"),
    ],
)
def test_an_error_is_told_in_the_language_asked(
    bert4text: Any, stand_in: Any, tmp_path: Path, words: str, language: str
) -> None:
    (tmp_path / "bert4text.toml").write_text('[project]\nscreen = "pt-BR"\n')
    said = "--columns wants name=column pairs, with commas between them"
    stand_in("data.prepare", ConfigError(said))
    ended = bert4text(*words.split(), "--project", tmp_path)
    assert ended.status == 2
    assert ended.err.splitlines()[0] == f"error[config]: {load(language)(said)}"
