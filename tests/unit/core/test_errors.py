from __future__ import annotations

import pickle

import pytest

from bert4text.core import errors
from bert4text.core.errors import AuditFailed, Bert4TextError, SchemaError

FAMILY = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, Bert4TextError) and kind is not Bert4TextError
]


def test_templates_are_filled_and_lists_joined() -> None:
    error = SchemaError(
        "no column {wanted!r}; it has {found}",
        hint="try {near!r}",
        wanted="laudo",
        found=["a", "b"],
        near="a",
    )
    assert str(error) == "no column 'laudo'; it has a, b"
    assert error.hint == "try 'a'"
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("kind", FAMILY)
def test_every_error_has_a_code_and_statuses(kind: type[Bert4TextError]) -> None:
    assert kind.code
    assert kind.code == kind.code.lower()
    assert kind.exit_status in range(1, 9)
    assert 400 <= kind.http_status < 600


def test_errors_cross_process_borders() -> None:
    error = AuditFailed("stopped: {checks}", hint="mend", code="audit-failed", checks=["a"], issues=[1])
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(copy), copy.hint, copy.error_code, copy.issues) == (
        "stopped: a",
        "mend",
        "audit-failed",
        (1,),
    )
