"""What a recognizer finds, brought to where it belongs: labels of forms and eponyms are none of it."""

from __future__ import annotations

import pytest

from bert4text.core.span import Span
from bert4text.privacy.detect import DETECTORS, detect
from bert4text.privacy.reading import Reading
from bert4text.privacy.recognized import SURE, Recognized


def found(text: str, *marks: tuple[str, str]) -> list[tuple[str, str]]:
    """What is left of marks: each a piece of the text, and what it was taken for."""
    spans, here = [], 0
    for piece, label in marks:
        start = text.index(piece, here)
        here = start + len(piece)
        spans.append(Span(start=start, end=here, label=label, score=0.9))
    detector = Recognized(lambda _: spans)
    return [(text[span.start : span.end], span.label) for span in detector(Reading(text, "pt-BR"))]


@pytest.mark.parametrize(
    ("text", "marks", "wanted"),
    [
        ("Paciente Iara Krenak", [("Iara Krenak", "patient")], [("Iara Krenak", "patient")]),
        ("a nora Iara Lima veio", [("nora Iara Lima", "relative")], [("Iara Lima", "relative")]),
        ("por Dra Ana Lima e", [("por Dra Ana Lima e", "professional")], [("Ana Lima", "professional")]),
        ("João Sobrinho Neto", [("João Sobrinho Neto", "patient")], [("João Sobrinho Neto", "patient")]),
        ("Irma Dulce", [("Irma Dulce", "patient")], [("Irma Dulce", "patient")]),
        ("zona de Natal, CEP", [("de Natal, CEP", "place")], [("Natal", "place")]),
        ("Unidade de Saúde Vila Nova", [("Unidade de Saúde Vila Nova", "facility")], None),
        ("CRM 12345", [("CRM 12345", "council")], [("12345", "council")]),
        ("nódulo irregular", [("nódulo", "professional")], []),
        ("NA UNIÃO DOS QUADRANTES", [("QUADRANTES", "facility")], []),
        ("sinal de Murphy negativo", [("Murphy", "patient")], []),
        ("Doença de Chagas crônica", [("Doença de Chagas", "patient")], []),
        ("estádio Ann Arbor IIB", [("Ann Arbor", "professional")], []),
        ("Ann Arbor assina", [("Ann Arbor", "professional")], None),
        ("Plaquetas 612.000/µL", [("612.000", "phone")], []),
        ("dextro 142-187-110, PA", [("187-110", "device")], []),
        ("dextro 142-187-110, PA", [("110", "record")], []),
        ("pront. 612000 de Ana", [("612000", "record")], None),
        ("Tinetti 17/28", [("17/28", "date")], []),
        ("em 12/2021", [("12/2021", "date")], None),
        ("em 12 de março", [("12 de março", "date")], None),
        ("às 14h", [("14h", "time")], []),
        ("placa ABC-1234", [("ABC-1234", "licence-plate")], []),
        ("dos dos", [("dos", "patient")], []),
    ],
)
def test_what_stands_around_is_no_part_of_it(
    text: str, marks: list[tuple[str, str]], wanted: list[tuple[str, str]] | None
) -> None:
    assert found(text, *marks) == (marks if wanted is None else wanted)


def test_parts_of_one_name_are_one_whoever_they_were_taken_for() -> None:
    text = "Wandergleison da Miranda Filho, 40 anos"
    assert found(text, ("Wandergleison da", "professional"), ("Miranda Filho", "patient")) == [
        ("Wandergleison da Miranda Filho", "professional")
    ]
    assert found("Ana Lima / José Sá", ("Ana Lima", "patient"), ("José Sá", "relative")) == [
        ("Ana Lima", "patient"),
        ("José Sá", "relative"),
    ]


def test_a_rule_that_sees_a_field_says_whose_a_name_is() -> None:
    text = "Mãe: Iara Krenak\nEncaminho Zuleica ao ambulatório."

    def tagger(_: str) -> list[Span]:
        first, second = text.index("Iara"), text.index("Zuleica")
        return [
            Span(start=first, end=first + 11, label="patient", score=1.0),
            Span(start=second, end=second + 7, label="patient", score=1.0),
        ]

    detectors = [DETECTORS.get("persons"), Recognized(tagger)]
    spans = detect(Reading(text, "pt-BR"), detectors)
    assert [(text[span.start : span.end], span.label) for span in spans] == [
        ("Iara Krenak", "relative"),
        ("Zuleica", "patient"),
    ]
    assert spans[1].score == SURE


def test_a_word_in_small_letters_alone_is_nobody_where_given_names_are_known(monkeypatch) -> None:
    marks = [("perícia", "patient"), ("joelma", "patient")]
    monkeypatch.setattr("bert4text.privacy.recognized.census", lambda: frozenset({"joelma"}))
    assert found("Relatório p/ perícia de joelma", *marks) == marks[1:]
    assert found("relatório p/ perícia de joelma", *marks) == marks
    monkeypatch.setattr("bert4text.privacy.recognized.census", frozenset)
    assert found("Relatório p/ perícia de joelma", *marks) == marks
