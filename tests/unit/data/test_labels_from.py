from __future__ import annotations

import pytest

from bert4text.core.errors import ConfigError
from bert4text.data.config import LabelsFromConfig
from bert4text.data.labels_from import PROBLEMS, label_reader, possible_labels

CLASSES = {
    "benign": ["benigno", "benigna", "sem sinais de malignidade"],
    "probably": ["provavelmente benigno"],
    "malignant": ["malign*", "carcinoma"],
}


def reader(**settings):
    return label_reader(LabelsFromConfig.parse(settings, section="prepare.labels_from"), language="pt-BR")


@pytest.mark.parametrize(
    ("text", "label", "problem"),
    [
        ("ACHADOS: nódulo.\nCONCLUSÃO: achado BENIGNO.", "benign", None),
        ("CONCLUSÃO: provavelmente benigno", "probably", None),
        ("CONCLUSÃO: sem sinais de malignidade.", "benign", None),
        ("CONCLUSÃO: malignidade.", "malignant", None),
        ("CONCLUSÃO: não há carcinoma.", None, "negated"),
        ("CONCLUSÃO: suspeita de carcinoma.", None, "hedged"),
        ("CONCLUSÃO: carcinoma à direita. Lesão benigna à esquerda.", None, "several"),
        ("ACHADOS: carcinoma.\nCONCLUSÃO: estável.", None, "absent"),
        ("Achado benigno.", None, "no-section"),
    ],
)
def test_words_are_read_from_their_section(text, label, problem):
    assert reader(section="conclusion", reader="words", classes=CLASSES)(text) == (label, problem)
    assert problem is None or problem in PROBLEMS


def test_the_gravest_of_several():
    text = "CONCLUSÃO: carcinoma à direita. Lesão benigna à esquerda."
    assert (
        reader(section="conclusion", reader="words", classes=CLASSES, several="highest")(text).label
        == "malignant"
    )
    assert reader(several="highest")("BI-RADS 2 à direita e BI-RADS 0 à esquerda").label == "BIRADS_0"
    assert reader(several="highest")("BI-RADS 6 à direita e 4B à esquerda.").label == "BIRADS_4"
    assert reader()("BI-RADS 2 à direita e BI-RADS 4 à esquerda").problem == "several"


def test_patterns():
    read = reader(reader="regex", classes={"small": [r"\b[1-9] mm"], "large": [r"\b\d\d+ mm"]})
    assert read("Nódulo de 7 MM").label == "small"
    assert read("Nódulo de 25 mm").label == "large"
    assert read("Ausência de nódulo de 25 mm").problem == "negated"
    assert read("").problem == "absent"


def test_categories_are_read_whatever_is_denied_beside_them():
    assert reader(section="conclusion")("CONCLUSÃO: sem sinais suspeitos, BI-RADS 2").label == "BIRADS_2"


def test_settings_that_cannot_work():
    for settings in (
        {"reader": "words"},
        {"reader": "words", "classes": {"a": ["x"]}},
        {"reader": "words", "classes": {"a": ["x"], "b": [" "]}},
        {"classes": CLASSES},
        {"reader": "oracle"},
    ):
        with pytest.raises(ConfigError):
            reader(**settings)
    with pytest.raises(ConfigError) as caught:
        reader(reader="regex", classes={"a": ["("], "b": ["x"]})
    assert caught.value.error_code == "bad-pattern"


def test_possible_labels_keep_their_order():
    config = LabelsFromConfig.parse({"reader": "words", "classes": CLASSES}, section="s")
    assert possible_labels(config) == ("benign", "probably", "malignant")
    assert possible_labels(LabelsFromConfig.parse({}, section="s"))[0] == "BIRADS_0"
