"""Generator ``founding``: the student recipe whose text states its own label.

The idea is the founding BERT4Text project's: notebooks that turned the Wisconsin table into
Portuguese reports with Faker. Only the idea is taken; no code is. It is kept to show what the audit
must block: the conclusion names the label, so a model learns to read it and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bert4text.core.extras import require
from bert4text.core.seeds import integer
from bert4text.core.seeds import rng as stream
from bert4text.data.sources import Diagnosis, wdbc
from bert4text.synthesis.config import Language, SynthesizeConfig
from bert4text.synthesis.grammar import figure
from bert4text.synthesis.rows import Draft, Source, row_digest
from bert4text.synthesis.scales import SCALES, Row30, column

LOCALES: dict[Language, str] = {"pt-BR": "pt_BR", "en": "en_US"}
DECIMALS: dict[Language, str] = {"pt-BR": ",", "en": "."}

SIZES: dict[Language, tuple[str, str, str]] = {
    "pt-BR": ("pequeno", "médio", "grande"),
    "en": ("small", "medium", "large"),
}
BORDERS: dict[Language, tuple[str, str, str]] = {
    "pt-BR": ("regulares", "pouco irregulares", "irregulares"),
    "en": ("regular", "slightly irregular", "irregular"),
}
CONCLUSIONS: dict[Language, dict[Diagnosis, str]] = {
    "pt-BR": {"benign": "Benigno", "malignant": "Maligno"},
    "en": {"benign": "Benign", "malignant": "Malignant"},
}
TEMPLATES: dict[Language, tuple[str, ...]] = {
    "pt-BR": (
        "Paciente: {name}. Nódulo de tamanho {size} (raio médio {radius} px), com bordas {border}."
        " Conclusão: {conclusion}.",
        "Paciente {name}. Exame: nódulo de bordas {border} e tamanho {size}, raio médio de {radius} px."
        " Conclusão: {conclusion}.",
        "Nome: {name}. Tamanho: {size} (raio médio {radius} px). Bordas: {border}. Conclusão: {conclusion}.",
    ),
    "en": (
        "Patient: {name}. Nodule of {size} size (mean radius {radius} px), with {border} borders."
        " Conclusion: {conclusion}.",
        "Patient {name}. Examination: nodule with {border} borders, of {size} size, mean radius {radius} px."
        " Conclusion: {conclusion}.",
        "Name: {name}. Size: {size} (mean radius {radius} px). Borders: {border}. Conclusion: {conclusion}.",
    ),
}


def drafts(
    sources: Sequence[Source], config: SynthesizeConfig, *, language: Language, seed: int
) -> Iterator[Draft]:
    """Write reports that state their label; ``config.flipped`` of the labels are then turned over.

    Raises:
        MissingExtraError: Faker is not installed.
    """
    faker = require("faker").Faker(LOCALES[language])
    faker.seed_instance(integer(seed, "synthesize.founding.names"))
    table = wdbc()
    # This generator looks up the label before it writes: that is its flaw, and why it is kept.
    known = {row_digest(row): label for row, label in zip(table.measurements, table.labels, strict=True)}
    chosen = stream(seed, "synthesize.founding.flipped").permutation(len(sources))
    flipped = set(chosen[: round(config.flipped * len(sources))].tolist())
    for place, source in enumerate(sources):
        # Breast reports: women's given names, and no form of address before them.
        name = f"{faker.first_name_female()} {faker.last_name()}"
        rng = stream(seed, f"synthesize.founding.{source.digest}.{source.copy}")
        text = _text(source.measurements, known[source.digest], name=name, language=language, rng=rng)
        yield Draft(text, {"invented": "name", "name": name}, flipped=place in flipped)


def _text(
    measurements: Row30, diagnosis: Diagnosis, *, name: str, language: Language, rng: np.random.Generator
) -> str:
    template = TEMPLATES[language][int(rng.integers(len(TEMPLATES[language])))]
    return template.format(
        name=name,
        size=SIZES[language][_third(measurements, "radius")],
        border=BORDERS[language][_third(measurements, "concave_points")],
        radius=figure(float(measurements[column("radius", "mean")]), 3, DECIMALS[language]),
        conclusion=CONCLUSIONS[language][diagnosis],
    )


def _third(measurements: Row30, feature: str) -> int:
    """0 for the lowest two fifths, 1 for the middle one, 2 for the highest two."""
    place = column(feature, "mean")
    level = SCALES[place].level(float(measurements[place]))
    return int(level > 2) + int(level > 3)
