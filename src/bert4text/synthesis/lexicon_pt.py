"""Brazilian Portuguese for nuclear morphometry: noun table, constructs in five degrees, frames."""

from __future__ import annotations

from bert4text.synthesis.grammar import Noun, agree, capitalized, forms, joined
from bert4text.synthesis.lexicon import Construct, Degrees, Form, Lexicon

NOUNS = (
    Noun("núcleo", "m", "núcleos"),
    Noun("contorno", "m", "contornos"),
    Noun("traçado", "m", "traçados"),
    Noun("tamanho", "m", "tamanhos"),
    Noun("número", "m", "números"),
    Noun("cromatina", "f", "cromatinas"),
    Noun("anisocariose", "f", "anisocarioses"),
    Noun("assimetria", "f", "assimetrias"),
    Noun("membrana", "f", "membranas"),
    Noun("variação", "f", "variações"),
    Noun("forma", "f", "formas"),
    Noun("simetria", "f", "simetrias"),
    Noun("reentrância", "f", "reentrâncias"),
    Noun("indentação", "f", "indentações"),
)

SIZE = Construct(
    attributes=("*",),
    clauses=("<núcleos> *",),
    items=("<Tamanho>: *", "<Tamanho> nuclear: *"),
    degrees=(
        ("{pequeno}", "de pequenas dimensões"),
        (
            "{pequeno} a {médio}",
            "entre {pequeno} e {médio}",
            "de dimensões pequenas a médias",
            "de tamanho pequeno a médio",
        ),
        ("de tamanho intermediário", "de dimensões médias"),
        ("de dimensões aumentadas", "moderadamente {aumentado}"),
        ("{volumoso}", "acentuadamente {aumentado}"),
    ),
    own_degrees={
        "item": (
            ("{pequeno}", "{reduzido}"),
            ("{pequeno} a {médio}", "entre {pequeno} e {médio}"),
            ("{intermediário}", "{médio}"),
            ("moderadamente {aumentado}", "{aumentado}"),
            ("acentuadamente {aumentado}", "muito {aumentado}"),
        )
    },
)

GRADES: Degrees = (
    ("não {apreciável}", "{imperceptível}"),
    ("{mínimo}", "muito {leve}"),
    ("{discreto}", "{leve}"),
    ("{moderado}", "de grau moderado"),
    ("{acentuado}", "de grau acentuado"),
)

ANISOKARYOSIS = Construct(
    clauses=("<anisocariose> *", "<variação> * do tamanho nuclear"),
    items=("<Anisocariose>: *", "<Variação> do tamanho: *"),
    degrees=GRADES,
    whole={
        ("clause", 1): (
            "tamanho nuclear uniforme",
            "uniformidade do tamanho nuclear",
            "sem anisocariose apreciável",
        )
    },
)

LARGEST = Construct(
    clauses=("os maiores <núcleos> *",),
    items=("Maiores <núcleos>: *", "Os maiores <núcleos>: *"),
    degrees=(
        ("permanecem {pequeno}", "ainda são {pequeno}"),
        ("são de tamanho médio", "não ultrapassam dimensões médias"),
        ("são de tamanho intermediário", "alcançam dimensões intermediárias"),
        ("são {grande}", "alcançam grandes dimensões"),
        ("são muito {grande}", "são muito {volumoso}"),
    ),
    own_degrees={
        "item": (
            ("{pequeno}", "de pequenas dimensões"),
            ("{médio}", "de dimensões médias"),
            ("de tamanho intermediário", "de dimensões intermediárias"),
            ("{grande}", "de grandes dimensões"),
            ("muito {grande}", "muito {volumoso}"),
        )
    },
)

SHAPES: Degrees = (
    ("{arredondado}", "{redondo}"),
    ("{redondo} a {ovalado}", "{arredondado} a {ovalado}"),
    ("{ovalado}", "{oval}"),
    ("{alongado} ou {irregular}", "{alongado} a {irregular}"),
    ("acentuadamente {irregular}", "muito {irregular}"),
)

SHAPE = Construct(
    attributes=("*", "de <forma> *"),
    clauses=("<forma> nuclear *",),
    items=("<Forma>: *", "<Forma> nuclear: *"),
    degrees=SHAPES,
    whole={
        ("attribute", 4): (
            "alongados ou irregulares",
            "alongados a irregulares",
            "alongados ou de forma irregular",
            "de forma alongada ou irregular",
        ),
        ("attribute", 5): ("de forma acentuadamente irregular", "de forma muito irregular"),
    },
)

CONTOUR = Construct(
    attributes=("de <contornos> *", "com <contornos> *", "de <membrana> nuclear *"),
    clauses=("<contornos> *", "<contornos> nucleares *", "<membrana> nuclear *"),
    items=("<Contorno>: *", "<Contornos>: *", "<Membrana> nuclear: *"),
    degrees=(
        ("{liso}", "bem {liso}"),
        ("{regular}", "quase {liso}"),
        ("levemente {ondulado}", "discretamente {ondulado}"),
        ("{ondulado}", "{irregular}"),
        ("marcadamente {irregular}", "acentuadamente {irregular}"),
    ),
)

DEPTH = Construct(
    attributes=("com <reentrâncias> *", "com <indentações> *"),
    clauses=("<reentrâncias> *", "<indentações> do contorno *"),
    items=("<Reentrâncias>: *", "<Indentações>: *"),
    degrees=(
        ("não {apreciável}", "{imperceptível}"),
        ("{raso}", "pouco {profundo}"),
        ("{discreto}", "de profundidade intermediária"),
        ("{evidente}", "{nítido}"),
        ("{profundo}", "bastante {profundo}"),
    ),
    whole={
        ("attribute", 1): ("sem reentrâncias apreciáveis", "sem indentações apreciáveis"),
        ("clause", 1): (
            "contornos sem reentrâncias apreciáveis",
            "contornos sem indentações apreciáveis",
            "sem reentrâncias apreciáveis",
        ),
    },
)

NUMBER = Construct(
    attributes=("com <reentrâncias> *", "com <indentações> *"),
    clauses=("<reentrâncias> *", "<indentações> do contorno *"),
    items=("<Reentrâncias>: *", "<Indentações>: *"),
    degrees=(
        ("{ausente} ou {raro}",),
        ("pouco {numeroso}",),
        ("em parte do contorno",),
        ("{numeroso}",),
        ("muito {numeroso}, em grande parte do contorno", "muito {numeroso}"),
    ),
    own_degrees={
        "item": (
            ("{ausente} ou {raro}", "praticamente {ausente}"),
            ("{pouco}", "{escasso}"),
            ("{algum}", "{algum}, em parte do contorno"),
            ("{numeroso}", "{frequente}"),
            ("muito {numeroso}", "em grande parte do contorno"),
        )
    },
    whole={
        ("attribute", 1): ("com raras reentrâncias, se tanto", "com raras indentações, se tanto"),
        ("attribute", 5): (
            "com reentrâncias muito numerosas em grande parte do contorno",
            "com indentações muito numerosas em grande parte do contorno",
        ),
        ("clause", 1): (
            "no máximo raras reentrâncias",
            "no máximo raras indentações",
            "reentrâncias ausentes ou raras",
        ),
        ("attribute", 2): ("com poucas reentrâncias", "com poucas indentações"),
        ("attribute", 3): ("com algumas reentrâncias", "com algumas indentações"),
        ("attribute", 4): ("com numerosas reentrâncias", "com numerosas indentações"),
        ("clause", 2): ("poucas reentrâncias", "poucas indentações do contorno"),
        ("clause", 3): ("algumas reentrâncias", "algumas indentações do contorno"),
        ("clause", 4): ("numerosas reentrâncias", "numerosas indentações do contorno"),
    },
)

NUMBERS = ("{raro}", "{pouco}", "{algum}", "{numeroso}", "muito {numeroso}")
DEPTHS = ("quase {imperceptível}", "{raso}", "{discreto}", "{evidente}", "{profundo}")
PITS = ("reentrâncias", "indentações")


def _indentations(form: Form, number: str, depth: str) -> tuple[str, ...]:
    leading = "" if form == "clause" else "com "
    if form == "item":
        templates = [f"{capitalized(pit)}: {number}, {depth}" for pit in PITS]
    else:
        before = [f"{leading}{number} {pit} {depth}" for pit in PITS]
        after = [f"{leading}{pit} {number} e {depth}" for pit in PITS]
        templates = before if number in NUMBERS[1:3] else after if number == NUMBERS[4] else before + after
    return tuple(agree(template, forms(NOUNS)["reentrâncias"]) for template in templates)


INDENTATIONS = Construct(
    attributes=("com <reentrâncias> *",),
    clauses=("<reentrâncias> *", "<indentações> *"),
    items=("<Reentrâncias>: *",),
    degrees=tuple((f"{number} e {depth}",) for number in NUMBERS for depth in DEPTHS),
    whole={
        (form, 5 * i + j + 1): _indentations(form, number, depth)
        for form in ("attribute", "clause", "item")
        for i, number in enumerate(NUMBERS)
        for j, depth in enumerate(DEPTHS)
    },
    compact={"attribute": 7, "clause": 6},
)
"""Number and depth together: level 5 (number - 1) + depth."""

SYMMETRY = Construct(
    attributes=("com <assimetria> *", "com <assimetria> nuclear *"),
    clauses=("<assimetria> *", "<assimetria> nuclear *"),
    items=("<Assimetria>: *", "<Assimetria> nuclear: *"),
    degrees=GRADES,
    whole={
        ("attribute", 1): ("simétricos", "sem assimetria apreciável"),
        ("clause", 1): (
            "simetria preservada",
            "simetria nuclear preservada",
            "sem assimetria apreciável",
        ),
    },
)

OUTLINE = Construct(
    attributes=("de <traçado> *",),
    compact={"attribute": 5, "clause": 7},
    clauses=("<traçado> do contorno *", "<traçado> nuclear *"),
    items=("<Traçado>: *", "<Traçado> do contorno: *"),
    degrees=(
        ("{simples}", "bastante {simples}"),
        ("quase {simples}", "pouco {complexo}"),
        ("de complexidade intermediária", "de média complexidade"),
        ("{complexo}", "de complexidade aumentada"),
        ("{complexo}, finamente {irregular}", "muito {complexo}, finamente {irregular}"),
    ),
    whole={
        ("attribute", 5): (
            "de traçado complexo, finamente irregular",
            "com traçado complexo, finamente irregular",
            "de traçado muito complexo, finamente irregular",
        )
    },
)

CHROMATIN = Construct(
    clauses=("<cromatina> *",),
    items=("<Cromatina>: *",),
    degrees=(
        ("{fino} e {homogêneo}", "{fino}, de distribuição homogênea"),
        ("finamente {granular}", "de granulação fina"),
        ("{granular}", "de granulação intermediária"),
        ("grosseiramente {granular}", "de granulação grosseira"),
        ("{grosseiro}, de distribuição irregular", "{grosseiro} e irregularmente {distribuído}"),
    ),
)

VARIABLE: Degrees = (
    ("praticamente {constante}", "muito pouco {variável}"),
    ("pouco {variável}", "com pequena variação"),
    ("moderadamente {variável}", "com variação moderada"),
    ("bastante {variável}", "com variação considerável"),
    ("muito {variável}", "com grande variação"),
)
EXTENT: Degrees = (
    ("{desprezível}", "{mínimo}"),
    ("{pequeno}", "{leve}"),
    ("{moderado}", "{intermediário}"),
    ("{considerável}", "{evidente}"),
    ("{grande}", "{acentuado}"),
)


def _variation(noun: str, of: str) -> Construct:
    """How much something varies between nuclei: minor evidence, from its standard error."""
    return Construct(
        attributes=("* entre os núcleos", "* entre núcleos", "* de um núcleo a outro"),
        clauses=(
            f"{noun} * entre os núcleos",
            f"{noun} * entre núcleos",
            f"{noun} * de um núcleo a outro",
        ),
        items=(f"<Variação> {of} entre os núcleos: *", f"<Variação> {of}: *"),
        degrees=VARIABLE,
        compact={"attribute": 5, "clause": 6},
        own_degrees={
            "item": EXTENT,
            "attribute": tuple(
                tuple(agree(word, forms(NOUNS)["cromatina"]) for word in degree) for degree in VARIABLE
            ),
        },
    )


VARIATIONS = {
    "texture": _variation("<cromatina>", "da cromatina"),
    "smoothness": _variation("<contornos>", "do contorno"),
    "compactness": _variation("<forma> nuclear", "da forma"),
    "fractal_dimension": _variation("<traçado>", "do traçado"),
}


def _names(head: str, tail: str, of: str, gender: str, row: str) -> tuple[str, str, str, str]:
    mean = "médio" if gender == "m" else "média"
    tail = f" {tail}" if tail else ""
    return f"{head} {mean}{tail}", f"erro padrão {of} {head}{tail}", f"{head}{tail} nos valores extremos", row


NAMES = {
    "radius": _names("raio", "", "do", "m", "Raio"),
    "texture": _names("heterogeneidade", "dos níveis de cinza", "da", "f", "Heterogeneidade de cinza"),
    "perimeter": _names("perímetro", "", "do", "m", "Perímetro"),
    "area": _names("área", "", "da", "f", "Área"),
    "smoothness": _names("rugosidade", "do contorno", "da", "f", "Rugosidade do contorno"),
    "compactness": _names("índice", "de forma", "do", "m", "Índice de forma"),
    "concavity": _names("profundidade", "das reentrâncias", "da", "f", "Profundidade das reentrâncias"),
    "concave_points": _names("fração", "do contorno com reentrâncias", "da", "f", "Fração com reentrâncias"),
    "symmetry": _names("índice", "de assimetria", "do", "m", "Índice de assimetria"),
    "fractal_dimension": _names("complexidade", "do traçado", "da", "f", "Complexidade do traçado"),
}


def _host_phrase(_: list[str], attributes: list[str]) -> str:
    """Size, then bare adjectives, then what has a preposition, so that each stays with the nuclei."""
    size, *others = attributes
    bare = [words for words in others if not words.startswith(("de ", "com ", "sem "))]
    rest = [words for words in others if words not in bare]
    rest.sort(key=lambda words: " e " in words)  # what has an "e" of its own goes last
    # How the parts are joined hangs on how many there are, never on what they say.
    return "núcleos " + joined([size, *bare, *rest], " e " if len(others) > 1 else ", ")


def _times(number: str, value: float) -> str:
    """Portuguese counts in the plural from two on: 1,4 vez, 2,1 vezes."""
    return f"{number} {'vezes' if value >= 2 else 'vez'} a mediana da série"


PORTUGUESE = Lexicon(
    nouns=forms(NOUNS),
    host="núcleos",
    constructs={
        "size": SIZE,
        "anisokaryosis": ANISOKARYOSIS,
        "largest": LARGEST,
        "shape": SHAPE,
        "contour": CONTOUR,
        "depth": DEPTH,
        "number": NUMBER,
        "indentations": INDENTATIONS,
        "symmetry": SYMMETRY,
        "outline": OUTLINE,
        "chromatin": CHROMATIN,
    },
    variations=VARIATIONS,
    names=NAMES,
    decimal=",",
    both=(" e ", ", além de "),
    not_assessed=(
        "Não avaliados nesta morfometria: celularidade, coesão, fundo, nucléolos, mitoses"
        " e células mioepiteliais."
    ),
    lead_ins=(
        "morfometria nuclear assistida por computador: *",
        "morfometria nuclear: *",
        "à morfometria assistida por computador, observam-se *",
        "a morfometria nuclear mostra, em média, *",
        "observam-se *",
        "*",
    ),
    extremes=(
        "nos núcleos de valores extremos, *",
        "nos três núcleos mais destoantes, *",
        "os núcleos de valores extremos mostram *",
    ),
    headings=(
        ("MATERIAL", "PROCEDIMENTO"),
        ("MICROSCOPIA", "MORFOMETRIA NUCLEAR"),
        ("OBSERVAÇÃO", "OBSERVAÇÕES"),
    ),
    remarks=(
        "contornos nucleares delineados com programa de análise de imagem",
        "medidas obtidas em imagem digital, em unidades de imagem",
        "descrição limitada às medidas nucleares obtidas em imagem digital",
    ),
    summaries=("síntese descritiva: *", "em palavras: *", "descrição: *"),
    table=("Medida: média; erro padrão (EP); extremos", "Média, erro padrão (EP) e valores extremos"),
    verbs={False: ("observa-se *", "nota-se *", "há *"), True: ("observam-se *", "notam-se *", "há *")},
    host_phrase=_host_phrase,
    times=_times,
    below=("abaixo de *", "<*"),
    verbless=("sem ", "reentrâncias ausentes"),
    error="EP",
    extreme="extremos",
    extreme_items=" (valores extremos)",
)
"""What Portuguese reports say."""
