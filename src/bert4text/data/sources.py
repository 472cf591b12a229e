"""Built-in real tables: the ones that libraries we already need ship, so nothing is fetched."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_breast_cancer

Diagnosis = Literal["benign", "malignant"]


class Wdbc(NamedTuple):
    """The Breast Cancer Wisconsin (Diagnostic) table: one row for each fine-needle aspirate.

    Attributes:
        measurements: float64 [569, 30]: mean, standard error and worst (mean of the three largest
            values) of ten features of the nuclei; lengths in pixels, areas in square pixels.
        names: the 30 columns, in order: ten means, ten standard errors, ten worst values.
        labels: ``benign`` or ``malignant`` for each row. The file's order carries the label (its
            first 19 rows are all malignant): shuffle before dealing anything by position.
    """

    measurements: npt.NDArray[np.float64]
    names: tuple[str, ...]
    labels: tuple[Diagnosis, ...]


def wdbc() -> Wdbc:
    """Load the Breast Cancer Wisconsin (Diagnostic) table from the file that scikit-learn ships.

    scikit-learn codes 0 = malignant, 1 = benign; here the labels have names.

    Source: W. N. Street, W. H. Wolberg, O. L. Mangasarian, "Nuclear feature extraction for breast
    tumor diagnosis", SPIE 1905, 1993; UCI Machine Learning Repository, CC BY 4.0.
    """
    data = load_breast_cancer()
    labels: tuple[Diagnosis, ...] = tuple(
        "malignant" if data.target_names[code] == "malignant" else "benign" for code in data.target
    )
    names = tuple(str(name) for name in data.feature_names)
    return Wdbc(np.asarray(data.data, dtype=np.float64), names, labels)
