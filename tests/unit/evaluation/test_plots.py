"""Figures: the same bytes, ids of their own, theme colours, names in the language of the page."""

from __future__ import annotations

import gettext
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from bert4text.core.evaluation import Confusion, Curve, Metric, ReliabilityBin
from bert4text.core.messages import Translator, load
from bert4text.evaluation import forest, plots
from bert4text.evaluation.svg import PALETTE, distinct, embedded, place_of, shortened, wrapped

ENGLISH = load("en")


def confusion(k=2, names=None):
    labels = tuple(names or (f"label {i}" for i in range(k)))
    return Confusion(
        system="model", labels=labels, rows=tuple(tuple(i * k + j for j in range(k)) for i in range(k))
    )


def bins():
    return [
        ReliabilityBin(system="model", mean=0.2, observed=0.1, low=0.0, high=0.3, n=1200),
        ReliabilityBin(system="model", mean=0.9, observed=1.0, low=0.8, high=1.0, n=30),
    ]


def metric(value, low=None, high=None):
    return Metric(system="model", name="macro_f1", value=value, low=low, high=high, n=10)


CURVE = Curve(system="model", kind="roc", label="y", x=(0.0, 0.2, 1.0), y=(0.0, 0.9, 1.0), area=0.91)

DRAWN = {
    "confusion": lambda _: plots.confusion_matrix(confusion(), translator=_),
    "confusion of seven": lambda _: plots.confusion_matrix(confusion(7), translator=_),
    "confusion of twelve": lambda _: plots.confusion_matrix(confusion(12), translator=_),
    "confusion of many": lambda _: plots.confusion_matrix(confusion(26), translator=_),
    "roc": lambda _: plots.curve_figure([CURVE], ["BERT: 0.91"], kind="roc", translator=_),
    "precision": lambda _: plots.curve_figure(
        [CURVE, CURVE.model_copy(update={"system": "tfidf"})],
        ["BERT", "TF-IDF"],
        kind="precision-recall",
        translator=_,
        prevalence=0.3,
    ),
    "reliability": lambda _: plots.reliability_diagram(
        {"model": bins()},
        names={"model": "BERT"},
        axis=_("probability of the most probable label"),
        counted=_("reports"),
        translator=_,
    ),
    "learning": lambda _: plots.learning_curve(
        [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 0.5, "validation_macro_f1": 0.7}], translator=_
    ),
    "learning without validation": lambda _: plots.learning_curve(
        [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 0.5}], translator=_
    ),
    "intervals": lambda _: forest.interval_plot(
        [
            forest.Row("macro F1", {"model": metric(0.8, 0.7, 0.9), "tabular": metric(0.95)}),
            forest.Row("Matthews", {"model": metric(-0.4, -0.5, 0.1), "majority": metric(None)}),
        ],
        ["model", "majority", "tabular"],
        names={"model": "BERT", "majority": "modal", "tabular": "table"},
        axis="value",
        translator=_,
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_each_figure_is_svg_of_its_own_and_always_the_same(name):
    svg = DRAWN[name](ENGLISH)
    assert svg == DRAWN[name](ENGLISH)
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"]
    assert "width" not in root.attrib
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert ids
    assert len(ids) == len(set(ids))
    assert "<metadata" not in svg
    assert "DejaVu" not in svg
    assert "<text" in svg
    assert "var(--ink, #1b1f24)" in svg


def test_text_is_translated_and_numbers_are_local():
    class Shouting(Translator):
        def __call__(self, message, **values):
            return super().__call__(message, **values).upper()

    shouting = Shouting("pt-BR", gettext.NullTranslations())
    svg = DRAWN["reliability"](shouting)
    assert "PROBABILITY OF THE MOST PROBABLE LABEL" in svg
    assert "0,2" in svg
    assert "SHARE THAT CAME TRUE" in svg


def test_axes_say_what_they_measure():
    assert "false alarms: share of reports without the label" in DRAWN["roc"](ENGLISH)
    assert "BERT: 0.91" in DRAWN["roc"](ENGLISH)
    assert "step of training (batches of reports)" in DRAWN["learning"](ENGLISH)


def test_names_with_markup_and_signs_no_font_has():
    svg = plots.confusion_matrix(confusion(names=["<i>a</i>", "$\\alpha$ 🙂"]), translator=ENGLISH)
    assert "&lt;i&gt;a&lt;/i&gt;" in svg
    assert "$\\alpha$" in svg


def test_long_names_are_cut():
    assert shortened("a" * 18) == "a" * 18
    assert shortened("a" * 19) == "a" * 17 + "…"


def test_cut_names_stay_apart():
    names = [f"a rather long label {i}" for i in range(20)] + ["short", "another rather long label"]
    cut = distinct(names)
    assert len(set(cut.values())) == len(names)
    assert all(len(name) <= 18 for name in cut.values())
    assert (cut["short"], cut["another rather long label"]) == ("short", "another rather lo…")


def test_names_of_axes_are_broken_not_cut():
    assert wrapped("one two three", 8) == "one two\nthree"


@pytest.mark.parametrize("lowest", [0.1, -0.4])
def test_ticks_say_where_they_stand(lowest):
    """However narrow the axis beside long names, 0.25 is never written 0.2."""
    row = forest.Row("a label of many letters (n = 1,000)", {"model": metric(lowest, lowest, 0.9)})
    svg = forest.interval_plot([row], ["model"], names={"model": "BERT"}, axis="share", translator=ENGLISH)
    shown = [text.text for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    wanted = (
        ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"] if lowest > 0 else ["-1.0", "-0.5", "0.0", "0.5", "1.0"]
    )
    assert [text for text in shown if text.strip("-").replace(".", "").isdigit()] == wanted


@pytest.mark.parametrize(("loss", "tick"), [(2.3, "0.5"), (0.06, "0.02"), (0.8, "0.2")])
def test_ticks_of_small_losses_differ(loss, tick):
    svg = plots.learning_curve([{"step": 1, "loss": loss}, {"step": 2, "loss": loss / 2}], translator=ENGLISH)
    shown = [text.text for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    ticks = [text for text in shown if "." in text and text.replace(".", "").isdigit()]
    assert tick in ticks
    assert len(ticks) == len(set(ticks))


def test_a_wide_matrix_leaves_out_what_never_happened():
    root = ET.fromstring(DRAWN["confusion of twelve"](ENGLISH))  # noqa: S314
    assert float(root.attrib["viewBox"].split()[2]) > 500
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "0" not in texts
    assert "143" in texts


def test_systems_keep_their_colour():
    assert [place_of(name, 5) for name in ("model", "tfidf", "majority")] == [0, 1, 6]
    assert place_of("another", 1) < len(PALETTE)
    assert len({place_of(name) for name in ("model", "tfidf", "majority", "tabular", "hybrid")}) == 5


def test_embedding_escapes_the_title():
    svg = embedded('<?xml?>\n<svg height="1" viewBox="0 0 1 1"><g id="a"/></svg>', "f", '"<x>')
    assert 'aria-label="&quot;&lt;x&gt;"' in svg
    assert 'id="f-a"' in svg


def test_no_global_state_is_left_behind():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    DRAWN["roc"](ENGLISH)
    assert dict(mpl.rcParams) == before


def test_measuring_loads_neither_matplotlib_nor_jinja():
    code = (
        "import sys, bert4text.evaluation.evaluate, bert4text.evaluation.summary;"
        "print(sorted(set(sys.modules) & {'matplotlib', 'jinja2', 'sklearn', 'torch'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
