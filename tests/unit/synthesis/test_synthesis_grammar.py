"""Agreement: every phrase with every noun, against forms written out by hand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.synthesis import lexicon_en, lexicon_pt
from bert4text.synthesis.grammar import (
    SLOT,
    Agreement,
    agree,
    capitalized,
    figure,
    forms,
    inflect,
    joined,
    realize,
)
from bert4text.synthesis.lexicon import (
    FORMS,
    Construct,
    Lexicon,
    compact_surfaces,
    level_phrases,
    plural,
    surfaces,
)

MS, FS, MP, FP = (Agreement(gender, plural=many) for many in (False, True) for gender in ("m", "f"))

BY_HAND = """
pequeno pequena pequenos pequenas
médio média médios médias
aumentado aumentada aumentados aumentadas
volumoso volumosa volumosos volumosas
reduzido reduzida reduzidos reduzidas
intermediário intermediária intermediários intermediárias
apreciável apreciável apreciáveis apreciáveis
imperceptível imperceptível imperceptíveis imperceptíveis
mínimo mínima mínimos mínimas
leve leve leves leves
discreto discreta discretos discretas
moderado moderada moderados moderadas
acentuado acentuada acentuados acentuadas
grande grande grandes grandes
arredondado arredondada arredondados arredondadas
redondo redonda redondos redondas
ovalado ovalada ovalados ovaladas
oval oval ovais ovais
alongado alongada alongados alongadas
irregular irregular irregulares irregulares
liso lisa lisos lisas
regular regular regulares regulares
ondulado ondulada ondulados onduladas
raso rasa rasos rasas
profundo profunda profundos profundas
evidente evidente evidentes evidentes
nítido nítida nítidos nítidas
ausente ausente ausentes ausentes
raro rara raros raras
numeroso numerosa numerosos numerosas
pouco pouca poucos poucas
escasso escassa escassos escassas
algum alguma alguns algumas
frequente frequente frequentes frequentes
simples simples simples simples
complexo complexa complexos complexas
fino fina finos finas
homogêneo homogênea homogêneos homogêneas
granular granular granulares granulares
grosseiro grosseira grosseiros grosseiras
distribuído distribuída distribuídos distribuídas
constante constante constantes constantes
variável variável variáveis variáveis
desprezível desprezível desprezíveis desprezíveis
considerável considerável consideráveis consideráveis
"""
TABLE = {line.split()[0]: line.split() for line in BY_HAND.strip().splitlines()}

LEXICONS = {"pt-BR": lexicon_pt.PORTUGUESE, "en": lexicon_en.ENGLISH}


def constructs(lexicon: Lexicon) -> dict[str, Construct]:
    variations = {f"variation of {name}": construct for name, construct in lexicon.variations.items()}
    return {**lexicon.constructs, **variations}


def degrees(construct: Construct) -> list[str]:
    tables = [construct.degrees, *construct.own_degrees.values()]
    return [degree for table in tables for level in table for degree in level]


PHRASES = sorted(
    {degree for construct in constructs(lexicon_pt.PORTUGUESE).values() for degree in degrees(construct)}
)


@pytest.mark.parametrize("agreement", [MS, FS, MP, FP])
@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_agrees_in_every_gender_and_number(phrase: str, agreement: Agreement) -> None:
    place = 2 * agreement.plural + (agreement.gender == "f")
    expected = SLOT.sub(lambda slot: TABLE[slot[1]][place], phrase)
    assert agree(phrase, agreement) == expected
    assert "{" not in expected


@pytest.mark.parametrize("noun", lexicon_pt.NOUNS, ids=lambda noun: noun.lemma)
def test_every_phrase_agrees_with_every_noun_of_the_table(noun: object) -> None:
    known = forms(lexicon_pt.NOUNS)
    for word in (noun.lemma, noun.plural):  # type: ignore[attr-defined]
        for phrase in PHRASES:
            place = 2 * known[word].plural + (known[word].gender == "f")
            words = SLOT.sub(lambda slot, place=place: TABLE[slot[1]][place], phrase)
            assert realize(f"com <{word}> *", phrase, nouns=known, host="núcleos") == f"com {word} {words}"


def test_a_lead_without_a_noun_agrees_with_its_host() -> None:
    known = forms(lexicon_pt.NOUNS)
    assert (
        realize("*", "moderadamente {aumentado}", nouns=known, host="núcleos") == "moderadamente aumentados"
    )
    assert (
        realize("<Forma>: *", "{redondo} a {ovalado}", nouns=known, host="núcleos")
        == "Forma: redonda a ovalada"
    )


def test_an_adjective_with_an_unknown_ending_is_refused() -> None:
    with pytest.raises(ValueError, match="azuz"):
        inflect("azuz", FS)


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_each_level_has_synonyms_and_no_synonym_has_two_levels(language: str) -> None:
    lexicon = LEXICONS[language]
    for name, construct in constructs(lexicon).items():
        for form in FORMS:
            if not construct.leads(form):
                continue
            said = [surfaces(lexicon, construct, form, level) for level in construct.levels]
            flat = [surface for level in said for surface in level]
            assert all(len(level) >= 2 for level in said), (name, form)
            assert len(flat) == len(set(flat)), (name, form)


IN_SHORT = {"size", "shape", "contour", "indentations", "symmetry", "outline", "chromatin", "anisokaryosis"}


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_short_reports_keep_two_synonyms_for_each_level(language: str) -> None:
    lexicon = LEXICONS[language]
    chosen = {name: lexicon.constructs[name] for name in IN_SHORT}
    chosen["variation"] = lexicon.variations["texture"]
    for name, construct in chosen.items():
        for form in FORMS:
            if construct.leads(form) and (name, form) != ("shape", "clause"):
                for level in construct.levels:
                    assert len(compact_surfaces(lexicon, construct, form, level)) >= 2, (name, form, level)


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_surfaces_are_clean(language: str) -> None:
    for phrase in level_phrases(LEXICONS[language]):
        assert not re.search(r"[{}<>*]|  |^ | $|\.$", phrase), phrase


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_a_clause_can_always_follow_a_verb(language: str) -> None:
    lexicon = LEXICONS[language]
    for construct in lexicon.constructs.values():
        for level in construct.levels if construct.clauses else ():
            said = surfaces(lexicon, construct, "clause", level)
            assert (
                sum(not surface.startswith(lexicon.verbless) for surface in said) >= 2 or not lexicon.verbless
            )


@pytest.mark.parametrize(
    ("name", "level", "many"),
    [
        ("contour", 1, True),
        ("number", 3, True),
        ("chromatin", 2, False),
        ("anisokaryosis", 1, False),
        ("depth", 1, True),
    ],
)
def test_verbs_agree_with_the_noun_of_their_clause(name: str, level: int, many: bool) -> None:
    lexicon = lexicon_pt.PORTUGUESE
    construct = lexicon.constructs[name]
    for surface in surfaces(lexicon, construct, "clause", level):
        assert plural(lexicon, construct, surface) == (many and not surface.startswith("membrana"))


@pytest.mark.parametrize(
    ("value", "digits", "decimal", "shown"),
    [
        (0.09287, 2, ",", "0,093"),
        (0.0995, 2, ",", "0,10"),
        (12.73, 3, ",", "12,7"),
        (1269.4, 3, ".", "1270"),
        (0.00619, 2, ".", "0.0062"),
        (99.96, 3, ".", "100"),
        (1.0, 2, ",", "1,0"),
        (0.0, 2, ",", "0"),
    ],
)
def test_figures_have_significant_digits_and_the_decimal_sign(
    value: float, digits: int, decimal: str, shown: str
) -> None:
    assert figure(value, digits, decimal) == shown


@given(st.floats(1e-4, 1e5), st.integers(2, 3))
def test_a_figure_is_near_its_value(value: float, digits: int) -> None:
    assert float(figure(value, digits, ".")) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))


def test_lists_and_capitals() -> None:
    assert joined([], " e ") == ""
    assert joined(["a"], " e ") == "a"
    assert joined(["a", "b"], " e ") == "a e b"
    assert joined(["a", "b", "c"], " and ") == "a, b and c"
    assert capitalized("à morfometria, Papanicolaou") == "À morfometria, Papanicolaou"
    assert capitalized("") == ""
