"""Explanation: what of a report an answer hangs on, and how far that is to be believed."""

from __future__ import annotations

from typing import Literal

from bert4text.core.config import Record

Unit = Literal["section", "sentence", "phrase", "word"]
Scale = Literal["log-odds", "share"]


class Contribution(Record):
    """How much of an answer hangs on one stretch of the report.

    Attributes:
        start, end: the stretch ``[start, end)``, in characters of the report as it was given.
        unit: what it is a piece of: ``section``, ``sentence``, ``phrase`` or ``word``.
        value: what it adds to the score of the label, in natural log-odds: with it minus without it. Below
            zero it speaks against the label. Where the explanation's ``scale`` is ``share``, the share of the
            attention, which has no sign.
        probability: of the label where the stretch is taken away; None where nobody asked.
    """

    start: int
    end: int
    unit: Unit
    value: float
    probability: float | None = None


class Faithfulness(Record):
    """How much the answer really hangs on what an explanation names first.

    The words are taken away, or left alone, in the order of the explanation, at several shares of the report;
    means over the shares (DeYoung et al., 2020, "ERASER: A Benchmark to Evaluate Rationalized NLP Models").

    Attributes:
        comprehensiveness: by how much the probability of the label falls without the first words.
        sufficiency: by how much it falls with the first words alone; the lower, the more they suffice.
        random_comprehensiveness, random_sufficiency: the same of words drawn at random, mean of ``draws``.
        shares: of the words that are taken.
        draws: orders drawn at random.
    """

    comprehensiveness: float
    sufficiency: float
    random_comprehensiveness: float
    random_sufficiency: float
    shares: tuple[float, ...]
    draws: int

    @property
    def holds(self) -> bool:
        """Whether more hangs on what is named first than on words drawn at random."""
        return self.comprehensiveness > self.random_comprehensiveness


class Stability(Record):
    """Whether an explanation stays alike where the report changes little and the answer does not.

    Attributes:
        correlation: Spearman's rank correlation of what the pieces add before and after, mean of ``changes``.
        lowest: of them.
        changes: how often the report was changed.
    """

    correlation: float
    lowest: float
    changes: int


class Completeness(Record):
    """Whether contributions that were integrated add up to the change of the score that they explain.

    Attributes:
        steps: parts of the way from a report without words to the report.
        error: what the contributions miss of that change, as a share of it.
        tolerance: the share that may be missing.
        converged: whether no more is missing.
        start: the score of the report without words.
    """

    steps: int
    error: float
    tolerance: float
    converged: bool
    start: float


class Counterfactual(Record):
    """The fewest pieces without which the answer is another one.

    Attributes:
        pieces: in the order of the report; ``value`` is what each adds alone. Empty where none were found.
        answer: the answer without them; None where none were found, or several labels may hold.
        probability: of the label that is explained, without them.
        smallest: whether no fewer pieces change the answer, as far as pieces were tried.
        tried: pieces that were tried.
    """

    pieces: tuple[Contribution, ...]
    answer: str | None
    probability: float
    smallest: bool
    tried: int


class Similar(Record):
    """A report of a corpus that the model holds similar to the one that is explained. Its ``repr`` has no id.

    Attributes:
        id: the report's id, an identifier.
        row: of the corpus, from 1.
        similarity: cosine of what the model reads of both.
        labels: as the report is labelled.
        agrees: whether what the model answers for it is what it is labelled; None where it has no answer.
    """

    id: str
    row: int
    similarity: float
    labels: tuple[str, ...]
    agrees: bool | None = None

    def __repr__(self) -> str:
        return f"Similar(row={self.row}, similarity={self.similarity:.3f}, labels={self.labels})"

    __str__ = __repr__


class Similarity(Record):
    """The reports of a corpus that the model holds most similar to one, and which were left out.

    Attributes:
        split: of which the reports are.
        compared: reports it was compared with.
        same_text: reports left out because they are the very same.
        same_patient: others left out because they are of the same patient.
        patient_known: whether it is known whose report is explained; if not, others of the patient may be
            among those that are told.
        nearest: the most similar first.
    """

    split: str
    compared: int
    same_text: int
    same_patient: int
    patient_known: bool
    nearest: tuple[Similar, ...]


class Explanation(Record):
    """What one answer to one report hangs on; nothing in it is text of the report.

    Attributes:
        id: the report's id, an identifier.
        row: row of the source, from 1.
        side: which side of the report is meant, where the question is asked of each.
        point: by whose thresholds it was answered, those of the patient's ``group`` or the ``common`` ones;
            None where the model has the same for all.
        label: what is explained: the answer, unless another label was asked for.
        answer: the answer; None where none is given, or several may be.
        probability: of ``label``, calibrated.
        method: how it was found.
        scale: what the values are: ``log-odds``, or ``share`` of the attention of an encoder.
        encoder_alone: whether they are of the encoder alone, where TF-IDF answers with it.
        against: the label beside which the score of ``label`` is counted; None: all others together.
        rest: what no piece adds, where the pieces and the rest make up the score; None where they do not.
        contributions: in the order of the report, the larger units first.
        completeness: of contributions that were integrated; None of others.
        faithfulness: None where it was not asked for.
        stability: None where it was not asked for, or no small change keeps the answer.
        counterfactual: None where it was not asked for.
        similar: reports of a corpus that the model holds similar; None where none was given.
        left: why ``predict`` would leave the report to a person, a code; None where it answers it.
        deidentified: whether the offsets are those of the report after it was de-identified.
        calls: texts that the model read for it.
        model: first 16 hex of the bundle's digest.
        key: of the prediction, as ``Prediction.key``.
    """

    id: str
    row: int
    side: str | None = None
    point: Literal["group", "common"] | None = None
    label: str
    answer: str | None = None
    probability: float
    method: str
    scale: Scale = "log-odds"
    encoder_alone: bool = False
    against: str | None = None
    rest: float | None = None
    contributions: tuple[Contribution, ...]
    completeness: Completeness | None = None
    faithfulness: Faithfulness | None = None
    stability: Stability | None = None
    counterfactual: Counterfactual | None = None
    similar: Similarity | None = None
    left: str | None = None
    deidentified: bool = False
    calls: int = 0
    model: str = ""
    key: str = ""

    def __repr__(self) -> str:
        return f"Explanation(row={self.row}, label={self.label!r}, method={self.method!r})"

    __str__ = __repr__

    def of(self, unit: Unit) -> tuple[Contribution, ...]:
        """The contributions of one kind of unit, in the order of the report."""
        return tuple(one for one in self.contributions if one.unit == unit)


class Driver(Record):
    """A word on which answers of one label hang, over many reports.

    Attributes:
        label: the answer.
        word: in small letters.
        value: mean of what it adds to the log-odds of the label, over the reports in which it stands.
        low, high: 95 % interval of that mean; None where it cannot be computed.
        reports: in which it stands.
        patients: of those reports; as many as reports where nobody knows the patients.
    """

    label: str
    word: str
    value: float
    low: float | None
    high: float | None
    reports: int
    patients: int


class Overview(Record):
    """What the answers of a classifier hang on over many reports.

    Attributes:
        method: how the explanations were found.
        split: of which the reports are.
        reports: answer -> how many of them were explained.
        faithful: share of the explanations that do better than words drawn at random; None where none was
            measured.
        drivers: by label in the order of the question, what adds most first.
        model: first 16 hex of the bundle's digest.
        corpus: its fingerprint.
    """

    method: str
    split: str
    reports: dict[str, int]
    faithful: float | None
    drivers: tuple[Driver, ...]
    model: str = ""
    corpus: str = ""
