from __future__ import annotations

import numpy as np

from bert4text.data.sources import wdbc


def test_the_table_is_whole_and_its_labels_have_names():
    table = wdbc()
    assert table.measurements.shape == (569, 30)
    assert table.measurements.dtype == np.float64
    assert len(table.names) == 30
    assert set(table.labels[:19]) == {"malignant"}
    assert table.labels.count("benign") == 357
    radius = table.measurements[:, table.names.index("mean radius")]
    malignant = np.array([label == "malignant" for label in table.labels])
    assert radius[malignant].mean() > radius[~malignant].mean() + 3
