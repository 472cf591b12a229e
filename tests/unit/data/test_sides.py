"""Sides: what of a report is read for the right and the left, and how a table with two labels is dealt."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.auditing.remedies import Remedies, mend
from bert4text.core.errors import ConfigError, SchemaError
from bert4text.core.keys import pseudonym
from bert4text.data.config import PrepareConfig
from bert4text.data.prepare import Prepared, prepare
from bert4text.data.sides import marked, names_a_side, seen_of_side, side_of, side_view

REPORT = """MAMOGRAFIA DIGITAL BILATERAL
Achados:
Mamas heterogeneamente densas.
Mama direita: nódulo irregular, medindo 12 mm. Calcificações agrupadas.
Mama esquerda: sem nódulos. Cisto simples à direita, já conhecido.
Axilas sem linfonodomegalias. Pele normal.
Conclusão: BI-RADS 4 à direita. BI-RADS 2 à esquerda."""


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("direita", "right"),
        ("Mama esquerda", "left"),
        ("izquierda", "left"),
        ("right", "right"),
        ("ambas", None),
        ("both", None),
        ("lado", None),
        ("", None),
    ],
)
def test_which_side_a_name_says(name: str, side: str | None) -> None:
    assert side_of(name) == side


def test_what_is_said_of_the_other_side_is_left_out() -> None:
    right, left = side_view(REPORT, "direita"), side_view(REPORT, "esquerda")
    for view in (right, left):
        assert view.startswith("MAMOGRAFIA DIGITAL BILATERAL\nAchados:\nMamas heterogeneamente densas.\n")
        assert "Axilas sem linfonodomegalias. Pele normal." in view
    assert "nódulo irregular" in right
    assert "Calcificações agrupadas" in right
    assert "sem nódulos" not in right
    assert right.endswith("Conclusão: BI-RADS 4 à direita.")
    assert "nódulo irregular" not in left
    assert "Calcificações" not in left
    assert "sem nódulos" in left
    assert left.endswith("Conclusão: BI-RADS 2 à esquerda.")
    assert "Cisto simples à direita" in right  # it stands under the left, and names the right
    assert "Cisto simples à direita" in left


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [
        ("Nódulo na mama D, 8 mm. Mama E sem achados.", "Nódulo na mama D, 8 mm.", "Mama E sem achados."),
        ("ME: nódulo. MD: cisto.", "MD: cisto.", "ME: nódulo."),
        (
            "Quiste en mama derecha. Mama izquierda normal.",
            "Quiste en mama derecha.",
            "Mama izquierda normal.",
        ),
        (
            "Right breast: cyst. Stable.\nLeft breast: mass.",
            "Right breast: cyst. Stable.",
            "Left breast: mass.",
        ),
        ("MAMA DIREITA\nNódulo.\nMAMA ESQUERDA\nCisto.", "MAMA DIREITA\nNódulo.", "MAMA ESQUERDA\nCisto."),
        (
            "Lobo direito\n- nódulo\nLobo esquerdo\n- cisto",
            "Lobo direito\n- nódulo",
            "Lobo esquerdo\n- cisto",
        ),
    ],
)
def test_headings_words_and_letters(text: str, right: str, left: str) -> None:
    assert side_view(text, "right") == right
    assert side_view(text, "left") == left


@pytest.mark.parametrize(
    "text",
    [
        "Nódulo à direita e cisto à esquerda.",
        "Cistos bilaterais.",
        "Ambas as mamas com cistos.",
        "Mama e axila sem achados.",
        "MAMA E AXILA SEM ACHADOS.",
        "Sem achados.",
        "",
    ],
)
def test_what_tells_of_both_or_of_none_stays_in_both(text: str) -> None:
    assert side_view(text, "direita") == side_view(text, "esquerda") == text
    assert not names_a_side(text)


def test_a_sentence_is_no_heading_and_a_section_ends_one() -> None:
    listed = "- Mama esquerda normal\n- Ausência de calcificações"
    assert side_view(listed, "direita") == "- Ausência de calcificações"
    ended = "Mama esquerda: cisto.\nConclusão: achados benignos."
    assert side_view(ended, "direita") == "Conclusão: achados benignos."


PARTS = (
    "mama direita",
    "Mama esquerda:",
    "nódulo",
    "axilas",
    "à direita",
    "e",
    "D",
    "cisto",
    ".",
    "\n",
    "ME:",
)
WORDS = st.sampled_from((*PARTS, "Conclusão:"))


@given(st.lists(WORDS, max_size=25).map(" ".join))
@settings(max_examples=200, deadline=None)
def test_nothing_is_lost_between_the_two_and_nothing_is_added(text: str) -> None:
    right, left = side_view(text, "direita"), side_view(text, "esquerda")
    counted = [sorted(view.split()) for view in (right, left)]
    for word in set(text.split()):
        whole = text.split().count(word)
        assert max(words.count(word) for words in counted) <= whole
        assert sum(words.count(word) for words in counted) >= whole


def test_what_is_held_back_is_cut_under_the_name_of_the_side() -> None:
    seen = seen_of_side(marked("Achados.\nFim.", "direita"), "direita", lambda text: text.replace("Fim.", ""))
    assert seen == "direita:\nAchados.\n"
    assert seen_of_side(marked("Fim.", "direita"), "direita", lambda text: "") == ""
    assert seen_of_side("Achados.", "direita", str.upper) == "ACHADOS."
    assert seen_of_side("Achados.", None, str.upper) == "ACHADOS."


SIDES = {"direita": "d", "esquerda": "e"}


def run(folder: Path, rows: list[dict[str, str]], **config: Any) -> Prepared:
    path = folder / "laudos.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return prepare(
        path,
        PrepareConfig.parse(config, section="prepare"),
        task=None,
        label_names=None,
        language="pt-BR",
        seed=7,
        pseudonymise=lambda value: pseudonym(b"k" * 32, value),
    )


def rows(n: int = 40) -> list[dict[str, str]]:
    return [
        {
            "id": f"E{i}",
            "texto": f"Mama direita: achado {i}. Mama esquerda: achado {i + 100}. Axilas livres.",
            "paciente": f"P{i // 2}",
            "d": "24"[i % 2],
            "e": "24"[i // 2 % 2] if i % 5 else "",
        }
        for i in range(n)
    ]


def test_each_report_becomes_two_that_stay_together(tmp_path: Path) -> None:
    made = run(tmp_path, rows(), sides=SIDES)
    reports = {report.id: report for report in made.corpus}
    assert len(reports) == 80
    right, left = reports["E3#direita"], reports["E3#esquerda"]
    assert right.text == "direita:\nMama direita: achado 3. Axilas livres."
    assert left.text == "esquerda:\nMama esquerda: achado 103. Axilas livres."
    assert (right.labels, left.labels) == (("4",), ("4",))
    assert (reports["E2#direita"].labels, reports["E2#esquerda"].labels) == (("2",), ("4",))
    assert reports["E0#esquerda"].labels is None  # a side without a label is kept in no split
    assert (right.source_row, left.source_row) == (4, 4)
    assert [dict(one.attributes) for one in (right, left)] == [{"side": "direita"}, {"side": "esquerda"}]
    homes: dict[str | None, set[str | None]] = {}
    for report in reports.values():
        if report.labels is not None:
            homes.setdefault(report.patient, set()).add(report.split)
    assert len(homes) == 20
    assert all(len(splits) == 1 for splits in homes.values())
    assert made.counts["rows"] == made.counts["reports"] == 80
    note = next(note for note in made.notes if note.code == "sides")
    assert (note.values["count"], note.values["total"], note.severity) == (40, 40, "info")


def test_reports_that_do_not_tell_their_sides_apart_are_told_of(tmp_path: Path) -> None:
    plain = [{**row, "texto": f"Laudo {i} sem achados."} for i, row in enumerate(rows())]
    made = run(tmp_path, plain, sides=SIDES)
    note = next(note for note in made.notes if note.code == "sides")
    assert (note.values["count"], note.severity) == (0, "warning")


def test_the_label_of_each_side_is_read_from_the_report(tmp_path: Path) -> None:
    told = [
        {
            "id": f"E{i}",
            "texto": f"Achados: nódulo {i}. Conclusão: BI-RADS {2 + i % 3} à direita. BI-RADS 1 à esquerda."
            if i % 4
            else f"Achados: nódulo {i}. Conclusão: BI-RADS {2 + i % 3} à direita.",
            "paciente": f"P{i}",
        }
        for i in range(24)
    ]
    read = {"section": "conclusion", "reader": "birads"}
    made = run(tmp_path, told, sides=dict.fromkeys(SIDES, ""), labels_from=read)
    reports = {report.id: report for report in made.corpus}
    assert reports["E1#direita"].labels == ("BIRADS_3",)
    assert reports["E1#esquerda"].labels == ("BIRADS_1",)
    assert reports["E1#direita"].text == "direita:\nAchados: nódulo 1."
    assert "E4#direita" in reports  # only the side without a label is set aside
    assert "E4#esquerda" not in reports
    assert sum(made.counts["aside"].values()) == 6
    assert made.counts["rows"] == made.counts["reports"] + 6


def test_remedies_leave_the_name_of_the_side(tmp_path: Path) -> None:
    told = [{**row, "texto": f"Indicação: rotina.\nAchados: {row['texto']}"} for row in rows()]
    made = run(tmp_path, told, sides=SIDES)
    remedies = Remedies.parse({"prepare": {"sections": {"keep": ["findings"]}}})
    texts = mend(made.corpus, remedies, seed=7).corpus.texts
    before = "Mama direita: achado 0. Axilas livres."
    assert made.corpus.texts[0] == f"direita:\nIndicação: rotina.\nAchados: {before}"
    assert texts[0] == f"direita:\nAchados: {before}"


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"sides": {"direita": "d"}}, "unknown-side"),
        ({"sides": {"direita": "d", "right": "e"}}, "unknown-side"),
        ({"sides": {"direita": "d", "outra": "e"}}, "unknown-side"),
        ({"sides": {"direita": "d", "esquerda": ""}}, "labels-of-sides"),
        ({"sides": SIDES, "columns": {"labels": "d"}}, "labels-of-sides"),
        ({"sides": SIDES, "labels_from": {"reader": "birads"}}, "labels-of-sides"),
        ({"sides": SIDES, "split": {"by": "none"}}, "sides-apart"),
    ],
)
def test_settings_that_say_no_two_sides_are_refused(tmp_path: Path, config: Any, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run(tmp_path, rows(), **config)
    assert caught.value.error_code == code


def test_without_a_patient_it_is_refused(tmp_path: Path) -> None:
    nobody = [{name: value for name, value in row.items() if name != "paciente"} for row in rows()]
    with pytest.raises(SchemaError) as caught:
        run(tmp_path, nobody, sides=SIDES)
    assert caught.value.error_code == "sides-without-patient"
    assert (caught.value.values["count"], caught.value.values["total"]) == (40, 40)
    assert len(run(tmp_path, nobody, sides=SIDES, columns={"patient": "id", "id": ""}).corpus) == 80


def test_one_report_without_a_patient_is_enough(tmp_path: Path) -> None:
    some = rows()
    some[7]["paciente"] = " "
    with pytest.raises(SchemaError) as caught:
        run(tmp_path, some, sides=SIDES)
    assert caught.value.values["count"] == 1
