"""What a classifier loses by de-identification: what is replaced and counted, and the difference."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk
from benchmarks.privacy import utility
from benchmarks.quality.lots import Lot, ReportSet, truth

from bert4text.core.span import Span

TEXT = "Paciente Ana Souza, CPF 529.982.247-25. Nódulo de 12 mm às 14h32."


def lots_of(n: int = 60) -> list[Lot]:
    draw = np.random.default_rng(1)
    rows = []
    for number in range(n):
        label = "benign" if draw.random() < 0.5 else "malignant"
        sign = "espiculado" if label == "malignant" else "regular"
        name = draw.choice(["Ana Souza", "Bruno Lima", "Carla Nunes"])
        rows.append((f"Paciente: {name}. CPF 529.982.247-25. Nódulo {sign} de {number} mm.", (label,)))
    source = ReportSet("made", "made.csv", "pt-BR")
    return [Lot(source, 0, ("benign", "malignant"), rows[: n // 2], rows[n // 2 :])]


def test_names_and_numbers_are_replaced_in_both_parts_and_counted() -> None:
    (given,) = lots_of()
    ((lot, counts),) = utility.deidentified([given], "lgpd")
    texts = [text for part in (lot.train, lot.test) for text, _ in part]
    assert not any("Souza" in text or "529" in text for text in texts)
    assert [labels for _, labels in lot.test] == [labels for _, labels in given.test]
    words, replaced, reports, touched = counts
    assert (reports, touched) == (30, 30)
    assert words == sum(utility.words_of(text) for text, _ in given.test)
    assert replaced == 30 * 4  # two of the name, and a number of two parts


def test_what_was_put_in_is_no_word_that_stayed() -> None:
    assert utility.words_of(TEXT) == 12
    assert utility.words_of("Paciente [NOME], 12 mm", [Span(start=9, end=15, label="patient")]) == 3
    (given,) = lots_of()
    ((_, counts),) = utility.deidentified([given], "hipaa-safe-harbor")
    assert counts[1] == 30 * 4


def test_the_difference_is_that_of_the_two_figures() -> None:
    dealt = lots_of()
    (row,) = utility.compared(dealt, "tfidf", ["lgpd"], resamples=50)
    true = truth(dealt).argmax(axis=1)
    given = utility._decided(dealt, "tfidf", name="made").argmax(axis=1)
    assert row["before"]["value"] == pytest.approx(sk.f1_score(true, given, average="macro"), abs=1e-4)
    lost = row["difference"]
    assert lost["value"] == pytest.approx(row["after"]["value"] - row["before"]["value"], abs=1e-4)
    assert lost["low"] <= lost["value"] <= lost["high"]
    assert row["before"]["value"] > 0.9
    table = utility.table([row])
    assert f"{lost['value']:+.3f}" in table
    assert "| 100.0% |" in table


def test_a_label_that_names_give_away_is_lost_with_them() -> None:
    (lot,) = lots_of()
    rows = [
        (
            f"Paciente: {'Ana Souza' if place % 2 else 'Bruno Lima'}. Nódulo.",
            ("benign" if place % 2 else "malignant",),
        )
        for place in range(40)
    ]
    leaky = Lot(lot.source, 0, lot.names, rows[:20], rows[20:])
    (row,) = utility.compared([leaky], "tfidf", ["lgpd"], resamples=50)
    assert row["before"]["value"] == 1.0
    assert row["difference"]["high"] < 0


def test_rivals_with_an_environment_of_their_own_are_refused() -> None:
    with pytest.raises(SystemExit, match="environment of its own"):
        utility._decided(lots_of(), "setfit-e5", name="made")
