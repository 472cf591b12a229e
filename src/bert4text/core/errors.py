"""The error family: every error has a code, a template with named values, a hint and an exit status.

``Bert4TextError`` is the root. Messages are English templates; doors translate the template and
fill it in, so values must be names, numbers and codes, never report text or a person's identifier.

    Bert4TextError
    ├── ConfigError            exit 2
    ├── DataError              exit 3: SchemaError, LabelError, EmptyCorpusError
    ├── GateFailed             exit 1: AuditFailed, StressFailed, TrailBroken
    ├── ModelError             exit 4: UnknownEncoderError, BundleError, NotCalibratedError, GuardError
    ├── PolicyError            exit 5
    ├── StoreError             exit 6: NotFoundError, ConflictError
    ├── MissingExtraError      exit 7
    └── OutputError            exit 8
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from typing import Any, ClassVar


class Bert4TextError(Exception):
    """Root of the family; ``str()`` is the filled English template.

    Args:
        template: an English sentence with ``{named}`` fields; it is also the id of its translation.
        hint: what to do, a template over the same values.
        code: a stable machine name, when it is finer than the class's own.
        values: what fills the templates; names, numbers and codes only.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 70
    http_status: ClassVar[int] = 500

    def __init__(
        self, template: str, *, hint: str | None = None, code: str | None = None, **values: Any
    ) -> None:
        self.template = template
        self.hint_template = hint
        self.values = values
        self.error_code = code or type(self).code
        super().__init__(template)

    def __str__(self) -> str:
        return fill(self.template, self.values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.template, self.hint_template, self.error_code, self.values)

    @property
    def hint(self) -> str | None:
        """The filled English hint, or None."""
        return None if self.hint_template is None else fill(self.hint_template, self.values)


def _rebuild(
    kind: type[Bert4TextError], template: str, hint: str | None, code: str, values: dict[str, Any]
) -> Bert4TextError:
    return kind(template, hint=hint, code=code, **values)


class _Filler(string.Formatter):
    """Fills templates; lists are joined with commas, or stand one a line (``!l``)."""

    def convert_field(self, value: Any, conversion: Any) -> Any:
        if conversion == "l":
            return "\n".join(f"- {item}" for item in value)
        if isinstance(value, Iterable) and not isinstance(value, str | bytes | dict):
            shown = (repr(item) if conversion == "r" else str(item) for item in value)
            return ", ".join(shown)
        return super().convert_field(value, conversion)


def fill(template: str, values: dict[str, Any]) -> str:
    """Fill ``{named}`` fields of a template; lists are joined with commas, ``{named!l}`` one a line."""
    return _Filler().vformat(template, (), values)


class ConfigError(Bert4TextError, ValueError):
    """A setting or an argument is unknown or has a bad value."""

    code = "config"
    exit_status = 2
    http_status = 422


class DataError(Bert4TextError, ValueError):
    """The data cannot be read or represented."""

    code = "data"
    exit_status = 3
    http_status = 422


class SchemaError(DataError):
    """A column is missing or of the wrong kind."""

    code = "schema"


class LabelError(DataError):
    """A label lies outside the label space, or the labels leave nothing to learn."""

    code = "label"


class EmptyCorpusError(DataError):
    """Nothing is left to work on."""

    code = "empty-corpus"


class GateFailed(Bert4TextError):
    """A gate said no."""

    code = "gate"
    exit_status = 1
    http_status = 409


class AuditFailed(GateFailed):
    """The audit found issues at or above ``audit.fail_on``; ``issues`` carries them."""

    code = "audit-failed"

    @property
    def issues(self) -> tuple[Any, ...]:
        """The issues that stopped the run."""
        return tuple(self.values.get("issues", ()))


class StressFailed(GateFailed):
    """A capability does not pass what ``[stress] at_most`` asks for; ``stress`` carries what was found."""

    code = "stress-failed"

    @property
    def stress(self) -> Any:
        """What was found: a ``core.stress.Stress``."""
        return self.values.get("found")


class TrailBroken(GateFailed):
    """A hash chain does not verify."""

    code = "trail-broken"


class ModelError(Bert4TextError):
    """Something about an encoder, a training run or a bundle."""

    code = "model"
    exit_status = 4


class UnknownEncoderError(ModelError, LookupError):
    """No encoder goes by that name."""

    code = "unknown-encoder"
    http_status = 404


class BundleError(ModelError):
    """A bundle lacks a file, was altered, or was made by a newer version."""

    code = "bundle"
    http_status = 409


class NotCalibratedError(ModelError):
    """The classifier has no calibration where one is needed."""

    code = "not-calibrated"
    http_status = 409


class GuardError(ModelError):
    """Training ended in a model that must not be used: collapsed, diverged or reload-mismatch."""

    code = "guard"
    http_status = 409


class PolicyError(Bert4TextError):
    """The request is against a declared policy, or nothing sufficient is declared; ``issues`` name it."""

    code = "policy"
    exit_status = 5
    http_status = 403

    @property
    def issues(self) -> tuple[Any, ...]:
        """What is missing or refused."""
        return tuple(self.values.get("issues", ()))


class StoreError(Bert4TextError):
    """A store, ledger or trail cannot be read or written."""

    code = "store"
    exit_status = 6
    http_status = 503


class NotFoundError(StoreError, LookupError):
    """What was asked for is not in the store."""

    code = "not-found"
    http_status = 404


class ConflictError(StoreError):
    """Two writers disagree."""

    code = "conflict"
    http_status = 409


class MissingExtraError(Bert4TextError, ImportError):
    """A library of an extra is not installed."""

    code = "missing-extra"
    exit_status = 7
    http_status = 501


class OutputError(Bert4TextError, OSError):
    """The output exists, is read-only, or there is no space."""

    code = "output"
    exit_status = 8
    http_status = 409
