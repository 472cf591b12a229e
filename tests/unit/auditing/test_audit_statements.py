from __future__ import annotations

import pytest

from bert4text.core.clinical import clinical
from bert4text.core.fold import fold
from bert4text.data.conduct import find_conduct
from bert4text.data.statements import Statements


def found(labels, text, **options):
    finder = Statements(labels, words=options.pop("words", {}), **options)
    return {(one.term, one.manner) for one in finder.find(text, fold(text))}


DIAGNOSIS = ("benigno", "maligno")
BIRADS = tuple(f"BIRADS_{i}" for i in range(7))


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Conclusão: Maligno.", "maligno"),
        ("NÓDULO DE ASPECTO MALIGNO", "maligno"),
        ("Achado com benignidade.", "benignidade"),
        ("Malignant tumour.", "malignant"),
        ("Carcinoma ductal.", "carcinoma"),
        ("Neoplasia mamária.", "neoplasia"),
        ("Câncer de mama.", "cancer"),
        ("Maligna", "maligna"),
    ],
)
def test_names_inflections_synonyms_and_translations(text, term):
    assert (term, "stated") in found(DIAGNOSIS, text)


def test_denied_and_suspected_statements_are_told_apart():
    assert found(DIAGNOSIS, "Sem sinais de malignidade.") == {("malignidade", "denied")}
    assert found(DIAGNOSIS, "Achado sugestivo de carcinoma.") == {("carcinoma", "suspected")}


@pytest.mark.parametrize(
    "text",
    [
        "BI-RADS 4",
        "BIRADS: IV",
        "Categoria 4A.",
        "ACR BI-RADS® categoria 4",
        "BI-RADS quatro.",
        "(4B)",
        "Classificação BI-RADS: 4",
    ],
)
def test_categories_in_digits_roman_numerals_and_words(text):
    assert ("BIRADS_4", "stated") in found(BIRADS, text)


@pytest.mark.parametrize(
    "text",
    ["Mamas tipo C.", "BI-RADS, composição c.", "ACR tipo B", "Densidade mamária categoria c", "4 nódulos"],
)
def test_density_is_no_category(text):
    assert found(BIRADS, text) == set()


def test_other_numbered_categories():
    assert found(("TIRADS_3", "TIRADS_4"), "Nódulo TI-RADS 4.") == {("ti rads 4", "stated")}
    assert found(("grau I", "grau II"), "Tumor grau II.") == {("grau ii", "stated")}
    assert found(("0", "1", "2"), "Categoria 2") == {("categoria 2", "stated")}
    assert found(("0", "1", "2"), "mede 2 mm, 1 nódulo") == set()


@pytest.mark.parametrize(
    ("labels", "text", "term"),
    [
        (("TI-RADS 3", "TI-RADS 4"), "Nódulo TI-RADS IV.", "ti rads iv"),
        (("grau 1", "grau 3"), "Grau histológico III.", "grau iii"),
        (("grau 1", "grau 3"), "Grade 3", "grade 3"),
        (("grau 1", "grau 3"), "G3", "g 3"),
        (("grau I", "grau III"), "grau três", "grau tres"),
        (("1", "2"), "Resultado: 2.", "resultado 2"),
        (("A", "B", "C", "D"), "Mamas tipo C.", "tipo c"),
        (("A", "B", "C", "D"), "Composição mamária: b", "composicao b"),
        (BIRADS, "BI-RADS mamográfico: 4A", "bi rads 4a"),
        (BIRADS, "Birads US 4.", "birads 4"),
        (BIRADS, "Classificação final: IV", "classificacao iv"),
    ],
)
def test_categories_however_they_are_written(labels, text, term):
    assert (term, "stated") in found(labels, text)


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("A", "B", "C"), "mamas a esclarecer, tipo a ser definido"),
        (BIRADS, "BI-RADS anterior: 2"),
        (BIRADS, "classificação de densidade: 3"),
        (BIRADS, "BI-RADS 5a edição"),
        (BIRADS, "classificação com 2 nódulos"),
        (("grau 1", "grau 2"), "grau de 2 mm"),
    ],
)
def test_letters_measures_and_earlier_categories_are_none(labels, text):
    assert found(labels, text) == set()


def test_the_number_before_a_topic_is_no_part_of_its_name():
    assert found(("02_neoplasias", "07_ojo"), "Neoplasia del ojo") == {
        ("neoplasia", "stated"),
        ("ojo", "stated"),
    }


def test_topics_are_named_by_their_own_words_only():
    topics = ("neoplasias", "urologia", "cirugia_plastica")
    assert found(topics, "Servicio de Urología, consulta urológica.") == {
        ("urologia", "stated"),
        ("urologica", "stated"),
    }
    assert found(topics, "Carcinoma maligno") == set()
    assert found(topics, "Cirugía plástica") == {("cirugia plastica", "stated")}


def test_names_that_say_nothing_are_not_looked_for():
    assert found(("sim", "não"), "Sim, não há nódulos.") == set()
    assert found(("outros", "a"), "outros achados") == set()


def test_the_users_words_and_findings():
    words = {"maligno": ["Adeno", "lesão ruim"]}
    assert ("lesao ruim", "stated") in found(DIAGNOSIS, "LESÃO RUIM", words=words)
    assert found(DIAGNOSIS, "Metástases.", findings=["metástases"]) == set()


@pytest.mark.parametrize(
    "text",
    [
        "A qual requererá avaliação ecográfica complementar.",
        "REQUERERÃO DE AVALIAÇÃO",
        "Controle em 6 meses.",
        "Sugere-se controle mamográfico semestral.",
        "Prosseguir com estudo histológico.",
        "Recomenda-se biópsia.",
        "Complementar com ultrassonografia.",
        "Encaminhar ao mastologista.",
        "Manter rastreamento de rotina.",
        "Requerirá de evaluación ecográfica.",
        "Se recomienda control en 6 meses.",
        "Proseguir con estudio histológico.",
        "Further evaluation with ultrasound is recommended.",
        "Short-interval follow-up.",
        "Follow-up in 6 months.",
        "Biopsy is recommended.",
        "Indicada biópsia percutânea.",
        "Solicito compressão localizada.",
        "Exame deve ser complementado com US.",
        "Correlacionar com ultrassonografia.",
        "Investigação complementar.",
        "Prosseguir propedêutica.",
        "Avaliação com mastologista.",
        "Nova mamografia em 6 meses.",
        "Aguardando biópsia.",
        "Rastreamento anual.",
        "Mantener controles habituales.",
        "Valorar por cirugía.",
        "Derivar a patología mamaria.",
        "Biopsy should be considered.",
        "Return to annual screening.",
        "Routine mammogram in one year.",
        "Colher fragmentos da lesão.",
        "Se impone confirmación histológica.",
        "Tissue diagnosis should be obtained.",
        "Histologic confirmation is mandatory.",
        "Realizar mamotomia.",
        "Agendar core biopsy.",
        "Reconvocar a paciente para compressão.",
        "Rellamada para imágenes adicionales.",
        "Callback for spot views.",
        "Voltar em meio ano.",
        "Volver en un semestre.",
        "Return in half a year.",
        "Reassess within three months.",
        "Mamografía en seis meses.",
        "Six-month follow-up.",
        "Vigilância estrita.",
        "Close surveillance.",
        "Continuar no programa de rastreamento.",
        "Sigue con el cribado poblacional.",
        "Keep annual screening.",
        "Sem necessidade de exames adicionais.",
        "Sin necesidad de estudios complementarios.",
        "No further workup needed.",
        "Nothing further to do.",
        "Discharge from follow-up.",
        "Discutir em reunião multidisciplinar.",
        "Refer to a specialist clinic.",
        "Remitir a cirugía.",
        "Se recomiendan proyecciones focales.",
        "Necessárias incidências de magnificação.",
        "MRI would be helpful.",
        "Melhor avaliado com ressonância.",
        "Correlação clínica.",
        "Second look.",
    ],
)
def test_sentences_of_conduct(text):
    assert any(one.manner == "stated" for one in find_conduct(fold(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Nódulo oval de 12 mm no quadrante superior.",
        "Sem alterações em relação ao exame anterior realizado em 2020.",
        "Biópsia realizada em 2019 informa adenose.",
        "Achado que sugere fibroadenoma.",
        "Mamas com controle de qualidade adequado.",
        "The study was performed with contrast.",
        "Mamografia de rotina.",
        "Routine screening.",
        "Estudo indicado por dor.",
        "Estudo complementado com incidências adicionais.",
        "Foram realizadas incidências complementares.",
        "Médico solicitante: a ver. Exame comparado.",
        "Exame realizado há seis meses.",
        "Se solicita TC craneal que muestra una masa.",
        "Se solicitó ecografía, donde se aprecia un quiste.",
        "Solicitou-se ressonância, que evidenciou nódulo.",
        "Mamografia de seis meses atrás para comparação.",
        "Ecografía normal hace un año.",
        "Mammogram from two years ago was reviewed.",
        "Tecido fibroglandular simétrico.",
        "The breast tissue is dense.",
        "Alta densidade mamária.",
        "Nova calcificação no quadrante superior.",
        "Nodule seen on tomosynthesis.",
        "Sem outras alterações.",
        "Sin otros hallazgos.",
        "",
    ],
)
def test_findings_are_no_conduct(text):
    assert list(find_conduct(fold(text))) == []


def test_conduct_that_is_not_needed_is_denied():
    assert {one.manner for one in find_conduct(fold("Não requer avaliação por ora."))} == {"denied"}
    assert {one.manner for one in find_conduct(fold("No se requiere biopsia."))} == {"denied"}


@pytest.mark.parametrize(
    "word",
    [
        "espiculado",
        "irregulares",
        "microcalcificações",
        "nodule",
        "quiste",
        "apendicite",
        "NÚCLEOS",
        "rim",
        "celularidade",
        "formato",
        "manobra",
    ],
)
def test_clinical_words(word):
    assert clinical(word)


@pytest.mark.parametrize(
    "word",
    [
        "xyzzy",
        "protocolo",
        "adendo",
        "bastos",
        "hospital",
        "12",
        "programa",
        "análise",
        "finalizado",
        "cabeçalho",
        "footer",
        "despite",
    ],
)
def test_other_words(word):
    assert not clinical(word)


@pytest.mark.parametrize(
    ("labels", "text", "term"),
    [
        (("inalterado", "cronico", "agudo"), "Lesões agudas.", "agudas"),
        (("inalterado", "cronico", "agudo"), "Acute process.", "acute"),
        (("unchanged", "chronic", "acute"), "Doença crônica.", "cronica"),
        (("leve", "moderado", "grave"), "Severe disease.", "severe"),
        (("fratura", "normal"), "Fractures.", "fractures"),
        (("normal", "benigno", "suspeito"), "Aspecto preocupante.", "preocupante"),
        (("normal", "benigno", "sospechoso"), "Cuadro dudoso.", "dudoso"),
        (("normal", "benign", "suspicious"), "Worrisome features.", "worrisome"),
    ],
)
def test_short_names_translations_and_kin(labels, text, term):
    assert (term, "stated") in found(labels, text)


def test_a_short_name_does_not_begin_other_words():
    assert found(("leve", "grave"), "Gravidez de 20 semanas, levedura.") == set()
    assert found(("alto", "baixo"), "Altura normal, altercado.") == set()


def test_what_a_translation_shares_belongs_to_the_label_that_bears_it():
    finder = Statements(("leve", "discreto"), words={})
    concepts = {one.term: one.concept for one in finder.find("leve discreta mild", "leve discreta mild")}
    assert concepts["leve"] == "leve"
    assert concepts["discreta"] == "discreto"
