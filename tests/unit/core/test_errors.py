from __future__ import annotations

import pickle

import pytest

from bert4text.core import errors
from bert4text.core.errors import AuditFailed, Bert4TextError, PolicyError, SchemaError
from bert4text.core.issue import Issue
from bert4text.core.messages import load

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


def test_a_list_stands_one_a_line_where_the_template_says_so_and_findings_are_translated() -> None:
    found = [
        Issue(check="a", severity="error", code="b", message="use: {uses}", values={"uses": ["care", "x"]}),
        Issue(check="a", severity="error", code="c", message="purpose: what is to be learned, and for whom"),
    ]
    error = PolicyError("{count}:\n{issues!l}", count=2, issues=found)
    assert str(error) == "2:\n- use: care, x\n- purpose: what is to be learned, and for whom"
    assert load("pt-BR").error(error)[0].splitlines()[1] == "- use: o tipo de uso, care, x"
    assert error.issues == tuple(found)
    assert PolicyError("a split was used").issues == ()


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
