"""What is told of an answer in prose: to patients how the program works, to physicians what it hangs on.

The patient's text is made of facts about the system alone. No answer, label or probability is handed to what
writes it, so that none can stand in it: it explains criteria and procedures (LGPD, art. 20, par. 1), and what
an examination found is told by a physician. Both are templates, one for each language; no model writes them.
"""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from bert4text.core.errors import ConfigError, fill
from bert4text.core.explanation import Explanation
from bert4text.core.messages import Translator
from bert4text.explanation.wording import (
    answer_sentence,
    decided_by,
    made_up,
    rolled,
    stays_alike,
    verdict,
)

Audience = Literal["patient", "physician"]

STATES = "AC AL AP AM BA CE DF ES GO MA MT MS MG PA PB PR PE PI RJ RN RS RO RR SC SP SE TO"
"""States of Brazil, each with a council of medicine."""
_REGISTRATION = re.compile(rf"CRM[/-]({STATES.replace(' ', '|')})[ -]?(\d{{1,7}})")


class Facts(NamedTuple):
    """What the patient's text is made of; nothing of any answer.

    Attributes:
        system: which system answers: ``model``, ``tfidf`` or ``hybrid``.
        whole: whether it is shown the whole report.
        controller: who decides on the processing, as declared; None where nobody said.
        officer: whom patients turn to, as declared; None where nobody said.
        attribute: of the patient that its answer hangs on too; None where it hangs on the report alone.
    """

    system: str
    whole: bool
    controller: str | None = None
    officer: str | None = None
    attribute: str | None = None


class Release(NamedTuple):
    """A physician's release, as declared; nobody looks the registration up.

    Attributes:
        name: of the physician.
        registration: council, state and number, ``CRM/SP 123456``.
        at: when.
    """

    name: str
    registration: str
    at: datetime


def release(name: str | None, registration: str | None, *, at: datetime) -> Release | None:
    """A release as it was declared, or None where nobody declared one.

    Args:
        name: of the physician.
        registration: with the regional council of medicine, ``CRM/SP 123456``.
        at: when it is declared.

    Raises:
        ConfigError: one of both is missing, or the registration has another shape.
    """
    if name is None and registration is None:
        return None
    found = _REGISTRATION.fullmatch((registration or "").strip().upper())
    if not (name or "").strip() or found is None:
        raise ConfigError(
            "a release needs the name of a physician and a registration such as CRM/SP 123456",
            hint='--release-by "NAME" --registration "CRM/UF NUMBER"',
            code="bad-release",
        )
    return Release(" ".join((name or "").split()), f"CRM/{found[1]} {found[2]}", at)


def for_patient(facts: Facts, released: Release | None, *, translator: Translator) -> str:
    """How the program works, for a patient: a marked draft unless a physician has released it.

    Args:
        facts: about the system.
        released: by whom; None makes a draft.
        translator: the language.

    Raises:
        ConfigError: it is released, and nobody declared who answers for the processing.
    """
    told = _templates(translator)["patient"]
    named = {name: getattr(facts, name) for name in ("controller", "officer")}
    missing = [name for name, value in named.items() if not value]
    if released is not None and missing:
        raise ConfigError(
            "a patient must be told whom to turn to, and [policy] does not say: {missing}",
            hint="declare controller and officer in [policy]",
            code="nobody-named",
            missing=missing,
        )
    values = {
        "system": told["system"][facts.system],
        "knows": fill(
            told["knows"]["report" if facts.attribute is None else "group"], {"attribute": facts.attribute}
        ),
        "reads": told["reads"]["whole" if facts.whole else "part"],
        **{name: value or told["unknown"][name] for name, value in named.items()},
    }
    text = fill(told["text"].strip(), values)
    if released is None:
        return f"{told['draft']}\n\n{text}\n\n{told['draft']}\n"
    signed = fill(
        told["released"],
        {
            "name": released.name,
            "registration": released.registration,
            "date": translator.date(released.at),
        },
    )
    return f"{text}\n\n{signed}\n"


def for_physician(explanation: Explanation, *, translator: Translator) -> str:
    """What the answer is and hangs on, and what is a physician's to do."""
    added = made_up(explanation, translator)
    more = [
        rolled(explanation, translator),
        decided_by(explanation, translator),
        added[1] if added else "",
        stays_alike(explanation, translator),
    ]
    values = {
        "row": translator.integer(explanation.row),
        "answer": answer_sentence(explanation, translator),
        "verdict": verdict(explanation, translator)[1],
        "more": " ".join(sentence for sentence in more if sentence),
        "method": explanation.method,
        "model": explanation.model or "–",
        "key": explanation.key or "–",
    }
    text = fill(_templates(translator)["physician"]["text"].strip(), values)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _templates(translator: Translator) -> dict[str, Any]:
    place = files("bert4text.explanation") / "templates" / f"paragraphs.{translator.language}.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))
