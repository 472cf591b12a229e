"""Words of findings are told from words of persons, places, conduct, diagnosis and the office."""

from __future__ import annotations

import pytest

from bert4text.core.clinical import clinical
from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon

PORTUGUESE = """
    arquitetura hilo trabeculado subcutâneo mamilo axilares linfonodos retroareolar espessamento retração
    nódulos microcalcificações assimetria circunscritas pleomórficas silhueta costofrênicos cúpula
    hemitórax opacidades velamento atelectasia derrame fígado rins bexiga ecogenicidade anecoico
    hipersinal protrusão laterais focais enantema pregas séssil cromatina coesão anisocariose hemorrágico
    esfregaço ejeção dispneia tontura pele osso craniocaudal contraste milímetros discretas bilaterais
    volumosa
"""
SPANISH = """
    pezón trabéculas piel hígado vejiga riñón hueso rodilla cráneo fiebre disnea mareo orina heces dolor
    derrame condensación quiste espiculado adenopatías quístico cirugía tinción calibre febrícula
"""
ENGLISH = """
    costophrenic hilum silhouette perihilar lobar opacity recess dome caliber chamber airspace blunting
    streaky cardiomegaly effusion calcified spiculated nipple kidney gallbladder meniscus dyspnea swelling
    squamous stroma mitotic polyp ejection tachycardia chronic enlarged bilateral punctate
"""
DIAGNOSIS = """
    maligno malignidade malignancy benigno benignidad benign câncer cancer carcinoma adenocarcinoma
    carcinomatosis neoplasia neoplásico neoplasm metástase metastatic sarcoma linfoma melanoma leukemia
"""
OFFICE = """
    laudo digitado assinado protocolo convênio unidade hospital serviço setor prontuário registro adendo
    sistema servidor arquivo formulário cadastro ingreso urgencias domicilio signed dictated transcribed
    invoice department software website facebook
"""
PERSONS = """
    silva oliveira barbosa cardoso barros medeiros venâncio severino cortés espinosa medina benítez
    johnson miller radiologista patologista cardiologista dermatologia neurología pathologist
    anesthesiologist scanner mamógrafo
"""
PLACES_AND_TIMES = """
    brasília curitiba recife madrid sevilla boston fevereiro febrero february janeiro lunes monday
"""
CONDUCT = """
    recomenda recomendamos sugere sugiro controle retorno encaminhar seguimento seguimiento recomienda
    sugiere recommend suggest return
"""
TELLING = """
    observa visualizam evidencia apresenta identificado encontrado muestra presentaba shows noted
    conclusão provável sugestivo compatível suspeito probable suspicious birads categoria
"""
ORDINARY = """
    foram estava também porque something someone thing think well hypothesis discussão hipótese finalmente
    usually based favor próprio estratégia establecer
"""


def words(*lists: str) -> list[str]:
    return [word for text in lists for word in text.split()]


@pytest.mark.parametrize("word", words(PORTUGUESE, SPANISH, ENGLISH))
def test_what_is_seen_felt_or_done_is_clinical(word: str) -> None:
    assert clinical(word)


@pytest.mark.parametrize(
    "word", words(DIAGNOSIS, OFFICE, PERSONS, PLACES_AND_TIMES, CONDUCT, TELLING, ORDINARY)
)
def test_what_may_be_an_artefact_is_not_clinical(word: str) -> None:
    assert not clinical(word)


def test_every_stem_is_needed() -> None:
    """No stem stands twice or begins with another one that is taken for a beginning."""
    stems = lexicon("findings")["stems"]
    kinds = ("anatomy", "findings", "procedures")
    listed = [word for kind in kinds for word in stems[kind].split()]
    begun = {word for word in listed if len(word) >= 4}
    assert [word for word in listed if any(word[:i] in begun for i in range(4, len(word)))] == []
    for kind in (*kinds, "endings", "lookalikes"):
        assert stems[kind] == fold(stems[kind])
    assert len(listed) == len(set(listed))
