"""What a check is, what it is given, and which there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bert4text.auditing.config import AuditConfig
from bert4text.auditing.crossfit import Sample
from bert4text.auditing.persons import NAMED, find_persons
from bert4text.auditing.reading import Reading
from bert4text.auditing.traces import Trace
from bert4text.auditing.vocabulary import Vocabulary
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.core.language import LANGUAGES, majority
from bert4text.core.registry import Registry
from bert4text.data.conduct import find_conduct
from bert4text.data.statements import Statement, Statements

Lengths = Callable[[Sequence[str]], Sequence[int]]
"""Token counts of texts, as the encoder cuts them."""


@dataclass(frozen=True)
class Context:
    """What checks share.

    Attributes:
        corpus: the corpus under examination.
        config: the settings.
        seed: the project's seed.
        lengths: token counts of the encoder; None where no encoder is at hand.
        window: tokens the encoder reads at once.
    """

    corpus: Corpus
    config: AuditConfig
    seed: int
    lengths: Lengths | None = None
    window: int = 256

    @cached_property
    def reading(self) -> Reading:
        """The labelled reports that checks of words read: all, or a seeded sample."""
        return Reading.of(self.corpus, at_most=self.config.sample, seed=self.seed)

    @cached_property
    def sample(self) -> Sample:
        """The labelled reports that models are fitted on: all, or a seeded sample."""
        return Sample.of(self.reading, seed=self.seed)

    @cached_property
    def language(self) -> str | None:
        """The language of the reports, as ``core.language`` names it; that of most texts if not given."""
        given = (self.corpus.language or "")[:2].lower()
        return given if given in LANGUAGES else majority(self.reading.texts)

    @cached_property
    def statements(self) -> list[list[Statement]]:
        """Where each report that is read states a label."""
        reading, config = self.reading, self.config
        finder = Statements(reading.names, words=config.words, findings=config.findings)
        return [
            list(finder.find(text, folded, language=self.language))
            for text, folded in zip(reading.texts, reading.folded, strict=True)
        ]

    @cached_property
    def conduct(self) -> list[list[Statement]]:
        """Where each report that is read says what to do next."""
        return [list(find_conduct(folded)) for folded in self.reading.folded]

    @cached_property
    def persons(self) -> list[set[Trace]]:
        """Forms of address and names of persons in each report that is read."""
        return find_persons(self.reading.texts)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that go with a label."""
        names = Counter(trace.key for row in self.persons for trace in row if trace.kind in NAMED)
        told = frozenset(word for row in self.conduct for one in row for word in one.term.split())
        return Vocabulary(self.reading, self.config, names, told)


Check = Callable[[Corpus, Context], Iterable[Issue]]
"""Looks at a corpus and tells what it found; it never raises on findings."""

CHECKS: Registry[Check] = Registry(
    "checks",
    "looks at a corpus and yields issues",
    {
        "schema": "bert4text.auditing.schema:check_schema",
        "class-counts": "bert4text.auditing.counts:check_class_counts",
        "language": "bert4text.auditing.language:check_language",
        "exam-type": "bert4text.auditing.exams:check_exam_type",
        "shape": "bert4text.auditing.shape:check_shape",
        "identifiers": "bert4text.auditing.identifiers:check_identifiers",
        "patients-across-splits": "bert4text.auditing.leakage:check_patients",
        "groups": "bert4text.auditing.groups:check_groups",
        "time": "bert4text.auditing.timing:check_time",
        "templates": "bert4text.auditing.skeletons:check_templates",
        "near-duplicates": "bert4text.auditing.leakage:check_near_duplicates",
        "conflicting-labels": "bert4text.auditing.leakage:check_conflicting_labels",
        "synthetic": "bert4text.auditing.synthetic:check_synthetic",
        "stated-label": "bert4text.auditing.stated:check_stated_label",
        "stated-conduct": "bert4text.auditing.stated:check_stated_conduct",
        "shortcut": "bert4text.auditing.shortcuts:check_shortcuts",
        "clinical-evidence": "bert4text.auditing.evidence:check_clinical_evidence",
        "sections": "bert4text.auditing.carriers:check_sections",
        "label-noise": "bert4text.auditing.label_noise:check_label_noise",
        "window": "bert4text.auditing.window:check_window",
        "tail": "bert4text.auditing.tails:check_tails",
    },
)
"""The checks, in the order they are run; ``audit.accept`` takes these names."""
