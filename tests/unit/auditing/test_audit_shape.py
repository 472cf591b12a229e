from __future__ import annotations

import numpy as np
import pytest

from bert4text.auditing.checks import Context
from bert4text.auditing.config import AuditConfig
from bert4text.auditing.endings import ended, limit_of, torn_off
from bert4text.auditing.exams import check_exam_type, exam_of, shown
from bert4text.auditing.language import check_language
from bert4text.auditing.shape import check_shape, debris, empty_findings, in_capitals
from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold
from bert4text.core.labels import LabelSpace
from bert4text.core.lexicon import lexicon
from bert4text.core.report import Report
from bert4text.core.sections import find_sections

SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))
SENTENCES = (
    "Mamas de densidade heterogênea.",
    "Nódulo oval, circunscrito, de 8 mm, no quadrante superior da mama direita.",
    "Sem distorção da arquitetura e sem retração da pele.",
    "Linfonodos axilares de aspecto habitual, com hilo preservado.",
    "Calcificações vasculares esparsas na mama esquerda.",
    "Papila e aréola sem alterações.",
)
ENGLISH = (
    "The breasts are heterogeneously dense, which may obscure small masses. There is no architectural "
    "distortion, and the axillary lymph nodes are normal in size and shape."
)


def text(i):
    random = np.random.default_rng(i)
    return " ".join(random.permutation(SENTENCES)[: 3 + i % 4]) + f" Imagem {i}."


def corpus_of(texts, *, language="pt-BR", space=SPACE, labels=None):
    reports = [
        Report(
            id=str(i),
            text=one,
            labels=(space.names[i % 2] if labels is None else labels[i],),
            source_row=i + 1,
        )
        for i, one in enumerate(texts)
    ]
    return Corpus.from_reports(reports, space, language=language)


def run(check, texts, **values):
    corpus = corpus_of(texts, **values)
    return {issue.code: issue for issue in check(corpus, Context(corpus, AuditConfig(), seed=7))}


# language


def test_reports_in_another_language():
    texts = [ENGLISH if i in {3, 5} else text(i) for i in range(60)]
    issue = run(check_language, texts)["other-language"]
    assert (issue.severity, issue.rows) == ("info", (4, 6))
    assert issue.values == {"count": 2, "total": 60, "language": "pt", "languages": ["en"]}
    assert run(check_language, [text(i) for i in range(60)]) == {}


def test_another_language_is_a_warning_in_many_reports_or_in_a_class():
    assert run(check_language, [ENGLISH] * 3 + [text(i) for i in range(57)])["other-language"].severity == (
        "warning"
    )
    rare = ["maligno" if i < 20 else "benigno" for i in range(400)]
    texts = [ENGLISH if i < 10 else text(i) for i in range(400)]
    assert run(check_language, texts, labels=rare)["other-language"].severity == "warning"
    assert run(check_language, texts)["other-language"].severity == "info"


def test_the_language_of_a_short_report_is_not_judged():
    assert run(check_language, ["The breasts are dense."] + [text(i) for i in range(30)]) == {}


def test_a_corpus_without_a_language():
    mixed = [ENGLISH if i % 2 else text(i) for i in range(60)]
    issue = run(check_language, mixed, language=None)["several-languages"]
    assert (issue.severity, issue.values["languages"]) == ("warning", ["en 30", "pt 27"])  # three are short
    german = "Die Mammographie zeigt keine Auffälligkeiten, und die Lymphknoten sind nicht vergrößert. " * 3
    found = run(check_language, [german] * 20, language=None)
    assert {code: one.severity for code, one in found.items()} == {"unread-language": "info"}
    assert run(check_language, [german] * 5, language=None) == {}


# kinds of exam


def exam(report):
    return exam_of(fold(report), find_sections(report))


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ("MAMOGRAFIA DIGITAL BILATERAL\nMamas densas.", "mammography"),
        ("TOMOGRAFIA COMPUTADORIZADA DO TÓRAX. Técnica: ...", "computed-tomography"),
        ("Tomografia por emissão de pósitrons de corpo inteiro.", "nuclear-medicine"),
        ("ULTRASSONOGRAFIA DAS MAMAS", "ultrasound"),
        ("Resonancia magnética de mama con contraste.", "magnetic-resonance"),
        ("Chest X-ray, two views.", "radiograph"),
        ("Nome: X\nExame: Rx de tórax\nPulmões livres.", "radiograph"),
        ("Biópsia guiada por ultrassonografia.", "histopathology"),
        ("PAAF de nódulo guiada por ecografia.", "cytology"),
        ("Mamas densas.\nTécnica: ecocardiograma com Doppler.", "echocardiogram"),
        ("Nódulo descrito em tomografia anterior, sem mudança.", None),
        ("Indicação: nódulo em mamografia.\nMamas densas.", None),
        ("Comparado com a mamografia de 2020, sem mudança.", None),
        ("Núcleos pequenos de contornos lisos.", None),
        ("", None),
    ],
)
def test_the_kind_of_exam_a_report_names_as_its_own(report, kind):
    assert exam(report) == kind


def titled(i):
    title = "TOMOGRAFIA DO TÓRAX." if i < 4 else "MAMOGRAFIA BILATERAL." if i < 54 else ""
    return f"{title} {text(i)}"


def test_reports_of_another_exam_than_nearly_all():
    issue = run(check_exam_type, [titled(i) for i in range(60)])["other-exam"]
    assert (issue.severity, issue.rows) == ("warning", (1, 2, 3, 4))
    assert issue.values["usual"] == "mamografia"
    assert issue.values["kinds"] == ["tomografia computadorizada 4"]


def test_without_a_clear_majority_none_is_called_the_exception():
    assert run(check_exam_type, [titled(i) for i in range(4, 60)]) == {}
    mixed = run(check_exam_type, [titled(i % 2 * 10) for i in range(60)])
    assert [(one.code, one.severity) for one in mixed.values()] == [("several-exams", "info")]
    assert mixed["several-exams"].values["kinds"] == ["tomografia computadorizada 30", "mamografia 30"]
    assert run(check_exam_type, [titled(i % 5) if i < 10 else text(i) for i in range(60)]) == {}


def test_nothing_is_said_where_the_exam_is_the_question():
    space = LabelSpace(task="binary", names=("mamografia", "tomografia de tórax"))
    assert run(check_exam_type, [titled(i) for i in range(60)], space=space) == {}


def test_every_kind_of_exam_is_named_in_three_languages_and_found():
    kinds = [name for name in lexicon("exams") if name != "cues"]
    for kind in kinds:
        for language in ("pt", "es", "en"):
            assert exam(f"{shown(kind, language)}.") == kind


# shape


def test_clean_reports_have_no_issue_of_shape():
    assert run(check_shape, [text(i) for i in range(60)]) == {}
    assert run(check_shape, []) == {}


@pytest.mark.parametrize(
    "report",
    [
        "N6dulo ova1ado na mama dire1ta, com calc1ficações e sem d1storção.",
        "MAMAS DENS4S COM CALC1FICAÇÕES E SEM D1STORÇÃO DA ARQUITETURA, SEM RETRAÇÃO.",
        "Mama n o r m a l e sem n ó d u l o s à direita.",
        "R E L A T Ó R I O ... M A M O G R A F I A sem achados.",
        "Mamas | densas ~ sem ^ nódulos | à direita ¬ e à esquerda.",
    ],
)
def test_debris_of_scanning(report):
    assert debris(report, capitals=in_capitals(report))


@pytest.mark.parametrize(
    "report",
    [
        "Tumor HER2 positivo, BRCA1 e IGF1R alterados, pT1c, L4-L5, T2w, 3D, 12mm e 8x6 mm.",
        "HIF1A and WNT5A are expressed; COS1NR was not.",
        "The patient had a P E T C T and a U T I.",
        "Mama direita | sem nódulos\nMama esquerda | sem nódulos. " + "Achados habituais. " * 10,
        "",
    ],
)
def test_codes_tables_and_spelt_abbreviations_are_no_debris(report):
    assert not debris(report, capitals=in_capitals(report))


def test_debris_and_capitals_of_a_corpus():
    broken = "N6dulo ova1ado na mama dire1ta, com calc1ficações."
    found = run(check_shape, [broken, text(1).upper()] + [text(i) for i in range(2, 60)])
    assert (found["scan-debris"].severity, found["scan-debris"].rows) == ("info", (1,))
    assert (found["capitals"].severity, found["capitals"].rows) == ("info", (2,))
    assert "capitals" not in run(check_shape, [text(i).upper() if i == 1 else text(i) for i in range(101)])


@pytest.mark.parametrize(
    ("report", "empty"),
    [
        ("Técnica: CC e MLO. Achados:\nConclusão: normal.", True),
        ("ACHADOS: -\n\nIMPRESSÃO: sem alterações.", True),
        ("Conclusão: normal.\nAchados:", True),
        ("Achados: nan\nConclusão: normal.", True),
        ("Achados: mamas densas.\nConclusão: normal.", False),
        ("Achados: [...]\nConclusão: normal.", False),
        ("ACHADOS:\nComposição: mamas densas.\nConclusão: normal.", False),
        ("Laudo:\nTécnica: CC. Achados: mamas densas.", False),
        ("Mamas densas.\nConclusão: normal.", False),
    ],
)
def test_empty_findings(report, empty):
    assert empty_findings(report, find_sections(report)) == empty


# endings


@pytest.mark.parametrize("end", [".", "?", ".-", ".,", '."', ".)", "...", ". -", ". 2"])
def test_the_end_of_a_sentence(end):
    assert ended("Mamas densas" + end)


@pytest.mark.parametrize("end", ["", ",", " de", " (", " 2,5 cm", ":", "-"])
def test_no_end_of_a_sentence(end):
    assert not ended("Mamas densas" + end)


def test_reports_that_break_off():
    ends = {
        1: "sem distorção da",
        3: "nódulo oval,",
        5: "linfonodos axil",
        7: "achados (mama direita",
        9: "PAPILA:",
    }
    texts = [text(i) + " " + ends[i] if i in ends else text(i) for i in range(80)]
    texts[11] += " Maria Quixadá"  # a name without a full stop is no torn end
    texts[13] += " Sem alterações"
    torn = torn_off(texts, [ended(one) for one in texts])
    assert [i for i, one in enumerate(torn) if one] == [1, 3, 5, 7, 9]
    issue = run(check_shape, texts)["cut-off"]
    assert (issue.severity, issue.rows) == ("warning", (2, 4, 6, 8, 10))


def test_nothing_breaks_off_where_few_reports_end_with_a_full_stop():
    texts = [text(i).rstrip(".") + (" com" if i % 2 else "") for i in range(60)]
    assert not any(torn_off(texts, [ended(one) for one in texts]))
    assert torn_off([], []) == []


@pytest.mark.parametrize("unit", ["characters", "bytes"])
def test_reports_cut_at_the_limit_of_an_export(unit):
    whole = [" ".join(text(k) for k in range(i, i + 1 + i % 9)) for i in range(300)]
    cut = [
        (one[:400] if unit == "characters" else one.encode()[:400].decode(errors="ignore")) for one in whole
    ]
    issue = run(check_shape, cut)["cut-at-limit"]
    longer = sum(len(one if unit == "characters" else one.encode()) > 400 for one in whole)
    assert issue.values["length"] == 400
    assert longer <= issue.reports <= longer + 6
    assert unit in issue.message
    assert "cut-off" not in run(check_shape, cut) or run(check_shape, cut)["cut-off"].reports < 5


def test_a_template_of_one_length_is_no_limit():
    texts = [text(i) for i in range(60)] + [f"Laudo {i:03d}: mamas sem achados" for i in range(40)]
    assert limit_of(texts, [ended(one) for one in texts]) is None
    whole = [one + "." for one in texts]
    assert limit_of(whole, [True] * len(whole)) is None
    assert limit_of([], []) is None
