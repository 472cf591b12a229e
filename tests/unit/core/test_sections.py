from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.sections import (
    NAMES,
    find_sections,
    masked_sections,
    only_sections,
    section_named,
    section_texts,
    sections_first,
    without_sections,
)


def parts(text):
    return [(part.name, text[part.body : part.end].strip()) for part in find_sections(text)]


@pytest.mark.parametrize(
    "text",
    [
        "MICROSCOPIA: células típicas. CONCLUSÃO: benigno.",
        "Microscopia: células típicas. Conclusão: benigno.",
        "microscopia: células típicas. conclusao: benigno.",
        "Microscopia\ncélulas típicas.\n\nConclusão\nbenigno.",
        "MICROSCOPIA\ncélulas típicas.\nCONCLUSÃO\nbenigno.",
        "MICROSCOPIA - células típicas.\nCONCLUSÃO - benigno.",
        "MICROSCOPIA. células típicas.\nCONCLUSÃO. benigno.",
        "MICROSCOPIA células típicas. CONCLUSÃO benigno.",
        "**Microscopia:** células típicas.\n**Conclusão:** benigno.",
        "1. Microscopia: células típicas.\n2. Conclusão: benigno.",
        "II - MICROSCOPIA: células típicas.\nIII - CONCLUSÃO: benigno.",
        "# Microscopia\ncélulas típicas.\n# Conclusão\nbenigno.",
        "[MICROSCOPIA] células típicas.\n[CONCLUSÃO]: benigno.".replace("] c", "]: c"),
        "Microscopia : células típicas. Conclusão : benigno.",
        "Microscopia: células típicas. Conclusão benigno.",
        "Descrição microscópica: células típicas. Impressão diagnóstica: benigno.",
    ],
)
def test_headings_are_found_in_every_dress(text):
    assert parts(text) == [("microscopy", "células típicas."), ("conclusion", "benigno.")]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Dados do paciente", "patient"),
        ("Indicação", "indication"),
        ("HISTÓRIA CLÍNICA", "indication"),
        ("Motivo de consulta", "indication"),
        ("Reason for exam", "indication"),
        ("Técnica", "technique"),
        ("TECNICA DEL EXAMEN", "technique"),
        ("Technique", "technique"),
        ("Achados", "findings"),
        ("Relatório", "findings"),
        ("Aspectos observados", "findings"),
        ("Análise", "findings"),
        ("Hallazgos", "findings"),
        ("FINDINGS", "findings"),
        ("Composição mamária", "composition"),
        ("Composición mamaria", "composition"),
        ("Breast composition", "composition"),
        ("Estudo comparativo", "comparison"),
        ("Comparison", "comparison"),
        ("Macroscopia", "macroscopy"),
        ("Gross description", "macroscopy"),
        ("Microscopía", "microscopy"),
        ("Conclusión", "conclusion"),
        ("Opinião", "conclusion"),
        ("Hipótese diagnóstica", "conclusion"),
        ("Impression", "conclusion"),
        ("Juicio diagnóstico", "conclusion"),
        ("Conduta", "recommendation"),
        ("Recomendações", "recommendation"),
        ("Sugerencia", "recommendation"),
        ("Recommendation", "recommendation"),
        ("Nota", "note"),
        ("Obs.", "note"),
        ("Comment", "note"),
        ("Adendo", "addendum"),
        ("Addendum", "addendum"),
        ("Assinatura", "signature"),
        ("Signed by", "signature"),
    ],
)
def test_names_in_three_languages(heading, name):
    assert parts(f"{heading}: abc def.") == [(name, "abc def.")]
    assert parts(f"xyz.\n{heading.upper()}:\nabc def.")[-1] == (name, "abc def.")


@pytest.mark.parametrize(
    "text",
    [
        "Nódulo sem alterações em comparação com o exame anterior.",
        "em comparação: igual ao anterior",
        "A conclusão do exame anterior foi mantida.",
        "Observa-se nódulo. Nota-se assimetria. Técnica habitual.",
        "Impressão de nódulo na mama direita.",
        "Conclusão de exame anterior indisponível.",
        "MAMAS DENSAS, SEM ALTERAÇÃO EM COMPARAÇÃO AO ESTUDO ANTERIOR. TÉCNICA DIGITAL.",
        "Paciente em controle de nódulo",
        "Categoria BI-RADS 2.",
        "LABORATORY DATA: normal".replace("DATA", "VALUES"),
        "Nódulo palpável, findings similar",
    ],
)
def test_words_in_sentences_are_no_headings(text):
    assert [part.name for part in find_sections(text)] == ["body"]


def test_text_before_the_first_heading_is_body_and_offsets_hold():
    text = "  Mama direita.\nConclusão: benigno \n"
    body, conclusion = find_sections(text)
    assert (body.name, body.start, body.body, body.end) == ("body", 0, 0, 16)
    assert text[conclusion.start : conclusion.body] == "Conclusão: "
    assert text[conclusion.body : conclusion.end] == "benigno \n"


def test_a_field_ends_with_its_sentence_or_line():
    assert parts("Paciente: Dra. Ana B. Costa, 45 anos. Nódulo de 1.2 cm. Conclusão: x") == [
        ("patient", "Dra. Ana B. Costa, 45 anos."),
        ("body", "Nódulo de 1.2 cm."),
        ("conclusion", "x"),
    ]
    assert parts("Data: 12/03/2020\nNódulo.") == [("patient", "12/03/2020"), ("body", "Nódulo.")]


def test_a_longer_heading_wins_and_its_tail_is_no_heading_of_its_own():
    assert parts("Conclusão e recomendação: controle") == [("conclusion", "controle")]
    assert parts("Normal. LABORATORY DATA: sodium") == [("body", "Normal. LABORATORY DATA: sodium")]


def test_section_texts_gives_every_section_of_the_name():
    text = "Conclusão: a. Nota: b. Conclusão: c."
    assert section_texts(text, "conclusion") == ("a.", "c.")
    assert section_texts(text, "findings") == ()


def test_sections_are_dropped_kept_and_masked():
    text = "Achados: nódulo.\nConclusão: maligno.\nConduta: biópsia."
    assert without_sections(text, {"conclusion", "recommendation"}) == "Achados: nódulo."
    assert only_sections(text, {"findings"}) == "Achados: nódulo."
    assert masked_sections(text, {"conclusion"}) == ("Achados: nódulo.\nConclusão: [...]\nConduta: biópsia.")
    assert without_sections("só texto", ()) == "só texto"
    assert without_sections(text, {"body"}) == text


def test_empty_text_has_no_sections():
    assert find_sections("") == ()
    assert without_sections("", {"conclusion"}) == ""


HEADINGS = [
    phrase for kinds in lexicon("sections").values() for phrases_ in kinds.values() for phrase in phrases_
]


def test_every_name_has_headings_and_no_phrase_stands_twice():
    assert tuple(lexicon("sections")) == NAMES
    assert sorted(HEADINGS) == sorted(set(HEADINGS))
    assert all(fold(phrase) == phrase for phrase in HEADINGS)


@given(
    st.lists(
        st.one_of(
            st.sampled_from([f"{heading}:" for heading in HEADINGS]),
            st.sampled_from(["\n", ". ", " ", "CONCLUSÃO", "Dr. ", "-", ":", "é", "\u0301", "ß", "İ"]),
            st.text(max_size=6),
        ),
        max_size=25,
    )
)
def test_sections_cover_any_text_in_order(pieces):
    text = "".join(pieces)
    sections = find_sections(text)
    here = 0
    for part in sections:
        assert part.start == here
        assert part.start <= part.body <= part.end
        assert part.end > part.start
        here = part.end
    assert here == len(text)
    assert without_sections(text, ()) == text.strip()
    assert len(fold(text)) == len(text)


def test_the_longest_phrase_is_found_whole_words_only():
    import re

    pattern = re.compile(phrases(["bi-rads", "bi-rads category", "benign*"]))
    assert pattern.findall("bi rads category, bi-rads, benignidade, xbenigno") == [
        "bi rads category",
        "bi-rads",
        "benignidade",
    ]
    assert re.search(phrases([]), "anything") is None


@pytest.mark.parametrize(
    "words", ["conclusion", "Conclusão", "conclusao", "IMPRESSÃO", "Conclusa\u0303o", "opinião"]
)
def test_a_section_is_known_by_its_name_and_by_its_headings(words):
    assert section_named(words) == "conclusion"


def test_what_is_no_heading_names_no_section():
    assert section_named("achados") == "findings"
    assert section_named("body") == "body"
    assert section_named("nódulo") is None


REPORT = "Mamografia.\nAchados: nódulo oval.\nConclusão: benigno.\nNota: rever.\nImpressão: estável."


def test_sections_stand_first_in_the_order_asked_for_and_nothing_is_lost():
    chosen, rest = sections_first(REPORT, ["conclusion", "findings"])
    assert chosen == "Conclusão: benigno.\nImpressão: estável.\nAchados: nódulo oval."
    assert rest == "Mamografia.\nNota: rever."
    assert sorted((chosen + " " + rest).split()) == sorted(REPORT.split())


@pytest.mark.parametrize("text", ["só texto corrido.", "", "Achados: nódulo.\nConclusão:\n"])
def test_without_a_word_under_such_headings_all_is_rest(text):
    assert sections_first(text, ["conclusion"]) == ("", text)


@given(st.text(alphabet="ab Cc:.\nãçõl", max_size=60))
def test_every_word_stands_in_one_of_both(text):
    text = f"Achados: {text}\nConclusão: {text}"
    chosen, rest = sections_first(text, ["conclusion"])
    assert sorted("".join((chosen + rest).split())) == sorted("".join(text.split()))
