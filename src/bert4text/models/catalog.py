"""Catalog of known encoders, read from ``catalog.toml``: what each is and where it comes from."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from bert4text.core.config import Record, suggestion
from bert4text.core.errors import UnknownEncoderError

BYTES_LEARNING = 16
"""Bytes of each weight that learns: itself, its gradient and AdamW's two moments, in float32."""

MINILM_LAYERS, MINILM_WIDTH = 6, 384

Read = Literal["first", "mean"]
"""What a head reads of a window: its first token, or the mean of all."""
Reads = Literal["auto", "first", "mean"]
"""What it is asked to read; ``auto`` is as the catalog says."""


class Encoder(Record):
    """A row of the catalog; what is not known for sure is None."""

    name: str = Field(description="short name, the one that --encoder takes")
    hub: str | None = Field(default=None, description="id on the Hugging Face hub")
    family: str | None = Field(default=None, description="architecture, as transformers names it")
    summary: str = Field(description="what it is, in one line")
    choose: str = Field(description="when to choose it, and when not")
    paper: str | None = Field(default=None, description="where it is described")
    languages: tuple[str, ...] = Field(
        default=(), description="languages of its training text, BCP 47; mul is many"
    )
    domain: str = Field(default="general", description="general, biomedical or clinical")
    vocabulary: int | None = Field(default=None, description="pieces in its vocabulary")
    parameters: float | None = Field(default=None, description="weights, in millions")
    layers: int | None = Field(default=None, description="layers, one above the other")
    width: int | None = Field(default=None, description="numbers that stand for a token in each layer")
    window: int | None = Field(default=None, description="tokens it reads at once")
    cased: bool | None = Field(default=None, description="whether upper and lower case differ")
    licence: str | None = Field(default=None, description="licence its model card states")
    reads: Read = Field(
        default="first",
        description="what a head reads where little of it can learn: its first token, or the mean of all",
    )
    embedded: bool = Field(default=False, description="whether it comes with an extra and needs no network")
    weights: Literal["safetensors", "pickle"] | None = Field(
        default=None, description="how the hub holds its weights; pickles are never opened"
    )

    @property
    def memory(self) -> float | None:
        """Gigabytes of weights, gradients and optimizer while all of it learns; activations come on top."""
        return None if self.parameters is None else self.parameters * BYTES_LEARNING / 1000

    @property
    def cost(self) -> float | None:
        """Work for each token, where MiniLM's is 1; layers are taken to have BERT's proportions."""
        if self.layers is None or self.width is None:
            return None
        return self.layers * self.width**2 / (MINILM_LAYERS * MINILM_WIDTH**2)


@cache
def _table() -> dict[str, Encoder]:
    text = (files("bert4text.models") / "catalog.toml").read_text(encoding="utf-8")
    rows = [Encoder.model_validate(row) for row in tomllib.loads(text)["encoder"]]
    return {row.name: row for row in rows}


def encoders() -> list[Encoder]:
    """List the catalog in its own order: embedded first, then by family."""
    return list(_table().values())


def find(name: str) -> Encoder:
    """Look an encoder up by its name or its hub id, whatever the case.

    Raises:
        UnknownEncoderError: the catalog has neither.
    """
    wanted = name.casefold()
    for row in _table().values():
        if wanted in {row.name.casefold(), (row.hub or row.name).casefold()}:
            return row
    known = list(_table())
    near = suggestion(name, known)
    raise UnknownEncoderError(
        "the catalog has no encoder {wanted!r}; it has {known}",
        hint="did you mean {near!r}?" if near else "`bert4text encoders list` tells more of each",
        wanted=name,
        known=known,
        near=near,
    )
