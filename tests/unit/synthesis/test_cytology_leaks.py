"""The laws that keep the label out of a cytology report, each as a test that a leak would fail."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import chi2, chi2_contingency, kruskal, kstest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from bert4text.core.corpus import Corpus
from bert4text.core.seeds import rng
from bert4text.data import sources
from bert4text.data.sources import Wdbc, wdbc
from bert4text.synthesis import synthesize as verb
from bert4text.synthesis.ceiling import tabular_probabilities
from bert4text.synthesis.config import SynthesizeConfig
from bert4text.synthesis.cytology import LEXICONS, Style, compose, describe, draw_style
from bert4text.synthesis.layouts import LAYOUTS, without_accents
from bert4text.synthesis.lexicon import level_phrases, plural, surfaces
from bert4text.synthesis.procedure import INVENTED
from bert4text.synthesis.rows import row_digest
from bert4text.synthesis.synthesize import synthesize

REAL = wdbc()
MALIGNANT = np.array([label == "malignant" for label in REAL.labels])
ROWS = {row_digest(row)[:12]: row for row in REAL.measurements}


def use(monkeypatch: pytest.MonkeyPatch, table: Wdbc) -> None:
    monkeypatch.setattr(verb, "wdbc", lambda: table)
    monkeypatch.setattr(sources, "wdbc", lambda: table)


def truth(corpus: Corpus) -> npt.NDArray[np.bool_]:
    assert corpus.label_space is not None
    return np.array([label == corpus.label_space.names[1] for label in corpus.labels])


def by_text(texts: list[str], labels: npt.NDArray[np.bool_], *, seed: int) -> npt.NDArray[np.float64]:
    """Out-of-fold probabilities of TF-IDF and balanced logistic regression."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=r"\S+"),
        LogisticRegression(class_weight="balanced", C=10, max_iter=2000),
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    return np.asarray(
        cross_val_predict(model, np.array(texts, dtype=object), labels, cv=folds, method="predict_proba")[
            :, 1
        ]
    )


def by_numbers(corpus: Corpus, labels: npt.NDArray[np.bool_], *, seed: int) -> npt.NDArray[np.float64]:
    """Out-of-fold probabilities of logistic regression on the 30 numbers, same folds."""
    rows = np.stack([ROWS[report.attributes["wdbc_row"]] for report in corpus])
    found = np.zeros(len(rows))
    for train, asked in StratifiedKFold(5, shuffle=True, random_state=seed).split(rows, labels):
        found[asked] = tabular_probabilities(rows[train], list(labels[train]), rows[asked])[:, 1]
    return found


@lru_cache
def level_pattern(language: str) -> re.Pattern[str]:
    phrases = level_phrases(LEXICONS[language])  # type: ignore[index]
    choices = "|".join(re.escape(without_accents(phrase.casefold())) for phrase in phrases)
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w)")


def blanked(text: str, language: str) -> str:
    """The text with every phrase and number that depends on a level replaced by a blank."""
    aside = without_accents(LEXICONS[language].extreme_items)  # type: ignore[index]
    folded = without_accents(text.casefold()).replace(aside, "")
    folded = level_pattern(language).sub("_", re.sub(r"\b(\w+) \1\b", r"\1", folded))
    return re.sub(r"(?:abaixo de |below |<)?\d+(?:[.,]\d+)?(?: vezes| vez| times)?", "#", folded)


def test_flipped_labels_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = synthesize("cytology", SynthesizeConfig(style="mixed"), seed=5)
    turned = {"benign": "malignant", "malignant": "benign"}
    use(monkeypatch, Wdbc(REAL.measurements, REAL.names, tuple(turned[label] for label in REAL.labels)))  # type: ignore[arg-type]
    after = synthesize("cytology", SynthesizeConfig(style="mixed"), seed=5)
    for name in ("id", "text", "patient", "source_row", "attributes"):
        assert after.table[name].equals(before.table[name])
    assert all(a != b for a, b in zip(after.labels, before.labels, strict=True))


def test_the_order_of_the_file_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    before = synthesize("cytology", n=200, seed=5)
    order = rng(1, "tests.order").permutation(569)
    labels = tuple(REAL.labels[int(i)] for i in order)
    use(monkeypatch, Wdbc(REAL.measurements[order], REAL.names, labels))
    assert synthesize("cytology", n=200, seed=5).fingerprint == before.fingerprint


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ids_and_places_say_nothing_of_the_label(seed: int) -> None:
    corpus = synthesize("cytology", seed=seed)
    labels = truth(corpus)
    ids = corpus.table["id"].to_pylist()
    for key in (
        range(len(ids)),
        [sorted(ids).index(name) for name in ids],
        [int(name[4:], 16) for name in ids],
    ):
        assert 0.4 < roc_auc_score(labels, np.array(key, dtype=float)) < 0.6
    assert 5 <= labels[:19].sum() < 15 or seed != 1
    assert len({len(name) for name in ids}) == 1


def test_a_row_keeps_its_report_whatever_is_dealt_with_it() -> None:
    few, all_rows = synthesize("cytology", n=100, seed=5), synthesize("cytology", seed=5)
    whole = dict(zip(all_rows.table["id"].to_pylist(), all_rows.texts, strict=True))
    assert all(whole[name] == text for name, text in zip(few.table["id"].to_pylist(), few.texts, strict=True))


def synonym_statistic(language: str, seeds: Iterable[int], *, fewest: int) -> tuple[float, int]:
    """Sum over levels of chi-square of synonym against label, and its degrees of freedom.

    Levels at which one class has fewer than so many choices say nothing and are left out.
    """
    counts: dict[tuple[str, str, int, int], Counter[tuple[int, bool]]] = defaultdict(Counter)
    for seed in seeds:
        for row, label in zip(REAL.measurements, MALIGNANT, strict=True):
            stream = rng(seed, f"tests.synonyms.{row_digest(row)}")
            style = draw_style(SynthesizeConfig(style="mixed"), language, stream)  # type: ignore[arg-type]
            for choice in compose(row, style, stream).choices:
                key = (choice.construct, choice.form, choice.level, choice.among)
                counts[key][choice.index, bool(label)] += 1
    total, freedom = 0.0, 0
    for (*_, among), table in counts.items():
        cells = np.array([[table[index, label] for label in (False, True)] for index in range(among)])
        if among > 1 and (cells.sum(axis=0) >= fewest).all() and (cells.sum(axis=1) > 0).all():
            found = chi2_contingency(cells, correction=False)
            total, freedom = total + float(found.statistic), freedom + int(found.dof)
    return total, freedom


def fields_against_label(seed: int) -> list[float]:
    """p-values of every invented field, and of layout and length, against the label."""
    corpus = synthesize("cytology", SynthesizeConfig(style="mixed"), seed=seed)
    labels = truth(corpus)
    found = []
    for field in (*INVENTED, "layout", "length"):
        values = [report.attributes[field] for report in corpus]
        if field == "age":
            ages = np.array(values, dtype=float)
            found.append(float(kruskal(ages[labels], ages[~labels]).pvalue))
            continue
        names = sorted(set(values))
        cells = np.array(
            [
                [
                    sum((v == name) & (y == label) for v, y in zip(values, labels, strict=True))
                    for label in (0, 1)
                ]
                for name in names
            ]
        )
        found.append(float(chi2_contingency(cells, correction=False).pvalue))
    return found


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_no_synonym_belongs_to_a_class(language: str) -> None:
    statistic, freedom = synonym_statistic(language, range(4), fewest=20)
    assert freedom > 100
    assert chi2.sf(statistic, freedom) > 0.001


def test_no_invented_field_goes_with_the_label() -> None:
    found = [p for seed in (1, 2, 3) for p in fields_against_label(seed)]
    assert min(found) * len(found) > 0.01


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_the_text_does_not_know_more_than_the_numbers(language: str) -> None:
    corpus = synthesize("cytology", seed=1, language=language)
    check_against_numbers(corpus, seed=1)


def check_against_numbers(corpus: Corpus, *, seed: int) -> None:
    labels = truth(corpus)
    text, numbers = by_text(corpus.texts, labels, seed=seed), by_numbers(corpus, labels, seed=seed)
    random = rng(seed, "tests.bootstrap")
    differences = []
    for _ in range(300):
        drawn = random.integers(0, len(labels), len(labels))
        differences.append(
            roc_auc_score(labels[drawn], text[drawn]) - roc_auc_score(labels[drawn], numbers[drawn])
        )
    assert np.quantile(differences, 0.025) <= 0
    assert roc_auc_score(labels, text) > 0.9


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_without_its_level_words_a_text_says_nothing(language: str) -> None:
    corpus = synthesize("cytology", SynthesizeConfig(style="mixed"), seed=1, language=language)
    labels = truth(corpus)
    found = roc_auc_score(labels, by_text([blanked(text, language) for text in corpus.texts], labels, seed=1))
    assert 0.41 < found < 0.59


@pytest.mark.parametrize("language", sorted(LEXICONS))
@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize("short", [True, False])
def test_two_rows_on_one_stream_have_the_same_skeleton(language: str, layout: str, short: bool) -> None:
    """Nothing but level words, figures and the number of a verb tells one row's report from another's."""
    style = Style(language, layout, short=short)  # type: ignore[arg-type]
    verbs = re.compile(r"\b(?:observam?|notam?)-se\b|\bthere (?:is|are)\b")
    for k in range(40):
        skeletons = {
            verbs.sub("VERB", blanked(describe(rows[k], style, rng(k, "tests.skeleton")), language))
            for rows in (REAL.measurements[MALIGNANT], REAL.measurements[~MALIGNANT])
        }
        assert len(skeletons) == 1, skeletons


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_the_number_of_a_verb_does_not_depend_on_the_level(language: str) -> None:
    lexicon = LEXICONS[language]  # type: ignore[index]
    for name, construct in lexicon.constructs.items():
        shares = set()
        for level in construct.levels if construct.clauses else ():
            said = surfaces(lexicon, construct, "clause", level)
            governed = [words for words in said if not words.startswith(lexicon.verbless)] or list(said)
            shares.add(sum(plural(lexicon, construct, words) for words in governed) / len(governed))
        assert len(shares) <= 1, (name, shares)


def test_the_blanking_leaves_no_word_of_degree() -> None:
    left = re.compile(
        r"pequen|volumos|aumentad|discret|acentuad|moderad|irregular|ondulad|lis[oa]|granular|gross|profund(?!idade)|vari[aá]ve"
    )
    for text in synthesize("cytology", SynthesizeConfig(style="mixed")).texts:
        assert not left.search(blanked(text, "pt-BR")), blanked(text, "pt-BR")


def test_a_leak_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The controls above are able to fail: a stain that follows the label is found at once."""
    corpus = synthesize("cytology", SynthesizeConfig(style="mixed"), seed=1)
    labels = truth(corpus)
    planted = [f"{text} {'x' if label else 'y'}" for text, label in zip(corpus.texts, labels, strict=True)]
    assert roc_auc_score(labels, by_text([blanked(text, "pt-BR") for text in planted], labels, seed=1)) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_over_fifty_seeds_synonyms_look_like_chance(language: str) -> None:
    parts = [synonym_statistic(language, [seed], fewest=10) for seed in range(50)]
    values = [float(chi2.sf(statistic, freedom)) for statistic, freedom in parts]
    assert kstest(values, "uniform").pvalue > 0.001
    assert min(values) * len(values) > 0.01


@pytest.mark.slow
def test_over_twenty_seeds_no_invented_field_goes_with_the_label() -> None:
    found = [p for seed in range(20) for p in fields_against_label(seed)]
    assert min(found) * len(found) > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(LEXICONS))
@pytest.mark.parametrize("style", ["short", "long", *LAYOUTS])
def test_no_style_knows_more_than_the_numbers(style: str, language: str) -> None:
    corpus = synthesize("cytology", SynthesizeConfig(style=style), seed=2, language=language)  # type: ignore[arg-type]
    labels = truth(corpus)
    text, numbers = by_text(corpus.texts, labels, seed=2), by_numbers(corpus, labels, seed=2)
    assert roc_auc_score(labels, text) < roc_auc_score(labels, numbers)


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(LEXICONS))
@pytest.mark.parametrize("style", ["short", "long"])
def test_over_twenty_seeds_blanked_texts_are_at_chance(style: str, language: str) -> None:
    found = []
    for seed in range(20):
        corpus = synthesize("cytology", SynthesizeConfig(style=style), seed=seed, language=language)  # type: ignore[arg-type]
        labels = truth(corpus)
        found.append(
            roc_auc_score(
                labels, by_text([blanked(text, language) for text in corpus.texts], labels, seed=seed)
            )
        )
    assert abs(np.mean(found) - 0.5) < 3 * np.std(found) / np.sqrt(len(found))
    assert 0.35 < min(found) <= max(found) < 0.65
