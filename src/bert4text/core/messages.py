"""Messages in two languages: English sentences are the ids, gettext catalogs translate them."""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.errors import Bert4TextError, fill

if TYPE_CHECKING:
    from datetime import datetime

    from bert4text.core.issue import Issue

LANGUAGES = ("en", "pt-BR")

CATALOGS = Path(__file__).parents[1] / "locale"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message id for extraction where it is not translated yet."""
    return message


class Translator:
    """Translates templates and writes numbers and dates of one language.

    Args:
        language: ``en`` or ``pt-BR``.
    """

    def __init__(self, language: str, catalog: gettext.NullTranslations) -> None:
        self.language = language
        self._catalog = catalog

    def __call__(self, message: str, **values: Any) -> str:
        """Translate a template and fill it in."""
        template = self._catalog.gettext(message) if message else message
        return (
            fill(template, {key: self._shown(value) for key, value in values.items()}) if values else template
        )

    def issue(self, issue: Issue) -> str:
        """An issue's message."""
        return self(issue.message, **issue.values) if issue.values else self(issue.message)

    def error(self, error: Bert4TextError) -> tuple[str, str | None]:
        """An error's message and hint."""
        hint = error.hint_template
        return self(error.template, **error.values), None if hint is None else self(hint, **error.values)

    def number(self, value: float | None, digits: int = 2) -> str:
        """A number with so many decimals; an en dash when there is none."""
        if value is None:
            return "–"
        return self._local(f"{value:z,.{digits}f}")

    def integer(self, value: int | None) -> str:
        """A count, with thousands separated."""
        return "–" if value is None else self._local(f"{value:,}")

    def percent(self, value: float | None, digits: int = 0) -> str:
        """A share as a percentage."""
        return "–" if value is None else self._local(f"{100 * value:z.{digits}f}") + "%"

    def date(self, value: datetime) -> str:
        """A date."""
        return value.strftime("%d/%m/%Y" if self.language == "pt-BR" else "%Y-%m-%d")

    def _local(self, text: str) -> str:
        return text.translate(str.maketrans(",.", ".,")) if self.language == "pt-BR" else text

    def _shown(self, value: Any) -> Any:
        """Floats lose their binary tail, findings are translated; names and counts stay as they are."""
        if isinstance(value, float):
            return self._local(f"{value:.3g}")
        if isinstance(value, list | tuple):
            return [self.issue(item) if hasattr(item, "message") else item for item in value]
        return value


def load(language: str) -> Translator:
    """The translator of a language: ``pt*`` is ``pt-BR``, everything else is English."""
    if not language.casefold().startswith("pt"):
        return Translator("en", gettext.NullTranslations())
    return Translator("pt-BR", gettext.translation("bert4text", CATALOGS, languages=["pt_BR"], fallback=True))


def screen_language(asked: str | None = None, configured: str | None = None) -> str:
    """What is shown: what was asked, else ``[project] screen``, else the locale, else English."""
    for candidate in (asked, configured, *_locale()):
        if candidate:
            return "pt-BR" if candidate.casefold().replace("_", "-").startswith("pt") else "en"
    return "en"


def _locale() -> list[str | None]:
    """What the environment says; C and POSIX say nothing."""
    names: list[str | None] = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    if not any(names):
        names.append(locale.getlocale()[0])
    return [name for name in names if name and name.split(".")[0] not in {"C", "POSIX"}]


Translate = Callable[..., str]
