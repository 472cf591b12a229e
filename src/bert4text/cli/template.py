"""The commented ``bert4text.toml`` that ``init`` writes: every setting and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bert4text.core.config import toml_value
from bert4text.core.messages import N_, Translator

WIDTH = 100

FOREWORD = N_(
    "Settings of this project. A line that begins with # shows a default; take the # away to change it. "
    "Order: defaults, this file, --set on the command line, arguments in Python."
)


def settings_text(
    sections: Mapping[str, type[BaseModel]], translator: Translator, *, given: Mapping[str, Mapping[str, Any]]
) -> str:
    """Write the commented settings.

    Args:
        sections: section -> its record.
        translator: of the language of the comments.
        given: section -> values that are set, not commented out.
    """
    lines = _comment(translator(FOREWORD))
    for name, record in sections.items():
        lines += _section(name, record, translator, dict(given.get(name, {})))
    return "\n".join(lines) + "\n"


def _section(name: str, record: type[BaseModel], translator: Translator, given: dict[str, Any]) -> list[str]:
    lines = ["", f"[{name}]"]
    nested: list[str] = []
    for key, info in record.model_fields.items():
        inner = inner_record(info)
        if inner is not None:
            inner_lines = _section(f"{name}.{key}", inner, translator, dict(given.get(key) or {}))
            optional = info.default is None and key not in given
            nested += _commented_out(inner_lines) if optional else inner_lines
            continue
        lines += _comment(translator(info.description or ""))
        if key in given:
            lines.append(f"{key} = {toml_value(given[key])}")
        else:
            lines.append(f"# {key} = {_default(info)}")
    return lines + nested


def inner_record(info: FieldInfo) -> type[BaseModel] | None:
    """The record of a field that is a section of its own, or None."""
    for kind in (info.annotation, *get_args(info.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True, validated_data={})
    return "..." if value is None else toml_value(value)


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, WIDTH - 2, break_on_hyphens=False)]


def _commented_out(lines: list[str]) -> list[str]:
    return [line if line.startswith("#") or not line else f"# {line}" for line in lines]
