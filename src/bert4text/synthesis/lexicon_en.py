"""English for nuclear morphometry: constructs in five degrees, frames."""

from __future__ import annotations

from bert4text.synthesis.grammar import Noun, capitalized, forms, joined
from bert4text.synthesis.lexicon import Construct, Degrees, Form, Lexicon

NOUNS = (
    Noun("nucleus", "m", "nuclei"),
    Noun("outline", "m", "outlines"),
    Noun("contour", "m", "contours"),
    Noun("edge", "m", "edges"),
    Noun("size", "m", "sizes"),
    Noun("shape", "m", "shapes"),
    Noun("chromatin", "m", "chromatins"),
    Noun("anisokaryosis", "m", "anisokaryoses"),
    Noun("asymmetry", "m", "asymmetries"),
    Noun("symmetry", "m", "symmetries"),
    Noun("variation", "m", "variations"),
    Noun("number", "m", "numbers"),
    Noun("indentation", "m", "indentations"),
)

SIZE = Construct(
    attributes=("*",),
    clauses=("* <nuclei>",),
    items=("<Size>: *", "Nuclear <size>: *"),
    degrees=(
        ("small", "small-sized"),
        ("small to medium-sized", "small to intermediate-sized"),
        ("medium-sized", "intermediate-sized"),
        ("moderately enlarged", "moderately large"),
        ("large", "markedly enlarged"),
    ),
    own_degrees={
        "item": (
            ("small", "reduced"),
            ("small to medium", "between small and medium"),
            ("medium", "intermediate"),
            ("moderately enlarged", "moderately increased"),
            ("large", "markedly enlarged"),
        )
    },
    premodifier=True,
)

GRADES: Degrees = (
    ("not appreciable", "imperceptible"),
    ("minimal", "very slight"),
    ("mild", "slight"),
    ("moderate", "of moderate degree"),
    ("marked", "pronounced"),
)
ATTRIBUTIVE_GRADES: Degrees = (
    ("no appreciable", "no perceptible"),
    ("minimal", "very slight"),
    ("mild", "slight"),
    ("moderate", "a moderate degree of"),
    ("marked", "pronounced"),
)

ANISOKARYOSIS = Construct(
    clauses=("* <anisokaryosis>", "* <variation> in nuclear size"),
    items=("<Anisokaryosis>: *", "<Variation> in size: *"),
    degrees=ATTRIBUTIVE_GRADES,
    own_degrees={"item": GRADES},
    whole={("clause", 1): ("uniform nuclear size", "no appreciable anisokaryosis")},
)

LARGEST = Construct(
    clauses=("the largest <nuclei> *",),
    items=("Largest <nuclei>: *", "The largest <nuclei>: *"),
    degrees=(
        ("remain small", "are still small"),
        ("are medium-sized", "do not exceed medium size"),
        ("are of intermediate size", "reach intermediate size"),
        ("are large", "reach a large size"),
        ("are very large", "reach a very large size"),
    ),
    own_degrees={
        "item": (
            ("small", "small-sized"),
            ("medium-sized", "of medium size"),
            ("of intermediate size", "intermediate-sized"),
            ("large", "large-sized"),
            ("very large", "of very large size"),
        )
    },
)

SHAPE = Construct(
    attributes=("*",),
    clauses=("* nuclear <shapes>",),
    items=("<Shape>: *", "Nuclear <shape>: *"),
    degrees=(
        ("round", "rounded"),
        ("round to oval", "rounded to oval"),
        ("oval", "ovoid"),
        ("elongated or irregular", "elongated to irregular"),
        ("markedly irregular", "very irregular"),
    ),
    own_degrees={
        "attribute": (
            ("round", "rounded"),
            ("round to oval", "rounded to oval"),
            ("oval", "ovoid"),
            ("elongated or irregular", "elongated or irregularly shaped"),
            ("markedly irregular", "very irregularly shaped"),
        )
    },
    premodifier=True,
)

CONTOUR = Construct(
    attributes=("* <outlines>", "* <contours>"),
    clauses=("* <outlines>", "* nuclear <contours>"),
    items=("<Outlines>: *", "Nuclear <contours>: *"),
    degrees=(
        ("smooth", "quite smooth"),
        ("regular", "nearly smooth"),
        ("slightly wavy", "gently wavy"),
        ("wavy", "irregular"),
        ("markedly irregular", "very irregular"),
    ),
)

DEPTH = Construct(
    attributes=("* <indentations>",),
    clauses=("* <indentations>", "* contour <indentations>"),
    items=("<Indentations>: *", "Contour <indentations>: *"),
    degrees=(
        ("no appreciable", "no perceptible"),
        ("shallow", "rather shallow"),
        ("slight", "mild"),
        ("evident", "distinct"),
        ("deep", "rather deep"),
    ),
    own_degrees={
        "item": (
            ("not appreciable", "imperceptible"),
            ("shallow", "rather shallow"),
            ("slight", "mild"),
            ("evident", "distinct"),
            ("deep", "rather deep"),
        )
    },
)

NUMBER = Construct(
    attributes=("* <indentations>", "* contour <indentations>"),
    clauses=("* <indentations>", "* contour <indentations>"),
    items=("<Indentations>: *", "Contour <indentations>: *"),
    degrees=(
        ("rare or no", "few if any"),
        ("few", "only a few"),
        ("some", "a moderate number of"),
        ("numerous", "many"),
        ("very numerous", "a great many"),
    ),
    own_degrees={
        "item": (
            ("none or rare", "few if any"),
            ("few", "only a few"),
            ("some", "in moderate number"),
            ("numerous", "many"),
            ("very numerous", "very many, over much of the outline"),
        )
    },
)

NUMBERS = ("rare", "few", "some", "numerous", "very numerous")
DEPTHS = ("hardly appreciable", "shallow", "slight", "evident", "deep")


def _indentations(form: Form, number: str, depth: str) -> tuple[str, ...]:
    comma = "" if number == "some" else ","
    if form == "item":
        return (f"Indentations: {number}, {depth}", f"Contour indentations: {number}, {depth}")
    return (f"{number}{comma} {depth} indentations", f"{number}{comma} {depth} contour indentations")


INDENTATIONS = Construct(
    attributes=("* <indentations>",),
    clauses=("* <indentations>",),
    items=("<Indentations>: *",),
    degrees=tuple((f"{number}, {depth}",) for number in NUMBERS for depth in DEPTHS),
    whole={
        (form, 5 * i + j + 1): _indentations(form, number, depth)
        for form in ("attribute", "clause", "item")
        for i, number in enumerate(NUMBERS)
        for j, depth in enumerate(DEPTHS)
    },
    compact={"attribute": 6, "clause": 6},
)
"""Number and depth together: level 5 (number - 1) + depth."""

SYMMETRY = Construct(
    attributes=("* <asymmetry>", "* nuclear <asymmetry>"),
    clauses=("* <asymmetry>", "* nuclear <asymmetry>"),
    items=("<Asymmetry>: *", "Nuclear <asymmetry>: *"),
    degrees=ATTRIBUTIVE_GRADES,
    own_degrees={"item": GRADES},
    whole={("clause", 1): ("preserved symmetry", "no appreciable asymmetry")},
)

OUTLINE = Construct(
    attributes=("* <edges>",),
    compact={"attribute": 5},
    clauses=("* nuclear <edges>", "* <edges>"),
    items=("<Edges>: *", "Nuclear <edges>: *"),
    degrees=(
        ("simple", "plain"),
        ("fairly simple", "slightly intricate"),
        ("moderately intricate", "moderately complex"),
        ("intricate", "complex"),
        ("highly intricate, finely irregular", "complex, finely irregular"),
    ),
)

CHROMATIN = Construct(
    clauses=("* <chromatin>",),
    items=("<Chromatin>: *",),
    degrees=(
        ("fine, even", "fine, evenly distributed"),
        ("finely granular", "fine-grained"),
        ("granular", "medium-grained"),
        ("coarsely granular", "coarse-grained"),
        ("coarse, unevenly distributed", "coarse, uneven"),
    ),
)

VARIABLE: Degrees = (
    ("nearly constant", "hardly varying"),
    ("slightly variable", "varying little"),
    ("moderately variable", "varying moderately"),
    ("quite variable", "varying considerably"),
    ("highly variable", "varying widely"),
)
EXTENT: Degrees = (
    ("negligible", "minimal"),
    ("small", "slight"),
    ("moderate", "intermediate"),
    ("considerable", "evident"),
    ("wide", "marked"),
)


def _variation(noun: str, of: str) -> Construct:
    """How much something varies between nuclei: minor evidence, from its standard error."""
    return Construct(
        attributes=("* between nuclei", "* from nucleus to nucleus"),
        clauses=(f"{noun} * between nuclei", f"{noun} * from nucleus to nucleus"),
        items=(f"<Variation> in {of} between nuclei: *", f"<Variation> in {of}: *"),
        degrees=VARIABLE,
        compact={"attribute": 6, "clause": 6},
        own_degrees={"item": EXTENT},
    )


VARIATIONS = {
    "texture": _variation("<chromatin>", "chromatin"),
    "smoothness": _variation("<outlines>", "outlines"),
    "compactness": _variation("nuclear <shape>", "shape"),
    "fractal_dimension": _variation("nuclear <edges>", "edges"),
}


def _names(name: str) -> tuple[str, str, str, str]:
    return f"mean {name}", f"standard error of the {name}", f"{name} at the extreme values", capitalized(name)


NAMES = {
    "radius": _names("radius"),
    "texture": _names("grey-level heterogeneity"),
    "perimeter": _names("perimeter"),
    "area": _names("area"),
    "smoothness": _names("outline roughness"),
    "compactness": _names("shape index"),
    "concavity": _names("depth of indentations"),
    "concave_points": _names("indented fraction of the outline"),
    "symmetry": _names("asymmetry index"),
    "fractal_dimension": _names("edge complexity"),
}


def _host_phrase(before: list[str], after: list[str]) -> str:
    phrase = ", ".join(before) + " nuclei" if before else "nuclei"
    return f"{phrase} with {joined(after, ' and ')}" if after else phrase


def _times(number: str, value: float) -> str:
    return f"{number} times the median of the series"


ENGLISH = Lexicon(
    nouns=forms(NOUNS),
    host="nuclei",
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
    decimal=".",
    both=(" and ", " and "),
    not_assessed=("Not assessed: cellularity, cohesion, background, nucleoli, mitoses, myoepithelial cells."),
    lead_ins=(
        "computer-assisted nuclear morphometry: *",
        "nuclear morphometry: *",
        "nuclear morphometry shows, on average, *",
        "there are *",
        "*",
    ),
    extremes=(
        "the nuclei with extreme values show *",
        "in the nuclei with extreme values, *",
        "in the three most discrepant nuclei, *",
    ),
    headings=(("MATERIAL", "PROCEDURE"), ("MICROSCOPY", "NUCLEAR MORPHOMETRY"), ("REMARK", "REMARKS")),
    remarks=(
        "nuclear outlines traced with image analysis software",
        "measurements taken on digital images, in image units",
        "description limited to nuclear measurements on digital images",
    ),
    summaries=("descriptive summary: *", "in words: *", "description: *"),
    table=(
        "Measurement: mean; standard error (SE); extremes",
        "Mean, standard error (SE) and extreme values",
    ),
    verbs={False: ("there is *",), True: ("there are *",)},
    host_phrase=_host_phrase,
    times=_times,
    below=("below *", "<*"),
    verbless=(),
    error="SE",
    extreme="extremes",
    extreme_items=" (extreme values)",
)
"""What English reports say."""
