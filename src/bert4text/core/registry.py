"""Registries: visible, lazy tables from a name to ``module:attribute``, open to entry points."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar, cast

from bert4text.core.config import suggestion
from bert4text.core.errors import ConfigError

T = TypeVar("T")


class Registry(Generic[T]):
    """A table of implementations that are imported only when asked for.

    Args:
        name: the registry's name; third parties use the entry-point group ``bert4text.<name>``.
        contract: one sentence that says what an entry does.
        table: name -> ``module:attribute``.
    """

    def __init__(self, name: str, contract: str, table: dict[str, str]) -> None:
        self.name = name
        self.contract = contract
        self.table = dict(table)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def names(self) -> list[str]:
        """Built-in names in their order, then those of plug-ins."""
        return list(self.table) + sorted(set(self._plugins()) - set(self.table))

    def get(self, name: str) -> T:
        """Import the entry of that name.

        Raises:
            ConfigError: no entry has that name.
        """
        if name in self.table:
            module, _, attribute = self.table[name].partition(":")
            return cast("T", getattr(importlib.import_module(module), attribute))
        plugins = self._plugins()
        if name in plugins:
            return cast("T", plugins[name].load())
        near = suggestion(name, self.names())
        raise ConfigError(
            "{registry} has no entry {wanted!r}; it has {known}",
            hint="did you mean {near!r}?" if near else "`bert4text plugins` lists them",
            code="unknown-entry",
            registry=self.name,
            wanted=name,
            known=self.names(),
            near=near,
        )

    def _plugins(self) -> dict[str, Any]:
        return {point.name: point for point in entry_points(group=f"bert4text.{self.name}")}
