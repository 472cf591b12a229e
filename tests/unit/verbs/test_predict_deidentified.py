"""``predict`` de-identifies on entry as the model's own reports were, or says that it should."""

from __future__ import annotations

import warnings

import pyarrow.parquet as pq
import pytest

import bert4text
from bert4text.core.keys import keys_folder
from bert4text.core.manifest import Manifest
from bert4text.data.normalize import normalize
from bert4text.data.write import write_corpus
from bert4text.inference.predict import Counts
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.verbs.cut import reading_of
from bert4text.verbs.entry import lacks_names
from conftest import make_corpus

TFIDF = {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}}
SAYS = "Paciente: Iara Krenak, exame de 12/03/2024. CONCLUSÃO: nódulo. "
TABLE = "codigo,laudo\nA-17,Paciente: Iara Krenak. Nódulo oval em 12/03/2024.\nA-18,Nódulo irregular.\n"
COLUMNS = {"columns": {"id": "codigo", "text": "laudo"}}


def named(n=200):
    corpus = make_corpus(n)
    reading = {"sections": {"keep": [], "drop": ["conclusion"], "mask": []}}
    manifest = Manifest(kind="corpus", verb="prepare", config=reading)
    return corpus.map_text(lambda text: normalize(SAYS + text)).replace(manifest=manifest)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A model of de-identified reports and one of reports as they came, with the project that made both."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "keys"))
        clean = bert4text.deidentify(named(), config={"actions": {"patient": "mask"}})
        project = Project(folder, TFIDF)
        bert4text.train(clean, project=project, out=folder / "clean")
        bert4text.train(named(), project=project, out=folder / "raw")
    return folder


class Watched:
    """A classifier that keeps what it is shown."""

    def __init__(self, classifier):
        self._classifier = classifier
        self.seen = []

    def __getattr__(self, name):
        return getattr(self._classifier, name)

    def predict(self, reports):
        self.seen += [report.text for report in reports]
        return self._classifier.predict(reports)


def table(folder):
    path = folder / "new.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_the_model_knows_what_it_learned_under(runs):
    notes = Classifier.load(runs / "clean").info.manifest.notes
    assert notes["deidentified"]["policy"] == "lgpd"
    assert notes["deidentified"]["actions"] == {"patient": "mask"}
    assert "found" not in notes["deidentified"]
    assert "deidentified" not in Classifier.load(runs / "raw").info.manifest.notes


def test_what_was_cut_before_is_cut_still(runs):
    clean = bert4text.deidentify(named())
    assert reading_of(clean) == reading_of(named())
    assert Classifier.load(runs / "clean").info.manifest.notes["reading"]["sections"]["drop"] == [
        "conclusion"
    ]


def test_reports_are_seen_under_the_model_s_policy_and_answered_under_their_own_ids(runs, tmp_path):
    watched = Watched(Classifier.load(runs / "clean"))
    config = {**COLUMNS, "deidentify": True}
    found = bert4text.predict(watched, table(tmp_path), config=config)
    assert watched.seen == ["Paciente: **** ******. Nódulo oval em [DATA].", "Nódulo irregular."]
    assert [(each.id, each.row, each.status) for each in found] == [("A-17", 1, "ok"), ("A-18", 2, "ok")]


def test_no_key_is_made_for_predictions_and_one_that_is_there_is_used(runs, tmp_path):
    classifier = Classifier.load(runs / "clean")
    config = {**COLUMNS, "deidentify": True}
    bert4text.predict(classifier, table(tmp_path), config=config)
    assert not (keys_folder() / "dates.key").exists()
    Project().key("dates")
    watched = Watched(classifier)
    bert4text.predict(watched, table(tmp_path), config=config)
    assert "[DATA]" not in watched.seen[0]
    assert "12/03/2024" not in watched.seen[0]


def test_raw_reports_are_warned_of_until_somebody_says_what_they_are(runs, tmp_path):
    path = table(tmp_path)
    with pytest.warns(UserWarning, match="learned from de-identified"):
        bert4text.predict(runs / "clean", path, config=COLUMNS)
    clean = bert4text.deidentify(named(20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bert4text.predict(runs / "clean", path, config={**COLUMNS, "deidentify": False})
        bert4text.predict(runs / "clean", path, config={**COLUMNS, "deidentify": True})
        bert4text.predict(runs / "clean", clean)
        write_corpus(clean, tmp_path / "c.parquet", overwrite=False)
        bert4text.predict(runs / "clean", tmp_path / "c.parquet")
        bert4text.predict(runs / "raw", path, config=COLUMNS)


def test_the_project_s_policy_holds_where_the_model_has_none(runs, tmp_path):
    watched = Watched(Classifier.load(runs / "raw"))
    project = Project(given={"deidentify": {"policy": "hipaa-safe-harbor"}})
    bert4text.predict(watched, table(tmp_path), config={**COLUMNS, "deidentify": True}, project=project)
    assert watched.seen[0] == "Paciente: [NOME]. Nódulo oval em 2024."


def test_a_file_says_nothing_of_names_and_the_trail_says_the_policy(runs, tmp_path):
    project = Project(tmp_path, {"predict": {**COLUMNS, "deidentify": True}})
    counts = bert4text.predict(runs / "clean", table(tmp_path), project=project, out=tmp_path / "o.parquet")
    assert isinstance(counts, Counts)
    assert pq.read_table(tmp_path / "o.parquet")["id"].to_pylist() == ["A-17", "A-18"]
    assert read_trail(project.trail)[-1].details["deidentified"] == "lgpd"


def test_given_names_that_are_missing_here_are_noticed(runs, monkeypatch):
    assert not lacks_names(Classifier.load(runs / "clean"))
    monkeypatch.setattr("bert4text.verbs.entry.census", frozenset)
    assert lacks_names(Classifier.load(runs / "clean"))
    assert not lacks_names(Classifier.load(runs / "raw"))


def test_other_processes_show_the_same(runs, tmp_path):
    seen = []
    for workers in (1, 2):
        watched = Watched(Classifier.load(runs / "clean"))
        project = Project(given={"deidentify": {"workers": workers}})
        bert4text.predict(watched, table(tmp_path), config={**COLUMNS, "deidentify": True}, project=project)
        seen.append(watched.seen)
    assert seen[0] == seen[1]
