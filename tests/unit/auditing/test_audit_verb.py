from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from bert4text.auditing.audit import audit
from bert4text.auditing.checks import CHECKS
from bert4text.auditing.config import AuditConfig
from bert4text.core.corpus import Corpus
from bert4text.core.errors import AuditFailed, ConfigError
from bert4text.core.issue import RANK, gate
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.core.sections import without_sections
from bert4text.core.seeds import rng
from bert4text.synthesis.synthesize import synthesize as make
from conftest import make_corpus


@cache
def synthesize(generator, *, language="pt-BR", seed):
    return make(generator, language=language, seed=seed)


def run(corpus, *, seed=7, **config):
    return audit(corpus, AuditConfig(**config), seed=seed)


def errors(issues):
    return sorted({(issue.check, issue.code) for issue in issues if issue.severity == "error"})


def planted(corpus, sentence, *, label="maligno", share=0.9, elsewhere=0.0, seed=5):
    """The corpus with a sentence put before or behind the text of some reports."""
    random = rng(seed, "tests.planted")
    texts = [
        sentence(text) if random.random() < (share if own == label else elsewhere) else text
        for text, own in zip(corpus.texts, corpus.labels, strict=True)
    ]
    return corpus.with_column("text", texts)


def scattered(word, seed=11):
    random = rng(seed, "tests.scattered")

    def put(text):
        words = text.split(" ")
        words.insert(int(random.integers(len(words) + 1)), word)
        return " ".join(words)

    return put


@pytest.mark.parametrize(
    ("language", "words"), [("pt-BR", {"benigno", "maligno"}), ("en", {"benign", "malignant"})]
)
def test_the_founding_recipe_is_blocked_with_the_words_that_carry_the_label(language, words):
    corpus = synthesize("founding", language=language, seed=7)
    found = run(corpus)
    assert errors(found) == [("sections", "section-carries-label"), ("stated-label", "label-in-section")]
    (issue,) = [issue for issue in found if issue.check == "stated-label"]
    assert {e.term for e in issue.evidence} == words
    assert all(0.9 < e.precision < 1 and e.low < e.precision < e.high for e in issue.evidence)
    assert issue.remedy == {"prepare.sections.drop": ["conclusion"]}
    with pytest.raises(AuditFailed):
        gate(found, fail_on="error")
    mended = corpus.map_text(lambda text: without_sections(text, {"conclusion"}))
    assert errors(run(mended)) == []


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("seed", [1, 2, 7])
def test_honest_cytology_passes_and_its_evidence_is_listed(language, seed):
    found = run(synthesize("cytology", language=language, seed=seed), seed=seed)
    assert errors(found) == []
    (evidence,) = [issue for issue in found if issue.code == "finding"]
    assert evidence.severity == "info"
    assert max(e.precision for e in evidence.evidence) > 0.85
    gate(found, fail_on="error")


@pytest.mark.parametrize("signal", [True, False])
@pytest.mark.parametrize("seed", range(1, 5))
def test_short_corpora_with_and_without_signal_pass(signal, seed):
    assert errors(run(make_corpus(160, signal=signal, seed=seed), seed=seed)) == []


def test_three_classes_with_signal_pass():
    corpus = make_corpus(240, labels=("grupo_um", "grupo_dois", "grupo_tres"))
    assert errors(run(corpus)) == []


@pytest.mark.parametrize("n", [120, 300])
def test_one_planted_word_is_found(n):
    found = run(planted(make_corpus(n), scattered("xyzzy")))
    assert errors(found) == [("shortcut", "word")]
    (issue,) = [issue for issue in found if issue.check == "shortcut" and issue.severity == "error"]
    assert [e.term for e in issue.evidence] == ["xyzzy"]
    assert issue.evidence[0].label == "maligno"
    asked = [e.term for issue in found if issue.code == "unknown-word" for e in issue.evidence]
    assert "xyzzy" not in asked  # what stops the training is not asked about as well


def test_a_planted_word_of_medium_strength_is_asked_about():
    corpus = synthesize("cytology", seed=3)
    found = run(planted(corpus, scattered("xyzzy"), share=0.3, elsewhere=0.03))
    assert errors(found) == []
    (asked,) = [issue for issue in found if issue.code == "unknown-word"]
    assert "xyzzy" in {e.term for e in asked.evidence}
    declared = run(planted(corpus, scattered("xyzzy"), share=0.3, elsewhere=0.03), artefacts=["xyzzy"])
    assert ("shortcut", "artefact") in errors(declared)
    known = run(planted(corpus, scattered("xyzzy")), findings=["xyzzy"])
    assert errors(known) == []


@pytest.mark.parametrize(
    ("sentence", "check"),
    [
        (lambda text: f"{text} Aspecto maligno.", ("stated-label", "label-in-text")),
        (lambda text: f"{text} Conclusão: carcinoma.", ("stated-label", "label-in-section")),
        (lambda text: f"{text} BI-RADS 5.", ("stated-label", "label-in-text")),
        (lambda text: f"{text} Recomenda-se biópsia.", ("stated-conduct", "conduct-in-text")),
        (lambda text: f"{text}\nConduta: controle em 6 meses.", ("stated-conduct", "conduct-in-section")),
        (lambda text: f"{text} Dr. Aurelino Bastos", ("shortcut", "doctor")),
        (lambda text: f"Sra. Conceição. {text}", ("shortcut", "title")),
        (lambda text: f"Impresso em 12/03/2021. {text}", ("shortcut", "date")),
        (lambda text: f"Protocolo 45{len(text):04d}. {text}", ("shortcut", "number")),
        (lambda text: f"{text} Adendo: revisto.", ("shortcut", "heading")),
        (lambda text: f"Documento do terceiro posto. {text}", ("shortcut", "template")),
    ],
)
@pytest.mark.parametrize(("share", "elsewhere"), [(0.9, 0.0), (0.3, 0.03)])
def test_planted_faults_are_found_and_named(sentence, check, share, elsewhere):
    corpus = synthesize("cytology", seed=3)
    found = run(planted(corpus, sentence, share=share, elsewhere=elsewhere))
    assert check in errors(found)
    assert corpus.labels.count("maligno") > max(
        issue.reports or 0 for issue in found if (issue.check, issue.code) == check
    ) - 30 * (elsewhere > 0)


def test_denied_malignity_is_a_statement_of_the_other_class_where_it_predicts_it():
    corpus = synthesize("cytology", seed=3)
    predicts = planted(corpus, lambda text: f"{text} Sem sinais de malignidade.", label="benigno")
    issue = next(issue for issue in run(predicts) if issue.check == "stated-label")
    assert [(e.kind, e.label) for e in issue.evidence] == [("denied", "benigno")]
    everywhere = corpus.map_text(lambda text: f"{text} Sem sinais de malignidade.")
    assert errors(run(everywhere)) == []


def test_statements_in_the_indication_are_for_the_user_to_judge():
    corpus = planted(
        synthesize("cytology", seed=3), lambda text: f"Indicação: carcinoma prévio. Achados: {text}"
    )
    found = run(corpus)
    stated = [issue for issue in found if issue.check == "stated-label"]
    assert [(issue.severity, issue.code) for issue in stated] == [("warning", "label-context")]


def test_a_word_of_everyone_is_no_leak():
    corpus = synthesize("cytology", seed=3)
    for sentence in (
        "Nódulo maligno ou benigno?",
        "Recomenda-se biópsia.",
        "Dr. Aurelino Bastos",
        "BI-RADS 4.",
    ):
        assert errors(run(corpus.map_text(lambda text, end=sentence: f"{text} {end}"))) == []


def test_names_of_persons_are_never_shown():
    corpus = planted(synthesize("cytology", seed=3), lambda text: f"{text} Dr. Aurelino Bastos")
    for issue in run(corpus):
        shown = issue.model_dump_json().casefold()
        assert "aurelino" not in shown
        assert "bastos" not in shown


@pytest.mark.parametrize("ending", ["\nAurelino Bastos\nCRM-SP 123456", " Aurelino Bastos."])
def test_names_without_a_title_are_found_and_not_shown(ending):
    corpus = planted(synthesize("cytology", seed=3), lambda text: text + ending)
    found = run(corpus)
    assert ("shortcut", "doctor") in errors(found)
    for issue in found:
        assert "aurelino" not in issue.model_dump_json().casefold()
        assert "bastos" not in issue.model_dump_json().casefold()


def test_the_same_words_with_another_number_in_each_class():
    names = {"benigno": "BIRADS_2", "maligno": "BIRADS_4"}
    reports = [
        report.model_copy(
            update={
                "labels": (names[report.labels[0]],),
                "text": f"{report.text} BI-RADS US: {names[report.labels[0]][-1]}.",
            }
        )
        for report in synthesize("cytology", seed=3)
    ]
    space = LabelSpace(task="multiclass", names=tuple(names.values()))
    found = run(Corpus.from_reports(reports, space, language="pt-BR"))
    assert errors(found) == [("stated-label", "label-in-text")]


@pytest.mark.parametrize("word", ["q", "zq7x", "vide verso"])
def test_letters_figures_and_pairs_that_give_the_label_away(word):
    corpus = synthesize("cytology", seed=3)
    apart = planted(corpus, lambda text: f"{word.split()[-1]} {text}", label="benigno")
    corpus = planted(apart if " " in word else corpus, lambda text: f"{word} {text}")
    corpus = corpus.map_text(lambda text: f"{text} {word.split()[0]}, fim." if " " in word else text)
    issue = next(issue for issue in run(corpus) if issue.code == "word")
    assert "".join("#" if sign.isdigit() else sign for sign in word) in {e.term for e in issue.evidence}


def test_a_rare_statement_counts_once_however_many_of_its_words_tell():
    corpus = make_corpus(600, signal=False)
    own = [i for i, label in enumerate(corpus.labels) if label == "maligno"]
    texts = corpus.texts
    for i in own[: round(0.04 * len(own))]:
        texts[i] += " aspecto maligno."
    found = run(corpus.with_column("text", texts))
    assert errors(found) == []


def test_a_name_of_another_label_is_no_statement_of_this_one():
    random = rng(4, "tests.strangers")
    labels = [("urologia", "nefrologia", "pediatria")[i % 3] for i in range(300)]
    texts = [
        f"texto {random.integers(99)} comum" + (" urologia" if label == "nefrologia" and i % 2 else "")
        for i, label in enumerate(labels)
    ]
    reports = [
        Report(id=str(i), text=text, labels=(label,), source_row=i + 1)
        for i, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]
    space = LabelSpace(task="multiclass", names=("urologia", "nefrologia", "pediatria"))
    stated = [one for one in run(Corpus.from_reports(reports, space)) if one.check == "stated-label"]
    assert [one.severity for one in stated] == ["warning"]


def test_words_are_shown_as_the_reports_write_them():
    (issue,) = [issue for issue in run(synthesize("cytology", seed=3)) if issue.code == "finding"]
    terms = {one.term for one in issue.evidence}
    assert "homogênea" in terms
    assert "homogenea" not in terms


def test_a_site_and_an_author_that_give_the_label_away():
    corpus = make_corpus(200, signal=False)
    corpus = corpus.with_column("site", ["norte" if label == "maligno" else "sul" for label in corpus.labels])
    issue = next(issue for issue in run(corpus) if issue.code == "site")
    assert issue.severity == "error"
    assert issue.remedy == {"prepare.split.by": "site"}
    corpus = make_corpus(200, signal=False)
    attributes = [[("scanner", "A"), ("sex", label)] for label in corpus.labels]
    assert errors(run(corpus.with_column("attributes", attributes))) == []
    attributes = [[("scanner", label)] for label in corpus.labels]
    assert errors(run(corpus.with_column("attributes", attributes))) == [("shortcut", "site")]


def test_length_alone():
    corpus = make_corpus(300, signal=False)
    longer = planted(corpus, lambda text: text + " " + text, share=1.0)
    issue = next(issue for issue in run(longer) if issue.code == "length")
    assert issue.values["low"] > 0.2
    assert not [issue for issue in run(corpus) if issue.code == "length"]


def test_rare_words_are_not_shown():
    corpus = make_corpus(200, signal=False)
    texts = corpus.texts
    first = [i for i, label in enumerate(corpus.labels) if label == "maligno"][:3]
    for i in first:
        texts[i] += " qwertyuiop"
    for issue in run(corpus.with_column("text", texts)):
        assert "qwertyuiop" not in issue.model_dump_json()


def test_accepted_checks_are_run_marked_and_do_not_block():
    corpus = synthesize("founding", seed=7)
    found = run(corpus, accept=["stated-label", "sections"])
    (issue,) = [issue for issue in found if issue.check == "stated-label"]
    assert issue.accepted
    assert issue.severity == "error"
    assert not any(other.accepted for other in found if other.check not in {"stated-label", "sections"})
    gate(found, fail_on="error")


def test_unknown_names_in_the_settings_are_refused():
    with pytest.raises(ConfigError, match="stated-lable") as caught:
        run(make_corpus(20), accept=["stated-lable"])
    assert caught.value.hint == "did you mean 'stated-label'?"
    with pytest.raises(ConfigError, match="malino"):
        run(make_corpus(20), words={"malino": ["x"]})


def test_the_users_words_state_the_label():
    corpus = planted(make_corpus(200, signal=False), lambda text: f"{text} perfil vermelho.")
    found = run(corpus, words={"maligno": ["perfil vermelho"]})
    assert ("stated-label", "label-in-text") in errors(found)


def test_gravest_first_and_the_same_twice():
    corpus = synthesize("founding", seed=7)
    first, second = run(corpus), run(corpus)
    assert first == second
    ranks = [RANK[issue.severity] for issue in first]
    assert ranks == sorted(ranks, reverse=True)


def test_a_sample_is_read_and_said_to_be():
    found = run(make_corpus(300), sample=100)
    (issue,) = [issue for issue in found if issue.code == "sampled"]
    assert (issue.values["count"], issue.values["total"]) == (100, 300)


def test_several_labels_of_one_report():
    random = np.random.default_rng(3)
    reports = []
    for i in range(240):
        labels = tuple(name for name in ("derrame", "nodulo", "fratura") if random.random() < 0.4)
        body = " ".join(random.choice(["mama", "oval", "focal", "densidade", "pele"], size=8))
        reports.append(Report(id=str(i), text=f"{body} {i % 9}", labels=labels, source_row=i + 1))
    space = LabelSpace(task="multilabel", names=("derrame", "nodulo", "fratura"))
    corpus = Corpus.from_reports(reports, space)
    assert errors(run(corpus)) == []
    texts = [
        text + (" derrame" if "derrame" in (labels or ()) else "")
        for text, labels in zip(corpus.texts, corpus.table["labels"].to_pylist(), strict=True)
    ]
    assert ("stated-label", "label-in-text") in errors(run(corpus.with_column("text", texts)))
    assert errors(run(corpus.with_column("text", texts), findings=["derrame"])) == []


def test_an_empty_corpus_does_not_raise():
    assert [issue.code for issue in run(Corpus.from_reports([], None))] == ["no-labels"]


def test_every_check_has_a_name_a_user_can_accept():
    issues = run(synthesize("founding", seed=7), accept=CHECKS.names())
    assert {issue.check for issue in issues if not issue.accepted} == {"honest-score"}


def renumbered(corpus, numbers):
    return corpus.with_column("id", [f"A-{number:06d}" for number in numbers])


def test_numbers_of_ids_that_come_by_class_are_a_warning():
    corpus = make_corpus(240, signal=False)
    order = np.argsort([label == "maligno" for label in corpus.labels], kind="stable")
    by_class = np.empty(240, dtype=int)
    by_class[order] = np.arange(240)
    (issue,) = [issue for issue in run(renumbered(corpus, by_class)) if issue.code == "id-range"]
    assert (issue.check, issue.severity) == ("shortcut", "warning")
    assert issue.values["low"] > 0.6
    assert "A-" not in str(issue.model_dump())
    mixed = np.random.default_rng(0).permutation(240)
    assert not [issue for issue in run(renumbered(corpus, mixed)) if issue.code == "id-range"]
    unnumbered = corpus.with_column(
        "id", [f"{number:x}z".replace("0", "g") + "q" * number for number in range(240)]
    )
    assert not [issue for issue in run(unnumbered) if issue.code == "id-range"]


def test_who_read_the_report_is_tried_like_a_site():
    corpus = make_corpus(240, signal=False)
    readers = [[("leitor", "um" if label == "maligno" else "outro")] for label in corpus.labels]
    (found,) = [issue for issue in run(corpus.with_column("attributes", readers)) if issue.code == "doctor"]
    assert found.severity == "error"
    assert {one.term for one in found.evidence} == {"U.", "O."}
    same = run(corpus.with_column("attributes", [[("leitor", "um")]] * 240))
    assert not [issue for issue in same if issue.code == "doctor"]


def test_an_address_of_a_person_is_told_and_neither_shown_nor_proposed():
    made = make_corpus(240, signal=False)
    mail = "Contato: fulanodetal@exemplo.com"
    found = run(planted(made, lambda text: f"{text.rstrip('.')}.\n{mail}", share=0.9, elsewhere=0.0))
    (told,) = [issue for issue in found if issue.code == "contact"]
    assert (told.severity, [one.term for one in told.evidence]) == ("error", ["F."])
    assert "fulano" not in str([issue.model_dump() for issue in found])


def test_words_too_rare_to_be_shown_are_told_by_the_name_of_their_kind():
    corpus = make_corpus(240, signal=False)
    words = ["maligna", "malignas", "malignos", "malignidade", "malignização", "maligníssimo"]
    places = [i for i, label in enumerate(corpus.labels) if label == "maligno"][: 4 * len(words)]
    texts = list(corpus.texts)
    for i, place in enumerate(places):
        texts[place] = f"{texts[place].rstrip('.')}. Aspecto {words[i % len(words)]}."
    found = run(corpus.with_column("text", texts))
    (stated,) = [issue for issue in found if issue.check == "stated-label"]
    assert [one.term for one in stated.evidence] == ["maligno"]


def test_headings_of_a_few_reports_warn_and_those_of_many_block():
    made = make_corpus(240, signal=False)
    for share, severity in ((0.08, "warning"), (0.4, "error")):
        found = run(planted(made, lambda text: f"{text} Adendo: revisto.", share=share, elsewhere=0.0))
        assert [issue.severity for issue in found if issue.code == "heading"] == [severity]


def test_the_places_where_the_label_stands_are_named():
    made = make_corpus(240, signal=False)
    texts = [
        f"Achados: {text.rstrip('.')}. Aspecto {label}.\nNota: caso {label}.\nConclusão: {label}."
        for text, label in zip(made.texts, made.labels, strict=True)
    ]
    found = run(made.with_column("text", texts))
    (stated,) = [issue for issue in found if issue.check == "stated-label" and issue.severity == "error"]
    assert sorted(stated.values["places"]) == ["conclusion 240", "findings 240", "note 240"]
    assert stated.remedy == {"prepare.sentences.drop": ["stated-label"]}


def test_a_sentence_amid_others_that_tells_of_no_finding_warns_and_blocks_where_it_is_perfect():
    made = make_corpus(240, signal=False)

    def amid(text):
        return f"Nódulo oval. Documento do terceiro posto. {text}"

    for share, severity in ((0.3, "warning"), (0.9, "error")):
        found = run(planted(made, amid, share=share, elsewhere=0.0))
        (told,) = [issue for issue in found if issue.code == "sentence"]
        assert (told.severity, told.evidence[0].term) == (severity, "documento do terceiro posto")
    assert told.remedy == {"prepare.sentences.drop": ["documento do terceiro posto"]}


def test_a_last_sentence_that_stands_amid_others_too_is_no_template():
    made = make_corpus(240, signal=False)
    texts = [
        f"{text} Sem mais detalhe." if label == "maligno" and i % 2 else f"Oval. Sem mais detalhe. {text}"
        for i, (text, label) in enumerate(zip(made.texts, made.labels, strict=True))
    ]
    assert not [issue for issue in run(made.with_column("text", texts)) if issue.code == "template"]


def test_any_column_of_few_values_is_tried_and_told_at_most():
    corpus = make_corpus(240, signal=False)
    rows = [[("cor", "um tom" if label == "maligno" else "outro")] for label in corpus.labels]
    (found,) = [issue for issue in run(corpus.with_column("attributes", rows)) if issue.code == "attribute"]
    assert (found.check, found.severity) == ("shortcut", "info")
    assert {one.term for one in found.evidence} == {"cor", "cor: outro"}
    drugs = [[("medicamento", label)] for label in corpus.labels]
    found = run(corpus.with_column("attributes", drugs))
    assert {issue.code for issue in found if issue.check == "shortcut"} == {"attribute"}
    many = [[("cor", f"{label} {i}")] for i, label in enumerate(corpus.labels)]
    assert not [issue for issue in run(corpus.with_column("attributes", many)) if issue.code == "attribute"]
