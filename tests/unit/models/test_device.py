"""An opened model answers on a GPU that works and is not forbidden, else on the processor."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from bert4text.models import device  # noqa: E402 - after importorskip


def works(*given, **options):
    return torch.tensor([1.0, 1.0])


def fails(*given, **options):
    raise RuntimeError


@pytest.mark.parametrize(
    ("there", "ones", "asked", "wanted"),
    [
        (False, works, "", "cpu"),
        (True, works, "", "cuda"),
        (True, works, "false", "cuda"),
        (True, works, "true", "cpu"),
        (True, fails, "", "cpu"),
    ],
)
def test_where(there, ones, asked, wanted, monkeypatch):
    monkeypatch.setenv(device.PROCESSOR, asked)
    monkeypatch.setattr(device.torch.cuda, "is_available", lambda: there)
    monkeypatch.setattr(device.torch, "ones", ones)
    assert device.answering().type == wanted


class Large:
    """A model that no GPU holds."""

    def __init__(self):
        self.places = []

    def to(self, place):
        self.places.append(str(place))
        if str(place) == "cuda":
            raise torch.OutOfMemoryError


def test_a_model_that_does_not_fit_stays_on_the_processor(monkeypatch):
    monkeypatch.setattr(device, "answering", lambda: torch.device("cuda"))
    model = Large()
    assert device.placed(model) is model
    assert model.places == ["cuda", "cpu"]
