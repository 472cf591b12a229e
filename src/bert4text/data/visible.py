"""What of a report the model may see: sections and sentences kept, dropped, masked; not the label's own."""

from __future__ import annotations

from collections.abc import Sequence

from bert4text.core.config import suggestion
from bert4text.core.errors import ConfigError
from bert4text.core.sections import BODY, NAMES, masked_sections, only_sections, without_sections
from bert4text.data.config import PrepareConfig
from bert4text.data.sentences import without_sentences


def visible_text(text: str, config: PrepareConfig, *, labels: Sequence[str] = ()) -> str:
    """A normalized report as the model sees it, in training and when it predicts alike.

    Args:
        text: the report.
        config: the settings.
        labels: names of the labels, for sentences that state them.
    """
    dropped = config.held_back
    sections = config.sections
    if sections.keep:
        text = only_sections(text, set(sections.keep) - dropped)
    elif dropped:
        text = without_sections(text, dropped)
    if config.sentences.drop:
        text = without_sentences(text, config.sentences.drop, labels=labels)
    return masked_sections(text, sections.mask) if sections.mask else text


def check_sections(config: PrepareConfig) -> None:
    """Refuse names that no section has.

    Raises:
        ConfigError: an unknown name; the error lists those there are.
    """
    sections = config.sections
    read = config.labels_from.section if config.labels_from else None
    known = [*NAMES, BODY]
    for name in (*sections.keep, *sections.drop, *sections.mask, *([read] if read is not None else [])):
        if name not in known:
            near = suggestion(name, known)
            raise ConfigError(
                "there is no section {wanted!r}; there are {known}",
                hint="did you mean {near!r}?"
                if near
                else "headings of the report are found under these names",
                code="unknown-section",
                wanted=name,
                known=known,
                near=near,
            )
