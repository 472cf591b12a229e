"""Config records: read TOML, override, did-you-mean, dump in full."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from bert4text.core.errors import ConfigError


class Record(BaseModel):
    """A frozen record that refuses unknown fields and never echoes its input in errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        defer_build=True,  # a process makes few of the records that it imports
    )


class Config(Record):
    """A section of ``bert4text.toml``: every field has a default and a description."""

    @classmethod
    def parse(cls, values: Mapping[str, Any], *, section: str) -> Self:
        """Check values against the record.

        Raises:
            ConfigError: an unknown key or a bad value; the section and key are named.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise _explained(error, cls, section) from None

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked again."""
        return type(self).parse(
            {**self.model_dump(exclude_unset=True), **changes}, section=type(self).__name__
        )


def suggestion(wanted: str, known: list[str]) -> str | None:
    """The known name nearest to what was typed, or None."""
    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(wanted.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def unknown_key(wanted: str, known: list[str], *, section: str) -> ConfigError:
    """The error for a key that no record has."""
    near = suggestion(wanted, known)
    return ConfigError(
        "[{section}] has no key {wanted!r}; it has {known}",
        hint="did you mean {near!r}?" if near else "remove it, or check its spelling",
        code="unknown-key",
        section=section,
        wanted=wanted,
        known=known,
        near=near,
    )


def unknown_section(wanted: str, known: list[str], *, file: str) -> ConfigError:
    """The error for a section that no verb has; a known one that was given a value is no section either."""
    if wanted in known:
        return ConfigError(
            "{wanted!r} in {file} is a section, not a value",
            hint="write its keys under a line [{wanted}]",
            code="unknown-key",
            section=file,
            wanted=wanted,
            file=file,
        )
    near = suggestion(wanted, known)
    return ConfigError(
        "{file} has no section {wanted!r}; it has {known}",
        hint="did you mean {near!r}?" if near else "remove it, or put it under its section",
        code="unknown-key",
        section=file,
        wanted=wanted,
        known=known,
        near=near,
        file=file,
    )


class _Wanted(NamedTuple):
    """What a setting must be, for one kind of complaint of pydantic."""

    message: str


_LIMITS = ("expected", "gt", "ge", "lt", "le")
_NUMBER = _Wanted(message="[{section}] {key} must be a number")
_WHOLE = _Wanted(message="[{section}] {key} must be a whole number")
_SWITCH = _Wanted(message="[{section}] {key} must be true or false")
_WANTED = {
    "literal_error": _Wanted(message="[{section}] {key} must be one of {expected}"),
    "greater_than": _Wanted(message="[{section}] {key} must be greater than {gt}"),
    "greater_than_equal": _Wanted(message="[{section}] {key} must be at least {ge}"),
    "less_than": _Wanted(message="[{section}] {key} must be less than {lt}"),
    "less_than_equal": _Wanted(message="[{section}] {key} must be at most {le}"),
    "string_type": _Wanted(message="[{section}] {key} must be text in quotation marks"),
    "list_type": _Wanted(message='[{section}] {key} must be a list, for example ["a", "b"]'),
    "tuple_type": _Wanted(message='[{section}] {key} must be a list, for example ["a", "b"]'),
    "string_pattern_mismatch": _Wanted(
        message="[{section}] {key} may hold only letters, digits, - and _, at most 64 of them"
    ),
    "model_type": _Wanted(message="[{section}] {key} must be a section of its own: [{section}.{key}]"),
    "dict_type": _Wanted(message='[{section}] {key} must be a table, for example {{ a = "b" }}'),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), _NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("bool_type", "bool_parsing"), _SWITCH),
}


def _explained(error: ValidationError, cls: type[BaseModel], section: str) -> ConfigError:
    first = error.errors(include_url=False, include_input=False)[0]
    path = [str(part) for part in first["loc"]]
    where = ".".join([section, *path[:-1]])
    if first["type"] == "extra_forbidden":
        return unknown_key(path[-1], sorted(_fields(cls, path[:-1])), section=where)
    wanted = _WANTED.get(first["type"], _Wanted(message="[{section}] {key} has a value that does not fit"))
    if first["type"] == "value_error":  # from a check of ours: its words are a message id
        wanted = _Wanted(message=first["msg"].removeprefix("Value error, "))
        where, path = ".".join([section, *path]), []
    limits = {name: limit for name, limit in first.get("ctx", {}).items() if name in _LIMITS}
    if "expected" in limits:
        limits["expected"] = limits["expected"].replace(" or ", ", ")
    return ConfigError(
        wanted.message,
        hint="see the reference of the settings, or `bert4text init`",
        code="bad-value",
        section=where,
        key=path[-1] if path else where,
        **limits,
    )


def _fields(cls: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        field = cls.model_fields.get(part)
        if field is None:
            break
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                cls = kind
    return list(cls.model_fields)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError("there is no file {name}", code="missing-file", name=path.name) from None
    except (UnicodeDecodeError, OSError) as error:
        unreadable = isinstance(error, OSError)
        raise ConfigError(
            "{name} cannot be opened" if unreadable else "{name} is not text in UTF-8",
            hint="check its permissions" if unreadable else "save it anew, with the encoding UTF-8",
            code="unreadable" if unreadable else "bad-toml",
            name=path.name,
        ) from None
    except tomllib.TOMLDecodeError as error:
        place = str(error).rpartition("(")[2].rstrip(")") if "(" in str(error) else "?"
        raise ConfigError(
            "{name} is not valid TOML ({place})",
            hint="see toml.io",
            code="bad-toml",
            name=path.name,
            place=place,
        ) from None


def apply_override(values: dict[str, Any], assignment: str) -> None:
    """Apply ``section.key=value`` in place; the value is TOML, or a bare word read as a string.

    Raises:
        ConfigError: there is no ``=``, or a part of the path is not a section.
    """
    path, equals, text = assignment.partition("=")
    parts = [part.strip() for part in path.split(".")]
    if not equals or len(parts) < 2 or not all(parts):
        raise ConfigError(
            "{given!r} is not SECTION.KEY=VALUE",
            hint="for example --set project.seed=7",
            code="bad-set",
            given=path if not equals else assignment.split("=", maxsplit=1)[0],
        )
    place: Any = values
    for part in parts[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise ConfigError(
                "{part!r} in {path!r} is a value, not a section", code="bad-set", part=part, path=path
            )
    try:
        place[parts[-1]] = tomllib.loads(f"x = {text.strip()}")["x"]
    except tomllib.TOMLDecodeError:
        place[parts[-1]] = text.strip()


def dump_toml(values: Mapping[str, Any]) -> str:
    """Write nested mappings as TOML; None is left out (TOML has no null), sections follow their keys."""
    lines: list[str] = []
    _dump(values, [], lines)
    return "\n".join(lines).strip() + "\n"


def toml_value(value: Any) -> str:
    """One value as TOML text.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{_key(key)} = {toml_value(item)}" for key, item in value.items() if item is not None
        )
        return "{ " + inner + " }" if inner else "{}"
    raise TypeError(type(value).__name__)


def _dump(values: Mapping[str, Any], path: list[str], lines: list[str]) -> None:
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping | NoneType)}
    if path and (plain or not values):
        lines.extend(["", "[" + ".".join(_key(part) for part in path) + "]"])
    lines.extend(f"{_key(key)} = {toml_value(value)}" for key, value in plain.items())
    for key, value in values.items():
        if isinstance(value, Mapping):
            _dump(value, [*path, key], lines)


def _key(name: str) -> str:
    bare = name and all(
        character.isascii() and (character.isalnum() or character in "-_") for character in name
    )
    return name if bare else toml_value(name)
