"""The suite on models whose weaknesses are known: each is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bert4text.core.errors import ConfigError, EmptyCorpusError
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.core.stress import Stressed
from bert4text.data.normalize import normalize
from bert4text.evaluation.intervals import wilson
from bert4text.models.calibration import Calibrator
from bert4text.robustness.config import StressConfig
from bert4text.robustness.scoring import Scoring
from bert4text.robustness.stress import Outcome, perturbations, stress

SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))
REPORTS = [
    Report(
        id=f"R{place}",
        text=f"Achados: Observa-se nódulo espiculado na mama direita, de {place + 3} mm. Não há derrame. "
        "Conclusão: achado suspeito à direita."
        if place % 2
        else f"Achados: Mamas densas, cisto de {place + 3} mm à direita. "
        "Não há sinais de nódulo. Conclusão: nada.",
        patient=f"p-{place // 2}",
        source_row=place + 1,
    )
    for place in range(60)
]
Floats = npt.NDArray[np.float64]


def model(says: Callable[[str], float]) -> Callable[[Sequence[str]], Floats]:
    """A model of two labels by what it says of the second."""
    return lambda texts: np.array([[1 - says(text), says(text)] for text in texts])


def run(says: Callable[[str], float], space: LabelSpace = SPACE, **given: Any) -> Outcome:
    config = StressConfig.parse(given, section="stress")
    scoring = Scoring(space, Calibrator.untouched(space), serious=config.serious, sure=config.sure)
    return stress(REPORTS, model(says), scoring=scoring, space=space, config=config, read=normalize)


def of(found: Outcome, name: str) -> Stressed:
    return next(one for one in found.perturbations if one.name == name)


def test_a_model_that_always_says_the_same_passes_whatever_stays() -> None:
    found = run(lambda _: 0.3, serious=["maligno"])
    tried = [one for one in found.perturbations if one.reason is None]
    assert {one.failures for one in tried} == {0}
    assert found.worst == ()
    assert of(found, "side-swapped").verdict == "not-shown"
    assert of(found, "accents-lost").applied == 1.0


def test_a_model_that_hangs_on_an_accent_breaks_where_it_is_lost_and_not_where_reading_repairs_it() -> None:
    found = run(lambda text: 0.9 if "nódulo" in text else 0.1, only=["accents-lost", "decomposed-accents"])
    assert of(found, "accents-lost").verdict == "breaks"
    assert of(found, "accents-lost").failures == 60
    assert of(found, "decomposed-accents").failures == 0
    assert [one.name for one in found.capabilities] == ["accents", "encoding"]


def test_easy_changes_hide_no_hard_one_of_the_same_capability() -> None:
    says = lambda text: 0.9 if text.isupper() else 0.1  # noqa: E731
    found = run(says, only=["capitals", "small-letters"], allowed=0.6)
    (capability,) = found.capabilities
    assert (capability.rate, capability.verdict) == (0.5, "breaks")
    assert {one.name: one.verdict for one in found.perturbations} == {
        "capitals": "breaks",
        "small-letters": "holds",
    }


def test_a_model_that_hangs_on_a_side_breaks_where_sides_change_places() -> None:
    says = lambda text: 0.9 if "direita" in text else 0.2  # noqa: E731
    assert of(run(says, only=["side-swapped"]), "side-swapped").verdict == "breaks"
    sided = LabelSpace(task="binary", names=("mama_direita", "mama_esquerda"))
    assert of(run(says, sided, only=["side-swapped"]), "side-swapped").reason == "asked-of-a-side"


def test_a_model_that_does_not_see_negation_breaks_where_a_denied_finding_makes_it_surer() -> None:
    says = lambda text: 0.9 if "Ausência" in text or "Não se observa" in text else 0.2  # noqa: E731
    found = run(says, only=["finding-denied"], serious=["maligno"])
    denied = of(found, "finding-denied")
    assert (denied.verdict, denied.tests, denied.failures) == ("breaks", 30, 30)
    assert of(run(says, only=["finding-denied"]), "finding-denied").reason == "no-order"


def test_a_model_that_is_sure_of_nothing_said_is_found_and_each_text_counts_once() -> None:
    found = run(lambda _: 0.97, only=["one-sentence", "boilerplate-alone"])
    assert of(found, "one-sentence").tests <= 6
    assert of(found, "one-sentence").verdict == "too-few"
    assert of(found, "boilerplate-alone").verdict == "breaks"
    (said,) = found.capabilities
    assert (said.low, said.high) == pytest.approx(wilson(said.failures, said.tests, effective=said.tests))
    assert {(one.row, one.id, one.before) for one in found.worst} == {(None, "", None)}


def test_the_worst_are_the_largest_moves_by_row() -> None:
    def says(text: str) -> float:
        size = next((int(word) for word in text.split() if word.isdigit()), 0)
        return 0.4 if "MM" not in text else 0.5 + size / 200

    found = run(says, only=["capitals"], worst=3)
    assert [one.row for one in found.worst] == [60, 59, 58]
    assert [one.id for one in found.worst] == ["R59", "R58", "R57"]
    assert {(one.before, one.after) for one in found.worst} == {("benigno", "maligno")}
    assert "R59" not in repr(found.worst[0])


def test_a_report_asked_twice_that_answers_otherwise_is_noise() -> None:
    calls = iter(range(1000))
    noisy = stress(
        REPORTS[:10],
        lambda texts: np.tile([[0.6, 0.4]] if next(calls) % 2 else [[0.4, 0.6]], (len(texts), 1)),
        scoring=Scoring(SPACE, Calibrator.untouched(SPACE)),
        space=SPACE,
        config=StressConfig(only=["capitals"]),
        read=normalize,
    )
    assert noisy.tried.noise == pytest.approx(0.2)
    assert noisy.tried.noisy == 1.0


def test_the_order_of_reports_changes_no_rate() -> None:
    says = lambda text: 0.9 if "nódulo" in text else 0.1  # noqa: E731
    config = StressConfig(only=["key-slipped", "cyrillic-letters"])
    scoring = Scoring(SPACE, Calibrator.untouched(SPACE))
    found = [
        stress(some, model(says), scoring=scoring, space=SPACE, config=config, read=normalize).perturbations
        for some in (REPORTS, REPORTS[::-1])
    ]
    assert found[0] == found[1]


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="accent-lost"):
        run(lambda _: 0.1, only=["accent-lost"])
    with pytest.raises(ConfigError, match="negation") as caught:
        run(lambda _: 0.1, only=["negaton"])
    assert caught.value.values["near"] == "negation"
    with pytest.raises(ConfigError, match="negation"):
        run(lambda _: 0.1, only=["capitals"], at_most={"negation": 0.1})
    with pytest.raises(ConfigError, match="serious"):
        run(lambda _: 0.1, at_most={"negation": 0.1})
    assert run(lambda _: 0.1, only=["negation-reworded"], at_most={"negation": 0.1}).worst == ()


def test_a_capability_stands_for_all_of_its_perturbations() -> None:
    chosen = perturbations(StressConfig(only=["negation", "capitals"]))
    assert {one.capability for one in chosen.values()} >= {"negation"}
    assert set(chosen) > {"negation-reworded", "ruled-out", "capitals"}
    assert {"accents-lost", "small-letters"}.isdisjoint(chosen)  # "capitals" is the perturbation of that name


def test_reports_of_an_unknown_language_and_without_a_text_are_not_changed() -> None:
    reports = [Report(id="1", text="xyz qwk"), Report(id="2", text=" ")]
    found = stress(
        reports,
        model(lambda _: 0.1),
        scoring=Scoring(SPACE, Calibrator.untouched(SPACE)),
        space=SPACE,
        config=StressConfig(only=["capitals"]),
        read=normalize,
    )
    assert len(found.tried.reports) == 1
    with pytest.raises(EmptyCorpusError):
        stress(
            reports[1:],
            model(lambda _: 0.1),
            scoring=Scoring(SPACE, Calibrator.untouched(SPACE)),
            space=SPACE,
            config=StressConfig(only=["capitals"]),
            read=normalize,
        )
    assert found.perturbations[0].reason == "language"
