"""Verbs open sealed corpora where the project has the keys, and seal what they make of them."""

from __future__ import annotations

import json

import pytest

import bert4text
from bert4text.core.errors import ConfigError, MissingExtraError, NotFoundError, PolicyError, StoreError
from bert4text.core.key_sources import key_id
from bert4text.data.read_corpus import read_corpus
from bert4text.data.sealed import is_closed
from bert4text.data.write import write_corpus
from bert4text.project import Project
from bert4text.store.trail import looks, read_trail, record_look
from bert4text.verbs import keys as key_verbs
from bert4text.verbs.opening import open_corpus
from bert4text.verbs.sealing import seal, unseal
from conftest import make_corpus

pytest.importorskip("cryptography")

QUICK = {"audit": {"fail_on": "never"}, "train": {"encoder": "tfidf"}, "evaluate": {"effort": "quick"}}


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path, QUICK)


@pytest.fixture
def plain(tmp_path):
    """A corpus in a file, its path."""
    write_corpus(make_corpus(80), tmp_path / "plain.parquet", overwrite=False)
    return tmp_path / "plain.parquet"


@pytest.fixture
def sealed(plain, project, tmp_path):
    seal(plain, out=tmp_path / "sealed.parquet", project=project)
    return tmp_path / "sealed.parquet"


def table(path, *, rows=24):
    corpus = make_corpus(rows)
    lines = [f"{r.id};{r.source_row};{r.text};{r.labels[0]}" for r in corpus]
    path.write_text("\n".join(["id;patient;text;label", *lines]) + "\n", encoding="utf-8")
    return path


def actions(project):
    return [event.action for event in read_trail(project.trail)]


def test_a_project_that_seals_writes_no_corpus_in_plain(tmp_path):
    project = Project(tmp_path, {**QUICK, "keys": {"seal": True}})
    made = bert4text.prepare(table(tmp_path / "t.csv"), project=project, out=tmp_path / "c.parquet")
    assert made.texts[0]  # what is given back stands open
    assert is_closed(read_corpus(tmp_path / "c.parquet"))
    assert made.fingerprint == read_corpus(tmp_path / "c.parquet").fingerprint
    assert made.manifest.digest == f"sha256:{made.fingerprint}"
    assert made.manifest.notes["keys"] == {"patients": key_id(project.key("patients"))}
    clean = bert4text.deidentify(tmp_path / "c.parquet", project=project, out=tmp_path / "d.parquet")
    assert clean.manifest.notes["keys"] == {"dates": key_id(project.key("dates"))}
    assert is_closed(read_corpus(tmp_path / "d.parquet"))
    assert actions(project).count("corpus.sealed") == 2
    with pytest.raises(ConfigError, match=r"written as \.parquet"):
        bert4text.prepare(tmp_path / "t.csv", project=project, out=tmp_path / "c.csv")
    assert not (tmp_path / "c.csv").exists()
    unwritten = bert4text.prepare(tmp_path / "t.csv", project=project)
    assert unwritten.sealed == 0


def test_what_is_made_of_a_sealed_corpus_is_sealed(sealed, project, tmp_path):
    bert4text.deidentify(sealed, project=project, out=tmp_path / "d.parquet")
    config = {"reason": "opinion"}
    bert4text.reidentify(tmp_path / "d.parquet", config=config, project=project, out=tmp_path / "r.parquet")
    remedies = {"rows": {"set_aside": [1]}}
    bert4text.audit(sealed, apply=remedies, project=project, out=tmp_path / "m.parquet")
    for name in ("d.parquet", "r.parquet", "m.parquet"):
        corpus = read_corpus(tmp_path / name)
        assert is_closed(corpus), name
        assert corpus.sealed == len(corpus), name
        assert corpus.manifest.digest == f"sha256:{corpus.fingerprint}"
        assert open_corpus(corpus, project=project)[0].texts[0]
    before, after = (
        open_corpus(tmp_path / name, project=project)[0] for name in ("sealed.parquet", "r.parquet")
    )
    assert set(before.table["id"].to_pylist()) == set(after.table["id"].to_pylist())


def test_what_cannot_be_written_sealed_is_refused_before_the_work(sealed, project, tmp_path, monkeypatch):
    for name in ("verbs.privacy.deidentify_corpus", "verbs.examined.remedied"):
        monkeypatch.setattr(f"bert4text.{name}", lambda *given, **named: pytest.fail("worked in vain"))
    with pytest.raises(ConfigError, match="written as"):
        bert4text.deidentify(sealed, project=project, out=tmp_path / "d.csv")
    with pytest.raises(ConfigError, match="written as"):
        bert4text.audit(sealed, apply={"rows": {"set_aside": [1]}}, project=project, out=tmp_path / "m.csv")
    monkeypatch.setattr("bert4text.core.seal.available", lambda module: False)
    with pytest.raises(MissingExtraError, match="extra 'seal'"):
        bert4text.deidentify(sealed, project=project, out=tmp_path / "d.parquet")
    assert "text.reidentified" not in actions(project)


def test_sealing_and_opening_for_good_keep_what_is_known_of_the_reports(plain, sealed, project, tmp_path):
    record_look(sealed, model="m", metrics="x")
    with pytest.raises(ConfigError, match="in plain"):
        unseal(sealed, reason=" ", out=tmp_path / "p.parquet", project=project)
    unseal(sealed, reason="registry", out=tmp_path / "p.parquet", project=project)
    again, first = read_corpus(tmp_path / "p.parquet"), read_corpus(plain)
    assert again.table.equals(first.table)
    assert again.fingerprint == first.fingerprint
    assert looks(tmp_path / "p.parquet") == 1
    assert read_corpus(sealed).manifest.notes["same_as"] == [f"sha256:{first.fingerprint}"]
    assert {f"sha256:{first.fingerprint}"} < set(read_corpus(sealed).identities)
    event = read_trail(project.trail)[-1]
    assert (event.action, event.details["reason"]) == ("corpus.unsealed", "registry")


def test_a_corpus_may_be_sealed_in_its_own_place(plain, project):
    record_look(plain, model="m", metrics="x")
    seal(plain, out=plain, project=project, overwrite=True)
    assert is_closed(read_corpus(plain))
    assert looks(plain) == 1


def test_an_audit_is_used_again_until_a_key_is_destroyed(sealed, project, monkeypatch):
    found = bert4text.audit(sealed, project=project)
    assert not [issue for issue in found if issue.check == "sealed"]
    kept = sealed.with_name("sealed.audit.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("bert4text.verbs.examined.examine", lambda *given: pytest.fail("examined again"))
        assert bert4text.audit(sealed, project=project) == found
    assert json.loads(kept)["corpus"] == f"sha256:{read_corpus(sealed).fingerprint}"
    key_verbs.destroy("p-" + "0" * 16, reason="request", project=project)
    found = bert4text.audit(sealed, project=project)
    told = [issue for issue in found if issue.check == "sealed"]
    assert [(issue.severity, issue.code, issue.reports) for issue in told] == [("info", "key-destroyed", 2)]
    assert sealed.with_name("sealed.audit.json").read_bytes() != kept


def test_no_split_that_was_learned_from_is_measured_on_under_another_seal(plain, sealed, project, tmp_path):
    run = tmp_path / "run"
    classifier = bert4text.train(sealed, project=project, out=run)
    parents = {parent.digest for parent in classifier.info.manifest.parents}
    assert parents == {f"sha256:{read_corpus(path).fingerprint}" for path in (plain, sealed)}
    seal(sealed, out=tmp_path / "again.parquet", project=project)
    unseal(sealed, reason="x", out=tmp_path / "open.parquet", project=project)
    key_verbs.destroy("p-" + "0" * 16, reason="request", project=project)
    remedies = {"rows": {"set_aside": [9]}}
    bert4text.audit(sealed, apply=remedies, project=project, out=tmp_path / "m.parquet")
    for name in ("plain", "sealed", "again", "open", "m"):
        with pytest.raises(PolicyError, match="had a part in making"):
            bert4text.evaluate(
                run,
                tmp_path / f"{name}.parquet",
                config={"split": "train", "effort": "quick"},
                project=project,
            )
    found = bert4text.evaluate(run, sealed, project=project)
    assert [issue.code for issue in found.issues if issue.check == "sealed"] == ["key-destroyed"]


def test_predictions_for_a_sealed_corpus_are_those_of_the_open_one(plain, sealed, project, tmp_path):
    run = tmp_path / "run"
    bert4text.train(plain, project=project, out=run)
    expected = bert4text.predict(run, plain, project=project)
    assert bert4text.predict(run, sealed, project=project) == expected
    assert bert4text.predict(run, read_corpus(sealed), project=project) == expected
    out = tmp_path / "p.jsonl"
    bert4text.predict(run, sealed, project=project, out=out)
    key_verbs.destroy("p-" + "0" * 16, reason="request", project=project)
    answers = bert4text.predict(run, sealed, project=project)
    assert [(one.status, one.reason) for one in answers[:2]] == [("failed", "key-destroyed")] * 2
    assert answers[2:] == expected[2:]
    counts = bert4text.predict(run, sealed, project=project, out=out, overwrite=True)
    assert (counts.rows, counts.ok, counts.reasons) == (80, 78, {"key-destroyed": 2})


def test_a_page_never_quotes_sealed_reports(sealed, project, tmp_path):
    with pytest.raises(PolicyError, match="in plain"):
        bert4text.audit(sealed, project=project, html=tmp_path / "a.html", show_text=True)
    assert not (tmp_path / "a.html").exists()


def test_a_new_key_of_pseudonyms_parts_corpora_of_before_and_after_and_both_are_erased(tmp_path):
    project = Project(tmp_path, {**QUICK, "keys": {"seal": True}})
    source = table(tmp_path / "t.csv")
    before = bert4text.prepare(source, project=project, out=tmp_path / "1.parquet")
    changed = key_verbs.rotate("patients", project=project)
    project = Project(tmp_path, project.given)
    after = bert4text.prepare(source, project=project, out=tmp_path / "2.parquet")
    assert set(before.table["patient"].to_pylist()).isdisjoint(after.table["patient"].to_pylist())
    noted = [corpus.manifest.notes["keys"]["patients"] for corpus in (before, after)]
    assert noted == [changed.previous, changed.now]
    done = key_verbs.destroy("1", raw=True, reason="request", project=project)
    assert len(done.names) == 2
    for name in ("1.parquet", "2.parquet"):
        assert open_corpus(tmp_path / name, project=project)[0].unopened == 1
    event = next(event for event in read_trail(project.trail) if event.action == "key.rotated")
    assert (event.subject, event.details) == (
        changed.now, {"name": "patients", "previous": changed.previous, "keys": 0},
    )  # fmt: skip


def test_a_new_master_key_changes_no_corpus(sealed, project):
    content = sealed.read_bytes()
    changed = key_verbs.rotate(project=project)
    assert changed.keys == 40
    assert sealed.read_bytes() == content
    assert open_corpus(sealed, project=project)[0].texts[0]
    assert actions(project)[-1] == "key.rotated"


@pytest.mark.parametrize("name", ["master", "patients"])
def test_there_is_nothing_to_change_in_a_new_project(project, name):
    with pytest.raises(StoreError, match="to change"):
        key_verbs.rotate(name, project=project)


def test_a_key_without_a_use_is_refused(project):
    with pytest.raises(ConfigError, match="there are master, patients, dates"):
        key_verbs.rotate("master-next", project=project)


def test_a_key_of_pseudonyms_in_a_vault_is_changed_there(monkeypatch, tmp_path):
    monkeypatch.setenv("BERT4TEXT_KEY_PATIENTS", "ab" * 32)
    project = Project(tmp_path, {"keys": {"source": "environment"}})
    assert project.pseudonymise("1").startswith("p-")
    with pytest.raises(StoreError, match="comes from environment") as caught:
        key_verbs.rotate("patients", project=project)
    assert "BERT4TEXT_KEY_PATIENTS" in str(caught.value.hint)


def test_what_cannot_be_destroyed_is_refused(sealed, project):
    for given, kind, said in (
        ("p-" + "f" * 16, NotFoundError, "no key of this patient"),
        ("12345678909", ConfigError, "no pseudonym"),
        ("p-" + "0" * 15, ConfigError, "no pseudonym"),
    ):
        with pytest.raises(kind, match=said) as caught:
            key_verbs.destroy(given, reason="request", project=project)
        assert given not in f"{caught.value}{caught.value.hint}{caught.value.values}"
    with pytest.raises(ConfigError, match="says why"):
        key_verbs.destroy("p-" + "0" * 16, reason=" ", project=project)
    assert "key.destroyed" not in actions(project)


def test_a_destroyed_key_is_no_error_the_second_time(sealed, project):
    first = key_verbs.destroy("p-" + "0" * 16, reason="request", project=project)
    second = key_verbs.destroy("p-" + "0" * 16, reason="request", project=project)
    assert (first.names, list(second.before), second.names) == (("p-" + "0" * 16,), ["p-" + "0" * 16], ())
    assert actions(project).count("key.destroyed") == 1


def test_the_codes_of_a_person_are_erased_with_the_pseudonym_and_the_other_way(sealed, project, tmp_path):
    bert4text.deidentify(sealed, project=project, out=tmp_path / "d.parquet")
    codes = project.codes.of("patient", ["p-" + "0" * 16, "p-" + "0" * 15 + "1"])
    one, other = codes.values()
    assert key_verbs.destroy("p-" + "0" * 16, reason="x", project=project).names == ("p-" + "0" * 16, one)
    done = key_verbs.destroy(other, reason="x", project=project)
    assert done.names == (other, "p-" + "0" * 15 + "1")
    for path in (sealed, tmp_path / "d.parquet"):
        assert open_corpus(path, project=project)[0].unopened == 4


def test_the_list_of_keys_holds_no_key(sealed, project):
    project.key("patients")
    key_verbs.rotate("patients", project=project)
    found = key_verbs.list_keys(project)
    names = [item["name"] for item in found["items"]]
    assert names == ["master", "patients", "dates", "patients-1"]
    assert found["items"][0]["id"] == found["patients"]["master"] == key_id(project.key("master"))
    assert found["items"][2]["id"] is None
    assert not project.keys.path("dates").exists()
    for path in project.keys.folder.glob("*.key"):
        assert path.read_text().strip() not in json.dumps(found)
    project.keys.path("master").chmod(0o644)
    assert key_verbs.list_keys(project)["items"][0]["problem"] == "open-key"


def test_where_keys_come_from_is_written_into_no_run(sealed, tmp_path):
    keys = {"source": "command", "command": ["vault", "{name}"], "seal": True}
    project = Project(tmp_path, {**QUICK, "keys": keys})
    assert "vault" not in project.toml()
    assert "[keys]" not in project.toml()
    with pytest.raises(StoreError, match="the command vault gives no key"):
        bert4text.audit(sealed, project=project)


def test_similar_reports_are_named_by_their_rows_in_the_sealed_file(sealed, plain, project, tmp_path):
    classifier = bert4text.train(plain, project=project)
    key_verbs.destroy("p-" + "0" * 16, reason="request", project=project)
    settings = {"faithfulness": False, "units": ["sentence"], "similar": {"count": 3}}
    (found,) = bert4text.explain(
        classifier, ["Nódulo irregular."], similar=sealed, config=settings, project=project
    )
    reports = list(make_corpus(80))  # as they lie in the file
    assert found.similar.compared == sum(report.split == "train" for report in reports) - 2
    assert len(found.similar.nearest) == 3
    assert all(reports[one.row - 1].id == one.id for one in found.similar.nearest)
    elsewhere = Project(tmp_path, {"keys": {"source": "command", "command": ["vault", "{name}"]}})
    with pytest.raises(StoreError, match="gives no key"):
        bert4text.explain(classifier, ["Nódulo irregular."], similar=sealed, project=elsewhere)
