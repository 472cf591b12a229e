"""The HTML shell of every page: self-contained, no script, no outside address, light and dark, printable."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape

from bert4text.core.messages import Translator

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The Content-Security-Policy of every page."""


_MARK = f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
_HEAD = 1024
"""Signs within which the mark of a page of ours stands."""


def is_page(text: str) -> bool:
    """Whether a text is a page that this module made: it bears the policy that keeps it to itself."""
    return text.startswith("<!doctype html>") and _MARK in text[:_HEAD]


def render(package: str, template: str, values: Mapping[str, Any], *, translator: Translator) -> str:
    """Fill a template of a package's ``templates`` folder; it extends ``page.html`` of this one.

    Templates see ``_`` (translate), ``number``, ``integer`` and ``percent`` of the translator's language.
    """
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package), jinja2.PackageLoader("bert4text.core")]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=translator,
        number=translator.number,
        integer=translator.integer,
        percent=translator.percent,
        issue_text=translator.issue,
        language=translator.language,
        policy=POLICY,
        style=Markup((files("bert4text.core") / "templates" / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        svg=Markup,
    )
    return environment.get_template(template).render(values)
