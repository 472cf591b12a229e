"""Reading: a report as detectors see it."""

from __future__ import annotations

from functools import cached_property

from bert4text.core.fold import fold


class Reading:
    """A report, and what several detectors ask of it; each part is made when it is asked for.

    Args:
        text: the report, NFC.
        language: of the reports (``pt-BR``, ``es``, ``en``), or None where it is not known.
    """

    def __init__(self, text: str, language: str | None = None) -> None:
        self.text = text
        self.language = language

    def speaks(self, language: str) -> bool:
        """Whether the report is, or for all that is known may be, in a language (``pt``, ``es``, ``en``)."""
        return self.language is None or self.language.startswith(language)

    @cached_property
    def folded(self) -> str:
        """The text in lower case without accents; every offset holds in both."""
        return fold(self.text)
